"""Golongan: an irrigation scheme divided into rotation groups that begin one after the other, so that its water suffices.

If a whole scheme puddles its fields in the same ten days, no canal carries enough; Indonesian schemes therefore divide into *golongan*
that begin ten days or a fortnight apart. Which block belongs to which, and which crops it may then grow, is decided here by CP-SAT:

    choose for each block at most one pattern with its first start; no more first starts than there may be groups;
    in every ten-day period the blocks together take no more than the supply; what all blocks bring is largest.

A block's need is that of a dry year (the need that one year in five exceeds, period by period), so that the plan holds in four years of five
where the supply is stated for the same (*debit andalan*, 80 percent). What blocks bring is what the field through the years brought
(:mod:`lumbung.farm.calendar.crop_patterns`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lumbung.farm.calendar.crop_patterns import DRY_YEARS, Grown, need_of
from lumbung.farm.calendar.people_dates import DateError, ten_day_period
from lumbung.farm.calendar.season import Site, within_horizon
from lumbung.farm.growing.field import PERIODS
from lumbung.farm.weather.record import WeatherError
from lumbung.farm.weather.tables import decimal_point, rows_of

Array = npt.NDArray[np.float64]
CUBIC_METRES = 10.0  # of a millimetre on a hectare
LITRE_SECONDS = 86.4  # cubic metres that a litre a second brings in a day
EFFICIENCY = 0.65  # of canals from the intake to the field (usual in Indonesian design: 0.9 primary, 0.9 secondary, 0.8 tertiary)
WORKERS = 8  # searches side by side; on few processors they take turns
GRAIN = 100.0  # m3 that the solver counts as one
DAYS = np.array([10, 10, 11, 10, 10, 8, 10, 10, 11, 10, 10, 10, 10, 10, 11, 10, 10, 10,
                 10, 10, 11, 10, 10, 11, 10, 10, 10, 10, 10, 11, 10, 10, 10, 10, 10, 11])  # fmt: skip
_COLUMNS = {
    "period": ("period", "periode", "dasarian", "旬", "时段"),
    "supply": ("supply", "debit", "l/s", "供水", "流量"),
}


class SchemeError(ValueError):
    """A scheme that cannot be divided: names what is missing."""


@dataclass(frozen=True, eq=False)
class Block:
    """A block of the scheme: its site, and every pattern grown there from every first start."""

    site: Site
    grown: tuple[Grown, ...]


@dataclass(frozen=True, eq=False)
class Place:
    """What a block is to grow, and when it begins.

    ``pattern`` and ``start`` are indices into the block's patterns and first starts; ``group`` counts from 0 in the order of starts.
    """

    block: Block
    pattern: int
    start: int
    group: int


@dataclass(frozen=True, eq=False)
class Division:
    """A scheme divided.

    Attributes
    ----------
    places
        By block; None where a block gets no water this year.
    starts
        First starts of the groups, in order.
    used, supply
        By ten-day period of the calendar year, at the intake [m3], shape (36,).
    value, bound
        What all blocks bring, and what no division could exceed.
    periods_met
        Share of the periods with a need, over all years, in which the supply would have sufficed.
    years_met
        Share of years in which it would have in every period.
    together
        What the same blocks would take at most in one period if all began when it suits each best, as a share of that period's supply.
    """

    places: tuple[Place | None, ...]
    starts: tuple[int, ...]
    used: Array
    supply: Array
    value: float
    bound: float
    periods_met: float
    years_met: float
    together: float


def read_supply(path: Path) -> Array:
    """Return the supply at the intake by ten-day period [l/s], shape (36,), from a table with ``period`` and ``supply``.

    Periods are dates as people write them (``Nov I``, ``11-01``); one that is not named has no water.

    Raises
    ------
    SchemeError
        Names the line.
    """
    try:
        cells = rows_of(path)
    except WeatherError as error:
        raise SchemeError(str(error)) from error
    header = [cell.strip().lower() for cell in (cells[0] if cells else [])]
    at = {}
    for name, words in _COLUMNS.items():
        found = [k for k, cell in enumerate(header) if cell in words]
        if len(found) != 1:
            raise SchemeError(
                f"{path}, line 1: expected the columns period and supply [l/s], found {', '.join(header)}"
            )
        at[name] = found[0]
    supply, seen = np.zeros(PERIODS), dict[int, int]()
    for line, row in enumerate(cells[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            period = ten_day_period(row[at["period"]])
            value = float(decimal_point(row[at["supply"]]))
        except (DateError, ValueError, IndexError) as error:
            raise SchemeError(f"{path}, line {line}: {error}") from None
        if not (np.isfinite(value) and value >= 0.0):
            raise SchemeError(f"{path}, line {line}: expected a supply of at least 0 l/s, found {value:g}")
        if period in seen:
            raise SchemeError(
                f"{path}, line {line}: this ten-day period stands in line {seen[period]} already"
            )
        seen[period], supply[period] = line, value
    if not seen:
        raise SchemeError(f"{path}: a header but no period below it")
    return supply


def divide(
    blocks: Sequence[Block],
    supply: Array,
    groups: int,
    first_period: int = 0,
    *,
    efficiency: float = EFFICIENCY,
    seconds: float = 20.0,
) -> Division:
    """Divide a scheme into rotation groups.

    Parameters
    ----------
    blocks
        Each with an area.
    supply
        At the intake by ten-day period of the calendar year [l/s], shape (36,).
    groups
        How many first starts there may be.
    first_period
        With which the blocks' starts begin.
    efficiency
        Share of the water at the intake that reaches the fields.
    seconds
        How long the solver may search.

    Raises
    ------
    SchemeError
        A block without an area, or with none of its starts grown whole; no groups.
    """
    from ortools.sat.python import cp_model

    if groups < 1 or not 0.1 <= efficiency <= 1.0:
        raise SchemeError(
            f"expected one group or more and an efficiency from 0.1 to 1; found {groups} and {efficiency:g}"
        )
    options = [_options(block, first_period, efficiency) for block in blocks]
    water = supply * LITRE_SECONDS * DAYS
    model = cp_model.CpModel()
    starts = sorted({start for mine in options for _, start, _, _ in mine})
    begun = {start: model.new_bool_var(f"begun {start}") for start in starts}
    model.add(sum(begun.values()) <= groups)
    chosen = []
    for mine in options:
        taken = [model.new_bool_var("") for _ in mine]
        model.add_at_most_one(taken)
        for variable, (_, start, _, _) in zip(taken, mine, strict=True):
            model.add_implication(variable, begun[start])
        chosen.append(taken)
    every = [
        (v, o) for taken, mine in zip(chosen, options, strict=True) for v, o in zip(taken, mine, strict=True)
    ]
    for period in range(PERIODS):
        needs = [int(np.ceil(option[2][period] / GRAIN)) for _, option in every]
        if sum(needs):
            model.add(
                sum(n * v for n, (v, _) in zip(needs, every, strict=True)) <= int(water[period] // GRAIN)
            )
    scale = 1e6 / max((abs(option[3]) for _, option in every), default=1.0)
    model.maximize(sum(round(option[3] * scale) * v for v, option in every))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = WORKERS
    solver.parameters.random_seed = 0
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise SchemeError(f"no division was found within {seconds:g} s; allow more time or fewer patterns")
    picked = [
        next((o for v, o in zip(taken, mine, strict=True) if solver.value(v)), None)
        for taken, mine in zip(chosen, options, strict=True)
    ]
    in_order = sorted({o[1] for o in picked if o is not None})
    places = tuple(
        None if o is None else Place(block, o[0], o[1], in_order.index(o[1]))
        for block, o in zip(blocks, picked, strict=True)
    )
    best_alone = np.sum([max(mine, key=lambda o: o[3])[2] for mine in options], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(best_alone > 0.0, best_alone / water, 0.0)
    return Division(
        places,
        tuple(in_order),
        np.sum([o[2] for o in picked if o is not None] or [np.zeros(PERIODS)], axis=0),
        water,
        float(sum(o[3] for o in picked if o is not None)),
        float(solver.best_objective_bound / scale),
        *_met([p for p in places if p is not None], water, efficiency),
        float(share.max()),
    )


def _options(block: Block, first_period: int, efficiency: float) -> list[tuple[int, int, Array, float]]:
    """Return every pattern and start of a block: indices, need at the intake [m3], and what it brings."""
    if block.site.area is None:
        raise SchemeError(f"{block.site.name}: a block of a scheme needs its area [ha], in the column area")
    litres = CUBIC_METRES * block.site.area / efficiency
    found = []
    for k, grown in enumerate(block.grown):
        allowed = within_horizon(block.site.within, first_period, grown.value.shape[0])
        for start in np.flatnonzero(allowed & np.isfinite(grown.value).any(axis=1)):
            value = block.site.area * float(np.nanmean(grown.value[start]))
            found.append((k, int(start), litres * need_of(grown, int(start), DRY_YEARS), value))
    if not found:
        raise SchemeError(
            f"{block.site.name}: no year of its patterns could be grown whole from the starts allowed"
        )
    return found


def _met(places: Sequence[Place], water: Array, efficiency: float) -> tuple[float, float]:
    """Return the shares of periods with a need, and of years, in which there was the water that was needed in that year."""
    if not places:
        return float("nan"), float("nan")
    years = min(place.block.grown[place.pattern].years.demand.shape[1] for place in places)
    need = np.zeros((years, PERIODS))
    for place in places:
        area = place.block.site.area or 0.0
        need += (
            CUBIC_METRES
            * area
            / efficiency
            * place.block.grown[place.pattern].years.demand[place.start, -years:]
        )
    met = need <= water + GRAIN * len(places)
    return float(met[need > 0.0].mean()) if (need > 0.0).any() else 1.0, float(met.all(axis=1).mean())
