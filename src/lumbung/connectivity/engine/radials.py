"""From a terrain raster to losses: profiles cut along great circles, lists of links.

Positions are geographic, the Earth a sphere of 6371 km as in P.1812. Rows of a raster run southwards, columns
eastwards; ``Grid`` holds the centre of its first cell. Heights are interpolated between four cells, clutter
and zone taken from the nearest. A profile ends where the ground is unknown; what lies beyond has no loss
(``UNKNOWN_LOSS``), never a guessed one.

Links are shared out over threads whole, so the numbers do not depend on how many there are. A fan of radials swept
together (``p1812.sweep``) with losses interpolated between them would be faster, but over real mountains it puts a fifth
of the served area on the wrong side of the threshold: each cell is a link of its own.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.p1812.climate import EARTH_RADIUS_KM as EARTH_RADIUS_KM
from lumbung.connectivity.engine.p1812.climate import Setting
from lumbung.connectivity.engine.p1812.path import path_loss
from lumbung.kernels.compiling import FINITE, inlined, kernel, prange
from lumbung.kernels.elementary import atan, sin_small


class Grid(NamedTuple):
    """Where the cells of a raster lie: centre of the first cell [deg], cell sizes [deg] (both positive).

    Examples
    --------
    >>> from lumbung import connectivity
    >>> grid = connectivity.Grid(north=-8.0, west=122.0, step_lat=0.002, step_lon=0.002)
    >>> grid.north - 39 * grid.step_lat  # latitude of the fortieth row
    -8.078
    """

    north: float
    west: float
    step_lat: float
    step_lon: float


UNKNOWN_HEIGHT = -30000.0
"""Marks ground that is not known [m]; NaN would not survive the kernels' arithmetic."""
UNKNOWN_LOSS = 1e30
"""Marks a loss that cannot be computed because the profile is not known [dB]."""


@inlined(arithmetic=FINITE)
def _known(value: float) -> bool:
    return value > -20000.0


@inlined(arithmetic=FINITE)
def sample_height(height: NDArray[np.float32], grid: Grid, latitude: float, longitude: float) -> float:
    """Return the height [m] between four cells, or UNKNOWN_HEIGHT where one of them is unknown or outside."""
    y = (grid.north - latitude) / grid.step_lat
    x = (longitude - grid.west) / grid.step_lon
    rows, columns = height.shape
    # Half a cell around the outermost centres still belongs to them.
    if y < -0.5 or x < -0.5 or y > rows - 0.5 or x > columns - 0.5:
        return UNKNOWN_HEIGHT
    y = min(max(y, 0.0), rows - 1.0)
    x = min(max(x, 0.0), columns - 1.0)
    i = min(int(y), rows - 2)
    j = min(int(x), columns - 2)
    v = y - i
    u = x - j
    a = height[i, j]
    b = height[i, j + 1]
    c = height[i + 1, j]
    e = height[i + 1, j + 1]
    if not (_known(a) and _known(b) and _known(c) and _known(e)):
        return UNKNOWN_HEIGHT
    upper = a + u * (b - a)
    lower = c + u * (e - c)
    return float(upper + v * (lower - upper))


@inlined(arithmetic=FINITE)
def nearest_cell(shape: tuple[int, int], grid: Grid, latitude: float, longitude: float) -> tuple[int, int]:
    """Return row and column of the nearest cell, held within the raster."""
    i = math.floor((grid.north - latitude) / grid.step_lat + 0.5)
    j = math.floor((longitude - grid.west) / grid.step_lon + 0.5)
    return min(max(i, 0), shape[0] - 1), min(max(j, 0), shape[1] - 1)


@inlined(arithmetic=FINITE)
def _trace(
    latitude: float,
    longitude: float,
    bearing: float,
    step: float,
    phi: NDArray[np.float64],
    lam: NDArray[np.float64],
) -> None:
    """Fill latitudes phi and longitudes lam [deg] of points ``step`` [km] apart along a great circle.

    In vector code; holds as far as a great circle may run here, 30 degrees of arc (3,300 km).
    """
    sin_lat = math.sin(math.radians(latitude))
    cos_lat = math.cos(math.radians(latitude))
    sin_az = math.sin(bearing)
    cos_az = math.cos(bearing)
    for k in range(phi.size):
        angle = k * step / EARTH_RADIUS_KM
        s = sin_small(angle)
        half = sin_small(0.5 * angle)
        c = 1.0 - 2.0 * half * half
        sine = sin_lat * c + cos_lat * s * cos_az
        phi[k] = math.degrees(atan(sine / math.sqrt(max(1.0 - sine * sine, 1e-30))))
        east = s * sin_az * cos_lat
        ahead = c - sin_lat * sine
        turn = atan(east / (ahead if abs(ahead) > 1e-30 else 1e-30))
        across = math.pi if east >= 0.0 else -math.pi
        lam[k] = longitude + math.degrees(turn + (across if ahead < 0.0 else 0.0))


