"""Generated people: the interval holds the truth as often as it says, and exposure stays within its limit."""

from __future__ import annotations

import numpy as np
import pytest

from lumbung.talent.adaptive.exposure import ExposureError, sympson_hetter
from lumbung.talent.adaptive.generated import generated_pool
from lumbung.talent.adaptive.simulation import simulate
from lumbung.talent.adaptive.stopping import StoppingRule
from lumbung.talent.security.item_exposure import exposure


def test_intervals_hold_the_truth() -> None:
    tests = simulate(generated_pool(240), np.random.default_rng(1).normal(size=10_000))
    assert 0.93 <= tests.covered <= 0.97
    assert abs(tests.bias) < 0.02
    assert (tests.standard_error[tests.length < 40] <= 0.3).all()


def test_threads_give_the_same_tests() -> None:
    truth = np.random.default_rng(2).normal(size=500)
    one, two = (simulate(generated_pool(60), truth, threads=k) for k in (1, 2))
    assert (one.items == two.items).all()
    assert (one.theta == two.theta).all()


def test_sympson_hetter_holds_its_limit() -> None:
    pool = generated_pool(200)
    rule = StoppingRule(0.4, 5, 30)
    truth = np.random.default_rng(3).normal(size=5000)
    free = simulate(pool, truth, rule, candidates=1)
    held = simulate(
        sympson_hetter(pool, 0.25, rule, people=3000, rounds=8), truth, rule, candidates=1, seed=10**6
    )
    assert free.exposure(200).max() > 0.6
    assert (
        held.exposure(200).max() < 0.29
    )  # the limit and three standard errors of a share found by simulation
    assert 0.93 <= held.covered <= 0.97


def test_a_limit_below_even_use_is_refused() -> None:
    with pytest.raises(ExposureError, match="on average"):
        sympson_hetter(generated_pool(40), 0.1, people=200, rounds=1)


def test_exposure_of_a_small_case() -> None:
    """Three people: {0, 1}, {0, 2}, {0, 1}; pairs share 1, 2 and 1 items of 2."""
    found = exposure(np.array([[0, 1], [0, 2], [1, 0]]), 4, limit=0.9)
    assert found.rates == pytest.approx([1, 2 / 3, 1 / 3, 0])
    assert found.overlap == pytest.approx((1 + 2 + 1) / 3 / 2)
    assert found.unused == 1
    assert found.overexposed == (0,)
