"""A person's own data: all of it in one file, and leaving for good.

Both rights are found from the tables themselves, so that a table added later is covered without being named here: what
goes with an account (its foreign key cascades) is exported and deleted; what others rely on (submissions, evidence,
adoptions, posts of an organisation) is exported and stays, under a number that leads to nobody any more.

Sources
-------
Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi, articles 7 (access), 8 (erasure) and 13
(portability); Regulation (EU) 2016/679 (GDPR), articles 15, 17 and 20.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, count
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from lumbung.centre.members.audit import append
from lumbung.centre.members.models import AuditEntry, Membership, Organisation, Team, TeamInvitation, User
from lumbung.centre.members.names import skeleton
from lumbung.centre.members.selectors import addresses_of
from lumbung.centre.members.services import Refused

SECRETS = {
    "members.User": {"password"},
    "members.ApiToken": {"digest"},
    "challenges.GuestLink": {"digest"},
    "mfa.Authenticator": {"data"},
    "socialaccount.SocialAccount": {"extra_data"},
}
"""What proves to the centre who one is. It is nobody's data to carry away, the person's neither."""

Rows = dict[str, list[dict[str, Any]]]


def everything_about(user: User) -> dict[str, Any]:
    """Return all that the centre keeps about a person, as plain data.

    Returns
    -------
    dict
        ``account``; ``goes_with_the_account`` and ``stays_without_a_name``: rows by table; ``teams``; ``invitations`` sent
        to their address; and ``log``: the acts that the audit log has of them.
    """
    goes: Rows = {}
    stays: Rows = {}
    for field, rows in _references(user):
        if field.remote_field.on_delete is models.CASCADE:
            _collect(goes, rows)
        else:
            stays.setdefault(_label(rows.model), []).extend(_plain(rows))
    return {
        "account": _plain(User.objects.filter(pk=user.pk))[0],
        "teams": [{"slug": team.slug, "name": team.name} for team in user.teams.all()],
        "invitations": list(
            TeamInvitation.objects.filter(email__in=addresses_of(user))
            .order_by("pk")
            .values("team__slug", "email", "created", "accepted")
        ),
        "goes_with_the_account": goes,
        "stays_without_a_name": stays,
        "log": list(
            AuditEntry.objects.filter(actor=f"user:{user.pk}").values(
                "number", "time", "act", "subject", "details"
            )
        ),
    }


def left_leaderless(user: User) -> list[Organisation]:
    """Return the organisations whose only administrator a person is: staff look after them once the person left."""
    led = Organisation.objects.filter(
        memberships__user=user, memberships__role=Membership.Role.ADMINISTRATOR, memberships__accepted=True
    )
    others = Membership.objects.filter(role=Membership.Role.ADMINISTRATOR, accepted=True).exclude(user=user)
    return list(led.exclude(pk__in=others.values("organisation")))


def delete_account(user: User, *, now: datetime) -> None:
    """Delete a person's account for good.

    Name, address, ways to sign in, tests, badges and memberships go. What they handed in with a team stays with the
    team; a team that had nobody else loses its name. The audit log, which never held a name, stays whole.

    Raises
    ------
    Refused
        Staff and auditors hold the keys of others: another of the staff takes that role from them first.
    """
    if user.is_staff or user.is_auditor:
        raise Refused(_("Staff and auditors cannot delete their account while they have that role."))
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        append("account.deleted", str(locked.pk), actor=locked, now=now)
        for team in Team.objects.select_for_update().filter(captain=locked):
            _without_captain(team, locked)
        locked.teams.clear()
        TeamInvitation.objects.filter(email__in=addresses_of(locked)).delete()
        for field, rows in _references(locked):
            if field.remote_field.on_delete is models.CASCADE:
                rows.delete()
        locked.email, locked.name, locked.is_active = f"deleted-{locked.pk}@deleted.invalid", "", False
        locked.set_unusable_password()  # every session of theirs ends with it
        locked.save()


def _without_captain(team: Team, user: User) -> None:
    heir = team.members.filter(is_active=True).exclude(pk=user.pk).order_by("pk").first()
    if heir is not None:
        team.captain = heir
    else:
        names = chain([f"Team {team.pk}"], (f"Team {team.pk}-{n}" for n in count(2)))
        team.name = next(name for name in names if not _looks_taken(team, name))
    team.save()


def _looks_taken(team: Team, name: str) -> bool:
    return Team.objects.filter(looks=skeleton(name)).exclude(pk=team.pk).exists()


def _references(user: User) -> Iterator[tuple[Any, models.QuerySet[Any]]]:
    """Yield every foreign key to the table of people, with the rows that point to *user*."""
    for model in apps.get_models():
        if model._meta.proxy or model._meta.auto_created:
            continue
        for field in model._meta.get_fields():
            if field.concrete and (field.many_to_one or field.one_to_one) and field.related_model is User:
                yield field, model._default_manager.filter(**{field.name: user})


def _collect(found: Rows, rows: models.QuerySet[Any]) -> None:
    """Add rows that go with the account, and what goes with them."""
    found.setdefault(_label(rows.model), []).extend(
        row for row in _plain(rows) if row not in found.get(_label(rows.model), [])
    )
    for relation in rows.model._meta.related_objects:
        if relation.on_delete is models.CASCADE and relation.related_model is not User:
            _collect(
                found, relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": rows})
            )


def _plain(rows: models.QuerySet[Any]) -> list[dict[str, Any]]:
    hidden = SECRETS.get(_label(rows.model), set())
    names = [field.attname for field in rows.model._meta.concrete_fields if field.name not in hidden]
    return list(rows.order_by("pk").values(*names))


def _label(model: type[models.Model]) -> str:
    return model._meta.label
