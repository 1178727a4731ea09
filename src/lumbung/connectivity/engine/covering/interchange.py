"""Swap local search: take one site out, put a near one in, and accept a small loss while the search is warm.

A swap is judged by one look at what the newcomer reaches: how many chosen options reach each demand, which one where
it is one, and what each chosen option alone reaches are kept up to date at every swap that is made. Losses are accepted as in annealing (Kirkpatrick, Gelatt and Vecchi 1983, "Optimization by
simulated annealing", Science 220), so that the search leaves the first local best; it ends cold, in a local best.
The result depends on the number of swaps tried and on the seed, never on the time taken.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lumbung.connectivity.engine.covering.problem import Covering, Ints, Lists
from lumbung.kernels.compiling import FINITE, inlined, kernel

COLD = 0.03
"""Last warmth as a share of the first."""

NEAR = 0.9
"""Share of the newcomers drawn from among those that reach a demand of the option that goes."""

ALONE = 0.05
"""How often an option may go without a newcomer, where the one drawn is too dear to take its place."""

CHUNK = 1_000_000
"""Swaps between two looks at the clock."""

NOBODYS, SHARED = -2, -3
"""Of a demand that no chosen option reaches, or several."""


def interchange(
    problem: Covering,
    rows: Lists,
    start: Ints,
    swaps: int,
    seed: int,
    warmth: float = 0.05,
    cold: float = COLD,
    over: Callable[[], bool] = lambda: False,
) -> tuple[Ints, Ints]:
    """Improve a plan by swaps.

    Parameters
    ----------
    problem : Covering
    rows : Lists
        ``problem.cover`` turned.
    start : int64 array
        Options of a plan within the budget.
    swaps : int
        How many swaps to try.
    seed : int
    warmth : float
        Loss accepted at the start with a chance of 1/e, as a share of what a chosen option reaches on average.
    cold : float
        Warmth at the end as a share of ``warmth``. A slow cooling may be split into several calls, each going on from
        the plan and the warmth where the last one ended.
    over : callable
        Asked now and then; the search stops when it says yes.

    Returns
    -------
    best : int64 array
        Options of the best plan met, rising; never worth less than ``start``.
    last : int64 array
        Options of the plan where the search ended, to go on from.
    """
    last, best, best_value = np.asarray(start, dtype=np.int64), start, problem.value(start)
    if problem.options == 0 or len(start) == 0:
        return np.sort(start), last
    level = warmth * best_value / len(start)
    for done in range(0, swaps, CHUNK):
        count = min(CHUNK, swaps - done)
        colder = level * cold ** (count / swaps)
        found, last = _interchange(
            problem.cover.indptr, problem.cover.indices, rows.indptr, rows.indices, problem.weights, problem.costs,
            problem.groups, problem.budget * (1 + 1e-12), last, count, seed + done, level, colder,
        )  # fmt: skip
        level = colder
        value = problem.value(found)
        if value > best_value:
            best, best_value = found, value
        if over():
            break
    return np.sort(best), last


@inlined(arithmetic=FINITE)
def _drawn(state):  # type: ignore[no-untyped-def]
    """Next state of a xorshift generator (Marsaglia 2003); its upper half is the number drawn."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    return state


