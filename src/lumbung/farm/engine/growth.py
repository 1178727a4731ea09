"""The day of a block of seasons, and the life of a season from its first day to its report.

Order of a day, as in WOFOST: rates from the state at its start and its weather; then the state of the next day.
Development leads the integration, because organs grow by the shares of the new stage; water follows the roots.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.afgen import interpolate, line
from lumbung.farm.engine.assimilation import assimilate
from lumbung.farm.engine.daily_terms import NIGHTS
from lumbung.farm.engine.evapotranspiration import transpire
from lumbung.farm.engine.leaves import integrate_leaves, shed
from lumbung.farm.engine.paddy import SATURATED, flow_paddy, integrate_paddy, irrigate_paddy, start_paddy
from lumbung.farm.engine.partitioning import grow_organs, partition
from lumbung.farm.engine.phenology import EMERGING, RIPE, SOWN, VEGETATIVE, develop
from lumbung.farm.engine.roots import deepest, integrate_roots
from lumbung.farm.engine.rows import LANES
from lumbung.farm.engine.stems import integrate_stems
from lumbung.farm.engine.sterility import fertility, suffer
from lumbung.farm.engine.storage import integrate_storage
from lumbung.farm.engine.water_balance import (
    DEFAULT_ROOTING_DEPTH,
    add_up_water,
    flow_free_drainage,
    flow_potential,
    integrate_free_drainage,
    start_as_found,
    start_free_drainage,
)
from lumbung.kernels.compiling import FUSED, kernel, step

# Columns of the integers that describe a season to the kernel.
WEATHER_ROW, CROP_ROW, CROP, SOIL, LIMIT, SOWING, TO_MATURITY, IRRIGATION, ENDS_IN, SUPPLY_ = range(10)
SEASON_COLUMNS = 10
# Columns of its numbers; NaN where the variety or the soil decides.
INITIAL_WATER, POND_LOW_, POND_HIGH_, POND_UNTIL_, UPPER_, LOWER_, STANDING_, STAGE_ = range(8)
NUMBER_COLUMNS = 8
NIGHT_TABLE = 3  # TMNFTB among the tables of temperature


@step
def copy_row(source, row, target, place):  # type: ignore[no-untyped-def]
    """Copy a row of one table into another, which costs a tenth of the compile time of numba's assignment of arrays."""
    for c in range(source.shape[1]):
        target[place, c] = source[row, c]


@step
def follow_pieces(s, piece, crop, pieces):  # type: ignore[no-untyped-def]
    """Move each lane to the piece of the stage tables that holds its development stage."""
    for i in range(LANES):
        if s[R.DVS * LANES + i] > s[R.X_RIGHT * LANES + i] or piece[i] < 0:
            k = max(piece[i], 0)
            table = pieces[crop[i]]
            while s[R.DVS * LANES + i] > table[k, 1]:
                k += 1
            piece[i] = k
            for c in range(R.PIECE_WIDTH):
                s[(R.X_LEFT + c) * LANES + i] = table[k, c]


@step
def fetch_day(s, day, lane, weather_table, crop_table, tmin, table_x, table_y, table_n):  # type: ignore[no-untyped-def]
    """Copy the day's terms of each lane's weather and variety into the block."""
    for i in range(LANES):
        at = min(day, lane[i, LIMIT])
        row = lane[i, WEATHER_ROW] + at
        for c in range(R.WEATHER_TERMS):
            s[c * LANES + i] = weather_table[row, c]
        crop_row = lane[i, CROP_ROW] + at
        for c in range(R.CROP_TERMS):
            s[(R.WEATHER_TERMS + c) * LANES + i] = crop_table[crop_row, c]
        nights = int(s[R.AGE_DAYS * LANES + i]) + 1
        if nights < NIGHTS:
            total = 0.0
            for back in range(min(nights, at + 1)):
                total += tmin[row - back]
            c = lane[i, CROP]
            s[R.TMNF * LANES + i] = interpolate(
                table_x[c, NIGHT_TABLE], table_y[c, NIGHT_TABLE], table_n[c, NIGHT_TABLE], total / nights
            )


