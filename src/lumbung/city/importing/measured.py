"""Whether the model carries what was counted: SUMO runs it once, and every counted place is counted again.

References
----------
The GEH statistic (G. E. Havers): sqrt(2 (M - C)² / (M + C)) of hourly flows; below 5 is a good match, and 85 % of
counts below 5 is asked for a model (UK Department for Transport, TAG unit M3.1, table 2).
"""

from __future__ import annotations

import bisect
import math
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lumbung.city.engine.networks import NetworkError
from lumbung.city.engine.sumo import sumo_binary
from lumbung.city.importing.demand import Demand
from lumbung.city.importing.places import Place

GOOD_GEH = 5.0


@dataclass(frozen=True)
class Match:
    """A counted place and hour: vehicles an hour counted and in the model, and GEH."""

    edge: str
    to: str
    begin: float
    end: float
    counted: float
    model: float

    @property
    def geh(self) -> float:
        """The GEH statistic of the hourly flows."""
        total = self.counted + self.model
        return math.sqrt(2 * (self.model - self.counted) ** 2 / total) if total > 0 else 0.0


def count_again(configuration: Path, demand: Demand) -> list[Match]:
    """Run a model and compare with the counts of its demand, place by place and hour by hour."""
    passages = read_passages(configuration, demand.places)
    found = []
    for number, place in enumerate(demand.places):
        for hour in _hours(demand, number):
            begin, end = demand.intervals[hour[0]][0], demand.intervals[hour[-1]][1]
            scale = 3600 / sum(demand.intervals[i][1] - demand.intervals[i][0] for i in hour)
            counted = sum(float(demand.wanted[number, i]) for i in hour)
            model = sum(passed(passages[place], *demand.intervals[i]) for i in hour)
            found.append(Match(place.edge, place.to, begin, end, counted * scale, model * scale))
    return found


def passed(times: Sequence[float], begin: float, end: float) -> int:
    """How many of the sorted *times* lie from *begin* to before *end*."""
    return bisect.bisect_left(times, end) - bisect.bisect_left(times, begin)


def read_passages(configuration: Path, places: Sequence[Place]) -> dict[Place, list[float]]:
    """Run a model in SUMO once (seed 0), and note when vehicles left each place's edge for wherever it counts [s].

    Raises
    ------
    NetworkError
        SUMO does not run it; holds its own words.
    """
    wanted = {(place.edge, place.to): place for place in places}
    passages: dict[Place, list[float]] = {place: [] for place in places}
    with tempfile.TemporaryDirectory(prefix="lumbung-sumo-") as name:
        report = Path(name) / "passages.xml"
        command = [
            str(sumo_binary()), "-c", str(configuration), "--seed", "0", "--vehroute-output", str(report),
            "--vehroute-output.exit-times", "--vehroute-output.write-unfinished", "--no-step-log", "--no-warnings",
            "--duration-log.disable", "--xml-validation", "never",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode or not report.is_file():
            said = [line for line in done.stderr.splitlines() if line.startswith("Error")]
            raise NetworkError(
                str(configuration), "; ".join(said[:3]) or "no result", "a model that SUMO runs"
            )
        # S314: SUMO wrote it just now
        for _, item in ElementTree.iterparse(report):  # noqa: S314
            if item.tag == "vehicle":
                for route in item.iter("route"):
                    _note(route, wanted, passages)
                item.clear()
    return {place: sorted(times) for place, times in passages.items()}


def _note(
    route: ElementTree.Element, wanted: dict[tuple[str, str], Place], passages: dict[Place, list[float]]
) -> None:
    edges, exits = route.get("edges", "").split(), route.get("exitTimes", "").split()
    for at, (edge, text) in enumerate(zip(edges, exits, strict=False)):
        # who never left an edge has -1 there
        for to in ("", edges[at + 1] if at + 1 < len(edges) else ""):
            place = wanted.get((edge, to))
            if place is not None and float(text) >= 0 and (to or not place.to):
                passages[place].append(float(text))
            if at + 1 == len(edges):
                break


def _hours(demand: Demand, place: int) -> list[list[int]]:
    """Group a place's intervals without gaps into hours; what is left at the end is an hour as far as it goes."""
    hours: defaultdict[int, list[int]] = defaultdict(list)
    for i, (begin, _) in enumerate(demand.intervals):
        if math.isfinite(demand.wanted[place, i]):
            hours[int((begin - demand.intervals[0][0]) // 3600)].append(i)
    return list(hours.values())


def share_good(matches: Sequence[Match]) -> float:
    """Share of counts with a GEH below `GOOD_GEH`; 1 where there are none."""
    return sum(m.geh < GOOD_GEH for m in matches) / len(matches) if matches else 1.0
