"""Radial sweep: the losses of all receivers on one evenly spaced radial, together.

Path by path, a receiver n steps out looks at n points a dozen times over. Going outwards instead, almost all
of it can be kept from one receiver to the next:

- the transmitter's horizon, and its steepest ray to any obstruction, is a running maximum;
- the receiver's is a tangent from the receiver to the upper convex hull of the ground so far, in heights
lowered by
  the Earth's curvature; the hull is a stack (Andrew 1979) and the tangent a search on it, as slopes seen from
  outside a concave chain rise and then fall;
- the highest obstruction above the line between the antennas is the hull's extreme point in that direction;
- the smooth Earth fitted by least squares needs two running sums, the zones four;
- on the smooth path of delta-Bullington the best edge is found by bisection, because the clearance parameter
has one maximum;
- only the Fresnel clearance of a line-of-sight path looks at all points, in vector code without a division.

What follows the searches has no branches and runs over blocks of receivers in vector code (``combination``).
The result equals ``path`` to rounding. Uneven spacing is not for this file: ``sweep_loss`` says so and the
caller goes path by path.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.p1812.climate import (
    INLAND,
    NO_COAST_KM,
    SEA,
    Setting,
    effective_earth_radius,
    effective_earth_radius_beta,
)
from lumbung.connectivity.engine.p1812.combination import Geometry, combine
from lumbung.connectivity.engine.p1812.profile import (
    ANGLE_TIE,
    NU_TIE,
    bullington_parameter,
    lowered_smooth_earth,
)
from lumbung.kernels.compiling import FINITE, inlined, kernel

BLOCK = 64
"""Receivers closed together: 30 fields of them stay in the first-level cache."""

SPACING_TOLERANCE = 1e-6
"""Steps that differ by less than this part of their mean are even."""

# Rows of the block, one column per receiver.
(
    _D, _N, _HRS, _HST, _HSR, _HOBS, _AOBT, _AOBR, _GROUND, _HM, _DLT, _DLR, _TAN_T, _TAN_R, _STIM_50, _SRIM_50,
    _SQUARE_50, _STIM_BETA, _SRIM_BETA, _SQUARE_BETA, _OMEGA, _DTM, _DLM, _DCT, _DCR, _LATITUDE, _ON_SEA,
    _SMOOTH_50, _SMOOTH_BETA, _LOSS,
) = range(30)  # fmt: skip
_FIELDS = 30
_LOWEST = -1e300


def evenly_spaced(d: NDArray[np.float64]) -> bool:
    """Say whether the distances rise from zero in equal steps."""
    steps = np.diff(d)
    return bool(steps.size and d[0] == 0.0 and np.ptp(steps) <= SPACING_TOLERANCE * steps.mean())


@inlined(arithmetic=FINITE)
def _push(hull: NDArray[np.int32], top: int, x: NDArray[np.float64], y: NDArray[np.float64], i: int) -> int:
    """Put point i on the upper hull (a stack of indices) and return the new top."""
    while top >= 1:
        a = hull[top - 1]
        b = hull[top]
        if (y[b] - y[a]) * (x[i] - x[b]) > (y[i] - y[b]) * (x[b] - x[a]):
            break
        top -= 1
    hull[top + 1] = i
    return top + 1


@inlined(arithmetic=FINITE)
def _steeper(x: NDArray[np.float64], y: NDArray[np.float64], a: int, b: int, px: float, py: float) -> bool:
    """Say whether a is seen at a greater elevation than b from a point (px, py) to their right."""
    return bool((y[a] - py) * (px - x[b]) > (y[b] - py) * (px - x[a]))


@inlined(arithmetic=FINITE)
def _tangent(
    hull: NDArray[np.int32], top: int, x: NDArray[np.float64], y: NDArray[np.float64], px: float, py: float
) -> int:
    """Return the position on the hull of the point seen highest from (px, py) to its right; the rightmost of
    equals.

    Horizons are mostly near, so the search first doubles its step leftwards, then bisects.
    """
    reach = 1
    high = top  # the answer is at or left of this
    while high - reach >= 0 and _steeper(x, y, hull[high - reach], hull[high - reach + 1], px, py):
        high -= reach
        reach *= 2
    low = max(high - reach, 0)  # and at or right of this
    while low < high:
        middle = (low + high + 1) // 2
        if _steeper(x, y, hull[middle - 1], hull[middle], px, py):
            high = middle - 1
        else:
            low = middle
    return low


@inlined(arithmetic=FINITE)
def _extreme(
    hull: NDArray[np.int32], top: int, x: NDArray[np.float64], y: NDArray[np.float64], slope: float
) -> int:
    """Return the position on the hull of the point highest above a line of this slope."""
    low = 0
    high = top
    while low < high:
        middle = (low + high) // 2
        a = hull[middle]
        b = hull[middle + 1]
        if y[b] - y[a] > slope * (x[b] - x[a]):
            low = middle + 1
        else:
            high = middle
    return low


@kernel(arithmetic=FINITE)
def _clearance(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    from_t: NDArray[np.float64],
    from_r: NDArray[np.float64],
    n: int,
    hts: float,
    slope: float,
) -> float:
    """Return the largest c|c| / (d1 d2) over points 1 .. n-1 of heights y lowered by curvature.

    from_t holds 1/d1 and from_r, which starts at the receiver's own offset, 1/d2; slope is that of the
    lowered line.
    """
    largest = _LOWEST
    for i in range(1, n):
        c = y[i] - hts - slope * x[i]
        largest = max(largest, c * abs(c) * (from_t[i] * from_r[i]))
    return largest


@kernel(arithmetic=FINITE)
def _last_of_clearance(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    from_t: NDArray[np.float64],
    from_r: NDArray[np.float64],
    n: int,
    hts: float,
    slope: float,
) -> int:
    """Return the last point that attains the largest c|c| / (d1 d2)."""
    largest = _clearance(x, y, from_t, from_r, n, hts, slope)
    largest -= NU_TIE * abs(largest)
    for i in range(n - 1, 1, -1):
        c = y[i] - hts - slope * x[i]
        if c * abs(c) * (from_t[i] * from_r[i]) >= largest:
            return i
    return 1


@kernel(arithmetic=FINITE)
def _highest_above(
    x: NDArray[np.float64], y: NDArray[np.float64], first: int, final: int, base: float, slope: float
) -> float:
    highest = _LOWEST
    for i in range(first, final + 1):
        highest = max(highest, y[i] - (base + slope * x[i]))
    return highest


@inlined(arithmetic=FINITE)
def _steepest_smooth(height: float, bulge: float, step: float, n: float) -> float:
    """Return max over the grid of bulge (D - d) - height / d: the steepest ray from a terminal to the smooth Earth."""
    peak = math.floor(math.sqrt(height / bulge) / step)
    near = min(max(peak, 1.0), n - 1.0)
    far = min(peak + 1.0, n - 1.0)
    near_value = bulge * step * (n - near) - height / (near * step)
    far_value = bulge * step * (n - far) - height / (far * step)
    return max(near_value, far_value)


@inlined(arithmetic=FINITE)
def _smooth_signed_square(i: float, n: float, ht: float, hr: float, bulge: float, step: float) -> float:
    rest = n - i
    span = step * step * i * rest
    c = bulge * span - (ht * rest + hr * i) / n
    return c * abs(c) / span


@inlined(arithmetic=FINITE)
def _close_smooth_path(
    block: NDArray[np.float64], row: int, used: int, halvings: int, step: float, hts: float, ground: float,
    a: float, f: float,
) -> None:  # fmt: skip
    """Fill ``row`` with the smooth path's edge parameter for the receivers of the block, section 4.3.4.

    With i steps to the transmitter and n - i to the receiver, the parameter rises while
    bulge step^2 i (n-i) (n-2i) + ht (n-i) - hr i is positive, which holds up to one point and not beyond it.
    """
    bulge = 500.0 / a
    lift = bulge * step * step
    for k in range(used):
        block[_STIM_SCRATCH, k] = 0.0
        block[_SRIM_SCRATCH, k] = block[_N, k]
    for _ in range(halvings):
        for k in range(used):
            n = block[_N, k]
            ht = hts - block[_HST, k]
            hr = block[_HRS, k] - block[_HSR, k]
            low = block[_STIM_SCRATCH, k]
            high = block[_SRIM_SCRATCH, k]
            i = math.floor(0.5 * (low + high))
            rest = n - i
            rising = lift * i * rest * (rest - i) + ht * rest - hr * i > 0.0
            block[_STIM_SCRATCH, k] = i if rising else low
            block[_SRIM_SCRATCH, k] = high if rising else i
    for k in range(used):
        n = block[_N, k]
        d = block[_D, k]
        ht = hts - block[_HST, k]
        hr = block[_HRS, k] - block[_HSR, k]
        before = max(block[_STIM_SCRATCH, k], 1.0)
        after = min(block[_SRIM_SCRATCH, k], n - 1.0)
        square = max(
            _smooth_signed_square(before, n, ht, hr, bulge, step),
            _smooth_signed_square(after, n, ht, hr, bulge, step),
        )
        stim = _steepest_smooth(ht, bulge, step, n)
        srim = _steepest_smooth(hr, bulge, step, n)
        block[row, k] = bullington_parameter(stim, srim, square, ht, hr, d, f)


# The bisection needs two rows that are free at that time.
_STIM_SCRATCH = _LOSS
_SRIM_SCRATCH = _HOBS


@kernel(arithmetic=FINITE)
def _close_block(
    s: Setting,
    block: NDArray[np.float64],
    used: int,
    step: float,
    hts: float,
    ground: float,
    with_beta: float,
) -> None:
    """Turn the searches' results of a block of receivers into losses."""
    for k in range(used):
        hstd, hsrd = lowered_smooth_earth(
            block[_HST, k], block[_HSR, k], block[_HOBS, k], block[_AOBT, k], block[_AOBR, k], ground,
            block[_GROUND, k],
        )  # fmt: skip
        # From here on the rows of the fitted surface hold it as diffraction sees it; ducting's stays in its
        # effective heights.
        block[_AOBT, k] = hts - min(block[_HST, k], ground)
        block[_AOBR, k] = block[_HRS, k] - min(block[_HSR, k], block[_GROUND, k])
        block[_HST, k] = hstd
        block[_HSR, k] = hsrd
    longest = 0.0
    for k in range(used):
        longest = max(longest, block[_N, k])
    halvings = 1
    while longest > 1.0:
        longest *= 0.5
        halvings += 1
    ae = effective_earth_radius(s.dn)
    _close_smooth_path(block, _SMOOTH_50, used, halvings, step, hts, ground, ae, s.f)
    if with_beta > 0.5:
        _close_smooth_path(
            block, _SMOOTH_BETA, used, halvings, step, hts, ground, effective_earth_radius_beta(), s.f
        )
        for k in range(used):
            block[_LOSS, k] = _close_receiver(s, block, k, hts, 1.0)
    else:
        for k in range(used):
            block[_LOSS, k] = _close_receiver(s, block, k, hts, 0.0)


