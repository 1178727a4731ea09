"""A planting calendar as files: CSV for a spreadsheet, GeoJSON for a map, NetCDF for a program."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.farm.calendar.season import Decision, Ensemble, period_name

LABEL = "generated weather"
# name of the figure in all files -> (attribute of Outlook, unit, meaning)
FIGURES = {
    "yield": ("expected", "kg/ha", "expected yield"),
    "yield_sd": ("spread", "kg/ha", "standard deviation of yield between years"),
    "yield_se": ("error", "kg/ha", "standard error of the expected yield"),
    "yield_p10": ("low", "kg/ha", "yield that a coming season stays below with a chance of one in ten"),
    "yield_p90": ("high", "kg/ha", "yield that a coming season exceeds with a chance of one in ten"),
    "risk": ("risk", "1", "chance of failure"),
    "risk_low": ("risk_low", "1", "lower end of the 90 percent interval of the chance of failure"),
    "risk_high": ("risk_high", "1", "upper end of the 90 percent interval of the chance of failure"),
    "water": ("water", "mm", "transpiration, evaporation and percolation"),
    "irrigation": ("irrigation", "mm", "irrigation need"),
    "rain": ("rain", "mm", "rain during the season"),
    "days": ("days", "d", "length of the season"),
    "years": ("years", "1", "seasons behind each figure"),
}
WEATHER_COLUMNS = ("weather", "from", "to", "variable", "action", "days", "of", "how")
CALENDAR_COLUMNS = ("site", "variety", "start", *FIGURES, "weather")
DECISION_COLUMNS = (
    "site", "latitude", "longitude", "variety", "start", "yield", "yield_p10", "yield_p90", "yield_se", "yield_sd",
    "model_error", "risk", "risk_low",
    "risk_high", "water", "irrigation", "years", "window_from", "window_to", "window_probability", "window_risk",
    "habitual", "habitual_yield", "gain", "gain_low", "gain_high", "margin", "margin_p10", "margin_p90", "loss_risk", "level", "level_years",
    "weather", "weather_source",
)  # fmt: skip


def rounded(name: str, value: float) -> float | int | None:
    """Round a figure to what it is worth: kilograms and millimetres whole, chances to three digits."""
    if not np.isfinite(value):
        return None
    return round(float(value), 3) if name.startswith(("risk", "window")) else round(float(value))


def label_of(ensemble: Ensemble) -> str:
    """Return what every row must say of its weather."""
    return LABEL if ensemble.site.weather.generated else "measured"


def calendar_rows(ensemble: Ensemble, decision: Decision, first_period: int) -> list[dict[str, Any]]:
    """Return a row per variety and start."""
    rows = []
    for v, variety in enumerate(ensemble.site.varieties):
        for s in range(decision.outlook.expected.shape[1]):
            row: dict[str, Any] = {
                "site": ensemble.site.name,
                "variety": variety.name,
                "start": _month_day(first_period + s),
            }
            for name, (attribute, _, _) in FIGURES.items():
                row[name] = rounded(name, getattr(decision.outlook, attribute)[v, s])
            rows.append({**row, "weather": label_of(ensemble)})
    return rows


def weather_rows(ensembles: Sequence[Ensemble]) -> list[dict[str, Any]]:
    """Return what was read, converted, estimated and filled, a row per record and step."""
    rows: list[dict[str, Any]] = []
    for weather in {id(e.site.weather): e.site.weather for e in ensembles}.values():
        head = {
            "weather": weather.name,
            "from": str(weather.first_day),
            "to": str(weather.last_day),
            "of": len(weather),
        }
        steps = [vars(step) for step in weather.history]
        whole = {"variable": "all", "action": "read", "days": len(weather), "how": weather.source}
        rows += [
            {**head, **step}
            for step in ([whole] if not steps or steps[0]["action"] == "filled" else []) + steps
        ]
    return rows


def _month_day(period: int) -> str:
    return f"{period // 3 % 12 + 1:02d}-{period % 3 * 10 + 1:02d}"


def decision_row(ensemble: Ensemble, decision: Decision, first_period: int) -> dict[str, Any]:
    """Return the decision of a site as one row."""
    site, outlook, at = ensemble.site, decision.outlook, (decision.variety, decision.start)
    row: dict[str, Any] = {
        "site": site.name,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "variety": site.varieties[decision.variety].name,
        "start": _month_day(first_period + decision.start),
    }
    for name in (
        "yield",
        "yield_p10",
        "yield_p90",
        "yield_se",
        "yield_sd",
        "risk",
        "risk_low",
        "risk_high",
        "water",
        "irrigation",
        "years",
    ):
        row[name] = rounded(name, getattr(outlook, FIGURES[name][0])[at])
    row["model_error"] = rounded("yield", outlook.model_error[decision.variety])
    row["window_from"], row["window_to"] = (_month_day(first_period + k) for k in decision.window)
    row["window_probability"] = rounded("window", decision.window_probability)
    row["window_risk"] = rounded("window", decision.window_risk)
    habit = decision.habitual
    row["habitual"] = None if habit is None else _month_day(first_period + habit)
    habitual_yield = (
        np.nan
        if habit is None or not np.isfinite(outlook.expected[:, habit]).any()
        else float(np.nanmax(outlook.expected[:, habit]))
    )
    row["habitual_yield"] = rounded("yield", habitual_yield)
    for name in ("gain", "gain_low", "gain_high"):
        row[name] = rounded(name, getattr(decision, name))
    row["margin"] = rounded("margin", outlook.margin[at])
    row["margin_p10"] = rounded("margin", outlook.margin_low[at])
    row["margin_p90"] = rounded("margin", outlook.margin_high[at])
    row["loss_risk"] = rounded("risk", outlook.loss[at])
    level = ensemble.level
    row["level"] = None if level is None else round(level.ratio, 3)
    row["level_years"] = None if level is None else level.years
    row["weather"] = label_of(ensemble)
    row["weather_source"] = site.weather.source
    return row


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_geojson(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write decisions as points (RFC 7946)."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]},
            "properties": {key: value for key, value in row.items() if key not in ("latitude", "longitude")},
        }
        for row in rows
    ]
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def write_netcdf(
    path: Path, results: Sequence[tuple[Ensemble, Decision]], first_period: int, failure: float
) -> Path:
    """Write all figures with dimensions site, variety, start (CF-1.11); varieties a site lacks are NaN."""
    from netCDF4 import Dataset

    names = list(dict.fromkeys(v.name for ensemble, _ in results for v in ensemble.site.varieties))
    starts = results[0][1].outlook.expected.shape[1]
    with Dataset(path, "w") as file:
        file.Conventions = "CF-1.11"
        file.title = "Planting calendar"
        file.failure_below = f"{failure:g} kg/ha"
        made = sorted(e.site.name for e, _ in results if e.site.weather.generated)
        file.comment = f"{LABEL}: {', '.join(made)}" if made else "measured weather"
        file.source = "WOFOST 7.2, lumbung.farm"
        for name, size in (("site", len(results)), ("variety", len(names)), ("start", starts)):
            file.createDimension(name, size)
        _strings(file, "site", [e.site.name for e, _ in results])
        _strings(file, "variety", names)
        _strings(file, "start", [period_name(first_period + k) for k in range(starts)])
        for name, unit, values in (
            ("latitude", "degrees_north", [e.site.latitude for e, _ in results]),
            ("longitude", "degrees_east", [e.site.longitude for e, _ in results]),
            ("generated", "1", [float(e.site.weather.generated) for e, _ in results]),
        ):
            variable = file.createVariable(name, "f8", ("site",))
            variable.units = unit
            variable[:] = values
        for name, (attribute, unit, meaning) in FIGURES.items():
            table = np.full((len(results), len(names), starts), np.nan)
            for k, (ensemble, decision) in enumerate(results):
                for v, variety in enumerate(ensemble.site.varieties):
                    table[k, names.index(variety.name)] = getattr(decision.outlook, attribute)[v]
            variable = file.createVariable(
                name, "f4", ("site", "variety", "start"), zlib=True, fill_value=np.nan
            )
            variable.units, variable.long_name = unit, meaning
            variable.coordinates = "latitude longitude"
            variable[:] = table
    return path


def _strings(file: Any, name: str, values: Sequence[str]) -> None:
    variable = file.createVariable(name, str, (name,))
    for k, value in enumerate(values):
        variable[k] = value
