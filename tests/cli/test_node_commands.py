"""The commands of a node's owner: what is typed wrong is said, and of two at once neither undoes the other."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from lumbung.cli.node import command
from lumbung.node.folder import NodeFolder
from lumbung.proving import session
from lumbung.proving.scaffold import new_challenge
from small_node import private_rows


def _said(folder: Path, *words: object) -> str:
    done = CliRunner().invoke(command, [*map(str, words), "--folder", str(folder)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return f"{done.exit_code}: {done.output}"


@pytest.fixture
def node(tmp_path: Path) -> Path:
    assert _said(tmp_path / "node", "init", "node-a", "--country", "ID").startswith("0:")
    new_challenge(tmp_path / "toy")
    private_rows(tmp_path / "rows", 40)
    return tmp_path / "node"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge's look at the cases costs seconds; that it is asked for is another test's."""
    monkeypatch.setattr(session, "count_cases", lambda *_words: 5)


@pytest.mark.parametrize(
    ("name", "country"), [("Simpul Satu", "ID"), ("satu", "id"), ("", "ID"), ("satu", "Indonesia")]
)
def test_a_name_that_no_node_may_have_is_said(tmp_path: Path, name: str, country: str) -> None:
    said = _said(tmp_path / "node", "init", name, "--country", country)
    assert said.startswith("2:") and "lumbung node init simpul-bandung --country ID" in said
    assert not (tmp_path / "node").exists()


def test_nobody_else_on_the_machine_reads_a_node(node: Path) -> None:
    assert node.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("quick")
def test_what_one_command_said_holds_though_another_was_at_work(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _said(node, "accept", tmp_path / "toy", "--cases", tmp_path / "rows")

    def meanwhile(*_words: object) -> int:
        monkeypatch.setattr(session, "count_cases", lambda *_words: 5)
        assert "held for your word" in _said(
            node, "accept", tmp_path / "toy", "--cases", tmp_path / "rows", "--hold", "--budget", "person=64"
        )
        return 5

    monkeypatch.setattr(session, "count_cases", meanwhile)
    said = _said(node, "accept", tmp_path / "toy", "--cases", tmp_path / "rows", "--budget", "team=64")
    assert "held for your word" in said
    rule = NodeFolder(node).settings().challenges["toy"]
    assert (rule.release, rule.budget.team, rule.budget.person) == ("hold", 64.0, 64.0)


@pytest.mark.usefixtures("quick")
def test_of_two_sets_of_cases_at_once_one_lies_there_whole(node: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(100):
            (tmp_path / name / f"{name}{number}.csv").write_text(f"{name}{number}")
    commands = [
        threading.Thread(target=command.main, args=(["accept", str(tmp_path / "toy"), "--cases", str(tmp_path / name),
                                                     "--folder", str(node)],), kwargs={"standalone_mode": False})
        for name in ("a", "b")
    ]  # fmt: skip
    for each in commands:
        each.start()
    for each in commands:
        each.join()
    found = [path.name for path in NodeFolder(node).cases("toy").iterdir()]
    assert len(found) == 100 and len({name[0] for name in found}) == 1
    assert [path.name for path in NodeFolder(node).cases("toy").parent.iterdir()] == ["toy"]


@pytest.mark.usefixtures("quick")
def test_the_same_rows_under_another_name_are_pointed_out(node: Path, tmp_path: Path) -> None:
    _said(node, "accept", tmp_path / "toy", "--cases", tmp_path / "rows")
    new_challenge(tmp_path / "again")
    said = _said(node, "accept", tmp_path / "again", "--cases", tmp_path / "rows")
    assert said.startswith("0:") and "toy is judged on these rows too" in said


@pytest.mark.usefixtures("quick")
def test_the_secret_of_cases_stays_when_they_change(node: Path, tmp_path: Path) -> None:
    accept = [node, "accept", tmp_path / "toy", "--cases", tmp_path / "rows"]
    secret = NodeFolder(node).secret("toy")
    _said(*accept)
    first = secret.read_bytes()
    with (tmp_path / "rows/truth.csv").open("a") as file:
        file.write("99,1\n")
    _said(*accept)
    assert secret.read_bytes() == first
    secret.unlink()  # as where cases came before there were secrets
    ledger = NodeFolder(node).ledger("toy")
    ledger.parent.mkdir()
    ledger.touch()
    _said(*accept)
    assert not secret.exists(), "boards know these cases by the digest they have"
    with (tmp_path / "rows/truth.csv").open("a") as file:
        file.write("100,1\n")
    _said(*accept)
    assert secret.exists() and secret.read_bytes() != first
    secret.unlink()
    ledger.unlink()
    _said(*accept)
    assert secret.exists(), "of which nothing was told yet, nobody knows a digest"


@pytest.mark.usefixtures("quick")
def test_a_word_about_the_rule_alone_leaves_the_cases_where_they_are(node: Path, tmp_path: Path) -> None:
    _said(node, "accept", tmp_path / "toy", "--cases", tmp_path / "rows")
    assert "held for your word" in _said(node, "accept", tmp_path / "toy", "--hold")
    folder = NodeFolder(node)
    assert folder.settings().challenges["toy"].private, "the node goes on judging on them"
    assert (folder.cases("toy") / "truth.csv").read_text() == (tmp_path / "rows/truth.csv").read_text()
    new_challenge(tmp_path / "public")
    _said(node, "accept", tmp_path / "public")
    assert not folder.settings().challenges["public"].private


def test_cases_that_are_here_are_held_against_a_new_version(node: Path, tmp_path: Path) -> None:
    _said(node, "accept", tmp_path / "toy", "--cases", tmp_path / "rows")
    toml = tmp_path / "toy" / "challenge.toml"
    toml.write_text(toml.read_text().replace('truth = "truth.csv"', 'truth = "other.csv"'))
    (tmp_path / "toy" / "truth.csv").rename(tmp_path / "toy" / "other.csv")
    said = _said(node, "accept", tmp_path / "toy", "--hold")
    assert said.startswith("2:") and "other.csv" in said
