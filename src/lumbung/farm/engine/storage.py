"""Storage organs (grain, tubers): growth and the green area of pods and panicles.

Source: van Diepen et al. (1989).
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import FUSED, step


@step(arithmetic=FUSED)
def integrate_storage(s):  # type: ignore[no-untyped-def]
    """Advance storage organs of a block by a day."""
    for i in range(LANES):
        wso = s[R.WSO * LANES + i] + s[R.GRSO * LANES + i]
        s[R.WSO * LANES + i] = wso
        s[R.PAI * LANES + i] = wso * s[R.SPA * LANES + i]
