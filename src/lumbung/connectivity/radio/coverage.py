"""Coverage: which places hear which towers, how well, and how many people that is.

*Who among these villages hears which of these sites?* (``service``) and *what does the land around look like?*
(``coverage_map``) are one question asked of villages or of the cells of a raster, and have one answer: link by link over
each one's own profile, with the full model. With ``on_cells`` a village is predicted at the centre of the cell it
stands in, and then table and map agree to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.antenna import antenna_gain
from lumbung.connectivity.engine.cellular import Budget, Carrier, rsrp, sinr, throughput
from lumbung.connectivity.engine.p1812.climate import Setting
from lumbung.connectivity.engine.radials import EARTH_RADIUS_KM, UNKNOWN_LOSS, Grid, link_losses
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.radio.kept_losses import KeptLosses
from lumbung.connectivity.radio.path_loss import (
    DEFAULT_DN,
    DEFAULT_N0,
    Polarization,
    check_parameters,
    location_loss,
    location_variability,
)
from lumbung.connectivity.radio.sites import Air, CoverageError, Site, check_sites, on_air
from lumbung.faces import optional

DEFAULT_RADIUS_KM = 30.0
DEFAULT_RSRP = -110.0
"""RSRP [dBm] from which a place counts as served unless told otherwise: what LTE needs outdoors for a few
Mbit/s in 10 MHz. Regulators set -100 to -115."""

_ROWS_AT_ONCE = 256
"""Rows of a map whose quality is computed at once: a province's map is large, and its steps need not all be."""
_Floats = NDArray[np.float64]


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
class Service:
    """Which demand point hears which site: a sparse matrix in three equal columns, ordered by site, then
    demand.

    site, demand: indices; loss: basic transmission loss [dB]; rsrp: of the site's best antenna [dBm]; power:
    of all its antennas together [mW], which is what disturbs others; air: what each site sends. Pairs
    beyond the radius are not listed; pairs whose profile crosses unknown ground are counted in ``unknown``
    and not listed either.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import connectivity
    >>> ground = connectivity.terrain(
    ...     np.full((40, 40), 10.0, np.float32), connectivity.Grid(-8.0, 122.0, 0.002, 0.002), source="flat", generated=True
    ... )
    >>> mast = connectivity.Site("mast", -8.02, 122.02, height=30)
    >>> villages = connectivity.demand_points([-8.03, -8.07], [122.03, 122.07], [120, 340], generated=True)
    >>> heard = connectivity.service(ground, [mast], villages, connectivity.Carrier(frequency=900))
    >>> heard.served(threshold=-90)[0].tolist()  # villages that the mast serves
    [0]
    """

    sites: int
    demands: int
    air: Air
    site: NDArray[np.int64]
    demand: NDArray[np.int64]
    loss: NDArray[np.float64]
    rsrp: NDArray[np.float64]
    power: NDArray[np.float64]
    unknown: int = 0

    def __repr__(self) -> str:
        return (
            f"<Service: {self.sites} sites, {self.demands} places, {self.site.size} links, "
            f"{self.unknown} over unknown ground>"
        )

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

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import connectivity
    >>> ground = connectivity.terrain(
    ...     np.full((40, 40), 10.0, np.float32), connectivity.Grid(-8.0, 122.0, 0.002, 0.002), source="flat", generated=True
    ... )
    >>> mast = connectivity.Site("mast", -8.02, 122.02, height=30)
    >>> villages = connectivity.demand_points([-8.03, -8.07], [122.03, 122.07], [120, 340], generated=True)
    >>> heard = connectivity.service(ground, [mast], villages, connectivity.Carrier(frequency=900))
    >>> received = connectivity.reception(heard, threshold=-90)
    >>> received.rsrp.round().tolist(), received.served.tolist()  # dBm
    ([-76.0, -104.0], [True, False])
    """

    rsrp: NDArray[np.float64]
    sinr: NDArray[np.float64]
    rate: NDArray[np.float64]
    server: NDArray[np.int64]
    served: NDArray[np.bool_]
    predicted: NDArray[np.bool_]

    def __repr__(self) -> str:
        return f"<Reception: {int(self.served.sum())} of {self.served.size} places served>"


@dataclass(frozen=True)
class CoverageMap:
    """Rasters of best server, RSRP [dBm], SINR [dB] and throughput [Mbit/s] over a grid; NaN where nothing is
    known.

    server: index of the site heard best, -1 where none.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import connectivity
    >>> ground = connectivity.terrain(
    ...     np.full((40, 40), 10.0, np.float32), connectivity.Grid(-8.0, 122.0, 0.002, 0.002), source="flat", generated=True
    ... )
    >>> mast = connectivity.Site("mast", -8.02, 122.02, height=30)
    >>> signal = connectivity.coverage_map(ground, [mast], connectivity.Carrier(frequency=900), radius=3)
    >>> signal.to_xarray()["rsrp"].attrs["units"], round(float(np.nanmax(signal.rsrp)))
    ('dBm', -61)
    """

    grid: Grid
    rsrp: NDArray[np.float32]
    sinr: NDArray[np.float32]
    throughput: NDArray[np.float32]
    server: NDArray[np.int32]
    label: str
    generated: bool
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        rows, columns = self.rsrp.shape
        made = ", generated" if self.generated else ""
        return (
            f"<CoverageMap: {rows} x {columns} cells, {int((self.server >= 0).sum())} of them reached{made}>"
        )

    def to_xarray(self) -> Any:
        """Return the map as an ``xarray.Dataset`` over latitude and longitude, with units (CF conventions).

        Raises
        ------
        lumbung.faces.MissingExtra
            Where xarray is not installed.
        """
        about = {
            "rsrp": ("dBm", "reference signal received power of the best server"),
            "sinr": ("dB", "signal to interference and noise ratio"),
            "throughput": ("Mbit s-1", "throughput of the whole cell"),
            "server": ("1", "index of the site heard best, -1 for none"),
        }
        dims = ("latitude", "longitude")
        rows, columns = self.rsrp.shape
        coordinates = {
            "latitude": (
                "latitude",
                self.grid.north - self.grid.step_lat * np.arange(rows),
                {"standard_name": "latitude", "units": "degrees_north"},
            ),
            "longitude": (
                "longitude",
                self.grid.west + self.grid.step_lon * np.arange(columns),
                {"standard_name": "longitude", "units": "degrees_east"},
            ),
        }
        return optional("xarray").Dataset(
            {
                name: (dims, getattr(self, name), {"units": units, "long_name": long_name})
                for name, (units, long_name) in about.items()
            },
            coordinates,
            {"Conventions": "CF-1.11", "source": self.label, "generated": int(self.generated)},
        )

    def plot(self, *, axes: Any = None) -> Any:
        """Draw RSRP [dBm] as plain colours; ``lumbung.connectivity.files.map_picture`` draws a whole map of classes.

        Returns
        -------
        matplotlib.axes.Axes
            Those given, or else pyplot's, titled with the source of the ground.
        """
        if axes is None:
            import matplotlib.pyplot as plt

            axes = plt.gca()
        rows, columns = self.rsrp.shape
        drawn = axes.pcolormesh(
            self.grid.west + self.grid.step_lon * np.arange(columns),
            self.grid.north - self.grid.step_lat * np.arange(rows),
            self.rsrp,
            shading="nearest",
        )
        axes.figure.colorbar(drawn, ax=axes, label="RSRP [dBm]")
        axes.set_aspect(1.0 / math.cos(math.radians(self.grid.north - 0.5 * rows * self.grid.step_lat)))
        axes.set_xlabel("longitude [deg]")
        axes.set_ylabel("latitude [deg]")
        axes.set_title(self.label)
        return axes


def use_threads(threads: int | None) -> int:
    """Set how many threads the kernels share work over (all processors by default) and return the number."""
    from lumbung.kernels import compiling

    return compiling.use_threads(threads)


def on_cells(demand: Demand, ground: Terrain) -> Demand:
    """Return the places at the centres of the terrain's cells they stand in, where the map has its values.

    A place moves by less than a cell; places outside the terrain stay where they are.
    """
    inside = ground.contains(demand.latitude, demand.longitude)
    rows, columns = ground.cells(demand.latitude, demand.longitude)
    return replace(
        demand,
        latitude=np.where(inside, ground.grid.north - rows * ground.grid.step_lat, demand.latitude),
        longitude=np.where(inside, ground.grid.west + columns * ground.grid.step_lon, demand.longitude),
    )


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
    carrier, budget
        What sites send that have none of their own.
    radius
        Largest distance looked at [km].
    threads
        Threads to share the links over; the numbers do not depend on it.

    Raises
    ------
    CoverageError
        Naming sites outside the terrain, on unknown ground, or twice of one id.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import connectivity
    >>> ground = connectivity.terrain(
    ...     np.full((40, 40), 10.0, np.float32), connectivity.Grid(-8.0, 122.0, 0.002, 0.002), source="flat", generated=True
    ... )
    >>> mast = connectivity.Site("mast", -8.02, 122.02, height=30)
    >>> villages = connectivity.demand_points([-8.03, -8.07], [122.03, 122.07], [120, 340], generated=True)
    >>> heard = connectivity.service(ground, [mast], villages, connectivity.Carrier(frequency=900))
    >>> heard
    <Service: 1 sites, 2 places, 2 links, 0 over unknown ground>
    >>> heard.loss.round(1).tolist()  # dB
    [95.4, 122.9]
    """
    budget = budget or Budget()
    model = model or Model()
    check_sites(ground, sites)
    use_threads(threads)
    air = on_air(sites, carrier, budget)
    pairs = [_within(site, demand.latitude, demand.longitude, radius) for site in sites]
    where = np.repeat(np.arange(len(sites)), [near.size for near in pairs]).astype(np.int64)
    who = np.concatenate(pairs).astype(np.int64)
    height = ground.engine_height()
    loss, level, power = np.empty(who.size), np.empty(who.size), np.empty(who.size)
    for number, (sent, link) in enumerate(air.ways):
        # One call for all sites that send alike: threads share the links, not the sites.
        own = np.flatnonzero(np.array(air.way)[where] == number)
        ends = where[own], demand.latitude[who[own]], demand.longitude[who[own]]
        found = _losses(ground, height, sites, *ends, sent, model)
        loss[own] = found
        best, together = _gains(ground, sites, *ends, model)
        level[own] = rsrp(sent, link, best, found)
        power[own] = 10.0 ** (0.1 * rsrp(sent, link, together, found))
    known = loss < UNKNOWN_LOSS
    return Service(
        sites=len(sites),
        demands=demand.size,
        air=air,
        site=where[known],
        demand=who[known],
        loss=loss[known],
        rsrp=level[known],
        power=power[known],
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
    every: int = 1,
    threads: int | None = None,
    kept: KeptLosses | None = None,
    progress: object = None,
    each: Callable[[int, NDArray[np.int64], NDArray[np.int64], _Floats], None] | None = None,
) -> CoverageMap:
    """Return the signal over the land around sites: best server, RSRP, SINR against all other antennas of the channel,
    throughput.

    Every cell of the terrain that a site may reach is a link of its own, with the loss that ``service`` gives a
    place at its centre. The raster is cut to what the sites reach.

    Parameters
    ----------
    every
        Cells of the map lie this many cells of the terrain apart, in the middle of as many; each is a link of its own.
    kept
        Where losses of finished sites are kept, to go on from after an interruption.
    progress
        Called after each site, if given.
    each
        Gets each site's index, and rows, columns and RSRP [dBm] of the cells where it is known, if given.

    Raises
    ------
    CoverageError
        As for ``service``.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import connectivity
    >>> ground = connectivity.terrain(
    ...     np.full((40, 40), 10.0, np.float32), connectivity.Grid(-8.0, 122.0, 0.002, 0.002), source="flat", generated=True
    ... )
    >>> mast = connectivity.Site("mast", -8.02, 122.02, height=30)
    >>> signal = connectivity.coverage_map(ground, [mast], connectivity.Carrier(frequency=900), radius=3)
    >>> signal
    <CoverageMap: 25 x 25 cells, 509 of them reached, generated>
    """
    budget = budget or Budget()
    model = model or Model()
    check_sites(ground, sites)
    use_threads(threads)
    air = on_air(sites, carrier, budget)
    lattice = lattice_of(ground, sites, radius, every)
    rows, columns = lattice.shape
    height = ground.engine_height()
    strongest = np.full((rows, columns), -np.inf)
    server = np.full((rows, columns), -1, np.int32)
    total = np.zeros((max(air.channel) + 1, rows, columns))
    partly = []
    for k, site in enumerate(sites):
        sent, link = air.ways[air.way[k]]
        row, column, beyond = _reached(lattice, site, radius)
        # As ``on_cells`` writes them, so that a place there is the same link.
        only = np.zeros(row.size, np.int64)
        latitude = np.asarray(
            ground.grid.north - (lattice.first_row + row * every) * ground.grid.step_lat, float
        )
        longitude = np.asarray(
            ground.grid.west + (lattice.first_column + column * every) * ground.grid.step_lon, float
        )
        compute = partial(_losses, ground, height, [site], only, latitude, longitude, sent, model)
        if kept is None:
            loss = compute()
        else:
            place = site.latitude, site.longitude, site.height
            loss = kept.losses(row.size, (place, sent.frequency, model, lattice, radius), compute)
        best, together = _gains(ground, [site], only, latitude, longitude, model)
        known = loss < UNKNOWN_LOSS
        unknown = (beyond + int((~known).sum())) / max(beyond + row.size, 1)
        if unknown > 0.005:
            partly.append(f"{site.id} {100.0 * unknown:.0f} %")
        row, column = row[known], column[known]
        level = rsrp(sent, link, best[known], loss[known])
        total[air.channel[k], row, column] += 10.0 ** (0.1 * rsrp(sent, link, together[known], loss[known]))
        better = level >= strongest[row, column]
        strongest[row[better], column[better]] = level[better]
        server[row[better], column[better]] = k
        if each is not None:
            each(k, row, column, level)
        if callable(progress):
            progress()
    ratio, rate = np.empty((rows, columns), np.float32), np.empty((rows, columns), np.float32)
    for top in range(0, rows, _ROWS_AT_ONCE):
        part = slice(top, top + _ROWS_AT_ONCE)
        ratio[part], rate[part] = _quality(air, strongest[part], server[part], total[:, part])
    strongest[server < 0] = np.nan
    return CoverageMap(
        grid=lattice.grid,
        rsrp=strongest.astype(np.float32),
        sinr=ratio,
        throughput=rate,
        server=server,
        label=ground.label,
        generated=ground.generated,
        notes=(*ground.notes, *_reach_notes(partly, radius)),
    )


