"""What goes wrong around a desk: workers killed at every step, files of 2 GB, a disk that is really full, and ears on the wire."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lumbung.desk.access import utc_now
from lumbung.desk.jobs import worker
from lumbung.desk.jobs.folder import Job, Jobs, Order
from lumbung.proving.faults import PlatformFault
from small_desk import Desk

HERE = Path(__file__).parent
TABLE = (
    "site,latitude,longitude,weather,habitual\nA,-6.9,107.6,monsoonal,Nov II\nB,-7.0,107.7,monsoonal,Nov I\n"
)
SMALL = {"frequency": 900.0, "radius": 2.0, "threshold": -110.0}
HEIGHTS = bytes(2 * 1201 * 1201)
TOWERS = "id,lat,lon,height_m\nT1,-6.5,107.5,40\nT2,-6.51,107.52,40\n"
VILLAGES = "id,name,lat,lon,people\nV1,Satu,-6.502,107.502,100\nV2,Dua,-6.55,107.55,50\n"
CANDIDATES = "id,lat,lon,heights\nC1,-6.55,107.55,45\nC2,-6.56,107.56,45\n"
RADIO = {"elevation/S07E107.hgt": HEIGHTS, "towers.csv": TOWERS, "villages.csv": VILLAGES}
# kind: options, files, the stages, what must come out as if nobody had died
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any], list[str], str]] = {
    "farm.calendar": (
        {"first_year": 2001, "last_year": 2001, "columns": {}}, {"given.csv": TABLE},
        ["reading", "growing", "writing"], "en/decisions.csv",
    ),
    "connectivity.coverage": (SMALL, RADIO, ["reading", "coarse", "towers", "writing"], "rsrp.tif"),
    "connectivity.plan": (
        SMALL | {"sites": 1}, RADIO | {"candidates.csv": CANDIDATES}, ["reading", "links", "searching", "writing"], "plan.csv",
    ),
    "city.import": (
        {"generated": True}, {}, ["reading", "importing-map", "importing-network", "writing"], "guesses.csv",
    ),
    "city.signals": ({}, {"scenario.zip": "small"}, ["reading", "retiming", "adapting", "filming", "writing"], ""),
    "adopted.run": (
        {"challenge": "resco", "solution": "city/fixed-time", "adoption": None}, {"data/town.zip": "small"},
        ["reading", "adopted", "writing"], "",
    ),
}  # fmt: skip


QUICK = ("city.import", "adopted.run")


def _made(folder: Path, kind: str, options: dict[str, Any], files: dict[str, Any], small: bytes) -> Job:
    given = {}
    for number, (name, content) in enumerate(files.items()):
        path = folder / f"given-{number}"
        folder.mkdir(exist_ok=True)
        path.write_bytes(
            small if content == "small" else content if isinstance(content, bytes) else content.encode()
        )
        given[name] = path
    return Jobs(folder).make(Order(kind, "t", options, utc_now()), given)


@pytest.mark.parametrize(
    "kind", [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS]
)
def test_a_worker_killed_at_every_step_loses_nothing(
    tmp_path: Path, kind: str, small_scenario: bytes
) -> None:
    options, files, stages, result = KINDS[kind]
    job = _made(tmp_path / "dying", kind, options, files, small_scenario)
    done = subprocess.run(
        [sys.executable, str(HERE / "dying.py"), str(job.folder)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"died": stages, "status": "done", "reason": None}
    leavings = [
        path
        for path in job.folder.rglob("*")
        if path.name.startswith(("draft-", ".unpack")) or path.suffix == ".part"
    ]
    assert not leavings
    if result:
        straight = _made(tmp_path / "straight", kind, options, files, small_scenario)
        assert worker.do(straight).status == "done"
        assert (job.result / result).read_bytes() == (straight.result / result).read_bytes()


def _said_to(desk: Desk, lines: list[str], body: bytes = b"") -> str:
    host, port = desk.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(
            "\r\n".join([*lines, f"Host: {host}:{port}", "Connection: close", "", ""]).encode() + body
        )
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
    return answer.decode(errors="replace")


def test_two_gigabytes_are_refused_before_they_are_sent(desk: Desk, tmp_path: Path) -> None:
    """The answer comes after the first words; also where nobody says how much will come, nothing is kept."""
    sparse = tmp_path / "heights.tif"
    with sparse.open("wb") as file:
        file.truncate(2 * 2**30)
    cookie = "; ".join(f"{c.name}={c.value}" for c in desk.owner.cookies.jar)
    answer = _said_to(
        desk, ["POST /connectivity HTTP/1.1", f"Content-Length: {sparse.stat().st_size}", f"Cookie: {cookie}",
               "Content-Type: multipart/form-data; boundary=x"], b"--x\r\n",
    )  # fmt: skip
    assert " 413 " in answer.splitlines()[0]
    assert "2.0" in answer
    chunked = _said_to(
        desk, ["POST /connectivity HTTP/1.1", "Transfer-Encoding: chunked", f"Cookie: {cookie}",
               "Content-Type: multipart/form-data; boundary=x"], b"5\r\n--x\r\n\r\n0\r\n\r\n",
    )  # fmt: skip
    assert chunked.split()[1][0] == "4"
    assert not list((desk.folder / "uploads").iterdir())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], capture_output=True
    )
    if made.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_is_full_is_said_and_work_goes_on_when_there_is_room(
    small_disk: Path, small_scenario: bytes
) -> None:
    job = _made(small_disk / "desk", "farm.calendar", *KINDS["farm.calendar"][:2], small_scenario)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - 3 * 4096)  # room for the first words, not for the work
    try:
        reason = worker.do(job).reason
        assert reason is not None
        assert reason.code == "disk_full"
    except PlatformFault as error:  # not even the end could be told; the supervisor keeps it
        assert error.fault.code == "disk_full"
    filler.unlink()
    assert worker.do(job).status == "done"
    with (job.result / "en" / "decisions.csv").open(encoding="utf-8-sig") as table:
        assert [row["site"] for row in csv.DictReader(table)] == ["A", "B"]


@pytest.mark.slow
def test_no_byte_of_anybodys_files_leaves_the_machine(tmp_path: Path, small_scenario: bytes) -> None:
    """Every packet of every process, native code too, on a network where whatever leaves is heard."""
    if (
        os.geteuid()
        or subprocess.run(["unshare", "-n", "ip", "link", "set", "lo", "up"], capture_output=True).returncode
    ):
        pytest.skip("needs a network namespace of its own (root) and ip")
    given = tmp_path / "small.zip"
    given.write_bytes(small_scenario)
    done = subprocess.run(
        ["unshare", "-n", sys.executable, str(HERE / "net_of_its_own.py"), str(tmp_path / "home"), str(given)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["hears"] >= 1  # the ear is none that hears nothing
    assert found["pages"] > 100
    assert found["shown"] > 10
    assert not found["broken"]
    assert (found["packets"], found["canaries"]) == (0, 0)