@inlined(arithmetic=FINITE)
def _below(state, limit):  # type: ignore[no-untyped-def]
    """A whole number from 0 to ``limit`` - 1."""
    return np.int64(((state >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32))


@inlined(arithmetic=FINITE)
def _share(state):  # type: ignore[no-untyped-def]
    """A number from 0 to 1."""
    return np.float64(state >> np.uint64(32)) * 2.0**-32


@inlined(arithmetic=FINITE)
def _enter(j, cover_at, cover, weights, count, owners, whose, alone):  # type: ignore[no-untyped-def]
    """Choose option ``j`` and return what it adds."""
    added = 0.0
    for a in range(cover_at[j], cover_at[j + 1]):
        i = cover[a]
        if count[i] == 0:
            added += weights[i]
            whose[i] = j
        elif count[i] == 1:
            alone[owners[i]] -= weights[i]
            whose[i] = SHARED
        count[i] += 1
        owners[i] += j
    alone[j] = added
    return added


@inlined(arithmetic=FINITE)
def _leave(j, cover_at, cover, weights, count, owners, whose, alone):  # type: ignore[no-untyped-def]
    """Give up option ``j`` and return what goes with it."""
    lost = 0.0
    for a in range(cover_at[j], cover_at[j + 1]):
        i = cover[a]
        count[i] -= 1
        owners[i] -= j
        if count[i] == 0:
            lost += weights[i]
            whose[i] = NOBODYS
        elif count[i] == 1:
            alone[owners[i]] += weights[i]
            whose[i] = owners[i]
    return lost


@kernel(arithmetic=FINITE)
def _interchange(  # type: ignore[no-untyped-def]
    cover_at, cover, rows_at, rows, weights, costs, groups, budget, start, swaps, seed, hot, cold
):
    state = _drawn(_drawn((np.uint64(seed) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)))
    options = len(cover_at) - 1
    place = np.full(options, -1, np.int64)
    holder = np.full(groups.max() + 1, -1, np.int64)
    # Of each demand: how many chosen options reach it, the sum of their numbers (so the number itself where it is one),
    # and whose it is. Of each chosen option: the weight that it alone reaches.
    count = np.zeros(len(weights), np.int32)
    owners = np.zeros(len(weights), np.int64)
    whose = np.full(len(weights), NOBODYS, np.int32)
    alone = np.zeros(options)
    members = np.empty(options, np.int64)
    size, spent, value = 0, 0.0, 0.0
    for j in start:
        members[size], place[j], holder[groups[j]] = j, size, j
        size += 1
        spent += costs[j]
        value += _enter(j, cover_at, cover, weights, count, owners, whose, alone)
    best, best_value, best_size = members.copy(), value, size
    level, cooling = hot, (cold / hot) ** (1.0 / swaps)
    for _ in range(swaps):
        level *= cooling
        # Out: a chosen option, or (j = -1) none, so that the newcomer is added. In: a near one, a far one, or none.
        state = _drawn(state)
        out = members[_below(state, size)] if size > 0 else -1
        state = _drawn(state)
        if out >= 0 and cover_at[out + 1] > cover_at[out] and _share(state) < NEAR:
            state = _drawn(state)
            i = cover[cover_at[out] + _below(state, cover_at[out + 1] - cover_at[out])]
            state = _drawn(state)
            j = rows[rows_at[i] + _below(state, rows_at[i + 1] - rows_at[i])]
        else:
            state = _drawn(state)
            j = _below(state, options)
        if place[j] >= 0:
            continue
        if holder[groups[j]] >= 0:
            out = holder[groups[j]]
        elif spent + costs[j] <= budget:
            out = -1
        if out >= 0 and spent - costs[out] + costs[j] > budget:
            # Too dear for one going: let one more go now and then, and come back another time.
            state = _drawn(state)
            if _share(state) > ALONE:
                continue
            j = -1
        change = -alone[out] if out >= 0 else 0.0
        if j >= 0:
            for a in range(cover_at[j], cover_at[j + 1]):
                i = cover[a]
                if whose[i] == NOBODYS or whose[i] == out:
                    change += weights[i]
        state = _drawn(state)
        if change < 0.0 and _share(state) >= np.exp(change / level):
            continue
        if out >= 0:
            size -= 1
            members[place[out]] = members[size]
            place[members[size]] = place[out]
            place[out] = holder[groups[out]] = -1
            spent -= costs[out]
            value -= _leave(out, cover_at, cover, weights, count, owners, whose, alone)
        if j >= 0:
            members[size], place[j], holder[groups[j]] = j, size, j
            size += 1
            spent += costs[j]
            value += _enter(j, cover_at, cover, weights, count, owners, whose, alone)
        if value > best_value:
            best_value, best_size = value, size
            best[:size] = members[:size]
    return best[:best_size].copy(), members[:size].copy()
