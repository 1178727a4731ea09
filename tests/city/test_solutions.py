"""The shipped controllers: on every tier they play by the rules, and they rank as they should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lumbung.city.engine.episode import Settings, run_episode
from lumbung.city.engine.networks import Scenario, resco
from lumbung.city.engine.sensors import TIERS

NAMES = ("fixed-time", "actuated", "max-pressure", "max-wave", "planner")


@pytest.mark.parametrize("sensors", TIERS)
@pytest.mark.parametrize("name", NAMES)
def test_each_plays_on_each_tier(
    name: str, sensors: str, crossing: Scenario, solution: Callable[[str], Any]
) -> None:
    found = run_episode(crossing, solution(name), Settings(sensors=sensors), 1).metrics
    assert found.arrived > 100
    assert found.gridlock == 0


def test_looking_ahead_beats_the_longest_queue_beats_the_fixed_plan(solution: Callable[[str], Any]) -> None:
    delay = {
        name: run_episode(resco("cologne8"), solution(name), Settings(), 2).metrics.delay
        for name in ("planner", "max-wave", "fixed-time")
    }
    assert delay["planner"] < delay["max-wave"] < 0.5 * delay["fixed-time"]


def test_loops_serve_too(solution: Callable[[str], Any]) -> None:
    settings = Settings(sensors="loops")
    by_loops = run_episode(resco("cologne8"), solution("max-wave"), settings, 2).metrics
    fixed = run_episode(resco("cologne8"), solution("fixed-time"), settings, 2).metrics
    assert by_loops.delay < 0.6 * fixed.delay
