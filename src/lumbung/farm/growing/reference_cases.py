"""Reference cases: seasons whose every day is known, in the layouts others publish them in, and the engine held to them.

Two layouts are read, each plain or gzipped: PCSE's test files (YAML: AgroManagement, ModelParameters, WeatherVariables,
ModelResults) and a JSON list of seasons (params, site, weather, results by day, summary).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.farm.growing.crop_parameters import Variety
from lumbung.farm.growing.harvest import Harvest, grow
from lumbung.farm.growing.soil_parameters import Soil
from lumbung.farm.weather.record import Weather

TOLERANCE = 1e-9
_CM_TO_MM = 10.0
_FLOW_ROW = re.compile(r"^- \{(.*?)\}$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^(\w+):", re.MULTILINE)
_TABLES = ("ModelResults", "WeatherVariables", "ExternalStates")


class CaseError(ValueError):
    """A file that claims to hold reference cases and cannot be read as such."""


NEWER = "a season of WOFOST 8.1"  # why a case is left out: its supply of nitrogen is in no published layout


@dataclass(frozen=True, eq=False)
class Case:
    """A season and what it must bring: rows of named values by day, and values at its end."""

    name: str
    production: str
    weather: Weather
    crop: Variety
    soil: Soil
    start: date
    sowing: bool
    longest: int
    until_maturity: bool
    rows: Sequence[Mapping[str, Any]]
    summary: Mapping[str, Any]


@dataclass
class Verdict:
    """How a case came out: whether it passed, its worst error by variable, and where it first failed."""

    name: str
    passed: bool
    errors: dict[str, float]
    first_failure: str = ""


@dataclass
class Report:
    """The verdicts on the cases of a folder, and what in it is no season."""

    folder: str
    verdicts: list[Verdict] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def newer(self) -> int:
        """How many seasons of WOFOST 8.1 were left out."""
        return sum(why == NEWER for why in self.skipped.values())

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(v.passed for v in self.verdicts)

    @property
    def worst(self) -> dict[str, float]:
        """The largest error by variable, as |ours - theirs| / (1 + |theirs|)."""
        out: dict[str, float] = {}
        for verdict in self.verdicts:
            for name, error in verdict.errors.items():
                out[name] = max(out.get(name, 0.0), error)
        return dict(sorted(out.items()))


def read_text(path: Path) -> str:
    """Return a file's text, gzipped or not."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            return stream.read()
    return path.read_text(encoding="utf-8")


def _value(text: str) -> Any:
    if text in ("null", "~", ""):
        return None
    if text == ".nan":
        return float("nan")
    try:
        return float(text)
    except ValueError:
        return date.fromisoformat(text)


def _rows(body: str) -> list[dict[str, Any]] | None:
    """Read a list of one-line mappings; None where the text has any other form.

    A general YAML reader takes half a second for such a file, this a few milliseconds.
    """
    out = []
    try:
        for match in _FLOW_ROW.finditer(body):
            pairs = (pair.split(": ", 1) for pair in match.group(1).replace("\n ", "").split(", "))
            out.append({key.strip(): _value(value.strip()) for key, value in pairs})
    except ValueError:
        return None
    return out if len(out) == body.count("\n- ") + body.startswith("- ") else None


def read_test_file(text: str) -> dict[str, Any]:
    """Read a PCSE test file into its sections: the tables as lists of rows, the others as YAML reads them."""
    import yaml

    heads = list(_SECTION.finditer(text))
    out: dict[str, Any] = {}
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        section = text[head.start() : following.start() if following else len(text)]
        name = head.group(1)
        rows = _rows(section[len(name) + 1 :].lstrip()) if name in _TABLES else None
        out[name] = rows or yaml.load(section, Loader=yaml.CSafeLoader)[name]
    return out


def _weather(name: str, rows: Sequence[Mapping[str, Any]], first: date) -> Weather:
    def column(key: str, factor: float = 1.0) -> np.ndarray:
        return np.array([row[key] for row in rows], dtype=np.float64) * factor

    return Weather(
        name,
        float(rows[0]["LAT"]),
        float(rows[0].get("LON", 0.0)),
        float(rows[0].get("ELEV", 0.0)),
        np.datetime64(first, "D"),
        tmin=column("TMIN"),
        tmax=column("TMAX"),
        irradiation=column("IRRAD"),
        vapour_pressure=column("VAP"),
        wind=column("WIND"),
        rain=column("RAIN", _CM_TO_MM),
        e0=column("E0", _CM_TO_MM),
        es0=column("ES0", _CM_TO_MM),
        et0=column("ET0", _CM_TO_MM),
        temperature=column("TEMP") if "TEMP" in rows[0] else None,
        source="reference case",
    )


def _from_test_file(path: Path, content: Mapping[str, Any]) -> Case:
    calendar = next(iter(content["AgroManagement"][0].values()))["CropCalendar"]
    start, rows = calendar["crop_start_date"], content["ModelResults"]
    longest = int(calendar["max_duration"])
    if calendar["crop_end_type"] != "maturity":
        longest = min(longest, (calendar["crop_end_date"] - start).days)
    weather = content["WeatherVariables"]
    parameters = content["ModelParameters"]
    return Case(
        path.name,
        "water-limited" if "WWLOW" in rows[0] else "potential",
        _weather(path.name, weather, weather[0]["DAY"]),
        Variety(str(calendar["variety_name"]), str(calendar["crop_name"]), parameters, path.name),
        Soil(path.name, parameters, path.name),
        start,
        calendar["crop_start_type"] == "sowing",
        longest,
        calendar["crop_end_type"] != "harvest",
        rows,
        {},
    )


