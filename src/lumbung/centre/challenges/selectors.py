"""What may be seen of challenges, and by whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from lumbung.centre.challenges.models import Challenge, Guest, Phase, shown_to_all
from lumbung.centre.members.access import NotFound, Role, has_role, is_staff, known
from lumbung.centre.members.models import User
from lumbung.proving.text import LANGUAGES

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor


def visible_challenges(person: Visitor) -> QuerySet[Challenge]:
    """Return open and closed challenges, and the drafts of one's own organisations (all of them for staff).

    One by invitation is there for its guests, and for who judges it or looks after it in its host's organisation.
    """
    challenges = Challenge.objects.select_related("owner", "follows").prefetch_related("phases")
    if known(person):
        if person.is_staff or person.is_auditor:
            return challenges
        hosts = (Role.CHALLENGE_OWNER, Role.ADMINISTRATOR)
        mine = person.memberships.filter(accepted=True, role__in=hosts).values("organisation")
        judged = person.memberships.filter(accepted=True, role=Role.NODE_OPERATOR).values("organisation")
        out = Q(state__in=(Challenge.State.OPEN, Challenge.State.CLOSED))
        return challenges.filter(
            shown_to_all()
            | Q(owner__in=mine)
            | (out & (Q(owner__in=judged) | Q(slug__in=_guest_at(person).values("challenge"))))
        )
    return challenges.filter(shown_to_all())


def _guest_at(person: User) -> QuerySet[Guest]:
    own = person.memberships.filter(accepted=True, organisation__approved=True).values("organisation")
    return Guest.objects.filter(Q(team__in=person.teams.all()) | Q(organisation__in=own))


def kept_from(person: Visitor) -> set[str]:
    """Return the ids of the challenges by invitation that *person* may not know of."""
    found = set(Challenge.objects.filter(by_invitation=True).values_list("slug", flat=True))
    seen = visible_challenges(person).prefetch_related(None).filter(slug__in=found)
    return found - set(seen.values_list("slug", flat=True)) if found else found


def knowing(people: Iterable[User], challenge: Challenge) -> list[User]:
    """Return those of *people* who may know of a challenge."""
    if not challenge.by_invitation:
        return list(people)
    return [each for each in people if visible_challenges(each).filter(pk=challenge.pk).exists()]


def find_challenge(person: Visitor, slug: str, version: int | None = None) -> Challenge:
    """Return a challenge by its id: the version named, else the open one, else the newest one may see.

    Raises
    ------
    NotFound
    """
    found = visible_challenges(person).filter(slug=slug)
    if version is not None:
        found = found.filter(version=version)
    challenge = found.filter(state=Challenge.State.OPEN).first() or found.order_by("-version").first()
    if challenge is None:
        raise NotFound
    return challenge


def may_manage(person: Visitor, challenge: Challenge) -> bool:
    """Whether *person* opens and closes a challenge and has its runs judged again."""
    return is_staff(person) or has_role(person, challenge.owner, Role.CHALLENGE_OWNER)


def find_phase(challenge: Challenge, slug: str) -> Phase:
    """Return a phase of a challenge.

    Raises
    ------
    NotFound
    """
    phase = next((phase for phase in challenge.phases.all() if phase.slug == slug), None)
    if phase is None:
        raise NotFound
    return phase


def unwritten(challenge: Challenge) -> list[str]:
    """Return the languages in which a challenge has no title or no summary yet."""
    return [
        code
        for code in LANGUAGES
        if not all(challenge.record[name].get(code, "").strip() for name in ("title", "summary"))
    ]
