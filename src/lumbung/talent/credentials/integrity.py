"""Data Integrity proofs with Ed25519: eddsa-jcs-2022, eddsa-rdfc-2022 and the older Ed25519Signature2020.

The three differ only in how a document is spelled before hashing. Names follow *Data Integrity EdDSA Cryptosuites
v1.0* (W3C, 2025), section 3: transform the document and the proof configuration, hash both with SHA-256, join proof
hash and document hash, sign. The jcs suite signs the JSON as it stands (RFC 8785) and needs no vocabulary; the rdfc suite
signs the RDF statements the JSON-LD expands to, and is the one wallets' own verifiers read. The centre's badges carry both,
as a proof set (docs/decisions/0065-talent-proof-sets.md).
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lumbung.talent.credentials.contexts import UnknownContext, document_loader, explain_expansion
from lumbung.talent.credentials.keys import SigningKey, signature_holds
from lumbung.talent.credentials.multikey import MultikeyError, multibase_decode, multibase_encode

JCS = "eddsa-jcs-2022"
RDFC = "eddsa-rdfc-2022"
ED25519_2020 = "Ed25519Signature2020"
SUITES = (JCS, RDFC, ED25519_2020)
BOTH = "both"  # a proof set: rdfc for wallets, jcs for whoever has no JSON-LD at hand, such as a page without a network

MAX_DEPTH = 24

Document = dict[str, Any]
Contexts = Mapping[str, dict[str, Any]]


class ProofProblem(ValueError):
    """A proof that cannot be made or read: missing, of an unknown suite, or malformed."""


class UnsupportedProof(ProofProblem):
    """The proof is of a kind this verifier does not know."""


class NotSigned(ProofProblem):
    """The JSON says something its RDF statements, and so the signature, do not cover."""


@dataclass(frozen=True)
class Hashes:
    """What is signed, step by step; kept apart so that the published vectors can be compared at each step.

    Attributes
    ----------
    document, proof : bytes
        The canonical spelling of the unsecured document and of the proof configuration.
    joined : bytes
        SHA-256 of the proof configuration followed by SHA-256 of the document, 64 bytes.
    """

    document: bytes
    proof: bytes
    joined: bytes


def suite_of(proof: Mapping[str, Any]) -> str:
    """Name the suite of a proof.

    Raises
    ------
    UnsupportedProof
        When it is none of :data:`SUITES`; the message lists them.
    """
    kind, cryptosuite = proof.get("type"), proof.get("cryptosuite")
    if kind == "DataIntegrityProof" and cryptosuite in (JCS, RDFC):
        return str(cryptosuite)
    if kind == ED25519_2020 and cryptosuite is None:
        return ED25519_2020
    raise UnsupportedProof(
        f"the proof is {kind!r} with cryptosuite {cryptosuite!r}; known are {', '.join(SUITES)}"
    )


def canonical(document: Mapping[str, Any], suite: str, contexts: Contexts | None = None) -> bytes:
    """Spell a document the one way its suite signs: RFC 8785 JSON, or canonical N-Quads (RDFC-1.0).

    Raises
    ------
    ProofProblem
        When it is no JSON-LD the pinned vocabularies can expand, names a vocabulary that is not at hand, or holds
        numbers JSON cannot carry.
    """
    if suite == JCS:
        try:
            return rfc8785.dumps(dict(document))
        except rfc8785.CanonicalizationError as fault:
            raise ProofProblem(f"the document cannot be spelled in RFC 8785 form: {fault}") from fault
    return _n_quads(document, contexts)


def _n_quads(document: Mapping[str, Any], contexts: Contexts | None) -> bytes:
    from pyld import jsonld  # slow to import, and the jcs suite never needs it

    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": document_loader(contexts),
    }
    try:
        return str(jsonld.normalize(document, options)).encode()
    except (jsonld.JsonLdError, UnknownContext, TypeError, AttributeError) as fault:
        raise ProofProblem(f"the document cannot be expanded: {explain_expansion(fault)}") from fault


def hashes(
    unsecured: Mapping[str, Any], configuration: Mapping[str, Any], contexts: Contexts | None = None
) -> Hashes:
    """Transform and hash (vc-di-eddsa 3.2.3-3.2.5 and 3.3.3-3.3.5).

    Parameters
    ----------
    unsecured : mapping
        The document without its proof.
    configuration : mapping
        The proof without ``proofValue``.
    contexts : mapping, optional
        Further vocabularies, by address.
    """
    suite = suite_of(configuration)
    options = {key: value for key, value in configuration.items() if key != "proofValue"}
    if suite != JCS:
        options["@context"] = unsecured.get("@context")
    document = canonical(unsecured, suite, contexts)
    proof = canonical(options, suite, contexts)
    return Hashes(document, proof, hashlib.sha256(proof).digest() + hashlib.sha256(document).digest())


def configuration(
    key: SigningKey, created: str, suite: str = JCS, *, context: object = None, **more: Any
) -> dict[str, Any]:
    """Write a proof's configuration, everything but its value.

    Parameters
    ----------
    created : str
        XML dateTimeStamp.
    context : object, optional
        The document's ``@context``; the jcs suite copies it into the proof (3.3.6).
    """
    proof: dict[str, Any] = {"type": "DataIntegrityProof", "cryptosuite": suite}
    if suite == ED25519_2020:
        proof = {"type": ED25519_2020}
    proof |= {"created": created, "verificationMethod": key.method, "proofPurpose": "assertionMethod", **more}
    if suite == JCS and context is not None:
        proof["@context"] = context
    return proof


def add_proof(
    document: Mapping[str, Any],
    key: SigningKey,
    options: Mapping[str, Any],
    contexts: Contexts | None = None,
) -> Document:
    """Return the document with one more proof.

    A document that already carries proofs gets a set; with ``previousProof`` in the options the new proof also signs
    the earlier ones it names (Data Integrity 1.0, 4.3 and 4.4: proof sets and chains).

    Raises
    ------
    ProofProblem
        When ``previousProof`` names a proof the document does not hold.
    """
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    earlier = proofs_of(document)
    signed = _with_previous(unsecured, options, earlier)
    value = multibase_encode(key.sign(hashes(signed, options, contexts).joined))
    proof = {**copy.deepcopy(dict(options)), "proofValue": value}
    return {**copy.deepcopy(unsecured), "proof": [*earlier, proof] if earlier else proof}


def add_proofs(document: Mapping[str, Any], key: SigningKey, created: str, suite: str = JCS) -> Document:
    """Return the document with a proof of a suite, or with a set of two for ``both``."""
    signed = dict(document)
    for one in (RDFC, JCS) if suite == BOTH else (suite,):
        signed = add_proof(signed, key, configuration(key, created, one, context=document["@context"]))
    return signed


def proofs_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The proofs a document carries, as a list.

    Raises
    ------
    ProofProblem
        When ``proof`` is neither an object nor a list of objects.
    """
    proof = document.get("proof", [])
    found = proof if isinstance(proof, list) else [proof]
    if not all(isinstance(item, dict) for item in found):
        raise ProofProblem("proof should be an object or a list of objects")
    return found