def _quality(
    air: Air, strongest: _Floats, server: NDArray[np.integer], total: _Floats
) -> tuple[_Floats, _Floats]:
    """Return SINR [dB] and rate [Mbit/s] from the level and index of the server and the power of each channel [mW].

    NaN where there is no server.
    """
    ratio = np.full(server.shape, np.nan)
    rate = np.full(server.shape, np.nan)
    for number, (sent, link) in enumerate(air.ways):
        here = np.isin(server, np.flatnonzero(np.array(air.way) == number))
        own = strongest[here]
        channel = np.array(air.channel)[server[here]]
        all_power = np.take_along_axis(total[:, here], channel[None, :], axis=0)[0]
        power = 10.0 ** (0.1 * own)
        with np.errstate(divide="ignore"):
            # What rounding leaves of a lone server's own power is no interference.
            others = 10.0 * np.log10(np.where(all_power > power * (1.0 + 1e-9), all_power - power, 0.0))
        ratio[here] = sinr(sent, link, own, others)
        rate[here] = throughput(sent, ratio[here])
    return ratio, rate


def _reach_notes(partly: list[str], radius: float) -> list[str]:
    if not partly:
        return []
    named = ", ".join(partly[:8]) + (f" and {len(partly) - 8} more" if len(partly) > 8 else "")
    return [f"part of the {radius:g} km reach lies beyond known ground and is not predicted: {named}"]


