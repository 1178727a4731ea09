"""The numbers on the pages are those that the code gives."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pytest

from lumbung.talent import score
from lumbung.talent.adaptive.generated import generated_pool
from lumbung.talent.adaptive.session import Session
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.road.apportion import split
from lumbung.talent.road.scenario import load

PAGES = Path(__file__).parents[2] / "docs" / "talent"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8").replace("−", "-")


def test_score_page() -> None:
    text = page("score")
    assert doctest.testfile(str(PAGES / "score.md"), module_relative=False).failed == 0
    items = ItemParameters.logistic([1.0, 1.5, 0.8], [-1, 0, 1])
    for theta in (0.0, 1.0):
        for chance in items.probabilities(theta)[1::2, 0]:
            assert f"{100 * chance:.1f} %" in text
    found = score([[1, 1, 0], [1, 1, 1], [0, 0, 1], [0, 0, 0]], items)
    for theta, error in zip(found.theta, found.standard_error, strict=True):
        assert f"| {theta:.2f} | {error:.2f} |" in text
    for theta, likelihood in ((0.0, "0.252"), (1.0, "0.360")):
        p = items.probabilities(theta)[1::2, 0]
        assert f"{p[0] * p[1] * (1 - p[2]):.3f}" == likelihood
        assert likelihood in text


def test_adaptive_page() -> None:
    text = page("adaptive")
    pool = generated_pool(240)
    session = Session(pool, 2026)
    rng = np.random.default_rng(8)
    while session.pending is not None:
        item = pool.items.names.index(session.pending)
        right = int(rng.random() < pool.items.chosen([item]).probabilities(0.8)[1, 0])
        session.answer(right)
        step = len(session.answers)
        if step <= 6:
            row = (
                f"| {step} | {pool.area_of[item] + 1} | {pool.items.slopes[item]:.2f} | "
                f"{pool.items.difficulties[item, 0]:.2f} | {'right' if right else 'wrong'} | "
                f"{session.ability:.2f} | {session.standard_error:.2f} |"
            )
            assert row in text
    low, high = session.interval
    assert f"after {step} questions at {session.ability:.2f} ± {session.standard_error:.2f}" in text
    assert f"{low:.2f} to {high:.2f}" in text


def test_road_page() -> None:
    text = page("road")
    start = load("competence").start.sum(axis=0)
    for people in (*start.tolist(), int(start[1:].sum())):
        assert f"{people:,}" in text
    assert split([100], np.array([[0.03, 0.03, 0.015, 0.925]])).tolist() == [[3, 3, 2, 92]]


@pytest.mark.parametrize("name", ["score", "adaptive", "road"])
def test_pages_are_there(name: str) -> None:
    assert page(name).startswith("# ")
