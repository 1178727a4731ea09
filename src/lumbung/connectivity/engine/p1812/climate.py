"""Radio climate of a path: anomalous propagation, zones, effective Earth radius, and the middle of the path.

Recommendation ITU-R P.1812-6 (09/2021), Annex 1, section 3. The equation numbers in this package are those of
that edition, whose validation set and logs the tests hold it to.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import FINITE, inlined, kernel
from lumbung.kernels.elementary import exp, exp10, log, power

SEA, COASTAL, INLAND = 1, 3, 4

EARTH_RADIUS_KM = 6371.0
NO_COAST_KM = 500.0
"""Distance to the coast where there is none on the path (the value of the ITU validation set)."""


class Setting(NamedTuple):
    """What all paths of one calculation share.

    f: frequency [GHz]; p: percentage of time; vertical: 1.0 for vertical polarisation, 0.0 for horizontal;
    dn: refractivity lapse rate DN [N-units/km]; n0: sea-level surface refractivity N0 [N-units];
    location_loss: -I(pL/100) sigma_L [dB], equation (65), added where the receiver is on land.
    """

    f: float
    p: float
    vertical: float
    dn: float
    n0: float
    location_loss: float


class Zones(NamedTuple):
    """What the zone codes along a path amount to (P.1812-6, sections 3.2 and 3.6, Table 3).

    omega: fraction over the sea; dtm: longest continuous land, inland or coastal [km]; dlm: longest
    continuous inland [km]; dct, dcr: distance over land from transmitter and receiver to the coast [km].
    """

    omega: float
    dtm: float
    dlm: float
    dct: float
    dcr: float


@inlined(arithmetic=FINITE)
def effective_earth_radius(dn: float) -> float:
    """Return the median effective Earth radius ae [km], equations (6) and (7a)."""
    return EARTH_RADIUS_KM * 157.0 / (157.0 - dn)


@inlined(arithmetic=FINITE)
def effective_earth_radius_beta() -> float:
    """Return the effective Earth radius exceeded for beta0 percent of time [km], equation (7b): k = 3."""
    return EARTH_RADIUS_KM * 3.0


@inlined(arithmetic=FINITE)
def inland_tau(dlm: float) -> float:
    """Return tau, equation (3), from the longest continuous inland section [km]."""
    return 1.0 - exp(-4.12e-4 * power(max(dlm, 1e-30), 2.41))


@inlined(arithmetic=FINITE)
def beta0(latitude: float, dtm: float, tau: float) -> float:
    """Return the point incidence of anomalous propagation [%], equations (2), (4), (5)."""
    phi = abs(latitude)
    mu1 = min(power(exp10(-dtm / (16.0 - 6.6 * tau)) + exp10(-5.0 * (0.496 + 0.354 * tau)), 0.2), 1.0)
    low = phi <= 70.0
    mu4 = power(mu1, (-0.935 + 0.0176 * phi) if low else 0.3)
    return exp10((-0.015 * phi + 1.67) if low else math.log10(4.17)) * mu1 * mu4


@inlined(arithmetic=FINITE)
def inverse_normal(x: float) -> float:
    """Return the normal deviate exceeded with probability x, Attachment 2, equations (96) and (97)."""
    x = min(max(x, 1e-6), 1.0 - 1e-6)
    upper = x > 0.5
    tail = 1.0 - x if upper else x
    t = math.sqrt(-2.0 * log(tail))
    c = ((0.010328 * t + 0.802853) * t + 2.515516698) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0)
    value = t - c
    return -value if upper else value


@kernel(arithmetic=FINITE)
def zone_summary(d: NDArray[np.float64], zone: NDArray[np.int8], dct: float, dcr: float) -> Zones:
    """Sum up the zones of one path; negative ``dct``/``dcr`` mean: take them from the zones themselves.

    A point stands for the ground half way to its neighbours. A terminal on the sea has its coast distance at
    zero.
    """
    last = d.size - 1
    over_sea = 0.0
    longest_land = 0.0
    longest_inland = 0.0
    land = 0.0
    start = 0
    while start <= last:
        kind = zone[start]
        end = start
        while end < last and zone[end + 1] == kind:
            end += 1
        left = 0.5 * (d[start] + d[start - 1]) if start > 0 else d[0]
        right = 0.5 * (d[end] + d[end + 1]) if end < last else d[last]
        length = right - left
        if kind == SEA:
            over_sea += length
            land = 0.0
        else:
            land += length
            longest_land = max(longest_land, land)
            if kind == INLAND:
                longest_inland = max(longest_inland, length)
        start = end + 1
    if dct < 0.0:
        dct = NO_COAST_KM
        for i in range(d.size):
            if zone[i] == SEA:
                dct = d[i]
                break
    if dcr < 0.0:
        dcr = NO_COAST_KM
        for i in range(last, -1, -1):
            if zone[i] == SEA:
                dcr = d[last] - d[i]
                break
    if zone[0] == SEA:
        dct = 0.0
    if zone[last] == SEA:
        dcr = 0.0
    return Zones(over_sea / d[last], longest_land, longest_inland, dct, dcr)


def path_centre_latitude(
    transmitter_latitude: NDArray[np.float64],
    transmitter_longitude: NDArray[np.float64],
    receiver_latitude: NDArray[np.float64],
    receiver_longitude: NDArray[np.float64],
    path_length: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the latitude half way along the great circle [deg] (P.1812-6 section 3.6; ITU-R P.2001 Annex H).

    The half way point is taken at half the length of the profile [km], as the profile's own distances say,
    from the transmitter along the bearing of the receiver.
    """
    phi_t = np.radians(transmitter_latitude)
    phi_r = np.radians(receiver_latitude)
    step = np.radians(receiver_longitude) - np.radians(transmitter_longitude)
    bearing = np.arctan2(
        np.sin(step) * np.cos(phi_r),
        np.cos(phi_t) * np.sin(phi_r) - np.sin(phi_t) * np.cos(phi_r) * np.cos(step),
    )
    half = 0.5 * np.asarray(path_length) / EARTH_RADIUS_KM
    sine = np.sin(phi_t) * np.cos(half) + np.cos(phi_t) * np.sin(half) * np.cos(bearing)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))
