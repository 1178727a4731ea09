"""Bias and spread from roads: against a dense computation, known truth, and roads that were left out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from lumbung.connectivity.engine.measured import Calibration, MeasuredError, _posterior, calibrate

BIAS = np.array([4.0, -3.0, -11.0])


def driven(
    seed: int, roads: int, each: int = 40, road_sd: float = 3.0, within: float = 5.0
) -> tuple[np.ndarray, ...]:
    """Samples of GENERATED roads, each through one to three classes."""
    rng = np.random.default_rng(seed)
    road = np.repeat(np.arange(roads), each)
    favourite = rng.integers(0, 3, roads)
    kind = np.where(rng.random(road.size) < 0.7, favourite[road], rng.integers(0, 3, road.size))
    shift = road_sd * rng.standard_normal(roads)
    return BIAS[kind] + shift[road] + within * rng.standard_normal(road.size), kind, road


def test_the_likelihood_is_that_of_the_whole_covariance() -> None:
    e, kind, road = driven(3, 5, 8)
    road_sd, kind_sd, within = 2.0, 50.0, 4.0
    number, total = np.zeros((5, 3)), np.zeros((5, 3))
    np.add.at(number, (road, kind), 1.0)
    np.add.at(total, (road, kind), e)

    def ours(*spreads: float) -> float:
        return _posterior(number, total, *spreads)[2] + float(e @ e) / spreads[2] ** 2

    def dense(a: float, b: float, c: float) -> float:
        same_road, same_kind = road[:, None] == road[None, :], kind[:, None] == kind[None, :]
        # A flat common mean is one with a huge variance.
        cover = c**2 * np.eye(e.size) + a**2 * same_road + b**2 * same_kind + 1e6
        return -2.0 * float(multivariate_normal(np.zeros(e.size), cover).logpdf(e))

    first, second = (2.0, 3.0, 4.0), (1.0, 5.0, 6.0)
    assert ours(*first) - ours(*second) == pytest.approx(dense(*first) - dense(*second), abs=1e-3)
    mean, cover, _ = _posterior(number, total, road_sd, kind_sd, within)
    assert mean.shape == (3,) and (np.linalg.eigvalsh(cover) > 0.0).all()


def test_what_was_put_in_comes_out() -> None:
    found = calibrate(*driven(1, 150), 3)
    assert (np.abs(found.bias - BIAS) < 3.0 * found.doubt).all()
    assert found.road == pytest.approx(3.0, abs=0.5)
    assert found.spread == pytest.approx([5.0] * 3, abs=0.3)


@pytest.mark.parametrize("roads", [12, 40])
def test_intervals_hold_on_roads_left_out_and_the_error_falls(roads: int) -> None:
    inside, before, after = [], 0.0, 0.0
    for seed in range(24):
        found = calibrate(*driven(seed, roads), 3)
        e, kind, _ = driven(10_000 + seed, 30, 10)
        low, high = found.interval(np.zeros(e.size), kind)
        inside.append(((e >= low) & (e <= high)).mean())
        before += float((e**2).mean())
        after += float(((e - found.bias[kind]) ** 2).mean())
    assert 0.87 <= np.mean(inside) <= 0.93
    assert np.sqrt(after / before) <= 0.7


def test_a_class_with_little_evidence_is_drawn_to_the_others() -> None:
    e, kind, road = driven(5, 40)
    keep = (kind != 2) | (road == road[kind == 2][0])
    e, kind, road = e[keep], kind[keep], road[keep]
    few = calibrate(e, kind, road, 4)
    number, total = np.zeros((40, 4)), np.zeros((40, 4))
    np.add.at(number, (road, kind), 1.0)
    np.add.at(total, (road, kind), e)
    alone = _posterior(number, total, few.road, 1e4, float(few.spread.mean()))[0]
    centre = few.bias[:2].mean()
    assert abs(few.bias[2] - centre) < abs(alone[2] - centre)
    assert few.bias[0] == pytest.approx(alone[0], abs=0.3)
    assert few.doubt[2] > few.doubt[0]
    # Nobody drove in the last class: it has the mean of all, and more doubt than any.
    assert few.samples[3] == 0 and few.doubt[3] == few.doubt.max()


def test_a_thousand_samples_of_one_road_are_not_a_thousand() -> None:
    once = calibrate(*driven(7, 20, 20), 3)
    often = calibrate(*driven(7, 20, 400), 3)
    assert often.doubt.min() > 0.4 * once.doubt.min()
    assert often.doubt.min() > 3.0 / np.sqrt(20) * 0.5


def test_chance_and_interval_agree() -> None:
    found = Calibration(
        np.array([2.0]), np.array([1.0]), np.array([4.0]), 3.0, np.array([100]), np.array([10]), 9.0
    )
    low, high = found.interval(-100.0, 0, 0.8)
    assert float(found.chance(-100.0, 0, float(low))) == pytest.approx(0.9)
    assert float(found.chance(-100.0, 0, float(high))) == pytest.approx(0.1)
    assert float(found.chance(-100.0, 0, -98.0)) == pytest.approx(0.5)


def test_what_cannot_tell_is_refused() -> None:
    with pytest.raises(MeasuredError, match="2 roads; at least 3"):
        calibrate([1.0, 2.0], [0, 0], [0, 1], 1)
    with pytest.raises(MeasuredError, match="no sample"):
        calibrate([np.nan, 2.0], [0, 0], [0, 1], 1)
