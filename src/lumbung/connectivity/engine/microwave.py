"""Line of sight of a microwave hop over terrain, with room for the first Fresnel zone.

A hop is clear where the straight ray, over ground raised by the bulge of the earth, keeps a share of the first Fresnel
radius everywhere. At 0.6 of it diffraction takes nothing: with nu = -sqrt(2) x 0.6 = -0.85 the loss J(nu) of ITU-R P.526
(section 4.1, zero for nu below -0.78) vanishes. Refraction enters through the effective earth radius, k = 4/3 where
nothing better is known (ITU-R P.530, section 2.2.2.1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6371.0
MEDIAN_K = 4.0 / 3.0
CLEARANCE = 0.6


def fresnel_radius(distance: ArrayLike, total: float, frequency: float) -> NDArray[np.float64]:
    """Return the radius of the first Fresnel zone [m].

    Parameters
    ----------
    distance : float array
        From one end [km].
    total : float
        Length of the hop [km].
    frequency : float
        [GHz]

    Notes
    -----
    F1 = 17.3 sqrt(d1 d2 / (f d)), ITU-R P.530, equation (2).
    """
    d = np.asarray(distance, dtype=np.float64)
    return 17.3 * np.sqrt(np.maximum(d * (total - d), 0.0) / (frequency * total))


def earth_bulge(distance: ArrayLike, total: float, k: float = MEDIAN_K) -> NDArray[np.float64]:
    """Return how far the earth rises above the straight line between two ends at sea level [m]."""
    d = np.asarray(distance, dtype=np.float64)
    return 1000.0 * d * (total - d) / (2.0 * k * EARTH_RADIUS_KM)


def clearance(
    distance: ArrayLike,
    obstacles: ArrayLike,
    first: float,
    last: float,
    frequency: float,
    k: float = MEDIAN_K,
) -> tuple[float, float]:
    """Return the least clearance of a hop, as a share of the first Fresnel radius, and where it is.

    Parameters
    ----------
    distance : float array, shape (points,)
        Rising, from one end to the other, ends included [km].
    obstacles : float array, shape (points,)
        Height of ground and what stands on it above sea level [m].
    first, last : float
        Height of the two antennas above sea level [m].
    frequency : float
        [GHz]
    k : float
        Effective earth radius factor.

    Returns
    -------
    share : float
        Negative where the ray itself is blocked; infinite for a hop without a point between its ends.
    place : float
        Distance of the worst point from the first end [km].
    """
    d, height = np.asarray(distance, dtype=np.float64), np.asarray(obstacles, dtype=np.float64)
    total = float(d[-1])
    inner = slice(1, -1)
    if len(d) < 3 or total <= 0:
        return np.inf, 0.0
    ray = first + (last - first) * d / total
    room = (ray - height - earth_bulge(d, total, k))[inner] / fresnel_radius(d, total, frequency)[inner]
    worst = int(np.argmin(room))
    return float(room[worst]), float(d[inner][worst])
