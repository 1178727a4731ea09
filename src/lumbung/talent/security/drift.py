"""Item drift: has an item become easier (leaked) or harder than its parameters say?

Before each answer the model gives the chance of every category, from the person's answers *so far*. Observed
minus expected, added over people, has mean zero and a known variance as long as the item works as calibrated,
and adaptive selection does not spoil that, since it too knows only the answers so far. A cumulative sum over
periods (Page 1954; for items Veerkamp and Glas 2000) notices slow leaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.adaptive.pool import ItemPool
from lumbung.talent.adaptive.selection import add_answer
from lumbung.talent.compiled import njit
from lumbung.talent.irt.functioning import adjusted

_SLACK = 0.5
_ALARM = 5.0
_LEAST_ANSWERS = 30
FLAG_CHANGE = 0.05
FLAG_LEVEL = 0.01


class DriftError(ValueError):
    """Records that cannot be watched for drift."""


@dataclass(frozen=True)
class Drift:
    """Drift of each item.

    Attributes
    ----------
    answers : float64 [items]
        How often the item was answered.
    change : float64 [items]
        Observed minus expected mean score, as a share of the largest score; positive is easier. NaN below 30
        answers.
    z, adjusted_p : float64 [items]
        Standardised change over all periods, two-sided, adjusted for the number of items.
    cusum : float64 [periods, items]
        Cumulative sum for "easier".
    alarmed : bool [items]
        ``cusum`` above 5, or significant at 1 % with a change of at least 0.05.
    """

    answers: NDArray[np.float64]
    change: NDArray[np.float64]
    z: NDArray[np.float64]
    adjusted_p: NDArray[np.float64]
    cusum: NDArray[np.float64]
    alarmed: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _tally(served, answers, periods, row_starts, log_rows, nodes, log_prior, table):  # type: ignore[no-untyped-def]
    """Add answers, observed, expected and variance of scores to ``table[period, 0..3, item]``."""
    for i in range(served.shape[0]):
        log_posterior = log_prior.copy()
        weights = np.exp(log_posterior)
        for step in range(served.shape[1]):
            item = served[i, step]
            if item < 0:
                break
            first, count = row_starts[item], row_starts[item + 1] - row_starts[item]
            total, square, mass = 0.0, 0.0, 0.0
            for k in range(count):
                p = 0.0
                for q in range(len(nodes)):
                    p += weights[q] * np.exp(log_rows[first + k, q])
                mass += p
                total += k * p
                square += k * k * p
            total, square = total / mass, square / mass
            cell = table[periods[i]]
            cell[0, item] += 1
            cell[1, item] += answers[i, step]
            cell[2, item] += total
            cell[3, item] += square - total * total
            add_answer(log_posterior, log_rows[first + answers[i, step]], nodes)
            top = log_posterior.max()
            weights = np.exp(log_posterior - top)
            weights /= weights.sum()


def item_drift(
    pool: ItemPool,
    served: NDArray[np.integer],
    answers: NDArray[np.integer],
    periods: NDArray[np.integer] | None = None,
) -> Drift:
    """Watch items over periods.

    Parameters
    ----------
    pool : ItemPool
    served, answers : int [persons, places]
        Items in the order served and the categories given; negative after the end.
    periods : int [persons], optional
        Period (week, month) of each person, from 0.

    Raises
    ------
    DriftError
        If shapes differ or a period is negative.
    """
    from scipy.special import erfc

    if served.shape != answers.shape:
        raise DriftError(f"served {served.shape} and answers {answers.shape} must have the same shape")
    when = np.zeros(len(served), np.int64) if periods is None else np.asarray(periods, dtype=np.int64)
    if len(when) != len(served) or (when < 0).any():
        raise DriftError("expected one period of at least 0 per person")
    table = np.zeros((int(when.max(initial=0)) + 1, 4, len(pool)))
    _tally(
        np.asarray(served, np.int64), np.asarray(answers, np.int64), when,
        pool.items.row_starts, pool.log_rows, pool.nodes, pool.log_prior, table,
    )  # fmt: skip
    count, observed, expected, variance = table.sum(axis=0)
    enough = count >= _LEAST_ANSWERS
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(enough, (observed - expected) / np.sqrt(variance), np.nan)
        change = np.where(enough, (observed - expected) / count / (pool.items.categories - 1), np.nan)
        steps = np.nan_to_num((table[:, 1] - table[:, 2]) / np.sqrt(table[:, 3]))
    p = adjusted(erfc(np.abs(z) / np.sqrt(2)))
    cusum = np.zeros_like(steps)
    running = np.zeros(len(pool))
    for period, step in enumerate(steps):
        running = np.maximum(0.0, running + step - _SLACK)
        cusum[period] = running
    with np.errstate(invalid="ignore"):
        significant = (p < FLAG_LEVEL) & (np.abs(change) >= FLAG_CHANGE)
    return Drift(count, change, z, p, cusum, significant | (cusum.max(axis=0) > _ALARM))
