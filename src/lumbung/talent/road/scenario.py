"""A scenario: what is assumed, in whole people and yearly rates, and where each number comes from.

A scenario file is TOML. Every number in it stands under a ``[[source]]`` that names its key, or counts as an
assumption and is shown as one.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.road.apportion import spread
from lumbung.talent.road.provinces import PROVINCES

SHIPPED = Path(__file__).with_name("scenarios")
_YEARS = range(1990, 2101)
_PRESENT = 1.645


class ScenarioError(ValueError):
    """A scenario that cannot be followed, naming its file and key."""


@dataclass(frozen=True)
class Source:
    """Where a number comes from."""

    key: str
    text: str


@dataclass(frozen=True)
class Spread:
    """A 90 % interval of an assumption."""

    low: float
    high: float

    def draw(self, value: float, rng: np.random.Generator) -> float:
        """A normal draw with this interval, held within it stretched by half."""
        sd = (self.high - self.low) / (2 * _PRESENT)
        reach = (self.high - self.low) / 4
        return float(np.clip(rng.normal(value, sd), max(self.low - reach, 0.0), self.high + reach))


@dataclass(frozen=True)
class Rates:
    """Yearly rates per level; what happens to a person who is not being trained.

    Attributes
    ----------
    attrition, decay, migration : float64 [levels]
        Leave the field or the country; fall one level; move to another province.
    completion : float64 [levels]
        Share of filled places that end at the level.
    reservoir_exit : float
        Share of eligible people who leave (age, other reasons).
    """

    attrition: NDArray[np.float64]
    decay: NDArray[np.float64]
    migration: NDArray[np.float64]
    completion: NDArray[np.float64]
    reservoir_exit: float


@dataclass(frozen=True)
class Scenario:
    """Everything a road needs.

    Attributes
    ----------
    name, title, definition : str
        The definition says in words who counts as a talent.
    levels : tuple of str
        From lowest to highest.
    counted : bool [levels]
        Which levels count toward the target.
    provinces : tuple of str
    weights : float64 [provinces]
        Population, which spreads national numbers.
    first_year, last_year : int
        Years in which flows happen; stocks stand at the end of a year.
    target, target_year : int
    reservoir : int64 [provinces]
        Eligible people who are no talents yet.
    entrants : int64 [provinces]
        New eligible people every year.
    start : int64 [provinces, levels]
        Stocks at the end of the year before ``first_year``.
    places : int64 [years, provinces, levels]
        Training places.
    organic : int64 [years, provinces, levels]
        People who arrive at a level without a place (universities, work).
    rates : Rates
    pull : float64 [provinces]
        Where movers go, as weights.
    cost : float64 [levels]
        Per place.
    currency : str
    ceiling : float64 [years, levels]
        Most places per year, for planning.
    province_share : float
        No province gets more than this multiple of its population share of a ceiling.
    fairness : float
        Each province ends with at least this share of the national talents per head, for planning.
    spreads : mapping
        90 % intervals by key, e.g. ``rates.attrition``.
    sources : tuple of Source
    assumptions : tuple of str
        Keys without a source.
    """

    name: str
    title: str
    definition: str
    levels: tuple[str, ...]
    counted: NDArray[np.bool_]
    provinces: tuple[str, ...]
    weights: NDArray[np.float64]
    first_year: int
    last_year: int
    target: int
    target_year: int
    reservoir: NDArray[np.int64]
    entrants: NDArray[np.int64]
    start: NDArray[np.int64]
    places: NDArray[np.int64]
    organic: NDArray[np.int64]
    rates: Rates
    pull: NDArray[np.float64]
    cost: NDArray[np.float64]
    currency: str
    ceiling: NDArray[np.float64]
    province_share: float
    fairness: float
    spreads: Mapping[str, Spread] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    assumptions: tuple[str, ...] = ()
    start_people: int = 0
    ability: Mapping[str, float] = field(default_factory=dict)
    cuts: tuple[float, ...] = ()

    @property
    def n_years(self) -> int:
        return self.last_year - self.first_year + 1

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(range(self.first_year, self.last_year + 1))


class _Reader:
    """Reads keys of a document and says exactly which one is wrong."""

    def __init__(self, document: Mapping[str, Any], where: str) -> None:
        self._document = document
        self._where = where

    def fail(self, key: str, found: object, expected: str) -> ScenarioError:
        return ScenarioError(f"{self._where}, key {key}: found {found!r}, expected {expected}")

    def get(self, key: str, default: Any = None) -> Any:
        node: Any = self._document
        for part in key.split("."):
            if not isinstance(node, Mapping) or part not in node:
                return default
            node = node[part]
        return node

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, value, "a text")
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        value = self.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.fail(key, value, "a whole number of at least 0")
        return value

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        value = self.get(key, default)
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not math.isfinite(value)
            or not low <= value <= high
        ):
            raise self.fail(key, value, f"a number from {low:g} to {high:g}")
        return float(value)

    def year(self, key: str) -> int:
        value = self.get(key)
        if not isinstance(value, int) or value not in _YEARS:
            raise self.fail(key, value, f"a year from {_YEARS[0]} to {_YEARS[-1]}")
        return value

    def per_level(self, key: str, n: int, low: float, high: float, default: float) -> NDArray[np.float64]:
        """A number for all levels, or a list with one for each."""
        value = self.get(key, default)
        values = value if isinstance(value, list) else [value] * n
        good = len(values) == n and all(
            isinstance(v, int | float) and not isinstance(v, bool) and low <= v <= high for v in values
        )
        if not good:
            raise self.fail(key, value, f"one number or {n} numbers from {low:g} to {high:g}")
        return np.array(values, dtype=np.float64)


def _yearly(reader: _Reader, key: str, years: int, levels: int) -> NDArray[np.int64]:
    """People per year and level [years, levels]: one list for all years, or one list per year."""
    value = reader.get(key, [0] * levels)
    rows = value if value and isinstance(value[0], list) else [value] * years
    good = len(rows) == years and all(
        isinstance(row, list)
        and len(row) == levels
        and all(isinstance(v, int) and not isinstance(v, bool) and v >= 0 for v in row)
        for row in rows
    )
    if not good:
        raise reader.fail(key, value, f"{levels} whole numbers, or a list of them for each of {years} years")
    return np.array(rows, dtype=np.int64).reshape(years, levels)


def _over_provinces(rows: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.array([[spread(int(v), weights) for v in row] for row in rows]).transpose(0, 2, 1)


def _leaves(node: Mapping[str, Any], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, value in node.items():
        path = f"{prefix}{name}"
        keys += _leaves(value, f"{path}.") if isinstance(value, Mapping) else [path]
    return keys


def overridden(document: Mapping[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """A document with values replaced, each change given as ``key.path=value`` (value in TOML).

    Raises
    ------
    ScenarioError
        If a change is not of that form or its path leads through a value.
    """
    result: dict[str, Any] = {k: dict(v) if isinstance(v, Mapping) else v for k, v in document.items()}
    for change in changes:
        path, equals, text = change.partition("=")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise ScenarioError(
                f"change {change!r}: expected key.path=value, e.g. rates.attrition=0.05"
            ) from error
        node = result
        *way, last = path.strip().split(".")
        for part in way:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise ScenarioError(f"change {change!r}: {part} holds a value, not a section")
        if not equals:
            raise ScenarioError(f"change {change!r}: expected key.path=value")
        node[last] = value
        result.setdefault("changed", []).append(path.strip())
    return result


def read_document(path: Path) -> dict[str, Any]:
    """The TOML document of a scenario file.

    Raises
    ------
    ScenarioError
        If the file is not TOML, with its line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path}: not TOML: {error}") from error


