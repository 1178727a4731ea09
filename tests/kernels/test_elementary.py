"""The vector-friendly functions against the C library's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lumbung.kernels import elementary
from lumbung.kernels.compiling import kernel


def values_of(function: Callable[[float], float], x: np.ndarray) -> np.ndarray:
    return np.array([function(value) for value in x])


@pytest.mark.parametrize(
    ("ours", "theirs", "low", "high"),
    [
        (elementary.exp, np.exp, -600.0, 600.0),
        (elementary.exp, np.exp, -1.0, 1.0),
        (elementary.exp10, lambda x: 10.0**x, -1.0, 1.0),
        (elementary.log, np.log, 1e-9, 5.0),
        (elementary.log, np.log, 0.5, 1e6),
        (elementary.atan, np.arctan, -20.0, 20.0),
        (elementary.acos, np.arccos, -1.0, 0.999),
        (elementary.sin_small, np.sin, -np.pi / 6, np.pi / 6),
    ],
)
def test_as_exact_as_the_library(
    ours: Callable[[float], float], theirs: Callable[[np.ndarray], np.ndarray], low: float, high: float
) -> None:
    x = np.random.default_rng(1812).uniform(low, high, 3000)
    expected = theirs(x)
    error = np.abs(values_of(ours, x) - expected) / np.maximum(np.abs(expected), 1e-3)
    assert error.max() < 2e-15


def test_single_precision_and_either() -> None:
    x = -np.random.default_rng(3).exponential(20.0, 3000).clip(0, 87)
    assert (
        np.abs(
            values_of(elementary.exp_single, x.astype(np.float32)) / np.exp(x.astype(np.float32)) - 1
        ).max()
        < 2e-7
    )

    @kernel
    def all_of(x, out):  # type: ignore[no-untyped-def]
        for i in range(x.size):
            out[i] = elementary.exp_either(x[i])

    for kind, one in ((np.float32, elementary.exp_single), (np.float64, elementary.exp)):
        out = np.empty(x.size, kind)
        all_of(x.astype(kind), out)
        assert (out == [one(value) for value in x.astype(kind)]).all()


def test_ends_of_the_arc_cosine_and_of_the_exponential() -> None:
    assert elementary.acos(1.0) == 0.0
    assert elementary.acos(-1.0) == pytest.approx(np.pi, rel=1e-15)
    assert elementary.acos(1.0 + 1e-12) == 0.0
    assert 0.0 < elementary.exp(-1e9) < 1e-300
    assert np.isfinite(elementary.exp(1e9))


def test_hyperbolic_tangent_is_absolutely_accurate() -> None:
    x = np.linspace(-40.0, 40.0, 801)
    assert np.abs(values_of(elementary.tanh, x) - np.tanh(x)).max() < 5e-16
