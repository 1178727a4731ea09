"""Stems: growth, death by development stage, and the green area they add.

Source: van Diepen et al. (1989).
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import FUSED, step


@step(arithmetic=FUSED)
def integrate_stems(s):  # type: ignore[no-untyped-def]
    """Advance stem weight and area of a block by a day; needs the new development stage."""
    for i in range(LANES):
        x = s[R.DVS * LANES + i] - s[R.X_LEFT * LANES + i]
        wst = s[R.WST * LANES + i] + (s[R.GRST * LANES + i] - s[R.DRST * LANES + i])
        s[R.WST * LANES + i] = wst
        s[R.DWST * LANES + i] += s[R.DRST * LANES + i]
        area = wst * (s[R.SSA_Y * LANES + i] + s[R.SSA_S * LANES + i] * x)
        s[R.SAI * LANES + i] = area if s[R.UP * LANES + i] > 0.5 else s[R.SAI * LANES + i]