def _from_json(path: Path, number: int, content: Mapping[str, Any]) -> Case:
    name = f"{path.name} #{number} {content['variety']} {content['start']}"
    start = date.fromisoformat(content["start"])
    return Case(
        name,
        "water-limited" if "WLP" in content["model"] else "potential",
        _weather(name, content["weather"], start),
        Variety(content["variety"], "rice", content["params"], path.name),
        Soil(str(content.get("soil", "soil")), {**content["params"], **content["site"]}, path.name),
        start,
        content["start_type"] == "sowing",
        len(content["weather"]) - 1,
        True,
        [{("DAY" if k == "day" else k): v for k, v in row.items()} for row in content["results"]],
        content["summary"],
    )


def _whole_season(content: Mapping[str, Any]) -> str:
    """Return why a test file is no whole season, or nothing."""
    if content.get("AgroManagement") is None:
        return "a test of one module: no season"
    # Potential production gets its soil moisture, which changes nothing, from outside; a module test gets more.
    if any(set(row) - {"DAY", "SM"} for row in content.get("ExternalStates") or ()):
        return "a test of one module: its states come from outside"
    if "TDWI" not in (content.get("ModelParameters") or {}):
        return "a test of one module: no whole crop"
    return ""


def find_cases(folder: Path, skipped: dict[str, str]) -> Iterator[Case]:
    """Yield the cases in a folder and those below it; files that hold no season go to ``skipped`` with the reason.

    Raises
    ------
    CaseError
        When a file of the right kind cannot be read.
    """
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        kind = path.name.lower().removesuffix(".gz").rpartition(".")[2]
        if kind not in ("yaml", "yml", "json"):
            continue
        try:
            if kind == "json":
                content = json.loads(read_text(path))
                if not (isinstance(content, list) and content and "results" in content[0]):
                    skipped[path.name] = "no list of seasons"
                    continue
                for number, one in enumerate(content):
                    yield _from_json(path, number, one)
                continue
            text = read_text(path)
            if "ModelResults:" not in text:
                skipped[path.name] = "no ModelResults"
                continue
            test = read_test_file(text)
            why = _whole_season(test)
            if why:
                skipped[path.name] = why
            else:
                yield _from_test_file(path, test)
        except (KeyError, TypeError, AttributeError, StopIteration, ValueError) as error:
            raise CaseError(f"{path}: cannot be read as a reference case: {error!r}") from error


def _grow(cases: Sequence[Case], threads: int | None) -> Harvest:
    index = np.arange(len(cases))
    return grow(
        [c.weather for c in cases],
        [c.crop for c in cases],
        [c.soil for c in cases],
        [c.start for c in cases],
        weather_index=index,
        crop_index=index,
        soil_index=index,
        production=cases[0].production,
        sowing=[c.sowing for c in cases],
        longest=[c.longest for c in cases],
        until_maturity=[c.until_maturity for c in cases],
        daily=True,
        on_fault="report",
        threads=threads,
    )


def _end_values(case: Case, harvest: Harvest, season: int) -> Iterator[tuple[str, float, float]]:
    """Yield name, ours, theirs of what a case says of the season's end."""
    for name, theirs in case.summary.items():
        if name not in harvest.columns:
            continue
        ours = float(harvest[name][season])
        if name in ("DOE", "DOA", "DOM", "DOV"):
            theirs = -1 if theirs is None else (date.fromisoformat(theirs) - case.start).days
        if theirs is not None:
            yield name, ours, float(theirs)


def _judge(case: Case, harvest: Harvest, season: int, tolerance: float) -> Verdict:
    verdict = Verdict(case.name, True, {})
    table = harvest.daily_table(season)
    days = len(next(iter(table.values())))

    def hold(name: str, ours: float, theirs: float, where: str) -> None:
        error = abs(ours - theirs)
        scaled = error / (1.0 + abs(theirs))
        verdict.errors[name] = max(verdict.errors.get(name, 0.0), scaled if scaled == scaled else np.inf)
        if not error <= tolerance + tolerance * abs(theirs):
            if verdict.passed:
                verdict.first_failure = f"{where}: {name} is {ours!r}, expected {theirs!r}"
            verdict.passed = False

    if days != len(case.rows):
        verdict.passed = False
        verdict.first_failure = f"{days} days grown, expected {len(case.rows)}"
    for day, row in enumerate(case.rows[:days]):
        for name, theirs in row.items():
            if name in table and theirs is not None:
                if case.production == "potential" and name == "WWLOW":
                    continue
                hold(name, float(table[name][day]), float(theirs), str(row["DAY"]))
    for name, ours, theirs in _end_values(case, harvest, season):
        hold(name, ours, theirs, "at the end")
    return verdict


def check(folder: Path | str, *, tolerance: float = TOLERANCE, threads: int | None = None) -> Report:
    """Grow every reference case in a folder and compare every day and variable.

    A value passes when |ours - theirs| <= tolerance + tolerance |theirs|.

    Raises
    ------
    CaseError
        When the folder does not exist, holds no case, or a case cannot be read.
    """
    folder = Path(folder)
    if not folder.exists():
        raise CaseError(f"{folder}: no such folder")
    report = Report(str(folder))
    by_production: dict[str, list[Case]] = {}
    for case in find_cases(folder, report.skipped):
        if case.crop.knows_nitrogen:
            report.skipped[case.name] = NEWER
            continue
        by_production.setdefault(case.production, []).append(case)
    if not by_production:
        raise CaseError(
            f"{folder}: no reference case found (PCSE test files .yaml, or .json with a list of seasons); "
            f"{len(report.skipped)} files are no whole seasons"
        )
    for cases in by_production.values():
        harvest = _grow(cases, threads)
        report.verdicts.extend(_judge(case, harvest, k, tolerance) for k, case in enumerate(cases))
    return report
