"""How likely each sum score is at each ability: the recursion of Lord and Wingersky (1984)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import kernel
from lumbung.talent.irt.parameters import ItemParameters


@kernel
def _recursion(probabilities, row_starts, skipped, likelihood):  # type: ignore[no-untyped-def]
    nodes = probabilities.shape[1]
    likelihood[:] = 0.0
    likelihood[0] = 1.0
    top = 0
    old = np.empty_like(likelihood)
    for j in range(len(row_starts) - 1):
        if j == skipped:
            continue
        categories = row_starts[j + 1] - row_starts[j]
        old[: top + 1] = likelihood[: top + 1]
        likelihood[: top + categories] = 0.0
        for k in range(categories):
            for s in range(top + 1):
                for q in range(nodes):
                    likelihood[s + k, q] += old[s, q] * probabilities[row_starts[j] + k, q]
        top += categories - 1


def sum_score_likelihood(
    items: ItemParameters, theta: NDArray[np.float64], without: int = -1
) -> NDArray[np.float64]:
    """Probability of each sum score at each ability.

    Parameters
    ----------
    items : ItemParameters
    theta : float64 [nodes]
    without : int
        Item to leave out, -1 for none.

    Returns
    -------
    float64 [scores, nodes]
        Scores from 0 to the largest possible over all items (rows beyond reach are 0 when an item is left out).
    """
    likelihood = np.empty((int((items.categories - 1).sum()) + 1, len(theta)))
    _recursion(items.probabilities(theta), items.row_starts, without, likelihood)
    return likelihood
