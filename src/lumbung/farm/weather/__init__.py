"""Weather: one record type, and readers that catch what is wrong with a file before a crop grows on it."""

from __future__ import annotations

from pathlib import Path

from lumbung.farm.weather.bmkg import is_bmkg, read_bmkg, states_place
from lumbung.farm.weather.cabo import read_cabo
from lumbung.farm.weather.climates import climates, read_normals
from lumbung.farm.weather.dssat import read_dssat
from lumbung.farm.weather.gaps import fill_gaps
from lumbung.farm.weather.generator import Climate, climate_of_normals, fit_climate, generate_weather
from lumbung.farm.weather.grids import grid_cell
from lumbung.farm.weather.hyderabad import hyderabad
from lumbung.farm.weather.nasa_power import nasa_power, read_nasa_power
from lumbung.farm.weather.open_meteo import open_meteo, read_open_meteo
from lumbung.farm.weather.pcse_csv import read_pcse_csv
from lumbung.farm.weather.record import Step, Weather, WeatherError
from lumbung.farm.weather.tables import SPREADSHEETS, rows_of, text_of

__all__ = [
    "Climate",
    "Step",
    "Weather",
    "WeatherError",
    "climate_of_normals",
    "climates",
    "fill_gaps",
    "fit_climate",
    "generate_weather",
    "grid_cell",
    "hyderabad",
    "nasa_power",
    "needs_place",
    "open_meteo",
    "read_bmkg",
    "read_cabo",
    "read_dssat",
    "read_nasa_power",
    "read_normals",
    "read_open_meteo",
    "read_pcse_csv",
    "read_weather",
]


def read_weather(
    path: Path | str,
    latitude: float | None = None,
    longitude: float | None = None,
    elevation: float | None = None,
    *,
    faults: list[WeatherError] | None = None,
) -> Weather:
    """Read a weather file, or a folder with the files of one station, whatever format it is in.

    DSSAT (``.WTH``), CABO (``.985``), NetCDF of ERA5, ERA5-Land, AgERA5 and others (``.nc``), BMKG (CSV, ``.xlsx``), NASA POWER and
    Open-Meteo (CSV, JSON), PCSE (CSV). Text tables are told apart by what stands in them, not by their name.

    Parameters
    ----------
    path
    latitude, longitude, elevation
        Of the place [deg, deg, m], for formats that do not say: BMKG without a station's head, and grids, of which the
        nearest cell is taken.
    faults
        Faulty CABO years go there where given, see :func:`read_cabo`.

    Raises
    ------
    WeatherError
        When no format fits, or the file is at fault; names what was found.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import farm
    >>> _ = Path("PHL1.985").write_text('''121.25 14.17 21. -0.18 -0.55
    ... 1 1985 1 16000. 22.1 29.8 2.6 1.2 0.0
    ... 1 1985 2 14500. 22.4 29.0 2.7 1.4 6.5
    ... ''')
    >>> farm.read_weather("PHL1.985").rain.tolist()  # mm; the format is told by what the file holds
    [0.0, 6.5]
    """
    path = Path(path)
    if path.is_dir():
        members = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith((".", "~$")))
    elif path.is_file():
        members = [path]
    else:
        raise WeatherError(f"{path}: no such file or folder")
    kinds = {member: _kind(member) for member in members}
    known = sorted(set(kinds.values()) - {""})
    if len(known) != 1:
        raise WeatherError(
            f"{path}: expected files of one weather format ({', '.join(FORMATS)}), found {', '.join(known) or 'none'}"
        )
    kind = known[0]
    chosen = [member for member in members if kinds[member] == kind]
    if kind == "CABO":
        return read_cabo(chosen, faults=faults)
    if kind == "DSSAT":
        return read_dssat(chosen)
    if kind == "BMKG":
        return read_bmkg(chosen, latitude, longitude, elevation)
    if kind == "NetCDF":
        if latitude is None or longitude is None:
            raise WeatherError(f"{path}: a grid needs latitude and longitude of the place")
        return grid_cell(path, latitude, longitude, elevation=elevation or 0.0)
    if len(chosen) > 1:
        raise WeatherError(f"{path}: a folder of {kind} files holds several stations; name one of the files")
    readers = {"NASA POWER": read_nasa_power, "Open-Meteo": read_open_meteo, "PCSE CSV": read_pcse_csv}
    return readers[kind](chosen[0])


def needs_place(path: Path | str) -> bool:
    """Return whether a file or folder does not say where its weather was: a grid, or BMKG without a station's head."""
    path = Path(path)
    first = (
        next((p for p in sorted(path.iterdir()) if p.is_file() and _kind(p)), path) if path.is_dir() else path
    )
    if not first.is_file():
        return False
    kind = _kind(first)
    return kind == "NetCDF" or (kind == "BMKG" and not states_place(rows_of(first)))


FORMATS = ("BMKG", "CABO", "DSSAT", "NASA POWER", "NetCDF", "Open-Meteo", "PCSE CSV")


def _kind(path: Path) -> str:
    """Return which of FORMATS a file has, empty where none."""
    suffix = path.suffix.lower()
    if suffix == ".wth":
        return "DSSAT"
    if suffix in (".nc", ".nc4"):
        return "NetCDF"
    if suffix in SPREADSHEETS:
        return "BMKG"
    if len(suffix) == 4 and suffix[1:].isdigit():
        return "CABO"
    if suffix not in (".csv", ".txt", ".json"):
        return ""
    head = text_of(path)[:20000]
    if head.lstrip().startswith("{"):
        return "Open-Meteo" if '"daily"' in head else "NASA POWER"
    if "-BEGIN HEADER-" in head[:200]:
        return "NASA POWER"
    if is_bmkg([line.replace(";", ",").replace("\t", ",").split(",") for line in head.splitlines()]):
        return "BMKG"
    if "temperature_2m" in head:
        return "Open-Meteo"
    return "PCSE CSV" if suffix == ".csv" else ""
