"""A demonstration whose runs all fail says why for each of them, in one line, and ends with its exit code."""

from __future__ import annotations

import socket

import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.cli.demo import Shown, show
from lumbung.cli.demo_league import NODES, League
from lumbung.proving.challenge import ShortRun, read_challenge
from lumbung.proving.faults import Fault, Owner
from lumbung.proving.run import plan_run
from lumbung.proving.run_folder import RunFolder
from lumbung.proving.scaffold import new_challenge
from lumbung.proving.submission import read_submission


@pytest.fixture
def toy(tmp_path):
    new_challenge(tmp_path / "toy")
    return read_challenge(tmp_path / "toy")


def test_runs_without_evidence_are_told_one_by_one(toy, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LUMBUNG_LANG", "en")
    plan = plan_run(toy, read_submission(toy.folder / "submissions" / "accepted" / "straight-line"))
    lost, refused = Fault(Owner.PLATFORM, "lost"), Fault(Owner.CHALLENGE, "judge_result")
    path = tmp_path / "evidence.json"
    shown = {
        "city/one": Shown(plan, None, path, {}, lost),
        "city/two": Shown(plan, None, path, {}, refused, "engine: found X"),
    }
    with pytest.raises(SystemExit) as ended:
        show(toy, shown, tmp_path / "out", partial=True, as_json=False, signer="nobody", begun=0.0)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "city/one: The node that ran this submission did not answer" in said
    assert "city/two: The judge returned a result that cannot be taken" in said and "engine: found X" in said
    assert (tmp_path / "out" / "report.html").exists()


def demo(*words):
    """Run the command in this process; returns its exit code and all it said."""
    done = CliRunner().invoke(main, ["demo", "--no-browser", "--no-serve", *map(str, words)])
    return done.exit_code, done.output


def test_a_port_that_another_program_has_is_said_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        port = theirs.getsockname()[1]
        code, said = demo("--only", "rice-window", "--out", tmp_path / "out", "--port", port)
        assert code == 2 and f"port {port}" in said and "--port" in said
        assert not (tmp_path / "out").exists()
        done = CliRunner().invoke(main, ["serve", "--port", str(port)])
        assert done.exit_code == 2 and f"port {port}" in done.output


def test_a_demonstration_that_is_still_shown_is_not_emptied_by_another(tmp_path):
    with RunFolder(tmp_path / "out").held():
        code, said = demo("--only", "rice-window", "--out", tmp_path / "out")
    assert code == 2 and "another judging" in said


def test_a_challenge_without_solutions_has_nothing_to_show(toy, tmp_path):
    code, said = demo("--only", toy.folder, "--out", tmp_path / "out")
    assert code == 2 and "lumbung judge" in said and not (tmp_path / "out").exists()


def test_a_league_that_left_no_evidence_still_leaves_its_keys(toy, tmp_path):
    playing = League(tmp_path / "league", [(toy, ShortRun())])
    for name, _ in NODES.values():
        keys = tmp_path / "league" / name / "node" / "keys"
        keys.mkdir(parents=True)
        (keys / "signing.pub").write_text(name)
    assert playing.results(playing.challenges[0], {}, {}, tmp_path / "out") == {}
    assert sorted(path.stem for path in (tmp_path / "out" / "evidence").glob("*.pub")) == sorted(
        name for name, _ in NODES.values()
    )
