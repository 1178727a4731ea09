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
from click.testing import CliRunner

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
