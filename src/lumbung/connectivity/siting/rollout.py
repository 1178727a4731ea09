"""From tables to a programme: which sites in which year, with power and backhaul, for people at a speed.

A person is served at a speed who, while as many people are active as in the busy hour, gets that speed from a cell that has
time for it. What a cell gives at a place is taken with a fixed rise of the noise by neighbours (the interference margin);
``loads_of`` holds the finished network against load-coupled interference afterwards.

A chain of hops goes from each site to one that needs fewer hops to fibre, so that no ring can arise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.antenna import three_sectors
from lumbung.connectivity.engine.cellular import Budget, Carrier, throughput
from lumbung.connectivity.engine.load_coupling import Loads
from lumbung.connectivity.engine.phasing.programme import Answer, Floats, Ints, PhasingError, Programme
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.radio.capacity import busy, levels, network
from lumbung.connectivity.radio.coverage import Model
from lumbung.connectivity.radio.sites import Site, on_air
from lumbung.connectivity.siting.backhaul import Rules, distances, fewest_hops, hop
from lumbung.connectivity.siting.candidates import Candidate, Place
from lumbung.connectivity.siting.reach import places_of
from lumbung.connectivity.siting.ten_years import Bill, Prices, bill

RELAYS = 4
"""Sites that a site's traffic may run over in a programme: the nearest with a clear hop."""
_TRIED = 12
BELOW = 25.0
"""How far under the threshold links are kept [dB], for draws in which the prediction is off."""


@dataclass(frozen=True)
class Promise:
    """What a person served gets.

    speed : of an active person [Mbit/s]; active : part of the people who are active at once in the busy hour; margin : rise
    of the noise by neighbours that is planned for [dB]; load : share of its time that a cell is planned to fill.
    """

    speed: float = 2.0
    active: float = 0.02
    margin: float = 3.0
    load: float = 0.7

    def __post_init__(self) -> None:
        if (
            self.speed <= 0.0
            or not 0.0 < self.active <= 1.0
            or self.margin < 0.0
            or not 0.0 < self.load <= 1.0
        ):
            raise PhasingError(
                f"promise: speed {self.speed:g} Mbit/s, {self.active:g} of the people active, margin {self.margin:g} dB, load "
                f"{self.load:g}; expected a speed above 0, parts above 0 and at most 1, and a margin of 0 or more"
            )


@dataclass(frozen=True)
class Way:
    """One way of building a site, or of a tower that stands: its site, height, backhaul and bill (None for standing)."""

    site: str
    height: float
    backhaul: str
    over: str
    length: float
    bill: Bill | None


@dataclass(frozen=True)
class Reach:
    """What every place hears of every mast, down to ``BELOW`` under the threshold.

    place, mast, cell: indices, cell of the best antenna; level [dBm], all of shape (links,); quiet: noise of each mast's receivers
    [dBm]; sent: carrier of each mast; threshold [dBm].
    """

    place: Ints
    mast: Ints
    cell: Ints
    level: Floats
    quiet: Floats
    sent: tuple[Carrier, ...]
    threshold: float

    def pairs(self, people: Floats, promise: Promise, off: Floats | float = 0.0) -> dict[str, Any]:
        """Return who could be served by which cell at the speed and what that takes, as a programme's pairs.

        Parameters
        ----------
        people
            Of each place.
        off
            Added to each link's level [dB].
        """
        level = self.level + off
        ratio = level - self.quiet[self.mast] - promise.margin
        rate = np.zeros(level.size)
        for carrier in set(self.sent):
            own = np.array([sent == carrier for sent in self.sent])[self.mast]
            rate[own] = throughput(carrier, ratio[own])
        there = (level >= self.threshold) & (rate >= promise.speed) & (people[self.place] > 0.0)
        traffic = people[self.place[there]] * promise.active * promise.speed
        return {
            "pair_place": self.place[there],
            "pair_cell": self.cell[there],
            "pair_time": traffic / (rate[there] * promise.load),
            "pair_traffic": traffic,
        }


@dataclass(frozen=True)
class Rollout:
    """A programme with the names of what it is made of.

    ways: in the programme's order; masts: the site of each option with its antennas; regions: names of the programme's; reach:
    what its pairs were made of.
    """

    programme: Programme
    reach: Reach
    ways: tuple[Way, ...]
    masts: tuple[Site, ...]
    demand: Demand
    regions: tuple[str, ...]
    promise: Promise
    prices: Prices
    notes: tuple[str, ...]


