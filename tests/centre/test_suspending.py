"""Suspended: what ends, what stays, who is told, and how it is lifted; and what a mail check says."""

from __future__ import annotations

import smtplib
import socket
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from lumbung.centre.challenges.models import Challenge, Post
from lumbung.centre.members.access import NotAllowed, NotFound
from lumbung.centre.members.mail_check import check_mail
from lumbung.centre.members.models import AuditEntry, Suspension, User
from lumbung.centre.members.services import Refused
from lumbung.centre.members.suspending import (
    lift,
    people_like,
    suspend_person,
    suspend_team,
    suspended,
    teams_like,
)
from lumbung.cli.serve import tell_mail
from small_league import NOW


def _signed_in(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def test_a_suspended_person_is_out_with_the_next_request(league: Any) -> None:
    browser = _signed_in(league.member)
    assert browser.get("/account/").status_code == 200
    staff = _signed_in(league.staff)
    assert (
        staff.post(f"/desk/people/{league.member.pk}/suspend", {"why": "Sold accounts."}).status_code == 302
    )
    (letter,) = mail.outbox
    assert letter.to == ["member@example.org"] and "Sold accounts." in letter.body
    assert browser.get("/account/").status_code == 302, "the session ended"
    assert browser.post("/challenges/toy/discussion/ask", {"text": "Hello?"}).status_code == 302
    assert not Post.objects.exists(), "and nothing is posted"
    assert league.api["member"]("GET", "/me").status_code == 401
    assert league.submit().status_code == 401
    entry = AuditEntry.objects.get(act="account.suspended")
    assert (entry.subject, entry.details["why"]) == (str(league.member.pk), "Sold accounts.")

    staff.post(f"/desk/suspensions/{Suspension.objects.get().pk}/lift")
    assert len(mail.outbox) == 2 and not suspended().exists()
    assert league.api["member"]("GET", "/me").status_code == 200
    assert league.submit().status_code == 201


def test_a_suspended_person_has_their_data_and_may_leave_and_does_nothing_else(league: Any) -> None:
    from lumbung.centre.members.suspended_rights import holder_of, key_for

    with pytest.raises(NotFound):
        key_for(league.member)
    made = suspend_person(league.staff, league.member, "Sold accounts.", now=NOW)
    visitor = Client()
    inactive = visitor.post(
        "/accounts/login/", {"login": "member@example.org", "password": "a long password"}, follow=True
    )
    assert "This account is suspended" in inactive.content.decode()
    answers = []
    for address in (
        "member@example.org",
        "MEMBER@example.org ",
        "stranger@example.org",
        "nobody@example.org",
    ):
        page = visitor.post("/suspended/", {"email": address}, follow=True).content.decode()
        answers.append("is on its way to it" in page)
    assert answers == [True] * 4, "who asks learns nothing"
    assert [letter.to for letter in mail.outbox] == [["member@example.org"]] * 2
    way = mail.outbox[1].body.partition("http://testserver")[2].split()[0]
    assert "Download everything about me" in visitor.get(way).content.decode()
    file = visitor.get(f"{way}data")
    assert file.json()["account"]["email"] == "member@example.org" and file["Cache-Control"] == "no-store"
    assert visitor.get("/account/").status_code == 302, "nothing else opens with it"
    for spoiled in (way[:-2] + "x/", "/suspended/1:2:3/", way.replace("/suspended/", "/suspended/a")):
        assert visitor.get(spoiled).status_code == 404
    for _more in range(3):
        visitor.post("/suspended/", {"email": "member@example.org"})
    assert visitor.post("/suspended/", {"email": "member@example.org"}).status_code == 429

    key = way.removeprefix("/suspended/").rstrip("/")
    lift(league.staff, made.pk, now=NOW)
    assert visitor.get(way).status_code == 404, "back in, one's own page serves"
    suspend_person(league.staff, league.member, "Again.", now=NOW)
    with pytest.raises(NotFound):
        holder_of(key)
    way = f"/suspended/{key_for(league.member)}/"
    assert "deleted" in visitor.post(f"{way}delete", follow=True).content.decode()
    assert not User.objects.filter(email="member@example.org").exists()
    assert visitor.post(f"{way}delete").status_code == 404, "a second click finds nothing"


def test_a_suspended_team_hands_nothing_in_and_another_does(league: Any) -> None:
    made = suspend_team(league.staff, league.team, "Shared the private rows.", now=NOW)
    refused = league.submit()
    assert refused.status_code == 400 and "suspended" in refused.json()["detail"]
    assert league.submit("stranger").status_code == 201
    with pytest.raises(Refused, match="already"):
        suspend_team(league.staff, league.team, "Again.", now=NOW)
    lift(league.staff, made.pk, now=NOW)
    assert league.submit().status_code == 201
    with pytest.raises(NotFound):
        lift(league.staff, made.pk, now=NOW)


def test_only_staff_suspend_and_never_staff(league: Any) -> None:
    with pytest.raises(NotAllowed):
        suspend_person(league.owner, league.member, "I do not like them.", now=NOW)
    with pytest.raises(Refused, match="Staff"):
        suspend_person(league.staff, league.staff, "Myself.", now=NOW)
    for why in (" ", "x" * 1001):
        with pytest.raises(Refused, match="Say why"):
            suspend_person(league.staff, league.member, why, now=NOW)
    suspend_person(league.staff, league.member, "Sold accounts.", now=NOW)
    with pytest.raises(Refused, match="already"):
        suspend_person(league.staff, league.member, "Twice.", now=NOW)


def test_staff_find_who_is_meant(league: Any) -> None:
    assert not people_like(" ").exists() and not teams_like("").exists()
    suspend_team(league.staff, league.team, "Shared rows.", now=NOW)
    assert [(each.email, each.held) for each in people_like("MEMBER@")] == [("member@example.org", False)]
    assert [(each.slug, each.held) for each in teams_like("rocket")] == [("rice-rocket", True)]
    page = _signed_in(league.staff).get("/desk/people/?q=member@").content.decode()
    assert f"/desk/people/{league.member.pk}/suspend" in page and "Rice Rocket" in page


def test_letters_about_a_discussion_reach_who_wants_them(league: Any) -> None:
    User.objects.filter(pk=league.member.pk).update(language="id")
    _signed_in(league.member).post("/challenges/toy/discussion/ask", {"text": "4711?"})
    (asked,) = mail.outbox
    assert asked.to == ["owner@example.org"] and "4711?" in asked.body
    question = Post.objects.get(kind="question")
    _signed_in(league.owner).post(f"/posts/{question.pk}/answer", {"text": "4712."})
    answered = mail.outbox[1]
    assert answered.to == ["member@example.org"] and "mengikat" in answered.body
    _signed_in(league.member).post(f"/posts/{question.pk}/answer", {"text": "Thanks."})
    assert len(mail.outbox) == 2, "nobody is told of their own words"
    account = _signed_in(league.member)
    account.post("/account/", {"name": "Sari", "language": "id"})
    _signed_in(league.stranger).post(f"/posts/{question.pk}/answer", {"text": "Me too."})
    assert len(mail.outbox) == 2, "letters are switched off"
    assert Challenge.objects.get(slug="toy").posts.count() == 4


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no"), "name or the password"),
        (smtplib.SMTPSenderRefused(550, b"no", "x@y"), "LUMBUNG_FROM"),
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no")}), "your address"),
        (smtplib.SMTPNotSupportedError("STARTTLS"), "encryption"),
        (socket.gaierror(-2, "Name or service not known"), "No machine"),
        (ConnectionRefusedError(111, "Connection refused"), "Nobody answers"),
        (smtplib.SMTPServerDisconnected("gone"), "did not take"),
    ],
)
def test_a_mail_check_says_what_failed_and_what_to_do(
    failure: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: Any) -> None:
        raise failure

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    found = check_mail("staff@example.org")
    assert not found.sent and said in found.said and type(failure).__name__ in found.technical


def test_a_mail_check_that_passes_says_who_took_the_letter(league: Any) -> None:
    page = _signed_in(league.staff).post("/desk/mail/").content.decode()
    assert mail.outbox[0].to == ["staff@example.org"] and "took the letter to staff@example.org" in page


def test_letters_in_files_are_no_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = "/tmp/mail"
    found = check_mail("staff@example.org")
    assert not found.sent and "/tmp/mail" in found.said and "LUMBUNG_EMAIL_URL" in found.said


def test_the_command_says_the_same_and_how_it_ended(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        tell_mail("you@example.org")
    assert ended.value.code == 0 and "took the letter to you@example.org" in capsys.readouterr().out
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = "/tmp/mail"
    with pytest.raises(SystemExit) as ended:
        tell_mail("you@example.org")
    assert ended.value.code == 2 and "LUMBUNG_EMAIL_URL" in capsys.readouterr().err
