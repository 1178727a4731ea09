"""Vehicles on routes that explain the counts: the likeliest flows among those that a town's drivers would choose.

Candidates are quickest ways between where one can come in and go out, and ways through counted places that these leave
out. Of all flows on them that give the counts, the one of greatest entropy is taken: each route begins with what its ends
would send, and is multiplied by a factor for every counted place on it. It needs no random search, is the same each
time, takes gaps as they are (a place without a count says nothing), and where counts contradict each other it ends
between them.

References
----------
H. J. van Zuylen and L. G. Willumsen, "The most likely trip matrix estimated from traffic counts", Transportation Research
B 14 (1980) 281-293. The factors are found by simultaneous multiplicative steps (SMART: C. Byrne, IEEE Trans. Image
Processing 2 (1993) 96-103), which converge for contradicting counts too.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from lumbung.city.importing.counts import Counted, Where, hours_of
from lumbung.city.importing.graph import Graph, trace
from lumbung.city.importing.places import Place

# So many ways in and out at most, those of the widest and fastest streets first.
MOST_ENDS = 70
# A counted place that fewer candidates pass gets ways of its own.
FEWEST = 6
STEPS = 400
# Without any count: so many vehicles an hour and lane come in.
GUESSED_PER_LANE = 250.0
# No simulation begins longer than this before the first count [s].
LONGEST_WARM_UP_S = 1200.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """Flows on routes.

    Attributes
    ----------
    routes : list of tuple of str
        Edges.
    intervals : list of (float, float)
        [s]
    flows : array of float, shape (routes, intervals)
        Vehicles.
    places : list of Place
    wanted : array of float, shape (places, intervals)
        Counts; NaN in gaps.
    dropped : int
        Ways in and out that were left aside, since there are many.
    """

    routes: list[tuple[str, ...]]
    intervals: list[tuple[float, float]]
    flows: Floats
    places: list[Place]
    wanted: Floats
    dropped: int


def estimate(graph: Graph, rows: Sequence[Counted], found: Mapping[Where, Place]) -> Demand:
    """Find the flows that explain the counts of the places that were found."""
    places = list(dict.fromkeys(found[row.where] for row in rows if row.where in found))
    routes, prior, dropped = candidates(graph, places)
    intervals = _intervals(rows)
    wanted = _wanted(rows, found, places, intervals)
    incidence = passes(routes, places)
    flows = np.zeros((len(routes), len(intervals)))
    for i, (begin, end) in enumerate(intervals):
        hours = (end - begin) / 3600
        flows[:, i] = most_likely(incidence, wanted[:, i], prior * hours)
    return Demand(routes, intervals, flows, places, wanted, dropped)


def guessed_demand(graph: Graph, begin: float, end: float) -> Demand:
    """Return a demand that nobody counted: `GUESSED_PER_LANE` on every way in."""
    routes, prior, dropped = candidates(graph, [])
    flows = prior[:, None] * (end - begin) / 3600
    return Demand(routes, [(begin, end)], flows, [], np.zeros((0, 1)), dropped)


def candidates(graph: Graph, places: Sequence[Place]) -> tuple[list[tuple[str, ...]], Floats, int]:
    """Find the routes that drivers may take, and what each would carry an hour if nobody had counted."""

    def weight(edge: str) -> float:
        return graph.edges[edge].lanes * graph.edges[edge].speed ** 2

    every_source, every_sink = graph.sources(), graph.sinks()
    counted = {place.edge for place in places}
    sources = _widest(every_source, weight, counted)
    sinks = _widest(every_sink, weight, counted)
    # S311: other ways than the quickest, no secret
    draw = random.Random(0)  # noqa: S311
    noise = {edge: draw.uniform(1.0, 1.6) for edge in graph.edges}
    found: dict[tuple[str, ...], float] = {}
    for source in sources:
        coming = GUESSED_PER_LANE * graph.edges[source].lanes
        for factor in (None, noise):
            times, link = graph.tree(source, factor=factor)
            ends = [s for s in sinks if s in times and s not in (source, graph.twin(source))]
            total = sum(weight(s) for s in ends) or 1.0
            for sink in ends:
                route = tuple(reversed(trace(link, sink)))
                found.setdefault(route, 0.0)
                found[route] += coming * weight(sink) / total / 2
    for place in _scarce(found, places):
        for route in _through(graph, place, sources, sinks):
            found.setdefault(route, 1.0)
    routes = sorted(found)
    dropped = len(every_source) + len(every_sink) - len(sources) - len(sinks)
    return routes, np.array([found[route] for route in routes]), dropped


def _widest(edges: Sequence[str], weight: object, counted: set[str]) -> list[str]:
    assert callable(weight)
    ordered = sorted(edges, key=lambda e: (e not in counted, -weight(e), e))
    return sorted(ordered[:MOST_ENDS])


def _scarce(found: Mapping[tuple[str, ...], float], places: Sequence[Place]) -> list[Place]:
    count = passes(list(found), places).sum(axis=1)
    return [place for place, number in zip(places, count, strict=True) if number < FEWEST]


def _through(
    graph: Graph, place: Place, sources: Sequence[str], sinks: Sequence[str]
) -> list[tuple[str, ...]]:
    """Routes through one place, the least detour first."""
    back, before = graph.tree(place.edge, backward=True)
    ahead, after = graph.tree(place.to or place.edge)
    middle = [place.to] if place.to else []
    pairs = sorted(
        (back[source] + ahead[sink], source, sink)
        for source in sources
        if source in back
        for sink in sinks
        if sink in ahead
    )
    routes = []
    for _, source, sink in pairs[: 20 * FEWEST]:
        into = trace(before, source)
        onward = list(reversed(trace(after, sink)))
        route = (*into, *middle, *onward[1:])
        if len(set(route)) == len(route):
            routes.append(route)
        if len(routes) == 2 * FEWEST:
            break
    return routes


def passes(routes: Sequence[Sequence[str]], places: Sequence[Place]) -> Floats:
    """Return 1 where a route passes a place; shape (places, routes)."""
    by_edge: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, place in enumerate(places):
        by_edge[place.edge].append((number, place.to))
    table = np.zeros((len(places), len(routes)))
    for r, route in enumerate(routes):
        for at, edge in enumerate(route):
            for number, to in by_edge.get(edge, ()):
                if not to or (at + 1 < len(route) and route[at + 1] == to):
                    table[number, r] = 1.0
    return table


def most_likely(incidence: Floats, wanted: Floats, prior: Floats) -> Floats:
    """Find the flows nearest to *prior* (in entropy) that give the counts.

    Parameters
    ----------
    incidence : array of float, shape (places, routes)
    wanted : array of float, shape (places,)
        NaN where there is no count.
    prior : array of float, shape (routes,)

    Returns
    -------
    array of float, shape (routes,)
    """
    told = np.isfinite(wanted) & (incidence.sum(axis=1) > 0)
    if not told.any():
        return prior.copy()
    seen, counts = incidence[told], wanted[told]
    expected = seen @ prior
    flows: Floats = prior * (counts.sum() / max(expected.sum(), 1e-9))
    on_route = np.maximum(seen.sum(axis=0), 1.0)
    for _ in range(STEPS):
        ratio = np.maximum(counts, 1e-3) / np.maximum(seen @ flows, 1e-9)
        flows *= np.exp(seen.T @ np.log(ratio) / on_route)
        if np.abs(seen @ flows - counts).max() < 0.2:
            break
    return flows


def _intervals(rows: Sequence[Counted]) -> list[tuple[float, float]]:
    """Cut the counted hours into equal steps, the commonest interval of the table."""
    begin, end = hours_of(rows)
    lengths: defaultdict[float, int] = defaultdict(int)
    for row in rows:
        lengths[row.end - row.begin] += 1
    step = max(max(lengths, key=lambda s: (lengths[s], -s)), 300.0)
    count = max(1, round((end - begin) / step))
    return [(begin + k * step, begin + (k + 1) * step) for k in range(count)]


def _wanted(
    rows: Sequence[Counted],
    found: Mapping[Where, Place],
    places: Sequence[Place],
    intervals: Sequence[tuple[float, float]],
) -> Floats:
    """Counts by place and interval; those of other lengths are spread evenly over what they cover."""
    number = {place: k for k, place in enumerate(places)}
    vehicles = np.zeros((len(places), len(intervals)))
    covered = np.zeros((len(places), len(intervals)))
    for row in rows:
        if row.where not in found:
            continue
        place = number[found[row.where]]
        for i, (begin, end) in enumerate(intervals):
            shared = min(end, row.end) - max(begin, row.begin)
            if shared > 0:
                vehicles[place, i] += row.vehicles * shared / (row.end - row.begin)
                covered[place, i] += shared
    lengths = np.array([end - begin for begin, end in intervals])
    with np.errstate(invalid="ignore", divide="ignore"):
        # two tables of one place add up to twice its cover; half a cover is stretched, less than half is a gap
        full = vehicles * lengths / covered
    return np.where(covered >= 0.5 * lengths, full, np.nan)


def write_routes(demand: Demand, graph: Graph, seed: int = 0) -> tuple[str, float, int]:
    """Write the vehicles as SUMO's demand.

    Whole vehicles are taken at even steps along the sum of all flows, routes by the places they pass, so that every
    place gets its number but for one. A vehicle sets off so early that it reaches the middle of its counted places in its
    interval.

    Returns
    -------
    (str, float, int)
        The file's text, the first departure [s], how many vehicles.
    """
    # S311: departures, no secret
    draw = random.Random(seed)  # noqa: S311
    incidence = passes(demand.routes, demand.places)
    order = sorted(range(len(demand.routes)), key=lambda r: (tuple(-incidence[:, r]), demand.routes[r]))
    lead = _leads(demand, graph, incidence)
    vehicles: list[tuple[float, int]] = []
    for i, (begin, end) in enumerate(demand.intervals):
        flows = demand.flows[order, i]
        ends = np.cumsum(flows)
        start = draw.random()
        taken = np.floor(ends + start).astype(int)
        counts = np.diff(np.concatenate([[int(start)], taken]))
        for r, count in zip(order, counts.tolist(), strict=True):
            for k in range(count):
                passing = begin + (end - begin) * (k + draw.random()) / count
                vehicles.append((max(passing - lead[r], 0.0), r))
    vehicles.sort()
    lines = ["<routes>"]
    for number, (depart, r) in enumerate(vehicles):
        edges = quoteattr(" ".join(demand.routes[r]))
        lines.append(
            f'    <vehicle id="{number}" depart="{depart:.1f}" departLane="best" departSpeed="max">'
            f"<route edges={edges}/></vehicle>"
        )
    first = vehicles[0][0] if vehicles else 0.0
    return "\n".join([*lines, "</routes>", ""]), first, len(vehicles)


def _leads(demand: Demand, graph: Graph, incidence: Floats) -> list[float]:
    """How long before its interval a vehicle of each route sets off [s]."""
    leads = []
    for r, route in enumerate(demand.routes):
        times, now = [], 0.0
        counted = {demand.places[p].edge for p in np.flatnonzero(incidence[:, r])}
        for at, edge in enumerate(route):
            now += graph.seconds(edge)
            if edge in counted:
                times.append(now)
            if at + 1 < len(route):
                now += graph.after.get(edge, {}).get(route[at + 1], 0.0)
        middle = times[len(times) // 2] if times else 0.0
        leads.append(min(middle, LONGEST_WARM_UP_S))
    return leads
