"""A stochastic weather generator of Richardson's type (WGEN): years that nobody measured but that could have been.

Rain or no rain is a chain of two states; the amount on a wet day is gamma; maxima, minima and the clearness of the sky
follow a first-order autoregression around means that differ on wet and dry days (Richardson 1981; Richardson & Wright 1984).
Left at that, years differ too little from each other. An index per year, standard normal, therefore shifts the odds
and the amounts of rain (Katz & Parlange 1993; Wilks & Wilby 1999). It turns in July, so that a wet season that spans
New Year has one index. Each year is a chain of its own; years are made side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.weather.physics import vapour_pressure_of_dew_point
from lumbung.farm.weather.record import Weather, WeatherError

Array = npt.NDArray[np.float64]
GENERATED = "generated"
WET = 0.1  # mm; a day with less is dry
_TURN = 7  # the month in which the year's index changes
_FEWEST_DAYS = 3 * 365
_MONTH_OF_DAY = np.repeat(np.arange(12), [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_MID_MONTH = np.array([15.5, 45.5, 75.0, 106.0, 136.5, 167.0, 197.5, 228.5, 259.0, 289.5, 320.0, 350.5])
# Serial and cross correlation of the residuals of maximum, minimum and radiation (Richardson & Wright 1984, WGEN).
WGEN_A = np.array([[0.567, 0.086, -0.002], [0.253, 0.504, -0.050], [-0.006, -0.039, 0.244]])
WGEN_B = np.array([[0.781, 0.0, 0.0], [0.328, 0.637, 0.0], [0.238, -0.341, 0.873]])
_CLEARNESS = (0.08, 0.78)  # least and most of the radiation above the air that reaches the ground in a day


@dataclass(frozen=True, eq=False)
class Climate:
    """What the generator knows of a place. Arrays by month have shape (12,).

    Attributes
    ----------
    name, latitude, longitude, elevation
        As of a weather record.
    wet_after_dry, wet_after_wet
        Probability of rain on a day, by month.
    shape, scale
        Of the gamma distribution of rain on a wet day, by month; scale in mm.
    mean, deviation
        Of maximum [C], minimum [C] and clearness [-], on dry (0) and wet (1) days, shape (2, 3, 12).
    memory, shock
        Matrices A and B of the autoregression of residuals, shape (3, 3).
    dew_below_minimum
        How far the dew point lies below the minimum [C], by month.
    wind
        [m/s], by month.
    dispersion
        Standard deviation of the logarithm by which a year's index multiplies the odds of rain.
    source
        What it was fitted to.

    Examples
    --------
    >>> from lumbung import farm
    >>> climate = farm.climates()["monsoonal"]
    >>> climate
    <Climate 'monsoonal' at -7.00, 110.00, 50 m: generated, from round figures of ours for the rainfall regions of Aldrian & Susanto (2003); no station's record (monsoonal: one wet season, November to April, as on Java, Bali and in Nusa Tenggara)>
    >>> climate.wet_after_wet[[0, 6]].round(2).tolist()  # in January and July
    [0.73, 0.35]
    """

    name: str
    latitude: float
    longitude: float
    elevation: float
    wet_after_dry: Array
    wet_after_wet: Array
    shape: Array
    scale: Array
    mean: Array
    deviation: Array
    memory: Array
    shock: Array
    dew_below_minimum: Array
    wind: Array
    dispersion: float
    source: str

    def __repr__(self) -> str:
        return f"<Climate {self.name!r} at {self.latitude:.2f}, {self.longitude:.2f}, {self.elevation:.0f} m: {self.source}>"


def radiation_above_air(day_of_year: Array, latitude: float) -> Array:
    """Return radiation above the atmosphere [J/m2/d] (FAO 56, eq. 21)."""
    phi = np.radians(latitude)
    turn = 2.0 * np.pi * np.asarray(day_of_year, dtype=np.float64) / 365.0
    declination = 0.409 * np.sin(turn - 1.39)
    sunset = np.arccos(np.clip(-np.tan(phi) * np.tan(declination), -1.0, 1.0))
    above: Array = (
        24.0 * 60.0 / np.pi * 0.0820e6 * (1.0 + 0.033 * np.cos(turn))
        * (sunset * np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.sin(sunset))
    )  # fmt: skip
    return above


def fit_climate(record: Weather) -> Climate:
    """Fit the generator to a record of at least three years.

    Months with fewer than ten wet days in all borrow the gamma distribution of the whole record; means of wet days that
    are too few likewise lean on those of dry days. How much years differ is found by trial: the dispersion is set so
    that the logarithm of generated yearly rain varies as the record's does.

    Raises
    ------
    WeatherError
        When the record has fewer than three years of whole days.

    Examples
    --------
    >>> from lumbung import farm
    >>> climate = farm.fit_climate(farm.hyderabad())
    >>> climate
    <Climate 'Hyderabad' at 17.45, 78.27, 545 m: generated, fitted to Hyderabad, from the package aquacrop; estimated: radiation, vapour pressure, wind 2 m/s>
    """
    whole = ~np.isin(record.dates, record.missing_days)
    if whole.sum() < _FEWEST_DAYS:
        raise WeatherError(
            f"{record.name}: {int(whole.sum())} days without a gap; the generator needs at least three years"
        )
    month = (record.dates.astype("datetime64[M]").astype(int)) % 12
    wet = record.rain >= WET
    p01, p11 = _chain(wet, month, whole)
    shape, scale = _amounts(record.rain, wet & whole, month)
    above = radiation_above_air(record.day_of_year, record.latitude)
    values = np.array([record.tmax, record.tmin, np.clip(record.irradiation / above, *_CLEARNESS)])
    mean, deviation = _moments(values, wet, month, whole)
    residual = (values - mean[wet.astype(int), :, month].T) / deviation[wet.astype(int), :, month].T
    memory, shock = _autoregression(residual, whole)
    dew = _dew_point(np.maximum(record.vapour_pressure, 0.1))
    climate = Climate(
        record.name,
        record.latitude,
        record.longitude,
        record.elevation,
        p01,
        p11,
        shape,
        scale,
        mean,
        deviation,
        memory,
        shock,
        np.array([np.mean((record.tmin - dew)[whole & (month == m)]) for m in range(12)]),
        np.array([np.mean(record.wind[whole & (month == m)]) for m in range(12)]),
        0.0,
        f"{GENERATED}, fitted to {record.source or record.name}",
    )
    return replace(climate, dispersion=_dispersion(climate, record, whole))


def _chain(wet: Any, month: Any, whole: Any) -> tuple[Array, Array]:
    pairs = whole[1:] & whole[:-1]
    after = [[pairs & (month[1:] == m) & (wet[:-1] == before) for m in range(12)] for before in (False, True)]
    # Half a wet day in one more day: months without rain keep a little chance of it.
    p01, p11 = (
        np.array([(wet[1:][days].sum() + 0.5 * (k == 1)) / (days.sum() + 1.0) for days in row])
        for k, row in enumerate(after)
    )
    return p01, p11


def _amounts(rain: Array, wet: Any, month: Any) -> tuple[Array, Array]:
    """Fit gamma distributions by the method of Thom (1958)."""

    def thom(values: Array) -> tuple[float, float]:
        mean = float(values.mean())
        spread = max(np.log(mean) - float(np.log(values).mean()), 1e-3)
        shape = (1.0 + np.sqrt(1.0 + 4.0 * spread / 3.0)) / (4.0 * spread)
        return shape, mean / shape

    everything = rain[wet] if wet.any() else np.array([1.0, 2.0])
    fitted = []
    for m in range(12):
        mine = rain[wet & (month == m)]
        fitted.append(thom(mine if mine.size >= 10 else everything))
    shape, scale = np.array(fitted).T
    return shape, scale


def _moments(values: Array, wet: Any, month: Any, whole: Any) -> tuple[Array, Array]:
    mean, deviation = np.empty((2, 3, 12)), np.empty((2, 3, 12))
    for m in range(12):
        all_days = values[:, whole & (month == m)]
        for state in (0, 1):
            mine = values[:, whole & (month == m) & (wet == state)]
            chosen = mine if mine.shape[1] >= 10 else all_days
            mean[state, :, m] = chosen.mean(axis=1)
            deviation[state, :, m] = np.maximum(chosen.std(axis=1), 1e-3)
    return mean, deviation


def _autoregression(residual: Array, whole: Any) -> tuple[Array, Array]:
    """Return Matalas's (1967) matrices: A = M1 M0^-1, B B' = M0 - A M1'."""
    pairs = np.flatnonzero(whole[1:] & whole[:-1])
    today, before = residual[:, pairs + 1], residual[:, pairs]
    m0 = before @ before.T / pairs.size
    m1 = today @ before.T / pairs.size
    memory = m1 @ np.linalg.inv(m0)
    values, vectors = np.linalg.eigh(m0 - memory @ m1.T)
    return memory, vectors @ np.diag(np.sqrt(np.maximum(values, 0.0)))


