"""The audit log: every act that matters, in a chain of hashes, with signed checkpoints.

Each entry's hash covers its content and the hash before it, so that a changed, removed or reordered entry breaks the
chain; a checkpoint signs the chain's head, so that the whole chain cannot be written anew by who has no key.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import connection, transaction

from lumbung.centre.members.models import AuditCheckpoint, AuditEntry
from lumbung.proving.keys import key_id

START = "0" * 64
_LOCK = 0x6C756D62  # the log's advisory lock on PostgreSQL


class Finding(msgspec.Struct, frozen=True):
    """Where the log does not hold, and how."""

    number: int
    problem: str


def append(act: str, subject: str, *, actor: object, now: datetime, **details: Any) -> AuditEntry:
    """Append an act to the log, in the surrounding transaction.

    Parameters
    ----------
    act : str
        What was done, e.g. ``submission.handed_in``.
    subject : str
        To what: a token or slug.
    actor : object
        Who: a user, a node, or a name for the centre's own acts. Written as ``user:7``, never as a name or address.
    now : datetime
    details
        Plain data. No personal data: the log is kept for good.
    """
    with transaction.atomic():
        _take_turn()
        last = AuditEntry.objects.order_by("-number").first()
        number, previous = (last.number + 1, last.hash) if last else (1, START)
        entry = AuditEntry(
            number=number,
            time=now,
            actor=_name(actor),
            act=act,
            subject=subject,
            details=details,
            previous=previous,
        )
        entry.hash = entry_hash(entry)
        entry.save(force_insert=True)
    return entry


def _take_turn() -> None:
    # SQLite's IMMEDIATE transaction already excludes other writers.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _name(actor: object) -> str:
    if isinstance(actor, str):
        return actor
    return f"{type(actor).__name__.lower()}:{getattr(actor, 'pk', '?')}"


def entry_hash(entry: AuditEntry) -> str:
    """Return the hash an entry must have."""
    content = [
        entry.number,
        entry.time.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.act,
        entry.subject,
        entry.details,
        entry.previous,
    ]
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def checkpoint(key: Ed25519PrivateKey, now: datetime) -> AuditCheckpoint | None:
    """Sign the log's head, unless it is signed already."""
    last = AuditEntry.objects.order_by("-number").first()
    if last is None or AuditCheckpoint.objects.filter(number=last.number).exists():
        return None
    signature = base64.b64encode(key.sign(_signed(last.number, last.hash))).decode()
    return AuditCheckpoint.objects.create(
        number=last.number, hash=last.hash, key=key_id(key.public_key()), signature=signature, time=now
    )


def _signed(number: int, head: str) -> bytes:
    return f"lumbung-audit-checkpoint 1 {number} {head}".encode()


def verify(
    entries: Iterable[AuditEntry], checkpoints: Iterable[AuditCheckpoint], keys: Iterable[Ed25519PublicKey]
) -> list[Finding]:
    """Check a whole log; no finding means it holds.

    Parameters
    ----------
    entries : iterable of AuditEntry
        In the order of their numbers.
    checkpoints : iterable of AuditCheckpoint
    keys : iterable of Ed25519PublicKey
        The centre's keys, past and present.
    """
    findings, previous, expected = [], START, 1
    heads: dict[int, str] = {}
    for entry in entries:
        if entry.number != expected:
            findings.append(
                Finding(expected, f"entries {expected} to {entry.number - 1} are missing or out of order")
            )
        if entry.previous != previous:
            findings.append(Finding(entry.number, "does not follow the entry before it"))
        if entry_hash(entry) != entry.hash:
            findings.append(Finding(entry.number, "was changed after it was written"))
        heads[entry.number] = entry.hash
        previous, expected = entry.hash, entry.number + 1
    return findings + _check_checkpoints(checkpoints, heads, {key_id(key): key for key in keys})


def _check_checkpoints(
    checkpoints: Iterable[AuditCheckpoint], heads: dict[int, str], keys: dict[str, Ed25519PublicKey]
) -> list[Finding]:
    findings = []
    for point in checkpoints:
        if point.number not in heads:
            findings.append(Finding(point.number, "a signed checkpoint speaks of an entry that is gone"))
        elif heads[point.number] != point.hash:
            findings.append(Finding(point.number, "the log up to here is not the one that was signed"))
        if point.key not in keys:
            findings.append(Finding(point.number, f"checkpoint signed by unknown key {point.key[:16]}"))
            continue
        try:
            keys[point.key].verify(base64.b64decode(point.signature), _signed(point.number, point.hash))
        except (InvalidSignature, ValueError):
            findings.append(Finding(point.number, "the checkpoint's signature does not fit"))
    return findings


def read_own() -> tuple[list[AuditEntry], list[AuditCheckpoint]]:
    """Return the log in this centre's database."""
    return list(AuditEntry.objects.order_by("number")), list(AuditCheckpoint.objects.order_by("number"))


_ENTRY = ("number", "time", "actor", "act", "subject", "details", "previous", "hash")
_CHECKPOINT = ("number", "hash", "key", "signature", "time")


def export_lines() -> Iterator[bytes]:
    """Yield the log as JSON lines: entries, then checkpoints."""
    for entry in AuditEntry.objects.order_by("number").iterator():
        yield msgspec.json.encode({name: getattr(entry, name) for name in _ENTRY})
    for point in AuditCheckpoint.objects.order_by("number").iterator():
        yield msgspec.json.encode({"checkpoint": {name: getattr(point, name) for name in _CHECKPOINT}})


def read_lines(lines: Iterable[bytes]) -> tuple[list[AuditEntry], list[AuditCheckpoint]]:
    """Read an exported log, in the order of its lines.

    Raises
    ------
    ValueError
        A line is no entry: says which.
    """
    entries, checkpoints = [], []
    for number, line in enumerate(lines, start=1):
        try:
            row = msgspec.json.decode(line)
            if "checkpoint" in row:
                checkpoints.append(AuditCheckpoint(**{name: row["checkpoint"][name] for name in _CHECKPOINT}))
            else:
                row["time"] = datetime.fromisoformat(row["time"])
                entries.append(AuditEntry(**{name: row[name] for name in _ENTRY}))
        except (msgspec.DecodeError, LookupError, TypeError, ValueError) as error:
            raise ValueError(f"line {number} is no entry of the log: {error}") from None
    return entries, checkpoints
