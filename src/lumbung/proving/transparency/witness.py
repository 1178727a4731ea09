"""A witness: remembers the last head of a log it saw, and countersigns only what continues it."""

from __future__ import annotations

import base64
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lumbung.proving.keys import is_endorsed, read_public_pem
from lumbung.proving.transparency.merkle import verify_consistency
from lumbung.proving.transparency.notes import NoteError, cosign, open_head, read_head


class Handover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key of a keeper's vouches for the next.

    Attributes
    ----------
    before, after : str
        Public keys, PEM.
    endorsement : str
        The signature of the first under the second (see `lumbung.proving.key_history`).
    """

    before: str
    after: str
    endorsement: str


class HeadOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A keeper offers its newest head to a witness.

    Attributes
    ----------
    note : str
        The signed checkpoint.
    key : str
        The keeper's public key, PEM; a witness pins the first it is shown.
    proof : tuple of str
        That it continues the head the witness said it saw last: hashes, base64.
    handovers : tuple of Handover
        How the keeper's keys followed each other, for a witness that pinned an earlier one.
    """

    note: str
    key: str
    proof: tuple[str, ...] = ()
    handovers: tuple[Handover, ...] = ()


class Countersigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A witness's line under a head it was offered."""

    note: str
    line: str


class Fork(Exception):
    """A log that does not continue what was seen: cut, changed, or kept twice. Both heads prove it.

    Attributes
    ----------
    seen, offered : str
        Signed notes.
    """

    def __init__(self, why: str, seen: str, offered: str) -> None:
        self.seen, self.offered = seen, offered
        super().__init__(why)


class Witness(msgspec.Struct, frozen=True):
    """What a witness remembers: plain data, kept between the times it looks.

    Attributes
    ----------
    seen : str
        The last head it countersigned, as a signed note; empty before the first.
    key : str
        The keeper's public key (PEM) that signed the first.
    """

    seen: str = ""
    key: str = ""

    @property
    def size(self) -> int:
        """How many entries the log had when it was seen last."""
        return read_head(self.seen).size if self.seen else 0

    def attend(self, offer: HeadOffer) -> Witness:
        """Return the witness with the offered head remembered.

        Raises
        ------
        NoteError
            The offer is malformed or not signed by the key it names.
        Fork
            It does not continue what was seen, or another key signs.
        """
        if self.key and offer.key != self.key and not _follows(offer, self.key):
            raise Fork("the log's heads are signed with another key than before", self.seen, offer.note)
        head = open_head(offer.note, _key(offer.key))
        if not self.seen:
            return Witness(offer.note, offer.key)
        before = read_head(self.seen)
        if head.origin != before.origin:
            raise Fork(
                f"the log is called {head.origin!r} now, it was {before.origin!r}", self.seen, offer.note
            )
        if head.size < before.size:
            raise Fork(
                f"the log has {head.size} entries, and had {before.size} when it was seen last: it was cut",
                self.seen, offer.note,
            )  # fmt: skip
        try:
            proof = [base64.b64decode(step, validate=True) for step in offer.proof]
        except ValueError as error:
            raise NoteError(f"a proof that is no base64: {error}") from None
        if not verify_consistency(before.size, head.size, before.root, head.root, proof):
            raise Fork(
                f"the first {before.size} entries are not those that were seen: the log was changed or kept twice",
                self.seen, offer.note,
            )  # fmt: skip
        return Witness(offer.note, offer.key)

    def countersign(self, name: str, key: Ed25519PrivateKey, now: datetime) -> str:
        """Return this witness's line under the head it remembers."""
        return cosign(self.seen, name, key, now)


def _follows(offer: HeadOffer, pinned: str) -> bool:
    """Whether the pinned key vouches, through however many others, for the one that signed."""
    steps, known = list(offer.handovers), {pinned}
    while steps:
        sure = [step for step in steps if step.before in known and _vouches(step)]
        if not sure:
            return False
        known |= {step.after for step in sure}
        if offer.key in known:
            return True
        steps = [step for step in steps if step not in sure]
    return False


def _vouches(step: Handover) -> bool:
    return is_endorsed(step.endorsement, _key(step.before), _key(step.after))


def _key(pem: str) -> Ed25519PublicKey:
    try:
        return read_public_pem(pem)
    except ValueError as error:
        raise NoteError(f"the keeper's key: {error}") from None
