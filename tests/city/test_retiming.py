"""Retiming: the twin adds up, the search keeps the rules, and only what is better on unseen seeds is written."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from city.foreign import Writer, program, trips
from lumbung.city.engine.episode import Settings, run_programs, run_today
from lumbung.city.engine.journeys import Journeys, read_journeys
from lumbung.city.engine.networks import Scenario
from lumbung.city.engine.plans import Plan, longest_red, network_plan, plan_program
from lumbung.city.engine.safety import Rules
from lumbung.city.engine.scenario_files import read_scenario
from lumbung.city.engine.topology import read_topology, scenario_topology
from lumbung.city.engine.twin import HEADWAY_S, STOP_S, Twin
from lumbung.city.retiming.pages import write_retiming
from lumbung.city.retiming.periods import find_periods
from lumbung.city.retiming.retime import Period, difference, export, retime
from lumbung.city.retiming.search import Search, spelled
from lumbung.cli import main


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grid whose own plans give the quiet streets most of the green."""
    folder = tmp_path_factory.mktemp("town")
    w = Writer(folder / "town", folder)
    net = w.net("right")
    signals = ("A0", "A1", "B0", "B1")
    w.file("plans.add.xml", "".join(program(net, s, "ours", 90, 10) for s in signals), "additional")
    east_west = [
        f'<trip id="{n}" depart="{1.5 * n:.1f}" from="{("left0A0", "right1B1")[n % 2]}" '
        f'to="{("B0right0", "A1left1")[n % 2]}" departLane="best"/>'
        for n in range(240)
    ]
    w.file("demand.rou.xml", "".join(east_west))
    w.additional.append("plans.add.xml")
    return w.config(time='<begin value="0"/><end value="420"/>')


def one_vehicle(movement: int, drive: float) -> Journeys:
    return Journeys(np.array([0.0]), np.array([0, 1]), np.array([movement]), np.array([drive]), 0.0, 300.0)


def test_the_twin_by_hand(crossing: Scenario) -> None:
    topology = read_topology(crossing.net)
    junction = topology.junctions["c"]
    plan = Plan(((0, 40), (1, 40)))
    programs = spelled(topology, {"c": plan}, Rules())
    shown = [p.state for p in programs["c"][0] for _ in range(p.duration)]
    number, m = next((k, m) for k, m in enumerate(junction.movements) if m.direction == "s")
    green = [s[m.links[0]] in "Gg" for s in shown]
    # reaches the line in the middle of green: nothing lost; at the first second of red: the rest of red and a start
    middle = next(k for k in range(len(green)) if all(green[k - 5 : k + 5]) and k > 5)
    assert Twin(topology, one_vehicle(number, float(middle))).run(programs).delay == 0
    red = next(k for k in range(1, len(green)) if green[k - 1] and not green[k])
    again = next(k for k in range(red, 300) if green[k % len(green)])
    assert Twin(topology, one_vehicle(number, float(red))).run(programs).delay == again + 1 - red + STOP_S


def test_a_queue_leaves_at_the_saturation_headway(crossing: Scenario) -> None:
    topology = read_topology(crossing.net)
    number, m = next(
        (k, m)
        for k, m in enumerate(topology.junctions["c"].movements)
        if m.direction == "s" and len(m.lanes_in) == 1
    )
    count = 10
    together = Journeys(
        np.zeros(count), np.arange(count + 1), np.full(count, number), np.full(count, 1.0), 0.0, 300.0
    )
    phase = next(p for p, s in enumerate(topology.junctions["c"].phases) if s[m.links[0]] == "G")
    always = {"c": Plan(((phase, 60),))}
    found = Twin(topology, together).run(spelled(topology, always, Rules()))
    waits = [HEADWAY_S * k for k in range(count)]
    assert found.delay * count == pytest.approx(sum(waits) + STOP_S * sum(w > 1 for w in waits), abs=0.01)


def test_journeys_are_sumos(town: Path) -> None:
    scenario = read_scenario(town)
    journeys = read_journeys(scenario, scenario_topology(scenario), 0)
    assert len(journeys.depart) == 240
    # straight through the grid there are two signals, around its far side four
    assert set(np.diff(journeys.first)) <= {2, 4} and np.diff(journeys.first).min() == 2
    assert journeys.depart[10] == pytest.approx(15.0, abs=1.0)
    # 100 m and 120 m at 13.89 m/s, less the junctions
    assert 5 < journeys.drive.min() <= journeys.drive.max() < 9


@pytest.mark.parametrize("kind", ["right", "walking left", "nema"])
def test_every_plan_searched_keeps_the_rules(kind: str, tmp_path: Path) -> None:
    w = Writer(tmp_path / "town", tmp_path)
    w.net(kind)
    w.file("demand.rou.xml", trips())
    scenario = read_scenario(w.config())
    topology = scenario_topology(scenario)
    rules = Rules(max_red=100)
    found = Search(topology, read_journeys(scenario, topology, 0), rules, steps=8).run()
    assert found
    for candidate in found:
        if candidate.origin.startswith("own"):
            continue
        for name, plan in candidate.plans.items():
            red, _ = longest_red(
                topology.junctions[name], plan_program(topology.junctions[name], plan, rules)
            )
            assert 0 <= red <= 100 and all(green >= 5 for _, green in plan.phases)


