"""When to plant: what each start date and variety brought over an ensemble of seasons, and what follows from it.

The story: places (`sites`) ▸ seasons grown (:func:`grow_ensembles`) ▸ years weighted by a forecast
(:func:`analogue_weights`) ▸ a decision with its uncertainty (:func:`decide`).

An ensemble holds, for one site, every variety and start date in every year. A planting year begins at a date of one's
choice and has 36 starts, one per ten days (1st, 11th and 21st of each month).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.calendar.margins import Prices
from lumbung.farm.calendar.model_error import ModelError, model_error
from lumbung.farm.calendar.people_dates import DateError, ten_day_period
from lumbung.farm.growing.crop_parameters import Variety
from lumbung.farm.growing.harvest import Pond, grow
from lumbung.farm.growing.nitrogen import Nitrogen
from lumbung.farm.growing.nursery import USUAL_AGE
from lumbung.farm.growing.soil_parameters import Soil
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
STARTS = 36  # ten-day periods of a year
FAILURE = 2000.0  # kg/ha; a season that brings less has failed
NEAR_BEST = 0.9  # share of the best start's expected yield that a start of the window reaches
CONFIDENCE_Z = 1.645  # 90 percent, two-sided
LONGEST = 240  # days a season may last
MM_PER_CM = 10.0
NEARLY_BEST = 0.99  # share of the best's expected yield within which starts are not told apart
SEASONS = "WTRAT", "EVST", "EVWT", "LOSST", "TOTIRR", "RAINT", "TWSO", "GRAIN", "DOM", "STATUS", "DURATION"


class DecisionError(ValueError):
    """A decision that cannot be made from what is there; says what is missing."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """A seasonal forecast: the chances of a season's rain lying in the lowest, middle and highest third.

    Attributes
    ----------
    below, normal, above
        Probabilities; their sum is 1.
    months
        The months (1 to 12) whose rain is forecast, in order: their first occurrence in the planting year.

    Examples
    --------
    >>> from lumbung import farm
    >>> drier = farm.Forecast(0.5, 0.3, 0.2, months=(6, 7, 8))
    >>> weather = farm.hyderabad()
    >>> site = farm.Site(
    ...     "Hyderabad",
    ...     weather.latitude,
    ...     weather.longitude,
    ...     weather,
    ...     farm.soil("EC3"),
    ...     (farm.variety("IR72"),),
    ...     forecast=drier,
    ... )
    >>> (ensemble,) = farm.grow_ensembles([site], range(2001, 2007), first_period=17, count=1)
    >>> ensemble.weights.round(2).tolist()
    [0.25, 0.25, 0.1, 0.15, 0.1, 0.15]
    """

    below: float
    normal: float
    above: float
    months: tuple[int, ...]

    def __post_init__(self) -> None:
        chances = (self.below, self.normal, self.above)
        if min(chances) < 0.0 or abs(sum(chances) - 1.0) > 0.02:
            raise DecisionError(
                f"a forecast's three chances must not be negative and add up to 1; found {chances}"
            )
        if not self.months or not all(1 <= month <= 12 for month in self.months):
            raise DecisionError(f"a forecast needs months between 1 and 12; found {self.months}")


@dataclass(frozen=True, eq=False)
class Site:
    """A place where something is to be planted.

    Attributes
    ----------
    name, latitude, longitude
    weather
        Its record, or generated weather.
    soil
    varieties
        To choose from.
    production
        As in :func:`lumbung.farm.grow`.
    pond
        The irrigation of a paddy; None where it is rainfed.
    habitual
        Number of the ten-day period (0 to 35, from 1 January) in which people plant today; None where unknown.
    forecast
        For the coming planting year; None means that all years count alike.
    initial_water
        Water above wilting point that every season finds [mm]; simulated from the weather before it where None.
    patterns
        What may be grown through the year, each as words (:func:`lumbung.farm.growing.field.rice_then`); none: not said.
    secondary
        The variety that stands for a secondary crop.
    seedling_age
        Days from seed to transplanting.
    area
        Of its fields [ha].
    within
        First and last ten-day period (0 to 35) in which the season may begin; None: any.
    region
        Whose official yields are the site's; empty where unknown.
    nitrogen
        What every season is supplied with, its varieties then being of WOFOST 8.1; None grows WOFOST 7.2.

    Examples
    --------
    >>> from lumbung import farm
    >>> weather = farm.hyderabad()
    >>> site = farm.Site(
    ...     "Hyderabad",
    ...     weather.latitude,
    ...     weather.longitude,
    ...     weather,
    ...     farm.soil("EC3"),
    ...     tuple(farm.varieties().values())[:3],
    ...     habitual=18,
    ... )
    >>> len(site.varieties), site.production
    (3, 'paddy')
    """

    name: str
    latitude: float
    longitude: float
    weather: Weather = field(repr=False)
    soil: Soil = field(repr=False)
    varieties: tuple[Variety, ...] = field(repr=False)
    production: str = "paddy"
    pond: Pond | None = None
    habitual: int | None = None
    forecast: Forecast | None = None
    initial_water: float | None = None
    patterns: tuple[str, ...] = ()
    secondary: Variety | None = field(default=None, repr=False)
    seedling_age: int = USUAL_AGE
    area: float | None = None
    within: tuple[int, int] | None = None
    region: str = ""
    nitrogen: Nitrogen | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Level:
    """How official yields stand to simulated ones in a region (:mod:`lumbung.farm.calendar.official`).

    Attributes
    ----------
    ratio
        By which simulated yields are multiplied, after shrinking.
    alone
        What the region's own years say; NaN without any.
    spread
        Standard deviation of the ratio from year to year, relative to it.
    years
        Behind ``alone``.
    """

    ratio: float
    alone: float
    spread: float
    years: int


@dataclass(frozen=True, eq=False)
class Ensemble:
    """What every variety and start brought in every year at one site; arrays (varieties, starts, years), NaN: not grown.

    Attributes
    ----------
    starts
        Dates, shape (starts, years).
    yields
        Grain [kg/ha], without sterile spikelets; 0 where the crop died.
    water
        What the field took: transpiration, evaporation and percolation [mm].
    irrigation, rain
        [mm]; irrigation with what puddles the field before planting.
    days
        From start to the end of the season.
    season_rain
        Rain of the forecast's months in each year [mm], shape (years,); of the whole planting year without forecast.
    weights
        The years', shape (years,); they add up to 1.
    level
        How official yields brought the level of ``yields``; None where they did not.

    Examples
    --------
    >>> from lumbung import farm
    >>> weather = farm.hyderabad()
    >>> site = farm.Site(
    ...     "Hyderabad", weather.latitude, weather.longitude, weather, farm.soil("EC3"), (farm.variety("IR72"),)
    ... )
    >>> (ensemble,) = farm.grow_ensembles([site], range(2001, 2006), first_period=15, count=6)
    >>> ensemble
    <Ensemble of 'Hyderabad': 1 x 6 x 5 varieties, starts, years; mean yield 5767 kg/ha>
    >>> ensemble.to_xarray()["yields"].median("year").round().values.tolist()
    [[593.0, 4515.0, 7097.0, 6529.0, 6745.0, 7161.0]]
    """

    site: Site
    starts: Dates
    yields: Array
    water: Array
    irrigation: Array
    rain: Array
    days: Array
    season_rain: Array
    weights: Array
    level: Level | None = None

    def __repr__(self) -> str:
        varieties, starts, years = self.yields.shape
        grown = np.isfinite(self.yields)
        mean = f"mean yield {self.yields[grown].mean():.0f} kg/ha" if grown.any() else "no season grown"
        return f"<Ensemble of {self.site.name!r}: {varieties} x {starts} x {years} varieties, starts, years; {mean}>"

    def to_xarray(self) -> Any:
        """Return the ensemble as an ``xarray.Dataset`` of variety, period and year, with units (CF conventions)."""
        import xarray

        dims = ("variety", "period", "year")
        about = {
            "yields": ("kg ha-1", "grain without sterile spikelets"),
            "water": ("mm", "transpiration, evaporation and percolation"),
            "irrigation": ("mm", "irrigation with what puddles the field"),
            "rain": ("mm", "rain from start to harvest"),
            "days": ("d", "days from start to harvest"),
        }
        variables: dict[str, Any] = {
            name: (dims, getattr(self, name), {"units": units, "long_name": long_name})
            for name, (units, long_name) in about.items()
        }
        variables["weights"] = ("year", self.weights, {"units": "1", "long_name": "weight of the year"})
        coordinates = {
            "variety": [variety.name for variety in self.site.varieties],
            "start": (
                dims[1:],
                self.starts.astype("datetime64[ns]"),
                {"long_name": "first day of the season"},
            ),
        }
        generated = int(self.site.weather.generated)
        return xarray.Dataset(
            variables,
            coordinates,
            {"Conventions": "CF-1.11", "title": self.site.name, "generated": generated},
        )

    def plot(self, variety: int = 0, *, axes: Any = None) -> Any:
        """Draw what a variety brought by start: the median over years and the band between the worst and best tenth.

        Returns
        -------
        matplotlib.axes.Axes
            Those given, or else pyplot's.

        Raises
        ------
        DecisionError
            When no season of the variety could be grown.
        """
        grown = np.isfinite(self.yields[variety]).any(axis=1)
        if not grown.any():
            raise DecisionError(f"{self.site.name}: no season could be grown, so there is nothing to draw")
        if axes is None:
            import matplotlib.pyplot as plt

            axes = plt.gca()
        low, middle, high = np.nanquantile(self.yields[variety][grown], [0.1, 0.5, 0.9], axis=1)
        starts = np.flatnonzero(grown)
        axes.fill_between(starts, low, high, alpha=0.3, linewidth=0, label="10 to 90 % of years")
        axes.plot(starts, middle, label="median")
        months = self.starts[:, 0].astype("datetime64[M]")
        tens = (self.starts[:, 0] - months.astype("datetime64[D]")).astype(int) // 10
        shown = starts[:: max(len(starts) // 6, 1)]
        axes.set_xticks(
            shown,
            [
                period_name(int(3 * month + ten))
                for month, ten in zip(months.astype(int)[shown], tens[shown], strict=True)
            ],
        )
        made = " (generated weather)" if self.site.weather.generated else ""
        axes.set_title(f"{self.site.name}, {self.site.varieties[variety].name}{made}")
        axes.set_xlabel("start")
        axes.set_ylabel("grain [kg/ha]")
        axes.legend()
        return axes

    @property
    def model_errors(self) -> tuple[ModelError, ...]:
        """The model's error by variety, with what official yields leave unexplained where they brought the level."""
        found = [model_error(variety.crop) for variety in self.site.varieties]
        if self.level is None:
            return tuple(found)
        grown = [float(np.nanmean(v)) if np.isfinite(v).any() else 0.0 for v in self.yields]
        return tuple(
            replace(error, rmse=float(np.hypot(self.level.ratio * error.rmse, self.level.spread * mean)))
            for error, mean in zip(found, grown, strict=True)
        )

    @property
    def years(self) -> int:
        """How many years have at least one season."""
        return int(np.isfinite(self.yields).any(axis=(0, 1)).sum())


