"""The order in which the sites of a plan are built: the most people for the money first, and nobody before their relays.

A site whose traffic runs over another is of no use before that other stands. So what is weighed at each step is a site
with all the relays that it still lacks, and they are built from the fibre outwards: whoever stops after any number of
sites has a network in which every site is connected.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lumbung.connectivity.engine.covering.problem import Floats, Indices
from lumbung.connectivity.siting.backhaul import Route


def relays(ids: Sequence[str], routes: Sequence[Route]) -> list[list[int]]:
    """Return for each site the sites of the plan that its route passes, from the fibre outwards."""
    numbers = {name: k for k, name in enumerate(ids)}
    return [
        [numbers[hop.start] for hop in reversed(route.hops[1:]) if hop.start in numbers] for route in routes
    ]


def building_order(
    needs: Sequence[Sequence[int]], costs: Sequence[float], covers: Sequence[Indices], people: Floats
) -> list[int]:
    """Return the order in which to build sites.

    Parameters
    ----------
    needs : sequence of sequence of int
        For each site its relays, those nearest the fibre first (`relays`).
    costs : sequence of float
        Of each site, more than 0.
    covers : sequence of int array
        Villages that each site reaches.
    people : float array, shape (villages,)
        Who is to be won there.
    """
    order: list[int] = []
    left = people.copy()
    while len(order) < len(needs):
        best: tuple[float, list[int]] | None = None
        for k in range(len(needs)):
            if k in order:
                continue
            bundle = [*dict.fromkeys(j for j in needs[k] if j not in order and j != k), k]
            reached = (
                covers[k] if len(bundle) == 1 else np.unique(np.concatenate([covers[j] for j in bundle]))
            )
            rate = float(left[reached].sum()) / max(sum(costs[j] for j in bundle), 1e-9)
            if best is None or rate > best[0]:
                best = rate, bundle
        assert best is not None
        order += best[1]
        for j in best[1]:
            left[covers[j]] = 0.0
    return order
