"""Nitrogen in the soil: a pool that roots draw on, filled from soil organic matter, from the air and from fertiliser.

Source: the simple balance of WOFOST 8.1 (Berghuijs et al. 2024, Eur. J. Agron. 154, 127099; the same as in LINTUL3, Shibu et
al. 2010). Of ``NSOILBASE`` a fixed share becomes available every day until it is spent; of fertiliser, what is recovered.
What is not recovered (volatilised, leached, denitrified) never enters the balance. Why this and not SNOMIN:
docs/decisions/0099-farm-nitrogen.md.
"""

from __future__ import annotations

from lumbung.farm.engine.nitrogen import rows as N
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import step

PLENTY = 100.0  # kg/ha that soil always offers where nitrogen is unlimited


@step
def start_soil_nitrogen(s, numbers):  # type: ignore[no-untyped-def]
    """Give each lane the soil nitrogen of its season; ``numbers`` (LANES, SITE_NUMBERS) in the order of the rows."""
    for i in range(LANES):
        for c in range(N.SITE_NUMBERS):
            s[(N.SITE_FIRST + c) * LANES + i] = numbers[i, c]
        s[N.NSOIL_START * LANES + i] = (
            numbers[i, N.NAVAIL - N.SITE_FIRST] + numbers[i, N.NSOIL - N.SITE_FIRST]
        )


@step
def apply_fertiliser(s, day, plan, following, plan_first, plan_day, plan_amount):  # type: ignore[no-untyped-def]
    """Set FERT, the recovered nitrogen of the day's applications, for a block.

    ``plan`` (LANES) names each lane's plan, -1 for none; the applications of plan p stand, by day, in rows plan_first[p] to
    plan_first[p + 1]; ``following`` (LANES) is the row that comes next.
    """
    for i in range(LANES):
        amount = 0.0
        if plan[i] >= 0:
            while following[i] < plan_first[plan[i] + 1] and plan_day[following[i]] <= day:
                if plan_day[following[i]] == day:
                    amount += plan_amount[following[i]]
                following[i] += 1
        s[N.FERT * LANES + i] = amount


@step
def mineralise(s):  # type: ignore[no-untyped-def]
    """Set RNSOIL, the day's loss of bound soil nitrogen to the available pool, for a block."""
    for i in range(LANES):
        released = s[N.NSOILBASE_FR * LANES + i] * s[N.NSOILBASE * LANES + i]
        left = s[N.NSOIL * LANES + i]
        released = released if released < left else left
        s[N.RNSOIL * LANES + i] = -(released if released > 0.0 else 0.0)


@step
def integrate_soil_nitrogen(s):  # type: ignore[no-untyped-def]
    """Advance soil nitrogen of a block by a day, after the crop's."""
    for i in range(LANES):
        limited = s[N.UNLIMITED * LANES + i] < 0.5
        fert, air, bound = s[N.FERT * LANES + i], s[N.BG_N_SUPPLY * LANES + i], s[N.RNSOIL * LANES + i]
        change = fert + air - s[N.RNUP * LANES + i] - bound
        s[N.NAVAIL * LANES + i] += change if limited else 0.0
        s[N.NSOIL * LANES + i] += bound if limited else 0.0
        s[N.FERT_T * LANES + i] += fert
        s[N.BG_T * LANES + i] += air
