"""The day and the season of WOFOST 8.1: the order of 7.2 (see ``engine/growth.py``), with nitrogen after growth."""

from __future__ import annotations

from typing import Any

import numpy as np

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.evapotranspiration import transpire
from lumbung.farm.engine.growth import (
    CROP,
    CROP_ROW,
    LIMIT,
    NUMBER_COLUMNS,
    SEASON_COLUMNS,
    add_up_crop,
    copy_row,
    emerge,
    fetch_day,
    follow_pieces,
    follow_schedule,
    outcome_of,
    report,
    start_block,
    write_day,
)
from lumbung.farm.engine.leaves import integrate_leaves
from lumbung.farm.engine.nitrogen import rows as N
from lumbung.farm.engine.nitrogen.canopy import assimilate_by_nitrogen
from lumbung.farm.engine.nitrogen.crop import (
    integrate_crop_nitrogen,
    shed_sooner,
    slow_young_leaves,
    start_crop_nitrogen,
    take_up,
)
from lumbung.farm.engine.nitrogen.organs import NOT_YET, partition_in_drought, reallocate, set_reallocation
from lumbung.farm.engine.nitrogen.soil import (
    apply_fertiliser,
    integrate_soil_nitrogen,
    mineralise,
    start_soil_nitrogen,
)
from lumbung.farm.engine.paddy import flow_paddy, integrate_paddy, irrigate_paddy
from lumbung.farm.engine.partitioning import grow_organs
from lumbung.farm.engine.phenology import develop
from lumbung.farm.engine.roots import integrate_roots
from lumbung.farm.engine.rows import LANES
from lumbung.farm.engine.stems import integrate_stems
from lumbung.farm.engine.sterility import suffer
from lumbung.farm.engine.storage import integrate_storage
from lumbung.farm.engine.water_balance import (
    add_up_water,
    flow_free_drainage,
    flow_potential,
    integrate_free_drainage,
)
from lumbung.kernels.compiling import kernel, step


@step
def _start_nitrogen(s, lane, numbers, crops):  # type: ignore[no-untyped-def]
    """Make the nitrogen of a block ready for its first day, after :func:`start_block`."""
    for i in range(LANES):
        for c in range(N.CROP_PARAMETERS):
            s[(N.CROP_FIRST + c) * LANES + i] = crops[lane[i, CROP], c]
        s[N.LV_SET_ASIDE * LANES + i] = NOT_YET
        s[N.ST_SET_ASIDE * LANES + i] = NOT_YET
    start_soil_nitrogen(s, numbers)
    start_crop_nitrogen(s)


@step
def _day_rates(s, day, lane, mode, weather_table, crop_table, tmin, table_x, table_y, table_n):  # type: ignore[no-untyped-def]
    """Set the rates of a day, up to but without the death of leaves."""
    fetch_day(s, day, lane, weather_table, crop_table, tmin, table_x, table_y, table_n)
    assimilate_by_nitrogen(s)
    transpire(s, mode == R.POTENTIAL)
    suffer(s)
    if mode == R.WATER_LIMITED:
        flow_free_drainage(s)
    elif mode == R.PADDY:
        irrigate_paddy(s)
        flow_paddy(s)
    else:
        flow_potential(s)
    slow_young_leaves(s)
    grow_organs(s)
    set_reallocation(s)
    take_up(s)
    mineralise(s)


@step
def _integrate_day(  # type: ignore[no-untyped-def]
    s, day, lane, mode, vernalising, weight, area, oldest, piece, pieces, death, nsllv_x, nsllv_y, nsllv_n
):
    """Carry a block from a day to the next, after :func:`_day_rates`."""
    shed_sooner(
        s, oldest, weight, area, lane[:, CROP], lane[:, CROP_ROW], death, day, nsllv_x, nsllv_y, nsllv_n
    )
    reallocate(s, weight, oldest, day)
    develop(s, day + 1.0, vernalising)
    follow_pieces(s, piece, lane[:, CROP], pieces)
    partition_in_drought(s)
    integrate_roots(s)
    integrate_storage(s)
    integrate_stems(s)
    integrate_leaves(s, weight, area, day)
    add_up_crop(s)
    integrate_crop_nitrogen(s)
    integrate_soil_nitrogen(s)
    add_up_water(s)
    if mode == R.WATER_LIMITED:
        integrate_free_drainage(s)
    elif mode == R.PADDY:
        integrate_paddy(s)
    emerge(s, weight, area, oldest, day)


@step
def _report_nitrogen(s, i, chosen, out, season):  # type: ignore[no-untyped-def]
    """Write the chosen columns of rows.SUMMARY of a lane."""
    all_ = (
        s[N.NUPTAKE_T * LANES + i],
        s[N.NFIX_T * LANES + i],
        s[N.NLOSS_T * LANES + i],
        s[N.NLV * LANES + i],
        s[N.NST * LANES + i],
        s[N.NSO * LANES + i],
        s[N.NRT * LANES + i],
        s[N.NAVAIL * LANES + i],
        s[N.NSOIL * LANES + i],
        s[N.FERT_T * LANES + i],
        s[N.BG_T * LANES + i],
        s[N.NCROP_START * LANES + i],
        s[N.NSOIL_START * LANES + i],
    )
    for c in range(chosen.size):
        out[c, season] = all_[chosen[c]]


