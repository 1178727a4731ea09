"""Judge plans and leave evidence: what ``judge``, ``demo``, ``check`` and ``verify --rerun`` share."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lumbung.cli.home import keys_folder
from lumbung.cli.words import say
from lumbung.executors import Executor
from lumbung.proving.evidence import Evidence, sign
from lumbung.proving.faults import Fault, PlatformFault
from lumbung.proving.keys import KeyUnusable, key_id, load_or_make_key
from lumbung.proving.run import Outcome, RunPlan, conclude, play_runs, run_fault
from lumbung.proving.run_folder import RunFolder

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
    """Return this person's signing key and its id, made at first use."""
    try:
        key = load_or_make_key(keys_folder())
    except KeyUnusable as error:
        raise PlatformFault("unwritable", where="signing key", detail=str(error)) from error
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
    """
    key, _ = signing_key()
    names = list(plans)
    kept_in = {name: RunFolder(folders[name]) for name in names}
    for name in names:
        if not resume:
            kept_in[name].forget()
        kept_in[name].record(plans[name])
    kept = [kept_in[name].kept(plans[name]) if resume else {} for name in names]
    outcomes: list[dict[str, Outcome]] = [dict(known) for known in kept]
    started = datetime.now(UTC)
    interrupted = False
    with progress_bar(quiet) as progress:
        total = sum(len(plan.cases) for plan in plans.values())
        bar = (
            progress.add_task(say("judging"), total=total, completed=sum(map(len, kept)), now="")
            if progress
            else None
        )

        def on_outcome(run: int, outcome: Outcome) -> None:
            outcomes[run][outcome.case] = outcome
            kept_in[names[run]].keep(plans[names[run]], outcome)
            if progress and bar is not None:
                skipped = 0
                if outcome.fault:
                    skipped = len(plans[names[run]].cases) - len(outcomes[run])
                progress.update(bar, advance=1 + skipped, now=say("on", name=names[run], case=outcome.case))

        try:
            play_runs([plans[name] for name in names], executor, kept=kept, on_outcome=on_outcome)
        except KeyboardInterrupt:
            interrupted = True
        else:
            executor.close()
    judged = {
        name: _sign(plans[name], outcomes[run], kept_in[name], key, started, interrupted)
        for run, name in enumerate(names)
    }
    if interrupted:
        done = sum(len(known) for known in outcomes)
        where = next(iter(folders.values())).parent
        print("\nlumbung: " + say("interrupted", done=done, where=where), file=sys.stderr)
        raise SystemExit(130)
    return judged


def _sign(
    plan: RunPlan,
    outcomes: dict[str, Outcome],
    folder: RunFolder,
    key: Ed25519PrivateKey,
    started: datetime,
    interrupted: bool,
) -> Judged:
    evidence = conclude(
        plan, outcomes, started=started, finished=datetime.now(UTC),
        interrupted=interrupted and len(outcomes) < len(plan.cases),
    )  # fmt: skip
    path = folder.write_evidence(sign(evidence, key))
    return Judged(plan, evidence, path, outcomes, run_fault(outcomes))


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
