"""How the traffic of each new site reaches the network: microwave hops to fibre, else satellite.

Fibre points, and towers that stand already, are taken to be connected. A hop is possible where it is not too long and
has line of sight with room for the Fresnel zone. Of all routes the one with the fewest hops is taken, then the shortest;
it may pass over other new sites. Where a hop costs more than a satellite terminal, there are no hops.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.covering.discs import EARTH, on_sphere
from lumbung.connectivity.engine.microwave import CLEARANCE, MEDIAN_K, clearance
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.siting.candidates import Place

SMOOTH_POINTS = 65
"""Points of a hop's profile where no terrain is given."""


@dataclass(frozen=True)
class Rules:
    """What makes a microwave hop possible, and what backhaul costs.

    Attributes
    ----------
    longest : float
        Longest hop [km].
    frequency : float
        [GHz]
    clearance : float
        Share of the first Fresnel radius that must be free.
    k : float
        Effective earth radius factor.
    hop_cost, satellite_cost : float
        Cost of one hop and of one satellite terminal, in the planner's currency.
    """

    longest: float = 50.0
    frequency: float = 7.0
    clearance: float = CLEARANCE
    k: float = MEDIAN_K
    hop_cost: float = 0.0
    satellite_cost: float = 0.0

    @property
    def worth_it(self) -> bool:
        """Whether a hop costs no more than a satellite terminal."""
        return self.hop_cost <= self.satellite_cost


@dataclass(frozen=True)
class Hop:
    """One microwave hop: from, to, length [km] and free share of the first Fresnel radius at its worst place."""

    start: str
    end: str
    length: float
    free: float


@dataclass(frozen=True)
class Route:
    """How one site is connected.

    Attributes
    ----------
    hops : tuple of Hop
        From the site to a connected place; empty for satellite.
    reason : str
        Why satellite, where it is.
    """

    hops: tuple[Hop, ...]
    reason: str = ""

    @property
    def kind(self) -> str:
        """``microwave`` or ``satellite``."""
        return "microwave" if self.hops else "satellite"


def hop(one: Place, two: Place, ground: Terrain | None, rules: Rules) -> Hop | None:
    """Return the hop between the highest antennas of two places, or None where the profile is not known."""
    profile = _smooth(one, two) if ground is None else _profile(one, two, ground)
    if profile is None:
        return None
    distance, height, clutter = profile
    # Nothing stands in front of the antenna on its own mast.
    obstacles = height + clutter
    obstacles[0], obstacles[-1] = height[0], height[-1]
    free, _ = clearance(
        distance, obstacles, height[0] + one.height, height[-1] + two.height, rules.frequency, rules.k
    )
    return Hop(one.id, two.id, float(distance[-1]), free)


Profile = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _smooth(one: Place, two: Place) -> Profile:
    length = max(float(distances([one], [two])[0, 0]), 1e-6)
    flat = np.zeros(SMOOTH_POINTS)
    return np.linspace(0.0, length, SMOOTH_POINTS), flat, flat.copy()


def _profile(one: Place, two: Place, ground: Terrain) -> Profile | None:
    from lumbung.connectivity.engine.radials import profile_between

    distance, height, clutter, _, _, known = profile_between(
        ground.engine_height(), ground.clutter, ground.zone, ground.grid, one.latitude, one.longitude,
        two.latitude, two.longitude, ground.cell_metres * 1e-3,
    )  # fmt: skip
    return (distance, height, clutter) if known == len(distance) else None


def distances(these: Sequence[Place], those: Sequence[Place]) -> NDArray[np.float64]:
    """Return great-circle distances [km], shape (these, those)."""
    one = on_sphere([p.latitude for p in these], [p.longitude for p in these]) / EARTH
    two = on_sphere([p.latitude for p in those], [p.longitude for p in those]) / EARTH
    half = 0.5 * np.linalg.norm(one[:, None, :] - two[None, :, :], axis=2)
    return np.asarray(2.0 * EARTH * 1e-3 * np.arcsin(np.minimum(half, 1.0)))


