"""A run: one submission on one phase, case by case, to evidence.

The story of this file: plan (which cases, which options) ▸ play each case in a fresh box ▸ keep each outcome as it
comes ▸ conclude with evidence. Many runs may share one executor. Time is passed in; nothing here reads a clock.
"""

from __future__ import annotations

import fnmatch
import functools
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

import lumbung
from lumbung.proving.apart import Apart, Lost
from lumbung.proving.case import Case, CaseScore
from lumbung.proving.challenge import ChallengeError, ChallengeFolder, ResourceLimits
from lumbung.proving.digest import digest_data
from lumbung.proving.evidence import Evidence, Isolation, coarse, let_out, mark
from lumbung.proving.executors import Executor
from lumbung.proving.faults import ChallengeFault, Fault, Owner, PlatformFault, RunFault
from lumbung.proving.guest import log_of, open_guest
from lumbung.proving.judge import Judge, PlayedApart, find_judge
from lumbung.proving.measure import Bounds, bounds_among, check_ranking
from lumbung.proving.submission import Submission
from lumbung.proving.tables import open_table_guest
from lumbung.sandbox import Box


class RunPlan(msgspec.Struct, frozen=True):
    """What is to be judged.

    Attributes
    ----------
    challenge : ChallengeFolder
    submission : Submission
    phase : str
    options : dict
        The judge's options, completed.
    cases : tuple of Case
    limits : ResourceLimits
    private : bool
        Whether the cases come from a node's own folder.
    trust : bool
        Run without a sandbox; evidence then says so.
    """

    challenge: ChallengeFolder
    submission: Submission
    phase: str
    options: dict[str, Any]
    cases: tuple[Case, ...]
    limits: ResourceLimits
    private: bool = False
    trust: bool = False

    @property
    def digest(self) -> str:
        """What a kept outcome must share to be used again."""
        challenge = self.challenge.challenge
        return digest_data(
            [self.challenge.digest, challenge.judge_version, self.submission.digest, self.options, self.trust]
        )


class Outcome(msgspec.Struct, frozen=True):
    """How one case ended: with a score, or with a fault. The log is the team's to read."""

    case: str
    score: CaseScore | None
    fault: Fault | None
    isolation: Isolation | None
    log: str = ""


class CaseTask(msgspec.Struct, frozen=True):
    """One case of one plan, as it travels to a worker: plain data."""

    run: int
    judge: str
    options: dict[str, Any]
    case: Case
    submission: Submission
    limits: ResourceLimits
    trust: bool


def plan_run(
    challenge: ChallengeFolder,
    submission: Submission,
    *,
    phase: str = "practice",
    options: Mapping[str, Any] | None = None,
    case_glob: str = "*",
    seeds: int | None = None,
    private_folder: Path | None = None,
    trust: bool = False,
) -> RunPlan:
    """Choose the cases and options of a run.

    Parameters
    ----------
    challenge, submission
    phase : str
    options : mapping, optional
        Stand before the challenge's own.
    case_glob : str
        Keeps cases whose id matches; several patterns may be joined by commas.
    seeds : int, optional
        Keeps cases whose seed is below this.
    private_folder : Path, optional
        A node's own cases instead of the public ones.
    trust : bool

    Raises
    ------
    ChallengeError
        The judge is missing or of another version, an option is wrong, no case matches.
    """
    record = challenge.challenge
    judge = find_judge(record.judge)
    if judge.version != record.judge_version:
        raise ChallengeError(
            f"{record.id}: judge_version",
            str(record.judge_version),
            f"{judge.version}, the installed version of {judge.name} (scores of two versions cannot be compared)",
        )
    check_ranking(record.ranking, judge.metrics, record.id)
    complete = judge.check_options({**record.options, **(options or {})})
    effective = challenge if complete == record.options else _with_options(challenge, complete)
    everything = judge.cases(effective.challenge, private_folder or challenge.folder)
    patterns = case_glob.split(",")
    cases = tuple(
        case
        for case in everything
        if any(fnmatch.fnmatchcase(case.id, pattern) for pattern in patterns)
        and (seeds is None or case.seed < seeds)
    )
    if not cases:
        known = ", ".join(case.id for case in everything[:6]) or "none at all"
        raise ChallengeError(
            "cases", f"no case that matches {case_glob!r}", f"one of {known}" + ", …" * (len(everything) > 6)
        )
    return RunPlan(
        effective, submission, phase, complete, cases, record.limits, private_folder is not None, trust
    )