@inlined(arithmetic=FINITE)
def _close_receiver(s: Setting, block: NDArray[np.float64], k: int, hts: float, with_beta: float) -> float:
    d = block[_D, k]
    hrs = block[_HRS, k]
    nu_50 = bullington_parameter(
        block[_STIM_50, k], block[_SRIM_50, k], block[_SQUARE_50, k], hts, hrs, d, s.f
    )
    nu_beta = 0.0
    if with_beta > 0.5:
        nu_beta = bullington_parameter(
            block[_STIM_BETA, k], block[_SRIM_BETA, k], block[_SQUARE_BETA, k], hts, hrs, d, s.f
        )
    geometry = Geometry(
        d, hts, hrs, block[_HST, k], block[_HSR, k], block[_AOBT, k], block[_AOBR, k], block[_HM, k],
        block[_DLT, k], block[_DLR, k], block[_TAN_T, k], block[_TAN_R, k], nu_50, nu_beta, block[_SMOOTH_50, k],
        block[_SMOOTH_BETA, k],
    )  # fmt: skip
    return combine(
        s, geometry, block[_OMEGA, k], block[_DTM, k], block[_DLM, k], block[_DCT, k], block[_DCR, k],
        block[_LATITUDE, k], block[_ON_SEA, k], with_beta,
    ).lb  # fmt: skip


