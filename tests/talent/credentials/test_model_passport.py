"""A passport is verified by whoever holds it: changed figures, dropped or exchanged evidence and dead keys are found."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.digest import digest_bytes, digest_data
from lumbung.proving.evidence import FaultMark, sign
from lumbung.proving.faults import Owner
from lumbung.proving.passport import Question
from lumbung.proving.text import LANGUAGES, Text
from lumbung.talent.credentials import integrity
from lumbung.talent.credentials.keys import SigningKey
from lumbung.talent.credentials.model_passport import (
    Declared,
    Verified,
    first_difference,
    issue_passport,
    verify_passport,
    written,
)
from lumbung.talent.credentials.model_passport_wording import SAID
from making_evidence import evidence_of

NODE, STRANGER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
ISSUER, LIAR = SigningKey.from_raw(b"\x05" * 32), SigningKey.from_raw(b"\x06" * 32)
MADE, NOW = "2026-11-24T00:00:00Z", datetime(2026, 12, 1, tzinfo=UTC)
QUESTION = Question(
    "toy", 1, digest_data("toy"), Text("Toy", "Mainan", "玩具"), "CC0-1.0", Ranking("delay", "lower")
)
KNOWN = {QUESTION.digest: QUESTION}
MODEL = digest_data("model")
PIECES = [
    evidence_of({"road": [3.0, 4.0, 5.5], "lane": [6.0, 7.0, 6.5]}, submission_digest=MODEL),
    evidence_of(
        {"jv": [0.3, 0.4, 0.5], "id": [0.6, 0.7, 0.65]}, submission_digest=MODEL, phase="final",
        egress=Egress(min_cases=2, reveal="every"),
    ),
    evidence_of(
        {"road": []}, submission_digest=MODEL, phase="other", case_count=5, fault=FaultMark(Owner("submission"), "crashed")
    ),
]  # fmt: skip
ENVELOPES = [sign(piece, NODE) for piece in PIECES]
DOCUMENT = issue_passport(
    ENVELOPES, [NODE.public_key()], KNOWN, ISSUER, made=MADE, declared=Declared("Padi-1", "Apache-2.0")
)


def verify(document: dict[str, Any] | bytes, key: Ed25519PrivateKey = NODE, **more: Any) -> Verified:
    plain = document if isinstance(document, bytes) else written(document)
    return verify_passport(plain, [key.public_key()], **({"now": NOW, "known": KNOWN} | more))


def codes(found: Verified) -> set[str]:
    return {check.code for check in found.checks if not check.holds}


def signed_anew(document: dict[str, Any], key: SigningKey = ISSUER) -> dict[str, Any]:
    """What an issuer who lies can do: sign whatever it wrote."""
    bare = {name: value for name, value in document.items() if name != "proof"} | {"issuer": key.did}
    return integrity.add_proofs(bare, key, MADE)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path


def changed(document: dict[str, Any], path: tuple[Any, ...], how: str) -> dict[str, Any]:
    copied = copy.deepcopy(document)
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    old = place[path[-1]]
    if how == "taken away" and isinstance(place, dict):
        del place[path[-1]]
    elif isinstance(old, bool):
        place[path[-1]] = not old
    elif isinstance(old, int | float):
        place[path[-1]] = old * 1.001 + 1
    elif isinstance(old, str):
        place[path[-1]] = old[:-1] + ("b" if old[-1:] != "b" else "c")
    else:
        place[path[-1]] = 0
    return copied


PLACES = list(leaves(DOCUMENT))
FOUND = [
    path for path in PLACES
    if (path[0] == "evidence" and path[2] != "type")
    or (path[0] == "credentialSubject" and path[1] not in ("declared", "chosenBy", "type") and "title" not in path)
]  # fmt: skip


def test_a_passport_holds_and_says_the_same_in_every_language() -> None:
    found = verify(DOCUMENT)
    assert found.holds, [check.said("en") for check in found.checks]
    assert found.passport is not None and len(found.passport.tests) == 3
    assert found.declared == Declared("Padi-1", "Apache-2.0") and found.issuer == ISSUER.did
    for check in found.checks:
        assert len({check.said(language) for language in LANGUAGES}) == 3
    assert {test["fault"] and test["fault"]["code"] for test in DOCUMENT["credentialSubject"]["tests"]} == {
        None,
        "crashed",
    }


@given(st.sampled_from(PLACES), st.sampled_from(["changed", "taken away"]))
@settings(max_examples=150, deadline=None)
def test_whatever_is_changed_is_found(path: tuple[Any, ...], how: str) -> None:
    assert not verify(changed(DOCUMENT, path, how)).holds


@given(st.sampled_from(FOUND), st.sampled_from(["changed", "taken away"]))
@settings(max_examples=150, deadline=None)
def test_an_issuer_who_signs_other_figures_is_found_too(path: tuple[Any, ...], how: str) -> None:
    found = verify(signed_anew(changed(DOCUMENT, path, how)))
    assert not found.holds
    for check in found.checks:
        assert check.said("id") and check.said("zh")


@pytest.mark.parametrize("where", [(), ("credentialSubject",), ("evidence", 0)], ids=str)
def test_nothing_is_added_to_what_a_passport_says(where: tuple[Any, ...]) -> None:
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    for step in where:
        place = place[step]
    place["name"] = "Approved by the ministry"
    assert codes(verify(signed_anew(document))) == {"unreadable"}
    document = copy.deepcopy(DOCUMENT)
    document["credentialSubject"]["chosenBy"] = "the ministry"
    assert codes(verify(signed_anew(document))) == {"unreadable"}


def test_one_who_is_not_the_issuer_cannot_sign_for_it() -> None:
    document = signed_anew(DOCUMENT, LIAR) | {"issuer": ISSUER.did}
    assert codes(verify(document)) & {"other_issuer", "altered", "unreadable"}
    assert verify(signed_anew(DOCUMENT, LIAR)).issuer == LIAR.did  # who reads looks at whom it is by


def test_an_unfavourable_judging_that_is_dropped_is_missed() -> None:
    document = copy.deepcopy(DOCUMENT)
    gone = document["evidence"].pop()
    assert codes(verify(signed_anew(document))) >= {"left_out"}
    document["credentialSubject"]["tests"] = [
        test for test in document["credentialSubject"]["tests"] if test["evidence"] != gone["digest"]
    ]
    assert "other_figure" in codes(verify(signed_anew(document)))  # its counts tell of three


def test_another_model_s_evidence_is_no_part_of_it() -> None:
    document = copy.deepcopy(DOCUMENT)
    better = sign(msgspec.structs.replace(PIECES[0], submission_digest=digest_data("a better one")), NODE)
    document["evidence"][0] |= {"envelope": better.decode(), "digest": digest_bytes(better)}
    assert not verify(signed_anew(document)).holds


def test_evidence_of_a_node_that_nobody_trusts_counts_for_nothing() -> None:
    assert "unknown_key" in codes(verify(DOCUMENT, STRANGER))


def test_a_question_told_otherwise_than_its_challenge_asks_is_found() -> None:
    """Figures that follow from a false question: the worse is called the better."""
    turned = msgspec.structs.replace(QUESTION, ranking=Ranking("delay", "higher"))
    document = issue_passport(ENVELOPES, [NODE.public_key()], {turned.digest: turned}, ISSUER, made=MADE)
    assert codes(verify(document)) == {"asks_else"}
    unknown = verify(document, known={})
    assert unknown.holds and "not_at_hand" in {check.code for check in unknown.checks}  # said, not found


def test_another_title_is_said() -> None:
    amended = msgspec.structs.replace(QUESTION, title=Text("A fine toy", "Mainan bagus", "好玩具"))
    document = issue_passport(ENVELOPES, [NODE.public_key()], {amended.digest: amended}, ISSUER, made=MADE)
    found = verify(document)
    assert found.holds and "“Toy”" in " ".join(check.said("en") for check in found.checks)


def test_a_date_to_come_and_what_is_no_passport_are_refused() -> None:
    later = issue_passport(
        ENVELOPES, [NODE.public_key()], KNOWN, ISSUER, made=f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    )
    assert codes(verify(later)) == {"unreadable"}
    for given_ in (b"", b"[]", b"{}", b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 100_000, written(DOCUMENT)[:-40]):
        assert codes(verify(given_)) == {"unreadable"}


@pytest.mark.parametrize(
    ("stated", "computed", "where"),
    [
        ({"a": 1.0}, {"a": 1.0 + 1e-12}, ""),
        ({"a": [1, 2]}, {"a": [1, 3]}, "a[1]"),
        ({"a": 1}, {"b": 1}, "a"),
        ({"a": True}, {"a": 1}, "a"),
        ({"a": "1"}, {"a": 1}, "a"),
        ({"a": 10**400}, {"a": 1.0}, "a"),
        ({"a": [1]}, {"a": "1"}, "a"),
        ({"a": None}, {"a": 0.0}, "a"),
    ],
)
def test_a_difference_is_named_by_its_place(stated: Any, computed: Any, where: str) -> None:
    assert first_difference(stated, computed) == where


def test_every_sentence_takes_its_places_in_every_language() -> None:
    import string

    for code, text in SAID.items():
        places = {
            language: {name for _, name, _, _ in string.Formatter().parse(text.in_language(language)) if name}
            for language in LANGUAGES
        }
        assert places["en"] == places["id"] == places["zh"], code


def test_it_is_plain_json_that_any_reader_opens() -> None:
    told = json.loads(written(DOCUMENT))
    assert (
        told["type"] == ["VerifiableCredential", "ModelPassport"]
        and told["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    )
