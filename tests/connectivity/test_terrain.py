"""Terrain: zones, land cover, generated ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.engine.shore import distance_to, patch_sizes
from lumbung.connectivity.ground.generated_terrain import generated_islands
from lumbung.connectivity.ground.land_cover import LandCoverError, read_land_cover
from lumbung.connectivity.ground.terrain import TerrainError, terrain
from lumbung.connectivity.people.generated_villages import generated_villages

GRID = Grid(-8.0, 122.0, 0.001, 0.001)


def beach(rows: int = 120, columns: int = 900) -> np.ndarray:
    """Sea in the west, a coast, hills of 300 m from the middle on."""
    height = np.zeros((rows, columns), np.float32)
    height[:, 100:] = 20.0
    height[:, 500:] = 300.0
    return height


def test_sea_coast_and_inland() -> None:
    ground = terrain(beach(), GRID, source="test")
    assert (ground.zone[:, :100] == 1).all()
    assert (ground.zone[:, 100:500] == 3).all()  # below 100 m and within 50 km (0.4 deg = 44 km)
    assert (ground.zone[:, 500:] == 4).all()
    assert any("taken for the sea" in note for note in ground.notes)


def test_coast_ends_fifty_kilometres_from_the_sea() -> None:
    ground = terrain(np.where(beach() > 20.0, np.float32(20.0), beach()), GRID, source="test")
    coastal = np.flatnonzero(ground.zone[60] == 3)
    reach = (coastal.max() - 99) * 0.001 * 111.195 * np.cos(np.radians(8.06))
    assert reach == pytest.approx(50.0, abs=0.3)


def test_a_pond_below_sea_level_is_no_sea() -> None:
    height = np.full((200, 200), 30.0, np.float32)
    height[90:110, 90:110] = -2.0
    assert (terrain(height, GRID, source="test").zone == 4).all()


def test_low_land_is_no_sea_where_land_cover_knows_better() -> None:
    height = beach()
    height[:, 40:100] = 0.0
    water = np.zeros(height.shape, bool)
    water[:, :40] = True
    ground = terrain(height, GRID, source="polder", water=water)
    assert (ground.zone[:, 40:100] == 3).all()


def test_patches_and_distances_on_a_small_case() -> None:
    mask = np.array([[1, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 1]], dtype=bool)
    assert patch_sizes(mask).tolist() == [[2, 2, 0, 0], [0, 0, 0, 2], [1, 0, 0, 2]]
    far = distance_to(mask, 2.0, 1.0, 100.0)
    assert far[0].tolist() == [0.0, 0.0, 1.0, 2.0]
    assert far[1, 0] == pytest.approx(2.0)
    assert far[1, 2] == pytest.approx(1.0)


def test_ground_nobody_can_use() -> None:
    with pytest.raises(TerrainError, match="no cell has a height"):
        terrain(np.full((5, 5), np.nan, np.float32), GRID, source="void")
    with pytest.raises(TerrainError, match="at least 3 x 3"):
        terrain(np.zeros((2, 9), np.float32), GRID, source="thin")


def write_classes(
    path: Path, classes: np.ndarray, west: float = 122.0, north: float = -8.0, crs: object = "EPSG:4326"
) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", height=classes.shape[0], width=classes.shape[1], count=1, dtype="uint8",
        crs=crs, transform=from_origin(west - 0.0005, north + 0.0005, 0.0005, 0.0005), nodata=0,
    ) as raster:  # fmt: skip
        raster.write(classes.astype(np.uint8), 1)
    return path


def test_land_cover_gives_clutter_and_water(tmp_path: Path) -> None:
    ground = terrain(beach(), GRID, source="test")
    classes = np.full((240, 1800), 30)
    classes[:, :200] = 80  # finer than the terrain by two
    classes[:, 600:800] = 10
    classes[:, 1000:1100] = 77  # a class no table knows
    covered = read_land_cover(ground, write_classes(tmp_path / "cover.tif", classes))
    assert covered.clutter[60, 350] == 15.0
    assert covered.clutter[60, 250] == 0.5
    assert (covered.zone[:, :100] == 1).all()
    assert any("codes without a height taken as 0 m: 77" in note for note in covered.notes)
    assert not any("no land cover given" in note for note in covered.notes)


def test_land_cover_elsewhere_or_nowhere(tmp_path: Path) -> None:
    ground = terrain(beach(), GRID, source="test")
    classes = np.full((50, 50), 10)
    with pytest.raises(LandCoverError, match="does not overlap"):
        read_land_cover(ground, write_classes(tmp_path / "far.tif", classes, west=10.0))
    with pytest.raises(LandCoverError, match="no coordinate system"):
        read_land_cover(ground, write_classes(tmp_path / "none.tif", classes, crs=None))


def test_generated_ground_is_labelled_and_repeats() -> None:
    first = generated_islands(3, rows=200, columns=220)
    again = generated_islands(3, rows=200, columns=220)
    other = generated_islands(4, rows=200, columns=220)
    assert first.generated
    assert "generated" in first.label
    assert np.array_equal(first.height, again.height)
    assert not np.array_equal(first.height, other.height)
    assert (first.zone != 1).mean() == pytest.approx(0.55, abs=0.03)
    assert first.height.max() == pytest.approx(1600.0)
    villages = generated_villages(first, 40, 3)
    assert villages.generated
    assert "generated" in villages.source
    rows, columns = first.cells(villages.latitude, villages.longitude)
    assert (first.zone[rows, columns] != 1).all()