@step
def _start_crop(s, lane, weight, area, oldest, piece, pieces):  # type: ignore[no-untyped-def]
    """Put seed or seedlings of each lane into the block: weights from TDWI and the shares of the first stage."""
    crop = lane[:, CROP]
    for i in range(LANES):
        sown = lane[i, SOWING] > 0
        s[R.STAGE * LANES + i] = EMERGING if sown else VEGETATIVE
        s[R.UP * LANES + i] = 0.0 if sown else 1.0
        s[R.DVS * LANES + i] = SOWN if sown else s[R.DVSI * LANES + i]
        s[R.DOE * LANES + i] = -1.0 if sown else 0.0
        s[R.DOA * LANES + i] = -1.0
        s[R.DOM * LANES + i] = -1.0
        s[R.DOV * LANES + i] = -1.0
        s[R.VERNALISED * LANES + i] = 0.0
        s[R.VERNFAC * LANES + i] = 1.0
        piece[i] = -1
        oldest[i] = 0
    follow_pieces(s, piece, crop, pieces)
    for i in range(LANES):
        x = s[R.DVS * LANES + i] - s[R.X_LEFT * LANES + i]
        fr = line(
            s[R.FR_Y * LANES + i],
            s[R.FR_S * LANES + i],
            s[R.DVS * LANES + i] - s[R.FR_LEFT * LANES + i],
        )
        fl = s[R.FL_Y * LANES + i] + s[R.FL_S * LANES + i] * x
        fs = s[R.FS_Y * LANES + i] + s[R.FS_S * LANES + i] * x
        fo = s[R.FO_Y * LANES + i] + s[R.FO_S * LANES + i] * x
        tdwi = s[R.TDWI * LANES + i]
        wlv = tdwi * (1.0 - fr) * fl
        wst = tdwi * (1.0 - fr) * fs
        wso = tdwi * (1.0 - fr) * fo
        sla = s[R.SLA_Y * LANES + i] + s[R.SLA_S * LANES + i] * x
        sai = wst * (s[R.SSA_Y * LANES + i] + s[R.SSA_S * LANES + i] * x)
        pai = wso * s[R.SPA * LANES + i]
        s[R.FR * LANES + i], s[R.FL * LANES + i] = fr, fl
        s[R.FS * LANES + i], s[R.FO * LANES + i] = fs, fo
        s[R.WRT * LANES + i], s[R.WLV * LANES + i] = tdwi * fr, wlv
        s[R.WST * LANES + i], s[R.WSO * LANES + i] = wst, wso
        s[R.SAI * LANES + i], s[R.PAI * LANES + i] = sai, pai
        s[R.LASUM * LANES + i] = wlv * sla
        s[R.LAIEXP * LANES + i] = wlv * sla
        s[R.LAIMAX * LANES + i] = wlv * sla
        s[R.LAI * LANES + i] = wlv * sla + sai + pai
        s[R.TAGP * LANES + i] = wlv + wst + wso
        s[R.RD * LANES + i] = s[R.RDI * LANES + i]
        s[R.RDM * LANES + i] = deepest(s[R.RDI * LANES + i], s[R.RDMCR * LANES + i], s[R.RDMSOL * LANES + i])
        weight[i] = wlv
        area[i] = sla


@step
def start_block(s, lane, numbers, mode, crops, soils, weight, area, oldest, piece, pieces):  # type: ignore[no-untyped-def]
    """Make a block ready for its first day."""
    s[:] = 0.0
    for i in range(LANES):
        for c in range(R.CROP_PARAMETERS):
            s[(R.CROP_FIRST + c) * LANES + i] = crops[lane[i, CROP], c]
        for c in range(R.SOIL_PARAMETERS):
            s[(R.SOIL_FIRST + c) * LANES + i] = soils[lane[i, SOIL], c]
        if not np.isnan(numbers[i, INITIAL_WATER]):
            s[R.WAV * LANES + i] = numbers[i, INITIAL_WATER]
        elif mode == R.PADDY:
            s[R.WAV * LANES + i] = SATURATED
        s[R.POND_LOW * LANES + i] = numbers[i, POND_LOW_]
        s[R.POND_HIGH * LANES + i] = numbers[i, POND_HIGH_]
        s[R.POND_UNTIL * LANES + i] = numbers[i, POND_UNTIL_]
        s[R.SUPPLY * LANES + i] = np.inf
        if not np.isnan(numbers[i, STAGE_]):
            s[R.DVSI * LANES + i] = numbers[i, STAGE_]
        if mode == R.PADDY:
            pan = s[R.PAN_DEPTH * LANES + i]
            s[R.RDMSOL * LANES + i] = min(s[R.RDMSOL * LANES + i], pan)
    _start_crop(s, lane, weight, area, oldest, piece, pieces)
    if mode == R.WATER_LIMITED:
        start_free_drainage(s)
    elif mode == R.PADDY:
        start_paddy(s)
    else:
        for i in range(LANES):
            s[R.SM * LANES + i] = s[R.SMFCF * LANES + i]
            s[R.DSLR * LANES + i] = 1.0
    if mode != R.POTENTIAL:
        for i in range(LANES):
            if not np.isnan(numbers[i, UPPER_]):
                depth = s[R.PAN_DEPTH * LANES + i] if mode == R.PADDY else DEFAULT_ROOTING_DEPTH
                start_as_found(s, i, depth, numbers[i, UPPER_], numbers[i, LOWER_], numbers[i, STANDING_])


