"""On a city's own network: every rule holds for everybody, and nothing of the configuration is lost on the way."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from city.foreign import FOREIGN, Writer, network, program, trips, walks
from city.foreign import _together as together
from lumbung.city.engine.conflicts import GREEN
from lumbung.city.engine.episode import Settings, run_episode, run_today
from lumbung.city.engine.metrics import read_tripinfo
from lumbung.city.engine.networks import NetworkError, Scenario
from lumbung.city.engine.plans import MOST_PHASES, IllegalAction, own_faults, plan_program, read_plan
from lumbung.city.engine.safety import Rules
from lumbung.city.engine.scenario_files import read_scenario
from lumbung.city.engine.sumo import Simulation, simulation
from lumbung.city.engine.topology import Topology, read_topology, scenario_topology


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own-networks")


@pytest.fixture
def writer(tmp_path: Path, networks: Path) -> Writer:
    return Writer(tmp_path / "town", networks)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What every signal really shows, second by second, as SUMO tells it: not what the guard believes."""
    seen: dict[str, list[str]] = {}

    def advance(run: Simulation, time: float) -> None:
        while run.api.simulation.getTime() < time:
            run.api.simulationStep()
            for name in run.api.trafficlight.getIDList():
                seen.setdefault(name, []).append(run.api.trafficlight.getRedYellowGreenState(name))

    monkeypatch.setattr(Simulation, "advance", advance)
    return seen


def audit(topology: Topology, shown: dict[str, list[str]]) -> int:
    """Check states against the network alone; return how many changes were looked at."""
    changes = 0
    for name, junction in topology.junctions.items():
        foes, on_foot = junction.conflicts.foes, junction.on_foot
        lost = dict.fromkeys(foes, -1000)
        for second, (before, after) in enumerate(zip(shown[name], shown[name][1:], strict=False)):
            for link, others in foes.items():
                if after[link] == "G":
                    assert not any(after[o] == "G" for o in others), f"{name}: conflicting greens {after}"
                if link not in on_foot:
                    assert not (before[link] in GREEN and after[link] == "r"), (
                        f"{name}: no yellow, link {link}"
                    )
                    if before[link] in GREEN and after[link] not in GREEN:
                        lost[link] = second
                        assert after[link] == "y"
                    if before[link] == "y" and after[link] == "r":
                        assert second - lost[link] >= junction.yellow, f"{name}: short yellow, link {link}"
                elif before[link] in GREEN and after[link] not in GREEN:
                    lost[link] = second
                if before[link] not in GREEN and after[link] in GREEN and link not in on_foot:
                    changes += 1
                    for other in others & on_foot.keys():
                        if after[other] not in GREEN:
                            walked = second - lost[other]
                            assert walked >= on_foot[other].length / 1.2, (
                                f"{name}: {walked} s for {on_foot[other]}"
                            )
    return changes


