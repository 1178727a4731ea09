"""A run: one submission on one phase, case by case, to evidence.

The story of this file: plan (which cases, which options) ▸ play each case in a fresh box ▸ keep each outcome as it
comes ▸ conclude with evidence. Many runs may share one executor. Time is passed in; nothing here reads a clock.
"""

from __future__ import annotations

import contextlib
import copy
import errno
import fnmatch
import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from lumbung.proving.apart import Apart
from lumbung.proving.apart import Lost as ProcessLost
from lumbung.proving.attended import Lost, Watch
from lumbung.proving.boundary import (
    asked,
    checked_cases,
    checked_options,
    checked_score,
    declared_metrics,
    declared_version,
    differing_metrics,
    in_order,
    told,
)
from lumbung.proving.case import Case, CaseScore, engines_of
from lumbung.proving.challenge import (
    Challenge,
    ChallengeError,
    ChallengeFolder,
    JudgeMissing,
    Ranking,
    ResourceLimits,
)
from lumbung.proving.digest import digest_data, digest_under
from lumbung.proving.environments.chosen import environment_of, plain_environment
from lumbung.proving.environments.shelf import Environment
from lumbung.proving.evidence import (
    BYTES_LEAST,
    SECONDS_LEAST,
    Evidence,
    Isolation,
    coarse,
    let_out,
    mark,
)
from lumbung.proving.executors import Attendance, Executor
from lumbung.proving.faults import ChallengeFault, Fault, Owner, PlatformFault, RunFault
from lumbung.proving.guest import Guest, log_of, open_guest
from lumbung.proving.judge import Judge, PlayedApart, ReadsTheChallenge, find_judge
from lumbung.proving.measure import Bounds, Measure, bounds_among, check_ranking, text_of
from lumbung.proving.submission import Submission
from lumbung.proving.tables import open_table_guest
from lumbung.proving.text import Text
from lumbung.sandbox import Box, SandboxUnavailable, isolation_here

PHASE = re.compile(r"(?=.{1,64}\Z)[a-z0-9]+(?:[-.][a-z0-9]+)*")
SCORING_S = 300.0
"""What a judge may take for a case beyond all that the submission may take, unless its challenge says [s]."""


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
    nonce : str
        Of the run that was asked for; evidence carries it.
    bounds : dict of str to (float or None, float or None)
        Between what the judge declares metrics to lie always.
    ranked : Text
        What the judge calls the metric that ranks, with its unit.
    environment : Environment
        What the submission may import.

    Examples
    --------
    >>> from lumbung import proving
    >>> plan = proving.plan_run(proving.find_challenge("rice-window"), proving.find_submission("farm/fixed-date"), seeds=1)
    >>> plan
    <RunPlan of farm/fixed-date on rice-window, phase practice: 4 cases>
    >>> plan.limits.memory_mb
    512
    """

    challenge: ChallengeFolder
    submission: Submission
    phase: str
    options: dict[str, Any]
    cases: tuple[Case, ...]
    limits: ResourceLimits
    private: bool = False
    trust: bool = False
    nonce: str = ""
    bounds: dict[str, Bounds] = {}
    ranked: Text = Text("", "", "")
    environment: Environment = msgspec.field(default_factory=plain_environment)

    def __repr__(self) -> str:
        return f"<RunPlan of {self.submission.name} on {self.challenge.challenge.id}, phase {self.phase}: {len(self.cases)} cases>"

    @property
    def digest(self) -> str:
        """What a kept outcome must share to be used again."""
        challenge = self.challenge.challenge
        return digest_data([
            self.challenge.digest, challenge.judge_version, self.submission.digest, self.options, self.trust,
            self.environment.mark,
        ])  # fmt: skip


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
    ranking: Ranking
    watch: Watch
    environment: Environment


def plan_run(
    challenge: ChallengeFolder,
    submission: Submission,
    *,
    phase: str = "practice",
    options: Mapping[str, Any] | None = None,
    case_glob: str = "*",
    seeds: int | None = None,
    private_folder: Path | None = None,
    secret: bytes | None = None,
    trust: bool = False,
    environment: Environment | None = None,
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
    secret : bytes, optional
        Under which their digests are taken (`digest_under`): what is told of them then matches no guess at what they hold.
    trust : bool
    environment : Environment, optional
        What the submission may import, as `environment_of` gives it; by default what it declares, where nothing must be
        built.

    Raises
    ------
    RunFault
        There is no such environment.
    JudgeMissing
        The judge is missing here, or of another version.
    ChallengeError
        An option is wrong, no case matches.
    ChallengeFault
        The judge itself fails at it.

    Examples
    --------
    >>> from lumbung import proving
    >>> plan = proving.plan_run(
    ...     proving.find_challenge("rice-window"), proving.find_submission("farm/fixed-date"), case_glob="*", seeds=1
    ... )
    >>> plan
    <RunPlan of farm/fixed-date on rice-window, phase practice: 4 cases>
    """
    record = challenge.challenge
    if not PHASE.fullmatch(phase):  # evidence names it: known before anything is played
        raise ChallengeError(
            "phase", repr(phase), "lower case letters and digits, with - or . between, at most 64"
        )
    effective, declared, everything = list_cases(challenge, private_folder or challenge.folder, options)
    if secret is not None:
        everything = tuple(
            msgspec.structs.replace(case, digest=digest_under(secret, case.digest)) for case in everything
        )
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
        effective, submission, phase, effective.challenge.options, cases, record.limits,
        private_folder is not None, trust, environment=environment or environment_of(submission, challenge),
        bounds=bounds_among(declared), ranked=text_of(declared[record.ranking.metric]),
    )  # fmt: skip


