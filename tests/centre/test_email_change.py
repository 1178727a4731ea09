"""Another address: who may give one, what a link proves, and what goes along to the new one."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail
from django.test import Client

from lumbung.centre.members.departure import everything_about
from lumbung.centre.members.models import User
from small_league import NOW, team

PASSWORD = "a long password"


@pytest.fixture
def people(league):
    for person in User.objects.all():
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return league


def signed_in(email="member@example.org"):
    browser = Client(headers={"accept-language": "en"})
    assert browser.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    assert browser.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return browser


def act(browser, what, email):
    return browser.post("/accounts/email/", {"email": email, f"action_{what}": ""}, follow=True)


def link_to(email):
    return f"/accounts/confirm-email/{EmailConfirmationHMAC(EmailAddress.objects.get(email=email)).key}/"


def test_a_browser_left_open_does_not_give_the_account_away(people):
    thief = Client()
    thief.force_login(people.member)
    answer = thief.post("/accounts/email/", {"email": "thief@example.org", "action_add": ""})
    assert "/accounts/reauthenticate/" in answer["Location"]
    assert not EmailAddress.objects.filter(email="thief@example.org").exists() and not mail.outbox


def test_from_the_old_address_to_the_new_one(people):
    browser = signed_in()
    act(browser, "add", "New@Example.org")
    assert [letter.to for letter in mail.outbox] == [["new@example.org"]]
    act(browser, "primary", "new@example.org")
    people.member.refresh_from_db()
    assert people.member.email == "member@example.org", "not before the new one is proven"
    link = link_to("new@example.org")
    stranger = signed_in("stranger@example.org")
    assert stranger.get(link).status_code == 200
    stranger.post(link)
    assert EmailAddress.objects.get(email="new@example.org").user == people.member, (
        "whoever clicks, it is the asker's"
    )
    assert Client().post(link).status_code == 404, "a used link is no link"
    mail.outbox.clear()
    act(browser, "primary", "new@example.org")
    people.member.refresh_from_db()
    assert people.member.email == "new@example.org"
    assert mail.outbox[0].to == ["member@example.org"], "the old address hears of it"
    act(browser, "remove", "member@example.org")
    act(browser, "remove", "new@example.org")
    assert [each.email for each in EmailAddress.objects.filter(user=people.member)] == ["new@example.org"]
    assert (
        Client().post("/accounts/login/", {"login": "member@example.org", "password": PASSWORD}).status_code
        == 200
    )
    assert people.api["member"]("GET", "/me").status_code == 200, "tokens are the person's, not the address's"


def test_the_address_of_another_stays_theirs(people):
    browser = signed_in()
    act(browser, "add", "stranger@example.org")
    theirs = EmailAddress.objects.get(user=people.stranger)
    mine = EmailAddress.objects.filter(user=people.member, email="stranger@example.org").first()
    if mine is not None:
        Client().post(f"/accounts/confirm-email/{EmailConfirmationHMAC(mine).key}/")
        mine.refresh_from_db()
        assert not mine.verified
    act(browser, "remove", "owner@example.org")
    act(browser, "primary", "stranger@example.org")
    people.member.refresh_from_db()
    theirs.refresh_from_db()
    assert people.member.email == "member@example.org" and theirs.verified and theirs.primary
    assert EmailAddress.objects.filter(user=people.owner).count() == 1


def test_invitations_follow_a_person_to_their_other_addresses(people):
    invited = team("more", people.stranger)
    people.api["stranger"]("POST", "/teams/more/invitations", {"email": "member@example.org"})
    people.member.email = "new@example.org"
    people.member.save()
    EmailAddress.objects.filter(user=people.member).update(primary=False)
    EmailAddress.objects.create(user=people.member, email="new@example.org", verified=True, primary=True)
    assert [row["email"] for row in everything_about(people.member)["invitations"]] == ["member@example.org"]
    browser = signed_in("new@example.org")
    assert "More invites you" in browser.get("/teams/").content.decode()
    token = invited.invitations.get().token
    EmailAddress.objects.filter(email="member@example.org").update(verified=False)
    assert people.api["member"]("POST", "/invitations/accept", {"token": token}).status_code == 403
    EmailAddress.objects.filter(email="member@example.org").update(verified=True)
    assert people.api["member"]("POST", "/invitations/accept", {"token": token}).status_code == 200
    again = people.api["stranger"]("POST", "/teams/more/invitations", {"email": "member@example.org"})
    assert again.status_code == 400 and "in the team already" in again.json()["detail"]
    assert NOW <= invited.invitations.get().created
