"""DSSAT weather files (.WTH): radiation, temperatures and rain by day, sometimes dew point and wind.

Format: Hunt & Boote (1998) and the ICASA standards. Columns have fixed places: a value ends where its name in the header
ends, and an empty column is a missing value, not a reason to move the others. Dates are ``YYDDD`` or ``YYYYDDD``. What a file lacks is estimated
and said so in the record's ``source``: vapour pressure is that of a dew point equal to the night's minimum (FAO 56,
eq. 48), wind is 2 m/s (FAO 56, p. 63, the world's mean).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lumbung.farm.weather.physics import vapour_pressure_of_dew_point
from lumbung.farm.weather.record import RANGES, Weather, WeatherError, number, on_calendar

_NAMES = {
    "SRAD": "irradiation",
    "TMAX": "tmax",
    "TMIN": "tmin",
    "RAIN": "rain",
    "DEWP": "dew_point",
    "WIND": "wind_run",
    "VAPR": "vapour",
}
_DEFAULT_WIND = 2.0  # m/s


def day_of_year(text: str, path: Path, line: int) -> np.datetime64:
    """Return the date of ``YYDDD`` (1931 to 2030) or ``YYYYDDD``.

    Raises
    ------
    WeatherError
        Names the line.
    """
    if not (text.isdigit() and len(text) in (5, 7)):
        raise WeatherError(f"{path}, line {line}, column DATE: expected YYDDD or YYYYDDD, found {text!r}")
    year, day = int(text[:-3]), int(text[-3:])
    if len(text) == 5:
        year += 1900 if year > 30 else 2000
    length = 366 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 365
    if not 1 <= day <= length:
        raise WeatherError(f"{path}, line {line}, column DATE: {year} has {length} days, found day {day}")
    return np.datetime64(f"{year}-01-01", "D") + (day - 1)


def _header(lines: list[str], path: Path) -> tuple[float, float, float, int]:
    """Return latitude, longitude, elevation, and the number of the line that names the columns."""
    site: tuple[float, float, float] | None = None
    for count, text in enumerate(lines):
        head = text.split()
        if text.startswith("@") and "LAT" in head and count + 1 < len(lines):
            fields = lines[count + 1].split()
            try:
                latitude, longitude = float(fields[1]), float(fields[2])
                elevation = float(fields[3]) if len(fields) >= 8 else 0.0
            except (IndexError, ValueError):
                raise WeatherError(
                    f"{path}, line {count + 2}: expected station, LAT, LONG, ELEV, found {lines[count + 1]!r}"
                ) from None
            site = (latitude, longitude, max(elevation, 0.0))
        elif text.startswith("@DATE") or (text.startswith("@") and "DATE" in head):
            if site is None:
                raise WeatherError(f"{path}, line {count + 1}: no line with LAT and LONG before the days")
            return (*site, count)
    raise WeatherError(f"{path}: no line begins with @DATE; is this a DSSAT weather file?")


def _believe(row: dict[str, float], path: Path, line: int) -> None:
    """Refuse a row with a value no day can have."""
    for name, factor in (("SRAD", 1e6), ("TMAX", 1.0), ("TMIN", 1.0), ("RAIN", 1.0)):
        low, high, unit = RANGES[_NAMES[name]]
        value = row[name] * factor
        if value < low or value > high:
            raise WeatherError(
                f"{path}, line {line}, column {name}: {value:g} {unit} is outside {low:g} to {high:g}"
            )
    if row["TMIN"] > row["TMAX"]:
        raise WeatherError(
            f"{path}, line {line}: TMIN {row['TMIN']:g} is above TMAX {row['TMAX']:g}; one of them is wrong"
        )


def _cells(text: str, spans: Sequence[tuple[int, int]], path: Path, line: int) -> list[str]:
    """Return the values of a row, each in the column below whose name it stands; empty where nothing stands.

    Files shift a value by a place or two. Only a row whose values stand below no name, or two below one, is read in
    order, and that only if it is complete.
    """
    found: dict[int, str] = {}
    tokens = list(re.finditer(r"\S+", text.expandtabs()))
    for token in tokens:
        overlap = [min(token.end(), end) - max(token.start(), start) for start, end in spans]
        column = max(range(len(spans)), key=overlap.__getitem__)
        if overlap[column] < 1 or column in found:
            break
        found[column] = token.group()
    else:
        return [found.get(k, "") for k in range(len(spans))]
    if len(tokens) == len(spans):
        return [token.group() for token in tokens]
    raise WeatherError(
        f"{path}, line {line}: expected {len(spans)} values below the names of the header, found {len(tokens)} that do not "
        "stand below them; which is missing cannot be told. Leave its place empty or write -99"
    )


def _read_file(path: Path) -> tuple[tuple[float, float, float], list[np.datetime64], dict[str, list[float]]]:
    lines = [
        line.replace("\x1a", "").replace("\x00", "").rstrip()
        for line in path.read_text(encoding="latin-1").splitlines()
    ]
    latitude, longitude, elevation, head = _header(lines, path)
    names = lines[head].replace("@", " ").split()[1:]
    spans = [match.span() for match in re.finditer(r"[^\s@]+", lines[head])]
    spans[0] = (0, spans[0][1])
    days: list[np.datetime64] = []
    columns: dict[str, list[float]] = {name: [] for name in names if name in _NAMES}
    for wanted in ("SRAD", "TMAX", "TMIN", "RAIN"):
        if wanted not in columns:
            raise WeatherError(
                f"{path}, line {head + 1}: column {wanted} is missing; found {', '.join(names)}"
            )
    for count, text in enumerate(lines[head + 1 :], start=head + 2):
        if not text.strip() or text[0] in "*!@":
            continue
        fields = _cells(text, spans, path, count)
        days.append(day_of_year(fields[0], path, count))
        if len(days) > 1 and days[-1] <= days[-2]:
            raise WeatherError(
                f"{path}, line {count}, column DATE: {days[-1]} does not come after {days[-2]} of the row before"
            )
        for k, name in enumerate(names):
            if name not in columns:
                continue
            field = fields[k + 1]
            try:
                columns[name].append(number(field))
            except ValueError:
                raise WeatherError(
                    f"{path}, line {count}, column {name}: expected a number, found {field!r}"
                ) from None
        _believe({name: columns[name][-1] for name in columns}, path, count)
    if not days:
        raise WeatherError(f"{path}: no day of weather in this file")
    return (latitude, longitude, elevation), days, columns


def read_dssat(paths: Path | str | Sequence[Path | str], *, strict: bool = True) -> Weather:
    """Read DSSAT .WTH files of one station.

    Parameters
    ----------
    paths
        One file, or files of several years in any order.
    strict
        Refuse a file whose days run beyond the year of its first day: such rows are fillings, not observations. Where
        False they are dropped.

    Raises
    ------
    WeatherError
        Names file, line and column.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import farm
    >>> _ = Path("BOGR2401.WTH").write_text('''*WEATHER DATA : Bogor
    ... @ INSI      LAT     LONG  ELEV   TAV   AMP REFHT WNDHT
    ...   BOGR   -6.600  106.800   250  27.0   3.0   2.0   2.0
    ... @DATE  SRAD  TMAX  TMIN  RAIN  DEWP  WIND
    ... 24001  16.0  30.1  22.0  12.0  21.5   104
    ... 24002  15.1  29.8  22.3   0.0  21.9    98
    ... ''')
    >>> farm.read_dssat("BOGR2401.WTH")
    <Weather 'BOGR' at -6.60, 106.80, 250 m: 2024-01-01 to 2024-01-02, gaps on 0 of 2 days>
    """
    files = sorted(Path(p) for p in ([paths] if isinstance(paths, (str, Path)) else paths))
    if not files:
        raise WeatherError("no DSSAT file given")
    site = None
    rows: dict[np.datetime64, dict[str, float]] = {}
    estimated: set[str] = set()
    for path in files:
        here, days, columns = _read_file(path)
        site = site or here
        if np.hypot(here[0] - site[0], here[1] - site[1]) > 0.5:
            raise WeatherError(
                f"{path}: latitude, longitude {here[:2]} lie far from {site[:2]} of {files[0]}"
            )
        year = days[0].astype("datetime64[Y]")
        late = [d for d in days if d.astype("datetime64[Y]") != year]
        if late and strict:
            length = int((days[-1] - days[0]).astype(int)) + 1
            raise WeatherError(
                f"{path}: {len(days)} rows ({length} days) run to {days[-1]}, beyond {year}, the year of the first "
                "row; the rows of the next year are no observations. Remove them, or read with strict=False"
            )
        for k, day in enumerate(days):
            if day.astype("datetime64[Y]") != year:
                continue
            if day in rows:
                raise WeatherError(f"{path}: {day} stands in more than one of the files")
            rows[day] = {_NAMES[name]: values[k] for name, values in columns.items()}
        if "DEWP" not in columns and "VAPR" not in columns:
            estimated.add("vapour pressure from tmin")
        if "WIND" not in columns:
            estimated.add("wind 2 m/s")
    assert site is not None
    order = sorted(rows)
    column = {
        name: np.array([rows[d].get(name, np.nan) for d in order])
        for name in ("irradiation", "tmin", "tmax", "rain", "dew_point", "vapour", "wind_run")
    }
    column["irradiation"] *= 1e6
    dew = np.where(np.isnan(column["dew_point"]), column["tmin"], column["dew_point"])
    vapour = np.where(np.isnan(column["vapour"]), vapour_pressure_of_dew_point(dew), column["vapour"] * 10.0)
    wind = np.where(np.isnan(column["wind_run"]), _DEFAULT_WIND, column["wind_run"] * 1000.0 / 86400.0)
    values = {k: column[k] for k in ("irradiation", "tmin", "tmax", "rain")}
    first, record = on_calendar(np.array(order), {**values, "vapour_pressure": vapour, "wind": wind})
    note = f"; estimated: {', '.join(sorted(estimated))}" if estimated else ""
    return Weather(files[0].stem[:4], site[0], site[1], site[2], first, **record, source=f"DSSAT files{note}")