@step
def follow_schedule(s, day, lane, irrigation):  # type: ignore[no-untyped-def]
    """Set the day's irrigation of a block, and what the day's supply allows, from each season's schedules."""
    for i in range(LANES):
        schedule, supply = lane[i, IRRIGATION], lane[i, SUPPLY_]
        written = day < irrigation.shape[1]
        s[R.RIRR * LANES + i] = irrigation[schedule, day] if schedule >= 0 and written else 0.0
        if supply >= 0:
            s[R.SUPPLY * LANES + i] = irrigation[supply, day] if written else 0.0


@step
def day_rates(s, day, lane, mode, weather_table, crop_table, tmin, table_x, table_y, table_n):  # type: ignore[no-untyped-def]
    """Set the rates of a day, up to but without the death of leaves; RIRR holds the day's irrigation."""
    fetch_day(s, day, lane, weather_table, crop_table, tmin, table_x, table_y, table_n)
    assimilate(s)
    transpire(s, mode == R.POTENTIAL)
    suffer(s)
    if mode == R.WATER_LIMITED:
        flow_free_drainage(s)
    elif mode == R.PADDY:
        irrigate_paddy(s)
        flow_paddy(s)
    else:
        flow_potential(s)
    grow_organs(s)


@step(arithmetic=FUSED)
def add_up_crop(s):  # type: ignore[no-untyped-def]
    for i in range(LANES):
        up = s[R.UP * LANES + i]
        leaves = s[R.WLV * LANES + i] + s[R.DWLV * LANES + i]
        stems = s[R.WST * LANES + i] + s[R.DWST * LANES + i]
        s[R.TAGP * LANES + i] = leaves + stems + s[R.WSO * LANES + i]
        s[R.GASST * LANES + i] += s[R.GASS * LANES + i]
        s[R.MREST * LANES + i] += s[R.MRES * LANES + i]
        s[R.CTRAT * LANES + i] += s[R.TRA * LANES + i]
        s[R.CEVST * LANES + i] += s[R.EVS * LANES + i] * up


@step
def emerge(s, weight, area, oldest, day):  # type: ignore[no-untyped-def]
    """Let lanes that emerge now begin with the leaves of their seed, of age 0 on the next day."""
    for i in range(LANES):
        if s[R.UP * LANES + i] < 0.5:
            if s[R.STAGE * LANES + i] > EMERGING:
                s[R.UP * LANES + i] = 1.0
                row = (day + 1) * LANES + i
                seed = oldest[i] * LANES + i
                weight[row] = weight[seed]
                area[row] = area[seed]
                oldest[i] = day + 1
        else:
            s[R.AGE_DAYS * LANES + i] += 1.0


@step
def integrate_day(s, day, lane, mode, vernalising, weight, area, oldest, piece, pieces, death):  # type: ignore[no-untyped-def]
    """Carry a block from a day to the next, after :func:`day_rates`."""
    shed(s, oldest, weight, area, lane[:, CROP_ROW], death, day)
    develop(s, day + 1.0, vernalising)
    follow_pieces(s, piece, lane[:, CROP], pieces)
    partition(s)
    integrate_roots(s)
    integrate_storage(s)
    integrate_stems(s)
    integrate_leaves(s, weight, area, day)
    add_up_crop(s)
    add_up_water(s)
    if mode == R.WATER_LIMITED:
        integrate_free_drainage(s)
    elif mode == R.PADDY:
        integrate_paddy(s)
    emerge(s, weight, area, oldest, day)


@step
def report(s, i, status, day, chosen, out, season):  # type: ignore[no-untyped-def]
    """Write the chosen columns of a season's summary; see rows.SUMMARY for their order."""
    leaves = s[R.WLV * LANES + i] + s[R.DWLV * LANES + i]
    stems = s[R.WST * LANES + i] + s[R.DWST * LANES + i]
    roots = s[R.WRT * LANES + i] + s[R.DWRT * LANES + i]
    fertile = fertility(
        s[R.COLDTT * LANES + i],
        s[R.HEAT_SUM * LANES + i],
        s[R.HEAT_DAYS * LANES + i],
        s[R.HEAT_MIDDLE * LANES + i],
    )
    all_ = (
        float(status),
        float(day),
        s[R.DVS * LANES + i],
        s[R.DOE * LANES + i],
        s[R.DOA * LANES + i],
        s[R.DOM * LANES + i],
        s[R.DOV * LANES + i],
        s[R.TAGP * LANES + i],
        s[R.WSO * LANES + i],
        leaves,
        stems,
        roots,
        s[R.LAIMAX * LANES + i],
        s[R.RD * LANES + i],
        s[R.CTRAT * LANES + i],
        s[R.CEVST * LANES + i],
        s[R.GASST * LANES + i],
        s[R.MREST * LANES + i],
        s[R.SM * LANES + i],
        s[R.W * LANES + i] + s[R.WLOW * LANES + i],
        s[R.SS * LANES + i],
        s[R.RAINT * LANES + i],
        s[R.TOTIRR * LANES + i],
        s[R.TOTINF * LANES + i],
        s[R.WTRAT * LANES + i],
        s[R.EVST * LANES + i],
        s[R.EVWT * LANES + i],
        s[R.TSR * LANES + i],
        s[R.LOSST * LANES + i],
        s[R.WATER_START * LANES + i],
        fertile,
        fertile * s[R.WSO * LANES + i],
    )
    for c in range(chosen.size):
        out[c, season] = all_[chosen[c]]


