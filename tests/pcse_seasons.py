"""Random weather and soil that this engine and PCSE both take, and the weather as PCSE wants it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from pcse.base import WeatherDataContainer, WeatherDataProvider

from lumbung.farm import Weather, soils

START = dt.date(1998, 1, 1)


def random_weather(rng: np.random.Generator, days: int = 310) -> Weather:
    """Make weather of a random climate; it need not be likely, only lawful for both programs."""
    latitude = float(rng.choice([rng.uniform(-12, 25), rng.uniform(25, 58)]))
    season = np.sin(2 * np.pi * (np.arange(days) - 100) / 365.0) * (1 if latitude >= 0 else -1)
    mean = rng.uniform(8, 29) if latitude > 25 else rng.uniform(18, 30)
    tmean = mean + abs(latitude) / 5.0 * season + rng.normal(0, 2.5, days)
    spread = rng.uniform(3, 14, days)
    decimals = int(rng.integers(1, 5))
    tmin, tmax = np.round(tmean - spread / 2, decimals), np.round(tmean + spread / 2, decimals)
    wet = rng.random(days) < rng.uniform(0.05, 0.7)
    rain = np.where(wet, np.minimum(rng.gamma(0.8, rng.uniform(4, 30), days), 240.0), 0.0)
    return Weather(
        "random",
        latitude,
        100.0,
        float(rng.uniform(0, 800)),
        np.datetime64(START),
        tmin,
        tmax,
        np.round(rng.uniform(2e6, 28e6, days), -3),
        np.round(rng.uniform(0.4, 1.0, days) * 6.108 * np.exp(17.27 * tmin / (tmin + 237.3)), 2),
        np.round(rng.uniform(0.2, 6.0, days), 1),
        np.round(rain, 1),
        angstrom=(float(rng.uniform(0.15, 0.35)), float(rng.uniform(0.4, 0.6))),
        method=str(rng.choice(["PM", "P"])),
        generated=True,
    )


def random_soil(rng: np.random.Generator) -> dict[str, Any]:
    table = soils()
    soil = dict(table[str(rng.choice(list(table)))].parameters)
    soil["RDMSOL"] = float(rng.choice([40.0, 80.0, 120.0]))
    return soil | {
        "IFUNRN": float(rng.integers(0, 2)),
        "NOTINF": float(rng.choice([0.0, 0.0, 0.3])),
        "SSI": float(rng.choice([0.0, 0.0, 1.5])),
        "SSMAX": float(rng.choice([0.0, 2.0, 5.0])),
        "SMLIM": float(rng.uniform(soil["SMW"], soil["SM0"])),
        "WAV": float(rng.uniform(0, 40)),
    }


class ArrayWeather(WeatherDataProvider):
    """Our record as PCSE wants it, with E0, ES0 and ET0 by PCSE's own functions, or as the record has them."""

    def __init__(self, weather: Weather, *, as_recorded: bool = False) -> None:
        super().__init__()
        from pcse.util import reference_ET

        self.latitude, self.longitude, self.elevation = weather.latitude, weather.longitude, weather.elevation
        a, b = weather.angstrom
        recorded = weather.evapotranspiration * 10.0 if as_recorded else None
        for k, day in enumerate(weather.dates.astype(object)):
            values = (weather.tmin[k], weather.tmax[k], weather.irradiation[k], weather.vapour_pressure[k])
            e0, es0, et0 = (
                reference_ET(
                    day, weather.latitude, weather.elevation, *values, weather.wind[k], a, b, weather.method
                )
                if recorded is None
                else recorded[:, k]
            )
            container = WeatherDataContainer(
                DAY=day,
                LAT=weather.latitude,
                LON=weather.longitude,
                ELEV=weather.elevation,
                TMIN=values[0],
                TMAX=values[1],
                IRRAD=values[2],
                VAP=values[3],
                WIND=weather.wind[k],
                RAIN=weather.rain[k] / 10.0,
                E0=e0 / 10.0,
                ES0=es0 / 10.0,
                ET0=et0 / 10.0,
            )
            self._store_WeatherDataContainer(container, day)
