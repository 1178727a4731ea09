"""How much water a season finds in the soil: given, or simulated from the weather before its start, never assumed full.

The simulation runs a field between crops (:mod:`lumbung.farm.engine.fallow`) through the whole record, each day from the
day before. Its first year is run beforehand from a dry soil, so that the first days of a record have a past as well; a
record shorter than that begins as dry as its own run from a dry soil leaves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine.fallow import water_before
from lumbung.farm.engine.parameters import SOIL_NUMBERS
from lumbung.farm.growing.soil_parameters import Soil
from lumbung.farm.weather.record import Weather

if TYPE_CHECKING:
    from lumbung.farm.engine.batches import SeasonArrays

Array = npt.NDArray[np.float64]
MM_PER_CM = 10.0
SPIN_UP = 365  # days
# Stubble and weeds between crops: half of the ground, rooted to 60 cm (the least of FAO 56, table 22, for what is no
# vegetable). Their share is what these figures hang on most; docs/decisions/0050 prints by how much.
COVER, WEED_ROOTS = 0.5, 60.0


def water_on(
    weather: Weather,
    soil: Soil,
    dates: npt.ArrayLike,
    *,
    paddy: bool = False,
    cover: float = COVER,
) -> Array:
    """Return the water above wilting point in a field without a crop on some days [mm], shape of ``dates``.

    In a paddy this includes the water that stands between its bunds.

    Parameters
    ----------
    weather
        Whose days before a date count. A day without a value counts as dry.
    soil
    dates
        Anything ``numpy.datetime64`` understands. NaN where the record does not reach a date.
    paddy
        Whether the field is puddled and bunded.
    cover
        Share of the ground under stubble and weeds [-].
    """
    course = _course(weather, soil, paddy, cover)
    place = (np.asarray(dates, "datetime64[D]") - weather.first_day).astype(np.int64)
    inside = (place >= 0) & (place < course.size)
    water: Array = np.where(inside, course[np.where(inside, place, 0)], np.nan)
    return water


@lru_cache(maxsize=64)
def _course(weather: Weather, soil: Soil, paddy: bool, cover: float) -> Array:
    days = weather.days
    cm: Array = water_before(
        days.rain,
        days.e0,
        days.es0,
        days.et0,
        soil.array,
        paddy=paddy,
        cover=cover,
        weed_roots=WEED_ROOTS,
        spin_up=SPIN_UP,
    )
    course: Array = MM_PER_CM * cm
    return course


class Moistener:
    """Fills in the initial water of seasons, one weather at a time as its turn comes.

    A paddy that is irrigated is puddled before it is planted: it starts saturated, and what that took is its
    ``land_preparation`` [cm], shape (seasons,).
    """

    def __init__(
        self, seasons: SeasonArrays, wanted: npt.NDArray[np.bool_], soils: Sequence[Soil], paddy: bool
    ) -> None:
        self._seasons, self._soils, self._paddy = seasons, soils, paddy
        self.land_preparation = np.zeros(wanted.size)
        at = np.flatnonzero(wanted)
        self._at = at[np.argsort(seasons.weather[at], kind="stable")]
        self._weather = seasons.weather[self._at]

    def fill(self, index: int, weather: Weather) -> None:
        """Set the initial water [cm] of the seasons that use weather ``index``."""
        first, last = np.searchsorted(self._weather, (index, index + 1))
        at = self._at[first:last]
        soil = self._seasons.soil[at]
        for k in np.unique(soil):
            mine = at[soil == k]
            found = water_on(
                weather,
                self._soils[int(k)],
                self._seasons.start[mine].astype("datetime64[D]"),
                paddy=self._paddy,
            )
            water = np.nan_to_num(found) / MM_PER_CM
            if self._paddy:
                puddled = self._seasons.pond_low[mine] >= 0.0
                self.land_preparation[mine[puddled]] = np.maximum(
                    saturation(self._soils[int(k)]) - water[puddled], 0.0
                )
                mine, water = mine[~puddled], water[~puddled]
            self._seasons.initial_water[mine] = water


def saturation(soil: Soil) -> float:
    """Return the water above wilting point that saturates a puddled layer [cm]."""
    numbers = dict(zip(SOIL_NUMBERS, soil.array, strict=True))
    return float((numbers["SM0"] - numbers["SMW"]) * numbers["PAN_DEPTH"])
