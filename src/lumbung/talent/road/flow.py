"""People from year to year: a stock-flow cohort model in whole people.

Within a year, in this order:

1. *Training*: places are filled from the level below (the lowest level from the eligible), as far as people
   are there; completers move up, the others stay where they were.
2. *Organic arrivals* enter their level from the eligible.
3. Those of a level who were not trained up either leave the field, fall one level (from the lowest: back to
   the eligible), move to another province, or stay.
4. Eligible people leave or stay, and new ones arrive.

Everybody is somewhere at any time: eligible, at a level, or gone. The sum grows by the new eligible people
alone, to the unit, and every year is checked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.road.apportion import split
from lumbung.talent.road.scenario import Scenario


class ConservationError(RuntimeError):
    """People appeared or vanished: a fault of the model itself."""


@dataclass(frozen=True)
class Road:
    """What happened, year by year; index 0 of the stocks is the start.

    Attributes
    ----------
    stock : int64 [years + 1, provinces, levels]
    reservoir, gone : int64 [years + 1, provinces]
        Eligible people, and people who left so far.
    filled, completed : int64 [years, provinces, levels]
        Places filled, and people who completed.
    arrived : int64 [years, provinces, levels]
        Organic arrivals.
    left, fell, moved : int64 [years, provinces, levels]
        People who left, fell one level, or moved away.
    counted : int64 [years + 1]
        Talents by the scenario's definition.
    """

    stock: NDArray[np.int64]
    reservoir: NDArray[np.int64]
    gone: NDArray[np.int64]
    filled: NDArray[np.int64]
    completed: NDArray[np.int64]
    arrived: NDArray[np.int64]
    left: NDArray[np.int64]
    fell: NDArray[np.int64]
    moved: NDArray[np.int64]
    counted: NDArray[np.int64]

    @property
    def people(self) -> NDArray[np.int64]:
        """Everybody, at the start and at the end of each year."""
        return np.asarray(self.stock.sum(axis=(1, 2)) + self.reservoir.sum(axis=1) + self.gone.sum(axis=1))


def destinations(pull: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where movers from each province go [from, to]; nobody moves to where they are."""
    shares = np.tile(pull, (len(pull), 1))
    np.fill_diagonal(shares, 0.0)
    total = shares.sum(axis=1, keepdims=True)
    return np.where(total > 0, shares / np.maximum(total, 1e-300), np.eye(len(pull)))


def travel(
    scenario: Scenario, rng: np.random.Generator | None = None, places: NDArray[np.int64] | None = None
) -> Road:
    """Follow a scenario.

    Parameters
    ----------
    rng : numpy.random.Generator, optional
        Draw what happens to people; by default expected numbers, rounded by largest remainder.
    places : int64 [years, provinces, levels], optional
        Another training plan than the scenario's.

    Raises
    ------
    ConservationError
        If the model lost or made a person.
    """
    plan = scenario.places if places is None else places
    years, (n_provinces, n_levels) = scenario.n_years, scenario.start.shape
    shape = (years, n_provinces, n_levels)
    stock = np.zeros((years + 1, n_provinces, n_levels), dtype=np.int64)
    reservoir = np.zeros((years + 1, n_provinces), dtype=np.int64)
    gone = np.zeros_like(reservoir)
    filled, completed, arrived, left, fell, moved = (np.zeros(shape, dtype=np.int64) for _ in range(6))
    stock[0], reservoir[0] = scenario.start, scenario.reservoir
    going_to = destinations(scenario.pull)
    for t in range(years):
        now, eligible = stock[t].copy(), reservoir[t].copy()
        _train(scenario, plan[t], now, eligible, filled[t], completed[t], rng)
        _arrive(scenario.organic[t], eligible, arrived[t])
        back = _leave_fall_move(scenario, now, going_to, left[t], fell[t], moved[t], rng)
        exits = _share_of(eligible, scenario.rates.reservoir_exit, rng)
        stock[t + 1] = now + completed[t] + arrived[t]
        reservoir[t + 1] = eligible - exits + back + scenario.entrants
        gone[t + 1] = gone[t] + exits + left[t].sum(axis=1)
    road = Road(
        stock, reservoir, gone, filled, completed, arrived, left, fell, moved,
        stock[:, :, scenario.counted].sum(axis=(1, 2)),
    )  # fmt: skip
    _check(road, int(scenario.entrants.sum()))
    return road


def _share_of(people: NDArray[np.int64], share: float, rng: np.random.Generator | None) -> NDArray[np.int64]:
    return split(people, np.tile([share, 1 - share], (len(people), 1)), rng)[:, 0]


def _train(
    scenario: Scenario,
    places: NDArray[np.int64],
    stock: NDArray[np.int64],
    eligible: NDArray[np.int64],
    filled: NDArray[np.int64],
    completed: NDArray[np.int64],
    rng: np.random.Generator | None,
) -> None:
    """Fill places and take completers out of their former level, in place (they arrive at the end of the
    year).
    """
    for level in range(stock.shape[1]):
        source = eligible if level == 0 else stock[:, level - 1]
        filled[:, level] = np.minimum(places[:, level], source)
        completed[:, level] = _share_of(filled[:, level], float(scenario.rates.completion[level]), rng)
        source -= completed[:, level]


def _arrive(organic: NDArray[np.int64], eligible: NDArray[np.int64], arrived: NDArray[np.int64]) -> None:
    for level in range(organic.shape[1]):
        arrived[:, level] = np.minimum(organic[:, level], eligible)
        eligible -= arrived[:, level]


def _leave_fall_move(
    scenario: Scenario,
    stock: NDArray[np.int64],
    going_to: NDArray[np.float64],
    left: NDArray[np.int64],
    fell: NDArray[np.int64],
    moved: NDArray[np.int64],
    rng: np.random.Generator | None,
) -> NDArray[np.int64]:
    """Apply the yearly rates in place; return who fell back to the eligible."""
    rates = scenario.rates
    new = np.zeros_like(stock)
    back = np.zeros(len(stock), dtype=np.int64)
    for level in range(stock.shape[1]):
        leave, fall, move = (
            float(rates.attrition[level]),
            float(rates.decay[level]),
            float(rates.migration[level]),
        )
        shares = np.tile([leave, fall, move, max(0.0, 1 - leave - fall - move)], (len(stock), 1))
        parts = split(stock[:, level], shares, rng)
        left[:, level], fell[:, level], moved[:, level] = parts[:, 0], parts[:, 1], parts[:, 2]
        new[:, level] += parts[:, 3] + split(parts[:, 2], going_to, rng).sum(axis=0)
        if level == 0:
            back += parts[:, 1]
        else:
            new[:, level - 1] += parts[:, 1]
    stock[:] = new
    return back


def _check(road: Road, entrants: int) -> None:
    people = road.people
    wanted = people[0] + entrants * np.arange(len(people))
    if not (people == wanted).all() or min(road.stock.min(), road.reservoir.min(), road.gone.min()) < 0:
        year = int(np.argmax(people != wanted))
        raise ConservationError(
            f"after year {year} there are {people[year]:,} people, expected {wanted[year]:,}; report this fault"
        )
