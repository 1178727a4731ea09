"""Item bias: an absent group has no effect, biased anchors blame nobody, unused categories stay."""

from __future__ import annotations

import numpy as np

from lumbung.talent import calibrate, score
from lumbung.talent.irt.functioning import differential_functioning
from lumbung.talent.irt.item_file import from_document, to_document
from lumbung.talent.irt.parameters import ItemParameters


def answers_of(items: ItemParameters, theta: np.ndarray, seed: int) -> np.ndarray:
    p = items.probabilities(theta)[1::2].T
    return (np.random.default_rng(seed).random(p.shape) < p).astype(int)


def some(n: int) -> ItemParameters:
    rng = np.random.default_rng(0)
    return ItemParameters.logistic(rng.lognormal(0, 0.25, n), rng.normal(0, 1, n))


def test_a_group_that_never_saw_an_item_has_no_effect_on_it() -> None:
    items, rng = some(10), np.random.default_rng(1)
    first, second, third = (answers_of(items, rng.normal(size=700), seed) for seed in (1, 2, 3))
    third[:, 5] = -1
    groups = np.repeat(["a", "b", "c"], 700)
    rows = differential_functioning(np.vstack([first, second, third]), groups)
    without = differential_functioning(np.vstack([first, second]), groups[:1400])
    assert rows[5].degrees == 2
    assert abs(rows[5].signed - without[5].signed) < 0.02
    assert not rows[5].flagged
    reference = differential_functioning(np.vstack([third, first]), groups[:1400])
    assert np.isnan(reference[5].signed)
    assert not reference[5].flagged


def test_eight_biased_items_of_twenty_blame_no_other() -> None:
    items, rng = some(20), np.random.default_rng(2)
    moved = ItemParameters.logistic(
        items.slopes, items.difficulties[:, 0] + np.where(np.arange(20) < 8, 0.7, 0.0)
    )
    answers = np.vstack(
        [answers_of(items, rng.normal(size=1500), 1), answers_of(moved, rng.normal(-0.3, 1, size=1500), 2)]
    )
    groups = np.repeat(["a", "b"], 1500)
    once = [r.item for r in differential_functioning(answers, groups, purify=False) if r.flagged]
    purified = [r.item for r in differential_functioning(answers, groups) if r.flagged]
    assert purified == [f"item {j + 1}" for j in range(8)]
    assert set(once) - set(purified)


def test_a_graded_item_keeps_a_category_that_nobody_used() -> None:
    items = ItemParameters.graded(np.full(8, 1.3), np.tile([1.5, 0.0, -1.5], (8, 1)))
    rng = np.random.default_rng(3)
    chances = items.probabilities(rng.normal(size=1000))
    answers = np.stack(
        [(rng.random(1000) > np.cumsum(chances[4 * j : 4 * j + 3], axis=0)).sum(axis=0) for j in range(8)],
        axis=1,
    )
    answers[answers[:, 0] == 2, 0] = 3
    answers[answers[:, 1] == 0, 1] = 1
    found = calibrate(answers, "grm")
    assert found.items.categories.tolist() == [4] * 8
    assert sum("nobody gave" in p.found for p in found.problems) == 2
    again = from_document(to_document(found))
    one = np.full((4, 8), -1)
    one[:, 0] = range(4)
    thetas = score(one, again).theta
    assert (np.diff(thetas) > 0.1).all()  # a 2 lies between a 1 and a 3, and is no top score
    collapsed = answers.copy()
    collapsed[collapsed[:, 0] == 3, 0] = 2
    collapsed[:, 1] -= 1
    assert found.log_likelihood == calibrate(collapsed, "grm").log_likelihood
