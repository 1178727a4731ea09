"""Letters: a node's key is revoked, to teams whose scores rested on it and to the owners; a team asks to join another."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from lumbung.centre.members.access import Role
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.letters import send
from lumbung.centre.members.models import Organisation, Team, TeamMerger, User
from lumbung.centre.members.selectors import people_with
from lumbung.centre.runs.models import EvidenceRecord, Node


def send_fallen(request: HttpRequest, node: Node, fallen: Sequence[EvidenceRecord]) -> None:
    """Tell each person once, of all that fell and concerns them."""
    teams: dict[Team, list[EvidenceRecord]] = {}
    owners: dict[Organisation, list[EvidenceRecord]] = {}
    for record in fallen:
        teams.setdefault(record.run.submission.team, []).append(record)
        owners.setdefault(record.run.challenge.owner, []).append(record)
    concerned: dict[User, list[EvidenceRecord]] = {}
    for team, theirs in teams.items():
        for person in team.members.filter(is_active=True):
            concerned.setdefault(person, []).extend(theirs)
    for person, records in concerned.items():
        _send(request, person, node, records, "runs/letters/fallen_team.txt")
    for owner, records in owners.items():
        for person in people_with(owner, Role.CHALLENGE_OWNER, Role.ADMINISTRATOR):
            _send(request, person, node, records, "runs/letters/fallen_owner.txt")


def send_merger(request: HttpRequest, asked: TeamMerger) -> None:
    """Tell who leads a team that another asks to join it."""
    captain = asked.into.captain
    address = request.build_absolute_uri(reverse("portal:teams"))
    with translation.override(captain.language):
        context = {"joining": asked.joining.name, "into": asked.into.name, "address": address}
        send(captain.email, "runs/letters/merger.txt", context)


def _send(
    request: HttpRequest, person: User, node: Node, records: Sequence[EvidenceRecord], template: str
) -> None:
    with translation.override(person.language):
        lines = [
            {
                "title": record.run.challenge.content.title.in_language(house_language()),
                "team": record.run.submission.team.name,
                "name": record.run.submission.name,
                "address": request.build_absolute_uri(reverse("portal:run", args=[record.run.token])),
            }
            for record in records[:50]
        ]
        context = {"node": node.name, "lines": lines, "more": len(records) - len(lines)}
        send(person.email, template, context)
