"""What cooperation adds to a league: a partner across the border, needs and offers, a facility, a project, a season."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lumbung.centre.members.models import Organisation, User
from lumbung.centre.partners import agreements, bookings, facilities, listings, projects, seasons
from lumbung.centre.partners.models import Facility, Need, Offer
from lumbung.cooperation.facilities.calendars import Span
from lumbung.cooperation.rules.rulebook import shipped_book
from lumbung.proving.text import Text
from small_league import NOW, League, join, organisation, person

SIGNALS = "Kami mencari sistem lampu lalu lintas yang mengurangi kemacetan di enam belas simpang."
ADAPTIVE = "We tune traffic signals by max pressure and have cut delay at a hundred junctions."
COUNTING = "Cameras that count vehicles at junctions, ready to be installed at the owner's."


def partner(slug: str = "rice-labs", country: str = "CN") -> tuple[Organisation, User]:
    """A company across the border, and its administrator."""
    labs = organisation(slug, country)
    Organisation.objects.filter(pk=labs.pk).update(kind="company")
    labs.refresh_from_db()
    head = person(f"head@{slug}.example.org")
    join(head, labs, "administrator")
    return labs, head


def need_of(user: User, home: Organisation, words: str = SIGNALS, language: str = "id", **more: Any) -> Need:
    """A need, in an organisation's own words."""
    given = {
        "sector": "city",
        "countries": [],
        "requires": [],
        "places": 2,
        "budget": 0,
        "challenge": "",
    } | more
    return listings.state_need(user, home, words=words, language=language, now=NOW, **given)


def offer_of(
    user: User, home: Organisation, words: str = ADAPTIVE, language: str = "en", **more: Any
) -> Offer:
    """An offer, in an organisation's own words."""
    given = {"sectors": ["city"], "countries": [], "provides": [], "places": 2, "price": 0} | more
    return listings.state_offer(user, home, words=words, language=language, now=NOW, **given)


def bench(staff: User, host: Organisation, **more: Any) -> Facility:
    """A facility with four units that is always open."""
    from datetime import time

    given: dict[str, Any] = {
        "units": 4, "zone": "Asia/Jakarta", "days": [], "opens": time(9), "closes": time(17), "resource": "gpu",
        "node": None, "run_hours": 2.0,
    } | more  # fmt: skip
    return facilities.add_facility(staff, host, Text("Bench", "Bangku", "试验台"), now=NOW, **given)


def furnish(league: League, staff: User) -> dict[str, Any]:
    """Fill the league so that every address of cooperation leads somewhere; returns what addresses name."""
    city = league.organisation
    labs, head = partner()
    need, offer = need_of(league.owner, city), offer_of(head, labs)
    second = offer_of(head, labs, COUNTING)
    project = projects.propose_project(staff, need, offer, now=NOW)
    for stage in ("introduced", "agreed"):
        (projects.introduce if stage == "introduced" else _to(stage))(staff, project, now=NOW)
    projects.promise(staff, project, "Pilot", NOW.date() + timedelta(days=30), now=NOW)
    cameras = need_of(league.owner, city, "Butuh penghitung kendaraan dari kamera di persimpangan kota.")
    introduction = projects.propose_project(staff, cameras, second, now=NOW)
    projects.introduce(staff, introduction, now=NOW)
    place = bench(staff, city)
    grant = facilities.award(staff, city, "gpu", 100.0, NOW + timedelta(days=90), project=project, now=NOW)
    facilities.send_report(league.owner, grant, "Half of it is used.", now=NOW)
    start = NOW.replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    made = bookings.book(
        league.owner, place, city, Span(start, start + timedelta(hours=3)), 2, token="booking-one", now=NOW
    )
    season = seasons.open_season(
        staff,
        Text("First", "Pertama", "首届"),
        NOW.date(),
        NOW.date() + timedelta(days=90),
        joint_only=False,
        now=NOW,
    )
    seasons.add_track(staff, season, Text("Tables", "Tabel", "表格"), ["toy"], now=NOW)
    memorandum = agreements.sign(
        staff,
        Text("Memorandum", "Nota kesepahaman", "谅解备忘录"),
        [city, labs],
        NOW.date(),
        None,
        "",
        now=NOW,
    )
    promised = agreements.promise(
        staff,
        memorandum,
        Text("Joint bench", "Bangku bersama", "共用试验台"),
        NOW.date() + timedelta(days=60),
        now=NOW,
    )
    return {
        "promise": promised.pk,
        "need": need.pk, "offer": offer.pk, "other_offer": second.pk, "project": project.token,
        "introduction": introduction.token, "booking": made.id, "grant": grant.pk,  # type: ignore[union-attr]
        "rule": next(rule.id for rule in shipped_book() if rule.sort == "incentive"),
    }  # fmt: skip


def _to(stage: str) -> Any:
    return lambda user, project, now: projects.advance(user, project, stage, now=now)
