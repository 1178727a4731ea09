"""A table of seasons as people keep them (CSV), grown row by row; a bad row spoils only itself."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lumbung.farm.growing.crop_parameters import Variety, variety
from lumbung.farm.growing.harvest import PRODUCTION, STATUS, Harvest, Pond, grow
from lumbung.farm.growing.soil_parameters import Soil, read_cabo_soil, soil
from lumbung.farm.weather import hyderabad, read_weather
from lumbung.farm.weather.record import Weather

_KNOWN = ("start", "weather", "crop", "soil", "production", "sowing", "irrigated")
_YES, _NO = ("yes", "y", "true", "1", "ya"), ("no", "n", "false", "0", "tidak", "")
Thing = TypeVar("Thing")


class TableError(ValueError):
    """A table of seasons that cannot be read at all."""


@dataclass
class _Season:
    line: int
    start: np.datetime64
    weather: str
    crop: str
    soil: str
    production: str
    sowing: bool
    irrigated: bool


@dataclass
class Grown:
    """The seasons of a table, grown: one entry per data row, None where the row could not be."""

    seasons: list[_Season | None]
    lines: list[int]
    where: list[tuple[Harvest, int] | None]
    weathers: dict[str, Weather]
    problems: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def caption(self) -> str:
        """What a reader of the table must know of its weather."""
        made = sorted(name for name, w in self.weathers.items() if w.generated)
        notes = sorted({w.source for w in self.weathers.values() if "estimated" in w.source})
        return "; ".join([*(f"generated weather: {name}" for name in made), *notes])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row per season: what was asked, and what it brought."""
        why = dict(self.problems)
        for line, season, place in zip(self.lines, self.seasons, self.where, strict=True):
            row: dict[str, Any] = {"line": line}
            for name in ("start", "weather", "crop", "soil", "production"):
                row[name] = None if season is None else str(getattr(season, name))
            row |= _outcome(*place) if place is not None else dict.fromkeys(_OUTCOME)
            row["note"] = why.get(line, self._label(season))
            yield row

    def _label(self, season: _Season | None) -> str:
        made = season is not None and self.weathers[season.weather].generated
        return "generated weather" if made else ""

    def daily_rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row per season and day."""
        for line, season, place in zip(self.lines, self.seasons, self.where, strict=True):
            if season is None or place is None:
                continue
            harvest, k = place
            table = harvest.daily_table(k)
            for day in range(len(table["DVS"])):
                yield {
                    "line": line,
                    "day": str(season.start + day),
                    **{name: float(values[day]) for name, values in table.items()},
                    "note": self._label(season),
                }


_OUTCOME = (
    "end", "outcome", "days", "yield_kg_ha", "biomass_kg_ha", "emergence", "anthesis", "maturity", "lai_max",
    "rain_mm", "irrigation_mm", "transpiration_mm", "evaporation_mm", "percolation_mm", "runoff_mm",
)  # fmt: skip


def _outcome(harvest: Harvest, k: int) -> dict[str, Any]:
    """Return what a season brought, in the words and units of a table."""
    if harvest.failed[k]:
        return dict.fromkeys(_OUTCOME)

    def day(name: str) -> str | None:
        value = harvest.date(name)[k]
        return None if np.isnat(value) else str(value)

    def mm(*names: str) -> float:
        return round(10.0 * float(sum(harvest[name][k] for name in names)), 1)

    return {
        "end": day("DURATION"),
        "outcome": STATUS[int(harvest["STATUS"][k])],
        "days": int(harvest["DURATION"][k]),
        "yield_kg_ha": round(float(harvest["GRAIN"][k]), 1),
        "biomass_kg_ha": round(float(harvest["TAGP"][k]), 1),
        "emergence": day("DOE"),
        "anthesis": day("DOA"),
        "maturity": day("DOM"),
        "lai_max": round(float(harvest["LAIMAX"][k]), 2),
        "rain_mm": mm("RAINT"),
        "irrigation_mm": mm("TOTIRR"),
        "transpiration_mm": mm("WTRAT"),
        "evaporation_mm": mm("EVST", "EVWT"),
        "percolation_mm": mm("LOSST"),
        "runoff_mm": mm("TSR"),
    }


def _truth(text: str, name: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError(f"column {name}: expected yes or no, found {text!r}")


def _read_row(line: int, row: Mapping[str, str]) -> _Season:
    def text(name: str, otherwise: str) -> str:
        return (row.get(name) or "").strip() or otherwise

    try:
        start: np.datetime64 = np.datetime64(date.fromisoformat(text("start", "")), "D")
    except ValueError:
        raise ValueError(f"column start: expected a date as 2024-11-01, found {row.get('start')!r}") from None
    production = text("production", "water-limited")
    if production not in PRODUCTION:
        raise ValueError(f"column production: expected {', '.join(PRODUCTION)}, found {production!r}")
    return _Season(
        line,
        start,
        text("weather", "hyderabad"),
        text("crop", "IR72"),
        text("soil", "EC3"),
        production,
        _truth(text("sowing", ""), "sowing"),
        _truth(text("irrigated", ""), "irrigated"),
    )


def _find_weather(name: str, folder: Path) -> Weather:
    return hyderabad() if name.lower() == "hyderabad" else read_weather(folder / name)


def _find_soil(name: str, folder: Path) -> Soil:
    return read_cabo_soil(folder / name) if (folder / name).is_file() else soil(name)


class _Shelf:
    """Things by name, each found once; a name that cannot be found is remembered with its reason."""

    def __init__(self, find: Callable[[str], Any]) -> None:
        self._find = find
        self.found: dict[str, Any] = {}
        self._faults: dict[str, str] = {}

    def __call__(self, name: str) -> Any:
        if name in self._faults:
            raise ValueError(self._faults[name])
        if name not in self.found:
            try:
                self.found[name] = self._find(name)
            except (ValueError, OSError) as error:
                self._faults[name] = str(error)
                raise ValueError(str(error)) from error
        return self.found[name]


def _checked(thing: Thing, attribute: str) -> Thing:
    """Return a variety or soil after its parameters have been checked, so that a fault is its row's own."""
    getattr(thing, attribute)
    return thing


