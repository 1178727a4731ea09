"""Item curves: the probability of each answer at each ability.

- **Graded response** (Samejima 1969): ``P(X >= k) = 1 / (1 + exp(-(a theta + d_k)))`` with ``d_1 > d_2 >
  ...``; with two categories this is the two-parameter logistic (Birnbaum 1968), and with one slope for all
  items the one-parameter logistic.
- **Three-parameter logistic** (Birnbaum 1968): ``P = c + (1 - c) / (1 + exp(-(a theta + d)))``, held as
  ``logit c``.

Parameters stand in rows ``(a, d_1, ..., d_m)`` or ``(a, d, logit c)``; unused places are 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import kernel

GRADED = 0
THREE_PL = 1
_FLOOR = 1e-300


@kernel
def _logistic(z):  # type: ignore[no-untyped-def]
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


@kernel
def curve(family, par, n_categories, x, p, dp):  # type: ignore[no-untyped-def]
    """Fill ``p[k]`` with the probability of category k at ability x and ``dp[k, m]`` with its derivatives."""
    if family == THREE_PL:
        s = _logistic(par[0] * x + par[1])
        c = _logistic(par[2])
        slope = (1.0 - c) * s * (1.0 - s)
        p[1] = c + (1.0 - c) * s
        p[0] = (1.0 - c) * (1.0 - s)
        dp[1, 0] = slope * x
        dp[1, 1] = slope
        dp[1, 2] = c * (1.0 - c) * (1.0 - s)
        for m in range(3):
            dp[0, m] = -dp[1, m]
        return
    above, above_slope = 1.0, 0.0
    for k in range(n_categories):
        for m in range(n_categories):
            dp[k, m] = 0.0
        if k + 1 < n_categories:
            z = par[0] * x + par[k + 1]
            below = _logistic(z)
            # 1 - s by the mirrored curve keeps its digits where s is nearly 1
            below_slope = below * _logistic(-z)
        else:
            below, below_slope = 0.0, 0.0
        p[k] = above - below if k > 0 else _logistic(-(par[0] * x + par[1]))
        dp[k, 0] = (above_slope - below_slope) * x
        if k > 0:
            dp[k, k] = above_slope
        if k + 1 < n_categories:
            dp[k, k + 1] = -below_slope
        above, above_slope = below, below_slope


@kernel
def _log_rows(family, pars, categories, row_starts, theta, rows):  # type: ignore[no-untyped-def]
    width = max(pars.shape[1], 3)
    p = np.empty(width + 1)
    dp = np.empty((width + 1, width + 1))
    for j in range(len(categories)):
        for q in range(len(theta)):
            curve(family, pars[j], categories[j], theta[q], p, dp)
            for k in range(categories[j]):
                rows[row_starts[j] + k, q] = math.log(max(p[k], _FLOOR))


@kernel
def _score_rows(family, pars, categories, row_starts, theta, rows):  # type: ignore[no-untyped-def]
    width = max(pars.shape[1], 3)
    p = np.empty(width + 1)
    dp = np.empty((width + 1, width + 1))
    for j in range(len(categories)):
        for q in range(len(theta)):
            curve(family, pars[j], categories[j], theta[q], p, dp)
            for k in range(categories[j]):
                for m in range(pars.shape[1]):
                    rows[row_starts[j] + k, m, q] = dp[k, m] / max(p[k], _FLOOR)


@kernel
def _information(family, pars, categories, theta, table):  # type: ignore[no-untyped-def]
    width = max(pars.shape[1], 3)
    p = np.empty(width + 1)
    dp = np.empty((width + 1, width + 1))
    for j in range(len(categories)):
        for q in range(len(theta)):
            curve(family, pars[j], categories[j], theta[q], p, dp)
            total = 0.0
            for k in range(categories[j]):
                # dP/dtheta = a * sum of dP/dd, since ability enters as a * theta + d
                slope = 0.0
                for m in range(1, 2 if family == THREE_PL else categories[j]):
                    slope += dp[k, m]
                slope *= pars[j, 0]
                total += slope * slope / max(p[k], _FLOOR)
            table[q, j] = total


def log_probabilities(
    family: int,
    pars: NDArray[np.float64],
    categories: NDArray[np.int64],
    row_starts: NDArray[np.int64],
    theta: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Log-probability of each answer, float64 [rows, nodes], one row per item and category."""
    rows = np.empty((int(row_starts[-1]), len(theta)))
    _log_rows(family, pars, categories, row_starts, theta, rows)
    return rows


def score_functions(
    family: int,
    pars: NDArray[np.float64],
    categories: NDArray[np.int64],
    row_starts: NDArray[np.int64],
    theta: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Derivative of each answer's log-probability by its item's parameters, float64 [rows, parameters, nodes]."""
    rows = np.zeros((int(row_starts[-1]), pars.shape[1], len(theta)))
    _score_rows(family, pars, categories, row_starts, theta, rows)
    return rows


def information(
    family: int, pars: NDArray[np.float64], categories: NDArray[np.int64], theta: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Item information function, float64 [thetas, items]: ``sum_k (dP_k / dtheta)^2 / P_k`` (Samejima 1969)."""
    table = np.empty((len(theta), len(categories)))
    _information(family, pars, categories, theta, table)
    return table
