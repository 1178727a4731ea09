"""Buses from a GTFS feed: stops and departures of one day, as SUMO's bus stops and vehicles.

Read are ``stops``, ``trips``, ``stop_times``, ``calendar``, ``calendar_dates`` and ``frequencies``. A line keeps the
longest run of its stops that lie on the map; each of them is put on the street beside it, the way between them is the
quickest, and of the streets beside a stop those are taken that make the way shortest.

References
----------
General Transit Feed Specification, gtfs.org/schedule/reference.
"""

from __future__ import annotations

import csv
import datetime
import functools
import io
import itertools
import math
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lumbung.city.engine.networks import NetworkError
from lumbung.city.importing.graph import Graph, trace

# A stop farther from every street is not on the map [m]; so many streets beside a stop are tried.
REACH_M = 45.0
BESIDE = 4
# A bus stands so long at least [s], and its stop is so long [m].
DWELL_S = 15.0
STOP_M = 14.0
_BUS_TYPES = frozenset({"3", "11", *map(str, range(700, 717)), "800"})
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Rows = list[dict[str, str]]
_Tree = tuple[dict[str, float], dict[str, str]]


@dataclass(frozen=True)
class Buses:
    """What a feed gave.

    Attributes
    ----------
    day : str
        The day that was taken.
    vehicles, stops : int
    off_map : int
        Trips of these hours without two stops on the map.
    stops_xml, routes_xml : str
        SUMO's bus stops and vehicles.
    """

    day: str
    vehicles: int
    stops: int
    off_map: int
    stops_xml: str
    routes_xml: str


@dataclass(frozen=True)
class _Call:
    stop: str
    time: float


@dataclass(frozen=True)
class _On:
    """A stop on an edge, where along it [m], how far from the street [m]."""

    edge: str
    along: float
    aside: float


def read_buses(feed: Path, graph: Graph, begin: float, end: float, day: str | None = None) -> Buses:
    """Read the buses that call on the map between two times of day [s].

    Raises
    ------
    NetworkError
        No feed, a table or a column that is missing, a time that is none, or a day without service.
    """
    tables = {
        name: _table(feed, name, needed)
        for name, needed in {
            "stops": ("stop_id", "stop_lat", "stop_lon"),
            "routes": ("route_id", "route_type"),
            "trips": ("route_id", "service_id", "trip_id"),
            "stop_times": ("trip_id", "stop_id", "stop_sequence", "departure_time"),
        }.items()
    }
    tables |= {
        name: _table(feed, name, (), optional=True) for name in ("calendar", "calendar_dates", "frequencies")
    }
    by_bus = {row["route_id"] for row in tables["routes"] if row["route_type"] in _BUS_TYPES}
    trips = {row["trip_id"]: row["service_id"] for row in tables["trips"] if row["route_id"] in by_bus}
    chosen, services = _service(feed, tables, trips, day)
    calls = _calls(feed, tables, {trip for trip, service in trips.items() if service in services})
    beside = {row["stop_id"]: _beside(row, graph) for row in tables["stops"] if row.get("stop_lat")}
    ways: dict[tuple[str, ...], tuple[list[int], list[_On], list[str]] | None] = {}
    tree = functools.cache(lambda edge: graph.tree(edge, buses=True))
    names: dict[tuple[str, str], str] = {}
    stops: dict[str, str] = {}
    vehicles: list[tuple[float, str]] = []
    off = 0
    for trip, times in sorted(calls.items()):
        if times[-1].time < begin or times[0].time >= end:
            continue
        pattern = tuple(call.stop for call in times)
        if pattern not in ways:
            ways[pattern] = _way(pattern, beside, tree)
        way = ways[pattern]
        if way is None:
            off += 1
            continue
        kept, places, route = way
        lines, first = [], times[kept[0]].time
        if not begin <= first < end:
            continue
        for number, on in zip(kept, places, strict=True):
            # a feed's own names may hold what SUMO takes in none
            name = names.setdefault((pattern[number], on.edge), f"stop-{len(names) + 1}")
            stops[name] = _stop_xml(name, pattern[number], on, graph)
            lines.append(
                f'<stop busStop={quoteattr(name)} duration="{DWELL_S:g}" until="{times[number].time + DWELL_S:g}"/>'
            )
        edges = quoteattr(" ".join(route))
        vehicles.append(
            (
                first,
                f'    <vehicle id="bus-{len(vehicles) + 1}" type="bus" depart="{first:g}" line={quoteattr(trip)}>'
                f"<route edges={edges}/>{''.join(lines)}</vehicle>",
            )
        )
    vehicles.sort()
    return Buses(
        chosen,
        len(vehicles),
        len(stops),
        off,
        "<additional>\n" + "".join(stops.values()) + "</additional>\n" if stops else "",
        '<routes>\n    <vType id="bus" vClass="bus"/>\n'
        + "\n".join(v for _, v in vehicles)
        + "\n</routes>\n",
    )


