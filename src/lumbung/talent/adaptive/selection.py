"""Choosing the next item.

1. *Content*: the area that lags most behind its target share (constrained adaptive testing, Kingsbury and
   Zara 1989).
2. *Information*: the items of that area that say most at the present ability (Lord 1980).
3. *Exposure*: randomesque, one of the best few by lot (Kingsbury and Zara 1989), so that the best item is not
   shown to everybody; or Sympson and Hetter (1985), where a chosen item is served with a probability of its
   own and else set aside for this person.

Lots are drawn from the session's seed and the step, so that a session resumed after a cut line goes on as it
would have.
"""

from __future__ import annotations

import math

import numpy as np

from lumbung.kernels.compiling import kernel
from lumbung.talent.irt.quadrature import DEFAULT_BOUND

NO_ITEM = -1
_MOST_CANDIDATES = 64


@kernel
def uniform(seed, step, draw):  # type: ignore[no-untyped-def]
    """A number in [0, 1) that depends on its arguments alone (SplitMix64, Steele, Lea and Flood 2014)."""
    z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(64 * step + draw + 1)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def add_answer(log_posterior, log_row, nodes):  # type: ignore[no-untyped-def]
    """Add an answer to a person's log-posterior; return mean and standard deviation (EAP)."""
    top = -math.inf
    for q in range(len(nodes)):
        log_posterior[q] += log_row[q]
        top = max(top, log_posterior[q])
    total, first, second = 0.0, 0.0, 0.0
    for q in range(len(nodes)):
        weight = math.exp(log_posterior[q] - top)
        total += weight
        first += weight * nodes[q]
        second += weight * nodes[q] * nodes[q]
    mean = first / total
    return mean, math.sqrt(max(second / total - mean * mean, 1e-12))


@kernel
def _lagging_area(open_items, area_of, targets, given, allowed):  # type: ignore[no-untyped-def]
    """The area furthest below its target among those that still have an open item, or -1."""
    for area in range(len(targets)):
        allowed[area] = 0
    for j in range(len(area_of)):
        if open_items[j]:
            allowed[area_of[j]] = 1
    done = 0
    for area in range(len(targets)):
        done += given[area]
    best, best_lag = -1, -math.inf
    for area in range(len(targets)):
        lag = targets[area] * (done + 1) - given[area]
        if allowed[area] and lag > best_lag:
            best, best_lag = area, lag
    return best


@kernel
def choose(  # type: ignore[no-untyped-def]
    theta,
    information,
    open_items,
    area_of,
    targets,
    given,
    acceptance,
    candidates,
    seed,
    step,
    allowed,
    best,
    worth,
):
    """Index of the next item, or NO_ITEM; items set aside by Sympson-Hetter are closed in ``open_items``.

    ``candidates`` is the number of best items among which the lot falls; ``allowed``, ``best`` and ``worth``
    are scratch.
    """
    area = _lagging_area(open_items, area_of, targets, given, allowed)
    if area < 0:
        return NO_ITEM
    last = information.shape[0] - 1
    place = (theta + DEFAULT_BOUND) / (2 * DEFAULT_BOUND) * last
    place = min(max(place, 0.0), last - 1e-9)
    low = int(place)
    share = np.float32(place - low)
    below, above = information[low], information[low + 1]
    wanted = min(candidates, len(best))
    draw = 0
    rejected = NO_ITEM
    while True:
        found = 0
        for j in range(len(area_of)):
            if not open_items[j] or area_of[j] != area:
                continue
            value = below[j] + share * (above[j] - below[j])
            if found == wanted and value <= worth[found - 1]:
                continue
            k = found if found < wanted else wanted - 1
            while k > 0 and worth[k - 1] < value:
                worth[k], best[k] = worth[k - 1], best[k - 1]
                k -= 1
            worth[k], best[k] = value, j
            if found < wanted:
                found += 1
        if found == 0:
            return rejected
        for _ in range(found):
            k = int(uniform(seed, step, draw % 64) * found)
            draw += 1
            item = best[k]
            if acceptance[item] >= 1.0 or uniform(seed, step, draw % 64) < acceptance[item]:
                return item
            draw += 1
            if rejected == NO_ITEM:
                rejected = item
            open_items[item] = False
            for m in range(k, found - 1):
                best[m], worth[m] = best[m + 1], worth[m + 1]
            found -= 1
            if found == 0:
                break


def scratch(areas: int, candidates: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Working arrays for :func:`choose`."""
    size = min(max(candidates, 1), _MOST_CANDIDATES)
    return np.zeros(areas, dtype=np.int64), np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.float32)
