"""Item parameters as one value: what calibration gives, and what scoring, adapting and linking take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.talent.irt import curves
from lumbung.talent.irt.packing import row_starts

_FLAT = 1e-3


class ItemParameterError(ValueError):
    """Item parameters that describe no curve."""


@dataclass(frozen=True)
class ItemParameters:
    """Parameters of a set of items.

    Attributes
    ----------
    names : tuple of str
    family : int
        ``curves.GRADED`` (one- and two-parameter logistic, graded response) or ``curves.THREE_PL``.
    table : float64 [items, places]
        ``(a, d_1, ..., d_m)`` or ``(a, d, logit c)``; NaN for an item that could not be estimated.
    categories : int64 [items]
    """

    names: tuple[str, ...]
    family: int
    table: NDArray[np.float64]
    categories: NDArray[np.int64]

    def __repr__(self) -> str:
        usable = int(np.isfinite(self.table[:, 0]).sum())
        return f"<ItemParameters: {len(self.names)} items, {usable} with parameters>"

    @classmethod
    def logistic(
        cls,
        slopes: ArrayLike,
        difficulties: ArrayLike | None = None,
        *,
        intercepts: ArrayLike | None = None,
        guessing: ArrayLike | None = None,
        names: Sequence[str] | None = None,
    ) -> ItemParameters:
        """Right/wrong items from slopes and either difficulties or intercepts.

        Raises
        ------
        ItemParameterError
            If neither or both are given, lengths differ, or c is not in [0, 1).
        """
        a = np.asarray(slopes, dtype=np.float64)
        if (difficulties is None) == (intercepts is None):
            raise ItemParameterError("give either difficulties or intercepts")
        d = -a * np.asarray(difficulties, float) if intercepts is None else np.asarray(intercepts, float)
        if a.ndim != 1 or d.shape != a.shape:
            raise ItemParameterError(f"expected one intercept per slope, found {d.shape} for {a.shape}")
        columns, family = [a, d], curves.GRADED
        if guessing is not None and np.any(np.asarray(guessing) > 0):
            c = np.broadcast_to(np.asarray(guessing, float), a.shape)
            if ((c < 0) | (c >= 1)).any():
                raise ItemParameterError(f"guessing must lie in [0, 1); found {c.min()} to {c.max()}")
            c = np.maximum(c, 1e-6)
            columns, family = [a, d, np.log(c / (1 - c))], curves.THREE_PL
        labels = tuple(names) if names is not None else tuple(f"item {j + 1}" for j in range(len(a)))
        return cls(labels, family, np.stack(columns, axis=1), np.full(len(a), 2, dtype=np.int64))

    @classmethod
    def graded(
        cls, slopes: ArrayLike, intercepts: ArrayLike, names: Sequence[str] | None = None
    ) -> ItemParameters:
        """Graded items; ``intercepts`` is [items, most thresholds], NaN where an item has fewer."""
        a = np.asarray(slopes, dtype=np.float64)
        d = np.asarray(intercepts, dtype=np.float64)
        used = np.isfinite(d)
        if ((np.diff(d, axis=1) >= 0) & used[:, 1:]).any():
            raise ItemParameterError("thresholds must fall: d_1 > d_2 > ... for every item")
        labels = tuple(names) if names is not None else tuple(f"item {j + 1}" for j in range(len(a)))
        table = np.column_stack([a, np.where(used, d, 0.0)])
        return cls(labels, curves.GRADED, table, used.sum(axis=1).astype(np.int64) + 1)

    def __len__(self) -> int:
        return len(self.categories)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which items have parameters."""
        return np.isfinite(self.table[:, 0])

    @property
    def row_starts(self) -> NDArray[np.int64]:
        return row_starts(self.categories)

    @property
    def slopes(self) -> NDArray[np.float64]:
        return self.table[:, 0]

    @property
    def intercepts(self) -> NDArray[np.float64]:
        """Intercepts [items, most thresholds], NaN where an item has fewer."""
        if self.family == curves.THREE_PL:
            return self.table[:, 1:2]
        places = np.arange(1, self.table.shape[1])
        return np.where(places[None, :] < self.categories[:, None], self.table[:, 1:], np.nan)

    @property
    def difficulties(self) -> NDArray[np.float64]:
        """Difficulties ``b = -d / a`` [items, most thresholds]; NaN where the slope is below 0.001."""
        slopes = np.where(np.abs(self.slopes) < _FLAT, np.nan, self.slopes)
        return np.asarray(-self.intercepts / slopes[:, None])

    @property
    def guessing(self) -> NDArray[np.float64]:
        """Lower asymptotes c [items]; 0 outside the three-parameter model."""
        if self.family != curves.THREE_PL:
            return np.where(self.known, 0.0, np.nan)
        return np.asarray(1 / (1 + np.exp(-self.table[:, 2])))

    def log_rows(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-probability of each answer [rows, thetas]; 0 for items without parameters, so they do not count."""
        safe = np.where(self.known[:, None], self.table, 0.0)
        rows = curves.log_probabilities(self.family, safe, self.categories, self.row_starts, theta)
        rows[np.repeat(~self.known, self.categories)] = 0.0
        return rows

    def probabilities(self, theta: ArrayLike) -> NDArray[np.float64]:
        """Probability of each answer [rows, thetas], one row per item and category."""
        return np.exp(self.log_rows(np.atleast_1d(np.asarray(theta, dtype=np.float64))))

    def information(self, theta: ArrayLike) -> NDArray[np.float64]:
        """Fisher information of each item [thetas, items]; 0 for items without parameters."""
        safe = np.where(self.known[:, None], self.table, 0.0)
        points = np.atleast_1d(np.asarray(theta, dtype=np.float64))
        return curves.information(self.family, safe, self.categories, points)

    def chosen(self, items: ArrayLike) -> ItemParameters:
        """The parameters of some items, in the order given."""
        index = np.asarray(items, dtype=np.int64)
        names = tuple(self.names[int(j)] for j in index)
        return ItemParameters(names, self.family, self.table[index], self.categories[index])
