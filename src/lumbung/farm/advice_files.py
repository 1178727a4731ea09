"""An adviser at work on one's own sites: the problem made from a table of sites, the advice as CSV and GeoJSON.

The planting year begins on the ten-day period of the earliest habitual date minus three months, or on 1 January where no
site has one. The forecast of the first site that has one is shown, since a problem has one forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.farm.calendar_files import LABEL, write_csv, write_geojson
from lumbung.farm.planting_calendar import Plan, planting_years
from lumbung.farm.season import (
    STARTS,
    DecisionError,
    Ensemble,
    Site,
    grow_ensembles,
    outlook_of,
    ten_day_starts,
)
from lumbung.farm.sites import SiteTable

COLUMNS = (
    "site", "latitude", "longitude", "start", "variety", "yield", "yield_sd", "risk", "risk_low", "risk_high",
    "irrigation", "years", "weather", "weather_source",
)  # fmt: skip
_AHEAD = 9  # ten-day periods before the habitual date


def own_problem(
    table: SiteTable, starts: int, failure: float, water_price: float
) -> tuple[dict[str, Any], list[Site], dict[int, str]]:
    """Return the problem for a table's sites, the sites in it, and what was wrong with the others by line.

    Raises
    ------
    DecisionError
        When no site can be used.
    """
    problems = dict(table.problems)
    habits = [site.habitual for site in table.sites.values() if site.habitual is not None]
    decision = (min(habits) - _AHEAD - 1) % STARTS if habits else STARTS - 1
    usable: list[tuple[Site, list[int]]] = []
    for line, site in table.sites.items():
        try:
            usable.append((site, planting_years(site, Plan(first_period=decision + 1))))
        except DecisionError as error:
            problems[line] = str(error)
    if not usable:
        raise DecisionError(
            "no site can be used: " + "; ".join(f"line {k}: {v}" for k, v in problems.items())
        )
    ensembles = [
        ensemble for site, years in usable for ensemble in grow_ensembles([site], years, decision + 1, starts)
    ]
    year = max(years[-1] for _, years in usable) + 1
    forecast = next((s.forecast for s, _ in usable if s.forecast), None)
    problem = {
        "decision_day": str(ten_day_starts(decision, [year], 1)[0, 0]),
        "starts": [str(day) for day in ten_day_starts(decision + 1, [year], starts)[:, 0]],
        "weather": LABEL if any(s.weather.generated for s, _ in usable) else "measured weather",
        "failure": failure,
        "water_price": water_price,
        "forecast": {
            "below": forecast.below if forecast else 1 / 3,
            "normal": forecast.normal if forecast else 1 / 3,
            "above": forecast.above if forecast else 1 / 3,
            "months": list(forecast.months) if forecast else [],
        },
        "sites": {
            e.site.name: seen_site(
                e, years, len(e.site.weather), (e.site.habitual or decision + 1) - decision - 1
            )
            for e, (_, years) in zip(ensembles, usable, strict=True)
        },
    }
    return problem, [site for site, _ in usable], problems


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
    numbers = {k: float(v) for k, v in site.soil.parameters.items() if isinstance(v, int | float)}
    return {
        "latitude": site.latitude,
        "longitude": site.longitude,
        "elevation": weather.elevation,
        "soil": {"name": site.soil.name, **numbers},
        "varieties": [v.name for v in site.varieties],
        "irrigated": site.pond is not None,
        "habitual": int(np.clip(habitual % STARTS, 0, ensemble.yields.shape[1] - 1)),
        "past": {
            "first_day": str(weather.first_day),
            **{
                name: getattr(weather, name)[:days].astype(np.float32)
                for name in ("tmin", "tmax", "irradiation", "vapour_pressure", "wind", "rain")
            },
        },
        "hindcast": {
            "years": list(years),
            "yield": np.nan_to_num(ensemble.yields).astype(np.float32),
            "irrigation": np.nan_to_num(ensemble.irrigation).astype(np.float32),
            "water": np.nan_to_num(ensemble.water).astype(np.float32),
            "season_rain": np.nan_to_num(ensemble.season_rain).astype(np.float32),
        },
    }


def write_advice(
    out: Path,
    table: SiteTable,
    problem: dict[str, Any],
    sites: Sequence[Site],
    advice: Sequence[tuple[int, int]],
    problems: dict[int, str],
) -> list[Path]:
    """Write ``advice.csv`` with what the past says of each choice, ``advice.geojson``, ``problems.csv``."""
    first = np.datetime64(problem["starts"][0], "D")
    period = (int(str(first)[5:7]) - 1) * 3 + min((int(str(first)[8:10]) - 1) // 10, 2)
    rows = []
    for site, (v, s) in zip(sites, advice, strict=True):
        years = problem["sites"][site.name]["hindcast"]["years"]
        ensemble = grow_ensembles([site], years, period, len(problem["starts"]))[0]
        outlook = outlook_of(ensemble, problem["failure"])
        rows.append(
            {
                "site": site.name,
                "latitude": site.latitude,
                "longitude": site.longitude,
                "start": problem["starts"][s],
                "variety": site.varieties[v].name,
                "yield": round(float(outlook.expected[v, s])),
                "yield_sd": round(float(np.nan_to_num(outlook.spread[v, s]))),
                "risk": round(float(outlook.risk[v, s]), 3),
                "risk_low": round(float(outlook.risk_low[v, s]), 3),
                "risk_high": round(float(outlook.risk_high[v, s]), 3),
                "irrigation": round(float(outlook.irrigation[v, s])),
                "years": int(outlook.years[v, s]),
                "weather": LABEL if site.weather.generated else "measured",
                "weather_source": site.weather.source,
            }
        )
    out.mkdir(parents=True, exist_ok=True)
    wrong = [{"line": k, "site": table.names[k], "problem": why} for k, why in sorted(problems.items())]
    return [
        write_csv(out / "advice.csv", COLUMNS, rows),
        write_geojson(out / "advice.geojson", rows),
        write_csv(out / "problems.csv", ("line", "site", "problem"), wrong),
    ]
