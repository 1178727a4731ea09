"""Indicators: months without gaps, people in steps, half-years that add up, and the report in the reader's language."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from cooperation_stage import partner
from lumbung.centre.members.models import Organisation
from lumbung.centre.members.services import Refused
from lumbung.centre.partners import agreements
from lumbung.centre.partners.models import AgreementMilestone
from lumbung.centre.portal.indicators import Indicator, half_year, halves, indicators
from lumbung.proving.text import Text
from small_league import NOW
from small_stage import Stage

TITLE = Text("Memorandum", "Nota kesepahaman", "谅解备忘录")


def _months(*counts: float, people: bool = False) -> Indicator:
    months = tuple((date(2025 + k // 12, k % 12 + 1, 1), count) for k, count in enumerate(counts))
    return Indicator("x", "x", "x", "/", months, people)


def test_half_years_add_up_to_all() -> None:
    found = _months(*range(1, 19))
    spans = [half_year(each, date(2026, 6, 1)) for each in ("2025-1", "2025-2", "2026-1")]
    assert [found.within(*span) for span in spans] == [21, 57, 93]
    assert found.total == sum(range(1, 19)) == 171
    assert spans[1] == (date(2025, 7, 1), date(2025, 12, 31))


@pytest.mark.parametrize("asked", ["", "2026-3", "26-1", "x-1", "2026", "-1", "0000-1"])
def test_an_unknown_half_year_is_the_present_one(asked: str) -> None:
    assert half_year(asked, date(2026, 11, 29)) == (date(2026, 7, 1), date(2026, 12, 31))


def test_people_are_counted_in_steps_and_never_by_month() -> None:
    few, many = _months(4, 5, people=True), _months(9, 8, people=True)
    assert (few.total, many.total) == (0, 15)
    assert few.bars == many.bars == [] and _months(3, 0, 6).bars[2][2] == 36


def test_months_of_nothing_stand_between(league: Any) -> None:
    Organisation.objects.update(created=NOW - timedelta(days=100))
    (found,) = (each for each in indicators(NOW) if each.key == "organisations")
    assert len(found.months) in (4, 5) and found.total == Organisation.objects.filter(approved=True).count()
    assert all(later[0] > earlier[0] for earlier, later in zip(found.months, found.months[1:], strict=False))
    assert halves([found], NOW)[0] == f"{NOW.year}-{1 if NOW.month < 7 else 2}"


def test_the_download_holds_what_the_page_shows(stage: Stage) -> None:
    rows = list(csv.DictReader(Client().get("/results/indicators.csv").content.decode().splitlines()))
    evidence = sum(float(row["count"]) for row in rows if row["indicator"] == "evidence")
    page = Client().get("/results/indicators/").content.decode()
    assert evidence >= 1 and '<tr id="evidence">' in page
    assert {row["month"] for row in rows if row["indicator"] == "measured"} == {"total"}


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Half-yearly report"), ("id", "Laporan semester"), ("zh-hans", "联合中心半年报告")],
)
def test_the_report_speaks_the_readers_language(stage: Stage, language: str, title: str) -> None:
    page = Client(headers={"Accept-Language": language}).get("/results/report/").content.decode()
    assert (
        title in page
        and {"en": "Memorandum", "id": "Nota kesepahaman", "zh-hans": "谅解备忘录"}[language] in page
    )


def test_an_agreement_keeps_its_promises_in_order(league: Any) -> None:
    labs, _head = partner()
    made = agreements.sign(league.staff, TITLE, [league.organisation, labs], NOW.date(), None, "", now=NOW)
    second = agreements.promise(league.staff, made, TITLE, NOW.date() + timedelta(days=9), now=NOW)
    first = agreements.promise(league.staff, made, TITLE, NOW.date() + timedelta(days=2), now=NOW)
    agreements.keep_promise(league.staff, made, first.pk, now=NOW)
    assert [each.pk for each in agreements.find_agreement(made.slug).milestones.all()] == [
        first.pk,
        second.pk,
    ]
    assert [each.done for each in made.milestones.all()] == [NOW.date(), None]


@pytest.mark.parametrize("signed", [date(9999, 12, 31), NOW.date() + timedelta(days=400)])
def test_what_bears_a_later_day_has_not_come_yet(league: Any, signed: date) -> None:
    parties = [partner("hanoi-labs", "VN")[0], league.organisation]
    agreements.sign(league.staff, TITLE, parties, signed, None, "", now=NOW)
    (found,) = (each for each in indicators(NOW) if each.key == "agreements")
    assert (found.months, found.total) == ((), 0)
    for address in ("/results/indicators/", "/results/indicators.csv", "/results/report/"):
        assert Client().get(address).status_code == 200


@pytest.mark.parametrize("day", ["0026-11-30", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_slip_of_the_hand_is_no_day(stage: Stage, day: str) -> None:
    browser, milestones = stage.browser("staff"), "/cooperation/agreements/memorandum/milestones"
    titles = {"title_en": "Office", "title_id": "Kantor", "title_zh": "办公室"}
    before = AgreementMilestone.objects.count()
    browser.post(milestones, {**titles, "due": day})
    parties = list(Organisation.objects.filter(approved=True).values_list("slug", flat=True))
    signed = browser.post("/cooperation/agreements/new/", {**titles, "parties": parties, "signed": day})
    assert signed.status_code == 400 and "signed" in signed.context["form"].errors
    assert AgreementMilestone.objects.count() == before


def test_an_agreement_that_is_none_is_refused(league: Any) -> None:
    city, (labs, _head) = league.organisation, partner()
    with pytest.raises(Refused, match=r"two parties|两方|dua pihak"):
        agreements.sign(league.staff, TITLE, [city], NOW.date(), None, "", now=NOW)
    with pytest.raises(Refused):
        agreements.sign(league.staff, TITLE, [city, labs], NOW.date(), NOW.date(), "", now=NOW)
    made = agreements.sign(league.staff, TITLE, [city, labs], NOW.date(), None, "", now=NOW)
    with pytest.raises(Refused):
        agreements.promise(league.staff, made, TITLE, NOW.date() - timedelta(days=1), now=NOW)
