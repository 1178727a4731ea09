"""Reading elevation: every format round-trips a known surface, and broken files are named."""

from __future__ import annotations

import gzip
import math
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from lumbung.connectivity.ground.elevation_files import ElevationFileError, read_terrain


def surface(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """A plane in degrees that every format must give back [m]."""
    return 500.0 + 100.0 * (latitude + 8.5) + 200.0 * (longitude - 122.5)


def write_tif(path: Path, values: np.ndarray, **changes: object) -> Path:
    options = {
        "crs": "EPSG:4326",
        "transform": from_origin(122.0, -8.0, 0.01, 0.01),
        "nodata": -9999.0,
        **changes,
    }
    units = options.pop("units", None)
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
        dtype=values.dtype, **options,
    ) as raster:  # fmt: skip
        raster.write(values, 1)
        if units:
            raster.units = (units,)
    return path


def plane(rows: int = 40, columns: int = 50) -> np.ndarray:
    latitude = -8.0 - 0.01 * (np.arange(rows) + 0.5)
    longitude = 122.0 + 0.01 * (np.arange(columns) + 0.5)
    return surface(latitude[:, None], longitude[None, :]).astype(np.float32)


def hgt_bytes(side: int = 1201) -> bytes:
    """S09E122: samples on the edges, row 0 at 8 S."""
    steps = np.arange(side) / (side - 1)
    heights = surface(-8.0 - steps[:, None], 122.0 + steps[None, :])
    return np.round(heights).astype(">i2").tobytes()


def heights_at(ground: object, latitude: float, longitude: float) -> float:
    row, column = ground.cells(np.array([latitude]), np.array([longitude]))
    return float(ground.height[row[0], column[0]])


@pytest.mark.parametrize("packing", ["plain", "gz", "zip"])
def test_srtm_tiles(tmp_path: Path, packing: str) -> None:
    data = hgt_bytes()
    if packing == "plain":
        path = tmp_path / "S09E122.hgt"
        path.write_bytes(data)
    elif packing == "gz":
        path = tmp_path / "S09E122.hgt.gz"
        path.write_bytes(gzip.compress(data))
    else:
        path = tmp_path / "S09E122.hgt.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("S09E122.hgt", data)
    ground = read_terrain([path])
    assert ground.height.shape == (1201, 1201)
    for latitude, longitude in ((-8.0, 122.0), (-8.5, 122.25), (-9.0, 123.0)):
        expected = float(surface(np.array(latitude), np.array(longitude)))
        assert heights_at(ground, latitude, longitude) == pytest.approx(expected, abs=0.6)


def test_neighbouring_srtm_tiles_join_without_a_seam(tmp_path: Path) -> None:
    steps = np.arange(1201) / 1200
    for west in (122, 123):
        heights = surface(-8.0 - steps[:, None], west + steps[None, :])
        (tmp_path / f"S09E{west}.hgt").write_bytes(np.round(heights).astype(">i2").tobytes())
    ground = read_terrain([tmp_path])
    assert ground.height.shape == (1201, 2401)
    along = ground.height[600]
    assert np.abs(np.diff(along.astype(float))).max() <= 1.0


def test_voids_of_srtm(tmp_path: Path) -> None:
    data = np.frombuffer(hgt_bytes(), ">i2").reshape(1201, 1201).copy()
    expected = float(data[105, 105])
    data[100:110, 100:110] = -32768
    data[500:600, 500:600] = -32768
    (tmp_path / "S09E122.hgt").write_bytes(data.tobytes())
    ground = read_terrain([tmp_path / "S09E122.hgt"])
    assert ground.height[105, 105] == pytest.approx(expected, abs=3.0)
    assert np.isnan(ground.height[550, 550])
    assert "100 void cells filled from their rims" in ground.notes
    assert any("10000 cells have no height" in note for note in ground.notes)
    flooded = read_terrain([tmp_path / "S09E122.hgt"], void_is_sea=True)
    assert flooded.height[550, 550] == 0.0
    assert any("taken for the sea, as asked" in note for note in flooded.notes)


def test_geotiff_and_its_cut(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "dem.tif", plane())
    ground = read_terrain([path])
    assert np.array_equal(ground.height, plane())
    west, south, east, north = ground.bounds
    assert (west, north) == pytest.approx((122.0, -8.0))
    assert (south, east) == pytest.approx((-8.4, 122.5))
    part = read_terrain([path], bounds=(122.1, -8.2, 122.2, -8.1))
    assert part.height.shape[0] < 20
    expected = float(surface(np.array(-8.155), np.array(122.155)))
    assert heights_at(part, -8.155, 122.155) == pytest.approx(expected, abs=0.1)


