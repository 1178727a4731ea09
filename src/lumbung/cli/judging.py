"""Judge plans and leave evidence: what ``judge``, ``demo``, ``check`` and ``verify --rerun`` share."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lumbung.cli.home import home, keys_folder
from lumbung.cli.words import say
from lumbung.proving.challenge import ChallengeFolder, ShortRun
from lumbung.proving.environments.chosen import environment_of
from lumbung.proving.environments.shelf import Environment, Shelf
from lumbung.proving.evidence import Evidence, sign
from lumbung.proving.executors import Executor
from lumbung.proving.faults import Fault, PlatformFault, fault_error
from lumbung.proving.keys import key_id, load_or_make_key
from lumbung.proving.run import Outcome, RunPlan
from lumbung.proving.run_folder import RunFolder
from lumbung.proving.session import Asked, Interrupted, JudgedRun, judge_runs, plan_apart
from lumbung.proving.submission import Submission
from lumbung.proving.weights import WeightStore

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from rich.progress import Progress


class Judged(msgspec.Struct, frozen=True):
    """A judged submission."""

    plan: RunPlan
    evidence: Evidence
    path: Path
    outcomes: dict[str, Outcome]
    fault: Fault | None


def signing_key() -> tuple[Ed25519PrivateKey, str]:
    """Return this person's signing key and its id, made at first use.

    Raises
    ------
    KeyUnusable
    """
    key = load_or_make_key(keys_folder())
    return key, key_id(key.public_key())


def make_ready(*, trust: bool) -> None:
    """Refuse to go on where submissions could not be held."""
    if trust:
        return
    from lumbung.sandbox import SandboxUnavailable, ensure_sandbox

    try:
        ensure_sandbox()
    except SandboxUnavailable as error:
        raise PlatformFault("sandbox_unavailable", detail=str(error)) from error


def plan_each(
    challenge: ChallengeFolder,
    submissions: Mapping[str, Submission],
    phase: str,
    part: ShortRun,
    executor: Executor,
) -> dict[str, RunPlan]:
    """Plan the same cases for every submission. The judge is asked once, in a worker, and takes nobody with it.

    Raises
    ------
    ChallengeError, RunFault
        As `plan_apart` raises them.
    """
    if not submissions:
        return {}
    environments = {name: environment_for(theirs, challenge) for name, theirs in submissions.items()}
    name, theirs = next(iter(submissions.items()))
    asked_for = Asked(challenge, theirs, phase, part.cases, part.seeds, environment=environments[name])
    first = plan_apart(asked_for, executor)
    return {
        name: msgspec.structs.replace(first, submission=theirs, environment=environments[name])
        for name, theirs in submissions.items()
    }


def own_shelf() -> Shelf:
    """Return where this person's environments lie, and the index that LUMBUNG_INDEX allows."""
    return Shelf(home() / "environments", os.environ.get("LUMBUNG_INDEX", ""), own_weights())


def own_weights() -> WeightStore:
    """Return where this person's weights lie."""
    return WeightStore(home() / "weights")


def environment_for(submission: Submission, challenge: ChallengeFolder | None = None) -> Environment:
    """Return what a submission may import, built where it must be.

    Raises
    ------
    RunFault
        As `environment_of` raises it.
    """
    return environment_of(submission, challenge, own_shelf())


def judge_plans(
    plans: Mapping[str, RunPlan],
    folders: Mapping[str, Path],
    executor: Executor,
    *,
    resume: bool,
    quiet: bool = False,
) -> dict[str, Judged]:
    """Judge every plan, keep every outcome as it comes, sign evidence.

    An interrupt signs what is finished and passes on.

    Raises
    ------
    FolderHeld
        Another process judges in one of the folders.
    """
    kept_in = [RunFolder(folders[name]) for name in plans]
    with ExitStack() as holding:
        for folder in kept_in:
            holding.enter_context(folder.held())
        return _judge_in(kept_in, plans, executor, resume=resume, quiet=quiet)


def _judge_in(
    kept_in: Sequence[RunFolder],
    plans: Mapping[str, RunPlan],
    executor: Executor,
    *,
    resume: bool,
    quiet: bool,
) -> dict[str, Judged]:
    key, _ = signing_key()
    names = list(plans)
    for name, folder in zip(names, kept_in, strict=True):
        if not resume:
            folder.forget()
        folder.record(plans[name])
    # What a forgotten folder keeps is nothing, so that asking it again costs nothing.
    finished = [len(folder.kept(plans[name])) for name, folder in zip(names, kept_in, strict=True)]
    with progress_bar(quiet) as progress:
        total = sum(len(plan.cases) for plan in plans.values())
        bar = (
            progress.add_task(say("judging"), total=total, completed=sum(finished), now="")
            if progress
            else None
        )

        def on_outcome(run: int, outcome: Outcome) -> None:
            finished[run] += 1
            if progress and bar is not None:
                skipped = len(plans[names[run]].cases) - finished[run] if outcome.fault else 0
                progress.update(bar, advance=1 + skipped, now=say("on", name=names[run], case=outcome.case))

        try:
            runs: Sequence[JudgedRun] = judge_runs(
                list(plans.values()),
                kept_in,
                lambda evidence: sign(evidence, key),
                executor,
                clock=lambda: datetime.now(UTC),
                on_outcome=on_outcome,
            )
            interrupted = False
        except Interrupted as cut:
            runs, interrupted = cut.judged, True
        else:
            executor.close()
    judged = {name: _left(run, folder) for name, run, folder in zip(names, runs, kept_in, strict=True)}
    if interrupted:
        done = sum(len(run.outcomes) for run in runs)
        where = kept_in[0].path if len(kept_in) == 1 else kept_in[0].path.parent
        print("\nlumbung: " + say("interrupted", done=done, where=where), file=sys.stderr)
        raise SystemExit(130)
    return judged


def _left(run: JudgedRun, folder: RunFolder) -> Judged:
    """Write the signed evidence of a run to its folder.

    Raises
    ------
    RunFault
        There is none: what cannot be signed is not shown as judged.
    """
    if run.evidence is None:
        assert run.fault is not None
        raise fault_error(run.fault)
    return Judged(run.plan, run.evidence, folder.write_evidence(run.envelope), run.outcomes, run.fault)


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Progress | None]:
    """A progress bar on a terminal, None elsewhere. Tasks have a field ``now``: what is happening."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[now]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress


def seconds_since(moment: float) -> str:
    """Return how long ago *moment* (of `time.monotonic`) was, for people."""
    return f"{time.monotonic() - moment:.1f} s"
