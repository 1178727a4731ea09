"""A judging session: what was kept, what is played, what is concluded, what is signed. One for commands and nodes.

Clock, key and disk come from whoever holds the session. The clock is asked once, when there is something to sign: how long
a run took is counted by one that nobody sets, so that a clock that is put right meanwhile spells no run that ended before
it began, or lasted for days.

    kept ▸ played (each outcome kept as it comes) ▸ concluded ▸ signed, and read back before it is believed
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import msgspec

from lumbung.proving.attended import Lost
from lumbung.proving.boundary import asked, checked_pictures
from lumbung.proving.challenge import Challenge, ChallengeError, ChallengeFolder
from lumbung.proving.environments.shelf import Environment
from lumbung.proving.evidence import EgressRefused, Evidence, EvidenceError
from lumbung.proving.executors import Attendance, Executor
from lumbung.proving.faults import ChallengeFault, Fault, PlatformFault, RunFault, fault_error
from lumbung.proving.judge import Picture, ScoredRun, find_judge
from lumbung.proving.keys import KeyUnusable
from lumbung.proving.run import (
    Outcome,
    RunPlan,
    conclude,
    list_cases,
    lost_fault,
    plan_run,
    play_runs,
    run_fault,
    watch_over,
)
from lumbung.proving.submission import Submission

Signer = Callable[[Evidence], bytes]
"""Signs evidence; raises `EvidenceError` (``unsignable``) rather than sign what would not verify, or `KeyUnusable`."""
Clock = Callable[[], datetime]
Stopwatch = Callable[[], float]
"""Seconds from an unknown moment on, which only grow."""


class Keeper(Protocol):
    """Keeps outcomes the moment they are known, e.g. a `RunFolder`."""

    def kept(self, plan: RunPlan) -> dict[str, Outcome]:
        """Return what an earlier session of exactly this plan left."""
        ...

    def keep(self, plan: RunPlan, outcome: Outcome) -> None:
        """Keep one outcome."""
        ...


class JudgedRun(msgspec.Struct, frozen=True):
    """How a run ended.

    Attributes
    ----------
    plan : RunPlan
    outcomes : dict of case id to Outcome
    fault : Fault, optional
        Why there is no full score.
    evidence : Evidence, optional
        None where nothing of the run may leave, or it could not be signed.
    envelope : bytes
        The evidence as it was signed; empty where there is none.
    """

    plan: RunPlan
    outcomes: dict[str, Outcome]
    fault: Fault | None
    evidence: Evidence | None
    envelope: bytes


class Interrupted(KeyboardInterrupt):
    """The session was interrupted; `judged` holds what is signed of the finished cases, in the order of the plans."""

    def __init__(self, judged: Sequence[JudgedRun]) -> None:
        self.judged = judged
        super().__init__()


def judge_run(
    plan: RunPlan,
    keeper: Keeper,
    signer: Signer,
    executor: Executor,
    *,
    clock: Clock,
    stopwatch: Stopwatch = time.monotonic,
    country: str | None = None,
    on_outcome: Callable[[int, Outcome], None] = lambda run, outcome: None,
) -> JudgedRun:
    """Judge one plan: `judge_runs` for one.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> from lumbung.proving.executors import Serial
    >>> from lumbung.proving.run_folder import RunFolder
    >>> from lumbung.proving.scaffold import new_challenge
    >>> _ = new_challenge(Path("toy"))
    >>> submission = proving.read_submission(Path("toy/submissions/accepted/straight-line"))
    >>> plan = proving.plan_run(proving.read_challenge(Path("toy")), submission, trust=True)
    >>> key = proving.load_or_make_key(Path("key"))
    >>> judged = proving.judge_run(
    ...     plan,
    ...     RunFolder(Path("run")),
    ...     lambda evidence: proving.sign(evidence, key),
    ...     Serial(),
    ...     clock=lambda: datetime.now(UTC),
    ... )
    >>> judged.fault, judged.evidence.complete
    (None, True)
    """
    (judged,) = judge_runs(
        [plan], [keeper], signer, executor,
        clock=clock, stopwatch=stopwatch, country=country, on_outcome=on_outcome,
    )  # fmt: skip
    return judged


def judge_runs(
    plans: Sequence[RunPlan],
    keepers: Sequence[Keeper],
    signer: Signer,
    executor: Executor,
    *,
    clock: Clock,
    stopwatch: Stopwatch = time.monotonic,
    country: str | None = None,
    on_outcome: Callable[[int, Outcome], None] = lambda run, outcome: None,
) -> list[JudgedRun]:
    """Judge every plan, keep every outcome as it comes, sign evidence of each.

    Parameters
    ----------
    plans : sequence of RunPlan
    keepers : sequence of Keeper
        One per plan. What it kept of the same plan is not played again.
    signer : callable
    executor : Executor
    clock : callable
        Returns the time (UTC).
    stopwatch : callable
        Returns seconds that only grow.
    country : str, optional
        Where it is judged; each challenge's home by default.
    on_outcome : callable
        Called with the plan's index and each new outcome, once it is kept. What it raises ends the session.

    Returns
    -------
    list of JudgedRun
        Every run that began ends here with a score or a fault.

    Raises
    ------
    Interrupted
        By Ctrl-C: carries what was signed of the finished cases.
    PlatformFault
        The machine failed: an outcome could not be kept, no worker could be started.
    """
    began = stopwatch()
    outcomes = [keeper.kept(plan) for plan, keeper in zip(plans, keepers, strict=True)]

    def take(run: int, outcome: Outcome) -> None:
        outcomes[run][outcome.case] = outcome
        keepers[run].keep(plans[run], outcome)
        on_outcome(run, outcome)

    interrupted = False
    try:
        play_runs(plans, executor, kept=[dict(known) for known in outcomes], on_outcome=take)
    except KeyboardInterrupt:
        interrupted = True
    finished = clock()
    started = finished - timedelta(seconds=stopwatch() - began)
    judged = [
        _conclude(plan, known, signer, started, finished, country, interrupted)
        for plan, known in zip(plans, outcomes, strict=True)
    ]
    if interrupted:
        raise Interrupted(judged)
    return judged


def _conclude(
    plan: RunPlan,
    outcomes: dict[str, Outcome],
    signer: Signer,
    started: datetime,
    finished: datetime,
    country: str | None,
    interrupted: bool,
) -> JudgedRun:
    cut = interrupted and len(outcomes) < len(plan.cases)
    try:
        evidence = conclude(
            plan, outcomes, started=started, finished=finished, country=country, interrupted=cut
        )
        return JudgedRun(plan, outcomes, run_fault(outcomes), evidence, signer(evidence))
    except EgressRefused as error:
        fault: RunFault = ChallengeFault("egress_refused", detail=str(error))
    except (EvidenceError, KeyUnusable) as error:
        fault = PlatformFault("unsignable", detail=str(error))
    return JudgedRun(plan, outcomes, fault.fault, None, b"")


# ------------------------------------------------------------------ what else is asked of a judge, at arm's length


class Asked(msgspec.Struct, frozen=True):
    """What `plan_apart` sends to a worker: the arguments of `plan_run`."""

    challenge: ChallengeFolder
    submission: Submission
    phase: str
    case_glob: str = "*"
    seeds: int | None = None
    private_folder: Path | None = None
    secret: bytes | None = None
    options: dict[str, Any] = {}
    trust: bool = False
    environment: Environment | None = None


def plan_apart(asked_for: Asked, executor: Executor) -> RunPlan:
    """Plan a run in a worker: a judge whose import or list of cases fails takes nobody with it.

    Raises
    ------
    ChallengeError
        As `plan_run` raises it.
    RunFault
        The judge failed at it.
    """
    record = asked_for.challenge.challenge
    watch = watch_over(record)
    attendance: Attendance[Asked, RunPlan | RunFault | ChallengeError] = Attendance(
        lambda _task: watch,
        lambda _task, lost: fault_error(lost_fault(lost, f"{record.judge}, cases()", watch)),
    )
    ((_, found),) = executor.run(_planned, [asked_for], attendance)
    if not isinstance(found, RunPlan):
        raise found
    return found


def _planned(asked_for: Asked) -> RunPlan | RunFault | ChallengeError:
    try:
        return plan_run(
            asked_for.challenge,
            asked_for.submission,
            phase=asked_for.phase,
            case_glob=asked_for.case_glob,
            seeds=asked_for.seeds,
            private_folder=asked_for.private_folder,
            secret=asked_for.secret,
            options=asked_for.options,
            trust=asked_for.trust,
            environment=asked_for.environment,
        )
    except (RunFault, ChallengeError) as error:
        return error


def count_cases(challenge: ChallengeFolder, folder: Path, executor: Executor) -> int:
    """Return how many cases a challenge's judge finds in a node's *folder*, asked in a worker.

    Raises
    ------
    ChallengeError, RunFault
        The judge finds none, or failed at it.
    """
    record = challenge.challenge
    watch = watch_over(record)
    attendance: Attendance[tuple[ChallengeFolder, Path], int | RunFault | ChallengeError] = Attendance(
        lambda _task: watch,
        lambda _task, lost: fault_error(lost_fault(lost, f"{record.judge}, cases()", watch)),
    )
    ((_, found),) = executor.run(_counted, [(challenge, folder)], attendance)
    if not isinstance(found, int):
        raise found
    return found


def _counted(task: tuple[ChallengeFolder, Path]) -> int | RunFault | ChallengeError:
    try:
        return len(list_cases(*task)[2])
    except (RunFault, ChallengeError) as error:
        return error


class Drawing(msgspec.Struct, frozen=True):
    """What `draw_pictures` sends to a worker."""

    judge: str
    runs: tuple[ScoredRun, ...]


class Drawn(msgspec.Struct, frozen=True):
    """A judge's pictures, or the finding why there are none. Scores stand either way."""

    pictures: tuple[Picture, ...] = ()
    finding: Fault | None = None


