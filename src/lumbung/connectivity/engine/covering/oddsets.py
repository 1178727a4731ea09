"""Odd-set cuts: what whole sites cannot do though half sites can.

Three places, each pair of which shares a site, look fully served by three half sites: one and a half sites in all. Whole
sites need two. In general, for an odd set S of demands, with n_j(S) how many of them option j reaches,

    sum of y_i over S  <=  (|S| - 1) / 2  +  sum over j of ceil(n_j(S) / 2) x_j

holds for every whole plan: add the covering rows y_i <= sum of x_j over the options that reach i, and the bounds
y_i <= 1, halve, and round (a Chvatal-Gomory cut with multipliers one half; Chvatal 1973, "Edmonds polytopes and a
hierarchy of combinatorial problems", Discrete Mathematics 4; for set covering Balas and Ng 1989, "On the set covering
polytope: I. All the facets with coefficients in {0, 1, 2}", Mathematical Programming 43).

Sets grow two demands at a time from single ones, each time by the pair that violates most; the heaviest demands come
first, and the search for sets ends after a fixed effort, so that it does not depend on the machine.
"""

from __future__ import annotations

import numpy as np

from lumbung.connectivity.engine.covering.problem import Covering, Floats, Ints, Lists
from lumbung.kernels.compiling import FINITE, kernel

NEARLY = -0.2
"""A set this close to being violated may become so when it grows."""

EFFORT = 500_000_000
"""Places looked at in growing all sets by one pair: about a second. Dense covers would take minutes without an end."""


def coefficients(sets: Lists, rows: Lists) -> tuple[Lists, Floats]:
    """Return for each cut the options in it and their coefficients, ceil(n_j / 2).

    Parameters
    ----------
    sets : Lists
        The demands of each cut.
    rows : Lists
        The options that reach each demand.

    Returns
    -------
    options : Lists
    values : float64 array, as long as ``options.indices``
    """
    members = sets.indices.astype(np.int64)
    touched = rows.picked(members)
    cut = np.repeat(np.repeat(np.arange(len(sets)), sets.sizes), touched.sizes)
    width = int(rows.indices.max(initial=0)) + 1
    keys, counts = np.unique(cut * width + touched.indices, return_counts=True)
    indptr = np.searchsorted(keys, np.arange(len(sets) + 1) * width).astype(np.int64)
    return Lists(indptr, (keys % width).astype(np.int32)), np.ceil(counts / 2.0)


def violated(
    problem: Covering, rows: Lists, x: Floats, y: Floats, least: float, largest: int = 5, most: int = 1500
) -> Lists:
    """Find odd sets whose cut the fractional plan ``x, y`` violates by more than ``least``.

    Parameters
    ----------
    problem : Covering
    rows : Lists
        ``problem.cover`` turned.
    x, y : float64 arrays
        Fractional options and demands reached.
    least : float
    largest : int
        Sets hold 3, 5, … up to this many demands.
    most : int
        Return at most this many sets; a demand is in at most three of each size.

    Returns
    -------
    Lists
        Demands of each set, the most violated first.
    """
    used = np.flatnonzero(x > 1e-5)
    cover = problem.cover
    thin = np.where(x > 1e-5, x, 0.0)
    reach = np.bincount(cover.picked(used).indices, np.repeat(x[used], cover.sizes[used]), problem.demands)
    heaviest = np.argsort(-problem.weights, kind="stable").astype(np.int32)
    bases, slack = heaviest[:, None], (y - reach)[heaviest]
    found: list[tuple[float, Ints]] = []
    for _ in range(3, largest + 1, 2):
        sets, worth = _grow(
            cover.indptr,
            cover.indices,
            rows.indptr,
            rows.indices,
            thin,
            y,
            reach,
            bases,
            slack,
            NEARLY,
            EFFORT,
        )
        if len(sets) == 0:
            break
        order = np.argsort(-worth, kind="stable")
        sets, worth = sets[order], worth[order]
        spread = _spread(sets, problem.demands, 3)
        found += [
            (float(v), s)
            for v, s in zip(worth[spread], np.sort(sets[spread], axis=1), strict=True)
            if v > least
        ]
        bases, slack = sets[spread], worth[spread]
    found.sort(key=lambda pair: -pair[0])
    unique = {tuple(members): None for _, members in found}
    return Lists.of(list(unique)[:most])


