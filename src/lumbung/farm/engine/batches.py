"""Any number of seasons, in batches whose tables fit in memory, on as many threads as wanted.

Seasons are taken in the order of their weather, so that a weather's daily terms are computed once, serve all its
seasons and are then forgotten. Every block of seasons is computed by itself: the same bits come out however many
threads share the blocks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine import growth
from lumbung.farm.engine import rows as R
from lumbung.farm.engine.daily_terms import crop_terms, reference_evapotranspiration, weather_terms
from lumbung.farm.engine.nitrogen import growth as nitrogen_growth
from lumbung.farm.engine.nitrogen import rows as N
from lumbung.farm.engine.nitrogen.parameters import SeasonsNitrogen
from lumbung.farm.engine.parameters import CropArrays, stack_pieces

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TABLE_BUDGET = 256 * 2**20  # bytes of daily terms held at once
SLICE = 2**17  # seasons handed to the threads at once
TASK = 1024  # seasons per task; a multiple of LANES


@dataclass(frozen=True)
class WeatherDays:
    """A gapless daily record as the engine reads it; missing values are NaN.

    ``first_day`` counts days since 1970-01-01. Temperatures [C], irradiation [J/m2/d], rain and evaporation [cm/d].
    """

    first_day: int
    latitude: float
    day_of_year: Array
    tmin: Array
    tmax: Array
    temp: Array
    irradiation: Array
    rain: Array
    e0: Array
    es0: Array
    et0: Array


@dataclass(frozen=True)
class SeasonArrays:
    """Seasons, one entry each per array, all of shape (seasons,); what is None is left to variety, soil and rule."""

    weather: Ints
    crop: Ints
    soil: Ints
    start: Ints  # days since 1970-01-01
    end: Ints  # the last day at which the season stops, days after its start
    sowing: npt.NDArray[np.bool_]
    to_maturity: npt.NDArray[np.bool_]
    irrigation: Ints  # row of the table of schedules, -1 for none
    initial_water: Array  # cm above wilting point, NaN for the soil's own
    pond_low: Array  # cm
    pond_high: Array
    pond_until: Array  # development stage
    supply: Ints | None = (
        None  # row of the table of schedules: most that the pond may take a day, -1 for no limit
    )
    upper: Array | None = (
        None  # cm in the upper (or puddled) layer, below it and on it, in place of initial_water
    )
    lower: Array | None = None
    standing: Array | None = None
    stage: Array | None = None  # development stage at the start


def evapotranspiration(
    day_of_year: Array,
    latitude: float,
    elevation: float,
    tmin: Array,
    tmax: Array,
    irradiation: Array,
    vapour_pressure: Array,
    wind: Array,
    angstrom: tuple[float, float],
    method: str,
) -> Array:
    """Return E0, ES0, ET0 [cm/d], shape (3, days); ``method`` is "PM" (FAO 56) or "P" (Penman) for ET0."""
    out = np.empty((3, tmin.size))
    reference_evapotranspiration(
        day_of_year,
        latitude,
        elevation,
        tmin,
        tmax,
        irradiation,
        vapour_pressure,
        wind,
        angstrom[0],
        angstrom[1],
        method == "PM",
        out,
    )
    return out


@dataclass
class Tables:
    """Daily terms of some weathers and of the varieties grown in each, and where they begin."""

    weather: Array
    crop: Array
    death: Ints
    tmin: Array
    weather_row: dict[int, int]
    crop_row: dict[tuple[int, int], int]
    first_day: dict[int, int]
    gaps: dict[int, Ints]  # for each day, the next day without a value


def _next_gap(days: WeatherDays) -> Ints:
    missing = np.isnan(days.tmin + days.tmax + days.temp + days.irradiation + days.rain)
    missing |= np.isnan(days.e0 + days.es0 + days.et0)
    index = np.where(missing, np.arange(missing.size), missing.size)
    return np.minimum.accumulate(index[::-1])[::-1].astype(np.int64)


def build_tables(
    weathers: dict[int, WeatherDays],
    pairs: Sequence[tuple[int, int]],
    crops: Sequence[CropArrays],
    longest: int,
    run: Callable[..., object],
) -> Tables:
    """Compute the daily terms of some weathers and of the varieties grown in each."""
    weather_row, crop_row, rows = {}, {}, 0
    for w, days in weathers.items():
        weather_row[w] = rows
        rows += days.tmin.size
    crop_rows = 0
    for w, c in pairs:
        crop_row[w, c] = crop_rows
        crop_rows += weathers[w].tmin.size
    tables = Tables(
        np.empty((rows, R.WEATHER_TERMS)),
        np.empty((crop_rows, R.CROP_TERMS)),
        np.zeros(crop_rows + longest + 2, np.int64),
        np.concatenate([days.tmin for days in weathers.values()]),
        weather_row,
        crop_row,
        {w: days.first_day for w, days in weathers.items()},
        {w: _next_gap(days) for w, days in weathers.items()},
    )

    def of_weather(w: int) -> None:
        d = weathers[w]
        at = slice(weather_row[w], weather_row[w] + d.tmin.size)
        weather_terms(
            d.day_of_year,
            d.latitude,
            d.irradiation,
            d.e0,
            d.es0,
            d.et0,
            d.rain,
            d.temp,
            d.tmax,
            tables.weather[at],
        )

    def of_pair(pair: tuple[int, int]) -> None:
        w, c = pair
        d, crop = weathers[w], crops[c]
        at = slice(crop_row[pair], crop_row[pair] + d.tmin.size)
        crop_terms(
            d.day_of_year,
            d.latitude,
            d.tmin,
            d.tmax,
            d.temp,
            crop.temperature_numbers,
            crop.table_x,
            crop.table_y,
            crop.table_n,
            crop_row[pair],
            np.empty(d.tmin.size),
            tables.crop[at],
            tables.death[at],
        )

    run(of_weather, list(weathers))
    run(of_pair, list(pairs))
    return tables


def _batches(weather: Ints, crop: Ints, sizes: Callable[[int], int]) -> Iterator[tuple[int, int]]:
    """Yield ranges of seasons (sorted by weather) whose tables together stay within the budget."""
    if not weather.size:
        return
    borders = np.flatnonzero(np.diff(weather)) + 1
    starts = np.concatenate([[0], borders])
    ends = np.concatenate([borders, [weather.size]])
    first, held = 0, 0
    for start, end in zip(starts, ends, strict=True):
        varieties = np.unique(crop[start:end]).size
        need = sizes(int(weather[start])) * 8 * (R.WEATHER_TERMS + 12 + (R.CROP_TERMS + 1) * varieties)
        if held and held + need > TABLE_BUDGET:
            yield first, int(start)
            first, held = int(start), 0
        held += need
    if weather.size:
        yield first, int(weather.size)


def describe(seasons: SeasonArrays, at: Ints, tables: Tables) -> tuple[Ints, Array, npt.NDArray[np.bool_]]:
    """Return the kernel's columns for some seasons, and which of them have no weather on their first day."""
    columns = np.empty((at.size, growth.SEASON_COLUMNS), np.int64)
    numbers = np.empty((at.size, growth.NUMBER_COLUMNS))
    weather, crop = seasons.weather[at], seasons.crop[at]
    absent = np.zeros(at.size, bool)
    for w in np.unique(weather):
        here = np.flatnonzero(weather == w)
        gaps = tables.gaps[int(w)]
        first = seasons.start[at[here]] - tables.first_day[int(w)]
        inside = (first >= 0) & (first < gaps.size)
        safe = np.where(inside, first, 0)
        available = np.where(inside, gaps[safe] - safe, 0)
        absent[here] = available < 1
        columns[here, growth.WEATHER_ROW] = tables.weather_row[int(w)] + safe
        for c in np.unique(crop[here]):
            mine = here[crop[here] == c]
            columns[mine, growth.CROP_ROW] = tables.crop_row[int(w), int(c)] + safe[crop[here] == c]
        end = seasons.end[at[here]]
        columns[here, growth.LIMIT] = np.maximum(np.minimum(end, available - 1), 0)
        columns[here, growth.ENDS_IN] = np.where(end <= available - 1, R.ENDED, R.NO_WEATHER)
    columns[:, growth.CROP] = crop
    columns[:, growth.SOIL] = seasons.soil[at]
    columns[:, growth.SOWING] = seasons.sowing[at]
    columns[:, growth.TO_MATURITY] = seasons.to_maturity[at]
    columns[:, growth.IRRIGATION] = seasons.irrigation[at]
    numbers[:, growth.INITIAL_WATER] = seasons.initial_water[at]
    numbers[:, growth.POND_LOW_] = seasons.pond_low[at]
    numbers[:, growth.POND_HIGH_] = seasons.pond_high[at]
    numbers[:, growth.POND_UNTIL_] = seasons.pond_until[at]
    columns[:, growth.SUPPLY_] = -1 if seasons.supply is None else seasons.supply[at]
    for column, given in (
        (growth.UPPER_, seasons.upper),
        (growth.LOWER_, seasons.lower),
        (growth.STANDING_, seasons.standing),
        (growth.STAGE_, seasons.stage),
    ):
        numbers[:, column] = np.nan if given is None else given[at]
    return columns, numbers, absent


