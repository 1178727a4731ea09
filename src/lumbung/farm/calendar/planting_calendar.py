"""A planting calendar for many sites: grown in small groups, kept as they come, written when all are there.

What is finished lies in a folder of its own, one file per site, named by what the site's result depends on. An
interrupted run goes on from there; a changed site is grown anew.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.farm.calendar import files as calendar_files
from lumbung.farm.calendar import pictures as calendar_pictures
from lumbung.farm.calendar.boundaries import Outline
from lumbung.farm.calendar.margins import PriceError, Prices
from lumbung.farm.calendar.official import at_official_level
from lumbung.farm.calendar.season import (
    FAILURE,
    STARTS,
    Decision,
    DecisionError,
    Ensemble,
    Site,
    decide,
    grow_ensembles,
    ten_day_starts,
)
from lumbung.farm.calendar.sheets import sheet
from lumbung.farm.calendar.sites import SiteTable

GROUP = 8  # sites grown at once
KEPT = ".finished"
SCIENCE = 3  # rises whenever the same site would grow other yields, so that nothing finished before is taken for new
_ARRAYS = ("starts", "yields", "water", "irrigation", "rain", "days", "season_rain", "weights")


@dataclass(frozen=True)
class Plan:
    """How a calendar is made.

    Attributes
    ----------
    years
        First and last planting year, or None for all that the weather covers.
    first_period
        The ten-day period (0 to 35) in which a planting year begins.
    failure
        A season that brings less [kg/ha] has failed.
    prices
        What advice goes by: margin; yield where None.
    least_margin
        A season that earns less per hectare has failed.
    within
        Horizon of the sites that name none (:attr:`lumbung.farm.calendar.season.Site.within`).
    official
        Official yields [kg/ha] by region and year, to whose level yields are brought; None leaves them.
    """

    years: tuple[int, int] | None = None
    first_period: int = 0
    failure: float = FAILURE
    prices: Prices | None = None
    least_margin: float = 0.0
    within: tuple[int, int] | None = None
    official: Mapping[str, Mapping[int, float]] | None = None


@dataclass
class Calendar:
    """The results of a table of sites, by line."""

    plan: Plan
    results: dict[int, tuple[Ensemble, Decision]]
    problems: dict[int, str]
    names: dict[int, str]
    remarks: dict[int, list[str]]
    extras: dict[int, dict[str, str]]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A decision per site, with the columns of its table that are not ours."""
        return [
            calendar_files.decision_row(ensemble, decision, self.plan.first_period)
            | {_own_column(name): value for name, value in self.extras.get(line, {}).items()}
            for line, (ensemble, decision) in self.results.items()
        ]


def _own_column(name: str) -> str:
    """Return the name under which a table's own column is carried through; never that of a figure of ours."""
    return f"{name} (table)" if name in calendar_files.DECISION_COLUMNS else name


def planting_years(site: Site, plan: Plan) -> list[int]:
    """Return the planting years whose starts a site's weather can serve.

    Without a wish: the years whose first start lies in the record and whose last start has 60 days of weather after it.

    Raises
    ------
    DecisionError
        When the weather serves none of the years asked for.
    """
    weather = site.weather
    known = range(int(str(weather.first_day)[:4]) - 1, int(str(weather.last_day)[:4]) + 1)
    chosen = []
    for year in known:
        first, last = ten_day_starts(plan.first_period, [year])[[0, -1], 0]
        if plan.years is None:
            if first >= weather.first_day and last + 60 <= weather.last_day:
                chosen.append(year)
        elif (
            plan.years[0] <= year <= plan.years[1] and last >= weather.first_day and first <= weather.last_day
        ):
            chosen.append(year)
    if not chosen:
        wanted = (
            "no whole planting year"
            if plan.years is None
            else f"none of the years {plan.years[0]}-{plan.years[1]}"
        )
        raise DecisionError(
            f"the weather runs from {weather.first_day} to {weather.last_day} and serves {wanted}"
        )
    return chosen


