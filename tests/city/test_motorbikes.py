"""The challenge of motorbikes holds what it says: left-hand, mostly motorcycles, a waiting area, people on foot."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter

from lumbung.city.engine.episode import Settings, run_today
from lumbung.city.engine.scenario_files import read_scenario
from lumbung.city.engine.sumo import simulation
from lumbung.city.engine.topology import scenario_topology
from lumbung.proving.catalogue import find_challenge

FOLDER = find_challenge("motorbikes").folder / "networks" / "main-street"


def test_cars_halt_before_the_waiting_area_and_motorcycles_in_it() -> None:
    scenario = read_scenario(FOLDER)
    root = ElementTree.parse(scenario.net).getroot()
    assert root.get("lefthand") == "true"
    approaches = {
        lane
        for j in scenario_topology(scenario).junctions.values()
        for m in j.movements
        for lane in m.lanes_in
    }
    offsets = {
        lane.attrib["id"]: offset.attrib for lane in root.iter("lane") for offset in lane.iter("stopOffset")
    }
    assert offsets.keys() == approaches
    assert all(float(o["value"]) == 6 and o["exceptions"] == "motorcycle" for o in offsets.values())
    halted: dict[str, list[float]] = {"car": [], "motorcycle": []}
    kinds: Counter[str] = Counter()
    with simulation(scenario, 1) as run:
        api = run.api
        while api.simulation.getTime() < 300:
            api.simulationStep()
            for name in api.simulation.getDepartedIDList():
                kinds[api.vehicle.getTypeID(name).split("@")[0]] += 1
            for lane in approaches:
                for name in api.lane.getLastStepVehicleIDs(lane):
                    if api.vehicle.getSpeed(name) < 0.05:
                        left = api.lane.getLength(lane) - api.vehicle.getLanePosition(name)
                        halted[api.vehicle.getTypeID(name).split("@")[0]].append(left)
    # whoever halts at the very front
    assert min(halted["motorcycle"]) < 3 and sorted(halted["car"])[len(halted["car"]) // 20] > 5
    assert 0.62 < kinds["motorcycle"] / sum(kinds.values()) < 0.78


def test_people_cross_and_their_delay_is_told() -> None:
    found = run_today(read_scenario(FOLDER), Settings(ignore_blocker=10), 1).metrics
    assert found.persons > 50 and found.person_delay > 0 and found.demanded > 1000 and found.gridlock == 0


def test_every_file_says_that_it_is_generated() -> None:
    for path in FOLDER.iterdir():
        assert "generated" in path.read_text(encoding="utf-8")[:200]
