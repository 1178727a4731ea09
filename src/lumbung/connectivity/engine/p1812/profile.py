"""What the Recommendation asks of one terrain profile: horizons, obstructions, smooth Earth, the Bullington
edge.

Recommendation ITU-R P.1812-6, Annex 1, section 4.3.1 and Attachment 1. Each search looks at every profile
point, at any spacing; ``sweep`` finds the same quantities for all receivers of a radial together, and is
tested against this.

Two points that obstruct equally (a flat sea between masts of one height, say) are told apart by a stated
rule, so that rounding does not choose: the transmitter's horizon is the first of them, all others the last.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.compilation import inlined, kernel
from lumbung.connectivity.engine.p1812.climate import (
    Setting,
    effective_earth_radius,
    effective_earth_radius_beta,
)
from lumbung.connectivity.engine.p1812.combination import Geometry
from lumbung.connectivity.engine.p1812.diffraction import wavelength

ANGLE_TIE = 1e-12
"""Horizon angles closer than this [rad] count as equal."""
NU_TIE = 1e-11
"""Relative difference of squared clearance parameters below which they count as equal."""

_LOWEST = -1e300


@inlined
def edge_parameter(signed_square: float, d: float, f: float) -> float:
    """Return nu from c|c| / (d1 d2), equation (15): c in m, d1, d2 and d in km."""
    size = math.sqrt(abs(signed_square) * 0.002 * d / wavelength(f))
    return size if signed_square > 0.0 else -size


@inlined
def bullington_point_parameter(stim: float, srim: float, hts: float, hrs: float, d: float, f: float) -> float:
    """Return nu of the Bullington point where both horizon rays meet, equations (18) and (20)."""
    dbp = (hrs - hts + srim * d) / (stim + srim)
    height = hts + stim * dbp - (hts * (d - dbp) + hrs * dbp) / d
    return height * math.sqrt(0.002 * d / (wavelength(f) * dbp * (d - dbp)))


@kernel
def bullington_parameter(
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    hts: float,
    hrs: float,
    a: float,
    f: float,
) -> float:
    """Return the Bullington edge parameter over ground h plus clutter r at Earth radius a, eq. (13) to (20)."""
    last = d.size - 1
    total = d[last]
    bulge = 500.0 / a
    slope = (hrs - hts) / total
    stim = _LOWEST
    for i in range(1, last):
        stim = max(stim, (h[i] + r[i] + bulge * d[i] * (total - d[i]) - hts) / d[i])
    if stim < slope:
        return edge_parameter(_largest_signed_square(d, h, r, hts, slope, bulge), total, f)
    srim = _LOWEST
    for i in range(1, last):
        rest = total - d[i]
        srim = max(srim, (h[i] + r[i] + bulge * d[i] * rest - hrs) / rest)
    return bullington_point_parameter(stim, srim, hts, hrs, total, f)


@kernel
def _largest_signed_square(
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    hts: float,
    slope: float,
    bulge: float,
) -> float:
    """Return the largest c|c| / (d1 d2), c being the height above the line between the antennas."""
    total = d[d.size - 1]
    largest = _LOWEST
    for i in range(1, d.size - 1):
        span = d[i] * (total - d[i])
        c = h[i] + r[i] - hts - slope * d[i] + bulge * span
        largest = max(largest, c * abs(c) / span)
    return largest


@kernel
def _last_of_largest_signed_square(
    d: NDArray[np.float64], h: NDArray[np.float64], hts: float, slope: float, bulge: float
) -> int:
    """Return the last point whose c|c| / (d1 d2) over bare ground is the largest."""
    total = d[d.size - 1]
    largest = _LOWEST
    for i in range(1, d.size - 1):
        span = d[i] * (total - d[i])
        c = h[i] - hts - slope * d[i] + bulge * span
        largest = max(largest, c * abs(c) / span)
    largest -= NU_TIE * abs(largest)
    for i in range(d.size - 2, 1, -1):
        span = d[i] * (total - d[i])
        c = h[i] - hts - slope * d[i] + bulge * span
        if c * abs(c) / span >= largest:
            return i
    return 1


@kernel
def _horizons(
    d: NDArray[np.float64], h: NDArray[np.float64], hts: float, hrs: float, ae: float
) -> tuple[int, int, float, float]:
    """Return the indices of both horizons and the tangents of their elevation angles, equations (76) to (83).

    On a line-of-sight path both are the point of least clearance and the angles those of the line itself.
    """
    last = d.size - 1
    total = d[last]
    half_curve = 0.5 / ae
    tan_t = _LOWEST
    for i in range(1, last):
        tan_t = max(tan_t, (h[i] - hts) * 1e-3 / d[i] - d[i] * half_curve)
    line = (hrs - hts) * 1e-3 / total - total * half_curve
    if tan_t <= line:
        point = _last_of_largest_signed_square(d, h, hts, (hrs - hts) / total, 500.0 / ae)
        return point, point, line, (hts - hrs) * 1e-3 / total - total * half_curve
    first = 1
    while (h[first] - hts) * 1e-3 / d[first] - d[first] * half_curve < tan_t - ANGLE_TIE:
        first += 1
    tan_r = _LOWEST
    for i in range(1, last):
        rest = total - d[i]
        tan_r = max(tan_r, (h[i] - hrs) * 1e-3 / rest - rest * half_curve)
    final = last - 1
    while (h[final] - hrs) * 1e-3 / (total - d[final]) - (total - d[final]) * half_curve < tan_r - ANGLE_TIE:
        final -= 1
    return first, final, tan_t, tan_r


@kernel
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


@inlined
def lowered_smooth_earth(
    hst: float, hsr: float, hobs: float, aobt: float, aobr: float, ground_t: float, ground_r: float
) -> tuple[float, float]:
    """Return the smooth-Earth heights for diffraction [m], below obstruction and ground, eq. (90) and (91)."""
    share = aobt / (aobt + aobr) if hobs > 0.0 else 0.0
    rest = 1.0 - share if hobs > 0.0 else 0.0
    hobs = max(hobs, 0.0)
    return min(hst - hobs * share, ground_t), min(hsr - hobs * rest, ground_r)


@kernel
def _obstructions(
    d: NDArray[np.float64], h: NDArray[np.float64], hts: float, hrs: float
) -> tuple[float, float, float]:
    """Return the highest obstruction above the line [m] and the steepest from either end [m/km], equation (89)."""
    last = d.size - 1
    total = d[last]
    slope = (hrs - hts) / total
    hobs = _LOWEST
    aobt = _LOWEST
    aobr = _LOWEST
    for i in range(1, last):
        above = h[i] - hts - slope * d[i]
        hobs = max(hobs, above)
        aobt = max(aobt, above / d[i])
        aobr = max(aobr, above / (total - d[i]))
    return hobs, aobt, aobr


@kernel
def roughness(
    d: NDArray[np.float64], h: NDArray[np.float64], first: int, final: int, hst: float, slope: float
) -> float:
    """Return the terrain roughness hm [m] between the horizons above the smooth surface, equation (95)."""
    hm = _LOWEST
    for i in range(first, final + 1):
        hm = max(hm, h[i] - (hst + slope * d[i]))
    return hm


@kernel
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
    hst, hsr = smooth_earth(d, h)
    hobs, aobt, aobr = _obstructions(d, h, hts, hrs)
    hstd, hsrd = lowered_smooth_earth(hst, hsr, hobs, aobt, aobr, h[0], h[last])
    first, final, tan_t, tan_r = _horizons(d, h, hts, hrs, ae)
    hst = min(hst, h[0])
    hsr = min(hsr, h[last])
    hm = roughness(d, h, first, final, hst, (hsr - hst) / total)
    nu_50 = bullington_parameter(d, h, r, hts, hrs, ae, s.f)
    smooth_50 = smooth_path_parameter(d, hts - hstd, hrs - hsrd, ae, s.f)
    nu_beta = 0.0
    smooth_beta = 0.0
    if with_beta:
        ab = effective_earth_radius_beta()
        nu_beta = bullington_parameter(d, h, r, hts, hrs, ab, s.f)
        smooth_beta = smooth_path_parameter(d, hts - hstd, hrs - hsrd, ab, s.f)
    return Geometry(
        total, hts, hrs, hstd, hsrd, hts - hst, hrs - hsr, hm, d[first], total - d[final], tan_t, tan_r,
        nu_50, nu_beta, smooth_50, smooth_beta,
    )  # fmt: skip


@kernel
def smooth_path_parameter(d: NDArray[np.float64], ht: float, hr: float, a: float, f: float) -> float:
    """Return the Bullington edge parameter of the same distances over ground at zero height, section 4.3.4."""
    last = d.size - 1
    total = d[last]
    bulge = 500.0 / a
    slope = (hr - ht) / total
    stim = _LOWEST
    for i in range(1, last):
        stim = max(stim, bulge * (total - d[i]) - ht / d[i])
    if stim < slope:
        largest = _LOWEST
        for i in range(1, last):
            span = d[i] * (total - d[i])
            c = bulge * span - ht - slope * d[i]
            largest = max(largest, c * abs(c) / span)
        return edge_parameter(largest, total, f)
    srim = _LOWEST
    for i in range(1, last):
        srim = max(srim, bulge * d[i] - hr / (total - d[i]))
    return bullington_point_parameter(stim, srim, ht, hr, total, f)