def make_calendar(
    table: SiteTable,
    plan: Plan,
    kept: Path | None = None,
    progress: Callable[[int], None] = lambda sites: None,
) -> Calendar:
    """Grow every site of a table and decide.

    Parameters
    ----------
    table
    plan
    kept
        Folder of finished sites, for going on after an interruption.
    progress
        Called with the number of sites done since the last call.

    Raises
    ------
    lumbung.farm.calendar.official.OfficialError
        When no region of the table has official yields of years that were grown.
    """
    calendar = Calendar(plan, {}, dict(table.problems), table.names, dict(table.remarks), dict(table.extras))
    progress(len(table.problems))
    waiting: list[tuple[int, Site, tuple[int, ...]]] = []
    for line, site in table.sites.items():
        try:
            years = tuple(planting_years(site, plan))
        except DecisionError as error:
            calendar.problems[line] = str(error)
            progress(1)
            continue
        finished = _read_kept(kept, site, years, plan)
        if finished is None:
            waiting.append((line, site, years))
        else:
            _conclude(calendar, line, finished)
            progress(1)
    for group in _groups(waiting):
        for (line, site, years), ensemble in zip(group, _grown(group, plan), strict=True):
            if isinstance(ensemble, Ensemble):
                _keep(kept, site, years, plan, ensemble)
                _conclude(calendar, line, ensemble)
            else:
                calendar.problems[line] = str(ensemble)
            progress(1)
    order = sorted(calendar.results)
    calendar.results = {line: calendar.results[line] for line in order}
    if plan.official is not None and order:
        grown = [calendar.results[line][0] for line in order]
        for line, ensemble in zip(
            order, at_official_level(grown, plan.official, plan.first_period), strict=True
        ):
            _conclude(calendar, line, ensemble)
    return calendar


def _groups(
    waiting: Sequence[tuple[int, Site, tuple[int, ...]]],
) -> Iterator[list[tuple[int, Site, tuple[int, ...]]]]:
    """Yield small groups of sites that share their years."""
    by_years: dict[tuple[int, ...], list[tuple[int, Site, tuple[int, ...]]]] = {}
    for item in waiting:
        by_years.setdefault(item[2], []).append(item)
    for members in by_years.values():
        for k in range(0, len(members), GROUP):
            yield members[k : k + GROUP]


def _grown(group: Sequence[tuple[int, Site, tuple[int, ...]]], plan: Plan) -> list[Ensemble | ValueError]:
    """Grow a group at once; where that fails, one by one, so that only the site at fault is lost."""
    years = group[0][2]
    try:
        return list(grow_ensembles([site for _, site, _ in group], years, plan.first_period))
    except ValueError:
        out: list[Ensemble | ValueError] = []
        for _, site, _ in group:
            try:
                out += grow_ensembles([site], years, plan.first_period)
            except ValueError as error:
                out.append(error)
        return out


def _conclude(calendar: Calendar, line: int, ensemble: Ensemble) -> None:
    try:
        plan = calendar.plan
        if ensemble.site.within is None and plan.within is not None:
            ensemble = replace(ensemble, site=replace(ensemble.site, within=plan.within))
        decision = decide(ensemble, plan.first_period, plan.failure, plan.prices, plan.least_margin)
        calendar.results[line] = (ensemble, decision)
    except (DecisionError, PriceError) as error:
        calendar.problems[line] = str(error)


def _mark(site: Site, years: Sequence[int], plan: Plan) -> str:
    """Return a name that changes with whatever a site's seasons depend on."""
    weather = site.weather
    digest = hashlib.sha256()
    for name in ("tmin", "tmax", "irradiation", "vapour_pressure", "wind", "rain"):
        digest.update(getattr(weather, name).tobytes())
    settings = (
        site.name, str(weather.first_day), weather.latitude, site.production, site.pond and vars(site.pond),
        {**site.soil.parameters}, [{**v.parameters} for v in site.varieties], site.forecast and vars(site.forecast),
        site.initial_water, list(years), plan.first_period, STARTS, SCIENCE,
    )  # fmt: skip
    digest.update(repr(settings).encode())
    return digest.hexdigest()[:32]


