"""The lives of keys: from when to when a signature counts, as acts in the centre's log tell it.

A key is replaced (it endorses the next with its last signature), runs out, leaves with its node, or is revoked from a
date. Two clocks say when something was signed. The signer's own is believed of a key that nobody else had. Of a revoked
key it is not: who holds a stolen key writes any date. Then only the log counts, where the evidence's digest was entered
at a time that the signer did not choose.

A centre gives these acts out as one signed list, each with the proof that it stands in the log, so that evidence is
verified without asking anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lumbung.proving.envelope import EnvelopeError, open_envelope, payload_of, seal, signers_of
from lumbung.proving.keys import is_endorsed, key_id, read_public_pem
from lumbung.proving.transparency.inclusion import Act, Inclusion
from lumbung.proving.transparency.notes import NoteError
from lumbung.proving.unreadable import UNREADABLE

KIND = "application/vnd.lumbung.keys+json"
CENTRE = "the centre"  # no node can be called so: its name has no spaces
CLOCKS_APART = timedelta(minutes=10)
"""How far a node's clock may be from the centre's."""

BEGINS = ("node.joined", "node.key_renewed", "centre.key_began")
ROTATES = ("node.key_rotated", "centre.key_rotated")
REVOKES = ("node.key_revoked", "centre.key_revoked")
RETIRES = ("node.retired",)
KEY_ACTS = (*BEGINS, *ROTATES, *REVOKES, *RETIRES)
"""The acts in the log that begin, change or end the life of a key."""


class KeyListError(ValueError):
    """A list of keys that is malformed, altered, not the trusted centre's, or tells what its log does not."""


class KeyTerm(msgspec.Struct, frozen=True):
    """The life of one key.

    Attributes
    ----------
    holder : str
        A node's name, or `CENTRE`.
    key : str
        Public, PEM.
    since : datetime
        Nothing signed earlier counts.
    until : datetime, optional
        When it was replaced, runs out, or its node left: what it signs later does not count.
    revoked_from : datetime, optional
        From when it is not trusted: only what the log held before stands.
    endorsed_by, endorsement : str
        The id of the key before it, and that key's signature; empty where none vouched for it.
    """

    holder: str
    key: str
    since: datetime
    until: datetime | None = None
    revoked_from: datetime | None = None
    endorsed_by: str = ""
    endorsement: str = ""

    def objection(self, signed: datetime, logged: datetime | None = None) -> str:
        """Return why a signature does not count, or nothing.

        Parameters
        ----------
        signed : datetime
            When, by the signer's own clock.
        logged : datetime, optional
            When the log took it in, where that is proven.

        Returns
        -------
        str
            ``revoked``: entered in the log from the day on which the key is trusted no more, or dated so by itself.
            ``undated``: the key is revoked, and nothing proves that the signature is older.
            ``too_early``, ``too_late``: outside the key's life.
        """
        if self.revoked_from is not None:
            if logged is None:
                return "revoked" if signed >= self.revoked_from else "undated"
            if logged >= self.revoked_from:
                return "revoked"
        if signed < self.since - CLOCKS_APART:
            return "too_early"
        if self.until is not None and signed > self.until + CLOCKS_APART:
            return "too_late"
        return ""


def terms_of(acts: Sequence[Act], keys: Mapping[str, str]) -> tuple[KeyTerm, ...]:
    """Tell the lives of keys from the acts of a log, in the order in which the keys began.

    Parameters
    ----------
    acts : sequence of Act
        Those of `KEY_ACTS`, in any order.
    keys : mapping of str to str
        PEM by key id.

    Raises
    ------
    KeyListError
        An act names a key that is not given, or one that never began.
    """
    terms: dict[str, KeyTerm] = {}
    current: dict[str, str] = {}

    def end(holder: str, when: datetime) -> None:
        name = current.pop(holder, "")
        if name:
            before = terms[name].until
            terms[name] = msgspec.structs.replace(terms[name], until=min(before or when, when))

    for act in sorted(acts, key=lambda act: act.number):
        holder = CENTRE if act.act.startswith("centre.") else act.subject
        told = act.details
        try:
            if act.act in RETIRES:
                end(holder, act.time)
            elif act.act in REVOKES:
                revoked = datetime.fromisoformat(told["from"])
                terms[told["key"]] = msgspec.structs.replace(terms[told["key"]], revoked_from=revoked)
            else:
                end(holder, act.time)
                current[holder] = told["key"]
                terms[told["key"]] = KeyTerm(
                    holder, keys[told["key"]], _moment(told, "since") or act.time, _moment(told, "until"), None,
                    told.get("before", ""), told.get("endorsement", ""),
                )  # fmt: skip
        except (LookupError, TypeError, ValueError) as error:
            raise KeyListError(
                f"entry {act.number} ({act.act}) tells of a key that is not known: {error}"
            ) from None
    return tuple(terms.values())


