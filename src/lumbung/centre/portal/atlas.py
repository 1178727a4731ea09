"""The map of the members: land from one GeoJSON file, drawn on the server, and a mark for each country at its capital.

The centre knows countries, not addresses, so that everything of a country stands at its capital. Land has one colour:
whose it is, is not the centre's to say (docs/decisions/0113-home-and-map.md); ``LUMBUNG_BASEMAP`` names another file.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, ngettext

from lumbung.centre.members.models import Country
from lumbung.web.assets import LAND

WIDTH = 700.0
# Longitude and latitude of the capitals in degrees, to two decimals (Natural Earth, populated places).
CAPITALS = {
    "BN": (114.93, 4.88), "KH": (104.92, 11.55), "CN": (116.39, 39.93), "ID": (106.83, -6.17), "LA": (102.60, 17.97),
    "MY": (101.70, 3.17), "MM": (96.12, 19.77), "PH": (120.98, 14.60), "SG": (103.85, 1.29), "TH": (100.52, 13.75),
    "TL": (125.58, -8.56), "VN": (105.85, 21.03),
}  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """Web Mercator over a window of degrees, `WIDTH` units wide."""

    west: float
    south: float
    east: float
    north: float

    @property
    def height(self) -> float:
        return round(WIDTH / math.radians(self.east - self.west) * (_y(self.north) - _y(self.south)), 1)

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a point of the Earth stands in the drawing."""
        scale = WIDTH / math.radians(self.east - self.west)
        return (
            round(math.radians(longitude - self.west) * scale, 1),
            round((_y(self.north) - _y(latitude)) * scale, 1),
        )


def _y(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude)))


@dataclass(frozen=True)
class Land:
    """The basemap as it is served: GeoJSON, the same drawn, and the digest that names this state of both."""

    geojson: bytes
    svg: bytes
    version: str
    frame: Frame


@cache
def land() -> Land:
    """Return the basemap.

    Raises
    ------
    ValueError
        The file that ``LUMBUNG_BASEMAP`` names is no GeoJSON of polygons with a bounding box.
    """
    path = Path(settings.BASEMAP) if settings.BASEMAP else LAND
    raw = path.read_bytes()
    try:
        document = json.loads(raw)
        frame = Frame(*document["bbox"])
        rings = [ring for feature in document["features"] for ring in _rings(feature["geometry"])]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: expected a GeoJSON FeatureCollection of polygons with a bbox, found {error!r}"
        ) from error
    return Land(raw, _drawn(frame, rings), hashlib.sha256(raw).hexdigest()[:12], frame)


def _rings(geometry: Mapping[str, Any]) -> Iterable[Any]:
    parts = geometry["coordinates"]
    return (ring for part in (parts if geometry["type"] == "MultiPolygon" else [parts]) for ring in part)


def _drawn(frame: Frame, rings: Iterable[Any]) -> bytes:
    lines = ("M" + "L".join("{:g} {:g}".format(*frame.place(*point[:2])) for point in ring) for ring in rings)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {frame.height:g}">'
        # Half transparent: over the sea of the page, which is light or dark as the reader has it.
        '<g fill="#a8935c" fill-opacity=".38" stroke="#fff" stroke-opacity=".4" stroke-width=".8" stroke-linejoin="round">'
        f'<path fill-rule="evenodd" d="{"Z".join(lines)}Z"/></g></svg>'
    ).encode()


@dataclass(frozen=True)
class Mark:
    """A country on the map: where, how big, and what it has."""

    country: str
    longitude: float
    latitude: float
    x: float
    y: float
    radius: float
    organisations: int
    nodes: int
    challenges: int
    adoptions: int

    @property
    def ring(self) -> float:
        """The radius of the ring that says that a node judges there."""
        return self.radius + 6

    @property
    def top(self) -> float:
        """How high above the middle what stands on its shoulders begins."""
        return self.radius + 9

    @property
    def name(self) -> str:
        return str(Country(self.country).label)

    @property
    def says(self) -> str:
        """What it has, in words."""
        counted = (
            (ngettext("%(n)d organisation", "%(n)d organisations", self.organisations), self.organisations),
            (ngettext("%(n)d node", "%(n)d nodes", self.nodes), self.nodes),
            (ngettext("%(n)d open challenge", "%(n)d open challenges", self.challenges), self.challenges),
            (ngettext("%(n)d solution at work", "%(n)d solutions at work", self.adoptions), self.adoptions),
        )
        between = "，" if get_language() == "zh-hans" else ", "
        return between.join(words % {"n": count} for words, count in counted if count)


@dataclass(frozen=True)
class Flow:
    """Solutions of one country at work in another: a bow between the two."""

    start: str
    end: str
    count: int
    path: str
    line: str

    @property
    def says(self) -> str:
        words = ngettext(
            "%(n)d solution from %(start)s at work in %(end)s",
            "%(n)d solutions from %(start)s at work in %(end)s",
            self.count,
        )
        return words % {"n": self.count, "start": Country(self.start).label, "end": Country(self.end).label}


def marks(
    organisations: Mapping[str, int],
    nodes: Mapping[str, int],
    challenges: Mapping[str, int],
    flows: Mapping[tuple[str, str], int],
) -> list[Mark]:
    """Return a mark for each country that has anything, the biggest first, so that a small one lies on top."""
    frame, found = land().frame, []
    for country, (longitude, latitude) in CAPITALS.items():
        adopted = sum(count for (_start, end), count in flows.items() if end == country)
        has = (organisations.get(country, 0), nodes.get(country, 0), challenges.get(country, 0), adopted)
        if any(has):
            radius = round(min(26.0, 11 + 3 * math.sqrt(has[0])), 1)
            found.append(Mark(country, longitude, latitude, *frame.place(longitude, latitude), radius, *has))
    return sorted(found, key=lambda mark: (-mark.radius, mark.country))


def bows(flows: Mapping[tuple[str, str], int]) -> list[Flow]:
    """Return the bows between countries; what stays in its own country has its mark there."""
    frame, found = land().frame, []
    for (start, end), count in sorted(flows.items()):
        if start == end or not {start, end} <= CAPITALS.keys():
            continue
        (ax, ay), (bx, by) = frame.place(*CAPITALS[start]), frame.place(*CAPITALS[end])
        # A quarter of the way to the side: the way there and the way back are two bows.
        mx, my = (ax + bx) / 2 + (by - ay) / 4, (ay + by) / 2 - (bx - ax) / 4
        line = " ".join(f"{x},{y}" for x, y in (CAPITALS[start], CAPITALS[end]))
        found.append(Flow(start, end, count, f"M{ax:g} {ay:g}Q{mx:.1f} {my:.1f} {bx:g} {by:g}", line))
    return found
