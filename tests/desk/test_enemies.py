"""What an enemy, a careless colleague or a stranger's program does to a desk; each is known from the wild or was tried here."""

from __future__ import annotations

import io
import json
import re
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import openpyxl
import pytest
import rasterio
from rasterio.transform import from_origin

from lumbung.connectivity.ground.elevation_files import ElevationFileError, read_terrain
from lumbung.connectivity.people.demand import read_villages
from lumbung.connectivity.siting.candidates import read_candidates
from lumbung.connectivity.tables import TableError
from lumbung.desk.access import utc_now
from lumbung.desk.jobs import worker
from lumbung.desk.jobs.folder import Job, Jobs, Order, State
from small_desk import Desk

LONG = "a" * 5000


class Elsewhere:
    """A machine that counts who calls."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.calls.append(caller.recv(200))
            caller.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    machine = Elsewhere()
    yield machine
    machine.close()


def _raster(path: Path, **tags: str) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", width=2000, height=2000, count=1, dtype="int16", crs="EPSG:4326", compress="DEFLATE",
        transform=from_origin(107, -6, 0.0002, 0.0002),
    ) as made:  # fmt: skip
        made.write(np.full((1, 2000, 2000), 100, np.int16))
        made.update_tags(ns="OVERVIEWS", **tags)
    return path


def _drawn(path: Path) -> State:
    order = Order("layers.draw", "t", {}, utc_now())
    return worker.do(Jobs(path.parent).make(order, {"layer.tif": path}))


def test_a_raster_that_names_an_address_does_not_make_the_desk_call_it(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    """As its overview, as a web service, and as a list of sources that only has the name of a GeoTIFF."""
    called = f"http://{elsewhere.address}"
    service = f"<GDAL_WMS><Service name='TMS'><ServerUrl>{called}/${{z}}/${{x}}/${{y}}</ServerUrl></Service></GDAL_WMS>"
    for number, overview in enumerate((f"/vsicurl/{called}/Rahasia.tif", service)):
        raster = _raster(tmp_path / f"{number}.tif", OVERVIEW_FILE=overview)
        assert read_terrain([raster]).height[0, 0] == 100
        assert _drawn(raster).status == "done"
    listed = tmp_path / "listed.tif"
    listed.write_text(
        '<VRTDataset rasterXSize="9" rasterYSize="9"><SRS>EPSG:4326</SRS><GeoTransform>107,0.1,0,-6,0,-0.1</GeoTransform>'
        f'<VRTRasterBand dataType="Int16" band="1"><SimpleSource><SourceFilename>/vsicurl/{called}/x.tif</SourceFilename>'
        "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(ElevationFileError, match=r"listed\.tif: cannot be read as a raster"):
        read_terrain([listed])
    last = _drawn(listed)
    assert last.reason is not None
    assert last.reason.code == "layer"
    assert elsewhere.calls == []


def test_what_an_engine_or_somebodys_judge_prints_is_not_taken_for_the_end_of_a_job() -> None:
    program = (
        "import os, subprocess, sys\n"
        "from lumbung.desk.jobs.line import own_line\n"
        "asked, answers = own_line()\n"
        "print('done', flush=True)\n"
        "os.write(1, b'done\\n')\n"
        "subprocess.run([sys.executable, '-c', 'import sys; print(sys.stdin.read())'])\n"
        "print('ready', file=answers, flush=True)\n"
        "print(asked.readline().strip(), file=answers, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="the job\n", capture_output=True, text=True, check=True
    )
    assert done.stdout == "ready\nthe job\n"


def test_a_damaged_folder_spoils_no_page_but_its_own(desk: Desk) -> None:
    desk.post(desk.owner, "/sandbox")
    whole = Jobs(desk.folder).all()[0].id
    broken, newer = (
        desk.folder / "jobs" / name for name in ("20200101-000000-broken", "20200101-000000-newer")
    )
    for folder, order in (
        (broken, '{"kind": "farm.cal'),
        (
            newer,
            '{"kind":"fish.count","title":"Ikan","options":{},"made":"2020-01-01T00:00:00Z","example":true}',
        ),
    ):
        folder.mkdir()
        (folder / "order.json").write_text(order)
        (folder / "state.json").write_text('{"status":"done"}')
    for page in ("/", "/work"):
        answer = desk.owner.get(page)
        assert answer.status_code == 200
        assert broken.name in answer.text
        assert whole in answer.text
    assert desk.owner.get(f"/jobs/{broken.name}").status_code == 404
    assert desk.owner.get(f"/jobs/{newer.name}").status_code == 404
    desk.post(desk.owner, f"/jobs/{whole}/cancel")
    desk.over(whole)


@pytest.mark.parametrize(
    "address",
    ["/jobs/%00", f"/jobs/{LONG}", "/jobs/..%2f..%2fnode", "/jobs/.", "/jobs/%2e%2e/files/secret",
     "/jobs/{job}/files/%00", f"/jobs/{{job}}/files/{LONG}", f"/jobs/{{job}}/files/{'../' * 40}etc/passwd",
     f"/jobs/{{job}}/villages/{'9' * 400}", f"/jobs/{{job}}/sites/{'9' * 400}", f"/enter/{LONG}", "/enter/%00", "/examples/%00"],
)  # fmt: skip
def test_a_name_that_no_disk_can_hold_is_a_page_that_is_not_there(desk: Desk, address: str) -> None:
    job = Jobs(desk.folder).make(Order("farm.calendar", "t", {}, utc_now()), {})
    job.write_state(State(status="done"))
    answer = desk.owner.get(address.format(job=job.id), follow_redirects=False)
    assert answer.status_code in (302, 404, 405, 410), answer.text
    Jobs(desk.folder).remove(job)


def test_what_a_result_points_to_is_not_packed(desk: Desk) -> None:
    job = Jobs(desk.folder).make(Order("farm.calendar", "t", {}, utc_now()), {})
    job.write_state(State(status="done"))
    job.write_result("own.json", 1)
    (job.result / "secret").symlink_to(desk.folder / "secret")
    packed = zipfile.ZipFile(io.BytesIO(desk.owner.get(f"/jobs/{job.id}/everything.zip").content))
    assert packed.namelist() == ["own.json"]
    Jobs(desk.folder).remove(job)


def _calendar_to_mend(desk: Desk) -> Job:
    job = Jobs(desk.folder).make(Order("farm.calendar", "t", {}, utc_now()), {})
    job.write_state(State(status="running"))  # so that no worker takes it
    (job.input / "table.csv").write_text("site,latitude,longitude\na,100,107\nb,200,107\n")
    said = "column latitude: expected degrees between -90 and 90, found 100"
    job.write_result("rows.json", {"all": 2, "problems": {"2": said, "3": said}, "remarks": {}, "names": {}})
    return job


def test_two_windows_do_not_undo_each_others_mending(desk: Desk) -> None:
    job = _calendar_to_mend(desk)
    refused = desk.post(desk.owner, f"/jobs/{job.id}/mend", {"cell-2-1": "-6"})
    assert refused.status_code == 409
    assert "not taken over" in refused.text
    rows = job.read_result("rows.json")
    job.write_result(
        "rows.json", rows | {"problems": {"3": rows["problems"]["3"]}}
    )  # line 2 was mended since
    job.write_state(State(status="done"))
    late = {
        "cell-2-1": "100",
        "cell-3-1": "-7",
        f"cell-3-{'9' * 5000}": "x",
        "cell-3": "x",
        "drop": ["2", LONG],
    }
    late |= {f"cell-{line}-1": "" for line in range(4, 1500)}
    assert desk.post(desk.owner, f"/jobs/{job.id}/mend", late).status_code == 200
    assert (job.input / "table.csv").read_text() == "site,latitude,longitude\na,100,107\nb,-7,107\n"
    desk.over(job.id)
    desk.post(desk.owner, f"/jobs/{job.id}/remove")


def test_two_windows_do_not_undo_each_others_corrections(desk: Desk) -> None:
    job = Jobs(desk.folder).make(Order("city.import", "t", {}, utc_now()), {})
    job.write_state(State(status="done"))
    (job.input / "guesses.csv").write_text(
        "kind,id,name,guessed,corrected,why,lat,lon\nlanes,1,Jalan A,1,3,,-6,107\nlanes,2,Jalan B,1,,,-6,107\n"
    )
    page = desk.owner.get(f"/jobs/{job.id}").text
    shown = re.search(r'name="before" value="([^"]*)"', page)
    assert shown is not None
    assert json.loads(shown[1].replace("&quot;", '"')) == {"0": "3"}
    late = {"before": "{}", "guess-0": "", "guess-1": "2"}  # opened before somebody said 3
    desk.post(desk.owner, f"/jobs/{job.id}/correct", late)
    assert [
        line.split(",")[4] for line in (job.input / "guesses.csv").read_text("utf-8-sig").splitlines()[1:]
    ] == ["3", "2"]
    desk.post(desk.owner, f"/jobs/{job.id}/correct", {"before": '{"0":"3"}', "guess-0": ""})
    assert ",3," not in (job.input / "guesses.csv").read_text("utf-8-sig")
    desk.post(desk.owner, f"/jobs/{job.id}/remove")


def test_a_title_is_one_line(desk: Desk) -> None:
    answer = desk.post(
        desk.owner,
        "/layers",
        {"title": f"Peta\n\x00\u202e{LONG}"},
        {"layer": ("a.geojson", b'{"type":"nothing"}')},
    )
    job = str(answer.url).rpartition("/")[2]
    title = Job(desk.folder / "jobs" / job).order().title
    assert title.startswith("Peta a")
    assert len(title) == 120
    desk.over(job)


def test_a_layer_with_what_is_no_json_is_drawn_and_one_of_nonsense_is_named(tmp_path: Path) -> None:
    point = {
        "type": "Feature",
        "properties": {"hujan": "NOTHING"},
        "geometry": {"type": "Point", "coordinates": [107, -7]},
    }
    given = tmp_path / "a.geojson"
    given.write_text(
        json.dumps({"type": "FeatureCollection", "features": [point]}).replace('"NOTHING"', "NaN")
    )
    job = Jobs(tmp_path).make(Order("layers.draw", "t", {}, utc_now()), {"layer.geojson": given})
    assert worker.do(job).status == "done"
    assert "NaN" not in (job.result / "layer.geojson").read_text()
    for nonsense in (
        {"type": "GeometryCollection", "geometries": 7}, {"type": "Point", "coordinates": {"x": 1}}, [1], "x",
        {"type": "Point", "coordinates": [1e999, 0]}, {"type": "Polygon", "coordinates": [[[[[]]]]]},
    ):  # fmt: skip
        given.write_text(
            json.dumps({"type": "FeatureCollection", "features": [point | {"geometry": nonsense}]})
        )
        job = Jobs(tmp_path).make(Order("layers.draw", "t", {}, utc_now()), {"layer.geojson": given})
        last = worker.do(job)
        assert last.reason is not None
        assert last.reason.code == "layer", (nonsense, last)


def _book(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_planners_tables_may_be_spreadsheets(tmp_path: Path) -> None:
    """With a title above the headings, and numbers that look as one and a quarter in one country and 1250 in another."""
    villages = read_villages(
        _book(tmp_path / "desa.xlsx", [["Data desa 2025"], [], ["Nama", "Lintang", "Bujur", "Penduduk"],
              ["Kenari", -6.125, 107.5, 1250], ["Melati", -6.25, 107.625, 1250.0], [None], ["Salah", 106.9, -6.2, 10]]),
        people_each=None,
    )  # fmt: skip
    assert villages.name == ("Kenari", "Melati")
    assert villages.latitude.tolist() == [-6.125, -6.25]
    assert villages.people.tolist() == [1250.0, 1250.0]
    assert villages.set_aside == (
        "line 7: latitude 106.9 is outside -90 to 90 degrees; latitude and longitude look swapped",
    )
    (site,) = read_candidates(
        _book(tmp_path / "c.xlsx", [["id", "lat", "lon", "tower"], ["C1", -6.5, 107.5, 1.125]])
    ).candidates
    assert site.costs == {"tower": 1.125}
    for content in (b"PK\x03\x04half", b"no workbook", b""):
        (tmp_path / "bad.xlsx").write_bytes(content)
        with pytest.raises(TableError, match=r"bad\.xlsx: cannot be read as a spreadsheet"):
            read_candidates(tmp_path / "bad.xlsx")


def test_another_site_does_not_act_through_an_owners_browser(desk: Desk) -> None:
    """With the owner's cookies and a token it knows; and nothing is done by an address alone."""
    page = desk.owner.get("/people")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token is not None
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = desk.owner.post(
            "/people", data={"csrfmiddlewaretoken": token[1], "name": "x", "role": "owner"}, headers=headers
        )
        assert answer.status_code == 403
    assert desk.owner.post("/people", data={"name": "x", "role": "owner"}).status_code == 403
    for address in ("/node/stop", "/node/mode", "/examples/farm", "/jobs/x/remove", "/jobs/x/attach", "/jobs/x/cancel",
                    "/jobs/x/mend", "/jobs/x/correct", "/jobs/x/moved", "/people/x/shut-out", "/sandbox", "/language"):  # fmt: skip
        assert desk.owner.get(address).status_code == 405, address


def test_a_link_in_a_colleagues_mail_leads_in_and_the_cookie_says_no_more(desk: Desk) -> None:
    page = desk.post(desk.owner, "/people", {"name": "Sari", "role": "reader"})
    link = re.search(r"<code>(http\S+)</code>", page.text)
    assert link is not None
    client = httpx.Client(base_url=desk.url)
    opened = client.get(link[1])
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', opened.text)
    assert token is not None
    entered = client.post(link[1], data={"csrfmiddlewaretoken": token[1]})
    cookie = next(one for one in entered.headers.get_list("set-cookie") if one.startswith("lumbung_desk="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Sari" not in cookie
    tampered = re.sub(r"lumbung_desk=\w", "lumbung_desk=0", cookie.partition(";")[0])
    assert httpx.get(desk.url, headers={"Cookie": f"{tampered}0"}).status_code == 401
