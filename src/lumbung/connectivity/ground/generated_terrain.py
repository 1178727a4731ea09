"""Generated terrain: fractal islands with sea between them, for trying things where no elevation file is at
hand.

It looks like land and is none. Everything made of it is labelled generated.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.ground.terrain import Terrain, terrain

SOURCE = "fractal islands"

# Height of what grows or stands, by the bands of the generated land cover [m].
_FOREST_M = 20.0
_GARDEN_M = 6.0
_FIELD_M = 1.0


def fractal_surface(
    rows: int, columns: int, roughness: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return a surface with mean 0 and deviation 1 whose power falls with wavenumber to the -2 roughness.

    Spectral synthesis (Saupe 1988): white noise shaped in the Fourier domain. It has no edge-to-edge jump.
    """
    ky = np.fft.fftfreq(rows)[:, None] * rows
    kx = np.fft.rfftfreq(columns)[None, :] * columns
    k = np.hypot(ky, kx * rows / columns)
    k[0, 0] = np.inf
    noise = rng.normal(size=k.shape) + 1j * rng.normal(size=k.shape)
    surface = np.fft.irfft2(noise * k**-roughness, (rows, columns))
    return np.asarray((surface - surface.mean()) / surface.std())


def generated_islands(
    seed: int,
    *,
    north: float = -8.0,
    west: float = 122.0,
    rows: int = 1000,
    columns: int = 1000,
    cell_metres: float = 90.0,
    land_share: float = 0.55,
    highest: float = 1600.0,
) -> Terrain:
    """Return islands with mountains, forest and villages' clutter; the same seed gives the same ground.

    Parameters
    ----------
    north, west
        Centre of the first cell [deg].
    cell_metres
        Side of a cell [m].
    land_share
        Part of the area above the sea, 0 to 1.
    highest
        Height of the highest summit [m].
    """
    rng = np.random.default_rng(seed)
    shape = fractal_surface(rows, columns, 2.0, rng)
    sea_level = np.quantile(shape, 1.0 - land_share)
    above = np.clip(shape - sea_level, 0.0, None)
    # Volcanic islands rise slowly from the coast and steeply inland.
    height = (above / above.max()) ** 1.4 * highest
    land = shape > sea_level
    height = np.where(land, np.maximum(height, 0.5), 0.0).astype(np.float32)
    # Forest on the slopes, open fields and gardens below, some woods among them.
    wood = fractal_surface(rows, columns, 1.3, rng) + np.clip(height / 250.0 - 1.0, -1.0, 1.5)
    clutter = np.where(wood > 0.7, _FOREST_M, np.where(wood < -2.0, _GARDEN_M, _FIELD_M))
    clutter = np.where(land, clutter, 0.0).astype(np.float32)
    degrees = cell_metres / (math.radians(1.0) * 6371000.0)
    grid = Grid(north, west, degrees, degrees / math.cos(math.radians(north)))
    return terrain(
        height,
        grid,
        source=f"{SOURCE}, seed {seed}",
        clutter=clutter,
        water=~land,
        generated=True,
        notes=("the ground, its forest and its coast are generated, not surveyed",),
    )
