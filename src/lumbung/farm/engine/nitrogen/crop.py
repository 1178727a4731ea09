"""Nitrogen in the crop: what each organ wants, gets, hands on to the grain and loses, and what want of it does.

Sources: Shibu et al. (2010), Eur. J. Agron. 32, 255-271; Berghuijs et al. (2024), Eur. J. Agron. 154, 127099.

- An organ wants what brings it, grown by a day, to the highest concentration of its stage. A fixed share of what the crop
  wants is taken from the air (legumes); the rest comes from the soil, as far as the soil has it and roots can take it up
  in a day, and not at all while drought all but stops transpiration.
- From a stage on, storage organs are filled out of leaves, stems and roots, which give what lies above their residual
  concentration over a number of days. An organ that gives counts what it gave as wanted.
- What dies takes its concentration with it.
- Want of nitrogen slows young leaf area and makes old leaves die sooner; through AMAX it slows assimilation.
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.afgen import interpolate
from lumbung.farm.engine.nitrogen import rows as N
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import FUSED, inlined, step

DRY = 0.01  # RFTRA at and below which nothing is taken up [-]
YOUNG_DVS, YOUNG_LAI = 0.2, 0.75  # up to which stress slows the growth of leaf area [-]
SLOWED_BELOW = 0.9  # of the maximum concentration: there, young leaf area grows at its slowest [-]


@inlined(arithmetic=FUSED)
def wanted(weight: float, growth: float, most: float, held: float) -> float:
    """Return an organ's demand [kg N/ha]: to the concentration ``most`` [kg/kg] in what stands and what grows today."""
    lacking = most * weight - held
    new = growth * most
    return (lacking if lacking > 0.0 else 0.0) + (new if new > 0.0 else 0.0)


@inlined(arithmetic=FUSED)
def spare(held: float, weight: float, residual: float) -> float:
    """Return what an organ can hand on [kg N/ha]: what it holds above the residual concentration [kg/kg]."""
    left = held - weight * residual
    return left if left > 0.0 else 0.0


@inlined(arithmetic=FUSED)
def part_of_uptake(wants: float, taken: float, demand: float) -> float:
    """Return an organ's part of the day's nitrogen [kg N/ha/d], in proportion to what it wants but no more than that."""
    part = taken * wants / (demand if demand > 0.0 else 1.0)
    part = part if part < wants else wants
    part = part if part > 0.0 else 0.0
    return part if demand > 0.0 else 0.0


@inlined
def young_growth(nlv: float, wlv: float, nmaxlv: float, fed: float, starved: float) -> float:
    """Return RFRGRL, the factor of leaf nitrogen on the growth of young leaf area [-]."""
    held = nlv / wlv if wlv > 0.0 else 0.0
    index = (held - SLOWED_BELOW * nmaxlv) / (nmaxlv - SLOWED_BELOW * nmaxlv)
    index = index if index < 1.0 else 1.0
    index = index if index > 0.0 else 0.0
    return 1.0 - (1.0 - index) * (fed - starved) / fed


@step
def start_crop_nitrogen(s):  # type: ignore[no-untyped-def]
    """Give the organs of seed or seedlings of a block the maximum concentration of their stage."""
    for i in range(LANES):
        x = s[R.DVS * LANES + i] - s[R.X_LEFT * LANES + i]
        most = s[N.NMAXLV_Y * LANES + i] + s[N.NMAXLV_S * LANES + i] * x
        nlv = s[R.WLV * LANES + i] * most
        nst = s[R.WST * LANES + i] * most * s[N.NMAXST_FR * LANES + i]
        nrt = s[R.WRT * LANES + i] * most * s[N.NMAXRT_FR * LANES + i]
        s[N.NLV * LANES + i] = nlv
        s[N.NST * LANES + i] = nst
        s[N.NRT * LANES + i] = nrt
        s[N.NSO * LANES + i] = 0.0
        s[N.NCROP_START * LANES + i] = nlv + nst + nrt


