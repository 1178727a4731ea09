"""Antenna patterns of base stations: where the power goes, by bearing and elevation.

Three patterns, each published: the sector of 3GPP TR 36.814 (Table A.2.1.1-2), one element of 3GPP TR 38.901
(Table 7.3-1), and a mast antenna radiating alike in all bearings with the vertical part of the former. A fourth is what a
maker measured: two cuts, summed to a solid pattern.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Pattern = Literal["sector", "element", "omni", "measured"]

# Horizontal half-power width [deg] and front-to-back ratio [dB], vertical half-power width [deg] and
# side-lobe floor [dB].
_SHAPES: dict[str, tuple[float, float, float, float]] = {
    "sector": (70.0, 25.0, 10.0, 20.0),
    "element": (65.0, 30.0, 65.0, 30.0),
    "omni": (0.0, 0.0, 10.0, 20.0),
    "measured": (0.0, 0.0, 0.0, 0.0),
}


class AntennaError(ValueError):
    """An antenna that is not described here."""


@dataclass(frozen=True)
class Cuts:
    """What a maker measured, whole degree by whole degree: attenuation [dB, 0 or more] below the largest gain.

    horizontal: by angle clockwise from straight ahead; vertical: by angle downwards from straight ahead through the
    nadir (90), the back (180) and the zenith (270). 360 numbers each. An electrical tilt is part of the vertical cut.
    """

    name: str
    horizontal: tuple[float, ...]
    vertical: tuple[float, ...]

    def __post_init__(self) -> None:
        for cut in ("horizontal", "vertical"):
            values = getattr(self, cut)
            if len(values) != 360 or not all(0.0 <= value < np.inf for value in values):
                raise AntennaError(
                    f"{self.name}: the {cut} cut has {len(values)} values; expected 360 attenuations, 0 dB or more"
                )


@dataclass(frozen=True)
class Antenna:
    """One antenna: its pattern, its largest gain [dBi], where it looks [deg from north] and how far down [deg].

    downtilt is that of the beam for the published patterns, and of the mounted antenna (mechanical) for a measured one,
    which holds its electrical tilt already. cuts: of a measured antenna.
    """

    pattern: Pattern = "omni"
    gain: float = 11.0
    bearing: float = 0.0
    downtilt: float = 0.0
    cuts: Cuts | None = None

    def __post_init__(self) -> None:
        if self.pattern not in _SHAPES:
            raise AntennaError(f"pattern is {self.pattern!r}; expected one of {', '.join(_SHAPES)}")
        if (self.pattern == "measured") != (self.cuts is not None):
            raise AntennaError("an antenna has cuts exactly where its pattern is 'measured'")

    @property
    def shape(self) -> tuple[float, float, float, float]:
        """Half-power widths [deg] and floors [dB]: horizontal width and floor, vertical width and floor."""
        return _SHAPES[self.pattern]


def antenna_gain(antenna: Antenna, bearing: ArrayLike, elevation: ArrayLike) -> NDArray[np.float64]:
    """Return the gain [dBi] towards bearings [deg from north] and elevations [deg above the horizon].

    A = -min(-(A_H + A_V), A_m) with A_H = -min(12 (phi/phi_3dB)^2, A_m) and A_V = -min(12
    ((theta-theta_tilt)/theta_3dB)^2, SLA_v).
    """
    if antenna.cuts is not None:
        return _measured_gain(antenna, antenna.cuts, bearing, elevation)
    width_h, floor_h, width_v, floor_v = antenna.shape
    across = (np.asarray(bearing, float) - antenna.bearing + 180.0) % 360.0 - 180.0
    down = np.asarray(elevation, float) + antenna.downtilt
    vertical = np.minimum(12.0 * (down / width_v) ** 2, floor_v)
    if width_h == 0.0:
        return antenna.gain - vertical + 0.0 * across
    horizontal = np.minimum(12.0 * (across / width_h) ** 2, floor_h)
    return np.asarray(antenna.gain - np.minimum(horizontal + vertical, floor_h))


def _measured_gain(
    antenna: Antenna, cuts: Cuts, bearing: ArrayLike, elevation: ArrayLike
) -> NDArray[np.float64]:
    """Return the gain [dBi] of two measured cuts, summed: G = G_max - A_h(phi) - A_v(theta).

    The mast's tilt turns the antenna about its horizontal axis, so that it points down ahead and up behind. Behind the
    antenna the vertical cut is that of the back, weighed in as the direction turns there; its value at the horizon is
    part of the horizontal cut and is not taken twice.
    """
    phi = np.radians((np.asarray(bearing, float) - antenna.bearing + 180.0) % 360.0 - 180.0)
    up = np.radians(np.asarray(elevation, float))
    tilt = np.radians(antenna.downtilt)
    ahead, right, above = np.cos(up) * np.cos(phi), np.cos(up) * np.sin(phi), np.sin(up)
    forward = ahead * np.cos(tilt) - above * np.sin(tilt)
    above = ahead * np.sin(tilt) + above * np.cos(tilt)
    across = np.degrees(np.arctan2(right, forward))
    down = -np.degrees(np.arcsin(np.clip(above, -1.0, 1.0)))
    vertical = np.asarray(cuts.vertical)
    front = _at(vertical, down) - vertical[0]
    back = _at(vertical, 180.0 - down) - vertical[180]
    share = np.abs(across) / 180.0
    return np.asarray(
        antenna.gain
        - _at(np.asarray(cuts.horizontal), across)
        - vertical[0]
        - (1.0 - share) * front
        - share * back
    )


def _at(cut: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a cut's attenuation [dB] between whole degrees."""
    place = np.mod(angle, 360.0)
    low = np.floor(place).astype(np.int64)
    share = place - low
    return np.asarray((1.0 - share) * cut[low % 360] + share * cut[(low + 1) % 360])


def three_sectors(first_bearing: float = 0.0, gain: float = 15.0, downtilt: float = 3.0) -> list[Antenna]:
    """Return the usual three sectors at 120 degrees.

    The defaults are near Report ITU-R M.2292's rural macro cell: 3 degrees down, and 15 dBi for lower bands.
    """
    return [Antenna("sector", gain, first_bearing + turn, downtilt) for turn in (0.0, 120.0, 240.0)]
