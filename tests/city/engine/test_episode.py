"""Whole episodes: against plain SUMO, the same twice, by both backends, and through the known traps."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lumbung.city.engine.demand import check_demand
from lumbung.city.engine.episode import Settings, run_episode
from lumbung.city.engine.networks import Scenario, own_scenario, resco
from lumbung.city.engine.plans import IllegalAction
from lumbung.city.engine.safety import Rules
from lumbung.city.engine.sumo import SumoError, sumo_binary, sumo_version
from lumbung.city.engine.topology import read_topology


def plain_delay(scenario: Scenario, seed: int, folder: Path) -> tuple[float, int]:
    """Delay and number of vehicles when the executable runs alone: RESCO's definition, computed from scratch."""
    output = folder / "plain.xml"
    subprocess.run(
        [sumo_binary(), "-n", scenario.net, "-r", scenario.routes[0], "-b", str(scenario.begin), "-e", str(scenario.end),
         "--seed", str(seed), "--time-to-teleport", "-1", "--tripinfo-output", output, "--no-warnings",
         "--tripinfo-output.write-unfinished", "--no-step-log"],
        check=True, capture_output=True,
    )  # fmt: skip
    trips = [
        dict(re.findall(r'(\w+)="([^"]*)"', t)) for t in re.findall(r"<tripinfo .*?/>", output.read_text())
    ]
    lost = sum(float(t["timeLoss"]) + float(t["departDelay"]) for t in trips)
    known = {t["id"] for t in trips}
    demand = re.findall(r"<(?:trip|vehicle) ([^>]*)>", scenario.routes[0].read_text())
    wanted = [dict(re.findall(r'(\w+)="([^"]*)"', d)) for d in demand]
    outside = [
        scenario.end - float(w["depart"])
        for w in wanted
        if scenario.begin <= float(w["depart"]) < scenario.end and w["id"] not in known
    ]
    return (lost + sum(outside)) / (len(trips) + len(outside)), len(trips) + len(outside)


@pytest.mark.parametrize("name", ["cologne1", "cologne8", "arterial4x4"])
def test_under_its_own_plan_a_network_behaves_as_in_plain_sumo(
    name: str, tmp_path: Path, solution: Callable[[str], Any]
) -> None:
    # arterial4x4 leaves hundreds outside: their wait must agree too, to within the step they would have entered in
    scenario = replace(resco(name), end=resco(name).begin + 1800)
    found = run_episode(scenario, solution("fixed-time"), Settings(), 5).metrics
    delay, vehicles = plain_delay(scenario, 5, tmp_path)
    assert found.demanded == vehicles == check_demand(scenario, read_topology(scenario.net))
    # SUMO orders some of its work by memory address: on cologne1 another address brings another second of delay
    assert found.delay == pytest.approx(delay, rel=0.03, abs=1.0)


def test_the_same_seed_gives_the_same_bits(solution: Callable[[str], Any]) -> None:
    first, second = (
        run_episode(resco("cologne3"), solution("max-pressure"), Settings(), 4) for _ in range(2)
    )
    assert first == second
    other = run_episode(resco("cologne3"), solution("max-pressure"), Settings(), 5)
    assert other.metrics.delay != first.metrics.delay


@pytest.mark.parametrize("sensors", ["loops", "camera50", "camera200"])
def test_both_backends_give_the_same_bits(
    sensors: str, crossing: Scenario, solution: Callable[[str], Any]
) -> None:
    inside, outside = (
        run_episode(crossing, solution("max-wave"), Settings(sensors=sensors, backend=backend), 1)
        for backend in ("libsumo", "traci")
    )
    assert inside == outside


def test_a_resco_network_over_traci_gives_the_same_bits(solution: Callable[[str], Any]) -> None:
    scenario = replace(resco("ingolstadt1"), end=resco("ingolstadt1").begin + 600)
    inside, outside = (
        run_episode(scenario, solution("planner"), Settings(backend=backend), 2)
        for backend in ("libsumo", "traci")
    )
    assert inside == outside
    assert inside.engine == sumo_version()


def test_another_executable_is_driven_and_named(crossing: Scenario, always: Any, tmp_path: Path) -> None:
    link = tmp_path / "sumo"
    link.symlink_to(sumo_binary())
    found = run_episode(crossing, always(0), Settings(backend="traci", sumo=str(link)), 1)
    assert found.engine == sumo_version()
    with pytest.raises(SumoError):
        run_episode(crossing, always(0), Settings(backend="traci", sumo=str(tmp_path / "missing")), 1)


def test_starving_an_approach_does_not_pay(always: Any, solution: Callable[[str], Any]) -> None:
    scenario = resco("ingolstadt7")
    starved = run_episode(scenario, always(0), Settings(), 1).metrics
    honest = run_episode(scenario, solution("max-wave"), Settings(), 1).metrics
    assert starved.forced > 50, "the maximum red steps in"
    assert starved.delay > 5 * honest.delay


