"""Coverage: which places hear which towers, how well, and how many people that is.

Two questions, two ways. *Who among these villages hears which of these sites?* is answered link by link over
each one's own profile (``service``), exactly as the model has it. *What does the land around look like?* is
answered by fans of radials swept together and drawn onto a raster (``coverage_map``). Both stand on the same
terrain and the same model.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.antenna import Antenna, antenna_gain
from lumbung.connectivity.engine.cellular import Budget, Carrier, rsrp, sinr, throughput
from lumbung.connectivity.engine.p1812.climate import Setting
from lumbung.connectivity.engine.radials import (
    EARTH_RADIUS_KM,
    UNKNOWN_LOSS,
    Grid,
    link_losses,
    radial_losses,
)
from lumbung.connectivity.engine.signal_map import SILENT, add_site
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.radio.path_loss import (
    DEFAULT_DN,
    DEFAULT_N0,
    Polarization,
    check_parameters,
    location_loss,
    location_variability,
)

DEFAULT_RADIUS_KM = 30.0
DEFAULT_RADIALS = 1440
DEFAULT_RSRP = -110.0
"""RSRP [dBm] from which a place counts as served unless told otherwise: what LTE needs outdoors for a few
Mbit/s in 10 MHz. Regulators set -100 to -115."""


class CoverageError(ValueError):
    """Sites or settings that cannot be used; names which."""


@dataclass(frozen=True)
class Model:
    """How losses are predicted: the parameters of P.1812 that all links share.

    receiver_height [m above ground]; time_percentage, location_percentage [%]; dn, n0: see ``path_loss``.
    """

    receiver_height: float = 1.5
    time_percentage: float = 50.0
    location_percentage: float = 50.0
    polarization: Polarization = "vertical"
    dn: float = DEFAULT_DN
    n0: float = DEFAULT_N0

    def setting(self, frequency: float, resolution: float) -> Setting:
        """Return the engine's setting for a frequency [MHz] and a pixel side [m].

        Raises
        ------
        PathError
            Naming the parameter that P.1812 does not take.
        """
        check_parameters(
            np.array([frequency]), np.array([30.0]), np.array([self.receiver_height]),
            np.array([self.time_percentage]), np.array([self.location_percentage]), np.array([0.0]),
            np.array([0.0]), np.array([self.dn]), self.polarization,
        )  # fmt: skip
        sigma = 0.0
        if self.location_percentage != 50.0:
            sigma = location_variability(frequency, self.receiver_height, self.receiver_height, resolution)
        return Setting(
            frequency * 1e-3,
            self.time_percentage,
            1.0 if self.polarization == "vertical" else 0.0,
            self.dn,
            self.n0,
            float(location_loss(self.location_percentage, sigma)),
        )


@dataclass(frozen=True)
class Site:
    """A place for antennas: position [deg], antenna height above ground [m], and its antennas."""

    id: str
    latitude: float
    longitude: float
    height: float
    antennas: tuple[Antenna, ...] = (Antenna(),)


@dataclass(frozen=True)
class Service:
    """Which demand point hears which site: a sparse matrix in three equal columns, ordered by site, then
    demand.

    site, demand: indices; loss: basic transmission loss [dB]; rsrp: of the site's best antenna [dBm]; power:
    of all its antennas together [mW], which is what disturbs others. Pairs
    beyond the radius are not listed; pairs whose profile crosses unknown ground are counted in ``unknown``
    and not listed either.
    """

    sites: int
    demands: int
    site: NDArray[np.int64]
    demand: NDArray[np.int64]
    loss: NDArray[np.float64]
    rsrp: NDArray[np.float64]
    power: NDArray[np.float64]
    unknown: int = 0

    def served(self, threshold: float = DEFAULT_RSRP) -> list[NDArray[np.int64]]:
        """Return for each site the demand points it serves with at least ``threshold`` [dBm], rising."""
        keep = self.rsrp >= threshold
        starts = np.searchsorted(self.site[keep], np.arange(self.sites + 1))
        points = self.demand[keep]
        return [points[starts[k] : starts[k + 1]] for k in range(self.sites)]

    def rows(self, threshold: float = DEFAULT_RSRP) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the served pairs as compressed rows: (starts of shape (sites + 1,), demand indices)."""
        keep = self.rsrp >= threshold
        starts = np.searchsorted(self.site[keep], np.arange(self.sites + 1))
        return starts.astype(np.int64), self.demand[keep]

    def best(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return for each demand point its strongest RSRP [dBm] (-inf if none) and that site's index (-1)."""
        strongest = np.full(self.demands, -np.inf)
        server = np.full(self.demands, -1, dtype=np.int64)
        order = np.argsort(self.rsrp, kind="stable")
        strongest[self.demand[order]] = self.rsrp[order]
        server[self.demand[order]] = self.site[order]
        return strongest, server


@dataclass(frozen=True)
class Reception:
    """What each place receives: RSRP [dBm] (-inf if nothing), SINR [dB], rate [Mbit/s], site index (-1),
    served or not.

    predicted: whether the place lies on known ground within the terrain; the others are never served.
    """

    rsrp: NDArray[np.float64]
    sinr: NDArray[np.float64]
    rate: NDArray[np.float64]
    server: NDArray[np.int64]
    served: NDArray[np.bool_]
    predicted: NDArray[np.bool_]


@dataclass(frozen=True)
class CoverageMap:
    """Rasters of best server, RSRP [dBm], SINR [dB] and throughput [Mbit/s] over a grid; NaN where nothing is
    known.

    server: index of the site heard best, -1 where none.
    """

    grid: Grid
    rsrp: NDArray[np.float32]
    sinr: NDArray[np.float32]
    throughput: NDArray[np.float32]
    server: NDArray[np.int32]
    label: str
    generated: bool
    notes: tuple[str, ...] = field(default=())


def use_threads(threads: int | None) -> int:
    """Set how many threads the kernels share work over (all processors by default) and return the number."""
    import numba

    available = int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]
    count = min(threads or len(os.sched_getaffinity(0)), available)
    numba.set_num_threads(max(count, 1))
    return count


