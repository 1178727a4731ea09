"""Leaves: each day's growth is a class of its own that ages with temperature and dies, oldest first.

Sources: van Diepen et al. (1989); Spitters (1990) for exponential growth of young leaf area; WOFOST 7.2 system
description (de Wit et al. 2020), sec. 5.

Classes are rows of ``weight`` and ``area`` (specific leaf area): the class formed on day t stands in row t + 1, the
leaves of emergence in the row of that day. A class dies on the first day its age exceeds the life span. Its age is a
sum of daily terms that depend on weather and variety alone, so the day of death is looked up
(:func:`death_days`) where the textbook adds up every class's age on every day of every season. The sums are made
class by class, in order: differences of one running sum would round differently and move some deaths by a day.
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import FUSED, inlined, step

_NEVER = 2**31 - 1


@inlined
def ageing(temperature: float, tbase: float) -> float:
    """Return FYSAGE, the day's physiological ageing of leaves [d/d]; 1 at 35 degrees."""
    step = (temperature - tbase) / (35.0 - tbase)
    return step if step > 0.0 else 0.0


@step
def death_days(fysage, span, out):  # type: ignore[no-untyped-def]
    """Find, for leaves of age 0 at the start of each day, the first day at whose start they exceed ``span``.

    Days are counted as rows of ``fysage``. Leaves that outlive the record never die.
    """
    days = fysage.size
    for first in range(days):
        age = 0.0
        day = first
        while day < days and age <= span:
            age += fysage[day]
            day += 1
        out[first] = day if age > span else _NEVER


@inlined(arithmetic=FUSED)
def growth_and_death(
    grlv: float,
    sla: float,
    wlv: float,
    lai: float,
    laiexp: float,
    kdif: float,
    rftra: float,
    rgrlai: float,
    perdl: float,
    dteff: float,
) -> tuple[float, float, float]:
    """Return specific leaf area of the new leaves, growth of exponential area, and death by stress.

    Parameters
    ----------
    grlv, sla
        Growth of leaves [kg/ha/d] and specific leaf area by stage [ha/kg].
    wlv, lai, laiexp
        Living leaves [kg/ha], leaf area index [-], area if growth were exponential [-].
    kdif, rftra
        Extinction coefficient [-]; reduction of transpiration [-].
    rgrlai, perdl, dteff
        Maximum relative growth of area [1/C/d], maximum relative death by water stress [1/d], temperature above
        TBASE [C].

    Returns
    -------
    tuple of float
        SLAT [ha/kg], GLAIEX [1/d], DSLV [kg/ha/d]. Death is the worse of water stress and of shading above a
        critical leaf area index.
    """
    critical = 3.2 / kdif
    shading = 0.03 * (lai - critical) / critical
    shading = shading if shading > 0.0 else 0.0
    shading = shading if shading < 0.03 else 0.03
    dry = wlv * (1.0 - rftra) * perdl
    dark = wlv * shading
    dslv = dry if dry > dark else dark
    young = laiexp < 6.0
    glaiex = laiexp * rgrlai * dteff
    glaiex = glaiex if young else 0.0
    supply = grlv * sla
    area = glaiex if glaiex < supply else supply
    limited = area / (grlv if grlv > 0.0 else 1.0)
    slat = limited if young & (grlv > 0.0) else sla
    return slat, glaiex, dslv


@step
def shed(s, oldest, weight, area, crop_row, death, day):  # type: ignore[no-untyped-def]
    """Remove the day's dead leaves from the oldest classes of a block, and set DRLV."""
    for i in range(LANES):
        dead = 0.0
        if s[R.UP * LANES + i] > 0.5:
            first = crop_row[i]
            today = first + day
            k = oldest[i]
            while k <= day and death[first + k] <= today:
                dead += weight[k * LANES + i]
                k += 1
            stressed = s[R.DSLV * LANES + i]
            dead = dead if dead > stressed else stressed
            left = dead
            lasum = s[R.LASUM * LANES + i]
            k = oldest[i]
            while left > 0.0 and k <= day:
                here = weight[k * LANES + i]
                if left >= here:
                    left -= here
                    lasum -= here * area[k * LANES + i]
                    k += 1
                else:
                    weight[k * LANES + i] = here - left
                    lasum -= left * area[k * LANES + i]
                    left = 0.0
            oldest[i] = k
            s[R.LASUM * LANES + i] = lasum
            s[R.WLV * LANES + i] -= dead - left
        s[R.DRLV * LANES + i] = dead


@step(arithmetic=FUSED)
def integrate_leaves(s, weight, area, day):  # type: ignore[no-untyped-def]
    """Add the day's new class to each lane of a block and set the leaf area index."""
    row = (day + 1) * LANES
    for i in range(LANES):
        weight[row + i] = s[R.GRLV * LANES + i]
        area[row + i] = s[R.SLAT * LANES + i]
    for i in range(LANES):
        grlv = s[R.GRLV * LANES + i]
        lasum = s[R.LASUM * LANES + i] + grlv * s[R.SLAT * LANES + i]
        lasum = lasum if lasum > 0.0 else 0.0
        wlv = s[R.WLV * LANES + i] + grlv
        s[R.WLV * LANES + i] = wlv if wlv > 0.0 else 0.0
        s[R.LASUM * LANES + i] = lasum
        s[R.DWLV * LANES + i] += s[R.DRLV * LANES + i]
        s[R.LAIEXP * LANES + i] += s[R.GLAIEX * LANES + i]
        lai = lasum + s[R.SAI * LANES + i] + s[R.PAI * LANES + i]
        s[R.LAI * LANES + i] = lai
        most = s[R.LAIMAX * LANES + i]
        # Before emergence the seed's green area does not count.
        s[R.LAIMAX * LANES + i] = lai if (lai > most) & (s[R.UP * LANES + i] > 0.5) else most
