"""Usage, counted from signed evidence: nobody reports their own hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lumbung.proving.digest import digest_data
from lumbung.proving.evidence import Evidence, open_evidence, read_envelope


class UsageError(ValueError):
    """Usage cannot be faded as asked."""


class UsageRecord(msgspec.Struct, frozen=True):
    """What one run used.

    Attributes
    ----------
    node, organisation
        Where, and whose submission it was.
    resource
        What was used, e.g. ``cpu`` or ``gpu-a100``.
    hours
        How much of it.
    ended
        When the run finished.
    evidence
        Digest of the evidence it was read from; one evidence counts once.
    """

    node: str
    organisation: str
    resource: str
    hours: float
    ended: datetime
    evidence: str


def usage_from_evidence(
    evidence: Evidence, node: str, organisation: str, resource: str = "cpu", units: int = 1
) -> UsageRecord:
    """Read the usage of a run out of its evidence.

    Parameters
    ----------
    evidence
        Already verified; see `lumbung.proving.evidence.open_evidence`, or `usage_from_envelope`.
    node
        The node that signed it.
    organisation
        Whose submission it was.
    resource
        ``cpu`` counts processor time; anything else is held from start to end and counts wall time.
    units
        How many units of such a resource the run held.
    """
    seconds = evidence.cpu_s if resource == "cpu" else evidence.wall_s * units
    return UsageRecord(
        node, organisation, resource, seconds / 3600.0, evidence.finished, digest_data(evidence)
    )


def usage_from_envelope(
    path: Path, keys: Sequence[Ed25519PublicKey], organisation: str, resource: str = "cpu"
) -> UsageRecord:
    """Verify an evidence file and read the usage out of it; the node is named by the id of the key that signed.

    Raises
    ------
    lumbung.proving.evidence.EvidenceError
        When it is malformed, altered, or signed by nobody the reader trusts: such usage is not counted.
    """
    evidence, signer = open_evidence(read_envelope(path), keys)
    return usage_from_evidence(evidence, signer, organisation, resource)


def counted_once(records: Iterable[UsageRecord]) -> tuple[UsageRecord, ...]:
    """Drop records of an evidence already counted for the same resource; the first stays."""
    seen: dict[tuple[str, str], UsageRecord] = {}
    for record in records:
        seen.setdefault((record.evidence, record.resource), record)
    return tuple(seen.values())


def hours_used(records: Iterable[UsageRecord], resource: str | None = None) -> dict[str, float]:
    """Return the hours of each organisation, each evidence once; of one resource, or of all."""
    total: dict[str, float] = defaultdict(float)
    for record in counted_once(records):
        if resource is None or record.resource == resource:
            total[record.organisation] += record.hours
    return dict(total)


def decayed_hours(
    records: Iterable[UsageRecord], now: datetime, half_life: timedelta, resource: str | None = None
) -> dict[str, float]:
    """Return hours in which the past fades: what ended one half-life ago counts half.

    Slurm, *Multifactor priority plugin*, PriorityDecayHalfLife; here each run decays from its end.

    Raises
    ------
    UsageError
        When the half-life is not positive.
    """
    if half_life <= timedelta(0):
        raise UsageError(f"the half-life is {half_life}; it must be positive")
    total: dict[str, float] = defaultdict(float)
    for record in counted_once(records):
        if resource is None or record.resource == resource:
            age = max((now - record.ended) / half_life, 0.0)
            total[record.organisation] += record.hours * 0.5**age
    return dict(total)
