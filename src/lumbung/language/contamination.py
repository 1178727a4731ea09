"""Has a model seen the items before? The gap between items and their re-worded twins, and canaries.

Who understands answers an item and its twin alike, whichever way the words lie. Who remembers answers the item that was public and
falls back to guessing at the twin. Of pairs, those with one right answer tell: under no memory each is as likely to be the item as
its twin (sign test; McNemar, Psychometrika 12, 1947, in its exact form).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

FLAGGED = 0.01
"""Below this probability a gap is not chance."""
Z = 1.959964  # 95 %, two-sided


@dataclass(frozen=True)
class TwinGap:
    """How much better items are answered than their twins.

    Attributes
    ----------
    pairs : int
    gap : float
        Share of pairs with the item alone right, less that with its twin alone; from -1 to 1.
    low, high : float
        Ends of its 95 % interval.
    p : float
        Chance of so large a gap where nothing was remembered; one-sided.
    """

    pairs: int
    gap: float
    low: float
    high: float
    p: float

    @property
    def flagged(self) -> bool:
        """Whether it says that the items were known."""
        return self.p < FLAGGED


def twin_gap(pairs: int, first_only: int, twin_only: int) -> TwinGap:
    """Return the gap of pairs, with interval and chance.

    Parameters
    ----------
    pairs, first_only, twin_only : int
        All pairs; those with the item alone right; with its twin alone right.

    Notes
    -----
    The interval is Agresti and Min's (Statistics in Medicine 24, 2005): half a pair is added to each of the four outcomes.
    """
    if pairs == 0:
        return TwinGap(0, 0.0, -1.0, 1.0, 1.0)
    one, other, all_of_them = first_only + 0.5, twin_only + 0.5, pairs + 2
    centre = (one - other) / all_of_them
    spread = math.sqrt(max(0.0, one + other - (one - other) ** 2 / all_of_them)) / all_of_them
    return TwinGap(
        pairs, (first_only - twin_only) / pairs, max(-1.0, centre - Z * spread), min(1.0, centre + Z * spread),
        at_least(first_only, first_only + twin_only, 0.5),
    )  # fmt: skip


def at_least(hits: int, tries: int, chance: float) -> float:
    """Return the chance of at least so many hits: of canaries, say, that are picked among decoys.

    Parameters
    ----------
    hits, tries : int
    chance : float
        Of one hit, between 0 and 1.
    """
    return min(1.0, math.fsum(math.exp(_log_binomial(k, tries, chance)) for k in range(hits, tries + 1)))


def _log_binomial(k: int, n: int, chance: float) -> float:
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return ways + k * math.log(chance) + (n - k) * math.log1p(-chance)
