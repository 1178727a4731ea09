"""``lumbung farm calendar`` as a person runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from statistics import NormalDist
from xml.etree import ElementTree

import netCDF4
import numpy as np
import pytest
from click.testing import CliRunner

from lumbung import farm
from lumbung.cli.farm import command
from lumbung.farm.calendar import planting_calendar
from lumbung.farm.calendar.model_error import model_error
from lumbung.farm.calendar.planting_calendar import KEPT, Plan, make_calendar
from lumbung.farm.calendar.sites import read_sites

TABLE = """site,latitude,longitude,weather,soil,varieties,production,irrigated,habitual,below,normal,above,forecast_months
Indramayu,-6.33,108.32,monsoonal,EC4,IR72;IR64,paddy,no,12-11,50,30,20,10-12
Karawang,-6.30,107.30,monsoonal,EC5,IR64,paddy,yes,11-21,,,,
Patancheru,17.4,78.3,,EC3,IR64,paddy,no,07-15,,,,
Kebun,17.4,78.4,,EC2,Maize_VanHeemst_1988,water-limited,no,,,,,
No soil,-6,107,monsoonal,EC9,IR72,paddy,no,,,,,
No date,-6,107,monsoonal,EC4,IR72,paddy,no,31-12,,,,
No file,-6,107,rain.csv,EC4,IR72,paddy,no,,,,,
Half forecast,-6,107,monsoonal,EC4,IR72,paddy,no,,50,,20,10-12
Karawang,-6.30,107.30,monsoonal,EC5,IR64,paddy,yes,11-21,,,,
North,96,107,monsoonal,EC4,IR72,paddy,no,,,,,
"""


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    path = tmp_path / "sites.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def run(*arguments: object):
    return CliRunner().invoke(command, ["calendar", *(str(a) for a in arguments)])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_good_sites_are_decided_and_bad_ones_listed_with_their_line(sites: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(sites, "--out", out)
    assert done.exit_code == 0, done.output
    decisions = {row["site"]: row for row in rows_of(out / "decisions.csv")}
    assert list(decisions) == ["Indramayu", "Karawang", "Patancheru", "Kebun"]
    expected = {
        6: "no soil 'EC9'; there are EC1",
        7: "column habitual: expected a date as 11-01",
        8: "column weather: 'rain.csv' is a file, and no folder is given; say --weather DIR",
        9: "columns below, normal, above: expected three chances",
        10: "column site: 'Karawang' stands in line 3 already",
        11: "column latitude: expected degrees between -90 and 90, found '96'",
    }
    for line, message in expected.items():
        assert any(f"line {line} (" in text and message in text for text in done.stderr.splitlines()), line
    assert {int(row["line"]) for row in rows_of(out / "problems.csv")} == set(expected)
    assert "4 of 10 sites done" in done.stderr


def test_generated_weather_is_labelled_wherever_it_is_shown(sites: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(sites, "--out", out)
    assert "Indramayu* " in done.stdout and "* generated weather: nobody measured it" in done.stdout
    assert "no --weather given: Hyderabad" in " ".join(done.stdout.split())
    weather = {row["site"]: row["weather"] for row in rows_of(out / "decisions.csv")}
    assert weather == {
        "Indramayu": "generated weather", "Karawang": "generated weather", "Patancheru": "measured", "Kebun": "measured",
    }  # fmt: skip
    assert {r["weather"] for r in rows_of(out / "calendar.csv") if r["site"] == "Karawang"} == {
        "generated weather"
    }
    pictures = sorted((out / "sites").iterdir())
    assert [p.name for p in pictures] == [
        "0001-Indramayu.svg",
        "0002-Karawang.svg",
        "0003-Patancheru.svg",
        "0004-Kebun.svg",
    ]
    labelled = ["GENERATED" in p.read_text(encoding="utf-8") for p in pictures]
    assert labelled == [True, True, False, False]
    assert "GENERATED" in (out / "map.svg").read_text(encoding="utf-8")
    features = json.loads((out / "decisions.geojson").read_text(encoding="utf-8"))["features"]
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [108.32, -6.33]}
    assert features[0]["properties"]["weather"] == "generated weather"
    for picture in [*pictures, out / "map.svg"]:
        ElementTree.parse(picture)


def test_files_agree_with_each_other_and_with_the_engine(sites: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(sites, "--out", out, "--years", "2002-2005", "--failure", "3000")
    rows = [r for r in rows_of(out / "calendar.csv") if r["site"] == "Patancheru"]
    assert len(rows) == 36 and {row["years"] for row in rows} == {"4"}
    july = next(row for row in rows if row["start"] == "07-11")
    grown = farm.grow(
        farm.hyderabad(),
        "IR64",
        "EC3",
        [f"{y}-07-11" for y in range(2002, 2006)],
        production="paddy",
        longest=240,
    )["GRAIN"]
    assert int(july["yield"]) == round(grown.mean())
    error = NormalDist(0.0, model_error("rice").rmse)
    assert float(july["risk"]) == pytest.approx(np.mean([error.cdf(3000 - y) for y in grown]), abs=6e-4)
    assert (
        float(july["yield_p10"]) < grown.min() < grown.max() < float(july["yield_p90"]) + 1.29 * error.stdev
    )
    with netCDF4.Dataset(out / "calendar.nc") as file:
        names = list(file["site"][:])
        value = file["yield"][names.index("Patancheru"), list(file["variety"][:]).index("Rice_IR64"), 19]
        assert float(value) == pytest.approx(grown.mean(), rel=1e-6)
        assert file["yield"].units == "kg/ha" and "Indramayu" in file.comment
        maize = list(file["variety"][:]).index("Maize_VanHeemst_1988")
        assert np.ma.filled(file["yield"][names.index("Patancheru"), maize].astype(float), np.nan)[0] != 0


def test_an_interrupted_run_goes_on_and_ends_the_same(
    sites: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    run(sites, "--out", whole)
    monkeypatch.setattr(planting_calendar, "GROUP", 1)
    grown: list[str] = []
    real = planting_calendar.grow_ensembles

    def at_most_two(some, *rest):
        if len(grown) == 2:
            raise KeyboardInterrupt
        grown.append(some[0].name)
        return real(some, *rest)

    monkeypatch.setattr(planting_calendar, "grow_ensembles", at_most_two)
    stopped = run(sites, "--out", broken)
    assert stopped.exit_code == 130 and "the same command goes on" in stopped.stderr
    assert len(list((broken / KEPT).iterdir())) == 2
    again: list[str] = []

    def count(some, *rest):
        again.append(some[0].name)
        return real(some, *rest)

    monkeypatch.setattr(planting_calendar, "grow_ensembles", count)
    assert run(sites, "--out", broken).exit_code == 0
    assert sorted(grown + again) == ["Indramayu", "Karawang", "Kebun", "Patancheru"]
    for name in ("decisions.csv", "calendar.csv", "decisions.geojson"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes()


def test_a_forecast_moves_the_weights_and_nothing_else(sites: Path) -> None:
    table = read_sites(sites, None)
    made = make_calendar(table, Plan(first_period=24))
    dry, plain = made.results[2][0], made.results[3][0]
    assert plain.weights == pytest.approx(np.full(plain.weights.size, 1 / plain.weights.size))
    order = np.argsort(dry.season_rain)
    third = len(order) // 3
    assert dry.weights[order[:third]].sum() == pytest.approx(0.5, abs=0.02)
    assert dry.weights[order[-third:]].sum() == pytest.approx(0.2, abs=0.02)


def test_normals_beside_the_table_serve_a_place_without_a_record(tmp_path: Path) -> None:
    (tmp_path / "Sumba.normals.csv").write_text(
        "month,rain,wet_days,tmin,tmax\n"
        + "\n".join(
            f"{m},{rain},{rain // 15},22,31"
            for m, rain in enumerate([250, 220, 180, 80, 30, 15, 15, 15, 15, 30, 90, 200], 1)
        )
    )
    table = tmp_path / "sites.csv"
    table.write_text("site,latitude,longitude\nSumba,-9.7,120.2\nElsewhere,-9.7,120.2\n")
    done = run(table, "--weather", tmp_path, "--from", "09-01", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    row = rows_of(tmp_path / "out" / "decisions.csv")[0]
    assert row["site"] == "Sumba" and row["weather"] == "generated weather"
    assert "normals in Sumba.normals.csv" in row["weather_source"]
    assert int(row["start"][:2]) in (10, 11, 12, 1)
    assert "the weather folder holds no file called Elsewhere" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("place\nx\n", "expected columns site, latitude"),
        ("site\n", "a header but no site"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "sites.csv"
    path.write_text(text)
    done = run(path, "--out", tmp_path / "out")
    assert done.exit_code == 2 and message in done.stderr


def test_years_that_the_weather_does_not_serve_are_said(sites: Path, tmp_path: Path) -> None:
    done = run(sites, "--out", tmp_path / "out", "--years", "2030-2031")
    assert done.exit_code == 2
    assert (
        "the weather runs from 2000-01-01 to 2010-12-31 and serves none of the years 2030-2031" in done.stderr
    )
    assert run(sites, "--years", "2005-2001").exit_code == 2