def grow_table(path: Path, folder: Path, *, daily: bool = False, threads: int | None = None) -> Grown:
    """Grow the seasons of a CSV table.

    Parameters
    ----------
    path
        The table; see ``lumbung farm simulate --help`` for its columns.
    folder
        Where the names of weather and soil files begin.
    daily
        Keep daily tables.
    threads
        All processors by default.

    Raises
    ------
    TableError
        When there is no such table, or its header has no ``start`` or a column nobody knows.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            header = [(name or "").strip() for name in reader.fieldnames or []]
            reader.fieldnames = header
            table = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path}: cannot be read as a CSV table: {error}") from error
    unknown = [name for name in header if name not in _KNOWN]
    if "start" not in header or unknown:
        raise TableError(
            f"{path}, line 1: expected columns {', '.join(_KNOWN)} (only start is needed); "
            f"found {', '.join(header) or 'nothing'}"
        )
    if not table:
        raise TableError(f"{path}: a header but no season below it")
    shelf_weather = _Shelf(lambda name: _find_weather(name, folder))
    shelf_soil = _Shelf(lambda name: _checked(_find_soil(name, folder), "array"))
    shelf_crop = _Shelf(lambda name: _checked(variety(name), "arrays"))
    grown = Grown([], [], [None] * len(table), shelf_weather.found)
    groups: dict[str, list[int]] = {}
    for k, (line, row) in enumerate(table):
        grown.lines.append(line)
        try:
            season = _read_row(line, row)
            shelf_weather(season.weather), shelf_crop(season.crop), shelf_soil(season.soil)
            grown.seasons.append(season)
            groups.setdefault(season.production, []).append(k)
        except ValueError as error:
            grown.seasons.append(None)
            grown.problems.append((line, str(error)))
    for production, members in groups.items():
        _grow_group(grown, production, members, shelf_weather, shelf_crop, shelf_soil, daily, threads)
    grown.problems.sort()
    return grown


def _grow_group(
    grown: Grown,
    production: str,
    members: Sequence[int],
    weathers: _Shelf,
    crops: _Shelf,
    soils: _Shelf,
    daily: bool,
    threads: int | None,
) -> None:
    """Grow the rows of one kind of production and note where each result stands."""
    seasons = [s for s in (grown.seasons[k] for k in members) if s is not None]
    names_w, names_c, names_s = list(weathers.found), list(crops.found), list(soils.found)
    crop_list: list[Variety] = list(crops.found.values())
    harvest = grow(
        list(weathers.found.values()),
        crop_list,
        list(soils.found.values()),
        [s.start for s in seasons],
        weather_index=[names_w.index(s.weather) for s in seasons],
        crop_index=[names_c.index(s.crop) for s in seasons],
        soil_index=[names_s.index(s.soil) for s in seasons],
        production=production,
        sowing=[s.sowing for s in seasons],
        pond=[Pond() if s.irrigated else None for s in seasons],
        daily=daily,
        on_fault="report",
        threads=threads,
    )
    why = dict(harvest.problems())
    for position, k in enumerate(members):
        if position in why:
            grown.problems.append((grown.lines[k], why[position]))
        grown.where[k] = (harvest, position) if not harvest.failed[position] else None
