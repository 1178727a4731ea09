"""Building entry loss: what a wall takes, Recommendation ITU-R P.2109-1, section 3."""

from __future__ import annotations

from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

BuildingType = Literal["traditional", "thermally efficient"]


class BuildingEntryError(ValueError):
    """A parameter P.2109 does not take."""


class _Coefficients(NamedTuple):
    r: float
    s: float
    t: float
    u: float
    v: float
    w: float
    x: float
    y: float
    z: float


_TABLE_1: dict[str, _Coefficients] = {
    "traditional": _Coefficients(12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0),
    "thermally efficient": _Coefficients(28.19, -3.0, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1),
}
_NORMAL = NormalDist()


def building_entry_loss(
    frequency: ArrayLike,
    probability: ArrayLike = 0.5,
    building: BuildingType = "traditional",
    elevation: ArrayLike = 0.0,
) -> NDArray[np.float64]:
    """Return the entry loss [dB] not exceeded with a probability, over the places in buildings of a type.

    Parameters
    ----------
    frequency
        [MHz]; P.2109 holds from 80 MHz to 100 GHz.
    probability
        0 to 1, exclusive. 0.5 is the median over places indoors.
    building
        "traditional", or "thermally efficient" (metallised glass, foil-backed panels).
    elevation
        Angle of the path at the building above the horizontal [deg].

    Raises
    ------
    BuildingEntryError
        Naming the parameter.
    """
    if building not in _TABLE_1:
        raise BuildingEntryError(f"building is {building!r}; expected one of {', '.join(_TABLE_1)}")
    f, share, angle = np.broadcast_arrays(
        np.asarray(frequency, float), np.asarray(probability, float), np.asarray(elevation, float)
    )
    if not ((f >= 80.0) & (f <= 100_000.0)).all():
        raise BuildingEntryError("frequency is outside 80 to 100,000 MHz")
    if not ((share > 0.0) & (share < 1.0)).all():
        raise BuildingEntryError("probability is outside 0 to 1 (exclusive)")
    c = _TABLE_1[building]
    log_f = np.log10(f / 1000.0)
    horizontal = c.r + c.s * log_f + c.t * log_f**2  # equation (6)
    mean_1 = horizontal + 0.212 * np.abs(angle)  # equations (3), (7)
    mean_2 = c.w + c.x * log_f
    deviation_1 = c.u + c.v * log_f
    deviation_2 = c.y + c.z * log_f
    values, place = np.unique(share, return_inverse=True)
    deviate = np.array([_NORMAL.inv_cdf(value) for value in values])[place].reshape(share.shape)
    a = deviate * deviation_1 + mean_1
    b = deviate * deviation_2 + mean_2
    return np.asarray(10.0 * np.log10(10.0 ** (0.1 * a) + 10.0 ** (0.1 * b) + 10.0 ** (-0.3)))