def _in_order(seasons: SeasonArrays) -> Ints | None:
    """Return the order by weather, variety and start; None when the seasons stand in it already."""
    key_w, key_c, key_s = seasons.weather, seasons.crop, seasons.start
    dw, dc, ds = np.diff(key_w), np.diff(key_c), np.diff(key_s)
    if np.all((dw > 0) | ((dw == 0) & ((dc > 0) | ((dc == 0) & (ds >= 0))))):
        return None
    return np.lexsort((key_s, key_c, key_w))


def _stack_nitrogen(crops: Sequence[CropArrays], asked: bool) -> tuple[Array, Array, Array, Ints]:
    """Return what 8.1 adds to the varieties: numbers, and the table NSLLV_TB as x, y and count."""
    found = [c.nitrogen for c in crops if c.nitrogen is not None]
    if len(found) != (len(crops) if asked else 0):
        raise ValueError("varieties of WOFOST 8.1 grow with nitrogen, those of 7.2 without; found both")
    if not asked:
        return np.empty((0, 0)), np.empty((0, 0)), np.empty((0, 0)), np.empty(0, np.int64)
    return (
        np.array([c.numbers for c in found]),
        np.array([c.nsllv_x for c in found]),
        np.array([c.nsllv_y for c in found]),
        np.array([c.nsllv_n for c in found], np.int64),
    )


