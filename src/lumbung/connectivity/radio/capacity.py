"""Capacity: how busy each cell is in the busy hour, and what speed people get from it.

Coverage says who hears a tower; this says what is left for them when everybody does. Every antenna of a site is a cell.
Loads come from ``engine.load_coupling``; the speed of somebody who loads something while the others do is the cell's rate
at that place times the share of time it is idle, the mean of a queue that shares its server (Bonald and Proutiere,
MobiCom 2003). In a cell that would need more than all of its time nobody is promised a speed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.antenna import antenna_gain
from lumbung.connectivity.engine.building_entry import BuildingType, building_entry_loss
from lumbung.connectivity.engine.cellular import (
    SHANNON_SHARE,
    Budget,
    Carrier,
    efficiencies,
    rate_of_one,
    rsrp,
    throughput,
)
from lumbung.connectivity.engine.load_coupling import (
    Cells,
    Heard,
    Loads,
    by_server,
    ratios,
    settled,
    strongest,
)
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.radio.coverage import (
    DEFAULT_RADIUS_KM,
    DEFAULT_RSRP,
    Model,
    directions,
    service,
    use_threads,
)
from lumbung.connectivity.radio.sites import Air, CoverageError, Site, on_air

NEIGHBOURS = 12
"""Cells that disturb a place one by one, the strongest first; weaker ones count as always sending."""
_DENSE = 12_000_000
"""Levels held at once while the strongest are picked out: places times cells."""
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Whereabouts:
    """Where people are: in the open, or behind walls of a type with what walls take (ITU-R P.2109).

    indoors: part of the people inside, 0 to 1. They stand for equal parts behind the walls of ``ranks``, the entry loss
    not exceeded in these shares of places.
    """

    indoors: float = 0.0
    building: BuildingType = "traditional"
    ranks: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9)

    def __post_init__(self) -> None:
        if not 0.0 <= self.indoors <= 1.0:
            raise CoverageError(f"indoors is {self.indoors:g}; it is a part of the people, 0 to 1")

    @property
    def share(self) -> _Floats:
        """Part of the people in each kind of place: outdoors, then behind each wall."""
        if self.indoors == 0.0:
            return np.ones(1)
        inside = self.indoors / len(self.ranks)
        return np.array([1.0 - self.indoors, *(inside for _ in self.ranks)])

    def passing(self, frequency: float) -> _Floats:
        """Return the part of the power that reaches each kind of place at a frequency [MHz]."""
        if self.indoors == 0.0:
            return np.ones(1)
        walls = building_entry_loss(frequency, np.array(self.ranks), self.building)
        return np.concatenate([[1.0], 10.0 ** (-0.1 * walls)])


@dataclass(frozen=True)
class Network:
    """Cells and who hears them, ready for any demand.

    cell: each a site with one antenna; air: what they send; order: the demand's index of each point of ``heard``, whose
    points are those that a cell serves at all; places: how many the demand has.
    """

    cell: tuple[Site, ...]
    air: Air
    cells: Cells
    heard: Heard
    order: NDArray[np.int64]
    places: int
    whereabouts: Whereabouts

    @property
    def server(self) -> NDArray[np.int64]:
        """The cell that each place hears best, -1 where none reaches it."""
        result = np.full(self.places, -1, np.int64)
        result[self.order] = np.repeat(np.arange(len(self.cell)), np.diff(self.heard.starts))
        return result


@dataclass(frozen=True)
class Capacity:
    """What the network gives in its busy hour.

    loads: of the cells; server: the cell of each place, -1 for none; level: RSRP outdoors [dBm], -inf for none; alone, speed:
    rate of the cell at a place, and what is left of it beside the others [Mbit/s], shape (places, kinds); share: part of
    the people in each kind.
    """

    loads: Loads
    server: NDArray[np.int64]
    level: _Floats
    alone: _Floats
    speed: _Floats
    share: _Floats

    def part_at(self, rate: float) -> _Floats:
        """Return the part of each place's people who get at least a speed [Mbit/s]."""
        return np.asarray((self.speed >= rate) @ self.share)

    def at_once(self, people: _Floats, rate: float) -> _Floats:
        """Return how many users with a steady rate [Mbit/s] each cell holds at once, spread as its people are.

        Counted over people whose place allows that rate at all; 0 where none does.
        """
        able = self.alone >= rate
        weight = people[:, None] * self.share[None, :] * able * (self.server >= 0)[:, None]
        needs = np.divide(rate * weight, self.alone, out=np.zeros_like(weight), where=able)
        cells = self.loads.load.size
        inside = np.maximum(self.server, 0)
        heads, time = (np.bincount(inside, w.sum(1), cells) for w in (weight, needs))
        return np.divide(heads, time, out=np.zeros(cells), where=time > 0.0)


def cells_of(sites: Sequence[Site]) -> tuple[Site, ...]:
    """Return every antenna as a cell: a site with that antenna alone, named ``T1/2`` where its site has several."""
    return tuple(
        site if len(site.antennas) == 1 else replace(site, id=f"{site.id}/{number}", antennas=(antenna,))
        for site in sites
        for number, antenna in enumerate(site.antennas, 1)
    )


