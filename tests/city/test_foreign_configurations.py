"""Whatever a stranger's configuration holds, "today" is what plain SUMO says of it."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from city.foreign import FOREIGN, Writer
from lumbung.city.engine.episode import Settings, run_today
from lumbung.city.engine.metrics import Metrics
from lumbung.city.engine.scenario_files import read_scenario
from lumbung.city.engine.sumo import sumo_binary

SEED = 5


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("networks")


def plain_sumo(config: Path, out: Path) -> tuple[float, int, float, int]:
    """Delay and number of vehicles, walking loss and number of persons, of ``sumo -c`` with nothing but a seed."""
    out.mkdir()
    command = [sumo_binary(), "-c", config, "--seed", str(SEED), "--tripinfo-output", out / "trips.xml"]
    command += ["--tripinfo-output.write-unfinished", "--tripinfo-output.write-undeparted", "--no-step-log"]
    command += ["--human-readable-time", "false"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=out)
    assert "eleporting" not in done.stderr, "a small configuration should not lock"
    root = ElementTree.parse(out / "trips.xml").getroot()
    delays = [
        float(v.get("timeLoss", 0)) + float(v.get("departDelay", 0))
        for v in root.iter("tripinfo")
        if float(v.get("depart", 0)) >= 0 or float(v.get("departDelay", 0)) > 0
    ]
    people = list(root.iter("personinfo"))
    walked = sum(float(p.get("timeLoss", 0)) for p in people if float(p.get("duration", -1)) >= 0)
    return sum(delays) / len(delays), len(delays), walked, len(people)


@pytest.mark.parametrize("name", FOREIGN)
def test_today_is_what_plain_sumo_says(name: str, networks: Path, tmp_path: Path) -> None:
    config = FOREIGN[name](Writer(tmp_path / "their folder", networks))
    before = sorted(p for p in tmp_path.rglob("*"))
    scenario = read_scenario(config.parent)
    found: Metrics = run_today(scenario, Settings(), SEED).metrics
    assert sorted(p for p in tmp_path.rglob("*")) == before, "nothing is written into their folder"
    delay, vehicles, _, people = plain_sumo(config, tmp_path / "plain")
    assert found.demanded == vehicles > 0
    assert found.delay == pytest.approx(delay, abs=0.1)
    assert (found.persons or 0) == people
