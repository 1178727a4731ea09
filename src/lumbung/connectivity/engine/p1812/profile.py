"""What the Recommendation asks of one terrain profile: horizons, obstructions, smooth Earth, the Bullington edge.

Recommendation ITU-R P.1812-6, Annex 1, section 4.3.1 and Attachment 1. Each search looks at every profile point, at any
spacing, and all searches look at a point in one go; ``sweep`` finds the same quantities for all receivers of a radial
together, and is tested against this.

Two points that obstruct equally (a flat sea between masts of one height, say) are told apart by a stated rule, so that
rounding does not choose: the transmitter's horizon is the first of them, all others the last.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.p1812.climate import (
    Setting,
    effective_earth_radius,
    effective_earth_radius_beta,
)
from lumbung.connectivity.engine.p1812.combination import Geometry
from lumbung.connectivity.engine.p1812.diffraction import wavelength
from lumbung.kernels.compiling import FINITE, REORDERED, inlined, kernel

ANGLE_TIE = 1e-12
"""Horizon angles closer than this [rad] count as equal."""
NU_TIE = 1e-11
"""Relative difference of squared clearance parameters below which they count as equal."""

_LOWEST = -1e300


class Extremes(NamedTuple):
    """The largest value over the profile of each quantity that the model asks for.

    Above the line between the antennas, bare ground: hobs [m], and seen from either end aobt, aobr [m/km], equation
    (89). tan_t, tan_r: tangents of elevation angles of bare ground over the curved Earth, equations (77), (82).
    bare_square: signed square of the clearance c|c| / (d1 d2) of bare ground. stim, srim, square at the median and the
    beta0 Earth radius: slopes to obstacles with clutter [m/km], equations (13), (17), and their c|c| / (d1 d2).
    """

    hobs: float
    aobt: float
    aobr: float
    tan_t: float
    tan_r: float
    bare_square: float
    stim_50: float
    srim_50: float
    square_50: float
    stim_beta: float
    srim_beta: float
    square_beta: float


@inlined(arithmetic=FINITE)
def edge_parameter(signed_square: float, d: float, f: float) -> float:
    """Return nu from c|c| / (d1 d2), equation (15): c in m, d1, d2 and d in km."""
    size = math.sqrt(abs(signed_square) * 0.002 * d / wavelength(f))
    return size if signed_square > 0.0 else -size


@inlined(arithmetic=FINITE)
def bullington_point_parameter(stim: float, srim: float, hts: float, hrs: float, d: float, f: float) -> float:
    """Return nu of the Bullington point where both horizon rays meet, equations (18) and (20)."""
    dbp = (hrs - hts + srim * d) / (stim + srim)
    height = hts + stim * dbp - (hts * (d - dbp) + hrs * dbp) / d
    return height * math.sqrt(0.002 * d / (wavelength(f) * dbp * (d - dbp)))


@inlined(arithmetic=FINITE)
def bullington_parameter(
    stim: float, srim: float, signed_square: float, hts: float, hrs: float, d: float, f: float
) -> float:
    """Return nu of the edge that decides: the least clearance on a line-of-sight path, else the Bullington point."""
    clear = edge_parameter(signed_square, d, f)
    blocked = bullington_point_parameter(stim, srim, hts, hrs, d, f)
    return clear if stim < (hrs - hts) / d else blocked


@kernel(arithmetic=FINITE)
def extremes(
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    hts: float,
    hrs: float,
    ae: float,
    ab: float,
    from_t: NDArray[np.float64],
    from_r: NDArray[np.float64],
) -> Extremes:
    """Look once at every point between the ends; leave the reciprocal distances to both ends in from_t, from_r."""
    last = d.size - 1
    total = d[last]
    slope = (hrs - hts) / total
    bulge_50 = 500.0 / ae
    bulge_beta = 500.0 / ab
    half_curve = 0.5 / ae
    hobs = aobt = aobr = _LOWEST
    tan_t = tan_r = bare_square = _LOWEST
    stim_50 = srim_50 = square_50 = _LOWEST
    stim_beta = srim_beta = square_beta = _LOWEST
    for i in range(1, last):
        x = d[i]
        rest = total - x
        t = 1.0 / x
        u = 1.0 / rest
        from_t[i] = t
        from_r[i] = u
        both = t * u
        over_t = h[i] - hts
        over_r = h[i] - hrs
        above = over_t - slope * x
        hobs = max(hobs, above)
        aobt = max(aobt, above * t)
        aobr = max(aobr, above * u)
        tan_t = max(tan_t, over_t * 1e-3 * t - x * half_curve)
        tan_r = max(tan_r, over_r * 1e-3 * u - rest * half_curve)
        span = x * rest
        rise_50 = bulge_50 * span
        c = above + rise_50
        bare_square = max(bare_square, c * abs(c) * both)
        c += r[i]
        square_50 = max(square_50, c * abs(c) * both)
        stim_50 = max(stim_50, (over_t + r[i] + rise_50) * t)
        srim_50 = max(srim_50, (over_r + r[i] + rise_50) * u)
        rise_beta = r[i] + bulge_beta * span
        c = above + rise_beta
        square_beta = max(square_beta, c * abs(c) * both)
        stim_beta = max(stim_beta, (over_t + rise_beta) * t)
        srim_beta = max(srim_beta, (over_r + rise_beta) * u)
    return Extremes(
        hobs, aobt, aobr, tan_t, tan_r, bare_square, stim_50, srim_50, square_50, stim_beta, srim_beta,
        square_beta,
    )  # fmt: skip


@kernel(arithmetic=FINITE)
def smooth_extremes(
    d: NDArray[np.float64],
    from_t: NDArray[np.float64],
    from_r: NDArray[np.float64],
    ht: float,
    hr: float,
    a: float,
) -> tuple[float, float, float]:
    """Return stim, srim and the signed square over the same distances with all ground at zero, section 4.3.4."""
    last = d.size - 1
    total = d[last]
    slope = (hr - ht) / total
    bulge = 500.0 / a
    stim = srim = square = _LOWEST
    for i in range(1, last):
        x = d[i]
        rest = total - x
        c = bulge * x * rest - ht - slope * x
        square = max(square, c * abs(c) * (from_t[i] * from_r[i]))
        stim = max(stim, bulge * rest - ht * from_t[i])
        srim = max(srim, bulge * x - hr * from_r[i])
    return stim, srim, square


@kernel(arithmetic=FINITE)
def _least_clear_point(
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    hts: float,
    slope: float,
    bulge: float,
    from_t: NDArray[np.float64],
    from_r: NDArray[np.float64],
    largest: float,
) -> int:
    """Return the last point whose c|c| / (d1 d2) over bare ground is the largest."""
    total = d[d.size - 1]
    largest -= NU_TIE * abs(largest)
    for i in range(d.size - 2, 1, -1):
        c = h[i] - hts - slope * d[i] + bulge * d[i] * (total - d[i])
        if c * abs(c) * (from_t[i] * from_r[i]) >= largest:
            return i
    return 1


@kernel(arithmetic=FINITE)
def _horizons(
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    hts: float,
    hrs: float,
    ae: float,
    found: Extremes,
    from_t: NDArray[np.float64],
    from_r: NDArray[np.float64],
) -> tuple[int, int, float, float]:
    """Return the indices of both horizons and the tangents of their elevation angles, equations (76) to (83).

    On a line-of-sight path both are the point of least clearance and the angles those of the line itself.
    """
    last = d.size - 1
    total = d[last]
    half_curve = 0.5 / ae
    line = (hrs - hts) * 1e-3 / total - total * half_curve
    if found.tan_t <= line:
        point = _least_clear_point(
            d, h, hts, (hrs - hts) / total, 500.0 / ae, from_t, from_r, found.bare_square
        )
        return point, point, line, (hts - hrs) * 1e-3 / total - total * half_curve
    first = 1
    while (h[first] - hts) * 1e-3 * from_t[first] - d[first] * half_curve < found.tan_t - ANGLE_TIE:
        first += 1
    final = last - 1
    while (h[final] - hrs) * 1e-3 * from_r[final] - (total - d[final]) * half_curve < found.tan_r - ANGLE_TIE:
        final -= 1
    return first, final, found.tan_t, found.tan_r


@kernel(arithmetic=FINITE | REORDERED)
def smooth_earth(d: NDArray[np.float64], h: NDArray[np.float64]) -> tuple[float, float]:
    """Return the heights [m] of the least-squares smooth surface at both ends, equations (85) to (88)."""
    v1 = 0.0
    v2 = 0.0
    for i in range(1, d.size):
        step = d[i] - d[i - 1]
        v1 += step * (h[i] + h[i - 1])
        v2 += step * (h[i] * (2.0 * d[i] + d[i - 1]) + h[i - 1] * (d[i] + 2.0 * d[i - 1]))
    total = d[d.size - 1]
    return (2.0 * v1 * total - v2) / (total * total), (v2 - v1 * total) / (total * total)


@inlined(arithmetic=FINITE)
def lowered_smooth_earth(
    hst: float, hsr: float, hobs: float, aobt: float, aobr: float, ground_t: float, ground_r: float
) -> tuple[float, float]:
    """Return the smooth-Earth heights for diffraction [m], below obstruction and ground, eq. (90) and (91)."""
    share = aobt / (aobt + aobr) if hobs > 0.0 else 0.0
    rest = 1.0 - share if hobs > 0.0 else 0.0
    hobs = max(hobs, 0.0)
    return min(hst - hobs * share, ground_t), min(hsr - hobs * rest, ground_r)


@kernel(arithmetic=FINITE)
def roughness(
    d: NDArray[np.float64], h: NDArray[np.float64], first: int, final: int, hst: float, slope: float
) -> float:
    """Return the terrain roughness hm [m] between the horizons above the smooth surface, equation (95)."""
    hm = _LOWEST
    for i in range(first, final + 1):
        hm = max(hm, h[i] - (hst + slope * d[i]))
    return hm


@kernel(arithmetic=FINITE)
def path_geometry(
    s: Setting,
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    htg: float,
    hrg: float,
    with_beta: bool,
) -> Geometry:
    """Return the geometry of one path; d [km] starts at 0, h and r [m], antennas htg and hrg [m] above ground."""
    last = d.size - 1
    total = d[last]
    hts = h[0] + htg
    hrs = h[last] + hrg
    ae = effective_earth_radius(s.dn)
    ab = effective_earth_radius_beta()
    scratch = np.empty((2, d.size))
    from_t = scratch[0]
    from_r = scratch[1]
    found = extremes(d, h, r, hts, hrs, ae, ab, from_t, from_r)
    hst, hsr = smooth_earth(d, h)
    hstd, hsrd = lowered_smooth_earth(hst, hsr, found.hobs, found.aobt, found.aobr, h[0], h[last])
    first, final, tan_t, tan_r = _horizons(d, h, hts, hrs, ae, found, from_t, from_r)
    hst = min(hst, h[0])
    hsr = min(hsr, h[last])
    hm = roughness(d, h, first, final, hst, (hsr - hst) / total)
    nu_50 = bullington_parameter(found.stim_50, found.srim_50, found.square_50, hts, hrs, total, s.f)
    stim, srim, square = smooth_extremes(d, from_t, from_r, hts - hstd, hrs - hsrd, ae)
    smooth_50 = bullington_parameter(stim, srim, square, hts - hstd, hrs - hsrd, total, s.f)
    nu_beta = 0.0
    smooth_beta = 0.0
    if with_beta:
        nu_beta = bullington_parameter(
            found.stim_beta, found.srim_beta, found.square_beta, hts, hrs, total, s.f
        )
        stim, srim, square = smooth_extremes(d, from_t, from_r, hts - hstd, hrs - hsrd, ab)
        smooth_beta = bullington_parameter(stim, srim, square, hts - hstd, hrs - hsrd, total, s.f)
    return Geometry(
        total, hts, hrs, hstd, hsrd, hts - hst, hrs - hsr, hm, d[first], total - d[final], tan_t, tan_r,
        nu_50, nu_beta, smooth_50, smooth_beta,
    )  # fmt: skip
