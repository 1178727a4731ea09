"""A challenge proves itself whole: what passes here works through a node and a centre.

It is played as it would travel: packed, unpacked, read again. Its judge keeps the protocol, its submissions of known
verdict get their verdicts, a case played twice gives the same bits, its pictures can be shown, what is signed
verifies, and a standing can be computed. Nothing of it is published: the key is known to everybody.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.proving.boundary import asked
from lumbung.proving.challenge import (
    ChallengeError,
    ChallengeFolder,
    ShortRun,
    fit_to_be_seen,
    read_challenge,
)
from lumbung.proving.checker import challenge_texts, check_judge
from lumbung.proving.environments.chosen import environment_of
from lumbung.proving.environments.shelf import Shelf
from lumbung.proving.evidence import EvidenceError, open_evidence, sign
from lumbung.proving.executors import Attendance, Executor, make_executor
from lumbung.proving.faults import ChallengeFault, Fault, RunFault, SubmissionFault
from lumbung.proving.judge import ScoredRun, find_judge
from lumbung.proving.known_verdicts import VerdictCheck, compare, known_submissions
from lumbung.proving.packing import left_out, write_tar
from lumbung.proving.run import Outcome, RunPlan, fault_of, lost_fault, scores_of, watch_over
from lumbung.proving.session import Asked, JudgedRun, draw_pictures, judge_runs, plan_apart
from lumbung.proving.standing import compute_standing
from lumbung.proving.submission import read_submission
from lumbung.sandbox import ParcelError, unpack

# Whoever knows a key can sign with it: what this one signed shows that it can be signed, and nothing else.
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
_NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)  # nothing here depends on the time


class Proof(msgspec.Struct, frozen=True):
    """What a challenge showed.

    Attributes
    ----------
    challenge : str
    verdicts : tuple of VerdictCheck
        Of each submission of known verdict; empty where it did not come to that.
    findings : tuple of str
        Whatever else is not as it must be, in sentences.
    stays : tuple of str
        Entries of the folder that the challenge does not declare, and so were not there.
    """

    challenge: str
    verdicts: tuple[VerdictCheck, ...]
    findings: tuple[str, ...]
    stays: tuple[str, ...]

    def wrong(self) -> list[str]:
        """Return all that is wrong, in sentences; nothing where the challenge proves itself."""
        odd = [check for check in self.verdicts if not check.right]
        verdicts = [f"{c.name}: {c.found}, expected {c.expected} {c.detail}".strip() for c in odd]
        return [*verdicts, *self.findings]


class _Forgetful:
    """A keeper that keeps nothing: each proof starts anew."""

    def kept(self, plan: RunPlan) -> dict[str, Outcome]:
        return {}

    def keep(self, plan: RunPlan, outcome: Outcome) -> None:
        pass


def prove(
    challenge: ChallengeFolder,
    executor: Executor | None = None,
    *,
    trust: bool = False,
    shelf: Shelf | None = None,
) -> Proof:
    """Let a challenge prove itself.

    Parameters
    ----------
    challenge : ChallengeFolder
    executor : Executor, optional
        Where its cases are played; processes of this machine by default.
    trust : bool
        Without a sandbox; verdicts of time and memory may then differ.
    shelf : Shelf, optional
        Where the environments are built that it publishes and its submissions declare.

    Raises
    ------
    ChallengeError
        The folder cannot be sent as it is, or holds no submissions of known verdict.
    PlatformFault
        This machine cannot judge.
    """
    played_by = executor or make_executor()
    try:
        with tempfile.TemporaryDirectory(prefix="lumbung-proof-") as scratch:
            there = _sent(fit_to_be_seen(challenge), Path(scratch))
            verdicts, findings = _prove(there, played_by, trust, shelf)
            here = [finding.replace(f"{there.folder}/", "") for finding in findings]
    finally:
        if executor is None:
            played_by.close()
    stays = left_out(challenge.folder, challenge.files)
    return Proof(challenge.challenge.id, tuple(verdicts), tuple(here), tuple(stays))


def _sent(challenge: ChallengeFolder, scratch: Path) -> ChallengeFolder:
    """Return the challenge as it arrives elsewhere."""
    packed = scratch / "challenge.tar"
    with packed.open("wb") as file:
        write_tar(challenge.folder, challenge.files, file)
    try:
        return read_challenge(unpack(packed, scratch / "challenge"))
    except ParcelError as error:
        raise ChallengeError(str(challenge.folder), str(error), "a folder that a centre can take") from None


def _prove(
    there: ChallengeFolder, executor: Executor, trust: bool, shelf: Shelf | None
) -> tuple[Sequence[VerdictCheck], list[str]]:
    known = known_submissions(there)
    findings = challenge_texts(there.folder, there)
    if not there.challenge.phases:
        findings.append("phases: found none, expected one at least: nobody could submit")
    try:
        accepted = _Accepted(there, next(one.path for one in known if one.verdict == "accepted"), shelf)
        short = accepted.plan("practice", there.challenge.check, executor)
    except (RunFault, ChallengeError) as error:
        return [], [*findings, fault_of(error).reason()]
    findings += _of_the_judge(there, executor)
    findings += _of_the_phases(accepted, executor)

    plans: dict[str, RunPlan | SubmissionFault] = {}
    for one in known:
        try:
            theirs = read_submission(one.path)
            environment = environment_of(theirs, there, shelf)
            plans[one.name] = msgspec.structs.replace(
                short, submission=theirs, trust=trust, environment=environment
            )
        except SubmissionFault as refusal:
            plans[one.name] = refusal
        except ChallengeFault as fault:
            return [], [*findings, fault.fault.reason()]
    runnable = {name: plan for name, plan in plans.items() if isinstance(plan, RunPlan)}
    judged = dict(zip(runnable, _judged(list(runnable.values()), executor), strict=True))
    metric, verdicts = there.challenge.ranking.metric, []
    for one in known:
        plan = plans[one.name]
        if isinstance(plan, SubmissionFault):
            verdicts.append(compare(one, plan.fault, [], ranking=metric))
        else:
            run = judged[one.name]
            verdicts.append(compare(one, run.fault, scores_of(plan, run.outcomes), ranking=metric))
    findings += _of_the_evidence(judged, trust)
    scored = {name: run for name, run in judged.items() if run.fault is None}
    if scored:
        findings += [*_of_a_second_play(scored, executor), *_of_the_pictures(scored, executor)]
        findings += _of_the_standing(scored, trust)
    return verdicts, findings


class _Accepted:
    """A submission that must be accepted, as it is planned."""

    def __init__(self, there: ChallengeFolder, path: Path, shelf: Shelf | None) -> None:
        self.there, self._submission = there, read_submission(path)
        self._environment = environment_of(self._submission, there, shelf)

    def plan(self, phase: str, part: ShortRun, executor: Executor) -> RunPlan:
        asked_for = Asked(
            self.there, self._submission, phase, part.cases, part.seeds, environment=self._environment
        )
        return plan_apart(asked_for, executor)


def _of_the_judge(there: ChallengeFolder, executor: Executor) -> list[str]:
    """Hold the judge against its protocol, in a worker: it may do there what it likes."""
    watch = watch_over(there.challenge)
    attendance: Attendance[ChallengeFolder, list[str]] = Attendance(
        lambda _task: watch,
        lambda _task, lost: [lost_fault(lost, f"{there.challenge.judge}, the protocol", watch).reason()],
    )
    ((_, findings),) = executor.run(_face, [there], attendance)
    return findings


def _face(there: ChallengeFolder) -> list[str]:
    name = there.challenge.judge
    try:
        with asked(f"{name}, the protocol"):
            return [f"judge {name}: {finding}" for finding in check_judge(find_judge(name), there)]
    except (RunFault, ChallengeError) as error:
        return [fault_of(error).reason()]


def _of_the_phases(accepted: _Accepted, executor: Executor) -> Iterator[str]:
    """Find phases on public cases that would find no case; private ones lie elsewhere."""
    for phase in accepted.there.challenge.phases:
        if phase.cases == "public" and phase.part != ShortRun():
            try:
                accepted.plan(phase.id, phase.part, executor)
            except (RunFault, ChallengeError) as error:
                yield f"phase {phase.id}: {fault_of(error).reason()}"


def _judged(plans: Sequence[RunPlan], executor: Executor) -> list[JudgedRun]:
    signer, keepers = partial(sign, key=_KEY), [_Forgetful()] * len(plans)
    return judge_runs(plans, keepers, signer, executor, clock=lambda: _NOON)


def _of_the_evidence(judged: Mapping[str, JudgedRun], trust: bool) -> Iterator[str]:
    for name, run in judged.items():
        if run.evidence is None:
            continue  # why there is none is the run's fault, and so its verdict
        try:
            opened, _ = open_evidence(run.envelope, [_KEY.public_key()])
        except EvidenceError as error:
            yield f"{name}: its evidence does not verify: {error}"
            continue
        if opened != run.evidence:
            yield f"{name}: its evidence reads back differently"
        if opened.isolation.kind == "none" and not trust:
            yield f"{name}: was judged without a sandbox, which no centre takes"


def _of_a_second_play(scored: Mapping[str, JudgedRun], executor: Executor) -> Iterator[str]:
    """Play each one's first case again: evidence that does not repeat cannot be judged again by another node."""
    again = [msgspec.structs.replace(run.plan, cases=run.plan.cases[:1]) for run in scored.values()]
    for (name, run), plan, second in zip(scored.items(), again, _judged(again, executor), strict=True):
        (before,), after = scores_of(plan, run.outcomes), scores_of(plan, second.outcomes)
        if not after or after[0].metrics != before.metrics:
            found = after[0].metrics if after else _reason(second.fault)
            yield f"{name}, case {before.case}: a second play gave {found}, expected {before.metrics} to the bit"


def _reason(fault: Fault | None) -> str:
    return fault.reason() if fault is not None else "no score"


def _of_the_pictures(scored: Mapping[str, JudgedRun], executor: Executor) -> Iterator[str]:
    challenge = next(iter(scored.values())).plan.challenge.challenge
    runs = [ScoredRun(name, tuple(scores_of(run.plan, run.outcomes))) for name, run in scored.items()]
    # A node draws one submission by itself, a report all side by side.
    for together in (runs[:1], runs) if len(runs) > 1 else (runs,):
        drawn = draw_pictures(challenge, together, executor)
        if drawn.finding is not None:
            yield drawn.finding.reason()
            return


def _of_the_standing(scored: Mapping[str, JudgedRun], trust: bool) -> Iterator[str]:
    pieces = {name: [run.evidence] for name, run in scored.items() if run.evidence is not None}
    ranking = next(iter(scored.values())).plan.challenge.challenge.ranking
    try:
        standing = compute_standing(pieces, ranking, seed=0, trusted_only=not trust)
    except ValueError as error:
        yield f"standing: {error}"
        return
    for refused in standing.refused:
        yield f"standing: {refused.name} has no place: {refused.reason}"
