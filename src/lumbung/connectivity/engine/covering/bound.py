"""The proof: an upper bound that anyone can check with a few sums.

Put a price u_i on reaching demand i, v_s on each odd-set cut and a price on money. Then for every whole plan within the
budget

    value  <=  sum of max(0, w_i - u_i - v of the cuts on i)  +  sum of v (|S| - 1) / 2
               +  price x budget  +  sum over sites of max(0, the best option's score - price x cost)

where the score of an option is the sum of u over what it reaches plus the cuts' v times its coefficients: weak duality
(Lagrangian relaxation; Fisher 1981, "The Lagrangian relaxation method for solving integer programming problems",
Management Science 27). It holds for *any* prices not below zero, so it does not matter how they were found, nor how
exactly a linear program was solved: a bad price gives a weak bound, never a wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lumbung.connectivity.engine.covering.oddsets import coefficients
from lumbung.connectivity.engine.covering.problem import Covering, Floats, Lists

ROUNDING = 1e-11
"""Share of all weight by which 64-bit sums of prices might be off; added to every bound."""


@dataclass(frozen=True)
class Prices:
    """Prices that prove a bound.

    Attributes
    ----------
    demands : float64 array, shape (demands,)
        Price of the row of each demand.
    sets : Lists
        Demands of each odd-set cut.
    cuts : float64 array, shape (cuts,)
        Price of each cut.
    """

    demands: Floats
    sets: Lists
    cuts: Floats

    @staticmethod
    def of_demands(demands: Floats) -> Prices:
        """Prices without cuts."""
        return Prices(demands, Lists(np.zeros(1, np.int64), np.empty(0, np.int32)), np.empty(0))


@dataclass(frozen=True)
class Bound:
    """A proven bound and what it says of each option.

    Attributes
    ----------
    value : float
        No plan within the budget is worth more.
    money : float
        Price of one unit of budget.
    rest : float
        The bound without the budget's part: any plan is worth at most ``rest + money x its cost``.
    profits : float64 array, shape (options,)
        Score of each option less its cost at the price of money.
    """

    value: float
    money: float
    rest: float
    profits: Floats

    def with_option(self, groups: np.ndarray) -> Floats:
        """Bound on the plans that choose each option, shape (options,)."""
        best, _ = _best_two(self.profits, groups)
        bounds: Floats = self.value - (np.maximum(best, 0.0)[groups] - self.profits)
        return bounds

    def without_option(self, groups: np.ndarray) -> Floats:
        """Bound on the plans that do not choose each option, shape (options,)."""
        best, second = _best_two(self.profits, groups)
        chosen = (self.profits == best[groups]) & (self.profits > 0)
        return self.value - np.where(chosen, self.profits - np.maximum(second, 0.0)[groups], 0.0)


def _best_two(profits: Floats, groups: np.ndarray) -> tuple[Floats, Floats]:
    size = int(groups.max(initial=-1)) + 1
    best, second = np.full(size, -np.inf), np.full(size, -np.inf)
    order = np.lexsort((profits, groups))
    ordered = groups[order]
    last = np.flatnonzero(np.append(np.diff(ordered) > 0, True)) if len(order) else np.empty(0, np.int64)
    best[ordered[last]] = profits[order[last]]
    before = last - 1
    inner = (before >= 0) & (ordered[before] == ordered[last])
    second[ordered[last[inner]]] = profits[order[before[inner]]]
    return best, second


def proven_bound(problem: Covering, prices: Prices, rows: Lists | None = None) -> Bound:
    """Return the bound that prices prove, at the best price of money.

    Parameters
    ----------
    problem : Covering
    prices : Prices
        Negative prices are taken as zero.
    rows : Lists, optional
        ``problem.cover`` turned, if at hand.

    Returns
    -------
    Bound
    """
    u, v = np.maximum(prices.demands, 0.0), np.maximum(prices.cuts, 0.0)
    left = problem.weights - u
    scores = _sums(problem.cover, u)
    constant = 0.0
    if len(v):
        cover = rows if rows is not None else problem.cover.turned(problem.demands)
        options, values = coefficients(prices.sets, cover)
        scores += np.bincount(options.indices, values * np.repeat(v, options.sizes), problem.options)
        left -= np.bincount(prices.sets.indices, np.repeat(v, prices.sets.sizes), problem.demands)
        constant = float((v * (prices.sets.sizes - 1) / 2).sum())
    constant += float(np.maximum(left, 0.0).sum()) + ROUNDING * float(problem.weights.sum())
    money = _price_of_money(problem, scores)
    profits = scores - money * problem.costs
    best, _ = _best_two(profits, problem.groups)
    rest = constant + float(np.maximum(best, 0.0).sum())
    return Bound(rest + money * problem.budget * (1 + 1e-12), money, rest, profits)


def _sums(lists: Lists, values: Floats) -> Floats:
    owner = np.repeat(np.arange(len(lists)), lists.sizes)
    sums: Floats = np.bincount(owner, values[lists.indices], len(lists)).astype(np.float64)
    return sums


def _price_of_money(problem: Covering, scores: Floats) -> float:
    """Return the price at which what is worth buying just fits the budget: the least of a convex function."""
    if len(scores) == 0:
        return 0.0

    def spent(price: float) -> float:
        profits = scores - price * problem.costs
        best, _ = _best_two(profits, problem.groups)
        bought = (profits == best[problem.groups]) & (profits > 0)
        return float(problem.costs[bought].sum())

    low, high = 0.0, float((scores / problem.costs).max()) + 1.0
    if spent(0.0) <= problem.budget:
        return 0.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if spent(middle) > problem.budget:
            low = middle
        else:
            high = middle
        if high - low <= 1e-13 * high:
            break
    return high
