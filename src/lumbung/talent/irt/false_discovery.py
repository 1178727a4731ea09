"""Many tests at once: p-values adjusted so that few of what is flagged is flagged by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def adjusted(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """p-values adjusted for the false discovery rate (Benjamini and Hochberg 1995); NaN stays."""
    result = np.full(len(p_values), np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known])[::-1]]
    ranks = np.arange(len(order), 0, -1)
    result[order] = np.minimum.accumulate(np.minimum(1.0, p_values[order] * len(order) / ranks))
    return result
