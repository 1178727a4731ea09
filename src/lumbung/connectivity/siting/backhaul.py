"""How the traffic of each new site reaches the network: microwave hops to fibre, else satellite.

Fibre points, and towers that stand already, are taken to be connected. A hop is possible where it is not too long, has
line of sight with room for the Fresnel zone, and bears the rain and the layered air of the place for the share of time
asked. Of all routes the one with the fewest hops is taken, then the shortest; it may pass over other new sites. Where a hop costs more than a satellite terminal, there are no hops.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine import multipath
from lumbung.connectivity.engine.covering.discs import EARTH, on_sphere
from lumbung.connectivity.engine.microwave import CLEARANCE, MEDIAN_K, clearance
from lumbung.connectivity.engine.multipath import Climate, Ray
from lumbung.connectivity.engine.rain import rain_fade, share_of_year
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
    rain_rate : float
        Rain exceeded for 0.01 % of the time [mm/h]; 0 leaves rain out.
    climate : Climate or None
        What multipath hangs on; None leaves it out.
    availability : float
        Share of the time that rain and multipath together may not interrupt a hop [%].
    margin : float
        Fade that a hop bears before it fails [dB].
    """

    longest: float = 50.0
    frequency: float = 7.0
    clearance: float = CLEARANCE
    k: float = MEDIAN_K
    hop_cost: float = 0.0
    satellite_cost: float = 0.0
    rain_rate: float = 0.0
    availability: float = 99.95
    margin: float = 35.0
    climate: Climate | None = None

    def fade(self, length: float) -> float:
        """Return the fade by rain [dB] that a hop of a length [km] must bear (ITU-R P.530, P.838)."""
        if self.rain_rate == 0.0:
            return 0.0
        return float(rain_fade(length, self.frequency, self.rain_rate, self.availability))

    def outage(self, found: Hop) -> tuple[float, float]:
        """Return the shares of the year [%] in which rain, and in which multipath, take more than the margin."""
        rain = share_of_year(self.margin, found.length, self.frequency, self.rain_rate)
        if self.climate is None:
            return rain, 0.0
        return rain, multipath.share_of_year(found.ray, self.frequency, self.climate, self.margin)

    def bears(self, found: Hop) -> bool:
        """Whether a hop is clear of the ground, and rain and multipath interrupt it no longer than they may."""
        # A hair for what rounding does at the very margin.
        return found.free >= self.clearance and sum(self.outage(found)) <= 100.0 - self.availability + 1e-9

    @property
    def worth_it(self) -> bool:
        """Whether a hop costs no more than a satellite terminal."""
        return self.hop_cost <= self.satellite_cost


@dataclass(frozen=True)
class Hop:
    """One microwave hop: from, to, free share of the first Fresnel radius at its worst place, and where it runs."""

    start: str
    end: str
    free: float
    ray: Ray

    @property
    def length(self) -> float:
        """[km]"""
        return self.ray.length

    @property
    def back(self) -> Hop:
        """The same hop from its other end."""
        return replace(self, start=self.end, end=self.start)


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
    ray = Ray(
        float(distance[-1]), float(height[0]) + one.height, float(height[-1]) + two.height, float(height.mean()),
        0.5 * (one.latitude + two.latitude),
    )  # fmt: skip
    return Hop(one.id, two.id, free, ray)


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
            if found is not None and rules.bears(found):
                links[i].append((int(j), found))
                links[j].append((i, found.back))
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
    return found is not None and rules.bears(found)


def _why_blocked(found: Hop | None, end: str, rules: Rules) -> str:
    if found is None:
        return f"the ground on the way to {end} is not known"
    if found.free >= rules.clearance:
        rain, layers = rules.outage(found)
        if rain <= 100.0 - rules.availability:
            return (
                f"multipath takes more than the margin of {rules.margin:g} dB from the {found.length:.0f} km to {end} at "
                f"{rules.frequency:g} GHz for {layers:.3g} % of the year, and rain for {rain:.3g} %; together "
                f"{100.0 - rules.availability:.3g} % are allowed"
            )
        return (
            f"rain of {rules.rain_rate:g} mm/h takes {rules.fade(found.length):.0f} dB on the {found.length:.0f} km to {end} "
            f"at {rules.frequency:g} GHz for {100.0 - rules.availability:.3g} % of the time; the margin is {rules.margin:g} dB"
        )
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
                towards[there] = (here, found.back)
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
