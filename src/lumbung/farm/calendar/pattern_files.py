"""Crop patterns and rotation groups as tables for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.farm.calendar.crop_patterns import DRY_YEARS, Choice, planted_share, typical_planting
from lumbung.farm.calendar.files import LABEL, rounded, write_csv
from lumbung.farm.calendar.golongan import Division
from lumbung.farm.calendar.season import STARTS
from lumbung.farm.growing.field import PERIODS

PATTERN_COLUMNS = (
    "site", "pattern", "first_start", "crop", "variety", "planted", "planted_share", "yield", "yield_p10", "yield_p90", "risk",
    "irrigation", "preparation", "nursery", "rain", "years", "year_value", "year_value_p10", "year_value_p90", "weather",
)  # fmt: skip
START_COLUMNS = ("site", "pattern", "variety", "first_start", "year_value", "years")
NEED_COLUMNS = ("site", "period", "need", "need_dry_year")
GOLONGAN_COLUMNS = ("site", "area", "golongan", "first_start", "pattern", "variety", "year_value", "need")
WATER_COLUMNS = ("period", "supply", "used", "share")


def month_day(period: int) -> str:
    """Return a ten-day period's first day as ``11-01``."""
    return f"{period // 3 % 12 + 1:02d}-{period % 3 * 10 + 1:02d}"


def pattern_rows(choice: Choice, first_period: int) -> list[dict[str, Any]]:
    """Return a row per crop of what was chosen for a site."""
    years, start, rows = choice.chosen.years, choice.start, []
    whole = np.isfinite(choice.chosen.value[start])

    def mean(values: np.ndarray, crop: int) -> float | int | None:
        return rounded("mm", float(values[crop, start, whole].mean()))

    for k, planting in enumerate(choice.chosen.pattern.plantings):
        typical, outlook = typical_planting(choice, k), choice.outlook
        rows.append(
            {
                "site": choice.site.name,
                "pattern": choice.chosen.pattern.name,
                "first_start": month_day((first_period + start) % STARTS),
                "crop": k + 1,
                "variety": planting.variety.name,
                "planted": None if typical is None else month_day(typical),
                "planted_share": rounded("window", planted_share(choice, k)),
                "yield": rounded("yield", outlook.expected[k, start]),
                "yield_p10": rounded("yield", outlook.low[k, start]),
                "yield_p90": rounded("yield", outlook.high[k, start]),
                "risk": rounded("risk", outlook.risk[k, start]),
                "irrigation": mean(years.irrigation, k),
                "preparation": mean(years.preparation, k),
                "nursery": mean(years.nursery, k),
                "rain": mean(years.rain, k),
                "years": int(whole.sum()),
                "year_value": rounded("yield", choice.value),
                "year_value_p10": rounded("yield", choice.value_low),
                "year_value_p90": rounded("yield", choice.value_high),
                "weather": LABEL if choice.site.weather.generated else "measured",
            }
        )
    return rows


def write_patterns(out: Path, choices: Sequence[Choice], first_period: int) -> list[Path]:
    """Write ``patterns.csv``, ``starts.csv`` (every pattern from every first start) and ``need.csv`` (irrigation by ten days)."""
    out.mkdir(parents=True, exist_ok=True)
    starts = [
        {
            "site": choice.site.name,
            "pattern": grown.pattern.name,
            "variety": grown.rice.name,
            "first_start": month_day((first_period + start) % STARTS),
            "year_value": rounded("yield", float(np.mean(values[np.isfinite(values)]))),
            "years": int(np.isfinite(values).sum()),
        }
        for choice in choices
        for grown in choice.grown
        for start, values in enumerate(grown.value)
        if np.isfinite(values).any()
    ]
    needs = [
        {
            "site": choice.site.name,
            "period": month_day(period),
            "need": rounded("mm", mean),
            "need_dry_year": rounded("mm", dry),
        }
        for choice in choices
        for period, (mean, dry) in enumerate(zip(choice.need(), choice.need(DRY_YEARS), strict=True))
    ]
    rows = [row for choice in choices for row in pattern_rows(choice, first_period)]
    return [
        write_csv(out / "patterns.csv", PATTERN_COLUMNS, rows),
        write_csv(out / "starts.csv", START_COLUMNS, starts),
        write_csv(out / "need.csv", NEED_COLUMNS, needs),
    ]


def golongan_rows(
    division: Division, names: Sequence[str], areas: Sequence[float], first_period: int
) -> list[dict[str, Any]]:
    """Return a row per block: its group, start and pattern; empty where it gets no water."""
    rows = []
    for name, area, place in zip(names, areas, division.places, strict=True):
        row: dict[str, Any] = dict.fromkeys(GOLONGAN_COLUMNS) | {"site": name, "area": area}
        if place is not None:
            grown = place.block.grown[place.pattern]
            value = grown.value[place.start]
            row |= {
                "golongan": place.group + 1,
                "first_start": month_day((first_period + place.start) % STARTS),
                "pattern": grown.pattern.name,
                "variety": grown.rice.name,
                "year_value": rounded("yield", float(np.nanmean(value))),
                "need": rounded(
                    "mm", float(grown.years.demand[place.start, np.isfinite(value)].sum(axis=1).mean())
                ),
            }
        rows.append(row)
    return rows


def write_golongan(out: Path, division: Division, rows: Sequence[dict[str, Any]]) -> list[Path]:
    """Write ``golongan.csv`` and ``water.csv`` (supply and use at the intake, m3)."""
    out.mkdir(parents=True, exist_ok=True)
    water = [
        {
            "period": month_day(period),
            "supply": round(float(division.supply[period])),
            "used": round(float(division.used[period])),
            "share": round(float(division.used[period] / division.supply[period]), 3)
            if division.supply[period]
            else None,
        }
        for period in range(PERIODS)
    ]
    return [
        write_csv(out / "golongan.csv", GOLONGAN_COLUMNS, rows),
        write_csv(out / "water.csv", WATER_COLUMNS, water),
    ]
