"""What drive tests say about a model: its bias and spread in each class of surroundings, and how sure that is.

A measured level less the predicted one is e = u[class] + v[road] + w. Samples of one road share its shadowing, so a thousand
samples of one road are not a thousand pieces of evidence: v is a normal effect of the road. Classes share a common mean, from
which u departs normally: a class with few roads is drawn towards the others, one with many stands for itself (Robinson,
Statistical Science 6(1), 1991). The three spreads are those of the largest restricted likelihood (Patterson and Thompson,
Biometrika 58(3), 1971).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

PRIOR_SAMPLES = 20.0
"""Weight of the common spread within roads against a class's own, in samples."""
FEWEST_ROADS = 3


class MeasuredError(ValueError):
    """Measurements that cannot tell what is asked of them."""


@dataclass(frozen=True)
class Calibration:
    """What was learnt of each class.

    bias: measured less predicted, to be added to a prediction [dB]; doubt: its standard error; spread: of single places around
    a road's mean; road: of roads around their class's mean [dB]; samples, roads: of each class; degrees: of freedom, of all
    roads. All but road and degrees of shape (classes,).
    """

    bias: _Floats
    doubt: _Floats
    spread: _Floats
    road: float
    samples: _Ints
    roads: _Ints
    degrees: float

    def deviation(self, kind: ArrayLike) -> _Floats:
        """Return the standard deviation of a single place on a road nobody drove [dB]."""
        k = np.asarray(kind)
        return np.asarray(np.sqrt(self.doubt[k] ** 2 + self.road**2 + self.spread[k] ** 2))

    def interval(self, level: ArrayLike, kind: ArrayLike, share: float = 0.9) -> tuple[_Floats, _Floats]:
        """Return the ends between which a measured level lies with a probability, given the predicted one [dBm]."""
        from scipy.stats import t

        middle = np.asarray(level, float) + self.bias[np.asarray(kind)]
        half = float(t.ppf(0.5 + 0.5 * share, self.degrees)) * self.deviation(kind)
        return middle - half, middle + half

    def chance(self, level: ArrayLike, kind: ArrayLike, threshold: float) -> _Floats:
        """Return the probability that a place where ``level`` is predicted measures at least ``threshold`` [dBm]."""
        from scipy.stats import t

        middle = np.asarray(level, float) + self.bias[np.asarray(kind)]
        return np.asarray(t.cdf((middle - threshold) / self.deviation(kind), self.degrees))


def calibrate(difference: ArrayLike, kind: ArrayLike, road: ArrayLike, kinds: int) -> Calibration:
    """Return what measurements say.

    Parameters
    ----------
    difference
        Measured less predicted level of each sample [dB].
    kind
        Class of each sample, 0 to kinds - 1.
    road
        Number of the road of each sample.
    kinds
        How many classes there are; those without samples have the common mean, and its doubt.

    Raises
    ------
    MeasuredError
        Where there are too few roads, or a difference is no number.
    """
    e, k = np.asarray(difference, float), np.asarray(kind, np.int64)
    _, r = np.unique(np.asarray(road), return_inverse=True)
    if e.size == 0 or not np.isfinite(e).all():
        raise MeasuredError("measurements: no sample, or a difference that is no number")
    count = int(r.max()) + 1
    if count < FEWEST_ROADS:
        raise MeasuredError(
            f"measurements: {count} roads; at least {FEWEST_ROADS} are needed to tell what differs from road to road"
        )
    number = np.zeros((count, kinds))
    total = np.zeros((count, kinds))
    np.add.at(number, (r, k), 1.0)
    np.add.at(total, (r, k), e)
    squares = float(e @ e)
    road_sd, kind_sd, within = _spreads(number, total, squares, float(e.std()) or 1.0)
    mean, cover, _ = _posterior(number, total, road_sd, kind_sd, within)
    shift = _roads(number, total, mean, road_sd, within)
    left = e - mean[k] - shift[r]
    samples = np.bincount(k, minlength=kinds)
    # A road's own effect is fitted away with its samples.
    freedom = e.size / max(e.size - count, 1)
    own = np.bincount(k, left**2, kinds) * freedom
    spread = np.sqrt((PRIOR_SAMPLES * within**2 + own) / (PRIOR_SAMPLES + samples))
    return Calibration(
        mean, np.sqrt(np.diag(cover)), spread, road_sd, samples, (number > 0).sum(0), float(count - 1)
    )


def _posterior(
    number: _Floats, total: _Floats, road_sd: float, kind_sd: float, within: float
) -> tuple[_Floats, _Floats, float]:
    """Return mean and covariance of the classes' effects, and twice the negative restricted log likelihood without squares."""
    kinds = number.shape[1]
    size = number.sum(1)
    # (within^2 I + road_sd^2 11')^-1 of a road's samples, seen through the classes they belong to.
    pull = road_sd**2 / (within**2 + road_sd**2 * size)
    precision = (np.diag(number.sum(0)) - (number * pull[:, None]).T @ number) / within**2
    score = (total.sum(0) - number.T @ (pull * total.sum(1))) / within**2
    # The common mean is flat, so only departures from it cost anything.
    departures = (np.eye(kinds) - np.full((kinds, kinds), 1.0 / kinds)) / kind_sd**2
    posterior = precision + departures
    cover = np.linalg.inv(posterior)
    mean = cover @ score
    determinant = (size - 1.0) @ np.full(size.size, 2.0 * math.log(within)) + float(
        np.log(within**2 + road_sd**2 * size).sum()
    )
    quadratic = -float((pull * total.sum(1) ** 2).sum()) / within**2 - float(score @ mean)
    minus_two = (
        determinant + quadratic + float(np.linalg.slogdet(posterior)[1]) + 2.0 * (kinds - 1) * math.log(kind_sd)
    )  # fmt: skip
    return mean, cover, minus_two


def _spreads(number: _Floats, total: _Floats, squares: float, scale: float) -> tuple[float, float, float]:
    """Return the spreads of roads, of classes and within roads of the largest restricted likelihood [dB]."""
    from scipy.optimize import minimize

    def cost(logs: _Floats) -> float:
        road_sd, kind_sd, within = np.exp(np.clip(logs, math.log(scale) - 7.0, math.log(scale) + 3.0))
        return float(_posterior(number, total, road_sd, kind_sd, within)[2] + squares / within**2)

    start = np.log(np.array([0.4, 0.6, 0.8]) * scale)
    found = minimize(
        cost, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 2000}
    )
    road_sd, kind_sd, within = (
        float(x) for x in np.exp(np.clip(found.x, math.log(scale) - 7.0, math.log(scale) + 3.0))
    )
    return road_sd, kind_sd, within


def _roads(number: _Floats, total: _Floats, mean: _Floats, road_sd: float, within: float) -> _Floats:
    """Return the shrunken effect of each road."""
    left = total.sum(1) - number @ mean
    return np.asarray(road_sd**2 * left / (within**2 + road_sd**2 * number.sum(1)))
