"""Delta-Bullington diffraction: a knife edge over the terrain, corrected by the curved Earth below it.

Recommendation ITU-R P.1812-6, Annex 1, section 4.3. The searches over the profile (which edge, which horizon)
live with the profile; here is what the found edge costs.
"""

from __future__ import annotations

import math

from lumbung.kernels.compiling import FINITE, inlined
from lumbung.kernels.elementary import acos, exp, log, log10, sin_small

# Relative permittivity and conductivity [S/m] of ground and sea, section 4.3.3.
_LAND = (22.0, 0.003)
_SEA = (80.0, 5.0)


@inlined(arithmetic=FINITE)
def wavelength(f: float) -> float:
    """Return the wavelength [m] at f [GHz] with the Recommendation's rounded speed of light."""
    return 0.2998 / f


@inlined(arithmetic=FINITE)
def bullington_loss(nu: float, d: float) -> float:
    """Return the Bullington loss [dB] of an edge with parameter nu on a path of d [km], equations (12) and (21)."""
    a = nu - 0.1
    j = 6.9 + 20.0 * log10(max(math.sqrt(a * a + 1.0) + a, 1e-300))
    luc = j if nu > -0.78 else 0.0
    return luc + (1.0 - exp(luc * (-1.0 / 6.0))) * (10.0 + 0.02 * d)


@inlined(arithmetic=FINITE)
def _height_gain(b: float, floor: float) -> float:
    """Return G(Y) [dB], equation (35), not below 2 + 20 log K."""
    high = b > 2.0
    excess = max(b - 1.1, 0.5)
    argument = excess if high else b + 0.1 * b * b * b
    logarithm = log10(argument)
    g = 17.6 * math.sqrt(excess) - 5.0 * logarithm - 8.0 if high else 20.0 * logarithm
    return max(g, floor)


@inlined(arithmetic=FINITE)
def _first_term_over(
    permittivity: float,
    conductivity: float,
    vertical: float,
    f: float,
    a: float,
    d: float,
    ht: float,
    hr: float,
) -> float:
    """Return the first-term spherical-Earth loss [dB] over one kind of ground, equations (29) to (36)."""
    third_log_a = log(a) * (1.0 / 3.0)
    third_log_f = log(f) * (1.0 / 3.0)
    imaginary = 18.0 * conductivity / f
    real = permittivity - 1.0
    horizontal_k = (
        0.036 * exp(-third_log_a - third_log_f) / math.sqrt(math.sqrt(real * real + imaginary * imaginary))
    )
    k = horizontal_k * (
        math.sqrt(permittivity * permittivity + imaginary * imaginary) if vertical > 0.5 else 1.0
    )
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88 * beta * exp(third_log_f - 2.0 * third_log_a) * d
    to_y = 0.9575 * beta * exp(2.0 * third_log_f - third_log_a)
    log_x = log(x)
    far = 11.0 + log_x * (10.0 / math.log(10.0)) - 17.6 * x
    near = log_x * (-20.0 / math.log(10.0)) - 5.6488 * exp(1.425 * log_x)
    fx = far if x >= 1.6 else near
    floor = 2.0 + 20.0 * log10(k)
    return -fx - _height_gain(beta * to_y * ht, floor) - _height_gain(beta * to_y * hr, floor)


@inlined(arithmetic=FINITE)
def first_term_loss(
    f: float, vertical: float, a: float, d: float, ht: float, hr: float, omega: float
) -> float:
    """Return the first-term spherical-Earth loss [dB] over land and sea in the shares of the path, equation (28)."""
    land = _first_term_over(22.0, 0.003, vertical, f, a, d, ht, hr)
    sea = _first_term_over(80.0, 5.0, vertical, f, a, d, ht, hr)
    return omega * sea + (1.0 - omega) * land


@inlined(arithmetic=FINITE)
def spherical_earth_loss(
    f: float, vertical: float, a: float, d: float, ht: float, hr: float, omega: float
) -> float:
    """Return the spherical-Earth diffraction loss [dB], section 4.3.2.

    Within the line of sight of the smooth Earth the first-term loss is taken at the radius that would put the
    path at grazing, and fades out as the clearance reaches what is needed for none, equations (22) to (27).
    """
    root_sum = math.sqrt(ht) + math.sqrt(hr)
    line_of_sight = math.sqrt(0.002 * a) * root_sum
    beyond = d >= line_of_sight
    total = ht + hr
    c = (ht - hr) / total
    m = 250.0 * d * d / (a * total)
    m1 = m + 1.0
    angle = acos(1.5 * c * math.sqrt(3.0 * m / (m1 * m1 * m1)))
    # cos(pi/3 + angle/3) written as a sine of a small angle
    b = 2.0 * math.sqrt(m1 / (3.0 * m)) * sin_small(math.pi / 6.0 - angle * (1.0 / 3.0))
    d1 = 0.5 * d * (1.0 + b)
    d2 = d - d1
    clearance = ((ht - 500.0 * d1 * d1 / a) * d2 + (hr - 500.0 * d2 * d2 / a) * d1) / d
    needed = 17.456 * math.sqrt(max(d1 * d2 * wavelength(f) / d, 1e-300))
    grazing = d / root_sum
    radius = a if beyond else 500.0 * grazing * grazing
    first = first_term_loss(f, vertical, radius, d, ht, hr, omega)
    faded = 0.0 if clearance > needed else (1.0 - clearance / needed) * max(first, 0.0)
    return first if beyond else faded


@inlined(arithmetic=FINITE)
def delta_bullington_loss(actual: float, smooth: float, spherical: float) -> float:
    """Return the diffraction loss of the general path [dB], equation (39)."""
    return actual + max(spherical - smooth, 0.0)
