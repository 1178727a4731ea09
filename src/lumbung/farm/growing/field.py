"""A field through the years: crop after crop, and what lies between them, with the water each leaves to the next.

A :class:`Pattern` says what is grown in a year and in which order (padi-padi-palawija: rice, rice, a secondary crop). A planting year
begins with its first crop; every later one follows the harvest before it. Before a crop the field is prepared; a puddled one is
planted on the first day on which it is saturated, a dry one when its uppermost layer is moist. Where that day does not come in
time, nothing is planted and the field lies fallow: that is a failed season.

Soil water and what stands between the bunds carry over through every fallow and from crop to crop; nothing is assumed at a start.
Rice is grown on its puddled layer (:mod:`lumbung.farm.engine.paddy`), other crops on the whole freely draining profile of the same
field: the layers are handed over, and their sum is kept. Below a plough pan, what percolates raises the subsoil to field
capacity and drains beyond it. Books are kept of all that comes and goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine import fallow as F
from lumbung.farm.engine import rows as R
from lumbung.farm.engine.batches import SeasonArrays
from lumbung.farm.engine.turns import Turns
from lumbung.farm.engine.water_balance import DEFAULT_ROOTING_DEPTH
from lumbung.farm.growing.crop_parameters import Variety
from lumbung.farm.growing.fallow import COVER, SPIN_UP, WEED_ROOTS
from lumbung.farm.growing.harvest import Pond, SeasonError
from lumbung.farm.growing.nursery import OLDEST, SEED_BED, TO_EMERGE, USUAL_AGE, SeedBed
from lumbung.farm.growing.soil_parameters import Soil
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Dates = npt.NDArray[np.datetime64]
MM_PER_CM = 10.0
LONGEST = 240  # days a crop may stand
PERIODS = 36  # ten-day periods of a year
DRY_PREPARATION = 7  # days a dry field is worked before sowing
TURNAROUND = 7  # days between a harvest and the next preparation
WET_ENOUGH = 1e-9  # cm short of saturation at which a layer still counts as saturated


@dataclass(frozen=True, eq=False)
class Planting:
    """A crop of a pattern and how it is planted.

    Attributes
    ----------
    variety
    production
        "paddy" or "water-limited".
    seedling_age
        Days from seed to transplanting; 0: sown in the field. Only rice is transplanted.
    pond
        The irrigation of a paddy, from its preparation on; None where it is rainfed.
    prepare
        Days before planting from which the field is worked, free of weeds, and irrigated where it is.
    wait
        Days beyond its time for which planting may wait for water.

    Examples
    --------
    >>> from lumbung import farm
    >>> farm.Planting(farm.variety("IR72"), seedling_age=18, pond=farm.Pond(low=10, high=50))
    Planting(production='paddy', seedling_age=18, pond=Pond(low=10, high=50, until=1.8), prepare=20, wait=30)
    >>> try:
    ...     farm.Planting(farm.variety("Grain_maize_201"), production="water-limited")
    ... except farm.SeasonError as error:
    ...     print(error)
    ...
    Grain_maize_201: only a paddy is transplanted; set seedling_age=0
    """

    variety: Variety = field(repr=False)
    production: str = "paddy"
    seedling_age: int = USUAL_AGE
    pond: Pond | None = None
    prepare: int = 20
    wait: int = 30

    def __post_init__(self) -> None:
        who = self.variety.name
        if self.production not in ("paddy", "water-limited"):
            raise SeasonError(f"{who}: a field grows paddy or water-limited; found {self.production!r}")
        if not 0 <= self.seedling_age <= OLDEST:
            raise SeasonError(f"{who}: seedlings are 0 to {OLDEST} days old; found {self.seedling_age}")
        if self.seedling_age and self.production != "paddy":
            raise SeasonError(f"{who}: only a paddy is transplanted; set seedling_age=0")
        if self.pond is not None and self.production != "paddy":
            raise SeasonError(f"{who}: only a paddy can be kept flooded")
        if not (1 <= self.prepare <= 90 and 0 <= self.wait <= 120):
            raise SeasonError(
                f"{who}: prepare is 1 to 90 and wait 0 to 120 days; found {self.prepare} and {self.wait}"
            )


@dataclass(frozen=True, eq=False)
class Pattern:
    """What is grown on a field in a year, in order; fallow for the rest of it.

    Examples
    --------
    >>> from lumbung import farm
    >>> rice = farm.Planting(farm.variety("IR72"))
    >>> farm.Pattern("rice, twice", (rice, rice)).name
    'rice, twice'
    """

    name: str
    plantings: tuple[Planting, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.plantings) <= 4:
            raise SeasonError(f"{self.name}: a pattern has one to four crops; found {len(self.plantings)}")


@dataclass(frozen=True, eq=False)
class FieldYears:
    """What a pattern brought; arrays (crops, starts, years) where nothing else is said.

    Attributes
    ----------
    pattern
    starts
        First day on which the first crop was to be planted, shape (starts, years).
    planted, harvested
        Dates; NaT where nothing was planted.
    grain
        [kg/ha]; 0 where there was no water or no time to plant; NaN where the weather does not reach.
    irrigation, preparation, nursery
        Irrigation of the crop from its preparation on; what of it came before planting; what the seed-bed takes beside it [mm].
    rain
        From planting to harvest [mm].
    demand
        Irrigation and seed-bed by ten-day period of the planting year (the first is that of the first start's year's 1 January), shape
        (starts, years, PERIODS), by period of the calendar year [mm].
    stored
        Water in and on the field at the beginning and end of the record [mm], shape (2, starts).
    flows
        What came and went between them [mm], shape (starts, len(FLOWS)).

    Examples
    --------
    >>> from lumbung import farm
    >>> twice = farm.rice_then("rice-rice", farm.variety("IR72"), farm.variety("Grain_maize_201"), pond=farm.Pond())
    >>> years = farm.grow_pattern(farm.hyderabad(), farm.soil("EC3"), twice, [["2003-06-21", "2004-06-21"]])
    >>> years
    <FieldYears of 'rice-rice': 2 x 1 x 2 crops, starts, years; mean grain 8520, 7463 kg/ha>
    >>> years.planted[:, 0, 0].tolist()
    [datetime.date(2003, 6, 21), datetime.date(2003, 10, 26)]
    >>> bool(abs(years.unaccounted).max() < 1e-6)  # mm of water
    True
    """

    FLOWS = ("rain", "irrigation", "transpired", "evaporated", "open_water", "runoff", "drained")

    pattern: Pattern
    starts: Dates
    planted: Dates
    harvested: Dates
    grain: Array
    irrigation: Array
    preparation: Array
    nursery: Array
    rain: Array
    demand: Array
    stored: Array
    flows: Array

    def __repr__(self) -> str:
        crops, starts, years = self.grain.shape
        grain = ", ".join(
            f"{np.nanmean(mine):.0f}" if np.isfinite(mine).any() else "unknown" for mine in self.grain
        )
        return (
            f"<FieldYears of {self.pattern.name!r}: {crops} x {starts} x {years} crops, starts, years; "
            f"mean grain {grain} kg/ha>"
        )

    @property
    def unaccounted(self) -> Array:
        """Water that the books cannot explain [mm], shape (starts,): inflow less outflow less what is stored more."""
        came = self.flows[:, :2].sum(axis=1)
        went = self.flows[:, 2:].sum(axis=1)
        out: Array = came - went - (self.stored[1] - self.stored[0])
        return out


def grow_pattern(
    weather: Weather,
    soil: Soil,
    pattern: Pattern,
    starts: npt.ArrayLike,
    *,
    supply: npt.ArrayLike | None = None,
    cover: float = COVER,
) -> FieldYears:
    """Grow a pattern through a record, once for each first start; each is a field of its own.

    Parameters
    ----------
    weather, soil
    pattern
    starts
        Dates on which the first crop is to be planted, shape (starts, years), a year apart.
    supply
        Most irrigation by ten-day period of the calendar year [mm/d], shape (36,); no limit where None.
    cover
        Share of the ground under stubble and weeds while the field lies fallow [-].

    Raises
    ------
    SeasonError
        Dates or a supply of the wrong shape.
    lumbung.farm.engine.parameters.ParameterError

    Examples
    --------
    >>> from lumbung import farm
    >>> twice = farm.rice_then("rice-rice", farm.variety("IR72"), farm.variety("Grain_maize_201"), pond=farm.Pond())
    >>> years = farm.grow_pattern(farm.hyderabad(), farm.soil("EC3"), twice, [["2003-06-21", "2004-06-21"]])
    >>> years.irrigation.sum(axis=0).round().tolist()  # mm, by year
    [[1637.0, 1653.0]]
    """
    dates = np.atleast_2d(np.asarray(starts, "datetime64[D]"))
    if (np.diff(dates, axis=1).astype(int) < 300).any():
        raise SeasonError("starts: each row holds one date a year, in order")
    course = _Course(weather, soil, pattern, dates, _daily_supply(weather, supply), cover)
    for year in range(dates.shape[1]):
        for crop in range(len(pattern.plantings)):
            course.plant(crop, year)
    return course.finish()


def period_of_day(dates: Dates) -> Ints:
    """Return the ten-day period of the calendar year (0 to 35) in which dates lie; the third of a month has its rest."""
    month = dates.astype("datetime64[M]")
    day = (dates - month.astype("datetime64[D]")).astype(np.int64)
    periods: Ints = month.astype(np.int64) % 12 * 3 + np.minimum(day // 10, 2)
    return periods


def _daily_supply(weather: Weather, supply: npt.ArrayLike | None) -> Array:
    if supply is None:
        return np.full(len(weather), np.inf)
    limits = np.asarray(supply, np.float64)
    if limits.shape != (PERIODS,) or not (limits >= 0.0).all():
        raise SeasonError(
            f"supply: expected {PERIODS} limits of at least 0 mm/d, one per ten-day period from 1 January; "
            f"found shape {limits.shape}"
        )
    daily: Array = limits[period_of_day(weather.dates)] / MM_PER_CM
    return daily


class _Course:
    """The fields of one place on their way through its record."""

    def __init__(
        self, weather: Weather, soil: Soil, pattern: Pattern, dates: Dates, supply: Array, cover: float
    ) -> None:
        self._weather, self._soil, self._pattern, self._dates = weather, soil.array, pattern, dates
        self._supply, self._cover = supply, cover
        days = weather.days
        self._record = F.gapless(days.rain, days.e0, days.es0, days.et0)
        varieties = [p.variety for p in pattern.plantings]
        self._turns = Turns(days, [v.arrays for v in varieties], soil.array, LONGEST)
        self._beds = [SeedBed(v, weather) for v in varieties]
        puddled = any(p.production == "paddy" for p in pattern.plantings)
        self._field = F.field_numbers(soil.array, puddled, WEED_ROOTS)
        self._bund = F.surface(soil.array, puddled)
        fields, years = dates.shape
        self._state = np.tile(self._beginning(), (fields, 1))
        self._flows = np.zeros((fields, F.FLOWS))
        self._begin = self._stored()
        self._now = np.zeros(fields, np.int64)
        self._applied = np.zeros((fields, len(weather)))
        self._beds_water = np.zeros((fields, len(weather)))
        shape = (len(pattern.plantings), fields, years)
        self._planted, self._harvested = (
            np.full(shape, "NaT", "datetime64[D]"),
            np.full(shape, "NaT", "datetime64[D]"),
        )
        self._grain = np.full(shape, np.nan)
        self._irrigation, self._preparation, self._nursery, self._rain = (np.zeros(shape) for _ in range(4))

    def _beginning(self) -> Array:
        """Return the state of the field on the first day, after a year beforehand that began dry."""
        state = F.dry_field(self._field)
        before = min(SPIN_UP, len(self._weather))
        rain, e0, es0, et0 = (values[:before] for values in self._record)
        F.course(rain, e0, es0, et0, self._field, self._cover, self._bund, state, np.empty(before + 1))
        return state

    def _stored(self) -> Array:
        water: Array = self._state[:, : F.STANDING + 1].sum(axis=1)
        return water

    def _rest(
        self, earliest: Ints, last: Ints, prepare: Ints, need: Array, keeps: float, pond: Pond | None
    ) -> None:
        """Leave every field alone until it is ready, at the latest until its last day."""
        n, size = self._now.size, len(self._weather)
        low, high = (-1.0, 0.0) if pond is None else (pond.low / MM_PER_CM, pond.high / MM_PER_CM)
        stopped = np.empty(n, np.int64)
        F.rest(
            self._now, earliest, np.clip(last, self._now, size), prepare, need, np.full(n, keeps), np.full(n, low),
            np.full(n, high), *self._record, self._field, self._cover, self._supply, self._state, self._flows,
            self._applied, stopped,
        )  # fmt: skip
        self._now = stopped

    def plant(self, crop: int, year: int) -> None:
        """Bring every field to its next planting, and through that crop to its harvest."""
        planting, n, size = self._pattern.plantings[crop], self._now.size, len(self._weather)
        paddy = planting.production == "paddy"
        first = (self._dates[:, year] - self._weather.first_day).astype(np.int64)
        in_record = (first >= planting.prepare) & (first < size)
        free = self._now + TURNAROUND + planting.prepare
        target = np.maximum(first, free) if crop == 0 else free
        last = (first if crop == 0 else target) + planting.wait
        if crop:
            first_again = first + 365 - self._pattern.plantings[0].prepare
            last = np.minimum(last, first_again - self._days_needed(crop))
        last = np.where(in_record & (last >= target), last, self._now)  # too late to begin: not even prepared
        sown_dry = not paddy or planting.seedling_age == 0
        moist = self._field[F.SMW] + 0.5 * (self._field[F.SMFCF] - self._field[F.SMW])
        need = self._field[F.TOP] * (moist if sown_dry else self._field[F.SM0]) - WET_ENOUGH
        keeps = self._bund if paddy else F.surface(self._soil, False)
        before = self._flows[:, F.IRRIGATION].copy()
        self._rest(
            target, last, np.maximum(target - planting.prepare, 0), np.full(n, need), keeps, planting.pond
        )
        ready = (
            (last >= target) & (self._now >= target) & (self._state[:, F.UPPER] >= need) & (self._now < size)
        )
        planted = np.where(ready, self._now, 0)
        self._preparation[crop, :, year] = MM_PER_CM * (self._flows[:, F.IRRIGATION] - before)
        held, stage = np.zeros(n, np.int64), np.full(n, np.nan)
        if planting.seedling_age:
            held, stage = self._beds[crop].transplanted(planted, planting.seedling_age)
            self._water_seed_bed(crop, year, np.flatnonzero(ready), planted)
        elif paddy:
            held, stage = np.full(n, TO_EMERGE), np.zeros(n)
        until = np.where(ready, self._now + held, self._now)
        never = np.full(n, F.NEVER)
        if held.any():
            self._rest(never, until, np.zeros(n, np.int64), np.full(n, np.inf), keeps, planting.pond)
        at = np.flatnonzero(ready & (self._now < size))
        self._planted[crop, at, year] = self._weather.first_day + planted[at]
        self._grain[crop, in_record, year] = 0.0
        if at.size:
            self._grow(crop, year, at, stage[at])
        lost = in_record & ~ready & (self._now >= size)
        self._grain[crop, lost, year] = np.nan
        self._irrigation[crop, :, year] = MM_PER_CM * (self._flows[:, F.IRRIGATION] - before)

    def _days_needed(self, crop: int) -> int:
        """Return for how many days a crop usually stands."""
        p, bed = self._pattern.plantings[crop], self._beds[crop]
        sums = float(p.variety.parameters["TSUM1"]) + float(p.variety.parameters["TSUM2"])
        in_bed = 0.5 * bed.usual * max(p.seedling_age - TO_EMERGE, 0)
        return int((sums - in_bed) / max(bed.usual, 1.0)) + (0 if p.seedling_age else TO_EMERGE)

    def _water_seed_bed(self, crop: int, year: int, at: Ints, planted: Ints) -> None:
        """Book what the seed-bed of an irrigated field takes: once its saturation and pond, daily what it loses beyond rain."""
        planting = self._pattern.plantings[crop]
        if planting.pond is None:
            return
        rain, _, _, et0 = self._record
        daily = SEED_BED * np.maximum(et0 + self._field[F.THROUGH] - rain, 0.0)
        once = SEED_BED * (
            (self._field[F.SM0] - self._field[F.SMW]) * self._field[F.TOP] + planting.pond.high / MM_PER_CM
        )
        for i in at:
            begin = max(int(planted[i]) - planting.seedling_age, 0)
            self._beds_water[i, begin : planted[i]] += daily[begin : planted[i]]
            self._beds_water[i, begin] += once
            self._nursery[crop, i, year] = MM_PER_CM * (once + daily[begin : planted[i]].sum())

    def _grow(self, crop: int, year: int, at: Ints, stage: Array) -> None:
        planting, n = self._pattern.plantings[crop], at.size
        paddy, pond = planting.production == "paddy", planting.pond
        upper, lower = self._handed_over(at, paddy)
        start = self._now[at]
        days = np.minimum(start[:, None] + np.arange(LONGEST + 1), len(self._weather) - 1)
        limited = pond is not None and np.isfinite(self._supply).any()
        daily = np.empty((n, LONGEST + 1, len(R.DAILY))) if pond is not None else None
        found = self._turns.grow(
            SeasonArrays(
                weather=np.zeros(n, np.int64),
                crop=np.full(n, crop),
                soil=np.zeros(n, np.int64),
                start=start + self._weather.first_day.astype("datetime64[D]").astype(np.int64),
                end=np.full(n, LONGEST),
                sowing=np.full(n, not paddy and planting.variety.can_be_sown),
                to_maturity=np.ones(n, bool),
                irrigation=np.full(n, -1),
                initial_water=np.full(n, np.nan),
                pond_low=np.full(n, -1.0 if pond is None else pond.low / MM_PER_CM),
                pond_high=np.full(n, 0.0 if pond is None else pond.high / MM_PER_CM),
                pond_until=np.full(n, -9.0 if pond is None else pond.until),
                supply=np.arange(n) if limited else None,
                upper=upper,
                lower=lower,
                standing=self._state[at, F.STANDING],
                stage=stage if paddy else None,
            ),
            self._supply[days] if limited else np.zeros((1, 1)),
            R.PADDY if paddy else R.WATER_LIMITED,
            daily,
        )
        grown = np.nan_to_num(found["DURATION"]).astype(np.int64)
        kept = grown > 0
        self._take_back(at[kept], {name: values[kept] for name, values in found.items()}, paddy)
        if daily is not None:
            self._book_irrigation(at, start, grown, daily[:, :, R.DAILY.index("RIRR")])
        whole = (found["STATUS"] == R.MATURE) | (found["STATUS"] == R.ENDED)
        self._grain[crop, at, year] = np.where(whole, found["GRAIN"], np.nan)
        self._rain[crop, at, year] = MM_PER_CM * np.nan_to_num(found["RAINT"])
        self._now[at] = start + grown
        self._harvested[crop, at[whole], year] = self._weather.first_day + self._now[at[whole]]

    def _book_irrigation(self, at: Ints, start: Ints, grown: Ints, daily: Array) -> None:
        for k, i in enumerate(at):
            self._applied[i, start[k] : start[k] + grown[k]] += daily[k, : grown[k]]

    def _handed_over(self, at: Ints, paddy: bool) -> tuple[Array, Array]:
        """Return the water of the crop's upper and lower layer [cm]; a paddy's lower layer stays with the field."""
        state, top = self._state[at], float(self._field[F.TOP])
        if paddy:
            return state[:, F.UPPER].copy(), np.zeros(at.size)
        upper = state[:, F.UPPER] * (min(DEFAULT_ROOTING_DEPTH, top) / top)
        return upper, state[:, F.UPPER] - upper + state[:, F.BETWEEN] + state[:, F.LOWER]

    def _take_back(self, at: Ints, found: dict[str, Array], paddy: bool) -> None:
        """Lay what a crop left into the layers of the field, and book what went."""
        f, state, flows = self._field, self._state[at], self._flows[at]
        top, middle, deep = (float(f[k]) for k in (F.TOP, F.MIDDLE, F.DEEP))
        drained = found["LOSST"]
        if paddy:
            state[:, F.UPPER] = found["WWLOW"]
            under = state[:, F.LOWER] + found["LOSST"]
            most = np.maximum(state[:, F.LOWER], f[F.SMFCF] * deep)
            state[:, F.LOWER] = np.minimum(under, most)
            drained = under - state[:, F.LOWER]
        else:
            roots = found["RD"]
            rooted = found["SM"] * roots
            below = found["WWLOW"] - rooted
            rest = np.maximum(top + middle + deep - roots, 1e-9)
            laid, reach = np.zeros((at.size, 2)), 0.0
            for k, depth in enumerate((top, middle)):
                within = np.clip(roots - reach, 0.0, depth)
                laid[:, k] = rooted * within / roots + below * (depth - within) / rest
                reach += depth
            state[:, F.UPPER], state[:, F.BETWEEN] = laid[:, 0], laid[:, 1]
            state[:, F.LOWER] = found["WWLOW"] - laid.sum(axis=1)
        state[:, F.STANDING] = found["SS"]
        moist = f[F.SMW] + 0.5 * (f[F.SMFCF] - f[F.SMW])
        state[:, F.DRY_DAYS] = np.where(state[:, F.UPPER] >= moist * top, 1.0, 5.0)
        for k, name in (
            (F.RAIN, "RAINT"), (F.IRRIGATION, "TOTIRR"), (F.TRANSPIRED, "WTRAT"), (F.EVAPORATED, "EVST"),
            (F.OPEN_WATER, "EVWT"), (F.RUNOFF, "TSR"),
        ):  # fmt: skip
            flows[:, k] += found[name]
        flows[:, F.DRAINED] += drained
        self._state[at], self._flows[at] = state, flows

    def finish(self) -> FieldYears:
        """Let the fields rest to the end of the record and close the books."""
        n, size = self._now.size, len(self._weather)
        never = np.full(n, F.NEVER)
        self._rest(never, np.full(n, size), never, np.full(n, np.inf), self._bund, None)
        return FieldYears(
            self._pattern, self._dates, self._planted, self._harvested, self._grain, self._irrigation, self._preparation,
            self._nursery, self._rain, self._demand(), MM_PER_CM * np.array([self._begin, self._stored()]), MM_PER_CM * self._flows,
        )  # fmt: skip

    def _demand(self) -> Array:
        """Add up irrigation and seed-beds by ten-day period of the calendar, in the year after each start's preparation."""
        fields, years = self._dates.shape
        lead = max(p.prepare + p.seedling_age for p in self._pattern.plantings[:1])
        whole = MM_PER_CM * (self._applied + self._beds_water)
        periods, out = period_of_day(self._weather.dates), np.zeros((fields, years, PERIODS))
        for i in range(fields):
            for year in range(years):
                begin = int((self._dates[i, year] - self._weather.first_day).astype(int)) - lead
                here = slice(max(begin, 0), max(begin + 365, 0))
                out[i, year] = np.bincount(periods[here], whole[i, here], PERIODS)
        return out


