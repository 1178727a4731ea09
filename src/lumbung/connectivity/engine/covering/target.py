"""The least money that reaches a weight asked for.

The same search, asked the other way round: between the money that a plan in hand costs and the money below which no
plan can reach the target, budgets are tried until the two meet or time is up. A budget whose proven bound stays below
the target is ruled out with all smaller ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lumbung.connectivity.engine.covering.greedy import greedy
from lumbung.connectivity.engine.covering.problem import Covering, CoveringError, Ints
from lumbung.connectivity.engine.covering.search import Knowledge, Stage, maximise

RESOLUTION = 1e-5
"""Where costs are not whole numbers, plans cheaper by less than this share are not told apart."""


@dataclass(frozen=True)
class Cheapest:
    """A plan that reaches the target, what it costs, and the proven least that any such plan costs.

    Attributes
    ----------
    chosen : int64 array
    value : float
        Weight reached, at least the target.
    cost, bound : float
        No plan that reaches the target costs less than ``bound``.
    seconds : float
    ending : str
        ``optimal``, ``gap`` or ``time``.
    """

    chosen: Ints
    value: float
    cost: float
    bound: float
    seconds: float
    ending: str

    @property
    def optimal(self) -> bool:
        """Whether no plan that reaches the target is cheaper."""
        return self.ending == "optimal"

    @property
    def gap(self) -> float:
        """How much cheaper any plan could be, as a share of ``bound``."""
        return (
            (self.cost - self.bound) / self.bound if self.bound > 0 else (0.0 if self.cost <= 0 else np.inf)
        )


def cheapest(
    problem: Covering,
    target: float,
    seconds: float,
    gap: float = 0.0,
    seed: int = 0,
    watch: Callable[[Stage, Knowledge], None] = lambda stage, knowledge: None,
    clock: Callable[[], float] = time.monotonic,
) -> Cheapest:
    """Find the cheapest plan that reaches ``target``, and prove how cheap any can be.

    Parameters
    ----------
    problem : Covering
        Its budget is the most that may be spent.
    target : float
        Weight to be reached.
    seconds, gap, seed, watch, clock
        As for `maximise`; the gap is in money.

    Raises
    ------
    CoveringError
        Where all options together within the budget cannot be shown to reach the target.
    """
    begun = clock()
    everyone = problem.value(np.arange(problem.options))
    if target > everyone:
        raise CoveringError(
            f"target: {target:,.0f} asked for, all {problem.options} options together reach {everyone:,.0f}"
        )
    chosen = _within(problem, target, seconds, seed, watch, clock)
    cost, tried, turn = problem.cost(chosen), 0.0, 0
    # Something must be built, so the cheapest option is the least there is to pay.
    low = float(problem.costs.min()) if len(chosen) else 0.0
    lattice = _step(problem)
    step = lattice or RESOLUTION * cost
    near = 0.5 * step if lattice else 2.0 * step
    while cost - low > max(gap * low, near) and cost - tried > 1.5 * step and clock() - begun < seconds:
        # By turns halfway, which moves far, and just below the plan in hand, which settles it.
        floor = max(tried, low - lattice)
        budget = floor + 0.5 * (cost - floor) if turn % 2 == 0 else cost - step
        budget = min(cost - step, max(floor + step, np.floor(budget / step + 1e-9) * step))
        turn += 1
        left = seconds - (clock() - begun)
        answer = maximise(
            replace(problem, budget=float(budget)), 0.25 * left + 0.05 * seconds, 0.0, seed, watch,
            enough=target, clock=clock,
        )  # fmt: skip
        if answer.value >= target:
            chosen = _pruned(problem, answer.chosen, target)
            cost = problem.cost(chosen)
        elif answer.bound < target:
            low = max(low, float(budget) + lattice)
        else:
            tried = max(tried, float(budget))
    met = cost - low <= near
    ending = "optimal" if met else "gap" if cost - low <= gap * low else "time"
    return Cheapest(
        chosen, problem.value(chosen), cost, cost if met else min(low, cost), clock() - begun, ending
    )


def _within(problem, target, seconds, seed, watch, clock):  # type: ignore[no-untyped-def]
    """A first plan that reaches the target: the shortest beginning of the greedy order that does."""
    order, _ = greedy(problem)
    reached = np.zeros(problem.demands, bool)
    for count, j in enumerate(order, 1):
        reached[problem.cover[j]] = True
        if problem.weights[reached].sum() >= target:
            return _pruned(problem, order[:count], target)
    answer = maximise(problem, 0.5 * seconds, 0.0, seed, watch, enough=target, clock=clock)
    if answer.value >= target:
        return _pruned(problem, answer.chosen, target)
    reason = "no plan can" if answer.bound < target else "none was found that does"
    raise CoveringError(
        f"target: {target:,.0f} asked for within a budget of {problem.budget:,.0f}: {reason} "
        f"(best {answer.value:,.0f}, proven at most {answer.bound:,.0f}); raise the budget or lower the target"
    )


def _pruned(problem: Covering, chosen: Ints, target: float) -> Ints:
    """Leave out what the target does not need, the dearest first."""
    kept = list(chosen)
    for j in sorted(chosen, key=lambda j: -problem.costs[j]):
        rest = [k for k in kept if k != j]
        if problem.value(rest) >= target:
            kept = rest
    return np.sort(np.array(kept, dtype=np.int64))


def _step(problem: Covering) -> float:
    """Return the unit that all costs are multiples of where all are whole numbers, else 0 (none)."""
    whole = problem.costs.astype(np.int64)
    if not np.array_equal(whole, problem.costs):
        return 0.0
    return float(np.gcd.reduce(whole)) if len(whole) else 1.0
