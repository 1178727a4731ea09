"""Coasts and boundaries under a map of sites: from a GeoJSON file of the user's own, or a very coarse coast of the region.

Official boundaries are a country's to draw; none are shipped. Lines and polygons are drawn, names of regions written where they
fit; everything else in the file is left alone.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
NAMES = ("name", "NAME", "nama", "NAMOBJ", "WADMKC", "WADMKK", "NAME_2", "NAME_1", "名称")


class BoundaryError(ValueError):
    """A file of boundaries that cannot be read."""


@dataclass(frozen=True, eq=False)
class Outline:
    """A line of longitudes and latitudes, shape (points, 2), whether it encloses an area, and whose it is."""

    line: Array
    closed: bool
    name: str = ""


def read_boundaries(path: Path) -> list[Outline]:
    """Return the outlines of a GeoJSON file (RFC 7946).

    Raises
    ------
    BoundaryError
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = [outline for feature in _features(content) for outline in _outlines(*feature)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BoundaryError(f"{path}: expected GeoJSON with lines or polygons: {error}") from None
    if not found:
        raise BoundaryError(f"{path}: holds no line and no polygon")
    for outline in found:
        degrees = np.abs(outline.line)
        if (degrees[:, 0] > 180.0).any() or (degrees[:, 1] > 90.0).any():
            raise BoundaryError(
                f"{path}: expected longitude and latitude in degrees (WGS 84); found {outline.line[0].tolist()}"
            )
    return found


@cache
def coast() -> tuple[Outline, ...]:
    """Return the coasts of South-East Asia and China, good for a look at several degrees and no closer."""
    table = tomllib.loads((files("lumbung.farm") / "tables" / "coast.toml").read_text(encoding="utf-8"))
    return tuple(Outline(np.reshape(line, (-1, 2)).astype(np.float64), False) for line in table["lines"])


def _features(content: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    if content.get("type") == "FeatureCollection":
        for feature in content["features"]:
            yield from _features(feature)
    elif content.get("type") == "Feature":
        named = content.get("properties") or {}
        name = next((str(named[key]) for key in NAMES if named.get(key)), "")
        if content.get("geometry"):
            yield content["geometry"], name
    else:
        yield content, ""


def _outlines(geometry: dict[str, Any], name: str) -> Iterator[Outline]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _outlines(part, name)
        return
    coordinates = geometry.get("coordinates", [])
    lines = {
        "LineString": [coordinates], "MultiLineString": coordinates, "Polygon": coordinates,
        "MultiPolygon": [ring for polygon in coordinates for ring in polygon] if kind == "MultiPolygon" else [],
    }.get(kind, [])  # fmt: skip
    rings = [np.array([point[:2] for point in line], np.float64) for line in lines if len(line) > 1]
    largest = max((_extent(ring) for ring in rings), default=0.0)
    for ring in rings:
        named = name if _extent(ring) == largest else ""
        yield Outline(ring, kind.endswith("Polygon"), named)


def _extent(ring: Array) -> float:
    return float(np.prod(ring.max(axis=0) - ring.min(axis=0)))
