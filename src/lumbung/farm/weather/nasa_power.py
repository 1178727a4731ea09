"""NASA POWER: daily satellite and reanalysis weather for any place on Earth, since 1984 (https://power.larc.nasa.gov).

Fetched, or read from a file that somebody fetched: the service's JSON and its CSV, with dates as ``YEAR,DOY`` or ``YEAR,MO,DY``.
Every day is taken by its date; a day that is not there is a gap. -999 is missing.
"""

from __future__ import annotations

import csv
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
from lumbung.farm.weather.tables import text_of
from lumbung.farm.weather.units import converted

_ADDRESS = "https://power.larc.nasa.gov/api/temporal/daily/point"
_PARAMETERS = ("ALLSKY_SFC_SW_DWN", "T2M_MIN", "T2M_MAX", "T2MDEW", "WS2M", "PRECTOTCORR")
# parameter -> (kind of unit, unit where the file is silent: community AG)
_UNITS = {
    "ALLSKY_SFC_SW_DWN": ("radiation", "MJ/m^2/day"),
    "T2M_MIN": ("temperature", "C"),
    "T2M_MAX": ("temperature", "C"),
    "T2MDEW": ("temperature", "C"),
    "WS2M": ("wind", "m/s"),
    "WS10M": ("wind", "m/s"),
    "PRECTOTCORR": ("rain", "mm/day"),
}


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

    Examples
    --------
    >>> from datetime import date
    >>> from pathlib import Path
    >>> import json
    >>> from lumbung import farm
    >>> values = {
    ...     "ALLSKY_SFC_SW_DWN": 16.0,
    ...     "T2M_MIN": 22.0,
    ...     "T2M_MAX": 30.0,
    ...     "T2MDEW": 21.5,
    ...     "WS2M": 1.5,
    ...     "PRECTOTCORR": 8.0,
    ... }
    >>> table = {name: {"20240101": value} for name, value in values.items()}
    >>> answer = {"geometry": {"coordinates": [106.8, -6.6, 250]}, "properties": {"parameter": table}}
    >>> def recorded(url):  # what stands in for the service here; leave `fetch` out to ask it
    ...     return json.dumps(answer).encode()
    ...
    >>> farm.nasa_power(-6.6, 106.8, date(2024, 1, 1), date(2024, 1, 1), cache=Path("kept"), fetch=recorded)
    <Weather 'NASA POWER -6.60, 106.80' at -6.60, 106.80, 250 m: 2024-01-01 to 2024-01-01, gaps on 0 of 1 days>
    """
    url = (
        f"{_ADDRESS}?parameters={','.join(_PARAMETERS)}&community=AG&longitude={longitude:.4f}"
        f"&latitude={latitude:.4f}&start={first:%Y%m%d}&end={last:%Y%m%d}&format=JSON"
    )
    return answered(
        url,
        "NASA POWER",
        lambda body: _of_json(json.loads(body), latitude, longitude, url),
        cache=cache,
        fetch=fetch,
    )


def read_nasa_power(path: Path | str) -> Weather:
    """Read a file that the service gave out, JSON or CSV.

    Raises
    ------
    WeatherError
        Names file, line and column; a unit that is none of the parameter's; a parameter that is missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> import json
    >>> from lumbung import farm
    >>> values = {
    ...     "ALLSKY_SFC_SW_DWN": 16.0,
    ...     "T2M_MIN": 22.0,
    ...     "T2M_MAX": 30.0,
    ...     "T2MDEW": 21.5,
    ...     "WS10M": 2.0,
    ...     "PRECTOTCORR": 8.0,
    ... }
    >>> table = {name: {"20240101": value} for name, value in values.items()}
    >>> answer = {"geometry": {"coordinates": [106.8, -6.6, 250]}, "properties": {"parameter": table}}
    >>> _ = Path("power.json").write_text(json.dumps(answer))
    >>> farm.read_nasa_power("power.json")
    <Weather 'NASA POWER -6.60, 106.80' at -6.60, 106.80, 250 m: 2024-01-01 to 2024-01-01, gaps on 0 of 1 days>
    """
    path = Path(path)
    text = text_of(path)
    if not text.lstrip().startswith("{"):
        return _of_csv(path, text)
    try:
        answer = json.loads(text)
        place = answer["geometry"]["coordinates"]
        return _of_json(answer, float(place[1]), float(place[0]), str(path))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        if isinstance(error, WeatherError):
            raise
        raise WeatherError(f"{path}: this is no daily record of NASA POWER ({error!r})") from error


def _of_json(answer: Mapping[str, Any], latitude: float, longitude: float, where: str) -> Weather:
    table = answer["properties"]["parameter"]
    elevation = float(answer["geometry"]["coordinates"][2])
    units = {name: str(entry.get("units", "")) for name, entry in answer.get("parameters", {}).items()}
    names = _chosen(table, where)
    days = sorted(set().union(*(table[name] for name in names)))
    dates = [date(int(d[:4]), int(d[4:6]), int(d[6:])) for d in days]
    columns = {name: np.array([number(str(table[name].get(d, ""))) for d in days]) for name in names}
    return _record(np.array(dates, "datetime64[D]"), columns, units, (latitude, longitude, elevation), where)


def _chosen(table: Mapping[str, Any], where: str) -> list[str]:
    wind = "WS2M" if "WS2M" in table else "WS10M"
    names = [wind if name == "WS2M" else name for name in _PARAMETERS]
    lacking = [name for name in names if name not in table]
    if lacking:
        raise WeatherError(f"{where}: the parameter {lacking[0]} is missing; found {', '.join(table)}")
    return names


def _of_csv(path: Path, text: str) -> Weather:
    lines = text.splitlines()
    end = next((k for k, line in enumerate(lines) if line.strip() == "-END HEADER-"), None)
    if end is None or end + 1 >= len(lines):
        raise WeatherError(f"{path}: no line says -END HEADER-; is this a CSV file of NASA POWER?")
    head = "\n".join(lines[:end])
    place = re.search(r"latitude\s+([-\d.]+)\s+longitude\s+([-\d.]+)", head, re.IGNORECASE)
    if place is None:
        raise WeatherError(f"{path}: the header does not give latitude and longitude")
    height = re.search(r"elevation.*?=\s*([-\d.]+)", head, re.IGNORECASE)
    units = {m[1]: m[2] for m in re.finditer(r"^(\w+)\s.*\(([^()]*)\)\s*$", head, re.MULTILINE)}
    names = [name.strip() for name in next(csv.reader([lines[end + 1]]))]
    wanted = _chosen(dict.fromkeys(names), str(path))
    days: list[np.datetime64] = []
    columns: dict[str, list[float]] = {name: [] for name in wanted}
    for count, row in enumerate(csv.reader(lines[end + 2 :]), start=end + 3):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names):
            raise WeatherError(f"{path}, line {count}: expected {len(names)} columns, found {len(row)}")
        cells = dict(zip(names, row, strict=True))
        day = _csv_day(cells, f"{path}, line {count}")
        if days and day <= days[-1]:
            raise WeatherError(
                f"{path}, line {count}: {day} does not come after {days[-1]} of the row before"
            )
        days.append(day)
        for name in wanted:
            try:
                columns[name].append(number(cells[name]))
            except ValueError:
                raise WeatherError(
                    f"{path}, line {count}, column {name}: expected a number, found {cells[name]!r}"
                ) from None
    if not days:
        raise WeatherError(f"{path}: no day of weather in this file")
    found = {name: np.array(values) for name, values in columns.items()}
    at = (float(place[1]), float(place[2]), float(height[1]) if height else 0.0)
    return _record(np.array(days), found, units, at, str(path))


def _csv_day(cells: Mapping[str, str], where: str) -> np.datetime64:
    try:
        year = int(cells["YEAR"])
        if "DOY" in cells:
            day = np.datetime64(f"{year:04d}-01-01", "D") + (int(cells["DOY"]) - 1)
            if day.astype("datetime64[Y]").astype(int) + 1970 != year:
                raise ValueError
            return day
        return np.datetime64(date(year, int(cells["MO"]), int(cells["DY"])), "D")
    except (KeyError, ValueError):
        raise WeatherError(f"{where}: expected a date in YEAR and DOY, or YEAR, MO and DY") from None


def _record(
    days: Any, columns: Mapping[str, Any], units: Mapping[str, str], place: Sequence[float], where: str
) -> Weather:
    values, steps = {}, []
    for name, found in columns.items():
        kind, usual = _UNITS[name]
        unit = units.get(name) or usual
        values[name] = converted(found, unit, kind, f"{where}, {name}")
        steps.append((name, unit))
    wind = values["WS2M"] if "WS2M" in values else wind_at_2m(values["WS10M"])
    table = {
        "tmin": values["T2M_MIN"],
        "tmax": values["T2M_MAX"],
        "irradiation": values["ALLSKY_SFC_SW_DWN"],
        "vapour_pressure": vapour_pressure_of_dew_point(values["T2MDEW"]),
        "wind": wind,
        "rain": values["PRECTOTCORR"],
    }
    first, record = on_calendar(days, table)
    sources = {"tmin": "T2M_MIN", "tmax": "T2M_MAX", "irradiation": "ALLSKY_SFC_SW_DWN", "vapour_pressure": "T2MDEW",
               "wind": "WS2M" if "WS2M" in values else "WS10M", "rain": "PRECTOTCORR"}  # fmt: skip
    named = dict(steps)
    latitude, longitude, elevation = place
    return Weather(
        f"NASA POWER {latitude:.2f}, {longitude:.2f}",
        latitude,
        longitude,
        elevation,
        first,
        **record,
        source="NASA POWER",
        history=tuple(
            Step(
                variable,
                "converted" if variable in ("irradiation", "vapour_pressure") or name == "WS10M" else "read",
                len(days),
                f"{name} [{named[name]}]" + (" at 10 m to 2 m" if name == "WS10M" else ""),
            )
            for variable, name in sources.items()
        ),
    )