def shipped() -> list[str]:
    """Names of the scenarios that come with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def parse(document: Mapping[str, Any], where: str) -> Scenario:
    """Build a scenario from its document.

    Parameters
    ----------
    document : mapping
    where : str
        Name of the file, for messages.

    Raises
    ------
    ScenarioError
        Naming the key, what was found and what was expected; also when years are impossible or rates
        sum to more than 1.
    """
    reader = _Reader(document, where)
    levels = reader.get("definition.levels")
    if not isinstance(levels, list) or not levels or not all(isinstance(v, str) for v in levels):
        raise reader.fail("definition.levels", levels, "a list of names, lowest level first")
    counted = reader.get("definition.counted")
    if not isinstance(counted, list) or not counted or not set(counted) <= set(levels):
        raise reader.fail("definition.counted", counted, f"some of {levels}")
    first, last = reader.year("first_year"), reader.year("last_year")
    if last < first:
        raise reader.fail("last_year", last, f"a year not before first_year, {first}")
    target_year = reader.year("target.year")
    if not first <= target_year <= last:
        raise reader.fail("target.year", target_year, f"a year from {first} to {last}")
    n, years = len(levels), last - first + 1
    provinces, weights = _provinces(reader)
    rates = Rates(
        reader.per_level("rates.attrition", n, 0, 1, 0.0),
        reader.per_level("rates.decay", n, 0, 1, 0.0),
        reader.per_level("rates.migration", n, 0, 1, 0.0),
        reader.per_level("training.completion", n, 0, 1, 1.0),
        reader.number("rates.reservoir_exit", 0, 1, 0.0),
    )
    check_rates(rates, where)
    people, cuts, ability, shares = _start(reader, n)
    start = _over_provinces(np.array([spread(people, shares)[1:]]), weights)[0]
    below = spread(people - int(start.sum()), weights)
    eligible = spread(reader.whole("eligible.people", 0), weights) + below
    ceiling = reader.get("plan.most_places")
    limits = (
        np.full((years, n), np.inf)
        if ceiling is None
        else _yearly(reader, "plan.most_places", years, n).astype(np.float64)
    )
    growth = reader.number("plan.growth", 0, 10, 1.0)
    limits = limits * growth ** np.arange(years)[:, None]
    sources = _sources(reader)
    return Scenario(
        reader.text("name"),
        reader.text("title"),
        reader.text("definition.text"),
        tuple(levels),
        np.array([level in counted for level in levels]),
        provinces,
        weights,
        first,
        last,
        reader.whole("target.people"),
        target_year,
        eligible,
        spread(reader.whole("eligible.entrants", 0), weights),
        start,
        _over_provinces(_yearly(reader, "training.places", years, n), weights),
        _over_provinces(_yearly(reader, "organic.people", years, n), weights),
        rates,
        weights ** reader.number("rates.pull_exponent", 0, 5, 1.0),
        reader.per_level("plan.cost", n, 0, 1e15, 1.0),
        str(reader.get("plan.currency", "cost units")),
        limits,
        reader.number("plan.province_share", 0, 1e6, 2.0),
        reader.number("plan.fairness", 0, 1, 0.0),
        _spreads(reader),
        sources,
        _unsourced(document, sources),
        people,
        ability,
        cuts,
    )


def with_counts(scenario: Scenario, counts: NDArray[np.int64], source: str) -> Scenario:
    """Start from people counted by province and level instead of an assumed number at an assumed ability.

    Who was in the old start and is not counted still exists: as somebody eligible. Counts are no interval, so the one
    of the old start goes.

    Parameters
    ----------
    counts : int64 [provinces, levels]
    source : str
        Where they come from, for the reader.
    """
    uncounted = np.maximum(scenario.start.sum(axis=1) - counts.sum(axis=1), 0)
    return replace(
        scenario,
        start=counts,
        start_people=int(counts.sum()),
        reservoir=scenario.reservoir + uncounted,
        cuts=(),
        ability={},
        spreads={key: spread for key, spread in scenario.spreads.items() if key != "start"},
        sources=(*scenario.sources, Source("start", source)),
        assumptions=tuple(key for key in scenario.assumptions if not key.startswith("start")),
    )


def check_rates(rates: Rates, where: str) -> None:
    """Raise ScenarioError where a level's rates sum to more than 1."""
    total = rates.attrition + rates.decay + rates.migration
    if (total > 1 + 1e-12).any():
        level = int(np.argmax(total))
        raise ScenarioError(
            f"{where}, level {level + 1}: attrition, decay and migration sum to {total[level]:.3f}; at most 1"
        )


