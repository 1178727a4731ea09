"""A covering problem made smaller without losing any plan better than the one in hand.

Demand that options treat alike is merged, dominated options go, and so do the options that the bound has ruled out;
what the bound has ruled in is built and its demand set aside. As options go, more demand becomes alike: reductions feed
each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.covering.dominance import undominated
from lumbung.connectivity.engine.covering.merging import merge_alike, merge_weights
from lumbung.connectivity.engine.covering.problem import Covering, Ints, Lists


@dataclass(frozen=True)
class Reduced:
    """What is left to decide.

    Attributes
    ----------
    problem : Covering
        Over the options left and the demand they do not treat alike.
    rows : Lists
        ``problem.cover`` turned.
    options : int64 array
        Which option of the whole problem each option left is.
    forced : int64 array
        Options of the whole problem that are chosen already.
    settled : float
        Weight the forced options reach.
    classes : int64 array, shape (demands of the whole problem,)
        Demand of ``problem`` that each demand is merged into; -1 where settled or out of reach.
    first : int64 array, shape (problem.demands,)
        One demand of the whole problem for each demand left.
    """

    problem: Covering
    rows: Lists
    options: Ints
    forced: Ints
    settled: float
    classes: Ints
    first: Ints

    def whole(self, chosen: Ints) -> Ints:
        """Return a plan of the problem left as a plan of the whole one."""
        return np.sort(np.concatenate([self.forced, self.options[chosen]]))

    def mapped(self, sets: Lists) -> Lists:
        """Carry odd sets of the whole problem's demands over; those that merging made meaningless are left out."""
        if len(sets) == 0:
            return sets
        sizes = sets.sizes
        carried: dict[tuple[int, ...], None] = {}
        for size in np.unique(sizes):
            members = self.classes[sets.picked(np.flatnonzero(sizes == size)).indices].reshape(-1, size)
            members = np.sort(members, axis=1)
            sound = (members[:, 0] >= 0) & (np.diff(members, axis=1) > 0).all(axis=1)
            carried.update({tuple(row): None for row in members[sound].tolist()})
        return Lists.of(list(carried))

    def unmapped(self, sets: Lists) -> Lists:
        """Return odd sets of the demands left as sets of the whole problem's demands."""
        return Lists(sets.indptr, self.first[sets.indices].astype(np.int32))


def reduced(problem: Covering, alive: NDArray[np.bool_], forced: Ints) -> Reduced:
    """Reduce ``problem`` to the options ``alive`` beside the ``forced`` ones.

    Parameters
    ----------
    problem : Covering
    alive : bool array, shape (options,)
        Options that may still be chosen; narrowed in place by the dominated ones found.
    forced : int64 array
        Options that are chosen.
    """
    settled = np.zeros(problem.demands, dtype=bool)
    for j in forced:
        settled[problem.cover[j]] = True
    budget = max(0.0, problem.budget - problem.cost(forced))
    used = np.isin(problem.groups, problem.groups[forced])
    alive &= ~used & (problem.costs <= budget * (1 + 1e-12) + 1e-12)
    options = np.flatnonzero(alive)
    everyone = problem.cover.picked(options).turned(problem.demands)
    weighty = np.flatnonzero(~settled & (problem.weights > 0))
    first, local = merge_alike(everyone.picked(weighty))
    classes = np.full(problem.demands, -1, np.int64)
    classes[weighty] = local
    weights = merge_weights(local, problem.weights[weighty], len(first))
    rows = everyone.picked(weighty[first])
    cover = rows.turned(len(options))
    keep = undominated(cover, rows, problem.costs[options], _renumbered(problem.groups[options]))
    alive[options[~keep]] = False
    options, cover = options[keep], cover.picked(np.flatnonzero(keep))
    left = Covering(cover, weights, problem.costs[options], budget, _renumbered(problem.groups[options]))
    return Reduced(
        left,
        cover.turned(len(weights)),
        options,
        np.asarray(forced, dtype=np.int64),
        float(problem.weights[settled].sum()),
        classes,
        weighty[first],
    )


def _renumbered(groups: Ints) -> Ints:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64).reshape(-1)
