"""A table of sites as an agriculture officer keeps it (CSV); a site that cannot be used spoils only itself."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lumbung.farm.calendar.nearness import remarks_on
from lumbung.farm.calendar.season import DecisionError, Forecast, Site, period_of
from lumbung.farm.growing.crop_parameters import variety
from lumbung.farm.growing.harvest import PRODUCTION, Pond
from lumbung.farm.growing.soil_parameters import read_cabo_soil
from lumbung.farm.growing.soil_parameters import soil as known_soil
from lumbung.farm.weather.climates import climates, read_normals
from lumbung.farm.weather.gaps import fill_gaps
from lumbung.farm.weather.generator import generate_weather
from lumbung.farm.weather.record import Weather

COLUMNS = (
    "site", "latitude", "longitude", "weather", "soil", "varieties", "production", "irrigated", "habitual",
    "below", "normal", "above", "forecast_months", "elevation", "initial_water", "neighbour",
)  # fmt: skip
NEEDED = ("site",)
DEMO = "hyderabad"
DEFAULT_SOIL, DEFAULT_VARIETIES = "EC4", "IR72;IR64"
GENERATED_FROM, GENERATED_YEARS = 1991, 31
_NORMALS = ".normals.csv"
Thing = TypeVar("Thing")
_YES, _NO = ("yes", "y", "true", "1", "ya"), ("no", "n", "false", "0", "tidak", "")


class SitesError(ValueError):
    """A table of sites that cannot be read at all."""


@dataclass
class SiteTable:
    """The rows of a table: sites that can be used, and what was wrong with the others.

    Attributes
    ----------
    sites
        By line.
    problems
        Reason by line.
    names
        Site name by line, for all lines.
    remarks
        By line: what can be used but must be known, as a record from far away.
    """

    path: Path
    sites: dict[int, Site] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    remarks: dict[int, list[str]] = field(default_factory=dict)


def read_sites(
    path: Path, folder: Path | None, read_weather: Callable[[Path], Weather] | None = None
) -> SiteTable:
    """Read a table of sites and what it refers to.

    Parameters
    ----------
    path
        CSV with a header; only ``site`` is needed, see ``lumbung farm calendar --help``.
    folder
        Where weather and soil files are. Without it the demo record (Hyderabad) stands in where none is named.
    read_weather
        Reads a weather file; the package's own reader where None.

    Raises
    ------
    SitesError
        No such table, no ``site`` column, a column nobody knows, or no row.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            header = [(name or "").strip().lower() for name in reader.fieldnames or []]
            reader.fieldnames = header
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SitesError(f"{path}: cannot be read as a CSV table: {error}") from error
    unknown = [name for name in header if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in header]
    if unknown or missing:
        raise SitesError(
            f"{path}, line 1: expected columns {', '.join(COLUMNS)} (only site is needed); "
            f"found {', '.join(header) or 'nothing'}"
        )
    if not rows:
        raise SitesError(f"{path}: a header but no site below it")
    table, shelf = SiteTable(path), _Shelf(folder, read_weather)
    seen: dict[str, int] = {}
    for line, row in rows:
        name = (row.get("site") or "").strip()
        table.names[line] = name or f"line {line}"
        try:
            if not name:
                raise ValueError("column site: expected a name, found nothing")
            if name in seen:
                raise ValueError(f"column site: {name!r} stands in line {seen[name]} already")
            seen[name] = line
            table.sites[line], remarks = _site(name, row, shelf)
            if remarks:
                table.remarks[line] = remarks
        except (ValueError, OSError) as error:
            table.problems[line] = str(error)
    return table


class _Shelf:
    """Weather and soils by name, each made once, so that sites that share a record share its daily terms."""

    def __init__(self, folder: Path | None, read: Callable[[Path], Weather] | None) -> None:
        self._folder, self._read = folder, read
        self._kept: dict[tuple[Any, ...], Any] = {}

    def _once(self, key: tuple[Any, ...], make: Callable[[], Thing]) -> Thing:
        if key not in self._kept:
            try:
                self._kept[key] = make()
            except (ValueError, OSError) as error:
                self._kept[key] = ValueError(str(error))
        if isinstance(self._kept[key], ValueError):
            raise self._kept[key]
        kept: Thing = self._kept[key]
        return kept

    def weather(self, name: str, latitude: float | None, longitude: float | None) -> Weather:
        if name.lower() == DEMO:
            from lumbung.farm.weather.hyderabad import hyderabad

            return self._once(("demo",), hyderabad)
        if name in climates():
            return self._once(("climate", name), lambda: _generated(climates()[name]))
        if self._folder is None:
            raise ValueError(
                f"column weather: {name!r} is a file, and no folder is given; say --weather DIR "
                f"(without it: {DEMO}, {', '.join(climates())})"
            )
        path = self._folder / name
        if name.endswith(_NORMALS):
            if latitude is None or longitude is None:
                raise ValueError(f"column weather: {name} holds normals, which need latitude and longitude")
            return self._once(
                (path, latitude, longitude), lambda: _generated(read_normals(path, latitude, longitude))
            )
        if path.suffix.lower() == ".csv" and path.is_file() and _is_bmkg(path):
            if latitude is None or longitude is None:
                raise ValueError(f"column weather: {name} is BMKG's, which needs latitude and longitude")
            from lumbung.farm.weather.bmkg import read_bmkg

            return self._once((path, latitude, longitude), lambda: read_bmkg(path, latitude, longitude))
        if self._read is None:
            from lumbung.farm.weather import read_weather

            self._read = read_weather
        read = self._read
        return self._once((path,), lambda: read(path))

    def whole(self, weather: Weather, neighbours: Sequence[Weather]) -> Weather:
        """Return a record with its gaps filled; once for all sites that share it and its neighbours."""
        return self._once(
            ("whole", id(weather), *map(id, neighbours)), lambda: fill_gaps(weather, neighbours)
        )

    @property
    def has_folder(self) -> bool:
        return self._folder is not None

    def named_after(self, site: str) -> str | None:
        """Find the weather file or folder that carries a site's name."""
        if self._folder is None or not self._folder.is_dir():
            return None
        for entry in sorted(self._folder.iterdir()):
            stem = entry.name.removesuffix(_NORMALS) if entry.name.endswith(_NORMALS) else entry.stem
            if stem.lower() == site.lower():
                return entry.name
        return None

    def soil(self, name: str) -> Any:
        def make() -> Any:
            path = self._folder / name if self._folder else None
            found = read_cabo_soil(path) if path is not None and path.is_file() else known_soil(name)
            return found if found.array is not None else None

        return self._once(("soil", name), make)

    def variety(self, name: str) -> Any:
        def make() -> Any:
            found = variety(name)
            return found if found.arrays is not None else None

        return self._once(("variety", name.lower()), make)


