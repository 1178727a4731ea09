"""Facilities, their closures, and grants of hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Sum
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lumbung.centre.members.access import NotFound, administers, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.members.services import Refused
from lumbung.centre.partners.bookings import bookings_between
from lumbung.centre.partners.models import Closure, Facility, Grant, Project, plain
from lumbung.centre.partners.projects import support
from lumbung.centre.runs.models import Node
from lumbung.cooperation.facilities.bookings import free_units
from lumbung.cooperation.facilities.calendars import Hours, Span, open_spans
from lumbung.cooperation.facilities.grants import GrantError, accept_report
from lumbung.proving.text import Text


def add_facility(
    user: User, host: Organisation, name: Text, *, units: int, zone: str, days: Sequence[int], opens: time,
    closes: time, resource: str, node: Node | None, run_hours: float, now: datetime,
) -> Facility:  # fmt: skip
    """Offer something to book. Without days it is always open."""
    require(is_staff(user))
    base = slugify(name.en)[:32] or "facility"
    taken = set(Facility.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | {"new"}
    slug = next(
        each for each in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if each not in taken
    )
    if node is not None and Facility.objects.filter(node=node).exists():
        raise Refused(_("This node is a facility already."))
    week = [plain(Hours(day, opens, closes)) for day in sorted(days)]
    with transaction.atomic():
        facility = Facility.objects.create(
            slug=slug, name=plain(name), host=host, units=units, zone=zone, week=week, resource=resource, node=node,
            run_hours=run_hours,
        )  # fmt: skip
        append("facility.added", slug, actor=user, now=now, host=host.slug, resource=resource)
    return facility


def close_for(user: User, facility: Facility, start: datetime, end: datetime, *, now: datetime) -> None:
    """Close a facility for a time. Bookings made before stay: whoever closes talks to them."""
    require(is_staff(user) or administers(user, facility.host))
    if not start < end:
        raise Refused(_("The end must come after the start."))
    with transaction.atomic():
        Closure.objects.create(facility=facility, start=start, end=end)
        append("facility.closed_for", facility.slug, actor=user, now=now)


class Cell(NamedTuple):
    """One hour of a facility's week: closed, or how many units are free all that hour."""

    hour: int
    closed: bool
    past: bool
    free: int
    mine: bool
    level: int


class Day(NamedTuple):
    """One day of a facility's week, on its own wall clock."""

    date: datetime
    cells: tuple[Cell, ...]


def week_of(facility: Facility, monday: datetime, own: Sequence[str], now: datetime) -> list[Day]:
    """Return a week of hours.

    Parameters
    ----------
    facility : Facility
    monday : datetime
        Its midnight, in the facility's zone.
    own : sequence of str
        Organisations whose bookings are marked as one's own.
    now : datetime
    """
    record, zone = facility.record, ZoneInfo(facility.zone)
    window = Span(monday, _midnight(monday, 7, zone))
    opened = open_spans(record.calendar, window)
    booked = [each.record for each in bookings_between(facility, window.start, window.end)]
    days = []
    for number in range(7):
        midnight = _midnight(monday, number, zone)
        cells = []
        for hour in range(24):
            start = midnight.replace(hour=hour)
            span = Span(start, start + timedelta(hours=1))
            free = len(free_units(record, booked, span))
            closed = not any(span.within(each) for each in opened)
            mine = any(each.organisation in own and each.span.meets(span) for each in booked)
            level = 0 if closed or not free else 1 + (2 * free) // record.units
            cells.append(Cell(hour, closed, span.end <= now, free, mine, level))
        days.append(Day(midnight, tuple(cells)))
    return days


def _midnight(monday: datetime, days: int, zone: ZoneInfo) -> datetime:
    day = monday.date() + timedelta(days=days)
    return datetime.combine(day, time(), zone)


def award(
    user: User, organisation: Organisation, resource: str, hours: float, expires: datetime, *,
    project: Project | None, now: datetime,
) -> Grant:  # fmt: skip
    """Grant hours: half may be used at once, half once a report is accepted."""
    require(is_staff(user))
    if not organisation.approved:
        raise Refused(_("Only approved organisations get grants."))
    if expires <= now:
        raise Refused(_("The grant would have expired already."))
    with transaction.atomic():
        grant = Grant.objects.create(
            organisation=organisation,
            resource=resource,
            hours=hours,
            awarded=now,
            expires=expires,
            project=project,
        )
        append(
            "grant.awarded",
            f"grant:{grant.pk}",
            actor=user,
            now=now,
            organisation=organisation.slug,
            hours=hours,
        )
        if project is not None:
            support(user, project, "grant", f"{resource}: {hours:g} h", now=now)
    return grant


def hours_granted() -> float:
    """Return the hours of all facilities that were granted so far."""
    return Grant.objects.aggregate(hours=Sum("hours"))["hours"] or 0.0


def find_grant(number: int) -> Grant:
    """Return a grant.

    Raises
    ------
    NotFound
    """
    found = Grant.objects.select_related("organisation").filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def send_report(user: User, grant: Grant, text: str, *, now: datetime) -> None:
    """Report what the first half was used for."""
    require(administers(user, grant.organisation) and grant.organisation.approved)
    if grant.reported is not None:
        raise Refused(_("The report of this grant was accepted already."))
    with transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(report=text.strip(), report_sent=now)
        append("grant.report_sent", f"grant:{grant.pk}", actor=user, now=now)


def accept(user: User, grant: Grant, *, now: datetime) -> None:
    """Accept the report: the second half may be used from now on."""
    require(is_staff(user))
    if not grant.report:
        raise Refused(_("There is no report to accept yet."))
    try:
        record = accept_report(grant.record, now)
    except GrantError as error:
        raise Refused(_("The report was accepted already, or the grant is not running.")) from error
    with transaction.atomic():
        Grant.objects.filter(pk=grant.pk, reported=None).update(reported=record.reported)
        append("grant.report_accepted", f"grant:{grant.pk}", actor=user, now=now)
