"""Multipath on microwave hops: for how much of the time layers of air make a hop fade deeper than it bears.

Recommendation ITU-R P.530-18, section 2.3: deep fading in the average worst month (2.3.1) and in the average year (2.3.4). The
margins of hops lie in that deep tail, from some 25 dB on; a smaller one is scaled like it. The climate enters by two numbers of the place, log K and dN75, which ITU publishes as maps beside
the recommendation. It does not rain while the air lies in layers, so shares of time by rain and by multipath are summed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

NO_MULTIPATH_KM = 5.0
"""Shorter hops need no such prediction (P.530-18, section 2.3)."""
HIGHEST_GHZ = 45.0
"""Up to where the prediction holds; downwards it holds to 15 GHz over the length in km, 3 GHz at the shortest hop."""
LOWEST_GHZ = 3.0


class MultipathError(ValueError):
    """A frequency or climate that the recommendation does not take."""


@dataclass(frozen=True)
class Climate:
    """What P.530-18 needs of the place.

    Attributes
    ----------
    log_k : float
        Logarithm of the geoclimatic factor K (map LogK of P.530-18).
    dn75 : float
        Increase of the refractivity over the lowest 75 m in 0.1 % of the worst month [N-units] (map dN75 of P.530-18).
    """

    log_k: float
    dn75: float

    def __post_init__(self) -> None:
        if not -10.0 <= self.log_k <= 0.0:
            raise MultipathError(
                f"log K is {self.log_k:g}; expected -10 to 0, as the map LogK of ITU-R P.530 gives it"
            )
        if not 0.0 <= self.dn75 <= 1000.0:
            raise MultipathError(
                f"dN75 is {self.dn75:g}; expected 0 to 1000 N-units, as the map dN75 of ITU-R P.530 gives it"
            )


@dataclass(frozen=True)
class Ray:
    """Where a hop runs.

    length [km]; first, last: antennas above sea level [m]; ground: mean height of the terrain under it, without trees [m];
    latitude: of its middle [deg].
    """

    length: float
    first: float
    last: float
    ground: float
    latitude: float

    @property
    def inclination(self) -> float:
        """Slope of the path, epsilon_p [mrad]."""
        return abs(self.last - self.first) / self.length


def occurrence(ray: Ray, frequency: float, climate: Climate) -> float:
    """Return the logarithm of p0, the share of the average worst month [%] that deep fading is scaled from; it may exceed 2.

    Notes
    -----
    P.530-18, section 2.3.1, steps 2 and 3 at a fade depth of 0 dB: inclination, height above the ground h_c, the lower
    antenna's height h_L, and v_sr with its limit.
    """
    d, f = ray.length, frequency
    above = 0.5 * (ray.first + ray.last) - d**2 / 102.0 - ray.ground
    limit = climate.dn75 * d**1.5 * math.sqrt(f) / 24730.0
    layers = min((climate.dn75 / 50.0) ** 1.8 * math.exp(-above / (2.5 * math.sqrt(d))), limit)
    power = (
        -0.376 * math.tanh((above - 147.0) / 125.0)
        - 0.334 * ray.inclination**0.39
        - 0.00027 * min(ray.first, ray.last)
        + 17.85 * layers
    )
    return float(climate.log_k + 3.51 * math.log10(d) + 0.447 * math.log10(f**2 + 13.0) + power)


def year_from_month(ray: Ray) -> float:
    """Return delta G [dB], by which a share of the average year is less than one of the worst month.

    Notes
    -----
    P.530-18, section 2.3.4: at most 10.8 dB, as in ITU-R P.2001, section B.3, which has the same equation.
    """
    turn = abs(math.cos(2.0 * math.radians(ray.latitude))) ** 0.7
    season = 1.1 + turn if abs(ray.latitude) <= 45.0 else 1.1 - turn
    found = (
        10.5
        - 5.6 * math.log10(season)
        - 2.7 * math.log10(ray.length)
        + 1.7 * math.log10(1.0 + ray.inclination)
    )
    return min(found, 10.8)


def share_of_year(ray: Ray, frequency: float, climate: Climate, depth: float) -> float:
    """Return the share of the average year [%] in which multipath takes more than a depth [dB].

    Parameters
    ----------
    ray : Ray
    frequency : float
        [GHz]
    climate : Climate
    depth : float
        0 or more [dB].

    Raises
    ------
    MultipathError
    """
    if not LOWEST_GHZ <= frequency <= HIGHEST_GHZ:
        raise MultipathError(
            f"frequency is {frequency:g} GHz; multipath on hops is predicted from {LOWEST_GHZ:g} to {HIGHEST_GHZ:g} GHz (ITU-R P.530)"
        )
    if ray.length <= NO_MULTIPATH_KM:
        return 0.0
    share = occurrence(ray, frequency, climate) - 0.1 * (year_from_month(ray) + depth)
    return math.pow(10.0, min(share, 2.0))


__all__ = [
    "Climate", "MultipathError", "Ray", "occurrence", "share_of_year", "year_from_month",
]  # fmt: skip
