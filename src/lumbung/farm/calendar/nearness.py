"""Whether a weather record can stand for a site: how far apart they lie, and how much higher one is.

Rain a few dozen kilometres away is other rain; temperature falls by about 6.5 C per kilometre of height (the standard
atmosphere, ICAO 1993), and a degree shifts anthesis by days.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from lumbung.farm.weather.record import Weather

EARTH = 6371.0  # km
DOUBTFUL, TOO_FAR = 30.0, 150.0  # km
LAPSE = 0.0065  # C/m
DOUBTFUL_HEIGHT, TOO_HIGH = 150.0, 600.0  # m: one degree, four degrees


class NearnessError(ValueError):
    """A weather record that cannot stand for a site."""


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the great-circle distance between two places [km]; arguments in degrees."""
    a, b = radians(latitude), radians(other_latitude)
    half = sin((b - a) / 2.0) ** 2 + cos(a) * cos(b) * sin(radians(other_longitude - longitude) / 2.0) ** 2
    return 2.0 * EARTH * asin(sqrt(min(1.0, half)))


def remarks_on(
    weather: Weather, latitude: float | None, longitude: float | None, elevation: float | None
) -> list[str]:
    """Return what a reader must know of a record that is not the site's own; empty where it is near.

    Generated weather of a type of climate claims no place and is not measured against one.

    Parameters
    ----------
    weather
        Elevation 0 counts as unknown: several formats write that for a missing one.
    latitude, longitude
        Of the site [deg]; None where the table does not say.
    elevation
        Of the site [m].

    Raises
    ------
    NearnessError
        When it lies too far away or too much higher or lower.
    """
    remarks: list[str] = []
    if weather.generated:
        return remarks
    if latitude is not None and longitude is not None:
        far = kilometres(latitude, longitude, weather.latitude, weather.longitude)
        where = (
            f"the weather {weather.name} was measured at {weather.latitude:.2f}, {weather.longitude:.2f}, "
            f"{far:.0f} km from the site ({latitude:.2f}, {longitude:.2f})"
        )
        if far > TOO_FAR:
            raise NearnessError(
                f"column weather: {where}; more than {TOO_FAR:.0f} km is another climate. Name a nearer record, or one of a "
                "grid (NASA POWER, ERA5)"
            )
        if far > DOUBTFUL:
            remarks.append(f"{where}; rain there may be other rain")
    if elevation is not None and weather.elevation != 0.0:
        higher = elevation - weather.elevation
        what = (
            f"the site lies {abs(higher):.0f} m {'above' if higher > 0 else 'below'} the weather {weather.name} "
            f"({weather.elevation:.0f} m), about {abs(higher) * LAPSE:.1f} C {'cooler' if higher > 0 else 'warmer'}"
        )
        if abs(higher) > TOO_HIGH:
            raise NearnessError(f"column elevation: {what}; name a record of its own height")
        if abs(higher) > DOUBTFUL_HEIGHT:
            remarks.append(what)
    return remarks
