"""The Irregular Terrain Model (Longley-Rice), point to point: a second opinion, from another school than
P.1812.

Sources, with the equation numbers the comments use: Longley and Rice, ESSA Technical Report ERL 79-ITS 67
(1968); Rice et al., NBS Technical Note 101 (1967); Hufford, *The ITS Irregular Terrain Model, version 1.2.2:
The Algorithm* (1995). The constants are those of the public-domain implementation published by NTIA, whose
test data the tests hold it to. Units within: metres, MHz, radians, dB.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.kernels.compiling import FINITE, inlined, kernel


class Climate(IntEnum):
    """Radio climates of the model."""

    EQUATORIAL = 1
    CONTINENTAL_SUBTROPICAL = 2
    MARITIME_SUBTROPICAL = 3
    DESERT = 4
    CONTINENTAL_TEMPERATE = 5
    MARITIME_TEMPERATE_OVER_LAND = 6
    MARITIME_TEMPERATE_OVER_SEA = 7


class VariabilityMode(IntEnum):
    """How time, location and situation variability combine; +10 drops location, +20 situation variability."""

    SINGLE_MESSAGE = 0
    ACCIDENTAL = 1
    MOBILE = 2
    BROADCAST = 3


class LongleyRiceError(ValueError):
    """A parameter outside what the model takes."""


_EARTH_CURVATURE = 157e-9
_EARTH_RADIUS = 6370e3
_RADIUS_9000 = 9000e3

# Attenuation curves of the variability, one column per climate (The Algorithm, section 5, Table 5.1).
_MEDIAN = np.array(
    [
        [-9.67, -0.62, 1.26, -9.21, -0.62, -0.39, 3.15],
        [12.7, 9.19, 15.5, 9.05, 9.19, 2.86, 857.9],
        [144.9e3, 228.9e3, 262.6e3, 84.1e3, 228.9e3, 141.7e3, 2222e3],
        [190.3e3, 205.2e3, 185.2e3, 101.1e3, 205.2e3, 315.9e3, 164.8e3],
        [133.8e3, 143.6e3, 99.8e3, 98.6e3, 143.6e3, 167.4e3, 116.3e3],
    ]
)
_BELOW = np.array(
    [
        [2.13, 2.66, 6.11, 1.98, 2.68, 6.86, 8.51],
        [159.5, 7.67, 6.65, 13.11, 7.16, 10.38, 169.8],
        [762.2e3, 100.4e3, 138.2e3, 139.1e3, 93.7e3, 187.8e3, 609.8e3],
        [123.6e3, 172.5e3, 242.2e3, 132.7e3, 186.8e3, 169.6e3, 119.9e3],
        [94.5e3, 136.4e3, 178.6e3, 193.5e3, 133.5e3, 108.9e3, 106.6e3],
    ]
)
_ABOVE = np.array(
    [
        [2.11, 6.87, 10.08, 3.68, 4.75, 8.58, 8.43],
        [102.3, 15.53, 9.60, 159.3, 8.12, 13.97, 8.19],
        [636.9e3, 138.7e3, 165.3e3, 464.4e3, 93.2e3, 216.0e3, 136.2e3],
        [134.8e3, 143.7e3, 225.7e3, 93.1e3, 135.9e3, 152.0e3, 188.5e3],
        [95.6e3, 98.6e3, 129.7e3, 94.2e3, 113.4e3, 122.7e3, 122.9e3],
    ]
)
_TAIL_RATIO = np.array([1.224, 0.801, 1.380, 1.000, 1.224, 1.518, 1.518])
_TAIL_START = np.array([1.282, 2.161, 1.282, 20.0, 1.282, 1.282, 1.282])
_FREQUENCY_BELOW = np.array(
    [[1.0, 1.0, 1.0, 1.0, 0.92, 1.0, 1.0], [0, 0, 0, 0, 0.25, 0, 0], [0, 0, 0, 0, 1.77, 0, 0]]
)
_FREQUENCY_ABOVE = np.array(
    [[1.0, 0.93, 1.0, 0.93, 0.93, 1.0, 1.0], [0, 0.31, 0, 0.19, 0.31, 0, 0], [0, 2.0, 0, 1.79, 2.0, 0, 0]]
)


class _Link(NamedTuple):
    """What the searches over the profile hand to the attenuation functions."""

    f: float
    a: float  # effective Earth radius
    ns: float  # surface refractivity
    ground: complex  # ground impedance
    h_t: float
    h_r: float
    he_t: float  # effective heights
    he_r: float
    dl_t: float  # horizon distances
    dl_r: float
    theta_t: float  # horizon elevation angles
    theta_r: float
    delta_h: float  # terrain irregularity
    d: float

    # Sums used everywhere: both horizons, and both over the smooth Earth.
    dl: float
    dls: float
    theta_los: float


@kernel(arithmetic=FINITE)
def _horizons(
    z: NDArray[np.float64], step: float, a: float, h_t: float, h_r: float
) -> tuple[float, float, float, float]:
    last = z.size - 1
    d = last * step
    top_t = z[0] + h_t
    top_r = z[last] + h_r
    slope = (top_r - top_t) / d
    curve = d / (2.0 * a)
    theta_t, theta_r = slope - curve, -slope - curve
    dl_t, dl_r = d, d
    for i in range(1, last):
        x_t = i * step
        x_r = d - x_t
        angle = (z[i] - top_t) / x_t - x_t / (2.0 * a)
        if angle > theta_t:
            theta_t = angle
            dl_t = x_t
        angle = (z[i] - top_r) / x_r - x_r / (2.0 * a)
        if angle > theta_r:
            theta_r = angle
            dl_r = x_r
    return theta_t, theta_r, dl_t, dl_r


@kernel(arithmetic=FINITE)
def _straight_fit(z: NDArray[np.float64], start: float, end: float) -> tuple[float, float]:
    """Fit a line to z between two positions in steps; return its values at both ends of the whole profile."""
    last = z.size - 1
    first = int(max(start, 0.0))
    final = last - int(max(last - end, 0.0))
    if final <= first:
        first = max(first - 1, 0)
        final = last - max(last - (final + 1), 0)
    length = final - first
    offset = -0.5 * length
    middle = final + offset
    total = 0.5 * (z[first] + z[final])
    moment = 0.5 * (z[first] - z[final]) * offset
    for i in range(first + 1, final):
        offset += 1.0
        total += z[i]
        moment += z[i] * offset
    total /= length
    moment *= 12.0 / ((length * length + 2.0) * length)
    return total - moment * middle, total + moment * (last - middle)


@kernel(arithmetic=FINITE)
def _terrain_irregularity(z: NDArray[np.float64], step: float, start: float, end: float) -> float:
    """Return Delta h: the interdecile range about a straight fit, extrapolated to long paths (ERL 79-ITS 67, eq. 3)."""
    first = start / step
    final = end / step
    if final - first < 2.0:
        return 0.0
    tenth = min(max(4, int(0.1 * (final - first + 8.0))), 25)
    count = 10 * tenth - 5
    stride = (final - first) / (count - 1)
    s = np.empty(count)
    i = int(first)
    place = first - (i + 1.0)
    for j in range(count):
        while place > 0.0 and i + 1 < z.size - 1:
            place -= 1.0
            i += 1
        s[j] = z[i + 1] + (z[i + 1] - z[i]) * place
        place += stride
    left, right = _straight_fit(s, 0.0, count - 1.0)
    slope = (right - left) / (count - 1)
    for j in range(count):
        s[j] -= left + slope * j
    s.sort()
    spread = s[count - tenth] - s[tenth - 1]
    return float(spread / (1.0 - 0.8 * math.exp(-(end - start) / 50e3)))


@inlined(arithmetic=FINITE)
def _smooth_horizon(height: float, a: float, delta_h: float) -> float:
    return math.sqrt(2.0 * height * a) * math.exp(-0.07 * math.sqrt(delta_h / max(height, 5.0)))


@kernel(arithmetic=FINITE)
def _survey(
    z: NDArray[np.float64],
    step: float,
    f: float,
    a: float,
    ns: float,
    ground: complex,
    h_t: float,
    h_r: float,
) -> _Link:
    """Reduce a profile to what the model needs of it."""
    d = (z.size - 1) * step
    theta_t, theta_r, dl_t, dl_r = _horizons(z, step, a, h_t, h_r)
    start = min(15.0 * h_t, 0.1 * dl_t)
    end = d - min(15.0 * h_r, 0.1 * dl_r)
    delta_h = _terrain_irregularity(z, step, start, end)
    if dl_t + dl_r > 1.5 * d:  # clearly within line of sight: horizons are those of a smooth Earth
        left, right = _straight_fit(z, start / step, end / step)
        he_t = h_t + max(z[0] - left, 0.0)
        he_r = h_r + max(z[z.size - 1] - right, 0.0)
        dl_t = _smooth_horizon(he_t, a, delta_h)
        dl_r = _smooth_horizon(he_r, a, delta_h)
        if dl_t + dl_r <= d:
            q = (d / (dl_t + dl_r)) ** 2
            he_t *= q
            he_r *= q
            dl_t = _smooth_horizon(he_t, a, delta_h)
            dl_r = _smooth_horizon(he_r, a, delta_h)
        q = math.sqrt(2.0 * he_t * a)
        theta_t = (0.65 * delta_h * (q / dl_t - 1.0) - 2.0 * he_t) / q
        q = math.sqrt(2.0 * he_r * a)
        theta_r = (0.65 * delta_h * (q / dl_r - 1.0) - 2.0 * he_r) / q
    else:
        left, _ = _straight_fit(z, start / step, 0.9 * dl_t / step)
        _, right = _straight_fit(z, (d - 0.9 * dl_r) / step, end / step)
        he_t = h_t + max(z[0] - left, 0.0)
        he_r = h_r + max(z[z.size - 1] - right, 0.0)
    dl = dl_t + dl_r
    dls = math.sqrt(2.0 * he_t * a) + math.sqrt(2.0 * he_r * a)
    theta_los = -max(theta_t + theta_r, -dl / a)
    return _Link(
        f, a, ns, ground, h_t, h_r, he_t, he_r, dl_t, dl_r, theta_t, theta_r, delta_h, d, dl, dls, theta_los
    )


@inlined(arithmetic=FINITE)
def _roughness_at(delta_h: float, d: float) -> float:
    return delta_h * (1.0 - 0.8 * math.exp(-d / 50e3))


@inlined(arithmetic=FINITE)
def _height_deviation(delta_h: float) -> float:
    """Return sigma_h(d) [m] (ERL 79-ITS 67, eq. 3.6a)."""
    return 0.78 * delta_h * math.exp(-0.5 * math.sqrt(math.sqrt(delta_h)))


@inlined(arithmetic=FINITE)
def _knife_edge(square: float) -> float:
    """Return the Fresnel loss of v^2 (TN 101, eq. III.24)."""
    if square < 5.76:
        return 6.02 + 9.11 * math.sqrt(square) - 1.27 * square
    return 12.953 + 10.0 * math.log10(square)


@kernel(arithmetic=FINITE)
def _height_function(x: float, k: float) -> float:
    """Return F(x, K) of the smooth-Earth series (The Algorithm, section 6)."""
    if x < 200.0:
        w = -math.log(k)
        if k < 1e-5 or x * w**3 > 5495.0:
            return -117.0 + (17.372 * math.log(x) if x > 1.0 else 0.0)
        return 2.5e-5 * x * x / k - 8.686 * w - 15.0
    far = 0.05751 * x - 4.343 * math.log(x)
    if x < 2000.0:
        w = 0.0134 * x * math.exp(-0.005 * x)
        return (1.0 - w) * far + w * (17.372 * math.log(x) - 117.0)
    return far


@kernel(arithmetic=FINITE)
def _smooth_earth_loss(link: _Link, d: float) -> float:
    """Return the loss round the smooth Earth by the three-radii method (Vogler 1964)."""
    angle = d / link.a - link.theta_los
    radius = (
        (d - link.dl) / angle,
        0.5 * link.dl_t**2 / link.he_t,
        0.5 * link.dl_r**2 / link.he_r,
    )
    span = (radius[0] * angle, link.dl_t, link.dl_r)
    third_f = link.f ** (1.0 / 3.0)
    x = np.empty(3)
    k = np.empty(3)
    for i in range(3):
        c = (4.0 / 3.0 * _EARTH_RADIUS / radius[i]) ** (1.0 / 3.0)
        k[i] = 0.017778 * c / (third_f * abs(link.ground))
        x[i] = (1.607 - k[i]) * c * c * third_f * span[i] * 1e-3
    total = x[0] + x[1] + x[2]
    distance_term = 0.05751 * total - 10.0 * math.log10(total)
    return float(distance_term - _height_function(x[1], k[1]) - _height_function(x[2], k[2]) - 20.0)


@kernel(arithmetic=FINITE)
def _diffraction_loss(link: _Link, d: float) -> float:
    """Return the diffraction loss at distance d: smooth Earth and two knife edges, weighted by roughness."""
    angle = d / link.a - link.theta_los
    beyond = d - link.dl
    common = 0.0795775 * (link.f / 47.7) * angle * angle * beyond
    edges = _knife_edge(common * link.dl_t / (beyond + link.dl_t)) + _knife_edge(
        common * link.dl_r / (beyond + link.dl_r)
    )
    deviation = _height_deviation(_roughness_at(link.delta_h, link.dls))
    clutter = min(15.0, 5.0 * math.log10(1.0 + 1e-5 * link.h_t * link.h_r * link.f * deviation))
    product = link.h_t * link.h_r
    excess = link.he_t * link.he_r - product
    # eq. 3.23; the 10 m2 in the denominator is point-to-point's
    root = math.sqrt(1.0 + excess / (product + 10.0))
    q = (root + (-link.theta_los * link.a + link.dl) / d) * min(
        _roughness_at(link.delta_h, d) * link.f / 47.7, 6283.2
    )
    w = 25.1 / (25.1 + math.sqrt(q))
    return w * _smooth_earth_loss(link, d) + (1.0 - w) * edges + clutter


@kernel(arithmetic=FINITE)
def _line_of_sight_loss(link: _Link, d: float, slope: float, intercept: float) -> float:
    """Return the two-ray loss at d, blended with the diffraction line (ERL 79-ITS 67, section 3.2)."""
    wave = link.f / 47.7
    deviation = _height_deviation(_roughness_at(link.delta_h, d))
    height = link.he_t + link.he_r
    sin_psi = height / math.sqrt(d * d + height * height)
    reflection = (
        (sin_psi - link.ground) / (sin_psi + link.ground) * math.exp(-min(10.0, wave * deviation * sin_psi))
    )
    q = reflection.real**2 + reflection.imag**2
    if q < 0.25 or q < sin_psi:
        reflection *= math.sqrt(sin_psi / q)
    phase = wave * 2.0 * link.he_t * link.he_r / d
    if phase > 0.5 * math.pi:
        phase = math.pi - (0.5 * math.pi) ** 2 / phase
    sum_of_rays = complex(math.cos(phase), -math.sin(phase)) + reflection
    two_ray = -10.0 * math.log10(sum_of_rays.real**2 + sum_of_rays.imag**2)
    w = 1.0 / (1.0 + link.f * link.delta_h / max(10e3, link.dls))
    return w * two_ray + (1.0 - w) * (slope * d + intercept)


@inlined(arithmetic=FINITE)
def _frequency_gain_curve(j: int, r: float) -> float:
    a = (25.0, 80.0, 177.0, 395.0, 705.0)
    b = (24.0, 45.0, 68.0, 80.0, 105.0)
    return 10.0 * math.log10(1.0 + a[j] / r**4 + b[j] / r**2)


@kernel(arithmetic=FINITE)
def _frequency_gain(r: float, eta: float) -> float:
    """Return H0(r, eta) between the two nearest curves (TN 101, eq. III.49)."""
    eta = min(max(eta, 1.0), 5.0)
    i = int(eta)
    share = eta - i
    value = _frequency_gain_curve(i - 1, r)
    if share != 0.0:
        value = (1.0 - share) * value + share * _frequency_gain_curve(i, r)
    return value


@kernel(arithmetic=FINITE)
def _attenuation_function(td: float) -> float:
    """Return F(theta d) (The Algorithm, eq. 6.9)."""
    if td <= 10e3:
        return 133.4 + 0.332e-3 * td - 10.0 * math.log10(td)
    if td <= 70e3:
        return 104.6 + 0.212e-3 * td - 2.5 * math.log10(td)
    return 71.8 + 0.157e-3 * td + 5.0 * math.log10(td)


@kernel(arithmetic=FINITE)
def _troposcatter_loss(link: _Link, d: float, gain: float) -> tuple[float, float]:
    """Return the troposcatter loss at d and the frequency gain it used; 1001 where it is not defined.

    ``gain`` is that of an earlier distance, or negative: once above 15 dB it is kept.
    """
    wave = link.f / 47.7
    if gain <= 15.0:
        shift = link.dl_t - link.dl_r
        ratio = link.he_r / link.he_t
        if shift < 0.0:
            shift = -shift
            ratio = 1.0 / ratio
        theta = link.theta_t + link.theta_r + d / link.a
        r_1 = 2.0 * wave * theta * link.he_t
        r_2 = 2.0 * wave * theta * link.he_r
        if r_1 < 0.2 and r_2 < 0.2:
            return 1001.0, gain
        asymmetry = (d - shift) / (d + shift)
        q = min(max(0.1, ratio / asymmetry), 10.0)
        asymmetry = max(0.1, asymmetry)
        crossing = (d - shift) * (d + shift) * theta * 0.25 / d
        eta = (crossing / 1.7556e3) * (
            1.0
            + (0.031 - link.ns * 2.32e-3 + link.ns**2 * 5.67e-6)
            * math.exp(-(min(1.7, crossing / 8.0e3) ** 6))
        )
        mean = 0.5 * (_frequency_gain(r_1, eta) + _frequency_gain(r_2, eta))
        skew = 6.0 * (0.6 - math.log10(max(eta, 1.0))) * math.log10(asymmetry) * math.log10(q)
        found = max(mean + min(mean, skew), 0.0)
        if eta < 1.0:
            root = math.sqrt(2.0)
            special = 10.0 * math.log10(
                ((1.0 + root / r_1) * (1.0 + root / r_2)) ** 2 * (r_1 + r_2) / (r_1 + r_2 + 2.0 * root)
            )
            found = eta * found + (1.0 - eta) * special
        if found > 15.0 and gain >= 0.0:
            found = gain
        gain = found
    angle = d / link.a - link.theta_los
    loss = (
        _attenuation_function(angle * d)
        + 10.0 * math.log10(wave * 47.7 * angle**4)
        - 0.1 * (link.ns - 301.0) * math.exp(-angle * d / 40e3)
        + gain
    )
    return loss, gain


@kernel(arithmetic=FINITE)
def _reference_attenuation(link: _Link) -> float:
    """Return the attenuation below free space: line of sight, diffraction or scatter, joined continuously."""
    step = (link.a * link.a / link.f) ** (1.0 / 3.0)
    d_3 = max(link.dls, link.dl + 5.0 * step)
    d_4 = d_3 + 10.0 * step
    loss_3 = _diffraction_loss(link, d_3)
    slope = (_diffraction_loss(link, d_4) - loss_3) / (d_4 - d_3)
    intercept = loss_3 - slope * d_3
    if link.d < link.dls:
        return max(_within_horizon(link, slope, intercept), 0.0)
    d_5 = link.dl + 200e3
    loss_6, gain = _troposcatter_loss(link, link.dl + 400e3, -1.0)
    loss_5, _ = _troposcatter_loss(link, d_5, gain)
    if loss_5 < 1000.0:
        scatter_slope = (loss_6 - loss_5) / 200e3
        change = max(
            max(link.dls, link.dl + 1.088 * step * math.log(link.f)),
            (loss_5 - intercept - scatter_slope * d_5) / (slope - scatter_slope),
        )
        if link.d > change:
            return float(max(scatter_slope * link.d + (slope - scatter_slope) * change + intercept, 0.0))
    return float(max(slope * link.d + intercept, 0.0))


@kernel(arithmetic=FINITE)
def _within_horizon(link: _Link, slope: float, intercept: float) -> float:
    """Return the line-of-sight attenuation K0 + K1 d + K2 log d (ERL 79-ITS 67, eq. 3.16)."""
    end_loss = link.dls * slope + intercept
    d_0 = 0.04 * link.f * link.he_t * link.he_r
    if intercept >= 0.0:
        d_0 = min(d_0, 0.5 * link.dl)
        d_1 = d_0 + 0.25 * (link.dl - d_0)
    else:
        d_1 = max(-intercept / slope, 0.25 * link.dl)
    loss_1 = _line_of_sight_loss(link, d_1, slope, intercept)
    k_1 = 0.0
    k_2 = 0.0
    settled = False
    if d_0 < d_1:
        loss_0 = _line_of_sight_loss(link, d_0, slope, intercept)
        q = math.log(link.dls / d_0)
        k_2 = max(
            0.0,
            ((link.dls - d_0) * (loss_1 - loss_0) - (d_1 - d_0) * (end_loss - loss_0))
            / ((link.dls - d_0) * math.log(d_1 / d_0) - (d_1 - d_0) * q),
        )
        settled = intercept > 0.0 or k_2 > 0.0
        if settled:
            k_1 = (end_loss - loss_0 - k_2 * q) / (link.dls - d_0)
            if k_1 < 0.0:
                k_1 = 0.0
                k_2 = max(end_loss - loss_0, 0.0) / q
                if k_2 == 0.0:
                    k_1 = slope
    if not settled:
        k_1 = max(end_loss - loss_1, 0.0) / (link.dls - d_1)
        k_2 = 0.0
        if k_1 == 0.0:
            k_1 = slope
    return end_loss + k_1 * (link.d - link.dls) + k_2 * math.log(link.d / link.dls)


@inlined(arithmetic=FINITE)
def _curve(table: NDArray[np.float64], climate: int, d: float) -> float:
    scaled = (d / table[2, climate]) ** 2
    bump = 1.0 + ((d - table[3, climate]) / table[4, climate]) ** 2
    return float((table[0, climate] + table[1, climate] / bump) * scaled / (1.0 + scaled))


@inlined(arithmetic=FINITE)
def _frequency_factor(table: NDArray[np.float64], climate: int, q: float) -> float:
    return float(table[0, climate] + table[1, climate] / ((table[2, climate] * q) ** 2 + 1.0))


@kernel(arithmetic=FINITE)
def _deviate(share: float) -> float:
    """Return the standard normal deviate exceeded with this probability (Abramowitz and Stegun 26.2.23)."""
    tail = min(share, 1.0 - share)
    t = math.sqrt(-2.0 * math.log(tail))
    value = t - ((0.010328 * t + 0.802853) * t + 2.515516) / (
        ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    )
    return value if share <= 0.5 else -value


@kernel(arithmetic=FINITE)
def _with_variability(
    link: _Link, reference: float, climate: int, mode: int, time: float, location: float, situation: float
) -> float:
    """Return the attenuation exceeded by no more than the shares asked for (The Algorithm, section 5)."""
    c = climate - 1
    wave = link.f / 47.7
    z_t, z_l, z_s = _deviate(time), _deviate(location), _deviate(situation)
    extra = (
        math.sqrt(2.0 * _RADIUS_9000 * link.he_t)
        + math.sqrt(2.0 * _RADIUS_9000 * link.he_r)
        + (575.7e12 / wave) ** (1.0 / 3.0)
    )
    d = 130e3 * link.d / extra if link.d < extra else 130e3 + link.d - extra
    without_situation = mode >= 20
    mode = mode % 20
    without_location = mode >= 10
    mode = mode % 10
    sigma_s = 0.0 if without_situation else 5.0 + 3.0 * math.exp(-d / 100e3)
    rough = wave * _roughness_at(link.delta_h, link.d)
    sigma_l = 0.0 if without_location else 10.0 * rough / (rough + 13.0)
    if mode == 0:
        z_t = z_s
        z_l = z_s
    elif mode == 1:
        z_l = z_s
    elif mode == 2:
        z_l = z_t
    q = math.log(0.133 * wave)
    above = _curve(_ABOVE, c, d) * _frequency_factor(_FREQUENCY_ABOVE, c, q)
    if z_t < 0.0:
        sigma_t = _curve(_BELOW, c, d) * _frequency_factor(_FREQUENCY_BELOW, c, q)
    elif z_t <= _TAIL_START[c]:
        sigma_t = above
    else:
        tail = _TAIL_RATIO[c] * above
        sigma_t = tail + (above - tail) * _TAIL_START[c] / z_t
    y_t = sigma_t * z_t
    y_l = sigma_l * z_l
    spread = sigma_s**2 + y_t**2 / (7.8 + z_s**2) + y_l**2 / (24.0 + z_s**2)
    if mode == 0:
        known = 0.0
        spread += sigma_t**2 + sigma_l**2
    elif mode == 1:
        known = y_t
        spread += sigma_l**2
    elif mode == 2:
        known = math.sqrt(sigma_t**2 + sigma_l**2) * z_t
    else:
        known = y_t + y_l
    loss = reference - _curve(_MEDIAN, c, d) - known - math.sqrt(spread) * z_s
    if loss < 0.0:
        loss = loss * (29.0 - loss) / (29.0 - 10.0 * loss)
    return loss


@kernel(arithmetic=FINITE)
def _point_to_point(
    z: NDArray[np.float64], step: float, f: float, n0: float, vertical: bool, permittivity: float,
    conductivity: float, h_t: float, h_r: float, climate: int, mode: int, time: float, location: float,
    situation: float,
) -> float:  # fmt: skip
    last = z.size - 1
    tenth = int(0.1 * last)
    system_height = z[tenth : last - tenth + 1].mean()
    ns = n0 * math.exp(-system_height / 9460.0)  # TN 101, eq. 4.3
    a = 1.0 / (_EARTH_CURVATURE * (1.0 - 0.04665 * math.exp(ns / 179.3)))  # TN 101, eq. 4.4
    epsilon = complex(permittivity, 18000.0 * conductivity / f)
    ground = (epsilon - 1.0) ** 0.5
    if vertical:
        ground /= epsilon
    link = _survey(z, step, f, a, ns, ground, h_t, h_r)
    attenuation = _with_variability(
        link, _reference_attenuation(link), climate, mode, time, location, situation
    )
    return attenuation + 32.45 + 20.0 * math.log10(f * link.d * 1e-3)


def longley_rice_loss(
    height: ArrayLike,
    spacing: float,
    *,
    frequency: float,
    transmitter_height: float,
    receiver_height: float,
    polarization: Literal["horizontal", "vertical"] = "vertical",
    n0: float = 301.0,
    permittivity: float = 15.0,
    conductivity: float = 0.005,
    climate: Climate = Climate.EQUATORIAL,
    mode: int = VariabilityMode.BROADCAST,
    time: float = 50.0,
    location: float = 50.0,
    situation: float = 50.0,
) -> float:
    """Return the basic transmission loss [dB] of a path by the Irregular Terrain Model.

    Parameters
    ----------
    height
        Ground above sea level at evenly spaced points from transmitter to receiver [m], shape (points,).
    spacing
        Distance between points [m].
    frequency
        [MHz], 20 to 20,000.
    transmitter_height, receiver_height
        Antennas above ground [m], 0.5 to 3000.
    n0
        Refractivity reduced to sea level [N-units], 250 to 400.
    permittivity, conductivity
        Of the ground; conductivity [S/m].
    mode
        ``VariabilityMode``, plus 10 and 20 to drop location and situation variability.
    time, location, situation
        Percentages, above 0 and below 100.

    Raises
    ------
    LongleyRiceError
        Naming the parameter.
    """
    z = np.ascontiguousarray(height, dtype=np.float64)
    checks = (
        ("frequency", frequency, 20.0, 20_000.0),
        ("transmitter_height", transmitter_height, 0.5, 3000.0),
        ("receiver_height", receiver_height, 0.5, 3000.0),
        ("n0", n0, 250.0, 400.0),
        ("time", time, 1e-3, 99.999),
        ("location", location, 1e-3, 99.999),
        ("situation", situation, 1e-3, 99.999),
        ("spacing", spacing, 1e-3, 1e6),
    )
    for name, value, low, high in checks:
        if not low <= value <= high:
            raise LongleyRiceError(f"{name} is {value:g}; expected {low:g} to {high:g}")
    if z.ndim != 1 or z.size < 3 or not np.isfinite(z).all():
        raise LongleyRiceError("height must hold at least three finite values along one path")
    return float(
        _point_to_point(
            z, float(spacing), float(frequency), float(n0), polarization == "vertical", float(permittivity),
            float(conductivity), float(transmitter_height), float(receiver_height), int(climate), int(mode),
            time / 100.0, location / 100.0, situation / 100.0,
        )
    )  # fmt: skip
