"""The decision file: plans a city can type in, and a comparison that does not flatter."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lumbung.city.engine.episode import Settings, run_episode
from lumbung.city.engine.networks import Scenario, resco
from lumbung.city.engine.plans import longest_red, plan_program
from lumbung.city.engine.safety import Rules
from lumbung.city.engine.sumo import simulation
from lumbung.city.engine.topology import read_topology
from lumbung.city.signals import condense, file_name, write_signals


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_the_deliverable(tmp_path: Path, crossing: Scenario, solution: Callable[[str], Any]) -> None:
    written = write_signals(crossing, solution("max-wave"), Settings(), tmp_path)
    maps = {"map-en.svg", "map-id.svg", "map-zh.svg"}
    names = {"report.txt", "comparison.csv", "programs.add.xml", "switches.csv", "c.csv", *maps}
    assert {p.name for p in written} == names
    header, *lines = rows(tmp_path / "comparison.csv")
    delay = {(line[0], line[1]): float(line[header.index("delay")]) for line in lines}
    plans = {(signals, seed) for signals in ("today", "fixed plan") for seed in ("0", "1", "2")}
    assert set(delay) == {*plans, ("live", "0")}
    today = run_episode(crossing, solution("fixed-time"), Settings(), 0).metrics.delay
    assert abs(delay["today", "0"] - today) < 0.01
    drawn = (tmp_path / "map-id.svg").read_text()
    assert f"sekarang · {today:.1f} s" in drawn
    assert drawn.count("pengendali langsung") == drawn.count("rencana tetap") == 1
    sheet = rows(tmp_path / "sheets" / "c.csv")
    cycle = int(sheet[1][1])
    steps = sheet[5:]
    assert sum(int(step[1]) for step in steps) == cycle
    assert steps[0][3] and all(step[2] for step in steps)


def test_sumo_runs_the_programs_it_is_given(
    tmp_path: Path, crossing: Scenario, solution: Callable[[str], Any]
) -> None:
    write_signals(crossing, solution("max-wave"), Settings(), tmp_path)
    programs = (tmp_path / "programs.add.xml").read_text()
    sheet = rows(tmp_path / "sheets" / "c.csv")
    states = [(int(step[1]), step[2]) for step in sheet[5:]]
    with simulation(crossing, 1, additional=programs) as run:
        shown = []
        for second in range(int(sheet[1][1])):
            run.advance(second + 1)
            shown.append(run.api.trafficlight.getRedYellowGreenState("c"))
    expected = [state for lasts, state in states for _ in range(lasts)]
    assert shown == expected


def test_a_plan_that_is_worse_than_todays_is_not_written(
    tmp_path: Path, crossing: Scenario, always: type[Any], solution: Callable[[str], Any]
) -> None:
    write_signals(crossing, solution("max-wave"), Settings(), tmp_path)
    assert (tmp_path / "programs.add.xml").exists()
    # serves the quiet side street for ever: what that condenses to starves the main road
    written = write_signals(crossing, always(1), Settings(), tmp_path)
    assert {p.name for p in written if p.suffix != ".svg"} == {"report.txt", "comparison.csv", "switches.csv"}
    # and what an earlier run left is no longer there to be typed in
    assert not (tmp_path / "programs.add.xml").exists() and not list((tmp_path / "sheets").iterdir())
    english, indonesian, chinese = (tmp_path / "report.txt").read_text().split("\n----\n")
    assert "WORSE" in english and "LEBIH BURUK" in indonesian and "劣于" in chinese
    header, *lines = rows(tmp_path / "comparison.csv")
    place = header.index("delay")
    today = sum(float(line[place]) for line in lines if line[0] == "today") / 3
    fixed = sum(float(line[place]) for line in lines if line[0] == "fixed plan") / 3
    assert fixed > today and f"{fixed:.1f} s against {today:.1f} s" in english


switches = st.lists(st.tuples(st.integers(5, 60), st.integers(0, 3)), min_size=0, max_size=60)


@hypothesis_settings(max_examples=60, deadline=None)
@given(switches)
def test_a_condensed_plan_keeps_the_rules(steps: list[tuple[int, int]]) -> None:
    junction = read_topology(resco("cologne1").net).junctions["GS_cluster_357187_359543"]
    time, made = 0.0, []
    for lasts, phase in steps:
        time += lasts
        made.append((time, phase))
    plan = condense(junction, made, 0.0, time + 10, Rules())
    program = plan_program(junction, plan, Rules())
    red, _ = longest_red(junction, program)
    assert 0 <= red <= 120
    assert all(green >= 5 for _, green in plan.phases)


def test_the_busier_phase_gets_the_longer_green() -> None:
    junction = read_topology(resco("cologne1").net).junctions["GS_cluster_357187_359543"]
    made = [
        (float(t), p) for k in range(20) for t, p in ((k * 80 + 50, 1), (k * 80 + 58, 2), (k * 80 + 74, 3))
    ]
    made += [((k + 1) * 80.0, 0) for k in range(20)]
    plan = condense(junction, sorted(made), 0.0, 1600.0, Rules())
    greens = dict(plan.phases)
    assert greens[0] > greens[2] > greens[1] >= 5


def test_file_names_are_plain_short_and_distinct() -> None:
    assert file_name("cluster_12") == "cluster_12"
    odd = [file_name(x) for x in ("a/b", "a b", "a" * 300, "a" * 299 + "b", "../../etc/passwd", "路口")]
    assert len(set(odd)) == len(odd)
    assert all("/" not in name and len(name) < 70 for name in odd)
