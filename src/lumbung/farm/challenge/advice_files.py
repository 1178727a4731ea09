"""An adviser at work on one's own sites: the problem made from a table of sites, the advice as CSV and GeoJSON.

Sites that plant at the same time of the year are asked about together: decision day is a hundred days before the
habitual date. A site without one is asked about the whole year from 1 January.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.farm.calendar.files import LABEL, rounded, write_csv, write_geojson
from lumbung.farm.calendar.planting_calendar import Plan, planting_years
from lumbung.farm.calendar.season import (
    STARTS,
    DecisionError,
    Ensemble,
    Site,
    grow_ensembles,
    outlook_of,
    ten_day_starts,
)
from lumbung.farm.calendar.sites import SiteTable
from lumbung.farm.growing.crop_parameters import variety
from lumbung.farm.growing.nitrogen import USUAL_SUPPLY, Application, Nitrogen, SoilNitrogen
from lumbung.farm.growing.soil_parameters import Soil
from lumbung.farm.weather.record import Weather

COLUMNS = (
    "site", "latitude", "longitude", "start", "variety", "yield", "yield_sd", "risk", "risk_low", "risk_high",
    "irrigation", "years", "weather", "weather_source",
)  # fmt: skip
FED_ON = (7, 21, 42)  # days after planting on which the three parts of fertiliser are given
_AHEAD = 9  # ten-day periods before the habitual date


@dataclass(frozen=True)
class OwnProblem:
    """A problem on one's own sites.

    Attributes
    ----------
    content
        What the solution sees.
    sites, pasts
        In the order of the problem, each with its past seasons.
    """

    content: dict[str, Any]
    sites: tuple[Site, ...]
    pasts: tuple[Ensemble, ...]


def fed_site(site: Site, kilograms: float | None) -> Site:
    """Return a site whose seasons get fertiliser [kg N/ha] in thirds on a usual soil; as it is where None."""
    if kilograms is None:
        return site
    given = [Application(day, kilograms / len(FED_ON)) for day in FED_ON]
    varieties = tuple(v if v.knows_nitrogen else variety(v.name, nitrogen=True) for v in site.varieties)
    return replace(site, varieties=varieties, nitrogen=Nitrogen(SoilNitrogen(USUAL_SUPPLY), given))


def own_problems(
    table: SiteTable, starts: int, failure: float, water_price: float, nitrogen: float | None = None
) -> tuple[list[OwnProblem], dict[int, str]]:
    """Return the problems for a table's sites, and what was wrong with the others by line.

    A problem shows one forecast: sites of different forecasts are asked about apart. With ``nitrogen`` [kg/ha] they grow as
    :func:`fed_site` has it.

    Raises
    ------
    DecisionError
        When no site can be used.
    """
    problems = dict(table.problems)
    groups: dict[tuple[int | None, str], list[tuple[Site, list[int]]]] = {}
    for line, unfed in table.sites.items():
        site = fed_site(unfed, nitrogen)
        first = 0 if site.habitual is None else (site.habitual - _AHEAD) % STARTS
        try:
            years = planting_years(site, Plan(first_period=first))
        except DecisionError as error:
            problems[line] = str(error)
            continue
        groups.setdefault((site.habitual, repr(site.forecast and vars(site.forecast))), []).append(
            (site, years)
        )
    if not groups:
        raise DecisionError(
            "no site can be used: " + "; ".join(f"line {k}: {v}" for k, v in problems.items())
        )
    return [_own_problem(members, starts, failure, water_price) for members in groups.values()], problems


def _own_problem(
    members: Sequence[tuple[Site, list[int]]], starts: int, failure: float, water_price: float
) -> OwnProblem:
    habitual, forecast = members[0][0].habitual, members[0][0].forecast
    first = 0 if habitual is None else (habitual - _AHEAD) % STARTS
    count = STARTS if habitual is None else starts
    pasts = [grow_ensembles([site], years, first, count)[0] for site, years in members]
    dates = ten_day_starts(first, [max(years[-1] for _, years in members) + 1], count)[:, 0]
    content = {
        "decision_day": str(dates[0] - 10),
        "starts": [str(day) for day in dates],
        "weather": LABEL if any(s.weather.generated for s, _ in members) else "measured weather",
        "failure": failure,
        "water_price": water_price,
        "forecast": {
            "below": forecast.below if forecast else 1 / 3,
            "normal": forecast.normal if forecast else 1 / 3,
            "above": forecast.above if forecast else 1 / 3,
            "months": list(forecast.months) if forecast else [],
        },
        "sites": {
            site.name: seen_site(past, years, len(site.weather), 0 if habitual is None else _AHEAD)
            for past, (site, years) in zip(pasts, members, strict=True)
        },
    }
    return OwnProblem(content, tuple(site for site, _ in members), tuple(pasts))


def seen_site(ensemble: Ensemble, years: Sequence[int], days: int, habitual: int) -> dict[str, Any]:
    """Return what an adviser sees of a site: soil, varieties, past weather, hindcast.

    Parameters
    ----------
    ensemble
        Its past seasons.
    years
        Their planting years.
    days
        How many days of its weather are past.
    habitual
        Index of the habitual start.
    """
    site, weather = ensemble.site, ensemble.site.weather
    return {
        "latitude": site.latitude,
        "longitude": site.longitude,
        "elevation": weather.elevation,
        "soil": seen_soil(site.soil),
        "varieties": [v.name for v in site.varieties],
        "irrigated": site.pond is not None,
        "habitual": int(np.clip(habitual % STARTS, 0, ensemble.yields.shape[1] - 1)),
        "past": seen_days(weather, 0, days),
        "hindcast": {
            "years": list(years),
            "yield": np.nan_to_num(ensemble.yields).astype(np.float32),
            "irrigation": np.nan_to_num(ensemble.irrigation).astype(np.float32),
            "water": np.nan_to_num(ensemble.water).astype(np.float32),
            "season_rain": np.nan_to_num(ensemble.season_rain).astype(np.float32),
        },
    }


def seen_soil(soil: Soil) -> dict[str, Any]:
    """Return a soil's name and numbers, as a solution sees them."""
    numbers = {k: float(v) for k, v in soil.parameters.items() if isinstance(v, int | float)}
    return {"name": soil.name, **numbers}


