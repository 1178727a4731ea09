"""The command ``capacity``: a planner's files in, people by speed out."""

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


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["connectivity", "capacity", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Flat ground, one tower with one antenna, a village near it and a town beyond."""
    dem, towers, villages = (tmp_path / name for name in ("flat.tif", "towers.csv", "villages.csv"))
    with rasterio.open(
        dem, "w", driver="GTiff", height=120, width=120, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(122.0, -8.0, 0.001, 0.001), nodata=-9999.0,
    ) as raster:  # fmt: skip
        raster.write(np.full((120, 120), 20.0, np.float32), 1)
    towers.write_text("id,lat,lon,height_m,antenna\nT,-8.06,122.06,45,omni\n")
    villages.write_text("id,name,lat,lon,population\n1,Near,-8.065,122.065,300\n2,Far,-8.095,122.09,200\n")
    return [
        "--terrain", str(dem), "--towers", str(towers), "--villages", str(villages), "--radius", "6",
        "--output", str(tmp_path / "out"), "--threads", "1",
    ]  # fmt: skip


def test_people_by_speed_and_cells_by_load(files: list[str], tmp_path: Path) -> None:
    code, out, err = run(*files, "--monthly", "1", "--json")
    assert code == 0, err
    summary = json.loads(out)
    # 500 people x 4.44 kbit/s = 2.22 Mbit/s over the best quality of 10 MHz, 33.3 Mbit/s.
    assert summary["mean_load"] == pytest.approx(0.0667, abs=2e-3)
    assert summary["people_by_speed"] == {"2": 500.0, "10": 500.0, "100": 0.0}
    assert summary["demand_carried"] == 1.0 and summary["full_cells"] == []
    folder = tmp_path / "out"
    with (folder / "villages.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["people_at_10_mbit_s"] for row in rows] == ["300.0", "200.0"]
    assert float(rows[0]["mbit_s_busy_hour"]) == pytest.approx(33.33 * (1 - 0.0667), abs=0.1)
    with (folder / "cells.csv").open() as file:
        (cell,) = csv.DictReader(file)
    assert float(cell["users_at_once_at_2_mbit_s"]) == pytest.approx(16.7, abs=0.1)
    with rasterio.open(folder / "speed.tif") as raster:
        drawn = raster.read(1)
    assert np.nanmax(drawn) == pytest.approx(float(rows[0]["mbit_s_busy_hour"]), abs=0.01)
    assert (folder / "map.png").stat().st_size > 10_000


def test_a_full_cell_says_so(files: list[str]) -> None:
    code, out, _ = run(*files, "--monthly", "100")
    assert code == 0
    assert "1 cannot carry what is asked (T), where 500 people are promised no speed" in out
    assert "15 % of what all people ask for is carried" in out


def test_without_people_there_is_no_capacity(files: list[str]) -> None:
    code, _, err = run(*files[:4], *files[6:])
    assert code == 2 and "capacity is about people" in err