def rollout(
    ground: Terrain,
    candidates: Sequence[Candidate],
    towers: Sequence[Site],
    fibre: Sequence[Place],
    demand: Demand,
    money: Sequence[float],
    carrier: Carrier,
    budget: Budget,
    model: Model,
    rules: Rules,
    prices: Prices,
    promise: Promise,
    *,
    known: NDArray[np.bool_] | None = None,
    floors: Mapping[str, float] | float = 0.0,
    radius: float = 30.0,
    threshold: float = -110.0,
    progress: Callable[[float], object] | None = None,
) -> Rollout:
    """Write the programme of tables.

    Parameters
    ----------
    money
        That may be committed in each year: building, and the worth of running until the end of life.
    floors
        Share of the people of each region that must have the speed in the end; one number for all regions.
    threshold
        RSRP from which a place can be served at all [dBm].
    progress
        Told the part that is done, 0 to 1.

    Raises
    ------
    PhasingError
        Where a floor names no region, or regions are asked for that the villages' table does not give.
    """
    regions, region, floor = _floors(demand, floors)
    options = [(k, height) for k, candidate in enumerate(candidates) for height in candidate.heights]
    masts = [
        Site(f"{candidates[k].id}@{height:g}", candidates[k].latitude, candidates[k].longitude, height, tuple(three_sectors()))
        for k, height in options
    ]  # fmt: skip
    masts += list(towers)
    reach = _reach(ground, masts, demand, carrier, budget, model, radius, threshold, known, progress)
    ways, columns = _ways(ground, candidates, options, towers, fibre, rules, prices)
    cost = np.array([0.0 if way.bill is None else way.bill.total(prices) for way in ways])
    programme = Programme(
        people=demand.people,
        worth=np.ones(len(money)),
        money=np.cumsum(np.asarray(money, float)),
        way_site=columns["site"],
        way_option=columns["option"],
        way_cost=cost,
        way_over=columns["over"],
        way_carries=np.array([way.backhaul != "satellite" for way in ways]),
        way_traffic=np.array(
            [prices.satellite_traffic if way.backhaul == "satellite" else np.inf for way in ways]
        ),
        cell_option=np.repeat(np.arange(len(masts)), [len(mast.antennas) for mast in masts]),
        region=region,
        floor=floor,
        **reach.pairs(demand.people, promise),
    )
    notes = (
        f"a site's price is building it and {prices.life:g} years of running it at today's worth ({prices.discount:.0%} a year)",
        f"cells are planned with {promise.margin:g} dB more noise from neighbours",
    )
    return Rollout(programme, reach, ways, tuple(masts), demand, regions, promise, prices, notes)


def _floors(demand: Demand, floors: Mapping[str, float] | float) -> tuple[tuple[str, ...], Ints, Floats]:
    names = demand.region or ("",) * demand.size
    regions = tuple(sorted({name for name in names if name}))
    index = {name: k for k, name in enumerate(regions)}
    if isinstance(floors, Mapping):
        unknown = sorted(set(floors) - set(regions))
        if unknown:
            raise PhasingError(
                f"floors: {', '.join(unknown)} is no region of the villages' table; it names {', '.join(regions) or 'none'}"
            )
        floor = np.array([floors.get(name, 0.0) for name in regions])
    else:
        if floors > 0.0 and not regions:
            raise PhasingError(
                "floors: the villages' table has no column regency, so nobody can be promised a share"
            )
        floor = np.full(len(regions), floors)
    return regions, np.array([index.get(name, -1) for name in names], np.int64), floor


def _reach(
    ground: Terrain, masts: Sequence[Site], demand: Demand, carrier: Carrier, budget: Budget, model: Model, radius: float,
    threshold: float, known: NDArray[np.bool_] | None, progress: Callable[[float], object] | None,
) -> Reach:  # fmt: skip
    place, mast, cell, heard = [], [], [], []
    air = on_air(masts, carrier, budget)
    sent, links = zip(*(air.ways[way] for way in air.way), strict=True)
    first = 0
    for number, one in enumerate(masts):
        level = levels(ground, [one], demand, carrier, budget, model, radius)
        best = np.argmax(level, axis=0)
        with np.errstate(divide="ignore"):
            received = 10.0 * np.log10(level[best, np.arange(demand.size)])
        near = received >= threshold - BELOW
        there = np.flatnonzero(near if known is None else near & known)
        place.append(there)
        mast.append(np.full(there.size, number))
        cell.append(first + best[there])
        heard.append(received[there])
        first += len(one.antennas)
        if progress is not None:
            progress((number + 1) / len(masts))
    return Reach(
        np.concatenate(place), np.concatenate(mast), np.concatenate(cell), np.concatenate(heard),
        np.array([link.noise(carrier) for link, carrier in zip(links, sent, strict=True)]), tuple(sent), threshold,
    )  # fmt: skip


