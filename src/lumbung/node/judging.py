"""From a job to a delivery: fetch, check, judge on this node's cases, sign what the owner lets out.

No judge is loaded into the node's own process: it lists cases, plays and draws in watched workers, so that nothing it
does ends the node or holds up what waits behind.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lumbung.node.folder import NodeFolder, Settings
from lumbung.node.gate import Parcel, parcel_of
from lumbung.node.line import Line
from lumbung.proving.boundary import of_the_machine
from lumbung.proving.challenge import ChallengeError, ChallengeFolder, phase_part, read_challenge
from lumbung.proving.declaration import read_declaration
from lumbung.proving.environments.chosen import environment_of
from lumbung.proving.environments.shelf import Shelf
from lumbung.proving.evidence import mark, sign
from lumbung.proving.executors import Executor
from lumbung.proving.faults import ChallengeFault, Fault, Owner, PlatformFault, RunFault, SubmissionFault
from lumbung.proving.job import WORDS_LIMIT, Delivery, Job
from lumbung.proving.judge import ScoredRun
from lumbung.proving.run import Outcome, RunPlan, fault_of, scores_of
from lumbung.proving.run_folder import RunFolder, write_whole
from lumbung.proving.session import Asked, Drawn, JudgedRun, draw_pictures, judge_run, plan_apart
from lumbung.proving.submission import Submission, read_content
from lumbung.proving.weights import BYTES_LIMIT as WEIGHTS_LIMIT
from lumbung.proving.weights import WeightStore
from lumbung.sandbox import ParcelError, unpack

REASON = "reason.txt"
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
    executor: Executor,
    on_case: OnCase,
) -> Parcel:
    """Judge a job and return its result as it waits to leave. Every end is one: a fault of whoever's it is.

    Parameters
    ----------
    job : Job
    node, settings, line
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
    try:
        scratch = Path(tempfile.mkdtemp(prefix="lumbung-node-"))
    except OSError as error:
        return parcel_of(job, faulted(job, of_the_machine(error, tempfile.gettempdir()).fault, node))
    try:
        challenge = _unpacked_challenge(job, node, line, scratch)
        objection = accepted.objection(challenge.challenge.egress) if job.private else ""
        if objection:
            fault = ChallengeFault("egress_refused", detail=objection).fault
            return parcel_of(job, faulted(job, fault, node))
        packed = line.take(job.submission_blob, node.blobs, scratch / "submission.tar")
        submission = unpack(packed, scratch / "submission")
        found = read_content(submission)
        if found.digest != job.submission_digest:
            raise NotAccepted("the submission is not the one the job names")
        part = phase_part(challenge.challenge, job.phase)
        private_folder = node.cases(job.challenge) if job.private else None
        environment = environment_of(found, challenge, _shelf(found, node, settings, line))
        asked_for = Asked(
            challenge, found, job.phase, part.cases, part.seeds, private_folder,
            secret=_secret(node, job) if job.private else None, environment=environment,
        )  # fmt: skip
        lay_there, kept_in = _lying(private_folder), RunFolder(node.runs / job.run)
        plan = msgspec.structs.replace(plan_apart(asked_for, executor), nonce=job.run)
        parcel = _judged(job, plan, kept_in, settings, node, executor, on_case)
        if _lying(private_folder) != lay_there:
            kept_in.forget()
            detail = "its owner replaced the private cases while it was judged on them; it is judged anew"
            raise PlatformFault("job_refused", detail=detail)
        return parcel
    except ParcelError as error:
        return parcel_of(job, faulted(job, SubmissionFault("not_readable", reason=str(error)).fault, node))
    except (RunFault, ChallengeError) as error:
        return parcel_of(job, faulted(job, fault_of(error), node))
    except OSError as error:
        return parcel_of(job, faulted(job, of_the_machine(error, str(scratch)).fault, node))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _shelf(found: Submission, node: NodeFolder, settings: Settings, line: Line) -> Shelf:
    """Return this node's shelf, with the weights on it that a submission names."""
    if not found.is_table:
        for digest in read_declaration(found.folder).weights.values():
            line.fetch(digest, node.weights, limit=WEIGHTS_LIMIT)
    return Shelf(node.environments, settings.index, WeightStore(node.weights))


def _secret(node: NodeFolder, job: Job) -> bytes | None:
    try:
        return node.secret(job.challenge).read_bytes()
    except FileNotFoundError:  # cases that came before there were secrets
        return None


