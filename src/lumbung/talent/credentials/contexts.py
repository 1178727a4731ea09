"""The JSON-LD vocabularies a badge may name, pinned by digest and never fetched.

An RDF signature covers what the terms of a document *mean*, so whoever could swap a context could change what was
signed. The files come from installed packages (openbadgeslib ships the Open Badges and security contexts as their
publishers serve them, pyld the DID and 2020 suite contexts) and are used only when their SHA-256 is the one pinned
here. See docs/decisions/0020-talent-jsonld-contexts.md.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Mapping
from typing import Any

VCDM2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
MULTIKEY = "https://w3id.org/security/multikey/v1"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"

_OB = ("openbadgeslib", "openbadgeslib/ob3/contexts/")
_LD = ("pyld", "pyld/documentloader/frozen/bundled/")
# address -> (distribution, folder), file, SHA-256 of the file
_PINNED: dict[str, tuple[tuple[str, str], str, str]] = {
    VCDM2: (_OB, "credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    OPEN_BADGES: (
        _OB,
        "ob-v3p0-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    DATA_INTEGRITY: (
        _OB,
        "security-data-integrity-v2.json",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
    MULTIKEY: (
        _OB,
        "security-multikey-v1.json",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    ),
    ED25519_2020: (
        _LD,
        "security-ed25519-2020-v1.jsonld",
        "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
    ),
}

DocumentLoader = Callable[[str, Any], dict[str, Any]]


class UnknownContext(ValueError):
    """A document names a vocabulary that is not pinned here, or a pinned file is not what it was."""


def known_contexts() -> tuple[str, ...]:
    """The addresses of the vocabularies that are at hand."""
    return tuple(_PINNED)


@functools.cache
def load_context(address: str) -> dict[str, Any]:
    """Return the context document of an address, from the installed package and checked against its digest.

    Raises
    ------
    UnknownContext
        When the address is not pinned, the package is missing, or the file's digest differs.
    """
    if address not in _PINNED:
        raise UnknownContext(
            f"the vocabulary {address} is not at hand and is never fetched; known are: {', '.join(_PINNED)}"
        )
    (distribution, folder), name, digest = _PINNED[address]
    try:
        path = importlib.metadata.distribution(distribution).locate_file(folder + name)
        payload = path.read_bytes()  # type: ignore[attr-defined]
    except (importlib.metadata.PackageNotFoundError, OSError) as fault:
        raise UnknownContext(f"{address} should come with the package {distribution}: {fault}") from fault
    found = hashlib.sha256(payload).hexdigest()
    if found != digest:
        raise UnknownContext(
            f"{address} in {distribution} has SHA-256 {found}, pinned is {digest}; install the version in uv.lock"
        )
    document: dict[str, Any] = json.loads(payload)
    return document


def document_loader(extra: Mapping[str, dict[str, Any]] | None = None) -> DocumentLoader:
    """Build the loader pyld asks for contexts: pinned files, the given extra ones, nothing else."""
    extras = dict(extra or {})

    def load(address: str, options: Any = None) -> dict[str, Any]:
        document = extras[address] if address in extras else load_context(address)
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": address,
            "document": document,
        }

    return load


def explain_expansion(fault: BaseException) -> str:
    """Say in one line why pyld could not expand a document, or that a vocabulary is not at hand."""
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, UnknownContext):
            return str(cause)
        cause = cause.__cause__ or getattr(cause, "cause", None)
    return str(fault.args[0] if fault.args else fault).splitlines()[0]
