"""How WOFOST 8.1 divides dry matter: more to roots in drought, and stems and leaves that give some back to the grain.

Source: Berghuijs et al. (2024), Eur. J. Agron. 154, 127099; reallocation as in WOFOST 7.3 (de Wit et al. 2020).
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.afgen import line
from lumbung.farm.engine.nitrogen import rows as N
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import inlined, step

MOST_TO_ROOTS = 0.6  # share of dry matter that drought may send to roots at most [-]
NOT_YET = -1.0  # stands for what may be reallocated before the stage that decides it


@inlined
def share_of_roots(table: float, rftra: float) -> float:
    """Return FR from the table's value and the reduction of transpiration [-]: up to twice the table, at most 0.6."""
    more = 1.0 / (rftra + 0.5)
    share = table * (more if more > 1.0 else 1.0)
    return share if share < MOST_TO_ROOTS else MOST_TO_ROOTS


@step
def partition_in_drought(s):  # type: ignore[no-untyped-def]
    """Set FR, FL, FS, FO of the new development stage for a block; before emergence they stay as at sowing."""
    for i in range(LANES):
        x = s[R.DVS * LANES + i] - s[R.X_LEFT * LANES + i]
        up = s[R.UP * LANES + i] > 0.5
        table = line(
            s[R.FR_Y * LANES + i], s[R.FR_S * LANES + i], s[R.DVS * LANES + i] - s[R.FR_LEFT * LANES + i]
        )
        fr = share_of_roots(table, s[R.RFTRA * LANES + i])
        fl = s[R.FL_Y * LANES + i] + s[R.FL_S * LANES + i] * x
        fs = s[R.FS_Y * LANES + i] + s[R.FS_S * LANES + i] * x
        fo = s[R.FO_Y * LANES + i] + s[R.FO_S * LANES + i] * x
        s[R.FR * LANES + i] = fr if up else s[R.FR * LANES + i]
        s[R.FL * LANES + i] = fl if up else s[R.FL * LANES + i]
        s[R.FS * LANES + i] = fs if up else s[R.FS * LANES + i]
        s[R.FO * LANES + i] = fo if up else s[R.FO * LANES + i]


@inlined
def given_back(set_aside: float, rate: float, done: float) -> float:
    """Return the dry matter an organ gives back today [kg/ha/d]: a share of what was set aside, until it is gone."""
    left = set_aside - done
    today = set_aside * rate
    today = today if today < left else left
    return today if today > 0.0 else 0.0


@step
def set_reallocation(s):  # type: ignore[no-untyped-def]
    """Set the day's reallocation of a block, and on the first day of it what can be reallocated at all."""
    for i in range(LANES):
        due = (s[R.DVS * LANES + i] >= s[N.REALLOC_DVS * LANES + i]) & (s[R.UP * LANES + i] > 0.5)
        begins = due & (s[N.LV_SET_ASIDE * LANES + i] < 0.0)
        leaves = s[R.WLV * LANES + i] * s[N.REALLOC_LEAF_FRACTION * LANES + i]
        stems = s[R.WST * LANES + i] * s[N.REALLOC_STEM_FRACTION * LANES + i]
        leaves = leaves if begins else s[N.LV_SET_ASIDE * LANES + i]
        stems = stems if begins else s[N.ST_SET_ASIDE * LANES + i]
        lv = given_back(leaves, s[N.REALLOC_LEAF_RATE * LANES + i], s[N.LV_REALLOCATED * LANES + i])
        st = given_back(stems, s[N.REALLOC_STEM_RATE * LANES + i], s[N.ST_REALLOCATED * LANES + i])
        lv = lv if due else 0.0
        st = st if due else 0.0
        s[N.LV_SET_ASIDE * LANES + i] = leaves
        s[N.ST_SET_ASIDE * LANES + i] = stems
        s[N.REALLOC_LV * LANES + i] = lv
        s[N.REALLOC_ST * LANES + i] = st
        s[N.REALLOC_SO * LANES + i] = (lv + st) * s[N.REALLOC_EFFICIENCY * LANES + i]


@step
def reallocate(s, weight, oldest, day):  # type: ignore[no-untyped-def]
    """Move the day's reallocated dry matter of a block; all leaf classes give alike. Follows shedding, leads integration."""
    for i in range(LANES):
        lv = s[N.REALLOC_LV * LANES + i]
        wlv = s[R.WLV * LANES + i]
        if lv > 0.0 and lv < wlv:
            kept = (wlv - lv) / wlv
            for k in range(oldest[i], day + 1):
                weight[k * LANES + i] *= kept
            s[R.WLV * LANES + i] = wlv * kept
            s[R.LASUM * LANES + i] *= kept
        s[R.WST * LANES + i] -= s[N.REALLOC_ST * LANES + i]
        s[R.WSO * LANES + i] += s[N.REALLOC_SO * LANES + i]
        s[N.LV_REALLOCATED * LANES + i] += lv
        s[N.ST_REALLOCATED * LANES + i] += s[N.REALLOC_ST * LANES + i]
