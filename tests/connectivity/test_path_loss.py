"""The face of the engine: shapes, limits, physical sense, and errors that teach."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import lumbung.connectivity as connectivity
from lumbung.connectivity.radio.path_loss import PathError, location_loss, location_variability

DISTANCE = np.arange(0.0, 20.01, 0.1)
HILL = 100.0 + 300.0 * np.exp(-(((DISTANCE - 10.0) / 2.0) ** 2))
LINK = {"frequency": 900.0, "transmitter_height": 40.0}


def test_high_antennas_over_a_short_path_lose_what_free_space_takes() -> None:
    report = connectivity.path_report(
        np.linspace(0.0, 5.0, 51),
        np.zeros(51),
        frequency=3500.0,
        transmitter_height=300.0,
        receiver_height=300.0,
    )
    free_space = 92.4 + 20.0 * math.log10(3.5) + 20.0 * math.log10(5.0)
    assert report.losses["lbfs"] == pytest.approx(free_space, abs=1e-9)
    assert report.loss == pytest.approx(free_space, abs=1e-3)
    assert report.field_strength == pytest.approx(199.36 + 20.0 * math.log10(3.5) - report.loss)


def test_a_hill_in_the_way_costs_and_a_higher_mast_helps() -> None:
    flat = connectivity.basic_transmission_loss(DISTANCE, np.full(DISTANCE.size, 100.0), **LINK)
    behind = connectivity.basic_transmission_loss(DISTANCE, HILL, **LINK)
    higher = connectivity.basic_transmission_loss(DISTANCE, HILL, frequency=900.0, transmitter_height=90.0)
    assert behind > flat + 10.0
    assert higher < behind


def test_clutter_on_the_way_costs() -> None:
    bare = connectivity.basic_transmission_loss(DISTANCE, HILL, **LINK)
    wooded = connectivity.basic_transmission_loss(
        DISTANCE, HILL, clutter=np.full(DISTANCE.size, 20.0), **LINK
    )
    assert wooded > bare + 1.0


def test_losses_exceeded_less_often_are_smaller() -> None:
    losses = connectivity.basic_transmission_loss(
        DISTANCE, HILL, time_percentage=np.array([1.0, 10.0, 30.0, 50.0]), **LINK
    )
    assert (np.diff(losses) >= 0.0).all()


def test_one_value_per_parameter_value_and_per_profile() -> None:
    single = connectivity.basic_transmission_loss(DISTANCE, HILL, **LINK)
    assert isinstance(single, float)
    bands = connectivity.basic_transmission_loss(
        DISTANCE, HILL, frequency=[[700.0, 900.0], [1800.0, 2300.0]], transmitter_height=40.0
    )
    assert bands.shape == (2, 2)
    assert bands[0, 1] == single
    rows = connectivity.basic_transmission_loss(DISTANCE, np.stack([HILL, HILL + 10.0]), **LINK)
    assert rows.shape == (2,)
    assert rows[0] == single
    ragged = connectivity.basic_transmission_loss([DISTANCE, DISTANCE[:50]], [HILL, HILL[:50]], **LINK)
    assert ragged[0] == single


def test_a_radial_gives_what_its_paths_give() -> None:
    radial = connectivity.radial_transmission_loss(DISTANCE, HILL, **LINK)
    for n in (3, 4, 57, 200):
        alone = connectivity.basic_transmission_loss(
            DISTANCE[: n + 1], HILL[: n + 1], coast_distance=(500.0, 500.0), **LINK
        )
        assert radial[n] == pytest.approx(alone, abs=1e-6)
    assert radial[0] == radial[1]


def test_an_uneven_radial_says_so_and_agrees() -> None:
    uneven = DISTANCE.copy()
    uneven[100:] += 0.05
    with pytest.warns(connectivity.UnevenSpacingWarning, match="one by one"):
        radial = connectivity.radial_transmission_loss(uneven, HILL, **LINK)
    assert radial[-1] == pytest.approx(connectivity.basic_transmission_loss(uneven, HILL, **LINK), abs=1e-9)


def test_location_loss_adds_on_land_and_not_on_sea() -> None:
    options = {"location_percentage": 95.0, "location_sigma": 5.5, **LINK}
    median = connectivity.basic_transmission_loss(DISTANCE, HILL, **LINK)
    land = connectivity.basic_transmission_loss(DISTANCE, HILL, **options)
    assert land - median == pytest.approx(1.645 * 5.5, abs=0.01)
    zone = np.full(DISTANCE.size, 4)
    zone[-1] = 1
    dry = connectivity.basic_transmission_loss(DISTANCE, HILL, zone=zone, **LINK)
    assert connectivity.basic_transmission_loss(DISTANCE, HILL, zone=zone, **options) == dry


def test_location_variability_fades_above_the_clutter() -> None:
    below = location_variability(900.0, 1.5, 15.0, 100.0)
    assert below == pytest.approx((0.52 + 0.024 * 0.9) * 100.0**0.28)
    assert location_variability(900.0, 20.0, 15.0, 100.0) == pytest.approx(0.5 * below)
    assert location_variability(900.0, 30.0, 15.0, 100.0) == 0.0
    assert float(location_loss(50.0, 5.5)) == pytest.approx(0.0, abs=3e-3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frequency": 0.9}, "frequency is 0.9; expected 30 to 6000 MHz"),
        ({"frequency": [900.0, 9000.0]}, r"frequency\[1\] is 9000"),
        ({"transmitter_height": 0.0}, "transmitter_height is 0; expected 1 to 3000"),
        ({"time_percentage": 90.0}, "time_percentage is 90; expected 1 to 50"),
        ({"polarization": "circular"}, "polarization is 'circular'"),
        ({"zone": np.full(DISTANCE.size, 2)}, r"zone at point 0 is 2.*; expected 1 \(sea\)"),
        ({"clutter": np.full(DISTANCE.size, -1.0)}, "clutter at point 0 is -1"),
        ({"clutter": np.zeros(5)}, "must be equal"),
    ],
)
def test_bad_parameters_are_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(PathError, match=words):
        connectivity.basic_transmission_loss(DISTANCE, HILL, **{**LINK, **change})


@pytest.mark.parametrize(
    ("distance", "height", "words"),
    [
        ([0.0, 1.0, 1.0], [0.0, 0.0, 0.0], "does not rise from point 1"),
        ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], "the first distance is 1.0 km; it must be 0"),
        ([0.0, 1.0, 2.0], [0.0, math.nan, 0.0], "height at point 1 is nan"),
        ([0.0, 1.0, 2.0], [0.0, 12_000.0, 0.0], "are the heights in feet"),
        ([0.0, 1.0, 2.0], [0.0, -32_768.0, 0.0], "void marker"),
        ([0.0], [0.0], "needs at least its two ends"),
        ([0.0, 0.1, 0.2], [0.0, 0.0, 0.0], "distance ends at 0.2 km; expected 0.25 to 3000 km"),
        ([0.0, 0.2], [0.0, 0.0], "distance ends at 0.2 km"),
        ([0.0, 15_000.0, 30_000.0], [0.0, 0.0, 0.0], "30000 km; expected .* are the distances in metres"),
        ([0.0, 900.0], [0.0, 0.0], "leaps 900 km from point 0 to 1; .* are the distances in metres"),
        ([0.0, 30.0, 60.0], [0.0, 0.0, 0.0], "leaps 30 km from point 0 to 1; .* are the distances in metres"),
    ],
)
def test_bad_profiles_are_named(distance: list[float], height: list[float], words: str) -> None:
    with pytest.raises(PathError, match=words):
        connectivity.basic_transmission_loss(distance, height, **LINK)


@pytest.mark.parametrize("of", [connectivity.radial_transmission_loss, connectivity.path_report])
def test_metres_for_kilometres_are_refused_by_every_door(of: Callable[..., object]) -> None:
    with pytest.raises(PathError, match="are the distances in metres"):
        of(DISTANCE * 1000.0, HILL, **LINK)


def test_the_shortest_and_the_longest_path_are_computed() -> None:
    for distance in (np.linspace(0.0, 0.25, 11), np.linspace(0.0, 3000.0, 3001)):
        assert math.isfinite(connectivity.basic_transmission_loss(distance, np.zeros(distance.size), **LINK))


def test_two_points_get_one_between_them() -> None:
    two = connectivity.basic_transmission_loss([0.0, 2.0], [10.0, 50.0], **LINK)
    three = connectivity.basic_transmission_loss([0.0, 1.0, 2.0], [10.0, 30.0, 50.0], **LINK)
    assert two == three
