"""Every plan that the tools would export, checked by a program that shares no code with what makes or enforces them.

    python benchmarks/city_safety.py [--networks …] [--plans 40]

On each network: plans such as the search comes by (other cycles, splits, beginnings), each written
as SUMO's additional file and read by `tests/city/plan_checker.py`: conflicting priority greens from the network's own request table, yellow,
minimum green, maximum red, and the time people need over crossings. Junctions whose own plan no other replaces run as they
are and are counted apart. The networks of tests/city/foreign.py have crossings and left-hand traffic; RESCO's have neither.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from lumbung.city.engine.episode import Settings
from lumbung.city.engine.networks import RESCO, Scenario, resco
from lumbung.city.engine.plans import network_plan
from lumbung.city.engine.scenario_files import read_scenario
from lumbung.city.engine.topology import scenario_topology
from lumbung.city.retiming.retime import Period, export

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from city.foreign import Writer, trips
from city.plan_checker import violations
from city.test_plan_checker import plans_of

FOREIGN = ("right", "left", "walking", "walking left", "narrow")


def check(scenario: Scenario, count: int, folder: Path) -> tuple[int, int, int, list[str]]:
    """Plans exported, junctions that kept their own, violations in new plans and what the first ones were."""
    settings, topology = Settings(), scenario_topology(scenario)
    made, kept, found = 0, 0, []
    for number in range(count):
        plans = plans_of(topology, settings, random.Random(number))
        new = {name for name, plan in plans.items() if plan != network_plan(topology.junctions[name])}
        made, kept = made + len(new), kept + len(plans) - len(new)
        path = folder / "plans.xml"
        path.write_text(export(topology, [Period(0, 600, plans, "")], settings), encoding="utf-8")
        found += [v for v in violations(scenario.net, path, dead=True) if v.split(",")[0] in new]
    return made, kept, len(found), found[:3]


def main() -> None:
    """Check and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", default=",".join([*RESCO, *FOREIGN]))
    parser.add_argument("--plans", type=int, default=40)
    arguments = parser.parse_args()
    print("| network | new plans of a junction | own plans kept | violations |\n| --- | ---: | ---: | ---: |")
    total = 0
    for name in arguments.networks.split(","):
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            if name in RESCO:
                scenario = resco(name)
            else:
                writer = Writer(folder / "town", folder)
                writer.net(name)
                writer.file("demand.rou.xml", trips())
                scenario = read_scenario(writer.config())
            new, kept, count, first = check(scenario, arguments.plans, folder)
        total += count
        print(f"| {name} | {new} | {kept} | {count} |", flush=True)
        for said in first:
            print(f"    {said}")
    print(f"\n{total} violations")


if __name__ == "__main__":
    main()