def list_cases(
    challenge: ChallengeFolder, folder: Path, options: Mapping[str, Any] | None = None
) -> tuple[ChallengeFolder, dict[str, Text | Measure], tuple[Case, ...]]:
    """Return the challenge with its options completed, its judge's metrics, and the cases that it finds in *folder*.

    Raises
    ------
    JudgeMissing, ChallengeError, ChallengeFault
        As `plan_run` raises them.
    """
    record = challenge.challenge
    with asked(f"{record.judge}, import"):
        judge = find_judge(record.judge)
    with asked(f"{record.judge}, version"):
        version = declared_version(judge)
    if version != record.judge_version:
        raise JudgeMissing(
            f"{record.id}: judge_version",
            str(record.judge_version),
            f"{version}, the installed version of {record.judge} (scores of two versions cannot be compared): install "
            f"the Lumbung that brings the other, or pose a new version of the challenge with judge_version = {version}",
        )
    # What a judge is given to look at is its own: what it changes there changes nothing that is judged or signed.
    with asked(f"{record.judge}, check_options()"):
        given = judge.check_options(copy.deepcopy({**record.options, **(options or {})}))
    complete = checked_options(record.judge, given)
    with asked(f"{record.judge}, metrics"):
        declared = declared_metrics(judge, complete)
    check_ranking(record.ranking, declared, record.id)
    effective = challenge if complete == record.options else _with_options(challenge, complete)
    with asked(f"{record.judge}, cases()"):
        given_record = copy.deepcopy(effective.challenge)
        listed = (
            judge.cases_beside(given_record, folder, challenge.folder)
            if isinstance(judge, ReadsTheChallenge)
            else judge.cases(given_record, folder)
        )
    return effective, declared, tuple(checked_cases(record.judge, listed))


def _with_options(challenge: ChallengeFolder, options: dict[str, Any]) -> ChallengeFolder:
    return msgspec.structs.replace(
        challenge, challenge=msgspec.structs.replace(challenge.challenge, options=options)
    )


