"""The audit log: every act that matters, in a chain of hashes, with signed checkpoints that witnesses countersign.

Each entry's hash covers its content and the hash before it, so that a changed, removed or reordered entry breaks the
chain; a checkpoint signs the chain's head and the head of a Merkle tree over it, so that the whole cannot be written
anew by who has no key; and the nodes countersign these heads (``log_heads``), so that the keeper cannot cut its end.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, models, transaction

from lumbung.centre.members.models import AuditCheckpoint, AuditCosignature, AuditEntry
from lumbung.proving.keys import key_id, read_public_pem
from lumbung.proving.transparency import (
    Act,
    Frontier,
    NoteError,
    leaf_hash,
    leaf_of,
    open_head,
    read_head,
    verify_cosignature,
)
from lumbung.proving.unreadable import UNREADABLE

START = "0" * 64
_LOCK = 0x6C756D62  # the log's advisory lock on PostgreSQL


class Finding(msgspec.Struct, frozen=True):
    """Where the log does not hold, and how."""

    number: int
    problem: str


class Log(msgspec.Struct, frozen=True):
    """A log as it is checked: the centre's own, or an export.

    Attributes
    ----------
    entries, checkpoints, cosignatures
        In the order of their numbers.
    keys : tuple of str
        The keeper's public keys (PEM) as the export names them.
    """

    entries: list[AuditEntry]
    checkpoints: list[AuditCheckpoint]
    cosignatures: list[AuditCosignature]
    keys: tuple[str, ...] = ()


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
    # A request's user is a lazy stand-in whose own type is no name; what it stands for knows its model.
    if not isinstance(actor, models.Model) or actor.pk is None:
        raise TypeError(f"an actor is a stored person or node, or a name; found {type(actor).__name__}")
    return f"{actor._meta.model_name}:{actor.pk}"


def entry_hash(entry: AuditEntry) -> str:
    """Return the hash an entry must have."""
    return as_act(entry).hash


def as_act(entry: AuditEntry) -> Act:
    """Return an entry as the record that proofs carry."""
    return Act(entry.number, entry.time, entry.actor, entry.act, entry.subject, entry.details, entry.previous)


def signed_head(number: int, head: str) -> bytes:
    """Return what a checkpoint's plain signature covers."""
    return f"lumbung-audit-checkpoint 1 {number} {head}".encode()


def verify(log: Log, keys: Iterable[Ed25519PublicKey], *, seen: Sequence[str] = ()) -> list[Finding]:
    """Check a whole log; no finding means it holds.

    Parameters
    ----------
    log : Log
    keys : iterable of Ed25519PublicKey
        The centre's keys, past and present.
    seen : sequence of str
        Heads (signed notes) that witnesses kept: the log must continue each of them.
    """
    findings, previous, expected = [], START, 1
    heads: dict[int, str] = {}
    roots = _Roots({point.number for point in log.checkpoints if point.note} | _sizes(seen))
    for entry in log.entries:
        if entry.number != expected:
            findings.append(
                Finding(expected, f"entries {expected} to {entry.number - 1} are missing or out of order")
            )
        if entry.previous != previous:
            findings.append(Finding(entry.number, "does not follow the entry before it"))
        if entry_hash(entry) != entry.hash:
            findings.append(Finding(entry.number, "was changed after it was written"))
        heads[entry.number] = entry.hash
        roots.append(entry.hash)
        previous, expected = entry.hash, entry.number + 1
    known = {key_id(key): key for key in keys}
    for point in log.checkpoints:
        findings += _check_checkpoint(point, heads, known, roots)
    notes = {point.number: point.note for point in log.checkpoints}
    findings += [problem for line in log.cosignatures for problem in _check_cosignature(line, notes)]
    return findings + [problem for note in seen for problem in _check_seen(note, known, roots)]


class _Roots:
    """The heads of the tree at the sizes that are asked for, computed while the entries go by once."""

    def __init__(self, sizes: set[int]) -> None:
        self._sizes, self._tree = sizes, Frontier()
        self.at: dict[int, bytes] = {}

    @property
    def size(self) -> int:
        return self._tree.size

    def append(self, chain_hash: str) -> None:
        try:
            self._tree.append(leaf_of(chain_hash))
        except ValueError:  # not even hexadecimal: found as changed already
            self._tree.append(leaf_hash(chain_hash.encode()))
        if self._tree.size in self._sizes:
            self.at[self._tree.size] = self._tree.head()


def _sizes(notes: Sequence[str]) -> set[int]:
    found = set()
    for note in notes:
        try:
            found.add(read_head(note).size)
        except NoteError:
            continue  # reported where the note is checked
    return found


