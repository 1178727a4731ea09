"""Antenna patterns of base stations: where the power goes, by bearing and elevation.

Three patterns, each published: the sector of 3GPP TR 36.814 (Table A.2.1.1-2), one element of 3GPP TR 38.901
(Table 7.3-1), and a mast antenna radiating alike in all bearings with the vertical part of the former.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Pattern = Literal["sector", "element", "omni"]

# Horizontal half-power width [deg] and front-to-back ratio [dB], vertical half-power width [deg] and
# side-lobe floor [dB].
_SHAPES: dict[str, tuple[float, float, float, float]] = {
    "sector": (70.0, 25.0, 10.0, 20.0),
    "element": (65.0, 30.0, 65.0, 30.0),
    "omni": (0.0, 0.0, 10.0, 20.0),
}


class AntennaError(ValueError):
    """An antenna that is not described here."""


@dataclass(frozen=True)
class Antenna:
    """One antenna: its pattern, its largest gain [dBi], where it looks [deg from north] and how far down [deg]."""

    pattern: Pattern = "omni"
    gain: float = 11.0
    bearing: float = 0.0
    downtilt: float = 0.0

    def __post_init__(self) -> None:
        if self.pattern not in _SHAPES:
            raise AntennaError(f"pattern is {self.pattern!r}; expected one of {', '.join(_SHAPES)}")

    @property
    def shape(self) -> tuple[float, float, float, float]:
        """Half-power widths [deg] and floors [dB]: horizontal width and floor, vertical width and floor."""
        return _SHAPES[self.pattern]


def antenna_gain(antenna: Antenna, bearing: ArrayLike, elevation: ArrayLike) -> NDArray[np.float64]:
    """Return the gain [dBi] towards bearings [deg from north] and elevations [deg above the horizon].

    A = -min(-(A_H + A_V), A_m) with A_H = -min(12 (phi/phi_3dB)^2, A_m) and A_V = -min(12
    ((theta-theta_tilt)/theta_3dB)^2, SLA_v).
    """
    width_h, floor_h, width_v, floor_v = antenna.shape
    across = (np.asarray(bearing, float) - antenna.bearing + 180.0) % 360.0 - 180.0
    down = np.asarray(elevation, float) + antenna.downtilt
    vertical = np.minimum(12.0 * (down / width_v) ** 2, floor_v)
    if width_h == 0.0:
        return antenna.gain - vertical + 0.0 * across
    horizontal = np.minimum(12.0 * (across / width_h) ** 2, floor_h)
    return np.asarray(antenna.gain - np.minimum(horizontal + vertical, floor_h))


def three_sectors(first_bearing: float = 0.0, gain: float = 15.0, downtilt: float = 3.0) -> list[Antenna]:
    """Return the usual three sectors at 120 degrees.

    The defaults are near Report ITU-R M.2292's rural macro cell: 3 degrees down, and 15 dBi for lower bands.
    """
    return [Antenna("sector", gain, first_bearing + turn, downtilt) for turn in (0.0, 120.0, 240.0)]