def _lying(cases: Path | None) -> frozenset[tuple[str, int, int, int]]:
    """Return what tells whether private cases are the same files as before: some would be judged on old rows, some on new."""
    if cases is None:
        return frozenset()
    found = [(str(path), path.stat()) for path in sorted(cases.rglob("*"))]
    return frozenset((name, state.st_ino, state.st_size, state.st_mtime_ns) for name, state in found)


def _unpacked_challenge(job: Job, node: NodeFolder, line: Line, scratch: Path) -> ChallengeFolder:
    packed = line.take(job.challenge_blob, node.blobs, scratch / "challenge.tar")
    try:
        challenge = read_challenge(unpack(packed, scratch / "challenge"))
    except ParcelError as error:  # the centre packed it: no team's doing
        raise NotAccepted(f"the archive sent for {job.challenge} cannot be unpacked: {error}") from None
    if challenge.digest != job.challenge_digest or challenge.challenge.id != job.challenge:
        raise NotAccepted(f"the archive sent for {job.challenge} holds another challenge")
    return challenge


def faulted(job: Job, fault: Fault, node: NodeFolder) -> Delivery:
    """Return the delivery of a run that has no evidence, and leave the whole reason where the node's owner finds it."""
    with contextlib.suppress(PlatformFault):  # on a full disk the fault is told without the words kept here
        leave_reason(node.runs / job.run, fault)
    # Before any case began nothing is known of the cases: what is wrong with the submission is its team's to read.
    log = fault.reason() if fault.owner is Owner.SUBMISSION and not job.private else ""
    return Delivery(job.lease, fault=mark(fault), log=log, words=words_of(job, fault))


def words_of(job: Job, fault: Fault | None) -> str:
    """Return what the centre may read about a fault besides its code: nothing where cases are private.

    A submission's fault is told in its team's log; these words are for who must mend a challenge or a node.
    """
    if fault is None or job.private or fault.owner is Owner.SUBMISSION:
        return ""
    return fault.reason()[:WORDS_LIMIT]


def leave_reason(folder: Path, *faults: Fault | None) -> None:
    """Write the reasons of faults into a run's folder: with private cases they are told here and nowhere else."""
    reasons = [fault.reason() for fault in faults if fault is not None]
    if reasons:
        write_whole(folder / REASON, "\n".join([*reasons, ""]).encode())


def _judged(
    job: Job, plan: RunPlan, kept_in: RunFolder, settings: Settings, node: NodeFolder,
    executor: Executor, on_case: OnCase,
) -> Parcel:  # fmt: skip
    # What this node finished before it was killed is not played again; the owner may look at it later.
    finished = len(kept_in.kept(plan))

    def on_outcome(_run: int, outcome: Outcome) -> None:
        nonlocal finished
        finished += 1
        on_case(finished, len(plan.cases), None if job.private else outcome.case)

    on_case(finished, len(plan.cases), None)
    run = judge_run(
        plan,
        kept_in,
        lambda evidence: sign(evidence, node.signing_key()),
        executor,
        clock=lambda: datetime.now(UTC),
        country=settings.country,
        on_outcome=on_outcome,
    )
    drawn = _drawn(job, run, executor)
    leave_reason(kept_in.path, run.fault, drawn.finding)
    delivery = Delivery(
        job.lease,
        run.envelope.decode(),
        mark(run.fault),
        "" if job.private else _log(run.outcomes, run.fault),
        (),  # named when they leave: until then no picture does
        words_of(job, run.fault or drawn.finding),
        mark(drawn.finding),
    )
    record = plan.challenge.challenge
    pictures = tuple(picture.svg for picture in drawn.pictures)
    rows = sum(score.rows for score in scores_of(plan, run.outcomes))
    return parcel_of(job, delivery, record.egress, pictures, record.ranking, rows)


def _drawn(job: Job, run: JudgedRun, executor: Executor) -> Drawn:
    may_leave = not job.private or run.plan.challenge.challenge.egress.rule == "pictures"
    if run.fault is not None or not may_leave:
        return Drawn()
    scores = tuple(scores_of(run.plan, run.outcomes))
    return draw_pictures(run.plan.challenge.challenge, [ScoredRun("", scores)], executor)


def _log(outcomes: dict[str, Outcome], fault: Fault | None) -> str:
    """Return what the team may read: of the faulted case alone if there is one, else of every case."""
    chosen = [o for o in outcomes.values() if fault is None or o.fault is not None]
    parts = [
        f"[{o.case}]{' ' + o.fault.reason() if o.fault else ''}\n{o.log}" for o in chosen if o.log or o.fault
    ]
    return "\n".join(parts)[:100_000]


__all__ = ["NotAccepted", "Withdrawn", "faulted", "judge_job"]
