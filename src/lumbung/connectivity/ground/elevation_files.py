"""Read elevation from the user's own disk: SRTM .hgt, GeoTIFF (Copernicus DEM among them), Terrarium PNG
tiles.

Several files become one raster. Projected ones are brought to geographic coordinates; feet become metres;
both are said in the notes of the result.
"""

from __future__ import annotations

import gzip
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.ground.bands import read_band, without_undeclared_voids
from lumbung.connectivity.ground.geotiff import open_geotiff
from lumbung.connectivity.ground.terrain import Terrain, TerrainError, terrain

HeightUnit = Literal["metres", "feet"]
METRES_PER_FOOT = 0.3048
_IN_METRES = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "km": 1000.0,
    **dict.fromkeys(("ft", "foot", "feet", "us-ft", "us survey foot", "ussurveyfoot"), METRES_PER_FOOT),
}  # fmt: skip
"""Unit of heights as a file names it -> metres."""
_COLOURS = ("palette", "red", "green", "blue", "cyan", "magenta", "yellow", "black")
_SAME_PLACE = 0.25
"""Cells by which another datum may move a raster and still be taken as longitudes and latitudes of ours."""
LARGEST_RASTER = 150_000_000
"""Cells of one raster; beyond, the user is asked for a smaller area."""

_HGT_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
_HGT_VOID = -32768
_HGT_SIDES = {1201: 3.0, 3601: 1.0}  # samples of a side -> arc seconds


class ElevationFileError(TerrainError):
    """An elevation file that cannot be used: names the file, what was found, what is expected."""


@dataclass(frozen=True)
class Tile:
    """Heights of one file on a geographic grid [m], NaN where unknown."""

    height: NDArray[np.float32]
    grid: Grid
    name: str
    notes: tuple[str, ...] = ()


def read_terrain(
    paths: Sequence[Path],
    *,
    height_unit: HeightUnit = "metres",
    bounds: tuple[float, float, float, float] | None = None,
    void_is_sea: bool = False,
) -> Terrain:
    """Read elevation files (or folders of them) into one terrain, without land cover.

    Parameters
    ----------
    paths
        Files ``.hgt`` (also ``.hgt.gz``, ``.hgt.zip``), ``.tif``/``.tiff``, or Terrarium ``z/x/y.png``;
        folders are searched.
    height_unit
        "feet" for files in feet that do not say so themselves.
    bounds
        West, south, east, north [deg] to cut to; everything by default.
    void_is_sea
        Take cells without a height for the sea at 0 m (older SRTM leaves the sea void).

    Raises
    ------
    ElevationFileError
        Naming the file.
    """
    files = elevation_files(paths)
    if not files:
        raise ElevationFileError(
            f"no elevation file found in {', '.join(map(str, paths))}; expected .hgt, .tif or Terrarium .png "
            f"tiles"
        )
    terrarium = [path for path in files if path.suffix.lower() == ".png"]
    tiles = [_read_tile(path, bounds) for path in files if path not in terrarium]
    if terrarium:
        tiles.append(_read_terrarium(terrarium))
    tiles = [tile for tile in tiles if tile.height.size]
    if not tiles:
        raise ElevationFileError(
            f"none of the {len(files)} elevation files lies within the area asked for {bounds}"
        )
    merged = _merge(tiles)
    notes = [note for tile in tiles for note in tile.notes]
    height, grid = _cut(merged.height, merged.grid, bounds)
    if height_unit == "feet":
        height = height * np.float32(METRES_PER_FOOT)
        notes.append("heights converted from feet")
    if void_is_sea:
        void = np.isnan(height)
        height = np.where(void, np.float32(0.0), height)
        notes.append(f"{int(void.sum())} cells without a height taken for the sea, as asked")
    name = tiles[0].name if len(tiles) == 1 else f"{tiles[0].name} and {len(tiles) - 1} more"
    return terrain(height, grid, source=name, notes=tuple(dict.fromkeys(notes)))


def elevation_files(paths: Sequence[Path]) -> list[Path]:
    """Return the elevation files among paths and in folders.

    Raises
    ------
    ElevationFileError
        For a path that does not exist or has another format.
    """
    suffixes = (".hgt", ".hgt.gz", ".hgt.zip", ".tif", ".tiff", ".png")
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (
                p for p in path.rglob("*") if not p.name.startswith("._")
            )  # what macOS leaves beside files
            found += sorted(p for p in inside if p.name.lower().endswith(suffixes))
        elif not path.exists():
            raise ElevationFileError(f"{path}: no such file")
        elif path.name.lower().endswith(suffixes):
            found.append(path)
        else:
            raise ElevationFileError(
                f"{path}: not an elevation format read here; expected one of {', '.join(suffixes)}"
            )
    return found


