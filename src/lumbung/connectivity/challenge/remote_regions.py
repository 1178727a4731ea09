"""Regions for trying out siting: real places on generated ground, with generated candidates and costs.

Where the places are, and the people GeoNames lists for them, are real. The ground, the hamlets around, the people of
places without a number, the candidates and their costs are generated from a seed, and are labelled so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.p1812.climate import SEA
from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.ground.generated_terrain import fractal_surface
from lumbung.connectivity.ground.terrain import Terrain, terrain
from lumbung.connectivity.people.demand import Demand, demand_points, placed_on
from lumbung.connectivity.people.listed_places import ListedPlace
from lumbung.connectivity.siting.candidates import Candidate, Place

CELL_METRES = 250.0
CELLS = 400
"""A region is a square of 100 km."""
TOWN = 20_000
"""A place with more people has its network already: it is a fibre point perhaps, and no demand."""
VILLAGES = 150
"""Generated hamlets make up the number where fewer places are listed."""
CANDIDATES = 90
HEIGHTS = (30.0, 45.0, 60.0)
_TOWER_COSTS = (60.0, 85.0, 115.0)
_KM_PER_DEGREE = math.radians(1.0) * 6371.0


@dataclass(frozen=True)
class Region:
    """A region: centre [deg], share of land, height of its floor and of its relief above it [m], roughness.

    roughness: falls of spectral power with wavenumber; smaller is more broken. karst: height of small cones [m].
    """

    name: str
    title: str
    latitude: float
    longitude: float
    land: float
    floor: float
    relief: float
    roughness: float
    karst: float = 0.0

    @property
    def grid(self) -> Grid:
        """The region's raster."""
        step_lat = CELL_METRES * 1e-3 / _KM_PER_DEGREE
        step_lon = step_lat / math.cos(math.radians(self.latitude))
        half = 0.5 * (CELLS - 1)
        return Grid(self.latitude + half * step_lat, self.longitude - half * step_lon, step_lat, step_lon)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north [deg] of where villages may lie: a margin in from the raster's edge."""
        g, far = self.grid, CELLS - 9
        return (
            g.west + 8 * g.step_lon, g.north - far * g.step_lat, g.west + far * g.step_lon, g.north - 8 * g.step_lat,
        )  # fmt: skip


REGIONS = {
    region.name: region
    for region in (
        Region("flores", "Flores, Indonesia", -8.65, 121.2, 0.5, 0.0, 1900.0, 2.0),
        Region("timor", "West Timor, Indonesia", -9.7, 124.3, 0.8, 0.0, 1500.0, 1.9),
        Region("papua", "Papua Highlands, Indonesia", -4.0, 138.9, 1.0, 1300.0, 2300.0, 1.9),
        Region("kalinga", "Kalinga, Philippines", 17.4, 121.3, 1.0, 60.0, 2100.0, 1.9),
        Region("samar", "Samar, Philippines", 11.9, 125.2, 0.65, 0.0, 800.0, 1.8),
        Region("phongsaly", "Phôngsali, Laos", 21.3, 102.0, 1.0, 450.0, 1400.0, 1.75),
        Region("goroka", "Goroka, Papua New Guinea", -6.0, 145.0, 1.0, 900.0, 2700.0, 1.9),
        Region("baise", "Baise, Guangxi, China", 24.0, 106.7, 1.0, 200.0, 1000.0, 1.85, karst=180.0),
    )
}


@dataclass(frozen=True)
class RemoteArea:
    """What there is to plan for: ground, villages, candidates, fibre points, and a budget.

    Attributes
    ----------
    title : str
    ground : Terrain
    demand : Demand
    known : bool array, shape (villages,)
        On known ground; the others cannot be served.
    listed : bool array, shape (villages,)
        Whose number of people is GeoNames's own; the others' are generated.
    candidates : tuple of Candidate
    costs : tuple of tuple of float
        Cost of each candidate at each of its heights, without backhaul.
    fibre : tuple of Place
    budget : float
    """

    title: str
    ground: Terrain
    demand: Demand
    known: NDArray[np.bool_]
    listed: NDArray[np.bool_]
    candidates: tuple[Candidate, ...]
    costs: tuple[tuple[float, ...], ...]
    fibre: tuple[Place, ...]
    budget: float


