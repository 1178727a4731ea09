"""Draw the portal's basemap: South-East Asia and China, from Natural Earth's public domain geometry.

    npm pack world-atlas@2.0.2 && tar -xzf world-atlas-2.0.2.tgz package/countries-50m.json
    python .ci/basemap.py package/countries-50m.json

``world-atlas`` (ISC) carries Natural Earth 1:50 million (public domain) as TopoJSON: borders that two countries share are
one arc there, so that each is generalised once and no gap opens between neighbours. What is drawn keeps its points where
they turn by more than a tolerance (Douglas and Peucker 1973), islands above a size, two decimals of a degree (about 1 km).
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

WINDOW = (70.0, -12.5, 142.0, 54.5)  # west, south, east, north in degrees
TOLERANCE = 0.06  # degrees
LEAST = 0.012  # square degrees of an island that is drawn; the largest of each country always is
# Natural Earth's numbers are ISO 3166-1 numeric; the centre knows its members by alpha-2.
MEMBERS = {
    "096": "BN", "116": "KH", "156": "CN", "360": "ID", "418": "LA", "458": "MY",
    "104": "MM", "608": "PH", "702": "SG", "764": "TH", "626": "TL", "704": "VN",
}  # fmt: skip
OUT = Path(__file__).resolve().parents[1] / "src/lumbung/web/basemap.geojson"

Point = tuple[float, float]


def arcs_of(topology: dict[str, Any]) -> list[list[Point]]:
    """Decode the quantised, delta-coded arcs to degrees (TopoJSON 1.0, 2.1.2 and 2.1.3)."""
    (kx, ky), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * kx + tx, y * ky + ty))
        found.append(points)
    return found


def generalised(line: Sequence[Point]) -> list[Point]:
    """Keep the ends, and each point that lies farther than the tolerance from the line without it."""
    if len(line) < 3:
        return list(line)
    if line[0] == line[-1]:  # a ring has no line between its ends: halve it at its farthest point
        far = max(range(len(line)), key=lambda i: math.dist(line[0], line[i]))
        return generalised(line[: far + 1])[:-1] + generalised(line[far:])
    (ax, ay), (bx, by) = line[0], line[-1]
    length = math.hypot(bx - ax, by - ay)
    away = [abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length for x, y in line[1:-1]]
    worst = max(range(len(away)), key=away.__getitem__)
    if away[worst] <= TOLERANCE:
        return [line[0], line[-1]]
    return generalised(line[: worst + 2])[:-1] + generalised(line[worst + 1 :])


def ring_of(numbers: Sequence[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Join arcs to a ring; a negative number is an arc walked backwards (TopoJSON 1.0, 2.1.4)."""
    ring: list[Point] = []
    for number in numbers:
        arc = list(arcs[number] if number >= 0 else arcs[~number][::-1])
        ring += arc if not ring else arc[1:]
    return ring


def clipped(ring: Sequence[Point]) -> list[Point]:
    """Cut a ring at the window (Sutherland and Hodgman 1974)."""
    west, south, east, north = WINDOW
    found = list(ring[:-1])
    for axis, edge, inside in ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1)):
        before, found = found, []
        for i, here in enumerate(before):
            last = before[i - 1]
            stays, stayed = (here[axis] - edge) * inside >= 0, (last[axis] - edge) * inside >= 0
            if stays != stayed:
                t = (edge - last[axis]) / (here[axis] - last[axis])
                found.append((last[0] + t * (here[0] - last[0]), last[1] + t * (here[1] - last[1])))
            if stays:
                found.append(here)
    return [*found, found[0]] if len(found) > 2 else []


def area(ring: Sequence[Point]) -> float:
    """Return a ring's area in square degrees (shoelace formula)."""
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairwise(ring))) / 2


def basemap(topology: dict[str, Any]) -> dict[str, Any]:
    """Return the map as GeoJSON (RFC 7946), one feature per country with land in the window."""
    whole = arcs_of(topology)
    arcs = [generalised(arc) for arc in whole]
    features = []
    for country in topology["objects"]["countries"]["geometries"]:
        parts = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        # An island so small that generalising flattens it keeps its own points.
        outer = [
            ring if area(ring) > 0 else clipped(ring_of(part[0], whole))
            for part in parts
            if (ring := clipped(ring_of(part[0], arcs)))
        ]
        largest = max(map(area, outer), default=0.0)
        kept = [ring for ring in outer if area(ring) >= LEAST or area(ring) == largest]
        if not kept:
            continue
        polygons = [[[[round(x, 2), round(y, 2)] for x, y in ring]] for ring in kept]
        features.append(
            {
                "type": "Feature",
                "properties": {"country": MEMBERS.get(country.get("id", ""), "")},
                "geometry": {"type": "MultiPolygon", "coordinates": polygons},
            }
        )
    return {"type": "FeatureCollection", "bbox": list(WINDOW), "features": features}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("topology", type=Path, help="countries-50m.json of world-atlas 2.0.2")
    text = json.dumps(basemap(json.loads(parser.parse_args().topology.read_text())), separators=(",", ":"))
    OUT.write_text(text + "\n")
    print(f"{OUT.name}: {len(text):,} bytes")
