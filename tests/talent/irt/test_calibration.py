"""Calibration recovers what made the answers, states its uncertainty rightly, and treats bad input as it says."""

from __future__ import annotations

import numpy as np
import pytest

from lumbung.talent import DenseAnswers, SparseAnswers, calibrate, score
from lumbung.talent.irt.calibration import CalibrationError
from lumbung.talent.irt.parameters import ItemParameterError, ItemParameters
from lumbung.talent.irt.responses import ResponseError


def right_wrong(items: ItemParameters, theta: np.ndarray, seed: int) -> np.ndarray:
    p = items.probabilities(theta)[1::2].T
    return (np.random.default_rng(seed).random(p.shape) < p).astype(np.int8)


def some_items(n: int, seed: int = 0) -> ItemParameters:
    rng = np.random.default_rng(seed)
    return ItemParameters.logistic(rng.lognormal(0, 0.25, n), rng.normal(0, 1, n))


@pytest.mark.parametrize("method", ["observed", "crossprod"])
def test_intervals_cover_the_truth(method: str) -> None:
    """20 data sets of 1,500 people: of 800 intervals at 95 %, between 93 and 97 % hold the true parameter."""
    items = some_items(20)
    inside = []
    for seed in range(20):
        theta = np.random.default_rng(1000 + seed).normal(size=1500)
        found = calibrate(right_wrong(items, theta, seed), "2pl", standard_errors=method)
        inside.append(np.abs(found.items.table - items.table) < 1.96 * found.standard_errors)
    assert 0.93 <= np.mean(inside) <= 0.97


def test_single_and_double_precision_agree() -> None:
    items = some_items(60)
    answers = right_wrong(items, np.random.default_rng(1).normal(size=20_000), 2)
    single = calibrate(answers, "2pl", precision="single", standard_errors="none", tolerance=1e-5)
    double = calibrate(answers, "2pl", precision="double", standard_errors="none", tolerance=1e-7)
    assert single.items.table == pytest.approx(double.items.table, abs=2e-4)
    assert single.log_likelihood == pytest.approx(double.log_likelihood, rel=1e-7)


def test_threads_give_the_same_bits() -> None:
    answers = right_wrong(some_items(24), np.random.default_rng(1).normal(size=70_000), 3)
    one, two = (calibrate(answers, "2pl", standard_errors="none", threads=k) for k in (1, 2))
    assert (one.items.table == two.items.table).all()
    assert one.log_likelihood == two.log_likelihood


def test_large_sets_go_through_thinned_fits() -> None:
    """200,000 people take the road of thinned fits and scoring steps; the result is that of plain EM."""
    items = some_items(30)
    answers = right_wrong(items, np.random.default_rng(5).normal(size=200_000), 6)
    packed = DenseAnswers.from_array(answers)
    fast = calibrate(packed, "2pl")
    start = calibrate(packed.thinned(5000), "2pl", standard_errors="none")
    plain = calibrate(packed, "2pl", start=start, standard_errors="none", precision="double")
    assert fast.iterations <= 6
    assert fast.items.table == pytest.approx(plain.items.table, abs=2e-4)
    assert np.abs((fast.items.table - items.table) / fast.standard_errors).max() < 4.5


def test_an_item_too_rare_for_the_thinned_fits_is_estimated_all_the_same() -> None:
    items = ItemParameters.logistic([*np.full(19, 1.2), 1.0], [*np.linspace(-1.5, 1.5, 19), -9.0])
    answers = right_wrong(items, np.random.default_rng(6).normal(size=200_000), 7)
    wrong = int((answers[:, 19] == 0).sum())
    assert 5 < wrong < 100
    found = calibrate(DenseAnswers.from_array(answers), "2pl")
    assert found.converged
    assert np.abs((found.items.table - items.table) / found.standard_errors).max() < 4.5


def test_sparse_and_dense_agree() -> None:
    items = some_items(40)
    rng = np.random.default_rng(7)
    answers = right_wrong(items, rng.normal(size=6000), 8)
    answers[rng.random(answers.shape) < 0.7] = -1
    dense = calibrate(DenseAnswers.from_array(answers), "2pl")
    sparse = calibrate(SparseAnswers.from_array(answers), "2pl")
    assert sparse.items.table == pytest.approx(dense.items.table, abs=1e-6)
    assert sparse.standard_errors == pytest.approx(dense.standard_errors, rel=1e-5)


def test_groups_get_their_own_ability_distribution() -> None:
    items = some_items(30)
    rng = np.random.default_rng(9)
    theta = np.concatenate([rng.normal(0, 1, 8000), rng.normal(0.6, 1.3, 8000)])
    found = calibrate(right_wrong(items, theta, 10), "2pl", groups=np.repeat(["id", "zh"], 8000))
    assert found.group_names == ("id", "zh")
    assert found.group_means[1] == pytest.approx(0.6, abs=0.06)
    assert found.group_sds[1] == pytest.approx(1.3, abs=0.06)
    assert np.mean(np.abs(found.items.table - items.table) < 1.96 * found.standard_errors) > 0.85


