"""A solution put to work on one's own region: a folder of tables and elevation files in, a site list out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lumbung.connectivity.challenge.proposals import Choice, Terms, Worth
from lumbung.connectivity.challenge.remote_regions import RemoteArea
from lumbung.connectivity.engine.covering.problem import Covering, Lists
from lumbung.connectivity.ground.elevation_files import read_terrain
from lumbung.connectivity.ground.land_cover import read_land_cover
from lumbung.connectivity.ground.terrain import Terrain, TerrainError
from lumbung.connectivity.people.demand import DemandError, placed_on, read_villages
from lumbung.connectivity.siting.backhaul import Route
from lumbung.connectivity.siting.candidates import Place, TableError, read_candidates, read_places
from lumbung.connectivity.siting.instances import search
from lumbung.connectivity.siting.plan_files import sources, write_plan
from lumbung.connectivity.siting.plan_picture import draw_plan
from lumbung.connectivity.siting.reach import heard
from lumbung.connectivity.siting.study import Built, Goal, Inputs, Plan, options_of

ELEVATION = (".hgt", ".hgt.gz", ".hgt.zip", ".tif", ".tiff")
LAND_COVER = "land_cover.tif"
PROOF_SECONDS = 20.0
"""Time given to prove how much any answer could reach."""


class RegionError(ValueError):
    """A folder that cannot be used: names the file, what was found and what was expected."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")


@dataclass(frozen=True)
class OwnRegion:
    """What a folder holds: as a problem to pose, and as a study to report."""

    area: RemoteArea
    inputs: Inputs


def read_region(folder: Path, budget: float, terms: Terms) -> OwnRegion:
    """Read a folder: villages.csv, candidates.csv, elevation files; optional fibre.csv, towers.csv, land_cover.tif.

    The tables are those of ``lumbung connectivity plan``. Villages that a standing tower serves count no more people.

    Raises
    ------
    RegionError
        Where a file is missing or cannot be used.
    """
    if not folder.is_dir():
        raise RegionError(
            str(folder), "no folder", "a folder with villages.csv, candidates.csv and elevation files"
        )
    for name in ("villages.csv", "candidates.csv"):
        if not (folder / name).is_file():
            raise RegionError(
                str(folder / name), "no such file", "a table; see docs/connectivity/challenge.md"
            )
    try:
        return _read(folder, budget, terms)
    except (DemandError, TableError, TerrainError) as error:
        raise RegionError(str(folder), str(error), "tables and elevation that can be used") from error


def _read(folder: Path, budget: float, terms: Terms) -> OwnRegion:
    table = read_candidates(folder / "candidates.csv")
    if not table.has_costs:
        raise RegionError(
            str(folder / "candidates.csv"),
            "no cost",
            "columns tower, land, power, road or backhaul, which a budget weighs",
        )
    standing = _places(folder / "towers.csv")
    fibre = _places(folder / "fibre.csv")
    taken = {site.id for site in table.candidates} & {place.id for place in (*standing, *fibre)}
    if taken:
        raise RegionError(
            str(folder),
            f"the id {min(taken)} for a candidate and for a place that stands already",
            "different ids",
        )
    ground = _ground(folder, [*table.candidates, *standing], terms.radius)
    demand, known = placed_on(read_villages(folder / "villages.csv"), ground)
    choices = options_of(table.candidates)
    places = [table.candidates[k].at(height) for k, height in choices]
    rest = (
        demand, known, ground, terms.carrier, terms.link, terms.model, terms.radius, terms.threshold,
    )  # fmt: skip
    cover, standing_cover = heard(places, *rest), heard(standing, *rest)
    inputs = Inputs(
        table.candidates, demand, standing, fibre, choices, cover, standing_cover, True, 0.0, terms.rules, ground,
        f"at least {terms.threshold:g} dBm RSRP at {terms.carrier.frequency:g} MHz by ITU-R P.1812",
        (*table.set_aside, *demand.notes),
    )  # fmt: skip
    people = demand.people.copy()
    people[standing_cover.indices] = 0.0
    if not people.any():
        raise RegionError(
            str(folder / "villages.csv"), "nobody who is not served already", "villages without a network"
        )
    area = RemoteArea(
        folder.resolve().name, ground, replace(demand, people=people), known, np.ones(demand.size, bool),
        table.candidates, tuple(tuple(sum(site.costs.values()) for _ in site.heights) for site in table.candidates),
        (*fibre, *standing), budget,
    )  # fmt: skip
    return OwnRegion(area, inputs)


def _places(path: Path) -> tuple[Place, ...]:
    return tuple(read_places(path)) if path.is_file() else ()


def _ground(folder: Path, masts: Sequence[object], radius: float) -> Terrain:
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.name.lower().endswith(ELEVATION) and path.name != LAND_COVER
    ]
    if not files:
        raise RegionError(
            str(folder), "no elevation file", "SRTM .hgt or GeoTIFF files in it, e.g. S09E122.hgt"
        )
    reach = radius / 111.0 + 0.02
    latitudes = [mast.latitude for mast in masts]  # type: ignore[attr-defined]
    longitudes = [mast.longitude for mast in masts]  # type: ignore[attr-defined]
    bounds = (
        min(longitudes) - reach, min(latitudes) - reach, max(longitudes) + reach, max(latitudes) + reach,
    )  # fmt: skip
    ground = read_terrain(files, bounds=bounds)
    cover = folder / LAND_COVER
    return read_land_cover(ground, cover) if cover.is_file() else ground


