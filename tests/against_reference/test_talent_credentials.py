"""Truth from outside: the W3C's own vectors and documents, and another library reading our badges."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lumbung.talent.credentials import Ability, Issuer, SigningKey, integrity, issue_badge, issue_token
from lumbung.talent.credentials.datamodel import faults_of_credential, faults_of_presentation

Reference = Callable[[str], Path]

# What the address of the examples vocabulary stands for: every term lives under one prefix.
EXAMPLES = {
    "https://www.w3.org/ns/credentials/examples/v2": {
        "@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}
    }
}
_CITIZEN, _SCHEMA = "https://w3id.org/citizenship#", "https://schema.org/"
_DAY = "http://www.w3.org/2001/XMLSchema#dateTime"
# The terms of the employment vector and what they mean, read off its published N-Quads.
CITIZENSHIP = {
    "https://w3id.org/citizenship/v4rc1": {
        "@context": {
            "@protected": True,
            "image": {"@id": _SCHEMA + "image", "@type": "@id"},
            "Person": _SCHEMA + "Person",
            **{
                name: _SCHEMA + name
                for name in ("additionalName", "familyName", "gender", "givenName", "identifier")
            },
            **{
                name: _CITIZEN + name
                for name in (
                    "EmployablePerson",
                    "EmploymentAuthorizationDocument",
                    "EmploymentAuthorizationDocumentCredential",
                    "birthCountry",
                    "lprCategory",
                    "lprNumber",
                )
            },
            "birthDate": {"@id": _SCHEMA + "birthDate", "@type": _DAY},
            "residentSince": {"@id": _CITIZEN + "residentSince", "@type": _DAY},
            "employmentAuthorizationDocument": {
                "@id": _CITIZEN + "employmentAuthorizationDocument",
                "@type": "@id",
            },
        }
    }
}
CONTEXTS = EXAMPLES | CITIZENSHIP

VECTORS = [
    ("eddsa-jcs-2022", "JCS"),
    ("eddsa-rdfc-2022", "DataInt"),
    ("eddsa-rdfc-2022/employ", "DataInt"),
    ("Ed25519Signature2020", "EdSig"),
]


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@pytest.mark.reference
@pytest.mark.parametrize(("folder", "suffix"), VECTORS)
def test_every_step_of_the_w3c_vectors_byte_for_byte(reference: Reference, folder: str, suffix: str) -> None:
    root = reference("talent/vc/eddsa/TestVectors")
    base = root / folder
    pair = _json(root / "keyPair.json")
    key = SigningKey.from_multikey(pair["privateKeyMultibase"])
    assert key.multikey == pair["publicKeyMultibase"]
    configuration = _json(base / f"proofConfig{suffix}.json")
    signed = _json(base / f"signed{suffix}.json")
    unsigned = {name: value for name, value in signed.items() if name != "proof"}

    steps = integrity.hashes(unsigned, configuration, CONTEXTS)

    assert steps.document == (base / f"canonDoc{suffix}.txt").read_bytes()
    assert steps.proof == (base / f"proofCanon{suffix}.txt").read_bytes()
    assert steps.joined[:32].hex() == (base / f"proofHash{suffix}.txt").read_text().strip()
    assert steps.joined[32:].hex() == (base / f"docHash{suffix}.txt").read_text().strip()
    assert steps.joined.hex() == (base / f"combinedHash{suffix}.txt").read_text().strip()
    options = {name: value for name, value in signed["proof"].items() if name != "proofValue"}
    ours = integrity.add_proof(unsigned, key, options, CONTEXTS)
    assert ours["proof"]["proofValue"] == (base / f"sigBTC58{suffix}.txt").read_text().strip()
    signature = integrity.multibase_decode(ours["proof"]["proofValue"])
    assert signature.hex() == (base / f"sigHex{suffix}.txt").read_text().strip()
    assert ours == signed
    assert integrity.proof_holds(signed, signed["proof"], key.private.public_key(), CONTEXTS)


@pytest.mark.reference
def test_proof_sets_and_chains_of_the_w3c(reference: Reference) -> None:
    base = reference("talent/vc/eddsa/TestVectors/proof-set-chain")
    pairs = _json(base / "multiKeyPairs.json")
    keys = [SigningKey.from_multikey(pairs[f"keyPair{n}"]["privateKeyMultibase"]) for n in (1, 2, 3, 4)]
    document = _json(base / "unsigned.json")
    rounds = [
        ("proofSetConfig1", "signedProofSet1"),
        ("proofSetConfig2", "signedProofSet2"),
        ("proofChainConfig1", "signedProofChain1"),
        ("proofChainConfig2", "signedProofChain2"),
    ]
    for key, (options, expected) in zip(keys, rounds, strict=True):
        document = integrity.add_proof(document, key, _json(base / f"{options}.json"), EXAMPLES)
        assert document == _json(base / f"{expected}.json")
    for key, proof in zip(keys, document["proof"], strict=True):
        assert integrity.proof_holds(document, proof, key.private.public_key(), EXAMPLES)
    # A chain breaks when an earlier link is exchanged: the last proof signs the third.
    document["proof"][2]["created"] = "2024-01-01T00:00:00Z"
    assert not integrity.proof_holds(document, document["proof"][3], keys[3].private.public_key(), EXAMPLES)


def _prepared(path: Path) -> Any:
    """Do what the W3C suite does before handing a document over: real dates, and an issuer where none is meant."""
    text = path.read_text("utf-8").replace("FUTURE DATE", "2099-01-01T00:00:00Z")
    document = json.loads(text.replace("PAST DATE", "2001-01-01T00:00:00Z"))
    if path.stem.startswith("presentation") or path.stem == "credential-no-issuer-fail":
        return document
    issuer = document.setdefault("issuer", "did:example:issuer")
    if isinstance(issuer, dict):
        issuer.setdefault("id", "did:example:issuer")
    return document


@pytest.mark.reference
def test_the_w3c_documents_are_judged_right(reference: Reference) -> None:
    folder = reference("talent/vc/vcdm2/tests/input")
    judged = {}
    for path in sorted(folder.rglob("*.json")):
        check = faults_of_presentation if path.stem.startswith("presentation") else faults_of_credential
        judged[path.stem] = not check(_prepared(path), EXAMPLES)
    # Names end in -ok, -fail or -fail-or-inject; three on self-asserted credentials have no ending and are well-formed.
    assert judged == {name: "fail" not in name for name in judged}
    assert len(judged) == 120
    assert sum(not fine for fine in judged.values()) == 52


@pytest.mark.reference
def test_each_failing_document_fails_at_the_member_it_is_named_for(reference: Reference) -> None:
    folder = reference("talent/vc/vcdm2/tests/input")
    expected = {
        "credential-status-nonurl-id-fail": "credentialStatus.id",
        "credential-schema-no-id-fail": "credentialSchema.id",
        "credential-validUntil-validFrom-fail": "validUntil",
        "credential-type-unmapped-fail": "type",
        "credential-redef-type2-fail": "@context",
        "credential-subject-no-claims-fail": "credentialSubject[0]",
    }
    for name, member in expected.items():
        faults = faults_of_credential(_prepared(folder / f"{name}.json"), EXAMPLES)
        assert [fault.member for fault in faults] == [member], name


ABILITY = Ability(0.84, 0.29, 24, "id", "ai-capability/1", date(2026, 11, 20))


def test_another_library_accepts_our_linked_data_badge_and_refuses_a_changed_one() -> None:
    from openbadgeslib.ob3 import OB3LdpVerifier, OB3VerificationError

    key = SigningKey.generate()
    badge = issue_badge(
        ABILITY,
        issuer=Issuer(key.did, "Ajang Uji"),
        key=key,
        valid_from="2026-11-01T00:00:00Z",
        suite=integrity.RDFC,
    )
    verifier = OB3LdpVerifier(_public_pem(key))
    seen = verifier.verify(json.dumps(badge))
    assert seen.issuer.id == key.did
    badge["credentialSubject"]["result"][0]["value"] = "3.84"
    with pytest.raises(OB3VerificationError):
        verifier.verify(json.dumps(badge))


def test_another_library_accepts_our_token() -> None:
    from openbadgeslib.ob3 import OB3Verifier

    key = SigningKey.generate()
    token = issue_token(
        ABILITY, issuer=Issuer(key.did, "Ajang Uji"), key=key, valid_from="2026-11-01T00:00:00Z"
    )
    seen = OB3Verifier(_public_pem(key)).verify(token)
    assert seen.issuer.id == key.did


def test_another_library_reads_our_status_list() -> None:
    from openbadgeslib.ob3 import decode_encoded_list, encode_bitstring

    from lumbung.talent.credentials import StatusList

    ours = StatusList()
    places = (0, 7, 8, 100_000, 131_071)
    for place in places:
        ours.set(place)
    assert bytes(decode_encoded_list(ours.encode())) == bytes(ours.bits)
    assert bytes(StatusList.decode(encode_bitstring(places)).bits) == bytes(ours.bits)


def _public_pem(key: SigningKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