def _table(feed: Path, name: str, needed: Sequence[str], optional: bool = False) -> Rows:
    where = f"{feed}: {name}.txt"
    try:
        if feed.is_dir():
            text = (feed / f"{name}.txt").read_text(encoding="utf-8-sig")
        else:
            with zipfile.ZipFile(feed) as archive:
                text = archive.read(f"{name}.txt").decode("utf-8-sig")
    except (KeyError, FileNotFoundError):
        if optional:
            return []
        raise NetworkError(where, "no such table", "a GTFS feed, a ZIP file or a folder") from None
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError, RuntimeError, NotImplementedError) as error:
        raise NetworkError(str(feed), str(error), "a GTFS feed, a ZIP file or a folder") from None
    reader = csv.DictReader(io.StringIO(text))
    header = [(column or "").strip() for column in reader.fieldnames or ()]
    for column in needed:
        if column not in header:
            raise NetworkError(where, f"no column {column}", ", ".join(needed))
    reader.fieldnames = header
    return [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]


def _service(
    feed: Path, tables: Mapping[str, Rows], trips: Mapping[str, str], day: str | None
) -> tuple[str, set[str]]:
    """Choose the day and the services that run on it."""
    trips_of = Counter(trips.values())
    days: defaultdict[str, set[str]] = defaultdict(set)
    for row in tables["calendar"]:
        first, last = _date(feed, row["start_date"]), _date(feed, row["end_date"])
        # a timetable repeats by the week: its first three tell all
        for k in range(min((last - first).days + 1, 21) if day is None else (last - first).days + 1):
            date = first + datetime.timedelta(days=k)
            if row[_DAYS[date.weekday()]] == "1":
                days[date.isoformat()].add(row["service_id"])
    for row in tables["calendar_dates"]:
        named = days[_date(feed, row["date"]).isoformat()]
        (named.add if row["exception_type"] == "1" else named.discard)(row["service_id"])
    if not tables["calendar"] and not tables["calendar_dates"]:
        return "", set(trips_of)
    if day is not None and not days.get(day):
        known = sorted(d for d, services in days.items() if services)
        raise NetworkError(
            f"{feed}: calendar",
            f"no service on {day}",
            f"a day from {known[0]} to {known[-1]}" if known else "a calendar",
        )
    best = day or max(sorted(days), key=lambda d: sum(trips_of[s] for s in days[d]), default="")
    return best, days.get(best, set())


def _date(feed: Path, text: str) -> datetime.date:
    try:
        return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise NetworkError(f"{feed}: calendar", repr(text), "a date as YYYYMMDD") from None


def _calls(feed: Path, tables: Mapping[str, Rows], wanted: set[str]) -> dict[str, list[_Call]]:
    """Each trip's calls in order; a trip that repeats every so many minutes becomes as many."""
    found: defaultdict[str, list[tuple[int, str, float | None]]] = defaultdict(list)
    for number, row in enumerate(tables["stop_times"], start=2):
        if row["trip_id"] in wanted:
            where = f"{feed}: stop_times.txt, line {number}"
            if not row["stop_sequence"].isdigit():
                raise NetworkError(f"{where}, stop_sequence", repr(row["stop_sequence"]), "a whole number")
            found[row["trip_id"]].append(
                (
                    int(row["stop_sequence"]),
                    row["stop_id"],
                    _seconds(where, row["departure_time"] or row.get("arrival_time", "")),
                )
            )
    calls = {trip: _timed(sorted(rows, key=lambda r: r[0])) for trip, rows in found.items()}
    calls = {trip: row for trip, row in calls.items() if len(row) > 1}
    for row in tables["frequencies"]:
        trip = row["trip_id"]
        pattern = calls.get(trip)
        if pattern is None:
            continue
        where = f"{feed}: frequencies.txt, trip {trip}"
        start, stop = _seconds(where, row["start_time"]), _seconds(where, row["end_time"])
        every = float(row["headway_secs"]) if row["headway_secs"].isdigit() else 0.0
        if start is None or stop is None or every < 10:
            raise NetworkError(where, f"headway {row['headway_secs']!r}", "two times and seconds from 10 on")
        for k in range(math.ceil((stop - start) / every)):
            shift = start + k * every - pattern[0].time
            calls[f"{trip} {start + k * every:g}"] = [_Call(c.stop, c.time + shift) for c in pattern]
    for row in tables["frequencies"]:
        calls.pop(row["trip_id"], None)
    return calls


