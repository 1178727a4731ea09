"""Item drift: has an item become easier (leaked) or harder than its parameters say?

Before each answer the model gives the chance of every category, from the person's answers *so far*. Observed
minus expected, added over people, has mean zero and a known variance as long as the item works as calibrated,
and adaptive selection does not spoil that, since it too knows only the answers so far. A cumulative sum over
periods (Page 1954; for items Veerkamp and Glas 2000) notices slow leaks.

Sums over answers are all that is needed, so whoever keeps each answer with its chance (the centre does) can watch
without going through every test again; :mod:`~lumbung.talent.security.drift_records` sums up whole tests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt.false_discovery import adjusted

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


def drift_of(table: NDArray[np.float64], largest: NDArray[np.integer] | int = 1) -> Drift:
    """Judge sums over answers.

    Parameters
    ----------
    table : float64 [periods, 4, items]
        Answers, and the sums of observed score, expected score and its variance.
    largest : int or int [items]
        Largest score of an item.
    """
    count, observed, expected, variance = table.sum(axis=0)
    enough = count >= _LEAST_ANSWERS
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(enough, (observed - expected) / np.sqrt(variance), np.nan)
        change = np.where(enough, (observed - expected) / count / largest, np.nan)
        steps = np.nan_to_num((table[:, 1] - table[:, 2]) / np.sqrt(table[:, 3]))
    p = adjusted(np.array([math.erfc(abs(value) / math.sqrt(2)) for value in z]))
    cusum = np.zeros_like(steps)
    running = np.zeros(table.shape[2])
    for period, step in enumerate(steps):
        running = np.maximum(0.0, running + step - _SLACK)
        cusum[period] = running
    with np.errstate(invalid="ignore"):
        significant = (p < FLAG_LEVEL) & (np.abs(change) >= FLAG_CHANGE)
    return Drift(count, change, z, p, cusum, significant | (cusum.max(axis=0, initial=0.0) > _ALARM))