def generated_area(region: Region, places: Sequence[ListedPlace], seed: int, budget: float) -> RemoteArea:
    """Return a region with the ground, hamlets, candidates and costs of a seed.

    Parameters
    ----------
    region : Region
    places : sequence of ListedPlace
        Those within the region's bounds; at least one.
    seed : int
    budget : float
        In thousand US dollars.
    """
    rng = np.random.default_rng([seed, *region.name.encode()])
    ground = _ground(region, places, seed, rng)
    demand, known, listed = _villages(region, ground, places, rng)
    candidates, costs = _candidates(ground, demand, rng)
    return RemoteArea(
        region.title, ground, demand, known, listed, candidates, costs, _fibre(ground, places), budget
    )


def worst_quarter(area: RemoteArea, part: NDArray[np.float64]) -> float:
    """Return the part of the people reached in the quarter of a region (by compass, about its middle) that is worst off.

    part: of each village's people who are reached, shape (villages,).
    """
    west, south, east, north = area.ground.bounds
    quarter = 2 * (area.demand.latitude > 0.5 * (south + north)) + (
        area.demand.longitude > 0.5 * (west + east)
    )
    people = area.demand.people
    totals = np.bincount(quarter, people, 4)
    reached = np.bincount(quarter, people * part, 4)
    return float((reached[totals > 0] / totals[totals > 0]).min())


def _ground(region: Region, places: Sequence[ListedPlace], seed: int, rng: np.random.Generator) -> Terrain:
    """Mountains that leave the real places on low, gentle land; the sea only where no place is."""
    shape = fractal_surface(CELLS, CELLS, region.roughness, rng)
    near = _nearness(region, places, 3.0)
    above = shape - np.quantile(shape, 1.0 - region.land)
    if region.land < 1.0:
        above = np.where(above > 0.0, above * (1.0 - 0.85 * near), above * (1.0 - near)) + 0.12 * near
        land = above > 0.0
        height = np.where(land, (np.clip(above, 0.0, None) / above.max()) ** 1.3, 0.0) * region.relief
    else:
        land = np.ones(above.shape, bool)
        height = (above / above.max()) ** 1.2 * (1.0 - 0.55 * near) * region.relief
    if region.karst:
        cones = np.clip(fractal_surface(CELLS, CELLS, 1.1, rng), 0.0, 2.0)
        height += 0.5 * region.karst * cones * (1.0 - 0.7 * near)
    metres = np.where(land, np.maximum(np.round(region.floor + height), 1.0), 0.0).astype(np.float32)
    wood = (
        fractal_surface(CELLS, CELLS, 1.3, rng)
        - 1.5 * near
        + np.clip((metres - region.floor) / 400.0, 0.0, 1.0)
    )
    clutter = np.where(land, np.where(wood > 0.1, 15.0, np.where(wood > -0.8, 5.0, 0.0)), 0.0).astype(
        np.float32
    )
    return terrain(
        metres, region.grid, source=f"fractal ground around the places of {region.title}, seed {seed}",
        clutter=clutter, water=~land, generated=True,
        notes=("ground, forest and coast are generated, not surveyed; only the places are real",),
    )  # fmt: skip


def _nearness(region: Region, places: Sequence[ListedPlace], reach: float) -> NDArray[np.float64]:
    """Return 1 at a place, falling off like a bell of ``reach`` [km] around it."""
    g = region.grid
    north = g.north - np.arange(CELLS) * g.step_lat
    east = g.west + np.arange(CELLS) * g.step_lon
    stretch = math.cos(math.radians(region.latitude))
    near = np.zeros((CELLS, CELLS))
    for place in places:
        down = np.exp(-0.5 * ((north - place.latitude) * _KM_PER_DEGREE / reach) ** 2)
        across = np.exp(-0.5 * ((east - place.longitude) * stretch * _KM_PER_DEGREE / reach) ** 2)
        np.maximum(near, down[:, None] * across[None, :], out=near)
    return near


def _villages(
    region: Region, ground: Terrain, places: Sequence[ListedPlace], rng: np.random.Generator
) -> tuple[Demand, NDArray[np.bool_], NDArray[np.bool_]]:
    small = [place for place in places if place.people <= TOWN]
    made = np.round(900.0 * np.exp(0.8 * rng.normal(size=len(small))))
    people = [float(place.people or number) for place, number in zip(small, made, strict=True)]
    hamlets = _hamlets(region, ground, places, max(VILLAGES - len(small), 0), rng)
    of_hamlets = np.round(450.0 * np.exp(0.8 * rng.normal(size=len(hamlets))))
    demand = demand_points(
        [place.latitude for place in small] + [latitude for latitude, _ in hamlets],
        [place.longitude for place in small] + [longitude for _, longitude in hamlets],
        [*people, *of_hamlets],
        id=[f"G{place.geonameid}" for place in small] + [f"H{k + 1:03d}" for k in range(len(hamlets))],
        name=[place.name for place in small] + [f"hamlet {k + 1} (generated)" for k in range(len(hamlets))],
        source=f"{len(small)} places of GeoNames, {len(hamlets)} generated hamlets",
        generated=True,
    )
    demand, known = placed_on(demand, ground)
    listed = np.array([place.people > 0 for place in small] + [False] * len(hamlets), bool)
    return demand, known, listed


