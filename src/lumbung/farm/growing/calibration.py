"""Fitting a variety to trials: first when it flowers and ripens, then what it yields; and how wrong that is on a trial it has not seen.

Phenology comes first because a crop that flowers on another day meets another sun. Two temperature sums are found for each
cultivar, so that the mean error in days is zero. Where a cultivar has no trial left, they follow from the days its breeders
state. Then one factor on the highest assimilation (AMAXTB) is found for all, so that the mean error in yield is zero, and is drawn
towards the published value as if that were one more trial: few trials must not carry a model away.

Everything is potential production: the trials are irrigated and the plots those with the most nitrogen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine.afgen import interpolate, points
from lumbung.farm.growing.crop_parameters import Variety
from lumbung.farm.growing.harvest import grow
from lumbung.farm.growing.nursery import LATEST_STAGE, SHOCK, TO_EMERGE, USUAL_AGE, SeedBed
from lumbung.farm.growing.trials import Plot, TrialError
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]
RIPENING = (
    30.0  # days from anthesis to maturity in the tropics (Yoshida 1981, Fundamentals of rice crop science)
)
USUAL_TEMPERATURE = 27.0  # C, at which stated durations hold
BOUNDS = {"TSUM1": (500.0, 3000.0), "TSUM2": (250.0, 1500.0), "AMAXTB": (0.5, 1.5)}
LONGEST = 250


@dataclass(frozen=True)
class Fitted:
    """What trials say of a base variety.

    Attributes
    ----------
    base
    sums
        TSUM1, TSUM2 [C d] by cultivar.
    factor
        On AMAXTB, shrunk; ``unshrunk`` is what the trials alone say.
    trials
        Behind the factor.
    """

    base: Variety
    sums: Mapping[str, tuple[float, float]]
    factor: float
    unshrunk: float
    trials: int

    def variety(self, cultivar: str) -> Variety:
        """Return the cultivar as the engine grows it, from the field's first day on (DVS 0)."""
        first, second = self.sums[cultivar]
        fitted = self.base.changed(TSUM1=first, TSUM2=second, AMAXTB=_scaled(self.base, self.factor))
        return Variety(
            cultivar, fitted.crop, fitted.parameters, f"{self.base.name}, fitted to {self.trials} trials"
        )


@dataclass(frozen=True)
class Guess:
    """A trial as simulated, beside what was measured there; days are errors, simulated minus measured, NaN where unknown."""

    trial: Plot
    grain: float
    anthesis: float
    maturity: float
    phenology: str

    @property
    def error(self) -> float:
        """Simulated minus measured grain [kg/ha]."""
        return self.grain - self.trial.grain


def begin(variety: Variety, weather: Weather, trial: Plot, tsum1: float) -> tuple[np.datetime64, float]:
    """Return the day on which a trial's crop stands in the field, and its stage then: 0 sown, more transplanted."""
    if trial.seedling_age <= 0:
        return trial.planted + TO_EMERGE, 0.0
    day = np.array([(trial.planted - weather.first_day).astype(int)])
    gathered = float(SeedBed(variety, weather).gathered(day, trial.seedling_age)[0])
    return trial.planted, min((1.0 - SHOCK) * gathered / tsum1, LATEST_STAGE)


def simulate(
    variety: Variety, weather: Weather, trial: Plot, sums: tuple[float, float], factor: float
) -> Guess:
    """Grow a trial.

    Raises
    ------
    TrialError
        When its weather does not cover it.
    """
    start, stage = begin(variety, weather, trial, sums[0])
    crop = variety.changed(TSUM1=sums[0], TSUM2=sums[1], DVSI=stage, AMAXTB=_scaled(variety, factor))
    harvest = grow(weather, crop, "EC4", start, longest=LONGEST, on_fault="report")
    if harvest.failed[0]:
        raise TrialError(f"{trial.trial}, {trial.name}: {next(harvest.problems())[1]}")
    days = [
        (harvest.date(name)[0] - seen).astype(float)
        for name, seen in (("DOA", trial.anthesis), ("DOM", trial.maturity))
    ]
    flowered, ripened = (
        np.nan if np.isnat(harvest.date(n)[0]) or np.isnat(s) else d
        for d, n, s in zip(days, ("DOA", "DOM"), (trial.anthesis, trial.maturity), strict=True)
    )
    return Guess(trial, float(harvest["GRAIN"][0]), float(flowered), float(ripened), "")


