"""Fit of the whole model: M2 and its RMSEA (Maydeu-Olivares and Joe 2005, 2006).

The chi-squared over all answer patterns is useless with more than a few items; M2 looks at the shares right
of each item and of each pair, weighs their deviations by their exact covariance under the model, and takes
out what estimation took.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt.design import Answers
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.quadrature import normal_log_weights

MOST_ITEMS = 64


class ModelFitError(ValueError):
    """M2 cannot be computed from these answers."""


@dataclass(frozen=True)
class ModelFit:
    """Limited-information fit.

    Attributes
    ----------
    m2, degrees, p_value : float
    rmsea : float
        Root mean square error of approximation; below 0.05 is usually called close.
    rmsea_interval : (float, float)
        90 % interval.
    srmsr : float
        Standardised root mean square residual of the item correlations.
    persons : float
        People with complete answers, on whom it rests.
    """

    m2: float
    degrees: int
    p_value: float
    rmsea: float
    rmsea_interval: tuple[float, float]
    srmsr: float
    persons: float


def _observed_margins(answers: Answers, known: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    n = int(known.sum())
    pairs, total = np.zeros((n, n)), 0.0
    for where, block in answers.blocks():
        heads = answers.weights[where] if len(answers.weights) else np.ones(len(block))
        complete = (block[:, known] >= 0).all(axis=1)
        right = block[complete][:, known].astype(np.float64)
        pairs += (right * heads[complete, None]).T @ right
        total += float(heads[complete].sum())
    return pairs, total


def _margin_covariance(p: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance of one person's answers and of their pairwise products, under the model.

    A product over a set of items has expectation ``sum_q w_q prod P_jq`` with each item once, however often
    it is
    named: entries whose two sets share items are corrected for that.
    """
    n = len(p)
    first, second = np.triu_indices(n, 1)
    margins = np.vstack([p, p[first] * p[second]])
    expected = margins @ weights
    joint = (margins * weights) @ margins.T
    members = np.zeros((len(margins), n))
    members[np.arange(n), np.arange(n)] = 1
    members[np.arange(n, len(margins)), first] = 1
    members[np.arange(n, len(margins)), second] = 1
    for u, v in np.argwhere(np.triu((members @ members.T) > 0)):
        union = np.flatnonzero(members[u] + members[v])
        joint[u, v] = joint[v, u] = np.prod(p[union], axis=0) @ weights
    return np.asarray(joint - np.outer(expected, expected))


def _margin_slopes(
    p: NDArray[np.float64], slopes: NDArray[np.float64], weights: NDArray[np.float64], one_slope: bool
) -> NDArray[np.float64]:
    """Derivative of the margins by the parameters [margins, parameters]; ``slopes`` is [items, places, nodes]."""
    n, places, _ = slopes.shape
    first, second = np.triu_indices(n, 1)
    delta = np.zeros((n + len(first), n, places))
    delta[np.arange(n), np.arange(n)] = slopes @ weights
    rows = np.arange(n, n + len(first))
    delta[rows, first] = (slopes[first] * p[second][:, None, :]) @ weights
    delta[rows, second] = (slopes[second] * p[first][:, None, :]) @ weights
    if one_slope:
        return np.column_stack([delta[:, :, 0].sum(axis=1), delta[:, :, 1]])
    return delta.reshape(len(delta), -1)


def _rmsea_bound(statistic: float, degrees: int, persons: float, level: float) -> float:
    """RMSEA whose noncentral chi-squared puts the statistic at the given level."""
    from scipy.optimize import brentq
    from scipy.stats import ncx2

    def excess(noncentrality: float) -> float:
        return float(ncx2.cdf(statistic, degrees, noncentrality)) - level

    if excess(1e-9) <= 0:
        return 0.0
    noncentrality = brentq(excess, 1e-9, 10 * (statistic + degrees) + 100)
    return float(np.sqrt(noncentrality / (persons * degrees)))


def m2(answers: Answers, items: ItemParameters, theta: NDArray[np.float64], model: str) -> ModelFit:
    """M2 of right/wrong items.

    Raises
    ------
    ModelFitError
        For items of more than two categories, fewer than 4 or more than 64 items, too few degrees of
        freedom, or
        when nobody has complete answers.
    """
    from scipy.special import gammaincc

    from lumbung.talent.irt.curves import score_functions

    known = items.known
    fitted = items.chosen(np.flatnonzero(known))
    n = len(fitted)
    if (fitted.categories > 2).any():
        raise ModelFitError("M2 is given for right/wrong items only; an item has more categories")
    if not 4 <= n <= MOST_ITEMS:
        raise ModelFitError(f"M2 is given for 4 to {MOST_ITEMS} items; found {n}")
    pairs, persons = _observed_margins(answers, known)
    if persons == 0:
        raise ModelFitError("M2 needs people who answered every item; nobody did")
    weights = np.exp(normal_log_weights(theta))
    right = fitted.row_starts[:-1] + 1
    p = fitted.probabilities(theta)[right]
    logs = score_functions(fitted.family, fitted.table, fitted.categories, fitted.row_starts, theta)
    delta = _margin_slopes(p, logs[right] * p[:, None, :], weights, model == "1pl")
    degrees = len(delta) - delta.shape[1]
    if degrees < 1:
        raise ModelFitError(f"{len(delta)} margins are too few for {delta.shape[1]} parameters")
    upper = np.triu_indices(n, 1)
    expected = np.concatenate([p @ weights, (p[upper[0]] * p[upper[1]]) @ weights])
    residual = np.concatenate([np.diag(pairs), pairs[upper]]) / persons - expected
    solved = np.linalg.solve(_margin_covariance(p, weights), np.column_stack([residual, delta]))
    e, d = solved[:, 0], solved[:, 1:]
    statistic = persons * float(residual @ e - (delta.T @ e) @ np.linalg.solve(delta.T @ d, delta.T @ e))
    bounds = tuple(_rmsea_bound(statistic, degrees, persons, level) for level in (0.95, 0.05))
    return ModelFit(
        statistic,
        degrees,
        float(gammaincc(degrees / 2, statistic / 2)),
        float(np.sqrt(max(0.0, (statistic - degrees) / (persons * degrees)))),
        (bounds[0], bounds[1]),
        _srmsr(pairs / persons, expected, n),
        persons,
    )


def _srmsr(observed: NDArray[np.float64], expected: NDArray[np.float64], n: int) -> float:
    upper = np.triu_indices(n, 1)

    def correlations(share: NDArray[np.float64], both: NDArray[np.float64]) -> NDArray[np.float64]:
        spread = np.sqrt(share * (1 - share))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(
                (both - share[upper[0]] * share[upper[1]]) / (spread[upper[0]] * spread[upper[1]])
            )

    gap = correlations(np.diag(observed), observed[upper]) - correlations(expected[:n], expected[n:])
    return float(np.sqrt(np.nanmean(gap**2)))
