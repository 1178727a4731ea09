"""A live challenge is mended in place: words, times and limits change, and nothing that was handed in is touched."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from lumbung.centre.challenges.models import Amendment, Challenge, Phase
from lumbung.centre.members.models import AuditEntry
from lumbung.centre.runs.models import EvidenceRecord, Run
from small_league import NOW

WORDS = {"en": "Better words", "id": "Kata yang lebih baik", "zh": "更好的文字"}
BOARD = "/challenges/toy/phases/practice/leaderboard"


def patch(league, body, who="owner"):
    return league.api[who]("PATCH", "/challenges/toy/1", body)


def test_words_and_a_deadline_change_with_fifty_submissions_under_way(league):
    node = league.node()
    Phase.objects.filter(slug="practice").update(daily_limit=100)
    jobs = []
    for number in range(50):
        assert league.submit(("member", "stranger")[number % 2]).status_code == 201
        if number % 3 == 0:
            jobs.append(node.lease())
    figures = itertools.count(1.0)  # every evidence is another

    def deliver(job):
        assert node.deliver(job, node.evidence(job, {"all": [next(figures), 2.0]})).status_code == 200

    for job in jobs[:5]:
        deliver(job)
    digest, later = Challenge.objects.get().digest, (NOW + timedelta(days=9)).isoformat()
    for title in ("Better words", "Still better words"):
        body = {"title": {**WORDS, "en": title}, "phases": {"practice": {"closes": later}}, "why": "a typo"}
        assert patch(league, body).status_code == 200
    for job in jobs[5:]:
        deliver(job)
    while job := node.lease():
        deliver(job)
    assert Run.objects.filter(state="scored").count() == EvidenceRecord.objects.count() == 50
    faults, rows = (
        Run.objects.filter(state="faulted").count(),
        league.api["visitor"]("GET", BOARD).json()["rows"],
    )
    print(
        f"edits: 50 submissions under way, {EvidenceRecord.objects.count()} pieces of evidence, {faults} faults"
    )
    assert len(rows) == 2
    assert Challenge.objects.get().digest == digest
    assert Challenge.objects.get().content.title.zh == "更好的文字"
    assert Phase.objects.get(slug="practice").closes == datetime.fromisoformat(later)


def test_what_stood_there_is_kept_for_everybody(league):
    before = Challenge.objects.get().record["summary"]
    assert patch(league, {"summary": WORDS, "why": "clearer"}).status_code == 200
    (kept,) = league.api["visitor"]("GET", "/challenges/toy/1/amendments").json()
    assert (
        kept["before"] == {"summary": before}
        and kept["after"] == {"summary": WORDS}
        and kept["why"] == "clearer"
    )
    entry = AuditEntry.objects.get(act="challenge.amended")
    assert entry.details == {"fields": ["summary"]}
    assert "clearer" in Client().get("/challenges/toy/").content.decode()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "Nothing"),
        ({"title": {"en": "One", "id": " ", "zh": "三"}}, "keeps the languages"),
        ({"phases": {"nowhere": {"daily_limit": 3}}}, "no phase"),
        ({"phases": {"practice": {"closes": "2020-01-01T00:00:00Z"}}}, "past"),
        (
            {"phases": {"practice": {"opens": "2099-01-02T00:00:00Z", "closes": "2099-01-01T00:00:00Z"}}},
            "after it opens",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(league, body, why):
    answer = patch(league, body)
    assert answer.status_code == 400 and why in answer.json()["detail"]
    assert not Amendment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"phases": {"practice": {"daily_limit": 0}}},
        {"phases": {"practice": {"closes": "tomorrow"}}},
        {"phases": {"practice": {"closes": "2030-01-01T00:00:00"}}},
        {"title": "plain"},
    ],
)
def test_what_has_the_wrong_form_is_unprocessable(league, body):
    assert patch(league, body).status_code == 422


def test_a_phase_that_has_begun_is_not_unopened_and_an_ended_embargo_not_renewed(league):
    league.submit()
    answer = patch(league, {"phases": {"practice": {"opens": "2099-01-01T00:00:00Z"}}})
    assert answer.status_code == 400 and "submissions already" in answer.json()["detail"]
    Phase.objects.filter(slug="final").update(embargo=True, closes=NOW - timedelta(days=1))
    answer = patch(league, {"phases": {"final": {"closes": "2099-01-01T00:00:00Z"}}})
    assert answer.status_code == 400 and "embargo" in answer.json()["detail"]


def test_strangers_change_nothing(league):
    for who, status in (("member", 403), ("visitor", 401)):
        assert patch(league, {"title": WORDS}, who).status_code == status


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("daily_limit_0", 2**31),
        ("daily_limit_0", 10**20),
        ("closes_0", "9999-12-31T23:59"),
        ("opens_0", "0001-01-01T00:00"),
    ],
)
def test_what_no_database_and_no_calendar_holds_is_refused_by_the_form(league, field, value):
    browser = Client()
    browser.force_login(league.owner)
    form = browser.get("/challenges/toy/1/edit/").context["form"]
    shown = {
        name: form[name].value() or "" for name in form.fields if not name.startswith(("opens", "closes"))
    }
    refused = browser.post("/challenges/toy/1/edit/", {**shown, field: value})
    assert refused.status_code == 400 and list(refused.context["form"].errors) == [field]


def test_the_page_changes_what_the_form_shows_and_nothing_else(league):
    exact = NOW.replace(second=17) + timedelta(days=3)
    Phase.objects.filter(slug="practice").update(closes=exact)
    browser = Client()
    browser.force_login(league.owner)
    page = browser.get("/challenges/toy/1/edit/")
    form = page.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    told = {
        k: f"{v:%Y-%m-%dT%H:%M}" if isinstance(v, datetime) else "" if v is None else v
        for k, v in shown.items()
    }
    unchanged = browser.post("/challenges/toy/1/edit/", told)
    assert unchanged.status_code == 400 and "Nothing was changed" in unchanged.content.decode()
    changed = browser.post(
        "/challenges/toy/1/edit/", {**told, "title_zh": "新的标题", "daily_limit_0": 9, "why": "x"}
    )
    assert changed.status_code == 302
    (kept,) = Amendment.objects.all()
    assert kept.fields == ["phases.practice.daily_limit", "title"]
    assert Phase.objects.get(slug="practice").closes == exact, "seconds the form cannot show are not lost"
    assert datetime.now(UTC) - kept.made < timedelta(minutes=5)


@pytest.mark.parametrize(
    "closes", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2200-01-01T00:00:00Z"]
)
def test_a_time_at_the_ends_of_the_calendar_is_refused(league, closes):
    league.api["owner"].client.raise_request_exception = False
    assert patch(league, {"phases": {"final": {"closes": closes}}, "why": "late"}).status_code == 422
