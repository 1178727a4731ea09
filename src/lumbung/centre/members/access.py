"""Who may do what. One place, so that the matrix of roles and objects can be read and tested as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from lumbung.centre.members.models import Membership, Organisation, Team, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Visitor: TypeAlias = User | AnonymousUser

Role = Membership.Role


class NotAllowed(Exception):
    """The person may not do this. Shown as 403; where even existence is private, services raise NotFound instead."""


class NotFound(Exception):
    """No such thing, or none that this person may know of."""


def known(person: Visitor) -> TypeGuard[User]:
    """Whether *person* is signed in."""
    return bool(person.is_authenticated)


def is_staff(person: Visitor) -> bool:
    """Whether *person* works for the centre."""
    return known(person) and person.is_staff


def may_audit(person: Visitor) -> bool:
    """Whether *person* may read the audit log."""
    return known(person) and (person.is_staff or person.is_auditor)


def has_role(person: Visitor, organisation: Organisation, *roles: str) -> bool:
    """Whether *person* has one of *roles* in an approved *organisation*; administrators have every role there."""
    if not known(person):
        return False
    wanted = {*roles, Role.ADMINISTRATOR}
    return (
        organisation.approved
        and person.memberships.filter(organisation=organisation, accepted=True, role__in=wanted).exists()
    )


def administers(person: Visitor, organisation: Organisation) -> bool:
    """Whether *person* manages the organisation's members; also before it is approved."""
    return known(person) and (
        person.is_staff
        or person.memberships.filter(
            organisation=organisation, accepted=True, role=Role.ADMINISTRATOR
        ).exists()
    )


def in_team(person: Visitor, team: Team) -> bool:
    """Whether *person* is of the team."""
    return known(person) and team.members.filter(pk=person.pk).exists()


def require(allowed: bool) -> None:
    """Raise `NotAllowed` unless *allowed*."""
    if not allowed:
        raise NotAllowed


def require_known(person: Visitor) -> User:
    """Return the signed-in person, or raise `NotAllowed`."""
    if not known(person):
        raise NotAllowed
    return person