def test_graded_recovers_thresholds() -> None:
    items = ItemParameters.graded([1.0, 1.5, 0.8, 2.0, 1.2], [[1.5, 0, -1.5]] * 3 + [[1.0, -1.0, np.nan]] * 2)
    rng = np.random.default_rng(3)
    theta = rng.normal(size=8000)
    rows = items.probabilities(theta)
    answers = np.stack(
        [
            (rng.random(8000) > np.cumsum(rows[s : s + c], axis=0)).sum(axis=0)
            for s, c in zip(items.row_starts, items.categories, strict=False)
        ],
        axis=1,
    )
    found = calibrate(answers, "grm")
    gap = np.abs(found.items.intercepts - items.intercepts)
    assert np.nanmax(gap / found.standard_errors[:, 1:]) < 4
    assert np.abs(found.items.slopes - items.slopes).max() < 0.15


def test_three_parameters_with_and_without_prior() -> None:
    """Plain maximum likelihood ends above the prior's fit, not stuck at c = 0 below it."""
    rng = np.random.default_rng(5)
    a, b = rng.lognormal(0.2, 0.2, 12), rng.normal(size=12)
    items = ItemParameters.logistic(a, b, guessing=np.full(12, 0.2))
    answers = right_wrong(items, rng.normal(size=4000), 1)
    held = calibrate(answers, "3pl")
    free = calibrate(answers, "3pl", guessing_prior=None, standard_errors="none")
    assert held.converged
    assert free.log_likelihood > held.log_likelihood
    assert np.abs(held.items.guessing - 0.2).max() < 0.15
    assert np.mean(np.abs(held.items.table - items.table) < 1.96 * held.standard_errors) > 0.85


def test_item_all_got_right_is_left_out_and_said() -> None:
    answers = right_wrong(some_items(6), np.random.default_rng(0).normal(size=500), 1)
    with_easy = np.column_stack([answers, np.ones(500, dtype=int), np.full(500, -1)])
    names = [*"abcdef", "easy", "unseen"]
    found = calibrate(with_easy, "2pl", item_names=names)
    assert not found.items.known[6:].any()
    said = [str(problem) for problem in found.problems]
    assert any("item easy" in s and "same answer (1)" in s for s in said)
    assert any("item unseen" in s and "nobody" in s for s in said)
    assert found.items.table[:6] == pytest.approx(calibrate(answers, "2pl").items.table, abs=1e-5)


def test_person_with_one_answer_throughout_is_kept_and_said() -> None:
    answers = right_wrong(some_items(6), np.random.default_rng(0).normal(size=500), 1)
    answers[:3] = 1
    found = calibrate(answers, "2pl")
    assert found.n_persons == 500
    assert any("gave the same answer to every item" in str(problem) for problem in found.problems)
    assert np.isfinite(score(answers[:1], found.items, "eap").theta).all()
    assert np.isinf(score(answers[:1], found.items, "ml").standard_error).all()


def test_person_without_answers_is_left_out() -> None:
    answers = right_wrong(some_items(6), np.random.default_rng(0).normal(size=500), 1).astype(float)
    answers[7] = np.nan
    assert calibrate(answers, "2pl").n_persons == 499


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: calibrate([[0, 1], [1, 0.5]]), ResponseError, "row 1, column 1: found 0.5"),
        (
            lambda: calibrate([[0, 2], [1, 0], [1, 1]], "2pl"),
            CalibrationError,
            "right .1. and wrong .0. only",
        ),
        (lambda: calibrate([[0, 1], [1, 0]], "4pl"), CalibrationError, "choose one of 1pl"),
        (lambda: calibrate([[1, 1], [1, 1]]), CalibrationError, "nothing can be estimated"),
        (
            lambda: calibrate([[0, 1], [1, 0]], groups=["a", "a"], group_names=["a", "zh"]),
            ResponseError,
            "'zh' has no",
        ),
        (lambda: calibrate([[0, 1], [1, 0]], weights=[1, -2]), ResponseError, "weights"),
        (lambda: calibrate(np.array([["a"]])), ResponseError, "expected numbers"),
        (lambda: ItemParameters.logistic([1.0], [0.0], guessing=[1.2]), ItemParameterError, r"\[0, 1\)"),
        (lambda: ItemParameters.graded([1.0], [[0.0, 1.0]]), ItemParameterError, "must fall"),
    ],
)
def test_bad_input_is_named(call: object, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        call()


@pytest.mark.slow
def test_hundred_items_do_not_bias_slopes() -> None:
    """61 nodes suffice for 100 items: slopes are unbiased to a hundredth, where 21 nodes are not."""
    items = some_items(100)
    answers = right_wrong(items, np.random.default_rng(11).normal(size=50_000), 12)
    fine = calibrate(answers, "2pl", standard_errors="none")
    coarse = calibrate(answers, "2pl", standard_errors="none", nodes=21)
    bias = [np.mean(found.items.slopes / items.slopes - 1) for found in (fine, coarse)]
    assert abs(bias[0]) < 0.01
    assert abs(bias[1]) > 3 * abs(bias[0])
