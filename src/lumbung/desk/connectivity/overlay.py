"""A raster of signal as a picture that a web map lays over the land: PNG with a palette, rows evenly spaced in Mercator."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

CLASSES = (-80.0, -90.0, -100.0)
"""Lower bounds of the classes above the threshold's own [dBm]."""
COLOURS = ("#1d5b3f", "#4d9a6a", "#a9c94f", "#f2b705")
"""Of each class, the strongest first; the last is what is just served."""
_OPACITY = 175
_RELIEF = tuple(f"#{grey + 14:02x}{grey + 8:02x}{grey - 12:02x}" for grey in range(120, 241, 8))
"""Of the ground, from shade to light."""
_MOST_CELLS = 1200  # a side of the drawn ground


def classes(rsrp: NDArray[np.floating], threshold: float) -> NDArray[np.uint8]:
    """Return 0 where nobody is served or nothing is known, 1 where it is strongest, and so on.

    Parameters
    ----------
    rsrp : array of shape (rows, columns)
        [dBm], NaN where nothing is known.
    threshold : float
        From which a place is served [dBm].
    """
    level = np.nan_to_num(rsrp, nan=-999.0)
    bounds = [bound for bound in CLASSES if bound > threshold]
    found = np.zeros(level.shape, np.uint8)
    found[level >= threshold] = len(COLOURS)
    for number, bound in reversed(list(enumerate(bounds, start=1))):
        found[level >= bound] = number
    return found


def in_mercator(values: NDArray[Any], north: float, step: float) -> tuple[NDArray[Any], float, float]:
    """Return rows as a Mercator map spaces them, and the north and south edges [deg].

    Parameters
    ----------
    values : array of shape (rows, columns)
    north : float
        Centre of the first row [deg].
    step : float
        Between rows [deg].
    """
    rows = values.shape[0]
    top, bottom = north + 0.5 * step, north - (rows - 0.5) * step
    y = np.linspace(_y(top), _y(bottom), rows + 1)
    latitude = np.degrees(np.arctan(np.sinh(0.5 * (y[:-1] + y[1:]))))
    nearest = np.clip(np.rint((north - latitude) / step).astype(int), 0, rows - 1)
    return values[nearest], top, bottom


def _y(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude)))


def png(found: NDArray[np.uint8], colours: Sequence[str], opacity: int) -> bytes:
    """Return classes as a PNG (ISO/IEC 15948) with a palette whose first colour is transparent."""
    rows, columns = found.shape
    palette = b"\0\0\0" + b"".join(bytes.fromhex(colour[1:]) for colour in colours)
    alpha = bytes([0] + [opacity] * len(colours))
    lines = np.zeros((rows, columns + 1), np.uint8)  # each begins with its filter: none
    lines[:, 1:] = found
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"tRNS", alpha),
        (b"IDAT", zlib.compress(lines.tobytes(), 6)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def overlay(rsrp: NDArray[np.floating], grid: Any, threshold: float) -> tuple[bytes, list[float]]:
    """Return the picture, and its west, south, east and north edges [deg].

    Parameters
    ----------
    rsrp : array of shape (rows, columns)
        [dBm]
    grid : lumbung.connectivity.engine.radials.Grid
    threshold : float
        [dBm]
    """
    found, north, south = in_mercator(classes(rsrp, threshold), grid.north, grid.step_lat)
    west = grid.west - 0.5 * grid.step_lon
    return png(found, COLOURS, _OPACITY), [west, south, west + found.shape[1] * grid.step_lon, north]


def relief(ground: Any) -> tuple[bytes, list[float]]:
    """Return the ground as a picture lit from the north-west, and its west, south, east and north edges [deg].

    The sea and unknown ground are left open.

    Parameters
    ----------
    ground : lumbung.connectivity.ground.terrain.Terrain
    """
    every = max(1, -(-max(ground.height.shape) // _MOST_CELLS))
    height, zone = ground.height[::every, ::every], ground.zone[::every, ::every]
    south, east = np.gradient(np.nan_to_num(height, nan=0.0), ground.cell_metres * every)
    light = (east + south) / np.sqrt(
        2.0 * (1.0 + east**2 + south**2)
    )  # sine of the angle to a light at the horizon
    shade = np.clip((0.62 - 1.2 * light) * len(_RELIEF), 0, len(_RELIEF) - 1).astype(np.uint8) + 1
    shade[np.isnan(height) | (zone == 1)] = 0
    grid = ground.grid
    found, north, bottom = in_mercator(shade, grid.north, grid.step_lat * every)
    west = grid.west - 0.5 * grid.step_lon * every
    return png(found.astype(np.uint8), _RELIEF, 255), [
        west,
        bottom,
        west + found.shape[1] * grid.step_lon * every,
        north,
    ]