@step
def write_day(s, i, out):  # type: ignore[no-untyped-def]
    """Write a lane's row of the daily table; see rows.DAILY for the order."""
    out[0] = s[R.DVS * LANES + i]
    out[1] = s[R.LAI * LANES + i]
    out[2] = s[R.TAGP * LANES + i]
    out[3] = s[R.WSO * LANES + i]
    out[4] = s[R.WLV * LANES + i] + s[R.DWLV * LANES + i]
    out[5] = s[R.WST * LANES + i] + s[R.DWST * LANES + i]
    out[6] = s[R.WRT * LANES + i] + s[R.DWRT * LANES + i]
    out[7] = s[R.TRA * LANES + i]
    out[8] = s[R.RD * LANES + i]
    out[9] = s[R.SM * LANES + i]
    out[10] = s[R.W * LANES + i] + s[R.WLOW * LANES + i]
    out[11] = s[R.W * LANES + i]
    out[12] = s[R.WLOW * LANES + i]
    out[13] = s[R.EVS * LANES + i]
    out[14] = s[R.SS * LANES + i]
    out[15] = s[R.GASS * LANES + i]
    out[16] = s[R.MRES * LANES + i]
    out[17] = s[R.DMI * LANES + i]
    out[18] = s[R.RIRR * LANES + i]


@step
def outcome_of(s, i, day, lane):  # type: ignore[no-untyped-def]
    """Return how the season of a lane ended by this day, or -1 if it goes on."""
    if s[R.STAGE * LANES + i] >= RIPE and lane[i, TO_MATURITY] > 0:
        return R.MATURE
    if day >= lane[i, LIMIT]:
        return lane[i, ENDS_IN]
    return -1


@kernel
def grow_blocks(  # type: ignore[no-untyped-def]
    first,
    last,
    seasons,
    numbers,
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
    soils,
    irrigation,
    chosen,
    out,
    daily,
):
    """Grow the seasons first to last (a whole number of blocks, but for the end) and write their reports.

    ``daily`` is (seasons, days, len(DAILY)) or empty; rows after a season's end are left as they were.
    """
    longest = 0
    for n in range(first, last):
        longest = max(longest, seasons[n, LIMIT])
    s = np.empty(R.ROWS * LANES)
    weight = np.zeros((longest + 2) * LANES)
    area = np.zeros((longest + 2) * LANES)
    oldest = np.zeros(LANES, np.int64)
    piece = np.zeros(LANES, np.int64)
    going = np.zeros(LANES, np.int64)
    lane = np.empty((LANES, SEASON_COLUMNS), np.int64)
    lane_numbers = np.empty((LANES, NUMBER_COLUMNS))
    for block in range(first, last, LANES):
        # Not False and 0: numba would compile the functions below for these very values too.
        vernalising: Any = np.bool_(False)
        left = 0
        for i in range(LANES):
            n = min(block + i, last - 1)
            copy_row(seasons, n, lane, i)
            copy_row(numbers, n, lane_numbers, i)
            going[i] = block + i < last
            left += going[i]
            if crops[lane[i, CROP], R.VERNALISES - R.CROP_FIRST] > 0.5:
                vernalising = True
        start_block(s, lane, lane_numbers, mode, crops, soils, weight, area, oldest, piece, pieces)
        day = np.int64(0)
        while True:
            if daily.size == 0:
                for i in range(LANES):
                    outcome = outcome_of(s, i, day, lane)
                    if going[i] and outcome >= 0:
                        report(s, i, outcome, day, chosen, out, block + i)
                        going[i] = 0
                        left -= 1
                if left == 0:
                    break
            follow_schedule(s, day, lane, irrigation)
            day_rates(s, day, lane, mode, weather_table, crop_table, tmin, table_x, table_y, table_n)
            if daily.size > 0:
                for i in range(LANES):
                    if going[i]:
                        write_day(s, i, daily[block + i, day])
                        outcome = outcome_of(s, i, day, lane)
                        if outcome >= 0:
                            report(s, i, outcome, day, chosen, out, block + i)
                            going[i] = 0
                            left -= 1
                if left == 0:
                    break
            integrate_day(s, day, lane, mode, vernalising, weight, area, oldest, piece, pieces, death)
            day += 1