@step
def slow_young_leaves(s):  # type: ignore[no-untyped-def]
    """Set NMAXLV and RGRLAI of the day for a block, after transpiration."""
    for i in range(LANES):
        dvs = s[R.DVS * LANES + i]
        most = s[N.NMAXLV_Y * LANES + i] + s[N.NMAXLV_S * LANES + i] * (dvs - s[R.X_LEFT * LANES + i])
        fed = s[N.RGRLAI_FED * LANES + i]
        factor = s[R.RFTRA * LANES + i] * young_growth(
            s[N.NLV * LANES + i], s[R.WLV * LANES + i], most, fed, s[N.RGRLAI_MIN * LANES + i]
        )
        young = (dvs < YOUNG_DVS) & (s[R.LAI * LANES + i] < YOUNG_LAI)
        s[N.NMAXLV * LANES + i] = most
        s[R.RGRLAI * LANES + i] = fed * factor if young else fed


@step(arithmetic=FUSED)
def take_up(s):  # type: ignore[no-untyped-def]
    """Set the day's demand, uptake, translocation and losses of a block but for dead leaves, after growth."""
    for i in range(LANES):
        up = s[R.UP * LANES + i] > 0.5
        wlv, wst, wrt = s[R.WLV * LANES + i], s[R.WST * LANES + i], s[R.WRT * LANES + i]
        nlv, nst, nrt = s[N.NLV * LANES + i], s[N.NST * LANES + i], s[N.NRT * LANES + i]
        most = s[N.NMAXLV * LANES + i]
        dem_lv = wanted(wlv, s[R.GRLV * LANES + i], most, nlv)
        dem_st = wanted(wst, s[R.GRST * LANES + i], s[N.NMAXST_FR * LANES + i] * most, nst)
        dem_rt = wanted(wrt, s[R.GRRT * LANES + i], s[N.NMAXRT_FR * LANES + i] * most, nrt)
        dem_so = wanted(
            s[R.WSO * LANES + i], s[R.GRSO * LANES + i], s[N.NMAXSO * LANES + i], s[N.NSO * LANES + i]
        )
        demand = dem_lv + dem_st + dem_rt + dem_so
        demand = demand if up else 0.0

        fills = s[R.DVS * LANES + i] >= s[N.DVS_N_TRANSL * LANES + i]
        of_lv = spare(nlv, wlv, s[N.NRESIDLV * LANES + i])
        of_st = spare(nst, wst, s[N.NRESIDST * LANES + i])
        of_rt = spare(nrt, wrt, s[N.NRESIDRT * LANES + i])
        all_spare = of_lv + of_rt + of_st
        all_spare = all_spare if fills & up else 0.0
        given = all_spare / s[N.TCNT * LANES + i]
        given = given if given < dem_so else dem_so
        each = given / (all_spare if all_spare > 0.0 else 1.0)

        wet = s[R.RFTRA * LANES + i] > DRY
        fixed = s[N.NFIX_FR * LANES + i] * demand
        fixed = fixed if wet else 0.0
        taken = demand - fixed
        taken = taken if taken < s[N.NAVAIL * LANES + i] else s[N.NAVAIL * LANES + i]
        taken = taken if taken < s[N.RNUPTAKEMAX * LANES + i] else s[N.RNUPTAKEMAX * LANES + i]
        taken = taken if wet & (taken > 0.0) else 0.0
        got = taken + fixed

        s[N.NDEM * LANES + i] = demand
        s[N.RNFIX * LANES + i] = fixed
        s[N.RNUP * LANES + i] = taken
        s[N.RNTR * LANES + i] = given
        s[N.RNTR_LV * LANES + i] = each * of_lv
        s[N.RNTR_ST * LANES + i] = each * of_st
        s[N.RNTR_RT * LANES + i] = each * of_rt
        s[N.RNUP_LV * LANES + i] = part_of_uptake(dem_lv + each * of_lv, got, demand)
        s[N.RNUP_ST * LANES + i] = part_of_uptake(dem_st + each * of_st, got, demand)
        s[N.RNUP_RT * LANES + i] = part_of_uptake(dem_rt + each * of_rt, got, demand)
        s[N.RNUP_SO * LANES + i] = part_of_uptake(dem_so - given, got, demand)
        s[N.RNDIE_ST * LANES + i] = (
            nst / (wst if wst > 0.0 else 1.0) * (s[R.DRST * LANES + i] if wst > 0.0 else 0.0)
        )
        s[N.RNDIE_RT * LANES + i] = (
            nrt / (wrt if wrt > 0.0 else 1.0) * (s[R.DRRT * LANES + i] if wrt > 0.0 else 0.0)
        )


