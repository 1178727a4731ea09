"""Graded categories that nobody used: kept in the item, left out of the estimation.

An item scored 0 to 3 whose people gave 0, 1 and 3 says nothing about where 2 lies, yet somebody may earn a 2 tomorrow.
The thresholds are estimated between the categories that were used. In the item that comes out, a category without
answers is a sliver between its neighbours: its probability is proportional to the slope of the curve there, which places
whoever earns it at that threshold and changes nobody else's score. A category below all that were used begins where half
an answer would have put it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt.packing import row_starts
from lumbung.talent.irt.responses import Problem

_SLIVER = 1e-3  # width on the logit scale of a category that nobody used


@dataclass(frozen=True)
class Used:
    """Which categories of each item were used.

    Attributes
    ----------
    categories : int64 [items]
        All categories of each item.
    seen : tuple of int64 [seen categories]
        Those that somebody used, rising; all of them where the item says nothing or has only two.
    """

    categories: NDArray[np.int64]
    seen: tuple[NDArray[np.int64], ...]

    @classmethod
    def of(cls, frequencies: NDArray[np.float64], categories: NDArray[np.int64]) -> Used:
        """From how often each answer was given, one number per item and category."""
        seen = []
        for start, count in zip(row_starts(categories)[:-1], categories, strict=True):
            found = np.flatnonzero(frequencies[start : start + count] > 0)
            whole = len(found) < 2 or count == 2
            seen.append(np.arange(count) if whole else found.astype(np.int64))
        return cls(np.asarray(categories, dtype=np.int64), tuple(seen))

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many categories of each item were used [items]."""
        return np.array([len(found) for found in self.seen], dtype=np.int64)

    @property
    def gapped(self) -> bool:
        """Whether some category of some item was not used."""
        return bool((self.counts < self.categories).any())

    def lookup(self) -> NDArray[np.int64]:
        """Place among the used categories of each category [items, most categories]; an unused one gets its lower neighbour's."""
        table = np.zeros((len(self.categories), int(self.categories.max())), dtype=np.int64)
        for j, found in enumerate(self.seen):
            table[j] = np.maximum(np.searchsorted(found, np.arange(table.shape[1]), side="right") - 1, 0)
        return table

    def problems(self, names: Sequence[str]) -> list[Problem]:
        """What to tell about items with unused categories."""
        return [
            Problem(
                f"item {names[j]}",
                f"nobody gave {', '.join(str(k) for k in range(count) if k not in set(found.tolist()))}, "
                f"of the categories 0 to {count - 1}",
                "kept; its place follows from its neighbours' and has no error of its own",
            )
            for j, (found, count) in enumerate(zip(self.seen, self.categories.tolist(), strict=True))
            if len(found) < count
        ]

    def widened(self, table: NDArray[np.float64], people: NDArray[np.float64]) -> NDArray[np.float64]:
        """Parameters ``(a, d_1, ...)`` of the used categories as parameters of all categories.

        Parameters
        ----------
        table : float64 [items, places]
        people : float64 [items]
            Answers to each item.
        """
        wide = np.zeros((len(table), int(self.categories.max())))
        wide[:, : table.shape[1]] = table
        for j, found in enumerate(self.seen):
            if len(found) == self.categories[j] or not np.isfinite(table[j, 0]):
                continue
            wide[j, 1:] = 0.0
            lowest = math.log(2 * max(people[j], 1.0) - 1)  # half an answer below, at ability 0
            for k in range(1, int(found[0]) + 1):
                wide[j, k] = max(lowest, table[j, 1] + 1.0) + _SLIVER * (found[0] - k)
            for place in range(1, len(found)):
                for k in range(int(found[place - 1]) + 1, int(found[place]) + 1):
                    wide[j, k] = table[j, place] + _SLIVER * (found[place] - k)
        return wide

    def placed(self, table: NDArray, nothing: float) -> NDArray:
        """Spread a table over places ``(a, d_1, ...)`` to all categories, *nothing* where a threshold was not estimated."""
        wide = np.full(
            (*table.shape[:-1], max(table.shape[-1], int(self.categories.max()))), nothing, table.dtype
        )
        wide[..., : table.shape[-1]] = table
        for j, found in enumerate(self.seen):
            if len(found) < self.categories[j]:
                wide[..., j, 1:] = nothing
                wide[..., j, found[1:]] = table[..., j, 1 : len(found)]
        return wide
