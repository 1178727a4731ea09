"""The command ``cover``: a planner's files in, maps and tables out."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import from_origin

from lumbung.cli import main
from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.files.map_files import write_geotiff


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["connectivity", "cover", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A ridge between two valleys, a tower in the western one, a village in each."""
    columns = np.arange(220)
    profile = 20.0 + 400.0 * np.exp(-(((columns - 110) / 12.0) ** 2))
    height = np.tile(profile, (160, 1)).astype(np.float32)
    dem = tmp_path / "ridge.tif"
    with rasterio.open(
        dem, "w", driver="GTiff", height=160, width=220, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(122.0, -8.0, 0.001, 0.001), nodata=-9999.0,
    ) as raster:  # fmt: skip
        raster.write(height, 1)
    towers = tmp_path / "towers.csv"
    towers.write_text("id,lat,lon,height_m,antenna\nWest,-8.08,122.05,45,omni\n")
    villages = tmp_path / "villages.csv"
    villages.write_text(
        "id,name,lat,lon,population\n1,Near & <dear>,-8.085,122.07,900\n2,Behind,-8.085,122.17,400\n3,Lost,x,1,5\n"
    )
    return {"dem": dem, "towers": towers, "villages": villages, "out": tmp_path / "out"}


def arguments(files: dict[str, Path], *more: str) -> list[str]:
    return [
        "--terrain", str(files["dem"]), "--towers", str(files["towers"]), "--villages", str(files["villages"]),
        "--output", str(files["out"]), "--radius", "14", *more,
    ]  # fmt: skip


def test_options_that_are_no_number_and_a_folder_that_is_a_file(files: dict[str, Path]) -> None:
    for option in ("--power", "--threshold", "--radius", "--people-each"):
        code, _, err = run(*arguments(files, option, "nan"))
        assert code == 2 and f"'{option}': 'nan' is not a number" in err
    assert run(*arguments(files, "--people-each", "-3"))[0] == 2
    files["out"].write_text("in the way")
    code, _, err = run(*arguments(files))
    assert code == 2 and f"{files['out']}: File exists" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_under_a_map_is_the_systems_error() -> None:
    with pytest.raises(OSError, match="No space left"):
        write_geotiff(
            Path("/dev/full"), np.zeros((4, 4), np.float32), Grid(-8.0, 122.0, 0.1, 0.1), label="", quantity="", unit=""
        )  # fmt: skip


def test_every_file_is_written_and_tells_the_same(files: dict[str, Path]) -> None:
    code, out, err = run(*arguments(files, "--json"))
    assert code == 0, err
    summary = json.loads(out)
    assert summary["villages"] == 2
    assert summary["people_served"] == 900.0
    assert summary["generated"] is False
    assert summary["set_aside"] == [
        "line 4: latitude is 'x'; expected a number in decimal degrees, e.g. -8.5"
    ]
    folder = files["out"]
    assert json.loads((folder / "summary.json").read_text())["people_served"] == 900.0

    rows = list(csv.DictReader((folder / "villages.csv").open()))
    assert [row["served"] for row in rows] == ["yes", "no"]

    collection = json.loads((folder / "coverage.geojson").read_text())
    kinds = {feature["properties"]["kind"] for feature in collection["features"]}
    assert kinds == {"covered area", "tower", "village"}

    names = [
        element.text
        for element in ET.parse(folder / "coverage.kml").iter("{http://www.opengis.net/kml/2.2}name")
    ]
    assert "Near & <dear>" in names

    with rasterio.open(folder / "rsrp.tif") as raster:
        assert raster.crs.to_epsg() == 4326
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.tags()["terrain"] == "ridge.tif"
        level = raster.read(1)
        row, column = raster.index(float(rows[0]["longitude"]), float(rows[0]["latitude"]))
        assert level[row, column] == pytest.approx(float(rows[0]["rsrp_dbm"]), abs=3.0)
    assert (folder / "map.png").read_bytes()[:4] == b"\x89PNG"


def test_generated_ground_is_labelled_everywhere(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, out, err = run("--generated", "3", "--radius", "6", "--output", str(folder))
    assert code == 0, err
    assert "(generated)" in out
    assert json.loads((folder / "summary.json").read_text())["generated"] is True
    assert json.loads((folder / "coverage.geojson").read_text())["generated"] is True
    assert "generated" in (folder / "coverage.kml").read_text()
    with rasterio.open(folder / "sinr.tif") as raster:
        assert "generated" in raster.tags()["terrain"]
    assert all("generated" in row["terrain"] for row in csv.DictReader((folder / "villages.csv").open()))


def test_indoors_fewer_are_served(files: dict[str, Path]) -> None:
    files["villages"].write_text(
        "id,lat,lon,population\n" + "".join(f"{k},-8.085,{122.06 + 0.002 * k:.3f},100\n" for k in range(40))
    )
    outdoors = json.loads(run(*arguments(files, "--json"))[1])["people_served"]
    indoors = json.loads(run(*arguments(files, "--json", "--indoor", "thermally efficient"))[1])[
        "people_served"
    ]
    assert indoors < outdoors


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["--bandwidth", "7"], "LTE has no channel of 7 MHz"),
        (["--technology", "nr", "--bandwidth", "100"], "NR has no channel of 100 MHz at 15 kHz"),
        (["--frequency", "9000"], "frequency"),
        (["--time", "80"], "time_percentage"),
    ],
)
def test_settings_that_cannot_be(files: dict[str, Path], change: list[str], words: str) -> None:
    code, out, err = run(*arguments(files, *change))
    assert code == 2
    assert out == ""
    assert words in err


def test_towers_that_cannot_be(files: dict[str, Path]) -> None:
    files["towers"].write_text(
        "id,lat,lon,height_m\nA,-8.08,122.05,45\nA,-8.02,122.05,45\nB,-8.0,122.05,4500\n"
    )
    code, _, err = run(*arguments(files))
    assert code == 2
    assert "line 3: id A is used for two places" in err
    assert "line 4: height_m is 4500; expected 1 to 3000" in err


def test_no_input_at_all() -> None:
    code, _, err = run()
    assert code == 2
    assert "--generated SEED" in err


def test_a_second_opinion_is_drawn_and_summed_up(files: dict[str, Path]) -> None:
    code, out, err = run(*arguments(files, "--second-opinion", "--json"))
    assert code == 0, err
    said = json.loads(out)["second_opinion"]
    with rasterio.open(files["out"] / "second_opinion.tif") as raster:
        difference = raster.read(1)
    known = difference[~np.isnan(difference)]
    assert said["links"] == known.size > 100
    assert said["share_beyond_10_db"] == pytest.approx((np.abs(known) > 10.0).mean(), abs=1e-4)
    code, out, _ = run(*arguments(files, "--second-opinion"))
    assert code == 0 and "violet on the map" in out
