"""Help is in the reader's language: every text, click's own words, laid out by columns, without a home to keep anything in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.cli.told import told

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.delenv("LUMBUNG_LANGUAGE", raising=False)


def _help(monkeypatch: pytest.MonkeyPatch, language: str, *arguments: str) -> str:
    monkeypatch.setenv("LUMBUNG_LANGUAGE", language)
    answer = CliRunner().invoke(main, [*arguments, "--help"], terminal_width=78)  # as on a terminal of 80
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_every_text_is_there_in_every_language() -> None:
    asked = subprocess.run(
        [sys.executable, ROOT / ".ci/help_words.py"], capture_output=True, text=True, cwd=ROOT
    )
    assert (asked.returncode, asked.stdout) == (0, ""), asked.stdout + asked.stderr


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Usage:", "Options:", "Commands:", "Show this message and exit."]),
        ("id", ["Pemakaian:", "Opsi:", "Perintah:"]),
        ("zh", ["用法：", "选项:", "命令:"]),
    ],
)
def test_clicks_own_words_too(monkeypatch: pytest.MonkeyPatch, language: str, words: list[str]) -> None:
    output = _help(monkeypatch, language)
    assert all(word in output for word in words), output
    assert ("Show this message" in output) == (language == "en")


def test_one_call_after_another_in_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    english = _help(monkeypatch, "en", "judge")
    assert CHINESE.search(_help(monkeypatch, "zh", "judge"))
    assert _help(monkeypatch, "en", "judge") == english


@pytest.mark.parametrize("path", [(), ("farm",), ("judge",), ("connectivity", "plan"), ("node",)])
def test_no_line_is_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...]) -> None:
    for line in _help(monkeypatch, "zh", *path).splitlines():
        columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
        assert columns <= 80, line


def test_groups_and_their_commands_say_one_sentence_each(monkeypatch: pytest.MonkeyPatch) -> None:
    english = {each: _help(monkeypatch, "en", each) for each in ("farm", "node", "city")}
    for each, known in english.items():
        output = _help(monkeypatch, "zh", each)
        names = [line.split()[0] for line in known.split("Commands:")[1].splitlines() if line.strip()]
        for name in names:
            line = next((line for line in output.splitlines() if line.startswith(f"  {name} ")), "")
            assert not line or CHINESE.search(line), line


def test_a_mistake_is_told_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBUNG_LANGUAGE", "zh")
    answer = CliRunner().invoke(main, ["judge", "--never"])
    assert answer.exit_code == 2
    assert CHINESE.search(answer.output)
    assert "No such option" not in answer.output


def test_a_home_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    asked = subprocess.run(
        [sys.executable, "-c", "from lumbung.cli import main; main(prog_name='lumbung')", "--help"],
        capture_output=True, text=True,
        env=os.environ | {"LUMBUNG_LANGUAGE": "zh", "XDG_CACHE_HOME": str(tmp_path / "file"), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert asked.returncode == 0
    assert CHINESE.search(asked.stdout)


def test_a_command_that_is_told_leaves_the_one_it_was_made_of() -> None:
    command = click.Command("one", help="Say it.", params=[click.Option(["--loud"], help="Louder.")])
    mine = told(command)
    assert mine is not command
    assert (command.help, command.params[0].help, command.short_help) == ("Say it.", "Louder.", None)
