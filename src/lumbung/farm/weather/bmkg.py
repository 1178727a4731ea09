"""Daily tables of BMKG, Indonesia's weather service, as its data portal gives them out (CSV).

Columns: TANGGAL (DD-MM-YYYY), TN, TX, TAVG [C], RH_AVG [%], RR [mm], SS [h of sunshine], FF_AVG [m/s at 10 m]. The table
marks with 8888 rain that fell but was too little to measure, a trace, which counts as 0.1 mm here, and with 9999, ``-`` or
an empty field what was not observed.
"""

from __future__ import annotations

import csv
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

_COLUMNS = ("TN", "TX", "RH_AVG", "RR", "SS", "FF_AVG")


def read_bmkg(path: Path | str, latitude: float, longitude: float, elevation: float = 0.0) -> Weather:
    """Read a daily table of BMKG; the table does not say where it was measured.

    Raises
    ------
    WeatherError
        Names file, line and column.
    """
    path = Path(path)
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    head = next((k for k, row in enumerate(rows) if row and row[0].strip().upper() == "TANGGAL"), None)
    if head is None:
        raise WeatherError(f"{path}: no line begins with TANGGAL; is this a daily table of BMKG?")
    names = [name.strip().upper() for name in rows[head]]
    for wanted in _COLUMNS:
        if wanted not in names:
            raise WeatherError(
                f"{path}, line {head + 1}: column {wanted} is missing; found {', '.join(names)}"
            )
    days: list[np.datetime64] = []
    columns: dict[str, list[float]] = {name: [] for name in _COLUMNS}
    traces = 0
    for count, row in enumerate(rows[head + 1 :], start=head + 2):
        parts = row[0].strip().split("-") if row else []
        if len(parts) != 3:
            continue  # blank lines and the legend below the table
        try:
            days.append(np.datetime64(f"{int(parts[2]):04d}-{int(parts[1]):02d}-{int(parts[0]):02d}", "D"))
        except ValueError:
            raise WeatherError(
                f"{path}, line {count}, column TANGGAL: expected DD-MM-YYYY, found {row[0]!r}"
            ) from None
        for name in _COLUMNS:
            k = names.index(name)
            try:
                text = row[k] if k < len(row) else ""
                columns[name].append(rain_number(text) if name == "RR" else number(text))
                traces += name == "RR" and is_trace(text)
            except ValueError:
                raise WeatherError(
                    f"{path}, line {count}, column {name}: expected a number, found {row[k]!r}"
                ) from None
    if not days:
        raise WeatherError(f"{path}: no day of weather in this file")
    table = {name: np.array(values) for name, values in columns.items()}
    order = np.array(days)
    if np.unique(order).size != order.size:
        raise WeatherError(f"{path}, column TANGGAL: a day stands twice in the table")
    of_year = (order - order.astype("datetime64[Y]")).astype(float) + 1.0
    # Angstrom coefficients of the humid tropics (Frere & Popov 1979).
    a, b = 0.29, 0.42
    first, record = on_calendar(
        order,
        {
            "tmin": table["TN"],
            "tmax": table["TX"],
            "irradiation": irradiation_of_sunshine(table["SS"], of_year, latitude, a, b),
            "vapour_pressure": vapour_pressure_of_humidity(table["RH_AVG"], table["TN"], table["TX"]),
            "wind": wind_at_2m(table["FF_AVG"]),
            "rain": table["RR"],
        },
    )
    return Weather(
        path.stem,
        latitude,
        longitude,
        elevation,
        first,
        **record,
        angstrom=(a, b),
        history=(Step("rain", "trace", traces, f"8888 in column RR counts as {TRACE:g} mm"),)
        if traces
        else (),
        source=f"BMKG {path.name}; radiation from sunshine, vapour pressure from mean humidity",
    )
