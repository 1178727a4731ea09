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
