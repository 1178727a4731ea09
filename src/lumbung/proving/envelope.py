"""A signed envelope: DSSE (https://github.com/secure-systems-lab/dsse, protocol v1) with Ed25519, as in-toto and others use.

What is signed is the payload with its type and length, so that nothing signed as one kind of record reads as another.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lumbung.proving.keys import key_id
from lumbung.proving.unreadable import UNREADABLE


class EnvelopeError(ValueError):
    """An envelope that is malformed, altered, or signed by a key nobody vouched for. `code` says which."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class Signature(msgspec.Struct, frozen=True):
    """A signature of an envelope, base64, and the id of its key."""

    keyid: str
    sig: str


class Envelope(msgspec.Struct, frozen=True):
    """What is sent: the payload, base64, its type, and who signed."""

    payload: str
    payloadType: str
    signatures: tuple[Signature, ...]


def seal(payload: bytes, kind: str, key: Ed25519PrivateKey) -> bytes:
    """Return a payload of a media type in a signed envelope, JSON."""
    signature = key.sign(_pre_authentication(payload, kind))
    signed = Signature(key_id(key.public_key()), base64.b64encode(signature).decode())
    return msgspec.json.encode(Envelope(base64.b64encode(payload).decode(), kind, (signed,)))


def _pre_authentication(payload: bytes, kind: str) -> bytes:
    """DSSE's PAE: what is signed, so that type and length are signed too."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def open_envelope(envelope: bytes, kind: str, keys: Sequence[Ed25519PublicKey]) -> tuple[bytes, str]:
    """Verify an envelope; return its payload and the id of the key, one of *keys*, that signed.

    Raises
    ------
    EnvelopeError
        ``malformed``, ``unknown_key`` or ``bad_signature``; nothing unverified is returned.
    """
    outer, payload = _read(envelope, kind)
    try:
        signatures = [(entry.keyid, base64.b64decode(entry.sig, validate=True)) for entry in outer.signatures]
    except ValueError as error:
        raise EnvelopeError("malformed", f"not a DSSE envelope: {error}") from None
    return payload, _signer(_pre_authentication(payload, kind), signatures, keys)


def _read(envelope: bytes, kind: str) -> tuple[Envelope, bytes]:
    try:
        outer = msgspec.json.decode(envelope, type=Envelope)
        payload = base64.b64decode(outer.payload, validate=True)
    except UNREADABLE as error:
        raise EnvelopeError("malformed", f"not a DSSE envelope: {error}") from None
    if outer.payloadType != kind:
        raise EnvelopeError("malformed", f"payload type {outer.payloadType!r}, expected {kind!r}")
    return outer, payload


def payload_of(envelope: bytes, kind: str) -> bytes:
    """Return the payload without asking who signed it.

    Raises
    ------
    EnvelopeError
        ``malformed``.
    """
    return _read(envelope, kind)[1]


def signers_of(envelope: bytes, kind: str) -> tuple[str, ...]:
    """Return the ids of the keys an envelope says it is signed with, unverified.

    Raises
    ------
    EnvelopeError
        ``malformed``.
    """
    return tuple(entry.keyid for entry in _read(envelope, kind)[0].signatures)


def _signer(signed: bytes, signatures: Sequence[tuple[str, bytes]], keys: Sequence[Ed25519PublicKey]) -> str:
    trusted = {key_id(key): key for key in keys}
    known = [(name, signature) for name, signature in signatures if name in trusted]
    if not known:
        named = ", ".join(name[:16] for name, _ in signatures) or "nobody"
        raise EnvelopeError(
            "unknown_key", f"signed by {named}, which is not among the {len(keys)} trusted keys"
        )
    for name, signature in known:
        try:
            trusted[name].verify(signature, signed)
        except InvalidSignature:
            continue
        return name
    raise EnvelopeError(
        "bad_signature", "the signature does not fit the content: it was altered after signing"
    )
