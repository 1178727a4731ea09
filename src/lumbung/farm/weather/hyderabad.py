"""Real weather on a machine without files or internet: Hyderabad, 2000 to 2010, from the ``aquacrop`` package."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from lumbung.farm.weather.physics import irradiation_of_range, vapour_pressure_of_dew_point
from lumbung.farm.weather.record import Weather, WeatherError

_LATITUDE, _LONGITUDE, _ELEVATION = 17.45, 78.27, 545.0


def hyderabad() -> Weather:
    """Return the record of Patancheru near Hyderabad, India (17.45 N): temperatures, rain and ET0 are measured.

    Radiation is estimated from the temperature range (FAO 56, eq. 50), vapour pressure from a dew point 2 degrees below
    the minimum (FAO 56, annex 6, for semi-arid places), wind is 2 m/s.

    Raises
    ------
    WeatherError
        When the package ``aquacrop`` is not installed.

    Examples
    --------
    >>> from lumbung import farm
    >>> farm.hyderabad()
    <Weather 'Hyderabad' at 17.45, 78.27, 545 m: 2000-01-01 to 2010-12-31, gaps on 0 of 4018 days>
    """
    try:
        path = files("aquacrop") / "data" / "hyderabad_climate.txt"
        lines = path.read_text().splitlines()
    except (ModuleNotFoundError, FileNotFoundError):
        raise WeatherError(
            "the demo weather comes with the package aquacrop; install it with: pip install 'lumbung[farm]'"
        ) from None
    table = np.array([line.split() for line in lines[1:] if line.strip()], dtype=float)
    first = np.datetime64(f"{int(table[0, 2])}-{int(table[0, 1]):02d}-{int(table[0, 0]):02d}", "D")
    days = first + np.arange(table.shape[0])
    of_year = (days - days.astype("datetime64[Y]")).astype(float) + 1.0
    tmin, tmax = table[:, 3], table[:, 4]
    return Weather(
        "Hyderabad",
        _LATITUDE,
        _LONGITUDE,
        _ELEVATION,
        first,
        tmin,
        tmax,
        irradiation_of_range(tmin, tmax, of_year, _LATITUDE),
        vapour_pressure_of_dew_point(tmin - 2.0),
        np.full(tmin.size, 2.0),
        table[:, 5],
        et0=table[:, 6],
        source="Hyderabad, from the package aquacrop; estimated: radiation, vapour pressure, wind 2 m/s",
    )
