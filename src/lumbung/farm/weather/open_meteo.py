"""Open-Meteo's archive: daily reanalysis weather since 1940 (https://open-meteo.com, data CC BY 4.0).

Fetched, or read from a file that somebody fetched: the service's JSON and its CSV. Units are those the answer states.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.farm.weather.download import Fetch, answered, over_https
from lumbung.farm.weather.physics import vapour_pressure_of_dew_point, wind_at_2m
from lumbung.farm.weather.record import Step, Weather, WeatherError, number, on_calendar
from lumbung.farm.weather.tables import day_of, rows_of, text_of
from lumbung.farm.weather.units import converted

_ADDRESS = "https://archive-api.open-meteo.com/v1/archive"
# name of the service -> (variable of the record, kind of unit)
_DAILY = {
    "temperature_2m_min": ("tmin", "temperature"),
    "temperature_2m_max": ("tmax", "temperature"),
    "shortwave_radiation_sum": ("irradiation", "radiation"),
    "dew_point_2m_mean": ("vapour_pressure", "temperature"),
    "wind_speed_10m_mean": ("wind", "wind"),
    "precipitation_sum": ("rain", "rain"),
}
_USUAL = {"temperature": "°C", "radiation": "MJ/m²", "wind": "m/s", "rain": "mm"}


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

    Examples
    --------
    >>> from datetime import date
    >>> from pathlib import Path
    >>> import json
    >>> from lumbung import farm
    >>> values = {
    ...     "temperature_2m_max": 30,
    ...     "temperature_2m_min": 22,
    ...     "shortwave_radiation_sum": 16,
    ...     "dew_point_2m_mean": 21.5,
    ...     "wind_speed_10m_mean": 7.2,
    ...     "precipitation_sum": 8,
    ... }
    >>> daily = {"time": ["2024-01-01"], **{name: [value] for name, value in values.items()}}
    >>> answer = {
    ...     "latitude": -6.6,
    ...     "longitude": 106.8,
    ...     "elevation": 250,
    ...     "daily_units": {"wind_speed_10m_mean": "km/h"},
    ...     "daily": daily,
    ... }
    >>> def recorded(url):  # what stands in for the service here; leave `fetch` out to ask it
    ...     return json.dumps(answer).encode()
    ...
    >>> farm.open_meteo(-6.6, 106.8, date(2024, 1, 1), date(2024, 1, 1), cache=Path("kept"), fetch=recorded)
    <Weather 'Open-Meteo -6.60, 106.80' at -6.60, 106.80, 250 m: 2024-01-01 to 2024-01-01, gaps on 0 of 1 days>
    """
    url = (
        f"{_ADDRESS}?latitude={latitude:.4f}&longitude={longitude:.4f}&start_date={first}&end_date={last}"
        f"&daily={','.join(_DAILY)}&wind_speed_unit=ms&timezone=auto"
    )
    return answered(
        url,
        "Open-Meteo",
        lambda body: _of_json(json.loads(body), latitude, longitude, url),
        cache=cache,
        fetch=fetch,
    )


def read_open_meteo(path: Path | str) -> Weather:
    """Read a file that the service gave out, JSON or CSV.

    Raises
    ------
    WeatherError
        Names file, line and column; a unit that is none of the variable's; a variable that is missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> import json
    >>> from lumbung import farm
    >>> values = {
    ...     "temperature_2m_max": 30,
    ...     "temperature_2m_min": 22,
    ...     "shortwave_radiation_sum": 16,
    ...     "dew_point_2m_mean": 21.5,
    ...     "wind_speed_10m_mean": 7.2,
    ...     "precipitation_sum": 8,
    ... }
    >>> daily = {"time": ["2024-01-01"], **{name: [value] for name, value in values.items()}}
    >>> answer = {
    ...     "latitude": -6.6,
    ...     "longitude": 106.8,
    ...     "elevation": 250,
    ...     "daily_units": {"wind_speed_10m_mean": "km/h"},
    ...     "daily": daily,
    ... }
    >>> _ = Path("meteo.json").write_text(json.dumps(answer))
    >>> farm.read_open_meteo("meteo.json")
    <Weather 'Open-Meteo -6.60, 106.80' at -6.60, 106.80, 250 m: 2024-01-01 to 2024-01-01, gaps on 0 of 1 days>
    """
    path = Path(path)
    text = text_of(path)
    if not text.lstrip().startswith("{"):
        return _of_csv(path)
    try:
        answer = json.loads(text)
        return _of_json(answer, float(answer["latitude"]), float(answer["longitude"]), str(path))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        if isinstance(error, WeatherError):
            raise
        raise WeatherError(f"{path}: this is no daily record of Open-Meteo ({error!r})") from error


