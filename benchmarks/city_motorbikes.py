"""Makes the network and the traffic of the challenge `motorbikes`, and prints what its parts do. All is *generated*.

    python benchmarks/city_motorbikes.py make FOLDER      write the scenario
    python benchmarks/city_motorbikes.py shows            delay with and without motorbikes, and with and without the waiting area
    python benchmarks/city_motorbikes.py solutions        what the shipped controllers do there

A main street with four signals in a town where people drive on the left: two lanes each way, side streets, sidewalks. Seven
vehicles of ten are motorcycles, and people cross the street on foot. SUMO's sublane model lets them ride beside each other and filter to the front; before each stop line of
a signal, cars halt six metres earlier (`stopOffset`), and the room between is theirs: the ruang henti khusus of Indonesian
cities.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
from city_never_worse import Timed

from lumbung.city.engine.episode import Settings, run_episode, run_today
from lumbung.city.engine.scenario_files import read_scenario
from lumbung.city.engine.sumo import sumo_binary

SIGNALS, BLOCK_M, SIDE_M = 4, 220, 180
WAITING_AREA_M = 6.0
SHARE = 0.7
END_S = 900


def plain_files(folder: Path) -> None:
    """Nodes and edges of the main street."""
    nodes, edges = [], []
    for k in range(-1, SIGNALS + 1):
        kind = ' type="traffic_light"' if 0 <= k < SIGNALS else ""
        nodes.append(f'<node id="m{k}" x="{k * BLOCK_M}" y="0"{kind}/>')
        if 0 <= k < SIGNALS:
            nodes += [
                f'<node id="{s}{k}" x="{k * BLOCK_M}" y="{y}"/>' for s, y in (("n", SIDE_M), ("s", -SIDE_M))
            ]
            for side in "ns":
                for a, b in ((f"{side}{k}", f"m{k}"), (f"m{k}", f"{side}{k}")):
                    edges.append(
                        f'<edge id="{a}-{b}" from="{a}" to="{b}" numLanes="1" speed="11.11" priority="2" sidewalkWidth="1.5"/>'
                    )
        if k < SIGNALS:
            for a, b in ((f"m{k}", f"m{k + 1}"), (f"m{k + 1}", f"m{k}")):
                edges.append(
                    f'<edge id="{a}-{b}" from="{a}" to="{b}" numLanes="2" speed="13.89" priority="5" sidewalkWidth="1.5"/>'
                )
    (folder / "n.xml").write_text("<nodes>" + "".join(nodes) + "</nodes>")
    (folder / "e.xml").write_text("<edges>" + "".join(edges) + "</edges>")


def demand(share: float = SHARE) -> str:
    """Flows through the street: a busy direction, a quieter one, and side streets."""
    rng = np.random.default_rng(5)
    lines = [
        "<!-- generated -->",
        '<vTypeDistribution id="mixed">',
        f'<vType id="motorcycle" vClass="motorcycle" probability="{share:g}" length="1.9" width="0.8" minGap="0.8" maxSpeed="16.7" '
        'accel="3.0" latAlignment="compact" lcStrategic="0.5" lcPushy="0.6" minGapLat="0.25" lcAssertive="1.5"/>',
        f'<vType id="car" vClass="passenger" probability="{1 - share:g}" latAlignment="center"/>',
        "</vTypeDistribution>",
    ]
    ways = [("m-1-m0", f"m{SIGNALS - 1}-m{SIGNALS}", 1500), (f"m{SIGNALS}-m{SIGNALS - 1}", "m0-m-1", 900)]
    for k in range(SIGNALS):
        ways += [
            (f"n{k}-m{k}", f"m{k}-s{k}", int(rng.integers(180, 420))),
            (f"s{k}-m{k}", f"m{k}-n{k}", int(rng.integers(150, 360))),
        ]
        ways += (
            [(f"n{k}-m{k}", f"m{SIGNALS - 1}-m{SIGNALS}", int(rng.integers(60, 160)))]
            if k < SIGNALS - 1
            else []
        )
        ways += [("m-1-m0", f"m{k}-n{k}", int(rng.integers(60, 140)))]
    for number, (here, there, flow) in enumerate(ways):
        lines.append(
            f'<flow id="f{number}" type="mixed" begin="0" end="{END_S}" probability="{flow / 3600:.4f}" from="{here}" to="{there}" '
            'departLane="best" departSpeed="max" departPosLat="random"/>'
        )
    lines += [
        f'<personFlow id="p{k}" begin="0" end="{END_S}" period="{20 + 5 * k}"><walk from="n{k}-m{k}" to="m{k}-s{k}"/></personFlow>'
        for k in range(SIGNALS)
    ]
    return "<routes>\n" + "\n".join(lines) + "\n</routes>\n"


def make(folder: Path, waiting_area: float = WAITING_AREA_M, share: float = SHARE) -> None:
    """Write ``town.net.xml``, ``town.rou.xml`` and ``town.sumocfg``."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        plain_files(work)
        subprocess.run(
            [str(sumo_binary().parent / "netconvert"), "-n", str(work / "n.xml"), "-e", str(work / "e.xml"), "--lefthand",
             "--crossings.guess", "--no-turnarounds", "--tls.cycle.time", "90", "--xml-validation", "never",
             "--no-internal-links", "false", "-o", str(work / "town.net.xml")],
            check=True, capture_output=True,
        )  # fmt: skip
        text = (work / "town.net.xml").read_text(encoding="utf-8")
    # without who made it and when: the same bytes from the same SUMO
    text = re.sub(r"<!--.*?-->", "<!-- generated -->", text, count=1, flags=re.DOTALL)
    if waiting_area:
        text = with_waiting_areas(text, waiting_area)
    (folder / "town.net.xml").write_text(text, encoding="utf-8")
    (folder / "town.rou.xml").write_text(demand(share), encoding="utf-8")
    (folder / "town.sumocfg").write_text(
        "<configuration><!-- generated -->\n"
        '    <input><net-file value="town.net.xml"/><route-files value="town.rou.xml"/></input>\n'
        f'    <time><begin value="0"/><end value="{END_S}"/><step-length value="0.5"/></time>\n'
        '    <processing><lateral-resolution value="0.4"/></processing>\n</configuration>\n'
    )


