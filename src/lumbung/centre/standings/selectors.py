"""What may be seen of standings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from django.db.models import F, Q, QuerySet

from lumbung.centre.challenges.models import Phase, shown_to_all
from lumbung.centre.members.access import NotFound, Role, known
from lumbung.centre.members.models import User
from lumbung.centre.runs.models import EvidenceRecord, Submission
from lumbung.centre.runs.selectors import hidden
from lumbung.centre.standings.models import Adoption
from lumbung.centre.standings.services import kept_standing, kept_standings, standing_of
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
        return '{"nodes": [], "rows": [], "refused": [], "fallen": [], "progress": []}'
    return kept_standing(phase, now).board


class _Board(msgspec.Struct):
    """A kept board, its rows unread: of hundreds, a card shows three."""

    rows: list[msgspec.Raw]


def newest_standings(now: datetime) -> list[dict[str, Any]]:
    """Return one board per challenge that everybody may see, the one that changed last first, with its first three rows."""
    found = (
        Phase.objects.select_related("challenge")
        .filter(shown_to_all("challenge__"), evidence_count__gt=0)
        .order_by(F("standing__computed").desc(nulls_first=True), "-pk")
    )
    boards: dict[str, dict[str, Any]] = {}
    shown = [phase for phase in found if not hidden(phase, now)]
    standings = kept_standings(shown, now)
    for phase in shown:
        challenge, kept = phase.challenge, standings[phase.pk]
        if challenge.slug in boards:
            continue
        rows = msgspec.json.decode(kept.board, type=_Board).rows
        if rows:
            boards[challenge.slug] = {
                **_head(phase, now),
                "sector": challenge.sector,
                "title": challenge.record["title"],
                "phase_title": phase.title,
                "computed": kept.computed,
                "count": len(rows),
                "rows": [msgspec.json.decode(row) for row in rows[:3]],
            }
    return list(boards.values())


def solutions_at_work() -> dict[tuple[str, str], int]:
    """Count adoptions that a team agreed to, by the country of its first organisation and that of the adopter.

    A team of nobody's counts as one of the adopter's own country: it is at work there all the same.
    """
    found = Adoption.objects.filter(state__in=(Adoption.State.AGREED, Adoption.State.DELIVERED))
    pairs: dict[int, tuple[str, str]] = {}
    for number, adopter, start in found.order_by("pk", "submission__team__organisations__slug").values_list(
        "pk", "adopter__country", "submission__team__organisations__country"
    ):
        pairs.setdefault(number, (start or adopter, adopter))
    return dict(Counter(pairs.values()))


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
    """Return the places of one's teams in the standings that everybody may see."""
    teams = Submission.objects.filter(
        shown_to_all("phase__challenge__"), team__in=person.teams.all(), runs__evidence__complete=True
    )
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
