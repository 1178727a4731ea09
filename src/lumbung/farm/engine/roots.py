"""Roots: depth grows at a constant rate as long as roots receive assimilates.

Source: van Diepen et al. (1989); van Keulen & Wolf (1986), Modelling of agricultural production.
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import FUSED, inlined, step


@inlined
def deepest(rdi: float, rdmcr: float, rdmsol: float) -> float:
    """Return RDM, the depth neither crop nor soil lets roots pass, nor less than the initial depth [cm]."""
    least = rdmcr if rdmcr < rdmsol else rdmsol
    return least if least > rdi else rdi


@inlined
def deepening(rd: float, rdm: float, rri: float, fr: float) -> float:
    """Return RR, the day's growth in depth [cm/d]; none when roots get no share (FR = 0)."""
    left = rdm - rd
    step = left if left < rri else rri
    return step if fr != 0.0 else 0.0


@step(arithmetic=FUSED)
def integrate_roots(s):  # type: ignore[no-untyped-def]
    """Advance root weight and depth of a block by a day."""
    for i in range(LANES):
        s[R.WRT * LANES + i] += s[R.GRRT * LANES + i] - s[R.DRRT * LANES + i]
        s[R.DWRT * LANES + i] += s[R.DRRT * LANES + i]
        s[R.RD * LANES + i] += s[R.RR * LANES + i]
