"""A table of sites as an agriculture officer keeps it (CSV, semicolons, spreadsheet); a bad row spoils only itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lumbung.farm.calendar.nearness import remarks_on
from lumbung.farm.calendar.people_dates import DateError, months_of, periods_within
from lumbung.farm.calendar.season import DecisionError, Forecast, Site, period_of
from lumbung.farm.growing.crop_parameters import read_crop_yaml, variety
from lumbung.farm.growing.field import pattern_words
from lumbung.farm.growing.harvest import PRODUCTION, Pond, SeasonError
from lumbung.farm.growing.nursery import OLDEST, USUAL_AGE
from lumbung.farm.growing.soil_parameters import read_cabo_soil
from lumbung.farm.growing.soil_parameters import soil as known_soil
from lumbung.farm.weather.climates import climates, read_normals
from lumbung.farm.weather.gaps import fill_gaps
from lumbung.farm.weather.generator import generate_weather
from lumbung.farm.weather.record import Weather, WeatherError
from lumbung.farm.weather.tables import decimal_point, rows_of

COLUMNS = (
    "site", "latitude", "longitude", "weather", "soil", "varieties", "production", "irrigated", "habitual",
    "below", "normal", "above", "forecast_months", "elevation", "initial_water", "neighbour", "pattern", "secondary",
    "seedling_age", "area", "within", "region",
)  # fmt: skip
# What people call the columns in Indonesian and Chinese.
_ALIASES = {
    "lokasi": "site", "nama": "site", "desa": "site", "kelurahan": "site", "nama desa": "site", "village": "site", "村": "site", "地点": "site", "lintang": "latitude", "纬度": "latitude", "bujur": "longitude",
    "经度": "longitude", "cuaca": "weather", "气象": "weather", "tanah": "soil", "土壤": "soil", "varietas": "varieties",
    "品种": "varieties", "variety": "varieties", "produksi": "production", "irigasi": "irrigated", "灌溉": "irrigated",
    "kebiasaan": "habitual", "习惯播期": "habitual", "elevasi": "elevation", "海拔": "elevation", "pola tanam": "pattern",
    "种植模式": "pattern", "palawija": "secondary", "旱作品种": "secondary", "umur bibit": "seedling_age", "秧龄": "seedling_age",
    "kabupaten": "region", "wilayah": "region", "县市": "region", "luas": "area", "面积": "area", "rentang": "within", "起始范围": "within",
}  # fmt: skip
_TOTALS = frozenset({"jumlah", "total", "rata-rata", "rerata", "sum", "mean", "合计", "总计", "平均"})
DEMO = "hyderabad"
DEFAULT_SOIL, DEFAULT_VARIETIES = "EC4", "IR72;IR64"
GENERATED_FROM, GENERATED_YEARS = 1991, 31
MOST_WATER = 2000.0  # mm
_NORMALS = ".normals.csv"
Thing = TypeVar("Thing")
_YES, _NO = ("yes", "y", "true", "1", "ya", "是"), ("no", "n", "false", "0", "tidak", "否", "")


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
    extras
        By line: columns nobody here knows, carried through to the decisions.
    """

    path: Path
    sites: dict[int, Site] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    remarks: dict[int, list[str]] = field(default_factory=dict)
    extras: dict[int, dict[str, str]] = field(default_factory=dict)


