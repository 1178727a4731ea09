"""CABO weather files, one per station and year: ``PHL1.985`` is station PHL1, year 1985.

Format: van Kraalingen et al. (1991), The CABO/TPE weather system. Comment lines begin with ``*``; the first other line
holds longitude, latitude, elevation and the two Angstrom coefficients, then come station, year, day, irradiation,
minimum and maximum temperature, vapour pressure [kPa], wind [m/s] and rain [mm]. Positive coefficients say that the
fourth column holds hours of sunshine, negative ones that it holds radiation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lumbung.farm.weather.physics import irradiation_of_sunshine
from lumbung.farm.weather.record import RANGES, Weather, WeatherError, number, on_calendar

_COLUMNS = ("irradiation", "tmin", "tmax", "vapour_pressure", "wind", "rain")
_UNITS = {"kJ": 1e3, "MJ": 1e6}
# Nowhere on Earth does a year's mean daily radiation lie between these: above the first, values are kJ; below the
# second, MJ.
_LEAST_KJ, _MOST_MJ = 1000.0, 45.0


def _year_of(path: Path) -> int:
    suffix = path.suffix[1:]
    if not (len(suffix) == 3 and suffix.isdigit()):
        raise WeatherError(
            f"{path}: the name of a CABO file ends in the last three digits of its year, as in PHL1.985"
        )
    year = 1000 + int(suffix)
    return year if year >= 1500 else year + 1000


def _floats(text: str, path: Path, line: int, names: Sequence[str]) -> list[float]:
    fields = text.split()
    if len(fields) < len(names):
        raise WeatherError(f"{path}, line {line}: expected {len(names)} columns, found {len(fields)}")
    out = []
    for name, field in zip(names, fields, strict=False):
        try:
            out.append(number(field))
        except ValueError:
            raise WeatherError(
                f"{path}, line {line}, column {name}: expected a number, found {field!r}"
            ) from None
    return out


def _read_year(path: Path, radiation: str | None) -> tuple[list[float], np.ndarray, dict[str, np.ndarray]]:
    year = _year_of(path)
    length = 366 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 365
    header: list[float] = []
    seen: dict[int, int] = {}
    rows: list[list[float]] = []
    with path.open(encoding="latin-1") as lines:
        for count, text in enumerate(lines, start=1):
            if text.startswith("*") or not text.strip() or text.split()[0].startswith("-999"):
                continue
            if not header:
                header = _floats(text, path, count, ("longitude", "latitude", "elevation", "A", "B"))
                continue
            row = _floats(text, path, count, ("station", "year", "day", *_COLUMNS))
            if int(row[1]) != year:
                raise WeatherError(f"{path}, line {count}, column year: expected {year}, found {row[1]:.0f}")
            day = int(row[2])
            if not 1 <= day <= length:
                raise WeatherError(f"{path}, line {count}, column day: {year} has {length} days, found {day}")
            if day in seen:
                raise WeatherError(
                    f"{path}, line {count}: day {day} stands already in line {seen[day]}; {year} has {length} "
                    "days and the file more rows. Remove the row that is no observation"
                )
            seen[day] = count
            rows.append(row)
    if not rows:
        raise WeatherError(f"{path}: no day of weather in this file")
    table = np.array(rows)
    days = np.datetime64(f"{year}-01-01", "D") + (table[:, 2].astype(int) - 1)
    columns = {name: table[:, 3 + k] for k, name in enumerate(_COLUMNS)}
    if header[3] > 0 and header[4] > 0:
        columns["irradiation"] = irradiation_of_sunshine(
            columns["irradiation"], table[:, 2], header[1], header[3], header[4]
        )
    else:
        columns["irradiation"] = columns["irradiation"] * _radiation_factor(
            columns["irradiation"], radiation, path
        )
    columns["vapour_pressure"] = columns["vapour_pressure"] * 10.0
    for name, (low, high, unit) in RANGES.items():
        bad = np.flatnonzero((columns[name] < low) | (columns[name] > high))
        if bad.size:
            line = seen[int(table[bad[0], 2])]
            raise WeatherError(
                f"{path}, line {line}, column {name}: {columns[name][bad[0]]:g} {unit} is outside {low:g} to {high:g}"
            )
    return header, days, columns


def _radiation_factor(values: np.ndarray, radiation: str | None, path: Path) -> float:
    """Return the factor to J/m2/d, refusing values that contradict the unit."""
    low, high = np.nanmin(values), np.nanmax(values)
    if radiation is None or radiation == "kJ":
        if high < _LEAST_KJ:
            raise WeatherError(
                f"{path}, column irradiation: CABO files hold kJ/m2/d, but the values run from {low:g} to {high:g}, "
                'a thousand times too dark; they look like MJ. Read the file with radiation="MJ"'
            )
        return _UNITS["kJ"]
    if radiation not in _UNITS:
        raise WeatherError(f'radiation must be "kJ" or "MJ", found {radiation!r}')
    if high > _MOST_MJ:
        raise WeatherError(
            f"{path}, column irradiation: no day brings {high:g} MJ/m2; the values look like kJ"
        )
    return _UNITS[radiation]


def read_cabo(
    paths: Path | str | Sequence[Path | str],
    *,
    radiation: str | None = None,
    faults: list[WeatherError] | None = None,
) -> Weather:
    """Read CABO files of one station.

    Parameters
    ----------
    paths
        One file, or the files of several years in any order.
    radiation
        "kJ" (the format's unit, assumed) or "MJ" for a file that breaks it.
    faults
        Where given, a faulty year is left out (its days are missing), and its error is appended here.

    Returns
    -------
    Weather
        Missing days are NaN; see :attr:`Weather.missing_days`.

    Raises
    ------
    WeatherError
        Names file, line and column: a number that is none, a day that the year has not or that stands twice, a value
        out of range, radiation in another unit than it claims, files of different stations.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import farm
    >>> _ = Path("PHL1.985").write_text('''121.25 14.17 21. -0.18 -0.55
    ... 1 1985 1 16000. 22.1 29.8 2.6 1.2 0.0
    ... 1 1985 2 14500. 22.4 29.0 2.7 1.4 6.5
    ... ''')
    >>> farm.read_cabo("PHL1.985")
    <Weather 'PHL1' at 14.17, 121.25, 21 m: 1985-01-01 to 1985-01-02, gaps on 0 of 2 days>
    """
    files = [Path(p) for p in ([paths] if isinstance(paths, (str, Path)) else paths)]
    if not files:
        raise WeatherError("no CABO file given")
    read = []
    for path in sorted(files, key=_year_of):
        try:
            read.append((path, *_read_year(path, radiation)))
        except WeatherError as error:
            if faults is None:
                raise
            faults.append(error)
    if not read:
        raise WeatherError(
            f"none of {len(files)} CABO files could be read; the first says: {faults and faults[0]}"
        )
    first_path, first_header = read[0][0], read[0][1]
    for path, header, _, _ in read[1:]:
        if header[:3] != first_header[:3]:
            raise WeatherError(
                f"{path}: longitude, latitude, elevation {header[:3]} differ from {first_header[:3]} in {first_path}"
            )
    days = np.concatenate([r[2] for r in read])
    columns = {name: np.concatenate([r[3][name] for r in read]) for name in _COLUMNS}
    first, record = on_calendar(days, columns)
    longitude, latitude, elevation, a, b = first_header
    return Weather(
        first_path.stem,
        latitude,
        longitude,
        elevation,
        first,
        **record,
        angstrom=(abs(a), abs(b)),
        source=f"CABO files {files[0].stem}, {len(read)} years",
    )