def _with_previous(
    unsecured: Mapping[str, Any], options: Mapping[str, Any], proofs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    named = options.get("previousProof", [])
    wanted = named if isinstance(named, list) else [named]
    if not wanted:
        return dict(unsecured)
    by_id = {proof.get("id"): proof for proof in proofs if proof.get("id")}
    missing = [name for name in wanted if not isinstance(name, str) or name not in by_id]
    if missing:
        raise ProofProblem(f"the proof builds on {missing}, which the document does not hold")
    return {**unsecured, "proof": [dict(by_id[name]) for name in wanted]}


def proof_holds(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    key: Ed25519PublicKey,
    contexts: Contexts | None = None,
) -> bool:
    """Whether one proof of the document was made with this key over exactly this content.

    Raises
    ------
    ProofProblem
        When the proof or the document cannot be read at all.
    NotSigned
        For the rdfc suites, when the JSON shows more than the statements that were signed.
    """
    suite = suite_of(proof)
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    try:
        signature = multibase_decode(proof.get("proofValue"))
    except MultikeyError as fault:
        raise ProofProblem(f"proofValue: {fault}") from fault
    if suite == JCS and "@context" in proof:
        # The signed context may be a prefix of the document's: others may add terms for their own proofs (3.3.2).
        signed, shown = _listed(proof["@context"]), _listed(document.get("@context"))
        if shown[: len(signed)] != signed:
            return False
        unsecured["@context"] = proof["@context"]
    if suite != JCS:
        check_everything_is_signed(unsecured, contexts)
    signed_document = _with_previous(unsecured, proof, proofs_of(document))
    return signature_holds(key, signature, hashes(signed_document, proof, contexts).joined)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def check_everything_is_signed(document: Mapping[str, Any], contexts: Contexts | None = None) -> None:
    """Refuse a document whose JSON is not the compact form of its own RDF statements.

    An rdfc signature covers statements, while readers read JSON: a member no vocabulary defines is dropped before
    signing and could be put in by anyone. So the document must equal the compaction of its expansion (Data Integrity
    1.0, 2.4.1 "Context validation"), with vocabularies named by address only.

    Raises
    ------
    NotSigned
        When it does not.
    ProofProblem
        When it cannot be expanded.
    """
    from pyld import jsonld

    context = document.get("@context")
    for entry in _listed(context):
        if not isinstance(entry, str):
            raise NotSigned(
                "a vocabulary stands inside the document; an rdfc proof needs it named by address"
            )
    _check_shape(document, 0)
    try:
        options = {"documentLoader": document_loader(contexts)}
        compacted = jsonld.compact(document, context, options)
    except (jsonld.JsonLdError, UnknownContext, TypeError, AttributeError) as fault:
        raise ProofProblem(f"the document cannot be expanded: {explain_expansion(fault)}") from fault
    if _plain(compacted) != _plain(document):
        raise NotSigned(
            "the document shows members that its vocabularies do not define, so nobody signed them"
        )


def _check_shape(value: object, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NotSigned(f"the document is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for item in value.values():
            _check_shape(item, depth + 1)
    elif isinstance(value, list):
        if any(isinstance(item, list) for item in value):
            raise NotSigned("a list stands directly inside a list; statements cannot tell it from a flat one")
        for item in value:
            _check_shape(item, depth + 1)


def _plain(value: object) -> object:
    # Compaction writes one-item lists as the item; which of the two a document uses says nothing.
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_plain(item) for item in value]
        return items[0] if len(items) == 1 else items
    return value
