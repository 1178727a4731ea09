"""``lumbung farm check`` and ``lumbung farm simulate`` as a person runs them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from lumbung.cli.farm import command

TABLE = """start,weather,crop,soil,production,sowing,irrigated
2003-07-01,hyderabad,IR72,EC3,paddy,no,yes
2003-07-01,hyderabad,IR64,EC9,water-limited,no,no
2003-17-01,hyderabad,IR64,EC3,water-limited,no,no
2003-06-15,hyderabad,Maize_VanHeemst_1988,EC2,potential,yes,no
2003-06-15,hyderabad,IR72,EC2,potential,yes,no
2010-11-15,hyderabad,IR72,EC2,potential,no,no
2003-06-15,nowhere.csv,IR72,EC2,potential,no,no
2003-06-15,hyderabad,IR72,EC2,potential,perhaps,no
"""


@pytest.fixture
def seasons(tmp_path: Path) -> Path:
    path = tmp_path / "seasons.csv"
    path.write_text(TABLE)
    return path


def run(*arguments: object):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_simulate_grows_what_it_can_and_reports_the_rest_by_line(seasons: Path) -> None:
    done = run("simulate", seasons)
    assert done.exit_code == 0
    rows = {row["line"]: row for row in rows_of(done.stdout)}
    assert list(rows) == [str(line) for line in range(2, 10)]
    grown = [line for line, row in rows.items() if row["yield_kg_ha"]]
    assert grown == ["2", "5"]
    assert float(rows["2"]["irrigation_mm"]) > 100 and rows["2"]["outcome"] == "mature"
    expected = {
        3: "no soil 'EC9'; there are EC1",
        4: "column start: expected a date as 2024-11-01, found '2003-17-01'",
        6: "TSUMEM = 0",
        7: "the weather ends or has a gap",
        8: "no such file or folder",
        9: "column sowing: expected yes or no, found 'perhaps'",
    }
    for line, message in expected.items():
        assert f"line {line}: " in done.stderr and message in done.stderr
        assert message in rows[str(line)]["note"]


FED = """start,production,irrigated,soil_nitrogen,fertiliser
2003-07-01,paddy,yes,,
2003-07-01,paddy,yes,50,
2003-07-01,paddy,yes,50,split
2003-07-01,paddy,yes,,split
2003-07-01,paddy,yes,50,triple
2003-07-01,paddy,yes,plenty,
2004-07-01,paddy,yes,50,dated
2003-07-01,paddy,yes,50,dated
"""
PLANS = """plan,day,date,kg_n_ha,recovery
split,10,,40,
dated,,2003-07-15,80,0.5
split,40,,60,0.5
"""


def test_simulate_feeds_crops_by_a_table_of_fertiliser(tmp_path: Path) -> None:
    table, plans = tmp_path / "seasons.csv", tmp_path / "plans.csv"
    table.write_text(FED)
    plans.write_text(PLANS)
    done = run("simulate", table, "--fertiliser", plans)
    assert done.exit_code == 0
    rows = {row["line"]: row for row in rows_of(done.stdout)}
    assert rows["2"]["uptake_n_kg_ha"] == "" and float(rows["2"]["yield_kg_ha"]) > 0
    assert float(rows["4"]["yield_kg_ha"]) > 1.2 * float(rows["3"]["yield_kg_ha"])
    assert [rows[line]["fertiliser_n_kg_ha"] for line in ("3", "4", "9")] == ["0.0", "100.0", "80.0"]
    assert float(rows["4"]["uptake_n_kg_ha"]) > float(rows["3"]["uptake_n_kg_ha"]) > 30
    expected = {
        5: "column soil_nitrogen: a plan of fertiliser needs what the soil gives",
        6: "no plan 'triple'; the table has split, dated",
        7: "column soil_nitrogen: expected kg/ha that the soil gives in a season, found 'plenty'",
        8: "on 2003-07-15 falls on day -352 of the season that starts 2004-07-01",
    }
    for line, message in expected.items():
        assert f"line {line}: " in done.stderr and message in done.stderr
    daily = rows_of(run("simulate", table, "--fertiliser", plans, "--daily").stdout)
    assert {row["line"] for row in daily if row["NAVAIL"]} == {"3", "4", "9"}
    assert "no table of plans is given (--fertiliser)" in run("simulate", table).stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("plan,kg_n_ha\na,3\n", "line 1: expected columns plan, day or date, kg_n_ha"),
        ("plan,day,kg_n_ha\n", "a header but no application below it"),
        ("plan,day,kg_n_ha\n,3,40\n", "line 2: column plan: empty"),
        ("plan,day,kg_n_ha\na,soon,40\n", "line 2: column day: expected whole days after the start, found 'soon'"),
        ("plan,day,kg_n_ha\na,3,much\n", "line 2: column kg_n_ha: expected a number, found 'much'"),
        ("plan,day,date,kg_n_ha\na,3,2003-07-04,40\n", "line 2: expected a day after the start or a date, one of the two"),
        ("plan,date,kg_n_ha\na,4 July,40\n", "line 2: column date: expected a date as 2024-11-20, found '4 July'"),
        ("plan,day,kg_n_ha,recovery\na,3,40,45\n", "line 2: a recovery of 45: expected a share from 0 to 1"),
    ],
)  # fmt: skip
def test_simulate_says_what_is_wrong_in_a_table_of_fertiliser(
    tmp_path: Path, text: str, message: str
) -> None:
    table, plans = tmp_path / "seasons.csv", tmp_path / "plans.csv"
    table.write_text(FED)
    plans.write_text(text)
    done = run("simulate", table, "--fertiliser", plans)
    assert done.exit_code == 2 and message in done.stderr and str(plans) in done.stderr


def test_simulate_writes_daily_tables_and_json(seasons: Path, tmp_path: Path) -> None:
    out = tmp_path / "daily.csv"
    assert run("simulate", seasons, "--daily", "--out", out).exit_code == 0
    daily = rows_of(out.read_text())
    assert {row["line"] for row in daily} == {"2", "5"}
    assert daily[0]["day"] == "2003-07-01" and float(daily[0]["DVS"]) == 0.16
    done = run("simulate", seasons, "--json")
    parsed = json.loads(done.stdout)
    last = [row for row in daily if row["line"] == "2"][-1]
    # Storage organs, of which sterile spikelets are no grain.
    assert 0.9 * float(last["TWSO"]) < parsed[0]["yield_kg_ha"] <= float(last["TWSO"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("crop\nIR72\n", "expected columns start"),
        ("start,colour\n2003-07-01,red\n", "found start, colour"),
        ("start\n", "a header but no season below it"),
    ],
)
def test_simulate_refuses_what_is_no_table(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    done = run("simulate", path)
    assert done.exit_code == 2 and message in done.stderr
    assert run("simulate", tmp_path / "absent.csv").exit_code == 2


def test_simulate_ends_with_2_when_no_season_could_be_grown(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("start\n1950-01-01\n")
    assert run("simulate", path).exit_code == 2


@pytest.mark.reference
def test_check_passes_all_and_fails_a_case_that_was_changed(
    reference: Callable[[str], Path], tmp_path: Path
) -> None:
    content = json.loads(
        gzip.decompress((reference("farm/rice_oracle") / "rice_pcse_6.0.13.json.gz").read_bytes())
    )
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(content[:3]))
    done = run("check", tmp_path, "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["passed"] == 3
    content[1]["results"][40]["LAI"] *= 1 + 1e-8
    content[2]["summary"]["DOM"] = "1999-01-01"
    path.write_text(json.dumps(content[:3]))
    done = run("check", tmp_path)
    assert done.exit_code == 1
    assert "1 of 3 cases pass" in done.stdout
    assert "WOFOST 8.1 (nitrogen): no cases here" in done.stdout
    assert "LAI is" in done.stdout and "at the end: DOM is" in done.stdout


@pytest.mark.reference
def test_check_leaves_module_tests_out(reference: Callable[[str], Path]) -> None:
    done = run("check", reference("farm/components"))
    assert done.exit_code == 2 and "352 files are no whole seasons" in done.stderr


def test_check_says_what_is_missing(tmp_path: Path) -> None:
    assert "no such folder" in run("check", tmp_path / "absent").stderr
    assert "no reference case found" in run("check", tmp_path).stderr
    whole = "AgroManagement: [{2010-01-01: {}}]\nModelParameters: {TDWI: 1}\n"
    (tmp_path / "broken.yaml").write_text(whole + "ModelResults:\n- {DAY: 2010-01-01, DVS: x}\n")
    done = run("check", tmp_path)
    assert done.exit_code == 2 and "broken.yaml" in done.stderr
