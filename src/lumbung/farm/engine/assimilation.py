"""Gross CO2 assimilation of a canopy in a day, by three-point Gauss integration over depth and day.

Sources: Goudriaan (1986), Agric. For. Meteorol. 38, 249-255, for the integration; Spitters (1986), same volume,
231-242, for sunlit and shaded leaves; Goudriaan (1977), Crop micrometeorology, for scattering and reflection.

All that depends on the day and not on the crop is computed once per day of weather (:func:`light_terms`) and shared
by every season that lives through it.
"""

from __future__ import annotations

from math import cos, pi, sqrt

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.rows import LANES
from lumbung.kernels.compiling import FUSED, inlined, step
from lumbung.kernels.elementary import exp

POINTS = (0.1127017, 0.5, 0.8872983)
WEIGHTS = (0.2777778, 0.4444444, 0.2777778)
SCATTERING = 0.2  # SCV, of leaves for visible light
_ROOT = sqrt(1.0 - SCATTERING)
_REFLECTED = (1.0 - _ROOT) / (1.0 + _ROOT)  # REFH, of a canopy with horizontal leaves
_CH2O_PER_CO2 = 30.0 / 44.0
# The light on leaves that face the sun is the beam term divided by KDIRBL / KDIF and by the sine of sun height;
# both quotients together are this constant.
FACING_SUN = 0.8 * _ROOT / 0.5
_X0, _X1, _X2 = POINTS
_W0, _W1, _W2 = WEIGHTS


@inlined
def light_terms(
    x: float, dayl: float, sinld: float, cosld: float, difpp: float, dsinbe: float, irradiation: float
) -> tuple[float, float, float, float]:
    """Return what the canopy needs to know of the light at one of the three hours.

    Parameters
    ----------
    x
        The Gauss point, as a share of the half day.
    dayl, sinld, cosld, difpp, dsinbe, irradiation
        See :func:`lumbung.farm.engine.astro.sun`.

    Returns
    -------
    tuple of float
        KDIRBL / KDIF [-]; (1 - REFS) PARDIF; (1 - REFS) PARDIR KDIRT / KDIF; (1 - SCV) PARDIR KDIRBL / KDIF
        [J/m2/s].
    """
    hour = 12.0 + 0.5 * dayl * x
    sinb = max(0.0, sinld + cosld * cos(2.0 * pi * (hour + 12.0) / 24.0))
    if dayl <= 0.0 or sinb <= 0.0:
        return 0.0, 0.0, 0.0, 0.0
    par = 0.5 * irradiation * sinb * (1.0 + 0.4 * sinb) / dsinbe
    diffuse = min(par, sinb * difpp)
    direct = par - diffuse
    kept = 1.0 - _REFLECTED * 2.0 / (1.0 + 1.6 * sinb)
    beam = 0.5 / sinb / (0.8 * _ROOT)
    return beam, kept * diffuse, kept * direct * (beam * _ROOT), (1.0 - SCATTERING) * direct * beam


@inlined(arithmetic=FUSED)
def leaf_layer(
    depth_lai: float,
    diffuse_left: float,
    kdif: float,
    beam: float,
    diffuse: float,
    direct: float,
    scatter: float,
    sunlit_share: float,
    amax: float,
    per_amax: float,
) -> float:
    """Return the assimilation of leaves at one depth and hour [kg/ha leaf/h]."""
    k = kdif * beam
    sunlit = exp(-k * depth_lai)
    shaded_light = kdif * (diffuse * diffuse_left + direct * exp(-k * _ROOT * depth_lai) - scatter * sunlit)
    shaded = amax * (1.0 - exp(-shaded_light * per_amax))
    in_sun = amax * (1.0 - (amax - shaded) * sunlit_share)
    in_sun = in_sun if scatter > 0.0 else shaded
    return sunlit * in_sun + (1.0 - sunlit) * shaded


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
    amax: float,
    per_amax: float,
    eff: float,
) -> float:
    """Return the assimilation of the whole canopy at one hour [kg/ha/h]."""
    facing = scatter * FACING_SUN
    share = (1.0 - exp(-facing * per_amax)) / (eff * (facing if facing > 0.0 else 1.0))
    total = _W0 * leaf_layer(lai * _X0, left_0, kdif, beam, diffuse, direct, scatter, share, amax, per_amax)
    total += _W1 * leaf_layer(lai * _X1, left_1, kdif, beam, diffuse, direct, scatter, share, amax, per_amax)
    total += _W2 * leaf_layer(lai * _X2, left_2, kdif, beam, diffuse, direct, scatter, share, amax, per_amax)
    return total * lai


