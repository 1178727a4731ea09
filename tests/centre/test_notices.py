"""Notices: who gets which, in whose language; and the one letter a day that tells of what was not read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.members.departure import everything_about
from lumbung.centre.members.models import Notice, User
from lumbung.centre.members.notices import KEPT, LINES, mark_read, send_digests, sentence, tell, unread_by
from lumbung.centre.members.suspending import suspend_person
from lumbung.proving.challenge import Egress
from making_evidence import evidence_of
from small_league import NOW

MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def kinds(person):
    return sorted(Notice.objects.filter(person=person).values_list("kind", flat=True))


@pytest.fixture
def judged(league):
    node = league.node()
    league.submit("member")
    job = node.lease()
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]})).status_code == 200
    league.fake = node
    return league


def test_each_is_told_what_concerns_them_once(judged):
    league, browser = judged, Client()
    assert kinds(league.member) == ["judged"] and kinds(league.stranger) == []
    browser.force_login(league.owner)
    for _click in range(2):
        browser.post("/challenges/toy/discussion/announce", {"text": "A day more.\r\nBcc: x"})
    browser.force_login(league.stranger)
    browser.post("/challenges/toy/discussion/ask", {"text": "100% sure?"})
    assert kinds(league.owner) == ["asked"] and kinds(league.stranger) == [], (
        "took no part, so no announcement"
    )
    browser.force_login(league.member)
    question = Challenge.objects.get().posts.get(kind="question")
    browser.post(f"/posts/{question.pk}/answer", {"text": "Yes."})
    league.api["member"]("POST", "/teams/rice-rocket/invitations", {"email": "stranger@example.org"})
    assert kinds(league.stranger) == ["answered", "invited"]
    offer = {"organisation": "kota-bandung", "run": Notice.objects.get(kind="judged").address.split("/")[2]}
    offer |= {
        "run": league.api["member"]("GET", "/runs").json()[0]["run"],
        "terms": "x",
        "contact": "a@b.org",
    }
    adoption = league.api["owner"]("POST", "/adoptions", offer).json()["id"]
    league.api["member"]("POST", f"/adoptions/{adoption}/answer", {"agree": True})
    assert kinds(league.member) == ["announced", "judged", "proposed"]
    assert kinds(league.owner) == ["agreed", "asked"]
    page = browser.get("/notices/", headers={"accept-language": "id"}).content.decode()
    assert "A day more. Bcc: x" in page and page.count("/notices/") >= 3
    assert set(everything_about(league.member)["goes_with_the_account"]["members.Notice"][0]) >= {
        "said",
        "read",
    }


def test_reading_marks_ones_own_and_nothing_that_came_since(judged):
    league, browser = judged, Client()
    browser.force_login(league.member)
    first = Notice.objects.get()
    assert "1 new" in browser.get("/", headers={"accept-language": "en"}).content.decode()
    assert league.api["stranger"]("GET", "/notices").json() == []
    stranger = Client()
    stranger.force_login(league.stranger)
    assert stranger.get(f"/notices/{first.pk}/").status_code == 404
    tell([league.member], "invited", "/teams/", now=NOW, team="Late")
    for newest in ("", "-1", "1e9", "９", "9" * 30, str(first.pk)):
        assert browser.post("/notices/read", {"newest": newest}).status_code == 302
    assert unread_by(league.member) == 1, "what came since the page was shown is still new"
    assert browser.get(f"/notices/{Notice.objects.first().pk}/")["Location"] == "/teams/"
    assert unread_by(league.member) == 0
    assert league.api["member"]("POST", "/notices/read", {"newest": 2**63}).status_code == 422


def test_one_letter_after_midnight_in_the_readers_language(judged):
    league = judged
    User.objects.filter(pk=league.member.pk).update(language="id")
    Notice.objects.update(created=MIDNIGHT - timedelta(microseconds=1))
    tell([league.member], "invited", "/teams/", now=MIDNIGHT, team="Next Day")
    mail.outbox.clear()
    assert send_digests(MIDNIGHT - timedelta(seconds=1)) == 0, "the day is not over"
    assert send_digests(MIDNIGHT) == 1 and send_digests(MIDNIGHT + timedelta(seconds=1)) == 0
    (letter,) = mail.outbox
    assert letter.to == ["member@example.org"] and "[Lumbung] 1 " in letter.subject
    assert "sudah dinilai" in letter.body and "Next Day" not in letter.body and "/submissions/" in letter.body
    assert send_digests(MIDNIGHT + timedelta(days=3)) == 1, "a centre that was down sends when it is back"
    assert "Next Day" in mail.outbox[1].body


def test_no_letter_to_who_read_switched_off_or_left(league, monkeypatch):
    def due(person):
        Notice.objects.all().delete()
        tell([person], "invited", "/teams/", now=NOW - timedelta(days=2), team="x")
        return send_digests(MIDNIGHT)

    tell([league.member], "judged", "/", now=NOW - timedelta(days=2), name="a", team="b", title={"zh": "题"})
    mark_read(league.member, Notice.objects.get().pk, now=NOW)
    assert send_digests(MIDNIGHT) == 0
    browser = Client()
    browser.force_login(league.member)
    browser.post("/account/", {"name": "Sari", "language": "en"})
    league.member.refresh_from_db()
    assert not league.member.wants_digest and due(league.member) == 0
    browser.post("/account/", {"name": "Sari", "language": "en", "wants_digest": "on"})
    assert send_digests(MIDNIGHT) == 0, "what was kept silent stays so"
    assert due(league.member) == 1
    suspend_person(league.staff, league.member, "Sold accounts.", now=NOW)
    Notice.objects.update(lettered=None)
    assert send_digests(MIDNIGHT) == 0

    def away(*args, **kwargs):
        raise OSError("no mail server")

    monkeypatch.setattr("lumbung.centre.members.letters.send_mail", away)
    assert due(league.stranger) == 1 and unread_by(league.stranger) == 1, (
        "the portal has what the letter lost"
    )


def test_a_long_digest_says_how_much_more_there_is_and_old_notices_go(league):
    for number in range(LINES + 5):
        tell(
            [league.member], "invited", "/teams/", now=NOW - timedelta(days=2), team=f"T{number} {'x' * 500}"
        )
    send_digests(MIDNIGHT)
    (letter,) = mail.outbox
    assert letter.body.count("invites you") == LINES and "And 5 more" in letter.body
    assert max(map(len, letter.body.splitlines())) < 260
    Notice.objects.update(created=F("created") - KEPT)
    send_digests(MIDNIGHT)
    assert not Notice.objects.exists()


def test_several_nodes_judge_and_the_team_hears_once(league):
    nodes = [league.node("node-a"), league.node("node-b")]
    league.submit("member", "final")
    means = evidence_of({"all": [1.0, 2, 3, 4, 5]}, egress=Egress("aggregate", 5), metric="mae").aggregates
    for node in nodes:
        assert kinds(league.member) == []
        job = node.lease()
        piece = node.evidence(job, {}, rows=(), aggregates=means, case_count=5, finished_count=5)
        assert node.deliver(job, piece).status_code == 200
    assert kinds(league.member) == ["judged"]
    assert "Rice Rocket" in sentence(Notice.objects.get())


def test_words_that_were_taken_away_are_told_to_nobody_any_more(judged):
    league, browser = judged, Client()
    browser.force_login(league.owner)
    for text in ("The key is under the mat.", "A day more."):
        browser.post("/challenges/toy/discussion/announce", {"text": text})
    assert kinds(league.member) == ["announced", "announced", "judged"]
    spoken = Challenge.objects.get().posts.get(text__startswith="The key")
    browser.post(f"/posts/{spoken.pk}/hide")
    mail.outbox.clear()
    send_digests(MIDNIGHT)
    (letter,) = [each for each in mail.outbox if each.to == ["member@example.org"]]
    assert "A day more." in letter.body and "under the mat" not in letter.body
    assert kinds(league.member) == ["announced", "judged"]