def _is_bmkg(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        return "RH_AVG" in stream.readline().upper()


def _generated(climate: Any) -> Weather:
    return generate_weather(climate, GENERATED_FROM, GENERATED_YEARS, seed=0)


def _site(name: str, row: Mapping[str, str], shelf: _Shelf) -> tuple[Site, list[str]]:
    def text(column: str, otherwise: str = "") -> str:
        return (row.get(column) or "").strip() or otherwise

    latitude, longitude = _degrees(text("latitude"), "latitude"), _degrees(text("longitude"), "longitude")
    weather_name = text("weather") or shelf.named_after(name)
    if weather_name is None and shelf.has_folder:
        raise ValueError(
            f"column weather: empty, and the weather folder holds no file called {name}; name one"
        )
    weather = shelf.weather(weather_name or DEMO, latitude, longitude)
    stands_in = weather_name is None  # no folder was given: the demo record serves, and the caption says so
    remarks = (
        []
        if stands_in
        else remarks_on(weather, latitude, longitude, _number_of(text("elevation"), "elevation"))
    )
    names = [part.strip() for part in text("neighbour").split(";") if part.strip()]
    weather = shelf.whole(weather, [shelf.weather(other, latitude, longitude) for other in names])
    production = text("production", "paddy")
    if production not in PRODUCTION:
        raise ValueError(f"column production: expected {', '.join(PRODUCTION)}, found {production!r}")
    irrigated = text("irrigated").lower()
    if irrigated not in (*_YES, *_NO):
        raise ValueError(f"column irrigated: expected yes or no, found {irrigated!r}")
    if irrigated in _YES and production != "paddy":
        raise ValueError(f"column irrigated: only a paddy can be kept flooded, this one is {production}")
    try:
        habitual = period_of(text("habitual")) if text("habitual") else None
    except DecisionError as error:
        raise ValueError(f"column habitual: {error}") from None
    water = _number_of(text("initial_water"), "initial_water")
    if water is not None and water < 0.0:
        raise ValueError(f"column initial_water: expected millimetres above wilting point, found {water:g}")
    site = Site(
        name,
        weather.latitude if latitude is None else latitude,
        weather.longitude if longitude is None else longitude,
        weather,
        shelf.soil(text("soil", DEFAULT_SOIL)),
        tuple(
            shelf.variety(v)
            for v in text("varieties", DEFAULT_VARIETIES).replace(",", ";").split(";")
            if v.strip()
        ),
        production,
        Pond() if irrigated in _YES else None,
        habitual,
        _forecast(row),
        water,
    )
    return site, remarks


def _number_of(text: str, column: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ValueError(f"column {column}: expected a number, found {text!r}")
    return value


def _degrees(text: str, column: str) -> float | None:
    if not text:
        return None
    most = 90.0 if column == "latitude" else 180.0
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        raise ValueError(f"column {column}: expected degrees between {-most:g} and {most:g}, found {text!r}")
    return value


def _forecast(row: Mapping[str, str]) -> Forecast | None:
    """Read a forecast; chances may be given in percent."""
    given = [(row.get(name) or "").strip() for name in ("below", "normal", "above")]
    if not any(given):
        return None
    try:
        chances = np.array([float(value) for value in given])
    except ValueError:
        raise ValueError(f"columns below, normal, above: expected three chances, found {given}") from None
    if chances.sum() > 2.0:
        chances = chances / 100.0
    months = (row.get("forecast_months") or "").strip()
    try:
        chosen = _months(months)
        below, normal, above = (float(c) for c in chances)
        return Forecast(below, normal, above, chosen)
    except (ValueError, DecisionError) as error:
        raise ValueError(f"columns below, normal, above, forecast_months: {error}") from None


def _months(text: str) -> tuple[int, ...]:
    """Read ``10-12`` (October to December), ``11-2`` or ``6;7;8``."""
    if not text:
        raise ValueError("a forecast needs forecast_months, as 10-12")
    if "-" in text:
        first, last = (int(part) for part in text.split("-"))
        count = (last - first) % 12 + 1
        return tuple((first - 1 + k) % 12 + 1 for k in range(count))
    return tuple(int(part) for part in text.replace(",", ";").split(";"))