def service(
    ground: Terrain,
    sites: Sequence[Site],
    demand: Demand,
    carrier: Carrier,
    budget: Budget | None = None,
    *,
    model: Model | None = None,
    radius: float = DEFAULT_RADIUS_KM,
    threads: int | None = None,
) -> Service:
    """Return which demand points hear which sites, link by link with the full model.

    Parameters
    ----------
    ground
        Terrain that holds the sites.
    sites
        Candidates or existing towers; one entry per height to be considered.
    demand
        Places (``placed_on`` fits them to the terrain first).
    radius
        Largest distance looked at [km].
    threads
        Threads to share the links over; the numbers do not depend on it.

    Raises
    ------
    CoverageError
        Naming sites outside the terrain, on unknown ground, or twice of one id.
    """
    budget = budget or Budget()
    model = model or Model()
    check_sites(ground, sites)
    use_threads(threads)
    pairs = _pairs_within(sites, demand, radius)
    if pairs.size == 0:
        nothing = np.empty(0)
        index = np.empty(0, np.int64)
        return Service(len(sites), demand.size, index, index, nothing, nothing, nothing)
    where, who = pairs.T
    latitude = np.array([site.latitude for site in sites])
    longitude = np.array([site.longitude for site in sites])
    height = np.array([site.height for site in sites])
    ends = np.column_stack(
        [
            latitude[where], longitude[where], height[where], demand.latitude[who], demand.longitude[who],
            np.full(who.size, model.receiver_height),
        ]
    )  # fmt: skip
    loss = link_losses(
        model.setting(carrier.frequency, ground.cell_metres),
        ground.engine_height(),
        ground.clutter,
        ground.zone,
        ground.grid,
        ends,
        ground.cell_metres * 1e-3,
    )
    known = loss < UNKNOWN_LOSS
    where, who, loss, ends = where[known], who[known], loss[known], ends[known]
    best, together = _gains(ground, sites, where, ends)
    return Service(
        sites=len(sites),
        demands=demand.size,
        site=where,
        demand=who,
        loss=loss,
        rsrp=rsrp(carrier, budget, best, loss),
        power=10.0 ** (0.1 * rsrp(carrier, budget, together, loss)),
        unknown=int((~known).sum()),
    )


