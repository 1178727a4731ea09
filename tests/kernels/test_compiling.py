"""What is compiled as exact stays exact, whoever calls it first."""

from __future__ import annotations

import numpy as np

from lumbung.kernels.compiling import EXACT, FUSED, inlined, step


def test_an_exact_formula_is_not_fused_when_a_smooth_one_calls_it_first() -> None:
    @inlined(arithmetic=EXACT)
    def line(y: float, slope: float, x: float) -> float:
        return y + slope * x

    @step(arithmetic=FUSED)
    def fill(y, slope, x, out):  # type: ignore[no-untyped-def]
        for i in range(out.size):
            out[i] = line(y[i], slope[i], x[i])

    rng = np.random.default_rng(1)
    slope, x = rng.random((2, 1000))
    y, out = -(slope * x), np.empty(1000)
    fill(y, slope, x, out)
    # Rounded twice the sum is 0; fused, what the product lost in rounding comes back.
    assert not out.any()