@inlined(arithmetic=FINITE)
def bearing_and_distance(
    latitude_1: float, longitude_1: float, latitude_2: float, longitude_2: float
) -> tuple[float, float]:
    """Return the bearing [rad, clockwise from north, 0 to 2 pi] and great-circle distance [km] from 1 to 2."""
    phi_1 = math.radians(latitude_1)
    phi_2 = math.radians(latitude_2)
    step = math.radians(longitude_2 - longitude_1)
    sin_1, cos_1 = math.sin(phi_1), math.cos(phi_1)
    sin_2, cos_2 = math.sin(phi_2), math.cos(phi_2)
    east = math.sin(step) * cos_2
    north = cos_1 * sin_2 - sin_1 * cos_2 * math.cos(step)
    along = sin_1 * sin_2 + cos_1 * cos_2 * math.cos(step)
    angle = math.atan2(math.sqrt(east * east + north * north), along)
    bearing = math.atan2(east, north)
    return (bearing if bearing >= 0.0 else bearing + 2.0 * math.pi), angle * EARTH_RADIUS_KM


@inlined(arithmetic=FINITE)
def _cut(
    height: NDArray[np.float32], clutter: NDArray[np.float32], zone: NDArray[np.int8], grid: Grid,
    latitude: float, longitude: float, bearing: float, step: float, count: int,
    h: NDArray[np.float64], r: NDArray[np.float64], z: NDArray[np.int8], phi: NDArray[np.float64],
) -> int:  # fmt: skip
    """Fill h, r, z and the latitudes phi along a great circle; return how many points are known from the start."""
    lam = np.empty(count)
    _trace(latitude, longitude, bearing, step, phi[:count], lam)
    for k in range(count):
        ground = sample_height(height, grid, phi[k], lam[k])
        if not _known(ground):
            return k
        i, j = nearest_cell(height.shape, grid, phi[k], lam[k])
        h[k] = ground
        r[k] = clutter[i, j]
        z[k] = zone[i, j]
    return count


@kernel(arithmetic=FINITE, parallel=True)
def link_losses(
    s: Setting,
    height: NDArray[np.float32],
    clutter: NDArray[np.float32],
    zone: NDArray[np.int8],
    grid: Grid,
    ends: NDArray[np.float64],
    step: float,
) -> NDArray[np.float64]:
    """Return the loss [dB] of each link, path by path; UNKNOWN_LOSS where its profile is not known.

    ends, shape (links, 6): transmitter latitude, longitude, antenna height, receiver latitude, longitude,
    antenna height. The profile has at least three points, evenly spaced, no farther apart than ``step`` [km].
    """
    links = ends.shape[0]
    loss = np.empty(links)
    for k in prange(links):
        bearing, distance = bearing_and_distance(ends[k, 0], ends[k, 1], ends[k, 3], ends[k, 4])
        distance = max(distance, 0.001)
        count = max(math.ceil(distance / step) + 1, 3)
        h = np.empty(count)
        r = np.empty(count)
        z = np.empty(count, np.int8)
        phi = np.empty(count)
        spacing = distance / (count - 1)
        known = _cut(
            height, clutter, zone, grid, ends[k, 0], ends[k, 1], bearing, spacing, count, h, r, z, phi
        )
        if known < count:
            loss[k] = UNKNOWN_LOSS
        else:
            d = np.empty(count)
            for i in range(count):
                d[i] = i * spacing
            centre = 0.5 * (phi[(count - 1) // 2] + phi[count // 2])
            loss[k] = path_loss(s, d, h, r, z, ends[k, 2], ends[k, 5], centre, -1.0, -1.0)
    return loss


@kernel(arithmetic=FINITE)
def profile_between(
    height: NDArray[np.float32], clutter: NDArray[np.float32], zone: NDArray[np.int8], grid: Grid,
    latitude_1: float, longitude_1: float, latitude_2: float, longitude_2: float, step: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int8], float, int]:  # fmt: skip
    """Return distance [km], ground [m], clutter [m], zone, latitude of the centre and how many points are known."""
    bearing, distance = bearing_and_distance(latitude_1, longitude_1, latitude_2, longitude_2)
    count = max(math.ceil(distance / step) + 1, 3)
    h = np.empty(count)
    r = np.empty(count)
    z = np.empty(count, np.int8)
    phi = np.empty(count)
    spacing = distance / (count - 1)
    known = _cut(height, clutter, zone, grid, latitude_1, longitude_1, bearing, spacing, count, h, r, z, phi)
    d = np.empty(count)
    for i in range(count):
        d[i] = i * spacing
    return d, h, r, z, 0.5 * float(phi[(count - 1) // 2] + phi[count // 2]), known
