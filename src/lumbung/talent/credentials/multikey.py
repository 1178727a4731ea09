"""How keys and signatures are spelled in the world of verifiable credentials: base58btc multibase and Multikey.

A Multikey is a multicodec prefix and the raw key in base58btc with the letter ``z`` in front (Controlled Identifiers
1.0, section 2.2.2). Only Ed25519 is spoken here: it is the one key type of the eddsa cryptosuites.
"""

from __future__ import annotations

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
# Ten letters (59 bits) are split off the big number at a time, and spelled two by two with small-number divisions.
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
_PAIR = len(ALPHABET) ** 2
_TEN = len(ALPHABET) ** 10

ED25519_PUBLIC = b"\xed\x01"
ED25519_SECRET = b"\x80\x26"


class MultikeyError(ValueError):
    """A text that should spell a key or a signature does not."""


def base58_encode(data: bytes) -> str:
    """Spell bytes in base58btc, each leading zero byte as ``1``."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data, "big")
    pieces = []
    while number:
        number, ten = divmod(number, _TEN)
        ten, e = divmod(ten, _PAIR)
        ten, d = divmod(ten, _PAIR)
        ten, c = divmod(ten, _PAIR)
        a, b = divmod(ten, _PAIR)
        pieces.append(_PAIRS[a] + _PAIRS[b] + _PAIRS[c] + _PAIRS[d] + _PAIRS[e])
    pieces.reverse()
    return "1" * zeros + "".join(pieces).lstrip("1")


def base58_decode(text: str) -> bytes:
    """Read base58btc.

    Raises
    ------
    MultikeyError
        When a letter is outside the alphabet; the message names it and its place.
    """
    number = 0
    for place, letter in enumerate(text):
        value = _VALUE.get(letter)
        if value is None:
            raise MultikeyError(
                f"{letter!r} at place {place} is no base58btc letter (0, O, I and l are never used)"
            )
        number = number * len(ALPHABET) + value
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multibase_decode(text: object) -> bytes:
    """Read a multibase text in base58btc (prefix ``z``), the only base the eddsa cryptosuites use.

    Raises
    ------
    MultikeyError
        When it is no text, has another prefix, or holds a letter outside the alphabet.
    """
    if not isinstance(text, str) or not text.startswith("z"):
        raise MultikeyError(f"expected a base58btc multibase text starting with 'z', found {text!r}")
    return base58_decode(text[1:])


def multibase_encode(data: bytes) -> str:
    """Spell bytes as a base58btc multibase text."""
    return "z" + base58_encode(data)


def _strip(text: object, prefix: bytes, what: str) -> bytes:
    data = multibase_decode(text)
    if not data.startswith(prefix) or len(data) != len(prefix) + 32:
        raise MultikeyError(
            f"{text!r} is no Ed25519 {what} key (expected the prefix {prefix.hex()} and 32 bytes)"
        )
    return data[len(prefix) :]


def public_from_multikey(text: object) -> bytes:
    """Return the 32 raw bytes of an Ed25519 public key spelled ``z6Mk…``."""
    return _strip(text, ED25519_PUBLIC, "public")


def public_to_multikey(raw: bytes) -> str:
    """Spell a raw Ed25519 public key (32 bytes) as ``z6Mk…``."""
    return multibase_encode(ED25519_PUBLIC + raw)


def secret_from_multikey(text: object) -> bytes:
    """Return the 32 raw bytes of an Ed25519 secret key spelled ``z3u2…``."""
    return _strip(text, ED25519_SECRET, "secret")