def _dew_point(vapour_pressure: Array) -> Array:
    """Invert FAO 56, eq. 14."""
    log = np.log(vapour_pressure / 6.108)
    return 237.3 * log / (17.27 - log)


def _dispersion(climate: Climate, record: Weather, whole: Any) -> float:
    """Return the dispersion at which generated yearly rain varies as much as the record's."""
    years = record.dates.astype("datetime64[Y]").astype(int)
    totals = [record.rain[years == y].sum() for y in np.unique(years) if (whole & (years == y)).sum() >= 365]
    totals = [total for total in totals if total > 0]
    if len(totals) < 4:
        return 0.0

    def variance(dispersion: float) -> float:
        made = generate_rain(replace(climate, dispersion=dispersion), 200, 0)
        return float(np.log(np.maximum(made.sum(axis=1), 1.0)).var())

    trial = 0.5
    without, with_it = variance(0.0), variance(trial)
    wanted = float(np.log(totals).var(ddof=1))
    return float(
        np.clip(trial * np.sqrt(max(wanted - without, 0.0) / max(with_it - without, 1e-9)), 0.0, 1.5)
    )


def climate_of_normals(
    name: str,
    latitude: float,
    longitude: float,
    elevation: float,
    rain: Sequence[float],
    wet_days: Sequence[float],
    tmin: Sequence[float],
    tmax: Sequence[float],
    *,
    clearness: Sequence[float] | None = None,
    wind: Sequence[float] | float = 1.5,
    dew_below_minimum: float = 0.0,
    dispersion: float = 0.2,
    source: str = "monthly normals",
) -> Climate:
    """Build a climate from twelve monthly normals.

    The chain follows from the number of wet days (Geng, Penning de Vries & Supit 1986: p01 = 0.75 f, p11 = 0.25 + p01),
    the gamma distribution from the mean of a wet day (scale = -2.16 + 1.83 mean, at least a tenth of the mean). Wet
    days are 1.2 C cooler at noon than dry ones and a quarter less clear; correlations are WGEN's.

    Parameters
    ----------
    rain
        [mm per month].
    wet_days
        Days per month with rain.
    tmin, tmax
        Monthly means [C].
    clearness
        Share of the radiation above the air that reaches the ground; from wet days where None (0.60 on dry days, 0.45
        on wet days).
    wind
        [m/s].
    dew_below_minimum
        [C].
    dispersion
        How much years differ; 0.2 gives a coefficient of variation of yearly rain of about 20 percent in the tropics.

    Raises
    ------
    WeatherError
        Not twelve values, or values that cannot be.

    Examples
    --------
    >>> from lumbung import farm
    >>> months = [(320, 20, 22, 30)] * 6 + [(60, 5, 23, 32)] * 6  # rain [mm], wet days, lowest and highest temperature [C]
    >>> farm.climate_of_normals("wet and dry halves", -7.0, 110.0, 20.0, *zip(*months))
    <Climate 'wet and dry halves' at -7.00, 110.00, 20 m: generated, from monthly normals>
    """
    columns: Mapping[str, Any] = {"rain": rain, "wet_days": wet_days, "tmin": tmin, "tmax": tmax}
    given = {key: np.asarray(values, dtype=np.float64) for key, values in columns.items()}
    for key, values in given.items():
        if values.shape != (12,) or not np.isfinite(values).all():
            raise WeatherError(f"{name}: {key} needs twelve numbers, one per month; found {values.tolist()}")
    days = np.bincount(_MONTH_OF_DAY).astype(float)
    if (given["rain"] < 0).any() or (given["wet_days"] < 0).any() or (given["wet_days"] > days).any():
        raise WeatherError(f"{name}: rain must not be negative, wet days lie between 0 and the month's days")
    if (given["tmin"] > given["tmax"]).any():
        raise WeatherError(f"{name}: tmin is above tmax in some month; are the columns swapped?")
    share = np.clip(given["wet_days"] / days, 0.01, 0.97)
    per_wet_day = np.maximum(given["rain"] / (share * days), 0.5)
    scale = np.maximum(-2.16 + 1.83 * per_wet_day, 0.1 * per_wet_day)
    sky = np.asarray([0.60 - 0.15 * f for f in share] if clearness is None else clearness, dtype=np.float64)
    dry_sky = sky / (1.0 - 0.25 * share)
    mean = np.empty((2, 3, 12))
    mean[0] = [given["tmax"] + 1.2 * share, given["tmin"], dry_sky]
    mean[1] = [given["tmax"] - 1.2 * (1.0 - share), given["tmin"], 0.75 * dry_sky]
    deviation = np.broadcast_to(np.array([1.2, 0.9, 0.08])[:, None], (3, 12))
    return Climate(
        name,
        latitude,
        longitude,
        elevation,
        0.75 * share,
        0.25 + 0.75 * share,
        per_wet_day / scale,
        scale,
        mean,
        np.stack([deviation, deviation]),
        WGEN_A,
        WGEN_B,
        np.full(12, dew_below_minimum),
        np.broadcast_to(np.asarray(wind, dtype=np.float64), (12,)).copy(),
        dispersion,
        f"{GENERATED}, from {source}",
    )


