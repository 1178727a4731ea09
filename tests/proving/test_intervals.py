"""Intervals of a mean: peers' figures, exact small cases, properties, and how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from lumbung.proving.intervals import (
    FEWEST,
    FEWEST_GUESSED,
    FEWEST_OTHERS,
    FEWEST_UNSEEN,
    Intervals,
    intervals_of_mean,
    part_of_cases,
    part_of_means,
    student_quantile,
)  # fmt: skip
from lumbung.proving.measure import Bounds

SHARE: Bounds = (0.0, 1.0)
FREE: Bounds = (None, None)


def interval(values: object, bounds: Bounds = FREE, confidence: float = 0.95) -> Intervals:
    """Interval of one group of cases, a row for each solution."""
    return intervals_of_mean(
        [part_of_cases(np.atleast_2d(values).astype(float), 1.0, bounds)], bounds, confidence
    )


def ends(found: Intervals) -> list[float]:
    return [float(found.low[0]), float(found.high[0])]


@pytest.mark.parametrize("right", [0, 1, 7, 10, 29, 30])
def test_right_or_wrong_gets_wilsons_interval(right: int) -> None:
    cases = 10 if right <= 10 else 30
    found = interval([1.0] * right + [0.0] * (cases - right), SHARE)
    peer = stats.binomtest(right, cases).proportion_ci(method="wilson")
    assert ends(found) == pytest.approx([peer.low, peer.high]) and not found.few[0]


def test_percent_are_shares_times_a_hundred() -> None:
    share, percent = interval([0.9, 0.2, 0.65], SHARE), interval([90, 20, 65], (0.0, 100.0))
    assert ends(percent) == pytest.approx([100 * end for end in ends(share)])


def test_wilsons_interval_of_shares_by_hand() -> None:
    """0.9, 0.2, 0.65: mean 0.583, variance 0.1258, so that 5.79 tosses would spread as much; t of 2 is 4.303."""
    effective = 0.583333 * 0.416667 / (0.1258333 / 3)
    t = 4.302653
    middle = (0.583333 + t**2 / (2 * effective)) / (1 + t**2 / effective)
    half = t / (1 + t**2 / effective) * np.sqrt(0.583333 * 0.416667 / effective + t**2 / (4 * effective**2))
    assert ends(interval([0.9, 0.2, 0.65], SHARE)) == pytest.approx([middle - half, middle + half], abs=1e-5)


def test_figures_spread_evenly_get_students_interval() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    peer = stats.t.interval(0.9, 6, values.mean(), stats.sem(values))
    assert ends(interval(values, confidence=0.9)) == pytest.approx(peer)


def test_groups_of_unlike_spread_get_welchs_degrees_of_freedom() -> None:
    one, other = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([-90.0, -30.0, 0.0, 30.0, 90.0])
    parts = [part_of_cases(values[None, :], 0.5, FREE) for values in (one, -other)]
    found = ends(intervals_of_mean(parts, FREE, 0.95))
    peer = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert found[1] - found[0] == pytest.approx((peer.high - peer.low) / 2, rel=0.01)


def test_a_long_tail_stretches_the_interval_to_its_side() -> None:
    tail = [1.0, 1.1, 1.2, 1.3, 1.5, 1.8, 2.4, 4.0, 9.0, 1.05]
    low, high = ends(interval(tail))
    mean = float(np.mean(tail))
    assert high - mean > 1.5 * (mean - low) > 0


def test_halls_transformation_is_inverted() -> None:
    """Both ends, put back into the transformation of Student's statistic, give Student's quantiles."""
    values = np.array([1.0, 1.1, 1.2, 1.3, 1.5, 1.8, 2.4, 4.0, 9.0, 1.05])
    n, error = values.size, stats.sem(values)
    skewness = stats.skew(values, bias=False) * (n - 1) ** 0 / np.sqrt(n)
    for end, quantile in zip(
        ends(interval(values)), (stats.t.ppf(0.975, n - 1), stats.t.ppf(0.025, n - 1)), strict=True
    ):
        student = (values.mean() - end) / error
        transformed = student + skewness * student**2 / 3 + skewness**2 * student**3 / 27 + skewness / 6
        assert transformed == pytest.approx(quantile)


def test_too_few_cases() -> None:
    rng = np.random.default_rng(1)
    for cases in (2, FEWEST - 1, FEWEST):
        found = interval(rng.normal(0, 1, cases))
        assert bool(found.few[0]) is (cases < FEWEST) is bool(np.isnan(found.low[0]))
    found = interval([0.5, 0.9, 0.7], SHARE)
    assert found.few[0] and not np.isnan(found.low[0]), (
        "bounds hold an interval, but it is said to be of few cases"
    )


def test_no_spread_tells_nothing_but_what_the_bounds_allow() -> None:
    same = interval([3.0] * 40)
    assert same.few[0] and np.isnan(same.low[0])
    inside = interval([0.58] * 12, SHARE)
    assert inside.few[0] and ends(inside) == pytest.approx(
        ends(interval([1.0] * 7 + [0.0] * 5, SHARE)), abs=0.02
    ), "as wide as of twelve tosses of a coin"


def test_rounding_is_no_spread() -> None:
    third = 0.1 + 0.2
    assert interval([third, 0.3, third, 0.3, third, 0.3, 0.3]).few[0]


def test_ties_count_as_what_they_are() -> None:
    for others, told in ((FEWEST_OTHERS - 1, False), (FEWEST_OTHERS, True)):
        values = [0.0] * 20 + [1.0 + k for k in range(others)]
        assert bool(interval(values).few[0]) is not told
    assert not interval([0.0] * 9 + [1.0 + k / 7 for k in range(40)]).few[0], "a fifth of all: no matter"


def test_means_alone_hide_skewness_unless_a_bound_shows_it() -> None:
    def of_means(cases: int, bounds: Bounds) -> Intervals:
        part = part_of_means(np.array([2.0]), np.array([2.0]), cases, 1.0)
        return intervals_of_mean([part], bounds, 0.95)

    assert (
        of_means(FEWEST_GUESSED - 1, (0.0, None)).few[0] and not of_means(FEWEST_GUESSED, (0.0, None)).few[0]
    )
    assert of_means(FEWEST_UNSEEN - 1, FREE).few[0] and not of_means(FEWEST_UNSEEN, FREE).few[0]
    low, high = ends(of_means(20, (0.0, None)))
    assert high - 2 > 1.3 * (2 - low), "a deviation as large as the mean above its bound has a tail"
    mirrored = intervals_of_mean(
        [part_of_means(np.array([-2.0]), np.array([2.0]), 20, 1.0)], (None, 0.0), 0.95
    )
    assert ends(mirrored) == pytest.approx([-high, -low])


@settings(max_examples=200, deadline=None)
@example(values=[0.0, 1.18e-38, 0.0, 1.0], groups=3, confidence=0.8)
@given(
    values=st.lists(st.floats(0, 1), min_size=1, max_size=40),
    groups=st.integers(1, 3),
    confidence=st.sampled_from([0.8, 0.95, 0.999]),
)
def test_a_share_has_an_interval_within_its_bounds_and_around_its_mean(
    values: list[float], groups: int, confidence: float
) -> None:
    split = [part for part in np.array_split(np.array(values), groups) if part.size]
    parts = [part_of_cases(part[None, :], 1 / len(split), SHARE) for part in split]
    low, high = ends(intervals_of_mean(parts, SHARE, confidence))
    mean = float(np.mean([part.mean() for part in split]))
    assert 0 <= low <= mean + 1e-9 and mean - 1e-9 <= high <= 1 and high > low


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=8, max_size=30), st.floats(0.1, 10), st.floats(-100, 100))
def test_a_change_of_unit_changes_the_unit_alone(values: list[float], scale: float, shift: float) -> None:
    array = np.round(np.array(values), 3)
    here, there = interval(array), interval(-(array * scale + shift))
    if not (here.few[0] or there.few[0]):
        expected = [-(end * scale + shift) for end in reversed(ends(here))]
        assert ends(there) == pytest.approx(expected, rel=1e-6, abs=1e-6 * scale)


def test_one_bound_cuts_what_lies_beyond_it() -> None:
    values = np.random.default_rng(3).exponential(1.0, (400, 6)) ** 3
    free, held = interval(values), interval(values, (0.0, None))
    assert (free.low < 0).any()
    told = ~held.few
    assert np.array_equal(held.low[told], np.maximum(free.low[told], 0.0))
    assert np.array_equal(held.high[told], free.high[told])


@pytest.mark.parametrize("cases", [10, 30])
def test_skewed_figures_are_covered_where_students_interval_is_not(cases: int) -> None:
    """The whole study is benchmarks/proving_coverage.py; this is its exponential row, 10,000 repetitions."""
    values = np.random.default_rng(4).exponential(1.0, (10_000, cases))
    found = interval(values)
    held = ((found.low <= 1) & (found.high >= 1)).mean()
    plain = stats.t.interval(0.95, cases - 1, values.mean(axis=1), stats.sem(values, axis=1))
    assert 0.93 <= held <= 0.97 and ((plain[0] <= 1) & (plain[1] >= 1)).mean() < 0.935


@pytest.mark.parametrize("cases", [10, 300])
def test_right_or_wrong_is_covered_on_average_over_chances(cases: int) -> None:
    rng = np.random.default_rng(5)
    chance = rng.random(10_000)
    found = interval(rng.random((10_000, cases)) < chance[:, None], SHARE)
    assert 0.93 <= ((found.low <= chance) & (chance <= found.high)).mean() <= 0.97


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 30, 199, 200, 1000])
def test_student_quantiles_against_scipy(freedom: int) -> None:
    for p in (0.5, 0.6, 0.975, 0.9999, 0.025):
        assert student_quantile(p, freedom) == pytest.approx(stats.t.ppf(p, freedom), rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("freedom", [2.3, 5.5, 12.7])
def test_between_whole_degrees_of_freedom_the_quantile_is_near_and_not_below(freedom: float) -> None:
    peer = stats.t.ppf(0.975, freedom)
    assert peer <= student_quantile(0.975, freedom) < 1.005 * peer
