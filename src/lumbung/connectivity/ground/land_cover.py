"""Land cover to clutter: what stands on the ground, by the classes of a land-cover map.

P.1812 asks for a representative height of what grows or is built at each point of a profile (section 3.2,
Table 2 there gives 10 m suburban, 15 m urban, trees and forest, 20 m dense urban as defaults). ESA WorldCover
tells eleven classes; the table here assigns them heights of ours, which a user may replace by measured ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.ground.geotiff import open_geotiff
from lumbung.connectivity.ground.terrain import Terrain, TerrainError, with_clutter

WORLDCOVER_HEIGHTS: dict[int, float] = {
    10: 15.0,  # tree cover: P.1812's "trees and forest"
    20: 3.0,  # shrubland
    30: 0.5,  # grassland
    40: 1.0,  # cropland
    50: 8.0,  # built-up: between rural houses and P.1812's suburban 10 m
    60: 0.0,  # bare or sparse vegetation
    70: 0.0,  # snow and ice
    80: 0.0,  # permanent water bodies
    90: 1.0,  # herbaceous wetland
    95: 10.0,  # mangroves
    100: 0.0,  # moss and lichen
}
"""ESA WorldCover class code -> clutter height [m]. The codes are the product's (WorldCover User Manual v2.0);
the heights of trees follow P.1812, the others are assumptions of ours."""
WORLDCOVER_WATER = frozenset({80})


class LandCoverError(TerrainError):
    """A land-cover raster that cannot be used."""


def clutter_from_classes(
    classes: NDArray[np.integer], heights: Mapping[int, float] = WORLDCOVER_HEIGHTS
) -> tuple[NDArray[np.float32], list[int]]:
    """Return clutter heights [m] for a raster of class codes, and the codes without a height (taken as 0 m)."""
    clutter = np.zeros(classes.shape, np.float32)
    unknown = []
    for code in np.unique(classes).tolist():
        if code in heights:
            clutter[classes == code] = heights[code]
        elif code != 0:
            unknown.append(int(code))
    return clutter, unknown


def read_land_cover(
    ground: Terrain,
    path: Path,
    heights: Mapping[int, float] = WORLDCOVER_HEIGHTS,
    water: frozenset[int] = WORLDCOVER_WATER,
) -> Terrain:
    """Lay a land-cover raster (GeoTIFF of class codes, any projection) over terrain.

    The class of each terrain cell is the one most frequent within it.

    Raises
    ------
    LandCoverError
        Where the file has no coordinate system or does not cover the terrain at all.
    """
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.transform import from_origin
    from rasterio.warp import Resampling, reproject

    west, _, _, north = ground.bounds
    classes = np.zeros(ground.height.shape, np.int32)
    try:
        with open_geotiff(path) as raster:
            if raster.crs is None:
                raise LandCoverError(f"{path}: has no coordinate system; declare it first")
            reproject(
                rasterio.band(raster, 1),
                classes,
                dst_transform=from_origin(west, north, ground.grid.step_lon, ground.grid.step_lat),
                dst_crs="EPSG:4326",
                resampling=Resampling.mode,
            )
    except RasterioError as error:
        raise LandCoverError(f"{path}: cannot be read as a raster ({error})") from error
    covered = float((classes != 0).mean())
    if covered == 0.0:
        raise LandCoverError(f"{path}: does not overlap the terrain {ground.bounds}")
    clutter, unknown = clutter_from_classes(classes, heights)
    note = f"land cover from {path.name}"
    if unknown:
        note += f"; codes without a height taken as 0 m: {', '.join(map(str, unknown))}"
    if covered < 0.999:
        note += f"; {100 * (1 - covered):.1f} % of the area has no land cover and 0 m clutter"
    return with_clutter(ground, clutter, np.isin(classes, list(water | {0})), note)
