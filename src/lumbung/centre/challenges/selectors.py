"""What may be seen of challenges, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.members.access import NotFound, Role, has_role, is_staff, known
from lumbung.proving.text import LANGUAGES

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor


def visible_challenges(person: Visitor) -> QuerySet[Challenge]:
    """Return open and closed challenges, and the drafts of one's own organisations (all of them for staff)."""
    everyone = Q(state__in=(Challenge.State.OPEN, Challenge.State.CLOSED))
    challenges = Challenge.objects.select_related("owner", "follows").prefetch_related("phases")
    if known(person):
        if person.is_staff or person.is_auditor:
            return challenges
        mine = person.memberships.filter(
            accepted=True, role__in=(Role.CHALLENGE_OWNER, Role.ADMINISTRATOR)
        ).values("organisation")
        return challenges.filter(everyone | Q(owner__in=mine))
    return challenges.filter(everyone)


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
