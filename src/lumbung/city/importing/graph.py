"""The streets of a SUMO network as a graph that vehicles drive: edges, what follows them, how long they take."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lumbung.city.engine.additional_files import parse
from lumbung.city.importing.plane import Plane, read_plane

# What a vehicle loses at a signal on average, and at a turn that gives way [s]; only routes are chosen by it.
SIGNAL_S = 15.0
TURN_S = 4.0


@dataclass(frozen=True)
class Edge:
    """A street in one direction.

    Attributes
    ----------
    id, name : str
    start, end : str
        Junctions.
    lanes : int
        For motor traffic.
    buses_only : bool
    length, speed : float
        [m], [m/s]
    shape : tuple of (float, float)
        [m]
    first_lane : int
        The outermost lane for motor traffic, beside a sidewalk.
    """

    id: str
    name: str
    start: str
    end: str
    lanes: int
    buses_only: bool
    length: float
    speed: float
    shape: tuple[tuple[float, float], ...]
    first_lane: int

    @property
    def way(self) -> int:
        """The way of the map it came from; 0 where its name tells none."""
        digits = self.id.lstrip("-").partition("#")[0]
        return int(digits) if digits.isdigit() else 0

    @property
    def heading(self) -> float:
        """Where its end points to, degrees clockwise from north."""
        (x0, y0), (x1, y1) = self.shape[-2:]
        return math.degrees(math.atan2(x1 - x0, y1 - y0)) % 360


@dataclass(frozen=True)
class Graph:
    """Edges for motor traffic and how they follow each other.

    Attributes
    ----------
    edges : dict of str to Edge
    after : dict of str to dict of str to float
        Edge to those that may follow, each with the seconds lost on the way over.
    turns : dict of (str, str) to str
        Pair of edges to SUMO's letter of the turn.
    signal : dict of str to str
        Edge to the signal at its end.
    plane : Plane
    """

    edges: Mapping[str, Edge]
    after: Mapping[str, Mapping[str, float]]
    turns: Mapping[tuple[str, str], str]
    signal: Mapping[str, str]
    plane: Plane

    def seconds(self, edge: str) -> float:
        """Driving time of an edge [s]."""
        return self.edges[edge].length / max(self.edges[edge].speed, 0.1)

    def twin(self, edge: str) -> str | None:
        """The same street in the other direction."""
        other = edge[1:] if edge.startswith("-") else f"-{edge}"
        return other if other in self.edges else None

    def sources(self) -> list[str]:
        """Edges by which one comes into the network."""
        before: defaultdict[str, set[str]] = defaultdict(set)
        for here, following in self.after.items():
            for there in following:
                before[there].add(here)
        return [e for e, edge in self.edges.items() if not edge.buses_only and before[e] <= {self.twin(e)}]

    def sinks(self) -> list[str]:
        """Edges by which one leaves it."""
        return [
            e
            for e, edge in self.edges.items()
            if not edge.buses_only and set(self.after.get(e, ())) <= {self.twin(e)}
        ]

    def reversed(self) -> dict[str, dict[str, float]]:
        """What comes before each edge, with the seconds lost on the way over."""
        before: dict[str, dict[str, float]] = {}
        for here, following in self.after.items():
            for there, lost in following.items():
                before.setdefault(there, {})[here] = lost
        return before

    def tree(
        self,
        root: str,
        backward: bool = False,
        factor: Mapping[str, float] | None = None,
        buses: bool = False,
    ) -> tuple[dict[str, float], dict[str, str]]:
        """Return shortest times from (or to) the end of *root* [s], and each edge's neighbour on the way to it.

        Parameters
        ----------
        root : str
        backward : bool
            Towards the root.
        factor : mapping of str to float, optional
            Edge to what multiplies its time, for other ways than the quickest.
        buses : bool
            Whether bus lanes may be used.
        """
        steps = self.reversed() if backward else self.after
        times, link = {root: 0.0}, dict[str, str]()
        queue = [(0.0, root)]
        while queue:
            time, here = heapq.heappop(queue)
            if time > times[here]:
                continue
            for there, lost in steps.get(here, {}).items():
                if self.edges[there].buses_only and not buses:
                    continue
                # backward, the time of the edge that was reached counts as well: both sums exclude the root's own
                drive = self.seconds(there) * (factor or {}).get(there, 1.0)
                if time + lost + drive < times.get(there, math.inf):
                    times[there] = time + lost + drive
                    link[there] = here
                    heapq.heappush(queue, (times[there], there))
        return times, link


def trace(link: Mapping[str, str], end: str) -> list[str]:
    """Follow links from *end* back to the root; the root comes last."""
    route = [end]
    while route[-1] in link:
        route.append(link[route[-1]])
    return route


def read_graph(net: Path) -> Graph:
    """Read the graph of a network that netconvert wrote."""
    root = parse(net)
    location = root.find("location")
    plane = read_plane(str(net), dict(location.attrib) if location is not None else {})
    edges: dict[str, Edge] = {}
    for item in root.iter("edge"):
        if item.get("function", "normal") != "normal":
            continue
        lanes = [lane for lane in item.iter("lane") if _drivable(lane.attrib, "bus")]
        if lanes:
            shape = [tuple(map(float, point.split(",")[:2])) for point in lanes[0].get("shape", "").split()]
            edges[item.attrib["id"]] = Edge(
                item.attrib["id"],
                item.get("name", "") or item.attrib["id"],
                item.get("from", ""),
                item.get("to", ""),
                len(lanes),
                not any(_drivable(lane.attrib, "passenger") for lane in lanes),
                float(lanes[0].attrib["length"]),
                float(lanes[0].attrib["speed"]),
                tuple((x, y) for x, y in shape),
                min(int(lane.attrib["index"]) for lane in lanes),
            )
    after: dict[str, dict[str, float]] = {}
    turns: dict[tuple[str, str], str] = {}
    signal: dict[str, str] = {}
    for c in root.iter("connection"):
        here, there = c.attrib["from"], c.attrib["to"]
        if here in edges and there in edges and int(c.attrib["fromLane"]) >= edges[here].first_lane:
            lost = SIGNAL_S if c.get("tl") else TURN_S if c.get("state") == "m" else 0.0
            # who turns round does so for want of another way
            after.setdefault(here, {})[there] = lost + (60.0 if c.get("dir") == "t" else 0.0)
            turns[here, there] = c.get("dir", "")
            if c.get("tl"):
                signal[here] = c.attrib["tl"]
    return Graph(edges, after, turns, signal, plane)


def _drivable(lane: Mapping[str, str], kind: str) -> bool:
    if "allow" in lane:
        return kind in lane["allow"].split() or lane["allow"] == "all"
    return kind not in lane.get("disallow", "").split() and lane.get("disallow") != "all"