def _timed(rows: Sequence[tuple[int, str, float | None]]) -> list[_Call]:
    """Put times between those that the feed tells, evenly; a trip without any is none."""
    known = [(k, time) for k, (_, _, time) in enumerate(rows) if time is not None]
    if not known or known[0][0] != 0 or known[-1][0] != len(rows) - 1:
        if len(known) < 2:
            return []
        rows = rows[known[0][0] : known[-1][0] + 1]
        known = [(k - known[0][0], t) for k, t in known]
    calls = [_Call(rows[0][1], known[0][1])]
    for (k0, t0), (k1, t1) in itertools.pairwise(known):
        calls += [_Call(rows[k][1], t0 + (t1 - t0) * (k - k0) / (k1 - k0)) for k in range(k0 + 1, k1 + 1)]
    return calls


def _seconds(where: str, text: str) -> float | None:
    if not text:
        return None
    parts = text.split(":")
    if len(parts) != 3 or not all(part.strip().isdigit() for part in parts):
        raise NetworkError(where, repr(text), "a time as HH:MM:SS")
    hours, minutes, seconds = (int(part) for part in parts)
    return hours * 3600.0 + minutes * 60 + seconds


def _beside(row: Mapping[str, str], graph: Graph) -> list[_On]:
    """The streets beside a stop, the nearest first."""
    try:
        x, y = graph.plane.place(float(row["stop_lat"]), float(row["stop_lon"]))
    except ValueError:
        return []
    found = []
    for edge in graph.edges.values():
        if edge.length < STOP_M:
            continue
        best, gone = (math.inf, 0.0), 0.0
        for (x0, y0), (x1, y1) in itertools.pairwise(edge.shape):
            dx, dy = x1 - x0, y1 - y0
            long = math.hypot(dx, dy)
            t = min(max(((x - x0) * dx + (y - y0) * dy) / (long * long or 1.0), 0.0), 1.0)
            aside = math.hypot(x0 + t * dx - x, y0 + t * dy - y)
            best = min(best, (aside, gone + t * long))
            gone += long
        if best[0] <= REACH_M:
            found.append(_On(edge.id, min(best[1], edge.length), best[0]))
    return sorted(found, key=lambda on: (on.aside, on.edge))[:BESIDE]


def _way(
    pattern: Sequence[str], beside: Mapping[str, list[_On]], tree: Callable[[str], _Tree]
) -> tuple[list[int], list[_On], list[str]] | None:
    """The stops of a pattern that are kept, where they are, and the edges driven; None without two stops."""
    on_map = [k for k, stop in enumerate(pattern) if beside.get(stop)]
    run = _longest(on_map)
    if len(run) < 2:
        return None
    # cost of the cheapest way to each street beside the stop, and where it came from (Viterbi)
    layer = {on: (on.aside, [on], [on.edge]) for on in beside[pattern[run[0]]]}
    for k in run[1:]:
        following: dict[_On, tuple[float, list[_On], list[str]]] = {}
        for here, (cost, stops, route) in layer.items():
            times, link = tree(here.edge)
            for there in beside[pattern[k]]:
                if there.edge == here.edge and there.along > here.along:
                    drive, onward = 0.0, [here.edge]
                elif there.edge in times and there.edge != here.edge:
                    drive, onward = times[there.edge], list(reversed(trace(link, there.edge)))
                else:
                    continue
                total = cost + drive + there.aside
                if there not in following or total < following[there][0]:
                    following[there] = (total, [*stops, there], [*route, *onward[1:]])
        if not following:
            return None
        layer = following
    _, stops, route = min(layer.values(), key=lambda state: state[0])
    return run, stops, route


def _longest(numbers: Sequence[int]) -> list[int]:
    best: list[int] = []
    run: list[int] = []
    for k in numbers:
        run = [*run, k] if run and k == run[-1] + 1 else [k]
        best = max(best, run, key=len)
    return best


def _stop_xml(name: str, stop: str, on: _On, graph: Graph) -> str:
    edge = graph.edges[on.edge]
    end = min(max(on.along, STOP_M), edge.length)
    lane = f"{on.edge}_{edge.first_lane}"
    return (
        f'    <busStop id="{name}" name={quoteattr(stop)} lane={quoteattr(lane)} startPos="{end - STOP_M:.1f}" '
        f'endPos="{end:.1f}" friendlyPos="true"/>\n'
    )
