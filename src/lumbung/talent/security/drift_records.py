"""Drift from whole tests: the chance of every answer, given those before it, worked out anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import kernel
from lumbung.talent.adaptive.pool import ItemPool
from lumbung.talent.adaptive.selection import add_answer
from lumbung.talent.security.drift import Drift, DriftError, drift_of


@kernel
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
    return drift_of(table, pool.items.categories - 1)
