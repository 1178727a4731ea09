"""Intervals of a mean over cases: how sure it is, from few cases, skewed, tied or bounded figures.

Student's interval is right for figures that are spread evenly about their mean. Most of ours are not: a delay has a
long tail on one side, a share cannot pass 1, and an accuracy near 1 can only err downwards. Three tools replace it:

- **Skewness** is taken out by a monotone transformation of Student's statistic, whose quantiles are then Student's
  (Hall 1992). Nothing is resampled, so the same evidence gives the same interval without a seed.
- **Bounds** on both sides turn the mean into a share of their width. Its interval is Wilson's for as many tosses of a
  coin as would leave the spread that was seen (the effective sample size; Korn and Graubard 1998, Dean and Pagano 2015).
  It never leaves the bounds, and figures that are all 0 or 1 get Wilson's own interval.
- **Too few cases** are said to be too few. Whether they are is decided by their number and by how many of them are
  tied, never by how calm they look: a sample that has missed the tail looks calm.

Aggregates hold no skewness. Where a metric is bounded on one side it is taken from a gamma distribution with the same
mean and deviation above that bound (twice the coefficient of variation).

``benchmarks/proving_coverage.py`` shows how often these intervals hold the truth.

Sources
-------
- P. Hall, "On the removal of skewness by transformation", JRSS B 54 (1992), 221-228, equation (2.3).
- E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212.
- E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number of positive counts
  estimated from survey data", Survey Methodology 24 (1998), 193-201: effective sample size, Student's quantile.
- N. Dean and M. Pagano, "Evaluating confidence interval methods for binomial proportions in clustered surveys",
  Journal of Survey Statistics and Methodology 3 (2015), 484-503: Wilson's interval with that size.
- F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2 (1946).
- L. Kish, Survey Sampling (1965), section 11.7: the effective size of a weighted mean.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

from lumbung.proving.measure import Bounds

Floats = NDArray[np.float64]

# Fewer cases than this tell nothing of a metric's spread that could be relied on, whatever they look like.
FEWEST = 6
# Of means alone, skewness is guessed from a bound on one side, or not at all: it takes more cases to bear that.
FEWEST_GUESSED = 12
FEWEST_UNSEEN = 50
# Where a quarter of the cases or more share one figure, so many others are needed: they are what the spread is made of.
# Within bounds, whose interval bears ties better, where half do.
TIED, TIED_WITHIN = 0.25, 0.5
FEWEST_OTHERS = 15
# An error of the mean below this part of the mean is lost in its last digits: it is none.
ROUNDING = 1e-15


class Part(msgspec.Struct, frozen=True):
    """What is known of the cases of one stratum, for several solutions at once.

    Attributes
    ----------
    weight : float
        Its share of the mean over strata.
    cases : int
    mean, variance, third : ndarray, shape (solutions,)
        Mean, variance (n - 1), and third central moment (unbiased), on the scale that is averaged; `third` is NaN where
        it is not known.
    tied : ndarray of int, shape (solutions,)
        How many cases share the most common figure; 0 where it is not known.
    binary : ndarray of bool, shape (solutions,)
        Whether every case lies on one of the bounds.
    """

    weight: float
    cases: int
    mean: Floats
    variance: Floats
    third: Floats
    tied: NDArray[np.int64]
    binary: NDArray[np.bool_]


class Intervals(msgspec.Struct, frozen=True):
    """Intervals of the means of several solutions.

    Attributes
    ----------
    low, high : ndarray, shape (solutions,)
        NaN where nothing can be said.
    few : ndarray of bool, shape (solutions,)
        Whether there are too few cases to tell: an interval then stands only where bounds on both sides hold it.
    """

    low: Floats
    high: Floats
    few: NDArray[np.bool_]


def part_of_cases(values: Floats, weight: float, bounds: Bounds) -> Part:
    """Describe single cases.

    Parameters
    ----------
    values : ndarray, shape (solutions, cases)
    weight : float
    bounds : (float or None, float or None)
        On the same scale.
    """
    cases = values.shape[1]
    mean = values.mean(axis=1)
    off = values - mean[:, None]
    # Rounding leaves equal figures a hair apart: they are no spread.
    off[np.abs(off) <= 1e-12 * np.maximum(np.abs(mean), 1e-300)[:, None]] = 0.0
    variance = (off**2).sum(axis=1) / max(cases - 1, 1)
    third = (off**3).sum(axis=1) * (cases / ((cases - 1) * (cases - 2)) if cases > 2 else 0.0)
    ends = [end for end in bounds if end is not None]
    binary = np.zeros(len(values), dtype=np.bool_)
    if len(ends) == 2:
        binary |= np.isin(values, ends).all(axis=1)
    return Part(weight, cases, mean, variance, third, _most_common(values), binary)


def part_of_means(mean: Floats, deviation: Floats, cases: int, weight: float) -> Part:
    """Describe an aggregate, of which only mean and deviation left the node; shapes (solutions,)."""
    unknown = np.full(len(mean), np.nan)
    none = np.zeros(len(mean), dtype=np.int64)
    return Part(weight, cases, mean, deviation**2, unknown, none, np.zeros(len(mean), dtype=bool))


def intervals_of_mean(parts: Sequence[Part], bounds: Bounds, confidence: float) -> Intervals:
    """Return the interval of the weighted mean over strata, for every solution.

    Parameters
    ----------
    parts : sequence of Part
        Independent strata; their weights sum to 1.
    bounds : (float or None, float or None)
        Of every case, on the scale that is averaged.
    confidence : float

    Returns
    -------
    Intervals
    """
    mean = np.sum([part.weight * part.mean for part in parts], axis=0)
    shares = [part.weight**2 * part.variance / part.cases for part in parts]
    variance = np.sum(shares, axis=0)
    variance = np.where(np.sqrt(variance) > ROUNDING * np.abs(mean), variance, 0.0)
    quantile = np.array(
        [student_quantile((1 + confidence) / 2, v) for v in _freedom(parts, shares, variance)]
    )
    low_end, high_end = bounds
    # Groups of one case are a stratum together; a stratum of one case is all there is, and shows no spread.
    few = np.full(len(mean), sum(part.cases for part in parts) < FEWEST) | (variance <= 0)
    if low_end is not None and high_end is not None:
        low, high = _within_bounds(parts, mean, variance, quantile, (low_end, high_end), confidence)
        binary = np.all([part.binary for part in parts], axis=0)
        enough = sum(part.cases for part in parts) >= FEWEST
        return Intervals(low, high, (few | _hidden_by_ties(parts, TIED_WITHIN)) & ~(binary & enough))
    few |= _hidden_by_ties(parts, TIED) | _hidden_skewness(parts, bounds)
    low, high = _skewness_removed(mean, np.sqrt(variance), _skewness(parts, bounds, variance), quantile)
    low = low if low_end is None else np.maximum(low, low_end)
    high = high if high_end is None else np.minimum(high, high_end)
    return Intervals(np.where(few, np.nan, low), np.where(few, np.nan, high), few)


def _freedom(parts: Sequence[Part], shares: Sequence[Floats], variance: Floats) -> Floats:
    """Degrees of freedom of a sum of variances (Satterthwaite), never more than the strata have together."""
    most = sum(part.cases - 1 for part in parts)
    # Each as a share of the whole: the square of a variance may be larger than any number.
    whole = np.where(variance > 0, variance, 1.0)
    lost = np.sum(
        [(s / whole) ** 2 / max(part.cases - 1, 1) for part, s in zip(parts, shares, strict=True)], axis=0
    )
    with np.errstate(divide="ignore"):
        found = np.where(lost > 0, 1 / lost, most)
    return np.clip(found, 1, max(most, 1))


def _within_bounds(
    parts: Sequence[Part], mean: Floats, variance: Floats, quantile: Floats, bounds: tuple[float, float],
    confidence: float,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Wilson's interval for the effective number of cases, on the scale between the bounds."""
    low_end, high_end = bounds
    width = high_end - low_end
    share = np.clip((mean - low_end) / width, 0.0, 1.0)
    # Figures on the bounds alone are tosses of a coin: their spread follows from the mean, and Student has no say.
    tossed = np.all([part.binary for part in parts], axis=0)
    spread = (variance if len(parts) > 1 else np.where(tossed, 0.0, variance)) / width**2
    # Without any spread the widest that the bounds allow is assumed.
    kish = 1 / sum(part.weight**2 / part.cases for part in parts)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(spread > 0, share * (1 - share) / spread, kish)
    z = np.where(tossed | (spread <= 0), NormalDist().inv_cdf((1 + confidence) / 2), quantile)
    scale = 1 + z**2 / effective
    middle = (share + z**2 / (2 * effective)) / scale
    half = z / scale * np.sqrt(share * (1 - share) / effective + z**2 / (4 * effective**2))
    return (
        low_end + width * np.clip(middle - half, 0.0, 1.0),
        low_end + width * np.clip(middle + half, 0.0, 1.0),
    )