def _keep(kept: Path | None, site: Site, years: Sequence[int], plan: Plan, ensemble: Ensemble) -> None:
    if kept is None:
        return
    kept.mkdir(parents=True, exist_ok=True)
    path = kept / f"{_mark(site, years, plan)}.npz"
    half = path.with_suffix(".part.npz")
    np.savez(half, **{name: getattr(ensemble, name) for name in _ARRAYS})
    half.replace(path)


def _read_kept(kept: Path | None, site: Site, years: Sequence[int], plan: Plan) -> Ensemble | None:
    if kept is None or not kept.is_dir():
        return None
    path = kept / f"{_mark(site, years, plan)}.npz"
    if not path.is_file():
        return None
    try:
        with np.load(path) as arrays:
            return Ensemble(site, **{name: arrays[name] for name in _ARRAYS})
    except (OSError, ValueError, KeyError, EOFError, pickle.UnpicklingError):
        return None  # half written: grown anew


def write_calendar(
    calendar: Calendar, out: Path, language: str = "en", outlines: Sequence[Outline] = ()
) -> list[Path]:
    """Write ``calendar.csv``, ``decisions.csv``, ``problems.csv``, GeoJSON, NetCDF, a picture and a sheet per site, and a map.

    ``outlines`` are coasts and boundaries for the map.
    """
    out.mkdir(parents=True, exist_ok=True)
    plan, results = calendar.plan, list(calendar.results.values())
    written = [
        calendar_files.write_csv(
            out / "problems.csv",
            ("line", "site", "problem"),
            [
                {"line": line, "site": calendar.names[line], "problem": why}
                for line, why in sorted(calendar.problems.items())
            ],
        ),
        calendar_files.write_csv(
            out / "remarks.csv",
            ("line", "site", "remark"),
            [
                {"line": line, "site": calendar.names.get(line, ""), "remark": remark}
                for line, remarks in sorted(calendar.remarks.items())
                for remark in remarks
            ],
        ),
    ]
    if not results:
        return written
    rows = calendar.rows
    others = dict.fromkeys(_own_column(name) for extra in calendar.extras.values() for name in extra)
    long = [row for e, d in results for row in calendar_files.calendar_rows(e, d, plan.first_period)]
    written += [
        calendar_files.write_csv(
            out / "weather.csv",
            calendar_files.WEATHER_COLUMNS,
            calendar_files.weather_rows([e for e, _ in results]),
        ),
        calendar_files.write_csv(out / "decisions.csv", (*calendar_files.DECISION_COLUMNS, *others), rows),
        calendar_files.write_csv(out / "calendar.csv", calendar_files.CALENDAR_COLUMNS, long),
        calendar_files.write_geojson(out / "decisions.geojson", rows),
        calendar_files.write_netcdf(out / "calendar.nc", results, plan.first_period, plan.failure),
    ]
    pictures, sheets = out / "sites", out / "sheets"
    pictures.mkdir(exist_ok=True)
    sheets.mkdir(exist_ok=True)
    for number, (ensemble, decision) in enumerate(results, start=1):
        path = pictures / f"{number:04d}-{file_name(ensemble.site.name)}.svg"
        drawn = calendar_pictures.site_picture(ensemble, decision, plan.first_period, plan.failure, language)
        path.write_text(drawn, encoding="utf-8")
        page = sheets / f"{number:04d}-{file_name(ensemble.site.name)}.html"
        text = sheet(
            ensemble, decision, plan.first_period, plan.failure, language, plan.prices, plan.least_margin
        )
        page.write_text(text, encoding="utf-8")
        written += [path, page]
    points = [
        (
            e.site.name,
            e.site.latitude,
            e.site.longitude,
            (plan.first_period + d.start) % STARTS,
            float(d.outlook.expected[d.variety, d.start]),
        )
        for e, d in results
    ]
    made = any(e.site.weather.generated for e, _ in results)
    drawn = calendar_pictures.map_picture(points, made, language, outlines)
    (out / "map.svg").write_text(drawn, encoding="utf-8")
    return [*written, out / "map.svg"]


def file_name(site: str) -> str:
    """Return a file name for a site: letters and digits of any script kept, the rest a dash."""
    return "".join(c if c.isalnum() else "-" for c in site).strip("-") or "site"