def grow_many(
    weathers: Sequence[WeatherDays],
    crops: Sequence[CropArrays],
    soils: Array,
    irrigation: Array,
    seasons: SeasonArrays,
    mode: int,
    chosen: Sequence[str] = R.SUMMARY,
    daily: Array | None = None,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    dtype: npt.DTypeLike = np.float64,
    nitrogen: SeasonsNitrogen | None = None,
) -> dict[str, npt.NDArray]:
    """Grow seasons and return the chosen columns of their summary.

    Parameters
    ----------
    weathers
        Anything that can be indexed; an element is asked for once, when its seasons' turn comes, so it may be read
        or made then.
    crops, soils, irrigation
        Varieties; soils, shape (soils, SOIL_PARAMETERS); schedules [cm/d], shape (schedules, days since start).
    seasons
        What to grow.
    mode
        rows.POTENTIAL, WATER_LIMITED or PADDY.
    chosen
        Columns of rows.SUMMARY, and of nitrogen.rows.SUMMARY where ``nitrogen`` is given.
    daily
        Shape (seasons, days, len(rows.DAILY)), or that of both DAILY where ``nitrogen`` is given: filled with the daily
        tables where given.
    threads
        How many; all processors by default.
    progress
        Called with the number of seasons done since the last call.
    dtype
        Of the returned columns.
    nitrogen
        What soil and fertiliser supply: the seasons are then those of WOFOST 8.1, and every variety must carry its
        nitrogen. Without it they are those of 7.2, and none may.

    Returns
    -------
    dict
        Column name to array of shape (seasons,). Seasons without weather on their first day have STATUS NO_WEATHER,
        DURATION 0 and NaN elsewhere.
    """
    n = seasons.weather.size
    threads = threads or os.cpu_count() or 1
    chosen = sorted(chosen, key=lambda name: name not in R.SUMMARY)  # those of both models first
    out = np.full((len(chosen), n), np.nan, dtype)
    columns = np.array([R.SUMMARY.index(name) for name in chosen if name in R.SUMMARY], np.int64)
    of_nitrogen = np.array([N.SUMMARY.index(name) for name in chosen if name not in R.SUMMARY], np.int64)
    order = _in_order(seasons)
    weather = seasons.weather if order is None else seasons.weather[order]
    crop = seasons.crop if order is None else seasons.crop[order]
    crop_numbers = np.array([c.numbers for c in crops])
    all_pieces = stack_pieces(crops)
    table_x = np.array([c.table_x for c in crops])
    table_y = np.array([c.table_y for c in crops])
    table_n = np.array([c.table_n for c in crops])
    crops_nitrogen = _stack_nitrogen(crops, nitrogen is not None)
    longest = int(seasons.end.max()) if n else 0
    loaded: dict[int, WeatherDays] = {}

    def size(w: int) -> int:
        loaded[w] = weathers[w]
        return loaded[w].tmin.size

    with ThreadPoolExecutor(threads) as pool:

        def run(task: Callable[..., object], items: Sequence[object]) -> object:
            return [task(i) for i in items] if threads == 1 else list(pool.map(task, items))

        for first, last in _batches(weather, crop, size):
            mine = {int(w): loaded.pop(int(w)) for w in np.unique(weather[first:last])}
            pair_ids = np.unique(weather[first:last] * len(crops) + crop[first:last])
            pairs = [(int(p) // len(crops), int(p) % len(crops)) for p in pair_ids]
            tables = build_tables(mine, pairs, crops, longest, run)
            del mine
            for begin in range(first, last, SLICE):
                end = min(begin + SLICE, last)
                at = np.arange(begin, end) if order is None else order[begin:end]
                described, numbers, absent = describe(seasons, at, tables)
                good = np.flatnonzero(~absent)
                described, numbers = described[good], numbers[good]
                supply = None if nitrogen is None else nitrogen.chosen(at[good])
                result = np.full((len(chosen), good.size), np.nan)
                some = (
                    np.empty((0, 0, 0)) if daily is None else np.full((good.size, *daily.shape[1:]), np.nan)
                )

                def task(
                    start: object,
                    described: Ints = described,
                    numbers: Array = numbers,
                    result: Array = result,
                    some: Array = some,
                    tables: Tables = tables,
                    supply: SeasonsNitrogen | None = supply,
                ) -> None:
                    assert isinstance(start, int)
                    common = (
                        start,
                        min(start + TASK, described.shape[0]),
                        described,
                        numbers,
                        mode,
                        tables.weather,
                        tables.crop,
                        tables.death,
                        tables.tmin,
                        crop_numbers,
                        all_pieces,
                        table_x,
                        table_y,
                        table_n,
                        soils,
                        irrigation,
                        columns,
                        result[: columns.size],
                        some,
                    )
                    if supply is None:
                        growth.grow_blocks(*common)
                    else:
                        nitrogen_growth.grow_blocks_by_nitrogen(
                            *common,
                            *crops_nitrogen,
                            supply.site,
                            supply.plan,
                            supply.plan_first,
                            supply.plan_day,
                            supply.plan_amount,
                            of_nitrogen,
                            result[columns.size :],
                        )

                run(task, range(0, good.size, TASK))
                out[:, at[good]] = result
                if daily is not None:
                    daily[at[good]] = some
                for k, name in enumerate(chosen):
                    if name in ("STATUS", "DURATION"):
                        out[k, at[absent]] = R.NO_WEATHER if name == "STATUS" else 0
                if progress is not None:
                    progress(end - begin)
            del tables
    return {name: out[k] for k, name in enumerate(chosen)}