def coverage_map(
    ground: Terrain,
    sites: Sequence[Site],
    carrier: Carrier,
    budget: Budget | None = None,
    *,
    model: Model | None = None,
    radius: float = DEFAULT_RADIUS_KM,
    radials: int = DEFAULT_RADIALS,
    threads: int | None = None,
    progress: object = None,
) -> CoverageMap:
    """Return the signal over the land around sites: best server, RSRP, SINR against all other antennas,
    throughput.

    Each site's loss is swept along ``radials`` at the terrain's own spacing and drawn onto the terrain's
    grid, cut to what the sites reach. ``progress`` is called after each site, if given.
    """
    budget = budget or Budget()
    model = model or Model()
    check_sites(ground, sites)
    use_threads(threads)
    first_row, first_column, rows, columns = _reached_window(ground, sites, radius)
    step = ground.cell_metres * 1e-3
    setting = model.setting(carrier.frequency, ground.cell_metres)
    height = ground.engine_height()
    strongest = np.full((rows, columns), SILENT, np.float32)
    total = np.zeros((rows, columns), np.float64)
    server = np.full((rows, columns), -1, np.int32)
    partly = []
    for k, site in enumerate(sites):
        fan = radial_losses(
            setting, height, ground.clutter, ground.zone, ground.grid, site.latitude, site.longitude,
            site.height, model.receiver_height, step, math.ceil(radius / step) + 1, radials,
        )  # fmt: skip
        missing = float((fan >= UNKNOWN_LOSS).mean())
        if missing > 0.005:
            partly.append(f"{site.id} {100.0 * missing:.0f} %")
        add_site(
            fan, step, k, site.latitude, site.longitude, _ground_at(ground, site) + site.height,
            model.receiver_height, _antenna_rows(site), budget.fixed_gain(carrier), height, ground.grid, first_row,
            first_column, _window(ground, site, radius), strongest, total, server,
        )  # fmt: skip
        if callable(progress):
            progress()
    heard = server >= 0
    strongest[~heard] = np.nan
    own = 10.0 ** (0.1 * strongest.astype(np.float64))
    with np.errstate(divide="ignore"):
        # What rounding leaves of a lone server's own power is no interference.
        others = 10.0 * np.log10(np.where(total > own * (1.0 + 1e-5), total - own, 0.0))
    ratio = sinr(carrier, budget, strongest, others)
    g = ground.grid
    return CoverageMap(
        grid=Grid(
            g.north - first_row * g.step_lat, g.west + first_column * g.step_lon, g.step_lat, g.step_lon
        ),
        rsrp=strongest,
        sinr=ratio.astype(np.float32),
        throughput=np.where(heard, throughput(carrier, ratio), np.nan).astype(np.float32),
        server=server,
        label=ground.label,
        generated=ground.generated,
        notes=(*ground.notes, *_reach_notes(partly, radius)),
    )


def _reach_notes(partly: list[str], radius: float) -> list[str]:
    if not partly:
        return []
    named = ", ".join(partly[:8]) + (f" and {len(partly) - 8} more" if len(partly) > 8 else "")
    return [f"part of the {radius:g} km reach lies beyond known ground and is not predicted: {named}"]


def reception(
    heard: Service, carrier: Carrier, budget: Budget | None = None, *, threshold: float = DEFAULT_RSRP,
    known: NDArray[np.bool_] | None = None,
) -> Reception:  # fmt: skip
    """Return what each demand point receives from its best site, all other antennas disturbing.

    known: places on known ground (from ``placed_on``); the others are never served.
    """
    budget = budget or Budget()
    strongest, server = heard.best()
    total = np.zeros(heard.demands)
    np.add.at(total, heard.demand, heard.power)
    own = 10.0 ** (0.1 * strongest)
    with np.errstate(divide="ignore", invalid="ignore"):
        others = 10.0 * np.log10(np.where(total > own * (1.0 + 1e-9), total - own, 0.0))
        ratio = np.where(server >= 0, sinr(carrier, budget, strongest, others), np.nan)
    predicted = np.ones(heard.demands, bool) if known is None else known
    return Reception(
        rsrp=strongest,
        sinr=ratio,
        rate=throughput(carrier, ratio),
        server=server,
        served=predicted & (strongest >= threshold),
        predicted=predicted,
    )


def check_sites(ground: Terrain, sites: Sequence[Site]) -> None:
    """Refuse sites that cannot be computed, naming each."""
    if not sites:
        raise CoverageError("no sites given")
    wrong = []
    seen: set[str] = set()
    for site in sites:
        place = np.array([site.latitude]), np.array([site.longitude])
        if site.id in seen:
            wrong.append(f"{site.id}: the id occurs twice")
        seen.add(site.id)
        if not 1.0 <= site.height <= 3000.0:
            wrong.append(f"{site.id}: antenna height {site.height:g} m; expected 1 to 3000 m above ground")
        if not ground.contains(*place)[0]:
            wrong.append(
                f"{site.id}: {site.latitude:g}, {site.longitude:g} lies outside the terrain "
                f"{tuple(round(b, 3) for b in ground.bounds)}"
            )
            continue
        row, column = ground.cells(*place)
        if np.isnan(ground.height[row[0], column[0]]):
            wrong.append(f"{site.id}: stands on ground of unknown height")
    if wrong:
        raise CoverageError(
            "; ".join(wrong[:10]) + (f"; and {len(wrong) - 10} more" if len(wrong) > 10 else "")
        )


