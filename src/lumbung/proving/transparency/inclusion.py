"""That an act stands in a log, for who has neither the log nor its keeper."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lumbung.proving.transparency.merkle import leaf_hash, verify_inclusion
from lumbung.proving.transparency.notes import Head, NoteError, open_head
from lumbung.proving.unreadable import UNREADABLE


class Act(msgspec.Struct, frozen=True):
    """One entry of a log, whole.

    Attributes
    ----------
    number : int
        From 1 on.
    time : datetime
    actor, act, subject : str
        Who did what to what.
    details : dict
    previous : str
        Hash of the entry before, hex.
    """

    number: int
    time: datetime
    actor: str
    act: str
    subject: str
    details: dict[str, Any]
    previous: str

    @property
    def hash(self) -> str:
        """What the entry's hash in the chain must be, hex: over its content and the hash before it."""
        time = self.time.astimezone(UTC).isoformat(timespec="microseconds")
        content = [self.number, time, self.actor, self.act, self.subject, self.details, self.previous]
        return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


class Inclusion(msgspec.Struct, frozen=True):
    """An act with the proof that it is in the log.

    Attributes
    ----------
    entry : Act
    proof : tuple of str
        The audit path (RFC 6962), base64.
    note : str
        The signed head it leads to.
    cosignatures : tuple of str
        Lines of the witnesses that countersigned this head.
    """

    entry: Act
    proof: tuple[str, ...]
    note: str
    cosignatures: tuple[str, ...] = ()

    def check(self, keeper: Ed25519PublicKey) -> Head:
        """Return the head under which the act stands.

        Raises
        ------
        NoteError
            The head is not signed by *keeper*, or the act is not under it.
        """
        head = open_head(self.note, keeper)
        try:
            proof = [base64.b64decode(step, validate=True) for step in self.proof]
        except ValueError as error:
            raise NoteError(f"a proof that is no base64: {error}") from None
        leaf = leaf_of(self.entry.hash)
        if not verify_inclusion(self.entry.number - 1, head.size, leaf, proof, head.root):
            raise NoteError("the act is not in the log under this head")
        return head


def leaf_of(chain_hash: str) -> bytes:
    """Return an entry's leaf in the Merkle tree: over its hash in the chain, which covers its content."""
    return leaf_hash(bytes.fromhex(chain_hash))


def read_inclusion(data: bytes) -> Inclusion:
    """Read a proof as a centre gives it.

    Raises
    ------
    NoteError
    """
    try:
        return msgspec.json.decode(data, type=Inclusion)
    except UNREADABLE as error:
        raise NoteError(f"not a proof of inclusion: {error}") from None
