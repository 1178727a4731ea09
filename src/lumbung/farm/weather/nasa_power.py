"""NASA POWER: daily satellite and reanalysis weather for any place on Earth, since 1984 (https://power.larc.nasa.gov)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np

from lumbung.farm.weather.download import Fetch, kept, over_https
from lumbung.farm.weather.physics import vapour_pressure_of_dew_point
from lumbung.farm.weather.record import Weather, WeatherError, number, on_calendar

_ADDRESS = "https://power.larc.nasa.gov/api/temporal/daily/point"
_PARAMETERS = ("ALLSKY_SFC_SW_DWN", "T2M_MIN", "T2M_MAX", "T2MDEW", "WS2M", "PRECTOTCORR")


def nasa_power(
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
        f"{_ADDRESS}?parameters={','.join(_PARAMETERS)}&community=AG&longitude={longitude:.4f}"
        f"&latitude={latitude:.4f}&start={first:%Y%m%d}&end={last:%Y%m%d}&format=JSON"
    )
    body = kept(url, "NASA POWER", cache=cache, fetch=fetch)
    try:
        answer = json.loads(body)
        table = answer["properties"]["parameter"]
        elevation = float(answer["geometry"]["coordinates"][2])
        days = [date(int(d[:4]), int(d[4:6]), int(d[6:])) for d in sorted(table["T2M_MIN"])]
        column = {p: np.array([number(str(table[p][f"{d:%Y%m%d}"])) for d in days]) for p in _PARAMETERS}
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise WeatherError(
            f"NASA POWER answered something else than a daily record ({error!r}): {url}"
        ) from error
    start, record = on_calendar(
        np.array(days, "datetime64[D]"),
        {
            "tmin": column["T2M_MIN"],
            "tmax": column["T2M_MAX"],
            "irradiation": column["ALLSKY_SFC_SW_DWN"] * 1e6,
            "vapour_pressure": vapour_pressure_of_dew_point(column["T2MDEW"]),
            "wind": column["WS2M"],
            "rain": column["PRECTOTCORR"],
        },
    )
    return Weather(
        f"NASA POWER {latitude:.2f}, {longitude:.2f}",
        latitude,
        longitude,
        elevation,
        start,
        **record,
        source="NASA POWER, community AG",
    )
