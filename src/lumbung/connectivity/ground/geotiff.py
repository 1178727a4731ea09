"""Opens a GeoTIFF, and nothing that it points to.

GDAL goes by content, not by name: what is called ``.tif`` may be a list of other files of this machine, or of addresses elsewhere, and a
true GeoTIFF may name one as its overview. Either would be read, or asked over the network, the moment the file is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def open_geotiff(path: Path) -> Any:
    """Return an open raster, without the overviews that it names.

    Parameters
    ----------
    path : Path

    Raises
    ------
    rasterio.errors.RasterioError
        It is no GeoTIFF, or a broken one.
    """
    import rasterio

    return rasterio.open(path, driver="GTiff", OVERVIEW_LEVEL="NONE")
