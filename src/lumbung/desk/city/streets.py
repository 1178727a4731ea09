"""A network as a web map draws it: streets as lines, signals as points, in degrees.

A network that says where on Earth it lies is drawn there; any other about the point where equator and prime meridian meet, over nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lumbung.city.engine.additional_files import parse
from lumbung.city.engine.networks import NetworkError
from lumbung.city.engine.topology import Topology
from lumbung.city.importing.plane import read_plane

METRES = 111_320.0  # of a degree, where a network lies nowhere
MOST_STREETS = 4000
"""A network with more streets is drawn by its wider ones."""

Degrees = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Lie:
    """Where a network lies: from its plane [m] to longitude and latitude [deg], and whether that is a place on Earth."""

    degrees: Degrees
    known: bool


def lie_of(net: Path) -> Lie:
    """Return where a network lies."""
    location = parse(net).find("location")
    told = dict(location.attrib) if location is not None else {}
    try:
        plane = read_plane(str(net), told)
    except (NetworkError, KeyError, ValueError):
        return Lie(lambda x, y: (x / METRES, y / METRES), False)

    def degrees(x: float, y: float) -> tuple[float, float]:
        latitude, longitude = plane.degrees(x, y)
        return longitude, latitude

    return Lie(degrees, True)


def drawn_streets(topology: Topology, lie: Lie) -> list[dict[str, Any]]:
    """Return a network's streets as GeoJSON features, one line an edge, with how many lanes it has."""
    lanes: dict[str, list[Any]] = {}
    for lane in topology.lanes.values():
        lanes.setdefault(lane.edge, []).append(lane)
    widest = sorted(lanes.values(), key=len, reverse=True)[:MOST_STREETS]
    return [
        {
            "type": "Feature", "properties": {"lanes": len(group), "id": group[0].edge},
            "geometry": {
                "type": "LineString",
                "coordinates": [[round(v, 6) for v in lie.degrees(*at)] for at in group[len(group) // 2].shape],
            },
        }
        for group in widest
    ]  # fmt: skip


def bounds_of(features: list[dict[str, Any]]) -> list[float]:
    """Return west, south, east and north [deg] of lines."""
    points = [at for feature in features for at in feature["geometry"]["coordinates"]]
    if not points:
        return [-0.01, -0.01, 0.01, 0.01]
    x, y = [p[0] for p in points], [p[1] for p in points]
    return [min(x), min(y), max(x), max(y)]


def stop_lines(topology: Topology, lie: Lie) -> dict[str, list[list[float]]]:
    """Return, by signal, longitude, latitude [deg] and link index of every lane's end before it."""
    found: dict[str, list[list[float]]] = {}
    for junction in topology.junctions.values():
        ends: dict[str, list[float]] = {}
        for link in junction.links:
            lane = topology.lanes.get(link.lane_in)
            if lane is not None and link.lane_in not in ends:
                (x0, y0), (x1, y1) = lane.shape[-2:]
                far = max(math.dist((x0, y0), (x1, y1)), 1.0)
                # a little before the stop line, so that lanes of a narrow junction stay apart
                at = lie.degrees(x1 - 2.0 * (x1 - x0) / far, y1 - 2.0 * (y1 - y0) / far)
                ends[link.lane_in] = [round(at[0], 6), round(at[1], 6), link.index]
        found[junction.id] = list(ends.values())
    return found
