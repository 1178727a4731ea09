"""Gaps in a record, filled by stated methods: every filled value is counted and named, and there is a limit to their share.

A neighbour's record comes first where one is given: rain by the normal-ratio method (Paulhus & Kohler 1952), the other
variables by regression on the days both have. Without a neighbour rain is drawn, by the chain of wet and dry days of the
record itself (Richardson 1981) between the days that bound the gap, with amounts resampled from the same month; the other
variables are interpolated in short gaps and take the season's usual value in longer ones.

A long gap without a neighbour stays a gap: a month of drawn rain is weather that nobody measured, and the seasons that need it are
left out instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.weather.record import RANGES, Step, Weather, WeatherError

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
MOST = 0.10  # largest share of a variable's days that may be filled
LONGEST_GAP = 15  # days; longer ones are filled from a neighbour only
INTERPOLATED = 5  # days; in longer gaps a variable takes the season's usual value
AROUND = 15  # days before and after the same day of other years that make the usual value
WET = 0.1  # mm
FEWEST_COMMON = 60  # days two records must share before one may fill the other


class GapError(WeatherError):
    """A record with more gaps than may be filled."""


def fill_gaps(
    weather: Weather, neighbours: Sequence[Weather] = (), *, most: float = MOST, seed: int = 0
) -> Weather:
    """Return the record with its gaps filled, and a step in its history for each method used.

    Parameters
    ----------
    weather
    neighbours
        Records of other places or of a grid, the best first. Their own gaps fill nothing.
    most
        Largest share of a variable's days that may be filled.
    seed
        Of the draws; the same record and seed give the same days.

    Raises
    ------
    GapError
        When more than ``most`` of a variable would have to be filled; says which, and how much is missing.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import numpy as np
    >>> from lumbung import farm
    >>> whole = farm.hyderabad().part(0, 400)
    >>> lacking = replace(whole, tmax=np.where(np.arange(400) == 200, np.nan, whole.tmax), temperature=None)
    >>> farm.fill_gaps(lacking).history[-1]
    Step(variable='tmax', action='filled', days=1, how='interpolated in gaps of up to 5 days')
    """
    columns = {name: getattr(weather, name).copy() for name in RANGES}
    gaps = {name: np.isnan(values) for name, values in columns.items()}
    if not any(mask.any() for mask in gaps.values()):
        return weather
    steps: list[Step] = []
    for name, values in columns.items():
        for other in neighbours:
            done = _from_neighbour(name, values, weather, other)
            if done:
                steps.append(Step(name, "filled", done, f"{_METHOD[name == 'rain']} from {other.name}"))
        steps += _rain_alone(values, weather, seed) if name == "rain" else _alone(name, values, weather)
        filled = int((gaps[name] & ~np.isnan(values)).sum())
        if filled > most * values.size:
            raise GapError(
                f"{weather.name}: {name} is missing on {gaps[name].sum()} of {values.size} days "
                f"({gaps[name].sum() / values.size:.1%}), and at most {most:.0%} may be filled. "
                "Give the missing days, or another record"
            )
        left = int(np.isnan(values).sum())
        if left:
            steps.append(
                Step(
                    name,
                    "missing",
                    left,
                    f"in gaps longer than {LONGEST_GAP} days; seasons that need them are left out",
                )
            )
    crossed = columns["tmin"] > columns["tmax"]
    columns["tmin"] = np.where(crossed & gaps["tmin"], columns["tmax"], columns["tmin"])
    columns["tmax"] = np.where(crossed & gaps["tmax"], columns["tmin"], columns["tmax"])
    # What a record gives beyond these days by day (evaporation, mean temperature) is computed where it has gaps.
    given = {name: getattr(weather, name) for name in ("e0", "es0", "et0", "temperature")}
    changed: dict[str, Any] = {
        **columns,
        **{name: None for name, values in given.items() if values is not None and np.isnan(values).any()},
        "history": (*weather.history, *steps),
    }
    return replace(weather, **changed)


_METHOD = {True: "normal-ratio method", False: "regression"}


def runs_of(gap: Mask) -> list[tuple[int, int]]:
    """Return first and end (exclusive) of each run of missing days."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], gap, [False]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _month(weather: Weather) -> npt.NDArray[np.int64]:
    months: npt.NDArray[np.int64] = weather.dates.astype("datetime64[M]").astype(np.int64) % 12
    return months


