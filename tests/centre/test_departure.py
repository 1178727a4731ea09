"""One's own data in one file, and an account that is gone: nothing of the person left, nothing of the others lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core import mail
from django.db import models

from lumbung.centre.members.departure import delete_account, everything_about
from lumbung.centre.members.models import ApiToken, AuditEntry, Membership, Team, User
from lumbung.centre.members.services import Refused, found_team, invite
from lumbung.centre.runs.models import Submission
from small_league import join, person, team

NOW = datetime.now(UTC)


def everything_in_the_database() -> str:
    rows = []
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields]
        rows += [f"{model._meta.label} {row}" for row in model._default_manager.values(*names)]
    return "\n".join(rows)


def test_one_click_gives_everything_and_no_secret(league, client):
    league.submit()
    join(league.member, league.organisation, "member")
    client.force_login(league.member)
    answer = client.get("/account/data")
    assert answer["Content-Disposition"].startswith("attachment") and "no-store" in answer["Cache-Control"]
    found = json.loads(answer.content)
    assert found["account"]["email"] == league.member.email and "password" not in found["account"]
    assert {"members.Membership", "members.ApiToken"} <= set(found["goes_with_the_account"])
    assert found["stays_without_a_name"]["runs.Submission"][0]["token"] == Submission.objects.get().token
    assert any(act["act"] == "submission.handed_in" for act in found["log"])
    assert ApiToken.objects.get(user=league.member).digest not in answer.content.decode()


def test_two_clicks_delete_the_account_and_what_others_rely_on_stays(league, client):
    league.member.name = "Sri Wahyuni"
    league.member.save()
    node = league.node()
    league.submit()
    job = node.lease()
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0, 3.0, 2.5, 1.5, 2.0]}))
    client.force_login(league.member)
    page = client.get("/account/", headers={"accept-language": "en"}).content.decode()
    assert 'href="/account/delete/"' in page
    asked = client.get("/account/delete/", headers={"accept-language": "en"}).content.decode()
    assert "cannot be undone" in asked and User.objects.get(pk=league.member.pk).is_active
    assert client.post("/account/delete/").status_code == 302
    assert client.get("/account/").status_code == 302, "signed out"
    left = everything_in_the_database()
    assert "Sri Wahyuni" not in left and "member@example.org" not in left
    (row,) = league.api["visitor"]("GET", "/challenges/toy/phases/practice/leaderboard").json()["rows"]
    assert (
        row["mean"] == pytest.approx(2.0)
        and row["team_name"] == f"Team {Team.objects.get(slug='rice-rocket').pk}"
    )
    assert league.api["member"]("GET", "/submissions").status_code == 401, "tokens went with the account"
    assert AuditEntry.objects.filter(act="account.deleted", actor=f"user:{league.member.pk}").count() == 1
    assert [letter.to for letter in mail.outbox] == [["member@example.org"]]


def test_a_team_with_others_is_handed_on_and_keeps_its_name(league):
    other = person("other@example.org")
    league.team.members.add(other)
    delete_account(league.member, now=NOW)
    kept = Team.objects.get(pk=league.team.pk)
    assert kept.captain == other and kept.name == league.team.name and list(kept.members.all()) == [other]


def test_whoever_took_the_name_that_is_left_keeps_nobody_here(league):
    enemy = person("enemy@example.org")
    found_team(enemy, name=f"Team {league.team.pk}", organisations=[], now=NOW)
    delete_account(league.member, now=NOW)
    assert Team.objects.get(pk=league.team.pk).name == f"Team {league.team.pk}-2"


def test_letters_that_invited_one_are_ones_own_data(league):
    invite(league.stranger, Team.objects.get(slug="others"), "Member@example.org", now=NOW)
    (sent,) = everything_about(league.member)["invitations"]
    assert (sent["team__slug"], sent["email"]) == ("others", "member@example.org")
    delete_account(league.member, now=NOW)
    assert "member@example.org" not in everything_in_the_database()


def test_who_came_back_is_somebody_else(league):
    delete_account(league.member, now=NOW)
    again = person("member@example.org")
    assert again.pk != league.member.pk and not again.teams.exists()
    assert team("new-team", again).captain == again


@pytest.mark.parametrize("role", ["is_staff", "is_auditor"])
def test_who_watches_over_others_does_not_just_vanish(league, role):
    setattr(league.member, role, True)
    with pytest.raises(Refused):
        delete_account(league.member, now=NOW)
    assert User.objects.get(pk=league.member.pk).email == "member@example.org"


def test_organisations_without_an_administrator_are_named_beforehand(league, client):
    client.force_login(league.owner)
    page = client.get("/account/delete/", headers={"accept-language": "en"}).content.decode()
    assert league.organisation.name in page
    join(league.member, league.organisation, "administrator")
    assert league.organisation.name not in client.get("/account/delete/").content.decode()


def test_every_table_that_names_a_person_is_in_the_export(league):
    """What points to a person in any table of any app is among the rows, whichever way it is deleted."""
    found = everything_about(league.owner)
    listed = set(found["goes_with_the_account"]) | set(found["stays_without_a_name"])
    pointing = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is User
    }
    assert len(pointing) > 12 and pointing <= listed
    assert Membership._meta.label in pointing
