"""The judge ``connectivity.rollout``: money and relays year by year, and people at a speed from cells that have time for them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from lumbung.connectivity.challenge.phases import Promise, Step, gain_of, read_programme, task_of
from lumbung.connectivity.challenge.proposals import Choice, ProposalError, Terms
from lumbung.connectivity.engine.cellular import Carrier
from lumbung.connectivity.judge import RolloutJudge
from lumbung.connectivity.judge.rollout import DEFAULTS
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.checker import check_judge
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.judge import ScoredRun
from lumbung.proving.submission import shipped_solutions, solutions_for
from small_areas import walled

JUDGE = RolloutJudge()
CHALLENGE = find_challenge("connected-villages")
OPTIONS = JUDGE.check_options(dict(CHALLENGE.challenge.options))
NAMES = solutions_for(CHALLENGE.challenge)
TERMS = Terms(carrier=Carrier("lte", 1800.0, 20.0), threshold=-110.0)
PROMISE = Promise((200.0, 100.0, 100.0), active=0.02)


def shipped(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(
        name.replace("/", "_"), shipped_solutions()[name] / "solution.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Solution()


class Answers:
    """A solution that answers what a function says."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any]) -> None:
        self.solve = answer


def site(name: str, backhaul: str, year: Any, height: float = 30.0) -> dict[str, Any]:
    return {"id": name, "height": height, "backhaul": backhaul, "year": year}


def test_the_challenge_names_options_and_a_metric_of_its_judge() -> None:
    assert OPTIONS.keys() == DEFAULTS.keys()
    assert CHALLENGE.challenge.ranking.metric in JUDGE.metrics
    cases = JUDGE.cases(CHALLENGE.challenge, Path())
    assert len(cases) == 20 == len({case.digest for case in cases})


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"budget": 3}, "options.budget"),
        ({"money": 600}, "options.money"),
        ({"money": []}, "options.money"),
        ({"money": [600, "600"]}, "options.money[1]"),
        ({"money": [600, -1]}, "options.money"),
        ({"active": 0}, "options.active"),
        ({"active": 1.5}, "options.active"),
        ({"speed": float("nan")}, "options.speed"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], where: str) -> None:
    with pytest.raises(ChallengeError) as error:
        JUDGE.check_options(options)
    assert error.value.where == where


@pytest.mark.parametrize(
    ("sites", "where", "form"),
    [
        ([{"id": "A", "height": 30.0, "backhaul": "satellite"}], "sites[0].year", True),
        ([site("A", "satellite", 1.0)], "sites[0].year", True),
        ([site("A", "satellite", True)], "sites[0].year", True),
        ([site("A", "satellite", 4)], "sites[0].year", False),
        ([site("A", "satellite", 10**30)], "sites[0].year", False),
        ([site("B", "F", 1), site("A", "B", 3), site("C", "A", 2)], "sites[2].year", False),
        ([site("A", "F", 1), site("B", "satellite", 1)], "sites", False),
    ],
)
def test_what_no_programme_is(sites: list[dict[str, Any]], where: str, form: bool) -> None:
    area = walled(budget=400.0)
    with pytest.raises(ProposalError) as error:
        read_programme({"sites": sites}, area, TERMS, PROMISE)
    assert error.value.where == where and error.value.form == form


def test_money_kept_is_there_in_the_next_year() -> None:
    area = walled(budget=400.0)
    sites = [site("A", "F", 1), site("B", "satellite", 3)]
    steps = read_programme({"sites": sites}, area, TERMS, PROMISE)
    assert [step.year for step in steps] == [1, 3]
    with pytest.raises(ProposalError, match="up to year 2"):
        read_programme(
            {"sites": [sites[0], site("B", "satellite", 2)]}, area, TERMS, Promise((200.0, 50.0, 150.0))
        )


def test_a_tower_counts_from_its_year_and_only_with_backhaul() -> None:
    area = walled()
    here, later, blocked = Choice(0, 0, "F"), Choice(1, 0, "satellite"), Choice(1, 0, "F")
    gain = gain_of([Step(here, 1), Step(later, 3)], area, TERMS, PROMISE)
    assert (gain.part > 0.0).tolist() == [[True, True, False, False]] * 2 + [[True, True, True, True]]
    behind = gain_of([Step(here, 1), Step(blocked, 1)], area, TERMS, PROMISE)
    assert behind.connected == (True, False) and behind.why_not[1]
    assert not behind.part[:, 2:].any()
    nothing = gain_of([], area, TERMS, PROMISE)
    assert nothing.part.shape == (3, 4) and not nothing.part.any()


