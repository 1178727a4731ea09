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
"""Where costs have no common unit, plans cheaper by less than this share are not told apart."""


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
        ``optimal``, ``gap``, ``interrupted`` or ``time``.
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
    interrupted: Callable[[], bool] = lambda: False,
) -> Cheapest:
    """Find the cheapest plan that reaches ``target``, and prove how cheap any can be.

    Parameters
    ----------
    problem : Covering
        Its budget is the most that may be spent.
    target : float
        Weight to be reached.
    seconds, gap, seed, watch, clock, interrupted
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
    chosen = _within(problem, target, seconds, seed, watch, clock, interrupted)
    cost, tried, turn = problem.cost(chosen), 0.0, 0
    # Something must be built, so the cheapest option is the least there is to pay.
    low = float(problem.costs.min()) if len(chosen) else 0.0
    lattice = _step(problem)
    step = lattice or RESOLUTION * cost
    near = 0.5 * step if lattice else 2.0 * step

    def late() -> bool:
        return interrupted() or clock() - begun >= seconds

    while cost - low > max(gap * low, near) and cost - tried > 1.5 * step and not late():
        # By turns halfway, which moves far, and just below the plan in hand, which settles it.
        floor = max(tried, low - lattice)
        budget = floor + 0.5 * (cost - floor) if turn % 2 == 0 else cost - step
        budget = min(cost - step, max(floor + step, np.floor(budget / step + 1e-9) * step))
        turn += 1
        left = seconds - (clock() - begun)
        answer = maximise(
            replace(problem, budget=float(budget)), 0.25 * left + 0.05 * seconds, 0.0, seed, watch,
            enough=target, clock=clock, interrupted=interrupted,
        )  # fmt: skip
        if answer.value >= target:
            chosen = _pruned(problem, answer.chosen, target)
            cost = problem.cost(chosen)
        elif answer.bound < target:
            low = max(low, float(budget) + lattice)
        else:
            tried = max(tried, float(budget))
    met = cost - low <= (near if lattice else 0.0)
    stopped = "interrupted" if interrupted() else "time"
    ending = "optimal" if met else "gap" if cost - low <= max(gap * low, near) else stopped
    return Cheapest(
        chosen, problem.value(chosen), cost, cost if met else min(low, cost), clock() - begun, ending
    )


def _within(problem, target, seconds, seed, watch, clock, interrupted):  # type: ignore[no-untyped-def]
    """A first plan that reaches the target: the shortest beginning of the greedy order that does."""
    order, _ = greedy(problem)
    reached = np.zeros(problem.demands, bool)
    for count, j in enumerate(order, 1):
        reached[problem.cover[j]] = True
        if problem.weights[reached].sum() >= target:
            return _pruned(problem, order[:count], target)
    answer = maximise(
        problem, 0.5 * seconds, 0.0, seed, watch, enough=target, clock=clock, interrupted=interrupted
    )
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
    """Return the unit that all costs are multiples of, where they have at most three decimals; else 0 (none)."""
    for parts in (1, 10, 100, 1000):
        whole = np.round(problem.costs * parts)
        if (
            np.allclose(whole, problem.costs * parts, rtol=0.0, atol=1e-6)
            and whole.max(initial=0.0) < 2.0**52
        ):
            return float(np.gcd.reduce(whole.astype(np.int64))) / parts if len(whole) else 1.0
    return 0.0