def _hamlets(
    region: Region, ground: Terrain, places: Sequence[ListedPlace], count: int, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Scatter hamlets around the places, each at the lowest of four spots looked at."""
    west, south, east, north = region.bounds
    stretch = math.cos(math.radians(region.latitude))
    found: list[tuple[float, float]] = []
    while len(found) < count:
        parents = rng.integers(len(places), size=4)
        turn, away = rng.uniform(0.0, 2.0 * math.pi, 4), 2.0 + rng.exponential(16.0, 4)
        spots = []
        for parent, bearing, distance in zip(parents, turn, away, strict=True):
            latitude = places[parent].latitude + distance * math.cos(bearing) / _KM_PER_DEGREE
            longitude = places[parent].longitude + distance * math.sin(bearing) / _KM_PER_DEGREE / stretch
            if west <= longitude <= east and south <= latitude <= north:
                row, column = _cell(ground, latitude, longitude)
                if ground.zone[row, column] != SEA:
                    spots.append((float(ground.height[row, column]), round(latitude, 5), round(longitude, 5)))
        if spots:
            found.append(min(spots)[1:])
    return found


def _cell(ground: Terrain, latitude: float, longitude: float) -> tuple[int, int]:
    rows, columns = ground.cells(np.array([latitude]), np.array([longitude]))
    return int(rows[0]), int(columns[0])


def _candidates(
    ground: Terrain, demand: Demand, rng: np.random.Generator
) -> tuple[tuple[Candidate, ...], tuple[tuple[float, ...], ...]]:
    """In turn a village's own place and the highest ground near a village, no two closer than a kilometre."""
    cells: list[tuple[int, int]] = []
    rises: list[float] = []
    order = np.concatenate([rng.permutation(demand.size), rng.permutation(demand.size)])
    for turn, k in enumerate(order):
        home = _cell(ground, float(demand.latitude[k]), float(demand.longitude[k]))
        cell = home if turn % 2 else _summit(ground, home, round(3000.0 / CELL_METRES))
        if all(math.dist(cell, other) * CELL_METRES >= 1000.0 for other in cells):
            cells.append(cell)
            rises.append(max(float(ground.height[cell] - ground.height[home]), 0.0))
        if len(cells) == CANDIDATES:
            break
    land, power = rng.integers(3, 13, len(cells)), rng.integers(8, 31, len(cells))
    candidates, costs = [], []
    for k, (cell, rise) in enumerate(zip(cells, rises, strict=True)):
        items = {"land": float(land[k]), "power": float(power[k]), "road": float(round(rise / 10.0))}
        candidates.append(
            Candidate(
                f"C{k + 1:03d}", f"C{k + 1:03d}", round(ground.grid.north - cell[0] * ground.grid.step_lat, 6),
                round(ground.grid.west + cell[1] * ground.grid.step_lon, 6), HEIGHTS, items,
            )
        )  # fmt: skip
        costs.append(tuple(tower + sum(items.values()) for tower in _TOWER_COSTS))
    return tuple(candidates), tuple(costs)


def _summit(ground: Terrain, home: tuple[int, int], reach: int) -> tuple[int, int]:
    top, left = max(home[0] - reach, 0), max(home[1] - reach, 0)
    near = ground.height[top : home[0] + reach + 1, left : home[1] + reach + 1]
    row, column = np.unravel_index(int(np.nanargmax(near)), near.shape)
    return top + int(row), left + int(column)


def _fibre(ground: Terrain, places: Sequence[ListedPlace]) -> tuple[Place, ...]:
    """Fibre reaches the three largest places that lie 20 km or more apart."""
    chosen: list[ListedPlace] = []
    for place in sorted(places, key=lambda p: (-p.people, p.geonameid)):
        apart = [
            math.hypot(
                place.latitude - other.latitude,
                (place.longitude - other.longitude) * math.cos(math.radians(place.latitude)),
            ) * _KM_PER_DEGREE
            for other in chosen
        ]  # fmt: skip
        if all(distance >= 20.0 for distance in apart):
            chosen.append(place)
        if len(chosen) == 3:
            break
    return tuple(Place(f"F{n}", p.name, p.latitude, p.longitude, 45.0) for n, p in enumerate(chosen, 1))
