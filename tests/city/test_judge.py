"""The judge as the proving ground sees it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lumbung.city.engine.networks import Scenario
from lumbung.city.judge import SignalsJudge
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.faults import ChallengeFault, SubmissionFault
from lumbung.proving.judge import Applies, Judge, PlayedApart, ScoredRun, find_judge
from lumbung.proving.measure import Measure
from lumbung.proving.run import CaseTask, plan_run, play_case, play_here, task_of
from lumbung.proving.submission import find_submission


@pytest.fixture
def judge() -> SignalsJudge:
    return SignalsJudge()


@pytest.fixture
def resco() -> Challenge:
    return find_challenge("resco").challenge


@pytest.fixture
def own(tmp_path: Path, crossing: Scenario) -> Path:
    """A node's case folder with one network of its own."""
    shutil.copytree(crossing.net.parent, tmp_path / "networks" / "alun-alun")
    return tmp_path


def with_options(challenge: Challenge, **options: Any) -> Challenge:
    return msgspec.structs.replace(challenge, options=options)


def test_it_is_found_by_the_door_strangers_use() -> None:
    found = find_judge("city.signals")
    assert isinstance(found, Judge) and isinstance(found, Applies)
    assert isinstance(found, PlayedApart)
    texts = [each.text if isinstance(each, Measure) else each for each in found.metrics.values()]
    assert all(text.en and text.id and text.zh for text in texts)


FRESH = """
from lumbung.proving.run import play_case
from test_judge import one_case
print(play_case(one_case()).score.metrics["delay"])
"""


def one_case() -> CaseTask:
    plan = plan_run(
        find_challenge("resco"),
        find_submission("city/max-pressure"),
        options={"networks": ["cologne1"]},
        seeds=4,
    )
    return msgspec.structs.replace(task_of(plan, plan.cases[3]), trust=True)


def test_what_a_process_did_before_changes_no_bit() -> None:
    """On cologne1 SUMO's own order follows addresses: in a used process about every second run differed."""
    used = []
    for _ in range(2):
        play_here(one_case())
        used.append(play_case(one_case()))
    assert used[0].score is not None and used[1].score is not None
    assert used[0].score.metrics == used[1].score.metrics
    fresh = subprocess.run(
        [sys.executable, "-c", FRESH],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PADDING": "x" * 1000},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert float(fresh.stdout) == used[0].score.metrics["delay"]


def test_the_shipped_challenge_has_eight_networks_and_twenty_seeds(
    judge: SignalsJudge, resco: Challenge
) -> None:
    cases = judge.cases(resco, Path("nowhere"))
    assert len(cases) == 160 and len({c.id for c in cases}) == 160 and len({c.digest for c in cases}) == 160
    assert len({c.group for c in cases}) == 8
    assert all("/" not in str(value) for case in cases for value in case.inputs.values())


def test_a_digest_is_the_same_wherever_the_files_lie(
    judge: SignalsJudge, resco: Challenge, own: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(own / "networks", elsewhere / "networks")
    challenge = with_options(resco, seeds=2)
    here, there = judge.cases(challenge, own), judge.cases(challenge, elsewhere)
    assert [c.digest for c in here] == [c.digest for c in there]
    assert [c.id for c in here] == ["alun-alun/00", "alun-alun/01"]
    demand = elsewhere / "networks/alun-alun/crossing.rou.xml"
    demand.write_text(demand.read_text().replace('depart="2.0"', 'depart="2.5"', 1))
    assert judge.cases(challenge, elsewhere)[0].digest != here[0].digest


def test_a_case_is_played_and_drawn(
    judge: SignalsJudge, resco: Challenge, own: Path, solution: Callable[[str], Any]
) -> None:
    challenge = with_options(resco, seeds=2)
    options = judge.check_options(challenge.options)
    cases = judge.cases(challenge, own)
    runs = [
        ScoredRun(f"city/{name}", tuple(judge.play(case, solution(name), options) for case in cases))
        for name in ("fixed-time", "max-wave")
    ]
    score = runs[0].scores[0]
    assert score.engine.startswith("SUMO 1.28")
    assert set(score.metrics) <= set(judge.metrics)
    msgspec.json.encode(score)
    drawn = judge.pictures(runs)
    assert [p.group for p in drawn] == ["", "alun-alun", "alun-alun"]
    for picture in drawn:
        assert picture.svg.startswith("<svg") and picture.svg.endswith("</svg>")
        assert "http" not in picture.svg.replace("http://www.w3.org/2000/svg", "")
        assert picture.title.en and picture.title.id and picture.title.zh


def test_pictures_of_runs_without_series(judge: SignalsJudge, resco: Challenge, own: Path) -> None:
    assert len(judge.pictures([ScoredRun("a", ())])) == 1


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"speed": 3}, "options.speed"),
        ({"sensors": "satellite"}, "options.sensors"),
        ({"seeds": 0}, "options.seeds"),
        ({"seeds": True}, "options.seeds"),
        ({"networks": "cologne1"}, "options.networks"),
        ({"max_red": 5}, "options.max_red"),
        ({"yellow": 2.5}, "options.yellow"),
        ({"min_green": "5"}, "options.min_green"),
        ({"emissions": "yes"}, "options.emissions"),
        ({"backend": "sumo"}, "options.backend"),
        ({"sumo": "/usr/bin/sumo"}, "options.sumo"),
    ],
)
def test_a_wrong_option_is_named(judge: SignalsJudge, options: dict[str, Any], where: str) -> None:
    with pytest.raises(ChallengeError) as error:
        judge.check_options(options)
    assert error.value.where == where


def test_missing_networks(judge: SignalsJudge, resco: Challenge, tmp_path: Path) -> None:
    with pytest.raises(ChallengeError, match="atlantis"):
        judge.cases(with_options(resco, networks=["atlantis"]), tmp_path)
    with pytest.raises(ChallengeError, match="no network"):
        judge.cases(with_options(resco), tmp_path)


def test_faults_have_owners(judge: SignalsJudge, resco: Challenge, own: Path, always: Any) -> None:
    options = judge.check_options({})
    (case,) = judge.cases(with_options(resco, seeds=1), own)
    with pytest.raises(SubmissionFault, match="junction c"):
        judge.play(case, always(99), options)
    demand = own / "networks/alun-alun/crossing.rou.xml"
    demand.write_text('<routes><trip id="1" type="hovercraft" depart="1" from="ec" to="cw"/></routes>')
    with pytest.raises(ChallengeFault, match="hovercraft"):
        judge.play(case, always(0), options)
    demand.unlink()
    with pytest.raises(ChallengeError, match="No such file"):
        judge.play(case, always(0), options)


def test_apply_writes_programs(
    judge: SignalsJudge, tmp_path: Path, crossing: Scenario, solution: Callable[[str], Any]
) -> None:
    options = judge.check_options({})
    written = judge.apply(crossing.net.parent, solution("planner"), options, tmp_path / "out")
    assert all(path.is_file() for path in written)
    with pytest.raises(ChallengeError, match=r"0 SUMO configurations"):
        judge.apply(tmp_path / "out", solution("planner"), options, tmp_path / "more")
