"""From a map and counts to a running, retimed model: minutes, and how well the model carries what was counted.

    python benchmarks/city_import.py [--columns 10] [--rows 5] [--share 0.5] [--gaps 0.05] [--noise 0.05] [--retime]
        [--unseen 5]

The town and its traffic are *generated*: a grid of streets as an OpenStreetMap extract, hidden drivers who do not all
take the quickest way and whose number rises and falls through two hours, and counts by the quarter hour at a share of the approaches
to signals, with gaps and errors of counting. Only map and counts are given to the importer. Printed: seconds of each
step, the share of counts with GEH below 5 as SUMO drives it, beside SUMO's own `routeSampler.py` on the same candidate routes and counts,
and, with `--retime`, what retiming the imported model gave.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lumbung.city.engine.sumo import sumo_binary, sumo_version
from lumbung.city.importing.demand import GUESSED_PER_LANE, Demand, passes, write_routes
from lumbung.city.importing.graph import Graph, trace
from lumbung.city.importing.measured import count_again, passed, read_passages, share_good
from lumbung.city.importing.model import Model, import_model
from lumbung.city.importing.places import Place

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from lumbung.city.importing.generated_town import write_town

QUARTERS = [(25200.0 + 900 * k, 26100.0 + 900 * k) for k in range(8)]


def hidden_traffic(graph: Graph, seed: int, level: float) -> Demand:
    """Drivers that the importer never sees: each of so many households knows its own quickest way."""
    rng = np.random.default_rng(seed)
    sources, sinks = graph.sources(), graph.sinks()
    own: dict[tuple[str, ...], float] = {}
    for source in sources:
        for _ in range(4):
            factor = dict(zip(graph.edges, rng.uniform(1.0, 2.0, len(graph.edges)), strict=True))
            times, link = graph.tree(source, factor=factor)
            for sink in rng.choice([s for s in sinks if s in times and s != graph.twin(source)], 6):
                route = tuple(reversed(trace(link, str(sink))))
                own[route] = own.get(route, 0.0) + float(rng.lognormal(0.0, 1.0))
    routes = sorted(own)
    flows = np.array([own[route] for route in routes])
    flows *= level * GUESSED_PER_LANE * sum(graph.edges[s].lanes for s in sources) / flows.sum()
    day = 0.7 + 0.5 * np.sin(np.linspace(0.2, 2.6, len(QUARTERS)))
    return Demand(routes, QUARTERS, flows[:, None] * day[None, :] / 4, [], np.zeros((0, len(QUARTERS))), 0)


def write_counts(path: Path, first: Model, arguments: argparse.Namespace) -> tuple[int, int]:
    """Let the hidden drivers drive, and count some of them."""
    draw = random.Random(arguments.seed)
    graph = first.graph
    demand = hidden_traffic(graph, arguments.seed, arguments.level)
    text, _, vehicles = write_routes(demand, graph, arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "town.rou.xml").write_text(text, encoding="utf-8")
        (folder / "town.sumocfg").write_text(
            f'<configuration><input><net-file value="{first.folder / "town.net.xml"}"/><route-files value="town.rou.xml"/>'
            '</input><time><begin value="25200"/><end value="32400"/></time></configuration>'
        )
        approaches = sorted(graph.signal)
        chosen = sorted(draw.sample(approaches, round(arguments.share * len(approaches))))
        places = [Place(edge) for edge in chosen]
        passages = read_passages(folder / "town.sumocfg", places)
    counts = {
        (p.edge, begin): passed(times, begin, end) for p, times in passages.items() for begin, end in QUARTERS
    }
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["edge", "begin", "end", "count"])
        for (edge, begin), count in sorted(counts.items()):
            gap = draw.random() < arguments.gaps
            wrong = max(0, round(count * draw.gauss(1.0, arguments.noise)))
            clock = [f"{int(t) // 3600:02d}:{int(t) // 60 % 60:02d}" for t in (begin, begin + 900)]
            writer.writerow([edge, *clock, "" if gap else wrong])
    return vehicles, len(places)


def route_sampler(model: Model, folder: Path) -> tuple[float, float]:
    """SUMO's own tool on the same candidates and counts; seconds, and the share of counts with GEH below 5."""
    demand = model.demand
    lines = ["<routes>"]
    lines += [
        f'<vehicle id="{k}" depart="0"><route edges="{" ".join(r)}"/></vehicle>'
        for k, r in enumerate(demand.routes)
    ]
    (folder / "candidates.rou.xml").write_text("\n".join([*lines, "</routes>"]), encoding="utf-8")
    body = []
    for i, (begin, end) in enumerate(demand.intervals):
        cells = "".join(
            f'<edge id="{p.edge}" entered="{round(demand.wanted[k, i])}"/>'
            for k, p in enumerate(demand.places)
            if np.isfinite(demand.wanted[k, i])
        )
        body.append(f'<interval id="c" begin="{begin:g}" end="{end:g}">{cells}</interval>')
    (folder / "counts.xml").write_text("<data>" + "".join(body) + "</data>", encoding="utf-8")
    home = sumo_binary().parents[1]
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, home / "tools" / "routeSampler.py", "-r", "candidates.rou.xml", "-d", "counts.xml", "-o",
         "sampled.rou.xml", "-s", "1", "--optimize", "full", "-a", 'departLane="best" departSpeed="max"'],
        cwd=folder, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "SUMO_HOME": str(home)},
    )  # fmt: skip
    took = time.perf_counter() - begun
    (folder / "sampled.sumocfg").write_text(
        f'<configuration><input><net-file value="{model.folder / "town.net.xml"}"/><route-files value="sampled.rou.xml"/>'
        f'</input><time><begin value="{demand.intervals[0][0]}"/><end value="{demand.intervals[-1][1]}"/></time></configuration>'
    )
    return took, share_good(count_again(folder / "sampled.sumocfg", demand))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--rows", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--gaps", type=float, default=0.05)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument(
        "--level", type=float, default=0.55, help="of what an uncounted town is guessed to have"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--retime", action="store_true")
    parser.add_argument("--unseen", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lumbung-import-") as name:
        folder = Path(name)
        town = write_town(folder / "town.osm", arguments.columns, arguments.rows)
        first = import_model(town, folder / "first")
        hidden, counted = write_counts(folder / "counts.csv", first, arguments)
        print(f"{sumo_version()}; generated town of {first.signals} signals, {len(first.graph.edges)} streets; {hidden} "
              f"hidden vehicles in two hours, counted at {counted} approaches, gaps {arguments.gaps:.0%}, errors of "
              f"{arguments.noise:.0%}")  # fmt: skip
        begun = time.perf_counter()
        steps: list[tuple[str, float]] = []
        model = import_model(
            town,
            folder / "town",
            folder / "counts.csv",
            tell=lambda s: steps.append((s, time.perf_counter())),
        )
        took = time.perf_counter() - begun
        ends = [at for _, at in steps[1:]] + [begun + took]
        told = ", ".join(f"{said} {end - at:.1f} s" for (said, at), end in zip(steps, ends, strict=True))
        print(f"import: {took:.1f} s ({told})")
        incidence = passes(model.demand.routes, model.demand.places)
        missing = int((incidence.sum(axis=1) == 0).sum())
        print(
            f"{model.vehicles} vehicles on {len(model.demand.routes)} candidate routes; {missing} counted places on none"
        )
        print(f"GEH below 5: {share_good(model.matches):.1%} of {len(model.matches)} places and hours")
        seconds, share = route_sampler(model, folder)
        print(f"routeSampler.py --optimize full on the same: {share:.1%}, {seconds:.1f} s")
        if arguments.retime:
            retimed(model, arguments.unseen, took)


def retimed(model: Model, unseen: int, took: float) -> None:
    """Retime the model and print."""
    from lumbung.city.engine.episode import Settings
    from lumbung.city.engine.scenario_files import read_scenario
    from lumbung.city.retiming.retime import UNSEEN_FROM, retime

    begun = time.perf_counter()
    scenario = read_scenario(model.folder)
    found = retime(
        scenario, Settings(), range(1), range(UNSEEN_FROM, UNSEEN_FROM + unseen), steps=20, refine=4
    )
    seconds = time.perf_counter() - begun
    d = found.delay
    print(f"retime ({model.signals} signals, 20 steps, {unseen} unseen seeds): {seconds:.0f} s, delay "
          f"{d.before:.1f} s to {d.after:.1f} s ({d.after / d.before - 1:+.1%}, 95 % {d.low:+.1f} to {d.high:+.1f} s)")  # fmt: skip
    print(f"together: {(took + seconds) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