def _from_neighbour(name: str, values: Array, weather: Weather, other: Weather) -> int:
    """Fill what a neighbour has; returns how many days."""
    place = (weather.dates - other.first_day).astype(np.int64)
    inside = (place >= 0) & (place < len(other))
    theirs = np.where(inside, getattr(other, name)[np.where(inside, place, 0)], np.nan)
    common = ~np.isnan(values) & ~np.isnan(theirs)
    wanted = np.isnan(values) & ~np.isnan(theirs)
    if common.sum() < FEWEST_COMMON or not wanted.any():
        return 0
    if name == "rain":
        month, ratio = _month(weather), np.empty(12)
        whole = values[common].sum() / max(theirs[common].sum(), 1e-9)
        for m in range(12):
            mine = common & (month == m)
            enough = theirs[mine].sum() > 30.0  # mm
            ratio[m] = values[mine].sum() / theirs[mine].sum() if enough else whole
        values[wanted] = (theirs * ratio[month])[wanted]
    else:
        slope, level = (
            np.polyfit(theirs[common], values[common], 1)
            if np.ptp(theirs[common]) > 0
            else (0.0, values[common].mean())
        )
        low, high, _ = RANGES[name]
        values[wanted] = np.clip(level + slope * theirs[wanted], low, high)
    return int(wanted.sum())


def _alone(name: str, values: Array, weather: Weather) -> list[Step]:
    """Fill short gaps by interpolation, longer ones by the usual value of the season."""
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return []
    usual: Array | None = None
    interpolated = climate = 0
    of_year = weather.day_of_year.astype(np.int64)
    for first, end in runs_of(np.isnan(values)):
        at = np.arange(first, end)
        if end - first <= INTERPOLATED and known[0] < first and end <= known[-1]:
            values[at] = np.interp(at, [first - 1, end], [values[first - 1], values[end]])
            interpolated += at.size
        elif end - first <= LONGEST_GAP:
            usual = _usual(values, of_year) if usual is None else usual
            values[at] = usual[of_year[at]]
            climate += int(np.isfinite(values[at]).sum())
    steps = []
    if interpolated:
        steps.append(Step(name, "filled", interpolated, f"interpolated in gaps of up to {INTERPOLATED} days"))
    if climate:
        steps.append(Step(name, "filled", climate, f"mean of {2 * AROUND + 1} days of the other years"))
    return steps


def _usual(values: Array, of_year: npt.NDArray[np.int64]) -> Array:
    """Return the mean around each day of the year, shape (367,); NaN where no year has one."""
    known = ~np.isnan(values)
    total = np.bincount(of_year[known], values[known], 367)[1:]
    count = np.bincount(of_year[known], minlength=367)[1:]
    kernel = np.ones(2 * AROUND + 1)
    total, count = (
        np.convolve(np.concatenate([x[-AROUND:], x, x[:AROUND]]), kernel, "valid") for x in (total, count)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.concatenate([[np.nan], total / count])


def _rain_alone(values: Array, weather: Weather, seed: int) -> list[Step]:
    """Draw rain between the days that bound a gap, by the record's own chain of wet and dry days."""
    gap = np.isnan(values)
    runs = [(a, b) for a, b in runs_of(gap) if b - a <= LONGEST_GAP]
    if not runs or (~gap).sum() < 365:
        return []
    month = _month(weather)
    wet = values >= WET
    pairs = ~gap[1:] & ~gap[:-1]
    chance = np.empty((2, 12))  # of rain, after a dry day and after a wet one
    pools = []
    for m in range(12):
        mine = ~gap & (month == m)
        share = (wet[mine].sum() + 0.5) / (mine.sum() + 1.0)
        for state in (0, 1):
            after = pairs & (month[1:] == m) & (wet[:-1] == bool(state))
            # A state that a month hardly knows leans on the month's share of wet days.
            chance[state, m] = (wet[1:][after].sum() + 2.0 * share) / (after.sum() + 2.0)
        pool = values[mine & wet]
        pools.append(pool if pool.size else np.array([WET]))
    rng = np.random.default_rng([seed, values.size])
    for first, end in runs:
        length = end - first
        # ahead[k, s]: how likely the day after the gap is what it is, if day k of the gap is in state s.
        ahead = np.ones((length, 2))
        if end < values.size and not gap[end]:
            last = chance[:, month[end]]
            ahead[-1] = last if wet[end] else 1.0 - last
        for k in range(length - 2, -1, -1):
            p = chance[:, month[first + k + 1]]
            ahead[k] = p * ahead[k + 1, 1] + (1.0 - p) * ahead[k + 1, 0]
        state = (
            int(wet[first - 1])
            if first > 0 and not gap[first - 1]
            else int(rng.random() < chance[:, month[first]].mean())
        )
        for k in range(length):
            p = chance[state, month[first + k]]
            rains, stays_dry = p * ahead[k, 1], (1.0 - p) * ahead[k, 0]
            state = int(rng.random() * (rains + stays_dry) < rains)
            values[first + k] = rng.choice(pools[month[first + k]]) if state else 0.0
    days = sum(b - a for a, b in runs)
    return [
        Step(
            "rain",
            "filled",
            days,
            f"drawn from the record's own wet and dry days, in gaps of up to {LONGEST_GAP} days",
        )
    ]
