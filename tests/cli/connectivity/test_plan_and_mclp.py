"""The commands ``plan`` and ``mclp``: a planner's files in, a plan with its proof out."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import from_origin

from lumbung.cli import main


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["connectivity", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Three villages, three candidates with costs, a standing tower beside one village, a fibre point."""
    tables = {
        "villages": "id,name,lat,lon,people\nV1,Satu,-8.50,122.10,900\nV2,Dua,-8.50,122.30,700\nV3,Tiga,-8.50,122.50,0\n",
        "candidates": "id,lat,lon,heights,tower,land\nA,-8.51,122.11,30;45,100,20\nB,-8.51,122.31,45,120,10\nC,-8.9,123.4,30,90,\n",
        "towers": "id,lat,lon,height\nT,-8.49,122.52,40\n",
        "fibre": "id,lat,lon,height\nF,-8.52,122.20,40\n",
    }
    paths = {name: tmp_path / f"{name}.csv" for name in tables}
    for name, text in tables.items():
        paths[name].write_text(text)
    return paths | {"out": tmp_path / "out"}


def plan(files: dict[str, Path], *more: str) -> tuple[int, str, str]:
    return run(
        "plan", "--candidates", files["candidates"], "--villages", files["villages"], "--towers", files["towers"],
        "--fibre", files["fibre"], "--radius", "5000", "--out", files["out"], *more,
    )  # fmt: skip


def test_a_budget_becomes_files_for_others(files: dict[str, Path]) -> None:
    code, out, _ = plan(files, "--budget", "300", "--hop-cost", "10", "--satellite-cost", "90")
    assert code == 0
    assert "1,600 people newly reached. Proven: no plan can reach more." in out
    rows = list(csv.DictReader((files["out"] / "plan.csv").open()))
    assert [row["id"] for row in rows] == ["A", "B"] and all(row["backhaul"] == "microwave" for row in rows)
    summary = json.loads((files["out"] / "plan.json").read_text())
    assert summary["optimal"] and summary["value"] == summary["bound"] == 1600 and summary["cost"] == 270
    features = json.loads((files["out"] / "plan.geojson").read_text())["features"]
    assert {f["properties"]["kind"] for f in features} == {
        "new site",
        "standing tower",
        "fibre point",
        "hop",
        "village",
    }
    ET.parse(files["out"] / "plan.kml")
    assert (files["out"] / "map.png").stat().st_size > 10_000
    villages = {row["id"]: row for row in csv.DictReader((files["out"] / "villages.csv").open())}
    assert villages["V3"]["reached"] == "already" and villages["V1"]["by"] == "A"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--budget", "50"], "does not pay for a single site"),
        (["--budget", "300", "--sites", "2"], "exactly one goal"),
        (["--share", "1", "--checkpoint", "x.npz"], "keeps none"),
        (["--budget", "300", "--hop-cost", "10"], "give both"),
        (["--sites", "1", "--radius", "-5"], "more than 0 metres"),
    ],
)
def test_a_contradiction_is_refused(files: dict[str, Path], more: list[str], words: str) -> None:
    code, _, err = plan(files, *more)
    assert code == 2 and words in err


@pytest.mark.parametrize(
    ("table", "old", "new", "words"),
    [
        ("candidates", "B,-8.51", "A,-8.51", "id 'A' stands in line 2 already"),
        ("candidates", "lat,lon", "breite,lon", "expected also latitude"),
        ("candidates", "100,20", "-100,20", "line 2"),
        ("towers", "-8.49", "north", "line 2"),
        ("fibre", "F,", "A,", "names a candidate and a fibre point"),
    ],
)
def test_a_faulty_table_is_named(files: dict[str, Path], table: str, old: str, new: str, words: str) -> None:
    files[table].write_text(files[table].read_text().replace(old, new))
    code, out, err = plan(files, "--sites", "2")
    assert words in out + err
    assert code == 2 or "note:" in out


