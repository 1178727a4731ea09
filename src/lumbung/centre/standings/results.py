"""What a scored submission is worth: its score and how sure it is, its place, and what changed against the team's best.

Everything comes from the evidence alone, as in a standing; a submission that is not its team's best has no place in it
and still has a score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lumbung.centre.runs.models import EvidenceRecord, Submission
from lumbung.centre.runs.selectors import hidden
from lumbung.centre.standings.services import Worth, fully_scored, standing_of
from lumbung.proving.challenge import Ranking
from lumbung.proving.evidence import Evidence, reopen_evidence
from lumbung.proving.standing import Row, StandingError, compute_standing

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


@dataclass(frozen=True)
class Change:
    """How a submission does against the best that its team had before it.

    Attributes
    ----------
    before : Submission
    difference : float
        Of the means, in the metric's unit; positive where the newer one is better, whichever way the metric counts.
    sure : bool
        Whether the evidence tells the two apart, on the same cases and at the ranking's confidence.
    """

    before: Submission
    difference: float
    sure: bool

    @property
    def size(self) -> float:
        """The difference without its sign."""
        return abs(self.difference)


@dataclass(frozen=True)
class Result:
    """A submission's score and what it means.

    Attributes
    ----------
    row : Row
        Its figures; ranks are those of `place`.
    ranking : Ranking
    place : Row or None
        Its row in the standing of its phase; None where it is not ranked.
    ranked_by : tuple of (Submission, Row), or None
        The team's better submission, which is ranked in its stead.
    count : int
        How many are ranked.
    change : Change or None
        None where the team had none before.
    """

    row: Row
    ranking: Ranking
    place: Row | None
    ranked_by: tuple[Submission, Row] | None
    count: int
    change: Change | None


def result_of(submission: Submission, now: datetime) -> Result | None:
    """Return a submission's result; None while a run of it is under way, without a full score, or under an embargo."""
    phase = submission.phase
    if hidden(phase, now):
        return None
    scored = {
        one.pk: one for one in fully_scored(Submission.objects.filter(team=submission.team_id, phase=phase))
    }
    if submission.pk not in scored:
        return None
    ranking = phase.challenge.content.ranking
    row = _row_of(submission, ranking)
    if row is None:
        return None
    standing = standing_of(phase, now)
    places = {place.name: place for place in standing.rows}
    team = {one.token: one for one in scored.values()}
    ranked = next(((team[name], place) for name, place in places.items() if name in team), None)
    own = places.get(submission.token)
    return Result(
        row=row,
        ranking=ranking,
        place=own,
        ranked_by=None if own else ranked,
        count=len(places),
        change=_change(submission, scored.values(), ranking),
    )


def means_of(submissions: Sequence[Submission], now: datetime) -> dict[int, float]:
    """Return the means of those that are fully scored and not under an embargo, by key, in their metrics' units."""
    shown = {one.pk: one for one in submissions if not hidden(one.phase, now)}
    scored = fully_scored(Submission.objects.filter(pk__in=shown)).values_list("pk", "worth")
    return {
        pk: math.exp(worth) if shown[pk].phase.challenge.content.ranking.mean == "geometric" else worth
        for pk, worth in scored
    }


def _change(
    submission: Submission, scored: Iterable[WithAnnotations[Submission, Worth]], ranking: Ranking
) -> Change | None:
    earlier = [one for one in scored if one.counts and one.pk < submission.pk]
    if not earlier:
        return None
    sign = 1 if ranking.better == "lower" else -1
    before = min(earlier, key=lambda one: (sign * one.worth, one.pk))
    try:
        both = compute_standing(
            {one.token: _evidence_of(one) for one in (before, submission)},
            ranking,
            seed=0,
            trusted_only=False,
        )
    except StandingError:
        return None
    rows = {row.name: row for row in both.rows}
    if len(rows) < 2:
        return None
    difference = sign * (rows[before.token].mean - rows[submission.token].mean)
    return Change(before, difference, sure={row.rank for row in both.rows} == {1, 2})


def _row_of(submission: Submission, ranking: Ranking) -> Row | None:
    alone = compute_standing(
        {submission.token: _evidence_of(submission)}, ranking, seed=0, trusted_only=False
    )
    return alone.rows[0] if alone.rows else None


def _evidence_of(submission: Submission) -> list[Evidence]:
    pieces = EvidenceRecord.objects.ranked().filter(run__submission=submission)
    envelopes = pieces.values_list("envelope", flat=True)
    return [reopen_evidence(envelope.encode()) for envelope in envelopes]
