"""Whatever stands in a badge, a key document or a status list, verification answers and never falls over."""

from __future__ import annotations

import copy
import io
import json
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lumbung.talent.credentials import (
    Ability,
    Issuer,
    SigningKey,
    StatusList,
    integrity,
    issue_badge,
    status_credential,
    verify_badge,
)
from lumbung.talent.credentials.keys import UnresolvedIssuer, fetch_did_document
from lumbung.talent.credentials.verdict import REASONS

NOW = datetime(2026, 12, 1, tzinfo=UTC)
KEY = SigningKey.from_raw(b"\x0b" * 32, "did:web:centre.example")
LIST = "https://centre.example/status/1"
ABILITY = Ability(0.5, 0.3, 20, "en", "t/1", datetime(2026, 11, 1, tzinfo=UTC).date())


def _badge(suite: str) -> dict[str, Any]:
    return issue_badge(
        ABILITY,
        issuer=Issuer(KEY.did, "A"),
        key=KEY,
        valid_from="2026-11-24T00:00:00Z",
        valid_until="2029-11-24T00:00:00Z",
        status=(LIST, 3),
        suite=suite,
        identifier="urn:uuid:1",
        subject="urn:uuid:2",
    )


def _list() -> dict[str, Any]:
    document = status_credential(StatusList(), LIST, KEY.did, "2026-11-24T00:00:00Z")
    return integrity.add_proof(document, KEY, integrity.configuration(KEY, "2026-11-24T00:00:00Z"))


GENUINE = {suite: _badge(suite) for suite in (integrity.JCS, integrity.RDFC)}
STATUS = _list()
DOCUMENT = KEY.did_document()

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here] if here else []
    if isinstance(value, dict):
        for name, item in value.items():
            found += _paths(item, (*here, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            found += _paths(item, (*here, place))
    return found


def _with(value: Any, path: tuple[Any, ...], planted: Any) -> Any:
    changed = copy.deepcopy(value)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = planted
    return changed


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), suite=st.sampled_from(sorted(GENUINE)), planted=json_values)
def test_a_planted_value_anywhere_gives_a_verdict(data: st.DataObject, suite: str, planted: Any) -> None:
    genuine = GENUINE[suite]
    path = data.draw(st.sampled_from(_paths(genuine)))
    changed = _with(genuine, path, planted)
    verdict = verify_badge(changed, now=NOW, did_documents={KEY.did: DOCUMENT}, status_lists=[STATUS])
    assert verdict.code in REASONS
    assert set(verdict.reasons) == {"en", "id", "zh"}
    assert not verdict.ok or changed == genuine or path[:1] == ("proof",)


@settings(max_examples=80, deadline=None)
@given(data=st.data(), planted=json_values)
def test_a_planted_value_in_list_or_key_document_gives_a_verdict(data: st.DataObject, planted: Any) -> None:
    badge = GENUINE[integrity.JCS]
    spoiled_list = _with(STATUS, data.draw(st.sampled_from(_paths(STATUS))), planted)
    verdict = verify_badge(badge, now=NOW, did_documents={KEY.did: DOCUMENT}, status_lists=[spoiled_list])
    assert verdict.code in ("valid", "status_unusable")
    spoiled_key = _with(DOCUMENT, data.draw(st.sampled_from(_paths(DOCUMENT))), planted)
    verdict = verify_badge(badge, now=NOW, did_documents={KEY.did: spoiled_key})
    assert verdict.code in ("valid", "issuer_unresolved", "foreign_key")


@settings(max_examples=100, deadline=None)
@given(json_values | st.text(max_size=60))
def test_any_text_gives_a_verdict(value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    assert not verify_badge(text, now=NOW).ok


class _Answer(io.BytesIO):
    def __init__(self, body: bytes, address: str) -> None:
        super().__init__(body)
        self._address = address

    def geturl(self) -> str:
        return self._address


@pytest.mark.parametrize(
    ("body", "address", "why"),
    [
        (
            json.dumps({"id": "did:web:other.example"}).encode(),
            "https://centre.example/",
            "holds no document of",
        ),
        (b"<html>", "https://centre.example/", "gave no DID document"),
        (json.dumps(DOCUMENT).encode(), "http://centre.example/", "led away from https"),
    ],
)
def test_a_fetched_key_document_must_be_that_of_the_did(
    monkeypatch: pytest.MonkeyPatch, body: bytes, address: str, why: str
) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: _Answer(body, address))
    with pytest.raises(UnresolvedIssuer, match=why):
        fetch_did_document(KEY.did)


def test_a_fetched_key_document_is_asked_for_at_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(url: str, timeout: float) -> _Answer:
        asked.append(url)
        return _Answer(json.dumps(DOCUMENT).encode(), url)

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    assert fetch_did_document(KEY.did) == DOCUMENT
    assert asked == ["https://centre.example/.well-known/did.json"]


@pytest.mark.parametrize("member", ["assertionMethod", "verificationMethod"])
@pytest.mark.parametrize("value", [None, 5, "x", [None], {}])
def test_a_broken_key_document_gives_a_verdict(member: str, value: Any) -> None:
    verdict = verify_badge(
        GENUINE[integrity.JCS], now=NOW, did_documents={KEY.did: {**DOCUMENT, member: value}}
    )
    assert verdict.code in ("issuer_unresolved", "foreign_key")