def routes(
    sites: Sequence[Place], connected: Sequence[Place], ground: Terrain | None, rules: Rules
) -> list[Route]:
    """Return the route of each site.

    Parameters
    ----------
    sites : sequence of Place
        New sites; each may relay for others.
    connected : sequence of Place
        Fibre points and standing towers.
    ground : Terrain or None
        Without terrain the earth is taken to be smooth and bare, which flatters every hop.
    rules : Rules
    """
    places = [*sites, *connected]
    if not sites:
        return []
    if not connected:
        return [Route((), "no fibre point or standing tower was given") for _ in sites]
    if not rules.worth_it:
        return [Route((), "a hop costs more than a satellite terminal") for _ in sites]
    apart = distances(sites, places)
    links: list[list[tuple[int, Hop]]] = [[] for _ in places]
    blocked: dict[int, tuple[float, str]] = {}
    for i in range(len(sites)):
        for j in np.flatnonzero(apart[i] <= rules.longest):
            if j <= i:
                continue
            found = hop(places[i], places[j], ground, rules)
            if found is not None and found.free >= rules.clearance:
                links[i].append((int(j), found))
                links[j].append((i, Hop(found.end, found.start, found.length, found.free)))
            elif j >= len(sites) and (i not in blocked or apart[i, j] < blocked[i][0]):
                blocked[i] = (float(apart[i, j]), _why_blocked(found, places[j].id, rules))
    paths = _fewest_hops(links, range(len(sites), len(places)))
    nearest = apart[:, len(sites) :]
    return [
        Route(tuple(paths[i]))
        if i in paths
        else Route((), blocked[i][1] if i in blocked else _too_far(nearest[i], connected, rules))
        for i in range(len(sites))
    ]


def fewest_hops(
    sites: Sequence[Place], connected: Sequence[Place], ground: Terrain | None, rules: Rules
) -> NDArray[np.int64]:
    """Return how many hops each site needs where all the others could be built too; 0 where no chain reaches it.

    Parameters
    ----------
    sites : sequence of Place
        Places that may be built; those with the same id exclude each other, and the highest of them relays best.
    connected, ground, rules
        As for `routes`.
    """
    count = np.zeros(len(sites), np.int64)
    if not connected or not rules.worth_it:
        return count
    layer, step = list(connected), 0
    while layer:
        step += 1
        left = [int(i) for i in np.flatnonzero(count == 0)]
        apart = distances([sites[i] for i in left], layer)
        found: dict[str, Place] = {}
        for i, far in zip(left, apart, strict=True):
            near = (layer[int(k)] for k in np.argsort(far) if far[k] <= rules.longest)
            if any(_clear(sites[i], end, ground, rules) for end in near):
                count[i] = step
                if sites[i].id not in found or found[sites[i].id].height < sites[i].height:
                    found[sites[i].id] = sites[i]
        layer = list(found.values())
    return count


def _clear(one: Place, two: Place, ground: Terrain | None, rules: Rules) -> bool:
    found = hop(one, two, ground, rules)
    return found is not None and found.free >= rules.clearance


def _why_blocked(found: Hop | None, end: str, rules: Rules) -> str:
    if found is None:
        return f"the ground on the way to {end} is not known"
    return (
        f"no line of sight to {end}, {found.length:.0f} km away: {found.free:.1f} of the first Fresnel radius is free, "
        f"{rules.clearance:g} needed"
    )


def _too_far(apart: NDArray[np.float64], connected: Sequence[Place], rules: Rules) -> str:
    near = int(np.argmin(apart))
    return f"the nearest connected place, {connected[near].id}, is {apart[near]:.0f} km away; hops reach {rules.longest:g} km"


def _fewest_hops(links: list[list[tuple[int, Hop]]], roots: range) -> dict[int, list[Hop]]:
    """Dijkstra from all connected places at once; the cost of a route is (hops, kilometres)."""
    best = dict.fromkeys(roots, (0, 0.0))
    towards: dict[int, tuple[int, Hop]] = {}
    queue = [(0, 0.0, root) for root in roots]
    while queue:
        count, length, here = heapq.heappop(queue)
        if (count, length) > best[here]:
            continue
        for there, found in links[here]:
            reached = (count + 1, length + found.length)
            if there not in best or reached < best[there]:
                best[there] = reached
                towards[there] = (here, Hop(found.end, found.start, found.length, found.free))
                heapq.heappush(queue, (*reached, there))
    paths: dict[int, list[Hop]] = {}
    for place in towards:
        path, here = [], place
        while here in towards:
            here, step = towards[here][0], towards[here][1]
            path.append(step)
        paths[place] = path
    return paths


def cost(route: Route, rules: Rules) -> float:
    """Return what a site's own part of its backhaul costs: its first hop, or a satellite terminal."""
    return rules.hop_cost if route.hops else rules.satellite_cost
