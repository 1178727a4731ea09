"""A city's own model becomes a challenge that proves itself, with what SUMO reads and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from city.foreign import Writer, trips, walks
from lumbung.city.engine.episode import Settings, run_episode
from lumbung.city.engine.networks import Scenario
from lumbung.city.engine.scenario_files import read_scenario
from lumbung.city.posing import STARTER, TODAY, challenge_files
from lumbung.cli import main
from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.judge import Poses, find_judge


def solution(text: str) -> Any:
    space: dict[str, Any] = {}
    exec(text, space)
    return space["Solution"]()


def test_a_model_becomes_a_challenge_that_proves_itself(crossing: Scenario, tmp_path: Path) -> None:
    (crossing.net.parent / "notes.txt").write_text("not for teams")
    result = CliRunner().invoke(
        main,
        ["new", "challenge", str(tmp_path / "our-town"), "--judge", "city.signals", "--data", str(crossing.net.parent)],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    found = read_challenge(tmp_path / "our-town")
    assert found.challenge.id == "our-town" and found.challenge.judge == "city.signals"
    judge = find_judge("city.signals")
    assert isinstance(judge, Poses)
    cases = judge.cases(found.challenge, found.folder)
    assert len(cases) == 10
    names = {path.name for path in (tmp_path / "our-town" / "networks").rglob("*") if path.is_file()}
    assert names == {"crossing.sumocfg", "crossing.net.xml", "crossing.rou.xml"}
    result = CliRunner().invoke(main, ["check", str(tmp_path / "our-town")])
    assert result.exit_code == 0, result.output
    assert "3 of 3" in result.output


@pytest.mark.parametrize("kind", ["left", "walking left", "nema", "actuated"])
def test_what_comes_with_it_plays_on_networks_of_every_kind(kind: str, tmp_path: Path) -> None:
    w = Writer(tmp_path / "town", tmp_path)
    w.net(kind)
    w.file("demand.rou.xml", trips() + (walks() if "walking" in kind else ""))
    place = w.config(time='<begin value="0"/><end value="200"/>')
    scenario = read_scenario(place)
    for text in (STARTER, TODAY):
        episode = run_episode(scenario, solution(text), Settings(), 0)
        assert episode.metrics.arrived > 0
    assert any(name.endswith("net.xml") for name in challenge_files(place, 2))


def test_files_elsewhere_are_named(crossing: Scenario, tmp_path: Path) -> None:
    (tmp_path / "a.sumocfg").write_text(
        f'<configuration><input><net-file value="{crossing.net}"/><route-files value="{crossing.routes[0]}"/></input>'
        '<time><begin value="0"/><end value="300"/></time></configuration>'
    )
    judge = find_judge("city.signals")
    assert isinstance(judge, Poses)
    with pytest.raises(ChallengeError, match=r"crossing\.net\.xml"):
        judge.pose(tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--judge", "city.signals"], "both, or neither"),
        (["--judge", "tables.predictions", "--data", "."], "begins no challenge"),
        (["--judge", "city.bridges", "--data", "."], "city.bridges"),
        (["--judge", "city.signals", "--data", "."], ".sumocfg"),
    ],
)
def test_what_begins_no_challenge_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["new", "challenge", "there", *options])
    assert result.exit_code == 2 and said in result.output
    assert not (tmp_path / "there").exists()
