"""What a private result tells: in bits, and as a score that another may beat.

Bits are the length of what leaves in a code that is fixed beforehand, so that they add up: over any number of results,
however each submission followed from what came before, at most 2^b different stories take b bits. Whoever is told a story
of b bits guesses anything about the hidden data at most 2^b times as often as before.

Not in the bits: when a result leaves (a clock tells that to anybody), and how many cases are finished while it is judged.

Source
------
A. Blum and M. Hardt, "The Ladder: a reliable leaderboard for machine learning competitions", ICML 2015, lemma 3.3: the
transcript of a leaderboard that answers only improvements has a short code.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.evidence import USED_CLASSES, Aggregate, Evidence
from lumbung.proving.faults import REASONS
from lumbung.proving.standing import single_score
from lumbung.proving.steps import class_of, code_length, place_on, step_of

CODE_BITS = math.log2(len(REASONS))
"""What a fault's code tells."""
USED_BITS = 3 * math.log2(USED_CLASSES)
"""What seconds of wall and of processor and bytes of memory tell."""

TYPICAL_BITS = 40.0
"""What a score costs by and large where improvements alone leave, in steps (`benchmarks/federation_reconstruction.py`)."""


class Scored(msgspec.Struct, frozen=True):
    """A score as it leaves, on the scale that ranks.

    Attributes
    ----------
    score : float
        The mean over groups; of geometric means the logarithm.
    error : float
        Its standard error, from what leaves.
    cases : str
        Digest of the cases it was judged on.
    """

    score: float
    error: float
    cases: str


def figure_bits(digits: int) -> float:
    """Return the bits of one figure of so many significant digits: of 633 decimal exponents, two signs, and zero."""
    return 64.0 if digits >= 17 else math.log2(1 + 2 * 9 * 10 ** (digits - 1) * 633)


def told_bits(evidence: Evidence, egress: Egress, ranking: Ranking) -> float:
    """Return how many bits one private evidence tells.

    Parameters
    ----------
    evidence : Evidence
        As it leaves.
    egress, ranking
        Of its challenge.
    """
    bits = USED_BITS
    if evidence.fault is not None or not evidence.complete:
        bits += CODE_BITS + math.log2(evidence.case_count + 1)
    each = figure_bits(egress.digits)
    bits += each * sum(len(row.metrics) for row in evidence.rows)
    for aggregate in evidence.aggregates:
        if egress.reveal == "improvements":
            bits += _stepped_bits(aggregate, egress, ranking)
        else:
            parts = (aggregate.mean, aggregate.deviation, aggregate.log_mean, aggregate.log_deviation)
            bits += each * sum(map(len, parts))
    return bits


def _stepped_bits(aggregate: Aggregate, egress: Egress, ranking: Ranking) -> float:
    mean, deviation = _ranked(aggregate, ranking)
    place = class_of(deviation)
    if place is None:
        return 1.0 + figure_bits(egress.digits)
    on_grid = place_on(mean, step_of(deviation, aggregate.cases))
    plain = figure_bits(egress.digits)
    # One bit says which of the two ways to write the mean is taken.
    return 2.0 + code_length(place) + (plain if on_grid is None else min(code_length(on_grid), plain))


def scored(evidence: Evidence, ranking: Ranking) -> Scored | None:
    """Return the score that complete evidence tells; None where it tells none."""
    if not evidence.complete:
        return None
    score, groups = single_score(evidence, ranking)
    errors = [_ranked(each, ranking)[1] / math.sqrt(each.cases) for each in evidence.aggregates]
    if evidence.rows:
        log = math.log if ranking.mean == "geometric" else float
        figures = {row.group: [] for row in evidence.rows}  # type: dict[str, list[float]]
        for row in evidence.rows:
            figures[row.group].append(log(row.metrics[ranking.metric]))
        if all(len(values) == 1 for values in figures.values()):
            figures = {"": [values[0] for values in figures.values()]}
            groups = 1
        errors = [
            float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
            for values in figures.values()
        ]
    return Scored(score, math.hypot(*errors) / groups, evidence.cases_digest)


def _ranked(aggregate: Aggregate, ranking: Ranking) -> tuple[float, float]:
    """Return mean and deviation of the ranking metric on the scale that ranks."""
    means, deviations = (
        (aggregate.log_mean, aggregate.log_deviation)
        if ranking.mean == "geometric"
        else (aggregate.mean, aggregate.deviation)
    )
    return means[ranking.metric], deviations[ranking.metric]


def improves(new: Scored, best: Scored, ranking: Ranking) -> bool:
    """Tell whether a score beats another by at least the standard error of each."""
    gain = best.score - new.score if ranking.better == "lower" else new.score - best.score
    return gain > 0 and gain >= max(new.error, best.error) * (1 - 1e-6)
