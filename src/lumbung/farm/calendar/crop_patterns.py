"""Crop patterns for sites: when the year of a field should begin, and what each of its crops then brings.

Every pattern a site allows, with every variety of rice, is grown through the whole record from every first start
(:mod:`lumbung.farm.growing.field`). The choice is the pattern, variety and start whose year brings most: margin where prices are given,
else grain. The year counts as a whole: an early first crop may pay because it leaves rain to the second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lumbung.farm.calendar.margins import Prices
from lumbung.farm.calendar.season import (
    FAILURE,
    DecisionError,
    Ensemble,
    Outlook,
    Site,
    analogue_weights,
    outlook_of,
    rain_of_season,
    ten_day_starts,
    within_horizon,
)
from lumbung.farm.growing.crop_parameters import Variety, variety
from lumbung.farm.growing.field import PERIODS, FieldYears, Pattern, grow_pattern, rice_then

Array = npt.NDArray[np.float64]
DEFAULT_PATTERN, DEFAULT_SECONDARY = "padi-padi-palawija", "Maize_VanHeemst_1988"
DRY_YEARS = 0.8  # the need of a year that only one in five exceeds


@dataclass(frozen=True, eq=False)
class Settings:
    """How patterns are grown and chosen.

    Attributes
    ----------
    years
        First and last planting year; None: all that the weather covers.
    first_period
        The ten-day period (0 to 35) with which the starts begin.
    failure
        A crop that brings less [kg/ha] has failed.
    prices
        What the choice goes by; grain where None.
    supply
        Most irrigation by ten-day period of the calendar year [mm/d], shape (36,); no limit where None.
    prepare
        Days a paddy is worked before planting.
    """

    years: tuple[int, int] | None = None
    first_period: int = 0
    failure: float = FAILURE
    prices: Prices | None = None
    supply: Array | None = None
    prepare: int = 20


@dataclass(frozen=True, eq=False)
class Grown:
    """A pattern with one variety of rice, from every first start, at one site."""

    pattern: Pattern
    rice: Variety
    years: FieldYears
    value: Array
    """What a year brings, shape (starts, years): margin, or grain [kg/ha]."""


@dataclass(frozen=True, eq=False)
class Choice:
    """What a site should grow, and when to begin.

    Attributes
    ----------
    site
    grown
        Everything that was compared.
    best, start
        Indices of the chosen pattern and first start.
    outlook
        Of each crop of the chosen pattern, arrays (crops, starts).
    value, value_low, value_high
        What a year brings, and between which it lies in 8 of 10 years; years alone.
    """

    site: Site
    grown: tuple[Grown, ...]
    best: int
    start: int
    outlook: Outlook
    value: float
    value_low: float
    value_high: float

    @property
    def chosen(self) -> Grown:
        """The chosen pattern."""
        return self.grown[self.best]

    def need(self, quantile: float | None = None) -> Array:
        """Return the irrigation by ten-day period of the chosen start [mm], shape (36,): the mean, or a quantile of years."""
        return need_of(self.chosen, self.start, quantile)


def need_of(grown: Grown, start: int, quantile: float | None = None) -> Array:
    """Return irrigation and seed-beds by ten-day period [mm], shape (36,), over the years that were grown whole."""
    whole = np.isfinite(grown.value[start])
    if not whole.any():
        return np.zeros(PERIODS)
    years = grown.years.demand[start, whole]
    need: Array = years.mean(axis=0) if quantile is None else np.quantile(years, quantile, axis=0)
    return need


def pattern_years(site: Site, settings: Settings) -> list[int]:
    """Return the planting years that a record holds with the whole year after their last start.

    Raises
    ------
    DecisionError
    """
    weather = site.weather
    known = range(int(str(weather.first_day)[:4]), int(str(weather.last_day)[:4]) + 1)
    chosen = []
    for year in known:
        first, last = ten_day_starts(settings.first_period, [year])[[0, -1], 0]
        if settings.years is not None and not settings.years[0] <= year <= settings.years[1]:
            continue
        if first - 60 >= weather.first_day and last + 60 <= weather.last_day:
            chosen.append(year)
    if len(chosen) < 2:
        raise DecisionError(
            f"{site.name}: a crop pattern needs two whole planting years or more; the weather runs from "
            f"{weather.first_day} to {weather.last_day} and serves {len(chosen)}"
        )
    return chosen


def grow_patterns(site: Site, settings: Settings) -> tuple[Grown, ...]:
    """Grow every pattern of a site with every variety of rice from every first start.

    Raises
    ------
    DecisionError, lumbung.farm.SeasonError, lumbung.farm.calendar.margins.PriceError
    """
    starts = ten_day_starts(settings.first_period, pattern_years(site, settings))
    secondary = site.secondary or variety(DEFAULT_SECONDARY)
    found = []
    for words in site.patterns or (DEFAULT_PATTERN,):
        for rice in site.varieties:
            pattern = rice_then(words, rice, secondary, site.pond, site.seedling_age, settings.prepare)
            years = grow_pattern(site.weather, site.soil, pattern, starts, supply=settings.supply)
            found.append(Grown(pattern, rice, years, _value(pattern, years, settings.prices)))
    return tuple(found)


def _value(pattern: Pattern, years: FieldYears, prices: Prices | None) -> Array:
    if prices is None:
        return np.asarray(years.grain.sum(axis=0))
    earned = []
    for k, planting in enumerate(pattern.plantings):
        water = years.irrigation[k] + years.nursery[k]
        margin = prices.margin(planting.variety.crop, years.grain[k], water)
        idle = np.isnat(years.planted[k]) & np.isfinite(years.grain[k])
        # Where nothing was planted nothing was spent but the water.
        earned.append(np.where(idle, -prices.water * water, margin))
    return np.asarray(np.sum(earned, axis=0))


def choose(site: Site, settings: Settings) -> Choice:
    """Grow a site's patterns and choose.

    Raises
    ------
    DecisionError
        When no year could be grown whole within the horizon.
    """
    grown = grow_patterns(site, settings)
    with np.errstate(invalid="ignore"):
        means = np.array([_mean(g.value) for g in grown])
    means[:, ~within_horizon(site.within, settings.first_period, means.shape[1])] = -np.inf
    if not np.isfinite(means).any():
        raise DecisionError(
            f"{site.name}: no year of the pattern could be grown whole from the starts allowed"
        )
    best, start = (int(k) for k in np.unravel_index(int(np.argmax(means)), means.shape))
    values = grown[best].value[start]
    values = values[np.isfinite(values)]
    return Choice(
        site,
        grown,
        best,
        start,
        outlook_of(as_ensemble(site, grown[best]), settings.failure),
        float(values.mean()),
        float(np.quantile(values, 0.1)),
        float(np.quantile(values, 0.9)),
    )


def _mean(values: Array) -> Array:
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    enough = count >= max(1, 0.5 * count.max(initial=0))
    mean: Array = np.where(enough, np.where(known, values, 0.0).sum(axis=-1) / np.maximum(count, 1), -np.inf)
    return mean


def as_ensemble(site: Site, grown: Grown) -> Ensemble:
    """Return a pattern's crops as an ensemble whose varieties are the crops in their order."""
    years = grown.years
    usable = np.isfinite(grown.value).any(axis=0)
    days = (years.harvested - years.planted).astype("timedelta64[D]").astype(float)
    days[np.isnat(years.harvested)] = np.nan
    water = years.irrigation + years.nursery
    return Ensemble(
        replace(site, varieties=tuple(p.variety for p in grown.pattern.plantings)),
        years.starts,
        years.grain,
        water,
        water,
        years.rain,
        np.nan_to_num(days),
        np.full(usable.size, np.nan),
        usable / max(usable.sum(), 1),
    )


