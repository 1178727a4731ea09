"""The commands ``loss`` and ``check``, as a person or a machine calls them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from lumbung.cli import main

PROFILE = "distance_km,height_m,clutter_m,zone\n0,10,0,4\n1,60,15,4\n2,20,0,4\n3,10,0,4\n"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["connectivity", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_help_lists_the_commands() -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name in ("loss", "check", "cover"):
        assert name in out


def test_loss_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "hill.csv"
    path.write_text(PROFILE)
    code, out, _ = run("loss", str(path), "--frequency", "900", "--transmitter-height", "30")
    assert code == 0
    assert "hill: 3.00 km, 4 points" in out
    assert "basic transmission loss" in out
    code, out, _ = run("loss", str(path), "--frequency", "900", "--transmitter-height", "30", "--json")
    path_result = json.loads(out)["paths"][0]
    assert path_result["loss_db"] == path_result["losses"]["lb"]
    assert 90.0 < path_result["loss_db"] < 180.0
    code, out, _ = run(
        "loss", str(path), "--frequency", "900", "--transmitter-height", "30", "--second-opinion", "--json"
    )
    assert code == 0
    assert 90.0 < json.loads(out)["paths"][0]["longley_rice_db"] < 180.0


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        (
            "a,b\n1,2\n",
            ["--frequency", "900", "--transmitter-height", "30"],
            "expected distance_km and height_m",
        ),
        (PROFILE, [], "give --frequency"),
        (PROFILE, ["--frequency", "0.9", "--transmitter-height", "30"], "frequency is 0.9"),
        (
            PROFILE.replace("60", "sixty"),
            ["--frequency", "900", "--transmitter-height", "30"],
            "line 3, column height_m",
        ),
    ],
)
def test_loss_says_what_is_wrong(tmp_path: Path, text: str, arguments: list[str], words: str) -> None:
    path = tmp_path / "profile.csv"
    path.write_text(text)
    code, out, err = run("loss", str(path), *arguments)
    assert code == 2
    assert out == ""
    assert words in err


@pytest.mark.reference
def test_check_passes_the_validation_set(reference: Callable[[str], Path]) -> None:
    folder = reference("connectivity/p1812/validation_profiles")
    code, out, _ = run("check", str(folder), "--json")
    result = json.loads(out)
    assert code == 0
    assert (result["cases"], result["passed"], result["files"]) == (63, 63, 19)
    assert result["largest_error_db"] < 1e-6


@pytest.mark.reference
def test_check_notices_a_wrong_reference(reference: Callable[[str], Path], tmp_path: Path) -> None:
    text = (reference("connectivity/p1812/validation_profiles") / "rburg.csv").read_text()
    loss = text.splitlines()[-2].split(",")[17]
    (tmp_path / "rburg.csv").write_text(text.replace(loss, str(float(loss) + 1e-4)))
    code, out, _ = run("check", str(tmp_path))
    assert code == 1
    assert "2 of 3 cases in 1 files agree" in out


def test_check_of_a_folder_without_cases(tmp_path: Path) -> None:
    code, _, err = run("check", str(tmp_path))
    assert code == 2
    assert "no P.1812 validation file found" in err
