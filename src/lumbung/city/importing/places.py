"""Where counts were taken: from what a table says to an edge of the network, or a turn from one edge to another."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lumbung.city.engine.networks import NetworkError
from lumbung.city.importing.build import Known, corrected
from lumbung.city.importing.counts import Where
from lumbung.city.importing.graph import Edge, Graph
from lumbung.city.importing.guesses import Guess

# A point farther from every street than this is on none [m].
REACH_M = 40.0
# A street that points elsewhere than the traffic was said to go [degrees].
ASIDE = 60.0
_LETTERS = {"left": "lL", "straight": "s", "right": "rR", "around": "t"}


@dataclass(frozen=True)
class Place:
    """A counted place: an edge, and the one that follows for a turn (else empty)."""

    edge: str
    to: str = ""


def find_places(
    wanted: Iterable[Where], graph: Graph, known: Known, place: Path
) -> tuple[dict[Where, Place], list[Guess]]:
    """Find the counted places.

    Returns
    -------
    dict of Where to Place
        Without those that were not found.
    list of Guess
        Every place that was given by a point, and every one that was not found.

    Raises
    ------
    NetworkError
        A correction names an edge that does not exist.
    """
    found: dict[Where, Place] = {}
    guesses = []
    for where in dict.fromkeys(wanted):
        name = str(where)
        said = corrected(known, "place", name)
        edge, why = _edge(where, graph)
        if said:
            said_edge, _, said_to = (part.strip() for part in said.partition(">"))
            for one in filter(None, (said_edge, said_to)):
                if one not in graph.edges:
                    raise NetworkError(f"{place}: place {name}", f"edge {one!r}", "an edge of approaches.csv")
            edge, to = said_edge, said_to or _to(where, said_edge, graph)
        else:
            to = _to(where, edge, graph) if edge else ""
        if edge and (where.to or where.turn) and (not to or to not in graph.after.get(edge, {})):
            why, edge = f"no way from {edge} to {where.to or where.turn}", ""
        if edge:
            found[where] = Place(edge, to)
        if not edge or not where.edge:
            lat, lon = where.lat, where.lon
            if edge:
                lat, lon = graph.plane.degrees(*graph.edges[edge].shape[-1])
            text = f"{edge} > {to}" if to else edge
            title = graph.edges[edge].name if edge else ""
            guesses.append(Guess("place", name, title, text, why, lat=lat, lon=lon))
    return found, guesses


def _edge(where: Where, graph: Graph) -> tuple[str, str]:
    if where.edge:
        return (where.edge, "") if where.edge in graph.edges else ("", f"no edge {where.edge} in the network")
    assert where.lat is not None and where.lon is not None
    x, y = graph.plane.place(where.lat, where.lon)
    near = []
    for edge in graph.edges.values():
        distance, heading = _nearest(edge, x, y)
        if distance <= REACH_M:
            aside = 0.0 if where.heading is None else abs((heading - where.heading + 180) % 360 - 180)
            if aside <= ASIDE:
                near.append((distance + aside / 10, edge.id, distance))
    if not near:
        return "", f"no street within {REACH_M:g} m that goes there"
    _, name, distance = min(near)
    return name, f"nearest street, {distance:.0f} m from the point" + (
        "" if where.heading is not None else "; no heading, so it may be the other direction"
    )


def _nearest(edge: Edge, x: float, y: float) -> tuple[float, float]:
    """Distance of a point [m] from an edge, and where the edge points to there [degrees]."""
    best = (math.inf, 0.0)
    for (x0, y0), (x1, y1) in itertools.pairwise(edge.shape):
        dx, dy = x1 - x0, y1 - y0
        along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy or 1.0)
        along = min(max(along, 0.0), 1.0)
        distance = math.hypot(x0 + along * dx - x, y0 + along * dy - y)
        if distance < best[0]:
            best = (distance, math.degrees(math.atan2(dx, dy)) % 360)
    return best


def _to(where: Where, edge: str, graph: Graph) -> str:
    if where.to:
        return where.to if where.to in graph.edges else ""
    if where.turn:
        letters = _LETTERS[where.turn]
        ways = [to for to in graph.after.get(edge, {}) if graph.turns[edge, to] in letters]
        return ways[0] if len(ways) == 1 else ""
    return ""
