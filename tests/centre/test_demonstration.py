"""The demonstration's records: made by the services, of all twelve countries, and saying that they are made up."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.credentials.models import Badge, Sitting
from lumbung.centre.credentials.nation import counts
from lumbung.centre.members.models import Country, Organisation, User
from lumbung.centre.partners.models import Booking, Grant, Need, Offer, Project, Season
from lumbung.centre.portal.demonstration import acts
from lumbung.centre.portal.demonstration.records import LABEL, ORGANISATIONS
from small_league import NOW


@pytest.fixture
def played(league: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(acts, "LEARNERS", 2)  # enough to see; ten are summarised in steps of five
    cast = acts.gather(league.staff, {"toy"}, NOW)
    teams = acts.form_teams(cast, ["city/planner", "city/learned"], NOW)
    acts.open_season(cast, list(Challenge.objects.filter(state="open")), teams)
    acts.cooperate(cast, NOW)
    acts.measure(cast, NOW)
    return teams


def test_everything_made_up_says_so(played: Any) -> None:
    made = Organisation.objects.filter(slug__startswith="demo")
    assert {one.country for one in made} == set(Country.values) and made.count() == len(ORGANISATIONS)
    assert all(one.name.startswith(LABEL) and "made up" in one.about for one in made)
    people = User.objects.filter(email__endswith=acts.HOST)
    assert all(one.name.startswith(LABEL) and not one.has_usable_password() for one in people)
    assert all(team.name.startswith(LABEL) for _captain, team in played.values())


def test_it_fills_every_room(played: Any) -> None:
    assert {need.language for need in Need.objects.all()} | {offer.language for offer in Offer.objects.all()} == {
        "en", "id", "zh", "ms", "th", "vi", "fil", "km", "lo", "my",
    }  # fmt: skip
    first = played["city/planner"][1]
    assert {one.country for one in first.organisations.all()} == {"ID", "CN"}
    running = Project.objects.get(stage="running").record
    assert [each.done is not None for each in running.milestones] == [True, False] and running.support
    assert Project.objects.filter(stage="introduced").count() == 1
    assert (
        Booking.objects.count() == Grant.objects.count() == 3
        and Grant.objects.filter(reported=None).count() == 2
    )
    assert Season.objects.get().teams.count() == 2
    assert Sitting.objects.filter(finished__isnull=False).count() == 2 and Badge.objects.count() == 2
    assert counts(NOW) == (0, 0), "two people are nobody's business"


@pytest.mark.parametrize("language", ["en", "id", "zh-hans"])
def test_every_page_of_a_demonstration_says_so(played: Any, settings: Any, language: str) -> None:
    settings.DEMONSTRATION = True
    words = {"en": "are made up", "id": "rekaan", "zh-hans": "均为虚构"}[language]
    browser = Client(headers={"Accept-Language": language})
    for address in (
        "/",
        "/cooperation/",
        "/talent/nation/",
        "/organisations/",
        "/cooperation/seasons/demo-season/",
    ):
        assert words in browser.get(address).content.decode(), address
    settings.DEMONSTRATION = False
    assert 'class="made-up"' not in browser.get("/").content.decode()
