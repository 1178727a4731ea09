"""From a standing of the proving ground to what a badge says about it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from lumbung.talent.credentials.badge import BadgeProblem, StandingResult

if TYPE_CHECKING:
    from lumbung.proving.standing import Standing


def standing_result(
    standing: Standing, name: str, *, title: str, unit: str, evidence: Iterable[bytes], decided_on: date
) -> StandingResult:
    """Take one solution's row out of a standing.

    Parameters
    ----------
    standing : Standing
        Computed from evidence by :func:`lumbung.proving.standing.compute_standing`.
    name : str
        The solution's name in it.
    title, unit : str
        Title of the challenge and what the score counts, in the badge's language.
    evidence : iterable of bytes
        The evidence envelopes the row rests on, as files; only their digests go on the badge.
    decided_on : date

    Raises
    ------
    BadgeProblem
        When the standing has no such solution, or has too few cases to tell how sure the score is: a badge never shows a number
        without its uncertainty.
    """
    row = next((row for row in standing.rows if row.name == name), None)
    if row is None:
        raise BadgeProblem(f"name: the standing of {standing.challenge} has no solution {name!r}")
    if row.low is None or row.high is None or row.few:
        raise BadgeProblem(
            f"interval: {name} was judged on too few cases to tell how sure its score is, and so for a badge"
        )
    if round(standing.confidence, 4) != 0.95:
        raise BadgeProblem(f"confidence: found {standing.confidence}, expected intervals of 95 %")
    return StandingResult(
        challenge=standing.challenge,
        title=title,
        score=row.mean,
        low=row.low,
        high=row.high,
        unit=unit,
        rank_low=row.rank_low,
        rank_high=row.rank_high,
        solutions=len(standing.rows),
        cases=row.cases,
        evidence=tuple(hashlib.sha256(envelope).hexdigest() for envelope in evidence),
        decided_on=decided_on,
    )