def test_a_raster_that_runs_northwards_is_turned(tmp_path: Path) -> None:
    up = rasterio.Affine(0.01, 0.0, 122.0, 0.0, 0.01, -8.4)
    ground = read_terrain([write_tif(tmp_path / "up.tif", plane()[::-1].copy(), transform=up)])
    assert np.array_equal(ground.height, plane())
    assert ground.bounds[3] == pytest.approx(-8.0)


def test_a_projected_raster_is_brought_to_degrees_and_says_so(tmp_path: Path) -> None:
    from rasterio.warp import transform

    rows, columns, cell = 60, 60, 200.0
    west, north = 500_000.0, 9_100_000.0  # UTM 51 south, near 8.1 S 123 E
    x = west + cell * (np.arange(columns) + 0.5)
    y = north - cell * (np.arange(rows) + 0.5)
    longitude, latitude = transform("EPSG:32751", "EPSG:4326", np.tile(x, rows), np.repeat(y, columns))
    values = surface(np.array(latitude), np.array(longitude)).reshape(rows, columns).astype(np.float32)
    path = write_tif(
        tmp_path / "utm.tif", values, crs="EPSG:32751", transform=from_origin(west, north, cell, cell)
    )
    ground = read_terrain([path])
    middle = rows // 2 * columns + columns // 2
    assert heights_at(ground, latitude[middle], longitude[middle]) == pytest.approx(
        float(values.flat[middle]), abs=0.5
    )
    assert any("EPSG:32751 to geographic" in note for note in ground.notes)


def test_feet_declared_in_the_file_or_by_the_user(tmp_path: Path) -> None:
    feet = (plane() / 0.3048).astype(np.float32)
    declared = read_terrain([write_tif(tmp_path / "declared.tif", feet, units="feet")])
    assert np.allclose(declared.height, plane(), atol=0.01)
    assert any("in feet; converted" in note for note in declared.notes)
    told = read_terrain([write_tif(tmp_path / "told.tif", feet)], height_unit="feet")
    assert np.allclose(told.height, plane(), atol=0.01)


def test_terrarium_tiles(tmp_path: Path) -> None:
    zoom, x, y = 10, 859, 535  # near 8 S, 122 E
    pixels = 256 * 2**zoom
    longitude = (x * 256 + np.arange(256) + 0.5) / pixels * 360.0 - 180.0
    mercator = math.pi * (1.0 - 2.0 * (y * 256 + np.arange(256) + 0.5) / pixels)
    latitude = np.degrees(np.arctan(np.sinh(mercator)))
    height = surface(latitude[:, None], longitude[None, :])
    coded = np.round((height + 32768.0) * 256.0).astype(np.int64)
    bands = np.stack([coded >> 16, (coded >> 8) & 255, coded & 255]).astype(np.uint8)
    path = tmp_path / str(zoom) / str(x) / f"{y}.png"
    path.parent.mkdir(parents=True)
    with rasterio.open(path, "w", driver="PNG", height=256, width=256, count=3, dtype="uint8") as raster:
        raster.write(bands)
    ground = read_terrain([tmp_path])
    for row, column in ((3, 5), (128, 200), (250, 17)):
        assert heights_at(ground, latitude[row], longitude[column]) == pytest.approx(
            height[row, column], abs=0.2
        )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("S09E122.hgt", b"\0" * 100, "50 samples; an SRTM tile has 1201 x 1201"),
        ("tile.hgt", hgt_bytes()[:200], "named after its south-west corner"),
        ("dem.tif", b"no raster", "cannot be read as a raster"),
        ("dem.asc", b"", "not an elevation format read here"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ElevationFileError, match=words):
        read_terrain([path])


def test_a_raster_without_or_with_a_wrong_coordinate_system(tmp_path: Path) -> None:
    with pytest.raises(ElevationFileError, match="no coordinate system"):
        read_terrain([write_tif(tmp_path / "none.tif", plane(), crs=None)])
    metres = from_origin(500_000.0, 9_000_000.0, 90.0, 90.0)
    with pytest.raises(ElevationFileError, match="declared in the file is wrong"):
        read_terrain([write_tif(tmp_path / "wrong.tif", plane(), transform=metres)])


def test_heights_above_any_mountain(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="if the heights are in feet say so"):
        read_terrain([write_tif(tmp_path / "high.tif", plane() + 20_000.0)])


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(ElevationFileError, match="no such file"):
        read_terrain([tmp_path / "absent.tif"])
    with pytest.raises(ElevationFileError, match="no elevation file found"):
        read_terrain([tmp_path])
    path = write_tif(tmp_path / "dem.tif", plane())
    with pytest.raises(ElevationFileError, match="lies within the area asked for"):
        read_terrain([path], bounds=(10.0, 50.0, 11.0, 51.0))