@pytest.fixture
def plain(tmp_path: Path) -> dict[str, Path]:
    """Flat ground, a standing tower that looks east only, a village east of it and one west, a candidate near each."""
    dem = tmp_path / "plain.tif"
    with rasterio.open(
        dem, "w", driver="GTiff", height=260, width=420, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(121.9, -8.0, 0.001, 0.001),
    ) as raster:  # fmt: skip
        raster.write(np.full((260, 420), 20.0, np.float32), 1)
    tables = {
        "villages": "id;lat;lon;penduduk\nEast;-8,13;122,18;900\nWest;-8,13;122,02;1200\n",
        "candidates": "id,lat,lon,heights,tower\nE,-8.13,122.17,30,100\nW,-8.13,122.03,30,100\n",
        "towers": "id,lat,lon,height_m,antenna,bearing_deg\nT,-8.13,122.10,45,sector,90\n",
    }
    paths = {name: tmp_path / f"{name}.csv" for name in tables}
    for name, text in tables.items():
        paths[name].write_text(text)
    return paths | {"dem": dem, "out": tmp_path / "out"}


def over_terrain(files: dict[str, Path], *more: str | Path) -> tuple[dict, str]:
    code, out, err = run(
        "plan", "--candidates", files["candidates"], "--terrain", files["dem"], "--towers", files["towers"],
        "--farthest", "12", "--out", files["out"], "--json", *more,
    )  # fmt: skip
    return (json.loads(out) if code == 0 else {}), err


def test_a_standing_tower_has_the_sectors_it_has(plain: dict[str, Path]) -> None:
    options = ("--villages", plain["villages"], "--sites", "2", "--threshold", "-105")
    summary, _ = over_terrain(plain, *options)
    assert summary["people_already"] == 900 and [site["id"] for site in summary["sites"]] == ["W"]
    plain["towers"].write_text(plain["towers"].read_text().replace("sector,90", "three sectors,270"))
    # The village in the east lies between two of them.
    assert over_terrain(plain, *options)[0]["people_already"] == 1200
    plain["towers"].write_text(
        "id,lat,lon,height_m,antenna,bearing_deg,power_dbm\nT,-8.13,122.10,45,three sectors,90,10\n"
    )
    assert over_terrain(plain, *options)[0]["people_already"] == 0


def test_the_raster_of_a_plan_says_what_its_table_says(plain: dict[str, Path]) -> None:
    for more in ([], ["--indoor", "traditional"], ["--time", "5", "--places", "90"], ["--receiver-height", "10"],
                 ["--technology", "nr", "--bandwidth", "20"]):  # fmt: skip
        summary, err = over_terrain(
            plain, "--villages", plain["villages"], "--sites", "1", "--threshold", "-105", *more
        )
        assert summary, err
        reached = {
            row["id"]: row["reached"]
            for row in csv.DictReader((plain["out"] / "villages.csv").open(encoding="utf-8"))
        }
        with rasterio.open(plain["out"] / "rsrp.tif") as raster:
            level = raster.read(1)
            for name, lat, lon in (("East", -8.13, 122.18), ("West", -8.13, 122.02)):
                assert (level[raster.index(lon, lat)] >= -105.0) == (reached[name] != "no"), (more, name)


def test_a_plan_for_a_population_raster(plain: dict[str, Path]) -> None:
    people = np.zeros((260, 420), np.float32)
    people[120:140, 110:140] = 0.08  # half a square kilometre of scattered houses
    path = plain["dem"].with_name("people.tif")
    with rasterio.open(
        path, "w", driver="GTiff", height=260, width=420, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(121.9, -8.0, 0.001, 0.001),
    ) as raster:  # fmt: skip
        raster.write(people, 1)
    summary, err = over_terrain(plain, "--people-raster", path, "--sites", "1")
    assert summary, err
    assert summary["people"] == 48
    _, err = over_terrain(plain, "--people-raster", path, "--villages", plain["villages"], "--sites", "1")
    assert "they count the same people" in err