def _read_tile(path: Path, bounds: tuple[float, float, float, float] | None) -> Tile:
    return _read_hgt(path) if ".hgt" in path.name.lower() else _read_geotiff(path, bounds)


def _read_hgt(path: Path) -> Tile:
    """Read an SRTM tile: big-endian int16, rows southwards, samples on the tile's edges, void -32768."""
    corner = _HGT_NAME.search(path.name)
    if corner is None:
        raise ElevationFileError(
            f"{path}: an SRTM tile is named after its south-west corner, e.g. S09E122.hgt"
        )
    south = int(corner[2]) * (-1 if corner[1].upper() == "S" else 1)
    west = int(corner[4]) * (-1 if corner[3].upper() == "W" else 1)
    content = _bytes_of(path)
    data = np.frombuffer(content[: len(content) // 2 * 2], dtype=">i2")
    side = math.isqrt(data.size)
    if side * side != data.size or side not in _HGT_SIDES:
        raise ElevationFileError(
            f"{path}: {data.size} samples; an SRTM tile has 1201 x 1201 (3 arc seconds) or 3601 x 3601 (1 "
            f"arc second)"
        )
    height = data.reshape(side, side).astype(np.float32)
    height[data.reshape(side, side) == _HGT_VOID] = np.nan
    height, said = without_undeclared_voids(height)
    step = _HGT_SIDES[side] / 3600.0
    notes = tuple(f"{path.name}: {note}" for note in said)
    return Tile(height, Grid(south + 1.0, float(west), step, step), path.name, notes)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.suffix.lower() == ".gz":
            return gzip.decompress(path.read_bytes())
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                inside = [name for name in archive.namelist() if name.lower().endswith(".hgt")]
                inside = [name for name in inside if not Path(name).name.startswith("._")]
                if len(inside) != 1:
                    raise ElevationFileError(f"{path}: holds {len(inside)} .hgt files; expected one")
                return archive.read(inside[0])
        return path.read_bytes()
    # What gzip and zipfile raise over a broken or an encrypted file is not of one family.
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise ElevationFileError(f"{path}: cannot be read ({error})") from error


def _read_geotiff(path: Path, bounds: tuple[float, float, float, float] | None) -> Tile:
    from rasterio.errors import RasterioError

    try:
        with open_geotiff(path) as raster:
            _check_geotiff(path, raster)
            window = _window(raster, bounds)
            if window is None:
                return Tile(np.empty((0, 0), np.float32), Grid(0.0, 0.0, 1.0, 1.0), path.name)
            _check_size(path, window.width * window.height)
            notes = []
            metres = _metres(path, raster)
            if _in_degrees(raster):
                height, grid, said = _as_it_lies(raster, window, metres)
            else:
                height, grid, said = _to_geographic(raster, window, metres)
                notes.append(f"{path.name}: brought from {raster.crs.to_string()} to geographic coordinates")
    except RasterioError as error:
        raise ElevationFileError(f"{path}: cannot be read as a raster ({error})") from error
    notes += [f"{path.name}: {note}" for note in said]
    if metres != 1.0:
        unit = "feet" if metres == METRES_PER_FOOT else f"{metres:g} m"
        notes.append(f"{path.name}: says its heights are in {unit}; converted")
    return Tile(np.ascontiguousarray(height), grid, path.name, tuple(notes))


def _in_degrees(raster: Any) -> bool:
    """Say whether rows and columns of a raster are latitudes and longitudes of WGS 84, or lie where those would.

    A geographic system may count from Jakarta instead of Greenwich, in grads, or on a datum some hundred metres off.
    """
    from rasterio.warp import transform

    if raster.crs.is_projected or raster.transform.b or raster.transform.d:
        return False
    place = raster.transform
    east = place.c + place.a * np.array([0, raster.width, 0, raster.width])
    north = place.f + place.e * np.array([0, 0, raster.height, raster.height])
    longitude, latitude = transform(raster.crs, "EPSG:4326", east.tolist(), north.tolist())
    away = (np.array(longitude) - east + 180.0) % 360.0 - 180.0, np.array(latitude) - north
    return bool(np.max(np.abs(away)) <= _SAME_PLACE * min(raster.res))


def _window(raster: Any, bounds: tuple[float, float, float, float] | None) -> Any:
    """Return the part of a raster within bounds and two cells around them; None where there is none."""
    from rasterio.warp import transform_bounds
    from rasterio.windows import Window

    whole = Window(0, 0, raster.width, raster.height)
    turned = raster.transform.b or raster.transform.d
    if bounds is None or turned:
        return whole
    if not _in_degrees(raster):
        bounds = transform_bounds("EPSG:4326", raster.crs, *bounds)
        if not np.isfinite(bounds).all():
            return whole
    place = raster.transform
    columns = sorted((x - place.c) / place.a for x in (bounds[0], bounds[2]))
    rows = sorted((y - place.f) / place.e for y in (bounds[1], bounds[3]))
    left, right = max(math.floor(columns[0]) - 2, 0), min(math.ceil(columns[1]) + 2, raster.width)
    top, bottom = max(math.floor(rows[0]) - 2, 0), min(math.ceil(rows[1]) + 2, raster.height)
    return Window(left, top, right - left, bottom - top) if left < right and top < bottom else None


def _as_it_lies(raster: Any, window: Any, metres: float) -> tuple[NDArray[np.float32], Grid, list[str]]:
    """Return the heights of a window of a raster in degrees, rows southwards and columns eastwards however they are stored."""
    height, said = _heights(raster, window, metres)
    place = raster.window_transform(window)
    rows, columns = height.shape
    north, west = place.f, place.c
    if place.e > 0.0:
        height, north = height[::-1], place.f + place.e * rows
    if place.a < 0.0:
        height, west = height[:, ::-1], place.c + place.a * columns
    step_lat, step_lon = abs(place.e), abs(place.a)
    return height, Grid(north - 0.5 * step_lat, west + 0.5 * step_lon, step_lat, step_lon), said


def _check_geotiff(path: Path, raster: Any) -> None:
    crs = raster.crs
    if crs is None:
        raise ElevationFileError(
            f"{path}: has no coordinate system, so its cells could lie anywhere; declare it first, e.g. "
            "gdal_edit.py -a_srs EPSG:4326 FILE for longitudes and latitudes"
        )
    if not crs.is_projected and not crs.is_geographic:
        raise ElevationFileError(
            f"{path}: its coordinate system {crs.to_string()} is neither geographic nor projected"
        )
    if raster.colorinterp[0].name in _COLOURS:
        raise ElevationFileError(
            f"{path}: its first band is {raster.colorinterp[0].name}: a picture of the ground, not heights; give the file "
            "that the picture was made of"
        )
    west, east = sorted((raster.bounds.left, raster.bounds.right))
    south, north = sorted((raster.bounds.bottom, raster.bounds.top))
    if crs.is_geographic and (west < -360.0 or east > 360.0 or south < -90.5 or north > 90.5):
        raise ElevationFileError(
            f"{path}: says its coordinates are degrees but spans {west:g} to {east:g} by {south:g} to "
            f"{north:g}; "
            "the coordinate system declared in the file is wrong"
        )


def _metres(path: Path, raster: Any) -> float:
    """Return how many metres the unit of a raster's heights has, 1 where it names none."""
    unit = (raster.units[0] or "").strip().lower() or "m"
    if unit not in _IN_METRES:
        raise ElevationFileError(
            f"{path}: says its heights are in {raster.units[0]!r}; expected one of {', '.join(_IN_METRES)}"
        )
    return _IN_METRES[unit]


def _check_size(path: Path, cells: float) -> None:
    if cells > LARGEST_RASTER:
        raise ElevationFileError(
            f"{path}: {cells / 1e6:.0f} million cells; give the area of interest (at most "
            f"{LARGEST_RASTER // 10**6} million)"
        )


def _heights(raster: Any, window: Any, metres: float) -> tuple[NDArray[np.float32], list[str]]:
    kinds, name = raster.dtypes, raster.name
    if kinds[0] == "uint8":
        raise ElevationFileError(
            f"{name}: holds whole numbers from 0 to 255, a picture of the ground rather than its heights; expected an elevation "
            "model in metres"
        )
    values, scaled = read_band(raster, window, metres)
    height, said = without_undeclared_voids(values)
    if len(kinds) > 1:
        said.append(f"{len(kinds)} bands: the first is taken for the heights")
    return height, [*scaled, *said]


def _to_geographic(raster: Any, window: Any, metres: float) -> tuple[NDArray[np.float32], Grid, list[str]]:
    from rasterio.transform import array_bounds
    from rasterio.warp import Resampling, calculate_default_transform, reproject

    place = raster.window_transform(window)
    source, said = _heights(raster, window, metres)
    transform, columns, rows = calculate_default_transform(
        raster.crs, "EPSG:4326", source.shape[1], source.shape[0], *array_bounds(*source.shape, place)
    )
    out = np.full((rows, columns), np.nan, np.float32)
    reproject(
        source,
        out,
        src_transform=place,
        src_crs=raster.crs,
        dst_transform=transform,
        dst_crs="EPSG:4326",
        src_nodata=np.nan,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )
    step_lat = -transform.e
    grid = Grid(transform.f - 0.5 * step_lat, transform.c + 0.5 * transform.a, step_lat, transform.a)
    return out, grid, said


def _read_terrarium(paths: list[Path]) -> Tile:
    """Join Terrarium tiles: web-Mercator squares of 256 pixels, height = 256 R + G + B / 256 - 32768."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    places: dict[tuple[int, int], Path] = {}
    zooms = set()
    for path in paths:
        try:
            zoom, x, y = int(path.parent.parent.name), int(path.parent.name), int(path.stem)
        except ValueError as error:
            raise ElevationFileError(f"{path}: a Terrarium tile lies at ZOOM/X/Y.png") from error
        zooms.add(zoom)
        places[x, y] = path
    if len(zooms) != 1:
        raise ElevationFileError(f"Terrarium tiles of zooms {sorted(zooms)} were given; give one zoom")
    zoom = zooms.pop()
    left, top = min(x for x, _ in places), min(y for _, y in places)
    right, bottom = max(x for x, _ in places) + 1, max(y for _, y in places) + 1
    _check_size(paths[0], (right - left) * (bottom - top) * 65536)
    mosaic = np.full(((bottom - top) * 256, (right - left) * 256), np.nan, np.float32)
    for (x, y), path in places.items():
        with warnings.catch_warnings():
            # A tile's place is in its name, not in its file.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            raster = rasterio.open(path, driver="PNG")
        with raster:
            if raster.count < 3 or raster.shape != (256, 256):
                raise ElevationFileError(
                    f"{path}: a Terrarium tile has 256 x 256 pixels in red, green and blue"
                )
            red, green, blue = raster.read((1, 2, 3)).astype(np.float32)
        row, column = (y - top) * 256, (x - left) * 256
        mosaic[row : row + 256, column : column + 256] = 256.0 * red + green + blue / 256.0 - 32768.0
    # The sea floor is in these tiles; radio sees the surface of the water.
    mosaic = np.maximum(mosaic, 0.0)
    pixels = 256 * 2**zoom
    step = 360.0 / pixels
    mercator = np.pi * (1.0 - 2.0 * (np.arange(mosaic.shape[0]) + top * 256 + 0.5) / pixels)
    latitude = np.degrees(np.arctan(np.sinh(mercator)))
    rows = max(3, round((latitude[0] - latitude[-1]) / step) + 1)
    wanted = latitude[0] - np.arange(rows) * (latitude[0] - latitude[-1]) / (rows - 1)
    place = np.interp(wanted, latitude[::-1], np.arange(latitude.size)[::-1])
    above = np.clip(place.astype(int), 0, latitude.size - 2)
    share = (place - above)[:, None].astype(np.float32)
    height = mosaic[above] * (1.0 - share) + mosaic[above + 1] * share
    grid = Grid(
        float(latitude[0]), left * 256 * step - 180.0 + 0.5 * step, float(wanted[0] - wanted[1]), step
    )
    return Tile(
        height.astype(np.float32),
        grid,
        f"{len(places)} Terrarium tiles, zoom {zoom}",
        ("sea floor raised to 0 m",),
    )


def _merge(tiles: list[Tile]) -> Tile:
    """Lay tiles onto one grid with the finest step; where they overlap the finer one wins, of equals the earlier one."""
    if len(tiles) == 1:
        return tiles[0]
    tiles = sorted(tiles, key=lambda tile: round(math.log(tile.grid.step_lat * tile.grid.step_lon), 1))
    step_lat = min(tile.grid.step_lat for tile in tiles)
    step_lon = min(tile.grid.step_lon for tile in tiles)
    north = max(tile.grid.north for tile in tiles)
    west = min(tile.grid.west for tile in tiles)
    south = min(tile.grid.north - (tile.height.shape[0] - 1) * tile.grid.step_lat for tile in tiles)
    east = max(tile.grid.west + (tile.height.shape[1] - 1) * tile.grid.step_lon for tile in tiles)
    rows = round((north - south) / step_lat) + 1
    columns = round((east - west) / step_lon) + 1
    _check_size(Path(tiles[0].name), rows * columns)
    height = np.full((rows, columns), np.nan, np.float32)
    grid = Grid(north, west, step_lat, step_lon)
    for tile in tiles:
        _lay(tile, height, grid)
    return Tile(height, grid, tiles[0].name)


def _lay(tile: Tile, height: NDArray[np.float32], grid: Grid) -> None:
    rows, columns = tile.height.shape
    # A tile reaches to the edges of its cells, half a step beyond their middles: else a seam of unknown ground stays open
    # between tiles of different steps.
    top = (grid.north - tile.grid.north) / grid.step_lat
    left = (tile.grid.west - grid.west) / grid.step_lon
    tall, wide = tile.grid.step_lat / grid.step_lat, tile.grid.step_lon / grid.step_lon
    first_row = max(math.ceil(top - 0.5 * tall - 1e-6), 0)
    first_column = max(math.ceil(left - 0.5 * wide - 1e-6), 0)
    last_row = math.floor(top + (rows - 0.5) * tall + 1e-6)
    last_column = math.floor(left + (columns - 0.5) * wide + 1e-6)
    view = height[first_row : last_row + 1, first_column : last_column + 1]
    latitude = grid.north - (first_row + np.arange(view.shape[0])) * grid.step_lat
    longitude = grid.west + (first_column + np.arange(view.shape[1])) * grid.step_lon
    i = np.clip((tile.grid.north - latitude) / tile.grid.step_lat, 0.0, rows - 1.0)
    j = np.clip((longitude - tile.grid.west) / tile.grid.step_lon, 0.0, columns - 1.0)
    a = np.minimum(i.astype(int), rows - 2)
    b = np.minimum(j.astype(int), columns - 2)
    u = (i - a)[:, None]
    v = (j - b)[None, :]
    # Exactly on a sample, its neighbour must not matter, not even an unknown one.
    u = np.where(np.abs(u - np.round(u)) < 1e-6, np.round(u), u)
    v = np.where(np.abs(v - np.round(v)) < 1e-6, np.round(v), v)
    corners = [tile.height[np.ix_(a + y, b + x)] for y in (0, 1) for x in (0, 1)]
    weights = [(1.0 - u) * (1.0 - v), (1.0 - u) * v, u * (1.0 - v), u * v]
    value = sum(
        np.where(weight == 0.0, 0.0, weight * corner) for weight, corner in zip(weights, corners, strict=True)
    )
    np.copyto(view, value, where=np.isnan(view), casting="same_kind")


def _cut(
    height: NDArray[np.float32], grid: Grid, bounds: tuple[float, float, float, float] | None
) -> tuple[NDArray[np.float32], Grid]:
    if bounds is None:
        return height, grid
    west, south, east, north = bounds
    rows, columns = height.shape
    top = max(math.floor((grid.north - north) / grid.step_lat), 0)
    bottom = min(math.ceil((grid.north - south) / grid.step_lat) + 1, rows)
    left = max(math.floor((west - grid.west) / grid.step_lon), 0)
    right = min(math.ceil((east - grid.west) / grid.step_lon) + 1, columns)
    if top >= bottom or left >= right:
        raise ElevationFileError(
            f"the elevation covers {grid.west:.3f} to {grid.west + columns * grid.step_lon:.3f} east and "
            f"{grid.north - rows * grid.step_lat:.3f} to {grid.north:.3f} north; the area asked for lies "
            f"outside"
        )
    return (
        np.ascontiguousarray(height[top:bottom, left:right]),
        Grid(
            grid.north - top * grid.step_lat, grid.west + left * grid.step_lon, grid.step_lat, grid.step_lon
        ),
    )
