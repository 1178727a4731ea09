"""Climates held as a table, and those a user writes down as monthly normals: what generated weather is made from."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from lumbung.farm.weather.generator import Climate, climate_of_normals
from lumbung.farm.weather.record import WeatherError, number

NORMALS = ("month", "rain", "wet_days", "tmin", "tmax")


@cache
def climates() -> dict[str, Climate]:
    """Return our climates by name: one per rainfall region of Indonesia, in round figures.

    Examples
    --------
    >>> from lumbung import farm
    >>> sorted(farm.climates())
    ['equatorial', 'local', 'monsoonal']
    """
    table = tomllib.loads((files("lumbung.farm") / "tables" / "climates.toml").read_text(encoding="utf-8"))
    return {
        name: climate_of_normals(
            name,
            **{key: value for key, value in entry.items() if key != "about"},
            source=f"{table['source']} ({name}: {entry['about']})",
        )
        for name, entry in table["climates"].items()
    }


def read_normals(path: Path | str, latitude: float, longitude: float, elevation: float = 0.0) -> Climate:
    r"""Read monthly normals: a CSV file with columns month (1 to 12), rain [mm], wet_days, tmin and tmax [C].

    Raises
    ------
    WeatherError
        Names file, line and column.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import farm
    >>> wet, dry = "320,20,22,30", "60,5,23,32"
    >>> rows = [f"{month},{wet if month < 5 else dry}" for month in range(1, 13)]
    >>> _ = Path("subang.csv").write_text("\n".join(["month,rain,wet_days,tmin,tmax", *rows]))
    >>> farm.read_normals("subang.csv", latitude=-6.5, longitude=107.8, elevation=60)
    <Climate 'subang' at -6.50, 107.80, 60 m: generated, from normals in subang.csv>
    """
    path = Path(path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in NORMALS if name not in (reader.fieldnames or [])]
        if missing:
            raise WeatherError(
                f"{path}, line 1: no column {', '.join(missing)}; expected {', '.join(NORMALS)}"
            )
        rows: dict[int, list[float]] = {}
        for row in reader:
            values = []
            for name in NORMALS:
                try:
                    values.append(number(row[name] or ""))
                except ValueError:
                    raise WeatherError(
                        f"{path}, line {reader.line_num}, column {name}: expected a number, found {row[name]!r}"
                    ) from None
            if not 1 <= values[0] <= 12 or values[0] != int(values[0]) or int(values[0]) in rows:
                raise WeatherError(
                    f"{path}, line {reader.line_num}, column month: expected 1 to 12, each once; "
                    f"found {row['month']!r}"
                )
            rows[int(values[0])] = values[1:]
    if len(rows) != 12:
        raise WeatherError(f"{path}: expected twelve months, found {len(rows)}")
    rain, wet_days, tmin, tmax = (
        list(column) for column in zip(*(rows[m] for m in range(1, 13)), strict=True)
    )
    return climate_of_normals(
        path.stem,
        latitude,
        longitude,
        elevation,
        rain,
        wet_days,
        tmin,
        tmax,
        source=f"normals in {path.name}",
    )
