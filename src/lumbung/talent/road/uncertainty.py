"""How sure the road is: the same scenario many times, each with other draws of what is uncertain.

Drawn are the rates and shares that have a 90 % interval in the scenario, the mean ability of the people at
the start (its standard error comes from measurement), and what happens to each person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.road.apportion import spread
from lumbung.talent.road.competence import shares_at_levels
from lumbung.talent.road.flow import travel
from lumbung.talent.road.scenario import Rates, Scenario, ScenarioError

_KEYS = ("attrition", "decay", "migration", "completion", "organic", "start")


@dataclass(frozen=True)
class Range:
    """Talents over many draws.

    Attributes
    ----------
    counted : int64 [draws, years + 1]
    reached : float
        Share of draws in which the target is met in the target year.
    by_level : int64 [draws, levels]
        Stocks at the end of the target year.
    """

    counted: NDArray[np.int64]
    reached: float
    by_level: NDArray[np.int64]

    def quantiles(self, *levels: float) -> NDArray[np.float64]:
        """Quantiles of the talents at the start and at the end of each year [levels, years + 1]."""
        return np.quantile(self.counted, levels, axis=0)


def _drawn(scenario: Scenario, rng: np.random.Generator) -> Scenario:
    """The scenario with one draw of everything uncertain."""
    unknown = set(scenario.spreads) - set(_KEYS)
    if unknown:
        raise ScenarioError(f"uncertainty.{sorted(unknown)[0]}: expected one of {', '.join(_KEYS)}")

    def factor(key: str, value: float) -> float:
        """One draw serves all levels: the interval is that of the mean over levels."""
        if key not in scenario.spreads or value <= 0:
            return 1.0
        return scenario.spreads[key].draw(value, rng) / value

    rates = scenario.rates
    attrition = rates.attrition * factor("attrition", float(rates.attrition.mean()))
    decay = rates.decay * factor("decay", float(rates.decay.mean()))
    migration = rates.migration * factor("migration", float(rates.migration.mean()))
    completion = np.clip(rates.completion * factor("completion", float(rates.completion.mean())), 0, 1)
    scale = np.maximum(attrition + decay + migration, 1.0)
    new = replace(
        scenario,
        rates=Rates(attrition / scale, decay / scale, migration / scale, completion, rates.reservoir_exit),
    )
    if "organic" in scenario.spreads:
        yearly = float(scenario.organic.sum(axis=(1, 2)).mean())
        times = factor("organic", yearly)
        new = replace(
            new,
            organic=np.floor(scenario.organic * times + rng.random(scenario.organic.shape)).astype(np.int64),
        )
    return _restarted(new, factor("start", float(scenario.start_people)), rng)


def _restarted(scenario: Scenario, times: float, rng: np.random.Generator) -> Scenario:
    """Another start: another number of people, and levels by another mean ability."""
    if times == 1.0 and not (scenario.cuts and scenario.ability["mean_error"] > 0):
        return scenario
    people = round(scenario.start_people * times)
    if scenario.cuts:
        mean = rng.normal(scenario.ability["mean"], scenario.ability["mean_error"])
        shares = shares_at_levels(mean, scenario.ability["sd"], scenario.cuts)
    else:
        total = max(scenario.start_people, 1)
        at = scenario.start.sum(axis=0) / total
        shares = np.concatenate([[max(0.0, 1 - at.sum())], at])
    stock = np.stack([spread(int(v), scenario.weights) for v in spread(people, shares)[1:]], axis=1)
    old_below = scenario.start_people - int(scenario.start.sum())
    eligible = int(scenario.reservoir.sum()) - old_below + people - int(stock.sum())
    return replace(scenario, start=stock, reservoir=spread(max(eligible, 0), scenario.weights))


def travel_often(
    scenario: Scenario,
    draws: int = 400,
    seed: int = 0,
    places: NDArray[np.int64] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Range:
    """Follow a scenario under many draws.

    Raises
    ------
    ScenarioError
        If an interval names something that is not uncertain here.
    """
    counted = np.empty((draws, scenario.n_years + 1), dtype=np.int64)
    by_level = np.empty((draws, len(scenario.levels)), dtype=np.int64)
    at = scenario.target_year - scenario.first_year + 1
    for k in range(draws):
        rng = np.random.default_rng([seed, k])
        road = travel(_drawn(scenario, rng), rng, places)
        counted[k], by_level[k] = road.counted, road.stock[at].sum(axis=0)
        if progress is not None:
            progress(k + 1, draws)
    return Range(counted, float((counted[:, at] >= scenario.target).mean()), by_level)
