"""Weather: one record type, and readers that catch what is wrong with a file before a crop grows on it."""

from __future__ import annotations

from pathlib import Path

from lumbung.farm.weather.bmkg import read_bmkg
from lumbung.farm.weather.cabo import read_cabo
from lumbung.farm.weather.climates import climates, read_normals
from lumbung.farm.weather.dssat import read_dssat
from lumbung.farm.weather.generator import Climate, climate_of_normals, fit_climate, generate_weather
from lumbung.farm.weather.grids import grid_cell
from lumbung.farm.weather.hyderabad import hyderabad
from lumbung.farm.weather.nasa_power import nasa_power
from lumbung.farm.weather.open_meteo import open_meteo
from lumbung.farm.weather.pcse_csv import read_pcse_csv
from lumbung.farm.weather.record import Weather, WeatherError

__all__ = [
    "Climate",
    "Weather",
    "WeatherError",
    "climate_of_normals",
    "climates",
    "fit_climate",
    "generate_weather",
    "grid_cell",
    "hyderabad",
    "nasa_power",
    "open_meteo",
    "read_bmkg",
    "read_cabo",
    "read_dssat",
    "read_normals",
    "read_pcse_csv",
    "read_weather",
]


def read_weather(path: Path | str, *, faults: list[WeatherError] | None = None) -> Weather:
    """Read a weather file, or a folder with the files of one station, by the format its name tells.

    ``.csv``: PCSE-style; ``.WTH``: DSSAT; ``.985`` and its like: CABO. In a folder all files must share one format.
    Faulty CABO years go to ``faults`` where given, see :func:`read_cabo`.

    Raises
    ------
    WeatherError
        When the name tells no format, or the file is at fault.
    """
    path = Path(path)
    if path.is_dir():
        members = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    elif path.is_file():
        members = [path]
    else:
        raise WeatherError(f"{path}: no such file or folder")
    kinds = {_kind(member) for member in members} - {""}
    if len(kinds) != 1:
        found = ", ".join(sorted(kinds)) or "none"
        raise WeatherError(
            f"{path}: expected files of one weather format (PCSE .csv, DSSAT .WTH, CABO .985), found {found}"
        )
    kind = kinds.pop()
    chosen = [member for member in members if _kind(member) == kind]
    if kind == "CABO":
        return read_cabo(chosen, faults=faults)
    if kind == "DSSAT":
        return read_dssat(chosen)
    if len(chosen) > 1:
        raise WeatherError(
            f"{path}: a folder of PCSE CSV files holds several stations; name one of the files"
        )
    return read_pcse_csv(chosen[0])


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return "PCSE CSV"
    if suffix == ".wth":
        return "DSSAT"
    return "CABO" if len(suffix) == 4 and suffix[1:].isdigit() else ""
