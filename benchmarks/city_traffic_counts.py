"""Makes the tables of the challenge `traffic-counts`, and prints what simple forecasts score on them. All is *generated*.

    python benchmarks/city_traffic_counts.py make FOLDER      write history.csv, detectors.csv, inputs.csv and truth.csv
    python benchmarks/city_traffic_counts.py scores           the shipped solutions on the challenge, by horizon

A town of six signals (the tests' own) is imported; on each of thirty days SUMO drives people through it from 6:00 to
22:00, and detectors at the approaches count by five minutes. Days differ: weekday or weekend, a level by chance, and on some an
event that sends many through one part of the town for an hour or two, which no calendar tells. The first 24 days are
told (`history.csv`); of the last six, questions are asked every two hours: the hour before is told, and the count of the five minutes that end
5, 15, 30 or 60 minutes later is to be predicted. No question's past reaches into another's future.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
import tempfile
from pathlib import Path

import numpy as np

from lumbung.city.importing.demand import Demand, candidates, write_routes
from lumbung.city.importing.graph import Graph
from lumbung.city.importing.measured import passed, read_passages
from lumbung.city.importing.model import import_model
from lumbung.city.importing.places import Place

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from lumbung.city.importing.generated_town import write_town

DAYS, TOLD = 30, 24
BEGIN_S, END_S, STEP_S = 6 * 3600, 22 * 3600, 300
STEPS = (END_S - BEGIN_S) // STEP_S
HORIZONS_MIN = (5, 15, 30, 60)
ORIGINS_S = tuple(range(8 * 3600, 21 * 3600, 7200))
LEVEL = 0.42


def profile(weekend: bool) -> np.ndarray:
    """Share of the busiest quarter hour, by quarter hour from 6:00."""
    hours = np.arange(6, 22, 0.25) + 0.125
    if weekend:
        return 0.25 + 0.5 * np.exp(-(((hours - 14) / 4.5) ** 2))
    morning, evening = np.exp(-(((hours - 7.6) / 1.1) ** 2)), np.exp(-(((hours - 17.2) / 1.6) ** 2))
    return 0.3 + 0.6 * morning + 0.7 * evening


def day_of(number: int, graph: Graph) -> Demand:
    """Who travels on a day."""
    rng = np.random.default_rng(1000 + number)
    routes, prior, _ = candidates(graph, [])
    habits = prior * np.random.default_rng(7).lognormal(0.0, 0.7, len(prior))
    habits *= LEVEL * prior.sum() / habits.sum()
    shape = profile(weekend=number % 7 >= 5) * rng.lognormal(0.0, 0.12)
    flows = habits[:, None] * shape[None, :] / 4
    quarters = [(BEGIN_S + 900.0 * k, BEGIN_S + 900.0 * (k + 1)) for k in range(len(shape))]
    if rng.random() < 0.5:
        # an event: those who pass one street are many more for a while
        edge = rng.choice(sorted({e for r in routes for e in r}))
        begin, lasts = int(rng.integers(4, 54)), int(rng.integers(4, 9))
        through = np.array([edge in route for route in routes])
        flows[through, begin : begin + lasts] *= rng.uniform(1.8, 2.8)
    # people come as they like, not in even steps
    flows = rng.poisson(flows).astype(float)
    return Demand(routes, quarters, flows, [], np.zeros((0, len(quarters))), 0)


def make(folder: Path) -> None:
    """Write the tables."""
    with tempfile.TemporaryDirectory(prefix="lumbung-counts-") as name:
        model = import_model(write_town(Path(name) / "town.osm"), Path(name) / "town")
        graph = model.graph
        places = [Place(edge) for edge in sorted(graph.signal) if graph.edges[edge].lanes]
        counts = np.zeros((DAYS, len(places), STEPS), int)
        for day in range(DAYS):
            text, _, vehicles = write_routes(day_of(day, graph), graph, day)
            (model.folder / "town.rou.xml").write_text(text, encoding="utf-8")
            (model.folder / "day.sumocfg").write_text(
                '<configuration><input><net-file value="town.net.xml"/><route-files value="town.rou.xml"/></input>'
                f'<time><begin value="{BEGIN_S}"/><end value="{END_S}"/></time></configuration>'
            )
            for k, times in enumerate(read_passages(model.folder / "day.sumocfg", places).values()):
                edges = [BEGIN_S + STEP_S * s for s in range(STEPS + 1)]
                counts[day, k] = [passed(times, a, b) for a, b in itertools.pairwise(edges)]
            print(f"day {day}: {vehicles} vehicles, {counts[day].sum()} passages", flush=True)
        before = graph.reversed()
        upstream = [
            [k for k, p in enumerate(places) if p.edge in before.get(place.edge, {})] for place in places
        ]
    write(folder, counts, upstream)


def write(folder: Path, counts: np.ndarray, upstream: list[list[int]]) -> None:
    """Write history, questions and answers."""
    names = [f"d{k + 1:02d}" for k in range(counts.shape[1])]
    weekend = np.array([day % 7 >= 5 for day in range(DAYS)])
    with (folder / "history.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        clock = [f"{t // 3600:02d}:{t // 60 % 60:02d}" for t in range(BEGIN_S, END_S, STEP_S)]
        writer.writerow(["day", "weekend", "detector", *clock])
        for day in range(TOLD):
            for k, name in enumerate(names):
                writer.writerow([day, int(weekend[day]), name, *counts[day, k]])
    with (folder / "detectors.csv").open("w", newline="", encoding="utf-8") as file:
        above_of = [" ".join(names[k] for k in row) for row in upstream]
        csv.writer(file, lineterminator="\n").writerows(
            [["detector", "upstream"], *zip(names, above_of, strict=True)]
        )
    usual = {w: counts[:TOLD][weekend[:TOLD] == w].mean(axis=0) for w in (False, True)}
    questions, answers = [], []
    for day in range(TOLD, DAYS):
        mean = usual[bool(weekend[day])]
        for origin in ORIGINS_S:
            now = (origin - BEGIN_S) // STEP_S
            for k, name in enumerate(names):
                past = counts[day, k, now - 12 : now]
                above = (
                    counts[day, upstream[k], now - 12 : now].sum(axis=0) if upstream[k] else np.zeros(12, int)
                )
                above_usual = mean[upstream[k], now - 12 : now].sum() if upstream[k] else 0.0
                for horizon in HORIZONS_MIN:
                    at = now + horizon // 5 - 1
                    key = f"{day}-{origin // 3600:02d}-{name}-{horizon:02d}"
                    questions.append(
                        [key, name, int(weekend[day]), f"{origin // 3600:02d}:{origin // 60 % 60:02d}", horizon, *past,
                         f"{mean[k, at]:.1f}", f"{mean[k, now - 12 : now].sum():.1f}", *above[-3:], above.sum(),
                         f"{above_usual:.1f}"]
                    )  # fmt: skip
                    answers.append([key, counts[day, k, at], f"{horizon} min"])
    past_names = [f"c{k}" for k in range(12, 0, -1)]
    head = ["id", "detector", "weekend", "time", "horizon_min", *past_names, "usual_then", "usual_hour", "u3", "u2", "u1",
            "upstream_hour", "upstream_usual_hour"]  # fmt: skip
    for name, header, rows in (("inputs", head, questions), ("truth", ["id", "target", "horizon"], answers)):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])


def scores() -> None:
    """Judge the shipped solutions and print, by horizon."""
    from lumbung.proving.catalogue import find_challenge
    from lumbung.proving.executors import make_executor
    from lumbung.proving.run import plan_run, play_runs
    from lumbung.proving.submission import find_submission, solutions_for

    challenge = find_challenge("traffic-counts")
    names = solutions_for(challenge.challenge)
    plans = [plan_run(challenge, find_submission(name)) for name in names]
    found = play_runs(plans, make_executor(1))
    print("mean absolute error [vehicles in five minutes], generated data\n")
    print("| solution | " + " | ".join(f"{h} min" for h in HORIZONS_MIN) + " | all |")
    print("| --- |" + " ---: |" * (len(HORIZONS_MIN) + 1))
    for name, outcomes in zip(names, found, strict=True):
        cells: dict[str, list[float]] = {}
        for outcome in outcomes.values():
            assert outcome.score is not None, outcome.fault
            cells.setdefault(outcome.score.group, []).append(outcome.score.metrics["mae"])
        means = [float(np.mean(cells[f"{h}-min"])) for h in HORIZONS_MIN]
        print(f"| {name} | " + " | ".join(f"{m:.2f}" for m in means) + f" | {np.mean(means):.2f} |")


def main() -> None:
    """Make, or print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["make", "scores"])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("challenges/traffic-counts"))
    arguments = parser.parse_args()
    if arguments.what == "make":
        make(arguments.folder)
    else:
        scores()


if __name__ == "__main__":
    main()
