"""Terrain: ground heights, clutter and radio zones on one geographic grid, and everything that was done to
them.

Whatever was filled, converted or assumed stands in ``notes``, which tables and maps repeat; generated ground
carries its label wherever it goes. Heights that are not known stay unknown (NaN): a path across them has no
loss, and nobody there counts as served.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.p1812.climate import COASTAL, INLAND, SEA
from lumbung.connectivity.engine.radials import UNKNOWN_HEIGHT, Grid
from lumbung.connectivity.engine.shore import distance_to, patch_sizes

GENERATED_LABEL = "generated"

COAST_REACH_KM = 50.0
COAST_HEIGHT_M = 100.0
"""Coastal land: within 50 km of the sea and below 100 m (P.1812-6 Table 3)."""
SMALLEST_SEA = 2000
"""Water at or below sea level that touches no edge of the raster counts as sea from this many cells; less is a pond."""
LARGEST_FILLED_VOID = 400
"""Voids of up to this many cells are filled from their rim."""
_KM_PER_DEGREE = math.radians(1.0) * 6371.0


class TerrainError(ValueError):
    """Terrain that cannot be used: says what was found, where, and what to do."""


@dataclass(frozen=True)
class Terrain:
    """Ground on a geographic grid, rows southwards.

    height: ground above sea level [m], NaN where unknown; clutter: height of what stands on it [m]; zone: 1
    sea, 3 coastal land, 4 inland; all of shape (rows, columns). grid: centre of the first cell and cell sizes
    [deg].

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import connectivity
    >>> ground = connectivity.terrain(
    ...     np.full((40, 40), 10.0, np.float32), connectivity.Grid(-8.0, 122.0, 0.002, 0.002), source="flat", generated=True
    ... )
    >>> ground
    <Terrain flat (generated): 40 x 40 cells of 222 m, 10 to 10 m>
    >>> ground.contains(np.array([-8.01, -9.0]), np.array([122.01, 122.01])).tolist()
    [True, False]
    """

    height: NDArray[np.float32]
    grid: Grid
    clutter: NDArray[np.float32]
    zone: NDArray[np.int8]
    source: str
    generated: bool = False
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        rows, columns = self.height.shape
        known = self.height[np.isfinite(self.height)]
        heights = f"{known.min():.0f} to {known.max():.0f} m" if known.size else "heights unknown"
        return f"<Terrain {self.label}: {rows} x {columns} cells of {self.cell_metres:.0f} m, {heights}>"

    @property
    def label(self) -> str:
        """Source of the ground as it must be shown, with the word "generated" where it is."""
        return f"{self.source} ({GENERATED_LABEL})" if self.generated else self.source

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north edges [deg]."""
        rows, columns = self.height.shape
        g = self.grid
        return (
            g.west - 0.5 * g.step_lon,
            g.north - (rows - 0.5) * g.step_lat,
            g.west + (columns - 0.5) * g.step_lon,
            g.north + 0.5 * g.step_lat,
        )

    @property
    def cell_metres(self) -> float:
        """Side of a cell north to south [m]."""
        return self.grid.step_lat * _KM_PER_DEGREE * 1000.0

    def contains(self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which positions lie within the raster."""
        west, south, east, north = self.bounds
        return (latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)

    def cells(
        self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column of the nearest cell of each position (held within the raster)."""
        rows = np.floor((self.grid.north - latitude) / self.grid.step_lat + 0.5).astype(np.int64)
        columns = np.floor((longitude - self.grid.west) / self.grid.step_lon + 0.5).astype(np.int64)
        return (
            np.clip(rows, 0, self.height.shape[0] - 1),
            np.clip(columns, 0, self.height.shape[1] - 1),
        )

    def engine_height(self) -> NDArray[np.float32]:
        """Return the heights with unknown ground as the engine marks it."""
        return np.where(np.isnan(self.height), np.float32(UNKNOWN_HEIGHT), self.height)


def terrain(
    height: NDArray[np.float32],
    grid: Grid,
    *,
    source: str,
    clutter: NDArray[np.float32] | None = None,
    water: NDArray[np.bool_] | None = None,
    generated: bool = False,
    notes: tuple[str, ...] = (),
) -> Terrain:
    """Build terrain from heights: fill small voids, tell sea from land and coast from inland.

    Parameters
    ----------
    height
        [m], shape (rows, columns), NaN where unknown.
    clutter
        [m], same shape; none when not given.
    water
        Cells that a land-cover map calls water. The sea is water at or below sea level; without such a map
        all ground at or below sea level in one large piece is taken for it, and a note says so.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import connectivity
    >>> ground = connectivity.terrain(
    ...     np.full((40, 40), 10.0, np.float32), connectivity.Grid(-8.0, 122.0, 0.002, 0.002), source="flat", generated=True
    ... )
    >>> ground.label, round(ground.cell_metres)
    ('flat (generated)', 222)
    """
    rows, columns = height.shape
    if rows < 3 or columns < 3:
        raise TerrainError(f"{source}: the raster has {rows} x {columns} cells; at least 3 x 3 are needed")
    if np.isnan(height).all():
        raise TerrainError(
            f"{source}: no cell has a height; is the void marker declared, and is this the right band?"
        )
    highest = float(np.nanmax(height))
    if highest > 9000.0:
        raise TerrainError(
            f"{source}: the highest cell is {highest:.0f} m, above any mountain; if the heights are in feet "
            f"say so "
            "(--height-unit feet), if it is a void marker declare it in the file"
        )
    said = list(notes)
    height, filled, unknown = _fill_small_voids(np.ascontiguousarray(height, dtype=np.float32))
    if filled:
        said.append(f"{filled} void cells filled from their rims")
    if unknown:
        said.append(
            f"{unknown} cells have no height; paths across them have no result and nobody there counts as "
            f"served"
        )
    sea = _sea(height, water)
    if water is None and sea.any():
        said.append(
            "no land cover given: ground at or below sea level in one large piece is taken for the sea"
        )
    if clutter is None:
        clutter = np.zeros(height.shape, np.float32)
        said.append("no land cover given: clutter height 0 m everywhere")
    clutter = np.where(sea, np.float32(0.0), clutter.astype(np.float32))
    return Terrain(
        height=height,
        grid=grid,
        clutter=clutter,
        zone=_zones(height, sea, grid),
        source=source,
        generated=generated,
        notes=tuple(said),
    )


def with_clutter(
    ground: Terrain, clutter: NDArray[np.float32], water: NDArray[np.bool_] | None, note: str
) -> Terrain:
    """Return the same ground with a land-cover map laid over it."""
    kept = tuple(text for text in ground.notes if "no land cover given" not in text)
    fresh = terrain(
        ground.height,
        ground.grid,
        source=ground.source,
        clutter=clutter,
        water=water,
        generated=ground.generated,
    )
    return replace(fresh, notes=(*kept, note))


def _fill_small_voids(height: NDArray[np.float32]) -> tuple[NDArray[np.float32], int, int]:
    """Fill voids up to the stated size from their rims; return heights, cells filled, cells still unknown."""
    void = np.isnan(height)
    if not void.any():
        return height, 0, 0
    small = void & (patch_sizes(void) <= LARGEST_FILLED_VOID)
    if small.any():
        from rasterio.fill import fillnodata

        patched = fillnodata(
            np.where(void, np.float32(0.0), height), mask=(~void).astype(np.uint8), max_search_distance=40
        )
        height = np.where(small, patched, height).astype(np.float32)
    return height, int(small.sum()), int(np.isnan(height).sum())


def _sea(height: NDArray[np.float32], water: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Tell the sea: water at or below sea level that is large or goes on beyond the raster."""
    low = np.nan_to_num(height, nan=1.0) <= 0.0
    if water is not None:
        low &= water
    if not low.any():
        return low
    return low & ((patch_sizes(low) >= SMALLEST_SEA) | _touching_edge(low))


def _touching_edge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells of patches that reach the raster's edge: a sea cut by the edge is still a sea if it is not tiny there."""
    sizes = patch_sizes(mask)
    edge_sizes = np.concatenate([sizes[0], sizes[-1], sizes[:, 0], sizes[:, -1]])
    reaching = np.unique(edge_sizes[edge_sizes >= SMALLEST_SEA // 20])
    return mask & np.isin(sizes, reaching)


def _zones(height: NDArray[np.float32], sea: NDArray[np.bool_], grid: Grid) -> NDArray[np.int8]:
    zone = np.full(height.shape, INLAND, np.int8)
    if sea.any():
        middle = math.radians(grid.north - 0.5 * height.shape[0] * grid.step_lat)
        north_south = grid.step_lat * _KM_PER_DEGREE
        east_west = grid.step_lon * _KM_PER_DEGREE * math.cos(middle)
        near = distance_to(sea, north_south, east_west, COAST_REACH_KM) <= COAST_REACH_KM
        zone[near & (np.nan_to_num(height, nan=1e4) < COAST_HEIGHT_M)] = COASTAL
        zone[sea] = SEA
    return zone
