"""Times of day that need a plan of their own, found in the traffic itself.

A day is cut where the turning flows change, so that the flows within a period differ little from its mean (least
squares by dynamic programming, as in Fisher, "On grouping for maximum homogeneity", JASA 53, 1958). Every further
period must pay for the change of plans.
"""

from __future__ import annotations

import itertools

import numpy as np

from lumbung.city.engine.journeys import Journeys

BIN_S = 900.0
# A plan needs some cycles to settle; controllers change plans by the hour at most.
SHORTEST_S = 3600.0
MOST_PERIODS = 6
# A further period must explain so much of what one period leaves open.
WORTH = 0.1


def find_periods(journeys: Journeys, movements: int) -> list[tuple[float, float]]:
    """Cut the simulated hours into periods.

    Parameters
    ----------
    journeys : Journeys
    movements : int
        How many the network has.

    Returns
    -------
    list of (float, float)
        Begin and end of each [s], in order, without gaps.
    """
    begin, end = journeys.begin, journeys.end
    bins = max(1, int((end - begin) // BIN_S))
    flows = np.zeros((bins, movements))
    owner = np.repeat(np.arange(len(journeys.depart)), np.diff(journeys.first))
    place = np.clip(((journeys.depart[owner] - begin) / BIN_S).astype(int), 0, bins - 1)
    np.add.at(flows, (place, journeys.movement), 1.0)
    shortest = max(1, round(SHORTEST_S / BIN_S))
    cuts = _cut(flows, shortest)
    edges = [begin, *(begin + BIN_S * cut for cut in cuts), end]
    return list(itertools.pairwise(edges))


def _cut(flows: np.ndarray, shortest: int) -> list[int]:
    bins = len(flows)
    sums = np.vstack([np.zeros(flows.shape[1]), np.cumsum(flows, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((flows**2).sum(axis=1))])

    def spread(a: int, b: int) -> float:
        total = sums[b] - sums[a]
        return float(squares[b] - squares[a] - (total @ total) / (b - a))

    # a vehicle count varies by its own root even where nothing changes: that much no cut can explain
    noise = float(flows.sum())
    best, cuts = spread(0, bins), list[int]()
    worth = WORTH * max(best - noise, 0.0)
    table = {b: (spread(0, b), [0]) for b in range(shortest, bins + 1)}
    for _ in range(2, MOST_PERIODS + 1):
        following: dict[int, tuple[float, list[int]]] = {}
        for b in range(shortest, bins + 1):
            options = [
                (table[a][0] + spread(a, b), [*table[a][1], a])
                for a in range(shortest, b - shortest + 1)
                if a in table
            ]
            if options:
                following[b] = min(options, key=lambda option: option[0])
        if bins not in following or best - following[bins][0] <= worth:
            break
        best, cuts = following[bins][0], following[bins][1][1:]
        table = following
    return cuts
