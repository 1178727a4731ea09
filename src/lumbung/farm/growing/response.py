"""The response to nitrogen: what a trial with several doses measured, and what the engine makes of the same doses.

The slope of a response line, kilograms of crop for a kilogram of nitrogen given, is what a farmer pays for. Two things make it:
how much of what is given is taken up, which the simple soil balance is told (supply and recovery), and what the crop makes of
it, which WOFOST 8.1 says. Where a trial measured the nitrogen in its crop, both numbers of the soil are the trial's own; where
not, they are the usual ones. Days of flowering and ripening are fitted to the trial's fed plots; yields are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lumbung.farm.growing.calibration import LONGEST, begin, fitted_sums
from lumbung.farm.growing.crop_parameters import Variety
from lumbung.farm.growing.harvest import grow
from lumbung.farm.growing.nitrogen import USUAL_RECOVERY, USUAL_SUPPLY, Application, Nitrogen, SoilNitrogen
from lumbung.farm.growing.trials import Plot, TrialError, trials_of, well_fed
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Response:
    """A trial's plots, measured and simulated, shape (plots,) [kg/ha]; NaN where not measured."""

    trial: str
    cultivar: str
    dose: Array
    grain: Array
    biomass: Array
    uptake: Array
    simulated_grain: Array
    simulated_biomass: Array
    simulated_uptake: Array
    soil: SoilNitrogen
    recovery: float
    uptake_was_measured: bool

    def slopes(self, what: str) -> tuple[float, float]:
        """Return the measured and the simulated slope of "grain" or "biomass" over the dose [kg/kg]."""
        measured, simulated = getattr(self, what), getattr(self, f"simulated_{what}")
        known = np.isfinite(measured)
        return slope(self.dose[known], measured[known]), slope(self.dose[known], simulated[known])


def slope(dose: Array, crop: Array) -> float:
    """Return the slope of the least-squares line; NaN for fewer than two doses."""
    if np.unique(dose).size < 2:
        return float("nan")
    return float(np.polyfit(dose, crop, 1)[0])


def respond(
    plots: Sequence[Plot], weathers: Mapping[str, Weather], unfed: Variety, fed: Variety
) -> list[Response]:
    """Grow every plot of trials that gave several doses of nitrogen to irrigated rice.

    Parameters
    ----------
    plots
        As :func:`lumbung.farm.growing.trials.read_trials` returns them; those without a known dose are left out.
    weathers
        By the name in the plots.
    unfed, fed
        The base variety, with its parameters of WOFOST 7.2 (for the days) and of 8.1.

    Raises
    ------
    TrialError
        No trial with two doses, or one whose weather is missing.
    """
    trials: dict[str, list[Plot]] = {}
    for plot in plots:
        if np.isfinite(plot.nitrogen):
            trials.setdefault(plot.trial, []).append(plot)
    several = {name: mine for name, mine in trials.items() if len({p.nitrogen for p in mine}) > 1}
    if not several:
        raise TrialError("no trial that gave two doses of nitrogen or more")
    return [_respond(name, mine, weathers, unfed, fed) for name, mine in several.items()]


def _respond(
    name: str, plots: list[Plot], weathers: Mapping[str, Weather], unfed: Variety, fed: Variety
) -> Response:
    weather = weathers.get(plots[0].weather)
    if weather is None:
        raise TrialError(f"{name}: no weather called {plots[0].weather}")
    sums = fitted_sums(trials_of(well_fed(plots)), weathers, unfed)
    start, stage = begin(unfed, weather, plots[0], sums[0])
    crop = fed.changed(TSUM1=sums[0], TSUM2=sums[1], DVSI=stage)
    soil, recovery, measured = supply_of(plots)
    plans = [
        Nitrogen(
            soil,
            # What is worked in before the crop stands there is there on its first day.
            [
                Application(max(int((day - start).astype(int)), 0), dose, recovery)
                for day, dose in plot.applications
            ],
        )
        for plot in plots
    ]
    harvest = grow(
        weather,
        crop,
        "EC4",
        np.repeat(start, len(plots)),
        nitrogen=plans,
        nitrogen_index=np.arange(len(plots)),
        longest=LONGEST,
    )
    return Response(
        name,
        plots[0].cultivar,
        np.array([p.nitrogen for p in plots]),
        np.array([p.grain for p in plots]),
        np.array([p.biomass for p in plots]),
        np.array([p.uptake for p in plots]),
        harvest["GRAIN"],
        harvest["TAGP"],
        harvest["NuptakeTotal"],
        soil,
        recovery,
        measured,
    )


def supply_of(plots: Sequence[Plot]) -> tuple[SoilNitrogen, float, bool]:
    """Return a trial's soil nitrogen and recovery, and whether they are measured and not the usual ones.

    The soil gives what plots without fertiliser took up; recovery is the slope of uptake over dose.
    """
    known = [p for p in plots if np.isfinite(p.uptake)]
    bare = [p.uptake for p in known if p.nitrogen == 0.0]
    rise = slope(np.array([p.nitrogen for p in known]), np.array([p.uptake for p in known]))
    if not bare or not np.isfinite(rise):
        return SoilNitrogen(USUAL_SUPPLY), USUAL_RECOVERY, False
    return SoilNitrogen(float(np.mean(bare))), float(np.clip(rise, 0.0, 1.0)), True
