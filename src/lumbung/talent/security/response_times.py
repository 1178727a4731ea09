"""Response times: did the answers take a human time?

- The lognormal model (van der Linden 2006): ``log T_ij ~ N(beta_j - tau_i, 1 / alpha_j^2)`` with the person's
  speed tau and the item's time intensity beta. Fitted by EM with tau normal; sums of squared residuals then
  say whose times do not follow one steady speed (Marianti, Fox, Avetisyan, Veldkamp and Tijmstra 2014).
- Rapid guesses: quicker than a tenth of the item's usual time, at most 10 seconds (NT10, Wise and Ma 2012).
  The share of the other answers is the response time effort (Wise and Kong 2005); below 0.9 a score says
  little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_ROUNDS = 200
_SETTLED = 1e-7
_RAPID_SHARE = 0.1
_RAPID_MOST = 10.0
LEAST_EFFORT = 0.9


class ResponseTimeError(ValueError):
    """Times that cannot be times."""


@dataclass(frozen=True)
class TimeModel:
    """The lognormal model of response times.

    Attributes
    ----------
    intensity, precision : float64 [items]
        beta (log seconds) and alpha; NaN for an item with fewer than 2 times.
    speed_sd : float
        Standard deviation of the persons' speed.
    usual : float64 [items]
        Mean time of each item in seconds.
    """

    intensity: NDArray[np.float64]
    precision: NDArray[np.float64]
    speed_sd: float
    usual: NDArray[np.float64]


@dataclass(frozen=True)
class TimeFit:
    """What the times of each person say.

    Attributes
    ----------
    speed : float64 [persons]
        tau; positive is faster than usual.
    statistic, degrees, p_value : float64 [persons]
        Sum of squared standardised residuals around the person's own speed, chi-squared with answers - 1
        degrees.
    effort : float64 [persons]
        Share of answers that were not rapid guesses.
    rapid : bool [persons, items]
    """

    speed: NDArray[np.float64]
    statistic: NDArray[np.float64]
    degrees: NDArray[np.float64]
    p_value: NDArray[np.float64]
    effort: NDArray[np.float64]
    rapid: NDArray[np.bool_]

    def flagged(self, level: float = 0.01) -> NDArray[np.bool_]:
        """Persons whose times are unsteady at this level, or whose effort is below 0.9."""
        with np.errstate(invalid="ignore"):
            return np.asarray((self.p_value < level) | (self.effort < LEAST_EFFORT))


def _log_times(seconds: ArrayLike) -> NDArray[np.float64]:
    times = np.asarray(seconds, dtype=np.float64)
    if times.ndim != 2:
        raise ResponseTimeError(f"expected seconds [persons, items], found shape {times.shape}")
    wrong = (times <= 0) | np.isinf(times)
    if wrong.any():
        row, column = (int(x) for x in np.argwhere(wrong)[0])
        raise ResponseTimeError(
            f"row {row}, column {column}: found {times[row, column]} seconds; expected a positive number or NaN"
        )
    return np.log(times)


def fit_times(seconds: ArrayLike) -> TimeModel:
    """Fit the lognormal model.

    Parameters
    ----------
    seconds : float [persons, items]
        NaN where not seen.

    Raises
    ------
    ResponseTimeError
        If a time is not positive, naming its row and column.
    """
    logs = _log_times(seconds)
    seen = np.isfinite(logs)
    y = np.where(seen, logs, 0.0)
    n = seen.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        beta = y.sum(axis=0) / n
        variance = np.where(seen, (y - beta) ** 2, 0.0).sum(axis=0) / n
        usual = np.where(seen, np.exp(y), 0.0).sum(axis=0) / n
    known = n >= 2
    beta, variance = np.where(known, beta, 0.0), np.where(known & (variance > 1e-6), variance, 1e-6)
    used = seen & known
    spread = float(np.mean(variance)) / 2
    for _ in range(_ROUNDS):
        weights = used / variance
        posterior_variance = 1 / (1 / spread + weights.sum(axis=1))
        speed = posterior_variance * (weights * (beta - y)).sum(axis=1)
        new_beta = np.where(known, (used * (y + speed[:, None])).sum(axis=0) / np.maximum(n, 1), 0.0)
        square = (y - new_beta + speed[:, None]) ** 2 + posterior_variance[:, None]
        variance = np.maximum((used * square).sum(axis=0) / np.maximum(n, 1), 1e-6)
        variance = np.where(known, variance, 1.0)
        spread = max(float((speed**2 + posterior_variance).mean()), 1e-6)
        change = np.abs(new_beta - beta).max()
        beta = new_beta
        if change < _SETTLED:
            break
    missing = np.where(known, 1.0, np.nan)
    return TimeModel(beta * missing, missing / np.sqrt(variance), float(np.sqrt(spread)), usual)


def time_fit(seconds: ArrayLike, model: TimeModel) -> TimeFit:
    """Judge each person's times under the model.

    Raises
    ------
    ResponseTimeError
        If a time is not positive or the numbers of items differ.
    """
    from scipy.special import gammaincc

    logs = _log_times(seconds)
    if logs.shape[1] != len(model.intensity):
        raise ResponseTimeError(f"expected {len(model.intensity)} columns, found {logs.shape[1]}")
    seen = np.isfinite(logs) & np.isfinite(model.intensity)
    weights = np.where(seen, model.precision**2, 0.0)
    gaps = np.where(seen, model.intensity - np.where(seen, logs, 0.0), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        speed = (weights * gaps).sum(axis=1) / weights.sum(axis=1)
        statistic = (weights * (gaps - speed[:, None]) ** 2).sum(axis=1)
        degrees = seen.sum(axis=1) - 1.0
        p_value = np.where(degrees > 0, gammaincc(np.maximum(degrees, 1) / 2, statistic / 2), np.nan)
        rapid = seen & (np.exp(logs) < np.minimum(_RAPID_SHARE * model.usual, _RAPID_MOST))
        effort = 1 - rapid.sum(axis=1) / seen.sum(axis=1)
    return TimeFit(speed, statistic, degrees, p_value, effort, rapid)