@inlined(arithmetic=FUSED)
def canopy(
    lai: float,
    kdif: float,
    amax: float,
    eff: float,
    beam_0: float,
    beam_1: float,
    beam_2: float,
    diffuse_0: float,
    diffuse_1: float,
    diffuse_2: float,
    direct_0: float,
    direct_1: float,
    direct_2: float,
    scatter_0: float,
    scatter_1: float,
    scatter_2: float,
    dayl_ch2o: float,
    tmnf: float,
) -> float:
    """Return PGASS, the potential gross assimilation of a day [kg CH2O/ha/d].

    Parameters
    ----------
    lai, kdif
        Leaf area index [-] and extinction coefficient for diffuse visible light [-].
    amax, eff
        Assimilation of a leaf in full light [kg/ha/h] and initial light-use efficiency [kg/ha/h/(J/m2/s)].
    beam_0, ..., scatter_2
        The light of the three hours, see :func:`light_terms`.
    dayl_ch2o
        Day length [h] times 30/44.
    tmnf
        Factor of low night temperatures [-].
    """
    per_amax = eff / (amax if amax > 2.0 else 2.0)
    left_0 = exp(-kdif * (lai * _X0))
    left_1 = exp(-kdif * (lai * _X1))
    left_2 = exp(-kdif * (lai * _X2))
    day = _W0 * _hour(
        lai, left_0, left_1, left_2, kdif, beam_0, diffuse_0, direct_0, scatter_0, amax, per_amax, eff
    )
    day += _W1 * _hour(
        lai, left_0, left_1, left_2, kdif, beam_1, diffuse_1, direct_1, scatter_1, amax, per_amax, eff
    )
    day += _W2 * _hour(
        lai, left_0, left_1, left_2, kdif, beam_2, diffuse_2, direct_2, scatter_2, amax, per_amax, eff
    )
    day = day * dayl_ch2o * tmnf
    return day if (lai > 0.0) & (amax > 0.0) else 0.0


@step(arithmetic=FUSED)
def assimilate(s):  # type: ignore[no-untyped-def]
    """Set KDIF, AMAX and PGASS of the day for a block."""
    for i in range(LANES):
        x = s[R.DVS * LANES + i] - s[R.X_LEFT * LANES + i]
        kdif = s[R.KDIF_Y * LANES + i] + s[R.KDIF_S * LANES + i] * x
        amax = (s[R.AMAX_Y * LANES + i] + s[R.AMAX_S * LANES + i] * x) * s[R.TMPF * LANES + i]
        s[R.KDIF * LANES + i] = kdif
        s[R.AMAX * LANES + i] = amax
        s[R.PGASS * LANES + i] = canopy(
            s[R.LAI * LANES + i],
            kdif,
            amax,
            s[R.EFF * LANES + i],
            s[R.BEAM_0 * LANES + i],
            s[R.BEAM_1 * LANES + i],
            s[R.BEAM_2 * LANES + i],
            s[R.DIFFUSE_0 * LANES + i],
            s[R.DIFFUSE_1 * LANES + i],
            s[R.DIFFUSE_2 * LANES + i],
            s[R.DIRECT_0 * LANES + i],
            s[R.DIRECT_1 * LANES + i],
            s[R.DIRECT_2 * LANES + i],
            s[R.SCATTER_0 * LANES + i],
            s[R.SCATTER_1 * LANES + i],
            s[R.SCATTER_2 * LANES + i],
            s[R.DAYL_CH2O * LANES + i],
            s[R.TMNF * LANES + i],
        )
