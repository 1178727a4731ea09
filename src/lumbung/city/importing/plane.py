"""Between degrees and the plane on which SUMO draws a network: transverse Mercator, as UTM has it.

References
----------
L. Krüger, "Konforme Abbildung des Erdellipsoids in der Ebene", 1912; the series to the third order in n as in C. F. F.
Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011), equations 35 and 36.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from lumbung.city.engine.networks import NetworkError

# WGS 84 [m], and UTM's scale and false easting [m].
_A, _F = 6_378_137.0, 1 / 298.257223563
_K0, _EAST = 0.9996, 500_000.0
_N = _F / (2 - _F)
_RADIUS = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA = (_N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16, 13 * _N**2 / 48 - 3 * _N**3 / 5, 61 * _N**3 / 240)
_BETA = (_N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96, _N**2 / 48 + _N**3 / 15, 17 * _N**3 / 480)
_DELTA = (2 * _N - 2 * _N**2 / 3 - 2 * _N**3, 7 * _N**2 / 3 - 8 * _N**3 / 5, 56 * _N**3 / 15)


@dataclass(frozen=True)
class Plane:
    """The plane of a network that netconvert projected.

    Attributes
    ----------
    zone : int
        Of UTM.
    x0, y0 : float
        What netconvert added to easting and northing [m].
    """

    zone: int
    x0: float
    y0: float

    @property
    def _meridian(self) -> float:
        return math.radians(6 * self.zone - 183)

    def place(self, lat: float, lon: float) -> tuple[float, float]:
        """Return x and y [m] of a place in degrees."""
        phi, lam = math.radians(lat), math.radians(lon) - self._meridian
        k = 2 * math.sqrt(_N) / (1 + _N)
        t = math.sinh(math.atanh(math.sin(phi)) - k * math.atanh(k * math.sin(phi)))
        xi, eta = math.atan2(t, math.cos(lam)), math.atanh(math.sin(lam) / math.sqrt(1 + t * t))
        north, east = xi, eta
        for j, a in enumerate(_ALPHA, start=1):
            north += a * math.sin(2 * j * xi) * math.cosh(2 * j * eta)
            east += a * math.cos(2 * j * xi) * math.sinh(2 * j * eta)
        return self.x0 + _EAST + _K0 * _RADIUS * east, self.y0 + _K0 * _RADIUS * north

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Return latitude and longitude of a place on the plane [m]."""
        xi, eta = (y - self.y0) / (_K0 * _RADIUS), (x - self.x0 - _EAST) / (_K0 * _RADIUS)
        north, east = xi, eta
        for j, b in enumerate(_BETA, start=1):
            north -= b * math.sin(2 * j * xi) * math.cosh(2 * j * eta)
            east -= b * math.cos(2 * j * xi) * math.sinh(2 * j * eta)
        chi = math.asin(math.sin(north) / math.cosh(east))
        phi = chi + sum(d * math.sin(2 * j * chi) for j, d in enumerate(_DELTA, start=1))
        lam = math.atan2(math.sinh(east), math.cos(north))
        return math.degrees(phi), math.degrees(self._meridian + lam)


def read_plane(where: str, location: dict[str, str]) -> Plane:
    """Read the plane from a network's ``<location>``; `NetworkError` where it is no UTM."""
    zone = re.search(r"\+proj=utm \+zone=(\d+)", location.get("projParameter", ""))
    if zone is None:
        raise NetworkError(
            f"{where}: location", repr(location.get("projParameter", "")), "a network in UTM (+proj=utm)"
        )
    x0, y0 = (float(part) for part in location["netOffset"].split(","))
    return Plane(int(zone[1]), x0, y0)
