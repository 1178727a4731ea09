"""How good the siting search is: published instances, size, and spopt beside it.

    python benchmarks/connectivity_siting.py INSTANCES [--parts published,size,spopt] [--only SanFrancisco_60_600]

INSTANCES is a folder with ``instances`` (covering instances in the published layout) and ``best_known`` (their best
known solutions, ``NAME_SITES_RADIUS.txt``), as of AILS-MCLP (Maximo, Cordeau and Nascimento 2023). Its values are
re-evaluated first. spopt comes with ``uv sync --group rivals``. Seconds are wall seconds on two threads, reading included;
the machine's load stands beside them, since other work on it takes from what we get.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lumbung.connectivity.engine.covering.discs import merged_discs
from lumbung.connectivity.engine.covering.instance import read_instance
from lumbung.connectivity.engine.covering.problem import Covering, Lists
from lumbung.connectivity.engine.covering.search import Answer, Knowledge, Stage, maximise

SHORT, LONG, LIMIT, GAP = 10.0, 60.0, 600.0, 0.01
SPOPT_SECONDS = 60.0


@dataclass(frozen=True)
class Published:
    """A published instance with its best known solution."""

    path: Path
    sites: int
    radius: float
    value: float
    chosen: list[int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instances", type=Path)
    parser.add_argument("--parts", default="published,size,spopt")
    parser.add_argument("--only", default="", help="names of best known solutions, with commas between")
    arguments = parser.parse_args()
    _compile()
    parts = arguments.parts.split(",")
    if "published" in parts:
        _published(arguments.instances, set(filter(None, arguments.only.split(","))))
    if "size" in parts:
        _size()
    if "spopt" in parts:
        _beside_spopt(arguments.instances)


def _compile() -> None:
    rng = np.random.default_rng(0)
    cover, weights = merged_discs(rng.random((3000, 2)), np.ones(3000), rng.random((40, 2)), 0.15)
    maximise(Covering.counting(cover, weights, 8), 5.0)


def _best_known(folder: Path) -> list[Published]:
    found = []
    for path in sorted((folder / "best_known").glob("*.txt")):
        name, sites, radius = path.stem.rsplit("_", 2)
        words = path.read_text().split()
        instance = folder / "instances" / f"{name}.txt"
        chosen = [int(word) for word in words[3 : 3 + int(sites)]]
        found.append(Published(instance, int(sites), float(radius), float(words[1]), chosen))
    # The hardest first: many sites' circles over one another, and the larger file.
    return sorted(found, key=lambda p: (p.path.stem != "SanFrancisco", abs(p.sites - 60)))


def _published(folder: Path, only: set[str]) -> None:
    print(
        f"published instances; best known re-evaluated, then ours; until the gap is {GAP:.0%}, {LONG:.0f} s at least"
    )
    print(
        f"{'instance':22}{'best known':>11} same{'at 10 s':>9}{'at 60 s':>9}{'value':>11}{'bound':>11}{'gap':>8}"
        f"{'1 % at':>9}{'ended':>9} {'ending':12}load"
    )
    for known in _best_known(folder):
        if not only or f"{known.path.stem}_{known.sites}_{known.radius:.0f}" in only:
            _one(known)


def _one(known: Published) -> None:
    begun = time.monotonic()
    instance = read_instance(known.path)
    problem = Covering.counting(instance.cover(known.radius), instance.demand, known.sites)
    read = time.monotonic() - begun
    same = problem.value(known.chosen) == known.value and len(set(known.chosen)) == known.sites
    last = [Stage("", 0.0, 0.0, np.inf)]

    def watch(stage: Stage, _knowledge: Knowledge) -> None:
        last.append(stage)

    def enough() -> bool:
        return time.monotonic() - begun > LONG and last[-1].bound <= last[-1].value * (1 + GAP)

    answer = maximise(problem, LIMIT - read, watch=watch, interrupted=enough)
    shares = [_by(answer, seconds - read) / known.value for seconds in (SHORT, LONG)]
    close = next(
        (s.seconds + read for s in answer.stages if s.value > 0 and s.bound <= s.value * (1 + GAP)), np.inf
    )
    print(
        f"{known.path.stem + f' p={known.sites}':22}{known.value:11,.0f} {'yes' if same else 'NO':4}{shares[0]:9.3%}"
        f"{shares[1]:9.3%}{answer.value:11,.0f}{answer.bound:11,.0f}{answer.gap:8.3%}{close:7.1f} s"
        f"{answer.seconds + read:7.1f} s {answer.ending:12}{os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _by(answer: Answer, seconds: float) -> float:
    return max((stage.value for stage in answer.stages if stage.seconds <= seconds), default=0.0)


def _size() -> None:
    rng = np.random.default_rng(20)
    print("\nrandom points in a unit square, 1 to 99 people each")
    print(
        f"{'points':>11}{'sites':>6}{'p':>4}{'radius':>8}{'merged':>8}{'value':>15}{'bound':>15}{'gap':>8}{'seconds':>9} "
        f"{'ending':9}load"
    )
    for count, sites, chosen, radius, gap in (
        (20_000_000, 100, 10, 0.15, 0.0),
        (20_000_000, 100, 10, 0.1, 0.0),
        (100_000, 500, 25, 0.05, GAP),
        (100_000, 500, 50, 0.05, GAP),
        (100_000, 500, 10, 0.1, GAP),
        (100_000, 500, 25, 0.1, GAP),
        (100_000, 500, 50, 0.1, GAP),
    ):
        points, masts = rng.random((count, 2)), rng.random((sites, 2))
        people = rng.integers(1, 100, count).astype(float)
        begun = time.monotonic()
        cover, weights = merged_discs(points, people, masts, radius)
        answer = maximise(Covering.counting(cover, weights, chosen), LONG - (time.monotonic() - begun), gap)
        print(
            f"{count:11,}{sites:6}{chosen:4}{radius:8g}{len(weights):8,}{answer.value:15,.0f}{answer.bound:15,.0f}"
            f"{answer.gap:8.3%}{time.monotonic() - begun:7.1f} s {answer.ending:9}{os.getloadavg()[0]:.1f}",
            flush=True,
        )


def _beside_spopt(folder: Path) -> None:
    import warnings

    import pulp
    from spopt.locate import MCLP

    print(f"\nspopt with CBC, {SPOPT_SECONDS:.0f} s beside ours, {SPOPT_SECONDS:.0f} s")
    for name, sites, radius in (("SJC32", 5, 150.0), ("NewYork", 15, 400.0), ("SanFrancisco", 30, 600.0)):
        path = folder / "instances" / f"{name}.txt"
        begun = time.monotonic()
        instance = read_instance(path)
        cover = instance.cover(radius)
        ours = maximise(Covering.counting(cover, instance.demand, sites), SPOPT_SECONDS)
        took = time.monotonic() - begun
        begun = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = MCLP.from_cost_matrix(
                _apart(cover, len(instance.demand)), instance.demand, service_radius=0.5, p_facilities=sites
            )
            theirs.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=SPOPT_SECONDS, threads=2))
        value = float(pulp.value(theirs.problem.objective) or 0.0)
        print(
            f"{name + f' p={sites}':22}ours {ours.value:,.0f}, proven at most {ours.bound:,.0f}, {ours.ending}, {took:.1f} s; "
            f'spopt {value:,.0f}, "{pulp.LpStatus[theirs.problem.status]}", {time.monotonic() - begun:.1f} s',
            flush=True,
        )


def _apart(cover: Lists, size: int) -> np.ndarray:
    """0 where a site reaches a demand, else 1: spopt then has our very cover, whatever its way of measuring."""
    apart = np.ones((size, size))
    for site in range(size):
        apart[cover[site], site] = 0.0
    return apart


if __name__ == "__main__":
    main()