def test_land_cover_asks_what_the_elevation_measured(plain: dict[str, Path]) -> None:
    cover = plain["dem"].with_name("cover.tif")
    with rasterio.open(
        cover, "w", driver="GTiff", height=260, width=420, count=1, dtype="uint8", crs="EPSG:4326",
        transform=from_origin(121.9, -8.0, 0.001, 0.001),
    ) as raster:  # fmt: skip
        raster.write(np.full((260, 420), 10, np.uint8), 1)
    options = ("--villages", plain["villages"], "--sites", "1", "--land-cover", cover)
    assert "--elevation-kind surface" in over_terrain(plain, *options)[1]
    summary, _ = over_terrain(plain, *options, "--elevation-kind", "surface")
    assert any("heights are those of a surface (as you say)" in note for note in summary["notes"])


def write_instance(path: Path, nodes: int = 3000) -> Path:
    rng = np.random.default_rng(2)
    places = "\n".join(f"{a:.6f} {b:.6f}" for a, b in rng.uniform(0.0, 0.06, (nodes, 2)))
    people = "\n".join(str(p) for p in rng.integers(1, 500, nodes))
    path.write_text(
        f"NAME : made\nTYPE : MCLP\nEDGE_WEIGHT_TYPE : COORD\nDIMENSION : {nodes}\nNODE_COORD_SECTION\n{places}\n"
        f"DEMAND_SECTION\n{people}\nEOF\n"
    )
    return path


def test_mclp_prints_value_bound_gap_and_seconds(tmp_path: Path) -> None:
    file = write_instance(tmp_path / "made.txt", 200)
    code, out, _ = run("mclp", file, "--sites", "5", "--radius", "900", "--seconds", "30", "--json")
    answer = json.loads(out)
    assert code == 0 and answer["optimal"] and answer["value"] == answer["bound"] and answer["gap"] == 0
    assert len(answer["sites"]) == 5 and answer["seconds"] < 30
    code, out, _ = run("mclp", file, "--sites", "5", "--radius", "900")
    assert "optimal: no choice of sites reaches more" in out
    code, _, err = run("mclp", file, "--sites", "201", "--radius", "900")
    assert code == 2 and "200 nodes" in err


def test_mclp_ends_when_its_time_is_up(tmp_path: Path) -> None:
    """By a clock of its own: what is asked of solvers leaves room for what comes after them."""
    from lumbung.connectivity.siting import solve_instance

    file = write_instance(tmp_path / "made.txt", 20)
    solve_instance(file, 2, 900.0, 5.0)  # compiles
    seen: list[float] = []
    answer = solve_instance(
        write_instance(tmp_path / "large.txt", 6000),
        60,
        500.0,
        6.0,
        watch=lambda stage, _: seen.append(stage.seconds),
    )
    # The machine may be busy; that nothing begins after the time is up does not depend on it.
    assert answer.ending == "time" and answer.seconds < 6.0 + 1.5
    assert seen == sorted(seen)


def test_ctrl_c_gives_the_best_so_far_and_the_checkpoint_goes_on(tmp_path: Path) -> None:
    file, kept = write_instance(tmp_path / "made.txt"), tmp_path / "kept.npz"
    command = [
        sys.executable, "-c", "from lumbung.cli import main; main()", "connectivity", "mclp", str(file), "--sites", "40", "--radius", "600",
        "--seconds", "300", "--checkpoint", str(kept),
    ]  # fmt: skip
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    time.sleep(12.0)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    assert "stopping: the best so far follows" in err
    assert "stopped by you: not proven optimal" in out
    value = float(out.split("value")[1].split()[0].replace(",", ""))
    bound = float(out.split("bound")[1].split()[0].replace(",", ""))
    code, out, _ = run(
        "mclp", file, "--sites", "40", "--radius", "600", "--seconds", "2", "--checkpoint", kept, "--json"
    )
    answer = json.loads(out)
    assert code == 0 and answer["value"] >= value and answer["bound"] <= bound
