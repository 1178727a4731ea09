"""What the centre has achieved, month by month: each figure with what it counts and the page it is counted from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MINYEAR, date, datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, Model, OuterRef, QuerySet, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lumbung.centre.challenges.models import Challenge, shown_to_all
from lumbung.centre.credentials.bank import CUTS, LEAST
from lumbung.centre.credentials.models import Badge, Sitting
from lumbung.centre.credentials.suppression import settled
from lumbung.centre.members.models import Organisation, Team
from lumbung.centre.members.reckoning import MonthOf
from lumbung.centre.partners.models import Agreement, AgreementMilestone, Booking, Grant, Project
from lumbung.centre.partners.projects import PUBLIC
from lumbung.centre.portal.bars import bars_of
from lumbung.centre.runs.models import EvidenceRecord, Submission
from lumbung.centre.standings.models import Adoption

SHOWN_MONTHS = 24


@dataclass(frozen=True)
class Indicator:
    """One figure over time.

    Attributes
    ----------
    key : str
        As the download names it.
    label, definition : str
    source : str
        Where it can be counted again.
    months : tuple of (date, float)
        What came in each month, up to the present one, months of nothing included.
    people : bool
        Whether it counts people: then months are not shown one by one, and totals move in steps.
    """

    key: str
    label: str | Promise
    definition: str | Promise
    source: str
    months: tuple[tuple[date, float], ...]
    people: bool = False

    @property
    def total(self) -> float:
        """Everything so far."""
        return self.within(date.min, date.max)

    def within(self, first: date, last: date) -> float:
        """What came from the month of *first* to the month of *last*."""
        found = sum(count for month, count in self.months if first.replace(day=1) <= month <= last)
        return float(settled(round(found))) if self.people else found

    @property
    def bars(self) -> list[tuple[int, float, float, date, float]]:
        """The last months as bars: place, top, height, month, count; none for people."""
        return [] if self.people else bars_of(self.months[-SHOWN_MONTHS:])


def indicators(now: datetime) -> list[Indicator]:
    """Return every indicator up to *now*."""
    agreed = (Adoption.State.AGREED, Adoption.State.DELIVERED)
    sat = Sitting.objects.filter(answered__gte=LEAST, voided=None).exclude(finished=None)
    rows: list[tuple[str, Any, Any, str, QuerySet[Any], str, Any, bool]] = [
        (
            "organisations", _("Organisations"), _("Organisations that staff approved, by the day they registered."),
            reverse("portal:organisations"), Organisation.objects.filter(approved=True), "created", Count("pk"), False,
        ),
        (
            "challenges", _("Challenges"), _("Challenges that were opened, each counted once with its first version."),
            reverse("portal:challenges"),
            Challenge.objects.filter(shown_to_all(), follows=None), "created", Count("pk"), False,
        ),
        (
            "teams", _("Teams"), _("Teams that handed something in, by the day they were founded."),
            reverse("portal:results"), Team.objects.filter(_handed_in()), "created", Count("pk"), False,
        ),
        (
            "evidence", _("Signed results"),
            _("Pieces of evidence that are whole and signed with a key that was trusted then."),
            reverse("portal:log"), EvidenceRecord.objects.counted(), "received", Count("pk"), False,
        ),
        (
            "adoptions", _("Solutions at work"),
            _("Adoptions that the owner of a challenge proposed and the team agreed to, by the day of the proposal."),
            reverse("portal:results"), Adoption.objects.filter(state__in=agreed), "created", Count("pk"), False,
        ),
        (
            "projects", _("Projects"), _("Projects that came as far as an agreement, by the day of their last step."),
            reverse("partners:projects"), Project.objects.filter(stage__in=PUBLIC), "changed", Count("pk"), False,
        ),
        (
            "agreements", _("Agreements"), _("Agreements between organisations, by the day they were signed."),
            reverse("partners:agreements"), Agreement.objects.all(), "signed", Count("pk"), False,
        ),
        (
            "milestones", _("Milestones of agreements"), _("What agreements promised and was done, by that day."),
            reverse("partners:agreements"), AgreementMilestone.objects.exclude(done=None), "done", Count("pk"), False,
        ),
        (
            "hours_granted", _("Facility hours granted"),
            _("Hours of all facilities that staff granted. No money passes through the centre."),
            reverse("partners:facilities"), Grant.objects.all(), "awarded", Sum("hours"), False,
        ),
        (
            "bookings", _("Bookings of facilities"), _("Bookings that were made, by the day they begin."),
            reverse("partners:facilities"), Booking.objects.filter(start__lte=now), "start", Count("pk"), False,
        ),
        (
            "measured", _("Tests taken"), _("Finished tests with enough answers to say something."),
            reverse("credentials:nation"), sat, "finished", Count("pk"), True,
        ),
        (
            "badges", _("Badges with a level"), _("Badges issued that name a level and were not revoked."),
            reverse("credentials:nation"), Badge.objects.filter(revoked=None, level__in=list(CUTS)), "created",
            Count("pk"), True,
        ),
    ]  # fmt: skip
    return [
        Indicator(key, label, definition, source, _months(found, field, what, now), people)
        for key, label, definition, source, found, field, what, people in rows
    ]


def _handed_in() -> Exists:
    return Exists(Submission.objects.filter(team=OuterRef("pk")))


def _months(found: QuerySet[Model], field: str, what: Any, now: datetime) -> tuple[tuple[date, float], ...]:
    today = now.date()
    came = {
        month: float(count or 0)
        for month, count in found.order_by()
        .annotate(month=MonthOf(field))
        .values("month")
        .annotate(count=what)
        .values_list("month", "count")
    }
    # What bears a later day has not come yet.
    counted = {month: count for month, count in came.items() if month <= today}
    if not counted:
        return ()
    here, months = min(counted), []
    while here <= today:
        months.append((here, counted.get(here, 0.0)))
        here = date(here.year + here.month // 12, here.month % 12 + 1, 1)
    return tuple(months)


def teams_by_country() -> list[tuple[str, int]]:
    """Count teams that handed something in by the countries of their organisations; a joint team counts in each."""
    found = (
        Team.objects.filter(_handed_in(), organisations__approved=True)
        .order_by()
        .values(country=F("organisations__country"))
        .annotate(count=Count("pk", distinct=True))
    )
    return sorted(((row["country"], row["count"]) for row in found), key=lambda row: (-row[1], row[0]))


def joint_teams() -> int:
    """Count teams of organisations of at least two countries."""
    found = (
        Team.organisations.through._default_manager.filter(organisation__approved=True)
        .values("team")
        .annotate(least=Min("organisation__country"), most=Max("organisation__country"))
        .filter(Exists(Submission.objects.filter(team=OuterRef("team"))), least__lt=F("most"))
    )
    return found.count()


def half_year(asked: str, today: date) -> tuple[date, date]:
    """Return the first and last day of the half-year that *asked* names (``2026-1``), else of the present one."""
    year, _dash, half = asked.partition("-")
    if not (year.isdecimal() and len(year) == 4 and int(year) >= MINYEAR and half in ("1", "2")):
        year, half = str(today.year), "1" if today.month <= 6 else "2"
    first = date(int(year), 1 if half == "1" else 7, 1)
    return first, date(first.year, 6, 30) if half == "1" else date(first.year, 12, 31)


def halves(indicators: Iterable[Indicator], now: datetime) -> list[str]:
    """Name every half-year since the first thing happened, the newest first."""
    began = min((each.months[0][0] for each in indicators if each.months), default=now.date())
    return [
        f"{year}-{half}"
        for year in range(now.year, began.year - 1, -1)
        for half in (2, 1)
        if (began.year, began.month > 6) <= (year, half == 2) <= (now.year, now.month > 6)
    ]


def rows_of(found: Iterable[Indicator]) -> Iterable[tuple[str, str, float]]:
    """The download: indicator, month, count; of people the total alone, under ``total``."""
    for each in found:
        if each.people:
            yield each.key, "total", each.total
        else:
            yield from ((each.key, f"{month:%Y-%m}", count) for month, count in each.months)