@kernel(arithmetic=FINITE)
def _sweep(
    s: Setting,
    step: float,
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    zone: NDArray[np.int8],
    htg: float,
    hrg: float,
    latitude: NDArray[np.float64],
    loss: NDArray[np.float64],
) -> None:
    """Fill ``loss`` [dB] from the third point on; see ``sweep_radial``."""
    count = h.size
    ae = effective_earth_radius(s.dn)
    bulge_50 = 500.0 / ae
    bulge_beta = 500.0 / effective_earth_radius_beta()
    half_curve = 0.5 / ae
    hts = h[0] + htg
    ground = h[0]
    beta = s.p != 50.0
    with_beta = 1.0 if beta else 0.0

    # One flat scratch, cut into rows.
    scratch = np.empty((6, count))
    x = scratch[0]
    bare = scratch[1]  # ground lowered by curvature
    over_50 = scratch[2]  # ground and clutter lowered by curvature, median and beta0 radius
    over_beta = scratch[3]
    from_t = scratch[4]  # 1 / distance
    reversed_from_t = scratch[5]
    hulls = np.empty((4, count), np.int32)
    flat_hull = hulls[0]
    bare_hull = hulls[1]
    hull_50 = hulls[2]
    hull_beta = hulls[3]
    flat_top = -1
    bare_top = -1
    top_50 = -1
    top_beta = -1
    cluttered = False
    for i in range(count):
        x[i] = step * i
        square = x[i] * x[i]
        bare[i] = h[i] - bulge_50 * square
        over_50[i] = bare[i] + r[i]
        over_beta[i] = h[i] + r[i] - bulge_beta * square
        if r[i] != 0.0:
            cluttered = True
    for i in range(1, count):
        from_t[i] = 1.0 / x[i]
        reversed_from_t[count - i] = from_t[i]
    from_t[0] = 0.0
    reversed_from_t[0] = 0.0

    v1 = 0.0
    v2 = 0.0
    stim_50 = _LOWEST
    stim_beta = _LOWEST
    flat_stim = _LOWEST
    tan_t = _LOWEST
    tan_at_horizon = _LOWEST
    horizon = 1

    # Zones: finished runs, and the run that reaches the newest point.
    sea_total = 0.0
    land_run = 0.0
    inland_run = 0.0
    longest_land = 0.0
    longest_inland = 0.0
    first_sea = -1
    last_sea = -1
    if zone[0] == SEA:
        first_sea = 0
        last_sea = 0

    block = np.empty((_FIELDS, BLOCK))
    used = 0
    block_start = 2
    half = 0.5 * step
    for n in range(1, count):
        # The ground half way to the newest point still counts for the one before it.
        if zone[n - 1] == SEA:
            sea_total += half
            land_run = 0.0
        else:
            land_run += half
        inland_run = inland_run + half if zone[n - 1] == INLAND else 0.0
        longest_land = max(longest_land, land_run)
        longest_inland = max(longest_inland, inland_run)
        # Then the newest point's own half. (A run broken here starts again.)
        if zone[n] == SEA:
            sea_total += half
            land_run = 0.0
            last_sea = n
            if first_sea < 0:
                first_sea = n
        else:
            land_run += half
        inland_run = inland_run + half if zone[n] == INLAND else 0.0
        longest_land = max(longest_land, land_run)
        longest_inland = max(longest_inland, inland_run)

        v1 += step * (h[n] + h[n - 1])
        v2 += step * (h[n] * (2.0 * x[n] + x[n - 1]) + h[n - 1] * (x[n] + 2.0 * x[n - 1]))
        if n >= 2:
            d = x[n]
            hrs = h[n] + hrg
            slope = (hrs - hts) / d
            line = slope * 1e-3 - d * half_curve
            # Where the table of reciprocals, read backwards, starts for this receiver: 1/(x[n]-x[i]).
            from_r = reversed_from_t[count - n :]
            hst = (2.0 * v1 * d - v2) / (d * d)
            hsr = (v2 - v1 * d) / (d * d)
            low_t = min(hst, ground)
            low_r = min(hsr, h[n])
            smooth_slope = (low_r - low_t) / d

            bare_square = _LOWEST
            if tan_t <= line:
                point = _last_of_clearance(x, bare, from_t, from_r, n, hts, slope - bulge_50 * d)
                block[_TAN_T, used] = line
                block[_TAN_R, used] = -slope * 1e-3 - d * half_curve
                block[_DLT, used] = x[point]
                block[_DLR, used] = d - x[point]
                block[_HM, used] = h[point] - (low_t + smooth_slope * x[point])
                c = bare[point] - hts - (slope - bulge_50 * d) * x[point]
                bare_square = c * abs(c) * (from_t[point] * from_r[point])
            else:
                at = _tangent(bare_hull, bare_top, x, bare, d, hrs - bulge_50 * d * d)
                i = bare_hull[at]
                tan_r = (h[i] - hrs) * 1e-3 / (d - x[i]) - (d - x[i]) * half_curve
                point = i
                while at < bare_top:
                    at += 1
                    i = bare_hull[at]
                    if (h[i] - hrs) * 1e-3 / (d - x[i]) - (d - x[i]) * half_curve < tan_r - ANGLE_TIE:
                        break
                    point = i
                block[_TAN_T, used] = tan_t
                block[_TAN_R, used] = tan_r
                block[_DLT, used] = x[horizon]
                block[_DLR, used] = d - x[point]
                block[_HM, used] = _highest_above(x, h, horizon, point, low_t, smooth_slope)

            block[_HOBS, used] = 0.0
            block[_AOBT, used] = 1.0
            block[_AOBR, used] = 1.0
            if flat_stim > slope:
                top = flat_hull[_extreme(flat_hull, flat_top, x, h, slope)]
                steepest = flat_hull[_tangent(flat_hull, flat_top, x, h, d, hrs)]
                block[_HOBS, used] = h[top] - hts - slope * x[top]
                block[_AOBT, used] = flat_stim - slope
                block[_AOBR, used] = (h[steepest] - hts - slope * x[steepest]) / (d - x[steepest])

            block[_STIM_50, used] = stim_50 + bulge_50 * d
            block[_SRIM_50, used] = 1.0
            block[_SQUARE_50, used] = 0.0
            if stim_50 + bulge_50 * d < slope:
                if cluttered or bare_square == _LOWEST:
                    bare_square = _clearance(x, over_50, from_t, from_r, n, hts, slope - bulge_50 * d)
                block[_SQUARE_50, used] = bare_square
            else:
                y = hrs - bulge_50 * d * d
                i = hull_50[_tangent(hull_50, top_50, x, over_50, d, y)]
                block[_SRIM_50, used] = (over_50[i] - y) / (d - x[i]) - bulge_50 * d
            if beta:
                block[_STIM_BETA, used] = stim_beta + bulge_beta * d
                block[_SRIM_BETA, used] = 1.0
                block[_SQUARE_BETA, used] = 0.0
                if stim_beta + bulge_beta * d < slope:
                    block[_SQUARE_BETA, used] = _clearance(
                        x, over_beta, from_t, from_r, n, hts, slope - bulge_beta * d
                    )
                else:
                    y = hrs - bulge_beta * d * d
                    i = hull_beta[_tangent(hull_beta, top_beta, x, over_beta, d, y)]
                    block[_SRIM_BETA, used] = (over_beta[i] - y) / (d - x[i]) - bulge_beta * d

            block[_D, used] = d
            block[_N, used] = n
            block[_HRS, used] = hrs
            block[_HST, used] = hst
            block[_HSR, used] = hsr
            block[_GROUND, used] = h[n]
            block[_OMEGA, used] = sea_total / d
            block[_DTM, used] = longest_land
            block[_DLM, used] = longest_inland
            block[_DCT, used] = x[first_sea] if first_sea >= 0 else NO_COAST_KM
            block[_DCR, used] = d - x[last_sea] if last_sea >= 0 else NO_COAST_KM
            block[_LATITUDE, used] = latitude[n]
            block[_ON_SEA, used] = 1.0 if zone[n] == SEA else 0.0
            used += 1
            if used == BLOCK or n == count - 1:
                _close_block(s, block, used, step, hts, ground, with_beta)
                for k in range(used):
                    loss[block_start + k] = block[_LOSS, k]
                block_start += used
                used = 0

        # The receiver's point now joins the ground that later receivers look across.
        flat_top = _push(flat_hull, flat_top, x, h, n)
        bare_top = _push(bare_hull, bare_top, x, bare, n)
        top_50 = _push(hull_50, top_50, x, over_50, n)
        if beta:
            top_beta = _push(hull_beta, top_beta, x, over_beta, n)
            stim_beta = max(stim_beta, (over_beta[n] - hts) * from_t[n])
        stim_50 = max(stim_50, (over_50[n] - hts) * from_t[n])
        flat_stim = max(flat_stim, (h[n] - hts) * from_t[n])
        tangent = (h[n] - hts) * 1e-3 / x[n] - x[n] * half_curve
        if tangent > tan_t:
            tan_t = tangent
            if tangent - ANGLE_TIE > tan_at_horizon:
                tan_at_horizon = tangent
                horizon = n


@kernel(arithmetic=FINITE)
def sweep_radial(
    s: Setting,
    step: float,
    h: NDArray[np.float64],
    r: NDArray[np.float64],
    zone: NDArray[np.int8],
    htg: float,
    hrg: float,
    latitude: NDArray[np.float64],
    loss: NDArray[np.float64],
) -> None:
    """Fill ``loss`` [dB] for a receiver at every point of a radial with the transmitter at its first.

    step: spacing [km]; h: ground [m]; r: clutter [m]; zone: codes; latitude: of the path centre of each
    receiver [deg]; all of one length, at least two. Distances to the coast are taken from the zones. The second
    point has no profile point before it and gets one half way, at mean height and without clutter; the first
    repeats the second.
    """
    _sweep(s, step, h, r, zone, htg, hrg, latitude, loss)
    next_door = np.empty(3)
    middle = np.array([h[0], 0.5 * (h[0] + h[1]), h[1]])
    kinds = np.array([zone[0], zone[1], zone[1]])
    latitudes = np.array([latitude[1], latitude[1], latitude[1]])
    _sweep(s, 0.5 * step, middle, np.zeros(3), kinds, htg, hrg, latitudes, next_door)
    loss[1] = next_door[2]
    loss[0] = loss[1]
