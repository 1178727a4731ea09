"""Multipath on hops: P.530-18 by hand, its limits and symmetries, and what it means for a hop beside rain."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.connectivity.engine import rain
from lumbung.connectivity.engine.multipath import (
    Climate,
    MultipathError,
    Ray,
    occurrence,
    share_of_year,
    year_from_month,
)
from lumbung.connectivity.siting.backhaul import Rules, routes
from lumbung.connectivity.siting.candidates import Place

CLIMATE = Climate(-4.2, 60.0)
HOP = Ray(20.0, 145.0, 95.0, 30.0, -8.5)


@pytest.mark.parametrize(
    ("ray", "frequency", "p0", "less", "year"),
    [
        # Worked apart, step by step from the text of P.530-18, 2.3.1 and 2.3.4, and held against another program's equations.
        (HOP, 7.0, 7.013437817613116, 6.143630323911585, 0.0005389741278365394),
        (
            Ray(45.0, 300.0, 150.0, 80.0, -2.0),
            7.0,
            81.02581369274849,
            5.316472036418532,
            0.007533142753878575,
        ),
        (Ray(35.0, 90.0, 80.0, 10.0, -8.0), 15.0, 423.0072282522173, 4.74393088778368, 0.04486985848210979),
    ],
)
def test_worked_hops(ray: Ray, frequency: float, p0: float, less: float, year: float) -> None:
    assert 10.0 ** occurrence(ray, frequency, CLIMATE) == pytest.approx(p0, rel=1e-12)
    assert year_from_month(ray) == pytest.approx(less, rel=1e-12)
    assert share_of_year(ray, frequency, CLIMATE, 35.0) == pytest.approx(year, rel=1e-12)


def test_the_first_hop_by_hand() -> None:
    """20 km between 145 m and 95 m over ground at 30 m, 7 GHz: every step with its number."""
    above = (145.0 + 95.0) / 2.0 - 20.0**2 / 102.0 - 30.0  # 86.08 m
    layers = min(
        (60.0 / 50.0) ** 1.8 * math.exp(-above / (2.5 * math.sqrt(20.0))),
        60.0 * 20.0**1.5 * math.sqrt(7.0) / 24730.0,
    )
    assert layers == pytest.approx(0.000629, abs=1e-6)
    power = -0.376 * math.tanh((above - 147.0) / 125.0) - 0.334 * 2.5**0.39 - 0.00027 * 95.0 + 17.85 * layers
    assert 10.0 ** occurrence(HOP, 7.0, CLIMATE) == pytest.approx(
        10**-4.2 * 20.0**3.51 * (49.0 + 13.0) ** 0.447 * 10**power, rel=1e-12
    )


def test_mid_latitudes_have_a_season_and_the_difference_a_limit() -> None:
    tropics, middle = year_from_month(HOP), year_from_month(replace(HOP, latitude=50.0))
    assert tropics < middle <= 10.8
    assert year_from_month(replace(HOP, length=1.0, latitude=60.0)) == 10.8
    assert year_from_month(replace(HOP, latitude=8.5)) == tropics


rays = st.builds(
    Ray,
    st.floats(5.1, 100.0),
    st.floats(40.0, 800.0),
    st.floats(40.0, 800.0),
    st.floats(0.0, 30.0),
    st.floats(-80.0, 80.0),
)


@settings(max_examples=60, deadline=None)
@given(rays, st.floats(3.0, 40.0), st.floats(0.0, 45.0), st.floats(0.1, 20.0))
def test_what_more_of_everything_does(ray: Ray, frequency: float, depth: float, more: float) -> None:
    here = share_of_year(ray, frequency, CLIMATE, depth)
    assert 0.0 <= here <= 100.0
    assert share_of_year(ray, frequency, CLIMATE, depth + more) <= here
    assert share_of_year(
        replace(ray, first=ray.last, last=ray.first), frequency, CLIMATE, depth
    ) == pytest.approx(here, rel=1e-12)
    assert share_of_year(ray, frequency, Climate(-4.0, 60.0), depth) >= here


@settings(max_examples=60, deadline=None)
@given(st.floats(1.0, 60.0), st.floats(6.0, 40.0), st.floats(5.0, 150.0), st.floats(99.0, 99.999))
def test_the_share_of_rain_is_the_fade_turned_round(
    length: float, frequency: float, rate: float, availability: float
) -> None:
    depth = float(rain.rain_fade(length, frequency, rate, availability))
    assert rain.share_of_year(depth, length, frequency, rate) == pytest.approx(
        100.0 - availability, rel=1e-6, abs=2e-6
    )


def test_a_long_flat_hop_fails_by_multipath_where_rain_lets_it_pass() -> None:
    wet = Rules(
        frequency=7.0, hop_cost=10.0, satellite_cost=80.0, rain_rate=100.0, availability=99.99, margin=35.0
    )
    layered = replace(wet, climate=Climate(-3.6, 80.0))
    fibre = [Place("F", "F", 0.0, 0.0, 90.0)]
    sites = [Place("far", "far", 0.0, 0.36, 90.0), Place("near", "near", 0.0, -0.03, 90.0)]
    assert [route.kind for route in routes(sites, fibre, None, wet)] == ["microwave", "microwave"]
    far, near = routes(sites, fibre, None, layered)
    assert near.kind == "microwave" and far.kind == "satellite"
    assert (
        "multipath takes more than the margin of 35 dB" in far.reason and "0.01 % are allowed" in far.reason
    )


def test_what_cannot_be() -> None:
    for call, words in (
        (lambda: Climate(4.2, 60.0), "log K is 4.2"),
        (lambda: Climate(-4.2, math.nan), "dN75 is nan"),
        (lambda: share_of_year(HOP, 80.0, CLIMATE, 35.0), "frequency is 80 GHz"),
    ):
        with pytest.raises(MultipathError, match=words):
            call()
    assert share_of_year(Ray(100.0, 10.0, 10.0, 900.0, 0.0), 40.0, Climate(0.0, 1000.0), 0.0) == 100.0
    assert share_of_year(replace(HOP, length=5.0), 7.0, CLIMATE, 0.0) == 0.0
