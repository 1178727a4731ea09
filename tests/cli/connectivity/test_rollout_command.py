"""The command ``rollout``: what cannot be said is refused with the place to mend."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import from_origin

from lumbung.cli import main


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["connectivity", "rollout", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Flat ground, fibre beside a candidate, two villages in two regencies."""
    dem = tmp_path / "flat.tif"
    with rasterio.open(
        dem, "w", driver="GTiff", height=120, width=160, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(122.0, -8.0, 0.001, 0.001), nodata=-9999.0,
    ) as raster:  # fmt: skip
        raster.write(np.full((120, 160), 20.0, np.float32), 1)
    (tmp_path / "candidates.csv").write_text(
        "id,lat,lon,heights,grid_km\nA,-8.06,122.03,40,1\nB,-8.06,122.12,40,\n"
    )
    (tmp_path / "fibre.csv").write_text("id,lat,lon,height\nF,-8.05,122.02,40\n")
    (tmp_path / "villages.csv").write_text(
        "id,name,lat,lon,population,regency\n1,Near,-8.06,122.03,300,Ende\n2,Far,-8.06,122.125,200,Sikka\n"
    )
    named = {"candidates": "candidates.csv", "fibre": "fibre.csv", "villages": "villages.csv"}
    return [
        "--terrain", str(dem), *(part for key, name in named.items() for part in (f"--{key}", str(tmp_path / name))),
        "--farthest", "4", "--seconds", "10", "--output", str(tmp_path / "out"),
    ]  # fmt: skip


def test_a_programme_in_two_years(files: list[str], tmp_path: Path) -> None:
    code, out, err = run(*files, "--money", "200", "--money", "200", "--floor", "Sikka=0.9", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert [year["new_sites"] for year in found["years"]] == [1, 1]
    assert [year["people_at_speed"] for year in found["years"]] == [300.0, 500.0]
    assert found["gap"] <= 0.01
    first, second = found["sites"]
    assert (first["id"], first["backhaul_to"], second["id"]) == ("A", "F", "B")
    assert any("round assumptions" in note for note in found["notes"])
    assert any("0 of 6 cells" in note for note in found["notes"])
    assert json.loads((tmp_path / "out" / "programme.json").read_text())["sites"] == found["sites"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--money", "200", "--floor", "much"], "--floor much: expected a share"),
        (["--money", "200", "--floor", "0.1", "--floor", "0.2"], "give one share for all regencies"),
        (
            ["--money", "200", "--floor", "Bima=0.2"],
            "Bima is no region of the villages' table; it names Ende, Sikka",
        ),
        (["--money", "10", "--floor", "0.5"], "floors: no programme within the money"),
    ],
)
def test_what_cannot_be_is_named(files: list[str], more: list[str], words: str) -> None:
    code, _, err = run(*files, *more)
    assert code == 2
    assert words in " ".join(err.split())