def _skewness(parts: Sequence[Part], bounds: Bounds, variance: Floats) -> Floats:
    """Skewness of the mean: third cumulants add like variances."""
    third = np.sum([part.weight**3 * _third(part, bounds) / part.cases**2 for part in parts], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > 0, third / variance**1.5, 0.0)


def _third(part: Part, bounds: Bounds) -> Floats:
    low_end, high_end = bounds
    if low_end is None and high_end is None:
        return np.nan_to_num(part.third)
    above = part.mean - low_end if low_end is not None else part.mean - float(high_end or 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        assumed = np.where(above != 0, 2 * part.variance * (part.variance / above), 0.0)
    return np.where(np.isnan(part.third), assumed, part.third)


def _skewness_removed(
    mean: Floats, error: Floats, skewness: Floats, quantile: Floats
) -> tuple[Floats, Floats]:
    """Invert Hall's transformation of (mean - truth) / error at both quantiles."""

    def statistic(q: Floats) -> Floats:
        flat = np.abs(skewness) < 1e-6
        c = np.where(flat, 1.0, skewness)
        return np.where(flat, q, 3 / c * (np.cbrt(1 + c * (q - c / 6)) - 1))

    return mean - statistic(quantile) * error, mean - statistic(-quantile) * error


def _hidden_by_ties(parts: Sequence[Part], share: float) -> NDArray[np.bool_]:
    tied = 1 + np.sum([part.tied - 1 for part in parts], axis=0)
    cases = sum(part.cases for part in parts)
    others = cases - tied
    hidden: NDArray[np.bool_] = (tied >= max(3, share * cases)) & (others < FEWEST_OTHERS)
    return hidden


def _hidden_skewness(parts: Sequence[Part], bounds: Bounds) -> NDArray[np.bool_]:
    unseen = np.any([np.isnan(part.third) for part in parts], axis=0)
    cases = sum(part.cases for part in parts)
    hidden: NDArray[np.bool_] = unseen & (
        cases < (FEWEST_UNSEEN if bounds == (None, None) else FEWEST_GUESSED)
    )
    return hidden


def _most_common(values: Floats) -> NDArray[np.int64]:
    """Count, in each row, the cases that share the most common figure."""
    ordered = np.sort(values, axis=1)
    most = np.ones(len(values), dtype=np.int64)
    run = np.ones(len(values), dtype=np.int64)
    for column in range(1, values.shape[1]):
        run = np.where(ordered[:, column] == ordered[:, column - 1], run + 1, 1)
        most = np.maximum(most, run)
    return most


@functools.lru_cache(maxsize=4096)
def student_quantile(p: float, freedom: float) -> float:
    """Return the quantile of Student's t for any probability and any degrees of freedom from 1 on.

    Found by bisection of the distribution's finite series (Abramowitz & Stegun 26.7.3 and 26.7.4) for whole degrees of
    freedom, and its logarithm straight in their reciprocal between (within 1 % from 2 on, and to the safe side); from 200 on by A&S 26.7.5, whose error there is below 1e-9.
    """
    if p < 0.5:
        return -student_quantile(1 - p, freedom)
    if freedom >= 200:
        return _expanded_quantile(p, freedom)
    below = int(freedom)
    if below == freedom:
        return _whole_quantile(p, below)
    part = (1 / below - 1 / freedom) / (1 / below - 1 / (below + 1))
    ends = _whole_quantile(p, below), _whole_quantile(p, below + 1)
    return math.exp((1 - part) * math.log(ends[0]) + part * math.log(ends[1])) if p > 0.5 else 0.0


@functools.lru_cache(maxsize=4096)
def _whole_quantile(p: float, freedom: int) -> float:
    low, high = 0.0, math.pi / 2  # of the angle whose tangent is t over the root of the degrees of freedom
    for _ in range(80):
        angle = (low + high) / 2
        low, high = (angle, high) if _beyond(angle, freedom) > 2 * (1 - p) else (low, angle)
    return math.tan((low + high) / 2) * math.sqrt(freedom)


def _beyond(angle: float, freedom: int) -> float:
    """Probability that Student's t lies farther from 0, on either side, than the angle says."""
    cosine, sine = math.cos(angle), math.sin(angle)
    term = cosine if freedom % 2 else 1.0
    total = 0.0
    for k in range(freedom % 2 + 1, freedom, 2):
        total += term
        term *= cosine**2 * k / (k + 1)
    if freedom % 2 == 0:
        return 1 - sine * total
    return 1 - 2 / math.pi * (angle + sine * total)


def _expanded_quantile(p: float, freedom: float) -> float:
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / freedom**power for power, term in enumerate(terms, start=1))