def reception(
    heard: Service, *, threshold: float = DEFAULT_RSRP, known: NDArray[np.bool_] | None = None
) -> Reception:
    """Return what each demand point receives from its best site, all other antennas of the channel disturbing.

    known: places on known ground (from ``placed_on``); the others are never served.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import connectivity
    >>> ground = connectivity.terrain(
    ...     np.full((40, 40), 10.0, np.float32), connectivity.Grid(-8.0, 122.0, 0.002, 0.002), source="flat", generated=True
    ... )
    >>> mast = connectivity.Site("mast", -8.02, 122.02, height=30)
    >>> villages = connectivity.demand_points([-8.03, -8.07], [122.03, 122.07], [120, 340], generated=True)
    >>> heard = connectivity.service(ground, [mast], villages, connectivity.Carrier(frequency=900))
    >>> connectivity.reception(heard, threshold=-90)
    <Reception: 1 of 2 places served>
    """
    strongest, server = heard.best()
    total = np.zeros((max(heard.air.channel) + 1, heard.demands))
    np.add.at(total, (np.array(heard.air.channel)[heard.site], heard.demand), heard.power)
    ratio, rate = _quality(heard.air, strongest, server, total)
    predicted = np.ones(heard.demands, bool) if known is None else known
    return Reception(
        rsrp=strongest,
        sinr=ratio,
        rate=np.nan_to_num(rate),
        server=server,
        # In single precision, as the map stores it: neither says more than the other.
        served=predicted & (strongest.astype(np.float32) >= np.float32(threshold)),
        predicted=predicted,
    )