def write_answer(
    region: OwnRegion, choices: Sequence[Choice], worth: Worth, terms: Terms, out: Path
) -> list[Path]:
    """Write what a solution proposes as a study's files and map; return the files.

    How much any answer could reach is proven by the house's own search over the same coverage.
    """
    inputs = region.inputs
    plan = _plan(region, choices, worth, terms)
    write_plan(out, inputs, plan)
    draw_plan(out / "map.png", inputs, plan, sources(inputs))
    return [
        out / name
        for name in ("plan.csv", "villages.csv", "plan.geojson", "plan.kml", "plan.json", "map.png")
    ]


def _plan(region: OwnRegion, choices: Sequence[Choice], worth: Worth, terms: Terms) -> Plan:
    inputs, area = region.inputs, region.area
    standing = np.zeros(inputs.demand.size, bool)
    standing[inputs.standing_cover.indices] = True
    bound = _bound(region, terms)
    reached = float(area.demand.people[worth.served].sum())
    notes = [
        f"{area.candidates[choice.candidate].id} is not connected and serves nobody: {reason}"
        for choice, reason in zip(choices, worth.why_not, strict=True)
        if reason
    ]
    return Plan(
        built=tuple(_built(region, choices, worth, terms)),
        value=reached,
        bound=max(bound, reached),
        gap=(max(bound, reached) - reached) / reached if reached else 0.0,
        ending="optimal" if bound <= reached else "gap",
        already=float(inputs.demand.people[standing].sum()),
        total=float(inputs.demand.people.sum()),
        reached=worth.served | standing,
        standing=standing,
        seconds=0.0,
        goal=Goal(budget=area.budget),
        notes=(*inputs.notes, *notes),
    )


def _bound(region: OwnRegion, terms: Terms) -> float:
    """Return the most that any answer could newly reach: every site at its cheaper backhaul."""
    inputs, area = region.inputs, region.area
    backhaul = min(terms.rules.hop_cost, terms.rules.satellite_cost)
    costs = np.array([sum(inputs.candidates[k].costs.values()) + backhaul for k, _ in inputs.options])
    groups = np.array([k for k, _ in inputs.options], dtype=np.int64)
    problem = Covering.checked(inputs.cover, area.demand.people, np.maximum(costs, 1e-9), area.budget, groups)
    return search(problem, PROOF_SECONDS, gap=0.002).bound


def _built(region: OwnRegion, choices: Sequence[Choice], worth: Worth, terms: Terms) -> list[Built]:
    """Put the sites in the order in which each next one adds the most people for its cost."""
    inputs, area = region.inputs, region.area
    option = {(k, height): j for j, (k, height) in enumerate(inputs.options)}
    of_choice = [option[c.candidate, area.candidates[c.candidate].heights[c.height]] for c in choices]
    covers = [
        inputs.cover[j] if works else np.empty(0, np.int32)
        for j, works in zip(of_choice, worth.connected, strict=True)
    ]
    heard_by = Lists.of(covers).turned(inputs.demand.size).sizes
    routes = _routes(choices, worth, area)
    left, waiting, so_far = area.demand.people.copy(), list(range(len(choices))), 0.0
    built: list[Built] = []
    while waiting:
        costs = [_items(choices[k], routes[k], area, terms) for k in waiting]
        rates = [
            left[covers[k]].sum() / max(sum(items.values()), 1e-9)
            for k, items in zip(waiting, costs, strict=True)
        ]
        best = int(np.argmax(rates))
        k = waiting.pop(best)
        adds = float(left[covers[k]].sum())
        so_far += adds
        built.append(
            Built(
                place=inputs.place(of_choice[k]), option=of_choice[k], order=len(built) + 1, adds=adds,
                cumulative=so_far, reaches=float(area.demand.people[covers[k]].sum()),
                alone=float(area.demand.people[covers[k][heard_by[covers[k]] == 1]].sum()),
                villages=int((left[covers[k]] > 0).sum()), items=costs[best], route=routes[k],
            )
        )  # fmt: skip
        left[covers[k]] = 0.0
    return built


def _items(choice: Choice, route: Route, area: RemoteArea, terms: Terms) -> dict[str, float]:
    items = dict(area.candidates[choice.candidate].costs)
    own = terms.rules.hop_cost if route.hops else terms.rules.satellite_cost
    items["backhaul"] = items.get("backhaul", 0.0) + own
    return items


def _routes(choices: Sequence[Choice], worth: Worth, area: RemoteArea) -> list[Route]:
    first = {
        area.candidates[choice.candidate].id: (hop, choice.backhaul)
        for choice, hop in zip(choices, worth.hops, strict=True)
    }
    found = []
    for choice, reason in zip(choices, worth.why_not, strict=True):
        chain, here = [], area.candidates[choice.candidate].id
        while here in first and first[here][0] is not None:
            hop, here = first[here]
            chain.append(hop)
        found.append(Route(tuple(hop for hop in chain if hop is not None), reason))
    return found
