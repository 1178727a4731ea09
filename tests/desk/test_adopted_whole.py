"""Adopted solutions from one end to the other: with their own weights, and attached at a real centre."""

from __future__ import annotations

import csv
import tarfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from archives import archive_of, archive_of_folder
from live_league import LiveLeague, wait_for
from lumbung.desk.access import utc_now
from lumbung.desk.jobs import worker
from lumbung.desk.jobs.folder import Job, Jobs, Order
from lumbung.node.folder import NodeFolder
from lumbung.proving.digest import digest_file
from lumbung.proving.scaffold import new_challenge
from lumbung.proving.submission import find_submission

NEEDS = """
import os
import pathlib
assert pathlib.Path(os.environ["LUMBUNG_WEIGHTS"], "model.bin").read_text() == "learned"
"""
ANSWER = "def solve(p):\n    return {'id': p['keys'], 'prediction': [1.0] * len(p['keys'])}"


def _solution(folder: Path) -> tuple[Path, Path]:
    """Pack the shipped practice as a team would whose solution has weights; return it and the weights."""
    weights = folder / "model.bin"
    weights.write_text("learned")
    packed = folder / "solution"
    shipped = find_submission("connectivity/most-populous").folder
    packed.mkdir()
    for path in shipped.glob("*.py"):
        (packed / path.name).write_bytes(path.read_bytes())
    solution = (packed / "solution.py").read_text()
    (packed / "solution.py").write_text(solution + NEEDS)
    (packed / "submission.toml").write_text(f'[weights]\n"model.bin" = "{digest_file(weights)}"\n')
    with tarfile.open(folder / "solution.tar", "w") as archive:
        for path in sorted(packed.rglob("*")):
            archive.add(path, path.relative_to(packed), recursive=False)
    return folder / "solution.tar", weights


def _region(folder: Path) -> dict[str, Path]:
    """Sloping ground, eight villages, three candidates and a fibre point, as a planner gives them."""
    rows, columns = np.indices((200, 200))
    height = (5.0 + 0.5 * rows + 80.0 * np.exp(-((columns - 100) ** 2) / 200.0)).astype(np.float32)
    with rasterio.open(
        folder / "ground.tif", "w", driver="GTiff", height=200, width=200, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(122.0, -8.0, 1 / 1200, 1 / 1200),
    ) as raster:  # fmt: skip
        raster.write(height, 1)
    villages = [[f"V{k}", f"Desa {k}", -8.02 - 0.01 * k, 122.02 + 0.01 * k, 100 * (k + 1)] for k in range(8)]
    sites = [[f"S{k}", -8.03 - 0.03 * k, 122.03 + 0.04 * k, "30;50", 100, 20] for k in range(3)]
    for name, header, lines in (
        ("villages.csv", ["id", "name", "lat", "lon", "people"], villages),
        ("candidates.csv", ["id", "lat", "lon", "heights", "tower", "land"], sites),
        ("fibre.csv", ["id", "lat", "lon", "height"], [["KAB", -8.04, 122.02, 40]]),
    ):
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([header, *lines])
    return {
        f"data/{name}": folder / name
        for name in ("ground.tif", "villages.csv", "candidates.csv", "fibre.csv")
    }


def _run(desk: Path, folder: Path, weights: bool) -> Job:
    solution, learned = _solution(folder)
    given = {
        "solution.tar": solution,
        **_region(folder),
        **({"weights/model.bin": learned} if weights else {}),
    }
    options = {"challenge": "remote-villages", "solution": "", "adoption": None}
    job = Jobs(desk).make(Order("adopted.run", "t", options, utc_now()), given)
    worker.do(job)
    return job


def test_a_plan_is_made_with_the_weights_that_the_solution_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(tmp_path / "home"))
    for name in ("without", "whole"):
        (tmp_path / name).mkdir()
    without = _run(tmp_path / "home/desk", tmp_path / "without", weights=False)
    reason = without.state().reason
    assert reason is not None
    assert reason.code == "environment"
    assert "model.bin" in without.read_result("fault.json")["id"]
    job = _run(tmp_path / "home/desk", tmp_path / "whole", weights=True)
    assert job.state().status == "done", (job.state(), job.read_result("fault.json"))
    compared = job.read_result("compared.json")
    assert compared["done"] == compared["today"]  # it is today's practice, in other clothes
    assert compared["done"]["people"] > 0
    assert {"plan.csv", "plan.geojson", "map.png"} <= {
        path.name for path in (job.result / "deliverable").iterdir()
    }


@pytest.mark.slow
def test_a_deliverable_is_attached_at_a_real_centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A solution is posed for, handed in, judged, adopted and agreed to; what it made at the desk is what its team fetches."""
    league = LiveLeague(tmp_path / "league")
    league.folder.mkdir()
    try:
        league.start_centre()
        league.prepare("padi")
        new_challenge(league.folder / "toy")
        league.pose(archive_of_folder(league.folder / "toy").getvalue())
        league.call("POST", "/challenges/toy/1/state", json={"state": "open"})
        league.set_up_node("node", league.folder / "toy")
        league.start_node("node")
        packed = archive_of({"solution.py": ANSWER}).getvalue()
        fields = {"team": "padi", "challenge": "toy", "phase": "practice"}
        run = league.call("POST", "/submissions", data=fields, files={"archive": packed})["runs"][0]["run"]
        wait_for(lambda: league.call("GET", f"/runs/{run}")["state"] == "scored", 120)
        offer = {"organisation": "kota", "run": run, "terms": "one year, free", "contact": "a@b.org"}
        adoption = league.call("POST", "/adoptions", json=offer)["id"]
        home = tmp_path / "home"
        monkeypatch.setenv("LUMBUNG_HOME", str(home))
        (home / "desk").mkdir(parents=True)
        (home / "node").symlink_to(NodeFolder(league.folder / "node/node").path)
        source = Jobs(home / "desk").make(Order("adopted.run", "t", {"adoption": adoption}, utc_now()), {})
        source.write_result("deliverable/plan.json", {"towers": 3})
        asked = Order("adopted.attach", "t", {"job": source.id, "adoption": adoption}, utc_now())

        early = Jobs(home / "desk").make(asked, {})
        reason = worker.do(early).reason
        assert reason is not None
        assert reason.code == "refused"  # the team has not agreed yet

        league.call("POST", f"/adoptions/{adoption}/answer", json={"agree": True})
        league.kill("centre")
        down = worker.do(early)
        assert down.reason is not None
        assert down.reason.code == "line"

        league.start_centre()
        early.go_on()
        assert worker.do(early).status == "done"
        told = early.read_result("attached.json")
        fetched = league.fetch(f"/adoptions/{adoption}/deliverable")
        assert len(fetched) == told["bytes"]
        (tmp_path / "fetched.tar").write_bytes(fetched)
        assert f"sha256:{digest_file(tmp_path / 'fetched.tar').removeprefix('sha256:')}" == told["digest"]
        with tarfile.open(tmp_path / "fetched.tar") as archive:
            assert archive.getnames() == ["deliverable", "deliverable/plan.json"]
    finally:
        league.stop()