def _provinces(reader: _Reader) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    table = reader.get("provinces")
    if table is None:
        return tuple(name for _, name, _ in PROVINCES), np.array(
            [p for _, _, p in PROVINCES], dtype=np.float64
        )
    if not isinstance(table, Mapping) or not table:
        raise reader.fail("provinces", table, "a table of names and populations")
    for name, value in table.items():
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise reader.fail(f"provinces.{name}", value, "a whole number above 0")
    return tuple(table), np.array(list(table.values()), dtype=np.float64)


def _start(reader: _Reader, n: int) -> tuple[int, tuple[float, ...], dict[str, float], NDArray[np.float64]]:
    """People at the start, and their shares below every level and at each level."""
    from lumbung.talent.road.competence import shares_at_levels

    people = reader.whole("start.people", 0)
    cuts = reader.get("start.cuts")
    if cuts is not None:
        good = isinstance(cuts, list) and len(cuts) == n and all(isinstance(c, int | float) for c in cuts)
        if not good or any(b <= a for a, b in pairwise(cuts)):
            raise reader.fail("start.cuts", cuts, f"{n} rising abilities, one per level")
        ability = {
            "mean": reader.number("start.ability_mean", -6, 6, 0.0),
            "mean_error": reader.number("start.ability_mean_error", 0, 6, 0.0),
            "sd": reader.number("start.ability_sd", 0.01, 6, 1.0),
        }
        return (
            people,
            tuple(map(float, cuts)),
            ability,
            shares_at_levels(ability["mean"], ability["sd"], cuts),
        )
    shares = reader.per_level("start.shares", n, 0, 1, 0.0) if people else np.zeros(n)
    if shares.sum() > 1 + 1e-9:
        raise reader.fail(
            "start.shares", shares.tolist(), "shares that sum to at most 1; the rest is below every level"
        )
    return people, (), {}, np.concatenate([[max(0.0, 1 - shares.sum())], shares])