@dataclass(frozen=True)
class Lattice:
    """Cells to be drawn: their grid, how many, and the terrain's row and column of the first."""

    grid: Grid
    shape: tuple[int, int]
    first_row: int
    first_column: int


def lattice_of(ground: Terrain, sites: Sequence[Site], radius: float, every: int) -> Lattice:
    """Return the cells that hold what the sites reach: of every so many the middle one."""
    windows = np.array([_window(ground.grid, site, radius) for site in sites])
    middle = every // 2
    last = [(size - 1 - middle) // every for size in ground.height.shape]
    top, left = (max((int(windows[:, side].min()) - middle) // every, 0) for side in (0, 1))
    bottom, right = (min((int(windows[:, 2 + side].max()) - middle) // every, last[side]) for side in (0, 1))
    g, row, column = ground.grid, top * every + middle, left * every + middle
    return Lattice(
        Grid(g.north - row * g.step_lat, g.west + column * g.step_lon, g.step_lat * every, g.step_lon * every),
        (bottom - top + 1, right - left + 1), row, column,
    )  # fmt: skip


def _window(g: Grid, site: Site, radius: float) -> tuple[int, int, int, int]:
    """Return first row and column, last row and column of the cells a site can reach, on a raster without edges."""
    reach_lat = math.degrees(radius / EARTH_RADIUS_KM)
    reach_lon = reach_lat / max(math.cos(math.radians(abs(site.latitude) + reach_lat)), 1e-3)
    return (
        math.floor((g.north - site.latitude - reach_lat) / g.step_lat),
        math.floor((site.longitude - reach_lon - g.west) / g.step_lon),
        math.ceil((g.north - site.latitude + reach_lat) / g.step_lat),
        math.ceil((site.longitude + reach_lon - g.west) / g.step_lon),
    )


def _reached(lattice: Lattice, site: Site, radius: float) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return rows and columns of the cells within the radius, and how many more lie beyond the terrain."""
    top, left, bottom, right = _window(lattice.grid, site, radius)
    row, column = np.mgrid[top : bottom + 1, left : right + 1].reshape(2, -1)
    near = _within(
        site, lattice.grid.north - row * lattice.grid.step_lat, lattice.grid.west + column * lattice.grid.step_lon,
        radius,
    )  # fmt: skip
    row, column = row[near], column[near]
    inside = (row >= 0) & (column >= 0) & (row < lattice.shape[0]) & (column < lattice.shape[1])
    return row[inside], column[inside], int((~inside).sum())


def _within(site: Site, latitude: _Floats, longitude: _Floats, radius: float) -> NDArray[np.int64]:
    """Return the indices of places no farther from a site than radius [km], rising."""
    reach = math.degrees(radius / EARTH_RADIUS_KM)
    near = np.flatnonzero(np.abs(latitude - site.latitude) <= reach)
    phi = np.radians(latitude[near])
    half_lat = 0.5 * (phi - math.radians(site.latitude))
    half_lon = 0.5 * np.radians(longitude[near] - site.longitude)
    chord = (
        np.sin(half_lat) ** 2 + np.cos(phi) * math.cos(math.radians(site.latitude)) * np.sin(half_lon) ** 2
    )
    distance = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return np.asarray(near[distance <= radius], dtype=np.int64)


def _losses(
    ground: Terrain,
    height: NDArray[np.float32],
    sites: Sequence[Site],
    where: NDArray[np.int64],
    latitude: _Floats,
    longitude: _Floats,
    carrier: Carrier,
    model: Model,
) -> _Floats:
    """Return the loss [dB] of links from sites[where] to places, UNKNOWN_LOSS where the ground between is not known."""
    if where.size == 0:
        return np.empty(0)
    masts = np.array([(site.latitude, site.longitude, site.height) for site in sites])
    ends = np.empty((where.size, 6))
    ends[:, :3] = masts[where]
    ends[:, 3], ends[:, 4], ends[:, 5] = latitude, longitude, model.receiver_height
    return np.asarray(
        link_losses(
            model.setting(carrier.frequency, ground.cell_metres), height, ground.clutter, ground.zone, ground.grid,
            ends, ground.cell_metres * 1e-3,
        )
    )  # fmt: skip


def _gains(
    ground: Terrain,
    sites: Sequence[Site],
    where: NDArray[np.int64],
    latitude: _Floats,
    longitude: _Floats,
    model: Model,
) -> tuple[_Floats, _Floats]:
    """Return the gain of the best antenna of each link's site towards its receiver, and of all together [dBi]."""
    best = np.full(where.size, -np.inf)
    together = np.zeros(where.size)
    starts = np.searchsorted(where, np.arange(len(sites) + 1))
    for k, site in enumerate(sites):
        own = slice(starts[k], starts[k + 1])
        bearing, elevation = directions(ground, site, latitude[own], longitude[own], model.receiver_height)
        for antenna in site.antennas:
            gain = antenna_gain(antenna, bearing, elevation)
            best[own] = np.maximum(best[own], gain)
            together[own] += 10.0 ** (0.1 * gain)
    return best, 10.0 * np.log10(together)


def directions(
    ground: Terrain, site: Site, latitude: _Floats, longitude: _Floats, receiver_height: float
) -> tuple[_Floats, _Floats]:
    """Return bearing and elevation [deg] from a site's antennas to receivers over the curved Earth.

    The ground under both is that of the nearest cell.
    """
    phi_1, phi_2 = math.radians(site.latitude), np.radians(latitude)
    turn = np.radians(longitude - site.longitude)
    east = np.sin(turn) * np.cos(phi_2)
    north = math.cos(phi_1) * np.sin(phi_2) - math.sin(phi_1) * np.cos(phi_2) * np.cos(turn)
    along = math.sin(phi_1) * np.sin(phi_2) + math.cos(phi_1) * np.cos(phi_2) * np.cos(turn)
    distance = np.arctan2(np.hypot(east, north), along) * EARTH_RADIUS_KM * 1000.0
    row, column = ground.cells(np.array([site.latitude]), np.array([site.longitude]))
    top = ground.height[row[0], column[0]] + site.height
    rise = ground.height[ground.cells(latitude, longitude)] + receiver_height - top
    radius = EARTH_RADIUS_KM * 1000.0
    elevation = np.arctan2(rise, np.maximum(distance, 1.0)) - distance / (2.0 * radius)
    return np.degrees(np.arctan2(east, north)), np.degrees(elevation)


__all__ = [
    "DEFAULT_RADIUS_KM",
    "DEFAULT_RSRP",
    "Air",
    "CoverageError",
    "CoverageMap",
    "Lattice",
    "Model",
    "Reception",
    "Service",
    "Site",
    "check_sites",
    "coverage_map",
    "directions",
    "lattice_of",
    "on_cells",
    "reception",
    "service",
    "use_threads",
]