def generate_weather(
    climate: Climate, first_year: int, years: int, seed: int, *, index: Array | None = None
) -> Weather:
    """Generate whole calendar years.

    Parameters
    ----------
    climate
    first_year, years
    seed
        The same seed gives the same years.
    index
        The years' standard normal indices, shape (years + 1,): entry k holds from July of the year before year k to its
        June. Places of one region share it; drawn from ``seed`` where None.

    Returns
    -------
    Weather
        With ``generated`` set.

    Examples
    --------
    >>> from lumbung import farm
    >>> weather = farm.generate_weather(farm.climates()["monsoonal"], first_year=2001, years=2, seed=1)
    >>> weather
    <Weather 'monsoonal' at -7.00, 110.00, 50 m: 2001-01-01 to 2002-12-31, gaps on 0 of 730 days, generated>
    """
    if years < 1:
        raise WeatherError(f"{climate.name}: found {years} years to generate, expected at least one")
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal(years + 1)
    rain, wet = _rain(climate, rng, _by_day(drawn if index is None else np.asarray(index), years))
    tmax, tmin, sky = _temperatures(climate, rng, wet)
    of_year = np.arange(1.0, 367.0)
    irradiation = sky * radiation_above_air(of_year, climate.latitude)
    kept = _days_of_years(first_year, years)
    month = np.broadcast_to(_MONTH_OF_DAY, rain.shape)
    vapour = vapour_pressure_of_dew_point(tmin - climate.dew_below_minimum[month])
    return Weather(
        climate.name,
        climate.latitude,
        climate.longitude,
        climate.elevation,
        np.datetime64(f"{first_year:04d}-01-01", "D"),
        tmin[kept],
        tmax[kept],
        irradiation[kept],
        vapour[kept],
        climate.wind[month][kept],
        rain[kept],
        source=climate.source,
        generated=True,
    )


