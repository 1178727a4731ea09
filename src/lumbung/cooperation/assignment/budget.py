"""The best many-to-many assignment within quotas and a budget, proven.

Choosing pairs of needs and offers so that their worth is greatest, no one exceeds its quota and the costs stay within
the budget, is a transportation problem with one knapsack row. Its linear relaxation is nearly integral, and that is
what makes a proof fast: solve the relaxation over the few pairs that matter, pricing in others while they pay; then
only pairs whose reduced cost lies within the gap can be in a better assignment, and they are few enough for branch
and bound (HiGHS). Worths are whole points, so a bound less than one point above the assignment found proves it.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

_PRICED_AT_FIRST = 12
_TOLERANCE = 1e-6


class BudgetError(ValueError):
    """The data of an assignment within a budget do not fit together."""


class BudgetedAssignment(msgspec.Struct, frozen=True):
    """The pairs chosen, and how good they are proven to be.

    Attributes
    ----------
    pairs
        Chosen (row, column) indices; shape (chosen, 2).
    worth
        Their worth in points.
    cost
        What they cost, in the unit of the budget.
    bound
        No assignment is worth more than this.
    optimal
        Whether the bound meets the worth.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import cooperation
    >>> chosen = cooperation.assign_within_budget(
    ...     np.array([[9, 4], [7, 6]]), np.array([[5, 1], [2, 2]]), np.array([1, 1]), np.array([1, 1]), budget=4
    ... )
    >>> chosen
    <BudgetedAssignment: 2 pairs worth 11 (optimal), cost 3>
    >>> chosen.pairs.tolist(), chosen.gap
    ([[0, 1], [1, 0]], 0.0)
    """

    pairs: NDArray[np.int64]
    worth: int
    cost: int
    bound: int
    optimal: bool

    def __repr__(self) -> str:
        proof = "optimal" if self.optimal else f"at most {self.bound}"
        return f"<BudgetedAssignment: {len(self.pairs)} pairs worth {self.worth} ({proof}), cost {self.cost}>"

    @property
    def gap(self) -> float:
        """How much better another assignment could at most be, as a share of this one's worth."""
        return 0.0 if self.optimal else (self.bound - self.worth) / max(self.worth, 1)


def assign_within_budget(
    worth: NDArray[np.integer],
    cost: NDArray[np.integer],
    row_quotas: NDArray[np.integer],
    column_quotas: NDArray[np.integer],
    budget: int,
    allowed: NDArray[np.bool_] | None = None,
    seconds: float = 60.0,
) -> BudgetedAssignment:
    """Choose pairs of greatest total worth.

    Parameters
    ----------
    worth
        Points of each pair, whole and not negative; shape (rows, columns). Rows are e.g. teams or needs.
    cost
        What each pair costs, whole and not negative; shape (rows, columns).
    row_quotas, column_quotas
        How many partners each takes; shapes (rows,) and (columns,).
    budget
        What all pairs may cost together.
    allowed
        Pairs that hard constraints leave; all when absent.
    seconds
        Time for the branch and bound; when it is over, the best found is returned with its bound.

    Raises
    ------
    BudgetError
        Says which sizes or signs do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import cooperation
    >>> worth, cost = np.array([[9, 4], [7, 6]]), np.array([[5, 1], [2, 2]])
    >>> cooperation.assign_within_budget(worth, cost, np.array([1, 1]), np.array([1, 1]), budget=7)
    <BudgetedAssignment: 2 pairs worth 15 (optimal), cost 7>
    >>> cooperation.assign_within_budget(worth, cost, np.array([1, 1]), np.array([1, 1]), budget=4)
    <BudgetedAssignment: 2 pairs worth 11 (optimal), cost 3>
    """
    _check(worth, cost, row_quotas, column_quotas, budget)
    mask = (worth > 0) if allowed is None else allowed & (worth > 0)
    rows, columns = np.nonzero(mask & (cost <= budget))
    if rows.size == 0:
        return BudgetedAssignment(np.zeros((0, 2), np.int64), 0, 0, 0, True)
    problem = _Problem(
        rows,
        columns,
        worth[rows, columns].astype(np.float64),
        cost[rows, columns].astype(np.float64),
        np.concatenate([row_quotas, column_quotas, [budget]]).astype(np.float64),
        worth.shape[0],
    )
    relaxation = _relax(problem)
    return _round(problem, relaxation, seconds)


def _check(
    worth: NDArray[np.integer],
    cost: NDArray[np.integer],
    row_quotas: NDArray[np.integer],
    column_quotas: NDArray[np.integer],
    budget: int,
) -> None:
    if worth.shape != cost.shape or worth.shape != (row_quotas.size, column_quotas.size):
        raise BudgetError(
            f"worth {worth.shape}, cost {cost.shape}, quotas {row_quotas.size} and {column_quotas.size} do not fit together"
        )
    if not (np.issubdtype(worth.dtype, np.integer) and np.issubdtype(cost.dtype, np.integer)):
        raise BudgetError("worth and cost must be whole numbers: scale scores to points first")
    if (
        min(
            worth.min(initial=0), cost.min(initial=0), row_quotas.min(initial=0), column_quotas.min(initial=0)
        )
        < 0
    ):
        raise BudgetError("worth, cost and quotas must not be negative")
    if budget < 0:
        raise BudgetError(f"the budget is {budget}; it must not be negative")


