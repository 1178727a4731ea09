"""Work at the desk from the files a person has to what they take along, and through everything that goes wrong."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import signal
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lumbung.desk.access import utc_now
from lumbung.desk.jobs import folder, supervisor, worker
from lumbung.desk.jobs.folder import Job, Jobs, Order, State
from lumbung.proving.faults import PlatformFault
from small_desk import Desk

CANARY = "Rahasia-Kabupaten-77"
MESSY = (
    "desa;lintang;bujur;irigasi;kebiasaan\n"
    f"{CANARY};-6,90;107,60;ya;Nov II\n"
    "Ciranjang;107,26;-6,82;tidak;Nov I\n"
    "Jumlah;;;;\n"
    "=HYPERLINK(1);-7,01;107,70;tidak;Des I\n"
).encode("cp1252")
CHOICES = {
    "first_year": "2001",
    "last_year": "2001",
    "climate": "monsoonal",
    "failure": "2000",
    "begin": "09-01",
}


def _sent(desk: Desk, files: dict[str, Any], data: dict[str, str], sector: str = "farm") -> str:
    answer = desk.post(desk.owner, f"/{sector}", data, files)
    assert answer.status_code == 200, answer.text
    found = re.search(r"/jobs/([\w-]+)$", str(answer.url))
    assert found is not None, answer.text
    return found.group(1)


def _rows(desk: Desk, job: str, file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(desk.owner.get(f"/jobs/{job}/files/{file}").text)))


def test_a_messy_table_is_mended_in_the_page(desk: Desk) -> None:
    job = _sent(desk, {"table": ("Kabupaten.csv", MESSY)}, CHOICES)
    assert desk.over(job)["status"] == "done"
    desk.owner.cookies["django_language"] = "id"
    page = desk.owner.get(f"/jobs/{job}").text
    desk.owner.cookies.delete("django_language")
    assert "Baris 3: kolom latitude: seharusnya derajat" in page
    assert "1 dari 3 baris tidak dapat dipakai" in page
    assert str(desk.home) not in page
    assert [row["site"] for row in _rows(desk, job, "en/decisions.csv")] == [CANARY, "=HYPERLINK(1)"]
    kept = sorted((desk.folder / "jobs" / job / "work/sites").iterdir())
    answer = desk.post(desk.owner, f"/jobs/{job}/mend", {"cell-3-1": "-6.82", "cell-3-2": "107.26"})
    assert answer.status_code == 200
    assert desk.over(job)["status"] == "done"
    assert len(_rows(desk, job, "en/decisions.csv")) == 3
    assert set(kept) < set(
        (desk.folder / "jobs" / job / "work/sites").iterdir()
    )  # what was grown was not grown again
    assert "tidak dapat dipakai" not in desk.owner.get(f"/jobs/{job}").text
    book = openpyxl.load_workbook(io.BytesIO(desk.owner.get(f"/jobs/{job}/files/decisions.xlsx").content))
    assert [row[0].value for row in book["decisions"].iter_rows(min_row=2)] == [
        CANARY,
        "Ciranjang",
        "'=HYPERLINK(1)",
    ]
    names = zipfile.ZipFile(io.BytesIO(desk.owner.get(f"/jobs/{job}/everything.zip").content)).namelist()
    assert {"en/decisions.geojson", "id/map.svg", "zh/calendar.nc", "decisions.xlsx"} <= set(names)
    sheet = desk.owner.get(f"/jobs/{job}/files/zh/sheets/0001-{CANARY}.html")
    assert "default-src 'none'" in sheet.headers["content-security-policy"]
    assert desk.owner.get(f"/jobs/{job}/sites/2").status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xlsx", b"PK\x03\x04half of it", "The table cannot be used"),
        ("a.csv", b"", "The table cannot be used"),
        ("a.csv", b"nobody,knows\n1,2\n", "The table cannot be used"),
        ("a.csv", b"site,latitude,longitude\nx,abc,107\n", "No row of the table can be used"),
    ],
    ids=["half a workbook", "empty", "other columns", "no row"],
)
def test_a_table_that_cannot_be_used_says_so_in_place(
    desk: Desk, name: str, content: bytes, says: str
) -> None:
    job = _sent(desk, {"table": (name, content)}, CHOICES)
    assert desk.over(job)["status"] == "failed"
    page = desk.owner.get(f"/jobs/{job}").text
    assert says in page
    assert str(desk.home) not in page


def test_choices_that_cannot_be_are_refused_beside_their_fields(desk: Desk) -> None:
    before = len(Jobs(desk.folder).all())
    answer = desk.post(
        desk.owner, "/farm", CHOICES | {"last_year": "1999", "below": "50", "normal": "50", "above": "50"},
        {"table": ("a.pdf", b"%PDF")},
    )  # fmt: skip
    assert answer.status_code == 422
    for said in ("lies before the first", "add up to 100", "not a.pdf"):
        assert said in answer.text
    assert len(Jobs(desk.folder).all()) == before
    Desk.wait(lambda: not list((desk.folder / "uploads").iterdir()))


def test_too_much_is_refused_before_it_is_read(desk: Desk) -> None:
    answer = desk.post(desk.owner, "/farm", CHOICES, {"table": ("a.csv", b"x" * 4 * 2**20)})
    assert answer.status_code == 413
    assert "at most 3.0" in answer.text


def test_wrong_heights_are_named(desk: Desk) -> None:
    towers = ("t.csv", b"id,lat,lon\nT1,-6.5,107.5\n")
    job = _sent(
        desk,
        {"elevation": ("S07E107.hgt", b"\x00" * 1000), "towers": towers},
        {"what": "coverage"},
        "connectivity",
    )
    assert desk.over(job)["status"] == "failed"
    page = desk.owner.get(f"/jobs/{job}").text
    assert "The elevation file cannot be used." in page
    assert "S07E107.hgt" in page
    assert str(desk.home) not in page


def _worker_of(desk: Desk) -> int:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            line = (path.parent / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == desk.process.pid and b"lumbung.desk.jobs.worker" in line:
            return int(path.parent.name)
    return 0


def test_what_is_finished_survives_the_worker_and_the_desk(desk: Desk) -> None:
    """A coverage whose worker is killed, then the desk, then is stopped by a person; it ends with the same map."""
    desk.post(desk.owner, "/examples/connectivity")
    job = next(
        job.id
        for job in Jobs(desk.folder).all()
        if job.order().kind == "connectivity.coverage" and job.order().example
    )
    Desk.wait(lambda: desk.state(job).get("done", 0) >= 1 and desk.state(job).get("stage") == "towers", 240)
    os.kill(_worker_of(desk), signal.SIGKILL)
    Desk.wait(lambda: desk.state(job).get("deaths") == 1, 30)
    Desk.wait(lambda: desk.state(job)["status"] == "running", 60)
    orphan = _worker_of(desk)
    desk.kill()
    Desk.wait(
        lambda: (
            not Path(f"/proc/{orphan}").exists()
            or "Z" in Path(f"/proc/{orphan}/stat").read_text().split(")")[1][:3]
        ),
        60,
    )
    desk.start()
    desk.owner.base_url = desk.url
    Desk.wait(lambda: desk.state(job)["status"] in ("running", "done"), 120)
    if desk.state(job)["status"] == "running":
        desk.post(desk.owner, f"/jobs/{job}/cancel")
        assert desk.over(job)["status"] in ("cancelled", "done")
        desk.post(desk.owner, f"/jobs/{job}/go-on")
        time.sleep(0.2)
    assert desk.over(job)["status"] == "done"
    assert desk.owner.get(f"/jobs/{job}/files/rsrp.tif").content[:2] == b"II"
    area = desk.owner.get(f"/jobs/{job}/files/area.json").json()
    far = desk.owner.get(f"/jobs/{job}/villages/0")
    assert far.status_code == 200
    assert "served" in far.text.lower()
    tower = area["towers"][0]
    moved = desk.post(
        desk.owner, f"/jobs/{job}/moved",
        {"tower": tower["id"], "latitude": tower["latitude"] - 0.02, "longitude": tower["longitude"], "exact": 1},
    ).json()  # fmt: skip
    assert len(moved["served"]) == len(area["villages"])
    assert moved["picture"].startswith("data:image/png;base64,")
    beyond = desk.post(
        desk.owner, f"/jobs/{job}/moved", {"tower": tower["id"], "latitude": 50, "longitude": 0}
    )
    assert "error" in beyond.json()
    desk.post(desk.owner, f"/jobs/{job}/remove")
    assert desk.owner.get(f"/jobs/{job}").status_code == 404


def test_files_outside_a_result_are_not_given(desk: Desk) -> None:
    job = _sent(desk, {"table": ("a.csv", b"nobody\n1\n")}, CHOICES)
    for file in ("../order.json", "..%2forder.json", "%2e%2e/order.json", "../../../secret"):
        assert desk.owner.get(f"/jobs/{job}/files/{file}").status_code == 404
    (desk.folder / "jobs" / job / "result/link").symlink_to(desk.folder / "secret")
    assert desk.owner.get(f"/jobs/{job}/files/link").status_code == 404


def _made(tmp_path: Path) -> Job:
    return Jobs(tmp_path).make(Order("farm.calendar", "t", {}, utc_now()), {})


def test_a_full_disk_ends_a_job_with_that_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_job: Job, _progress: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(worker, "work_of", lambda kind: full)
    job = _made(tmp_path)
    last = worker.do(job)
    assert (last.status, last.reason and last.reason.code) == ("failed", "disk_full")
    assert job.state() == last


def test_a_state_that_finds_no_room_is_written_when_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, watch = _made(tmp_path), supervisor.Supervisor(tmp_path)

    def full(path: Path, data: bytes) -> None:
        raise PlatformFault("disk_full", where=str(path))

    with monkeypatch.context() as patch:
        patch.setattr(folder, "write_whole", full)
        watch._say(job, State(status="cancelled"))
    assert job.state().status == "queued"
    monkeypatch.setattr(watch, "_start_worker", lambda: None)
    watch.look()
    assert job.state().status == "cancelled"


def test_a_job_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise PlatformFault("disk_full", where=str(path))

    monkeypatch.setattr(folder, "write_whole", full)
    with pytest.raises(PlatformFault):
        _made(tmp_path)
    assert not list((tmp_path / "jobs").iterdir())


def test_what_was_being_made_when_the_power_went_is_swept(tmp_path: Path) -> None:
    job = _made(tmp_path)
    (tmp_path / "jobs/.half/input").mkdir(parents=True)
    Jobs(tmp_path).sweep()
    assert [found.id for found in Jobs(tmp_path).all()] == [job.id]
    assert Jobs(tmp_path).find("../jobs") is None


def test_heights_in_a_projection_that_is_none_of_the_land_are_named(desk: Desk, tmp_path: Path) -> None:
    """A GeoTIFF that says no projection, and one of Mars."""
    import numpy as np
    import rasterio
    from rasterio.transform import from_origin

    towers = ("t.csv", b"id,lat,lon\nT1,-6.5,107.5\n")
    for name, crs in (("none.tif", None), ("mars.tif", "+proj=longlat +a=3396190 +b=3376200 +no_defs")):
        with rasterio.open(
            tmp_path / name, "w", driver="GTiff", width=50, height=50, count=1, dtype="int16", crs=crs,
            transform=from_origin(500000, 9000000, 90, 90),
        ) as raster:  # fmt: skip
            raster.write(np.full((1, 50, 50), 100, np.int16))
        heights = (name, (tmp_path / name).read_bytes())
        job = _sent(desk, {"elevation": heights, "towers": towers}, {"what": "coverage"}, "connectivity")
        assert desk.over(job)["status"] == "failed"
        page = desk.owner.get(f"/jobs/{job}").text
        assert "The elevation file cannot be used." in page
        assert name in page
        assert str(desk.home) not in page


def test_what_this_machine_cannot_do_is_said_in_the_readers_language(desk: Desk) -> None:
    """Where jobs lie there is suddenly no folder: as on a disk that was taken away."""
    jobs, away = desk.folder / "jobs", desk.folder / "jobs-away"
    jobs.replace(away)
    jobs.write_text("")
    try:
        desk.owner.cookies["django_language"] = "id"
        answer = desk.post(desk.owner, "/examples/farm")
        assert answer.status_code == 507
        assert "Mesin ini tidak dapat menulis" in answer.text
    finally:
        desk.owner.cookies.delete("django_language")
        jobs.unlink()
        away.replace(jobs)
    assert desk.owner.get("/").status_code == 200
