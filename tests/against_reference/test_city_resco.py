"""Beside RESCO's published results (IDQN, MPLight, max wave, …, computed with SUMO 1.9).

Two things keep the figures from agreeing to the digit. SUMO's car following and insertion changed between 1.9 and
1.28 (vehicles are inserted more readily and queues discharge faster). And RESCO decides every 10 s with 3 s of yellow,
where ours decides every 5 s with the yellow of each junction's own plan. So we ask what must survive both: the order
of the networks by difficulty, the same order of magnitude, and the gain of max wave over the fixed plan.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumbung.city.engine.episode import Settings, run_episode
from lumbung.city.engine.networks import resco
from lumbung.proving.submission import shipped_solutions

pytestmark = pytest.mark.reference

FAST = ("cologne1", "cologne3", "cologne8", "ingolstadt1", "ingolstadt7")


@pytest.fixture(scope="module")
def published(reference: Callable[[str], Path]) -> dict[tuple[str, str], float]:
    """Mean delay by (method, network): RESCO's "timeLoss" is timeLoss + departDelay."""
    found = {}
    for key, measured in json.loads(reference("city/resco_published.json").read_text()).items():
        method, network, *_ = key.split()
        found[method, network] = measured["timeLoss"]["mean"]
    return found


def load(name: str) -> Any:
    file = shipped_solutions()[f"city/{name}"] / "solution.py"
    spec = importlib.util.spec_from_file_location("solution", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Solution()


@pytest.fixture(scope="module")
def delays() -> dict[tuple[str, str], float]:
    return {
        (method, network): run_episode(resco(network), load(name), Settings(), 0).metrics.delay
        for method, name in (("FIXED", "fixed-time"), ("MAXWAVE", "max-wave"))
        for network in FAST
    }


@pytest.mark.parametrize("network", FAST)
def test_the_fixed_plan_loses_as_much_within_a_factor_of_1_6(
    network: str, published: dict[tuple[str, str], float], delays: dict[tuple[str, str], float]
) -> None:
    ratio = delays["FIXED", network] / published["FIXED", network]
    assert 1 / 1.6 < ratio < 1.6


def test_the_networks_are_as_hard_in_the_same_order(
    published: dict[tuple[str, str], float], delays: dict[tuple[str, str], float]
) -> None:
    hardest = [max(FAST, key=lambda n: source["FIXED", n]) for source in (published, delays)]
    easiest = [min(FAST, key=lambda n: source["FIXED", n]) for source in (published, delays)]
    assert hardest == ["ingolstadt7"] * 2
    assert easiest == ["ingolstadt1"] * 2


@pytest.mark.parametrize("network", ["cologne1", "cologne8", "ingolstadt1", "ingolstadt7"])
def test_max_wave_gains_over_the_fixed_plan_as_published(
    network: str, published: dict[tuple[str, str], float], delays: dict[tuple[str, str], float]
) -> None:
    # cologne3 is left out: RESCO's max wave gridlocks there in some episodes
    assert published["MAXWAVE", network] < published["FIXED", network]
    assert delays["MAXWAVE", network] < delays["FIXED", network]
    # deciding twice as often must not be worse than what was published
    assert delays["MAXWAVE", network] < 1.3 * published["MAXWAVE", network]
