"""From a job to a delivery: fetch, check, judge on this node's cases, sign what the owner lets out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.executors import Executor
from lumbung.node.folder import NodeFolder, Settings
from lumbung.node.line import Line
from lumbung.proving.challenge import ChallengeError, ChallengeFolder, phase_part, read_challenge
from lumbung.proving.evidence import EgressRefused, FaultMark, mark, sign
from lumbung.proving.faults import Fault, Owner, RunFault
from lumbung.proving.job import Delivery, Job
from lumbung.proving.judge import ScoredRun, find_judge
from lumbung.proving.run import Outcome, RunPlan, conclude, plan_run, play_runs, run_fault, scores_of
from lumbung.proving.run_folder import RunFolder
from lumbung.proving.submission import read_content
from lumbung.sandbox import ParcelError, unpack

OnCase = Callable[[int, int, str | None], None]


class Withdrawn(Exception):
    """The team took the submission back while it was judged."""


class NotAccepted(Exception):
    """The job is not one this node's owner accepted; the centre gets nothing but that."""


def judge_job(
    job: Job,
    node: NodeFolder,
    settings: Settings,
    line: Line,
    key: Ed25519PrivateKey,
    executor: Executor,
    on_case: OnCase,
) -> Delivery:
    """Judge a job and return what may be delivered. Every end is a delivery: a fault of whoever's it is.

    Parameters
    ----------
    job : Job
    node, settings, line, key
        Of this node.
    executor : Executor
    on_case : callable
        Called with cases finished, cases in all, and the case's name where cases are public. May raise `Withdrawn`.

    Raises
    ------
    LineDown, CentreLied, NotAccepted, Withdrawn
        There is nothing to deliver.
    """
    accepted = settings.challenges.get(job.challenge)
    if accepted is None or accepted.digest != job.challenge_digest or (job.private and not accepted.private):
        raise NotAccepted(
            f"{job.challenge} v{job.challenge_version} with digest {job.challenge_digest[:23]}…"
        )
    scratch = Path(tempfile.mkdtemp(prefix="lumbung-node-"))
    try:
        challenge = _unpacked_challenge(job, node, line, scratch)
        objection = accepted.objection(challenge.challenge.egress) if job.private else ""
        if objection:
            return Delivery(job.lease, fault=FaultMark(Owner.CHALLENGE, "egress_refused"))
        submission = unpack(line.fetch(job.submission_blob, node.blobs), scratch / "submission")
        found = read_content(submission)
        if found.digest != job.submission_digest:
            raise NotAccepted("the submission is not the one the job names")
        private_folder = node.cases(job.challenge) if job.private else None
        part = phase_part(challenge.challenge, job.phase)
        plan = plan_run(
            challenge,
            found,
            phase=job.phase,
            case_glob=part.cases,
            seeds=part.seeds,
            private_folder=private_folder,
        )
        return _play(job, plan, RunFolder(node.runs / job.run), settings, line, key, executor, on_case)
    except ParcelError:
        return Delivery(job.lease, fault=FaultMark(Owner.SUBMISSION, "not_readable"))
    except RunFault as error:
        return Delivery(job.lease, fault=mark(error.fault))
    except ChallengeError:
        return Delivery(job.lease, fault=FaultMark(Owner.CHALLENGE, "broken_challenge"))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unpacked_challenge(job: Job, node: NodeFolder, line: Line, scratch: Path) -> ChallengeFolder:
    challenge = read_challenge(unpack(line.fetch(job.challenge_blob, node.blobs), scratch / "challenge"))
    if challenge.digest != job.challenge_digest or challenge.challenge.id != job.challenge:
        raise NotAccepted(f"the archive sent for {job.challenge} holds another challenge")
    return challenge


def _play(
    job: Job, plan: RunPlan, kept_in: RunFolder, settings: Settings, line: Line, key: Ed25519PrivateKey,
    executor: Executor, on_case: OnCase,
) -> Delivery:  # fmt: skip
    started = datetime.now(UTC)
    # What this node finished before it was killed is not played again; the owner may look at it later.
    kept = kept_in.kept(plan)
    finished = len(kept)

    def on_outcome(_run: int, outcome: Outcome) -> None:
        nonlocal finished
        finished += 1
        kept_in.keep(plan, outcome)
        on_case(finished, len(plan.cases), None if job.private else outcome.case)

    on_case(finished, len(plan.cases), None)
    (outcomes,) = play_runs([plan], executor, kept=[kept], on_outcome=on_outcome)
    try:
        evidence = conclude(
            plan, outcomes, started=started, finished=datetime.now(UTC), country=settings.country
        )
    except EgressRefused:
        return Delivery(job.lease, fault=FaultMark(Owner.CHALLENGE, "egress_refused"))
    fault = run_fault(outcomes)
    return Delivery(
        job.lease,
        sign(evidence, key).decode(),
        mark(fault),
        "" if job.private else _log(outcomes, fault),
        _pictures(plan, outcomes, line) if _may_draw(job, plan) and fault is None else (),
    )


def _may_draw(job: Job, plan: RunPlan) -> bool:
    return not job.private or plan.challenge.challenge.egress.rule == "pictures"


def _log(outcomes: dict[str, Outcome], fault: Fault | None) -> str:
    """Return what the team may read: of the faulted case alone if there is one, else of every case."""
    chosen = [o for o in outcomes.values() if fault is None or o.fault is not None]
    parts = [
        f"[{o.case}]{' ' + o.fault.reason() if o.fault else ''}\n{o.log}" for o in chosen if o.log or o.fault
    ]
    return "\n".join(parts)[:100_000]


def _pictures(plan: RunPlan, outcomes: dict[str, Outcome], line: Line) -> tuple[str, ...]:
    judge = find_judge(plan.challenge.challenge.judge)
    drawn = judge.pictures([ScoredRun("", tuple(scores_of(plan, outcomes)))])
    return tuple(line.picture(picture.svg.encode()) for picture in drawn)


def restrict(delivery: Delivery) -> Delivery:
    """Return what the centre is told of a result the owner vetoed."""
    return msgspec.structs.replace(
        delivery, envelope="", log="", pictures=(), fault=FaultMark(Owner.CHALLENGE, "vetoed")
    )


__all__ = ["NotAccepted", "Withdrawn", "judge_job", "restrict"]