def network(
    ground: Terrain,
    sites: Sequence[Site],
    demand: Demand,
    carrier: Carrier,
    budget: Budget | None = None,
    *,
    model: Model | None = None,
    radius: float = DEFAULT_RADIUS_KM,
    threshold: float = DEFAULT_RSRP,
    whereabouts: Whereabouts | None = None,
    known: NDArray[np.bool_] | None = None,
    neighbours: int = NEIGHBOURS,
    threads: int | None = None,
    progress: Callable[[float], object] | None = None,
) -> Network:
    """Return who hears which cells, link by link with the full model.

    Parameters
    ----------
    threshold
        RSRP below which nobody is a user, behind the wall where there is one [dBm].
    known
        Places on known ground (from ``placed_on``); the others have no cell.
    neighbours
        Cells that disturb a place one by one.
    progress
        Told the part that is done, 0 to 1.

    Raises
    ------
    CoverageError
        As for ``service``.
    """
    budget, model, whereabouts = budget or Budget(), model or Model(), whereabouts or Whereabouts()
    use_threads(threads)
    cell = cells_of(sites)
    air = on_air(cell, carrier, budget)
    # Nobody who hears less in the open is a user behind any wall.
    floor = 10.0 ** (0.1 * threshold)
    chunk = max(_DENSE // max(len(cell), 1), 1)
    parts = []
    for start in range(0, demand.size, chunk):
        window = np.arange(start, min(start + chunk, demand.size))
        level = levels(ground, sites, _some(demand, window), carrier, budget, model, radius, threads)
        if known is not None:
            level[:, ~known[window]] = 0.0
        found = strongest(level, np.array(air.channel), neighbours)
        parts.append(found._replace(server=np.where(found.signal >= floor, found.server, -1)))
        if progress is not None:
            progress((start + window.size) / demand.size)
    heard, order = by_server(parts, len(cell))
    return Network(cell, air, _cells(air, threshold, whereabouts), heard, order, demand.size, whereabouts)


def busy(net: Network, people: _Floats, rate: float) -> Loads:
    """Return the loads of the cells when each person asks for a mean rate in the busy hour [Mbit/s]."""
    asked = np.ascontiguousarray(people[net.order] * rate)
    return settled(net.cells, net.heard, asked, net.whereabouts.share, SHANNON_SHARE)


def capacity(net: Network, loads: Loads) -> Capacity:
    """Return what people get from cells that are so busy.

    ``net`` may be that of other places with the same cells, such as those of a map.
    """
    ratio = ratios(loads.load, net.cells, net.heard)
    rate = np.zeros_like(ratio)
    server = np.repeat(np.arange(len(net.cell)), np.diff(net.heard.starts))
    for number, (sent, _) in enumerate(net.air.ways):
        own = (np.array(net.air.way) == number)[server]
        rate[own] = throughput(sent, ratio[own])
    idle = np.clip(1.0 - loads.needed, 0.0, 1.0)
    alone = np.zeros((net.places, ratio.shape[1]))
    level = np.full(net.places, -np.inf)
    alone[net.order] = rate
    level[net.order] = 10.0 * np.log10(net.heard.signal)
    speed = np.zeros_like(alone)
    speed[net.order] = rate * idle[server][:, None]
    return Capacity(loads, net.server, level, alone, speed, net.whereabouts.share)


def _some(demand: Demand, window: NDArray[np.int64]) -> Demand:
    return replace(
        demand,
        id=tuple(demand.id[k] for k in window),
        name=tuple(demand.name[k] for k in window),
        latitude=demand.latitude[window],
        longitude=demand.longitude[window],
        people=demand.people[window],
    )


def levels(
    ground: Terrain, sites: Sequence[Site], demand: Demand, carrier: Carrier, budget: Budget, model: Model,
    radius: float, threads: int | None = None,
) -> _Floats:  # fmt: skip
    """Return the power of every cell at every place [mW in one subcarrier], shape (cells, places); 0 beyond the radius."""
    pairs = service(ground, sites, demand, carrier, budget, model=model, radius=radius, threads=threads)
    result = np.zeros((sum(len(site.antennas) for site in sites), demand.size))
    starts = np.searchsorted(pairs.site, np.arange(len(sites) + 1))
    row = 0
    for k, site in enumerate(sites):
        own = slice(starts[k], starts[k + 1])
        sent, link = pairs.air.ways[pairs.air.way[k]]
        there = pairs.demand[own]
        bearing, elevation = directions(
            ground, site, demand.latitude[there], demand.longitude[there], model.receiver_height
        )
        for antenna in site.antennas:
            level = rsrp(sent, link, antenna_gain(antenna, bearing, elevation), pairs.loss[own])
            result[row, there] = 10.0 ** (0.1 * level)
            row += 1
    return result


def _cells(air: Air, threshold: float, whereabouts: Whereabouts) -> Cells:
    way = np.array(air.way)
    tables = [efficiencies(sent) for sent, _ in air.ways]
    return Cells(
        noise=np.array([10.0 ** (0.1 * link.noise(sent)) for sent, link in air.ways])[way],
        width=np.array([rate_of_one(sent) for sent, _ in air.ways])[way],
        least=np.array([table[0] for table in tables])[way],
        most=np.array([table[-1] for table in tables])[way],
        floor=np.full(way.size, 10.0 ** (0.1 * threshold)),
        wall=np.array([whereabouts.passing(sent.frequency) for sent, _ in air.ways])[way],
    )
