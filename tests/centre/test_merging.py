"""Two teams become one by both captains' word: limits, entries and seasons count together, and one row is left."""

from __future__ import annotations

from datetime import date

import pytest
from django.core import mail
from django.test import Client

from lumbung.centre.challenges.models import Phase
from lumbung.centre.members.models import AuditEntry, Team
from lumbung.centre.members.suspending import suspend_team
from lumbung.centre.partners.models import Season
from lumbung.centre.runs.models import Submission
from small_league import NOW, person, team

BOARD = "/challenges/toy/phases/practice/leaderboard"


def ask(league, who="stranger", joining="others", into="rice-rocket"):
    return league.api[who]("POST", f"/teams/{joining}/merge", {"into": into})


def reply(league, agree=True, who="member", into="rice-rocket", joining="others"):
    return league.api[who]("POST", f"/teams/{into}/mergers/{joining}", {"agree": agree})


@pytest.fixture
def ranked(league):
    node = league.node()
    for who, figures in (("member", [3.0, 4.0]), ("stranger", [1.0, 2.0])):
        league.submit(who)
        job = node.lease()
        assert node.deliver(job, node.evidence(job, {"all": figures})).status_code == 200
    return league


def test_one_row_is_left_the_better_one_and_limits_count_together(ranked):
    league = ranked
    Phase.objects.filter(slug="practice").update(daily_limit=3)
    league.submit("member")
    assert len(league.api["visitor"]("GET", BOARD).json()["rows"]) == 2
    season = Season.objects.create(
        slug="first", title={"en": "a", "id": "b", "zh": "c"}, opens=date(2026, 1, 1), closes=date(2027, 1, 1)
    )
    season.teams.add(Team.objects.get(slug="others"))
    mail.outbox.clear()
    assert ask(league).status_code == 201 == ask(league).status_code
    assert mail.outbox[0].to == ["member@example.org"] and "Others" in mail.outbox[0].subject
    browser = Client()
    browser.force_login(league.member)
    assert "asks to join" in browser.get("/teams/").content.decode()
    assert browser.post("/teams/rice-rocket/mergers/others", {"agree": "yes"}).status_code == 302
    (row,) = league.api["visitor"]("GET", BOARD).json()["rows"]
    assert row["team"] == "rice-rocket" and row["mean"] == 1.5
    refused = league.submit("stranger", team="rice-rocket")
    assert refused.status_code == 400 and "3 submissions" in refused.json()["detail"], "two and one, of three"
    assert league.submit("stranger").status_code == 404, "the other is a team no more"
    joined = Team.objects.get(slug="others")
    assert joined.merged_into == league.team and not joined.members.exists()
    assert set(Submission.objects.values_list("team__slug", flat=True)) == {"rice-rocket"}
    assert list(season.teams.all()) == [league.team], "entered as one"
    assert list(AuditEntry.objects.filter(act__startswith="team.merge").values_list("act", "subject")) == [
        ("team.merge_asked", "others"), ("team.merged", "others"),
    ]  # fmt: skip
    assert ask(league, "member", "rice-rocket", "others").status_code == 400


def test_it_takes_both_captains(ranked):
    league = ranked
    assert reply(league).status_code == 404, "nobody asked"
    assert ask(league).status_code == 201
    second = person("second@example.org")
    league.team.members.add(second)
    browser = Client()
    browser.force_login(second)
    assert browser.post("/teams/rice-rocket/mergers/others", {"agree": "yes"}).status_code == 403
    assert browser.post("/teams/rice-rocket/merge", {"into": "others"}).status_code == 403
    others = Team.objects.get(slug="others")
    others.members.add(second)
    Team.objects.filter(pk=others.pk).update(captain=second)
    refused = reply(league)
    assert refused.status_code == 400 and "ask again" in refused.json()["detail"]
    Team.objects.filter(pk=others.pk).update(captain=league.stranger)
    assert reply(league, agree=False).status_code == 204
    assert reply(league).status_code == 404 and Team.objects.get(slug="others").merged_into is None


def test_nobody_takes_part_twice_on_private_cases_by_merging(ranked):
    league = ranked
    assert league.submit("member", phase="final").status_code == 201
    third, first = team("third", league.stranger), Submission.objects.first()
    Submission.objects.create(
        team=third, phase=Phase.objects.get(slug="final"), name="x", blob=first.blob,
        digest="sha256:" + "0" * 64, handed_in_by=league.stranger, created=first.created,
    )  # fmt: skip
    refused = ask(league)
    assert refused.status_code == 400 and "Third" in refused.json()["detail"]


@pytest.mark.parametrize("suspended", ["rice-rocket", "others"])
def test_no_suspension_is_shed_by_merging(league, suspended):
    assert ask(league).status_code == 201
    suspend_team(league.staff, Team.objects.get(slug=suspended), "Sold accounts.", now=NOW)
    assert reply(league).status_code == 400 and ask(league).status_code == 400
    assert Team.objects.get(slug="others").merged_into is None
    assert reply(league, agree=False).status_code == 204, "declining stays possible"
