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
from lumbung.farm.growing.fertiliser_table import FertiliserTableError, read_fertiliser
from lumbung.farm.growing.harvest import LONGEST, PRODUCTION, STATUS, Harvest, Pond, grow
from lumbung.farm.growing.nitrogen import Application, Nitrogen, SoilNitrogen, outside
from lumbung.farm.growing.soil_parameters import Soil, read_cabo_soil, soil
from lumbung.farm.weather import hyderabad, read_weather
from lumbung.farm.weather.record import Weather

_KNOWN = (
    "start",
    "weather",
    "crop",
    "soil",
    "production",
    "sowing",
    "irrigated",
    "soil_nitrogen",
    "fertiliser",
)
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
    nitrogen: Nitrogen | None


@dataclass
class Grown:
    """The seasons of a table, grown: one entry per data row, None where the row could not be."""

    seasons: list[_Season | None]
    lines: list[int]
    where: list[tuple[Harvest, int] | None]
    weathers: dict[str, Weather]
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def has_nitrogen(self) -> bool:
        """Whether any season of the table says what nitrogen there is."""
        return any(season is not None and season.nitrogen is not None for season in self.seasons)

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
            if self.has_nitrogen:
                row |= _nitrogen_outcome(season, place)
            row["note"] = why.get(line, self._label(season))
            yield row

    def _label(self, season: _Season | None) -> str:
        made = season is not None and self.weathers[season.weather].generated
        return "generated weather" if made else ""

    def daily_rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row per season and day; what only seasons with nitrogen have is None in the others."""
        columns = dict.fromkeys(name for place in self.where if place for name in place[0].daily_names)
        for line, season, place in zip(self.lines, self.seasons, self.where, strict=True):
            if season is None or place is None:
                continue
            harvest, k = place
            table = harvest.daily_table(k)
            for day in range(len(table["DVS"])):
                yield {
                    "line": line,
                    "day": str(season.start + day),
                    **columns,
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


_NITROGEN = ("fertiliser_n_kg_ha", "uptake_n_kg_ha", "soil_left_n_kg_ha")


def _nitrogen_outcome(season: _Season | None, place: tuple[Harvest, int] | None) -> dict[str, Any]:
    """Return the fertiliser given until the end, what the crop took up, and what the soil still holds [kg N/ha]."""
    if season is None or season.nitrogen is None or place is None or place[0].failed[place[1]]:
        return dict.fromkeys(_NITROGEN)
    harvest, k = place
    last = int(harvest["DURATION"][k])
    given = sum((a.amount for a in season.nitrogen.applications if a.day_after(season.start) < last), 0.0)
    taken, left = (
        float(sum(harvest[n][k] for n in names))
        for names in (("NuptakeTotal", "NfixTotal"), ("NAVAIL", "NSOIL"))
    )
    return dict(zip(_NITROGEN, (round(given, 1), round(taken, 1), round(left, 1)), strict=True))


def _truth(text: str, name: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError(f"column {name}: expected yes or no, found {text!r}")


def _read_nitrogen(
    soil_nitrogen: str, plan: str, plans: Mapping[str, Sequence[Application]] | None, start: np.datetime64
) -> Nitrogen | None:
    if plan and not soil_nitrogen:
        raise ValueError(
            "column soil_nitrogen: a plan of fertiliser needs what the soil gives without it, in kg/ha; an irrigated rice field "
            "of Asia gives 30 to 100, 55 on average"
        )
    if not soil_nitrogen:
        return None
    try:
        there = SoilNitrogen(float(soil_nitrogen))
    except ValueError:
        raise ValueError(
            f"column soil_nitrogen: expected kg/ha that the soil gives in a season, found {soil_nitrogen!r}"
        ) from None
    there.numbers()
    if plan and plans is None:
        raise ValueError(
            f"column fertiliser: names plan {plan!r}, but no table of plans is given (--fertiliser)"
        )
    if plan and plan not in (plans or {}):
        raise ValueError(f"column fertiliser: no plan {plan!r}; the table has {', '.join(plans or ())}")
    found = Nitrogen(there, (plans or {})[plan] if plan else ())
    outside(found.applications, start, LONGEST)
    return found


def _read_row(
    line: int, row: Mapping[str, str], plans: Mapping[str, Sequence[Application]] | None
) -> _Season:
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
        _read_nitrogen(text("soil_nitrogen", ""), text("fertiliser", ""), plans, start),
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


def grow_table(
    path: Path,
    folder: Path,
    *,
    fertiliser: Path | None = None,
    daily: bool = False,
    threads: int | None = None,
) -> Grown:
    """Grow the seasons of a CSV table.

    Parameters
    ----------
    path
        The table; see ``lumbung farm simulate --help`` for its columns.
    folder
        Where the names of weather and soil files begin.
    fertiliser
        The table of plans that the column ``fertiliser`` names.
    daily
        Keep daily tables.
    threads
        All processors by default.

    Raises
    ------
    TableError
        When there is no such table, or its header has no ``start`` or a column nobody knows; or when the table of
        fertiliser cannot be read.
    """
    try:
        plans = None if fertiliser is None else read_fertiliser(fertiliser)
    except FertiliserTableError as error:
        raise TableError(str(error)) from error
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
    shelf_fed = _Shelf(lambda name: _checked(variety(name, nitrogen=True), "arrays"))
    grown = Grown([], [], [None] * len(table), shelf_weather.found)
    groups: dict[tuple[str, bool], list[int]] = {}
    for k, (line, row) in enumerate(table):
        grown.lines.append(line)
        try:
            season = _read_row(line, row, plans)
            fed = season.nitrogen is not None
            (shelf_fed if fed else shelf_crop)(season.crop)
            shelf_weather(season.weather), shelf_soil(season.soil)
            grown.seasons.append(season)
            groups.setdefault((season.production, fed), []).append(k)
        except ValueError as error:
            grown.seasons.append(None)
            grown.problems.append((line, str(error)))
    for (production, fed), members in groups.items():
        crops = shelf_fed if fed else shelf_crop
        _grow_group(grown, production, members, shelf_weather, crops, shelf_soil, daily, threads)
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
    supplies = [s.nitrogen for s in seasons if s.nitrogen is not None]
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
        nitrogen=supplies or None,
        nitrogen_index=range(len(supplies)) if supplies else None,
        daily=daily,
        on_fault="report",
        threads=threads,
    )
    why = dict(harvest.problems())
    for position, k in enumerate(members):
        if position in why:
            grown.problems.append((grown.lines[k], why[position]))
        grown.where[k] = (harvest, position) if not harvest.failed[position] else None