def draw_pictures(record: Challenge, runs: Sequence[ScoredRun], executor: Executor) -> Drawn:
    """Let a challenge's judge draw runs, in a worker."""
    watch = watch_over(record)

    def lost(task: Drawing, how: Lost) -> Drawn:
        told = lost_fault(how, f"{task.judge}, pictures()", watch).reason()
        return Drawn(finding=_undrawn(task.judge, told))

    attendance = Attendance(lambda _task: watch, lost)
    ((_, drawn),) = executor.run(draw, [Drawing(record.judge, tuple(runs))], attendance)
    return drawn


def draw(task: Drawing) -> Drawn:
    """Let a judge draw, in this process. Never raises."""
    try:
        with asked(f"{task.judge}, pictures()"):
            judge = find_judge(task.judge)
            return Drawn(checked_pictures(task.judge, judge.pictures(task.runs)))
    except ChallengeFault as error:
        if error.fault.code == "judge_pictures":
            return Drawn(finding=error.fault)
        return Drawn(finding=_undrawn(task.judge, str(error.fault.params.get("error", error))))
    except (RunFault, ChallengeError) as error:
        return Drawn(finding=_undrawn(task.judge, str(error)))


def _undrawn(judge: str, found: str) -> Fault:
    return ChallengeFault(
        "judge_pictures", judge=judge, field="pictures()", found=found, expected="pictures"
    ).fault