def seen_days(weather: Weather, first: int, last: int) -> dict[str, Any]:
    """Return the days from ``first`` up to, but without, ``last`` of a record, as a solution sees them."""
    return {
        "first_day": str(weather.first_day + first),
        **{
            name: getattr(weather, name)[first:last].astype(np.float32)
            for name in ("tmin", "tmax", "irradiation", "vapour_pressure", "wind", "rain")
        },
    }


def write_advice(
    out: Path,
    table: SiteTable,
    answered: Sequence[tuple[OwnProblem, Sequence[tuple[int, int]]]],
    problems: dict[int, str],
) -> list[Path]:
    """Write ``advice.csv`` with what the past says of each choice, ``advice.geojson``, ``problems.csv``."""
    order = {name: line for line, name in table.names.items()}
    rows = [_advice_row(posed, k, choice) for posed, advice in answered for k, choice in enumerate(advice)]
    rows.sort(key=lambda row: order[row["site"]])
    out.mkdir(parents=True, exist_ok=True)
    wrong = [{"line": k, "site": table.names[k], "problem": why} for k, why in sorted(problems.items())]
    return [
        write_csv(out / "advice.csv", COLUMNS, rows),
        write_geojson(out / "advice.geojson", rows),
        write_csv(out / "problems.csv", ("line", "site", "problem"), wrong),
    ]


def _advice_row(posed: OwnProblem, place: int, choice: tuple[int, int]) -> dict[str, Any]:
    site, (v, s) = posed.sites[place], choice
    outlook = outlook_of(posed.pasts[place], posed.content["failure"])
    return {
        "site": site.name,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "start": posed.content["starts"][s],
        "variety": site.varieties[v].name,
        "yield": rounded("yield", outlook.expected[v, s]),
        "yield_sd": rounded("yield_sd", outlook.spread[v, s]),
        "risk": rounded("risk", outlook.risk[v, s]),
        "risk_low": rounded("risk", outlook.risk_low[v, s]),
        "risk_high": rounded("risk", outlook.risk_high[v, s]),
        "irrigation": rounded("irrigation", outlook.irrigation[v, s]),
        "years": int(outlook.years[v, s]),
        "weather": LABEL if site.weather.generated else "measured",
        "weather_source": site.weather.source,
    }