def _check_checkpoint(
    point: AuditCheckpoint, heads: dict[int, str], keys: dict[str, Ed25519PublicKey], roots: _Roots
) -> list[Finding]:
    if point.number not in heads:
        return [Finding(point.number, "a signed checkpoint speaks of an entry that is gone")]
    findings = []
    if heads[point.number] != point.hash:
        findings.append(Finding(point.number, "the log up to here is not the one that was signed"))
    if point.key not in keys:
        return [*findings, Finding(point.number, f"checkpoint signed by unknown key {point.key[:16]}")]
    try:
        keys[point.key].verify(base64.b64decode(point.signature), signed_head(point.number, point.hash))
        if point.note and open_head(point.note, keys[point.key]).root != roots.at.get(point.number):
            findings.append(
                Finding(point.number, "the tree of entries up to here is not the one that was signed")
            )
    except (InvalidSignature, ValueError):
        findings.append(Finding(point.number, "the checkpoint's signature does not fit"))
    return findings


def _check_cosignature(line: AuditCosignature, notes: dict[int, str]) -> list[Finding]:
    number, note = line.checkpoint_id, notes.get(line.checkpoint_id, "")
    if not note:
        return [Finding(number, f"{line.witness} countersigned a head that is gone")]
    try:
        verify_cosignature(note, line.line, line.witness, read_public_pem(line.key))
    except ValueError as error:
        return [Finding(number, f"the cosignature of {line.witness}: {error}")]
    return []


def _check_seen(note: str, keys: dict[str, Ed25519PublicKey], roots: _Roots) -> list[Finding]:
    try:
        head = read_head(note)
    except NoteError as error:
        return [Finding(0, f"a head that was kept elsewhere: {error}")]
    if not any(_signed_by(note, key) for key in keys.values()):
        return [Finding(head.size, "a head that was kept elsewhere is signed by none of the centre's keys")]
    if head.size > roots.size:
        return [
            Finding(
                head.size, f"a witness saw {head.size} entries, and there are {roots.size}: the end was cut"
            )
        ]
    if head.size and head.root != roots.at.get(head.size):
        return [Finding(head.size, "a witness saw another log up to here: it was changed, or kept twice")]
    return []


def _signed_by(note: str, key: Ed25519PublicKey) -> bool:
    try:
        open_head(note, key)
    except NoteError:
        return False
    return True


def read_own() -> Log:
    """Return the log in this centre's database."""
    return Log(
        list(AuditEntry.objects.order_by("number")),
        list(AuditCheckpoint.objects.order_by("number")),
        list(AuditCosignature.objects.order_by("checkpoint_id", "witness")),
    )


_ENTRY = ("number", "time", "actor", "act", "subject", "details", "previous", "hash")
_CHECKPOINT = ("number", "hash", "key", "signature", "time", "note")
_COSIGNATURE = ("checkpoint_id", "witness", "key", "line", "time")


def export_lines(keys: Sequence[str] = ()) -> Iterator[bytes]:
    """Yield the log as JSON lines: entries, then checkpoints, cosignatures, and the keeper's public keys (PEM)."""
    for entry in AuditEntry.objects.order_by("number").iterator():
        yield msgspec.json.encode({name: getattr(entry, name) for name in _ENTRY})
    for point in AuditCheckpoint.objects.order_by("number").iterator():
        yield msgspec.json.encode({"checkpoint": {name: getattr(point, name) for name in _CHECKPOINT}})
    for line in AuditCosignature.objects.order_by("checkpoint_id", "witness").iterator():
        yield msgspec.json.encode({"cosignature": {name: getattr(line, name) for name in _COSIGNATURE}})
    for pem in keys:
        yield msgspec.json.encode({"key": pem})


def read_lines(lines: Iterable[bytes]) -> Log:
    """Read an exported log, in the order of its lines.

    Raises
    ------
    ValueError
        A line is no entry: says which.
    """
    log = Log([], [], [])
    keys: list[str] = []
    for number, line in enumerate(lines, start=1):
        try:
            row = msgspec.json.decode(line)
            if "checkpoint" in row:
                given = {"note": "", **row["checkpoint"]}
                log.checkpoints.append(AuditCheckpoint(**{name: given[name] for name in _CHECKPOINT}))
            elif "cosignature" in row:
                given = row["cosignature"]
                log.cosignatures.append(AuditCosignature(**{name: given[name] for name in _COSIGNATURE}))
            elif "key" in row:
                keys.append(str(row["key"]))
            else:
                row["time"] = datetime.fromisoformat(row["time"])
                log.entries.append(AuditEntry(**{name: row[name] for name in _ENTRY}))
        except (*UNREADABLE, LookupError, TypeError) as error:
            raise ValueError(f"line {number} is no entry of the log: {error}") from None
    return msgspec.structs.replace(log, keys=tuple(keys))
