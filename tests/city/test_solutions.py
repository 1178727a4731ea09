"""The shipped controllers: on every tier they play by the rules, and they rank as they should."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumbung.city.engine.episode import Settings, run_episode, run_today
from lumbung.city.engine.networks import Scenario, own_scenario, resco
from lumbung.city.engine.sensors import TIERS

NAMES = ("fixed-time", "actuated", "max-pressure", "max-wave", "planner", "learned")
SOLUTIONS = Path(__file__).parents[2] / "src/lumbung/city/solutions"


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


def test_a_change_pays_for_its_yellow(solution: Callable[[str], Any]) -> None:
    """On cologne1 the yellow takes five seconds: who changes for one vehicle more loses half the hour to it."""
    delay = {
        name: run_episode(resco("cologne1"), solution(name), Settings(), 100).metrics.delay
        for name in ("max-pressure", "max-wave", "actuated")
    }
    assert max(delay["max-pressure"], delay["max-wave"]) < 0.9 * delay["actuated"]


def test_what_was_learned_beats_the_rules(solution: Callable[[str], Any]) -> None:
    delay = {
        name: run_episode(resco("grid4x4"), solution(name), Settings(), 101).metrics.delay
        for name in ("learned", "max-wave", "max-pressure")
    }
    assert delay["learned"] < min(delay["max-wave"], delay["max-pressure"])


def test_the_learned_controller_always_decides_the_same(
    crossing: Scenario, solution: Callable[[str], Any]
) -> None:
    first, second = (run_episode(crossing, solution("learned"), Settings(), 3, record=True) for _ in range(2))
    assert first.decisions == second.decisions
    assert first.metrics == second.metrics


def test_no_weight_belongs_to_a_place() -> None:
    stored = json.loads((SOLUTIONS / "learned/weights.json").read_text())
    assert len(stored) < 40
    assert not any("cologne" in name or "ingolstadt" in name for name in stored)


def test_training_makes_the_same_weights_again(tmp_path: Path) -> None:
    made = []
    for name in ("one.json", "two.json"):
        tiny = ["--networks", "cologne1", "--generations", "1", "--offspring", "2", "--minutes", "3"]
        train = [sys.executable, str(SOLUTIONS / "learned/train.py"), *tiny, "--out", str(tmp_path / name)]
        done = subprocess.run(train, capture_output=True, text=True, check=True)
        assert "the copy agrees with" in done.stdout
        made.append(json.loads((tmp_path / name).read_text()))
    assert made[0] == made[1]
    shipped = json.loads((SOLUTIONS / "learned/weights.json").read_text())
    assert made[0].keys() == shipped.keys()


def test_where_queues_are_out_of_sight_looking_ahead_is_no_worse_than_todays_plan(
    tmp_path: Path, crossing: Scenario, solution: Callable[[str], Any]
) -> None:
    """Twice what the crossing carries from all sides: who switches for those in sight loses the hour to yellow."""
    from city.conftest import write_demand

    streets = (("ec", "cw", 1.2), ("wc", "ce", 1.2), ("nc", "cs", 2.5), ("sc", "cn", 2.5))
    vehicles = [(every * k, here, there) for here, there, every in streets for k in range(int(280 / every))]
    write_demand(tmp_path / "flood.rou.xml", sorted(vehicles))
    flood = own_scenario(crossing.net, (tmp_path / "flood.rou.xml",), 0, 300)
    today = run_today(flood, Settings(), 1).metrics
    assert today.never_inserted > 50, "the crossing is to be saturated"
    assert run_episode(flood, solution("planner"), Settings(), 1).metrics.delay <= today.delay


def test_the_planner_serves_who_pushed_the_button(solution: Callable[[str], Any]) -> None:
    """One street with a car now and then, and somebody on foot who has waited for half a minute."""
    planner = solution("planner")
    movement = {
        "from": "a",
        "to": "b",
        "direction": "s",
        "links": [0],
        "lanes_in": ["a_0"],
        "lanes_out": ["b_0"],
    }
    junction = {
        "phases": ["Gr", "rG"], "yellow": 3, "all_red": 0, "plan": {"phases": [[0, 30], [1, 10]], "offset": 0},
        "links": [[0, "a_0", "b_0"]], "movements": [movement], "yields": [],
        "crossings": [{"index": 1, "streets": ["a", "b"], "length": 10.0, "clearance": 9}],
    }  # fmt: skip
    lane = {"length": 200.0, "speed": 13.9, "junction": "j", "offset": 0.0}
    planner.start(
        {"decision_interval": 5, "min_green": 5, "junctions": {"j": junction}, "lanes": {"a_0": lane}}
    )
    seen = {"phase": {"j": 0}, "green": {"j": 20.0}, "vehicles": {}}
    assert planner.step({**seen, "on_foot": {"j": []}}) == {"j": 0}
    assert planner.step({**seen, "on_foot": {"j": [[1, 30.0]]}}) == {"j": 1}


def test_the_planner_gives_way_where_the_network_says_so() -> None:
    spec = importlib.util.spec_from_file_location("planner", SOLUTIONS / "planner/solution.py")
    assert spec is not None and spec.loader is not None
    planner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(planner)
    right = {"direction": "r", "links": [0]}
    # where people drive on the left, it is the turn to the right that crosses the oncoming traffic (link 1)
    assert planner.headway("gG", right, {0: {1}}) > planner.headway("gr", right, {0: {1}}) > 0
    assert planner.headway("gG", {"direction": "l", "links": [0]}, {}) == planner.headway("gr", right, {})
