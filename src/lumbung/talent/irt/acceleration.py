"""Faster convergence of the EM iteration by Anderson mixing.

The EM map F moves slowly along directions that the answers say little about. Anderson (1965) combines the
last few steps so that their residuals ``F(x) - x`` cancel as well as possible (formulation of Walker and Ni
2011, equation 2.2). The caller guards it: a proposal that lowers the likelihood is dropped and the history
forgotten (as in Henderson and Varadhan 2019, DAAREM).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_RIDGE = 1e-12


class Anderson:
    """History of an iteration and its next proposal; with a memory of 0 the proposal is the plain step."""

    def __init__(self, memory: int = 8) -> None:
        self._memory = memory
        self._residual_changes: list[NDArray[np.float64]] = []
        self._image_changes: list[NDArray[np.float64]] = []
        self._last: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    def forget(self) -> None:
        """Start anew."""
        self._residual_changes.clear()
        self._image_changes.clear()
        self._last = None

    def pause(self) -> None:
        """Keep the directions but not the last point: the map is about to change a little."""
        self._last = None

    def propose(self, x: NDArray[np.float64], image: NDArray[np.float64]) -> NDArray[np.float64]:
        """Next point, given that the map took ``x`` to ``image``."""
        if not self._memory:
            return image
        residual = image - x
        if self._last is not None:
            self._residual_changes.append(residual - self._last[0])
            self._image_changes.append(image - self._last[1])
            del self._residual_changes[: -self._memory]
            del self._image_changes[: -self._memory]
        self._last = (residual, image)
        if not self._residual_changes:
            return image
        changes = np.stack(self._residual_changes, axis=1)
        gram = changes.T @ changes
        ridge = _RIDGE * np.trace(gram) * np.eye(len(gram))
        gamma = np.linalg.solve(gram + ridge, changes.T @ residual)
        return np.asarray(image - np.stack(self._image_changes, axis=1) @ gamma)
