"""Bookings of facilities. The rule is cooperation's; here it runs in one transaction, and the database guards it.

On SQLite a transaction takes the write lock when it begins, so decisions queue up. On PostgreSQL the rows of all
facilities that draw on the same grants are locked first. Independently of both, the database refuses a unit twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from lumbung.centre.members.access import NotFound, is_staff, known, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.partners.models import Booking, Facility, Grant, HeldUnit, RunCharge
from lumbung.centre.runs.queue import AT_WORK
from lumbung.cooperation.facilities import bookings
from lumbung.cooperation.facilities.bookings import Refusal, Wish, decide_booking
from lumbung.cooperation.facilities.calendars import Span
from lumbung.cooperation.facilities.grants import Balance, balance


def find_facility(slug: str) -> Facility:
    """Return a facility.

    Raises
    ------
    NotFound
    """
    found = Facility.objects.select_related("host", "node").filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found


def bookings_between(facility: Facility, start: datetime, end: datetime) -> QuerySet[Booking]:
    """Return the bookings that meet a span, by start."""
    return (
        Booking.objects.filter(facility=facility, start__lt=end, end__gt=start)
        .select_related("facility", "organisation")
        .prefetch_related("held")
        .order_by("start", "pk")
    )


def book(
    user: User,
    facility: Facility,
    organisation: Organisation,
    span: Span,
    units: int,
    *,
    token: str,
    now: datetime,
) -> bookings.Booking | Refusal:
    """Book for one's organisation, or be told why not and when else. The same token again is the same booking.

    Raises
    ------
    NotAllowed
        Only who belongs to an approved organisation books for it.
    NotFound
        The token is another booking's.
    """
    require(belongs(user, organisation))
    with transaction.atomic():
        take_turn(facility)
        known_one = Booking.objects.filter(token=token).prefetch_related("held").first()
        if known_one is not None:
            if (known_one.facility_id, known_one.organisation_id) != (facility.pk, organisation.pk):
                raise NotFound
            return known_one.record
        decision = decide_booking(
            Wish(token, facility.slug, organisation.slug, span, units),
            facility.record,
            [
                each.record
                for each in bookings_between(facility, span.start, span.start + timedelta(days=366))
            ],
            now,
            balance_of(organisation, facility.resource, now) if facility.resource else None,
        )
        if isinstance(decision, bookings.Booking):
            keep(user, facility, organisation, decision, now=now)
            append(
                "booking.made",
                token,
                actor=user,
                now=now,
                facility=facility.slug,
                organisation=organisation.slug,
            )
    return decision


def keep(
    user: User, facility: Facility, organisation: Organisation, decision: bookings.Booking, *, now: datetime
) -> Booking:
    """Write a booking; the database raises IntegrityError where a unit is taken."""
    start, end = decision.span.start, decision.span.end
    booking = Booking.objects.create(
        token=decision.id, facility=facility, organisation=organisation, start=start, end=end, made_by=user,
        created=now,
    )  # fmt: skip
    HeldUnit.objects.bulk_create(
        [
            HeldUnit(booking=booking, facility=facility, unit=unit, start=start, end=end)
            for unit in decision.units
        ]
    )
    return booking


def cancel(user: User, token: str, *, now: datetime) -> Facility:
    """Give up a booking that has not begun."""
    booking = Booking.objects.select_related("facility", "organisation").filter(token=token).first()
    if booking is None or not (is_staff(user) or belongs(user, booking.organisation)) or booking.start <= now:
        raise NotFound
    with transaction.atomic():
        append("booking.cancelled", token, actor=user, now=now, facility=booking.facility.slug)
        booking.delete()
    return booking.facility


def belongs(user: User, organisation: Organisation) -> bool:
    """Whether a person is an accepted member of an approved organisation."""
    return (
        known(user)
        and organisation.approved
        and user.memberships.filter(organisation=organisation, accepted=True).exists()
    )


def take_turn(facility: Facility) -> None:
    """Let all wait for each other who draw on the same grants, or on the same facility."""
    same = Q(pk=facility.pk)
    if facility.resource:
        same |= Q(resource=facility.resource)
    list(Facility.objects.select_for_update().filter(same).order_by("pk").values_list("pk"))


def balance_of(organisation: Organisation, resource: str, now: datetime) -> Balance:
    """Return what an organisation's grants of a resource leave.

    What counts as used: hours of runs as their evidence says, and hours of bookings that are over, since the first of
    the grants that are alive. What is set aside: bookings to come, and runs that are held by a node.
    """
    grants = tuple(
        each.record
        for each in Grant.objects.filter(organisation=organisation, resource=resource).select_related(
            "organisation"
        )
    )
    alive = [each.awarded for each in grants if each.awarded <= now < each.expires]
    since = min(alive, default=now)
    booked = Booking.objects.filter(organisation=organisation, facility__resource=resource, end__gt=since)
    used, held = _booked_hours(booked.annotate(count=Count("held")), now)
    charges = RunCharge.objects.filter(organisation=organisation, resource=resource)
    used += sum(charges.filter(ended__gte=since).values_list("hours", flat=True))
    held += sum(charges.filter(ended=None, run__state__in=AT_WORK).values_list("hours", flat=True))
    return balance(grants, organisation.slug, resource, used, held, now)


def _booked_hours(found: Iterable[Any], now: datetime) -> tuple[float, float]:
    used = held = 0.0
    for each in found:
        hours = (each.end - each.start) / timedelta(hours=1) * each.count
        if each.end <= now:
            used += hours
        else:
            held += hours
    return used, held
