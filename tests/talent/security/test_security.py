"""The watch over the test: right error rates where all is well, and found where something is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from lumbung.talent.adaptive.generated import generated_pool
from lumbung.talent.adaptive.simulation import simulate
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.security.drift import DriftError
from lumbung.talent.security.drift_records import item_drift
from lumbung.talent.security.person_fit import PersonFitError, person_fit
from lumbung.talent.security.response_times import ResponseTimeError, fit_times, time_fit
from lumbung.talent.security.retake import Attempt, RetakeError, RetakeRule, gain_z, may_retake

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def sixty_items(guessing: float) -> ItemParameters:
    rng = np.random.default_rng(0)
    a, b = rng.lognormal(0.2, 0.25, 60), rng.normal(0, 1.2, 60)
    return ItemParameters.logistic(a, b, guessing=np.full(60, guessing))


@pytest.mark.parametrize("method", ["map", "ml"])
@pytest.mark.parametrize("guessing", [0.0, 0.2])
def test_lz_star_is_standard_normal_where_lz_is_not(method: str, guessing: float) -> None:
    items = sixty_items(guessing)
    rng = np.random.default_rng(1)
    p = items.probabilities(rng.normal(size=8000))[1::2].T
    fit = person_fit(rng.random(p.shape) < p, items, method)
    assert np.nanstd(fit.lz) < 0.93
    assert 0.96 < np.nanstd(fit.lz_star) < 1.04
    assert 0.04 < np.nanmean(fit.lz_star < -1.645) < 0.06


def test_people_who_know_the_hard_items_only_are_found() -> None:
    items = sixty_items(0.0)
    rng = np.random.default_rng(2)
    p = items.probabilities(rng.normal(-1, 0.5, 500))[1::2].T
    answers = (rng.random(p.shape) < p).astype(int)
    answers[:, np.argsort(items.difficulties[:, 0])[-12:]] = 1
    assert person_fit(answers, items).flagged(0.01).mean() > 0.95


def test_person_fit_needs_three_right_wrong_answers() -> None:
    items = sixty_items(0.0)
    answers = np.full((1, 60), -1)
    answers[0, :2] = 1
    assert np.isnan(person_fit(answers, items).lz_star).all()
    graded = ItemParameters.graded([1.0, 1.0], [[1.0, -1.0]] * 2)
    with pytest.raises(PersonFitError, match="right/wrong"):
        person_fit([[0, 1]], graded)


def times(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    alpha, beta, tau = rng.uniform(1.5, 2.5, 30), rng.normal(3.5, 0.4, 30), rng.normal(0, 0.3, 4000)
    seconds = np.exp(beta - tau[:, None] + rng.normal(size=(4000, 30)) / alpha)
    seconds[rng.random(seconds.shape) < 0.3] = np.nan
    return seconds, alpha, beta, tau


def test_response_times_recover_their_model() -> None:
    seconds, alpha, beta, tau = times()
    model = fit_times(seconds)
    assert model.intensity == pytest.approx(beta, abs=0.05)
    assert model.precision == pytest.approx(alpha, abs=0.1)
    assert model.speed_sd == pytest.approx(0.3, abs=0.02)
    fit = time_fit(seconds, model)
    assert np.corrcoef(fit.speed, tau)[0, 1] > 0.9
    assert 0.04 < (fit.p_value < 0.05).mean() < 0.06


def test_rapid_guessing_is_found() -> None:
    seconds, *_ = times()
    model = fit_times(seconds)
    seconds[0, :20] = np.where(np.isnan(seconds[0, :20]), np.nan, 1.5)
    fit = time_fit(seconds, model)
    assert fit.flagged()[0]
    assert fit.effort[0] < 0.6
    assert fit.effort[1:].mean() > 0.99


@pytest.mark.parametrize("wrong", [0.0, -2.0, np.inf])
def test_impossible_times_are_named(wrong: float) -> None:
    with pytest.raises(ResponseTimeError, match="row 1, column 0"):
        fit_times([[1.0, 2.0], [wrong, 3.0]])


def test_drift_is_silent_without_and_loud_with_a_leak() -> None:
    pool = generated_pool(120)
    rng = np.random.default_rng(4)
    quiet = simulate(pool, rng.normal(size=6000), seed=7)
    found = item_drift(pool, quiet.items, quiet.answers, np.arange(6000) // 1000)
    assert 0.85 < np.nanstd(found.z) < 1.15
    assert found.alarmed.sum() <= 1
    leaked = int(np.argmax(quiet.exposure(120)))
    table = pool.items.table.copy()
    table[leaked, 1] += 1.0
    truth = replace(pool, items=replace(pool.items, table=table))
    loud = simulate(truth, rng.normal(size=3000), seed=7)
    found = item_drift(pool, loud.items, loud.answers, np.arange(3000) // 500)
    assert found.alarmed[leaked]
    assert found.change[leaked] > 0.08
    assert found.alarmed.sum() <= 2


def test_drift_needs_matching_records() -> None:
    with pytest.raises(DriftError, match="same shape"):
        item_drift(generated_pool(10), np.zeros((2, 3), int), np.zeros((2, 2), int))


def attempt(days_ago: float, theta: float = 0.0, items: tuple[str, ...] = ()) -> Attempt:
    start = NOW - timedelta(days=days_ago)
    return Attempt(start, start + timedelta(hours=1), theta, 0.3, items)


def test_retake_rules() -> None:
    assert may_retake([], NOW).reason == "first"
    soon = may_retake([attempt(10, items=("x",))], NOW)
    assert (soon.allowed, soon.reason) == (False, "wait")
    assert soon.earliest == NOW - timedelta(days=10) + timedelta(hours=1) + timedelta(days=30)
    free = may_retake([attempt(40, items=("x", "y"))], NOW)
    assert (free.allowed, free.hidden) == (True, ("x", "y"))
    third = [attempt(d) for d in (300, 200, 100)]
    blocked = may_retake(third, NOW)
    assert (blocked.allowed, blocked.reason) == (False, "year")
    assert blocked.earliest == third[0].started + timedelta(days=365)
    assert may_retake(third, blocked.earliest + timedelta(seconds=1)).allowed
    assert may_retake(third, NOW, RetakeRule(most_per_year=4)).allowed


@pytest.mark.parametrize(
    ("history", "said"),
    [
        ([Attempt(NOW - timedelta(days=1), NOW - timedelta(days=2), 0, 0.3)], "before it started"),
        ([attempt(-1)], "after now"),
        ([attempt(10), attempt(10 - 0.01)], "while the one before was open"),
        ([Attempt(datetime(2026, 1, 1), datetime(2026, 1, 1), 0, 0.3)], "time zone"),
    ],
)
def test_impossible_dates_are_named(history: list[Attempt], said: str) -> None:
    with pytest.raises(RetakeError, match=said):
        may_retake(history, NOW)


def test_gain_in_standard_errors() -> None:
    assert gain_z(attempt(90, 0.0), attempt(10, 0.9)) == pytest.approx(0.9 / (0.3 * np.sqrt(2)))
