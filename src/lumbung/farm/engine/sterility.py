"""Sterility of spikelets: cold before and at flowering, heat at flowering. What is sterile bears no grain.

Not part of WOFOST 7.2: after ORYZA2000 (Bouman et al. 2001, ORYZA2000: modeling lowland rice, IRRI, ch. 3.2.9), which
takes cold from Uchijima (1976) and Horie et al. (1992), and heat from Horie (1993) and Matsui et al. (1997):

- From development stage 0.75 (panicle initiation on) to 1.2, the degrees by which a day's mean temperature falls short of
  22 C add up to COLDTT; the fertile share is 1 - (4.6 + 0.054 COLDTT^1.56) / 100.
- The highest temperatures of the days between stage 0.96 and 1.22 are averaged; the fertile share is
  1 / (1 + exp(0.853 (mean - 36.6))).

The lower of both counts. WOFOST's parameters were fitted to crops with the usual 4.6 percent of empty spikelets, so the
share is taken relative to 0.954, and grain is that share of the storage organs.
"""

from __future__ import annotations

from math import exp

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import inlined, step

COLD_FROM, COLD_TO = 0.75, 1.2  # development stages
HEAT_FROM, HEAT_TO = 0.96, 1.22
NEVER_COLD, NEVER_HOT = -99.0, 999.0  # C; thresholds of a crop whose flowers are not simulated
USUAL = 1.0 - 0.046


@inlined
def fertility(coldtt: float, heat_sum: float, heat_days: float, middle: float) -> float:
    """Return the fertile share of spikelets relative to the usual [-], from the sums around flowering."""
    cold = 1.0 - (4.6 + 0.054 * coldtt**1.56) / 100.0
    cold = cold if cold > 0.0 else 0.0
    mean = heat_sum / heat_days if heat_days > 0.0 else -99.0
    hot = 1.0 / (1.0 + exp(0.853 * (mean - middle)))
    share = (cold if cold < hot else hot) / USUAL
    return share if share < 1.0 else 1.0


@step
def suffer(s):  # type: ignore[no-untyped-def]
    """Add the day's cold and heat to the sums of a block, where its flowers can suffer from them."""
    for i in range(LANES):
        dvs, up = s[R.DVS * LANES + i], s[R.UP * LANES + i]
        short = s[R.COLD_BELOW * LANES + i] - s[R.TAV * LANES + i]
        tender = (dvs >= COLD_FROM) & (dvs <= COLD_TO) & (short > 0.0)
        flowering = (dvs >= HEAT_FROM) & (dvs <= HEAT_TO)
        s[R.COLDTT * LANES + i] += short * up if tender else 0.0
        s[R.HEAT_SUM * LANES + i] += s[R.TMAX * LANES + i] * up if flowering else 0.0
        s[R.HEAT_DAYS * LANES + i] += up if flowering else 0.0