RICE = frozenset({"padi", "rice", "水稻", "稻"})
SECONDARY = frozenset({"palawija", "secondary", "maize", "jagung", "玉米", "旱作"})
FALLOW = frozenset({"bera", "fallow", "休耕", "休闲"})


def pattern_words(text: str) -> tuple[str, ...]:
    """Return the words of a pattern, as ``padi-padi-palawija``, ``rice-fallow`` or ``水稻-水稻-玉米``.

    Raises
    ------
    SeasonError
        A word nobody knows; a pattern without a crop, or with more than four.
    """
    words = tuple(word.strip().lower() for word in text.replace("–", "-").split("-"))
    for word in words:
        if word not in RICE | SECONDARY | FALLOW:
            raise SeasonError(
                f"{text!r}: expected crops joined by dashes, each one of "
                f"{', '.join(sorted(RICE | SECONDARY | FALLOW))}; found {word!r}"
            )
    if not 1 <= sum(word not in FALLOW for word in words) <= 4:
        raise SeasonError(f"{text!r}: a pattern has one to four crops")
    return words


def rice_then(
    text: str,
    rice: Variety,
    secondary: Variety,
    pond: Pond | None = None,
    seedling_age: int = USUAL_AGE,
    prepare: int = 20,
) -> Pattern:
    """Return a pattern from its words (:func:`pattern_words`).

    Parameters
    ----------
    text
    rice, secondary
        What stands for rice and for the secondary crop.
    pond
        How its rice is irrigated; None where it is rainfed. The secondary crop lives on rain and what the soil holds.
    seedling_age
        Of its rice [d].
    prepare
        Days a paddy is worked before planting; a dry field takes 7.

    Raises
    ------
    SeasonError

    Examples
    --------
    >>> from lumbung import farm
    >>> pattern = farm.rice_then("padi-padi-palawija", farm.variety("IR72"), farm.variety("Grain_maize_201"))
    >>> [planting.variety.crop for planting in pattern.plantings]
    ['rice', 'rice', 'maize']
    """
    words = pattern_words(text)
    plantings = [
        Planting(rice, "paddy", seedling_age, pond, prepare)
        if word in RICE
        else Planting(secondary, "water-limited", 0, None, DRY_PREPARATION)
        for word in words
        if word not in FALLOW
    ]
    return Pattern(text, tuple(plantings))