def test_a_cell_admits_as_many_as_it_has_time_for() -> None:
    """Twice the people of a full cell: as many get the speed as before, in equal parts."""
    area, steps = walled(), [Step(Choice(1, 0, "F2"), 1)]
    fibre = replace(area.fibre[0], id="F2", longitude=area.candidates[1].longitude + 0.05)
    area = replace(area, fibre=(*area.fibre, fibre))
    served, parts = [], []
    for times in (1.0, 50.0, 100.0, 200.0):
        crowded = replace(area, demand=replace(area.demand, people=area.demand.people * times))
        gain = gain_of(steps, crowded, TERMS, Promise((200.0,)))
        served.append(float(gain.part[0] @ crowded.demand.people))
        parts.append(gain.part[0])
    assert (parts[0][2:] == 1.0).all()
    assert served[0] == 700.0 and (parts[2][2:] < 1.0).all()
    assert served[3] == pytest.approx(served[2], rel=1e-9)
    assert parts[3][2:] == pytest.approx(parts[2][2:] / 2.0, rel=1e-9)


def test_a_satellite_carries_so_much_and_no_more() -> None:
    area, steps = walled(), [Step(Choice(1, 0, "satellite"), 1)]
    wide, narrow = (
        gain_of(steps, area, TERMS, Promise((200.0,), satellite_traffic=carried)).part[0] @ area.demand.people
        for carried in (60.0, 7.0)
    )
    assert wide == 700.0
    # 7 Mbit/s are 3.5 people active at once, of 175 who are one in fifty active.
    assert narrow == pytest.approx(7.0 / 2.0 / 0.02, rel=1e-9)


def test_the_message_says_what_a_cell_gives() -> None:
    task = task_of(walled(), TERMS, PROMISE)
    assert "budget" not in task and task["money"] == [200.0, 100.0, 100.0]
    assert len(task["radio"]["rates"]) == len(task["radio"]["ratios"]) == 15
    assert (np.diff(task["radio"]["rates"]) > 0).all() and (np.diff(task["radio"]["ratios"]) > 0).all()


def test_shipped_solutions_rank_as_they_should_and_are_drawn() -> None:
    cases = [
        case
        for case in JUDGE.cases(CHALLENGE.challenge, Path())
        if case.seed == 0 and case.group in ("timor", "samar")
    ]
    runs = [
        ScoredRun(name, tuple(JUDGE.play(case, shipped(name), OPTIONS) for case in cases)) for name in NAMES
    ]
    mean = {run.submission: np.mean([s.metrics["connected"] for s in run.scores]) for run in runs}
    assert mean["connectivity/room-in-cells"] > 1.2 * mean["connectivity/largest-in-turn"] > 5.0
    for score in (score for run in runs for score in run.scores):
        assert score.metrics.keys() == JUDGE.metrics.keys() and score.metrics["unconnected"] == 0
        assert 0 <= score.metrics["connected"] <= score.metrics["last_year"] <= 100
        assert any("GENERATED" in part for part in score.engine)
        msgspec.json.encode(score)
    drawn = JUDGE.pictures(runs)
    assert [picture.group for picture in drawn] == ["", "timor", "samar"]
    assert all("GENERATED TERRAIN" in picture.svg and picture.title.id for picture in drawn)


def test_scores_repeat_bit_by_bit() -> None:
    assert check_judge(JUDGE, CHALLENGE, lambda one: JUDGE.play(one, shipped(NAMES[0]), OPTIONS)) == []


def test_a_wrong_answer_is_the_submissions_fault() -> None:
    case = next(case for case in JUDGE.cases(CHALLENGE.challenge, Path()) if case.group == "samar")
    with pytest.raises(SubmissionFault) as fault:
        JUDGE.play(case, Answers(lambda problem: {"sites": [site("C001", "satellite", 0)]}), OPTIONS)
    assert fault.value.fault.code == "illegal_action" and fault.value.fault.params["where"] == "sites[0].year"
