"""From seed to the field: how old seedlings are when they are transplanted, and what the move costs them.

After ORYZA2000 (Bouman et al. 2001, ORYZA2000: modeling lowland rice, IRRI, ch. 3.2.2 and 3.2.6): seedlings develop in the seed-bed
by its temperatures; transplanting sets development back by SHCKD, and holds up the growth of leaves for SHCKL, each a share of the
temperature sum that the seedlings had gathered. The older the seedlings, the dearer the move.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine.afgen import points
from lumbung.farm.growing.crop_parameters import Variety
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
TO_EMERGE = 4  # days from seed to seedling
USUAL_AGE = 21  # days from seed to transplanting
OLDEST = 60
SHOCK = 0.4  # share of a seedling's temperature sum by which development is set back (SHCKD)
HELD_UP = 0.25  # share of it for which leaves do not grow (SHCKL)
SEED_BED = (
    0.05  # share of a field that its seed-bed takes; a round figure of ours, practice is 3 to 5 percent
)
LATEST_STAGE = 0.9  # of development, with which a seedling can still be transplanted


def daily_sums(variety: Variety, tmin: Array, tmax: Array) -> Array:
    """Return what each day adds to the temperature sum before anthesis [C d], shape of ``tmin``; NaN stays NaN."""
    x, y = points(variety.parameters["DTSMTB"], "DTSMTB")
    sums: Array = np.interp((tmin + tmax) / 2.0, x, y)
    return sums


class SeedBed:
    """The temperature of a record, summed for a variety, so that any seedlings can be asked about."""

    def __init__(self, variety: Variety, weather: Weather) -> None:
        daily = daily_sums(variety, weather.tmin, weather.tmax)
        self.usual = float(np.nanmean(daily)) if np.isfinite(daily).any() else 0.0
        self._total = np.concatenate([[0.0], np.cumsum(np.where(np.isnan(daily), self.usual, daily))])
        self._first_sum = float(variety.parameters["TSUM1"])

    def gathered(self, planted: Ints, age: int) -> Array:
        """Return the temperature sum of seedlings transplanted on some days of the record at an age [C d]."""
        days = max(age - TO_EMERGE, 0)
        first = np.maximum(planted - days, 0)
        before = days - (planted - first)  # days of the seed-bed before the record begins
        out: Array = self._total[planted] - self._total[first] + before * self.usual
        return out

    def transplanted(self, planted: Ints, age: int) -> tuple[Ints, Array]:
        """Return for how many days seedlings stand still in the field, and the stage with which they then grow on.

        Parameters
        ----------
        planted
            Days of the record, shape (seasons,).
        age
            Days from seed.
        """
        gathered = self.gathered(planted, age)
        until = np.searchsorted(self._total, self._total[planted] + HELD_UP * gathered)
        held = np.clip(until, planted, self._total.size - 1) - planted
        during = self._total[planted + held] - self._total[planted]
        stage = ((1.0 - SHOCK) * gathered + during) / self._first_sum
        return held.astype(np.int64), np.minimum(stage, LATEST_STAGE)