def _moment(told: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(told[name]) if told.get(name) else None


class KeyList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a league, as its centre gives them out.

    Attributes
    ----------
    made : datetime
        What happened later is not in it.
    keys : tuple of str
        All public keys, PEM.
    acts : tuple of Inclusion
        The acts that began, changed and ended their lives, each with the proof that it stands in the log.
    """

    made: datetime
    keys: tuple[str, ...]
    acts: tuple[Inclusion, ...]

    @property
    def terms(self) -> tuple[KeyTerm, ...]:
        """The lives of the keys, as the acts tell them."""
        try:
            pems = {key_id(read_public_pem(pem)): pem for pem in self.keys}
        except ValueError as error:
            raise KeyListError(f"a key that cannot be read: {error}") from None
        return terms_of([shown.entry for shown in self.acts], pems)

    def term(self, name: str) -> KeyTerm | None:
        """Return the life of the key with this id."""
        return next((term for term in self.terms if key_id(read_public_pem(term.key)) == name), None)

    def of_centre(self) -> list[Ed25519PublicKey]:
        """Return the centre's keys that are not revoked."""
        return [
            read_public_pem(term.key)
            for term in self.terms
            if term.holder == CENTRE and term.revoked_from is None
        ]


def sign_key_list(given: KeyList, key: Ed25519PrivateKey) -> bytes:
    """Return the list in a signed envelope (DSSE), JSON."""
    return seal(msgspec.json.encode(given), KIND, key)


def open_key_list(envelope: bytes, trusted: Sequence[Ed25519PublicKey]) -> KeyList:
    """Read a centre's list of keys and check all of it.

    Parameters
    ----------
    envelope : bytes
    trusted : sequence of Ed25519PublicKey
        Keys of the centre that the reader trusts. The list may be signed by a later one for which these vouch.

    Raises
    ------
    KeyListError
        It is malformed, is not signed by a trusted key or one that follows it, or an act in it does not stand in the
        log.
    """
    try:
        given: KeyList = msgspec.json.decode(payload_of(envelope, KIND), type=KeyList)
        terms = given.terms
        named = set(signers_of(envelope, KIND))
        signers = [read_public_pem(term.key) for term in terms if term.holder == CENTRE]
        _payload, signer = open_envelope(envelope, KIND, [key for key in signers if key_id(key) in named])
    except (EnvelopeError, *UNREADABLE) as error:
        raise KeyListError(f"not a list of keys that its centre signed: {error}") from None
    own = {key_id(read_public_pem(term.key)): term for term in terms if term.holder == CENTRE}
    if not _vouched(own, signer, {key_id(key) for key in trusted}):
        raise KeyListError(
            f"signed by {signer[:16]}…, for which no trusted key vouches: get the centre's key and name it with --key"
        )
    for shown in given.acts:
        if not _stands(
            shown, [read_public_pem(term.key) for term in own.values() if term.revoked_from is None]
        ):
            raise KeyListError(
                f"entry {shown.entry.number} ({shown.entry.act}) is not proven to stand in the log"
            )
    return given


def _vouched(own: Mapping[str, KeyTerm], signer: str, trusted: set[str]) -> bool:
    """Follow the endorsements back from the signer to a trusted key; a revoked key vouches for nobody."""
    name, left = signer, len(own)
    while left:
        if own[name].revoked_from is not None:
            return False
        if name in trusted:
            return True
        before, left = own.get(own[name].endorsed_by), left - 1
        if before is None or not is_endorsed(
            own[name].endorsement, read_public_pem(before.key), read_public_pem(own[name].key)
        ):
            return False
        name = own[name].endorsed_by
    return False


def _stands(shown: Inclusion, keepers: Sequence[Ed25519PublicKey]) -> bool:
    for keeper in keepers:
        try:
            shown.check(keeper)
        except NoteError:
            continue
        return True
    return False