def generate_rain(climate: Climate, years: int, seed: int) -> Array:
    """Return rain alone [mm/d], shape (years, 366): 29 February in every year."""
    rng = np.random.default_rng(seed)
    return _rain(climate, rng, _by_day(rng.standard_normal(years + 1), years))[0]


def _by_day(index: Array, years: int) -> Array:
    """Spread the years' indices over days, shape (years, 366); they turn in July."""
    if index.shape != (years + 1,):
        raise WeatherError(f"{years} years need {years + 1} indices, found {index.size}")
    late = _MONTH_OF_DAY >= _TURN - 1
    return np.where(late[None, :], index[1:, None], index[:-1, None])


def _rain(climate: Climate, rng: np.random.Generator, index: Array) -> tuple[Array, Any]:
    years = index.shape[0]
    factor = np.exp(climate.dispersion * index)
    p01 = _shifted(climate.wet_after_dry[_MONTH_OF_DAY], factor)
    p11 = _shifted(climate.wet_after_wet[_MONTH_OF_DAY], factor)
    uniform = rng.random((years, 366))
    wet = np.empty((years, 366), bool)
    state = rng.random(years) < p01[:, 0] / (1.0 + p01[:, 0] - p11[:, 0])
    for day in range(366):
        state = uniform[:, day] < np.where(state, p11[:, day], p01[:, day])
        wet[:, day] = state
    amounts = rng.standard_gamma(np.broadcast_to(climate.shape[_MONTH_OF_DAY], (years, 366)))
    # Amounts follow the index half as much as odds do; the divisor keeps the mean of many years where it was.
    half = 0.5 * climate.dispersion
    amounts = amounts * climate.scale[_MONTH_OF_DAY] * np.exp(half * index - 0.5 * half**2)
    return np.where(wet, np.clip(amounts, WET, 600.0), 0.0), wet


