"""A badge is accepted when it is genuine and refused, with the reason, when it is not."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.talent.credentials import (
    Ability,
    Holder,
    Issuer,
    SigningKey,
    StandingResult,
    StatusList,
    integrity,
    issue_badge,
    issue_token,
    status_credential,
    verify_badge,
)
from lumbung.talent.credentials.keys import did_document
from lumbung.talent.credentials.verdict import NOTES, REASONS

NOW = datetime(2026, 11, 25, tzinfo=UTC)
KEY = SigningKey.from_raw(bytes(range(32)))
ISSUER = Issuer(KEY.did, "Ajang Uji", "https://centre.example")
LIST = "https://centre.example/status/1"
ABILITY = Ability(
    0.84, 0.29, 24, "id", "ai-capability/1", date(2026, 11, 20), level="practitioner", level_probability=0.93
)
STANDING = StandingResult(
    "city-signals@2",
    "Lampu lalu lintas",
    0.8812,
    0.861,
    0.902,
    "",
    1,
    2,
    14,
    60,
    ("ab" * 32,),
    date(2026, 11, 21),
)


def make(suite: str = integrity.JCS, measured: Any = ABILITY, **more: Any) -> Any:
    options: dict[str, Any] = {
        "issuer": ISSUER,
        "key": KEY,
        "valid_from": "2026-11-24T00:00:00Z",
        "valid_until": "2029-11-24T00:00:00Z",
        "status": (LIST, 77),
        **more,
    }
    return (
        issue_token(measured, **options) if suite == "jwt" else issue_badge(measured, suite=suite, **options)
    )


def make_list(revoked: tuple[int, ...] = (), key: SigningKey = KEY, **more: Any) -> dict[str, Any]:
    bits = StatusList()
    for place in revoked:
        bits.set(place)
    document = status_credential(bits, LIST, key.did, "2026-11-24T00:00:00Z", **more)
    options = integrity.configuration(key, "2026-11-24T00:00:00Z", context=document["@context"])
    return integrity.add_proof(document, key, options)


SUITES = [integrity.JCS, integrity.RDFC, "jwt"]


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("measured", [ABILITY, STANDING], ids=["ability", "standing"])
def test_a_genuine_badge_is_accepted(suite: str, measured: Any) -> None:
    badge = make(suite, measured)
    text = badge if isinstance(badge, str) else json.dumps(badge)
    verdict = verify_badge(text, now=NOW, trusted={KEY.did}, status_lists=[make_list()])
    assert (verdict.ok, verdict.code, verdict.notes) == (True, "valid", ())
    assert "Ajang Uji" in verdict.reasons["zh"]


@pytest.mark.parametrize("suite", [integrity.JCS, integrity.RDFC])
@pytest.mark.parametrize(
    "change",
    [
        lambda b: b["credentialSubject"]["result"][0].update(value="2.84"),
        lambda b: b["credentialSubject"].update(narrative="Luar biasa"),
        lambda b: b.update(validUntil="2039-11-24T00:00:00Z"),
        lambda b: b.pop("validUntil"),
        lambda b: b.pop("credentialStatus"),
        lambda b: b["credentialSubject"].update(id="did:example:someone-else"),
        lambda b: b["issuer"].update(name="Kementerian"),
        lambda b: b["proof"].update(created="2026-11-23T00:00:00Z"),
        lambda b: b.update(undefinedTerm="nobody signed this"),
        lambda b: b["credentialSubject"].update(result=[b["credentialSubject"]["result"]]),
    ],
    ids=[
        "value",
        "words",
        "later end",
        "no end",
        "no status",
        "subject",
        "issuer name",
        "proof",
        "added",
        "nested",
    ],
)
def test_any_change_is_found(suite: str, change: Any) -> None:
    badge = make(suite)
    change(badge)
    verdict = verify_badge(badge, now=NOW)
    assert (verdict.ok, verdict.code) == (False, "tampered")


def test_a_changed_token_is_found() -> None:
    head, body, signature = make("jwt").split(".")
    other = make("jwt", Ability(3.0, 0.2, 24, "id", "ai-capability/1", date(2026, 11, 20))).split(".")[1]
    assert verify_badge(f"{head}.{other}.{signature}", now=NOW).code == "tampered"
    assert verify_badge(f"{head}.{body}.{'A' * len(signature)}", now=NOW).code == "tampered"


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 3000), letter=st.sampled_from('0aZ"é{} '))
def test_no_single_changed_letter_survives(place: int, letter: str) -> None:
    genuine = json.dumps(make(identifier="urn:uuid:1", subject="urn:uuid:2"), ensure_ascii=False)
    place %= len(genuine)
    changed = genuine[:place] + letter + genuine[place + 1 :]
    verdict = verify_badge(changed, now=NOW)
    same = verdict.ok and json.loads(changed) == json.loads(genuine)
    assert same or not verdict.ok


@pytest.mark.parametrize("suite", SUITES)
def test_a_badge_signed_by_somebody_else_is_foreign(suite: str) -> None:
    thief = SigningKey.from_raw(bytes(32))
    posing = SigningKey(thief.private, KEY.did, thief.multikey)  # claims the issuer's DID with its own key
    assert verify_badge(make(suite, key=posing), now=NOW).code == "foreign_key"
    badge = make(integrity.JCS)
    badge.pop("proof")
    forged = integrity.add_proof(badge, thief, integrity.configuration(thief, "2026-11-24T00:00:00Z"))
    verdict = verify_badge(forged, now=NOW)
    assert verdict.code == "foreign_key"
    assert "not theirs" in verdict.reasons["en"]


def test_an_honest_stranger_is_not_trusted() -> None:
    stranger = SigningKey.generate()
    badge = make(key=stranger, issuer=Issuer(stranger.did, "Toko Ijazah"))
    assert verify_badge(badge, now=NOW, trusted={KEY.did}).code == "issuer_untrusted"
    unsure = verify_badge(badge, now=NOW)
    assert unsure.ok
    assert [code for code, _ in unsure.notes] == ["trust_unchecked", "status_unchecked"]


@pytest.mark.parametrize("suite", SUITES)
def test_time_is_kept(suite: str) -> None:
    badge = make(suite)
    assert verify_badge(badge, now=datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)).code == "not_yet_valid"
    assert verify_badge(badge, now=datetime(2029, 11, 24, tzinfo=UTC)).ok
    late = verify_badge(badge, now=datetime(2029, 11, 24, 0, 0, 1, tzinfo=UTC))
    assert (late.code, late.params["moment"]) == ("expired", "2029-11-24T00:00:00Z")


@pytest.mark.parametrize("suite", SUITES)
def test_a_revoked_badge_is_refused(suite: str) -> None:
    badge = make(suite)
    assert verify_badge(badge, now=NOW, status_lists=[make_list((76, 78))]).ok
    assert verify_badge(badge, now=NOW, status_lists=[json.dumps(make_list((77,)))]).code == "revoked"


def test_a_status_list_is_believed_only_when_the_issuer_signed_it() -> None:
    badge = make()
    forged = make_list(key=SigningKey.generate())
    assert verify_badge(badge, now=NOW, status_lists=[forged]).code == "status_unusable"
    changed = make_list((77,))
    changed["credentialSubject"]["encodedList"] = StatusList().encode()
    assert verify_badge(badge, now=NOW, status_lists=[changed]).code == "status_unusable"


def test_a_missing_or_old_status_list_is_said() -> None:
    badge = make()
    assert verify_badge(badge, now=NOW, require_status=True).code == "status_missing"
    verdict = verify_badge(
        badge, now=NOW, trusted={KEY.did}, status_lists=[make_list(valid_until="2026-11-24T12:00:00Z")]
    )
    assert verdict.ok
    assert [code for code, _ in verdict.notes] == ["status_stale"]


def test_did_web_needs_its_document_and_keeps_to_it() -> None:
    did = "did:web:centre.example"
    key = SigningKey(KEY.private, did, KEY.multikey)
    badge = make(key=key, issuer=Issuer(did, "Ajang Uji"))
    assert verify_badge(badge, now=NOW).code == "issuer_unresolved"
    assert verify_badge(badge, now=NOW, did_documents={did: key.did_document()}).ok
    other = did_document(did, [SigningKey.generate().multikey])
    assert verify_badge(badge, now=NOW, did_documents={did: other}).code == "issuer_unresolved"
    retired = key.did_document() | {"assertionMethod": []}
    assert verify_badge(badge, now=NOW, did_documents={did: retired}).code == "foreign_key"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "unreadable"),
        ("hello", "unreadable"),
        ("[1]", "unreadable"),
        ('{"a":1,"a":2}', "unreadable"),
        ('{"a":NaN}', "unreadable"),
        ('{"a":"\\ud800"}', "unreadable"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "unreadable"),
        ("a.b.c", "unreadable"),
        ("{}", "malformed"),
    ],
)
def test_what_is_no_badge_is_refused_without_a_crash(text: str, code: str) -> None:
    assert verify_badge(text, now=NOW).code == code


def test_a_token_with_another_algorithm_is_refused() -> None:
    import base64

    _, body, _ = make("jwt").split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"vc+jwt"}').rstrip(b"=").decode()
    assert verify_badge(f"{head}.{body}.", now=NOW).code == "unreadable"


def test_unsigned_and_unknown_proofs_are_told_apart() -> None:
    badge = make()
    proof = badge.pop("proof")
    assert verify_badge(badge, now=NOW).code == "unsigned"
    for change in (
        {"cryptosuite": "ecdsa-jcs-2019"},
        {"type": "eddsa-jcs-2022"},
        {"proofPurpose": "authentication"},
    ):
        assert verify_badge({**badge, "proof": {**proof, **change}}, now=NOW).code == "unsupported_proof"
    assert verify_badge({**badge, "proof": {**proof, "proofValue": "z0"}}, now=NOW).code == "malformed"


def test_an_inline_vocabulary_cannot_rename_signed_terms() -> None:
    badge = make(integrity.RDFC)
    badge["@context"] = [*badge["@context"], {"extra": "https://example.org/extra"}]
    assert verify_badge(badge, now=NOW).code == "tampered"


def test_a_proof_by_a_third_party_neither_helps_nor_harms() -> None:
    badge = make()
    other = SigningKey.generate()
    options = integrity.configuration(other, "2026-11-24T00:00:00Z", context=badge["@context"])
    assert verify_badge(integrity.add_proof(badge, other, options), now=NOW).ok


def test_sentences_exist_in_three_languages_and_name_the_same_things() -> None:
    import string

    for table in (REASONS, NOTES):
        for code, texts in table.items():
            assert set(texts) == {"en", "id", "zh"}, code
            named = [
                {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()
            ]
            assert named[0] == named[1] == named[2], code


def test_a_badge_holds_nothing_the_holder_did_not_choose() -> None:
    plain = json.dumps(make())
    assert "identifier" not in json.loads(plain)["credentialSubject"]
    shown = make(holder=Holder(name="Siti", email="siti@example.org", salt="s4lt"))
    text = json.dumps(shown)
    assert "siti@example.org" not in text
    hashed = shown["credentialSubject"]["identifier"][1]
    # sha256("siti@example.orgs4lt"), from the coreutils
    assert hashed["identityHash"].startswith("sha256$")
    assert len(hashed["identityHash"]) == 7 + 64
    first, second = make(), make()
    assert first["id"] != second["id"]
    assert first["credentialSubject"]["id"] != second["credentialSubject"]["id"]


def test_proof_survives_a_round_trip_through_other_json_layouts() -> None:
    badge = make()
    shuffled = json.loads(json.dumps(badge, indent=4, sort_keys=True))
    assert verify_badge(copy.deepcopy(shuffled), now=NOW).ok
