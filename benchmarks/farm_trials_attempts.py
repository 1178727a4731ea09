"""What could bring the error on unseen trials down? Attempts, each printed with every trial left out in turn.

Run: python benchmarks/farm_trials_attempts.py TRIALS --weather DIR

TRIALS is a folder of DSSAT rice experiments, DIR holds their weather (neither is part of this repository). Each attempt predicts a trial from
the others alone: phenology from the cultivar's other trials or its stated duration, yield as the attempt says. None is chosen
by its result here; what is shipped is the first (``lumbung farm calibrate``). The last lines say what the trial itself would
have to tell: its own days, and the scatter of the trials' plots that no prediction can undercut.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from lumbung.farm import (
    Application,
    Nitrogen,
    SoilNitrogen,
    Weather,
    fill_gaps,
    grow,
    read_dssat,
    varieties,
)
from lumbung.farm.growing.calibration import (
    LONGEST,
    begin,
    fit,
    fitted_sums,
    predicted_sums,
    simulate,
)
from lumbung.farm.growing.crop_parameters import variety
from lumbung.farm.growing.nitrogen import USUAL_RECOVERY, USUAL_SUPPLY
from lumbung.farm.growing.trials import Plot, TrialError, read_trials, trials_of, well_fed

Weathers = Mapping[str, Weather]
Predicts = Callable[[Plot, Sequence[Plot], Weathers], float]


def by_base(name: str, how: str = "shrunk") -> Predicts:
    """Predict from one parameter set; the factor on assimilation shrunk, as the trials alone say, or 1."""

    def predict(trial: Plot, others: Sequence[Plot], weathers: Weathers) -> float:
        base = variety(name)
        fitted = fit(others, weathers, base)
        factor = {"shrunk": fitted.factor, "unshrunk": fitted.unshrunk, "published": 1.0}[how]
        sums, _ = predicted_sums(trial.cultivar, fitted, base)
        return simulate(base, weathers[trial.weather], trial, sums, factor).grain

    return predict


def over_bases(trial: Plot, others: Sequence[Plot], weathers: Weathers) -> float:
    """The mean of what the IRRI parameter sets predict, each fitted to the others; without those that never ripen there."""
    found = []
    for name in varieties("rice"):
        if name.startswith("Rice_") and name != "Rice_501":
            with suppress(TrialError):
                found.append(by_base(name)(trial, others, weathers))
    return float(np.mean(found))


def scaled(trial: Plot, others: Sequence[Plot], weathers: Weathers) -> float:
    """Grain itself times the others' mean ratio, drawn towards 1 as if that were one more trial."""
    raw = by_base("IR72", "published")
    ratios = [np.log(t.grain / raw(t, [o for o in others if o is not t] or others, weathers)) for t in others]
    return float(raw(trial, others, weathers) * np.exp(np.sum(ratios) / (len(ratios) + 1)))


def pooled_by_cultivar(trial: Plot, others: Sequence[Plot], weathers: Weathers) -> float:
    """As shipped, times the cultivar's own ratio in its other trials, half believed (partial pooling)."""
    base = variety("IR72")
    fitted = fit(others, weathers, base)
    sums, _ = predicted_sums(trial.cultivar, fitted, base)
    mine = [t for t in others if t.cultivar == trial.cultivar]
    guess = simulate(base, weathers[trial.weather], trial, sums, fitted.factor).grain
    own = [
        np.log(t.grain / simulate(base, weathers[t.weather], t, fitted.sums[t.cultivar], fitted.factor).grain)
        for t in mine
    ]
    return float(guess * np.exp(np.sum(own) / (len(own) + 1)))


def hunger(trial: Plot, weathers: Weathers, sums: tuple[float, float]) -> float:
    """Share of the unlimited yield that WOFOST 8.1 grows with what the trial was given on a usual soil."""
    weather, fed = weathers[trial.weather], variety("IR72", nitrogen=True)
    start, stage = begin(variety("IR72"), weather, trial, sums[0])
    crop = fed.changed(TSUM1=sums[0], TSUM2=sums[1], DVSI=stage)
    given = [
        Application(max(int((day - start).astype(int)), 0), dose, USUAL_RECOVERY)
        for day, dose in trial.applications
    ]
    plans = [Nitrogen(SoilNitrogen(USUAL_SUPPLY), given), "unlimited"]
    grain = grow(
        weather, crop, "EC4", np.repeat(start, 2), nitrogen=plans, nitrogen_index=[0, 1], longest=LONGEST
    )["GRAIN"]
    return float(grain[0] / grain[1])


