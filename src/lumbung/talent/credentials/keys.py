"""Who signs and how a reader finds the key: Ed25519 keys, did:key and did:web.

A ``did:key`` carries its public key in its own name, so it verifies with nothing else at hand. A ``did:web`` names an
institution by its domain; its DID document lists the keys it signs with and has to be at hand too: given as a file,
or fetched when the reader asks for it. Nothing here opens a connection by itself except :func:`fetch_did_document`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lumbung.talent.credentials.multikey import (
    MultikeyError,
    public_from_multikey,
    public_to_multikey,
    secret_from_multikey,
)

FETCH_SECONDS = 10
FETCH_BYTES = 1_000_000


class KeyProblem(ValueError):
    """A key or a DID document that cannot be used; says why and what to do."""


class UnresolvedIssuer(KeyProblem):
    """The key named by a proof cannot be found with what is at hand."""


class ForeignKey(KeyProblem):
    """The key exists, but its owner did not put it down for issuing credentials."""


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key together with the DID in whose name it signs.

    Attributes
    ----------
    private : Ed25519PrivateKey
        The secret half.
    did : str
        The issuer: ``did:key:…`` (default) or ``did:web:…``.
    fragment : str
        The key's name inside the DID document, without ``#``.
    """

    private: Ed25519PrivateKey
    did: str
    fragment: str

    @classmethod
    def generate(cls, did: str | None = None) -> SigningKey:
        """Make a fresh key from the system's randomness."""
        return cls._of(Ed25519PrivateKey.generate(), did)

    @classmethod
    def from_raw(cls, secret: bytes, did: str | None = None) -> SigningKey:
        """Take a key from its 32 secret bytes."""
        return cls._of(Ed25519PrivateKey.from_private_bytes(secret), did)

    @classmethod
    def from_multikey(cls, text: str, did: str | None = None) -> SigningKey:
        """Take a key spelled as a secret Multikey (``z3u2…``)."""
        return cls.from_raw(secret_from_multikey(text), did)

    @classmethod
    def from_pem(cls, pem: bytes, did: str | None = None, password: bytes | None = None) -> SigningKey:
        """Read a key from a PKCS#8 PEM, as ``lumbung talent key`` and openssl write it.

        Raises
        ------
        KeyProblem
            When the text is no private key, is locked with another password, or is not Ed25519.
        """
        try:
            private = serialization.load_pem_private_key(pem, password)
        except (ValueError, TypeError) as fault:
            raise KeyProblem(f"this is no readable private key in PEM form: {fault}") from fault
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyProblem("the key is not Ed25519; make one with: lumbung talent key NEW.pem")
        return cls._of(private, did)

    @classmethod
    def _of(cls, private: Ed25519PrivateKey, did: str | None) -> SigningKey:
        multikey = public_to_multikey(private.public_key().public_bytes_raw())
        return cls(private, did or f"did:key:{multikey}", multikey)

    @property
    def multikey(self) -> str:
        """The public half, spelled ``z6Mk…``."""
        return public_to_multikey(self.private.public_key().public_bytes_raw())

    @property
    def method(self) -> str:
        """The verification method a proof names: DID and fragment."""
        return f"{self.did}#{self.fragment}"

    def sign(self, message: bytes) -> bytes:
        """Sign with pure Ed25519 (RFC 8032); 64 bytes."""
        return self.private.sign(message)

    def pem(self) -> bytes:
        """The secret key as unencrypted PKCS#8 PEM."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def did_document(self) -> dict[str, Any]:
        """The DID document to publish for this key (at :func:`did_web_address` for a did:web)."""
        return did_document(self.did, [self.multikey])


def did_document(did: str, multikeys: Iterable[str]) -> dict[str, Any]:
    """Build a DID document that puts the given public keys down for issuing (``assertionMethod``)."""
    methods = [
        {"id": f"{did}#{key}", "type": "Multikey", "controller": did, "publicKeyMultibase": key}
        for key in multikeys
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def did_web_address(did: str) -> str:
    """Where the document of a did:web is published (did:web method specification, "Read").

    Raises
    ------
    KeyProblem
        When the text is no did:web of a plain host name.
    """
    parts = did.split(":")
    if len(parts) < 3 or parts[:2] != ["did", "web"] or not all(parts[2:]):
        raise KeyProblem(f"{did!r} is no did:web; expected did:web:example.org or did:web:example.org:folder")
    host, *folders = (unquote(part) for part in parts[2:])
    if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", host) or any(set(f) & set("/?#\\") for f in folders):
        raise KeyProblem(f"{did!r} does not name a host and folders")
    path = "/".join(folders) if folders else ".well-known"
    return f"https://{host}/{path}/did.json"


def fetch_did_document(did: str) -> dict[str, Any]:
    """Fetch the document of a did:web over HTTPS; the one function here that uses the network.

    Raises
    ------
    UnresolvedIssuer
        When the address does not answer in ten seconds with a JSON document of that DID under a megabyte.
    """
    import urllib.request  # not needed where documents are at hand
    from http.client import HTTPException

    address = did_web_address(did)
    try:
        with urllib.request.urlopen(address, timeout=FETCH_SECONDS) as answer:  # noqa: S310 (https only, see above)
            document, final = json.loads(answer.read(FETCH_BYTES)), str(answer.geturl())
    except (OSError, ValueError, HTTPException) as fault:
        raise UnresolvedIssuer(f"{address} gave no DID document: {fault}") from fault
    if not final.startswith("https://"):
        raise UnresolvedIssuer(f"{address} led away from https to {final}")
    if not isinstance(document, dict) or document.get("id") != did:
        raise UnresolvedIssuer(f"{address} holds no document of {did}")
    return document


def read_did_documents(paths: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """Read DID documents from files; the key is the DID.

    Raises
    ------
    KeyProblem
        When a file is no JSON object with an ``id``; names the file.
    """
    found = {}
    for path in paths:
        try:
            document = json.loads(path.read_text("utf-8"))
        except ValueError as fault:
            raise KeyProblem(f"{path}: not JSON: {fault}") from fault
        if not isinstance(document, dict) or not isinstance(document.get("id"), str):
            raise KeyProblem(f"{path}: expected a DID document, a JSON object with an id; found none")
        found[document["id"]] = document
    return found


def resolve_public_key(
    method: object, documents: Mapping[str, Mapping[str, Any]], purpose: str = "assertionMethod"
) -> Ed25519PublicKey:
    """Find the public key a proof names, for did:key by itself, for others in the documents at hand.

    Parameters
    ----------
    method : object
        The proof's ``verificationMethod``: a DID URL with a fragment.
    documents : mapping
        DID documents at hand, by DID.
    purpose : str
        The relationship under which the document has to list the key.

    Raises
    ------
    UnresolvedIssuer
        When the DID's document is not at hand, or does not hold the key.
    ForeignKey
        When the document holds the key but not for this purpose.
    """
    if not isinstance(method, str) or "#" not in method:
        raise UnresolvedIssuer(f"the proof names no key: verificationMethod is {method!r}")
    did, fragment = method.split("#", 1)
    if did.startswith("did:key:"):
        if fragment != did.removeprefix("did:key:"):
            raise ForeignKey(f"{method} names a key that the did:key itself is not")
        return _public(fragment)
    document = documents.get(did)
    if document is None:
        raise UnresolvedIssuer(f"the DID document of {did} is not at hand")
    entry = _entry(document, method)
    if entry is None:
        raise UnresolvedIssuer(f"the DID document of {did} holds no key {method}")
    ids = [item.get("id") if isinstance(item, Mapping) else item for item in _listed(document.get(purpose))]
    if method not in ids or entry.get("controller", did) != did:
        raise ForeignKey(f"{did} does not list {method} under {purpose}")
    return _public(entry.get("publicKeyMultibase"))


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _entry(document: Mapping[str, Any], method: str) -> Mapping[str, Any] | None:
    for group in ("verificationMethod", "assertionMethod"):
        for item in _listed(document.get(group)):
            if isinstance(item, Mapping) and item.get("id") == method:
                return item
    return None


def _public(multikey: object) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(public_from_multikey(multikey))
    except (MultikeyError, ValueError) as fault:
        raise UnresolvedIssuer(f"the key {multikey!r} cannot be read: {fault}") from fault


def signature_holds(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether the signature over the message was made with this key."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
