"""Generated towers: on the highest ground near the largest generated villages, to try coverage without any file."""

from __future__ import annotations

import numpy as np

from lumbung.connectivity.engine.antenna import three_sectors
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.radio.sites import Site

_REACH_M = 2000.0
_HEIGHT_M = 40.0


def generated_towers(ground: Terrain, demand: Demand, count: int = 3) -> tuple[Site, ...]:
    """Return a tower on the highest ground within two kilometres of each of the largest villages."""
    reach = max(int(_REACH_M / ground.cell_metres), 1)
    sites: list[Site] = []
    for k in np.argsort(-demand.people)[:count]:
        row, column = (int(part[0]) for part in ground.cells(demand.latitude[[k]], demand.longitude[[k]]))
        top, left = max(row - reach, 0), max(column - reach, 0)
        near = ground.height[top : row + reach + 1, left : column + reach + 1]
        i, j = np.unravel_index(int(np.nanargmax(near)), near.shape)
        latitude = ground.grid.north - (top + int(i)) * ground.grid.step_lat
        longitude = ground.grid.west + (left + int(j)) * ground.grid.step_lon
        sites.append(Site(f"T{len(sites) + 1}", latitude, longitude, _HEIGHT_M, tuple(three_sectors())))
    return tuple(sites)
