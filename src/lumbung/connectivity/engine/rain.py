"""Rain on microwave hops: how much it takes, and for how much of the time a hop with a given margin works.

Specific attenuation after Recommendation ITU-R P.838-3, effective length and time scaling after ITU-R P.530-18, section
2.4.1. Tropical rain, not fog or distance, decides how long a hop above 10 GHz may be.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

FREQUENCY_RANGE_GHZ = (1.0, 100.0)
"""Where P.530 gives its prediction for rain [GHz]."""

# Tables 1 to 4 of P.838-3: (a, b, c) of each bell, then slope and constant.
_K = {
    "horizontal": (
        ((-5.33980, -0.10008, 1.13098), (-0.35351, 1.26970, 0.45400), (-0.23789, 0.86036, 0.15354), (-0.94158, 0.64552, 0.16817)),
        -0.18961, 0.71147,
    ),
    "vertical": (
        ((-3.80595, 0.56934, 0.81061), (-3.44965, -0.22911, 0.51059), (-0.39902, 0.73042, 0.11899), (0.50167, 1.07319, 0.27195)),
        -0.16398, 0.63297,
    ),
}  # fmt: skip
_ALPHA = {
    "horizontal": (
        (
            (-0.14318, 1.82442, -0.55187), (0.29591, 0.77564, 0.19822), (0.32177, 0.63773, 0.13164),
            (-5.37610, -0.96230, 1.47828), (16.1721, -3.29980, 3.43990),
        ),
        0.67849, -1.95537,
    ),
    "vertical": (
        (
            (-0.07771, 2.33840, -0.76284), (0.56727, 0.95545, 0.54039), (-0.20238, 1.14520, 0.26809),
            (-48.2991, 0.791669, 0.116226), (48.5833, 0.791459, 0.116479),
        ),
        -0.053739, 0.83433,
    ),
}  # fmt: skip


class RainError(ValueError):
    """A frequency, rain rate or percentage that the recommendations do not take."""


def coefficients(frequency: float, polarization: str = "vertical") -> tuple[float, float]:
    """Return k and alpha of gamma = k R**alpha, P.838-3 equations (2) and (3).

    Parameters
    ----------
    frequency : float
        [GHz]
    polarization : str
        ``horizontal`` or ``vertical``, on a path without slope.

    Raises
    ------
    RainError
    """
    if not FREQUENCY_RANGE_GHZ[0] <= frequency <= FREQUENCY_RANGE_GHZ[1]:
        raise RainError(
            f"frequency is {frequency:g} GHz; rain on hops is predicted from 1 to 100 GHz (ITU-R P.530)"
        )
    if polarization not in _K:
        raise RainError(f"polarization is {polarization!r}; expected 'horizontal' or 'vertical'")
    at = math.log10(frequency)

    def bells(table: tuple[tuple[tuple[float, float, float], ...], float, float]) -> float:
        terms, slope, constant = table
        return sum(a * math.exp(-(((at - b) / c) ** 2)) for a, b, c in terms) + slope * at + constant

    return 10.0 ** bells(_K[polarization]), bells(_ALPHA[polarization])


def specific_attenuation(frequency: float, rate: float, polarization: str = "vertical") -> float:
    """Return the attenuation of rain [dB/km] at a frequency [GHz] and a rain rate [mm/h], P.838-3 equation (1)."""
    k, alpha = coefficients(frequency, polarization)
    if rate < 0.0 or not math.isfinite(rate):
        raise RainError(f"rain rate is {rate:g} mm/h; expected 0 or more")
    return float(k * rate**alpha)


def attenuation_001(
    length: ArrayLike, frequency: float, rate: float, polarization: str = "vertical"
) -> NDArray[np.float64]:
    """Return the attenuation exceeded for 0.01 % of the time [dB].

    Parameters
    ----------
    length : float array
        Of the hop [km].
    frequency : float
        [GHz]
    rate : float
        Rain rate exceeded for 0.01 % of the time [mm/h] (ITU-R P.837; 80 to 120 in the humid tropics).
    polarization : str

    Notes
    -----
    P.530-18 equations (31) to (33): the effective length is d r, with r at most 2.5.
    """
    d = np.asarray(length, dtype=np.float64)
    if rate == 0.0:
        return np.zeros(d.shape)
    _, alpha = coefficients(frequency, polarization)
    share = (
        0.477 * np.maximum(d, 1e-6) ** 0.633 * rate ** (0.073 * alpha) * frequency**0.123
        - 10.579 * (1.0 - np.exp(-0.024 * d))
    )  # fmt: skip
    factor = np.where(share > 0.4, 1.0 / np.maximum(share, 0.4), 2.5)
    return np.asarray(specific_attenuation(frequency, rate, polarization) * d * factor)


def _scaling(frequency: float) -> tuple[float, float, float]:
    """Return C1 to C3 of P.530-18 equations (35) and (36)."""
    c0 = 0.12 + 0.4 * math.log10(frequency / 10.0) ** 0.8 if frequency >= 10.0 else 0.12
    c1 = 0.07**c0 * 0.12 ** (1.0 - c0)
    c2 = 0.855 * c0 + 0.546 * (1.0 - c0)
    c3 = 0.139 * c0 + 0.043 * (1.0 - c0)
    return c1, c2, c3


def share_of_attenuation(percentage: ArrayLike, frequency: float) -> NDArray[np.float64]:
    """Return A_p / A_0.01 for percentages of time from 0.001 to 1 %, P.530-18 equations (34) to (36)."""
    p = np.asarray(percentage, dtype=np.float64)
    if not ((p >= 0.001) & (p <= 1.0)).all():
        raise RainError(f"percentage of time is {p.ravel()[0]:g}; P.530 scales from 0.001 to 1 %")
    c1, c2, c3 = _scaling(frequency)
    return np.asarray(c1 * p ** -(c2 + c3 * np.log10(p)))


def share_of_year(
    depth: float, length: float, frequency: float, rate: float, polarization: str = "vertical"
) -> float:
    """Return the share of the average year [%] in which rain takes more than a depth [dB] from a hop.

    P.530 scales from 0.001 to 1 % of the time: what is rarer counts as 0.001 %, what is more frequent as all of the time.

    Notes
    -----
    P.530-18 equation (34) is a parabola in log p, and solved for it.
    """
    if rate == 0.0:
        return 0.0
    most = float(attenuation_001(length, frequency, rate, polarization))
    if depth < most * float(share_of_attenuation(1.0, frequency)):
        return 100.0
    if depth >= most * float(share_of_attenuation(0.001, frequency)):
        return 0.001
    c1, c2, c3 = _scaling(frequency)
    root = math.sqrt(c2**2 - 4.0 * c3 * math.log10(depth / most / c1))
    return float(10.0 ** ((root - c2) / (2.0 * c3)))


def rain_fade(
    length: ArrayLike, frequency: float, rate: float, availability: float, polarization: str = "vertical"
) -> NDArray[np.float64]:
    """Return the fade [dB] that a hop must bear to work for this share of the time.

    Parameters
    ----------
    length : float array
        [km]
    frequency : float
        [GHz]
    rate : float
        Rain rate exceeded for 0.01 % of the time [mm/h].
    availability : float
        [%], 99 to 99.999.
    """
    if not 99.0 <= availability <= 99.999:
        raise RainError(f"availability is {availability:g} %; expected 99 to 99.999 %")
    missing = min(max(100.0 - availability, 0.001), 1.0)
    return attenuation_001(length, frequency, rate, polarization) * share_of_attenuation(missing, frequency)