@kernel(arithmetic=FINITE)
def _spread(sets, demands, often):  # type: ignore[no-untyped-def]
    used = np.zeros(demands, np.int64)
    picked = np.zeros(len(sets), np.bool_)
    for s in range(len(sets)):
        free = True
        for i in sets[s]:
            free = free and used[i] < often
        if free:
            picked[s] = True
            for i in sets[s]:
                used[i] += 1
    return picked


@kernel(arithmetic=FINITE)
def _grow(cover_at, cover, rows_at, rows, x, y, reach, bases, slack, least, effort):  # type: ignore[no-untyped-def]
    demands, options, size = len(y), len(cover_at) - 1, bases.shape[1]
    odd = np.zeros(options, np.bool_)
    shared, share = np.zeros(demands), np.zeros(demands)
    near, next_ = np.empty(demands, np.int64), np.empty(demands, np.int64)
    sets = np.empty((len(bases), size + 2), np.int32)
    worth = np.empty(len(bases))
    found = 0
    for s in range(len(bases)):
        if effort < 0:
            break
        if slack[s] < least - 0.5:
            continue
        for i in bases[s]:
            for a in range(rows_at[i], rows_at[i + 1]):
                odd[rows[a]] = not odd[rows[a]]
        nears = 0
        for i in bases[s]:
            for a in range(rows_at[i], rows_at[i + 1]):
                j = rows[a]
                if x[j] > 0.0 and odd[j]:
                    odd[j] = False
                    for b in range(cover_at[j], cover_at[j + 1]):
                        k = cover[b]
                        if shared[k] == 0.0:
                            near[nears] = k
                            nears += 1
                        shared[k] += x[j]
        for i in bases[s]:
            for a in range(rows_at[i], rows_at[i + 1]):
                odd[rows[a]] = False
        for i in bases[s]:
            for a in range(rows_at[i], rows_at[i + 1]):
                odd[rows[a]] = not odd[rows[a]]
        best, one, two = least, -1, -1
        for n in range(nears):
            j = near[n]
            # What joining j leaves if its partner brought the most there is to bring, 1.
            with_j = slack[s] + y[j] - (reach[j] - shared[j])
            inside = False
            for i in bases[s]:
                inside = inside or i == j
            if with_j <= best or inside:
                continue
            for a in range(rows_at[j], rows_at[j + 1]):
                odd[rows[a]] = not odd[rows[a]]
            nexts = 0
            for m in range(size + 1):
                i = bases[s, m] if m < size else j
                for a in range(rows_at[i], rows_at[i + 1]):
                    c = rows[a]
                    if x[c] > 0.0 and odd[c]:
                        odd[c] = False
                        effort -= cover_at[c + 1] - cover_at[c]
                        for b in range(cover_at[c], cover_at[c + 1]):
                            k = cover[b]
                            if share[k] == 0.0:
                                next_[nexts] = k
                                nexts += 1
                            share[k] += x[c]
            for m in range(size + 1):
                i = bases[s, m] if m < size else j
                for a in range(rows_at[i], rows_at[i + 1]):
                    odd[rows[a]] = False
            for i in bases[s]:
                for a in range(rows_at[i], rows_at[i + 1]):
                    odd[rows[a]] = not odd[rows[a]]
            for t in range(nexts):
                k = next_[t]
                total = with_j - 1.0 + y[k] - reach[k] + share[k]
                share[k] = 0.0
                if total > best and k != j:
                    inside = False
                    for i in bases[s]:
                        inside = inside or i == k
                    if not inside:
                        best, one, two = total, j, k
        for n in range(nears):
            shared[near[n]] = 0.0
        for i in bases[s]:
            for a in range(rows_at[i], rows_at[i + 1]):
                odd[rows[a]] = False
        if one >= 0:
            sets[found, :size] = bases[s]
            sets[found, size], sets[found, size + 1] = one, two
            worth[found] = best
            found += 1
    return sets[:found].copy(), worth[:found].copy()