def _with_options(challenge: ChallengeFolder, options: dict[str, Any]) -> ChallengeFolder:
    return msgspec.structs.replace(
        challenge, challenge=msgspec.structs.replace(challenge.challenge, options=options)
    )


def play_case(task: CaseTask) -> Outcome:
    """Play one case in a fresh box. Never raises: whatever goes wrong has an owner."""
    if not isinstance(find_judge(task.judge), PlayedApart):
        return play_here(task)
    try:
        return case_processes(task.judge, os.getpid())(task)
    except Lost as error:
        return Outcome(task.case.id, None, PlatformFault("judge_failed", error=str(error)).fault, None, "")


@functools.cache
def case_processes(judge: str, _process: int) -> Apart[CaseTask, Outcome]:
    """Return what plays this process's cases of a judge that plays them apart."""
    return Apart(prepare_case, play_here)


def prepare_case(task: CaseTask) -> None:
    """Let a judge that plays cases apart load what the next ones need too."""
    judge = find_judge(task.judge)
    if isinstance(judge, PlayedApart):
        judge.prepare(task.case, task.options)


def play_here(task: CaseTask) -> Outcome:
    """Play one case in a fresh box, in this process. Never raises."""
    judge = find_judge(task.judge)
    isolation: Isolation | None = None
    used: Box | None = None

    def log() -> str:
        # Read once the box is closed: what was printed with the last answer is on its way until then.
        return used.log() if used is not None else ""

    try:
        opened = (
            open_table_guest(task.submission.folder, task.limits, trust=task.trust)
            if task.submission.is_table
            else open_guest(
                task.submission.folder, task.limits, trust=task.trust, provide=shared_with_solutions()
            )
        )
        with opened as (guest, used):
            isolation = Isolation(used.isolation.kind, used.isolation.limits_by)
            score = judge.play(task.case, guest, task.options)
            usage = used.usage()
    except RunFault as error:
        return Outcome(task.case.id, None, error.fault, isolation, log_of(error) or log())
    except ChallengeError as error:
        fault = ChallengeFault(
            "broken_challenge", where=error.where, found=error.found, expected=error.expected
        )
        return Outcome(task.case.id, None, fault.fault, isolation, log())
    except OSError as error:
        code = "disk_full" if error.errno == 28 else "judge_failed"
        fault_ = PlatformFault(
            code, where=str(error.filename or ""), error=f"{type(error).__name__}: {error}"
        )
        return Outcome(task.case.id, None, fault_.fault, isolation, log())
    except Exception as error:  # the judge's own failure must not look like the team's
        last = traceback.extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__}: {error} at {Path(last.filename).name}:{last.lineno}"
        return Outcome(
            task.case.id, None, PlatformFault("judge_failed", error=detail).fault, isolation, log()
        )
    score = msgspec.structs.replace(
        score, wall_s=usage.wall_s, cpu_s=usage.cpu_s, peak_memory_bytes=usage.peak_memory_bytes
    )
    return Outcome(task.case.id, score, None, isolation, log())


def shared_with_solutions() -> tuple[Path, ...]:
    """What every solution may import besides the installed packages: Lumbung itself, wherever it lies."""
    return (Path(lumbung.__file__).parent,)


def play_runs(
    plans: Sequence[RunPlan],
    executor: Executor,
    *,
    kept: Sequence[Mapping[str, Outcome]] = (),
    on_outcome: Callable[[int, Outcome], None] = lambda run, outcome: None,
) -> list[dict[str, Outcome]]:
    """Play every case of every plan that is not kept from before.

    Cases of different runs alternate, so that all runs advance together. A run's cases stop being played when one
    of them ends in a fault.

    Parameters
    ----------
    plans : sequence of RunPlan
    executor : Executor
    kept : sequence of mapping of case id to Outcome, optional
        One mapping per plan.
    on_outcome : callable, optional
        Called with the plan's index and each new outcome, in this process, as soon as it is known.

    Returns
    -------
    list of dict of case id to Outcome
        One dict per plan. An interrupt (KeyboardInterrupt) passes through after `on_outcome` had all finished ones.
    """
    outcomes: list[dict[str, Outcome]] = [dict(kept[run]) if kept else {} for run in range(len(plans))]
    stopped = {run for run, known in enumerate(outcomes) if any(o.fault for o in known.values())}
    drawn: list[CaseTask] = []

    def tasks() -> Iterator[CaseTask]:
        for place in range(max((len(plan.cases) for plan in plans), default=0)):
            for run, plan in enumerate(plans):
                if (
                    place < len(plan.cases)
                    and run not in stopped
                    and plan.cases[place].id not in outcomes[run]
                ):
                    judge = plan.challenge.challenge.judge
                    task = CaseTask(
                        run, judge, plan.options, plan.cases[place], plan.submission, plan.limits, plan.trust
                    )
                    drawn.append(task)
                    yield task

    for index, outcome in executor.run(play_case, tasks()):
        run = drawn[index].run
        outcomes[run][outcome.case] = outcome
        if outcome.fault is not None:
            stopped.add(run)
        on_outcome(run, outcome)
    return outcomes