def _spreads(reader: _Reader) -> dict[str, Spread]:
    found: dict[str, Spread] = {}
    for key, value in (reader.get("uncertainty") or {}).items():
        if not isinstance(value, list) or len(value) != 2 or not value[0] <= value[1]:
            raise reader.fail(f"uncertainty.{key}", value, "[low, high], a 90 % interval")
        found[key] = Spread(float(value[0]), float(value[1]))
    return found


def _sources(reader: _Reader) -> tuple[Source, ...]:
    found = []
    for number, row in enumerate(reader.get("source") or []):
        if not isinstance(row, Mapping) or not {"key", "text"} <= set(row):
            raise reader.fail(f"source[{number}]", row, "key and text")
        found.append(Source(str(row["key"]), str(row["text"])))
    return tuple(found)


def _unsourced(document: Mapping[str, Any], sources: Sequence[Source]) -> tuple[str, ...]:
    """Keys with numbers that no source covers; a source covers its key and all below it."""
    named = [source.key for source in sources]
    words = {"name", "title", "source", "changed", "first_year", "last_year"}
    keys = [key for key in _leaves(document) if key.split(".")[0] not in words | {"definition"}]
    covered = [key for key in keys if any(key == name or key.startswith(f"{name}.") for name in named)]
    changed = set(document.get("changed", []))
    return tuple(key for key in keys if (key not in covered or key in changed) and key != "plan.currency")


def load(name_or_path: str, changes: Sequence[str] = ()) -> Scenario:
    """Load a shipped scenario by name, or a file by path, with changes such as ``rates.attrition=0.05``.

    Raises
    ------
    ScenarioError
        If there is no such scenario or it is wrong.
    """
    path = SHIPPED / f"{name_or_path}.toml"
    if not path.is_file():
        path = Path(name_or_path)
    if not path.is_file():
        raise ScenarioError(
            f"no scenario {name_or_path!r}; shipped are {', '.join(shipped())}, or give a TOML file"
        )
    return parse(overridden(read_document(path), changes), path.name)
