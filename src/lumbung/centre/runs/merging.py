"""Two teams become one, by the word of both captains: what they handed in counts together from then on.

The one that joins gives its members, organisations and submissions to the other and is a team no more; its name stays
taken. So the daily limit of the day is used by both, and on each board one row is left: their best.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.dispatch import Signal
from django.utils.translation import gettext as _

from lumbung.centre.challenges.models import Guest, Phase
from lumbung.centre.members.access import NotFound, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Team, TeamMerger, User
from lumbung.centre.members.services import Refused
from lumbung.centre.members.suspending import suspension_of
from lumbung.centre.runs.models import Submission

teams_merged = Signal()
"""Sent within the transaction, with ``joining`` and ``into``: apps above this one move what they know of a team."""


def ask_to_merge(user: User, joining: Team, name: str, *, now: datetime) -> TeamMerger:
    """Ask another team to take one's own in; only who leads it can. Asked twice is asked once.

    Raises
    ------
    NotAllowed
    Refused
        There is no such other team, or the two cannot become one.
    """
    require(joining.captain_id == user.pk)
    into = Team.objects.filter(slug=name.strip(), merged_into=None).exclude(pk=joining.pk).first()
    if into is None:
        raise Refused(_("There is no other team of this short name."))
    _check(joining, into)
    asked, made = TeamMerger.objects.get_or_create(
        joining=joining, into=into, defaults={"asked_by": user, "created": now}
    )
    if made:
        append("team.merge_asked", joining.slug, actor=user, now=now, into=into.slug)
    return asked


def answer_merger(user: User, into: Team, name: str, *, agree: bool, now: datetime) -> Team:
    """Take another team in, or decline; only who leads the team that was asked can.

    Raises
    ------
    NotAllowed
    NotFound
        That team did not ask.
    Refused
        The two cannot become one, or the other is led by somebody else now than by who asked.
    """
    require(into.captain_id == user.pk)
    with transaction.atomic():
        asked = TeamMerger.objects.filter(into=into, joining__slug=name).first()
        if asked is None:
            raise NotFound
        locked = {team.pk: team for team in Team.objects.select_for_update().filter(
            pk__in=(asked.joining_id, into.pk)).order_by("pk")}  # fmt: skip
        joining, into = locked[asked.joining_id], locked[into.pk]
        if not agree:
            asked.delete()
            append("team.merge_declined", joining.slug, actor=user, now=now, into=into.slug)
            return into
        if joining.captain_id != asked.asked_by_id:
            raise Refused(_("That team is led by somebody else now, who has to ask again."))
        _check(joining, into)
        _join(joining, into)
        append("team.merged", joining.slug, actor=user, now=now, into=into.slug)
    return into


def _check(joining: Team, into: Team) -> None:
    if suspension_of(joining) is not None or suspension_of(into) is not None:
        raise Refused(_("A suspended team joins no other, and none joins it."))
    people = User.objects.filter(teams__in=(joining, into)).values("pk")
    theirs = Phase.objects.filter(private=True, submissions__team__in=(joining, into)).values("pk")
    elsewhere = Submission.objects.filter(phase__in=theirs).exclude(team__in=(joining, into))
    third = (
        elsewhere.filter(Q(team__members__in=people) | Q(handed_in_by__in=people))
        .select_related("team")
        .first()
    )
    if third is not None:
        raise Refused(
            _(
                "On private cases each person takes part with one team. A member of these teams takes part with %(team)s."
            )
            % {"team": third.team.name}
        )


def _join(joining: Team, into: Team) -> None:
    handed_in = Submission.objects.filter(team=joining)
    phases = {
        pk for phase in Phase.objects.filter(submissions__in=handed_in) for pk in phase.and_its_carriers()
    }
    handed_in.update(team=into)
    Phase.objects.filter(pk__in=phases).update(evidence_count=F("evidence_count") + 1)
    into.members.add(*joining.members.all())
    into.organisations.add(*joining.organisations.all())
    for place in joining.guest_at.all():
        Guest.objects.get_or_create(challenge=place.challenge, team=into, defaults={"since": place.since})
    joining.guest_at.all().delete()
    teams_merged.send(Team, joining=joining, into=into)
    joining.members.clear()
    joining.invitations.all().delete()
    TeamMerger.objects.filter(Q(joining=joining) | Q(into=joining)).delete()
    Team.objects.filter(pk=joining.pk).update(merged_into=into)
