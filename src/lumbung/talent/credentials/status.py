"""Revocation by Bitstring Status List v1.0 (W3C, 2025): one bit per badge in a long signed string.

A reader who looks a badge up fetches the whole list and so does not tell the issuer *which* badge is being looked
at. For the same reason the place of a badge in the list is drawn at random and never reused, and a list has at least
131,072 places (section 2.2: group privacy).
"""

from __future__ import annotations

import base64
import binascii
import gzip
import random
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lumbung.talent.credentials.contexts import VCDM2

MINIMUM_PLACES = 131_072
# A list of 2^27 places unpacks to 16 MiB; more is taken for an attack on the reader's memory.
MAXIMUM_BYTES = 1 << 24


class StatusProblem(ValueError):
    """A status list that cannot be read, or a place outside it."""


@dataclass
class StatusList:
    """A bit string; bit 1 at a place means the status holds (for example *revoked*).

    Attributes
    ----------
    bits : bytearray
        Place 0 is the highest bit of byte 0 (section 3.2: left-most).
    """

    bits: bytearray = field(default_factory=lambda: bytearray(MINIMUM_PLACES // 8))

    def __len__(self) -> int:
        return len(self.bits) * 8

    def __getitem__(self, place: int) -> bool:
        self._check(place)
        return bool(self.bits[place >> 3] >> (7 - (place & 7)) & 1)

    def set(self, place: int, holds: bool = True) -> None:
        """Put down whether the status holds at a place.

        Raises
        ------
        StatusProblem
            When the list has no such place.
        """
        self._check(place)
        mask = 1 << (7 - (place & 7))
        self.bits[place >> 3] = (self.bits[place >> 3] | mask) if holds else (self.bits[place >> 3] & ~mask)

    def _check(self, place: int) -> None:
        if not 0 <= place < len(self):
            raise StatusProblem(f"the status list has places 0 to {len(self) - 1}, asked for was {place}")

    def encode(self) -> str:
        """Spell as ``encodedList``: GZIP, then base64url without padding, with the multibase prefix ``u``."""
        packed = gzip.compress(bytes(self.bits), mtime=0)
        return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: object) -> StatusList:
        """Read an ``encodedList``.

        Raises
        ------
        StatusProblem
            When it is no such text, unpacks to more than 16 MiB, or is shorter than the 131,072 places the
            recommendation asks for.
        """
        if not isinstance(text, str) or not text.startswith("u"):
            raise StatusProblem("encodedList should be a base64url multibase text starting with 'u'")
        try:
            packed = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
            unpacker = zlib.decompressobj(wbits=31)
            bits = unpacker.decompress(packed, MAXIMUM_BYTES)
        except (binascii.Error, zlib.error) as fault:
            raise StatusProblem(f"encodedList cannot be unpacked: {fault}") from fault
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise StatusProblem(f"encodedList is cut short or unpacks to more than {MAXIMUM_BYTES} bytes")
        if len(bits) * 8 < MINIMUM_PLACES:
            raise StatusProblem(f"the status list has {len(bits) * 8} places, fewer than {MINIMUM_PLACES}")
        return cls(bytearray(bits))


def status_entry(list_address: str, place: int, purpose: str = "revocation") -> dict[str, Any]:
    """Write the ``credentialStatus`` of a badge (section 2.1)."""
    return {
        "id": f"{list_address}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(place),
        "statusListCredential": list_address,
    }


def status_credential(
    status: StatusList,
    address: str,
    issuer: str | Mapping[str, Any],
    valid_from: str,
    valid_until: str | None = None,
    purpose: str = "revocation",
) -> dict[str, Any]:
    """Write the credential that publishes a list, unsigned (section 2.2).

    Parameters
    ----------
    address : str
        Where the list is published; its id.
    valid_from, valid_until : str
        XML dateTimeStamps; after the second a reader should ask for a newer list.
    """
    credential: dict[str, Any] = {
        "@context": [VCDM2],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": dict(issuer) if isinstance(issuer, Mapping) else issuer,
        "validFrom": valid_from,
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": status.encode(),
        },
    }
    if valid_until is not None:
        credential["validUntil"] = valid_until
    return credential


def entries_of(credential: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The status entries of a badge that this module can look up."""
    found = credential.get("credentialStatus", [])
    items = found if isinstance(found, list) else [found]
    return [
        item for item in items if isinstance(item, Mapping) and item.get("type") == "BitstringStatusListEntry"
    ]


def look_up(entry: Mapping[str, Any], list_credential: Mapping[str, Any]) -> bool:
    """Whether the status of an entry holds according to a (verified) list credential (section 3.2).

    Raises
    ------
    StatusProblem
        When the list has another purpose or address, or no such place.
    """
    subject = list_credential.get("credentialSubject")
    if not isinstance(subject, Mapping) or subject.get("type") != "BitstringStatusList":
        raise StatusProblem("the status list credential holds no BitstringStatusList")
    if list_credential.get("id") != entry.get("statusListCredential"):
        raise StatusProblem(
            f"the badge points to {entry.get('statusListCredential')}, given was another list"
        )
    purposes = subject.get("statusPurpose")
    if entry.get("statusPurpose") not in (purposes if isinstance(purposes, list) else [purposes]):
        raise StatusProblem(
            f"the list is about {purposes}, the badge asks about {entry.get('statusPurpose')}"
        )
    place = entry.get("statusListIndex")
    if (
        not isinstance(place, str | int)
        or isinstance(place, bool)
        or not str(place).isascii()
        or not str(place).isdigit()
    ):
        raise StatusProblem(f"statusListIndex should be a whole number, found {place!r}")
    return StatusList.decode(subject.get("encodedList"))[int(place)]


def draw_places(rng: random.Random, taken: Iterable[int] = (), places: int = MINIMUM_PLACES) -> Iterator[int]:
    """Give the free places of a list in random order.

    Parameters
    ----------
    rng : random.Random
        ``random.SystemRandom()`` when issuing for real: a guessable order would reveal who was issued when.
    taken : iterable of int
        Places already used.
    """
    used = set(taken)
    free = [place for place in range(places) if place not in used]
    rng.shuffle(free)
    yield from free
