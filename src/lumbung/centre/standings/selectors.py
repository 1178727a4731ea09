"""What may be seen of standings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from django.db.models import Q, QuerySet

from lumbung.centre.challenges.models import Phase
from lumbung.centre.members.access import NotFound, Role, known
from lumbung.centre.members.models import User
from lumbung.centre.runs.models import EvidenceRecord, Submission
from lumbung.centre.runs.selectors import hidden
from lumbung.centre.standings.models import Adoption, KeptStanding
from lumbung.centre.standings.services import kept_standing, standing_of
from lumbung.proving.standing import Row, Standing

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor


def leaderboard(phase: Phase, now: datetime) -> dict[str, Any]:
    """Return a phase's leaderboard as plain data; under embargo it says so and shows no score."""
    return {**_head(phase, now), **msgspec.json.decode(_body(phase, now))}


def encoded_leaderboard(phase: Phase, now: datetime) -> bytes:
    """Return the same as JSON, with the standing as it lies: its rows are neither read nor written anew."""
    return msgspec.json.encode(
        {**_head(phase, now), **msgspec.json.decode(_body(phase, now), type=dict[str, msgspec.Raw])}
    )


def _head(phase: Phase, now: datetime) -> dict[str, Any]:
    record = phase.challenge.record
    return {
        "challenge": phase.challenge.slug,
        "version": phase.challenge.version,
        "phase": phase.slug,
        "metric": record["ranking"]["metric"],
        "better": record["ranking"]["better"],
        "confidence": record["ranking"].get("confidence", 0.95),
        "embargo": hidden(phase, now),
        "closes": phase.closes,
    }


def _body(phase: Phase, now: datetime) -> str:
    if hidden(phase, now):
        return '{"nodes": [], "rows": [], "refused": [], "fallen": []}'
    return kept_standing(phase, now).board


def newest_standings(now: datetime, count: int = 3) -> list[dict[str, Any]]:
    """Return the leaderboards that changed last, of what everybody may see."""
    kept = (
        KeptStanding.objects.select_related("phase__challenge")
        .filter(phase__challenge__state__in=("open", "closed"))
        .order_by("-computed")[: 3 * count]
    )
    shown = [k for k in kept if not hidden(k.phase, now)][:count]
    boards = [
        {
            **leaderboard(k.phase, now),
            "title": k.phase.challenge.record["title"],
            "phase_title": k.phase.title,
        }
        for k in shown
    ]
    return [board for board in boards if board["rows"]]


@dataclass(frozen=True)
class Place:
    """A submission's place in the standing of its phase."""

    submission: Submission
    standing: Standing
    row: Row

    def evidence(self) -> list[bytes]:
        """Return the signed evidence the place rests on, as everybody can download it."""
        records = EvidenceRecord.objects.ranked().filter(run__submission=self.submission)
        return [envelope.encode() for envelope in records.order_by("pk").values_list("envelope", flat=True)]


def own_places(person: User, now: datetime) -> list[Place]:
    """Return the places of one's teams in the standings that are out; none from under an embargo."""
    teams = Submission.objects.filter(team__in=person.teams.all(), runs__evidence__complete=True)
    found = teams.select_related("phase__challenge", "team").distinct().order_by("phase", "pk")
    standings: dict[int, Standing] = {}
    places = []
    for submission in found:
        phase = submission.phase
        if hidden(phase, now):
            continue
        if phase.pk not in standings:
            standings[phase.pk] = standing_of(phase, now)
        standing = standings[phase.pk]
        places += [Place(submission, standing, row) for row in standing.rows if row.name == submission.token]
    return places


def find_own_place(person: User, token: str, now: datetime) -> Place:
    """Return the place of a submission of one's own team.

    Raises
    ------
    NotFound
        Also where the submission is not ranked: its team's better one is.
    """
    found = next((place for place in own_places(person, now) if place.submission.token == token), None)
    if found is None:
        raise NotFound
    return found


def visible_adoptions(person: Visitor) -> QuerySet[Adoption]:
    """Return adoptions of one's teams' solutions and by organisations one owns challenges for; all for staff."""
    adoptions = Adoption.objects.select_related(
        "submission__team", "submission__phase__challenge", "adopter", "evidence__run", "deliverable"
    )
    if not known(person):
        return adoptions.none()
    if person.is_staff or person.is_auditor:
        return adoptions
    owned = person.memberships.filter(
        accepted=True, organisation__approved=True, role__in=(Role.CHALLENGE_OWNER, Role.ADMINISTRATOR)
    ).values("organisation")
    return adoptions.filter(Q(submission__team__in=person.teams.all()) | Q(adopter__in=owned))


def find_adoption(person: Visitor, number: int) -> Adoption:
    """Return an adoption one may see.

    Raises
    ------
    NotFound
    """
    found = visible_adoptions(person).filter(pk=number).first()
    if found is None:
        raise NotFound
    return found
