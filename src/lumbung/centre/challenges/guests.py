"""A challenge by invitation: its host says which teams and organisations know of it; to everybody else it is not there.

A guest is asked in by name, or comes in with a link. The door is one for all versions of a challenge. Closed on a
challenge that runs, it keeps in whoever handed in already.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from lumbung.centre.challenges.models import Challenge, Guest, GuestLink
from lumbung.centre.challenges.selectors import knowing, may_manage
from lumbung.centre.members.access import NotFound, in_team, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, Team, User
from lumbung.centre.members.searching import forget
from lumbung.centre.members.services import Refused, token_digest

LASTS = timedelta(days=14)
MOST_PLACES = 100


def guests_of(challenge: Challenge) -> QuerySet[Guest]:
    """Return who is let in."""
    return Guest.objects.filter(challenge=challenge.slug).select_related("team", "organisation")


def links_of(challenge: Challenge, now: datetime) -> QuerySet[GuestLink]:
    """Return the links that still let somebody in."""
    return GuestLink.objects.filter(challenge=challenge.slug, expires__gt=now, taken__lt=F("places"))


def keep_door(user: User, challenge: Challenge, *, closed: bool, now: datetime) -> None:
    """Show a challenge to its guests alone, or to everybody again.

    Raises
    ------
    NotAllowed
    """
    require(may_manage(user, challenge))
    with transaction.atomic():
        versions = Challenge.objects.select_for_update().filter(slug=challenge.slug)
        if not [each for each in versions if each.by_invitation != closed]:
            return
        versions.update(by_invitation=closed)
        if closed:
            for team in Team.objects.filter(submissions__phase__challenge__in=versions).distinct():
                Guest.objects.get_or_create(challenge=challenge.slug, team=team, defaults={"since": now})
            forget("challenge", challenge.slug)
        append(
            "challenge.by_invitation" if closed else "challenge.for_all", challenge.slug, actor=user, now=now
        )
    challenge.by_invitation = closed


def let_in(user: User, challenge: Challenge, kind: str, name: str, *, now: datetime) -> tuple[Guest, bool]:
    """Let a team or an organisation in; returns it, and whether it was not let in before.

    Parameters
    ----------
    kind : {"team", "organisation"}
    name : str
        Its name, or its short name.

    Raises
    ------
    NotAllowed
    Refused
        There is no such team or organisation.
    """
    require(may_manage(user, challenge))
    found: Team | Organisation | None
    if kind == "team":
        found = _named(Team.objects.filter(merged_into=None), name)
    else:
        found = _named(Organisation.objects.filter(approved=True), name)
    if found is None:
        raise Refused(
            _("There is no team or organisation of this name. Look it up on its own page or board.")
        )
    with transaction.atomic():
        who = {"team" if kind == "team" else "organisation": found}
        guest, new = Guest.objects.get_or_create(challenge=challenge.slug, **who, defaults={"since": now})
        if new:
            append("guest.let_in", challenge.slug, actor=user, now=now, kind=kind, guest=found.slug)
    return guest, new


def _named(among: QuerySet[Team] | QuerySet[Organisation], name: str) -> Team | Organisation | None:
    asked = name.strip()
    return among.filter(slug=asked).first() or among.filter(name=asked).first()


def send_away(user: User, challenge: Challenge, number: int, *, now: datetime) -> None:
    """Let a guest in no more; what it handed in stays.

    Raises
    ------
    NotAllowed
    NotFound
    """
    require(may_manage(user, challenge))
    with transaction.atomic():
        guest = guests_of(challenge).filter(pk=number).first()
        if guest is None:
            raise NotFound
        who = guest.team or guest.organisation
        append("guest.sent_away", challenge.slug, actor=user, now=now, guest=who.slug if who else "")
        guest.delete()


def make_link(user: User, challenge: Challenge, *, places: int, now: datetime) -> tuple[GuestLink, str]:
    """Make a link with which so many teams may come in within two weeks; its secret is shown this once.

    Raises
    ------
    NotAllowed
    Refused
    """
    require(may_manage(user, challenge))
    if not 1 <= places <= MOST_PLACES:
        raise Refused(_("A link lets in between 1 and %(count)d teams.") % {"count": MOST_PLACES})
    secret = secrets.token_urlsafe(24)
    with transaction.atomic():
        link = GuestLink.objects.create(
            challenge=challenge.slug,
            digest=token_digest(secret),
            places=places,
            made_by=user,
            expires=now + LASTS,
        )
        append("guest.link_made", challenge.slug, actor=user, now=now, places=places)
    return link, secret


def end_link(user: User, challenge: Challenge, number: int, *, now: datetime) -> None:
    """Let nobody in with a link any more.

    Raises
    ------
    NotAllowed
    NotFound
    """
    require(may_manage(user, challenge))
    with transaction.atomic():
        gone, _rows = GuestLink.objects.filter(challenge=challenge.slug, pk=number).delete()
        if not gone:
            raise NotFound
        append("guest.link_ended", challenge.slug, actor=user, now=now)


def behind(secret: str, now: datetime) -> tuple[GuestLink, Challenge]:
    """Return a link by its secret, with the challenge it leads to.

    Raises
    ------
    NotFound
        There is none, or it is too old; and where nothing is open behind it.
    """
    link = GuestLink.objects.filter(digest=token_digest(secret), expires__gt=now).first()
    if link is None:
        raise NotFound
    out = (
        Challenge.objects.select_related("owner")
        .filter(slug=link.challenge)
        .exclude(state=Challenge.State.DRAFT)
    )
    challenge = out.filter(state=Challenge.State.OPEN).first() or out.order_by("-version").first()
    if challenge is None:
        raise NotFound
    return link, challenge


def come_in(user: User, secret: str, team: Team, *, now: datetime) -> Challenge:
    """Bring one's team in with a link; a second time changes nothing.

    Raises
    ------
    NotAllowed
        One is not in the team.
    NotFound
    Refused
        All its places are taken.
    """
    require(in_team(user, team))
    link, challenge = behind(secret, now)
    with transaction.atomic():
        locked = GuestLink.objects.select_for_update().filter(pk=link.pk).first()
        if locked is None:
            raise NotFound
        if Guest.objects.filter(challenge=link.challenge, team=team).exists():
            return challenge
        if locked.left < 1:
            raise Refused(_("All places of this link are taken. Ask the host for another."))
        Guest.objects.create(challenge=link.challenge, team=team, since=now)
        locked.taken += 1
        locked.save(update_fields=["taken"])
        append("guest.came_in", link.challenge, actor=user, now=now, guest=team.slug)
    return challenge


def uninvited(team: Team, challenge: Challenge) -> list[User]:
    """Return the members of a team who may not know of a challenge."""
    people = list(team.members.order_by("pk"))
    seen = knowing(people, challenge)
    return [each for each in people if each not in seen]
