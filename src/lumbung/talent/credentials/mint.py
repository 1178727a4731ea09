"""Issue badges: one by one in any suite, or by the million.

Badges of one shape (same test, language, level, and the same fields chosen by the holder) differ in a handful of
texts. Their canonical RFC 8785 spelling therefore differs in the same handful of places, because RFC 8785 orders
members by name and never by value. :class:`Template` canonicalises one badge of a shape with marks in those places;
issuing another one is filling in the texts, hashing and signing. The result is byte for byte what the slow path
(:func:`issue_badge`) gives, which a test insists on.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import rfc8785

from lumbung.talent.credentials import integrity
from lumbung.talent.credentials.badge import (
    Ability,
    BadgeProblem,
    Holder,
    Issuer,
    StandingResult,
    badge_document,
    check_measurement,
    fields_of,
)
from lumbung.talent.credentials.jose import encode_token
from lumbung.talent.credentials.keys import KeyProblem, SigningKey
from lumbung.talent.credentials.multikey import multibase_encode
from lumbung.talent.credentials.status import MINIMUM_PLACES, draw_places

# Marks from a private-use block, which no name or number on a badge contains.
_OPEN, _CLOSE = "\uf8f0", "\uf8f1"

Measured = Ability | StandingResult


def issue_badge(
    measured: Measured,
    *,
    issuer: Issuer,
    key: SigningKey,
    valid_from: str,
    valid_until: str | None = None,
    holder: Holder | None = None,
    language: str = "en",
    status: tuple[str, int] | None = None,
    identifier: str | None = None,
    subject: str | None = None,
    suite: str = integrity.JCS,
) -> dict[str, Any]:
    """Issue one badge with a Data Integrity proof.

    Parameters
    ----------
    measured : Ability or StandingResult
        What was measured.
    issuer, key : Issuer, SigningKey
        Who issues; the key has to sign in the issuer's DID.
    valid_from, valid_until : str
        XML dateTimeStamps; the proof is dated ``valid_from``.
    holder : Holder, optional
        What the holder chose to show; nothing by default.
    status : (str, int), optional
        Address of the status list and the badge's place in it; without it the badge cannot be revoked.
    identifier, subject : str, optional
        Ids of the badge and of its subject; fresh random ``urn:uuid:`` by default (the holder's DID for the subject
        where there is one).
    suite : str
        ``eddsa-jcs-2022``, ``eddsa-rdfc-2022``, or ``both`` for a proof set.

    Raises
    ------
    BadgeProblem
        When the measurement cannot be true or the holder's e-mail comes without a salt.
    KeyProblem
        When the key belongs to another DID.
    """
    document = unsigned_badge(
        measured,
        issuer=issuer,
        valid_from=valid_from,
        valid_until=valid_until,
        holder=holder,
        language=language,
        status=status,
        identifier=identifier,
        subject=subject,
    )
    _same_name(issuer, key)
    return integrity.add_proofs(document, key, valid_from, suite)


def issue_token(measured: Measured, *, issuer: Issuer, key: SigningKey, **more: Any) -> str:
    """Issue one badge as a VC-JWT; the arguments are those of :func:`issue_badge` without ``suite``."""
    _same_name(issuer, key)
    return encode_token(unsigned_badge(measured, issuer=issuer, **more), key)


def unsigned_badge(
    measured: Measured,
    *,
    issuer: Issuer,
    valid_from: str,
    valid_until: str | None = None,
    holder: Holder | None = None,
    language: str = "en",
    status: tuple[str, int] | None = None,
    identifier: str | None = None,
    subject: str | None = None,
) -> dict[str, Any]:
    """Lay out a badge without signing it; the arguments are those of :func:`issue_badge`."""
    check_measurement(measured)
    shown = holder or Holder()
    return badge_document(
        measured,
        fields_of(measured, language),
        issuer=issuer,
        subject=subject or shown.did or fresh_identifier(),
        holder=shown,
        language=language,
        identifier=identifier or fresh_identifier(),
        valid_from=valid_from,
        valid_until=valid_until,
        status=(status[0], str(status[1])) if status else None,
    )


def fresh_identifier() -> str:
    """A random ``urn:uuid:`` that says nothing about the badge or its holder."""
    # Version 4 of RFC 9562, spelled by hand: a quarter of the time of uuid.uuid4().urn, twice for every badge.
    text = os.urandom(16).hex()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"urn:uuid:{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def _same_name(issuer: Issuer, key: SigningKey) -> None:
    if key.did != issuer.did:
        raise KeyProblem(f"the key signs for {key.did}, the issuer is {issuer.did}; give the key that DID")


class Template:
    """The canonical text of a badge with holes in it.

    Parameters
    ----------
    document : mapping
        An unsigned badge whose varying texts are ``mark(name)``.
    key : SigningKey
    created : str
        The proof's date.
    """

    def __init__(self, document: Mapping[str, Any], key: SigningKey, created: str) -> None:
        options = integrity.configuration(key, created, context=document["@context"])
        proof = {**options, "proofValue": mark("proofValue")}
        secured = rfc8785.dumps({**document, "proof": proof}).decode()
        inside = rfc8785.dumps(proof).decode()
        left, right = secured.split(f'"proof":{inside},')
        self._left, self._right = _holes(left), _holes(right)
        start, end = inside.split(mark("proofValue"))
        self._proof_start, self._proof_end = f'"proof":{start}'.encode(), f"{end},".encode()
        self._proof_hash = hashlib.sha256(rfc8785.dumps(options)).digest()
        self._sign = key.private.sign

    def issue(self, fields: Mapping[str, str]) -> bytes:
        """Fill the holes and sign; returns the badge as canonical JSON."""
        left = _filled(self._left, fields)
        right = _filled(self._right, fields)
        signature = self._sign(self._proof_hash + hashlib.sha256(left + right).digest())
        value = multibase_encode(signature).encode()
        return b"".join((left, self._proof_start, value, self._proof_end, right))


def mark(name: str) -> str:
    """The text that stands for a varying field while a template is made."""
    return f"{_OPEN}{name}{_CLOSE}"


def _holes(text: str) -> list[str]:
    # Even places are fixed text, odd places the names of fields.
    first, *others = text.split(_OPEN)
    return [first, *(part for other in others for part in other.split(_CLOSE))]


def _filled(holes: list[str], fields: Mapping[str, str]) -> bytes:
    pieces = list(holes)
    for place in range(1, len(pieces), 2):
        pieces[place] = fields[pieces[place]]
    return "".join(pieces).encode()


@dataclass(frozen=True)
class Award:
    """One badge to issue: the measurement and what its holder chose to show."""

    measured: Ability
    holder: Holder = field(default_factory=Holder)
    language: str = "id"


class Issued(NamedTuple):
    """A badge as it leaves the mint: its place in the status list, its id, and itself as one line of canonical JSON."""

    place: int
    identifier: str
    badge: bytes


@dataclass(frozen=True)
class Batch:
    """What all badges of one round of issuing share.

    Attributes
    ----------
    issuer, key : Issuer, SigningKey
    valid_from, valid_until : str
        XML dateTimeStamps.
    suite : str
        ``eddsa-jcs-2022`` fills templates, tens of thousands a second; any other, and ``both``, canonicalises statements, some
        fifty a second.
    """

    issuer: Issuer
    key: SigningKey
    valid_from: str
    valid_until: str | None = None
    suite: str = integrity.JCS

    def issue(
        self,
        awards: Iterable[Award],
        list_address: str,
        places: Iterator[int] | None = None,
        fresh: Callable[[], str] = fresh_identifier,
    ) -> Iterator[Issued]:
        """Issue badges that share one status list.

        Parameters
        ----------
        awards : iterable of Award
            At most 131,072 of them: the places of a list.
        list_address : str
            Where the status list will be published.
        places : iterator of int, optional
            Places to give out; by default all of a new list in random order.
        fresh : callable
            Gives a new identifier at each call; replaceable in tests.

        Yields
        ------
        Issued
            One for each award, in their order.

        Raises
        ------
        BadgeProblem
            When a measurement cannot be true, a name holds a private-use mark, or the list is full.
        """
        _same_name(self.issuer, self.key)
        free = places if places is not None else draw_places(random.SystemRandom(), places=MINIMUM_PLACES)
        templates: dict[tuple[Any, ...], Template] = {}
        for award in awards:
            check_measurement(award.measured)
            place = next(free, None)
            if place is None:
                raise BadgeProblem(
                    f"{list_address}: every place of this status list is taken; start another list"
                )
            if self.suite != integrity.JCS:
                yield self._one(award, list_address, place, fresh())
                continue
            shape = _shape(award)
            if shape not in templates:
                templates[shape] = self._template(award, list_address)
            texts = _texts(award, str(place), fresh)
            yield Issued(place, texts["identifier"], templates[shape].issue(texts))

    def _one(self, award: Award, list_address: str, place: int, identifier: str) -> Issued:
        badge = issue_badge(
            award.measured, issuer=self.issuer, key=self.key, valid_from=self.valid_from, valid_until=self.valid_until,
            holder=award.holder, language=award.language, status=(list_address, place), identifier=identifier,
            suite=self.suite,
        )  # fmt: skip
        return Issued(place, identifier, rfc8785.dumps(badge))

    def _template(self, award: Award, list_address: str) -> Template:
        measured, holder = award.measured, award.holder
        names = fields_of(measured, award.language)
        document = badge_document(
            measured,
            {name: mark(name) for name in names},
            issuer=self.issuer,
            subject=mark("subject"),
            holder=Holder(name=mark("name") if holder.name else None),
            language=award.language,
            identifier=mark("identifier"),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            status=(list_address, mark("place")),
        )
        return Template(document, self.key, self.valid_from)


def _shape(award: Award) -> tuple[Any, ...]:
    measured = award.measured
    return (
        award.language,
        measured.language,
        measured.test,
        measured.proctored,
        measured.site,
        measured.level,
        bool(award.holder.name),
    )


def _texts(award: Award, place: str, fresh: Callable[[], str]) -> dict[str, str]:
    texts = fields_of(award.measured, award.language)
    texts["place"] = place
    texts["identifier"] = fresh()
    texts["subject"] = _escaped(award.holder.did) if award.holder.did else fresh()
    if award.holder.name:
        texts["name"] = _escaped(award.holder.name)
    if award.holder.email:
        raise BadgeProblem(
            "email: a batch takes names and DIDs; issue badges with a hashed e-mail one by one"
        )
    return texts


def _escaped(text: str) -> str:
    # RFC 8785 escapes exactly what json.dumps escapes when it leaves non-ASCII alone.
    return json.dumps(text, ensure_ascii=False)[1:-1]