@step
def shed_sooner(s, oldest, weight, area, crop, crop_row, death, day, nsllv_x, nsllv_y, nsllv_n):  # type: ignore[no-untyped-def]
    """Remove the day's dead leaves from the oldest classes of a block, more of them where nitrogen is short; set DRLV.

    The leaves past their life span are multiplied by NSLLV, a table of how far the shoot's nitrogen falls short of the
    maximum (1 not at all, 2 by half or more). See :func:`lumbung.farm.engine.leaves.shed` for the classes.
    """
    for i in range(LANES):
        dead = 0.0
        lost = 0.0
        if s[R.UP * LANES + i] > 0.5:
            first = crop_row[i]
            today = first + day
            k = oldest[i]
            while k <= day and death[first + k] <= today:
                dead += weight[k * LANES + i]
                k += 1
            wlv, wst = s[R.WLV * LANES + i], s[R.WST * LANES + i]
            if dead > 0.0:
                most = s[N.NMAXLV * LANES + i]
                held = s[N.NLV * LANES + i] + s[N.NST * LANES + i] + s[N.NSO * LANES + i]
                full = wlv * most + wst * (s[N.NMAXST_FR * LANES + i] * most)
                full += s[R.WSO * LANES + i] * s[N.NMAXSO * LANES + i]
                shortage = full / held if held > 0.0 else 1.0
                shortage = shortage if shortage > 1.0 else 1.0
                shortage = shortage if shortage < 2.0 else 2.0
                c = crop[i]
                dead *= interpolate(nsllv_x[c], nsllv_y[c], nsllv_n[c], shortage)
                dead = dead if dead < wlv else wlv
            stressed = s[R.DSLV * LANES + i]
            dead = dead if dead > stressed else stressed
            lost = s[N.NLV * LANES + i] / wlv * dead if wlv > 0.0 else 0.0
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
            # The last leaf gone, nothing remains of rounding: a concentration in it would be chance.
            s[R.LASUM * LANES + i] = lasum if k <= day else 0.0
            s[R.WLV * LANES + i] = wlv - (dead - left) if k <= day else 0.0
        s[R.DRLV * LANES + i] = dead
        s[N.RNDIE_LV * LANES + i] = lost


@step
def integrate_crop_nitrogen(s):  # type: ignore[no-untyped-def]
    """Advance the nitrogen in the organs of a block by a day."""
    for i in range(LANES):
        s[N.NLV * LANES + i] += (
            s[N.RNUP_LV * LANES + i] - s[N.RNTR_LV * LANES + i] - s[N.RNDIE_LV * LANES + i]
        )
        s[N.NST * LANES + i] += (
            s[N.RNUP_ST * LANES + i] - s[N.RNTR_ST * LANES + i] - s[N.RNDIE_ST * LANES + i]
        )
        s[N.NRT * LANES + i] += (
            s[N.RNUP_RT * LANES + i] - s[N.RNTR_RT * LANES + i] - s[N.RNDIE_RT * LANES + i]
        )
        s[N.NSO * LANES + i] += s[N.RNUP_SO * LANES + i] + s[N.RNTR * LANES + i]
        s[N.NUPTAKE_T * LANES + i] += s[N.RNUP * LANES + i]
        s[N.NFIX_T * LANES + i] += s[N.RNFIX * LANES + i]
        s[N.NLOSS_T * LANES + i] += (
            s[N.RNDIE_LV * LANES + i] + s[N.RNDIE_ST * LANES + i] + s[N.RNDIE_RT * LANES + i]
        )
