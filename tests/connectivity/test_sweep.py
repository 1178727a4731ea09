"""All receivers of a radial together must lose what each loses alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.connectivity.engine.p1812.climate import Setting
from lumbung.connectivity.engine.p1812.path import path_losses
from lumbung.connectivity.engine.p1812.sweep import evenly_spaced, sweep_radial

TOLERANCE_DB = 1e-6


def ground_of(kind: str, points: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Heights [m] and zones of one kind of radial."""
    walk = np.cumsum(rng.normal(0.0, 9.0, points))
    heights = {
        "hills": walk + 250.0,
        "sea": np.zeros(points),
        "flat": np.full(points, rng.uniform(1.0, 700.0)),
        "coast": np.maximum(walk, 0.0),
        "steps": np.round(walk / 25.0) * 25.0 + 100.0,
        "waves": 120.0 * np.sin(np.arange(points) / rng.uniform(3.0, 60.0)) + rng.normal(0.0, 1.0, points),
    }[kind]
    inland = np.where(rng.random(points) < 0.15, 3, 4)
    zone = np.full(points, 4) if kind == "flat" else np.where(heights <= 0.0, 1, inland)
    return heights, zone.astype(np.int8)


def largest_difference(kind: str, points: int, seed: int) -> tuple[float, int]:
    """Largest |sweep - path by path| [dB] on one radial, and the receivers compared."""
    rng = np.random.default_rng(seed)
    h, zone = ground_of(kind, points, rng)
    clutter = rng.choice([0.0, 5.0, 15.0, 25.0], points) * (zone != 1) * (rng.random() < 0.7)
    step = float(rng.choice([0.03, 0.09, 0.25, 1.0]))
    setting = Setting(
        f=float(rng.choice([0.05, 0.45, 0.7, 0.9, 1.8, 2.3, 3.5, 6.0])),
        p=float(rng.choice([1.0, 10.0, 49.0, 50.0])),
        vertical=float(rng.integers(0, 2)),
        dn=float(rng.choice([30.0, 45.0, 70.0])),
        n0=325.0,
        location_loss=float(rng.choice([0.0, 6.0])),
    )
    transmitter, receiver = float(rng.choice([3.0, 30.0, 60.0, 300.0])), float(rng.choice([1.5, 10.0, 30.0]))
    latitude = np.full(points, rng.uniform(-80.0, 80.0))
    together = np.empty(points)
    sweep_radial(setting, step, h, clutter, zone, transmitter, receiver, latitude, together)
    d = step * np.arange(points)
    worst = 0.0
    for n in range(2, points):
        alone, _, _ = path_losses(
            setting, d[: n + 1], h[: n + 1], clutter[: n + 1], zone[: n + 1], transmitter, receiver,
            latitude[n], -1.0, -1.0, setting.p != 50.0,
        )  # fmt: skip
        difference = abs(alone.lb - together[n])
        assert np.isfinite(difference), (kind, points, seed, n)
        worst = max(worst, difference)
    return worst, max(points - 2, 0)


KINDS = ("hills", "sea", "flat", "coast", "steps", "waves")


def test_more_than_ten_thousand_receivers_agree() -> None:
    compared = 0
    for seed in range(60):
        kind = KINDS[seed % len(KINDS)]
        worst, receivers = largest_difference(kind, 150 + 2 * seed, seed)
        assert worst < TOLERANCE_DB, (kind, seed)
        compared += receivers
    assert compared >= 10_000


@settings(max_examples=40, deadline=None)
@given(kind=st.sampled_from(KINDS), points=st.integers(2, 60), seed=st.integers(1000, 2**31))
def test_any_short_radial_agrees(kind: str, points: int, seed: int) -> None:
    worst, _ = largest_difference(kind, points, seed)
    assert worst < TOLERANCE_DB


@pytest.mark.parametrize("kind", KINDS)
def test_three_point_paths_agree(kind: str) -> None:
    for seed in range(20):
        worst, receivers = largest_difference(kind, 3, seed)
        assert receivers == 1
        assert worst < TOLERANCE_DB


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_long_radials_agree(kind: str) -> None:
    for seed in range(5):
        worst, _ = largest_difference(kind, 2500, 7000 + seed)
        assert worst < TOLERANCE_DB


def test_even_spacing_is_told_from_uneven() -> None:
    assert evenly_spaced(np.arange(10) * 0.09)
    assert not evenly_spaced(np.array([0.0, 1.0, 2.0, 3.1]))
    assert not evenly_spaced(np.array([0.5, 1.0, 1.5]))
    assert not evenly_spaced(np.array([0.0]))
