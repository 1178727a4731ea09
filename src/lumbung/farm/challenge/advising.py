"""Advice on planting as a game against time: what an adviser sees on decision day, and what the season then brings.

A region has sites that share its weather's ups and downs, a decision day, and ten-day starts to choose from. Its years
are cut into two blocks: a past that everybody sees, and hidden years after it. All hidden years are judged with the
same past, so that no hidden year is ever shown, not even to the advice for another one.

The adviser sees a seasonal forecast too. It is made: rain as it came, blurred until its correlation with the truth is
that of a seasonal forecast, put into calibrated chances of three thirds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.calendar.crop_patterns import pattern_ensemble
from lumbung.farm.calendar.season import Ensemble, Forecast, Site, grow_ensembles, ten_day_starts
from lumbung.farm.challenge.advice_files import fed_site, seen_site
from lumbung.farm.growing.crop_parameters import variety
from lumbung.farm.growing.harvest import Pond
from lumbung.farm.growing.soil_parameters import soil
from lumbung.farm.weather.climates import climates
from lumbung.farm.weather.generator import Climate, generate_weather
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]
VARIETIES = ("IR72", "IR64", "Rice_IR8A", "Rice_IR72_WS", "Rice_HYV_IR8")
SOILS = ("EC2", "EC3", "EC4", "EC5")
FIRST_YEAR = 1991
THIRD = 0.4307  # the standard normal's terciles lie at plus and minus this


class AdviceError(ValueError):
    """Advice that cannot be followed: names the place, what was found and what was expected."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")


class RegionError(ValueError):
    """A region that cannot be judged on."""


@dataclass(frozen=True)
class Region:
    """Where and when advice is given.

    Attributes
    ----------
    name
    decision
        Ten-day period of decision day; the first start is the one after it.
    habitual
        Ten-day period in which people plant today.
    months
        The months whose rain is forecast.
    past, hidden
        Planting years of the two blocks, first and last.
    climate
        Of our table, where weather is generated; empty for the measured record of Hyderabad.
    """

    name: str
    decision: int
    habitual: int
    months: tuple[int, ...]
    past: tuple[int, int]
    hidden: tuple[int, int]
    climate: str = ""


def built_in_regions(past_years: int, hidden_years: int) -> dict[str, Region]:
    """Return the regions that need no file: measured Hyderabad, and one generated region per rainfall type."""
    last = FIRST_YEAR + past_years - 1
    blocks = (FIRST_YEAR, last), (last + 2, last + 1 + hidden_years)
    return {
        "hyderabad": Region("hyderabad", 12, 18, (6, 7, 8, 9), (2000, 2004), (2006, 2009)),
        "monsoonal": Region("monsoonal", 24, 33, (10, 11, 12), *blocks, "monsoonal"),
        "equatorial": Region("equatorial", 14, 27, (7, 8, 9), *blocks, "equatorial"),
        "local": Region("local", 5, 14, (4, 5, 6), *blocks, "local"),
    }


@dataclass(frozen=True)
class Rules:
    """How advice is judged.

    Attributes
    ----------
    starts
        How many ten-day starts there are to choose from.
    sites
        Of a generated region.
    skill
        Correlation of the forecast with the rain that comes.
    water_price
        Grain a millimetre of irrigation costs [kg/ha/mm]: yields minus this times irrigation are compared.
    failure
        [kg/ha]
    salt
        Seeds generated weather, sites and forecasts. A node's private cases have their own.
    pattern
        What the field grows through the year, as ``padi-padi-palawija``: the start is that of its first crop, and yields are of the whole
        year. One crop on a field that lay fallow where empty.
    nitrogen
        Fertiliser that every crop gets [kg/ha]; it is then grown by WOFOST 8.1. None: by WOFOST 7.2, which knows no hunger.
    """

    starts: int = 18
    sites: int = 10
    skill: float = 0.5
    water_price: float = 0.0
    failure: float = 2000.0
    salt: int = 0
    pattern: str = ""
    nitrogen: float | None = None


@dataclass(frozen=True, eq=False)
class Block:
    """A region with its sites grown: the past and every hidden year."""

    region: Region
    sites: tuple[Site, ...]
    past: tuple[Ensemble, ...]
    hidden: tuple[Ensemble, ...]

    @property
    def generated(self) -> bool:
        """Whether any of its weather is."""
        return any(site.weather.generated for site in self.sites)


@lru_cache(maxsize=8)
def build_block(region: Region, rules: Rules) -> Block:
    """Make the region's sites and grow all their seasons, past and hidden."""
    return grow_block(region, rules, built_in_sites(region, rules))


def built_in_sites(region: Region, rules: Rules) -> list[Site]:
    """Make the sites of a region that needs no file."""
    if region.climate:
        return generated_sites(region, rules, climates()[region.climate])
    return _hyderabad_sites(region, rules)


