"""Fertiliser and water as a game through a season: a scheme has too little of both, and every week somebody must say who gets what.

The fields of a scheme, a hectare each, are planted on one day with rice. Every turn of some days, whoever distributes sees
the weather that has passed and how each field stands, and gives fields nitrogen and water out of what is left. Nobody sees a day that
has not come. Crops grow by WOFOST 8.1 with the simple nitrogen balance, on flooded fields that begin with the water that the
weather before their season left there.

What of an application a crop can have hangs on its stage: seedlings waste most of it. The shares are those that ORYZA2000 takes as
its standard for irrigated rice (:data:`RECOVERY`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.calendar.season import Site, ten_day_starts
from lumbung.farm.challenge.advice_files import seen_days, seen_soil
from lumbung.farm.challenge.advising import (
    AdviceError,
    Region,
    RegionError,
    Rules,
    built_in_regions,
    built_in_sites,
)
from lumbung.farm.engine import rows as R
from lumbung.farm.engine.parameters import SOIL_NUMBERS
from lumbung.farm.growing.crop_parameters import Variety, variety
from lumbung.farm.growing.fallow import water_on
from lumbung.farm.growing.harvest import Harvest, grow
from lumbung.farm.growing.nitrogen import USUAL_SUPPLY, Application, Nitrogen, SoilNitrogen
from lumbung.farm.growing.soil_parameters import Soil
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]
LONGEST = 240  # days a crop may stand
# Share of fertiliser nitrogen that a crop can have, by its stage when it is given: the standard table of ORYZA2000 (Bouman et
# al. 2001, ORYZA2000: modeling lowland rice, IRRI; RECNIT of its experiment file).
RECOVERY = ((0.0, 0.2, 0.4, 0.8, 1.0, 2.5), (0.30, 0.35, 0.50, 0.75, 0.75, 0.75))
# What irrigated rice fields of Asia give in a season [kg/ha], least and most (Dobermann et al. 2003, Agron. J. 95, 913-923).
SUPPLY = (30.0, 100.0)
# Ten-day period in which the fields of a region that needs no file are planted: the season that depends on its canal.
PLANTED = {"hyderabad": 18, "monsoonal": 8, "equatorial": 15, "local": 20}
# The plans of which a problem tells what they brought in past years: days and shares of the dose, doses [kg/ha], water [mm a turn].
SPLITS = (
    ((0, 0.5), (21, 0.5)),
    ((7, 1 / 3), (21, 1 / 3), (42, 1 / 3)),
    ((28, 0.5), (49, 0.5)),
)
DOSES = (0.0, 30.0, 60.0, 90.0, 120.0)
WATER = (0.0, 15.0, 30.0, 60.0)
WATER_UNTIL = 1.8  # stage up to which these plans bring water
SLACK = 1e-6  # what rounding may take beyond a limit


@dataclass(frozen=True)
class Supplies:
    """What a scheme has, per hectare in the mean over its fields, and what a turn can bring.

    Attributes
    ----------
    turn
        Days between decisions.
    nitrogen, water
        For the season [kg/ha, mm].
    canal
        Most water in a turn [mm].
    most_nitrogen, most_water
        To one field in one turn [kg/ha, mm].
    nitrogen_price, water_price
        Grain that a kilogram of nitrogen and a millimetre of water cost [kg/kg, kg/ha/mm].
    """

    turn: int = 7
    nitrogen: float = 60.0
    water: float = 150.0
    canal: float = 30.0
    most_nitrogen: float = 60.0
    most_water: float = 100.0
    nitrogen_price: float = 2.0
    water_price: float = 1.0


@dataclass(frozen=True, eq=False)
class Field:
    """A hectare of the scheme; its variety is one of WOFOST 8.1."""

    name: str
    latitude: float
    longitude: float
    weather: Weather = field(repr=False)
    soil: Soil = field(repr=False)
    variety: Variety = field(repr=False)
    nitrogen: SoilNitrogen


@dataclass(frozen=True, eq=False)
class Scheme:
    """Fields that share a canal and a store of fertiliser, and what plans brought them in past years."""

    region: Region
    fields: tuple[Field, ...]
    supplies: Supplies
    response: tuple[Mapping[str, Any], ...]

    @property
    def generated(self) -> bool:
        """Whether any of its weather is."""
        return any(one.weather.generated for one in self.fields)


def recovery(stage: npt.ArrayLike) -> Array:
    """Return the share of fertiliser nitrogen that a crop can have, by its development stage."""
    share: Array = np.interp(np.asarray(stage, np.float64), *RECOVERY)
    return share


def scheme_regions(past_years: int, hidden_years: int) -> dict[str, Region]:
    """Return the regions that need no file, planted for the season that depends on its canal."""
    regions = built_in_regions(past_years, hidden_years).values()
    return {r.name: _planted(r, PLANTED[r.name]) for r in regions}


def _planted(region: Region, period: int) -> Region:
    return Region(
        region.name, region.decision, period, region.months, region.past, region.hidden, region.climate
    )


@lru_cache(maxsize=8)
def built_in_scheme(region: Region, sites: int, salt: int, supplies: Supplies) -> Scheme:
    """Make the scheme of a region that needs no file."""
    return make_scheme(region, built_in_sites(region, Rules(sites=sites, salt=salt)), {}, salt, supplies)


def make_scheme(
    region: Region, sites: Sequence[Site], stated: Mapping[str, float], salt: int, supplies: Supplies
) -> Scheme:
    """Make a scheme out of sites; its season is planted in the region's habitual period.

    Parameters
    ----------
    region, sites
        The first variety of a site is the one that grows there.
    stated
        What the soil of a site gives without fertiliser [kg/ha]. Of generated weather, and where nothing is stated, it is drawn
        from what fields of Asia give.
    salt
        Seeds what is drawn.
    supplies

    Raises
    ------
    RegionError
        When a site's weather lacks a season, or its variety has no parameters of WOFOST 8.1.
    """
    rng = np.random.default_rng([salt, *region.name.encode(), *b"nitrogen"])
    fields = []
    for site in sites:
        drawn = float(np.round(rng.triangular(SUPPLY[0], USUAL_SUPPLY, SUPPLY[1])))
        chosen = site.varieties[0]
        fields.append(
            Field(
                site.name, site.latitude, site.longitude, site.weather, site.soil,
                chosen if chosen.knows_nitrogen else variety(chosen.name, nitrogen=True),
                SoilNitrogen(stated.get(site.name, drawn)),
            )
        )  # fmt: skip
    response = tuple(_response(one, region, supplies) for one in fields)
    return Scheme(region, tuple(fields), supplies, response)


def planting_day(region: Region, year: int) -> np.datetime64:
    """Return the day on which a scheme is planted."""
    day: np.datetime64 = ten_day_starts(region.habitual, [year], 1)[0, 0]
    return day


def _response(one: Field, region: Region, supplies: Supplies) -> dict[str, Any]:
    """Grow every plan in every past year: what of fertiliser and water pays on this field."""
    years = range(region.past[0], region.past[1] + 1)
    starts = np.array([planting_day(region, year) for year in years])
    stages = _stages(one, starts, region)
    turns = np.arange(0, LONGEST, supplies.turn)
    plans, schedules, start = [], [], []
    for split in SPLITS:
        for dose in DOSES:
            for water in WATER:
                for k, first in enumerate(starts):
                    given = [Application(day, dose * s, float(recovery(stages[k, day]))) for day, s in split]
                    plans.append(Nitrogen(one.nitrogen, given if dose else ()))
                    schedule = np.zeros(LONGEST + 1)
                    schedule[turns] = np.where(stages[k, turns] < WATER_UNTIL, water, 0.0)
                    schedules.append(schedule)
                    start.append(first)
    schedules_ = np.array(schedules)
    harvest = grow(
        one.weather, one.variety, one.soil, np.array(start), production="paddy", longest=LONGEST, irrigation=schedules_,
        irrigation_index=np.arange(len(start)), nitrogen=plans, nitrogen_index=np.arange(len(start)), columns=("GRAIN",),
    )  # fmt: skip
    shape = len(SPLITS), len(DOSES), len(WATER), len(starts)
    return {
        "years": list(years),
        "splits": [[[day, share] for day, share in split] for split in SPLITS],
        "doses": list(DOSES),
        "water": list(WATER),
        "grain": harvest["GRAIN"].reshape(shape).astype(np.float32),
        "given_water": schedules_.sum(axis=1).reshape(shape)[0, 0].astype(np.float32),
    }


def _stages(one: Field, starts: npt.NDArray[np.datetime64], region: Region) -> Array:
    """Return the development stage by day of seasons, shape (seasons, LONGEST + 1); ripe after the last."""
    harvest = grow(
        one.weather, one.variety, one.soil, starts, nitrogen="unlimited", longest=LONGEST, daily=True,
        on_fault="report",
    )  # fmt: skip
    for season, why in harvest.problems():
        raise RegionError(f"{region.name}, site {one.name}, planted {starts[season]}: {why}")
    assert harvest.daily is not None
    stage: Array = harvest.daily[:, :, R.DAILY.index("DVS")]
    return np.where(np.isnan(stage), 2.0, stage)


class Season:
    """A scheme on its way through a season.

    Parameters
    ----------
    scheme
    year
        In which it is planted.

    Raises
    ------
    RegionError
        When a site's weather does not hold the day of planting.
    """

    def __init__(self, scheme: Scheme, year: int) -> None:
        self.scheme, self.start, self.day = scheme, planting_day(scheme.region, year), 0
        n = len(scheme.fields)
        self.nitrogen_left, self.water_left = scheme.supplies.nitrogen * n, scheme.supplies.water * n
        self.given: list[list[Application]] = [[] for _ in scheme.fields]
        self.water = np.zeros((n, LONGEST + 1))
        self._standing: dict[str, float] = {}
        # Crops meet these days alone, and the water that the days before left: daily terms of whole records would be made each turn.
        self._first = [int((self.start - one.weather.first_day).astype(int)) for one in scheme.fields]
        for one, first in zip(scheme.fields, self._first, strict=True):
            if not 0 <= first < len(one.weather):
                raise RegionError(
                    f"{scheme.region.name}, site {one.name}: the weather does not hold {self.start}, the day of planting"
                )
        self._days = [
            one.weather.part(first, first + LONGEST + 1)
            for one, first in zip(scheme.fields, self._first, strict=True)
        ]
        self._begin = [
            float(water_on(one.weather, one.soil, self.start, paddy=True)) for one in scheme.fields
        ]

    def problem(self) -> dict[str, Any]:
        """Return what is known before the season: supplies, fields, past weather, and what plans brought in past years."""
        s, region = self.scheme.supplies, self.scheme.region
        return {
            "planted": str(self.start),
            "weather": "generated weather" if self.scheme.generated else "measured weather",
            "turn": s.turn,
            "nitrogen": self.nitrogen_left,
            "water": self.water_left,
            "canal": s.canal * len(self.scheme.fields),
            "most_nitrogen": s.most_nitrogen,
            "most_water": s.most_water,
            "nitrogen_price": s.nitrogen_price,
            "water_price": s.water_price,
            "recovery": [list(column) for column in RECOVERY],
            "fields": {
                one.name: {
                    "latitude": one.latitude,
                    "longitude": one.longitude,
                    "soil": seen_soil(one.soil),
                    "variety": one.variety.name,
                    "soil_nitrogen": one.nitrogen.bound,
                    "past": seen_days(one.weather, 0, self._past_end(one, region)),
                    "response": response,
                }
                for one, response in zip(self.scheme.fields, self.scheme.response, strict=True)
            },
        }

    @staticmethod
    def _past_end(one: Field, region: Region) -> int:
        end = planting_day(region, region.past[1] + 1)
        return int((end - one.weather.first_day).astype(int))

    def observe(self) -> dict[str, Any] | None:
        """Return what is seen on the morning of a turn, of the fields whose crop stands; None when all are ripe.

        Of each: stage of development, leaf area [m2/m2], nitrogen in leaves [%], water that stands on it and water that its puddled
        layer lacks to saturation [mm], the rain of the days since the last turn [mm], and what it was given so far.

        Raises
        ------
        RegionError
            When the weather ends before the season does.
        """
        if self.day > LONGEST - self.scheme.supplies.turn:
            return None
        harvest = self._grow(max(self.day, 1), daily=True)
        if harvest.failed.any():
            raise RegionError(
                f"{self.scheme.region.name}, planted {self.start}: {next(harvest.problems())[1]}"
            )
        assert harvest.daily is not None
        rows = dict(zip(harvest.daily_names, harvest.daily[:, self.day].T, strict=True))
        ripe = (harvest["STATUS"] == R.MATURE) | np.isnan(rows["DVS"])
        self._standing = {
            one.name: float(rows["DVS"][k]) for k, one in enumerate(self.scheme.fields) if not ripe[k]
        }
        if not self._standing:
            return None
        return {
            "day": self.day,
            "date": str(self.start + self.day),
            "nitrogen_left": self.nitrogen_left,
            "water_left": self.water_left,
            "canal": self._canal(),
            "fields": {
                one.name: self._seen(k, one, {name: float(v[k]) for name, v in rows.items()})
                for k, one in enumerate(self.scheme.fields)
                if not ripe[k]
            },
        }

    def _canal(self) -> float:
        return min(self.scheme.supplies.canal * len(self.scheme.fields), self.water_left)

    def _seen(self, k: int, one: Field, row: Mapping[str, float]) -> dict[str, Any]:
        at = self._first[k] + self.day
        since = max(at - self.scheme.supplies.turn, 0)
        soil = dict(zip(SOIL_NUMBERS, one.soil.array, strict=True))
        return {
            "stage": row["DVS"],
            "leaf_area": row["LAI"],
            "leaf_nitrogen": 100.0 * row["NamountLV"] / row["WLV"] if row["WLV"] > 0.0 else 0.0,
            "standing": 10.0 * row["SS"],
            "missing": 10.0 * max(float(soil["SM0"]) - row["SM"], 0.0) * float(soil["PAN_DEPTH"]),
            "rain": one.weather.rain[since:at].astype(np.float32),
            "nitrogen_given": float(sum(a.amount for a in self.given[k])),
            "water_given": float(self.water[k].sum()),
        }

    def act(self, answer: Any) -> None:
        """Give what an answer says, and let the crops grow to the next turn.

        Raises
        ------
        AdviceError
            An answer that cannot be followed, or that gives more than there is.
        """
        given = self._read(answer)
        for what, total, limit in (
            ("nitrogen", sum(n for n, _ in given.values()), self.nitrogen_left),
            ("water", sum(w for _, w in given.values()), self._canal()),
        ):
            if total > limit + SLACK * max(limit, 1.0):
                unit = "kg" if what == "nitrogen" else "mm over a hectare"
                raise AdviceError(
                    f"answer, {what} of all fields on day {self.day}",
                    f"{total:.6g} {unit}",
                    f"at most {limit:.6g}",
                )
        for k, one in enumerate(self.scheme.fields):
            nitrogen, water = given.get(one.name, (0.0, 0.0))
            if nitrogen > 0.0:
                share = float(recovery(self._standing[one.name]))
                self.given[k].append(Application(self.day, nitrogen, share))
            self.water[k, self.day] = water
            self.nitrogen_left = max(self.nitrogen_left - nitrogen, 0.0)
            self.water_left = max(self.water_left - water, 0.0)
        self.day += self.scheme.supplies.turn

    def _read(self, answer: Any) -> dict[str, tuple[float, float]]:
        if not isinstance(answer, Mapping):
            raise AdviceError("answer", _shown(answer), "a dictionary: field to nitrogen and water")
        extra = sorted(str(name) for name in answer if name not in self._standing)
        if extra:
            raise AdviceError("answer", f"the field {extra[0]!r}", "only fields of the observation")
        found = {}
        limits = self.scheme.supplies.most_nitrogen, self.scheme.supplies.most_water
        for name in self._standing:
            if name not in answer:
                raise AdviceError("answer", f"nothing for {name}", "an answer for every field that stands")
            one = answer[name]
            if not isinstance(one, Mapping) or set(one) != {"nitrogen", "water"}:
                raise AdviceError(
                    f"answer[{name!r}]", _shown(one), "a dictionary with nitrogen [kg/ha] and water [mm]"
                )
            for what, most in zip(("nitrogen", "water"), limits, strict=True):
                value = one[what]
                number = isinstance(value, Real) and not isinstance(value, bool)
                if not number or not math.isfinite(value) or not 0.0 <= value <= most:
                    raise AdviceError(
                        f"answer[{name!r}].{what}", _shown(value), f"a number from 0 to {most:g}"
                    )
            found[name] = float(one["nitrogen"]), float(one["water"])
        return found

    def _grow(self, longest: int, daily: bool = False) -> Harvest:
        fields, n = self.scheme.fields, np.arange(len(self.scheme.fields))
        plans = [Nitrogen(one.nitrogen, tuple(given)) for one, given in zip(fields, self.given, strict=True)]
        return grow(
            self._days, [one.variety for one in fields], [one.soil for one in fields], np.repeat(self.start, n.size),
            weather_index=n, crop_index=n, soil_index=n, production="paddy", longest=longest, irrigation=self.water,
            irrigation_index=n, initial_water=self._begin, nitrogen=plans, nitrogen_index=n, daily=daily,
        )  # fmt: skip

    def outcome(self) -> Outcome:
        """Return what the season brought every field."""
        harvest = self._grow(LONGEST)
        n = np.arange(len(self.scheme.fields))
        best = grow(
            self._days, [one.variety for one in self.scheme.fields], "EC3", np.repeat(self.start, n.size),
            weather_index=n, crop_index=n, nitrogen="unlimited", longest=LONGEST, columns=("GRAIN",),
        )["GRAIN"]  # fmt: skip
        nitrogen = np.array([sum(a.amount for a in given) for given in self.given])
        had = np.array([sum(a.amount * a.recovery for a in given) for given in self.given])
        return Outcome(
            harvest["GRAIN"],
            best,
            nitrogen,
            nitrogen - had + np.minimum(harvest["NAVAIL"], had),
            self.water.sum(axis=1),
        )


def _shown(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= 80 else words[:77] + "…"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a season brought, shape (fields,) each.

    Attributes
    ----------
    grain, unlimited
        What was harvested, and what would have been had nothing run short [kg/ha].
    nitrogen, lost
        Given as fertiliser; what of it no crop could have, or lay unused at the end [kg/ha].
    water
        Given [mm].
    """

    grain: Array
    unlimited: Array
    nitrogen: Array
    lost: Array
    water: Array

    @property
    def gap(self) -> Array:
        """Share of the unlimited yield that was lost to hunger and thirst [%]; 0 where nothing was."""
        short = np.maximum(self.unlimited - self.grain, 0.0)
        share: Array = 100.0 * np.divide(
            short, self.unlimited, out=np.zeros_like(short), where=self.unlimited > 0
        )
        return share

    def margin(self, supplies: Supplies) -> Array:
        """Return grain less what nitrogen and water cost, in grain [kg/ha]."""
        out: Array = self.grain - supplies.nitrogen_price * self.nitrogen - supplies.water_price * self.water
        return out
