"""PCSE-style CSV: a few lines ``Name = value`` on the site, then a table with a header that names its columns.

Columns: DAY (YYYYMMDD or YYYY-MM-DD), IRRAD [kJ/m2/d], or hours of sunshine where the site says HasSunshine = True;
TMIN, TMAX [C], VAP [kPa], WIND [m/s], RAIN [mm]; others are ignored. A line of units may follow the header.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from lumbung.farm.weather.physics import irradiation_of_sunshine
from lumbung.farm.weather.record import RANGES, Weather, WeatherError, number, on_calendar
from lumbung.farm.weather.tables import decimal_point, text_of

_NAMES = {
    "IRRAD": ("irradiation", 1e3),
    "TMIN": ("tmin", 1.0),
    "TMAX": ("tmax", 1.0),
    "VAP": ("vapour_pressure", 10.0),
    "WIND": ("wind", 1.0),
    "RAIN": ("rain", 1.0),
}


def _day(text: str, path: Path, line: int) -> np.datetime64:
    text = text.strip()
    try:
        if text.isdigit() and len(text) == 8:
            return np.datetime64(f"{text[:4]}-{text[4:6]}-{text[6:]}", "D")
        return np.datetime64(text.replace("/", "-"), "D")
    except ValueError:
        raise WeatherError(
            f"{path}, line {line}, column DAY: expected a date as 20240131 or 2024-01-31, found {text!r}"
        ) from None


def _site(path: Path, lines: list[str]) -> tuple[dict[str, str], int]:
    """Return what the head says of the site, and the index of the table's header."""
    site: dict[str, str] = {}
    for count, text in enumerate(lines):
        if text.upper().lstrip('"').startswith("DAY"):
            return site, count
        if "=" in text and not text.startswith("#"):
            for part in text.split(";"):
                name, _, value = part.partition("=")
                site[name.strip().lower()] = value.strip().strip("'\"").rstrip(",")
    raise WeatherError(f"{path}: no line begins with DAY; the table of days is missing")


def _site_number(site: dict[str, str], name: str, path: Path, otherwise: float | None = None) -> float:
    text = site.get(name.lower())
    if text is None and otherwise is not None:
        return otherwise
    try:
        return float(text or "")
    except ValueError:
        raise WeatherError(f"{path}: the head must say {name} = a number; found {text!r}") from None


def read_pcse_csv(path: Path | str) -> Weather:
    """Read one PCSE-style CSV file.

    Raises
    ------
    WeatherError
        Names file, line and column: a column that is missing, a number or date that is none, a day that does not
        follow the one before, a value out of range, radiation in another unit than kJ/m2/d.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import farm
    >>> _ = Path("bogor.csv").write_text('''Longitude = 106.8; Latitude = -6.6; Elevation = 250
    ... HasSunshine = False
    ... DAY,IRRAD,TMIN,TMAX,VAP,WIND,RAIN
    ... 20240101,16000,22,30,2.6,1.5,8
    ... 20240102,15000,22,29,2.7,1.2,0
    ... ''')
    >>> farm.read_pcse_csv("bogor.csv")
    <Weather 'bogor' at -6.60, 106.80, 250 m: 2024-01-01 to 2024-01-02, gaps on 0 of 2 days>
    """
    path = Path(path)
    lines = text_of(path).splitlines()
    site, head = _site(path, lines)
    parting = ";" if lines[head].count(";") > lines[head].count(",") else ","
    names = [name.strip().upper() for name in next(csv.reader([lines[head]], delimiter=parting))]
    for wanted in _NAMES:
        if wanted not in names:
            raise WeatherError(
                f"{path}, line {head + 1}: column {wanted} is missing; found {', '.join(names)}"
            )
    days: list[np.datetime64] = []
    numbers: list[int] = []
    columns: dict[str, list[float]] = {name: [] for name in _NAMES}
    for count, row in enumerate(csv.reader(lines[head + 1 :], delimiter=parting), start=head + 2):
        if not row or not "".join(row).strip():
            continue
        first = row[0].strip()
        if count == head + 2 and not first[:4].isdigit():
            continue  # the line of units
        if len(row) != len(names):
            raise WeatherError(f"{path}, line {count}: expected {len(names)} columns, found {len(row)}")
        day = _day(first, path, count)
        if days and day <= days[-1]:
            raise WeatherError(
                f"{path}, line {count}, column DAY: {day} does not come after {days[-1]} of the row before"
            )
        days.append(day)
        numbers.append(count)
        for name in _NAMES:
            k = names.index(name)
            text = row[k] if parting == "," else decimal_point(row[k])
            try:
                columns[name].append(number(text))
            except ValueError:
                raise WeatherError(
                    f"{path}, line {count}, column {name}: expected a number, found {text!r}"
                ) from None
    if not days:
        raise WeatherError(f"{path}: no day of weather in this file")
    latitude = _site_number(site, "Latitude", path)
    a = abs(_site_number(site, "AngstromA", path, 0.29))
    b = abs(_site_number(site, "AngstromB", path, 0.49))
    table = {name: np.array(values) for name, values in columns.items()}
    if site.get("hassunshine", "false").lower() == "true":
        of_year = np.array([(d - d.astype("datetime64[Y]")).astype(int) + 1 for d in days], float)
        table["IRRAD"] = irradiation_of_sunshine(table["IRRAD"], of_year, latitude, a, b) / 1e3
    elif np.nanmax(table["IRRAD"]) < 1000.0:
        raise WeatherError(
            f"{path}, column IRRAD: the unit is kJ/m2/d, but no value exceeds {np.nanmax(table['IRRAD']):g}; "
            "these look like MJ: multiply them by 1000"
        )
    values = {_NAMES[name][0]: table[name] * _NAMES[name][1] for name in _NAMES}
    for name, (low, high, unit) in RANGES.items():
        bad = np.flatnonzero((values[name] < low) | (values[name] > high))
        if bad.size:
            raise WeatherError(
                f"{path}, line {numbers[bad[0]]}, {name}: {values[name][bad[0]]:g} {unit} is outside {low:g} to {high:g}"
            )
    start, record = on_calendar(np.array(days), values)
    return Weather(
        site.get("station", path.stem),
        latitude,
        _site_number(site, "Longitude", path),
        _site_number(site, "Elevation", path, 0.0),
        start,
        **record,
        angstrom=(a, b),
        source=f"PCSE CSV {path.name}" + (f", {site['source']}" if site.get("source") else ""),
    )
