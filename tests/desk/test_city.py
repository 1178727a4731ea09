"""The city at the desk: a map's guesses are corrected and stay so; signals are compared, drawn and played; bad files are named."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lumbung.city.engine import episode
from lumbung.city.importing.generated_town import write_town
from lumbung.desk.access import utc_now
from lumbung.desk.city import work
from lumbung.desk.city.guess_table import correct, read_rows
from lumbung.desk.jobs import worker
from lumbung.desk.jobs.folder import Jobs, Order
from small_desk import Desk


def _sent(desk: Desk, data: dict[str, str], files: dict[str, Any]) -> str:
    answer = desk.post(desk.owner, "/city", data, files)
    found = re.search(r"/jobs/([\w-]+)$", str(answer.url))
    assert found is not None, answer.text
    return found.group(1)


def test_a_maps_guesses_are_corrected_in_the_page_and_stay(desk: Desk, tmp_path: Path) -> None:
    town = write_town(tmp_path / "kota.osm", columns=2, rows=1)
    job = _sent(desk, {"what": "import", "side": ""}, {"map": ("kota.osm", town.read_bytes())})
    assert desk.over(job)["status"] == "done"
    page = desk.owner.get(f"/jobs/{job}")
    assert str(desk.home) not in page.text
    assert "the nearest town known is" in page.text
    assert "Map data © OpenStreetMap contributors" in page.text
    table = desk.folder / "jobs" / job / "input/guesses.csv"
    rows = read_rows(table)
    number = next(k for k, row in enumerate(rows) if row["kind"] == "speed")
    panel = desk.owner.get(f"/jobs/{job}/guesses/{number}")
    assert 'name="guess-' in panel.text
    assert desk.owner.get(f"/jobs/{job}/guesses/9999").status_code == 404
    answer = desk.post(desk.owner, f"/jobs/{job}/correct", {f"guess-{number}": " 37 ", "again": "1"})
    assert answer.status_code == 200
    assert desk.over(job)["status"] == "done"
    assert read_rows(table)[number]["corrected"] == "37"
    archive = zipfile.ZipFile(io.BytesIO(desk.owner.get(f"/jobs/{job}/files/town.zip").content))
    assert 'speed="10.28"' in archive.read("town.net.xml").decode()  # 37 km/h
    side = next(k for k, row in enumerate(rows) if row["kind"] == "side")
    desk.post(desk.owner, f"/jobs/{job}/correct", {f"guess-{side}": "oben", "again": "1"})
    assert desk.over(job)["status"] == "failed"
    page = desk.owner.get(f"/jobs/{job}").text
    assert "correct the guesses below" in page
    assert "oben" in page
    assert str(desk.home) not in page
    for language, said in (
        ("id", "sisi jalan: ditemukan 'oben'; seharusnya left (kiri) atau right (kanan)"),
        ("zh-hans", "行车侧：实际为 'oben'；应为 left（左）或 right（右）"),
    ):
        page = desk.owner.get(f"/jobs/{job}", headers={"Accept-Language": language}).text
        assert said in html.unescape(page)
    desk.post(desk.owner, f"/jobs/{job}/correct", {f"guess-{side}": "", "again": "1"})
    assert desk.over(job)["status"] == "done"
    assert read_rows(table)[number]["corrected"] == "37"


def test_signals_are_compared_drawn_and_played(desk: Desk, small_scenario: bytes) -> None:
    job = _sent(desk, {"what": "signals", "effort": "quick"}, {"scenario": ("Bandung.zip", small_scenario)})
    last = desk.over(job)
    assert last["status"] == "done", last
    result = desk.folder / "jobs" / job / "result"
    report = json.loads((result / "report.json").read_text())
    area = json.loads((result / "area.json").read_text())
    assert len(area["junctions"]) == 2
    # the very same drives of today stand behind both comparisons
    assert report["retimed"]["before"] == report["adaptive"]["before"] > 0
    for variant in work.VARIANTS:
        head = json.loads((result / f"play-{variant}.json").read_text())
        tracks = np.frombuffer((result / f"play-{variant}.bin").read_bytes(), "<u2")
        n = head["vehicles"]
        assert n > 10
        assert len(tracks) == 2 * n + 2 * int(tracks[n : 2 * n].sum())
        assert len(head["signals"]) == 2
        assert all(signal["stops"] and len(signal["states"]) > 3 for signal in head["signals"])
    for language, lost in (
        ("en", "Lost on its approaches"),
        ("id", "Waktu yang hilang"),
        ("zh-hans", "进口道损失"),
    ):
        desk.owner.cookies["django_language"] = language
        page = desk.owner.get(f"/jobs/{job}").text
        sheet = desk.owner.get(f"/jobs/{job}/junctions/0").text
        assert lost in sheet
        assert 'data-what="signals"' in page
        assert str(desk.home) not in page
    desk.owner.cookies.delete("django_language")
    assert "large for a quick comparison" not in desk.owner.get(f"/jobs/{job}").text
    part = report | {"part": [57600, 58500], "searched": 0.4}
    (result / "report.json").write_text(json.dumps(part))
    page = desk.owner.get(f"/jobs/{job}").text
    assert "Only the time from 16:00 to 16:15 was driven" in page
    assert "time for 40 % of its tries" in page
    drawn = next(iter((result / "time-space").glob("*-today.svg"))).read_text()
    assert drawn.count("M") > 10
    assert desk.owner.get(f"/jobs/{job}/junctions/7").status_code == 404
    assert desk.owner.get(f"/jobs/{job}/guesses/0").status_code == 404


def test_of_a_network_that_is_too_large_a_part_is_driven_and_what_was_driven_is_not_driven_again(
    tmp_path: Path, small_scenario: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "QUICK_S", 0.001)
    monkeypatch.setattr(work, "LEAST_S", 120.0)
    given = tmp_path / "town.zip"
    given.write_bytes(small_scenario)
    order = Order("city.signals", "t", {"effort": "quick"}, utc_now())
    job = Jobs(tmp_path).make(order, {"scenario.zip": given})
    assert worker.do(job).status == "done"
    report = job.read_result("report.json")
    begin, end = report["part"]
    assert end - begin == 120
    assert report["seeds"] == 3
    before = {path: path.read_bytes() for path in job.result.rglob("*") if path.is_file()}
    # killed before the end of the search was kept: everything driven until then still is
    for name in ("retiming.json", "adaptive.json"):
        (job.work / name).unlink()
    monkeypatch.setattr(episode, "_simulate", None)  # nothing can be driven, but for who travels where
    assert worker.do(job).status == "done"
    assert {path: path.read_bytes() for path in job.result.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.zip", b"PK\x03\x04 half of it", "The archive cannot be unpacked"),
        ("a.zip", {"readme.txt": "nothing"}, "cannot be simulated"),
        ("a.zip", {"a.sumocfg": "<sumoConfiguration><input><net-file value='no.net.xml'/></input></sumoConfiguration>"}, "cannot be simulated"),
        ("a.zip", {"../../climbs.sumocfg": "<a/>"}, "The archive cannot be unpacked"),
    ],
    ids=["half an archive", "no configuration", "no network", "climbs out"],
)  # fmt: skip
def test_an_archive_that_cannot_be_used_is_named(desk: Desk, name: str, content: Any, says: str) -> None:
    if isinstance(content, dict):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for member, text in content.items():
                archive.writestr(member, text)
        content = packed.getvalue()
    job = _sent(desk, {"what": "signals"}, {"scenario": (name, content)})
    assert desk.over(job)["status"] == "failed"
    page = desk.owner.get(f"/jobs/{job}").text
    assert says in page
    assert str(desk.home) not in page


def test_what_is_no_map_is_refused_beside_its_field(desk: Desk) -> None:
    answer = desk.post(
        desk.owner, "/city", {"what": "import"}, {"map": ("a.pdf", b"%PDF"), "gtfs": ("a.csv", b"a")}
    )
    assert answer.status_code == 422
    assert "Give a map from OpenStreetMap" in answer.text
    assert "as a GTFS archive" in answer.text
    job = _sent(desk, {"what": "import"}, {"map": ("a.osm", b"<osm><node id=")})
    assert desk.over(job)["status"] == "failed"
    assert "The map or what goes with it cannot be used" in desk.owner.get(f"/jobs/{job}").text


def test_a_correction_survives_what_a_spreadsheet_does(tmp_path: Path) -> None:
    path = tmp_path / "guesses.csv"
    path.write_text("\ufeffkind;id;corrected;why\nlanes;12;;x\nspeed;12;30;x\n", encoding="utf-8")
    correct(path, {("lanes", "12"): "3"})
    assert [(row["kind"], row["corrected"]) for row in read_rows(path)] == [("lanes", "3"), ("speed", "30")]
    assert read_rows(tmp_path / "none.csv") == []
