"""The command ``calibrate``: drive tests in, bias by class and verdicts on claims out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import from_origin

from lumbung.cli import main
from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.files.tower_files import read_towers
from lumbung.connectivity.ground.elevation_files import read_terrain
from lumbung.connectivity.radio.coverage import Model
from lumbung.connectivity.radio.drive_tests import predicted_levels


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["connectivity", "calibrate", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Flat ground, one tower, twelve GENERATED roads measured 6 dB below the model, give or take 2, and three villages."""
    dem, towers, drive = (tmp_path / name for name in ("flat.tif", "towers.csv", "drive.csv"))
    with rasterio.open(
        dem, "w", driver="GTiff", height=160, width=160, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(122.0, -8.0, 0.001, 0.001), nodata=-9999.0,
    ) as raster:  # fmt: skip
        raster.write(np.full((160, 160), 20.0, np.float32), 1)
    towers.write_text("id,lat,lon,height_m,antenna\nT,-8.08,122.08,45,omni\n")
    rng = np.random.default_rng(2)
    road = np.repeat(np.arange(12), 8)
    latitude, longitude = (
        -8.08 + rng.uniform(-0.06, 0.06, road.size),
        122.08 + rng.uniform(-0.06, 0.06, road.size),
    )
    level = predicted_levels(
        read_terrain([dem]),
        read_towers(towers).sites,
        latitude,
        longitude,
        (),
        Carrier(),
        Budget(),
        Model(),
        9.0,
    )
    level += -6.0 + 1.5 * rng.standard_normal(12)[road] + 2.0 * rng.standard_normal(road.size)
    rows = (
        f"{a:.6f},{b:.6f},{c:.2f},R{r}" for a, b, c, r in zip(latitude, longitude, level, road, strict=True)
    )
    drive.write_text("lat,lon,rsrp_dbm,road\n" + "\n".join(rows) + "\n-8.08,122.08,high,R1\n")
    (tmp_path / "villages.csv").write_text(
        "id,name,lat,lon,population\n1,Near,-8.085,122.08,300\n2,Far,-8.155,122.15,200\n3,Off,-8.5,123.5,200\n"
    )
    (tmp_path / "claims.csv").write_text("id,covered\n1,yes\n2,yes\n3,yes\n9,yes\n")
    return [
        "--terrain", str(dem), "--towers", str(towers), "--drive", str(drive), "--radius", "9",
        "--output", str(tmp_path / "out"), "--elevation-kind", "bare",
    ]  # fmt: skip


def test_the_bias_is_found_and_claims_get_a_verdict(files: list[str], tmp_path: Path) -> None:
    code, out, err = run(
        *files,
        "--villages",
        str(tmp_path / "villages.csv"),
        "--claims",
        str(tmp_path / "claims.csv"),
        "--json",
    )
    assert code == 0, err
    found = json.loads(out)
    assert found["samples"] == 96 and found["set_aside"] == ["line 98: rsrp_dbm is 'high'; expected a number"]
    first = found["classes"][0]
    assert first["bias_db"] == pytest.approx(-6.0, abs=3.0 * first["doubt_db"])
    assert found["held_out"]["rmse_after_db"] < 0.7 * found["held_out"]["rmse_before_db"]
    assert found["verdicts"] == {"holds": 1, "does not hold": 1, "not settled": 1}
    assert found["claims_without_village"] == ["9"]
    with (tmp_path / "out" / "villages.csv").open() as file:
        near, far, off = csv.DictReader(file)
    # Beyond every tower's reach nothing is heard; outside the terrain nothing is known.
    assert (near["verdict"], far["verdict"], off["verdict"]) == ("holds", "does not hold", "not settled")
    assert float(near["low_90_dbm"]) < float(near["calibrated_dbm"]) < float(near["high_90_dbm"])
    assert float(far["chance"]) == 0.0 and off["chance"] == ""


def test_claims_without_villages_are_refused(files: list[str], tmp_path: Path) -> None:
    code, _, err = run(*files, "--claims", str(tmp_path / "claims.csv"))
    assert code == 2 and "give --villages too" in err


def test_what_is_said_names_the_classes_and_the_roads_left_out(files: list[str]) -> None:
    code, out, _ = run(*files)
    assert code == 0
    assert "open: measured" in out and "On roads left out: error" in out
