"""A challenge's page: what happens when, the data, how a score comes about, what is a baseline, how the best grew."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.portal.pages.challenges import timeline
from lumbung.centre.portal.progress import steps_of
from lumbung.centre.standings.selectors import leaderboard
from lumbung.proving.scaffold import STARTER
from small_league import NOW

pytestmark = pytest.mark.one_database

LATER = NOW + timedelta(days=1)


def _scored(league: Any, node: Any, who: str, solution: str, figures: dict[str, list[float]]) -> None:
    assert league.submit(who, solution=solution).status_code == 201
    job = node.lease()
    assert job is not None
    assert node.deliver(job, node.evidence(job, figures)).status_code == 200


def test_the_scaffolds_start_is_a_baseline_and_another_solution_is_none(league: Any) -> None:
    """It is handed in without the file that marks it, and by whoever likes to."""
    toy, node = Challenge.objects.get(slug="toy"), league.node()
    assert sorted(toy.baselines.values()) == ["one-number", "straight-line"]
    _scored(league, node, "member", STARTER, {"a": [4.0, 2.0], "b": [5.0, 7.0]})
    _scored(league, node, "stranger", "def solve(p): return {}", {"a": [1.0, 1.0], "b": [2.0, 2.0]})
    page = Client().get("/challenges/toy/").content.decode()
    marked = [row for row in page.split("<tr>") if 'class="team"' in row and "baseline" in row]
    assert len(marked) == 1 and "Rice Rocket" in marked[0]
    worked = page[page.index('id="worked"') : page.index('id="local"')]
    assert re.findall(r'<td class="number">(?:<b>)?([\d.]+)', worked) == ["3", "6", "4.5"], "(3 + 6) / 2"
    assert "comes with the challenge" in worked and "/evidence/" in worked


def test_where_one_group_is_judged_its_cases_are_averaged(league: Any) -> None:
    Challenge.objects.filter(slug="toy").update(baselines={})
    _scored(league, league.node(), "member", "def solve(p): return {}", {"all": [1.0, 2.0, 6.0]})
    page = Client().get("/challenges/toy/").content.decode()
    worked = page[page.index('id="worked"') : page.index('id="local"')]
    assert re.findall(r'<td class="number">(?:<b>)?([\d.]+)', worked) == ["1", "2", "6", "3"]
    assert "by Rice Rocket" in worked


def test_the_first_public_rows_stand_there_with_their_answers(league: Any) -> None:
    sample = Challenge.objects.get(slug="toy").sample
    assert (sample["columns"], sample["count"], sample["target"]) == (["id", "x", "target"], 20, "target")
    assert sample["rows"][:2] == [["1", "0.1", "1.2"], ["2", "0.2", "1.4"]]
    assert {name for name, _size in sample["files"]} == {"challenge.toml", "inputs.csv", "truth.csv"}
    assert "<td>0.1</td>" in Client().get("/challenges/toy/").content.decode()


def test_what_happens_stands_in_its_order(league: Any) -> None:
    toy = Challenge.objects.get(slug="toy")
    Phase.objects.filter(challenge=toy, slug="practice").update(
        opens=toy.created - timedelta(days=1), closes=LATER
    )
    found = timeline(toy, toy.created)
    assert [(each.kind, each.phase and each.phase.slug, each.past) for each in found] == [
        ("opens", "practice", True),
        ("posed", None, True),
        ("closes", "practice", False),
        ("out", "final", False),
    ]


def test_only_what_was_better_is_a_step(league: Any) -> None:
    node = league.node()
    for who, level in (("member", 5.0), ("stranger", 7.0), ("stranger", 3.0), ("member", 4.0)):
        _scored(league, node, who, f"def solve(p): return {level}", {"all": [level, level]})
    practice = Phase.objects.get(slug="practice")
    progress = leaderboard(practice, LATER)["progress"]
    assert [(each["team_name"], each["mean"]) for each in progress] == [("Rice Rocket", 5.0), ("Others", 3.0)]
    steps = steps_of(progress, datetime.fromisoformat(progress[-1]["time"]))
    assert steps is not None
    (x0, y0, _first), (x1, y1, _second) = steps.points
    assert x0 < x1 and y1 < y0, "lower is better here, and better is further up"
    assert steps.ends == [(y1, 3.0), (y0, 5.0)]
    page = Client().get("/challenges/toy/phases/practice/").content.decode()
    assert page.count("<circle cx=") == 2


def test_no_figure_of_a_hidden_phase_is_in_it(league: Any) -> None:
    board = leaderboard(Phase.objects.get(slug="final"), NOW)
    assert board["embargo"] and board["progress"] == [] and board["rows"] == []


def test_one_figure_is_no_progress() -> None:
    assert steps_of([{"time": NOW.isoformat(), "team_name": "a", "mean": math.e}], NOW) is None