def with_waiting_areas(text: str, metres: float) -> str:
    """Let all but motorcycles halt earlier on lanes that end at a signal."""
    root = ElementTree.fromstring(text)
    signals = {j.attrib["id"] for j in root.iter("junction") if j.get("type", "").startswith("traffic_light")}
    for edge in root.iter("edge"):
        if edge.get("function") is None and edge.get("to") in signals:
            for lane in edge.iter("lane"):
                if lane.get("allow") != "pedestrian":
                    ElementTree.SubElement(lane, "stopOffset", value=f"{metres:g}", exceptions="motorcycle")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- generated -->\n'
        + ElementTree.tostring(root, "unicode")
        + "\n"
    )


def shows() -> None:
    """Print what the parts do."""
    print(
        "today's plans, mean of three seeds, generated traffic\n\n| motorcycles | waiting area | vehicles | delay [s] | arrived |"
    )
    print("| ---: | ---: | ---: | ---: | ---: |")
    settings = replace(Settings(), ignore_blocker=10)
    for share in (0.0, SHARE):
        for area in (0.0, WAITING_AREA_M):
            with tempfile.TemporaryDirectory() as name:
                make(Path(name), area, share)
                scenario = read_scenario(Path(name))
                found = [run_today(scenario, settings, seed).metrics for seed in range(3)]
            mean = {k: sum(getattr(m, k) for m in found) / 3 for k in ("demanded", "delay", "arrived")}
            print(
                f"| {share:.0%} | {area:g} m | {mean['demanded']:.0f} | {mean['delay']:.1f} | {mean['arrived']:.0f} |",
                flush=True,
            )


def solutions(folder: Path) -> None:
    """Print what the shipped controllers do there."""
    scenario, settings = read_scenario(folder), replace(Settings(), ignore_blocker=10)
    print(
        "mean of five seeds, generated traffic\n\n| controller | delay [s] | on foot [s] | worst twentieth [s] |\n| --- | ---: | ---: | ---: |"
    )
    for name in ("today", "fixed-time", "actuated", "max-pressure", "max-wave", "planner", "learned"):
        runs = [
            (
                run_today(scenario, settings, s)
                if name == "today"
                else run_episode(scenario, Timed(f"city/{name}"), settings, s)
            ).metrics
            for s in range(5)
        ]
        mean = [sum(getattr(m, k) for m in runs) / 5 for k in ("delay", "person_delay", "worst_delay")]
        print(f"| {name} | " + " | ".join(f"{v:.1f}" for v in mean) + " |", flush=True)


def main() -> None:
    """Make, or show."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["make", "shows", "solutions"])
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path("challenges/motorbikes/networks/main-street")
    )
    arguments = parser.parse_args()
    if arguments.what == "make":
        make(arguments.folder)
    elif arguments.what == "solutions":
        solutions(arguments.folder)
    else:
        shows()


if __name__ == "__main__":
    main()
