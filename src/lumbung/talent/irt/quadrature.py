"""Nodes and weights that stand for the distribution of ability.

With n items a person's posterior is about ``1 / sqrt(n)`` wide, so nodes must be closer than that: 61 nodes
on [-6, 6] are 0.2 apart, enough for 100 items and more. 21 nodes (0.6 apart) bias slopes of a long test
badly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DEFAULT_NODES = 61
DEFAULT_BOUND = 6.0
LANES = 16  # float32 lanes of a 512-bit register; kernels work on a whole number of them


def equally_spaced(nodes: int = DEFAULT_NODES, bound: float = DEFAULT_BOUND) -> NDArray[np.float64]:
    """Equally spaced nodes on ``[-bound, bound]``.

    Raises
    ------
    ValueError
        With fewer than 5 nodes or a bound that is not positive.
    """
    if nodes < 5 or not bound > 0:
        raise ValueError(f"expected at least 5 nodes and a positive bound, found {nodes} nodes on ±{bound}")
    return np.linspace(-bound, bound, nodes)


def normal_log_weights(theta: NDArray[np.float64], mean: float = 0.0, sd: float = 1.0) -> NDArray[np.float64]:
    """Logarithms of the weights of a normal distribution on the nodes, normalised to sum to one."""
    log_density = -0.5 * ((theta - mean) / sd) ** 2
    peak = log_density.max()
    return np.asarray(log_density - peak - np.log(np.exp(log_density - peak).sum()))


def padded(nodes: int) -> int:
    """Number of nodes rounded up to whole SIMD registers."""
    return -(-nodes // LANES) * LANES