def _of_json(answer: Mapping[str, Any], latitude: float, longitude: float, where: str) -> Weather:
    daily, units = answer["daily"], answer.get("daily_units", {})
    days = np.array(daily["time"], "datetime64[D]")
    columns = {name: np.array(daily[name], dtype=np.float64) for name in _DAILY}
    if any(values.shape != days.shape for values in columns.values()):
        raise ValueError("columns of unequal length")
    return _record(days, columns, units, (latitude, longitude, float(answer["elevation"])), where)


def _of_csv(path: Path) -> Weather:
    rows = rows_of(path)
    head = next((k for k, row in enumerate(rows) if row and row[0].strip().lower() == "time"), None)
    place = next(
        (k for k, row in enumerate(rows[:head]) if row and row[0].strip().lower() == "latitude"), None
    )
    if head is None or place is None or place + 1 >= len(rows):
        raise WeatherError(
            f"{path}: expected a table of Open-Meteo, with latitude, longitude above it and time in its header"
        )
    site = dict(zip((name.strip().lower() for name in rows[place]), rows[place + 1], strict=False))
    names, units = [], {}
    for cell in rows[head]:
        match = re.match(r"^\s*([\w]+)\s*(?:\((.*)\))?\s*$", cell)
        names.append(match[1] if match else cell)
        if match and match[2]:
            units[match[1]] = match[2]
    lacking = [name for name in _DAILY if name not in names]
    if lacking:
        raise WeatherError(
            f"{path}, line {head + 1}: column {lacking[0]} is missing; found {', '.join(names)}"
        )
    days: list[np.datetime64] = []
    columns: dict[str, list[float]] = {name: [] for name in _DAILY}
    for count, row in enumerate(rows[head + 1 :], start=head + 2):
        if not any(row):
            continue
        if len(row) != len(names):
            raise WeatherError(f"{path}, line {count}: expected {len(names)} columns, found {len(row)}")
        day = day_of(row[0], f"{path}, line {count}, column time")
        if days and day <= days[-1]:
            raise WeatherError(
                f"{path}, line {count}, column time: {day} does not come after {days[-1]} of the row before"
            )
        days.append(day)
        for name in _DAILY:
            cell = row[names.index(name)]
            try:
                columns[name].append(number(cell))
            except ValueError:
                raise WeatherError(
                    f"{path}, line {count}, column {name}: expected a number, found {cell!r}"
                ) from None
    if not days:
        raise WeatherError(f"{path}: no day of weather in this file")
    try:
        at = (float(site["latitude"]), float(site["longitude"]), float(site["elevation"]))
    except (KeyError, ValueError):
        raise WeatherError(
            f"{path}, line {place + 2}: expected latitude, longitude and elevation, found {site}"
        ) from None
    return _record(np.array(days), {n: np.array(v) for n, v in columns.items()}, units, at, str(path))


def _record(
    days: Any, columns: Mapping[str, Any], units: Mapping[str, str], place: Sequence[float], where: str
) -> Weather:
    if np.unique(days).size != days.size:
        raise WeatherError(f"{where}: a day stands twice in the record")
    table, steps = {}, []
    for name, values in columns.items():
        variable, kind = _DAILY[name]
        unit = str(units.get(name) or _USUAL[kind])
        table[variable] = converted(values, unit, kind, f"{where}, {name}")
        steps.append(Step(variable, "converted" if variable in ("irradiation", "vapour_pressure", "wind") else "read",
                          len(days), f"{name} [{unit}]" + (" at 10 m to 2 m" if variable == "wind" else "")))  # fmt: skip
    table["vapour_pressure"] = vapour_pressure_of_dew_point(table["vapour_pressure"])
    table["wind"] = wind_at_2m(table["wind"])
    first, record = on_calendar(days, table)
    latitude, longitude, elevation = place
    return Weather(
        f"Open-Meteo {latitude:.2f}, {longitude:.2f}",
        latitude,
        longitude,
        elevation,
        first,
        **record,
        source="Open-Meteo archive (ERA5), CC BY 4.0",
        history=tuple(steps),
    )
