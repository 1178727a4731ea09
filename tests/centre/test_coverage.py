"""Which countries the book of incentives covers: counted from the book, no country left out, nothing unconfirmed among the sure."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from lumbung.centre.members.models import Country
from lumbung.centre.partners.finder import coverage
from lumbung.cooperation.rules.rulebook import shipped_book

DAY = date(2026, 11, 24)


def test_every_country_stands_once_and_every_rule_in_force_is_counted() -> None:
    found = coverage(DAY)
    assert {each.country for each in found} == set(Country.values) and len(found) == 12
    listed = {rule.id for each in found for rule in (*each.rules, *each.unconfirmed)}
    assert listed == {
        rule.id for rule in shipped_book() if rule.sort == "incentive" and rule.valid.holds(DAY)
    }
    assert all(rule.computes for each in found for rule in each.rules)
    assert not any(rule.computes for each in found for rule in each.unconfirmed)
    assert found[0].rules and not found[-1].rules


@pytest.mark.parametrize(
    ("language", "words"), [("en", "not covered yet"), ("id", "belum tercakup"), ("zh-hans", "尚未覆盖")]
)
def test_the_page_says_who_is_not_covered(db: None, language: str, words: str) -> None:
    page = (
        Client(headers={"Accept-Language": language}).get("/cooperation/support/coverage/").content.decode()
    )
    assert page.count(words) == sum(not each.rules for each in coverage(date.today()))