class Restless:
    """Asks for another phase whenever it may, so that every transition is seen."""

    def start(self, problem: dict[str, Any]) -> None:
        self.phases = {name: len(j["phases"]) for name, j in problem["junctions"].items()}
        self.count = 0

    def step(self, observation: dict[str, Any]) -> dict[str, int]:
        self.count += 1
        return {name: (self.count * 7 + self.count // 3) % n for name, n in self.phases.items()}


@pytest.mark.parametrize(
    "name", ["people on foot", "people on foot on the left", "network nema", "network left"]
)
def test_whatever_a_controller_asks_for_signals_stay_safe(
    name: str, writer: Writer, shown: dict[str, list[str]]
) -> None:
    scenario = read_scenario(FOREIGN[name](writer))
    run_episode(scenario, Restless(), Settings(), 1)
    assert audit(scenario_topology(scenario), shown) > 20


@pytest.mark.parametrize("controller", ["planner", "fixed-time"])
def test_people_are_called_and_served(
    controller: str, writer: Writer, solution: Callable[[str], Any], shown: dict[str, list[str]]
) -> None:
    writer.net("walking")
    writer.file("demand.rou.xml", together(trips(40, 5.0), walks(40, 4.0)))
    scenario = read_scenario(writer.config(time='<begin value="0"/><end value="400"/>'))
    metrics = run_episode(scenario, solution(controller), Settings(), 1).metrics
    topology = scenario_topology(scenario)
    assert audit(topology, shown) > 20
    assert metrics.persons == 40 and metrics.person_delay
    for name, junction in topology.junctions.items():
        for crossing in junction.crossings:
            assert any(state[crossing.index] in GREEN for state in shown[name])


def test_nobody_on_foot_waits_longer_than_the_maximum_red(writer: Writer, always: type[Any]) -> None:
    writer.net("walking")
    writer.file("demand.rou.xml", together(trips(10, 20.0), walks(40, 4.0)))
    scenario = read_scenario(writer.config(time='<begin value="0"/><end value="400"/>'))
    metrics = run_episode(scenario, always(1), Settings(rules=Rules(max_red=60)), 1).metrics
    assert metrics.forced > 0 and metrics.longest_red <= 60 + 5 + 11


def test_a_controller_sees_who_pushed_the_button(writer: Writer, always: type[Any]) -> None:
    writer.net("walking")
    writer.file("demand.rou.xml", together(trips(10, 20.0), walks(40, 4.0)))
    scenario = read_scenario(writer.config())
    seen: list[list[float]] = []

    class Watching(always):  # type: ignore[misc, valid-type]
        def step(self, observation: dict[str, Any]) -> Any:
            seen.extend(call for calls in observation["on_foot"].values() for call in calls)
            return super().step(observation)

    run_episode(scenario, Watching(1), Settings(), 1)
    crossings = {c.index for j in scenario_topology(scenario).junctions.values() for c in j.crossings}
    assert {call[0] for call in seen} <= crossings and max(call[1] for call in seen) > 20


def test_the_networks_own_clearing_on_foot_is_too_short_and_said_so(networks: Path) -> None:
    """netconvert clears 12.8 m in 8 s, where 1.2 m/s need 10.7 s."""
    for junction in read_topology(network("walking", networks)).junctions.values():
        assert any("clears in 8 s, needs 11 s" in fault for fault in own_faults(junction, Rules()))
        plan = read_plan(junction, "network", Rules())
        assert plan is not None, "run with the clearing that every other plan keeps"
        own = sum(p.duration for p in junction.program)
        assert own < sum(p.duration for p in plan_program(junction, plan, Rules())) <= own + 12


def test_a_schedule_does_not_take_a_signal_out_of_a_controllers_hands(
    writer: Writer, always: type[Any], shown: dict[str, list[str]]
) -> None:
    scenario = read_scenario(FOREIGN["plans by time of day"](writer))
    topology = scenario_topology(scenario)
    run_episode(scenario, always(0), Settings(rules=Rules(max_red=3600)), 1)
    for name in ("A0", "A1"):
        assert set(shown[name][1:]) == {topology.junctions[name].phases[0]}


def test_a_plan_replaces_a_schedule(writer: Writer, shown: dict[str, list[str]]) -> None:
    scenario = read_scenario(FOREIGN["plans by time of day"](writer))
    plan = {"phases": [[0, 30], [1, 30]]}

    class Planned:
        def start(self, problem: dict[str, Any]) -> Any:
            return {"plans": dict.fromkeys(problem["junctions"], plan)}

    run_episode(scenario, Planned(), Settings(), 1)  # type: ignore[arg-type]
    first = scenario_topology(scenario).junctions["A0"].phases[0]
    turns = itertools.pairwise(shown["A0"])
    greens = [second for second, (before, after) in enumerate(turns) if after == first != before]
    # 30 s and 30 s, with the 4 s of yellow that the switched plans have
    assert {b - a for a, b in itertools.pairwise(greens)} == {68}


def test_conflicting_greens_are_refused_and_named(writer: Writer) -> None:
    net = writer.net("right")
    junction = read_topology(net).junctions["A0"]
    state = "G" * len(junction.phases[0])
    writer.file(
        "plan.add.xml", program(net, "A0", "ours", 30, 30).replace(junction.phases[0], state), "additional"
    )
    writer.file("demand.rou.xml", trips())
    writer.additional.append("plan.add.xml")
    with pytest.raises(
        NetworkError,
        match=r"A0, program 'ours', phase 0: found priority green \(G\) for links 0 \(\w+ > \w+\)",
    ):
        scenario_topology(read_scenario(writer.config()))


@pytest.mark.parametrize(("kind", "waiting"), [("right", "l"), ("left", "r")])
def test_who_gives_way_is_the_networks_own_word(networks: Path, kind: str, waiting: str) -> None:
    for junction in read_topology(network(kind, networks)).junctions.values():
        direction = {i: m.direction for m in junction.movements for i in m.links}
        yielding = {
            direction[i]
            for state in junction.phases
            for i in direction
            if junction.conflicts.must_yield(state, i)
        }
        assert waiting in yielding and "s" not in yielding


def test_nema_phases_are_pairs_without_conflict(networks: Path) -> None:
    for junction in read_topology(network("nema", networks)).junctions.values():
        assert junction.programs[0].kind == "NEMA" and len(junction.phases) >= 4
        assert not any(list(junction.conflicts.clashes(state)) for state in junction.phases)
        served = {i for state in junction.phases for i, letter in enumerate(state) if letter in GREEN}
        assert served == {link.index for link in junction.links}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"phases": [[0, 30], [1, 30]] * 100_000}, "found 200000 phases"),
        ({"phases": [[0, 30], [1, 30]], "offset": 10**400}, "offset: found 1000"),
        ({"phases": [[0, 30], [1, 30]], "offset": -(10**7)}, "offset: found -10000000"),
    ],
)
def test_a_plan_is_bounded(networks: Path, answer: Any, found: str) -> None:
    junction = read_topology(network("right", networks)).junctions["A0"]
    with pytest.raises(IllegalAction, match=found):
        read_plan(junction, answer, Rules())
    assert read_plan(junction, {"phases": [[0, 5], [1, 5]] * (MOST_PHASES // 2)}, Rules()) is not None


@pytest.mark.parametrize(("a", "b", "found"), [(4, 40, "green for 4 s"), (20, 130, "red for 134 s")])
def test_todays_plan_is_held_to_the_same_rules(
    writer: Writer, solution: Callable[[str], Any], a: int, b: int, found: str
) -> None:
    net = writer.net("right")
    writer.file("plan.add.xml", program(net, "A0", "ours", a, b), "additional")
    writer.file("demand.rou.xml", trips())
    writer.additional.append("plan.add.xml")
    scenario = read_scenario(writer.config())
    with pytest.raises(IllegalAction, match=rf"junction A0 \(the network's own, program 'ours'\).*{found}"):
        run_episode(scenario, solution("fixed-time"), Settings(), 1)
    # what runs in the street is still what "today" means
    assert run_today(scenario, Settings(), 1).metrics.demanded == 60


TRIPS = """<tripinfos>
<personinfo id="a" depart="0.00" duration="90.00" waitingTime="12.00" timeLoss="20.00" traveltime="90.00">
  <walk depart="0.00" arrival="90.00" duration="90.00" timeLoss="20.00" waitingTime="12.00"/>
</personinfo>
<personinfo id="b" depart="5.00" duration="-1" waitingTime="70.00" timeLoss="-1" traveltime="-1">
  <walk depart="5.00" arrival="50.00" duration="45.00" timeLoss="10.00" waitingTime="7.00"/>
  <ride waitingTime="63.00" vehicle="NULL" depart="-1" arrival="-1" duration="-1" timeLoss="-1"/>
</personinfo>
<tripinfo id="1" depart="0.00" departDelay="1.00" arrival="60.00" duration="60.00" waitingTime="3.00" waitingCount="1" timeLoss="9.00">
  <emissions CO2_abs="300000" PMx_abs="20"/>
</tripinfo>
<tripinfo id="2" depart="40.00" departDelay="0.00" arrival="-1" duration="60.00" waitingTime="30.00" waitingCount="2" timeLoss="40.00">
  <emissions CO2_abs="100000" PMx_abs="8"/>
</tripinfo>
<tripinfo id="3" depart="-1" departDelay="50.00" arrival="-1" duration="0.00" waitingTime="0.00" waitingCount="0" timeLoss="0.00"/>
</tripinfos>"""


def test_people_and_emissions_by_hand(tmp_path: Path) -> None:
    (tmp_path / "t.xml").write_text(TRIPS)
    found = read_tripinfo(tmp_path / "t.xml", 1.0, emissions=True)
    assert found.demanded == 3 and found.delay == pytest.approx((10 + 40 + 50) / 3)
    # the second waits 63 s for a bus that never comes
    assert found.persons == 2 and found.person_delay == pytest.approx((20 + 10 + 63) / 2)
    assert found.co2 == pytest.approx(0.0004)
    # the one on the way and the one outside are charged up to the whole trip of the first; 51 s outside are idled
    assert found.co2_trip == pytest.approx((300 + 300 + 300 + 51 * 2.62472) / 3)
    assert found.pm_trip == pytest.approx((20 + 20 + 20 + 51 * 0.066) / 3)


def test_starving_an_approach_does_not_look_clean(tmp_path: Path) -> None:
    let_in = (
        '<tripinfo id="3" depart="10" departDelay="0.00" arrival="90" duration="80.00" waitingTime="0.00" '
    )
    let_in += 'waitingCount="0" timeLoss="20.00"><emissions CO2_abs="320000" PMx_abs="21"/></tripinfo>\n</tripinfos>'
    (tmp_path / "starved.xml").write_text(TRIPS)
    (tmp_path / "served.xml").write_text(TRIPS[: TRIPS.index('<tripinfo id="3"')] + let_in)
    starved = read_tripinfo(tmp_path / "starved.xml", 1.0, emissions=True).as_dict()
    served = read_tripinfo(tmp_path / "served.xml", 1.0, emissions=True).as_dict()
    assert starved["co2"] < served["co2"], "less is emitted on the road by those who are not let onto it"
    assert starved["co2_trip"] > served["co2_trip"]


ORDER = """
import sys
from pathlib import Path
from lumbung.city.engine.networks import own_scenario
from lumbung.city.engine.sensors import Watch
from lumbung.city.engine.sumo import simulation
from lumbung.city.engine.topology import read_topology
folder = Path(sys.argv[1])
scenario = own_scenario(folder / "crossing.net.xml", (folder / "crossing.rou.xml",), 0, 300)
with simulation(scenario, 0) as run:
    watch, found = Watch(read_topology(scenario.net), run), []
    for second in range(20, 120, 20):
        run.advance(second)
        found += watch.standing_lanes()
print(found)
"""


def test_whose_turn_it_is_does_not_depend_on_the_process(crossing: Scenario) -> None:
    """Of links called at one moment the first is served first; a set's order is another in every process."""
    said = {
        subprocess.run(
            [sys.executable, "-c", ORDER, crossing.net.parent],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(said) == 1 and "ec_0" in said.pop()


def test_notes_name_what_was_overridden(writer: Writer, tmp_path: Path) -> None:
    writer.net("right")
    writer.file("demand.rou.xml", trips())
    writer.file(
        "d.add.xml", '<inductionLoop id="e1" lane="A0A1_0" pos="-10" period="60" file="x.xml"/>', "additional"
    )
    writer.additional.append("d.add.xml")
    scenario = read_scenario(
        writer.config(
            '<output><fcd-output value="fcd.xml"/></output><processing><time-to-teleport value="90"/></processing>'
            '<random_number><seed value="4"/></random_number><report><verbose value="true"/></report>'
        )
    )
    assert scenario.notes == (
        "fcd-output=fcd.xml: overridden (off)",
        "time-to-teleport=90: overridden (off: who is stuck stays stuck, and counts)",
        "seed=4: overridden (the run's own seed)",
        "inductionLoop e1: output overridden (off)",
    )


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ('<processing><speling value="1"/></processing>', "speling"),
        ('<input><additional-files value="none.xml"/></input>', "none.xml, no such file"),
    ],
)
def test_what_sumo_refuses_is_said_in_its_words(writer: Writer, options: str, found: str) -> None:
    writer.net("right")
    writer.file("demand.rou.xml", trips())
    config = writer.config(options)
    with pytest.raises(NetworkError, match=found):
        read_scenario(config)


@pytest.mark.parametrize("text", ["7 o'clock", "07:00", "nan", "1:2:3:4:5"])
def test_times_that_are_none(writer: Writer, text: str) -> None:
    writer.net("right")
    writer.file("demand.rou.xml", trips())
    with pytest.raises(NetworkError):
        read_scenario(writer.config(time=f'<begin value="{text}"/>'))


def test_files_that_include_each_other_come_to_an_end(writer: Writer) -> None:
    writer.net("right")
    writer.file("demand.rou.xml", trips())
    writer.file("a.add.xml", '<include href="b.add.xml"/>', "additional")
    writer.file("b.add.xml", '<include href="a.add.xml"/>', "additional")
    writer.additional.append("a.add.xml")
    with pytest.raises(NetworkError, match="includes itself"):
        read_scenario(writer.config())


def test_drivers_who_see_a_way_past_a_blocked_junction(crossing: Scenario) -> None:
    with simulation(crossing, 0, ignore_blocker=10) as run:
        assert run.api.simulation.getOption("ignore-junction-blocker") == "10"
    with simulation(crossing, 0) as run:
        assert float(run.api.simulation.getOption("ignore-junction-blocker")) < 0


def test_xml_of_an_export_is_what_was_planned(networks: Path) -> None:
    from lumbung.city.engine.plans import Plan, programs_xml

    junction = read_topology(network("walking", networks)).junctions["A0"]
    steps = plan_program(junction, Plan(((0, 20), (2, 20))), Rules())
    root = ElementTree.fromstring(programs_xml([(junction, steps, 7)]))
    assert [(p.get("state"), int(p.get("duration", 0))) for p in root.iter("phase")] == [
        (p.state, p.duration) for p in steps
    ]
