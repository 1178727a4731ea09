"""Field trials: what was planted when, and what was measured. DSSAT experiment files, or a table of one's own.

Of a DSSAT experiment (Hunt & Boote 1998) the file that ends in ``X`` says what was done and the one in ``A`` what came of it. Where a
model knows no hunger, only the plots with the most nitrogen of their experiment count (:func:`well_fed`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lumbung.farm.weather.dssat import day_of_year
from lumbung.farm.weather.tables import day_of, rows_of, text_of

MISSING = -90.0
WELL_FED = 0.9  # share of an experiment's largest dose from which a plot counts as fed
COLUMNS = (
    "trial",
    "cultivar",
    "weather",
    "planted",
    "seedling_age",
    "yield",
    "biomass",
    "anthesis",
    "maturity",
    "nitrogen",
)


class TrialError(ValueError):
    """Trials that cannot be read; names file, line or plot and what was expected."""


@dataclass(frozen=True)
class Plot:
    """A plot of a trial.

    Attributes
    ----------
    trial, name
        Of the experiment and of the plot in it.
    cultivar
    weather
        Name of the weather file, without its ending.
    planted
        Day of transplanting, or of sowing where ``seedling_age`` is 0.
    seedling_age
        Days from sowing to transplanting; 0 for rice sown in the field.
    grain, biomass
        Dry, at maturity [kg/ha]; NaN where not measured.
    anthesis, maturity
        NaT where not observed.
    nitrogen
        Given in all [kg/ha]; NaN where not said.
    applications
        The days on which it was given, and how much [kg/ha]; empty where not said.
    uptake
        Nitrogen in the crop at maturity [kg/ha]; NaN where not measured.
    """

    trial: str
    name: str
    cultivar: str
    weather: str
    planted: np.datetime64
    seedling_age: int
    grain: float
    biomass: float
    anthesis: np.datetime64
    maturity: np.datetime64
    nitrogen: float
    applications: tuple[tuple[np.datetime64, float], ...] = ()
    uptake: float = np.nan


def read_trials(path: Path | str) -> list[Plot]:
    """Read a folder of DSSAT experiments, or a table (CSV, semicolons, spreadsheet) with the columns COLUMNS.

    Raises
    ------
    TrialError
        No trial there, a column or section that is missing, a value that is none.
    """
    path = Path(path)
    if path.is_dir():
        experiments = sorted(
            p for p in path.iterdir() if p.suffix.upper().endswith("IX") and len(p.suffix) == 4
        )
        if not experiments:
            raise TrialError(f"{path}: no DSSAT experiment (a file that ends in .RIX) in this folder")
        return [plot for experiment in experiments for plot in _experiment(experiment)]
    return _table(path)


def well_fed(plots: Sequence[Plot]) -> list[Plot]:
    """Return the plots that got at least nine tenths of the most nitrogen of their trial, or of which it is not said."""
    most: dict[str, float] = {}
    for plot in plots:
        if np.isfinite(plot.nitrogen):
            most[plot.trial] = max(most.get(plot.trial, 0.0), plot.nitrogen)
    return [p for p in plots if not np.isfinite(p.nitrogen) or p.nitrogen >= WELL_FED * most[p.trial]]


def _table(path: Path) -> list[Plot]:
    rows = rows_of(path)
    if not rows:
        raise TrialError(f"{path}: an empty table")
    names = [name.strip().lower() for name in rows[0]]
    lacking = [name for name in COLUMNS[:6] if name not in names]
    if lacking:
        raise TrialError(f"{path}, line 1: column {lacking[0]} is missing; expected {', '.join(COLUMNS)}")
    plots = []
    for count, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        if any(row[len(names) :]):
            raise TrialError(f"{path}, line {count}: more cells than the header has columns ({len(names)})")
        cells = dict(zip(names, [*row, *([""] * (len(names) - len(row)))], strict=False))
        for name in ("trial", "cultivar", "weather"):
            if not cells[name]:
                raise TrialError(f"{path}, line {count}, column {name}: expected a name, found nothing")

        def amount(name: str, cells: Mapping[str, str] = cells, count: int = count) -> float:
            text = cells.get(name, "")
            try:
                return float(text) if text else np.nan
            except ValueError:
                raise TrialError(
                    f"{path}, line {count}, column {name}: expected a number, found {text!r}"
                ) from None

        def day(name: str, cells: Mapping[str, str] = cells, count: int = count) -> np.datetime64:
            text = cells.get(name, "")
            return day_of(text, f"{path}, line {count}, column {name}") if text else np.datetime64("NaT", "D")

        age = amount("seedling_age")
        plot = Plot(
            cells["trial"],
            f"line {count}",
            cells["cultivar"],
            cells["weather"],
            day("planted"),
            0 if np.isnan(age) else int(age),
            amount("yield"),
            amount("biomass"),
            day("anthesis"),
            day("maturity"),
            amount("nitrogen"),
        )
        if np.isnat(plot.planted):
            raise TrialError(f"{path}, line {count}, column planted: expected a date, found nothing")
        plots.append(plot)
    if not plots:
        raise TrialError(f"{path}: a header but no plot below it")
    return plots


def _sections(path: Path) -> dict[str, list[dict[str, str]]]:
    """Return the rows of each section of a DSSAT experiment; a value belongs to the name it stands below."""
    sections: dict[str, list[dict[str, str]]] = {}
    title = ""
    spans: list[tuple[str, int, int]] = []
    for line in text_of(path).splitlines():
        if line.startswith("*"):
            title, spans = line[1:].split("  ")[0].strip().upper(), []
        elif line.startswith("@"):
            spans = _spans(line)
        elif spans and line.strip() and not line.startswith("!"):
            row = {name: line[first:last].strip() for name, first, last in spans}
            sections.setdefault(title.split(":")[0], []).append(row)
    return sections


def _spans(header: str) -> list[tuple[str, int, int]]:
    """Return name, first and last place of each column: numbers end where their name ends, text begins where it begins."""
    spans, at = [], 1
    text = header.replace("@", " ")
    before = 0
    while at <= len(text):
        rest = text[at:]
        word = rest.split()[0] if rest.split() else ""
        if not word:
            break
        first = at + rest.index(word)
        end = first + len(word)
        name = word.rstrip(".")
        begins = first if word.endswith(".") else before
        spans.append((name, begins, end))
        before, at = end, end
    last, first, _ = spans[-1]
    spans[-1] = (last, first, 200)
    return spans


def _experiment(path: Path) -> list[Plot]:
    sections = _sections(path)
    results = path.with_suffix(path.suffix[:-1] + ("A" if path.suffix[-1] == "X" else "a"))
    if not results.is_file():
        raise TrialError(f"{path}: the measured values, {results.name}, are not beside it")
    try:
        cultivars = {row["C"]: row["CNAME"] for row in sections["CULTIVARS"]}
        fields = {row["L"]: row["WSTA"] for row in sections["FIELDS"] if "WSTA" in row}
        planting = {row["P"]: row for row in sections["PLANTING DETAILS"]}
        given: dict[str, list[tuple[np.datetime64, float]]] = {}
        for row in sections.get("FERTILIZERS (INORGANIC)", []):
            dose = max(float(row["FAMN"]), 0.0)
            given.setdefault(row["F"], []).append((_day(row["FDATE"], path), dose))
        measured = _measured(results)
        plots = []
        for row in sections["TREATMENTS"]:
            plant = planting[row["MP"]]
            planted = _day(plant["PDATE"], path)
            found = measured.get(row["N"])
            if found is None:
                continue
            plots.append(
                Plot(
                    path.stem,
                    row["N"],
                    cultivars[row["CU"]].replace(" ", "").split("(")[0],
                    f"{fields[row['FL']]}{str(planted)[2:4]}01",
                    planted,
                    max(int(float(plant["PAGE"])), 0) if plant["PLME"] == "T" else 0,
                    found.get("HWAM", np.nan),
                    found.get("CWAM", np.nan),
                    _measured_day(found.get("ADAT", np.nan), planted),
                    _measured_day(found.get("MDAT", np.nan), planted),
                    sum((dose for _, dose in given.get(row["MF"], [])), 0.0),
                    tuple(given.get(row["MF"], [])),
                    found.get("CNAM", np.nan),
                )
            )
    except (KeyError, ValueError) as error:
        raise TrialError(
            f"{path}: a section or column of a DSSAT experiment is missing or no number: {error}"
        ) from error
    return plots


def _day(text: str, path: Path) -> np.datetime64:
    return day_of_year(text, path, 0)


def _measured(path: Path) -> dict[str, dict[str, float]]:
    names: list[str] = []
    plots: dict[str, dict[str, float]] = {}
    for line in text_of(path).splitlines():
        words = line.split()
        if line.startswith("@TRNO"):
            names = words[1:]
        elif names and words and words[0].isdigit():
            values = (float(word) for word in words[1:])
            plots[words[0]] = {n: v for n, v in zip(names, values, strict=False) if v > MISSING}
    return plots


def _measured_day(value: float, planted: np.datetime64) -> np.datetime64:
    """Return the date of a day of the year after planting; files write 090 or 85090."""
    if not np.isfinite(value):
        return np.datetime64("NaT", "D")
    of_year = int(value) % 1000
    year = planted.astype("datetime64[Y]")
    day: np.datetime64 = year.astype("datetime64[D]") + (of_year - 1)
    return day if day > planted else (year + 1).astype("datetime64[D]") + (of_year - 1)


def trials_of(plots: Sequence[Plot]) -> list[Plot]:
    """Return one plot per trial and cultivar, with the means of its plots; what none measured stays missing."""
    groups: dict[tuple[str, str, str], list[Plot]] = {}
    for plot in plots:
        groups.setdefault((plot.trial, plot.cultivar, str(plot.planted)), []).append(plot)
    return [_mean_of(members) for members in groups.values()]


def _mean_of(members: Sequence[Plot]) -> Plot:
    def mean(values: list[float]) -> float:
        known = [v for v in values if np.isfinite(v)]
        return float(np.mean(known)) if known else np.nan

    def mean_day(days: list[np.datetime64]) -> np.datetime64:
        known = [d.astype(int) for d in days if not np.isnat(d)]
        return np.datetime64(round(float(np.mean(known))), "D") if known else np.datetime64("NaT", "D")

    return replace(
        members[0],
        name=f"{len(members)} plots",
        grain=mean([p.grain for p in members]),
        biomass=mean([p.biomass for p in members]),
        anthesis=mean_day([p.anthesis for p in members]),
        maturity=mean_day([p.maturity for p in members]),
    )