def grow_block(region: Region, rules: Rules, sites: Sequence[Site]) -> Block:
    """Grow a region's seasons.

    Raises
    ------
    RegionError
        When a site's weather lacks a season of either block.
    """
    alike = Forecast(1 / 3, 1 / 3, 1 / 3, region.months)
    sites = [fed_site(replace(site, forecast=alike), rules.nitrogen) for site in sites]
    blocks = []
    for years in (region.past, region.hidden):
        span = range(years[0], years[1] + 1)
        grown = _grown(sites, span, region, rules)
        for ensemble in grown:
            lost = np.isnan(ensemble.yields).any(axis=(0, 1)) | np.isnan(ensemble.season_rain)
            if lost.any():
                year = span[int(np.flatnonzero(lost)[0])]
                raise RegionError(
                    f"{region.name}, site {ensemble.site.name}: the weather does not cover every season of {year}; "
                    "fill its gaps or choose other years"
                )
        blocks.append(tuple(grown))
    return Block(region, tuple(sites), *blocks)


def _grown(sites: Sequence[Site], years: range, region: Region, rules: Rules) -> list[Ensemble]:
    """Grow every variety from every start: one crop, or a pattern whose field carries its water through all years."""
    if not rules.pattern:
        return grow_ensembles(sites, years, region.decision + 1, rules.starts)
    starts = ten_day_starts(region.decision + 1, list(years), rules.starts)
    return [pattern_ensemble(site, rules.pattern, starts) for site in sites]


def _rng(region: Region, rules: Rules, what: str, *numbers: int) -> np.random.Generator:
    words = f"{region.name} {what}".encode()
    return np.random.default_rng([rules.salt, *words, *numbers])


def _hyderabad_sites(region: Region, rules: Rules) -> list[Site]:
    from lumbung.farm.weather.hyderabad import hyderabad

    weather = hyderabad()
    rng = _rng(region, rules, "sites")
    return [
        _site(region, f"hyderabad-{name}", weather, name, rng) for name in ("EC2", "EC3", "EC4", "EC5", "EC6")
    ]


def generated_sites(region: Region, rules: Rules, base: Climate) -> list[Site]:
    """Scatter sites over a region: drier and wetter, lower and higher, under one index of the years."""
    rng = _rng(region, rules, "sites")
    years = region.hidden[1] + 2 - region.past[0] + 1
    index = rng.standard_normal(years + 1)
    found = []
    for number in range(rules.sites):
        climate = scattered(base, rng)
        seed = int(rng.integers(2**62))
        weather = generate_weather(climate, region.past[0], years, seed, index=index)
        name = f"{region.name}-{number + 1:02d}"
        found.append(_site(region, name, weather, str(rng.choice(SOILS)), rng))
    return found


def scattered(base: Climate, rng: np.random.Generator) -> Climate:
    """Return the climate of a place within the region of ``base``: its own rain, height and cloud."""
    rain, height = rng.uniform(0.45, 1.1), rng.uniform(0.0, 600.0)
    cooler = 0.006 * (height - base.elevation)  # C, at six degrees a kilometre
    mean = base.mean.copy()
    mean[:, :2] -= cooler
    mean[:, 2] *= rng.uniform(0.92, 1.05)
    odds = rain**0.5  # half of it in how often it rains, half in how much
    return replace(
        base,
        latitude=base.latitude + rng.uniform(-1.0, 1.0),
        longitude=base.longitude + rng.uniform(-2.0, 2.0),
        elevation=height,
        wet_after_dry=np.clip(base.wet_after_dry * odds, 0.0, 0.95),
        wet_after_wet=np.clip(base.wet_after_wet * odds**0.3, 0.0, 0.95),
        scale=base.scale * odds,
        mean=mean,
    )


def _site(region: Region, name: str, weather: Weather, soil_name: str, rng: np.random.Generator) -> Site:
    chosen = rng.permutation(len(VARIETIES))[:3]
    irrigated = rng.random() < 0.2
    return Site(
        name,
        weather.latitude,
        weather.longitude,
        weather,
        soil(soil_name),
        tuple(variety(VARIETIES[k]) for k in chosen),
        "paddy",
        Pond() if irrigated else None,
        region.habitual,
    )


def make_forecast(block: Block, rules: Rules, year: int) -> Forecast:
    """Make the forecast that was out on decision day of a hidden year.

    With z the standardised rain that comes, the forecaster has s = r z + sqrt(1 - r^2) e. Given s, z is normal with mean
    r s and variance 1 - r^2, and the chances of the thirds follow. They are rounded to whole percent.
    """
    past = np.mean([e.season_rain for e in block.past], axis=0)
    truth = float(np.mean([e.season_rain[year - block.region.hidden[0]] for e in block.hidden]))
    z = (truth - past.mean()) / max(float(past.std(ddof=1)), 1e-9)
    r = rules.skill
    noise = float(_rng(block.region, rules, "forecast", year).standard_normal())
    signal = r * float(np.clip(z, -3.0, 3.0)) + math.sqrt(1.0 - r * r) * noise
    spread = math.sqrt(1.0 - r * r)

    def below(bound: float) -> float:
        return 0.5 * (1.0 + math.erf((bound - r * signal) / spread / math.sqrt(2.0)))

    low, high = round(below(-THIRD), 2), round(1.0 - below(THIRD), 2)
    return Forecast(low, round(1.0 - low - high, 2), high, block.region.months)


