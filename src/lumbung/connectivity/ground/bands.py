"""A band of a raster as what it means: masked where it says so, scaled as it says, and no marker taken for a height.

Files of agencies carry values in tenths, and cells without a value as -9999 or 32767 that nobody declared. Read as they
stand they are wrong by ten, or a sea of ten kilometres; every reader of rasters here goes through this module.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

VOID_MARKERS = (
    -2147483648.0, -999999.0, -99999.0, -32768.0, -32767.0, -32766.0, -10000.0, -9999.0, -9998.0, -999.0, 9999.0, 32766.0,
    32767.0, 65534.0, 65535.0, 99999.0, 999999.0, 2147483647.0, 4294967295.0,
)  # fmt: skip
"""Numbers that stand for "no value" in files which do not declare them."""
LOWEST_GROUND_M = -500.0
HIGHEST_GROUND_M = 9000.0
"""Ground lies between: the shore of the Dead Sea is at -430 m, Everest at 8849 m."""


MOST_PEOPLE = 1e6
"""More people than this in one cell are none: the densest square kilometres hold a tenth of it."""


def read_people(raster: Any, window: Any = None) -> tuple[NDArray[np.float32], list[str]]:
    """Return the first band of an open raster as people per cell, NaN where void, and what was done.

    Undeclared void markers are those of ``VOID_MARKERS`` above 0, the largest number of the file's type, and whatever is
    beyond ``MOST_PEOPLE``; negative ones are for the caller to count.
    """
    values = raster.read(1, window=window)
    full = np.iinfo(values.dtype).max if np.issubdtype(values.dtype, np.integer) else np.inf
    people, notes = read_band(raster, window)
    with np.errstate(invalid="ignore"):
        marked = ~np.isnan(people) & (
            (values == full) | (np.isin(values, VOID_MARKERS) & (values > 0)) | (people > MOST_PEOPLE)
        )
    if marked.any():
        notes.append(_declare(values, marked, "empty"))
        people = np.where(marked, np.float32(np.nan), people)
    return people, notes


def read_band(raster: Any, window: Any = None, unit: float = 1.0) -> tuple[NDArray[np.float32], list[str]]:
    """Return the first band of an open raster with its scale and offset applied, NaN where masked, and what was done.

    Parameters
    ----------
    raster
        A ``rasterio`` dataset.
    window
        Part of it to read.
    unit
        How much of what is wanted one of the file's units is, e.g. 0.01 m of a file in centimetres.
    """
    values = raster.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
    scale, offset = float(raster.scales[0]), float(raster.offsets[0])
    notes = []
    if (scale, offset) != (1.0, 0.0):
        notes.append(f"the file's scale {scale:g} and offset {offset:g} applied")
    scale, offset = scale * unit, offset * unit
    if (scale, offset) != (1.0, 0.0):
        # Markers are in the file's own numbers: they go before the scale makes them look like values. Of ground that really is
        # as high as one, say 999.9 m in decimetres, single cells go too, and are filled from their rims.
        marked = np.isin(values, VOID_MARKERS)
        if marked.any():
            notes.append(_declare(values, marked, "unknown"))
            values[marked] = np.nan
        values = values * scale + offset
    return values.astype(np.float32), notes


def _declare(values: NDArray[Any], marked: NDArray[np.bool_], taken: str) -> str:
    """Return what is said of cells that hold an undeclared void marker."""
    named = ", ".join(f"{value:g}" for value in np.unique(values[marked])[:4])
    return (
        f"{int(marked.sum())} cells hold {named}, an undeclared void marker: taken as {taken} (gdal_edit.py -a_nodata declares "
        "it, or another where these are values)"
    )


def _extreme(values: NDArray[np.floating]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return (values < LOWEST_GROUND_M) | (values > HIGHEST_GROUND_M)


def without_undeclared_voids(height: NDArray[np.float32]) -> tuple[NDArray[np.float32], list[str]]:
    """Return heights [m] with undeclared void markers unknown, sea floor raised to 0 m, and what was done.

    A marker is one of ``VOID_MARKERS``, or any number beyond 100 km, where no ground can be; a height beyond
    ``HIGHEST_GROUND_M`` that is none stays, for whoever builds terrain of it refuses it. Numbers below
    ``LOWEST_GROUND_M`` that are none are sea floor, and then all below 0 is.
    """
    with np.errstate(invalid="ignore"):
        beyond = _extreme(height)
        marked = beyond & (np.isin(height, VOID_MARKERS) | (np.abs(height) > 1e5))
    notes = []
    if marked.any():
        notes.append(_declare(height, marked, "unknown"))
        height = np.where(marked, np.float32(np.nan), height)
    with np.errstate(invalid="ignore"):
        if (height < LOWEST_GROUND_M).any():
            notes.append(f"sea floor down to {float(np.nanmin(height)):.0f} m raised to 0 m")
            height = np.where(height < 0.0, np.float32(0.0), height)
    return height, notes