def run_fault(outcomes: Mapping[str, Outcome]) -> Fault | None:
    """Return the fault that ended a run: the platform's before the challenge's before the submission's.

    A run in which our own side failed is never shown as the team's.
    """
    faults = [outcome.fault for outcome in outcomes.values() if outcome.fault is not None]
    order = (Owner.PLATFORM, Owner.CHALLENGE, Owner.SUBMISSION)
    return min(faults, key=lambda fault: order.index(fault.owner), default=None)


def conclude(
    plan: RunPlan,
    outcomes: Mapping[str, Outcome],
    *,
    started: datetime,
    finished: datetime,
    country: str | None = None,
    interrupted: bool = False,
) -> Evidence:
    """Turn outcomes into evidence, under the challenge's egress rule.

    Parameters
    ----------
    plan : RunPlan
    outcomes : mapping of case id to Outcome
    started, finished : datetime
        UTC.
    country : str, optional
        Where it was judged; the challenge's home by default.
    interrupted : bool
        Then the evidence covers the finished cases and says so.

    Raises
    ------
    EgressRefused
    """
    record = plan.challenge.challenge
    scores = scores_of(plan, outcomes)
    fault = run_fault(outcomes)
    if fault is None and interrupted:
        fault = PlatformFault("interrupted").fault
    # A faulted run lets no aggregate out: means over the cases before a fault would not be means over the cases.
    rows, aggregates = (
        let_out(scores, record.egress, private=plan.private)
        if fault is None or not plan.private
        else ((), ())
    )
    used = coarse if plan.private else float
    return Evidence(
        challenge=record.id,
        challenge_version=record.version,
        challenge_digest=plan.challenge.digest,
        options_digest=digest_data(plan.options),
        phase=plan.phase,
        submission_digest=plan.submission.digest,
        cases_digest=digest_data([case.digest for case in plan.cases]),
        case_count=len(plan.cases),
        finished_count=len(scores),
        private=plan.private,
        judge=record.judge,
        judge_version=record.judge_version,
        engines=tuple(sorted({score.engine for score in scores})),
        fault=mark(fault),
        rule=record.egress.rule,
        rows=rows,
        aggregates=aggregates,
        isolation=_weakest([outcome.isolation for outcome in outcomes.values() if outcome.isolation]),
        wall_s=used(sum(score.wall_s for score in scores)),
        cpu_s=used(sum(score.cpu_s for score in scores)),
        peak_memory_bytes=int(used(max((score.peak_memory_bytes for score in scores), default=0))),
        country=country or record.home,
        started=started.replace(microsecond=0) if plan.private else started,
        finished=finished.replace(microsecond=0) if plan.private else finished,
        bounds=_bounds_of(scores, record.judge),
    )


def _bounds_of(scores: Sequence[CaseScore], judge: str) -> dict[str, Bounds]:
    """Return the bounds of the metrics that were scored, as the judge declares them."""
    scored = {name for score in scores for name in score.metrics}
    bounds = bounds_among(find_judge(judge).metrics) if scored else {}
    return {name: ends for name, ends in bounds.items() if name in scored}


def scores_of(plan: RunPlan, outcomes: Mapping[str, Outcome]) -> list[CaseScore]:
    """Return the scores of finished cases, in the plan's order."""
    found = (outcomes.get(case.id) for case in plan.cases)
    return [outcome.score for outcome in found if outcome is not None and outcome.score is not None]


def _weakest(all_of_them: Sequence[Isolation]) -> Isolation:
    kinds, limits = ("none", "bubblewrap"), ("rlimit", "cgroup1", "cgroup2")
    if not all_of_them:
        return Isolation("none", "rlimit")
    return Isolation(
        min((i.kind for i in all_of_them), key=kinds.index),
        min((i.limits_by for i in all_of_them), key=limits.index),
    )


def find_plan_judge(plan: RunPlan) -> Judge:
    """Return the judge of a plan."""
    return find_judge(plan.challenge.challenge.judge)
