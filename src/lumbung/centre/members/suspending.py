"""Suspending a person or a team: what they may no longer do, until staff lift it. Nothing of theirs is taken away.

A suspended person's sessions and tokens end with the next request, and no door opens to them. A suspended team's members
stay as they are; the team hands nothing in. Each suspension says why, to whom it concerns and in the log.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from lumbung.centre.members.access import NotFound, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Suspension, Team, User
from lumbung.centre.members.services import Refused

LONGEST = 1000
FOUND = 50


def suspend_person(user: User, person: User, why: str, *, now: datetime) -> Suspension:
    """Let a person in no more.

    Raises
    ------
    NotAllowed
    Refused
        There is no reason, they are of the staff or auditors, or they are suspended or gone already.
    """
    require(is_staff(user))
    reason = _reason(why)
    if person.is_staff or person.is_auditor:
        raise Refused(_("Staff and auditors are not suspended: take that role from them first."))
    with transaction.atomic():
        if not User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
            raise Refused(_("This account is suspended or gone already."))
        made = Suspension.objects.create(person=person, why=reason, by=user, since=now)
        append("account.suspended", str(person.pk), actor=user, now=now, why=reason)
    return made


def suspend_team(user: User, team: Team, why: str, *, now: datetime) -> Suspension:
    """Let a team hand nothing in.

    Raises
    ------
    NotAllowed
    Refused
        There is no reason, or it is suspended already.
    """
    require(is_staff(user))
    reason = _reason(why)
    with transaction.atomic():
        locked = Team.objects.select_for_update().get(pk=team.pk)
        if suspension_of(locked) is not None:
            raise Refused(_("This team is suspended already."))
        made = Suspension.objects.create(team=locked, why=reason, by=user, since=now)
        append("team.suspended", team.slug, actor=user, now=now, why=reason)
    return made


def lift(user: User, number: int, *, now: datetime) -> Suspension:
    """Lift a suspension.

    Raises
    ------
    NotAllowed
    NotFound
        It is lifted already, or never was.
    """
    require(is_staff(user))
    with transaction.atomic():
        found = Suspension.objects.select_for_update(of=("self",)).filter(pk=number, lifted=None).first()
        if found is None:
            raise NotFound
        found.lifted, found.lifted_by = now, user
        found.save(update_fields=["lifted", "lifted_by"])
        if found.person is not None:
            User.objects.filter(pk=found.person.pk).update(is_active=True)
            append("account.readmitted", str(found.person.pk), actor=user, now=now)
        elif found.team is not None:
            append("team.readmitted", found.team.slug, actor=user, now=now)
    return found


def suspension_of(team: Team) -> Suspension | None:
    """Return the suspension under which a team is now, if any."""
    return Suspension.objects.filter(team=team, lifted=None).first()


def suspended() -> QuerySet[Suspension]:
    """Return the suspensions that hold now, the newest first."""
    return (
        Suspension.objects.filter(lifted=None)
        .select_related("person", "team", "by")
        .order_by("-since", "-pk")
    )


def people_like(words: str) -> QuerySet[User]:
    """Return people whose name or address holds *words*, for staff; none without words."""
    asked = words.strip()
    if not asked:
        return User.objects.none()
    held = Suspension.objects.filter(person=OuterRef("pk"), lifted=None)
    found = User.objects.filter(Q(email__icontains=asked) | Q(name__icontains=asked))
    return found.annotate(held=Exists(held)).order_by("email")[:FOUND]


def teams_like(words: str) -> QuerySet[Team]:
    """Return teams whose name holds *words*, for staff; none without words."""
    asked = words.strip()
    if not asked:
        return Team.objects.none()
    held = Suspension.objects.filter(team=OuterRef("pk"), lifted=None)
    return Team.objects.filter(name__icontains=asked).annotate(held=Exists(held)).order_by("name")[:FOUND]


def _reason(why: str) -> str:
    reason = why.strip()
    if not reason or len(reason) > LONGEST:
        raise Refused(
            _("Say why, in at most %(count)d characters: who is suspended reads it.") % {"count": LONGEST}
        )
    return reason