@step
def _write_nitrogen(s, i, out):  # type: ignore[no-untyped-def]
    """Write a lane's row of the daily table; see the DAILY of these rows for the order."""
    out[0] = s[N.NAVAIL * LANES + i]
    out[1] = s[N.NSOIL * LANES + i]
    out[2] = s[N.NDEM * LANES + i]
    out[3] = s[N.NLV * LANES + i]
    out[4] = s[N.NST * LANES + i]
    out[5] = s[N.NSO * LANES + i]
    out[6] = s[N.NRT * LANES + i]
    out[7] = s[N.NUPTAKE_T * LANES + i]
    out[8] = s[N.NFIX_T * LANES + i]
    out[9] = s[N.NLOSS_T * LANES + i]
    out[10] = s[R.RFTRA * LANES + i] * s[R.UP * LANES + i]
    out[11] = s[R.WLV * LANES + i]
    out[12] = s[R.WST * LANES + i]
    out[13] = s[R.WRT * LANES + i]
    out[14] = s[R.CTRAT * LANES + i]
    out[15] = s[R.CEVST * LANES + i]


@kernel
def grow_blocks_by_nitrogen(  # type: ignore[no-untyped-def]
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
    crops_nitrogen,
    nsllv_x,
    nsllv_y,
    nsllv_n,
    site_nitrogen,
    plans,
    plan_first,
    plan_day,
    plan_amount,
    chosen_nitrogen,
    out_nitrogen,
):
    """Grow the seasons first to last and write their reports; see ``engine/growth.py`` for the first arguments.

    ``site_nitrogen`` (seasons, SITE_NUMBERS) and ``plans`` (seasons) say what soil and fertiliser supply; ``daily`` has the
    columns of both DAILY, one after the other.
    """
    longest = 0
    for n in range(first, last):
        longest = max(longest, seasons[n, LIMIT])
    s = np.empty(N.ROWS * LANES)
    weight = np.zeros((longest + 2) * LANES)
    area = np.zeros((longest + 2) * LANES)
    oldest = np.zeros(LANES, np.int64)
    piece = np.zeros(LANES, np.int64)
    going = np.zeros(LANES, np.int64)
    plan = np.zeros(LANES, np.int64)
    following = np.zeros(LANES, np.int64)
    lane = np.empty((LANES, SEASON_COLUMNS), np.int64)
    lane_numbers = np.empty((LANES, NUMBER_COLUMNS))
    lane_nitrogen = np.empty((LANES, N.SITE_NUMBERS))
    for block in range(first, last, LANES):
        # Not False and 0: numba would compile the functions below for these very values too.
        vernalising: Any = np.bool_(False)
        left = 0
        for i in range(LANES):
            n = min(block + i, last - 1)
            copy_row(seasons, n, lane, i)
            copy_row(numbers, n, lane_numbers, i)
            copy_row(site_nitrogen, n, lane_nitrogen, i)
            plan[i] = plans[n]
            following[i] = plan_first[max(plans[n], 0)]
            going[i] = block + i < last
            left += going[i]
            if crops[lane[i, CROP], R.VERNALISES - R.CROP_FIRST] > 0.5:
                vernalising = True
        start_block(s, lane, lane_numbers, mode, crops, soils, weight, area, oldest, piece, pieces)
        _start_nitrogen(s, lane, lane_nitrogen, crops_nitrogen)
        day = np.int64(0)
        while True:
            if daily.size == 0:
                for i in range(LANES):
                    outcome = outcome_of(s, i, day, lane)
                    if going[i] and outcome >= 0:
                        report(s, i, outcome, day, chosen, out, block + i)
                        _report_nitrogen(s, i, chosen_nitrogen, out_nitrogen, block + i)
                        going[i] = 0
                        left -= 1
                if left == 0:
                    break
            follow_schedule(s, day, lane, irrigation)
            apply_fertiliser(s, day, plan, following, plan_first, plan_day, plan_amount)
            _day_rates(s, day, lane, mode, weather_table, crop_table, tmin, table_x, table_y, table_n)
            if daily.size > 0:
                for i in range(LANES):
                    if going[i]:
                        row = daily[block + i, day]
                        write_day(s, i, row)
                        _write_nitrogen(s, i, row[len(R.DAILY) :])
                        outcome = outcome_of(s, i, day, lane)
                        if outcome >= 0:
                            report(s, i, outcome, day, chosen, out, block + i)
                            _report_nitrogen(s, i, chosen_nitrogen, out_nitrogen, block + i)
                            going[i] = 0
                            left -= 1
                if left == 0:
                    break
            _integrate_day(
                s,
                day,
                lane,
                mode,
                vernalising,
                weight,
                area,
                oldest,
                piece,
                pieces,
                death,
                nsllv_x,
                nsllv_y,
                nsllv_n,
            )
            day += 1