def read_sites(
    path: Path, folder: Path | None, read_weather: Callable[[Path], Weather] | None = None
) -> SiteTable:
    """Read a table of sites and what it refers to.

    Parameters
    ----------
    path
        CSV (commas or semicolons, any usual encoding) or ``.xlsx`` with a header; only ``site`` is needed, see
        ``lumbung farm calendar --help``. Other columns are carried through.
    folder
        Where weather and soil files are. Without it the demo record (Hyderabad) stands in where none is named.
    read_weather
        Reads a weather file; the package's own reader where None.

    Raises
    ------
    SitesError
        No such table, no ``site`` column, a column twice, or no row.
    """
    try:
        cells = rows_of(path)
    except WeatherError as error:
        raise SitesError(str(error)) from error
    written = [name.strip() for name in (cells[0] if cells else [])]
    header = [column_of(name) for name in written]
    if "site" not in header:
        raise SitesError(
            f"{path}, line 1: expected columns {', '.join(COLUMNS)} (only site is needed); "
            f"found {', '.join(written) or 'nothing'}"
        )
    twice = next((name for name in COLUMNS if header.count(name) > 1), None)
    if twice is not None:
        raise SitesError(f"{path}, line 1: the column {twice} stands there twice: {', '.join(written)}")
    wide = {line for line, row in enumerate(cells[1:], start=2) if any(row[len(header) :])}
    rows = [
        (line, dict(zip(header, row, strict=False)))
        for line, row in enumerate(cells[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    if not rows:
        raise SitesError(f"{path}: a header but no site below it")
    others = list(dict.fromkeys(name for name in header if name and name not in COLUMNS))
    table, shelf = SiteTable(path), _Shelf(folder, read_weather)
    seen: dict[str, int] = {}
    for other in others:
        near = get_close_matches(other.lower(), COLUMNS, 1, 0.75)
        if near:
            table.remarks[1] = [
                *table.remarks.get(1, []),
                f"the column {other!r} is kept as it is and not used; do you mean {near[0]}?",
            ]
    for line, row in rows:
        if any(cell.strip().lower().rstrip(" :.") in _TOTALS for cell in row.values()):
            table.remarks[line] = ["a row of totals or means, left out"]
            continue
        name = (row.get("site") or "").strip()
        table.names[line] = name or f"line {line}"
        if others:
            table.extras[line] = {other: (row.get(other) or "").strip() for other in others}
        try:
            if line in wide:
                raise ValueError(
                    f"more cells than the header has columns ({len(header)}); a stray separator?"
                )
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


def column_of(name: str) -> str:
    """Return a column's name here; one that nobody knows stays as it is written."""
    plain = name.strip().lower()
    if plain in COLUMNS:
        return plain
    return _ALIASES.get(plain, name.strip())


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

    def weather(
        self, name: str, latitude: float | None, longitude: float | None, elevation: float | None
    ) -> Weather:
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
        if self._read is not None:
            read = self._read
            return self._once((path,), lambda: read(path))
        from lumbung.farm.weather import needs_place, read_weather

        if needs_place(path):
            if latitude is None or longitude is None:
                raise ValueError(f"column weather: {name} needs the site's latitude and longitude")
            return self._once(
                (path, latitude, longitude, elevation),
                lambda: read_weather(path, latitude, longitude, elevation),
            )
        return self._once((path,), lambda: read_weather(path))

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
        """Find one of our varieties, or ``FILE.yaml#NAME`` of the weather folder."""

        def make() -> Any:
            file, mark, own = name.strip().partition("#")
            if mark and self._folder is not None:
                if not (self._folder / file).is_file():
                    raise ValueError(f"column varieties: no file {file} in {self._folder}")
                held = read_crop_yaml(self._folder / file)
                if own not in held:
                    raise ValueError(f"column varieties: {file} holds no {own}; there are {', '.join(held)}")
                found = held[own]
            else:
                found = variety(name)
            return found if found.arrays is not None else None

        return self._once(("variety", name.lower()), make)


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
    elevation = _number_of(text("elevation"), "elevation")
    weather = shelf.weather(weather_name or DEMO, latitude, longitude, elevation)
    stands_in = weather_name is None  # no folder was given: the demo record serves, and the caption says so
    remarks = [] if stands_in else remarks_on(weather, latitude, longitude, elevation)
    names = [part.strip() for part in text("neighbour").split(";") if part.strip()]
    weather = shelf.whole(weather, [shelf.weather(other, latitude, longitude, elevation) for other in names])
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
    if water is not None and not 0.0 <= water <= MOST_WATER:
        raise ValueError(
            f"column initial_water: expected 0 to {MOST_WATER:g} mm above wilting point, found {water:g}"
        )
    age = _number_of(text("seedling_age"), "seedling_age")
    if age is not None and not (0 <= age <= OLDEST and age == int(age)):
        raise ValueError(f"column seedling_age: expected whole days from 0 to {OLDEST}, found {age:g}")
    area = _number_of(text("area"), "area")
    if area is not None and not area > 0.0:
        raise ValueError(f"column area: expected hectares above 0, found {area:g}")
    patterns = tuple(part.strip() for part in text("pattern").split(";") if part.strip())
    for pattern in patterns:
        try:
            pattern_words(pattern)
        except SeasonError as error:
            raise ValueError(f"column pattern: {error}") from None
    try:
        within = periods_within(text("within")) if text("within") else None
    except DateError as error:
        raise ValueError(f"column within: {error}") from None
    site = Site(
        name,
        weather.latitude if latitude is None else latitude,
        weather.longitude if longitude is None else longitude,
        weather,
        shelf.soil(text("soil", DEFAULT_SOIL)),
        _varieties(text("varieties", DEFAULT_VARIETIES), shelf),
        production,
        Pond() if irrigated in _YES else None,
        habitual,
        _forecast(row),
        water,
        patterns,
        shelf.variety(text("secondary")) if text("secondary") else None,
        USUAL_AGE if age is None else int(age),
        area,
        within,
        text("region"),
    )
    return site, remarks


def _varieties(text: str, shelf: _Shelf) -> tuple[Any, ...]:
    names = [name for name in text.replace(",", ";").split(";") if name.strip()]
    if not names:
        raise ValueError(f"column varieties: expected names separated by ;, found {text!r}")
    return tuple(shelf.variety(name) for name in names)


def _number_of(text: str, column: str) -> float | None:
    if not text:
        return None
    try:
        value = float(decimal_point(text))
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ValueError(f"column {column}: expected a number, found {text!r}")
    return value


def _degrees(text: str, column: str) -> float | None:
    if not text:
        return None
    most = 90.0 if column == "latitude" else 180.0
    value = _degrees_as_written(text, column)
    if not -most <= value <= most:
        raise ValueError(f"column {column}: expected degrees between {-most:g} and {most:g}, found {text!r}")
    return value


# Words for the side of the earth, by column: those that make a number negative, and the others. Indonesian lintang selatan and
# utara, bujur barat and timur.
_SIDES = {
    "latitude": (("s", "ls", "south", "南纬", "南"), ("n", "lu", "north", "北纬", "北")),
    "longitude": (("w", "bb", "west", "西经", "西"), ("e", "bt", "east", "timur", "东经", "东")),
}
_DEGREES = re.compile(
    r"(-?\d+(?:\.\d+)?)\s*[°º度]?\s*(?:(\d+(?:\.\d+)?)\s*['′’分]?\s*)?(?:(\d+(?:\.\d+)?)\s*(?:\"|″|”|''|秒)?)?"
)


def _degrees_as_written(text: str, column: str) -> float:
    """Return degrees written as ``-6.5``, ``6,5 LS``, ``6°20'30"S`` or ``北纬22.8°``; NaN for anything else."""
    plain, sign = re.sub(r"(?<=\d),(?=\d)", ".", text.strip().lower()), 1.0
    for words, factor in zip(_SIDES[column], (-1.0, 1.0), strict=True):
        for word in sorted(words, key=len, reverse=True):
            bare = plain.removeprefix(word) if plain.startswith(word) else plain.removesuffix(word)
            if bare != plain:
                plain, sign = bare.strip(), factor
                break
        else:
            continue
        break
    found = _DEGREES.fullmatch(plain)
    if found is None or (found[1].startswith("-") and (sign < 0.0 or found[2])):
        return float("nan")
    minutes, seconds = float(found[2] or 0.0), float(found[3] or 0.0)
    if minutes >= 60.0 or seconds >= 60.0:
        return float("nan")
    return sign * (float(found[1]) + minutes / 60.0 + seconds / 3600.0)


def _forecast(row: Mapping[str, str]) -> Forecast | None:
    """Read a forecast; chances may be given in percent."""
    given = [(row.get(name) or "").strip() for name in ("below", "normal", "above")]
    if not any(given):
        return None
    try:
        chances = np.array([float(decimal_point(value.rstrip("%％ "))) for value in given])
    except ValueError:
        raise ValueError(f"columns below, normal, above: expected three chances, found {given}") from None
    if chances.sum() > 2.0:
        chances = chances / 100.0
    months = (row.get("forecast_months") or "").strip()
    try:
        if not months:
            raise ValueError("a forecast needs forecast_months, as 10-12")
        chosen = months_of(months)
        below, normal, above = (float(c) for c in chances)
        return Forecast(below, normal, above, chosen)
    except (ValueError, DecisionError) as error:
        raise ValueError(f"columns below, normal, above, forecast_months: {error}") from None
