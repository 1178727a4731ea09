"""The siting search against the published covering instances."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lumbung.connectivity.engine.covering.instance import read_instance
from lumbung.connectivity.engine.covering.problem import Covering
from lumbung.connectivity.siting import solve_instance

pytestmark = pytest.mark.reference


def test_every_best_known_value_comes_out_exactly(reference: Callable[[str], Path]) -> None:
    folder = reference("connectivity/mclp")
    covers, seen = {}, 0
    for path in sorted((folder / "best_known").glob("*.txt")):
        name, sites, radius = path.stem.rsplit("_", 2)
        words = path.read_text().split()
        chosen = [int(word) for word in words[3 : 3 + int(sites)]]
        if name not in covers:
            instance = read_instance(folder / "instances" / f"{name}.txt")
            covers[name] = instance.cover(float(radius)), instance.demand
        problem = Covering.counting(*covers[name], int(sites))
        assert problem.feasible(chosen) and len(chosen) == int(sites)
        assert problem.value(chosen) == float(words[1])
        seen += 1
    assert seen == 12


def test_new_york_is_proven_and_equals_the_best_known(reference: Callable[[str], Path]) -> None:
    file = reference("connectivity/mclp/instances/NewYork.txt")
    answer = solve_instance(file, 50, 400.0, 120.0)
    assert answer.value == 1_153_640
    assert answer.optimal and answer.bound == answer.value


def test_optimal_is_never_said_of_a_plan_that_can_be_bettered(reference: Callable[[str], Path]) -> None:
    """San Francisco with 30 sites: 444,476 is proven. A solver that stops at 443,399 and says optimal is wrong."""
    file = reference("connectivity/mclp/instances/SanFrancisco.txt")
    for seconds in (2.0, 4.0, 8.0):
        answer = solve_instance(file, 30, 600.0, seconds)
        assert answer.value <= 444_476 <= answer.bound
        assert not answer.optimal or answer.value == 444_476
