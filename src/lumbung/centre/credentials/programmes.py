"""Programmes and cohorts: an organisation sees how many finished and how well on the whole, never one person's result."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lumbung.centre.credentials.bank import LEAST
from lumbung.centre.credentials.models import Cohort, Participant, Programme, Sitting
from lumbung.centre.credentials.nation import Row, summary
from lumbung.centre.credentials.suppression import FEWEST, settled
from lumbung.centre.members.access import NotFound, Role, has_role, is_staff, known, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.members.services import Refused

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor

_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class CohortFigures:
    """A cohort as its organisation sees it.

    Attributes
    ----------
    joined, finished : int
        `finished` is -1 where it is hidden.
    over : int
        Over how many finishers the figures are, in order of finishing; 0 while there are too few.
    row : Row or None
    """

    cohort: Cohort
    joined: int
    finished: int
    over: int
    row: Row | None


def manages(person: Visitor, organisation: Organisation) -> bool:
    """Whether *person* runs the organisation's programmes."""
    return has_role(person, organisation, Role.ADMINISTRATOR)


def visible_programmes() -> QuerySet[Programme]:
    """Return the programmes of approved organisations."""
    return Programme.objects.select_related("organisation").filter(organisation__approved=True)


def find_programme(slug: str) -> Programme:
    """Return a programme.

    Raises
    ------
    NotFound
    """
    found = visible_programmes().filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found


def create_programme(
    person: User, organisation: Organisation, *, title: str, about: str, now: datetime
) -> Programme:
    """Create a programme of an organisation one administers."""
    require(manages(person, organisation))
    base = slugify(title)[:30] or "programme"
    with transaction.atomic():
        slug, number = base, 2
        while Programme.objects.filter(slug=slug).exists():
            slug, number = f"{base}-{number}", number + 1
        made = Programme.objects.create(
            slug=slug, organisation=organisation, title=title.strip()[:120], about=about.strip(), created=now
        )
        append("programme.created", slug, actor=person, now=now)
    return made


def open_cohort(person: User, programme: Programme, *, name: str, now: datetime) -> Cohort:
    """Open a cohort with a code of its own."""
    require(manages(person, programme.organisation))
    if not name.strip():
        raise Refused(_("A cohort needs a name."))
    code = "".join(secrets.choice(_SIGNS) for _sign in range(8))
    with transaction.atomic():
        made = Cohort.objects.create(programme=programme, name=name.strip()[:80], code=code, created=now)
        append("cohort.opened", programme.slug, actor=person, now=now)
    return made


def join_cohort(person: User, code: str, *, now: datetime) -> Cohort:
    """Join a cohort with its code; joining twice is joining once.

    Raises
    ------
    Refused
    """
    wanted = code.strip().upper().replace(" ", "").replace("-", "")
    cohort = Cohort.objects.select_related("programme__organisation").filter(code=wanted).first()
    if cohort is None or not cohort.programme.organisation.approved:
        raise Refused(_("No cohort has this code. Check it with whoever gave it to you."))
    Participant.objects.get_or_create(cohort=cohort, user=person, defaults={"joined": now})
    return cohort


def leave_cohort(person: User, number: int) -> None:
    """Leave a cohort; one's results no longer count in it."""
    if not Participant.objects.filter(pk=number, user=person).delete()[0]:
        raise NotFound


def participations_of(person: Visitor) -> QuerySet[Participant]:
    """Return the cohorts a person joined."""
    if not known(person):
        return Participant.objects.none()
    return Participant.objects.select_related("cohort__programme__organisation").filter(user=person)


def figures_of(person: Visitor, programme: Programme) -> list[CohortFigures]:
    """Return the cohorts with their figures, to who runs the programme and to staff; to others, nothing."""
    if not (manages(person, programme.organisation) or is_staff(person)):
        return []
    cohorts = programme.cohorts.annotate(joined=Count("participants"))
    return [_figures(cohort, cohort.joined) for cohort in cohorts]


def _figures(cohort: Cohort, joined: int) -> CohortFigures:
    first: dict[int, tuple[float, float]] = {}
    found = Sitting.objects.filter(
        user__participations__cohort=cohort, answered__gte=LEAST, finished__isnull=False, voided=None
    )
    since = dict(cohort.participants.values_list("user_id", "joined"))
    for sitting in found.order_by("finished"):
        if sitting.finished is not None and sitting.finished >= since[sitting.user_id]:
            first.setdefault(sitting.user_id, (sitting.theta, sitting.standard_error))
    over, count = settled(len(first)), len(first)
    people = list(first.values())[:over]
    shown = count if count == 0 or count >= FEWEST else -1
    return CohortFigures(cohort, joined, shown, over, summary("", people, True) if over else None)
