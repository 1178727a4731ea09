"""Badges by the million are the same badges."""

from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, date, datetime

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.talent.credentials import (
    Ability,
    Award,
    BadgeProblem,
    Batch,
    Holder,
    Issuer,
    SigningKey,
    issue_badge,
)
from lumbung.talent.credentials.badge import decimal, localized
from lumbung.talent.credentials.status import draw_places
from lumbung.talent.credentials.verify import verify_badge

KEY = SigningKey.from_raw(b"\x07" * 32)
ISSUER = Issuer(KEY.did, "Ajang “Uji”", "https://centre.example")
LIST = "https://centre.example/status/9"
WHEN = "2026-11-24T00:00:00Z"

names = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\uf8f0\uf8f1"), min_size=1, max_size=20
)
holders = st.builds(
    Holder, did=st.sampled_from([None, "did:key:z6MkExample", "did:web:a%22b"]), name=st.none() | names
)
abilities = st.builds(
    Ability,
    theta=st.floats(-6, 6),
    standard_error=st.floats(0.05, 2),
    items=st.integers(1, 60),
    language=st.sampled_from(["en", "id", "zh"]),
    test=st.just("ai-capability/1"),
    taken_on=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    proctored=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(abilities, holders, st.sampled_from(["en", "id", "zh"])), min_size=1, max_size=4))
def test_the_fast_path_gives_the_bytes_of_the_slow_path(rows: list[tuple[Ability, Holder, str]]) -> None:
    counter = itertools.count()
    awards = [Award(measured, holder, language) for measured, holder, language in rows]
    batch = Batch(ISSUER, KEY, WHEN, "2029-11-24T00:00:00Z")
    fast = list(batch.issue(awards, LIST, iter(range(100, 200)), lambda: f"urn:uuid:{next(counter)}"))
    counter = itertools.count()
    for award, (place, named, badge) in zip(awards, fast, strict=True):
        identifier = f"urn:uuid:{next(counter)}"
        assert named == identifier
        slow = issue_badge(
            award.measured,
            issuer=ISSUER,
            key=KEY,
            valid_from=WHEN,
            valid_until="2029-11-24T00:00:00Z",
            holder=award.holder,
            language=award.language,
            status=(LIST, place),
            identifier=identifier,
            subject=award.holder.did or f"urn:uuid:{next(counter)}",
        )
        assert badge == rfc8785.dumps(slow)


def test_a_batch_verifies_and_gives_each_badge_its_own_random_place() -> None:
    ability = Ability(-0.4, 0.31, 30, "zh", "ai-capability/1", date(2026, 11, 20))
    rng = random.Random(5)
    issued = list(Batch(ISSUER, KEY, WHEN).issue([Award(ability)] * 300, LIST, draw_places(rng)))
    places = [badge.place for badge in issued]
    assert len(set(places)) == 300
    assert places != sorted(places)
    for place, identifier, badge in issued[::50]:
        assert verify_badge(badge, now=datetime(2026, 12, 1, tzinfo=UTC)).ok
        assert json.loads(badge)["credentialStatus"]["statusListIndex"] == str(place)
        assert json.loads(badge)["id"] == identifier


def test_a_full_list_and_an_impossible_result_are_refused() -> None:
    ability = Ability(0.0, 0.3, 30, "id", "ai-capability/1", date(2026, 11, 20))
    batch = Batch(ISSUER, KEY, WHEN)
    with pytest.raises(BadgeProblem, match="every place"):
        list(batch.issue([Award(ability)] * 3, LIST, iter([1, 2])))
    wrong = Ability(0.0, 0.0, 30, "id", "ai-capability/1", date(2026, 11, 20))
    with pytest.raises(BadgeProblem, match=r"standard_error: found 0\.0"):
        list(batch.issue([Award(wrong)], LIST))
    with pytest.raises(BadgeProblem, match="one by one"):
        list(batch.issue([Award(ability, Holder(email="a@b.c", salt="x"))], LIST))


def test_free_places_skip_those_taken() -> None:
    assert sorted(draw_places(random.Random(1), taken=[0, 3], places=6)) == [1, 2, 4, 5]


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (0.844, "id", "0,84"),
        (-0.001, "en", "0.00"),
        (-1.5, "zh", "-1.50"),
        (-0.0, "id", "0,00"),
        (-10, "en", "-10.00"),
    ],
)
def test_numbers_are_written_as_people_expect(value: float, language: str, text: str) -> None:
    assert localized(decimal(value), language) == text
