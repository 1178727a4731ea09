"""What a day of weather means, computed once and shared by every season that lives through the day."""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.afgen import interpolate
from lumbung.farm.engine.assimilation import POINTS, light_terms
from lumbung.farm.engine.astro import sun
from lumbung.farm.engine.evapotranspiration import penman, penman_monteith
from lumbung.farm.engine.leaves import ageing, death_days
from lumbung.farm.engine.phenology import emergence_sum, photoperiod_reduction
from lumbung.farm.engine.respiration import temperature_factor
from lumbung.kernels.compiling import kernel

_X0, _X1, _X2 = POINTS
# The tables of daytime, mean and night temperature a variety carries, in this order.
TEMPERATURE_TABLES = ("DTSMTB", "TMPFTB", "EFFTB", "TMNFTB", "VERNRTB")
# The last says whether AMAX follows the mean temperature (WOFOST 8.1) or that of daytime (7.2).
TEMPERATURE_NUMBERS = ("TBASEM", "TEFFMX", "Q10", "TBASE", "IDSL", "DLC", "DLO", "SPAN", "TMPF_BY_MEAN")
NIGHTS = 7  # over which night temperatures are averaged


@kernel
def reference_evapotranspiration(  # type: ignore[no-untyped-def]
    day_of_year, latitude, elevation, tmin, tmax, irradiation, vapour_pressure, wind, a, b, monteith, out
):
    """Fill ``out`` (3, days) with E0, ES0, ET0 [cm/d]; ET0 by Penman-Monteith where ``monteith``, else by Penman."""
    for d in range(tmin.size):
        e0, es0, et0 = penman(
            day_of_year[d],
            latitude,
            elevation,
            tmin[d],
            tmax[d],
            irradiation[d],
            vapour_pressure[d],
            wind[d],
            a,
            b,
        )
        if monteith:
            et0 = penman_monteith(
                day_of_year[d],
                latitude,
                elevation,
                tmin[d],
                tmax[d],
                irradiation[d],
                vapour_pressure[d],
                wind[d],
            )
        out[0, d] = e0 / 10.0
        out[1, d] = es0 / 10.0
        out[2, d] = et0 / 10.0


@kernel
def weather_terms(day_of_year, latitude, irradiation, e0, es0, et0, rain, temp, tmax, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` (days, WEATHER_TERMS) with the terms all varieties share."""
    for d in range(irradiation.size):
        dayl, _, sinld, cosld, difpp, _, dsinbe, _ = sun(day_of_year[d], latitude, irradiation[d])
        terms_0 = light_terms(_X0, dayl, sinld, cosld, difpp, dsinbe, irradiation[d])
        terms_1 = light_terms(_X1, dayl, sinld, cosld, difpp, dsinbe, irradiation[d])
        terms_2 = light_terms(_X2, dayl, sinld, cosld, difpp, dsinbe, irradiation[d])
        for k in range(4):
            out[d, 3 * k] = terms_0[k]
            out[d, 3 * k + 1] = terms_1[k]
            out[d, 3 * k + 2] = terms_2[k]
        out[d, R.DAYL_CH2O] = dayl * 30.0 / 44.0
        out[d, R.E0] = e0[d]
        out[d, R.ES0] = es0[d]
        out[d, R.ET0] = et0[d]
        out[d, R.RAIN] = rain[d]
        out[d, R.TAV] = temp[d]
        out[d, R.TMAX] = tmax[d]


@kernel
def crop_terms(  # type: ignore[no-untyped-def]
    day_of_year, latitude, tmin, tmax, temp, numbers, table_x, table_y, table_n, first_row, fysage, out, death
):
    """Fill ``out`` (days, CROP_TERMS) and ``death`` (days) with the terms of one weather and one variety.

    ``numbers`` holds those of TEMPERATURE_NUMBERS, the tables are those of TEMPERATURE_TABLES. Days of death are
    counted as rows of the table of all weathers, in which this one begins at ``first_row``.
    """
    tbasem, teffmx, q10, tbase = numbers[0], numbers[1], numbers[2], numbers[3]
    idsl, dlc, dlo, span = numbers[4], numbers[5], numbers[6], numbers[7]
    by_mean = numbers[8] > 0.5
    base = R.WEATHER_TERMS
    for d in range(tmin.size):
        mean = temp[d]
        daytime = (mean + tmax[d]) / 2.0
        nights = min(NIGHTS, d + 1)
        night = 0.0
        for back in range(nights):
            night += tmin[d - back]
        night /= nights
        above = mean - tbase
        out[d, R.DTSUM_TABLE - base] = interpolate(table_x[0], table_y[0], table_n[0], mean)
        out[d, R.DTSUME - base] = emergence_sum(mean, tbasem, teffmx)
        out[d, R.TMPF - base] = interpolate(table_x[1], table_y[1], table_n[1], mean if by_mean else daytime)
        out[d, R.EFF - base] = interpolate(table_x[2], table_y[2], table_n[2], daytime)
        out[d, R.TMNF - base] = interpolate(table_x[3], table_y[3], table_n[3], night)
        out[d, R.TEFF - base] = temperature_factor(mean, q10)
        out[d, R.DTEFF - base] = above if above > 0.0 else 0.0
        out[d, R.VERNR_TABLE - base] = (
            interpolate(table_x[4], table_y[4], table_n[4], mean) if idsl >= 2 else 0.0
        )
        fysage[d] = ageing(mean, tbase)
        reduction = 1.0
        if idsl >= 1:
            reduction = photoperiod_reduction(sun(day_of_year[d], latitude, 0.0)[1], dlc, dlo)
        out[d, R.DVRED - base] = reduction
    death_days(fysage, span, death)
    for d in range(tmin.size):
        death[d] += first_row
