"""Seasons of one place that follow each other: its daily terms are computed once, and each turn of seasons is grown when called.

The same kernel as for any number of seasons (``batches``); what a turn leaves in the soil, the next can begin with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine import growth
from lumbung.farm.engine import rows as R
from lumbung.farm.engine.batches import SeasonArrays, WeatherDays, build_tables, describe
from lumbung.farm.engine.parameters import CropArrays, stack_pieces

Array = npt.NDArray[np.float64]


class Turns:
    """A weather, the varieties grown in it and a soil, ready for any number of turns."""

    def __init__(self, days: WeatherDays, crops: Sequence[CropArrays], soil: Array, longest: int) -> None:
        def one_by_one(task: Callable[..., object], items: Sequence[object]) -> object:
            return [task(item) for item in items]

        pairs = [(0, c) for c in range(len(crops))]
        self._tables = build_tables({0: days}, pairs, crops, longest, one_by_one)
        self._crops = (
            np.array([c.numbers for c in crops]),
            stack_pieces(crops),
            np.array([c.table_x for c in crops]),
            np.array([c.table_y for c in crops]),
            np.array([c.table_n for c in crops]),
        )
        self._soils = soil[None, :]

    def grow(
        self, seasons: SeasonArrays, amounts: Array, mode: int, daily: Array | None = None
    ) -> dict[str, npt.NDArray[np.float64]]:
        """Grow a turn of seasons and return their whole summary (rows.SUMMARY), shape (seasons,) each.

        Parameters
        ----------
        seasons
            All of weather 0 and soil 0.
        amounts
            Schedules and limits [cm/d], shape (schedules, days since start).
        mode
            rows.WATER_LIMITED or PADDY.
        daily
            Shape (seasons, days, len(rows.DAILY)): filled with the daily tables where given.
        """
        columns, numbers, absent = describe(seasons, np.arange(seasons.start.size), self._tables)
        good = np.flatnonzero(~absent)
        found = np.full((len(R.SUMMARY), good.size), np.nan)
        shown = np.empty((0, 0, 0)) if daily is None else np.full((good.size, *daily.shape[1:]), np.nan)
        crops, pieces, table_x, table_y, table_n = self._crops
        growth.grow_blocks(
            0,
            good.size,
            columns[good],
            numbers[good],
            mode,
            self._tables.weather,
            self._tables.crop,
            self._tables.death,
            self._tables.tmin,
            crops,
            pieces,
            table_x,
            table_y,
            table_n,
            self._soils,
            amounts,
            np.arange(len(R.SUMMARY)),
            found,
            shown,
        )
        out = np.full((len(R.SUMMARY), seasons.start.size), np.nan)
        out[:, good] = found
        out[R.SUMMARY.index("STATUS"), absent] = R.NO_WEATHER
        out[R.SUMMARY.index("DURATION"), absent] = 0.0
        if daily is not None:
            daily[good] = shown
        return {name: out[k] for k, name in enumerate(R.SUMMARY)}
