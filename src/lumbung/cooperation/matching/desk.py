"""The desk's proposal: from ranked candidates to one assignment of partners that respects places and money.

Two ways. *stable*: needs and offers both rank by score, and deferred acceptance leaves no pair who would both rather
have each other; for when partners decide for themselves. *best*: the centre pays or introduces, and the total worth
within its budget is greatest, with proof.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from lumbung.cooperation.assignment.budget import assign_within_budget
from lumbung.cooperation.assignment.many_to_many import assign_many
from lumbung.cooperation.matching.candidates import Pool

Way = Literal["stable", "best"]
_POINTS = 1000


class Proposal(msgspec.Struct, frozen=True):
    """Pairs (need, offer) of indices that the desk proposes.

    Attributes
    ----------
    pairs
        Chosen pairs, by need.
    way
        How they were chosen.
    cost
        What they cost together.
    gap
        For *best*: by how much another choice could at most be better; 0 is proven optimal. None for *stable*.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> from lumbung.cooperation.matching.candidates import Weighted
    >>> from lumbung.cooperation.matching.embedders import ModelFree
    >>> from lumbung.cooperation.matching.reading import EXAMPLE
    >>> known = cooperation.read_directory(EXAMPLE)
    >>> pool = cooperation.compare(known.needs, known.offers, known.organisations, [Weighted(ModelFree())])
    >>> proposal = cooperation.propose(pool, "best", budget=0)
    >>> proposal.cost, proposal.gap
    (0, 0.0)
    """

    pairs: tuple[tuple[int, int], ...]
    way: Way
    cost: int
    gap: float | None


def propose(pool: Pool, way: Way = "stable", budget: int | None = None, shortlist: int = 10) -> Proposal:
    """Propose partners for all needs of a pool at once.

    Parameters
    ----------
    pool
        What was compared.
    way
        See the module.
    budget
        For *best*: what the centre can spend on all pairs together, in the unit of prices; None for no limit.
    shortlist
        Only this many best candidates of each need are considered: nobody is introduced to a stranger's stranger
        just to fill a place.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> from lumbung.cooperation.matching.candidates import Weighted
    >>> from lumbung.cooperation.matching.embedders import ModelFree
    >>> from lumbung.cooperation.matching.reading import EXAMPLE
    >>> known = cooperation.read_directory(EXAMPLE)
    >>> pool = cooperation.compare(known.needs, known.offers, known.organisations, [Weighted(ModelFree())])
    >>> [(known.needs[need].id, known.offers[offer].id) for need, offer in cooperation.propose(pool).pairs][:2]
    [('n-signal', 'o-signal-nn'), ('n-signal', 'o-signal-jogja')]
    """
    allowed = _shortlisted(pool, shortlist)
    if way == "stable":
        return _stable(pool, allowed)
    prices = np.array([[offer.price for offer in pool.offers]] * len(pool.needs), dtype=np.int64)
    worth = _points(pool, allowed)
    found = assign_within_budget(
        worth,
        prices,
        np.array([need.places for need in pool.needs]),
        np.array([offer.places for offer in pool.offers]),
        int(prices.sum()) if budget is None else budget,
        allowed,
    )
    pairs = tuple((int(need), int(offer)) for need, offer in found.pairs)
    return Proposal(pairs, "best", found.cost, found.gap)


def _shortlisted(pool: Pool, shortlist: int) -> np.ndarray:
    allowed = pool.allowed
    for need in range(len(pool.needs)):
        order = [offer for offer in np.argsort(-pool.scores[need], kind="stable") if allowed[need, offer]]
        allowed[need, order[shortlist:]] = False
    return allowed


def _points(pool: Pool, allowed: np.ndarray) -> np.ndarray:
    """Scores as whole points from 1 (the worst pair considered) to 1000 (the best)."""
    points = np.zeros(pool.scores.shape, dtype=np.int64)
    if allowed.any():
        low, high = pool.scores[allowed].min(), pool.scores[allowed].max()
        scaled = (pool.scores - low) / (high - low) if high > low else np.ones(pool.scores.shape)
        points[allowed] = 1 + np.round(scaled[allowed] * (_POINTS - 1)).astype(np.int64)
    return points


def _stable(pool: Pool, allowed: np.ndarray) -> Proposal:
    needs = [
        [int(o) for o in np.argsort(-row, kind="stable") if can[o]]
        for row, can in zip(pool.scores, allowed, strict=True)
    ]
    offers = [
        [int(n) for n in np.argsort(-row, kind="stable") if can[n]]
        for row, can in zip(pool.scores.T, allowed.T, strict=True)
    ]
    pairs = assign_many(
        needs, offers, [each.places for each in pool.needs], [each.places for each in pool.offers]
    )
    return Proposal(tuple(sorted(pairs)), "stable", sum(pool.offers[offer].price for _, offer in pairs), None)
