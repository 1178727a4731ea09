"""``lumbung submit`` against a centre: what a team reads when its run is over."""

from __future__ import annotations

import json
import re

import httpx
import msgspec
import pytest
from click.testing import CliRunner, Result
from django.test import Client

from lumbung.cli import submit as command_module
from lumbung.cli.submit import _line, command
from lumbung.proving.challenge import Egress
from lumbung.proving.evidence import FaultMark
from lumbung.proving.faults import Owner
from lumbung.proving.job import RunState
from making_evidence import evidence_of
from small_league import League

pytestmark = pytest.mark.one_database

FIGURES = {"all": [1.0, 2.0, 3.0, 2.0, 1.5, 1.9]}


def carry(request: httpx.Request) -> httpx.Response:
    """Carry what the command sends to the application, within this test's transaction."""
    answer = Client().generic(
        request.method,
        request.url.raw_path.decode(),
        request.read(),
        content_type=request.headers.get("Content-Type", ""),
        headers={name: request.headers[name] for name in ("Authorization", "Accept-Language")},
    )
    return httpx.Response(answer.status_code, content=answer.content, headers=dict(answer.items()))


@pytest.fixture
def hand_in(league: League, tmp_path, monkeypatch):
    """Hand in as one team; the node answers with *pieces* while the command waits."""
    real = httpx.Client
    monkeypatch.setattr(
        httpx, "Client", lambda **options: real(transport=httpx.MockTransport(carry), **options)
    )
    node = league.node()
    solution = tmp_path / "mine"
    solution.mkdir()

    def run(
        who: str, figures: dict[str, list[float]] | FaultMark, *words: str, language: str = "en"
    ) -> Result:
        (solution / "solution.py").write_text(f"# {figures}")

        def judged(_seconds: float) -> None:
            job = node.lease()
            assert job is not None
            if isinstance(figures, FaultMark):
                piece = node.evidence(job, FIGURES, fault=figures, finished_count=0, rows=())
                assert node.deliver(job, piece, fault=figures).status_code == 200
                return
            piece = node.evidence(job, figures)
            if job.private:
                means = evidence_of(figures, metric="mae", egress=Egress("aggregate", 5)).aggregates
                piece = msgspec.structs.replace(piece, rows=(), aggregates=means)
            assert node.deliver(job, piece).status_code == 200

        monkeypatch.setattr(command_module.time, "sleep", judged)
        monkeypatch.setenv("LUMBUNG_LANGUAGE", language)
        team = {"member": "rice-rocket", "stranger": "others"}[who]
        asked = ["toy", str(solution), "--team", team, "--centre", "http://testserver", *words]
        return CliRunner().invoke(command, [*asked, "--token", league.api[who].secret])

    return run


def test_the_score_its_interval_and_the_rank_stand_at_the_end(hand_in) -> None:
    assert "rank 1 of 1" in hand_in("member", FIGURES).stdout
    second = hand_in("stranger", {"all": [f + 9 for f in FIGURES["all"]]})
    assert second.exit_code == 0, second.output
    assert re.search(r"mine: mae 10\.9, 95 % interval \d+(\.\d+)? to \d+(\.\d+)?, 6 cases", second.stdout)
    assert "  rank 2 of 2" in second.stdout


def test_a_better_submission_of_the_team_keeps_the_rank(hand_in) -> None:
    hand_in("member", FIGURES)
    worse = hand_in("member", {"all": [f + 9 for f in FIGURES["all"]]})
    assert "mine: mae 10.9, 95 % interval" in worse.stdout, "its own score all the same"
    assert "ranked by its better submission mine: rank 1 of 1" in worse.stdout


def test_machines_read_the_same(hand_in) -> None:
    done = hand_in("member", FIGURES, "--json")
    score = json.loads(done.stdout)["score"]
    assert score["mean"] == pytest.approx(1.9)
    assert (score["rank"], score["ranked"], score["ranked_count"]) == (1, True, 1)
    assert score["low"] < 1.9 < score["high"] and score["confidence"] == 0.95 and score["metric"] == "mae"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "hidden until"), ("id", "dirahasiakan"), ("zh", "不公开")]
)
def test_an_embargo_hides_the_score_and_says_until_when(hand_in, league, language, said) -> None:
    done = hand_in("member", FIGURES, "--phase", "final", language=language)
    assert done.exit_code == 0, done.output
    assert said in done.stdout and "2099-01-01" in done.stdout
    assert "1.9" not in done.stdout


def test_a_faulted_run_says_why_and_has_no_score(hand_in) -> None:
    done = hand_in("member", FaultMark(Owner.SUBMISSION, "raised"))
    assert done.exit_code == 1, done.output
    assert "faulted: " in done.stdout and "mae" not in done.stdout


@pytest.mark.parametrize("state", list(RunState))
def test_whatever_state_a_run_is_in_has_its_line(state: RunState) -> None:
    line = _line(
        {
            "state": state.value,
            "ahead": 2,
            "node": "node-a",
            "finished_cases": 1,
            "total_cases": 5,
            "reason": "r",
        }
    )
    assert line and "{" not in line
