"""Retiming beside its rivals: the network's own plan, Webster's, and SUMO's tlsCycleAdaptation with tlsCoordinator.

    python benchmarks/city_retime.py [--networks …] [--train 2] [--unseen 10] [--steps 60] [--refine 20] [--keep FILE]

All on the same seeds, from 7000 on, that nobody chose on. Webster's plans are those that our search begins with (one cycle
for each junction by its own flows); SUMO's two tools get the routes that SUMO itself drove (seed 0) and their defaults.
Rivals' plans run as they are, also where they break minimum green or maximum red. Printed: mean delay [s], ratio to the own plan, and the
geometric mean of the ratios over the networks.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from statistics import geometric_mean, mean

from city_never_worse import Kept

from lumbung.city.engine.episode import Settings, run_programs
from lumbung.city.engine.journeys import read_journeys
from lumbung.city.engine.networks import RESCO, Scenario, resco
from lumbung.city.engine.sumo import sumo_binary, sumo_version
from lumbung.city.engine.topology import scenario_topology
from lumbung.city.retiming.retime import UNSEEN_FROM, Period, export, retime
from lumbung.city.retiming.search import Search

RIVALS = ("webster", "sumo's tools")


def webster(scenario: Scenario, settings: Settings) -> str:
    """Webster's plans, by the flows of the demand."""
    topology = scenario_topology(scenario)
    journeys = read_journeys(scenario, topology, 0)
    plans = Search(topology, journeys, settings.rules, steps=0).webster().plans
    return export(topology, [Period(journeys.begin, journeys.end, plans, "webster")], settings)


def sumo_tools(scenario: Scenario) -> str:
    """SUMO's own two: cycles and splits first, then offsets."""
    home = sumo_binary().parents[1]
    environment = {**os.environ, "SUMO_HOME": str(home)}

    def tool(name: str, *options: str) -> None:
        subprocess.run(
            [sys.executable, str(home / "tools" / name), *options], cwd=folder, check=True, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        subprocess.run(
            [str(sumo_binary()), "-n", str(scenario.net), "-r", str(scenario.routes[0]), "-b", str(scenario.begin), "-e",
             str(scenario.end), "--vehroute-output", "driven.xml", "--vehroute-output.write-unfinished", "--no-step-log",
             "--no-warnings", "--vehroute-output.sorted", "--seed", "0"],
            cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        tool(
            "tlsCycleAdaptation.py", "-n", str(scenario.net), "-r", "driven.xml", "-b", str(scenario.begin), "-o",
            "splits.add.xml", "--program", "tools",
        )  # fmt: skip
        tool(
            "tlsCoordinator.py", "-n", str(scenario.net), "-r", "driven.xml", "-a", "splits.add.xml", "-o",
            "offsets.add.xml",
        )  # fmt: skip
        bodies = []
        for name in ("splits.add.xml", "offsets.add.xml"):
            bodies += [
                ElementTree.tostring(item, "unicode") for item in ElementTree.parse(folder / name).getroot()
            ]
        return "<additional>\n" + "".join(bodies) + "</additional>\n"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", default=",".join(RESCO))
    parser.add_argument("--train", type=int, default=2)
    parser.add_argument("--unseen", type=int, default=10)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--refine", type=int, default=20)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    settings = Settings()
    unseen = range(UNSEEN_FROM, UNSEEN_FROM + arguments.unseen)
    kept = Kept(arguments.keep)
    print(
        f"{sumo_version()}, seeds {unseen[0]}-{unseen[-1]}; {arguments.train} training seeds, {arguments.steps} steps, "
        f"{arguments.refine} refinements\n"
    )
    print(
        "| network | own plan | webster | sumo's tools | retime | retime / own | 95 % interval [s] | exported | minutes |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |")
    ratios: dict[str, list[float]] = {name: [] for name in (*RIVALS, "retime")}
    for network in arguments.networks.split(","):
        scenario = resco(network)
        key = f"{network} {arguments.train} {arguments.unseen} {arguments.steps} {arguments.refine}"

        def retimed(scenario: Scenario = scenario) -> dict[str, float]:
            begun = time.perf_counter()
            d = (
                found := retime(
                    scenario, settings, range(arguments.train), unseen, arguments.steps, arguments.refine
                )
            ).delay
            return {"before": d.before, "after": d.after, "low": d.low, "high": d.high, "exported": float(found.exported),
                    "minutes": (time.perf_counter() - begun) / 60}  # fmt: skip

        ours = kept.get(f"retime {key}", retimed)
        rivals = {}
        for name in RIVALS:

            def run(name: str = name, scenario: Scenario = scenario) -> dict[str, float]:
                program = webster(scenario, settings) if name == "webster" else sumo_tools(scenario)
                return {
                    "delay": mean(run_programs(scenario, settings, s, program).metrics.delay for s in unseen)
                }

            rivals[name] = kept.get(f"{name} {network} {arguments.unseen}", run)["delay"]
            ratios[name].append(rivals[name] / ours["before"])
        # where the new plans are not exported, the city keeps its own
        after = ours["after"] if ours["exported"] else ours["before"]
        ratios["retime"].append(after / ours["before"])
        print(
            f"| {network} | {ours['before']:.1f} | {rivals['webster']:.1f} | {rivals[RIVALS[1]]:.1f} | {ours['after']:.1f} "
            f"| {ours['after'] / ours['before']:.3f} | {ours['low']:+.1f} to {ours['high']:+.1f} "
            f"| {'yes' if ours['exported'] else 'no'} | {ours['minutes']:.1f} |",
            flush=True,
        )
    means = {name: geometric_mean(values) for name, values in ratios.items()}
    print(
        "\ngeometric mean of the ratios to the own plan: "
        + ", ".join(f"{n} {v:.3f}" for n, v in means.items())
    )
    print(f"retime against SUMO's tools: {means['retime'] / means[RIVALS[1]] - 1:+.1%}; greatest ratio of retime "
          f"{max(ratios['retime']):.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
