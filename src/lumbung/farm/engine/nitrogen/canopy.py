"""Gross assimilation of a canopy whose leaves hold more nitrogen at the top than below.

Source: Berghuijs et al. (2024), Eur. J. Agron. 154, 127099: AMAX of a leaf rises in a line with its nitrogen per area, up to a
highest value; nitrogen per area falls off exponentially with depth (as in ORYZA2000, Bouman et al. 2001, ch. 3.2.1.4).
The integration over depth and day is that of :mod:`lumbung.farm.engine.assimilation`.
"""

from __future__ import annotations

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.assimilation import FACING_SUN, POINTS, WEIGHTS, leaf_layer
from lumbung.farm.engine.nitrogen import rows as N
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import FUSED, inlined, step
from lumbung.kernels.elementary import exp

_X0, _X1, _X2 = POINTS
_W0, _W1, _W2 = WEIGHTS
THIN = 0.01  # leaf area index below which all leaves count as equal [-]


@inlined(arithmetic=FUSED)
def leaf_nitrogen(nlv: float, lai: float, kn: float, depth_lai: float) -> float:
    """Return SLN, the nitrogen of leaves below ``depth_lai`` of leaf area [kg N/ha leaf].

    Parameters
    ----------
    nlv, lai
        Nitrogen in all living leaves [kg/ha]; leaf area index, positive [-].
    kn
        Extinction coefficient of nitrogen [-].
    depth_lai
        Leaf area above [-].
    """
    graded = nlv * kn * exp(-kn * depth_lai) / (1.0 - exp(-kn * lai))
    return graded if lai >= THIN else nlv / lai


@inlined(arithmetic=FUSED)
def highest_assimilation(sln: float, base: float, slope: float, most: float) -> float:
    """Return AMAX at the reference temperature and carbon dioxide [kg/ha/h], from leaf nitrogen [kg/ha]."""
    amax = slope * (sln - base)
    amax = amax if amax > 0.0 else 0.0
    return amax if amax < most else most


@inlined(arithmetic=FUSED)
def _layer(
    lai: float,
    x: float,
    left: float,
    kdif: float,
    beam: float,
    diffuse: float,
    direct: float,
    scatter: float,
    amax: float,
    eff: float,
) -> float:
    """Return the assimilation of leaves at one depth and hour [kg/ha leaf/h]."""
    per_amax = eff / (amax if amax > 2.0 else 2.0)
    facing = scatter * FACING_SUN
    share = (1.0 - exp(-facing * per_amax)) / (eff * (facing if facing > 0.0 else 1.0))
    return leaf_layer(lai * x, left, kdif, beam, diffuse, direct, scatter, share, amax, per_amax)


@inlined(arithmetic=FUSED)
def _hour(
    lai: float,
    left_0: float,
    left_1: float,
    left_2: float,
    kdif: float,
    beam: float,
    diffuse: float,
    direct: float,
    scatter: float,
    amax_0: float,
    amax_1: float,
    amax_2: float,
    eff: float,
) -> float:
    """Return the assimilation of the whole canopy at one hour [kg/ha/h]."""
    total = _W0 * _layer(lai, _X0, left_0, kdif, beam, diffuse, direct, scatter, amax_0, eff)
    total += _W1 * _layer(lai, _X1, left_1, kdif, beam, diffuse, direct, scatter, amax_1, eff)
    total += _W2 * _layer(lai, _X2, left_2, kdif, beam, diffuse, direct, scatter, amax_2, eff)
    return total * lai


@step(arithmetic=FUSED)
def assimilate_by_nitrogen(s):  # type: ignore[no-untyped-def]
    """Set KDIF and PGASS of the day for a block, from the light and the nitrogen of its leaves."""
    for i in range(LANES):
        x = s[R.DVS * LANES + i] - s[R.X_LEFT * LANES + i]
        kdif = s[R.KDIF_Y * LANES + i] + s[R.KDIF_S * LANES + i] * x
        lai = s[R.LAI * LANES + i]
        green = lai if lai > 0.0 else 1.0
        nlv, kn = s[N.NLV * LANES + i], s[N.KN * LANES + i]
        base, slope = s[N.AMAX_LNB * LANES + i], s[N.AMAX_SLP * LANES + i]
        most = s[N.AMAX_REF * LANES + i]
        factor = s[N.CO2_AMAX * LANES + i] * s[R.TMPF * LANES + i]
        amax_0 = factor * highest_assimilation(leaf_nitrogen(nlv, green, kn, green * _X0), base, slope, most)
        amax_1 = factor * highest_assimilation(leaf_nitrogen(nlv, green, kn, green * _X1), base, slope, most)
        amax_2 = factor * highest_assimilation(leaf_nitrogen(nlv, green, kn, green * _X2), base, slope, most)
        left_0, left_1, left_2 = exp(-kdif * (lai * _X0)), exp(-kdif * (lai * _X1)), exp(-kdif * (lai * _X2))
        eff = s[R.EFF * LANES + i]
        day = _W0 * _hour(
            lai,
            left_0,
            left_1,
            left_2,
            kdif,
            s[R.BEAM_0 * LANES + i],
            s[R.DIFFUSE_0 * LANES + i],
            s[R.DIRECT_0 * LANES + i],
            s[R.SCATTER_0 * LANES + i],
            amax_0,
            amax_1,
            amax_2,
            eff,
        )
        day += _W1 * _hour(
            lai,
            left_0,
            left_1,
            left_2,
            kdif,
            s[R.BEAM_1 * LANES + i],
            s[R.DIFFUSE_1 * LANES + i],
            s[R.DIRECT_1 * LANES + i],
            s[R.SCATTER_1 * LANES + i],
            amax_0,
            amax_1,
            amax_2,
            eff,
        )
        day += _W2 * _hour(
            lai,
            left_0,
            left_1,
            left_2,
            kdif,
            s[R.BEAM_2 * LANES + i],
            s[R.DIFFUSE_2 * LANES + i],
            s[R.DIRECT_2 * LANES + i],
            s[R.SCATTER_2 * LANES + i],
            amax_0,
            amax_1,
            amax_2,
            eff,
        )
        day = day * s[R.DAYL_CH2O * LANES + i] * s[R.TMNF * LANES + i]
        s[R.KDIF * LANES + i] = kdif
        s[R.PGASS * LANES + i] = day if lai > 0.0 else 0.0
