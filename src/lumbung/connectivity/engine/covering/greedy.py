"""The lazy greedy plan and the bound that comes with it.

Covering is submodular: what an option adds can only shrink as others are chosen. So a stale gain is an upper bound,
and the greedy choice needs few fresh ones (Minoux 1978, "Accelerated greedy algorithms for maximizing submodular set
functions"). And after any set S, no plan is worth more than S plus the best that today's gains could fill the budget
with (Leskovec et al. 2007, "Cost-effective outbreak detection in networks", section 3.2).
"""

from __future__ import annotations

import heapq

import numpy as np

from lumbung.connectivity.engine.covering.problem import Covering, Floats, Ints
from lumbung.kernels.compiling import FINITE, kernel


def greedy(problem: Covering) -> tuple[Ints, float]:
    """Choose by gain per cost (and by gain alone, if that gives more).

    Parameters
    ----------
    problem : Covering

    Returns
    -------
    chosen : int64 array
        Options in the order chosen.
    bound : float
        A value that no plan within the budget exceeds.
    """
    bound = filled(_alone(problem), problem)
    best, best_value = np.empty(0, np.int64), -1.0
    for power in (1.0, 0.0) if np.ptp(problem.costs) > 0 else (1.0,):
        chosen = _lazy(
            problem.cover.indptr, problem.cover.indices, problem.weights, problem.costs, problem.groups,
            problem.budget * (1 + 1e-12), power,
        )  # fmt: skip
        bound = min([bound, *(_online(problem, chosen[: k + 1]) for k in _milestones(len(chosen)))])
        value = problem.value(chosen)
        if value > best_value:
            best, best_value = chosen, value
    return best, max(bound, best_value)


def _milestones(size: int) -> list[int]:
    """Prefixes worth a bound: all of a short plan, the last dozen and some before of a long one."""
    return sorted({*range(max(0, size - 12), size), *range(0, size, max(1, size // 12))})


def _alone(problem: Covering) -> Floats:
    totals = np.concatenate([[0.0], np.cumsum(problem.weights[problem.cover.indices])])
    sums: Floats = totals[problem.cover.indptr[1:]] - totals[problem.cover.indptr[:-1]]
    return sums


def _online(problem: Covering, chosen: Ints) -> float:
    left = problem.weights.copy()
    for j in chosen:
        left[problem.cover[j]] = 0.0
    totals = np.concatenate([[0.0], np.cumsum(left[problem.cover.indices])])
    gains = totals[problem.cover.indptr[1:]] - totals[problem.cover.indptr[:-1]]
    return float(problem.weights.sum() - left.sum()) + filled(gains, problem)


def filled(gains: Floats, problem: Covering) -> float:
    """Fill the budget with the best gains per cost, the last one in part: at least what any choice could gain."""
    order = np.argsort(-gains / problem.costs, kind="stable")
    spent = np.cumsum(problem.costs[order])
    whole = int(np.searchsorted(spent, problem.budget * (1 + 1e-12), side="right"))
    total = float(gains[order[:whole]].sum())
    if whole < len(order):
        room = problem.budget - (spent[whole - 1] if whole else 0.0)
        total += max(0.0, room) * float(gains[order[whole]] / problem.costs[order[whole]])
    return total


@kernel(arithmetic=FINITE)
def _lazy(indptr, indices, weights, costs, groups, budget, power):  # type: ignore[no-untyped-def]
    options = len(indptr) - 1
    left = weights.copy()
    taken = np.zeros(groups.max() + 1 if options else 1, np.bool_)
    queue = [(0.0, np.int64(-1))]
    queue.pop()
    for j in range(options):
        gain = 0.0
        for k in range(indptr[j], indptr[j + 1]):
            gain += left[indices[k]]
        queue.append((-gain / costs[j] ** power, np.int64(j)))
    heapq.heapify(queue)
    chosen = np.empty(options, np.int64)
    count, spent = 0, 0.0
    while len(queue) > 0:
        stale, j = heapq.heappop(queue)
        if taken[groups[j]] or spent + costs[j] > budget or stale >= 0.0:
            continue
        gain = 0.0
        for k in range(indptr[j], indptr[j + 1]):
            gain += left[indices[k]]
        rate = gain / costs[j] ** power
        if len(queue) > 0 and -rate > queue[0][0]:
            heapq.heappush(queue, (-rate, j))
            continue
        if gain <= 0.0:
            continue
        taken[groups[j]] = True
        spent += costs[j]
        chosen[count] = j
        count += 1
        for k in range(indptr[j], indptr[j + 1]):
            left[indices[k]] = 0.0
    return chosen[:count].copy()