@contextmanager
def _banner_withheld() -> Iterator[None]:
    """Keep HiGHS from greeting on standard output when made (1.16 does, before it can be silenced): results go there."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


class _Problem(msgspec.Struct, frozen=True):
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    worth: NDArray[np.float64]
    cost: NDArray[np.float64]
    limits: NDArray[np.float64]
    height: int

    @property
    def size(self) -> int:
        return self.rows.size

    def reduced_worth(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Worth of each pair beyond what it uses at the given prices of the limits."""
        used = prices[self.rows] + prices[self.height + self.columns] + prices[-1] * self.cost
        return np.asarray(self.worth - used)

    def model(self, pairs: NDArray[np.int64], limits: NDArray[np.float64], whole: bool) -> Any:
        """Return a HiGHS model over `pairs` alone."""
        import highspy

        with _banner_withheld():
            highs = highspy.Highs()  # type: ignore[no-untyped-call]
        highs.silent()
        highs.setOptionValue("threads", 1)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = pairs.size, limits.size
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = self.worth[pairs]
        model.col_lower_, model.col_upper_ = np.zeros(pairs.size), np.ones(pairs.size)
        model.row_lower_, model.row_upper_ = np.full(limits.size, -highspy.kHighsInf), limits
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.arange(pairs.size + 1) * 3
        last = np.full(pairs.size, limits.size - 1)
        model.a_matrix_.index_ = np.stack(
            [self.rows[pairs], self.height + self.columns[pairs], last], 1
        ).ravel()
        one = np.ones(pairs.size)
        model.a_matrix_.value_ = np.stack([one, one, self.cost[pairs]], 1).ravel()
        if whole:
            model.integrality_ = [highspy.HighsVarType.kInteger] * pairs.size
        highs.passModel(model)
        return highs


class _Relaxation(msgspec.Struct, frozen=True):
    """The relaxation's optimum: values and reduced worths of all pairs, and its value, an upper bound."""

    values: NDArray[np.float64]
    reduced: NDArray[np.float64]
    bound: float


def _relax(problem: _Problem) -> _Relaxation:
    """Solve the linear relaxation over a few pairs, adding those that would pay until none does."""
    active = _first_pairs(problem)
    while True:
        chosen = np.flatnonzero(active)
        highs = problem.model(chosen, problem.limits, whole=False)
        highs.run()
        solution = highs.getSolution()
        prices = np.maximum(np.array(solution.row_dual), 0.0)
        reduced = problem.reduced_worth(prices)
        paying = ~active & (reduced > _TOLERANCE)
        if not paying.any():
            values = np.zeros(problem.size)
            values[chosen] = solution.col_value
            # weak duality: limits at their prices, plus what pairs earn beyond them, bounds every assignment
            bound = float(problem.limits @ prices + np.maximum(reduced, 0.0).sum())
            return _Relaxation(values, reduced, bound)
        active |= paying


def _first_pairs(problem: _Problem) -> NDArray[np.bool_]:
    """Mark the pairs most likely to matter: the best of each row, and of each column, at a guessed price of cost."""
    mean_worth, mean_cost = problem.worth.mean(), max(problem.cost.mean(), 1.0)
    lean = problem.worth - problem.cost * (mean_worth / mean_cost) * 0.5
    active = np.zeros(problem.size, dtype=np.bool_)
    for keys, quota in (
        (problem.rows, problem.limits[: problem.height]),
        (problem.columns, problem.limits[problem.height : -1]),
    ):
        order = np.lexsort((-lean, keys))
        starts = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=quota.size))])[:-1]
        place = np.arange(problem.size) - starts[keys[order]]
        active[order[place < quota[keys[order]] + _PRICED_AT_FIRST]] = True
    return active


def _round(problem: _Problem, relaxation: _Relaxation, seconds: float) -> BudgetedAssignment:
    """Branch over the pairs whose reduced worth is small; widen until what is left out is proven useless."""
    bound = int(np.floor(relaxation.bound + _TOLERANCE))
    width = 2.0
    while True:
        taken = relaxation.reduced > width
        open_pairs = np.flatnonzero(np.abs(relaxation.reduced) <= width)
        found, best_bound, finished = _branch(problem, taken, open_pairs, seconds)
        chosen = np.concatenate([np.flatnonzero(taken), found])
        worth = round(float(problem.worth[chosen].sum()))
        # a pair left out (or forced in) costs more than `width`: beyond this it cannot be part of anything better
        proven = relaxation.bound - width < worth + 1 - _TOLERANCE
        if proven or not finished or open_pairs.size == problem.size:
            optimal = finished and (proven or open_pairs.size == problem.size)
            limit = worth if optimal else max(worth, min(bound, best_bound if proven else bound))
            pairs = np.stack([problem.rows[chosen], problem.columns[chosen]], 1)
            order = np.lexsort((pairs[:, 1], pairs[:, 0]))
            cost = round(float(problem.cost[chosen].sum()))
            return BudgetedAssignment(pairs[order], worth, cost, limit, optimal)
        width = max(2.0 * width, relaxation.bound - worth + 1.0)


def _branch(
    problem: _Problem, taken: NDArray[np.bool_], pairs: NDArray[np.int64], seconds: float
) -> tuple[NDArray[np.int64], int, bool]:
    """Solve over `pairs` with `taken` already in: the pairs chosen, a bound, and whether branching finished."""
    forced = np.flatnonzero(taken)
    limits = problem.limits.copy()
    np.subtract.at(limits, problem.rows[forced], 1.0)
    np.subtract.at(limits, problem.height + problem.columns[forced], 1.0)
    limits[-1] -= problem.cost[forced].sum()
    if pairs.size == 0:
        return pairs, 0, True
    import highspy

    highs = problem.model(pairs, limits, whole=True)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 0.999)
    highs.setOptionValue("time_limit", seconds)
    highs.run()
    info = highs.getInfo()
    base = float(problem.worth[forced].sum())
    finished = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    values = np.array(highs.getSolution().col_value)
    chosen = pairs[values > 0.5] if values.size else pairs[:0]
    return chosen, int(np.floor(base + info.mip_dual_bound + _TOLERANCE)), finished
