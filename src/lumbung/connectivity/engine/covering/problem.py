"""The maximal covering problem: which options, within a budget, reach the most people.

An *option* is a thing one may build (a site at one height); a *demand* is a place with a weight (its people). The
cover says which option reaches which demand. Church and ReVelle (1974), "The maximal covering location problem",
Papers of the Regional Science Association 32, 101-118, with costs instead of a count, and with sites at which at
most one of several options may be built.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]


class CoveringError(ValueError):
    """A covering problem that contradicts itself: names the field, what was found and what was expected."""


@dataclass(frozen=True)
class Lists:
    """Lists of numbers laid end to end: list ``k`` is ``indices[indptr[k]:indptr[k + 1]]``, rising.

    Attributes
    ----------
    indptr : int64 array, shape (lists + 1,)
    indices : int32 array
    """

    indptr: Ints
    indices: Indices

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def __getitem__(self, k: int) -> Indices:
        return self.indices[self.indptr[k] : self.indptr[k + 1]]

    @property
    def sizes(self) -> Ints:
        """Length of each list."""
        return np.diff(self.indptr)

    @staticmethod
    def of(lists: Iterable[ArrayLike]) -> Lists:
        """Build from an iterable of lists of numbers; each is sorted and freed of repetitions."""
        parts = [np.unique(np.asarray(part, dtype=np.int32)) for part in lists]
        indptr = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
        return Lists(indptr, np.concatenate(parts).astype(np.int32) if parts else np.empty(0, np.int32))

    def turned(self, width: int) -> Lists:
        """Return the transposed lists: list ``i`` holds every ``k`` whose list names ``i`` (``i < width``)."""
        counts = np.bincount(self.indices, minlength=width)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        owner = np.repeat(np.arange(len(self), dtype=np.int32), self.sizes)
        order = np.argsort(self.indices, kind="stable")
        return Lists(indptr, owner[order])

    def picked(self, which: Ints) -> Lists:
        """Return the lists ``which``, in that order."""
        sizes = self.sizes[which]
        indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        place = np.arange(indptr[-1], dtype=np.int64) + np.repeat(self.indptr[which] - indptr[:-1], sizes)
        return Lists(indptr, self.indices[place])


@dataclass(frozen=True)
class Covering:
    """A covering problem.

    Attributes
    ----------
    cover : Lists
        ``cover[j]`` holds the demands that option ``j`` reaches.
    weights : float64 array, shape (demands,)
        People of each demand, not negative.
    costs : float64 array, shape (options,)
        Cost of each option, greater than zero.
    budget : float
        What all options chosen may cost together.
    groups : int64 array, shape (options,)
        At most one option of each group (site) may be chosen.
    """

    cover: Lists
    weights: Floats
    costs: Floats
    budget: float
    groups: Ints

    @staticmethod
    def counting(cover: Lists, weights: ArrayLike, sites: int) -> Covering:
        """Build the classical problem: at most ``sites`` options, all alike in cost."""
        n = len(cover)
        return Covering.checked(cover, weights, np.ones(n), float(sites), np.arange(n))

    @staticmethod
    def checked(
        cover: Lists, weights: ArrayLike, costs: ArrayLike, budget: float, groups: ArrayLike | None = None
    ) -> Covering:
        """Build a problem and check it.

        Raises
        ------
        CoveringError
            Where lengths disagree, a weight is negative or not a number, a cost is not above zero, a demand's
            number is out of range, or the budget is not a number.
        """
        n = len(cover)
        problem = Covering(
            cover,
            np.ascontiguousarray(weights, dtype=np.float64),
            np.ascontiguousarray(costs, dtype=np.float64),
            float(budget),
            np.arange(n, dtype=np.int64) if groups is None else np.ascontiguousarray(groups, dtype=np.int64),
        )
        problem._check()
        return problem

    def _check(self) -> None:
        n, m = len(self.cover), len(self.weights)
        for name, field in (("costs", self.costs), ("groups", self.groups)):
            if field.shape != (n,):
                raise CoveringError(f"{name}: found shape {field.shape}, expected one per option, ({n},)")
        if len(self.cover.indices) and not 0 <= self.cover.indices.min() <= self.cover.indices.max() < m:
            raise CoveringError(f"cover: names a demand outside 0..{m - 1}")
        bad = np.flatnonzero(~(self.weights >= 0) | np.isinf(self.weights))
        if len(bad):
            raise CoveringError(f"weights: demand {bad[0]} weighs {self.weights[bad[0]]}, expected 0 or more")
        bad = np.flatnonzero(~(self.costs > 0) | np.isinf(self.costs))
        if len(bad):
            raise CoveringError(f"costs: option {bad[0]} costs {self.costs[bad[0]]}, expected more than 0")
        if not np.isfinite(self.budget) or self.budget < 0:
            raise CoveringError(f"budget: found {self.budget}, expected a number, 0 or more")

    @property
    def options(self) -> int:
        """Number of options."""
        return len(self.cover)

    @property
    def demands(self) -> int:
        """Number of demands."""
        return len(self.weights)

    @property
    def whole(self) -> bool:
        """Whether every weight is a whole number, so that every value is one too and a bound may be rounded down."""
        return bool(np.all(self.weights == np.floor(self.weights)) and self.weights.sum() < 2.0**52)

    def reached(self, chosen: ArrayLike) -> NDArray[np.bool_]:
        """Which demands the options ``chosen`` reach, shape (demands,)."""
        reached = np.zeros(self.demands, dtype=bool)
        for j in np.asarray(chosen, dtype=np.int64):
            reached[self.cover[j]] = True
        return reached

    def value(self, chosen: ArrayLike) -> float:
        """Weight of the demands reached by the options ``chosen``: summed afresh, once each."""
        return float(self.weights[self.reached(chosen)].sum())

    def cost(self, chosen: ArrayLike) -> float:
        """Cost of the options ``chosen``."""
        return float(self.costs[np.asarray(chosen, dtype=np.int64)].sum())

    def feasible(self, chosen: ArrayLike) -> bool:
        """Whether ``chosen`` keeps to the budget and takes at most one option of each group."""
        picked = np.asarray(chosen, dtype=np.int64)
        once = len(np.unique(self.groups[picked])) == len(picked)
        return once and self.cost(picked) <= self.budget * (1 + 1e-12) + 1e-12
