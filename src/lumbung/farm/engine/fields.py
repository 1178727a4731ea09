"""Fields that live on between calls: grow some days, look, decide, irrigate, grow on.

The same kernels as for whole seasons, with the state of each block kept. A block has one clock. A field may be
restarted at any time: its season then begins at the block's present clock, and its rows of weather and its classes of
leaves are counted from there. Before the clock runs out of rows for leaves, the block is wound back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.batches import SeasonArrays, WeatherDays, build_tables, describe
from lumbung.farm.engine.growth import (
    CROP,
    CROP_ROW,
    LIMIT,
    NUMBER_COLUMNS,
    SEASON_COLUMNS,
    WEATHER_ROW,
    copy_row,
    day_rates,
    integrate_day,
    outcome_of,
    start_block,
    write_day,
)
from lumbung.farm.engine.parameters import CropArrays, ParameterError, stack_pieces
from lumbung.farm.engine.phenology import EMERGING, SOWN
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import kernel, step

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
GROWING = -1
_CLOCK_ROWS = 2048  # rows of leaf classes a block has before it is wound back


@kernel
def _restart(  # type: ignore[no-untyped-def]
    which, seasons, numbers, mode, crops, soils, pieces, clock, s, lane, weight, area, oldest, piece, begun
):
    """Begin new seasons in the chosen fields, at the present clock of their blocks."""
    fresh = np.empty(R.ROWS * LANES)
    fresh_lane = np.empty((LANES, SEASON_COLUMNS), np.int64)
    fresh_numbers = np.empty((LANES, NUMBER_COLUMNS))
    fresh_weight, fresh_area = np.zeros(LANES), np.zeros(LANES)
    fresh_oldest, fresh_piece = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    for k in range(which.size):
        block, i = which[k] // LANES, which[k] % LANES
        for lane_of_fresh in range(LANES):
            copy_row(seasons, k, fresh_lane, lane_of_fresh)
            copy_row(numbers, k, fresh_numbers, lane_of_fresh)
        start_block(
            fresh,
            fresh_lane,
            fresh_numbers,
            mode,
            crops,
            soils,
            fresh_weight,
            fresh_area,
            fresh_oldest,
            fresh_piece,
            pieces,
        )
        now = clock[block]
        for row in range(R.ROWS):
            s[block, row * LANES + i] = fresh[row * LANES + i]
        copy_row(seasons, k, lane[block], i)
        lane[block, i, WEATHER_ROW] -= now
        lane[block, i, CROP_ROW] -= now
        lane[block, i, LIMIT] += now
        if s[block, R.DOE * LANES + i] >= 0.0:
            s[block, R.DOE * LANES + i] += now
        weight[block, now * LANES + i] = fresh_weight[i]
        area[block, now * LANES + i] = fresh_area[i]
        oldest[block, i] = now
        piece[block, i] = fresh_piece[i]
        begun[which[k]] = now


@step
def _retire(state, i):  # type: ignore[no-untyped-def]
    """Put a lane whose season is over to rest: as seed that never emerges, it touches no table beyond its weather."""
    state[R.UP * LANES + i] = 0.0
    state[R.STAGE * LANES + i] = EMERGING
    state[R.DVS * LANES + i] = SOWN
    state[R.TSUMEM * LANES + i] = np.inf


@kernel
def _wind_back(block, by, clock, s, lane, weight, area, oldest, begun):  # type: ignore[no-untyped-def]
    """Count a block's clock from ``by`` days later, and move its leaf classes along."""
    rows = weight.shape[1] // LANES
    for row in range(rows - by):
        for i in range(LANES):
            weight[block, row * LANES + i] = weight[block, (row + by) * LANES + i]
            area[block, row * LANES + i] = area[block, (row + by) * LANES + i]
    clock[block] -= by
    for i in range(LANES):
        lane[block, i, WEATHER_ROW] += by
        lane[block, i, CROP_ROW] += by
        lane[block, i, LIMIT] -= by
        oldest[block, i] = max(oldest[block, i] - by, 0)
        begun[block * LANES + i] -= by
        for date in (R.DOE, R.DOA, R.DOM, R.DOV):
            if s[block, date * LANES + i] >= 0.0:
                s[block, date * LANES + i] -= by


@kernel
def _advance(  # type: ignore[no-untyped-def]
    first,
    last,
    days,
    irrigation,
    mode,
    weather_table,
    crop_table,
    death,
    tmin,
    crops,
    pieces,
    table_x,
    table_y,
    table_n,
    clock,
    s,
    lane,
    weight,
    area,
    oldest,
    piece,
    status,
    held,
):
    """Grow some blocks by some days; what is irrigated falls on the first. Fields that ended stay as they ended."""
    fields = status.size
    for block in range(first, last):
        now, state = clock[block], s[block]
        vernalising: Any = np.bool_(False)
        for i in range(LANES):
            if crops[lane[block, i, CROP], R.VERNALISES - R.CROP_FIRST] > 0.5:
                vernalising = True
        for day in range(days):
            for i in range(LANES):
                f = block * LANES + i
                growing = f < fields and status[f] < 0
                state[R.RIRR * LANES + i] = irrigation[f] if growing and day == 0 else 0.0
            day_rates(
                state, now, lane[block], mode, weather_table, crop_table, tmin, table_x, table_y, table_n
            )
            for i in range(LANES):
                f = block * LANES + i
                if f < fields and status[f] < 0:
                    write_day(state, i, held[f])
            integrate_day(
                state,
                now,
                lane[block],
                mode,
                vernalising,
                weight[block],
                area[block],
                oldest[block],
                piece[block],
                pieces,
                death,
            )
            now += 1
            for i in range(LANES):
                f = block * LANES + i
                if f < fields and status[f] < 0:
                    status[f] = outcome_of(state, i, now, lane[block])
                    if status[f] >= 0:
                        write_day(state, i, held[f])
                if f >= fields or status[f] >= 0:
                    _retire(state, i)
        clock[block] = now
        for i in range(LANES):
            f = block * LANES + i
            if f < fields and status[f] < 0:
                write_day(state, i, held[f])