def test_a_search_ends_with_its_time_and_says_what_it_did_not_get_to(tmp_path: Path) -> None:
    w = Writer(tmp_path / "town", tmp_path)
    w.net("right")
    w.file("demand.rou.xml", trips())
    scenario = read_scenario(w.config())
    topology = scenario_topology(scenario)
    journeys = read_journeys(scenario, topology, 0)
    hurried, whole = (Search(topology, journeys, Rules(), steps=4, seconds=s) for s in (0.0, float("inf")))
    assert hurried.run()
    assert hurried.share == 0.0
    whole.run()
    assert whole.share == 1.0


def test_periods_are_found_where_flows_change() -> None:
    depart = np.concatenate(
        [np.arange(0, 7200, 4.0), np.arange(7200, 14400, 30.0), np.arange(14400, 21600, 4.0)]
    )
    turn = np.where(depart < 7200, 0, np.where(depart < 14400, 1, 2))
    n = len(depart)
    made = Journeys(depart, np.arange(n + 1), turn, np.zeros(n), 0.0, 21600.0)
    assert find_periods(made, 3) == [(0.0, 7200.0), (7200.0, 14400.0), (14400.0, 21600.0)]
    even = Journeys(depart, np.arange(n + 1), np.zeros(n, np.int64), np.zeros(n), 0.0, 21600.0)
    busy = np.arange(0, 21600, 10.0)
    even = Journeys(busy, np.arange(len(busy) + 1), np.zeros(len(busy), np.int64), busy * 0, 0.0, 21600.0)
    assert find_periods(even, 1) == [(0.0, 21600.0)]


def test_the_interval_by_hand() -> None:
    found = difference([10, 12, 14, 16], [9, 10, 13, 14])
    # differences -1, -2, -1, -2: mean -1.5, s = 0.577, t(3) = 3.182
    assert found.low == pytest.approx(-1.5 - 3.182 * 0.57735 / 2, abs=1e-3)
    assert found.high == pytest.approx(-1.5 + 3.182 * 0.57735 / 2, abs=1e-3)
    assert found.better and not found.worse
    assert not difference([10, 12], [9, 13]).better


def test_a_bad_plan_is_replaced_by_a_better_one(town: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main,
        ["city", "retime", str(town), "--out", str(tmp_path), "--seeds", "1", "--unseen", "3", "--steps", "8",
         "--refine", "2"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "better than today's" in result.output
    scenario = read_scenario(town)
    text = (tmp_path / "programs.add.xml").read_text()
    before = run_today(scenario, Settings(), 77).metrics.delay
    after = run_programs(scenario, Settings(), 77, text).metrics.delay
    assert after < 0.7 * before
    with (tmp_path / "plans.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["junction"] for row in rows} == {"A0", "A1", "B0", "B1"}
    one = [row for row in rows if row["junction"] == "A0"]
    assert sum(int(row["lasts_s"]) for row in one) == int(one[0]["cycle_s"])
    shown = {p.get("state") for p in ElementTree.fromstring(text).iter("phase")}
    assert {row["state"] for row in rows} == shown
    assert len(list((tmp_path / "pages").glob("*.html"))) == 4
    assert "<svg" in (tmp_path / "map.svg").read_text()


def test_what_is_not_surely_better_is_not_written(town: Path, tmp_path: Path) -> None:
    scenario, settings = read_scenario(town), Settings()
    good = retime(scenario, settings, range(1), range(7000, 7002), steps=4, refine=0)
    (tmp_path / "programs.add.xml").write_text("of an earlier run")
    doubtful = replace(good, delay=difference([50, 50], [49, 50.5]))
    written = write_retiming(
        scenario_topology(scenario), doubtful, settings, ("seed=1: overridden",), tmp_path, "id"
    )
    assert {p.name for p in written} == {"report.txt", "junctions.csv", "map.svg"}
    assert not (tmp_path / "programs.add.xml").exists()
    report = (tmp_path / "report.txt").read_text()
    assert "Tidak ada rencana yang ditulis" in report and "seed=1: overridden" in report


def test_two_periods_are_switched_by_sumo(town: Path) -> None:
    scenario = read_scenario(town)
    topology = scenario_topology(scenario)
    own = {name: network_plan(j) for name, j in topology.junctions.items()}
    other = {name: Plan(((0, 20), (1, 60))) for name in topology.junctions}
    periods = [Period(0, 200, own, "own"), Period(200, 420, other, "other")]
    text = export(topology, periods, Settings())
    both = run_programs(scenario, Settings(), 1, text).metrics.delay
    alone = [
        run_programs(scenario, Settings(), 1, export(topology, [p], Settings())).metrics.delay
        for p in periods
    ]
    assert min(alone) < both < max(alone)


def test_seeds_to_choose_on_and_to_judge_on_never_meet(town: Path) -> None:
    with pytest.raises(ValueError, match="do not meet"):
        retime(read_scenario(town), Settings(), range(5), range(4, 9))


def test_own_words_for_what_cannot_be_retimed(tmp_path: Path) -> None:
    (tmp_path / "x.sumocfg").write_text("<configuration/>")
    result = CliRunner().invoke(main, ["city", "retime", str(tmp_path)])
    assert result.exit_code == 2 and "x.sumocfg" in result.output and "Traceback" not in result.output
