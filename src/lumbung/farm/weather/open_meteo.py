"""Open-Meteo's archive: daily reanalysis weather since 1940 (https://open-meteo.com, data CC BY 4.0)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np

from lumbung.farm.weather.download import Fetch, kept, over_https
from lumbung.farm.weather.physics import vapour_pressure_of_dew_point, wind_at_2m
from lumbung.farm.weather.record import Weather, WeatherError, on_calendar

_ADDRESS = "https://archive-api.open-meteo.com/v1/archive"
_DAILY = (
    "temperature_2m_min",
    "temperature_2m_max",
    "shortwave_radiation_sum",
    "dew_point_2m_mean",
    "wind_speed_10m_mean",
    "precipitation_sum",
)


def open_meteo(
    latitude: float,
    longitude: float,
    first: date,
    last: date,
    *,
    cache: Path | None = None,
    fetch: Fetch = over_https,
) -> Weather:
    """Fetch (or take from the cache) the daily record of a place.

    Raises
    ------
    WeatherError
        When the service cannot be reached, or answers something else than a daily record.
    """
    url = (
        f"{_ADDRESS}?latitude={latitude:.4f}&longitude={longitude:.4f}&start_date={first}&end_date={last}"
        f"&daily={','.join(_DAILY)}&wind_speed_unit=ms&timezone=auto"
    )
    body = kept(url, "Open-Meteo", cache=cache, fetch=fetch)
    try:
        answer = json.loads(body)
        daily = answer["daily"]
        column = {name: np.array(daily[name], dtype=np.float64) for name in _DAILY}
        elevation = float(answer["elevation"])
        days = np.array(daily["time"], "datetime64[D]")
        if np.unique(days).size != days.size or any(values.shape != days.shape for values in column.values()):
            raise ValueError("days that repeat, or columns of unequal length")
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise WeatherError(
            f"Open-Meteo answered something else than a daily record ({error!r}): {url}"
        ) from error
    start, record = on_calendar(
        days,
        {
            "tmin": column["temperature_2m_min"],
            "tmax": column["temperature_2m_max"],
            "irradiation": column["shortwave_radiation_sum"] * 1e6,
            "vapour_pressure": vapour_pressure_of_dew_point(column["dew_point_2m_mean"]),
            "wind": wind_at_2m(column["wind_speed_10m_mean"]),
            "rain": column["precipitation_sum"],
        },
    )
    return Weather(
        f"Open-Meteo {latitude:.2f}, {longitude:.2f}",
        latitude,
        longitude,
        elevation,
        start,
        **record,
        source="Open-Meteo archive (ERA5), CC BY 4.0",
    )
