"""Rain on hops: the published coefficients, the worked example of tropical rain, and that more rain never helps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.connectivity.engine.rain import (
    RainError,
    attenuation_001,
    coefficients,
    rain_fade,
    share_of_attenuation,
    specific_attenuation,
)


@pytest.mark.parametrize(
    ("frequency", "horizontal", "vertical"),
    [
        # ITU-R P.838-3, Table 5.
        (7.0, (0.001915, 1.4810), (0.001425, 1.4745)),
        (10.0, (0.01217, 1.2571), (0.01129, 1.2156)),
        (12.0, (0.02386, 1.1825), (0.02455, 1.1216)),
        (15.0, (0.04481, 1.1233), (0.05008, 1.0440)),
        (20.0, (0.09164, 1.0568), (0.09611, 0.9847)),
    ],
)
def test_the_coefficients_are_those_of_the_table(
    frequency: float, horizontal: tuple[float, float], vertical: tuple[float, float]
) -> None:
    for polarization, (k, alpha) in (("horizontal", horizontal), ("vertical", vertical)):
        found = coefficients(frequency, polarization)
        assert found[0] == pytest.approx(k, rel=6e-4)
        assert found[1] == pytest.approx(alpha, abs=6e-5)


@pytest.mark.parametrize(
    ("elevation", "frequency", "rate", "tilt", "k", "alpha", "gamma"),
    [
        # ITU-R Study Group 3, validation examples rev. 5.1 (CG-3M3J-13), sheet P.838-3.
        (31.07699124, 14.25, 26.48052, 0, 0.03975488, 1.12418043, 1.58130839),
        (40.232036, 14.25, 33.936232, 0, 0.04007624, 1.11804138, 2.06173213),
        (46.35969261, 29.0, 27.13586832, 0, 0.21978097, 0.9484851, 5.03135479),
        (22.27833468, 14.25, 50.639304, 0, 0.03949319, 1.12925336, 3.32139638),
        (52.67898486, 29.0, 78.2994993, 0, 0.21923716, 0.9464763, 13.59290086),
        (48.24117054, 14.25, 63.62668149, 90, 0.04226474, 1.07871664, 3.72901264),
        (85.80459566, 29.0, 99.13558978, 90, 0.21737148, 0.93950825, 16.3183686),
        (20.14335809, 29.0, 42.91007183, 90, 0.21298877, 0.92265917, 6.83364556),
    ],
)
def test_itus_own_validation_examples(
    elevation: float, frequency: float, rate: float, tilt: float, k: float, alpha: float, gamma: float
) -> None:
    """The examples slope; the two polarizations are put together for them by P.838-3 equations (4) and (5)."""
    (k_h, a_h), (k_v, a_v) = (coefficients(frequency, way) for way in ("horizontal", "vertical"))
    lean = np.cos(np.radians(elevation)) ** 2 * np.cos(2.0 * np.radians(tilt))
    found_k = (k_h + k_v + (k_h - k_v) * lean) / 2.0
    found_alpha = (k_h * a_h + k_v * a_v + (k_h * a_h - k_v * a_v) * lean) / (2.0 * found_k)
    assert found_k == pytest.approx(k, abs=5.1e-9)
    assert found_alpha == pytest.approx(alpha, abs=5.1e-9)
    assert found_k * rate**found_alpha == pytest.approx(gamma, abs=1e-6)


def test_twenty_kilometres_in_tropical_rain() -> None:
    # Computed apart from the formulas of P.530-18 and P.838-3.
    assert float(attenuation_001(20.0, 7.0, 100.0)) == pytest.approx(9.8, abs=0.1)
    assert float(attenuation_001(20.0, 15.0, 100.0)) == pytest.approx(54.2, abs=0.3)
    assert float(share_of_attenuation(0.01, 15.0)) == pytest.approx(1.0, abs=0.03)
    assert float(share_of_attenuation(0.01, 7.0)) == pytest.approx(1.0, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(1.0, 60.0), st.floats(6.0, 40.0), st.floats(5.0, 150.0), st.floats(99.0, 99.99),
    st.floats(1.01, 1.5),
)  # fmt: skip
def test_more_rain_and_more_certainty_cost_more(
    length: float, frequency: float, rate: float, availability: float, more: float
) -> None:
    fade = float(rain_fade(length, frequency, rate, availability))
    assert fade > 0.0
    assert float(rain_fade(length, frequency, rate * more, availability)) >= fade * (1.0 - 1e-9)
    surer = 100.0 - (100.0 - availability) / more
    assert float(rain_fade(length, frequency, rate, surer)) >= fade


def test_what_cannot_be() -> None:
    assert np.all(attenuation_001([1.0, 20.0], 7.0, 0.0) == 0.0)
    for call, words in (
        (lambda: coefficients(0.5), "frequency is 0.5 GHz"),
        (lambda: coefficients(7.0, "slant"), "polarization is 'slant'"),
        (lambda: specific_attenuation(7.0, -1.0), "rain rate is -1"),
        (lambda: rain_fade(10.0, 7.0, 50.0, 95.0), "availability is 95 %"),
    ):
        with pytest.raises(RainError, match=words):
            call()
