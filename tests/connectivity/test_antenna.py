"""Antenna patterns: the published half-power points and floors, and the formulas evaluated apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.connectivity.engine.antenna import Antenna, AntennaError, antenna_gain, three_sectors


def test_half_power_at_half_the_width_and_the_floor_behind() -> None:
    sector = Antenna("sector", gain=15.0, bearing=90.0, downtilt=6.0)
    assert float(antenna_gain(sector, 90.0, -6.0)) == 15.0
    assert float(antenna_gain(sector, 90.0 + 35.0, -6.0)) == pytest.approx(12.0)
    assert float(antenna_gain(sector, 90.0, -6.0 + 5.0)) == pytest.approx(12.0)
    assert float(antenna_gain(sector, 270.0, -6.0)) == pytest.approx(15.0 - 25.0)
    assert float(antenna_gain(sector, 90.0, 80.0)) == pytest.approx(15.0 - 20.0)


def test_an_element_of_38_901() -> None:
    element = Antenna("element", gain=8.0)
    assert float(antenna_gain(element, 32.5, 0.0)) == pytest.approx(5.0)
    assert float(antenna_gain(element, 180.0, 0.0)) == pytest.approx(8.0 - 30.0)


def test_an_omni_is_alike_all_round() -> None:
    gains = antenna_gain(Antenna("omni", gain=11.0), np.arange(0.0, 360.0, 7.0), 0.0)
    assert (gains == 11.0).all()


def test_three_sectors_leave_no_gap() -> None:
    around = np.arange(0.0, 360.0, 1.0)
    best = np.max([antenna_gain(antenna, around, -3.0) for antenna in three_sectors()], axis=0)
    assert best.min() >= 15.0 - 12.0 * (60.0 / 70.0) ** 2 - 1e-9


@settings(max_examples=60, deadline=None)
@given(
    pattern=st.sampled_from(["sector", "element", "omni"]),
    bearing=st.floats(-720.0, 720.0),
    tilt=st.floats(-10.0, 30.0),
    towards=st.floats(0.0, 360.0),
    elevation=st.floats(-90.0, 90.0),
)
def test_the_formulas_evaluated_apart(
    pattern: str, bearing: float, tilt: float, towards: float, elevation: float
) -> None:
    # TR 36.814 Table A.2.1.1-2 and TR 38.901 Table 7.3-1, number by number; angles by their cosine, not by remainder.
    wide, back, high, lobe = {
        "sector": (70, 25, 10, 20),
        "element": (65, 30, 65, 30),
        "omni": (0, 0, 10, 20),
    }[pattern]
    turn = math.radians(towards - bearing)
    across = math.degrees(math.atan2(math.sin(turn), math.cos(turn)))
    vertical = min(12.0 * ((elevation + tilt) / high) ** 2, lobe)
    horizontal = min(12.0 * (across / wide) ** 2, back) if wide else 0.0
    expected = 15.0 - (min(vertical + horizontal, back) if wide else vertical)
    found = float(antenna_gain(Antenna(pattern, 15.0, bearing, tilt), towards, elevation))
    assert found == pytest.approx(expected, abs=1e-9)


def test_unknown_patterns_are_refused() -> None:
    with pytest.raises(AntennaError, match="expected one of sector, element, omni"):
        Antenna("dish")
