"""Heads of the audit log: signed, offered to the nodes as witnesses, and proven to whoever asks.

The centre signs a head of the tree when somebody asks for one and the last is older than a second, and every ten
minutes in any case. A node that asks for work says how many entries it saw last; it gets the newest head with the
proof that it continues them, checks that, and countersigns. So the end of the log can be cut unseen only as far back
as the last time any node asked.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import IntegrityError, transaction

from lumbung.centre.members.audit import as_act, signed_head
from lumbung.centre.members.models import AuditCheckpoint, AuditCosignature, AuditEntry, AuditTile, CentreKey
from lumbung.proving.keys import key_id, public_pem, read_public_pem
from lumbung.proving.transparency import (
    TILE,
    Handover,
    Head,
    HeadOffer,
    Inclusion,
    NoteError,
    Tree,
    leaf_of,
    read_head,
    root_of,
    sign_head,
    verify_cosignature,
)

FRESH = timedelta(seconds=1)


def log_name(key: Ed25519PrivateKey) -> str:
    """Return the log's name in its heads: it follows from the centre's first key, since addresses and keys change."""
    first = AuditCheckpoint.objects.exclude(note="").order_by("number").values_list("note", flat=True).first()
    return read_head(first).origin if first else f"lumbung-audit-{key_id(key.public_key())[:16]}"


def checkpoint(key: Ed25519PrivateKey, now: datetime) -> AuditCheckpoint | None:
    """Sign the log's head, unless it is signed already."""
    with transaction.atomic():
        last = AuditEntry.objects.order_by("-number").first()
        if last is None or AuditCheckpoint.objects.filter(number=last.number).exists():
            return None
        head = Head(log_name(key), last.number, _tree(last.number).head())
        try:
            with transaction.atomic():
                return AuditCheckpoint.objects.create(
                    number=last.number,
                    hash=last.hash,
                    key=key_id(key.public_key()),
                    signature=base64.b64encode(key.sign(signed_head(last.number, last.hash))).decode(),
                    time=now,
                    note=sign_head(head, key),
                )
        except IntegrityError:
            return None  # another process signed the same head in this moment


def newest(key: Ed25519PrivateKey, now: datetime) -> AuditCheckpoint | None:
    """Return the newest signed head, signing one where there are later entries and the last is not fresh."""
    found = AuditCheckpoint.objects.exclude(note="").order_by("-number").first()
    if (
        found is not None and timedelta(0) <= now - found.time < FRESH
    ):  # a head of the future is none that is fresh
        return found
    return checkpoint(key, now) or found


def offer(seen: int, key: Ed25519PrivateKey, now: datetime) -> HeadOffer | None:
    """Return the newest head for a witness that saw *seen* entries, or None where the log is empty.

    A witness that saw more than there are gets the head without a proof: it will say what that means.
    """
    point = newest(key, now)
    if point is None:
        return None
    proof = _tree(point.number).consistency(seen) if seen <= point.number else []
    signer = public_pem(key.public_key()).decode()
    if point.key != key_id(key.public_key()):
        signer = CentreKey.objects.get(
            key_id=point.key
        ).public_key  # the log did not grow since the key was replaced
    return HeadOffer(point.note, signer, _encoded(proof), handovers())


def handovers() -> tuple[Handover, ...]:
    """Return how the centre's keys followed each other, for who pinned an earlier one; none from a revoked key."""
    keys = {key.key_id: key for key in CentreKey.objects.all()}
    return tuple(
        Handover(keys[key.before].public_key, key.public_key, key.endorsement)
        for key in keys.values()
        if key.endorsement and keys[key.before].revoked_from is None
    )


def keep_cosignature(name: str, public_keys: Sequence[str], note: str, line: str) -> None:
    """Keep a witness's line under one of this log's own heads; it is signed with one of the witness's keys.

    Raises
    ------
    NoteError
        It fits no head of this log, or is not the witness's.
    """
    point = AuditCheckpoint.objects.filter(number=read_head(note).size).first()
    if point is None or point.note != note:
        raise NoteError("this head is none of this log's")
    when, public_key = _countersigned(name, public_keys, note, line)
    AuditCosignature.objects.get_or_create(
        checkpoint=point, witness=name, defaults={"key": public_key, "line": line, "time": when}
    )


def _countersigned(name: str, public_keys: Sequence[str], note: str, line: str) -> tuple[datetime, str]:
    problem = NoteError(f"{name} has no key that is trusted")
    for pem in public_keys:
        try:
            return verify_cosignature(note, line, name, read_public_pem(pem)), pem
        except NoteError as error:
            problem = error
    raise problem


def inclusion(entry: AuditEntry, key: Ed25519PrivateKey, now: datetime) -> Inclusion:
    """Prove that an entry is in the log, under the newest head that covers it."""
    revoked = CentreKey.objects.exclude(revoked_from=None).values("key_id")
    signed = AuditCheckpoint.objects.exclude(note="").exclude(key__in=revoked)
    covering = signed.filter(number__gte=entry.number)
    # Rather a head that others countersigned than the newest.
    point = covering.filter(cosignatures__isnull=False).order_by("-number").first()
    point = point or covering.order_by("-number").first() or checkpoint(key, now)
    if point is None:
        raise NoteError("no head covers this entry yet")
    lines = point.cosignatures.order_by("witness").values_list("line", flat=True)
    return Inclusion(
        as_act(entry), _encoded(_tree(point.number).inclusion(entry.number - 1)), point.note, tuple(lines)
    )


def _encoded(proof: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(base64.b64encode(step).decode() for step in proof)


def _tree(size: int) -> Tree:
    return Tree(size, _leaves, _tiles(size))


def _leaves(start: int, stop: int) -> list[bytes]:
    rows = AuditEntry.objects.filter(number__gt=start, number__lte=stop).order_by("number")
    found = [leaf_of(chain_hash) for chain_hash in rows.values_list("hash", flat=True)]
    if len(found) != stop - start:
        raise NoteError(f"entries are missing between {start + 1} and {stop}: run 'lumbung audit verify'")
    return found


def _tiles(size: int) -> list[bytes]:
    """Return the heads of the complete tiles of a log of *size* entries, making the missing ones."""
    kept = [
        bytes.fromhex(head) for head in AuditTile.objects.order_by("number").values_list("head", flat=True)
    ]
    for number in range(len(kept), size // TILE):
        head = root_of(_leaves(number * TILE, (number + 1) * TILE))
        AuditTile.objects.get_or_create(number=number, defaults={"head": head.hex()})
        kept.append(head)
    return kept[: size // TILE]
