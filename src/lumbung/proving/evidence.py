"""Evidence: the signed record of a run, and the only thing from which anything later is computed.

It is an in-toto Statement (https://in-toto.io/Statement/v1) in a DSSE envelope, signed with Ed25519, so that others'
tools can verify it. Its fields hold digests, versions, counts, times and the figures the egress rule lets out. There
is no free text in it: every string is a digest, a time, or a short identifier, so no field can carry private data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lumbung.proving.case import CaseScore
from lumbung.proving.challenge import Country, Egress, Identifier, Metric, Ranking
from lumbung.proving.digest import digest_data
from lumbung.proving.envelope import EnvelopeError, open_envelope, payload_of, seal
from lumbung.proving.faults import REASONS, Fault, Owner
from lumbung.proving.measure import Bounds
from lumbung.proving.steps import class_of, deviation_in, round_to, step_of, to_step
from lumbung.proving.unreadable import UNREADABLE

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:lumbung:evidence:1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

Digest = Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}$")]
CaseId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._/-]*$", max_length=64)]
Engine = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]*$", max_length=40)]
FaultCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]+$", max_length=40)]
Count = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]  # what every database keeps
Bytes = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]  # what every reader of JSON keeps
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Nonce = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$")]


class CaseRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One case's figures: under the rules ``per-case`` and ``pictures``."""

    case: CaseId
    group: CaseId
    seed: int
    digest: Digest
    metrics: dict[Metric, float]


class Aggregate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Figures over the cases of one group: under the rule ``aggregate``.

    Attributes
    ----------
    mean, deviation, worst : dict of str to float
        Arithmetic mean and standard deviation (n - 1). `log_mean` and `log_deviation` serve geometric means and
        hold only metrics that were positive in every case. Of private cases see `stepped`.
    """

    group: CaseId
    cases: Count
    mean: dict[Metric, float]
    deviation: dict[Metric, float]
    log_mean: dict[Metric, float]
    log_deviation: dict[Metric, float]


class Isolation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the submission was held: nodes and standings refuse ``none``."""

    kind: Literal["bubblewrap", "none"]
    limits_by: Literal["cgroup2", "cgroup1", "rlimit"]


class EnvironmentMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the submission could import.

    Attributes
    ----------
    digest : str
        Of a built environment over every file in it, of installed distributions over their versions and records; of
        an executable, which finds nothing besides itself, over nothing.
    python : str
        The version of Python; empty where an executable was run.
    machine : str
        The architecture, e.g. ``x86_64``.
    """

    digest: Digest
    python: Annotated[str, msgspec.Meta(pattern=r"^([0-9][0-9a-z.+]{0,19})?$")]
    machine: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,20}$")]


class FaultMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose fault ended the run, by code alone: parameters could carry text of the submission's."""

    owner: Owner
    code: FaultCode

    def __post_init__(self) -> None:
        if self.code not in REASONS:
            raise ValueError(f"unknown fault code {self.code!r}")


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a node signs about one run.

    Attributes
    ----------
    challenge, challenge_version, challenge_digest, options_digest, phase
        What was asked. `options_digest` is over the judge's completed options.
    submission_digest : str
        Who answered.
    cases_digest : str
        Over the digests of all cases of the run, in order.
    case_count, finished_count : int
        How many there were, how many ended in a score.
    private : bool
        Whether the cases are known to the node alone; their ids are then numbers.
    judge, judge_version, engines
        Who judged.
    fault : FaultMark, optional
        Why there is no full score.
    rule : str
        The egress rule the figures obey.
    rows, aggregates
        The figures; one of the two is empty.
    isolation, wall_s, cpu_s, peak_memory_bytes
        How, and with what.
    country, started, finished
        Where and when (UTC).
    nonce : str
        The run the centre asked for, so that no evidence stands for another run of the same submission; empty where
        nobody asked.
    bounds : dict of str to (float or None, float or None)
        Between what the judge declares each metric to lie always; left out of the record where it declares nothing.
    environment : EnvironmentMark, optional
        What the submission could import; older evidence does not say.

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
    >>> evidence
    <Evidence on toy 1, phase practice, by tables.predictions: complete, isolation none>
    >>> evidence.aggregates, len(evidence.rows)
    ((), 5)
    """

    challenge: Identifier
    challenge_version: int
    challenge_digest: Digest
    options_digest: Digest
    phase: Identifier
    submission_digest: Digest
    cases_digest: Digest
    case_count: Count
    finished_count: Count
    private: bool
    judge: CaseId
    judge_version: int
    engines: tuple[Engine, ...]
    fault: FaultMark | None
    rule: Literal["aggregate", "per-case", "pictures"]
    rows: tuple[CaseRow, ...]
    aggregates: tuple[Aggregate, ...]
    isolation: Isolation
    wall_s: Seconds
    cpu_s: Seconds
    peak_memory_bytes: Bytes
    country: Country
    started: datetime
    finished: datetime
    nonce: Nonce = ""
    bounds: dict[Metric, Bounds] = {}
    environment: EnvironmentMark | None = None

    def __post_init__(self) -> None:
        if self.finished_count > self.case_count:
            raise ValueError(f"{self.finished_count} cases finished of {self.case_count}")
        if self.finished < self.started:
            raise ValueError(f"finished at {self.finished}, before it started at {self.started}")
        if self.rows and self.aggregates:
            raise ValueError("figures per case and over cases at once")
        told = len(self.rows) or sum(aggregate.cases for aggregate in self.aggregates)
        if told > self.finished_count or (self.complete and told < self.case_count):
            raise ValueError(f"figures of {told} cases, and {self.finished_count} finished")

    def __repr__(self) -> str:
        end = "complete" if self.complete else f"{self.finished_count} of {self.case_count} cases"
        return (
            f"<Evidence on {self.challenge} {self.challenge_version}, phase {self.phase}, by {self.judge}: {end}, "
            f"isolation {self.isolation.kind}>"
        )

    @property
    def complete(self) -> bool:
        """Whether every case ended in a score, and there was one."""
        return self.fault is None and 0 < self.case_count == self.finished_count

    @property
    def figures_digest(self) -> str:
        """Digest of what a second judging must reproduce bit by bit: everything but time, place and resources."""
        return digest_data(
            msgspec.structs.replace(
                self,
                wall_s=0.0,
                cpu_s=0.0,
                peak_memory_bytes=0,
                started=_EPOCH,
                finished=_EPOCH,
                country="XX",
                nonce="",
                bounds={},  # what the judge declares beforehand, not what it found
                environment=None,  # in what it was found
            )
        )


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class EvidenceError(EnvelopeError):
    """Evidence that is malformed, altered, unsignable, or signed by a key nobody vouched for. `code` says which.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> try:
    ...     proving.read_envelope(Path("evidence.json"))
    ... except proving.EvidenceError as error:
    ...     print(error.code)
    ...
    malformed
    """


class EgressRefused(ValueError):
    """The egress rule lets nothing out, e.g. because there are fewer cases than it demands."""


def let_out(
    scores: Sequence[CaseScore], egress: Egress, ranking: Ranking, *, private: bool
) -> tuple[tuple[CaseRow, ...], tuple[Aggregate, ...]]:
    """Apply the owner's egress rule to what a run gave.

    Parameters
    ----------
    scores : sequence of CaseScore
    egress : Egress
    ranking : Ranking
        Of the challenge: where ``egress.reveal`` is ``improvements``, means of no other metric leave, and they leave in
        steps of their standard error on the scale that ranks.
    private : bool
        Then cases and groups lose their names, and the rule is enforced; on public cases nothing is withheld.

    Returns
    -------
    rows : tuple of CaseRow
    aggregates : tuple of Aggregate

    Raises
    ------
    EgressRefused
        A figure would rest on fewer than ``egress.min_rows`` rows, or an aggregate on fewer than ``egress.min_cases`` cases.
    """
    if not private:
        return tuple(
            CaseRow(score.case, score.group, score.seed, score.digest, _plain(score.metrics))
            for score in scores
        ), ()
    groups = {
        name: number for number, name in enumerate(dict.fromkeys(score.group for score in scores), start=1)
    }
    if egress.rule == "aggregate":
        return (), tuple(
            _let_out_group(number, [score for score in scores if score.group == name], egress, ranking)
            for name, number in groups.items()
        )
    rows = []
    for number, score in enumerate(scores, start=1):
        if score.rows < egress.min_rows:
            raise EgressRefused(_too_few(f"case {number}", score.rows, "rows", egress.min_rows))
        metrics = {name: round_to(value, egress.digits) for name, value in score.metrics.items()}
        rows.append(CaseRow(numbered(number), f"group-{groups[score.group]}", 0, score.digest, metrics))
    return tuple(rows), ()


def numbered(number: int) -> str:
    """Return how a private case is called where it may have no name."""
    return f"case-{number:05d}"


def _plain(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items()}


def _let_out_group(number: int, members: list[CaseScore], egress: Egress, ranking: Ranking) -> Aggregate:
    if len(members) < egress.min_cases:
        raise EgressRefused(_too_few(f"group {number}", len(members), "cases", egress.min_cases))
    rows = sum(score.rows for score in members)
    if rows < egress.min_rows:
        raise EgressRefused(_too_few(f"group {number}", rows, "rows", egress.min_rows))
    if egress.reveal == "every":
        return _aggregate(f"group-{number}", members, egress.digits)
    return stepped(_aggregate(f"group-{number}", members, 17), ranking, egress.digits)


def _too_few(where: str, found: int, what: str, least: int) -> str:
    return f"{where}: {found} {what}, and the owner lets out figures over at least {least}"


def stepped(exact: Aggregate, ranking: Ranking, digits: int) -> Aggregate:
    """Return an aggregate of the ranking metric alone, its mean in steps of its standard error.

    Where the ranking takes geometric means, the logarithms are what is told: `mean` and `deviation` follow from them.
    Given what it returned before, it returns the same: this is how a receiver checks an aggregate.
    """
    metric, geometric = ranking.metric, ranking.mean == "geometric"
    means, deviations = (exact.log_mean, exact.log_deviation) if geometric else (exact.mean, exact.deviation)
    deviation = deviation_in(class_of(deviations[metric]))
    mean = to_step(means[metric], step_of(deviations[metric], exact.cases), digits)
    told, spread = {metric: mean}, {metric: deviation}  # whole: it is one of few, however many digits it has
    if not geometric:
        return Aggregate(exact.group, exact.cases, told, spread, {}, {})
    back = math.exp(mean)
    return Aggregate(
        exact.group,
        exact.cases,
        {metric: round_to(back, digits)},
        {metric: round_to(back * deviation, digits)},
        told,
        spread,
    )


def _aggregate(group: str, scores: Sequence[CaseScore], digits: int) -> Aggregate:
    table = {name: np.array([score.metrics[name] for score in scores]) for name in scores[0].metrics}

    def spread(values: np.ndarray) -> float:
        return float(values.std(ddof=1)) if len(values) > 1 else 0.0

    def rounded(figures: Mapping[str, float]) -> dict[str, float]:
        return {name: round_to(value, digits) for name, value in figures.items()}

    logs = {name: np.log(values) for name, values in table.items() if (values > 0).all()}
    return Aggregate(
        group,
        len(scores),
        rounded({name: float(values.mean()) for name, values in table.items()}),
        rounded({name: spread(values) for name, values in table.items()}),
        rounded({name: float(values.mean()) for name, values in logs.items()}),
        rounded({name: spread(values) for name, values in logs.items()}),
    )


def mark(fault: Fault | None) -> FaultMark | None:
    """Reduce a fault to what may enter evidence."""
    return (
        None if fault is None else FaultMark(fault.owner, fault.code if fault.code in REASONS else "unknown")
    )


USED_CLASSES = 32
SECONDS_LEAST, BYTES_LEAST = 2.0**-8, 2.0**16


def coarse(value: float, least: float) -> float:
    """Round what a private run used to one of 32 powers of two from *least* on: exact seconds could spell out data."""
    most = least * 2.0 ** (USED_CLASSES - 1)
    return float(least * 2.0 ** round(math.log2(min(max(value, least), most) / least)))


def used_coarsely(evidence: Evidence) -> bool:
    """Whether what a run used and when it ran is told no finer than private cases allow (`coarse`; whole seconds)."""
    return (
        all(value == coarse(value, SECONDS_LEAST) for value in (evidence.wall_s, evidence.cpu_s))
        and evidence.peak_memory_bytes == coarse(evidence.peak_memory_bytes, BYTES_LEAST)
        and not (evidence.started.microsecond or evidence.finished.microsecond)
    )


def sign(evidence: Evidence, key: Ed25519PrivateKey) -> bytes:
    """Return the evidence as a signed DSSE envelope, JSON.

    Raises
    ------
    EvidenceError
        ``unsignable``: it would not read back as it is, and so not verify; names the field.

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
    >>> key = proving.load_or_make_key(Path("key"))
    >>> opened, _ = proving.open_evidence(proving.sign(evidence, key), [key.public_key()])
    >>> opened == evidence
    True
    """
    subject = evidence.submission_digest.removeprefix("sha256:")
    try:
        statement = {
            "_type": STATEMENT,
            "subject": [{"name": "submission", "digest": {"sha256": subject}}],
            "predicateType": PREDICATE,
            "predicate": msgspec.to_builtins(evidence),
        }
        payload = msgspec.json.encode(statement, order="deterministic")
        same = _read_statement(payload) == evidence
    except (EvidenceError, TypeError, ValueError) as error:
        raise EvidenceError("unsignable", f"evidence that would not verify is not signed: {error}") from error
    if not same:
        raise EvidenceError("unsignable", "evidence that would read back differently is not signed")
    return seal(payload, PAYLOAD_TYPE, key)


def open_evidence(envelope: bytes, keys: Sequence[Ed25519PublicKey]) -> tuple[Evidence, str]:
    """Verify an envelope's signature and read its evidence.

    Parameters
    ----------
    envelope : bytes
        JSON, as `sign` gives.
    keys : sequence of Ed25519PublicKey
        The keys the reader trusts.

    Returns
    -------
    evidence : Evidence
    key_id : str
        Of the trusted key that signed.

    Raises
    ------
    EvidenceError
        ``malformed``, ``unknown_key`` or ``bad_signature``; nothing of unverified evidence is returned.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> mine = proving.load_or_make_key(Path("key")).public_key()
    >>> try:
    ...     proving.open_evidence(b"{}", [mine])
    ... except proving.EvidenceError as error:
    ...     print(error.code)
    ...
    malformed
    """
    try:
        payload, signer = open_envelope(envelope, PAYLOAD_TYPE, keys)
    except EnvelopeError as error:
        raise EvidenceError(error.code, str(error)) from None
    return _read_statement(payload), signer


def reopen_evidence(envelope: bytes) -> Evidence:
    """Read evidence whose signature was verified when it was taken in, and which was kept since.

    Raises
    ------
    EvidenceError
        ``malformed``.
    """
    try:
        payload = payload_of(envelope, PAYLOAD_TYPE)
    except EnvelopeError as error:
        raise EvidenceError(error.code, str(error)) from None
    return _read_statement(payload)


def _read_statement(payload: bytes) -> Evidence:
    try:
        statement: dict[str, Any] = msgspec.json.decode(payload, type=dict[str, Any])
        if statement.get("_type") != STATEMENT or statement.get("predicateType") != PREDICATE:
            raise EvidenceError("malformed", f"not a statement of type {PREDICATE}")
        if set(statement) != {"_type", "subject", "predicateType", "predicate"}:
            raise EvidenceError("malformed", "a statement with more in it than a statement has")
        evidence = msgspec.convert(statement["predicate"], Evidence)
        (named,) = statement["subject"]
        if (
            set(named) != {"name", "digest"}
            or named["name"] != "submission"
            or set(named["digest"]) != {"sha256"}
        ):
            raise EvidenceError("malformed", "a subject with more in it than the submission's digest")
        subject = named["digest"]["sha256"]
    except EvidenceError:
        raise
    except (*UNREADABLE, LookupError, TypeError) as error:
        raise EvidenceError("malformed", f"not a Lumbung evidence: {error}") from None
    if "sha256:" + str(subject) != evidence.submission_digest:
        raise EvidenceError("malformed", "the statement's subject is another submission than the evidence's")
    return evidence


def read_envelope(path: Path) -> bytes:
    """Read an evidence file.

    Raises
    ------
    EvidenceError
        ``malformed``: no such file, or not readable.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> _ = Path("evidence.json").write_bytes(b"{}")
    >>> proving.read_envelope(Path("evidence.json"))
    b'{}'
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise EvidenceError("malformed", f"{path}: {error.strerror}") from None