def test_without_a_maximum_red_the_delay_still_tells(crossing: Scenario, always: Any) -> None:
    lax = Settings(rules=Rules(max_red=3600))
    topology = read_topology(crossing.net)
    main = next(
        p for p, s in enumerate(topology.junctions["c"].phases)
        if all(s[i] in "Gg" for m in topology.junctions["c"].movements if m.edge_in == "ec" for i in m.links)
    )  # fmt: skip
    starved = run_episode(crossing, always(main), lax, 1).metrics
    strict = run_episode(crossing, always(main), Settings(rules=Rules(max_red=60)), 1).metrics
    assert starved.forced == 0 and strict.forced > 0
    assert strict.longest_red <= 60 + 15 < starved.longest_red


def test_a_demand_too_large_shows_as_never_inserted(tmp_path: Path, crossing: Scenario, always: Any) -> None:
    routes = tmp_path / "flood.rou.xml"
    trips = "".join(f'<trip id="{k}" depart="{k * 0.2:.1f}" from="nc" to="cs"/>' for k in range(1200))
    routes.write_text(f"<routes>{trips}</routes>")
    found = run_episode(own_scenario(crossing.net, (routes,), 0, 300), always(0), Settings(), 1).metrics
    assert found.never_inserted > 500
    entered = found.demanded - found.never_inserted
    assert found.delay * found.demanded > 5 * found.time_loss * entered


def test_minimum_green_and_yellow_are_seen_in_the_simulation(crossing: Scenario, alternating: Any) -> None:
    found = run_episode(crossing, alternating(), Settings(rules=Rules(min_green=10)), 1, record=True)
    times = [time for time, _ in found.decisions]
    yellow = read_topology(crossing.net).junctions["c"].yellow
    assert len(times) > 5
    assert all(b - a >= 10 + yellow for a, b in itertools.pairwise(times))
    assert found.metrics.early > 0


def test_plans_of_ones_own_run(crossing: Scenario) -> None:
    class Planned:
        def start(self, problem: dict[str, Any]) -> dict[str, Any]:
            count = len(problem["junctions"]["c"]["phases"])
            return {"plans": {"c": {"phases": [[p, 15] for p in range(count)], "offset": 3}}}

        def step(self, observation: dict[str, Any]) -> Any:
            raise AssertionError("a controller whose junctions all have plans is not asked")

    found = run_episode(crossing, Planned(), Settings(), 1)
    assert found.metrics.arrived > 100


@pytest.mark.parametrize(
    ("action", "where", "what"),
    [
        ({"c": float("nan")}, "junction c", "nan"),
        ({"c": True}, "junction c", "bool"),
        ({"c": 1.0}, "junction c", "float"),
        ({"c": 99}, "junction c", "99"),
        ({"c": -1}, "junction c", "-1"),
        ({"c": None}, "junction c", "None"),
        ({}, "junction c", "no phase"),
        ({"c": 0, "d": 0}, "action", "'d'"),
        ([0], "action", "list"),
        (None, "action", "NoneType"),
    ],
)
def test_an_illegal_action_names_junction_found_and_expected(
    crossing: Scenario, action: Any, where: str, what: str
) -> None:
    class Illegal:
        def start(self, problem: Any) -> None: ...

        def step(self, observation: Any) -> Any:
            return action

    with pytest.raises(IllegalAction) as error:
        run_episode(crossing, Illegal(), Settings(), 1)
    assert where in error.value.where and what in error.value.found and error.value.expected


def test_after_a_fault_the_next_episode_runs(crossing: Scenario, always: Any) -> None:
    class Failing:
        def start(self, problem: Any) -> None: ...

        def step(self, observation: Any) -> Any:
            raise RuntimeError("the solution died")

    with pytest.raises(RuntimeError, match="died"):
        run_episode(crossing, Failing(), Settings(), 1)
    assert run_episode(crossing, always(0), Settings(), 1).metrics.demanded > 0


def test_sumos_own_words_reach_the_user(tmp_path: Path, crossing: Scenario, always: Any) -> None:
    routes = tmp_path / "types.rou.xml"
    routes.write_text('<routes><trip id="1" type="hovercraft" depart="1" from="ec" to="cw"/></routes>')
    with pytest.raises(SumoError, match="hovercraft"):
        run_episode(own_scenario(crossing.net, (routes,), 0, 300), always(0), Settings(), 1)


def test_emissions_only_when_asked_for(crossing: Scenario, always: Any) -> None:
    plain = run_episode(crossing, always(0), Settings(), 1).metrics
    measured = run_episode(crossing, always(0), Settings(emissions=True), 1).metrics
    assert plain.co2 is None
    assert measured.co2 is not None and 0.005 < measured.co2 < 1.0
    assert measured.delay == plain.delay
