"""A judge that ends its process wherever it is asked ends no command: each says what happened and ends in order."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.proving.judge import find_judge
from spine import installed_judges, shelf_challenge


@pytest.fixture(scope="module", autouse=True)
def machine(tmp_path_factory):
    """A machine on which the shelf's judges are installed."""
    path = str(installed_judges(tmp_path_factory.mktemp("machine") / "installed"))
    sys.path.insert(0, path)
    find_judge.cache_clear()
    yield
    sys.path.remove(path)
    find_judge.cache_clear()


@pytest.fixture
def lumbung(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environment = {"LUMBUNG_HOME": str(tmp_path / "home"), "LUMBUNG_LANGUAGE": "en"}

    def run(*words):
        return CliRunner().invoke(main, [str(word) for word in words], env=environment)

    return run


def good(folder):
    return folder / "submissions" / "accepted" / "middle"


@pytest.mark.parametrize(
    ("judge", "words"), [("cases-end-process", "exit code 5"), ("import-ends-process", "exit code 3")]
)
@pytest.mark.parametrize("command", ["check", "judge", "demo"])
def test_a_command_that_asks_a_judge_for_its_cases_outlives_it(lumbung, tmp_path, command, judge, words):
    folder = shelf_challenge(judge, tmp_path).folder
    with (folder / "challenge.toml").open("a", encoding="utf-8") as toml:
        toml.write(f'[demo]\nsolutions = ["{good(folder)}"]\n')
    typed = {
        "check": [folder],
        "judge": [folder, good(folder)],
        "demo": ["--only", folder, "--local"],
    }
    done = lumbung(command, *typed[command], "--workers", 1)
    assert done.exit_code == 2 and "cases()" in done.output and words in done.output, done.output


def test_a_node_asks_for_its_cases_in_a_worker(lumbung, tmp_path):
    (tmp_path / "cases").mkdir()
    here = ("--folder", tmp_path / "node")
    assert lumbung("node", "init", "node-a", "--country", "ID", *here).exit_code == 0
    for name, code, words in (("cases-end-process", 2, "exit code 5"), ("guess", 0, "2 private cases")):
        done = lumbung(
            "node", "accept", shelf_challenge(name, tmp_path).folder, "--cases", tmp_path / "cases", *here
        )
        assert done.exit_code == code and words in done.output, done.output
    accepted = json.loads(lumbung("node", "status", "--json", *here).output)["challenges"]
    assert list(accepted) == ["guess"], "what could not be listed is not accepted"


def test_evidence_is_judged_again_in_a_worker(lumbung, tmp_path):
    folder = shelf_challenge("guess", tmp_path).folder
    assert lumbung("judge", folder, good(folder), "--out", tmp_path / "out", "--workers", 1).exit_code == 0
    done = lumbung("verify", tmp_path / "out" / "evidence.json", "--rerun", "--json")
    again = json.loads(done.output)
    assert again["verified"] and [check["check"] for check in again["checks"]][-1] == "rerun", again
    assert "failing.judges.good" not in sys.modules, "the judge was asked here"