def pattern_ensemble(site: Site, words: str, starts: npt.NDArray[np.datetime64]) -> Ensemble:
    """Return what a pattern brings with each of a site's varieties of rice: yields and water of whole years, by first start.

    Parameters
    ----------
    site
    words
        As ``padi-padi-palawija``.
    starts
        Of the first crop, shape (starts, years).
    """
    secondary = site.secondary or variety(DEFAULT_SECONDARY)
    grown = [
        grow_pattern(
            site.weather, site.soil, rice_then(words, rice, secondary, site.pond, site.seedling_age), starts
        )
        for rice in site.varieties
    ]
    yields = np.stack([years.grain.sum(axis=0) for years in grown])
    irrigation = np.stack([(years.irrigation + years.nursery).sum(axis=0) for years in grown])
    rain = np.stack([years.rain.sum(axis=0) for years in grown])
    season_rain = rain_of_season(site, starts)
    usable = np.isfinite(yields).any(axis=(0, 1))
    return Ensemble(
        site,
        starts,
        yields,
        irrigation + rain,
        irrigation,
        rain,
        np.full(yields.shape, 365.0),
        season_rain,
        analogue_weights(season_rain, site.forecast, usable),
    )


def choose_many(
    sites: Sequence[Site],
    settings: Settings,
    threads: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Choice | ValueError]:
    """Choose for many sites; where one cannot be chosen for, its error stands in its place."""

    def one(site: Site) -> Choice | ValueError:
        try:
            return choose(site, settings)
        except ValueError as error:
            return error
        finally:
            progress(1)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, sites))


def typical_planting(choice: Choice, crop: int) -> int | None:
    """Return the median ten-day period in which a crop of the chosen start was planted; None where it never was."""
    planted = choice.chosen.years.planted[crop, choice.start]
    first = choice.chosen.years.starts[choice.start]
    known = ~np.isnat(planted)
    if not known.any():
        return None
    after = float(np.median((planted[known] - first[known]).astype("timedelta64[D]").astype(float)))
    begin = first[known][0] + int(after)
    month = begin.astype("datetime64[M]")
    return int(month.astype(int)) % 12 * 3 + min(
        int((begin - month.astype("datetime64[D]")).astype(int)) // 10, 2
    )


def planted_share(choice: Choice, crop: int) -> float:
    """Return the share of years in which a crop of the chosen start found water and time to be planted."""
    grain = choice.chosen.years.grain[crop, choice.start]
    planted = choice.chosen.years.planted[crop, choice.start]
    known = np.isfinite(grain)
    return float((~np.isnat(planted))[known].mean()) if known.any() else float("nan")
