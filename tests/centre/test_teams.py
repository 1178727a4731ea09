"""Leaving a team and handing it over: a team always has somebody who leads it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client

from lumbung.centre.members import services
from lumbung.centre.members.models import AuditEntry, Team, TeamInvitation


@pytest.fixture
def pair(league):
    """The team has two members: the one who leads it, and the former stranger."""
    league.team.members.add(league.stranger)
    return league


def acts() -> list[str]:
    return list(AuditEntry.objects.filter(act__startswith="team.").values_list("act", flat=True))


def test_a_member_leaves_and_sees_the_teams_work_no_more(pair):
    token = pair.submit().json()["submission"]
    them = pair.api["stranger"]
    assert them("GET", f"/submissions/{token}").status_code == 200
    assert them("POST", "/teams/rice-rocket/leave").status_code == 204
    assert them("GET", f"/submissions/{token}").status_code == 404
    assert them("POST", "/teams/rice-rocket/leave").status_code == 404, "one leaves once"
    assert list(pair.team.members.all()) == [pair.member] and acts() == ["team.left"]


def test_who_leads_hands_over_before_leaving(pair):
    me, them = pair.api["member"], pair.api["stranger"]
    refused = me("POST", "/teams/rice-rocket/leave")
    assert refused.status_code == 400 and "Hand it over" in refused.json()["detail"]
    assert them("POST", "/teams/rice-rocket/captain", {"email": "stranger@example.org"}).status_code == 403
    for nobody in ("owner@example.org", "member@example.org", "nobody@example.org"):
        assert me("POST", "/teams/rice-rocket/captain", {"email": nobody}).status_code == 400, nobody
    assert me("POST", "/teams/rice-rocket/captain", {"email": "no address"}).status_code == 422
    assert acts() == []
    given = me("POST", "/teams/rice-rocket/captain", {"email": "Stranger@example.org"})
    assert given.status_code == 200 and given.json()["slug"] == "rice-rocket"
    assert me("POST", "/teams/rice-rocket/leave").status_code == 204
    assert Team.objects.get(slug="rice-rocket").captain == pair.stranger
    assert acts() == ["team.handed_over", "team.left"]
    alone = them("POST", "/teams/rice-rocket/leave")
    assert alone.status_code == 400 and "only one" in alone.json()["detail"]


def test_strangers_get_no_flood_of_letters(pair, monkeypatch):
    monkeypatch.setattr(services, "INVITATIONS_A_DAY", 2)
    me = pair.api["member"]
    sent = [
        me("POST", "/teams/rice-rocket/invitations", {"email": f"p{number}@example.org"})
        for number in range(3)
    ]
    assert [answer.status_code < 300 for answer in sent] == [True, True, False]
    assert sent[2].status_code == 400 and "2 people within a day" in sent[2].json()["detail"]
    assert len(mail.outbox) == 2
    TeamInvitation.objects.update(created=F("created") - timedelta(days=1))
    assert me("POST", "/teams/rice-rocket/invitations", {"email": "p@example.org"}).status_code < 300


def test_an_invitation_sent_twice_is_one_and_sent_again_is_renewed(pair):
    me, address = pair.api["member"], {"email": "new@example.org"}
    for email in ("new@example.org", "NEW@example.org", "new@example.org"):
        assert me("POST", "/teams/rice-rocket/invitations", {"email": email}).status_code == 201
    assert len(mail.outbox) == 1 == TeamInvitation.objects.count()
    first = TeamInvitation.objects.get()
    TeamInvitation.objects.update(created=F("created") - timedelta(days=15))
    assert me("POST", "/teams/rice-rocket/invitations", address).status_code == 201
    again = TeamInvitation.objects.get()
    assert again.token == first.token and again.created > first.created, (
        "the address in the letter serves again"
    )
    assert len(mail.outbox) == 2
    inside = me("POST", "/teams/rice-rocket/invitations", {"email": "member@example.org"})
    assert inside.status_code == 400 and "in the team already" in inside.json()["detail"]


def test_the_page_offers_what_is_possible(pair):
    me, them = Client(), Client()
    me.force_login(pair.member)
    them.force_login(pair.stranger)
    page = me.get("/teams/").content.decode()
    assert "/teams/rice-rocket/captain" in page and "/teams/rice-rocket/leave" not in page
    page = them.get("/teams/").content.decode()
    assert "/teams/rice-rocket/leave" in page and "/teams/rice-rocket/captain" not in page
    assert "/teams/others/captain" not in page and "/teams/others/leave" not in page, "a team of one"
    refused = me.post(
        "/teams/rice-rocket/leave", headers={"Referer": "http://testserver/teams/"}, follow=True
    )
    assert "Hand it over" in refused.content.decode()
    me.post("/teams/rice-rocket/captain", {"email": "stranger@example.org"})
    left = me.post("/teams/rice-rocket/leave", follow=True).content.decode()
    assert "You left the team" in left and "/teams/rice-rocket/invite" not in left
    assert list(pair.team.members.all()) == [pair.stranger]
