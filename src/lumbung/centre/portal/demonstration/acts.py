"""What happens in the demonstration, each step by the service that serves everybody else."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.credentials.badges import issue
from lumbung.centre.credentials.bank import bank
from lumbung.centre.credentials.programmes import create_programme, join_cohort, open_cohort
from lumbung.centre.credentials.results import has_result
from lumbung.centre.credentials.sittings import start_sitting, take_answer
from lumbung.centre.members import services as members
from lumbung.centre.members.models import Organisation, Team, User
from lumbung.centre.partners import agreements, bookings, facilities, listings, projects, seasons
from lumbung.centre.partners.models import Need, Offer
from lumbung.centre.portal.demonstration.records import (
    ABOUT,
    BENCH,
    COHORT,
    COMPETE,
    JOINT,
    LABEL,
    MEMORANDUM,
    ORGANISATIONS,
    PILOT,
    PROGRAMME,
    PROMISES,
    REPORT,
    SEASON,
    TERMS,
    TRACKS,
    Made,
)
from lumbung.centre.runs.models import Submission
from lumbung.centre.standings.models import Adoption
from lumbung.centre.standings.services import adopt, answer_adoption, standing_of
from lumbung.cooperation.facilities.calendars import Span
from lumbung.cooperation.rules.rulebook import shipped_book
from lumbung.talent.adaptive.one_person import order_seed

HOST = "demo.lumbung.example"
LEARNERS = 18
SECONDS = 45.0  # what a learner takes for a question


@dataclass
class Cast:
    """Who takes part, by the key of their organisation."""

    staff: User
    posed: Collection[str]
    organisations: dict[str, Organisation] = field(default_factory=dict)
    heads: dict[str, User] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)


def person(key: str, name: str) -> User:
    """A person who is made up and can never sign in: nobody knows a password of theirs."""
    user = User.objects.create_user(f"{key}@{HOST}", None, name=f"{LABEL} {name}")
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return user


def gather(staff: User, posed: Collection[str], now: datetime) -> Cast:
    """Register the organisations of twelve countries, approve them, and let them say what they seek and bring."""
    cast = Cast(staff, posed)
    for made in ORGANISATIONS:
        head = person(made.key, made.key.title())
        organisation = members.register_organisation(
            head, name=made.name, country=made.country, kind=made.kind, size=made.size, about=ABOUT, now=now
        )
        members.approve_organisation(staff, organisation, now=now)
        organisation.refresh_from_db()
        cast.organisations[made.key], cast.heads[made.key] = organisation, head
        _speak(cast, made, now)
    return cast


def _speak(cast: Cast, made: Made, now: datetime) -> None:
    head, organisation = cast.heads[made.key], cast.organisations[made.key]
    if (said := made.need) is not None:
        cast.needs[made.key] = listings.state_need(
            head, organisation, words=said.words, language=said.language, sector=said.sector, countries=[],
            requires=[], places=2, budget=0, challenge=said.challenge if said.challenge in cast.posed else "", now=now,
        )  # fmt: skip
    if (said := made.offer) is not None:
        cast.offers[made.key] = listings.state_offer(
            head, organisation, words=said.words, language=said.language, sectors=[said.sector], countries=[],
            provides=list(said.brings), places=2, price=0, now=now,
        )  # fmt: skip


def form_teams(cast: Cast, solutions: Sequence[str], now: datetime) -> dict[str, tuple[User, Team]]:
    """Found a team for each solution; the first of them joins two countries."""
    teams: dict[str, tuple[User, Team]] = {}
    for number, (solution, key) in enumerate(zip(solutions, itertools.cycle(COMPETE), strict=False)):
        key = JOINT[0] if number == 0 else key
        # People compete in one team of a challenge: each team has a captain of its own, of the same organisation.
        captain = person(f"team-{number + 1}", f"captain {number + 1}")
        organisation = cast.organisations[key]
        asked = members.ask_to_join(captain, organisation, now=now)
        members.accept_member(cast.heads[key], asked, now=now)
        name = f"{LABEL} {solution.split('/')[-1]} ({solution.split('/')[0]})"
        team = members.found_team(captain, name=name, organisations=[organisation], now=now)
        if number == 0:
            other = cast.heads[JOINT[1]]
            members.accept_invitation(
                other, members.invite(captain, team, other.email, now=now).token, now=now
            )
        teams[solution] = (captain, team)
    return teams


def open_season(cast: Cast, challenges: Sequence[Challenge], teams: Mapping[str, tuple[User, Team]]) -> None:
    """Open a season with a track for each sector, and enter every team."""
    now = datetime.now(UTC)
    season = seasons.open_season(
        cast.staff,
        SEASON,
        now.date(),
        now.date() + timedelta(days=120),
        joint_only=False,
        now=now,
    )
    for sector, title in TRACKS.items():
        slugs = [challenge.slug for challenge in challenges if challenge.sector == sector]
        if slugs:
            seasons.add_track(cast.staff, season, title, slugs, now=now)
    for captain, team in teams.values():
        seasons.enter(captain, season, team, now=now)


def cooperate(cast: Cast, now: datetime) -> None:
    """Introduce partners across the border, and take one match through to a project that runs with its support."""
    staff = cast.staff
    other = projects.propose_project(staff, cast.needs["rimnam"], cast.offers["rimba"], now=now)
    projects.introduce(staff, other, now=now)
    project = projects.propose_project(staff, cast.needs["lukou"], cast.offers["sinyal"], now=now)
    projects.introduce(staff, project, now=now)
    for stage in ("agreed", "running"):
        projects.advance(staff, project, stage, now=now)
    for number, title in enumerate(PILOT):
        projects.promise(staff, project, title, now.date() + timedelta(days=60 * (number + 1)), now=now)
    projects.complete(staff, project, "m1", now=now)
    if shared := cast.needs["lukou"].challenge:
        projects.share_challenge(staff, project, shared, now=now)
    incentive = next(rule for rule in shipped_book() if rule.sort == "incentive")
    projects.support(staff, project, "incentive", incentive.id, now=now)
    parties = [cast.organisations[key] for key in ("lukou", "sinyal", *JOINT)]
    memorandum = agreements.sign(
        staff, MEMORANDUM, parties, now.date(), now.date() + timedelta(days=730), "", now=now
    )
    for number, promised in enumerate(PROMISES):
        due = now.date() + timedelta(days=60 * number)
        made = agreements.promise(staff, memorandum, promised, due, now=now)
        if number == 0:
            agreements.keep_promise(staff, memorandum, made.pk, now=now)
    _share_hours(cast, now)


def _share_hours(cast: Cast, now: datetime) -> None:
    """Open a facility, grant hours on it, book some of them."""
    bench = facilities.add_facility(
        cast.staff, cast.organisations["guijiang"], BENCH, units=4, zone="Asia/Shanghai", days=[], opens=time(0),
        closes=time(0), resource="gpu", node=None, run_hours=1.0, now=now,
    )  # fmt: skip
    for key, hours in (("sinyal", 240.0), ("lereng", 120.0), ("songhong", 80.0)):
        organisation, head = cast.organisations[key], cast.heads[key]
        grant = facilities.award(
            cast.staff, organisation, "gpu", hours, now + timedelta(days=180), project=None, now=now
        )
        begin = (now + timedelta(days=1 + len(key) % 3)).replace(minute=0, second=0, microsecond=0)
        bookings.book(
            head,
            bench,
            organisation,
            Span(begin, begin + timedelta(hours=6)),
            2,
            token=f"demo-{key}",
            now=now,
        )
    facilities.send_report(head, grant, REPORT, now=now)
    facilities.accept(cast.staff, facilities.find_grant(grant.pk), now=now)


def measure(cast: Cast, now: datetime) -> None:
    """Let learners of made-up ability sit the test and join a cohort; each takes a badge over it."""
    head, home = cast.heads["lereng"], cast.organisations["lereng"]
    programme = create_programme(head, home, title=PROGRAMME[0], about=PROGRAMME[1], now=now)
    cohort = open_cohort(head, programme, name=COHORT, now=now)
    chance = random.Random(2026)  # noqa: S311 - made-up learners, the same each time
    for number in range(LEARNERS):
        learner = person(f"learner-{number + 1}", f"learner {number + 1}")
        join_cohort(learner, cohort.code, now=now - timedelta(hours=3))
        ability = chance.gauss(0.9, 0.7)
        language = ("id", "zh", "en")[number % 3]
        sitting = start_sitting(learner, language=language, now=now - timedelta(hours=2))
        clock = now - timedelta(hours=2)
        while sitting.finished is None:
            clock += timedelta(seconds=SECONDS)
            knows = chance.random() < _chance(sitting.pending, ability)
            seed = order_seed(sitting.seed, sitting.answered)
            sitting = take_answer(
                sitting, sitting.answered, _response(sitting.pending, seed, knows), now=clock
            )
        if has_result(sitting):
            issue(learner, sitting, language=language, name=learner.name, shared=True, now=now)


def _chance(name: str, ability: float) -> float:
    """The chance that somebody of this ability answers rightly (three-parameter logistic model, Birnbaum 1968)."""
    item = bank()[name].parameters
    return item.c + (1 - item.c) / (1 + math.exp(-item.a * (ability - item.b)))


def _response(name: str, seed: int, right: bool) -> str:
    """The right answer as its options are shown, or that one does not know."""
    return bank()[name].shown_key(seed) if right else ""


def adopt_best(cast: Cast, challenge: Challenge, phase: str, captains: Mapping[int, User]) -> Adoption | None:
    """The owner of a challenge adopts the solution that leads, and its team agrees; None where nothing is ranked."""
    now = datetime.now(UTC)
    rows = standing_of(challenge.phases.get(slug=phase), now).rows
    if not rows:
        return None
    submission = Submission.objects.select_related("team").get(token=rows[0].name)
    record = next(
        run.evidence for run in submission.runs.select_related("evidence") if hasattr(run, "evidence")
    )
    adoption = adopt(cast.staff, challenge.owner, record, terms=TERMS, contact=cast.staff.email, now=now)
    answer_adoption(captains[submission.team.pk], adoption, agree=True, now=now)
    return adoption