def _one_by_one(task: Callable[..., object], items: Sequence[object]) -> object:
    return [task(item) for item in items]


class Fields:
    """A fixed number of fields whose seasons are grown step by step.

    After each call :attr:`observed` holds what a look at the fields shows (shape (fields, len(rows.DAILY)), the columns
    of rows.DAILY; the flows among them are those of the last day), and :attr:`status` is GROWING or how the season
    ended. A field whose season is over keeps what it showed until it is restarted.
    """

    def __init__(
        self,
        count: int,
        weathers: Sequence[WeatherDays],
        crops: Sequence[CropArrays],
        soils: Array,
        mode: int,
        longest: int,
    ) -> None:
        """Compute the daily terms of all weathers and varieties, which are then held.

        Parameters
        ----------
        count
            How many fields.
        weathers, crops, soils, mode
            As for :func:`lumbung.farm.engine.batches.grow_many`.
        longest
            Days after its start at which a season ends at the latest.

        Raises
        ------
        lumbung.farm.engine.parameters.ParameterError
            For a variety of WOFOST 8.1: fields live by WOFOST 7.2.
        """
        if any(c.nitrogen is not None for c in crops):
            raise ParameterError(
                "fields are grown step by step without nitrogen: give varieties of WOFOST 7.2"
            )
        pairs = [(w, c) for w in range(len(weathers)) for c in range(len(crops))]
        self._tables = build_tables(dict(enumerate(weathers)), pairs, crops, longest, _one_by_one)
        self._crops = (
            np.array([c.numbers for c in crops]),
            stack_pieces(crops),
            np.array([c.table_x for c in crops]),
            np.array([c.table_y for c in crops]),
            np.array([c.table_n for c in crops]),
        )
        blocks = -(-count // LANES)
        self.count, self._mode, self._soils = count, mode, soils
        self._clock = np.zeros(blocks, np.int64)
        self._s = np.zeros((blocks, R.ROWS * LANES))
        self._lane = np.zeros((blocks, LANES, SEASON_COLUMNS), np.int64)
        self._weight = np.zeros((blocks, _CLOCK_ROWS * LANES))
        self._area = np.zeros((blocks, _CLOCK_ROWS * LANES))
        self._oldest = np.zeros((blocks, LANES), np.int64)
        self._piece = np.zeros((blocks, LANES), np.int64)
        self._begun = np.zeros(blocks * LANES, np.int64)
        self.status = np.full(count, R.REFUSED, np.int64)
        self.observed = np.zeros((count, len(R.DAILY)))

    def restart(self, which: Ints, seasons: SeasonArrays) -> npt.NDArray[np.bool_]:
        """Begin ``seasons`` in the fields ``which``; returns which of them have weather on their first day."""
        columns, numbers, absent = describe(seasons, np.arange(which.size), self._tables)
        good = np.flatnonzero(~absent)
        if good.size and (self.status == R.REFUSED).all():
            # Lanes that are no field, or not yet, hold the first season at rest.
            self._begin(
                np.arange(self._begun.size),
                np.repeat(columns[good[:1]], self._begun.size, 0),
                np.repeat(numbers[good[:1]], self._begun.size, 0),
            )
        self._begin(which[good], columns[good], numbers[good])
        self.status[which[good]] = GROWING
        return ~absent

    def _begin(self, which: Ints, columns: Ints, numbers: Array) -> None:
        _restart(
            np.ascontiguousarray(which, np.int64),
            columns,
            numbers,
            self._mode,
            self._crops[0],
            self._soils,
            self._crops[1],
            self._clock,
            self._s,
            self._lane,
            self._weight,
            self._area,
            self._oldest,
            self._piece,
            self._begun,
        )

    def advance(self, days: int, irrigation: Array) -> None:
        """Grow all fields that still grow by some days; ``irrigation`` [cm], shape (fields,), falls on the first."""
        self._make_room(days)
        crops, pieces, table_x, table_y, table_n = self._crops
        _advance(
            0,
            self._clock.size,
            days,
            np.ascontiguousarray(irrigation, np.float64),
            self._mode,
            self._tables.weather,
            self._tables.crop,
            self._tables.death,
            self._tables.tmin,
            crops,
            pieces,
            table_x,
            table_y,
            table_n,
            self._clock,
            self._s,
            self._lane,
            self._weight,
            self._area,
            self._oldest,
            self._piece,
            self.status,
            self.observed,
        )

    @property
    def age(self) -> Ints:
        """Days since each field's season began; goes on counting after its end."""
        days: Ints = (np.repeat(self._clock, LANES) - self._begun)[: self.count]
        return days

    def _make_room(self, days: int) -> None:
        """Wind blocks back whose clock nears the end of their rows of leaves."""
        for block in np.flatnonzero(self._clock + days + 2 >= _CLOCK_ROWS):
            mine = slice(block * LANES, min((block + 1) * LANES, self.count))
            growing = self.status[mine] == GROWING
            by = int(self._begun[mine][growing].min()) if growing.any() else int(self._clock[block])
            _wind_back(
                block,
                by,
                self._clock,
                self._s,
                self._lane,
                self._weight,
                self._area,
                self._oldest,
                self._begun,
            )
