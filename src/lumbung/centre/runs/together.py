"""Accounts that are counted together: the policy of a phase's owner against one person, or one body, under many accounts.

A team's and a person's limits hold for accounts; who opens more accounts has more of them. An owner who minds says what an
account must show, and how many submissions a day, and on private cases how many teams, come from all that show the same:

- ``organisation``: each member of a team belongs to an organisation that the centre's staff approved, and is counted
  with everybody of each of theirs;
- ``domain``: each has a verified address at a domain of a body's own, and is counted with everybody of that domain, as
  registered (``ui.ac.id`` for ``student.ui.ac.id``). Addresses at public mail services say nothing and do not count; at
  one that is not listed here all are one body.

What a submission was counted with is kept with it: leaving an organisation or changing an address gives nothing back.
Nodes book what it is told to the same bodies.

Source
------
The Public Suffix List (publicsuffix.org), its part of registries, as the package publicsuffixlist carries it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from publicsuffixlist import PublicSuffixList

from lumbung.centre.challenges.models import Phase
from lumbung.centre.members.models import Organisation, Team
from lumbung.centre.members.services import Refused
from lumbung.centre.runs.models import CountedWith, Submission

ANYBODYS = frozenset(
    [
        "126.com",
        "139.com",
        "163.com",
        "188.com",
        "189.cn",
        "aliyun.com",
        "aol.com",
        "fastmail.com",
        "foxmail.com",
        "gmail.com",
        "gmx.com",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.cn",
        "live.com",
        "mac.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "naver.com",
        "outlook.com",
        "pm.me",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "rocketmail.com",
        "sina.cn",
        "sina.com",
        "sohu.com",
        "tom.com",
        "tuta.com",
        "yahoo.co.id",
        "yahoo.com",
        "yahoo.com.cn",
        "yahoo.com.ph",
        "yahoo.com.sg",
        "yahoo.com.vn",
        "yandex.com",
        "yandex.ru",
        "yeah.net",
        "ymail.com",
        "zoho.com",
    ]
)
"""Public mail services with many users in the region; whoever asks gets an address there."""


@dataclass(frozen=True)
class Body:
    """What accounts are counted by: an organisation, or a domain.

    Attributes
    ----------
    kind : {"organisation", "domain"}
    key : str
        The organisation's key, or the registered domain.
    name : str
        As people read it.
    """

    kind: str
    key: str
    name: str


def bodies_of(team: Team, phase: Phase) -> list[Body]:
    """Return the bodies that what a team hands in is counted with; none where the phase counts nobody together.

    Raises
    ------
    Refused
        Of some member nobody knows with whom to count them.
    """
    if phase.together == Phase.Together.ORGANISATION:
        return _organisations(team)
    if phase.together == Phase.Together.DOMAIN:
        return _domains(team)
    return []


def _organisations(team: Team) -> list[Body]:
    approved = Organisation.objects.filter(approved=True)
    members = approved.filter(memberships__user__teams=team, memberships__accepted=True)
    vouched = set(members.values_list("memberships__user", flat=True))
    if not set(team.members.values_list("pk", flat=True)) <= vouched:
        raise Refused(
            _(
                "This phase is for people for whom an organisation vouches. Each member of your team has to be taken in by "
                "one that is registered and approved here."
            )
        )
    found = (members | approved.filter(teams=team)).distinct().order_by("name")
    return [Body("organisation", str(each.pk), each.name) for each in found]


def _domains(team: Team) -> list[Body]:
    addresses = EmailAddress.objects.filter(user__teams=team, verified=True).values_list("user", "email")
    telling = {(user, domain) for user, email in addresses if (domain := registered_domain(email))}
    if not set(team.members.values_list("pk", flat=True)) <= {user for user, _domain in telling}:
        raise Refused(
            _(
                "This phase asks for addresses of an organisation's own. Each member of your team has to have a verified "
                "one; public mail services do not count."
            )
        )
    return [Body("domain", domain, domain) for domain in sorted({domain for _user, domain in telling})]


def registered_domain(email: str) -> str:
    """Return the domain of an address as it is registered; nothing where it is a public mail service's, or none."""
    domain = email.rpartition("@")[2].strip().rstrip(".").lower()
    found: str = _suffixes().privatesuffix(domain) or ""
    return "" if found in ANYBODYS or domain in ANYBODYS else found


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def check_bodies(team: Team, phase: Phase, today: QuerySet[Submission]) -> list[Body]:
    """Hold what a phase's owner allows for all that are counted together; returns the bodies of the team.

    Parameters
    ----------
    team : Team
    phase : Phase
    today : queryset of Submission
        Those of the phase since midnight.

    Raises
    ------
    Refused
    """
    bodies = bodies_of(team, phase)
    for body in bodies:
        if phase.together_daily is not None and used_by(body, today) >= phase.together_daily:
            raise Refused(
                _(
                    "%(body)s has used its %(limit)d submissions of today, of all its people together; the day ends at "
                    "midnight UTC."
                )
                % {"body": body.name, "limit": phase.together_daily}
            )
        if phase.private and phase.together_teams is not None:
            _check_teams(body, team, phase, phase.together_teams)
    return bodies


def used_by(body: Body, today: QuerySet[Submission]) -> int:
    """Return how many of today's submissions count for a body."""
    theirs = CountedWith.objects.filter(kind=body.kind, key=body.key).values("submission")
    return today.filter(pk__in=theirs, counts=True).count()


def _check_teams(body: Body, team: Team, phase: Phase, most: int) -> None:
    theirs = CountedWith.objects.filter(
        kind=body.kind, key=body.key, submission__phase__in=phase.line()
    ).exclude(submission__team=team)
    if theirs.values("submission__team").distinct().count() >= most:
        raise Refused(
            _(
                "As many teams of %(body)s as the owner allows take part on these private cases already: %(count)d."
            )
            % {"count": most, "body": body.name}
        )


def count_with(submission: Submission, bodies: list[Body]) -> None:
    """Keep with a submission what it is counted with."""
    CountedWith.objects.bulk_create(
        [CountedWith(submission=submission, kind=body.kind, key=body.key, name=body.name) for body in bodies]
    )
