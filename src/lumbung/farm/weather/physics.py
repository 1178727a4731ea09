"""What readers compute when a file has not what the model needs: published approximations, each with its source."""

from __future__ import annotations

from math import log10

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def vapour_pressure_of_dew_point(dew_point: Array) -> Array:
    """Return actual vapour pressure [hPa] from dew point [C] (FAO 56, eq. 14)."""
    return 6.108 * np.exp(17.27 * dew_point / (dew_point + 237.3))


def vapour_pressure_of_humidity(humidity: Array, tmin: Array, tmax: Array) -> Array:
    """Return actual vapour pressure [hPa] from mean relative humidity [%] (FAO 56, eq. 19)."""
    saturated = (vapour_pressure_of_dew_point(tmin) + vapour_pressure_of_dew_point(tmax)) / 2.0
    return humidity / 100.0 * saturated


def wind_at_2m(wind_10m: Array) -> Array:
    """Return wind at 2 m from wind at 10 m, over a surface of roughness 3.3 cm (logarithmic profile)."""
    return wind_10m * (log10(2.0 / 0.033) / log10(10.0 / 0.033))


def irradiation_of_sunshine(
    sunshine: Array, day_of_year: Array, latitude: float, a: float, b: float
) -> Array:
    """Return global radiation [J/m2/d] from hours of bright sunshine (Angstrom, 1924; FAO 56, eq. 35)."""
    from lumbung.farm.engine.astro import sun

    out = np.empty(sunshine.size)
    for i, (day, hours) in enumerate(zip(day_of_year, sunshine, strict=True)):
        terms = sun(float(day), latitude, 0.0)
        out[i] = terms[7] * (a + b * hours / terms[0]) if terms[0] > 0.0 else 0.0
    return out


def irradiation_of_range(tmin: Array, tmax: Array, day_of_year: Array, latitude: float) -> Array:
    """Return global radiation [J/m2/d] from the daily temperature range, inland (Hargreaves; FAO 56, eq. 50)."""
    from lumbung.farm.engine.astro import sun

    above = np.array([sun(float(day), latitude, 0.0)[7] for day in day_of_year])
    estimate: Array = 0.16 * np.sqrt(np.maximum(tmax - tmin, 0.0)) * above
    return estimate