def play_case(task: CaseTask) -> Outcome:
    """Play one case in a fresh box. Never raises: whatever goes wrong has an owner."""
    try:
        with asked(f"{task.judge}, import"):
            apart = isinstance(find_judge(task.judge), PlayedApart)
    except (RunFault, ChallengeError) as error:
        return Outcome(task.case.id, None, fault_of(error), isolation_to_be(task))
    if not apart:
        return play_here(task)
    try:
        return case_processes(task.judge, os.getpid())(task)
    except ProcessLost as error:
        fault = ChallengeFault("judge_ended", where=_place(task), how=str(error)).fault
        return Outcome(task.case.id, None, fault, isolation_to_be(task))


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
    used: Box | None = None

    def held() -> Isolation | None:
        # Known from the moment the box is asked for: a solution that fails while it is loaded was held all the same.
        if used is None:
            return isolation_to_be(task)
        return Isolation(used.isolation.kind, used.isolation.limits_by)

    def log() -> str:
        # Read once the box is closed: what was printed with the last answer is on its way until then.
        return used.log() if used is not None else ""

    try:
        with asked(f"{task.judge}, import"):
            judge = find_judge(task.judge)
        opened = (
            open_table_guest(task.submission.folder, task.limits, task.environment, trust=task.trust)
            if task.submission.is_table
            else open_guest(task.submission.folder, task.limits, task.environment, trust=task.trust)
        )
        with opened as (guest, used):
            score = _played(judge, task, guest)
            usage = used.usage()
    except (RunFault, ChallengeError) as error:
        return Outcome(task.case.id, None, fault_of(error), held(), log_of(error) or log())
    except Exception as error:  # neither the solution's nor the judge's doing
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        code = "disk_full" if full else "judge_failed"
        where = str(getattr(error, "filename", None) or "")
        fault = PlatformFault(code, where=where, error=told(error)).fault
        return Outcome(task.case.id, None, fault, held(), log())
    score = msgspec.structs.replace(
        score, wall_s=usage.wall_s, cpu_s=usage.cpu_s, peak_memory_bytes=usage.peak_memory_bytes
    )
    return Outcome(task.case.id, score, None, held(), log())


def _played(judge: Judge, task: CaseTask, guest: Guest) -> CaseScore:
    """Let the judge play, and take what it returns."""
    try:
        with in_order(), asked(_place(task)):
            returned = judge.play(task.case, guest, task.options)
    except RunFault as error:
        if guest.fault is not None and error.owner is not Owner.SUBMISSION:
            raise guest.fault from guest.fault.__cause__  # over which the judge stumbled
        raise
    if guest.fault is not None:
        raise guest.fault  # a judge lets it pass; one that swallowed it may not score a dead solution
    with asked(_place(task)):
        metrics = declared_metrics(judge, task.options)
        return checked_score(task.judge, task.case, metrics, task.ranking, returned)


def _place(task: CaseTask) -> str:
    """Where a judge was when it failed: which one, on which case."""
    return f"{task.judge}, {task.case.id}"


def isolation_to_be(task: CaseTask) -> Isolation | None:
    """Return how a submission will be held here, known before a box opens; None where none can be had."""
    if task.trust:
        return Isolation("none", "rlimit")
    try:
        found = isolation_here()
    except SandboxUnavailable:
        return None
    return Isolation(found.kind, found.limits_by)


def fault_of(error: RunFault | ChallengeError) -> Fault:
    """Return the fault that an error stands for."""
    if isinstance(error, RunFault):
        return error.fault
    kind, code = (
        (PlatformFault, "judge_missing")
        if isinstance(error, JudgeMissing)
        else (ChallengeFault, "broken_challenge")
    )
    return kind(code, where=error.where, found=error.found, expected=error.expected).fault


def watch_over(record: Challenge) -> Watch:
    """Return what the worker that plays a case of a challenge may take."""
    limits, judging = record.limits, record.judging
    case_s = judging.case_s or limits.start_s + limits.total_s + SCORING_S
    return Watch(case_s, (judging.memory_mb + limits.memory_mb) * 2**20, record.judge)


def lost_fault(lost: Lost, where: str, watch: Watch) -> Fault:
    """Return the fault of a judge over which a worker was lost."""
    if lost.how == "timed_out":
        return ChallengeFault("judge_timed_out", where=where, seconds=watch.wall_s).fault
    if lost.how == "out_of_memory":
        return ChallengeFault("judge_out_of_memory", where=where, limit_bytes=watch.memory_bytes).fault
    return ChallengeFault("judge_ended", where=where, how=lost.detail).fault


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

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> from lumbung.proving.executors import Serial
    >>> from lumbung.proving.scaffold import new_challenge
    >>> _ = new_challenge(Path("toy"))
    >>> submission = proving.read_submission(Path("toy/submissions/accepted/straight-line"))
    >>> plan = proving.plan_run(proving.read_challenge(Path("toy")), submission, trust=True)
    >>> (outcomes,) = proving.play_runs([plan], Serial())
    >>> len(outcomes)
    5
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
                    drawn.append(task_of(plan, plan.cases[place], run))
                    yield drawn[-1]

    attendance = Attendance(_watch_of, _lost_outcome)
    # Closed at once where `on_outcome` raises: nobody waits for the cases that are still being played.
    with contextlib.closing(executor.run(play_case, tasks(), attendance)) as results:
        for index, played in results:
            run = drawn[index].run
            outcome = _like_the_others(plans[run], played, outcomes[run])
            outcomes[run][outcome.case] = outcome
            if outcome.fault is not None:
                stopped.add(run)
            on_outcome(run, outcome)
    return outcomes


