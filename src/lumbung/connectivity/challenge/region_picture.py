"""Draws a region without words: ground by height, villages, candidate sites. SVG, for the sheet of a challenge's picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.challenge.remote_regions import RemoteArea
from lumbung.connectivity.engine.p1812.climate import SEA

_LEVELS = 5
_CELL = 5.0
"""Side of a cell on the sheet."""


def region(area: RemoteArea, x: float, y: float, width: float, height: float) -> list[str]:
    """Draw a region into a frame, north up; what is higher or wider than the frame is cut at its middle.

    Parameters
    ----------
    area : RemoteArea
    x, y, width, height : float
        The frame.
    """
    west, south, east, north = area.ground.bounds
    down, across = int(height // _CELL), int(width // _CELL)
    scale = max(across, down)
    rows, columns = area.ground.height.shape
    first_row, first_column = (scale - down) / 2, (scale - across) / 2
    row = ((np.arange(down) + first_row + 0.5) / scale * rows).astype(int)
    column = ((np.arange(across) + first_column + 0.5) / scale * columns).astype(int)
    heights = area.ground.height[np.ix_(row, column)]
    levels = _levelled(heights, area.ground.zone[np.ix_(row, column)] == SEA)
    # Higher ground lies upon lower, so that no seam shows between them.
    parts = [
        f'<path class="{"sea" if level == 0 else f"g{level}"}" d="{"".join(_runs(levels >= level))}"/>'
        for level in range(_LEVELS + 1)
        if (levels == level).any()
    ]
    ground = f'<g transform="translate({x:.1f} {y:.1f}) scale({_CELL:g})">{"".join(parts)}</g>'

    def placed(latitude: float, longitude: float) -> tuple[float, float] | None:
        right = ((longitude - west) / (east - west) * scale - first_column) * _CELL
        below = ((north - latitude) / (north - south) * scale - first_row) * _CELL
        return (x + right, y + below) if 0 <= right <= across * _CELL and 0 <= below <= down * _CELL else None

    villages = (placed(*place) for place in zip(area.demand.latitude, area.demand.longitude, strict=True))
    sites = (placed(one.latitude, one.longitude) for one in area.candidates)
    dots = "".join(f"M{p[0] - 1:.0f} {p[1] - 1:.0f}h2v2h-2z" for p in villages if p)
    masts = "".join(f"M{p[0]:.0f} {p[1] - 3:.0f}l2.4 4h-4.8z" for p in sites if p)
    return [ground, f'<path class="place" d="{dots}"/>', f'<path class="mark" d="{masts}"/>']


def _levelled(heights: NDArray[np.float32], sea: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return 0 for sea and 1 to `_LEVELS` by equal steps of height."""
    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    part = (np.nan_to_num(heights, nan=low) - low) / max(high - low, 1.0)
    levels: NDArray[np.int64] = np.clip((part * _LEVELS).astype(np.int64) + 1, 1, _LEVELS)
    return np.where(sea, 0, levels)


def _runs(mask: NDArray[np.bool_]) -> Iterator[str]:
    """Yield a box for each run of cells in a row, a cell being one wide."""
    for number, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
        for start, end in edges.reshape(-1, 2):
            yield f"M{start} {number}h{end - start}v1.1H{start}z"
