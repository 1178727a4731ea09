"""Supervised sittings: a seat for each person in the room, given out by a proctor, who confirms or voids what was sat on it.

A code that is read out to a room travels: one such code opened accounts from anywhere. A seat's code opens one sitting of
one account. The proctor sees who took which seat and how far they are, and afterwards says of each whether the person in
the room was the one who answered. Only a confirmed sitting counts as supervised, and its badge names the site. What a
proctor cannot see is said on their page: a second screen, an earpiece, who owns the account.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lumbung.centre.credentials.models import Badge, Seat, Sitting, StatusPlace
from lumbung.centre.members.access import NotFound, Role, has_role, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.members.services import Refused

_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
OPEN_FOR = timedelta(minutes=45)  # a seat nobody took by then is closed
MOST_SEATS = 60
SHOWN_FOR = timedelta(days=14)
CONFIRM_WITHIN = timedelta(days=7)


def supervises(person: User, site: Organisation) -> bool:
    """Whether *person* may give out seats of a site and judge what was sat there."""
    return has_role(person, site, Role.ADMINISTRATOR)


def give_out(person: User, site: Organisation, count: int, *, now: datetime) -> list[Seat]:
    """Give out seats, each with a code that opens one sitting.

    Raises
    ------
    Refused
    """
    require(supervises(person, site))
    if not 1 <= count <= MOST_SEATS:
        raise Refused(_("Between 1 and %(most)s seats can be given out at once.") % {"most": MOST_SEATS})
    with transaction.atomic():
        made = [
            Seat.objects.create(
                site=site,
                code="".join(secrets.choice(_SIGNS) for _sign in range(8)),
                opened=now,
                opened_by=person,
            )
            for _place in range(count)
        ]
        append("seats.given_out", site.slug, actor=person, now=now, count=count)
    return made


def find_seat(code: str, now: datetime) -> Seat:
    """Return the free seat of a code.

    Raises
    ------
    Refused
        Where there is none, it was taken, or it has closed.
    """
    wanted = code.strip().upper().replace(" ", "").replace("-", "")
    seat = Seat.objects.select_related("site").filter(code=wanted, opened__gt=now - OPEN_FOR).first()
    if seat is None or not seat.site.approved or Sitting.objects.filter(seat=seat).exists():
        raise Refused(
            _(
                "This code is not valid, was used already, or has closed. Ask whoever supervises the test for a seat of your own."
            )
        )
    return seat


def seats_of(site: Organisation, now: datetime) -> QuerySet[Seat]:
    """Return a site's seats of the last two weeks that were taken or are open, newest first."""
    return (
        Seat.objects.select_related("sitting__user")
        .filter(site=site, opened__gt=now - SHOWN_FOR)
        .exclude(sitting=None, opened__lte=now - OPEN_FOR)
        .order_by("-opened", "pk")
    )


def _to_judge(person: User, number: int) -> Sitting:
    sitting = Sitting.objects.select_for_update().filter(seat__pk=number).first()
    if sitting is None or sitting.site is None or not supervises(person, sitting.site):
        raise NotFound
    if sitting.user_id == person.pk:
        raise Refused(_("Nobody confirms or voids their own test."))
    return sitting


def confirm(person: User, number: int, *, now: datetime) -> Sitting:
    """Say that the person in the room answered this sitting.

    Raises
    ------
    Refused
        Where it goes on still, was voided, or ended too long ago to remember.
    """
    with transaction.atomic():
        sitting = _to_judge(person, number)
        if sitting.finished is None:
            raise Refused(_("This test goes on still."))
        if sitting.voided is not None:
            raise Refused(_("This test was voided."))
        if now - sitting.finished > CONFIRM_WITHIN:
            raise Refused(_("This test ended more than a week ago; it stays unsupervised."))
        if sitting.confirmed is None:
            sitting.confirmed, sitting.judged_by = now, person
            sitting.save(update_fields=["confirmed", "judged_by"])
            append("sitting.confirmed", sitting.token, actor=person, now=now)
    return sitting


def void(person: User, number: int, *, reason: str, now: datetime) -> Sitting:
    """Say that a sitting was not what it should have been: it counts nowhere, and badges over it are taken back.

    Raises
    ------
    Refused
    """
    with transaction.atomic():
        sitting = _to_judge(person, number)
        if not reason.strip():
            raise Refused(_("Say why: the person reads it."))
        if sitting.voided is not None:
            return sitting
        sitting.voided, sitting.void_reason, sitting.judged_by = now, reason.strip()[:200], person
        if sitting.finished is None:
            sitting.finished, sitting.stopped, sitting.pending = now, "ended", ""
        sitting.save()
        badges = Badge.objects.filter(sitting=sitting, revoked=None)
        StatusPlace.objects.filter(badge__in=badges).update(revoked=True)
        badges.update(revoked=now, reason=sitting.void_reason)
        append("sitting.voided", sitting.token, actor=person, now=now)
    return sitting
