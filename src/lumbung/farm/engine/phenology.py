"""Development: temperature sums, photoperiod and vernalisation move the crop from sowing to maturity.

Sources: van Diepen et al. (1989), Soil Use Manage. 5, 16-24; van Bussel (2011), PhD thesis Wageningen, for
vernalisation; WOFOST 7.2 system description (de Wit et al. 2020), sec. 4.

Here the order of operations is part of the model: a stage ends on the day its sum of rates reaches 1, and a sum
that differs in its last bit may end it a day later.
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import inlined, step

EMERGING, VEGETATIVE, REPRODUCTIVE, RIPE = 0.0, 1.0, 2.0, 3.0
SOWN = -0.1  # development stage at sowing


@inlined
def emergence_sum(temperature: float, tbasem: float, teffmx: float) -> float:
    """Return DTSUME, the day's contribution to the sum from sowing to emergence [C]."""
    most = teffmx - tbasem
    above = temperature - tbasem
    above = above if above > 0.0 else 0.0
    return above if above < most else most


@inlined
def photoperiod_reduction(daylp: float, dlc: float, dlo: float) -> float:
    """Return DVRED for a photoperiod between the critical and the optimum one [h]; 1 slows nothing."""
    factor = (daylp - dlc) / (dlo - dlc)
    factor = factor if factor > 0.0 else 0.0
    return factor if factor < 1.0 else 1.0


@inlined
def vernalisation_factor(vern: float, base: float, saturated: float) -> float:
    """Return VERNFAC, how much of the cold it needs the crop has had [-]."""
    factor = (vern - base) / (saturated - base)
    factor = factor if factor > 0.0 else 0.0
    return factor if factor < 1.0 else 1.0


@inlined
def development_rate(
    stage: float,
    dtsume: float,
    dtsum: float,
    vernfac: float,
    dvred: float,
    tsumem: float,
    tsum1: float,
    tsum2: float,
) -> float:
    """Return DVR [1/d]: the day's share of the temperature sum of the present stage."""
    before = 0.1 * dtsume
    slowed = dtsum * vernfac * dvred
    share = before if stage == EMERGING else (slowed if stage == VEGETATIVE else dtsum)
    whole = tsumem if stage == EMERGING else (tsum1 if stage == VEGETATIVE else tsum2)
    share = share if stage < RIPE else 0.0
    whole = whole if stage < RIPE else 1.0
    return share / whole


@step
def develop(s, next_day, vernalising):  # type: ignore[no-untyped-def]
    """Advance development by a day; ``next_day`` is the day on which a stage reached now is dated."""
    if vernalising:
        _vernalise(s, next_day)
    for i in range(LANES):
        stage = s[R.STAGE * LANES + i]
        dvs = s[R.DVS * LANES + i]
        rate = development_rate(
            stage,
            s[R.DTSUME * LANES + i],
            s[R.DTSUM_TABLE * LANES + i],
            s[R.VERNFAC * LANES + i],
            s[R.DVRED * LANES + i],
            s[R.TSUMEM * LANES + i],
            s[R.TSUM1 * LANES + i],
            s[R.TSUM2 * LANES + i],
        )
        dvs = dvs + rate
        end = s[R.DVSEND * LANES + i]
        goal = 0.0 if stage == EMERGING else (1.0 if stage == VEGETATIVE else end)
        reached = (dvs >= goal) & (stage < RIPE)
        s[R.DVS * LANES + i] = goal if reached else dvs
        s[R.STAGE * LANES + i] = stage + 1.0 if reached else stage
        s[R.DOE * LANES + i] = next_day if reached & (stage == EMERGING) else s[R.DOE * LANES + i]
        s[R.DOA * LANES + i] = next_day if reached & (stage == VEGETATIVE) else s[R.DOA * LANES + i]
        s[R.DOM * LANES + i] = next_day if reached & (stage == REPRODUCTIVE) else s[R.DOM * LANES + i]


@step
def _vernalise(s, next_day):  # type: ignore[no-untyped-def]
    """Gather cold in the vegetative stage and set VERNFAC for a block in which some variety needs it."""
    for i in range(LANES):
        vern = s[R.VERN * LANES + i]
        needed = s[R.VERNSAT * LANES + i]
        early = s[R.DVS * LANES + i] < s[R.VERNDVS * LANES + i]
        done = s[R.VERNALISED * LANES + i] > 0.5
        needs = s[R.VERNALISES * LANES + i] > 0.5
        gathers = needs & (not done) & early
        factor = vernalisation_factor(vern, s[R.VERNBASE * LANES + i], needed)
        s[R.VERNFAC * LANES + i] = factor if gathers else 1.0
        if needs and s[R.STAGE * LANES + i] == VEGETATIVE:
            vern = vern + (s[R.VERNR_TABLE * LANES + i] if gathers else 0.0)
            forced = (not done) & (not early)
            s[R.VERN * LANES + i] = vern
            if vern >= needed and s[R.DOV * LANES + i] < 0.0:
                s[R.DOV * LANES + i] = next_day
            s[R.VERNALISED * LANES + i] = 1.0 if vern >= needed or forced or done else 0.0
