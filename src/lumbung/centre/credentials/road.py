"""The road to the target for a page: a scenario with a few assumptions changed, followed often enough to show its range.

It is plain numpy and takes some tenths of a second; an answer is kept for the next who asks the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.centre.credentials.nation import Measured
from lumbung.talent.road.flow import travel
from lumbung.talent.road.provinces import PROVINCES
from lumbung.talent.road.scenario import SHIPPED, Scenario, parse, read_document, shipped, with_counts
from lumbung.talent.road.uncertainty import travel_often

DRAWS = 100
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400.0, 260.0, 34.0, 22.0, 20.0, 24.0


@dataclass(frozen=True)
class Assumptions:
    """What a reader may change; None leaves the scenario's own value.

    Attributes
    ----------
    places : float
        Training places, as a multiple of the scenario's.
    attrition, decay : float, optional
        Per cent of people a year who leave, and who lose skills and fall one level; for all levels.
    ability : float, optional
        Mean ability of the people at the start.
    measured : Measured, optional
        Start from measured ability, its error as the uncertainty, instead of the scenario's assumption.
    badges : tuple of (province number, level, people), optional
        Start from counted badges alone.
    """

    scenario: str = "competence"
    places: float = 1.0
    attrition: float | None = None
    decay: float | None = None
    ability: float | None = None
    measured: Measured | None = None
    badges: tuple[tuple[str, str, int], ...] | None = None


@dataclass(frozen=True)
class Drawing:
    """Coordinates of the picture, written for SVG."""

    line: str
    band: str
    target_y: str
    target_x: str
    years: list[tuple[str, int]]
    ticks: list[tuple[str, float]]


@dataclass(frozen=True)
class Road:
    """What the page shows.

    Attributes
    ----------
    reached : float
        Per cent of draws that meet the target.
    middle, low, high : float
        Talents in the target year, in millions: expected, and the ends of the 90 % range.
    start, target, gap : float
        In millions; the gap is what the middle misses, 0 where nothing.
    levels : list of (str, float, bool)
        Level, millions of people in the target year, whether it counts.
    attrition, decay : float
        Per cent a year, mean over levels.
    places : float
        Training places in the first year.
    ability : float or None
        Mean ability of the people at the start, where the scenario measures it.
    provinces : list of (str, float)
        Talents per thousand people in the target year, most first.
    """

    scenario: Scenario
    drawing: Drawing
    reached: float
    start: float
    middle: float
    low: float
    high: float
    target: float
    gap: float
    levels: list[tuple[str, float, bool]]
    attrition: float
    decay: float
    places: float
    ability: float | None
    provinces: list[tuple[str, float]]


def names() -> list[str]:
    """Return the shipped scenarios."""
    return shipped()


@lru_cache(maxsize=256)
def road_of(assumed: Assumptions) -> Road:
    """Follow a scenario under a reader's assumptions.

    Raises
    ------
    lumbung.talent.road.scenario.ScenarioError
        When the rates of a level sum to more than 1.
    """
    scenario = scenario_of(assumed)
    expected, often = travel(scenario), travel_often(scenario, DRAWS)
    low, high = often.quantiles(0.05, 0.95) / 1e6
    at = scenario.target_year - scenario.first_year + 1
    talents = expected.stock[at][:, scenario.counted].sum(axis=1)
    per_thousand = 1000 * talents / scenario.weights
    middle = expected.counted / 1e6
    order = np.argsort(-per_thousand, kind="stable")
    return Road(
        scenario,
        _drawing(scenario, middle, low, high),
        100 * often.reached,
        float(middle[0]),
        float(middle[at]),
        float(low[at]),
        float(high[at]),
        scenario.target / 1e6,
        max(0.0, float(scenario.target / 1e6 - middle[at])),
        [
            (name, float(expected.stock[at][:, k].sum()) / 1e6, bool(scenario.counted[k]))
            for k, name in enumerate(scenario.levels)
        ],
        100 * float(scenario.rates.attrition.mean()),
        100 * float(scenario.rates.decay.mean()),
        float(scenario.places[0].sum()),
        scenario.ability.get("mean"),
        [(scenario.provinces[k], float(per_thousand[k])) for k in order],
    )


def scenario_of(assumed: Assumptions) -> Scenario:
    """Return the scenario a reader's assumptions make.

    Raises
    ------
    lumbung.talent.road.scenario.ScenarioError
        When the rates of a level sum to more than 1.
    """
    document = _changed(read_document(SHIPPED / f"{assumed.scenario}.toml"), assumed)
    scenario = parse(document, assumed.scenario)
    if assumed.badges is None or not scenario.cuts:
        return scenario
    counts = np.zeros_like(scenario.start)
    numbers = [number for number, _name, _people in PROVINCES]
    for province, level, people in assumed.badges:
        counts[numbers.index(province), scenario.levels.index(level)] = people
    return with_counts(scenario, counts, "Counts of verified badges.")


@dataclass(frozen=True)
class PlanFound:
    """The cheapest plan as a page shows it.

    Attributes
    ----------
    cost, bound : float
        In the scenario's currency; no plan can cost less than the bound.
    gap : float
        Per cent.
    years : list of (int, list of int)
        Places of each level in each year.
    provinces : list of (str, list of int, float)
        Places of each level over all years, and talents per thousand people in the target year.
    """

    scenario: Scenario
    cost: float
    bound: float
    gap: float
    years: list[tuple[int, list[int]]]
    provinces: list[tuple[str, list[int], float]]


@lru_cache(maxsize=64)
def plan_of(assumed: Assumptions) -> PlanFound | int:
    """Find the cheapest plan of training places that meets the target; else how many talents can be reached at most.

    Raises
    ------
    lumbung.talent.road.scenario.ScenarioError
        When the rates of a level sum to more than 1.
    """
    from lumbung.talent.road.plan import PlanError, cheapest_plan, most_reachable

    scenario = scenario_of(assumed)
    try:
        plan = cheapest_plan(scenario)
    except PlanError:
        return most_reachable(scenario)
    at = scenario.target_year - scenario.first_year + 1
    per_thousand = 1000 * plan.road.stock[at][:, scenario.counted].sum(axis=1) / scenario.weights
    return PlanFound(
        scenario,
        plan.cost,
        plan.bound,
        100 * plan.gap,
        [(year, [int(n) for n in plan.places[t].sum(axis=0)]) for t, year in enumerate(scenario.years[:at])],
        [
            (name, [int(n) for n in plan.places[:, p].sum(axis=0)], float(per_thousand[p]))
            for p, name in enumerate(scenario.provinces)
        ],
    )


def _changed(document: dict[str, Any], assumed: Assumptions) -> dict[str, Any]:
    rates, training = document.setdefault("rates", {}), document["training"]
    training["places"] = [round(count * assumed.places) for count in training["places"]]
    for key, percent in (("attrition", assumed.attrition), ("decay", assumed.decay)):
        if percent is not None:
            rates[key] = percent / 100
            _move_interval(document.get("uncertainty", {}), key, percent / 100)
    if assumed.measured is not None and "cuts" in document.get("start", {}):
        found = assumed.measured
        document["start"] |= {
            "ability_mean": found.mean, "ability_mean_error": found.error, "ability_sd": max(found.sd, 0.01)
        }  # fmt: skip
    if assumed.ability is not None and "cuts" in document.get("start", {}):
        document["start"]["ability_mean"] = assumed.ability
    return document


def _move_interval(intervals: dict[str, list[float]], key: str, value: float) -> None:
    """Keep the width of an interval around another value: a reader who changes a rate is as unsure of it as we were."""
    if key in intervals:
        half = (intervals[key][1] - intervals[key][0]) / 2
        intervals[key] = [max(0.0, value - half), value + half]


def _drawing(
    scenario: Scenario, middle: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> Drawing:
    years = np.arange(scenario.first_year - 1, scenario.last_year + 1)
    top = 1.1 * max(float(high.max()), float(middle.max()), scenario.target / 1e6)

    def x(year: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (year - years[0]) / (years[-1] - years[0])

    def y(millions: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * millions / top

    def points(values: NDArray[np.float64], order: NDArray[np.int64]) -> str:
        return " ".join(f"{x(year):.1f},{y(value):.1f}" for year, value in zip(order, values, strict=True))

    step = next(step for step in (0.5, 1, 2, 3, 5, 10, 20, 50) if top / step <= 6)
    every = -(-len(years) // 8)
    return Drawing(
        points(middle, years),
        f"{points(low, years)} {points(high[::-1], years[::-1])}",
        f"{y(scenario.target / 1e6):.1f}",
        f"{x(scenario.target_year):.1f}",
        [(f"{x(year):.1f}", int(year)) for year in years[::-1][::every]],
        [(f"{y(k * step):.1f}", float(k * step)) for k in range(int(top / step) + 1)],
    )
