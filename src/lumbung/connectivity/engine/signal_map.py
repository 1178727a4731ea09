"""Signal over a raster: each site's antennas, cell by cell, into the best server and the sum of all power."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.radials import (
    EARTH_RADIUS_KM,
    UNKNOWN_LOSS,
    Grid,
    bearing_and_distance,
    loss_in_fan,
)
from lumbung.kernels.compiling import FINITE, inlined, kernel, prange
from lumbung.kernels.elementary import exp10

SILENT = -400.0
"""Level of a cell that no site reaches [dBm]."""


@inlined(arithmetic=FINITE)
def pattern_gain(antenna: NDArray[np.float64], bearing: float, elevation: float) -> float:
    """Return the gain [dBi] of an antenna row (gain, bearing, downtilt, width_h, floor_h, width_v, floor_v); degrees.

    The same pattern as ``antenna.antenna_gain``, for kernels.
    """
    down = (elevation + antenna[2]) / antenna[5]
    vertical = min(12.0 * down * down, antenna[6])
    if antenna[3] == 0.0:
        return float(antenna[0] - vertical)
    across = bearing - antenna[1] + 180.0
    across = (across - 360.0 * math.floor(across / 360.0) - 180.0) / antenna[3]
    horizontal = min(12.0 * across * across, antenna[4])
    return float(antenna[0] - min(horizontal + vertical, antenna[4]))


@kernel(arithmetic=FINITE, parallel=True)
def add_site(
    fan: NDArray[np.float64],
    step: float,
    index: int,
    latitude: float,
    longitude: float,
    top: float,
    receiver_height: float,
    antennas: NDArray[np.float64],
    fixed_gain: float,
    height: NDArray[np.float32],
    grid: Grid,
    first_row: int,
    first_column: int,
    window: tuple[int, int, int, int],
    strongest: NDArray[np.float32],
    total: NDArray[np.float64],
    server: NDArray[np.int32],
) -> None:
    """Add one site to rasters of strongest level [dBm], summed power [mW] and best server.

    fan: losses around the site [dB], shape (radials, steps); top: its antennas above sea level [m]; antennas:
    one row each; fixed_gain: power of a subcarrier less all fixed losses [dBm]; window: first row, first column,
    rows and columns of the terrain to visit. The rasters begin at (first_row, first_column) of the terrain.
    """
    for i in prange(window[2]):
        row = window[0] + i
        y = grid.north - row * grid.step_lat
        for j in range(window[3]):
            column = window[1] + j
            x = grid.west + column * grid.step_lon
            bearing, distance = bearing_and_distance(latitude, longitude, y, x)
            loss = loss_in_fan(fan, step, bearing, distance)
            if loss >= UNKNOWN_LOSS:
                continue
            metres = max(distance * 1000.0, 1.0)
            rise = height[row, column] + receiver_height - top
            elevation = math.degrees(math.atan(rise / metres) - metres / (2.0 * EARTH_RADIUS_KM * 1000.0))
            a = row - first_row
            b = column - first_column
            for k in range(antennas.shape[0]):
                gain = pattern_gain(antennas[k], math.degrees(bearing), elevation)
                level = fixed_gain + gain - loss
                total[a, b] += exp10(0.1 * level)
                if level > strongest[a, b]:
                    strongest[a, b] = level
                    server[a, b] = index