def with_nitrogen(trial: Plot, others: Sequence[Plot], weathers: Weathers) -> float:
    """As shipped, but every trial is as hungry as WOFOST 8.1 says, in the fit and in the prediction."""
    base = variety("IR72")
    fitted = fit(others, weathers, base)
    shares = {}
    for one in (trial, *others):
        sums, _ = predicted_sums(one.cultivar, fitted, base)
        shares[id(one)] = hunger(one, weathers, sums)
    sums, _ = predicted_sums(trial.cultivar, fitted, base)
    raw = [
        np.log(
            t.grain
            / (shares[id(t)] * simulate(base, weathers[t.weather], t, fitted.sums[t.cultivar], 1.0).grain)
        )
        for t in others
    ]
    level = np.exp(np.sum(raw) / (len(raw) + 1))
    return float(level * shares[id(trial)] * simulate(base, weathers[trial.weather], trial, sums, 1.0).grain)


def sun_by_temperature(trial: Plot, others: Sequence[Plot], weathers: Weathers) -> float:
    """As shipped, but all radiation estimated alike, from the daily range of temperature (Hargreaves 1994, 0.16)."""
    alike = {}
    for name, w in weathers.items():
        day, latitude = w.day_of_year, np.radians(w.latitude)
        sun = 0.409 * np.sin(2 * np.pi * day / 365 - 1.39)
        set_ = np.arccos(-np.tan(latitude) * np.tan(sun))
        top = (
            37.6e6
            * (1 + 0.033 * np.cos(2 * np.pi * day / 365))
            * (set_ * np.sin(latitude) * np.sin(sun) + np.cos(latitude) * np.cos(sun) * np.sin(set_))
        )  # FAO 56, eq. 21
        alike[name] = replace(w, irradiation=0.16 * np.sqrt(w.tmax - w.tmin) * top)
    return by_base("IR72")(trial, others, alike)


def by_own_days(trial: Plot, others: Sequence[Plot], weathers: Weathers) -> float:
    """Not a prediction: the factor of the others, but flowering and ripening on the days that the trial itself shows."""
    base = variety("IR72")
    return simulate(
        base,
        weathers[trial.weather],
        trial,
        fitted_sums([trial], weathers, base),
        fit(others, weathers, base).factor,
    ).grain


def mean_of_others(trial: Plot, others: Sequence[Plot], weathers: Weathers) -> float:
    """No model: what the other trials brought, in the mean."""
    return float(np.mean([t.grain for t in others]))


ATTEMPTS: dict[str, Predicts] = {
    "IR72, factor shrunk (shipped)": by_base("IR72"),
    "IR72, factor as fitted": by_base("IR72", "unshrunk"),
    "IR72, as published": by_base("IR72", "published"),
    "grain scaled, not assimilation": scaled,
    "partial pooling by cultivar": pooled_by_cultivar,
    "mean over IRRI's parameter sets": over_bases,
    "nitrogen by WOFOST 8.1": with_nitrogen,
    "all radiation by temperature": sun_by_temperature,
    "no model: mean of the others": mean_of_others,
    "(the trial's own days known)": by_own_days,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trials", type=Path)
    parser.add_argument("--weather", type=Path, required=True)
    choice = parser.parse_args()
    plots = well_fed(read_trials(choice.trials))
    trials = trials_of(plots)
    weathers = {
        name: fill_gaps(read_dssat(choice.weather / f"{name}.WTH")) for name in {t.weather for t in trials}
    }
    print(
        f"{'error on the trial left out, kg/ha':<32}"
        + "".join(f"{t.trial:>10}" for t in trials)
        + "      RMSE"
    )
    for name, predict in ATTEMPTS.items():
        errors = [predict(t, [o for o in trials if o.trial != t.trial], weathers) - t.grain for t in trials]
        print(
            f"{name:<32}"
            + "".join(f"{e:>+10.0f}" for e in errors)
            + f"{np.sqrt(np.mean(np.square(errors))):>10.0f}",
            flush=True,
        )
    for t in trials:
        mine = [p.grain for p in plots if p.trial == t.trial]
        spread = f"{np.std(mine, ddof=1):.0f}" if len(mine) > 1 else "one plot"
        print(
            f"{t.trial} {t.cultivar}: measured {t.grain:.0f}, plots differ by {spread}, biomass {t.biomass:.0f}"
        )


if __name__ == "__main__":
    main()
