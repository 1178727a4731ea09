"""Abilities, item fit, linking and bias against exact small cases."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from lumbung.talent import DenseAnswers, calibrate, score
from lumbung.talent.irt.ability import sum_score_abilities
from lumbung.talent.irt.false_discovery import adjusted
from lumbung.talent.irt.functioning import differential_functioning
from lumbung.talent.irt.item_fit import s_x2
from lumbung.talent.irt.linking import METHODS, LinkingError, link, rescaled
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.quadrature import equally_spaced, normal_log_weights
from lumbung.talent.irt.sum_scores import sum_score_likelihood

ITEMS = ItemParameters.logistic([1.0, 1.4, 0.7, 1.1], [-1.0, 0.0, 0.5, 1.2])


def test_eap_equals_integration_over_all_patterns() -> None:
    patterns = np.array(list(product([0, 1], repeat=4)))
    theta = equally_spaced(2001, 9.0)
    p = ITEMS.probabilities(theta)[1::2]
    for pattern, found in zip(patterns, score(patterns, ITEMS).theta, strict=True):
        joint = np.prod(np.where(pattern[:, None] == 1, p, 1 - p), axis=0) * np.exp(-(theta**2) / 2)
        assert found == pytest.approx(joint @ theta / joint.sum(), abs=1e-4)


def test_packed_and_plain_abilities_agree() -> None:
    patterns = np.array(list(product([-1, 0, 1], repeat=4)))
    packed = DenseAnswers.from_array(patterns)
    plain = score(packed.blocks().__next__()[1], ITEMS)
    fast = score(packed, ITEMS)
    assert fast.theta == pytest.approx(plain.theta, abs=1e-5)
    assert fast.standard_error == pytest.approx(plain.standard_error, abs=1e-5)


def test_modes_have_no_slope() -> None:
    patterns = np.array(list(product([0, 1], repeat=4)))[1:-1]
    for method, precision in (("map", 1.0), ("ml", 0.0)):
        theta = score(patterns, ITEMS, method).theta
        p = ITEMS.probabilities(theta)[1::2].T
        slope = ((patterns - p) * ITEMS.slopes).sum(axis=1) - precision * theta
        assert np.abs(slope).max() < 1e-6


def test_sum_scores_equal_enumeration() -> None:
    theta = np.array([-1.0, 0.3])
    p = ITEMS.probabilities(theta)[1::2]
    truth = np.zeros((5, 2))
    for pattern in product([0, 1], repeat=4):
        truth[sum(pattern)] += np.prod(np.where(np.array(pattern)[:, None] == 1, p, 1 - p), axis=0)
    assert sum_score_likelihood(ITEMS, theta) == pytest.approx(truth)
    theta_by_sum = sum_score_abilities(ITEMS).theta
    assert (np.diff(theta_by_sum) > 0).all()


def test_item_fit_equals_enumeration() -> None:
    """With the chances computed over all 16 patterns instead of by recursion."""
    rng = np.random.default_rng(0)
    answers = (rng.random((2000, 4)) < ITEMS.probabilities(rng.normal(size=2000))[1::2].T).astype(int)
    theta = equally_spaced()
    weights = np.exp(normal_log_weights(theta))
    p = ITEMS.probabilities(theta)[1::2]
    patterns = np.array(list(product([0, 1], repeat=4)))
    chance = np.array([np.prod(np.where(x[:, None] == 1, p, 1 - p), axis=0) @ weights for x in patterns])
    packed = DenseAnswers.from_array(answers)
    found = s_x2(packed, ITEMS, theta, "2pl")
    for j in range(4):
        total = 0.0
        for k in (1, 2, 3):
            group = patterns.sum(axis=1) == k
            e = chance[group & (patterns[:, j] == 1)].sum() / chance[group].sum()
            people = answers[answers.sum(axis=1) == k, j]
            total += len(people) * (people.mean() - e) ** 2 / (e * (1 - e))
        assert found.statistic[j] == pytest.approx(total)


@pytest.mark.parametrize("method", METHODS)
def test_linking_undoes_a_change_of_scale(method: str) -> None:
    moved = rescaled(ITEMS, 1 / 1.3, -0.4 / 1.3)
    found = link(ITEMS, moved, method)
    assert found.slope == pytest.approx(1.3, abs=1e-6)
    assert found.shift == pytest.approx(0.4, abs=1e-6)
    assert found.worst < 1e-6
    theta = np.linspace(-2, 2, 5)
    assert found.items(moved).probabilities(found.ability(theta)) == pytest.approx(moved.probabilities(theta))


def test_linking_is_symmetric() -> None:
    other = ItemParameters.logistic([1.2, 1.3, 0.9, 1.0], [-0.5, 0.2, 1.0, 1.9])
    there, back = link(ITEMS, other), link(other, ITEMS)
    assert there.slope * back.slope == pytest.approx(1, abs=1e-5)
    assert there.slope * back.shift + there.shift == pytest.approx(0, abs=1e-5)


def test_linking_needs_shared_items() -> None:
    with pytest.raises(LinkingError, match="found 0"):
        link(ITEMS, ItemParameters.logistic([1.0], [0.0], names=["other"]))


@pytest.mark.parametrize("method", ["lr", "wald"])
def test_bias_is_found_where_it_is(method: str) -> None:
    rng = np.random.default_rng(2)
    a, b = rng.lognormal(0, 0.2, 12), rng.normal(size=12)
    harder = b + np.where(np.arange(12) == 3, 0.8, 0.0)
    answers = []
    for difficulty, mean in ((b, 0.0), (harder, 0.4)):
        p = ItemParameters.logistic(a, difficulty).probabilities(rng.normal(mean, 1, 2000))[1::2].T
        answers.append((rng.random(p.shape) < p).astype(int))
    rows = differential_functioning(
        np.vstack(answers), np.repeat(["id", "zh"], 2000), method=method, items=[0, 3, 7]
    )
    assert [row.flagged for row in rows] == [False, True, False]
    assert rows[1].signed < -0.08


def test_adjusted_p_values() -> None:
    """Worked by hand: 0.01*3/1, 0.02*3/2, 0.04*3/3."""
    assert adjusted(np.array([0.04, 0.01, np.nan, 0.02])) == pytest.approx(
        [0.04, 0.03, np.nan, 0.03], nan_ok=True
    )


def test_three_parameter_asymptote() -> None:
    items = ItemParameters.logistic([1.5], [0.0], guessing=[0.25])
    assert items.probabilities([-40.0, 0.0, 40.0])[1] == pytest.approx([0.25, 0.625, 1.0])
    # information of the three-parameter model in closed form (Birnbaum 1968)
    p = 0.625
    assert items.information(0.0)[0, 0] == pytest.approx(1.5**2 * (1 - p) / p * ((p - 0.25) / 0.75) ** 2)


def test_calibrated_items_score_their_people() -> None:
    rng = np.random.default_rng(5)
    theta = rng.normal(size=4000)
    truth = ItemParameters.logistic(rng.lognormal(0.2, 0.2, 30), rng.normal(size=30))
    answers = (rng.random((4000, 30)) < truth.probabilities(theta)[1::2].T).astype(int)
    found = score(answers, calibrate(answers, standard_errors="none").items)
    inside = np.abs(found.theta - theta) < 1.96 * found.standard_error
    assert 0.93 <= inside.mean() <= 0.97
