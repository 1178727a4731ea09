"""VC-JWT: a credential as one line of text, signed with JOSE.

Source: *Securing Verifiable Credentials using JOSE and COSE* (W3C, 2025), section 3.1. The payload is the credential
itself; Open Badges 3.0 (section 8.2.4.1) also asks for the registered claims ``iss``, ``jti``, ``nbf``, ``sub`` and
``exp``, which repeat members of the credential and are checked against them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from lumbung.talent.credentials.datamodel import parse_stamp
from lumbung.talent.credentials.keys import SigningKey

CLAIMS = ("iss", "jti", "nbf", "sub", "exp")


class NoToken(ValueError):
    """The text is no VC-JWT, or its header asks for what is not offered."""


def _pack(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpack(text: str) -> bytes:
    if "=" in text:
        raise NoToken("a JWT is spelled in base64url without padding")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as fault:
        raise NoToken(f"this part is no base64url: {text[:20]}…") from fault


def _claims(credential: Mapping[str, Any]) -> dict[str, Any]:
    issuer = credential["issuer"]
    claims: dict[str, Any] = {"iss": issuer["id"] if isinstance(issuer, Mapping) else issuer}
    if "id" in credential:
        claims["jti"] = credential["id"]
    subject = credential.get("credentialSubject")
    if isinstance(subject, Mapping) and "id" in subject:
        claims["sub"] = subject["id"]
    for claim, member in (("nbf", "validFrom"), ("exp", "validUntil")):
        if member in credential:
            claims[claim] = int(parse_stamp(credential[member]).timestamp())
    return claims


def encode_token(credential: Mapping[str, Any], key: SigningKey) -> str:
    """Sign a credential (without ``proof``) as a compact VC-JWT with EdDSA."""
    header = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": key.method}
    payload = {
        **{name: value for name, value in credential.items() if name != "proof"},
        **_claims(credential),
    }
    parts = [
        _pack(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode())
        for part in (header, payload)
    ]
    message = ".".join(parts)
    return f"{message}.{_pack(key.sign(message.encode()))}"


def decode_token(text: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Take a compact VC-JWT apart without trusting it.

    Returns
    -------
    header, credential, message, signature
        The protected header, the credential without the registered claims, the signed bytes and the signature.

    Raises
    ------
    NoToken
        When it has not three parts of JSON and signature, another algorithm than EdDSA, critical extensions, or claims
        that contradict the credential.
    """
    parts = text.strip().split(".")
    if len(parts) != 3:
        raise NoToken(f"a VC-JWT has three parts with dots between, found {len(parts)}")
    try:
        header, payload = (json.loads(_unpack(part)) for part in parts[:2])
    except ValueError as fault:
        raise NoToken(f"header or payload is no JSON: {fault}") from fault
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise NoToken("header and payload should be JSON objects")
    if header.get("alg") not in ("EdDSA", "Ed25519") or "crit" in header:
        raise NoToken(
            f"the token is signed with {header.get('alg')!r}; expected EdDSA without critical extensions"
        )
    credential = {name: value for name, value in payload.items() if name not in CLAIMS}
    _check_claims(payload, credential)
    return header, credential, f"{parts[0]}.{parts[1]}".encode(), _unpack(parts[2])


def _check_claims(payload: Mapping[str, Any], credential: Mapping[str, Any]) -> None:
    try:
        expected = _claims(credential)
    except (KeyError, ValueError, TypeError):
        return  # the data model check says what is wrong with the credential itself
    for claim, value in expected.items():
        if claim in payload and payload[claim] != value:
            raise NoToken(f"the claim {claim} says {payload[claim]!r}, the credential says {value!r}")
