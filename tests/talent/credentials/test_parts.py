"""The small parts: spelling of keys, DIDs, status lists, vocabularies."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.talent.credentials import StatusList, contexts
from lumbung.talent.credentials.badge import Issuer, achievement_address
from lumbung.talent.credentials.contexts import UnknownContext, document_loader, known_contexts, load_context
from lumbung.talent.credentials.keys import KeyProblem, SigningKey, did_web_address, read_did_documents
from lumbung.talent.credentials.multikey import (
    MultikeyError,
    base58_decode,
    base58_encode,
    multibase_decode,
    public_from_multikey,
)
from lumbung.talent.credentials.status import StatusProblem, look_up, status_credential, status_entry


@pytest.mark.parametrize(
    ("data", "text"),
    [
        # draft-msporny-base58-03, section 5
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
        (b"\0", "1"),
    ],
)
def test_base58_vectors_of_the_draft(data: bytes, text: str) -> None:
    assert base58_encode(data) == text
    assert base58_decode(text) == data


@given(st.binary(max_size=70))
def test_base58_comes_back(data: bytes) -> None:
    assert base58_decode(base58_encode(data)) == data


def test_misspelled_keys_are_named() -> None:
    with pytest.raises(MultikeyError, match="'0' at place 2"):
        base58_decode("ab0c")
    with pytest.raises(MultikeyError, match="starting with 'z'"):
        multibase_decode("mabc")
    with pytest.raises(MultikeyError, match="no Ed25519 public key"):
        public_from_multikey("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq")


def test_a_key_survives_its_pem() -> None:
    key = SigningKey.generate()
    assert SigningKey.from_pem(key.pem()).did == key.did
    with pytest.raises(KeyProblem, match="lumbung talent key"):
        SigningKey.from_pem(_rsa_pem())
    with pytest.raises(KeyProblem, match="no readable private key"):
        SigningKey.from_pem(b"nonsense")


def _rsa_pem() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("did", "address"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
    ],
)
def test_did_web_addresses_of_the_method_specification(did: str, address: str) -> None:
    assert did_web_address(did) == address


@pytest.mark.parametrize(
    "did", ["did:web:", "did:key:z6Mk", "did:web:a.b::c", "did:web:a%2Fb", "did:web:a.b:c%2Fd"]
)
def test_crooked_did_webs_are_refused(did: str) -> None:
    with pytest.raises(KeyProblem):
        did_web_address(did)


def test_did_documents_are_read_from_files(tmp_path: Path) -> None:
    key = SigningKey.generate("did:web:centre.example")
    path = tmp_path / "did.json"
    path.write_text(json.dumps(key.did_document()))
    assert read_did_documents([path])["did:web:centre.example"]["assertionMethod"] == [key.method]
    path.write_text("[]")
    with pytest.raises(KeyProblem, match=r"did\.json"):
        read_did_documents([path])


@given(st.sets(st.integers(0, 131_071), max_size=30))
def test_a_status_list_comes_back(places: set[int]) -> None:
    bits = StatusList()
    for place in places:
        bits.set(place)
    again = StatusList.decode(bits.encode())
    assert {place for place in places if again[place]} == places
    assert sum(byte.bit_count() for byte in again.bits) == len(places)


def test_the_first_place_is_the_leftmost_bit() -> None:
    bits = StatusList()
    bits.set(0)
    assert bits.bits[0] == 0b1000_0000
    bits.set(0, holds=False)
    assert not any(bits.bits)


def _encoded(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(gzip.compress(data, mtime=0)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "starting with 'u'"),
        ("uH4s", "cut short"),
        ("u!!!!", "cannot be unpacked"),
        (_encoded(bytes(100)), "fewer than 131072"),
        (_encoded(bytes(20_000_000)), "more than"),
    ],
)
def test_unusable_status_lists_are_explained(text: str | None, why: str) -> None:
    with pytest.raises(StatusProblem, match=why):
        StatusList.decode(text)


def test_a_status_entry_must_fit_its_list() -> None:
    address = "https://centre.example/status/1"
    published = status_credential(StatusList(), address, "did:example:a", "2026-01-01T00:00:00Z")
    assert look_up(status_entry(address, 5), published) is False
    for entry, why in (
        (status_entry(address + "x", 5), "another list"),
        (status_entry(address, 5, "suspension"), "asks about suspension"),
        (status_entry(address, 131_072), "asked for was 131072"),
        (status_entry(address, 5) | {"statusListIndex": "-1"}, "whole number"),
        (status_entry(address, 5) | {"statusListIndex": "٣"}, "whole number"),
    ):
        with pytest.raises(StatusProblem, match=why):
            look_up(entry, published)


def test_every_vocabulary_is_at_hand_and_is_what_was_pinned() -> None:
    for address in known_contexts():
        assert "@context" in load_context(address)


def test_other_vocabularies_are_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownContext, match="never fetched"):
        document_loader()("https://example.org/context", {})
    monkeypatch.setitem(contexts._PINNED, contexts.VCDM2, (contexts._OB, "credentials-v2.json", "0" * 64))
    load_context.cache_clear()
    with pytest.raises(UnknownContext, match="has SHA-256"):
        load_context(contexts.VCDM2)
    load_context.cache_clear()


def test_achievements_keep_their_address() -> None:
    assert achievement_address(Issuer("did:web:a", "A", "https://a/"), "t/1") == "https://a/achievements/t/1"
    first = achievement_address(Issuer("did:key:z1", "A"), "t/1")
    assert first == achievement_address(Issuer("did:key:z1", "B"), "t/1")
    assert first != achievement_address(Issuer("did:key:z2", "A"), "t/1")
