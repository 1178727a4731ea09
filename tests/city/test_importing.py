"""Importing a town: what is guessed is listed, corrections are kept, counts become traffic that carries them."""

from __future__ import annotations

import csv
import datetime
import json
import math
import zipfile
from pathlib import Path

import numpy as np
import osmium
import pytest
from click.testing import CliRunner

from lumbung.city.engine.episode import Settings, run_today
from lumbung.city.engine.networks import NetworkError
from lumbung.city.engine.scenario_files import read_scenario
from lumbung.city.engine.topology import read_topology
from lumbung.city.importing.buses import read_buses
from lumbung.city.importing.country import country_of, towns
from lumbung.city.importing.counts import Where, read_counts
from lumbung.city.importing.demand import most_likely, passes
from lumbung.city.importing.extract import read_extract
from lumbung.city.importing.generated_town import LAT, LON, write_town
from lumbung.city.importing.guesses import read_guesses
from lumbung.city.importing.measured import Match, passed, read_passages, share_good
from lumbung.city.importing.model import Model, import_model
from lumbung.city.importing.places import Place, find_places
from lumbung.city.importing.plane import Plane
from lumbung.cli import main


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("osm") / "town.osm")


@pytest.fixture(scope="module")
def model(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return import_model(town, tmp_path_factory.mktemp("model"))


def correct(path: Path, *changes: tuple[str, str, str]) -> None:
    """Fill in the column as an engineer would, in a spreadsheet that writes semicolons."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for kind, name, value in changes:
        found = [row for row in rows if row["kind"] == kind and row["id"] == name]
        if not found:
            rows.append(dict.fromkeys(rows[0], "") | {"kind": kind, "id": name})
            found = rows[-1:]
        found[0]["corrected"] = value
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("lat", "lon", "code", "side"),
    [
        (-6.91, 107.61, "ID", "left"), (13.75, 100.5, "TH", "left"), (3.14, 101.69, "MY", "left"),
        (1.35, 103.82, "SG", "left"), (4.9, 114.94, "BN", "left"), (-8.56, 125.57, "TL", "left"),
        (22.82, 108.32, "CN", "right"), (21.03, 105.85, "VN", "right"), (11.56, 104.92, "KH", "right"),
        (14.6, 120.98, "PH", "right"), (17.97, 102.6, "LA", "right"), (16.8, 96.16, "MM", "right"),
        (20.43, 99.9, "TH", "left"), (13.66, 102.56, "KH", "right"), (1.47, 110.3, "MY", "left"), (22.2, 113.54, "MO", "left"),
        (51.5, -0.1, "GB", "left"), (52.0, 13.68, "DE", "right"),
    ],
)  # fmt: skip
def test_the_side_of_the_road_by_country(lat: float, lon: float, code: str, side: str) -> None:
    found = country_of(lat, lon)
    assert (found.side, found.code) == (side, code)


def test_the_table_of_towns_is_one() -> None:
    table = towns()
    assert len(table) > 350 and len({(code, name) for code, name, _, _ in table}) == len(table)
    assert all(
        len(code) == 2 and name and abs(lat) < 72 and abs(lon) <= 180 for code, name, lat, lon in table
    )
    assert {code for code, *_ in table} >= {
        "ID",
        "TH",
        "MY",
        "SG",
        "BN",
        "TL",
        "VN",
        "LA",
        "KH",
        "MM",
        "PH",
        "CN",
    }
    assert all(country_of(lat, lon).code == code for code, _, lat, lon in table)


def test_the_plane_is_utm() -> None:
    # UTM of Bandung's square, and of a place in the north; pyproj 3.7 (EPSG:32648 less its false northing, EPSG:32633)
    plane = Plane(48, 0.0, 0.0)
    x, y = plane.place(-6.914, 107.609)
    assert plane.degrees(x, y) == pytest.approx((-6.914, 107.609), abs=1e-9)
    # on the central meridian the easting is 500 km, and the northing the meridian's length times 0.9996
    x, y = Plane(33, 0.0, 0.0).place(52.0, 15.0)
    assert x == pytest.approx(500_000, abs=1e-6) and y == pytest.approx(5_761_038.2, abs=0.3)


def test_netconvert_draws_on_the_same_plane(model: Model, town: Path) -> None:
    places = read_extract(town).places
    for junction in read_topology(model.folder / "town.net.xml").junctions.values():
        x, y = model.graph.plane.place(*places[int(junction.id)])
        assert math.hypot(x - junction.x, y - junction.y) < 0.05


def test_a_town_is_imported(model: Model) -> None:
    assert model.signals == 6
    assert 'lefthand="true"' in (model.folder / "town.net.xml").read_text()[:3000]
    kinds = {kind: {g.id for g in model.guesses if g.kind == kind} for kind in ("lanes", "speed", "plan")}
    # only what the map leaves open: way 100 tells lanes and speed, way 202 its lanes; the footpath is no street
    assert kinds == {
        "lanes": {"101", "200", "201"},
        "speed": {"101", "200", "201", "202"},
        "plan": {"1101", "1102", "1201", "1202", "1301", "1302"},
    }
    assert len(model.extract.streets) == 5
    episode = run_today(read_scenario(model.folder), Settings(), 0)
    assert episode.metrics.demanded == model.vehicles and episode.metrics.arrived > 0.5 * model.vehicles


@pytest.mark.parametrize("ending", [".osm.gz", ".osm.pbf", ".osm.bz2"])
def test_every_format_gives_the_same_town(town: Path, tmp_path: Path, ending: str) -> None:
    other = tmp_path / f"town{ending}"
    with osmium.SimpleWriter(str(other)) as writer:
        for item in osmium.FileProcessor(str(town)):
            writer.add(item)
    here, there = read_extract(town), read_extract(other)
    assert here.streets == there.streets and here.signals == there.signals
    assert all(there.places[n] == pytest.approx(p, abs=1e-6) for n, p in here.places.items())


def test_corrections_are_kept_and_obeyed(town: Path, tmp_path: Path) -> None:
    first = import_model(town, tmp_path)
    path = tmp_path / "guesses.csv"
    correct(
        path, ("lanes", "101", "3"), ("speed", "101", "40"), ("plan", "1202", "30 12; offset 7"), ("signal", "1302", "no"),
        ("lanes", "424242", "2"), ("sidewalks", "network", "tidak"),
    )  # fmt: skip
    second = import_model(town, tmp_path)
    edge = second.graph.edges["101#1"]
    assert first.graph.edges["101#1"].lanes == 1 and edge.lanes == 3
    assert edge.speed * 3.6 == pytest.approx(40, abs=0.1)
    assert "crossing" not in (tmp_path / "town.net.xml").read_text()
    topology = read_topology(tmp_path / "town.net.xml", (tmp_path / "plans.add.xml",))
    assert set(topology.junctions) == {"1101", "1102", "1201", "1202", "1301"}
    program = topology.junctions["1202"].programs[0]
    assert [p.duration for p in program.phases if "y" not in p.state] == [30, 12] and program.offset == 7
    kept = read_guesses(path)
    # a row that corrects nothing of this map any more is not thrown away
    assert kept["lanes", "424242"].corrected == "2" and kept["plan", "1202"].corrected == "30 12; offset 7"
    assert kept["signal", "1302"].corrected == "no" and kept["lanes", "101"].guessed == "1"
    # and with the signal back, all is as it was
    correct(path, *((kind, name, "") for kind, name in kept))
    third = import_model(town, tmp_path)
    assert third.graph == first.graph and not (tmp_path / "plans.add.xml").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("lanes", "101", "many"), "lanes of way 101"), (("speed", "101", "4000"), "speed of way 101"),
        (("plan", "1202", "30"), "plan 1202"), (("plan", "1202", "30 12; offset soon"), "plan 1202"),
        (("side", "network", "middle"), "side"), (("signal", "1302", "perhaps"), "signal 1302"),
        (("colour", "1", "blue"), "kind"),
    ],
)  # fmt: skip
def test_a_correction_that_says_nothing_is_named(
    town: Path, tmp_path: Path, model: Model, change: tuple[str, str, str], said: str
) -> None:
    (tmp_path / "guesses.csv").write_bytes((model.folder / "guesses.csv").read_bytes())
    correct(tmp_path / "guesses.csv", change)
    before = (tmp_path / "guesses.csv").read_bytes()
    result = CliRunner().invoke(main, ["city", "import", str(town), "--out", str(tmp_path)])
    assert result.exit_code == 2 and "guesses.csv" in result.output and said in result.output
    assert (tmp_path / "guesses.csv").read_bytes() == before


def test_a_map_without_signals_asks_for_them(tmp_path: Path) -> None:
    bare = write_town(tmp_path / "bare.osm", signals=False)
    result = CliRunner().invoke(main, ["city", "import", str(bare), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2 and "no signal" in result.output
    guesses = read_guesses(tmp_path / "out" / "guesses.csv")
    missing = [name for kind, name in guesses if kind == "signal"]
    assert len(missing) == 6
    correct(tmp_path / "out" / "guesses.csv", *(("signal", name, "ya") for name in missing[:2]))
    assert import_model(bare, tmp_path / "out").signals == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.osm", b"", "a.osm"), ("a.osm", b"<osm><node id='1'", "a.osm"), ("a.osm", b"<osm version='0.6'/>", "no street"),
        ("a.osm.pbf", b"\0\0\0\x0dnot a map of anything", "a.osm.pbf"), ("a.osm.gz", b"\x1f\x8b\x08\0cut", "a.osm.gz"),
        ("a.txt", b"<osm/>", ".osm.pbf"),
    ],
)  # fmt: skip
def test_what_is_no_map_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    result = CliRunner().invoke(
        main, ["city", "import", str(tmp_path / name), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 2 and said in result.output and "Traceback" not in result.output


def test_streets_that_lack_nodes_are_cut(town: Path, tmp_path: Path) -> None:
    text = town.read_text()
    first = text.index('<node id="1000"') if '<node id="1000"' in text else text.index("<node")
    end = text.index("</node>", first) + len("</node>")
    (tmp_path / "cut.osm").write_text(text[:first] + text[end:])
    found = read_extract(tmp_path / "cut.osm")
    assert found.cut >= 1 and len(found.streets) == 5


# Counts


def write_rows(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_counts_as_people_keep_them(tmp_path: Path) -> None:
    csv_file = write_rows(
        tmp_path / "a.csv",
        "﻿ruas;jam;jumlah (kend.)\n100#1;2026-03-02 07:00;120\n100#1;2026-03-02 07:15;-\n100#1;2026-03-03 07:00;140\n"
        "100#1;2026-03-03 07:15;1.200\n;;\n100#1;2026-03-03 07:30;-5\n100#1;2026-03-03 07:45;rusak\n",
    )
    found = read_counts(csv_file)
    assert [(r.where.edge, r.begin, r.end, r.vehicles) for r in found.rows] == [
        ("100#1", 25200, 26100, 130), ("100#1", 26100, 27000, 1200)
    ]  # fmt: skip
    assert found.days == 2 and len(found.gaps) == 3 and "line 8" in found.gaps[-1]
    assert ("no_end", 900) in found.notes


def test_counts_in_a_workbook(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["纬度", "经度", "方位", "转向", "开始", "结束", "流量"])
    sheet.append([LAT, LON, "E", "左", datetime.time(7, 0), datetime.time(8, 0), 60])
    sheet.append([LAT, LON, 90, "左", datetime.datetime(2026, 3, 2, 8, 0), 0.375, None])
    sheet.append([LAT, LON, "e", "kiri", 0.375, "10:00", 75.5])
    book.save(tmp_path / "a.xlsx")
    found = read_counts(tmp_path / "a.xlsx")
    where = Where("", "", "left", LAT, LON, 90.0)
    assert [(r.where, r.begin, r.end, r.vehicles) for r in found.rows] == [
        (where, 25200, 28800, 60), (where, 32400, 36000, 75.5)
    ]  # fmt: skip
    assert len(found.gaps) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column"), ("a,b\n1,2\n", "no column begin"), ("begin,count\n07:00,3\n", "no place"),
        ("edge,begin,count\nx,noon,3\n", "line 2, begin"), ("edge,begin,count\nx,07:00,\n", "no count in 1 rows"),
        ("lat,lon,begin,count\nnorth,1,07:00,3\n", "line 2"), ("edge,turn,begin,count\nx,up,07:00,3\n", "turn"),
        ("lat,lon,heading,begin,count\n1,1,uphill,07:00,3\n", "heading"), ("edge,begin,count\nx,07:61,3\n", "begin"),
    ],
)  # fmt: skip
def test_counts_that_cannot_be_read_name_the_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(NetworkError, match=said):
        read_counts(write_rows(tmp_path / "a.csv", text))


def test_places_of_counting_are_found(model: Model) -> None:
    graph = model.graph
    lat, lon = graph.plane.degrees(*graph.edges["100#1"].shape[-1])
    east = Where("", "", "", lat, lon, 90.0)
    west = Where("", "", "", lat, lon, 270.0)
    turn = Where("100#1", "", "straight")
    lost = Where("", "", "", lat + 0.01, lon, 90.0)
    found, guesses = find_places([east, west, turn, lost, Where("nowhere")], graph, {}, Path("g"))
    assert found[east].edge == "100#1" and found[west].edge.startswith("-100")
    assert found[turn] == Place("100#1", "100#2") and lost not in found
    assert {g.id for g in guesses if not g.guessed} == {str(lost), "nowhere"}


def test_the_likeliest_flows_by_hand() -> None:
    # two routes over a counted street, one of them over a second one too; a third route nobody counts
    incidence = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    flows = most_likely(incidence, np.array([100.0, 30.0]), np.array([10.0, 10.0, 10.0]))
    assert flows[:2] == pytest.approx([70, 30], abs=0.5) and flows[2] > 0
    # a gap says nothing; contradictions end between
    assert most_likely(incidence, np.array([100.0, np.nan]), np.ones(3))[:2] == pytest.approx(
        [50, 50], abs=0.5
    )
    between = most_likely(np.array([[1.0], [1.0]]), np.array([100.0, 400.0]), np.ones(1))
    assert between[0] == pytest.approx(200, rel=0.01)  # the geometric mean
    assert most_likely(incidence, np.full(2, np.nan), np.ones(3)) == pytest.approx(np.ones(3))


def test_a_route_passes_an_edge_and_a_turn() -> None:
    table = passes([("a", "b", "c"), ("a", "c")], [Place("a"), Place("a", "b"), Place("c", "a")])
    assert table.tolist() == [[1, 1], [1, 0], [0, 0]]


def test_geh_by_hand() -> None:
    assert Match("e", "", 0, 3600, 100, 150).geh == pytest.approx(math.sqrt(2 * 2500 / 250))
    assert Match("e", "", 0, 3600, 0, 0).geh == 0
    assert share_good([Match("e", "", 0, 1, 100, 100), Match("e", "", 0, 1, 100, 300)]) == 0.5


def test_the_model_carries_what_was_counted(town: Path, model: Model, tmp_path: Path) -> None:
    # what passes in the uncounted model at half of its approaches, a third more to the east, is the truth here
    chosen = sorted(model.graph.signal)[::2]
    passages = read_passages(model.configuration, [Place(edge) for edge in chosen])
    lines = ["edge,begin,end,count"]
    for place, times in passages.items():
        for begin in range(25200, 28800, 900):
            count = round(passed(times, begin, begin + 900) * 0.6)
            clock = [f"{t // 3600:02d}:{t // 60 % 60:02d}" for t in (begin, begin + 900)]
            lines.append(f"{place.edge},{clock[0]},{clock[1]},{'' if begin == 26100 else count}")
    counts = write_rows(tmp_path / "counts.csv", "\n".join(lines))
    result = CliRunner().invoke(
        main, ["city", "import", str(town), "--counts", str(counts), "--out", str(tmp_path / "out"), "--json"]
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["counted_places"] == len(chosen) and told["gaps"] == len(chosen)
    assert told["geh_below_5"] >= 0.85 and told["generated"] == "routes"
    with (tmp_path / "out" / "geh.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(chosen)


@pytest.mark.parametrize(("language", "said"), [("en", "guessed"), ("id", "Ditebak"), ("zh", "推测")])
def test_report_and_map_in_three_languages(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setenv("LUMBUNG_LANGUAGE", language)
    result = CliRunner().invoke(main, ["city", "import", str(town), "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert said.lower() in result.output.lower() and f'lang="{language}"' in page and "OpenStreetMap" in page
    features = json.loads((tmp_path / "guesses.geojson").read_text(encoding="utf-8"))["features"]
    assert {f["properties"]["kind"] for f in features} == {"lanes", "speed", "plan"}
    lon, lat = features[0]["geometry"]["coordinates"]
    assert abs(lat - LAT) < 0.02 and abs(lon - LON) < 0.02


def test_counts_without_a_place_on_the_map_leave_what_mends_them(town: Path, tmp_path: Path) -> None:
    counts = write_rows(tmp_path / "c.csv", "edge,begin,end,count\nnowhere,07:00,08:00,10\n")
    command = ["city", "import", str(town), "--counts", str(counts), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2 and "nowhere" in result.output
    assert (tmp_path / "out" / "approaches.csv").is_file()
    correct(tmp_path / "out" / "guesses.csv", ("place", "nowhere", "100#1"))
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output


# Buses


def write_feed(path: Path, model: Model, **tables: str) -> Path:
    """Write a feed of one line along the first main street, every ten minutes, and one trip beyond midnight."""
    stops = []
    for number, edge in enumerate(("100#0", "100#1", "100#2", "100#3")):
        (x0, y0), (x1, y1) = model.graph.edges[edge].shape[0], model.graph.edges[edge].shape[-1]
        lat, lon = model.graph.plane.degrees((x0 + x1) / 2, (y0 + y1) / 2)
        stops.append(f"s{number},{lat:.6f},{lon:.6f}")
    stops.append("far,0,0")
    times = "".join(
        f"t,{number + 1},{stop},07:{2 * number:02d}:00,07:{2 * number:02d}:00\n"
        for number, stop in enumerate(("far", "s0", "s1", "s2", "s3"))
    )
    content = {
        "stops": "stop_id,stop_lat,stop_lon\n" + "\n".join(stops),
        "routes": "route_id,route_type\nr,3\nrail,2\n",
        "trips": "route_id,service_id,trip_id\nr,w,t\nrail,w,u\n",
        "stop_times": "trip_id,stop_sequence,stop_id,arrival_time,departure_time\n" + times,
        "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "w,1,1,1,1,1,0,0,20260302,20260401\n",
        "frequencies": "trip_id,start_time,end_time,headway_secs\nt,07:00:00,07:30:00,600\n",
        **tables,
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in content.items():
            if text:
                archive.writestr(f"{name}.txt", text)
    return path


def test_buses_of_a_feed_run(town: Path, model: Model, tmp_path: Path) -> None:
    feed = write_feed(tmp_path / "feed.zip", model)
    found = import_model(town, tmp_path / "out", feed=feed)
    assert found.buses is not None and found.buses.vehicles == 3 and found.buses.stops == 4
    assert found.buses.day == "2026-03-02"
    episode = run_today(read_scenario(tmp_path / "out"), Settings(), 0)
    assert episode.metrics.demanded == found.vehicles + 3
    # they stop on the side where they drive, in the direction they go
    assert all(f'lane="100#{k}_' in found.buses.stops_xml for k in range(4))


@pytest.mark.parametrize(
    ("table", "content", "said"),
    [
        ("stops", "stop_id,lat\n", "no column stop_lat"), ("routes", "", "routes.txt"),
        ("stop_times", "trip_id,stop_sequence,stop_id,departure_time\nt,1,s0,noon\n", "stop_times.txt, line 2"),
        ("calendar", "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nw,1,1,1,1,1,0,0,soon,20260401\n", "YYYYMMDD"),
    ],
)  # fmt: skip
def test_a_feed_that_cannot_be_read_names_the_place(
    model: Model, tmp_path: Path, table: str, content: str, said: str
) -> None:
    feed = write_feed(tmp_path / "feed.zip", model, **{table: content})
    with pytest.raises(NetworkError, match=said):
        read_buses(feed, model.graph, 25200, 28800)
    (tmp_path / "no.zip").write_bytes(b"PK no")
    with pytest.raises(NetworkError, match="GTFS"):
        read_buses(tmp_path / "no.zip", model.graph, 25200, 28800)


def test_a_day_without_buses_is_said(model: Model, tmp_path: Path) -> None:
    feed = write_feed(tmp_path / "feed.zip", model)
    with pytest.raises(NetworkError, match="2026-03-01"):
        read_buses(feed, model.graph, 25200, 28800, day="2026-03-01")