def _ways(
    ground: Terrain, candidates: Sequence[Candidate], options: Sequence[tuple[int, float]], towers: Sequence[Site],
    fibre: Sequence[Place], rules: Rules, prices: Prices,
) -> tuple[tuple[Way, ...], dict[str, Ints]]:  # fmt: skip
    """Return every way of building and of what stands, with site, option and the site it runs over."""
    ways: list[Way] = []
    site: list[int] = []
    option: list[int] = []
    over: list[int] = []
    # A relay is judged at its lowest height: it may turn out no higher.
    low = [candidate.at(min(candidate.heights)) for candidate in candidates]
    roots = [*fibre, *places_of(towers)]
    layer = fewest_hops(low, roots, ground, rules)
    relay = _relays(ground, low, layer, rules)
    direct = _direct(ground, low, roots, rules)
    for number, (k, height) in enumerate(options):
        candidate = candidates[k]
        found: list[tuple[str, str, float, int]] = []
        if "fibre_km" in candidate.distances:
            found.append(("fibre", "", candidate.distances["fibre_km"], -1))
        if k in direct:
            found.append(("hop", *direct[k], -1))
        found += [("hop", candidates[m].id, length, m) for m, length in relay.get(k, [])]
        found.append(("satellite", "", 0.0, -1))
        for kind, end, length, parent in found:
            ways.append(Way(candidate.id, height, kind, end, length, bill(candidate, height, prices, kind)))
            site.append(k)
            option.append(number)
            over.append(parent)
    for number, tower in enumerate(towers):
        ways.append(Way(tower.id, tower.height, "standing", "", 0.0, None))
        site.append(len(candidates) + number)
        option.append(len(options) + number)
        over.append(-1)
    return tuple(ways), {"site": np.array(site), "option": np.array(option), "over": np.array(over)}


def _direct(
    ground: Terrain, low: Sequence[Place], roots: Sequence[Place], rules: Rules
) -> dict[int, tuple[str, float]]:
    """Return the nearest fibre point or standing tower with a good hop, and its distance [km], of each candidate."""
    result: dict[int, tuple[str, float]] = {}
    if not roots:
        return result
    apart = distances(low, roots)
    for k, place in enumerate(low):
        for root in np.argsort(apart[k]):
            if apart[k, root] > rules.longest:
                break
            found = hop(place, roots[int(root)], ground, rules)
            if found is not None and rules.bears(found):
                result[k] = (roots[int(root)].id, found.length)
                break
    return result


def _relays(
    ground: Terrain, low: Sequence[Place], layer: Ints, rules: Rules
) -> dict[int, list[tuple[int, float]]]:
    """Return the sites nearer to fibre that each candidate's traffic may run over, with the length of the hop [km]."""
    apart = distances(low, low)
    result: dict[int, list[tuple[int, float]]] = {}
    for k in np.flatnonzero(layer > 1):
        near = [
            int(m) for m in np.argsort(apart[k]) if 0 < layer[m] < layer[k] and apart[k, m] <= rules.longest
        ]
        found = []
        for m in near[:_TRIED]:
            one = hop(low[int(k)], low[m], ground, rules)
            if one is not None and rules.bears(one):
                found.append((m, one.length))
            if len(found) == RELAYS:
                break
        result[int(k)] = found
    return result


def standing_in(made: Rollout, answer: Answer, year: int) -> list[int]:
    """Return the ways that stand in a year, counted from 0."""
    return [int(way) for way in np.flatnonzero(answer.since <= year)]


def served_in(made: Rollout, answer: Answer, year: int) -> Floats:
    """Return the part of each place's people who have the speed in a year."""
    return np.bincount(made.programme.pair_place, answer.served[year], made.demand.size).astype(np.float64)


def loads_of(
    made: Rollout, answer: Answer, year: int, ground: Terrain, carrier: Carrier, budget: Budget, model: Model,
    radius: float, threshold: float,
) -> tuple[Loads, tuple[Site, ...]] | None:  # fmt: skip
    """Return how busy the cells of a year are with load-coupled interference when those served are active as promised.

    None where nothing stands. Everybody is taken to use the cell they hear best.
    """
    options = made.programme.way_option[standing_in(made, answer, year)]
    if options.size == 0:
        return None
    net = network(
        ground, [made.masts[int(k)] for k in options], made.demand, carrier, budget, model=model, radius=radius,
        threshold=threshold,
    )  # fmt: skip
    people = made.demand.people * served_in(made, answer, year)
    return busy(net, people, made.promise.active * made.promise.speed), net.cell


def next_towers(made: Rollout, answer: Answer) -> list[tuple[int, float, float]]:
    """Return the curve of the next tower: for each new site in building order its way, the money up to it, and the people.

    Within a year sites come in the order of people for money, relays before what hangs on them. The people are those whom
    the network so far serves in that year, so that the curve ends at each year's figure.
    """
    p = made.programme
    curve: list[tuple[int, float, float]] = []
    spent, option = 0.0, p.pair_option
    done = {int(p.way_site[k]) for k, way in enumerate(made.ways) if way.bill is None}
    for year in range(p.years):
        new = [
            int(way) for way in np.flatnonzero(answer.since == year) if made.ways[int(way)].bill is not None
        ]
        people = answer.served[year] * p.people[p.pair_place]
        won = {way: float(people[option == p.way_option[way]].sum()) for way in new}
        so_far = float(people.sum()) - sum(won.values())
        left = sorted(new, key=lambda way: (-won[way] / max(float(p.way_cost[way]), 1e-9), way))
        while left:
            best = next(way for way in left if p.way_over[way] < 0 or int(p.way_over[way]) in done)
            left.remove(best)
            done.add(int(p.way_site[best]))
            spent += float(p.way_cost[best])
            so_far += won[best]
            curve.append((best, spent, so_far))
    return curve
