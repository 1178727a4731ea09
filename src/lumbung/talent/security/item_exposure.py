"""How often items are seen, and how much two people's tests have in common.

An item that most people saw is soon known to all; two tests that share many items invite copying.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Exposure:
    """Use of a pool.

    Attributes
    ----------
    rates : float64 [items]
        Share of people who saw each item.
    overlap : float
        Expected share of items that two people picked by lot have in common (Chen, Ankenmann and Spray 2003).
    unused : int
        Items nobody saw.
    overexposed : tuple of int
        Items above the limit.
    """

    rates: NDArray[np.float64]
    overlap: float
    unused: int
    overexposed: tuple[int, ...]


def exposure(served: NDArray[np.integer], n_items: int, limit: float = 0.3) -> Exposure:
    """Summarise which items were served.

    Parameters
    ----------
    served : int [persons, places]
        Items of each person, negative after the end of the test.
    n_items : int
    limit : float
        Share of people above which an item counts as overexposed.

    Notes
    -----
    With n people and X_j of them having seen item j, the number of pairs that share item j is X_j (X_j - 1)
    / 2, whatever the
    selection; overlap is their sum over pairs of people, divided by the mean test length.
    """
    people = len(served)
    counts = np.bincount(served[served >= 0].astype(np.int64), minlength=n_items)
    rates = counts / max(people, 1)
    length = counts.sum() / max(people, 1)
    pairs = people * (people - 1) / 2
    shared = float((counts * (counts - 1.0)).sum()) / 2
    overlap = shared / pairs / length if pairs and length else 0.0
    over = tuple(np.flatnonzero(rates > limit).tolist())
    return Exposure(rates, overlap, int((counts == 0).sum()), over)