def ten_day_starts(first_period: int, years: Sequence[int], count: int = STARTS) -> Dates:
    """Return the dates of ``count`` ten-day periods from ``first_period`` on in each planting year, (count, years).

    Period 0 begins on 1 January, 1 on the 11th, 2 on the 21st, 3 on 1 February, and so on.
    """
    place = first_period + np.arange(count)
    months = (place // 3)[:, None] + (np.asarray(years) - 1970)[None, :] * 12
    dates: Dates = months.astype("datetime64[M]").astype("datetime64[D]") + (place % 3 * 10)[:, None]
    return dates


def period_name(period: int) -> str:
    """Return the first day of a ten-day period, e.g. ``11 Nov``."""
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{period % 3 * 10 + 1} {month[period // 3 % 12]}"


def period_of(text: str) -> int:
    """Return the ten-day period of a date as people write it (:mod:`lumbung.farm.calendar.people_dates`).

    Raises
    ------
    DecisionError
    """
    try:
        return ten_day_period(text)
    except DateError as error:
        raise DecisionError(str(error)) from None


def within_horizon(
    within: tuple[int, int] | None, first_period: int, count: int = STARTS
) -> npt.NDArray[np.bool_]:
    """Return which starts lie within a horizon of ten-day periods, which may span New Year; shape (count,)."""
    periods = (first_period + np.arange(count)) % STARTS
    if within is None:
        return np.ones(count, bool)
    first, last = within
    inside: npt.NDArray[np.bool_] = (periods - first) % STARTS <= (last - first) % STARTS
    return inside


def grow_ensembles(
    sites: Sequence[Site],
    years: Sequence[int],
    first_period: int = 0,
    count: int = STARTS,
    *,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Ensemble]:
    """Grow every variety on every start in every planting year, at all sites at once.

    A start is sowing where the variety's parameters say when it emerges (maize), else emergence or transplanting (rice).
    Sites of different production, with nitrogen and without, are grown one kind after the other. Seasons without weather are NaN.

    Parameters
    ----------
    sites, years, first_period, count
    threads, progress
        As for :func:`lumbung.farm.grow`.

    Raises
    ------
    lumbung.farm.SeasonError
    lumbung.farm.engine.parameters.ParameterError

    Examples
    --------
    >>> from lumbung import farm
    >>> weather = farm.hyderabad()
    >>> site = farm.Site(
    ...     "Hyderabad", weather.latitude, weather.longitude, weather, farm.soil("EC3"), (farm.variety("IR72"),)
    ... )
    >>> farm.grow_ensembles([site], range(2001, 2006), first_period=15, count=6)
    [<Ensemble of 'Hyderabad': 1 x 6 x 5 varieties, starts, years; mean yield 5767 kg/ha>]
    """
    starts = ten_day_starts(first_period, years, count)
    found: dict[int, Ensemble] = {}
    kinds = [(site.production, site.nitrogen is None) for site in sites]
    for kind in dict.fromkeys(kinds):
        members = [k for k, its in enumerate(kinds) if its == kind]
        grown = _grow_kind([sites[k] for k in members], kind[0], starts, threads, progress)
        found.update(zip(members, grown, strict=True))
    return [found[k] for k in range(len(sites))]


def _grow_kind(
    sites: Sequence[Site],
    production: str,
    starts: Dates,
    threads: int | None,
    progress: Callable[[int], None] | None,
) -> list[Ensemble]:
    weathers = list({id(site.weather): site.weather for site in sites}.values())
    crops = list({id(v): v for site in sites for v in site.varieties}.values())
    soils = list({id(site.soil): site.soil for site in sites}.values())
    places = [{id(thing): k for k, thing in enumerate(things)} for things in (weathers, crops, soils)]
    fed = [site.nitrogen for site in sites if site.nitrogen is not None]
    each = starts.size
    sizes = [each * len(site.varieties) for site in sites]
    harvest = grow(
        weathers,
        crops,
        soils,
        np.concatenate([np.tile(starts.ravel(), len(site.varieties)) for site in sites]),
        weather_index=np.repeat([places[0][id(site.weather)] for site in sites], sizes),
        crop_index=np.concatenate(
            [np.repeat([places[1][id(v)] for v in site.varieties], each) for site in sites]
        ),
        soil_index=np.repeat([places[2][id(site.soil)] for site in sites], sizes),
        production=production,
        sowing=np.concatenate([np.repeat([v.can_be_sown for v in site.varieties], each) for site in sites]),
        initial_water=np.repeat(
            [np.nan if s.initial_water is None else s.initial_water for s in sites], sizes
        ),
        pond=[pond for site, size in zip(sites, sizes, strict=True) for pond in [site.pond] * size],
        nitrogen=fed or None,
        nitrogen_index=np.repeat(np.arange(len(fed)), sizes) if fed else None,
        longest=LONGEST,
        columns=SEASONS,
        on_fault="report",
        threads=threads,
        progress=progress,
    )
    bad = harvest.failed
    columns = {name: np.where(bad, np.nan, harvest[name]) for name in SEASONS if name != "STATUS"}
    preparing = harvest["LANDPREP"] if "LANDPREP" in harvest.columns else np.zeros(len(harvest))
    columns["TOTIRR"] = columns["TOTIRR"] + preparing
    borders = np.cumsum([0, *sizes])
    ensembles = []
    for k, site in enumerate(sites):
        shape = (len(site.varieties), *starts.shape)
        mine = {name: values[borders[k] : borders[k + 1]].reshape(shape) for name, values in columns.items()}
        season_rain = rain_of_season(site, starts)
        ensembles.append(
            Ensemble(
                site,
                starts,
                mine["GRAIN"],
                MM_PER_CM * (mine["WTRAT"] + mine["EVST"] + mine["EVWT"] + mine["LOSST"]),
                MM_PER_CM * mine["TOTIRR"],
                MM_PER_CM * mine["RAINT"],
                mine["DURATION"],
                season_rain,
                analogue_weights(
                    season_rain, site.forecast, np.asarray(np.isfinite(mine["TWSO"]).any(axis=(0, 1)), bool)
                ),
            )
        )
    return ensembles


def rain_of_season(site: Site, starts: Dates) -> Array:
    """Return the rain of the forecast's months, or of 365 days, in each planting year [mm]."""
    weather, out = site.weather, np.empty(starts.shape[1])
    month = weather.dates.astype("datetime64[M]").astype(int) % 12 + 1
    for year, first in enumerate(starts[0]):
        place = int((first - weather.first_day).astype(int))
        inside = np.zeros(len(weather), bool)
        inside[max(place, 0) : max(place + 365, 0)] = True
        chosen = inside & np.isin(month, site.forecast.months) if site.forecast else inside
        wanted = 25 * len(site.forecast.months) if site.forecast else 300
        values = weather.rain[chosen]
        values = values[np.isfinite(values)]
        out[year] = values.sum() if values.size >= wanted else np.nan
    return out


def terciles(season_rain: Array) -> npt.NDArray[np.int64]:
    """Return the third in which each year's rain lies: 0, 1, 2; -1 where unknown.

    Years are ranked, so that the thirds hold equally many years or one more.
    """
    known = np.flatnonzero(np.isfinite(season_rain))
    third = np.full(season_rain.size, -1)
    order = known[np.argsort(season_rain[known], kind="stable")]
    third[order] = (3 * np.arange(order.size)) // max(order.size, 1)
    return third


def analogue_weights(season_rain: Array, forecast: Forecast | None, usable: npt.NDArray[np.bool_]) -> Array:
    """Return the weight of each year, given a forecast of terciles (Briggs & Wilks 1996).

    The years of a third share its probability equally. A year whose season rain is unknown gets the mean weight.
    Without forecast all usable years weigh alike.

    Parameters
    ----------
    season_rain
        Shape (years,).
    forecast
    usable
        Years with seasons; others weigh nothing.
    """
    weights = usable.astype(float)
    if forecast is not None:
        third = terciles(np.where(usable, season_rain, np.nan))
        for k, chance in enumerate((forecast.below, forecast.normal, forecast.above)):
            mine = third == k
            if mine.any():
                weights[mine] = chance / mine.sum()
        unknown = usable & (third < 0)
        weights[unknown] = weights[third >= 0].mean() if (third >= 0).any() else 1.0
    total = weights.sum()
    return weights / total if total > 0 else weights


@dataclass(frozen=True, eq=False)
class Outlook:
    """Figures of every variety and start, arrays (varieties, starts); weighted over years.

    What a coming season brings is uncertain because years differ and because the model errs: bands and chances hold
    both. The error of the model is normal, with the standard deviation it had on trials left out of its fitting
    (:mod:`lumbung.farm.calendar.model_error`).

    Attributes
    ----------
    years
        Seasons behind each figure.
    expected, spread, error
        Mean yield, its standard deviation between years, its standard error [kg/ha].
    low, high
        Between which a coming season's yield lies with a chance of 80 percent [kg/ha].
    risk, risk_low, risk_high
        Chance of failure with its 90 percent interval (Wilson 1927, with the effective number of years).
    water, irrigation, rain, days
        Means.
    model_error
        Standard deviation of the model's error by variety [kg/ha], shape (varieties,).
    margin, margin_low, margin_high
        What a season earns per hectare: mean, and between which it lies with a chance of 80 percent; NaN without prices.
    loss
        Chance of earning less than the margin below which a season has failed; NaN without prices.
    """

    years: npt.NDArray[np.int64]
    expected: Array
    spread: Array
    error: Array
    low: Array
    high: Array
    risk: Array
    risk_low: Array
    risk_high: Array
    water: Array
    irrigation: Array
    rain: Array
    days: Array
    model_error: Array
    margin: Array
    margin_low: Array
    margin_high: Array
    loss: Array

    def __repr__(self) -> str:
        varieties, starts = self.expected.shape
        known = self.expected[np.isfinite(self.expected)]
        best = f"at best {known.max():.0f} kg/ha expected" if known.size else "no season grown"
        return f"<Outlook: {varieties} x {starts} varieties, starts; {best}>"


def outlook_of(
    ensemble: Ensemble, failure: float = FAILURE, prices: Prices | None = None, least_margin: float = 0.0
) -> Outlook:
    """Summarise an ensemble; seasons that could not be grown are left out of their figure.

    Parameters
    ----------
    ensemble
    failure
        A season that brings less [kg/ha] has failed.
    prices
        For margins; none without.
    least_margin
        A season that earns less per hectare has failed too, and is counted in ``loss``.

    Examples
    --------
    >>> from lumbung import farm
    >>> weather = farm.hyderabad()
    >>> site = farm.Site(
    ...     "Hyderabad", weather.latitude, weather.longitude, weather, farm.soil("EC3"), (farm.variety("IR72"),)
    ... )
    >>> (ensemble,) = farm.grow_ensembles([site], range(2001, 2006), first_period=15, count=6)
    >>> outlook = farm.outlook_of(ensemble, failure=3000)
    >>> outlook.risk.round(2).tolist()  # chance of less than 3 t/ha, by start
    [[0.73, 0.11, 0.0, 0.0, 0.01, 0.0]]
    """
    yields = ensemble.yields
    of_model = ensemble.model_errors
    errors = np.array([error.nodes() for error in of_model])
    possible = np.maximum(yields[..., None] + errors[:, None, None, :], 0.0)
    known = np.isfinite(yields)
    weights = known * ensemble.weights
    total = weights.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = weights / total
        effective = 1.0 / (share**2).sum(axis=-1)

        def mean(values: Array) -> Array:
            out: Array = (np.where(known, values, 0.0) * share).sum(axis=-1)
            return out

        expected = mean(yields)
        variance = mean((np.where(known, yields, 0.0) - expected[..., None]) ** 2)
        spread = np.sqrt(variance * effective / np.maximum(effective - 1.0, 1e-9))
        spread = np.where(effective > 1.5, spread, np.nan)
        risk = mean(np.stack([error.below(yields[v], failure) for v, error in enumerate(of_model)]))
        risk_low, risk_high = _wilson(risk, effective)
        margins = [np.full(expected.shape, np.nan)] * 4
        if prices is not None:
            worth = worth_of(ensemble, prices)
            per_kilogram = np.array([prices.per_kilogram(v.crop) for v in ensemble.site.varieties])
            earned = worth[..., None] + per_kilogram[:, None, None, None] * (possible - yields[..., None])
            enough = [
                prices.grain_for(variety.crop, least_margin, ensemble.irrigation[v])
                for v, variety in enumerate(ensemble.site.varieties)
            ]
            margins = [
                mean(worth),
                _quantile_of_nodes(earned, share, 0.1),
                _quantile_of_nodes(earned, share, 0.9),
                mean(np.stack([error.below(yields[v], enough[v]) for v, error in enumerate(of_model)])),
            ]
        return Outlook(
            known.sum(axis=-1),
            expected,
            spread,
            spread / np.sqrt(effective),
            _quantile_of_nodes(possible, share, 0.1),
            _quantile_of_nodes(possible, share, 0.9),
            risk,
            risk_low,
            risk_high,
            mean(ensemble.water),
            mean(ensemble.irrigation),
            mean(ensemble.rain),
            mean(ensemble.days),
            np.array([error.rmse for error in of_model]),
            *margins,
        )


def worth_of(ensemble: Ensemble, prices: Prices | None) -> Array:
    """Return what choices are compared by, for every season: margin per hectare, or grain [kg/ha] without prices."""
    if prices is None:
        return ensemble.yields
    return np.stack(
        [
            prices.margin(variety.crop, ensemble.yields[v], ensemble.irrigation[v])
            for v, variety in enumerate(ensemble.site.varieties)
        ]
    )


def _wilson(share: Array, n: Array) -> tuple[Array, Array]:
    z2 = CONFIDENCE_Z**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = CONFIDENCE_Z * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def _quantile_of_nodes(possible: Array, share: Array, q: float) -> Array:
    """Return quantiles of years and errors together; shapes (..., years, errors) and (..., years)."""
    nodes = possible.shape[-1]
    together = possible.reshape(*possible.shape[:-2], -1)
    return _quantile(together, np.repeat(share / nodes, nodes, axis=-1), q)


def _quantile(values: Array, weights: Array, q: float) -> Array:
    """Return weighted quantiles along the last axis: mid-weights, linear between them."""
    order = np.argsort(values, axis=-1)  # NaN comes last, with weight zero
    v = np.take_along_axis(values, order, -1)
    w = np.take_along_axis(np.nan_to_num(weights), order, -1)
    place = np.cumsum(w, axis=-1) - 0.5 * w
    out = np.full(values.shape[:-1], np.nan)
    for at in np.ndindex(out.shape):
        kept = w[at] > 0
        if kept.any():
            out[at] = np.interp(q, place[at][kept], v[at][kept])
    return out


@dataclass(frozen=True, eq=False)
class Decision:
    """What follows from an ensemble.

    Attributes
    ----------
    outlook
    variety, start
        Indices of the best: the variety with the highest expected yield; of its starts that stand beside the highest
        within one percent, which the record cannot tell apart, the one in their middle.
    window
        First and last start of the best planting window: the run of starts around the best whose expected yield with
        this variety reaches nine tenths of the best's.
    window_probability
        Chance that the year's best start for this variety lies in the window.
    window_risk
        Chance of failure of a start in the window, all its starts alike.
    habitual
        Index of the habitual start; None where unknown.
    gain, gain_low, gain_high
        What the advice brings over the habitual start [kg/ha] with its 90 percent interval. Each year is judged by
        advice from the other years alone, so that luck in choosing is not counted as gain. NaN where unknown.

    Examples
    --------
    >>> from lumbung import farm
    >>> weather = farm.hyderabad()
    >>> site = farm.Site(
    ...     "Hyderabad", weather.latitude, weather.longitude, weather, farm.soil("EC3"), (farm.variety("IR72"),)
    ... )
    >>> (ensemble,) = farm.grow_ensembles([site], range(2001, 2006), first_period=15, count=6)
    >>> decision = farm.decide(ensemble, first_period=15)
    >>> decision
    <Decision: variety 0, start 2 in the window 2 to 5; 7250 kg/ha expected, risk of failure 0 %>
    >>> ensemble.starts[decision.start, 0]
    np.datetime64('2001-06-21')
    """

    outlook: Outlook
    variety: int
    start: int
    window: tuple[int, int]
    window_probability: float
    window_risk: float
    habitual: int | None
    gain: float = np.nan
    gain_low: float = np.nan
    gain_high: float = np.nan

    def __repr__(self) -> str:
        return (
            f"<Decision: variety {self.variety}, start {self.start} in the window {self.window[0]} to {self.window[1]}; "
            f"{self.outlook.expected[self.variety, self.start]:.0f} kg/ha expected, "
            f"risk of failure {100.0 * self.outlook.risk[self.variety, self.start]:.0f} %>"
        )


def decide(
    ensemble: Ensemble,
    first_period: int = 0,
    failure: float = FAILURE,
    prices: Prices | None = None,
    least_margin: float = 0.0,
) -> Decision:
    """Choose variety, start and window, by expected margin where prices are given, else by expected yield.

    Starts outside the site's horizon (``site.within``) are summarised and not chosen. With prices, "within one percent" and "nine
    tenths" are of what the best start's grain fetches, and gain is margin.

    Parameters
    ----------
    ensemble, failure, prices, least_margin
        As for :func:`outlook_of`.
    first_period
        With which the ensemble's starts begin.

    Raises
    ------
    DecisionError
        When not a single season could be grown within the horizon.

    Examples
    --------
    >>> from lumbung import farm
    >>> weather = farm.hyderabad()
    >>> site = farm.Site(
    ...     "Hyderabad",
    ...     weather.latitude,
    ...     weather.longitude,
    ...     weather,
    ...     farm.soil("EC3"),
    ...     (farm.variety("IR72"),),
    ...     habitual=16,
    ... )
    >>> (ensemble,) = farm.grow_ensembles([site], range(2001, 2006), first_period=15, count=6)
    >>> decision = farm.decide(ensemble, first_period=15)
    >>> decision.window, round(decision.gain)  # kg/ha over planting on 11 June
    ((2, 5), 1657)
    """
    site = ensemble.site
    outlook = outlook_of(ensemble, failure, prices, least_margin)
    mean = outlook.expected if prices is None else outlook.margin
    allowed = within_horizon(site.within, first_period, mean.shape[1])
    score = np.where(allowed, _score(mean, outlook.risk, outlook.years), -np.inf)
    if not np.isfinite(score).any():
        raise DecisionError(
            f"{site.name}: no season could be grown{'' if site.within is None else ' within the horizon'}; the weather runs from "
            f"{site.weather.first_day} to {site.weather.last_day}, the starts from "
            f"{ensemble.starts.min()} to {ensemble.starts.max()}"
        )
    v, s = np.unravel_index(int(np.argmax(score)), score.shape)
    best = int(v)
    fetches = 1.0 if prices is None else prices.per_kilogram(site.varieties[best].crop)
    start = _middle_of_the_top(
        score[best], int(s), (1.0 - NEARLY_BEST) * fetches * float(outlook.expected[best, s])
    )
    good = score[best] >= mean[best, start] - (1.0 - NEAR_BEST) * fetches * outlook.expected[best, start]
    first = last = start
    while first > 0 and good[first - 1]:
        first -= 1
    while last + 1 < good.size and good[last + 1]:
        last += 1
    worth = worth_of(ensemble, prices)
    usable = np.isfinite(worth[best]).any(axis=0)
    weights = ensemble.weights * usable
    known = np.where(np.isfinite(worth[best]) & allowed[:, None], worth[best], -np.inf)
    inside = known[first : last + 1].max(axis=0) >= known.max(axis=0)
    probability = float((weights * inside).sum() / weights.sum())
    habitual = None if site.habitual is None else (site.habitual - first_period) % STARTS
    if habitual is not None and habitual >= score.shape[1]:
        habitual = None
    gain = (np.nan, np.nan, np.nan) if habitual is None else _gain(worth, ensemble.weights, habitual, allowed)
    return Decision(
        outlook,
        best,
        start,
        (first, last),
        probability,
        float(np.nanmean(outlook.risk[best, first : last + 1])),
        habitual,
        *gain,
    )


def _middle_of_the_top(score: Array, top: int, tolerance: float) -> int:
    """Return the middle of the starts around the best that come within a tolerance of it.

    The best of many nearly equal means is luck; a few days of rain more or less would move it. Their middle stays.
    """
    enough = score >= score[top] - tolerance
    first = last = top
    while first > 0 and enough[first - 1]:
        first -= 1
    while last + 1 < enough.size and enough[last + 1]:
        last += 1
    return (first + last) // 2


def _score(expected: Array, risk: Array, years: npt.NDArray[np.int64]) -> Array:
    """Expected yield; a start grown in less than half as many years as others is not compared with them."""
    enough = years >= max(1, 0.5 * years.max(initial=0))
    score: Array = np.where(enough, expected - 1e-3 * risk, -np.inf)
    return np.where(np.isfinite(expected), score, -np.inf)


def _gain(
    yields: Array, weights: Array, habitual: int, allowed: npt.NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Advice against habit, each year judged by the others' advice (leave one out); the habit's own best variety."""
    known = np.isfinite(yields)
    gains, kept = [], []
    for year in range(yields.shape[2]):
        others = np.arange(yields.shape[2]) != year
        w = (known * weights)[..., others]
        with np.errstate(invalid="ignore", divide="ignore"):
            expected = (np.where(known, yields, 0.0)[..., others] * w).sum(-1) / w.sum(-1)
        score = _score(expected, np.zeros_like(expected), known[..., others].sum(-1))
        within = np.where(allowed, score, -np.inf)
        if not np.isfinite(within).any() or not np.isfinite(score[:, habitual]).any():
            continue
        advised = yields[(*np.unravel_index(int(np.argmax(within)), score.shape), year)]
        habit = yields[int(np.argmax(score[:, habitual])), habitual, year]
        if np.isfinite(advised) and np.isfinite(habit) and weights[year] > 0:
            gains.append(advised - habit)
            kept.append(weights[year])
    if len(gains) < 2:
        return (np.nan, np.nan, np.nan)
    share = np.array(kept) / np.sum(kept)
    values = np.array(gains)
    mean = float((share * values).sum())
    effective = 1.0 / float((share**2).sum())
    variance = float((share * (values - mean) ** 2).sum()) * effective / max(effective - 1.0, 1e-9)
    half = CONFIDENCE_Z * float(np.sqrt(variance / effective))
    return mean, mean - half, mean + half
