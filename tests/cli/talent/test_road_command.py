"""The command `lumbung talent road` from the outside."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lumbung.cli import main


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["talent", "road", *map(str, words)])


def test_list() -> None:
    assert {line.split()[0] for line in run("--list").stdout.splitlines()} == {
        "official-2015",
        "revised-2025",
        "competence",
    }


def test_official_scenario_as_json() -> None:
    document = json.loads(run("official-2015", "--draws", "0", "--json").stdout)
    assert document["expected"] == 9_000_000
    assert document["short"] == 0
    assert sum(document["provinces"].values()) == 9_000_000
    assert document["assumptions"] == []
    assert document["people_conserved"]["start"] == document["people_conserved"]["end"]


def test_plan_with_picture_and_table(tmp_path: Path) -> None:
    picture, table = tmp_path / "road.png", tmp_path / "road.csv"
    done = run("--plan", "--draws", "20", "--picture", picture, "--csv", table)
    assert done.exit_code == 0, done.output
    assert "Cheapest plan" in done.stdout and "Assumptions without a source" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader(table.open()))
    assert len(rows) == 5 * 38 * 3
    final = sum(int(r["stock_end"]) for r in rows if r["year"] == "2030" and r["level"] != "foundation")
    assert final >= 9_000_000


def test_a_change_moves_the_road() -> None:
    base, harder = (
        json.loads(run("--draws", "0", "--json", *more).stdout)["expected"]
        for more in ([], ["--set", "rates.attrition=0.2"])
    )
    assert harder < base


def test_measured_abilities_and_credentials_feed_the_start(tmp_path: Path) -> None:
    abilities = tmp_path / "abilities.csv"
    abilities.write_text("theta,standard_error\n" + "1.0,0.3\n1.4,0.3\n0.6,0.3\n" * 50)
    able = json.loads(run("--draws", "0", "--json", "--abilities", abilities).stdout)
    plain = json.loads(run("--draws", "0", "--json").stdout)
    assert able["years"][0]["talents"] > 2 * plain["years"][0]["talents"]
    counts = tmp_path / "counts.csv"
    counts.write_text("province,level,people\nAceh,practitioner,100\nBali,specialist,7\ntotal,,107\n")
    counted = json.loads(run("--draws", "0", "--json", "--credentials", counts).stdout)
    assert counted["years"][0]["talents"] == 107


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "no scenario 'nowhere'"),
        (["--set", "rates.attrition=2"], "key rates.attrition"),
        (["--plan", "--set", "target.people=90_000_000"], "at most"),
    ],
)
def test_bad_input_ends_with_exit_code_two(words: list[str], said: str) -> None:
    done = run("--draws", "0", *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_wrong_national_total_is_refused(tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text("province,level,people\nAceh,practitioner,100\ntotal,,120\n")
    done = run("--draws", "0", "--credentials", counts)
    assert done.exit_code == 2
    assert "the stated total is 120 but the rows sum to 100" in done.stderr