def fit(trials: Sequence[Plot], weathers: Mapping[str, Weather], base: Variety) -> Fitted:
    """Fit phenology by cultivar, then the factor on assimilation.

    Parameters
    ----------
    trials
        One plot per trial (:func:`lumbung.farm.growing.trials.trials_of`).
    weathers
        By the name in the trials.
    base
        The variety whose parameters are taken where nothing is fitted.

    Raises
    ------
    TrialError
        No trial, or one whose weather is missing.
    """
    if not trials:
        raise TrialError("no trial to fit to")
    for trial in trials:
        if trial.weather not in weathers:
            raise TrialError(f"{trial.trial}: no weather called {trial.weather}")
    sums = {
        cultivar: fitted_sums([t for t in trials if t.cultivar == cultivar], weathers, base)
        for cultivar in dict.fromkeys(t.cultivar for t in trials)
    }
    measured = [t for t in trials if np.isfinite(t.grain)]

    def bias(factor: float) -> float:
        return float(
            np.mean(
                [simulate(base, weathers[t.weather], t, sums[t.cultivar], factor).error for t in measured]
            )
        )

    raw = _root(bias, *BOUNDS["AMAXTB"], 12) if measured else 1.0
    weight = len(measured) / (len(measured) + 1.0)
    return Fitted(base, sums, 1.0 + weight * (raw - 1.0), raw, len(measured))


def leave_one_out(trials: Sequence[Plot], weathers: Mapping[str, Weather], base: Variety) -> list[Guess]:
    """Predict each trial from the others: the cultivar's other trials, else its stated duration; the factor of the others.

    Raises
    ------
    TrialError
        Fewer than two trials.
    """
    names = list(dict.fromkeys(t.trial for t in trials))
    if len(names) < 2:
        raise TrialError(f"leaving one trial out needs at least two, found {len(names)}")
    guesses = []
    for name in names:
        others = [t for t in trials if t.trial != name]
        fitted = fit(others, weathers, base)
        for trial in (t for t in trials if t.trial == name):
            sums, how = predicted_sums(trial.cultivar, fitted, base)
            guess = simulate(base, weathers[trial.weather], trial, sums, fitted.factor)
            guesses.append(Guess(guess.trial, guess.grain, guess.anthesis, guess.maturity, how))
    return guesses


def predicted_sums(cultivar: str, fitted: Fitted, base: Variety) -> tuple[tuple[float, float], str]:
    """Return the temperature sums of a cultivar without its own trial, and what they rest on."""
    if cultivar in fitted.sums:
        return fitted.sums[cultivar], "its other trials"
    days = stated_durations().get(cultivar)
    if days is not None:
        return sums_of_duration(days, base), f"{days} days as stated"
    numbers = base.parameters
    return (float(numbers["TSUM1"]), float(numbers["TSUM2"])), f"those of {base.name}"


def sums_of_duration(
    days: float, base: Variety, temperature: float = USUAL_TEMPERATURE
) -> tuple[float, float]:
    """Return TSUM1 and TSUM2 of a transplanted crop that takes so many days from seed to maturity at a mean temperature [C]."""
    x, y = points(base.parameters["DTSMTB"], "DTSMTB")
    a_day = float(interpolate(x, y, x.size, temperature))
    lost = SHOCK * (USUAL_AGE - TO_EMERGE)
    return (days - TO_EMERGE - RIPENING - lost) * a_day, RIPENING * a_day


@cache
def stated_durations() -> dict[str, int]:
    """Return the days from seed to maturity that breeders state, by cultivar."""
    table = tomllib.loads((files("lumbung.farm") / "tables" / "durations.toml").read_text(encoding="utf-8"))
    return {name: int(entry["days"]) for name, entry in table.items()}


def fitted_sums(
    trials: Sequence[Plot], weathers: Mapping[str, Weather], base: Variety
) -> tuple[float, float]:
    """Return TSUM1 and TSUM2 with which anthesis and maturity of some trials are right in the mean; the base's where unseen."""
    first, second = float(base.parameters["TSUM1"]), float(base.parameters["TSUM2"])

    def late(sums: tuple[float, float], which: str) -> float:
        errors = [getattr(simulate(base, weathers[t.weather], t, sums, 1.0), which) for t in trials]
        known = [e for e in errors if np.isfinite(e)]
        return float(np.mean(known)) if known else 1.0

    if any(not np.isnat(t.anthesis) for t in trials):
        first = _root(lambda value: late((value, BOUNDS["TSUM2"][0]), "anthesis"), *BOUNDS["TSUM1"], 13)
    if any(not np.isnat(t.maturity) for t in trials):
        second = _root(lambda value: late((first, value), "maturity"), *BOUNDS["TSUM2"], 13)
    return first, second


def _root(rising, low: float, high: float, steps: int) -> float:  # type: ignore[no-untyped-def]
    """Halve the interval in which a function that rises passes zero; an end where it does not."""
    for _ in range(steps):
        middle = (low + high) / 2.0
        if rising(middle) < 0.0:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _scaled(variety: Variety, factor: float) -> list[float]:
    table = list(map(float, variety.parameters["AMAXTB"]))
    return [value * factor if k % 2 else value for k, value in enumerate(table)]


def rmse(guesses: Sequence[Guess]) -> float:
    """Return the root mean square error of grain over trials [kg/ha]."""
    errors = [g.error for g in guesses if np.isfinite(g.trial.grain)]
    return float(np.sqrt(np.mean(np.square(errors))))