def _shifted(probability: Array, factor: Array) -> Array:
    """Multiply the odds of a probability, shape (years, 366)."""
    odds = probability / (1.0 - np.minimum(probability, 0.999)) * factor
    return odds / (1.0 + odds)


def _temperatures(climate: Climate, rng: np.random.Generator, wet: Any) -> tuple[Array, Array, Array]:
    years = wet.shape[0]
    shocks = rng.standard_normal((366, 3, years))
    start = _stationary(climate.memory.tobytes(), climate.shock.tobytes())
    residual = np.empty((366, 3, years))
    state = start @ rng.standard_normal((3, years))
    for day in range(366):
        state = climate.memory @ state + climate.shock @ shocks[day]
        residual[day] = state
    of_year = np.arange(1.0, 367.0)
    mean, deviation = (
        np.array(
            [[np.interp(of_year, _MID_MONTH, months, period=366.0) for months in kind] for kind in table]
        )
        for table in (climate.mean, climate.deviation)
    )
    choose = wet.astype(int)
    values = np.empty((3, *wet.shape))
    for k in range(3):
        values[k] = (
            mean[:, k][choose, np.arange(366)] + deviation[:, k][choose, np.arange(366)] * residual[:, k].T
        )
    tmax, tmin = np.maximum(values[0], values[1] + 1.0), values[1]
    return tmax, tmin, np.clip(values[2], *_CLEARNESS)


@cache
def _stationary(memory: bytes, shock: bytes) -> Array:
    """Return a root of the covariance that the autoregression settles in."""
    a = np.frombuffer(memory).reshape(3, 3)
    b = np.frombuffer(shock).reshape(3, 3)
    covariance = b @ b.T
    for _ in range(200):
        covariance = a @ covariance @ a.T + b @ b.T
    values, vectors = np.linalg.eigh(covariance)
    root: Array = vectors @ np.diag(np.sqrt(np.maximum(values, 0.0)))
    return root


def _days_of_years(first_year: int, years: int) -> Any:
    """Return a mask of shape (years, 366) that leaves out 29 February where there is none."""
    year = np.arange(first_year, first_year + years)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    kept = np.ones((years, 366), bool)
    kept[~leap, 59] = False
    return kept