def task_of(plan: RunPlan, case: Case, run: int = 0) -> CaseTask:
    """Return one case of a plan as it travels to a worker."""
    record = plan.challenge.challenge
    return CaseTask(
        run, record.judge, plan.options, case, plan.submission, plan.limits, plan.trust, record.ranking,
        watch_over(record), plan.environment,
    )  # fmt: skip


def _watch_of(task: CaseTask) -> Watch:
    return task.watch


def _lost_outcome(task: CaseTask, lost: Lost) -> Outcome:
    fault = lost_fault(lost, _place(task), task.watch)
    return Outcome(task.case.id, None, fault, isolation_to_be(task))


def _like_the_others(plan: RunPlan, played: Outcome, before: Mapping[str, Outcome]) -> Outcome:
    """Turn a score with other metrics than the run's cases before into the finding that it is."""
    first = next((outcome.score for outcome in before.values() if outcome.score is not None), None)
    if played.score is None or first is None:
        return played
    finding = differing_metrics(plan.challenge.challenge.judge, played.score, first)
    return played if finding is None else msgspec.structs.replace(played, score=None, fault=finding)


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

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> from lumbung.proving.executors import Serial
    >>> from lumbung.proving.scaffold import new_challenge
    >>> _ = new_challenge(Path("toy"))
    >>> challenge, now = proving.read_challenge(Path("toy")), datetime(2026, 1, 1, tzinfo=UTC)
    >>> submission = proving.read_submission(Path("toy/submissions/accepted/straight-line"))
    >>> plan = proving.plan_run(challenge, submission, trust=True)
    >>> (outcomes,) = proving.play_runs([plan], Serial())
    >>> evidence = proving.conclude(plan, outcomes, started=now, finished=now)
    >>> evidence.finished_count, evidence.isolation.kind
    (5, 'none')
    """
    record = plan.challenge.challenge
    scores = scores_of(plan, outcomes)
    fault = run_fault(outcomes)
    if fault is None and interrupted:
        fault = PlatformFault("interrupted").fault
    # A faulted run lets no aggregate out: means over the cases before a fault would not be means over the cases.
    rows, aggregates = (
        let_out(scores, record.egress, record.ranking, private=plan.private)
        if fault is None or not plan.private
        else ((), ())
    )
    figures = [row.metrics for row in rows] + [aggregate.mean for aggregate in aggregates]
    leaving = {name for metrics in figures for name in metrics}
    wall_s, cpu_s = sum(score.wall_s for score in scores), sum(score.cpu_s for score in scores)
    memory = max((score.peak_memory_bytes for score in scores), default=0)
    if plan.private:
        wall_s, cpu_s = coarse(wall_s, SECONDS_LEAST), coarse(cpu_s, SECONDS_LEAST)
        memory = int(coarse(memory, BYTES_LEAST))
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
        engines=tuple(sorted({engine for score in scores for engine in engines_of(score)})),
        fault=mark(fault),
        rule=record.egress.rule,
        rows=rows,
        aggregates=aggregates,
        isolation=_weakest([outcome.isolation for outcome in outcomes.values() if outcome.isolation]),
        wall_s=wall_s,
        cpu_s=cpu_s,
        peak_memory_bytes=memory,
        country=country or record.home,
        started=started.replace(microsecond=0) if plan.private else started,
        finished=finished.replace(microsecond=0) if plan.private else finished,
        nonce=plan.nonce,
        bounds={name: ends for name, ends in plan.bounds.items() if name in leaving},
        environment=plan.environment.mark,
    )


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
