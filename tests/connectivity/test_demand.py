"""Villages and people: every treatment is stated, nothing vanishes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.ground.terrain import terrain
from lumbung.connectivity.people.demand import (
    DemandError,
    demand_points,
    people_from_raster,
    placed_on,
    read_villages,
)


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "villages.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_common_column_names_in_two_languages(tmp_path: Path) -> None:
    path = table(tmp_path, "\ufeffkode,nama,lat,lng,penduduk\n53.07.01,Wuring,-8.60,122.20,2500\n")
    villages = read_villages(path)
    assert villages.id == ("53.07.01",)
    assert villages.name == ("Wuring",)
    assert villages.people.tolist() == [2500.0]
    assert villages.notes == ()


def test_a_bad_row_spoils_only_itself(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "id,lat,lon,population\n"
        "a,-8.5,122.1,100\n"
        "b,122.1,-8.5,100\n"
        "c,-8.5,122.2,minus\n"
        "d,-8.5,122.3,-5\n"
        "e,-8.5,nan,10\n"
        "f,-8.5,500,10\n"
        "g,-8.6,122.4,0\n"
        "a,-8.7,122.5,70\n",
    )
    villages = read_villages(path)
    assert villages.id == ("a", "g", "a#2")
    assert villages.people.sum() == 170.0
    assert len(villages.set_aside) == 5
    assert villages.set_aside[0] == (
        "line 3: latitude 122.1 is outside -90 to 90 degrees; latitude and longitude look swapped"
    )
    assert "population is 'minus'; expected a number" in villages.set_aside[1]
    assert "negative" in villages.set_aside[2]
    text = " ".join(villages.notes)
    assert "1 rows repeat an earlier id" in text
    assert "1 places have zero people" in text
    assert "5 rows set aside" in text


def test_tables_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(DemandError, match="expected longitude: one of longitude, lon, lng"):
        read_villages(table(tmp_path, "id,lat,population\na,-8.5,100\n"))
    with pytest.raises(DemandError, match="say how many people to assume in each"):
        read_villages(table(tmp_path, "id,lat,lon\na,-8.5,122.1\n"))
    with pytest.raises(DemandError, match="none of its 1 rows can be used"):
        read_villages(table(tmp_path, "id,lat,lon,population\na,north,122.1,3\n"))
    with pytest.raises(DemandError, match="is empty"):
        read_villages(table(tmp_path, ""))


def test_people_assumed_are_said(tmp_path: Path) -> None:
    villages = read_villages(table(tmp_path, "id,lat,lon\na,-8.5,122.1\n"), people_each=800.0)
    assert villages.people.tolist() == [800.0]
    assert "no population column: 800 people assumed in each place" in villages.notes


def shore() -> object:
    height = np.full((300, 300), 40.0, np.float32)
    height[:, :150] = 0.0
    height[200:260, 200:260] = np.nan
    return terrain(height, Grid(-8.0, 122.0, 0.001, 0.001), source="test")


def test_villages_in_the_sea_outside_and_on_unknown_ground() -> None:
    villages = demand_points(
        np.array([-8.1, -8.1, -8.1, -8.23, -20.0]),
        np.array([122.2, 122.145, 122.02, 122.23, 122.2]),
        np.full(5, 100.0),
    )
    ground = shore()
    placed, known = placed_on(villages, ground)
    assert known.tolist() == [True, True, True, False, False]
    rows, columns = ground.cells(placed.latitude[[1]], placed.longitude[[1]])
    assert ground.zone[rows[0], columns[0]] != 1
    assert placed.longitude[2] == 122.02  # the open sea: stays
    text = " ".join(placed.notes)
    assert "1 places stand on the sea in this terrain and were moved" in text
    assert "1 places stand on the open sea" in text
    assert "1 places lie outside the terrain" in text
    assert "1 places lie on ground of unknown height" in text


def test_all_villages_elsewhere_is_an_error_that_shows_both() -> None:
    with pytest.raises(DemandError, match=r"121\.999 to 122\.299 east.*swapped\?"):
        placed_on(demand_points(np.array([50.0]), np.array([-8.0]), np.array([1.0])), shore())


def test_people_from_a_raster(tmp_path: Path) -> None:
    people = np.zeros((10, 10), np.float32)
    people[2, 3] = 120.0
    people[7, 1] = 0.2
    people[5, 5] = -4.0
    path = tmp_path / "people.tif"
    options = {"driver": "GTiff", "height": 10, "width": 10, "count": 1, "dtype": "float32"}
    with rasterio.open(
        path, "w", crs="EPSG:4326", transform=from_origin(122.0, -8.0, 0.1, 0.1), **options
    ) as raster:
        raster.write(people, 1)
    found = people_from_raster(path, (121.0, -10.0, 124.0, -7.0))
    assert found.people.tolist() == [120.0]
    assert found.latitude[0] == pytest.approx(-8.25)
    assert found.longitude[0] == pytest.approx(122.35)
    assert any("1 cells with negative people" in note for note in found.notes)
    with pytest.raises(DemandError, match="outside the terrain"):
        people_from_raster(path, (10.0, 10.0, 11.0, 11.0))
    with rasterio.open(
        path, "w", crs="EPSG:32751", transform=from_origin(0.0, 0.0, 90.0, 90.0), **options
    ) as raster:
        raster.write(people, 1)
    with pytest.raises(DemandError, match="EPSG:32751"):
        people_from_raster(path, (121.0, -10.0, 124.0, -7.0))