def _pairs_within(sites: Sequence[Site], demand: Demand, radius: float) -> NDArray[np.int64]:
    """Return (site, demand) index pairs no farther apart than radius [km], ordered."""
    found = []
    phi = np.radians(demand.latitude)
    for k, site in enumerate(sites):
        reach = math.degrees(radius / EARTH_RADIUS_KM)
        near = np.flatnonzero(np.abs(demand.latitude - site.latitude) <= reach)
        half_lat = 0.5 * (phi[near] - math.radians(site.latitude))
        half_lon = 0.5 * np.radians(demand.longitude[near] - site.longitude)
        chord = (
            np.sin(half_lat) ** 2
            + np.cos(phi[near]) * math.cos(math.radians(site.latitude)) * np.sin(half_lon) ** 2
        )
        distance = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
        close = near[distance <= radius]
        found.append(np.column_stack([np.full(close.size, k), close]))
    return np.concatenate(found).astype(np.int64) if found else np.empty((0, 2), np.int64)


def _gains(
    ground: Terrain, sites: Sequence[Site], where: NDArray[np.int64], ends: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the gain of the best antenna of each link's site towards its receiver, and of all together [dBi]."""
    bearing, elevation = _directions(
        ground, ends[:, 0], ends[:, 1], ends[:, 2], ends[:, 3], ends[:, 4], ends[:, 5]
    )
    best = np.full(where.size, -np.inf)
    together = np.zeros(where.size)
    starts = np.searchsorted(where, np.arange(len(sites) + 1))
    for k, site in enumerate(sites):
        own = slice(starts[k], starts[k + 1])
        for antenna in site.antennas:
            gain = antenna_gain(antenna, bearing[own], elevation[own])
            best[own] = np.maximum(best[own], gain)
            together[own] += 10.0 ** (0.1 * gain)
    return best, 10.0 * np.log10(together)


def _directions(
    ground: Terrain,
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    height: NDArray[np.float64],
    to_latitude: NDArray[np.float64],
    to_longitude: NDArray[np.float64],
    to_height: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return bearing and elevation [deg] from antennas to receivers over the curved Earth (nearest cell's ground)."""
    phi_1, phi_2 = np.radians(latitude), np.radians(to_latitude)
    turn = np.radians(to_longitude - longitude)
    east = np.sin(turn) * np.cos(phi_2)
    north = np.cos(phi_1) * np.sin(phi_2) - np.sin(phi_1) * np.cos(phi_2) * np.cos(turn)
    along = np.sin(phi_1) * np.sin(phi_2) + np.cos(phi_1) * np.cos(phi_2) * np.cos(turn)
    distance = np.arctan2(np.hypot(east, north), along) * EARTH_RADIUS_KM * 1000.0
    top = ground.height[ground.cells(latitude, longitude)] + height
    rise = ground.height[ground.cells(to_latitude, to_longitude)] + to_height - top
    radius = EARTH_RADIUS_KM * 1000.0
    elevation = np.arctan2(rise, np.maximum(distance, 1.0)) - distance / (2.0 * radius)
    return np.degrees(np.arctan2(east, north)), np.degrees(elevation)


def _ground_at(ground: Terrain, site: Site) -> float:
    row, column = ground.cells(np.array([site.latitude]), np.array([site.longitude]))
    return float(ground.height[row[0], column[0]])


def _antenna_rows(site: Site) -> NDArray[np.float64]:
    """Return a site's antennas as the kernels take them."""
    return np.array([(a.gain, a.bearing, a.downtilt, *a.shape) for a in site.antennas])


def _window(ground: Terrain, site: Site, radius: float) -> tuple[int, int, int, int]:
    """Return first row, first column, rows and columns of the cells a site can reach."""
    g = ground.grid
    reach_lat = math.degrees(radius / EARTH_RADIUS_KM)
    reach_lon = reach_lat / max(math.cos(math.radians(abs(site.latitude) + reach_lat)), 1e-3)
    rows, columns = ground.height.shape
    top = max(math.floor((g.north - site.latitude - reach_lat) / g.step_lat), 0)
    bottom = min(math.ceil((g.north - site.latitude + reach_lat) / g.step_lat) + 1, rows)
    left = max(math.floor((site.longitude - reach_lon - g.west) / g.step_lon), 0)
    right = min(math.ceil((site.longitude + reach_lon - g.west) / g.step_lon) + 1, columns)
    return top, left, bottom - top, right - left


def _reached_window(ground: Terrain, sites: Sequence[Site], radius: float) -> tuple[int, int, int, int]:
    windows = np.array([_window(ground, site, radius) for site in sites])
    top, left = windows[:, 0].min(), windows[:, 1].min()
    bottom = (windows[:, 0] + windows[:, 2]).max()
    right = (windows[:, 1] + windows[:, 3]).max()
    return int(top), int(left), int(bottom - top), int(right - left)
