"""Exported plans pass a checker that shares no code with what made them; and the checker finds what it should."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from city.foreign import Writer, trips
from city.plan_checker import Network, violations
from lumbung.city.engine.episode import Settings
from lumbung.city.engine.networks import resco
from lumbung.city.engine.plans import network_plan
from lumbung.city.engine.scenario_files import read_scenario
from lumbung.city.engine.topology import Topology, scenario_topology
from lumbung.city.retiming.retime import Period, export
from lumbung.city.retiming.search import CYCLES_S, Plans, keeps_rules, split


def plans_of(topology: Topology, settings: Settings, draw: random.Random) -> Plans:
    """Plans such as a search comes by: another cycle, another split, another beginning; kept where they keep the rules."""
    plans = {}
    for name, junction in topology.junctions.items():
        own = network_plan(junction)
        weights = [draw.random() for _ in own.phases]
        tried = split(junction, weights, draw.choice(CYCLES_S), settings.rules, draw.randrange(100))
        plans[name] = tried if tried and keeps_rules(junction, tried, settings.rules) else own
    return plans


@pytest.mark.parametrize("kind", ["right", "left", "walking", "walking left", "narrow"])
def test_exported_plans_of_every_kind_of_network_pass(kind: str, tmp_path: Path) -> None:
    w = Writer(tmp_path / "town", tmp_path)
    w.net(kind)
    w.file("demand.rou.xml", trips())
    scenario, settings = read_scenario(w.config()), Settings()
    topology = scenario_topology(scenario)
    for number in range(10):
        plans = plans_of(topology, settings, random.Random(number))
        (tmp_path / "plans.xml").write_text(export(topology, [Period(0, 600, plans, "")], settings))
        assert violations(scenario.net, tmp_path / "plans.xml", dead=True) == []


@pytest.mark.parametrize("name", ["cologne3", "cologne8", "ingolstadt1", "grid4x4"])
def test_exported_plans_of_research_networks_pass(name: str, tmp_path: Path) -> None:
    scenario, settings = resco(name), Settings()
    topology = scenario_topology(scenario)
    for number in range(5):
        plans = plans_of(topology, settings, random.Random(number))
        kept = {n: p for n, p in plans.items() if p != network_plan(topology.junctions[n])}
        text = export(topology, [Period(0, 600, plans, "")], settings)
        (tmp_path / "plans.xml").write_text(text)
        found = violations(scenario.net, tmp_path / "plans.xml", dead=True)
        assert [v for v in found if v.split(",")[0] in kept] == []


def test_the_checker_finds_what_it_should(tmp_path: Path) -> None:
    w = Writer(tmp_path / "town", tmp_path)
    w.net("walking left")
    w.file("demand.rou.xml", trips())
    scenario, settings = read_scenario(w.config()), Settings()
    topology = scenario_topology(scenario)
    plans = plans_of(topology, settings, random.Random(1))
    good = export(topology, [Period(0, 600, plans, "")], settings)
    path = tmp_path / "plans.xml"

    def said(text: str) -> str:
        path.write_text(text)
        return " ".join(violations(scenario.net, path, dead=True))

    assert said(good) == ""
    assert "both have priority" in said(
        re.sub(r'state="([rgGy]+)"', lambda m: f'state="{"G" * len(m[1])}"', good, count=1)
    )
    assert "without yellow" in said(
        re.sub(r'state="([rgGy]*y[rgGy]*)"', lambda m: f'state="{m[1].replace("y", "r")}"', good)
    )
    assert "yellow for 1 s" in said(
        re.sub(r'duration="\d+" state="([rgGy]*y[rgGy]*)"', r'duration="1" state="\1"', good)
    )
    longest = re.sub(r'duration="(\d\d)" state="([rgG]+)"', r'duration="300" state="\2"', good, count=1)
    assert "red for" in said(longest)
    network = Network(scenario.net)
    assert any(network.walk_s.values()), "a network to walk on"
    # without the seconds between the end of a crossing's green and the cars', people would be on the road
    hurried = re.sub(r'duration="\d+" state="((?:r|y|g|G)+)"', lambda m: _hurried(m[0], m[1]), good)
    assert "after crossing" in said(hurried) or "yellow" in said(hurried)


def _hurried(whole: str, state: str) -> str:
    return re.sub(r'duration="\d+"', 'duration="1"', whole) if "y" in state or set(state) <= {"r"} else whole
