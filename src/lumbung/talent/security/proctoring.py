"""Supervised sessions: a code that a test site's proctor reads out, good for one site and a short time.

The code is the first 40 bits of an HMAC (RFC 2104) over site and time slot, in letters and digits that cannot
be confused. Whoever holds the centre's secret can check it without a list of codes.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs, without 0 O 1 I
_SIGNS = 8
SLOT = timedelta(minutes=30)
_LEAST_SECRET = 16


class ProctoringError(ValueError):
    """A secret or a time that cannot make a code."""


def _slot(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ProctoringError("times need a time zone")
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // SLOT)


def _code(secret: bytes, site: str, slot: int) -> str:
    if len(secret) < _LEAST_SECRET:
        raise ProctoringError(f"the secret has {len(secret)} bytes; at least {_LEAST_SECRET} are needed")
    digest = hmac.new(secret, f"proctored\0{site}\0{slot}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:5], "big")
    return "".join(_ALPHABET[(number >> (5 * k)) & 31] for k in range(_SIGNS))


def proctor_code(secret: bytes, site: str, moment: datetime) -> str:
    """The code of a site for the half hour that holds ``moment``.

    Raises
    ------
    ProctoringError
        If the secret is shorter than 16 bytes or the time has no zone.
    """
    return _code(secret, site, _slot(moment))


def is_proctored(secret: bytes, site: str, moment: datetime, code: str) -> bool:
    """Whether a code belongs to the site now; the half hour before still counts, so that nobody is locked
    out at its end.
    """
    # As bytes: compare_digest refuses texts beyond ASCII, and people type what they like.
    entered = code.strip().upper().replace("-", "").replace(" ", "").encode()
    slot = _slot(moment)
    return any(hmac.compare_digest(entered, _code(secret, site, slot - back).encode()) for back in (0, 1))
