"""Does the queue twin rank plans as SUMO does, and how fast is it?

    python benchmarks/city_twin.py [--networks …] [--seeds 2] [--keep FILE]

On each network fifteen sets of fixed plans run on both: the own plan, the own plan's greens shortened and lengthened,
Webster's splits for nine cycles and for each junction's own, and equal greens for three. Printed: Spearman's rank correlation of mean delays (SUMO: mean over seeds from 7000
on), the twin's least delay as SUMO sees it against SUMO's own least, milliseconds of the twin for an evaluation, and its vehicle updates
a second on one core (vehicles put in a queue, passed on, or looked at while they stand first).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from city_never_worse import Kept

from lumbung.city.engine.episode import Settings, run_programs
from lumbung.city.engine.journeys import read_journeys
from lumbung.city.engine.networks import RESCO, resco
from lumbung.city.engine.plans import Plan, network_plan
from lumbung.city.engine.sumo import sumo_version
from lumbung.city.engine.topology import Topology, scenario_topology
from lumbung.city.retiming.retime import UNSEEN_FROM, Period, export
from lumbung.city.retiming.search import CYCLES_S, Plans, Search, spelled

EVALUATIONS = 20


def stretched(topology: Topology, factor: float) -> Plans:
    """The own plans with other greens."""
    return {
        name: Plan(
            tuple((p, max(5, round(g * factor))) for p, g in network_plan(j).phases), network_plan(j).offset
        )
        for name, j in topology.junctions.items()
    }


def equal(topology: Topology, green: int) -> Plans:
    """The same green for every phase."""
    return {
        name: Plan(tuple((p, green) for p, _ in network_plan(j).phases))
        for name, j in topology.junctions.items()
    }


def ranks(values: list[float]) -> np.ndarray:
    """Ranks, equal ones sharing their mean."""
    array = np.round(np.array(values), 6)
    return np.array([(array < v).sum() + ((array == v).sum() - 1) / 2 for v in array])


def spearman(one: list[float], two: list[float]) -> float:
    """Spearman's rank correlation."""
    return float(np.corrcoef(ranks(one), ranks(two))[0, 1])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", default=",".join(RESCO))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    settings, kept = Settings(), Kept(arguments.keep)
    print(f"{sumo_version()}, seeds {UNSEEN_FROM}-{UNSEEN_FROM + arguments.seeds - 1}\n")
    print(
        "| network | plans | Spearman | twin's choice in SUMO | SUMO's best | ms an evaluation | updates a second |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for network in arguments.networks.split(","):
        scenario = resco(network)
        topology = scenario_topology(scenario)
        journeys = read_journeys(scenario, topology, 0)
        search = Search(topology, journeys, settings.rules, steps=0)
        sets: dict[str, Plans] = {"own": search.own().plans, "webster": search.webster().plans}
        sets |= {f"webster {cycle}": search.webster(cycle).plans for cycle in CYCLES_S}
        sets |= {f"own x {factor}": stretched(topology, factor) for factor in (0.6, 1.4)}
        sets |= {f"equal {green}": equal(topology, green) for green in (12, 25)}
        programs = {name: spelled(topology, plans, settings.rules) for name, plans in sets.items()}
        twin = {name: search.twin.run(program).delay for name, program in programs.items()}
        begun, updates = time.perf_counter(), 0
        for _ in range(EVALUATIONS):
            updates += search.twin.run(programs["own"]).updates
        spent = time.perf_counter() - begun
        sumo = {}
        for name, plans in sets.items():
            text = export(topology, [Period(journeys.begin, journeys.end, plans, name)], settings)

            seeds = range(UNSEEN_FROM, UNSEEN_FROM + arguments.seeds)
            figures = kept.get(
                f"twin {network} {name} {arguments.seeds}",
                lambda scenario=scenario, text=text, seeds=seeds: {
                    "delay": float(
                        np.mean([run_programs(scenario, settings, s, text).metrics.delay for s in seeds])
                    )
                },
            )
            sumo[name] = figures["delay"]
        found = spearman(list(twin.values()), list(sumo.values()))
        choice = min(twin, key=lambda name: twin[name])
        best = min(sumo, key=lambda name: sumo[name])
        print(
            f"| {network} | {len(sets)} | {found:.3f} | {choice}: {sumo[choice]:.1f} | {best}: {sumo[best]:.1f} "
            f"| {1000 * spent / EVALUATIONS:.1f} | {updates / spent:.2e} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
