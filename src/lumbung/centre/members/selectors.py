"""What may be seen of organisations, teams and one's own things, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from lumbung.centre.members.access import NotFound, Role, administers, known, may_audit, require
from lumbung.centre.members.models import (
    ApiToken,
    AuditCheckpoint,
    AuditEntry,
    Membership,
    Organisation,
    Team,
    TeamInvitation,
    User,
    Word,
)

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor


def visible_organisations(person: Visitor) -> QuerySet[Organisation]:
    """Return approved organisations, one's own that wait for approval, and all for staff and auditors."""
    if not known(person):
        return Organisation.objects.filter(approved=True)
    if person.is_staff or person.is_auditor:
        return Organisation.objects.all()
    own = person.memberships.filter(accepted=True).values("organisation")
    return Organisation.objects.filter(Q(approved=True) | Q(pk__in=own))


def find_organisation(person: Visitor, slug: str) -> Organisation:
    """Return an organisation one may see.

    Raises
    ------
    NotFound
    """
    found = visible_organisations(person).filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found


def waiting_organisations() -> QuerySet[Organisation]:
    """Return organisations that staff have neither approved nor declined, each with its ``last_word``."""
    last = Word.objects.filter(organisation=OuterRef("pk")).order_by("-pk").values("kind")[:1]
    waiting = Organisation.objects.filter(approved=False).annotate(
        last_word=Coalesce(Subquery(last), Value(""))
    )
    return waiting.exclude(last_word=Word.Kind.DECLINED).order_by("created")


def words_about(person: Visitor, organisation: Organisation) -> list[Word]:
    """Return what was said about its approval: to staff, auditors and those who registered it; nothing to others."""
    if not known(person) or organisation.approved:
        return []
    own = person.memberships.filter(organisation=organisation).exists()
    return list(organisation.words.all()) if own or person.is_staff or person.is_auditor else []


def organisations_per_country() -> dict[str, int]:
    """Return how many approved organisations each country has."""
    rows = Organisation.objects.filter(approved=True).order_by().values("country").annotate(count=Count("pk"))
    return {row["country"]: row["count"] for row in rows}


def members_of(person: Visitor, organisation: Organisation) -> QuerySet[Membership]:
    """Return an organisation's members to its own accepted members and to staff; to others, nobody.

    Who asks to join is shown to administrators alone.
    """
    members = organisation.memberships.select_related("user").order_by("accepted", "user__email", "role")
    if administers(person, organisation):
        return members
    if known(person) and person.memberships.filter(organisation=organisation, accepted=True).exists():
        return members.filter(accepted=True)
    return members.none()


def people_with(organisation: Organisation, *roles: str) -> QuerySet[User]:
    """Return the people who have one of *roles* in an organisation and can still sign in."""
    return User.objects.filter(
        memberships__organisation=organisation, memberships__accepted=True, memberships__role__in=roles,
        is_active=True,
    ).distinct()  # fmt: skip


def administrators(organisation: Organisation) -> QuerySet[User]:
    """Return whom to write to in an organisation."""
    return people_with(organisation, Role.ADMINISTRATOR)


def staff_to_write_to() -> QuerySet[User]:
    """Return the centre's staff."""
    return User.objects.filter(is_staff=True, is_active=True)


def own_organisations(person: User, *roles: str) -> QuerySet[Organisation]:
    """Return approved organisations in which *person* is a member, or has one of *roles* (administrators have all)."""
    mine = person.memberships.filter(accepted=True)
    if roles:
        mine = mine.filter(role__in=(*roles, Role.ADMINISTRATOR))
    return Organisation.objects.filter(approved=True, pk__in=mine.values("organisation"))


def find_membership(organisation: Organisation, number: int) -> Membership:
    """Return a membership of this organisation, not of another.

    Raises
    ------
    NotFound
    """
    found = organisation.memberships.select_related("organisation", "user").filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def own_teams(person: User) -> QuerySet[Team]:
    """Return one's teams with all a page shows of them."""
    return person.teams.prefetch_related(
        "members", "organisations", "invitations", "mergers__joining", "mergers_asked__into"
    )


def find_own_team(person: User, slug: str) -> Team:
    """Return one of one's teams.

    Raises
    ------
    NotFound
    """
    found = person.teams.filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found


def invitations_to(person: User) -> QuerySet[TeamInvitation]:
    """Return open invitations to an address of one's own, an earlier one that one still has too."""
    found = TeamInvitation.objects.select_related("team").filter(accepted=False)
    return found.filter(email__in=addresses_of(person))


def addresses_of(person: User) -> set[str]:
    """Return the addresses that are known to be a person's, in small letters."""
    verified = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return {address.lower() for address in (person.email, *verified)}


def own_tokens(person: User) -> QuerySet[ApiToken]:
    """Return one's API tokens, newest first."""
    return person.api_tokens.order_by("-created")


def signed_heads() -> QuerySet[AuditCheckpoint]:
    """Return the log's signed heads with who countersigned them, newest first; everybody may see them."""
    return AuditCheckpoint.objects.exclude(note="").prefetch_related("cosignatures").order_by("-number")


def entry_of(act: str, subject: str) -> AuditEntry:
    """Return the last entry of an act on a subject.

    Raises
    ------
    NotFound
    """
    found = AuditEntry.objects.filter(act=act, subject=subject).order_by("-number").first()
    if found is None:
        raise NotFound
    return found


def audit_entries(person: Visitor, *, before: int | None = None, act: str = "") -> QuerySet[AuditEntry]:
    """Return the log, newest first, to who may audit; nobody else reaches this.

    Raises
    ------
    NotAllowed
    """
    require(may_audit(person))
    entries = AuditEntry.objects.order_by("-number")
    if before is not None:
        entries = entries.filter(number__lt=before)
    return entries.filter(act__startswith=act) if act else entries


def find_person(number: int) -> User:
    """Return a person, for staff.

    Raises
    ------
    NotFound
    """
    found = User.objects.filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def find_team(slug: str) -> Team:
    """Return a team, for staff.

    Raises
    ------
    NotFound
    """
    found = Team.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found
