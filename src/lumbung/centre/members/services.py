"""What changes people, organisations, teams and tokens. Time is passed in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from lumbung.centre.members.access import NotAllowed, NotFound, administers, in_team, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import ApiToken, Membership, Organisation, Team, TeamInvitation, User
from lumbung.centre.members.names import BadName, address_of, clean_name, skeleton
from lumbung.centre.members.notices import tell
from lumbung.centre.members.selectors import addresses_of

INVITATIONS_A_DAY = 50
TEAMS_A_DAY = 3
TWICE = timedelta(minutes=10)
"""Within which the same invitation is a second click."""


class Refused(ValueError):
    """A request that cannot be carried out as it stands; the message says why, to the person who asked."""


def register_organisation(
    user: User, *, name: str, country: str, kind: str, size: str, about: str, now: datetime
) -> Organisation:
    """Register an organisation; its first administrator is who registers it, and staff must approve it."""
    name = _free_name(name, Organisation, 120)
    slug = free_slug(name, Organisation)
    with transaction.atomic(), _taken_meanwhile():
        organisation = Organisation.objects.create(
            slug=slug, name=name, country=country, kind=kind, size=size, about=about, created=now
        )
        Membership.objects.create(
            user=user,
            organisation=organisation,
            role=Membership.Role.ADMINISTRATOR,
            accepted=True,
            created=now,
        )
        append("organisation.registered", slug, actor=user, now=now, country=country, kind=kind)
    return organisation


def _free_name(name: str, model: type[Organisation] | type[Team], longest: int) -> str:
    """Return a name that can be kept and looks like no other's.

    Raises
    ------
    Refused
    """
    kept = _kept_name(name, longest)
    if model.objects.filter(looks=skeleton(kept)).exists():
        raise Refused(_("This name is taken, or looks like one that is. Choose another."))
    return kept


def _kept_name(name: str, longest: int) -> str:
    try:
        return clean_name(name, longest)
    except BadName as error:
        raise Refused(str(error)) from None


@contextmanager
def _taken_meanwhile() -> Iterator[None]:
    """Say what happened where another took the same name in the same moment."""
    try:
        yield
    except IntegrityError:
        raise Refused(_("This name is taken, or looks like one that is. Choose another.")) from None


def free_slug(name: str, model: type[Organisation] | type[Team]) -> str:
    """Return an address-friendly name that is not taken yet; Chinese appears in pinyin, other scripts as they sound."""
    base = address_of(name, 32) or model.__name__.lower()
    if not model.objects.filter(slug=base).exists():
        return base
    taken = set(model.objects.filter(slug__startswith=f"{base}-").values_list("slug", flat=True))
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{base}-{number}") not in taken)


def approve_organisation(user: User, organisation: Organisation, *, now: datetime) -> bool:
    """Let an organisation take part; returns whether it did not before."""
    require(is_staff(user))
    with transaction.atomic():
        if not Organisation.objects.filter(pk=organisation.pk, approved=False).update(approved=True):
            return False
        append("organisation.approved", organisation.slug, actor=user, now=now)
    return True


def ask_to_join(user: User, organisation: Organisation, *, now: datetime) -> Membership:
    """Ask to become a member; an administrator accepts."""
    membership, made = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=Membership.Role.MEMBER, defaults={"created": now}
    )
    if made:
        append("membership.asked", organisation.slug, actor=user, now=now)
    return membership


def accept_member(user: User, membership: Membership, *, now: datetime) -> None:
    """Accept who asked to join."""
    require(administers(user, membership.organisation))
    with transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(accepted=True)
        append(
            "membership.accepted",
            membership.organisation.slug,
            actor=user,
            now=now,
            member=membership.user_id,
        )


def give_role(
    user: User, organisation: Organisation, member: User, role: str, *, now: datetime
) -> Membership:
    """Give a member of the organisation one more role."""
    require(administers(user, organisation))
    if role not in Membership.Role.values:
        raise Refused(_("There is no such role."))
    if not member.memberships.filter(organisation=organisation, accepted=True).exists():
        raise Refused(_("Only members of the organisation can get a role in it."))
    with transaction.atomic():
        membership, _made = Membership.objects.update_or_create(
            user=member, organisation=organisation, role=role, defaults={"accepted": True, "created": now}
        )
        append("membership.role_given", organisation.slug, actor=user, now=now, member=member.pk, role=role)
    return membership


def remove_role(user: User, membership: Membership, *, now: datetime) -> None:
    """Take a role away; the last administrator stays."""
    organisation = membership.organisation
    require(administers(user, organisation) or membership.user_id == user.pk)
    administrators = organisation.memberships.filter(role=Membership.Role.ADMINISTRATOR, accepted=True)
    with transaction.atomic():
        if membership.role == Membership.Role.ADMINISTRATOR and administrators.count() < 2:
            raise Refused(_("An organisation keeps at least one administrator."))
        append(
            "membership.removed",
            organisation.slug,
            actor=user,
            now=now,
            member=membership.user_id,
            role=membership.role,
        )
        membership.delete()


def found_team(user: User, *, name: str, organisations: Sequence[Organisation], now: datetime) -> Team:
    """Found a team, from organisations one belongs to, or from none."""
    name = _free_name(name, Team, 80)
    lately = Team.objects.filter(founder=user, created__gt=now - timedelta(days=1))
    if lately.count() >= TEAMS_A_DAY and not is_staff(user):
        raise Refused(
            _("You founded %(count)d teams within a day. Found more tomorrow.") % {"count": TEAMS_A_DAY}
        )
    for organisation in organisations:
        require(
            user.memberships.filter(
                organisation=organisation, accepted=True, organisation__approved=True
            ).exists()
        )
    slug = free_slug(name, Team)
    with transaction.atomic(), _taken_meanwhile():
        team = Team.objects.create(slug=slug, name=name, captain=user, founder=user, created=now)
        team.members.add(user)
        if organisations:
            team.organisations.set(organisations)
        append("team.founded", slug, actor=user, now=now)
    return team


def invite(user: User, team: Team, email: str, *, now: datetime) -> TeamInvitation:
    """Invite a person by address, of whatever organisation.

    An invitation that waits is not made twice: asked for again, it is valid for as long anew. What comes of a second click
    is the very same one, unchanged; whoever writes letters writes one where it was made or renewed *now*.

    Raises
    ------
    NotAllowed
        One is not in the team.
    Refused
        The person is in the team; or one's teams invited as many people within a day as they may: each invitation is a
        letter to a stranger.
    """
    require(in_team(user, team))
    address = email.strip().lower()
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        if team.members.filter(
            Q(email=address) | Q(emailaddress__email=address, emailaddress__verified=True)
        ).exists():
            raise Refused(_("This person is in the team already."))
        waiting = (
            TeamInvitation.objects.filter(team=team, email=address, accepted=False).order_by("-pk").first()
        )
        if waiting is not None and now - waiting.created < TWICE:
            return waiting
        return _invited_now(user, team, address, waiting, now)


def _invited_now(
    user: User, team: Team, address: str, waiting: TeamInvitation | None, now: datetime
) -> TeamInvitation:
    lately = TeamInvitation.objects.filter(team__in=user.teams.all(), created__gt=now - timedelta(days=1))
    if lately.count() >= INVITATIONS_A_DAY:
        raise Refused(
            _("Your teams invited %(count)d people within a day. Invite more tomorrow.")
            % {"count": INVITATIONS_A_DAY}
        )
    if waiting is None:
        waiting = TeamInvitation(team=team, email=address, token=secrets.token_urlsafe(24))
    waiting.created = now
    waiting.save()
    append("team.invited", team.slug, actor=user, now=now)
    page = reverse("portal:accept_invitation", args=[waiting.token])
    tell(User.objects.filter(email=address), "invited", page, now=now, lettered=True, team=team.name)
    return waiting


def accept_invitation(user: User, token: str, *, now: datetime) -> Team:
    """Join the team one was invited to. The invitation is bound to the address it was sent to."""
    invitation = TeamInvitation.objects.select_related("team").filter(token=token, accepted=False).first()
    if invitation is None or now - invitation.created > timedelta(days=14):
        raise NotFound
    if invitation.email not in addresses_of(user):
        raise NotAllowed
    with transaction.atomic():
        invitation.team.members.add(user)
        invitation.accepted = True
        invitation.save(update_fields=["accepted"])
        own = Organisation.objects.filter(memberships__user=user, memberships__accepted=True, approved=True)
        invitation.team.organisations.add(*own)
        append("team.joined", invitation.team.slug, actor=user, now=now)
    return invitation.team


def leave_team(user: User, team: Team, *, now: datetime) -> None:
    """Leave a team. Who leads it hands it over first: what a team handed in always has somebody to answer for it.

    Raises
    ------
    NotFound
        One is not in the team.
    Refused
        One leads it.
    """
    with transaction.atomic():
        locked = _own_team(user, team)
        if locked.captain_id == user.pk:
            if locked.members.count() == 1:
                raise Refused(
                    _("You are the only one in this team, and somebody answers for what it hands in.")
                )
            raise Refused(_("You lead this team. Hand it over to another member, then you can leave."))
        locked.members.remove(user)
        append("team.left", team.slug, actor=user, now=now)


def hand_over_team(user: User, team: Team, email: str, *, now: datetime) -> Team:
    """Let another member lead the team from now on; only who leads it can.

    Raises
    ------
    NotFound
        One is not in the team.
    NotAllowed
        One does not lead it.
    Refused
        There is no such other member.
    """
    with transaction.atomic():
        locked = _own_team(user, team)
        require(locked.captain_id == user.pk)
        heir = locked.members.filter(email=email.lower(), is_active=True).exclude(pk=user.pk).first()
        if heir is None:
            raise Refused(_("A team is handed over to another of its members."))
        locked.captain = heir
        locked.save(update_fields=["captain"])
        append("team.handed_over", team.slug, actor=user, now=now, captain=heir.pk)
    return locked


def _own_team(user: User, team: Team) -> Team:
    """Return the team, locked: nobody leaves while it is handed over to them."""
    locked = Team.objects.select_for_update().get(pk=team.pk)
    if not in_team(user, locked):
        raise NotFound
    return locked


def change_account(user: User, *, name: str, language: str, wants_answers: bool, wants_digest: bool) -> None:
    """Change how one is called, in which language one is written to, and whether about discussions and once a day."""
    user.name = _kept_name(name, 80) if name.strip() else ""
    user.language, user.wants_answers, user.wants_digest = language, wants_answers, wants_digest
    user.save(update_fields=["name", "language", "wants_answers", "wants_digest"])


def choose_language(user: User, language: str) -> None:
    """Change the language in which one is written to."""
    user.language = language
    user.save(update_fields=["language"])


def make_token(
    user: User, *, name: str, scopes: Sequence[str], now: datetime, days: int | None = 365
) -> tuple[ApiToken, str]:
    """Make an API token; the second value is shown once and kept nowhere."""
    unknown = set(scopes) - set(ApiToken.Scope.values)
    if unknown or not scopes:
        raise Refused(_("Choose at least one scope."))
    secret = "lbg_" + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip()[:60] or "token",
        digest=token_digest(secret),
        scopes=" ".join(sorted(set(scopes))),
        created=now,
        expires=None if days is None else now + timedelta(days=days),
    )
    append("token.made", str(token.pk), actor=user, now=now, scopes=token.scopes)
    return token, secret


def revoke_token(user: User, token_id: int, *, now: datetime) -> None:
    """Make a token of one's own useless."""
    with transaction.atomic():
        gone, _details = ApiToken.objects.filter(pk=token_id, user=user).delete()
        if not gone:
            raise NotFound
        append("token.revoked", str(token_id), actor=user, now=now)


def token_digest(secret: str) -> str:
    """Return what is kept of a secret. Secrets are long and random: a plain hash suffices."""
    return hashlib.sha256(secret.encode()).hexdigest()