def pose(block: Block, rules: Rules, year: int) -> dict[str, Any]:
    """Return what an adviser sees on decision day of a hidden year: the past, the forecast, soils and varieties.

    Each site comes with its hindcast: what the engine says every start and variety would have brought in each past year.
    It follows from the past weather alone, and spares every solution the engine's compilation inside the sandbox.
    """
    region = block.region
    decision = ten_day_starts(region.decision, [year], 1)[0, 0]
    starts = ten_day_starts(region.decision + 1, [year], rules.starts)[:, 0]
    forecast = make_forecast(block, rules, year)
    seen = {
        "below": forecast.below,
        "normal": forecast.normal,
        "above": forecast.above,
        "months": list(forecast.months),
    }
    past_end = ten_day_starts(region.decision, [region.past[1] + 1], 1)[0, 0]
    return {
        "decision_day": str(decision),
        "starts": [str(day) for day in starts],
        "weather": "generated weather" if block.generated else "measured weather",
        "failure": rules.failure,
        "water_price": rules.water_price,
        "forecast": seen,
        "sites": {
            e.site.name: seen_site(
                e,
                range(region.past[0], region.past[1] + 1),
                int((past_end - e.site.weather.first_day).astype(int)),
                region.habitual - region.decision - 1,
            )
            for e in block.past
        },
    }


def read_advice(answer: Any, starts: Sequence[str], sites: Sequence[Site]) -> list[tuple[int, int]]:
    """Check advice and return variety and start, as indices, per site.

    Raises
    ------
    AdviceError
    """
    if not isinstance(answer, Mapping):
        raise AdviceError("answer", _shown(answer), "a dictionary: site to start and variety")
    names = {site.name for site in sites}
    extra = sorted(str(name) for name in answer if name not in names)
    if extra:
        raise AdviceError("answer", f"the site {extra[0]!r}", "only sites of the problem")
    return [_advice_of(answer, starts, site) for site in sites]


def _advice_of(answer: Mapping[str, Any], starts: Sequence[str], site: Site) -> tuple[int, int]:
    if site.name not in answer:
        raise AdviceError("answer", f"nothing for {site.name}", "advice for every site")
    one = answer[site.name]
    if not isinstance(one, Mapping) or set(one) != {"start", "variety"}:
        raise AdviceError(f"answer[{site.name!r}]", _shown(one), "a dictionary with start and variety")
    names = [v.name for v in site.varieties]
    if not isinstance(one["start"], str) or one["start"] not in starts:
        raise AdviceError(
            f"answer[{site.name!r}].start",
            _shown(one["start"]),
            f"one of the starts, {starts[0]} to {starts[-1]}",
        )
    if not isinstance(one["variety"], str) or one["variety"] not in names:
        raise AdviceError(
            f"answer[{site.name!r}].variety", _shown(one["variety"]), "one of " + ", ".join(names)
        )
    return names.index(one["variety"]), list(starts).index(one["start"])


def _shown(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= 80 else words[:77] + "…"


@dataclass(frozen=True)
class Verdict:
    """How advice did in the season that came; means over sites.

    Attributes
    ----------
    regret
        Best in hindsight minus advised [kg/ha], both net of the price of water.
    worst_decile
        Mean regret of the worst tenth of sites, at least one [kg/ha].
    yield_
        [kg/ha]
    best
        Best in hindsight [kg/ha], net.
    failed
        Share of sites with a failed season.
    water, irrigation
        [mm]
    """

    regret: float
    worst_decile: float
    yield_: float
    best: float
    failed: float
    water: float
    irrigation: float


def judge_advice(
    block: Block, rules: Rules, year: int, advice: Sequence[tuple[int, int]]
) -> tuple[Verdict, dict[str, Any]]:
    """Look up what the advice brought in a hidden year; return the verdict, and curves for pictures."""
    at = year - block.region.hidden[0]
    regrets, yields, bests, water, irrigation = [], [], [], [], []
    curve = np.zeros(rules.starts)
    for ensemble, chosen in zip(block.hidden, advice, strict=True):
        net = ensemble.yields[..., at] - rules.water_price * ensemble.irrigation[..., at]
        bests.append(float(net.max()))
        regrets.append(bests[-1] - float(net[chosen]))
        yields.append(float(ensemble.yields[..., at][chosen]))
        water.append(float(ensemble.water[..., at][chosen]))
        irrigation.append(float(ensemble.irrigation[..., at][chosen]))
        curve += net.max(axis=0) / len(advice)
    worst = sorted(regrets, reverse=True)[: max(1, round(len(regrets) / 10))]
    verdict = Verdict(
        float(np.mean(regrets)),
        float(np.mean(worst)),
        float(np.mean(yields)),
        float(np.mean(bests)),
        float(np.mean([y < rules.failure for y in yields])),
        float(np.mean(water)),
        float(np.mean(irrigation)),
    )
    series = {
        "first_period": block.region.decision + 1,
        "curve": [round(float(v)) for v in curve],
        "starts": [start for _, start in advice],
        "regrets": [round(r, 1) for r in regrets],
        "generated": block.generated,
    }
    return verdict, series
