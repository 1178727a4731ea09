"""Daily tables of BMKG, Indonesia's weather service, as its data portal gives them out: CSV or spreadsheet, a file or a month each.

Columns: TANGGAL (DD-MM-YYYY), TN, TX, TAVG [C], RH_AVG [%], RR [mm], SS [h of sunshine], FF_AVG [m/s at 10 m]. The table
marks with 8888 rain that fell but was too little to measure, a trace, which counts as 0.1 mm here, and with 9999, ``-`` or
an empty field what was not observed. Lines above the table may name the station with its place (Lintang, Bujur, Elevasi).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lumbung.farm.weather.physics import irradiation_of_sunshine, vapour_pressure_of_humidity, wind_at_2m
from lumbung.farm.weather.record import (
    TRACE,
    Step,
    Weather,
    WeatherError,
    is_trace,
    number,
    on_calendar,
    rain_number,
)
from lumbung.farm.weather.tables import day_of, rows_of, site_words

_COLUMNS = ("TN", "TX", "RH_AVG", "RR", "SS", "FF_AVG")
_PLACE = {
    "latitude": ("lintang", "latitude"),
    "longitude": ("bujur", "longitude"),
    "elevation": ("elevasi", "elevation"),
}
# Angstrom coefficients of the humid tropics (Frere & Popov 1979).
_ANGSTROM = 0.29, 0.42


def is_bmkg(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether rows hold a daily table of BMKG."""
    return _header_of(rows) is not None


def states_place(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the lines above a table name the station's latitude and longitude."""
    return {"latitude", "longitude"} <= set(site_words(rows[: _header_of(rows)], _PLACE))


def _header_of(rows: Sequence[Sequence[str]]) -> int | None:
    return next(
        (k for k, row in enumerate(rows[:60]) if any(cell.strip().upper() == "TANGGAL" for cell in row)),
        None,
    )


def read_bmkg(
    paths: Path | str | Sequence[Path | str],
    latitude: float | None = None,
    longitude: float | None = None,
    elevation: float | None = None,
) -> Weather:
    """Read a daily table of BMKG, or the tables of several months of one station in any order.

    Parameters
    ----------
    paths
    latitude, longitude, elevation
        Of the station; what a table says above its header is taken where they are None. Elevation 0 where neither says.

    Raises
    ------
    WeatherError
        Names file, line and column; a day that stands twice; a place that nobody gave.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import farm
    >>> _ = Path("bogor.csv").write_text('''TANGGAL,TN,TX,TAVG,RH_AVG,RR,SS,FF_AVG
    ... 01-01-2024,22.0,31.0,26.0,85,12.0,4.1,1
    ... 02-01-2024,22.4,30.2,26.1,88,8888,3.0,2
    ... ''')
    >>> weather = farm.read_bmkg("bogor.csv", latitude=-6.6, longitude=106.8, elevation=250)
    >>> weather.rain.tolist()  # mm; 8888 says that it was a trace
    [12.0, 0.1]
    """
    files = [Path(p) for p in ([paths] if isinstance(paths, (str, Path)) else paths)]
    days: list[np.datetime64] = []
    columns: dict[str, list[float]] = {name: [] for name in _COLUMNS}
    seen: dict[np.datetime64, str] = {}
    place: dict[str, float] = {}
    traces = 0
    for path in files:
        rows = rows_of(path)
        head = _header_of(rows)
        if head is None:
            raise WeatherError(f"{path}: no line begins with TANGGAL; is this a daily table of BMKG?")
        for name, value in site_words(rows[:head], _PLACE).items():
            if abs(place.setdefault(name, value) - value) > (0.05 if name != "elevation" else 5.0):
                raise WeatherError(
                    f"{path}: {name} {value:g} differs from {place[name]:g} in {files[0]}; another station?"
                )
        traces += _read_days(path, rows, head, days, columns, seen)
    if not days:
        raise WeatherError(f"{files[0]}: no day of weather in this file")
    given = {"latitude": latitude, "longitude": longitude, "elevation": elevation}
    place |= {name: value for name, value in given.items() if value is not None}
    if "latitude" not in place or "longitude" not in place:
        raise WeatherError(
            f"{files[0]}: the table does not say where it was measured (Lintang, Bujur); give latitude and longitude"
        )
    table = {name: np.array(values) for name, values in columns.items()}
    order = np.array(days)
    of_year = (order - order.astype("datetime64[Y]")).astype(float) + 1.0
    a, b = _ANGSTROM
    first, record = on_calendar(
        order,
        {
            "tmin": table["TN"],
            "tmax": table["TX"],
            "irradiation": irradiation_of_sunshine(table["SS"], of_year, place["latitude"], a, b),
            "vapour_pressure": vapour_pressure_of_humidity(table["RH_AVG"], table["TN"], table["TX"]),
            "wind": wind_at_2m(table["FF_AVG"]),
            "rain": table["RR"],
        },
    )
    steps = [
        Step("tmin", "read", len(days), "TN [C]"),
        Step("tmax", "read", len(days), "TX [C]"),
        Step("rain", "read", len(days), "RR [mm]"),
        Step("irradiation", "converted", len(days), f"sunshine SS [h], Angstrom {a:g}, {b:g}"),
        Step("vapour_pressure", "converted", len(days), "mean humidity RH_AVG [%], TN, TX (FAO 56, eq. 19)"),
        Step("wind", "converted", len(days), "FF_AVG at 10 m [m/s] to 2 m"),
    ]
    if traces:
        steps.append(Step("rain", "trace", traces, f"8888 in column RR counts as {TRACE:g} mm"))
    return Weather(
        files[0].stem if len(files) == 1 else files[0].parent.name,
        place["latitude"],
        place["longitude"],
        place.get("elevation", 0.0),
        first,
        **record,
        angstrom=(a, b),
        source=f"BMKG {files[0].name}{f' and {len(files) - 1} more' if len(files) > 1 else ''}; "
        "radiation from sunshine, vapour pressure from mean humidity",
        history=tuple(steps),
    )


def _read_days(
    path: Path,
    rows: Sequence[Sequence[str]],
    head: int,
    days: list[np.datetime64],
    columns: dict[str, list[float]],
    seen: dict[np.datetime64, str],
) -> int:
    """Append the days of one table; return how many traces of rain there were."""
    names = [name.strip().upper() for name in rows[head]]
    for wanted in _COLUMNS:
        if wanted not in names:
            raise WeatherError(
                f"{path}, line {head + 1}: column {wanted} is missing; found {', '.join(names)}"
            )
    date_at = names.index("TANGGAL")
    traces = 0
    for count, row in enumerate(rows[head + 1 :], start=head + 2):
        text = row[date_at].strip() if date_at < len(row) else ""
        if not any(c.isdigit() for c in text) or text.split(":")[0].strip() in ("8888", "9999"):
            continue  # blank lines and the legend below the table
        day = day_of(text, f"{path}, line {count}, column TANGGAL")
        if day in seen:
            raise WeatherError(f"{path}, line {count}, column TANGGAL: {day} stands already in {seen[day]}")
        seen[day] = f"{path.name}, line {count}"
        if len(row) != len(names):
            raise WeatherError(f"{path}, line {count}: expected {len(names)} columns, found {len(row)}")
        days.append(day)
        for name in _COLUMNS:
            k = names.index(name)
            cell = row[k] if k < len(row) else ""
            try:
                columns[name].append(rain_number(cell) if name == "RR" else number(cell))
            except ValueError:
                raise WeatherError(
                    f"{path}, line {count}, column {name}: expected a number, found {cell!r}"
                ) from None
            traces += name == "RR" and is_trace(cell)
    return traces
