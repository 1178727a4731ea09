"""Whatever a judge does, the run ends with the challenge's fault and a reason, and what waits behind goes on."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bad_judges import IN_CASES, PICTURES, register, write_challenge
from lumbung.proving.challenge import read_challenge
from lumbung.proving.evidence import open_evidence, sign
from lumbung.proving.executors import ProcessPool, Serial
from lumbung.proving.faults import ChallengeFault, Owner
from lumbung.proving.judge import ScoredRun, find_judge
from lumbung.proving.run import plan_run, scores_of
from lumbung.proving.run_folder import RunFolder
from lumbung.proving.session import Asked, draw_pictures, judge_run, plan_apart
from lumbung.proving.submission import read_submission

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
RAISED = {
    "raises": "ZeroDivisionError: division by zero (bad_judges.py, line",
    "raises-unshowable": "Unshowable: (an error that cannot be shown)",
    "key-error": "KeyError: 'gone'",
    "system-exit": "SystemExit: 3",
    "recursion": "RecursionError",
    "missing-file": "FileNotFoundError",
}
RETURNED = {
    "returns-none": ("the score", "None"),
    "returns-a-dict": ("the score", "dict"),
    "nan": ("metrics[error]", "nan"),
    "infinity": ("metrics[error]", "inf"),
    "text-figure": ("metrics[error]", "1.0"),
    "huge-integer": ("metrics[error]", "1000"),
    "array-figure": ("metrics[error]", "array"),
    "undeclared": ("metrics[suprise]", "1.0"),
    "odd-name": ("metrics[7]", "1.0"),
    "no-ranking": ("metrics[error]", "nothing"),
    "differs": ("metrics[other]", "a figure"),
    "long-engine": ("engine", "ITU-R P.1812-6; GeoNames"),
    "no-engine": ("engine", ""),
    "other-case": ("case", "all/9"),
    "other-seed": ("seed", "77"),
    "series-nan": ("series[curve][1]", "nan"),
    "series-set": ("series[curve]", "{1, 2}"),
    "series-key": ("series[curve], key 1", "1"),
}
ENDED = {"exits": "exit code 7", "is-killed": "SIGKILL", "crashes": "SIGSEGV"}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A machine on which the bad judges are installed."""
    folder = tmp_path_factory.mktemp("shelf")
    register(folder)
    sys.path.insert(0, str(folder))
    find_judge.cache_clear()
    yield folder
    sys.path.remove(str(folder))
    find_judge.cache_clear()


@pytest.fixture(scope="module")
def pool():
    """One worker for all of them, as a node has: what a judge leaves behind meets the next one."""
    found = ProcessPool(1, silent=True)
    yield found
    found.close()


@pytest.fixture
def session(shelf, tmp_path, pool):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "solution.py").write_text("def solve(problem):\n    return 1\n")

    def judged(way, executor=None):
        challenge = read_challenge(write_challenge(tmp_path / "challenge", way))
        plan = plan_run(challenge, read_submission(tmp_path / "mine"))
        keeper = RunFolder(tmp_path / "run")
        run = judge_run(
            plan, keeper, lambda evidence: sign(evidence, KEY), executor or pool, clock=lambda: NOW
        )
        evidence, _ = open_evidence(run.envelope, [KEY.public_key()])
        assert evidence == run.evidence and evidence.isolation.kind == "bubblewrap"
        assert (evidence.fault is None) == (run.fault is None)
        return run

    return judged


@pytest.mark.parametrize("way", RAISED)
@pytest.mark.parametrize("here", [True, False], ids=["here", "apart"])
def test_what_a_judge_raises_is_the_challenges_fault(session, way, here):
    fault = session(way, Serial() if here else None).fault
    assert (fault.owner, fault.code) == (Owner.CHALLENGE, "judge_raised")
    assert RAISED[way] in fault.reason() and "all/0" in fault.reason()


@pytest.mark.parametrize("way", RETURNED)
def test_what_a_judge_returns_is_a_finding_that_names_the_field(session, way):
    fault = session(way).fault
    field, found = RETURNED[way]
    assert (fault.owner, fault.code) == (Owner.CHALLENGE, "judge_result"), fault
    assert fault.params["judge"] == "bad.judge" and fault.params["case"].startswith("all/")
    assert fault.params["field"] == field and found in fault.params["found"], fault.params


@pytest.mark.parametrize("way", ENDED)
def test_a_judge_whose_process_ends_takes_nobody_with_it(session, way):
    fault = session(way).fault
    assert (fault.owner, fault.code) == (Owner.CHALLENGE, "judge_ended") and ENDED[way] in fault.reason()


@pytest.mark.parametrize("way", ["hangs", "spins"])
def test_a_judge_without_end_ends(session, way):
    fault = session(way).fault
    assert (fault.owner, fault.code) == (Owner.CHALLENGE, "judge_timed_out") and "4.0 s" in fault.reason()


@pytest.mark.parametrize("way", ["grows", "memory-error"])
def test_a_judge_that_eats_memory_ends(session, way):
    fault = session(way).fault
    assert (fault.owner, fault.code) == (Owner.CHALLENGE, "judge_out_of_memory"), fault


def test_an_interrupt_that_a_judge_raises_is_not_taken_for_the_persons(session):
    assert session("keyboard-interrupt").fault.code == "judge_raised"


@pytest.mark.parametrize(
    "way", ["numpy", "integer", "series-numpy", "engines", "thread", "chatter", "fork", "wander"]
)
def test_what_can_be_made_plain_is_scored(session, way):
    run = session(way)
    assert run.fault is None and run.evidence.complete
    for row in run.evidence.rows:
        assert all(type(value) is float for value in row.metrics.values())
    if way == "series-numpy":
        series = [outcome.score.series for outcome in run.outcomes.values()]
        assert series == [{"curve": [0, 1, 2], "pair": [1, 2]}] * 2
    if way == "engines":
        assert run.evidence.engines == ("one 1", "two 2")


@pytest.mark.parametrize("way", PICTURES)
def test_pictures_that_fail_are_a_finding_and_the_score_stands(session, pool, way):
    run = session(way)
    assert run.fault is None
    drawn = draw_pictures(
        run.plan.challenge.challenge, [ScoredRun("", tuple(scores_of(run.plan, run.outcomes)))], pool
    )
    assert drawn.pictures == () and drawn.finding.owner is Owner.CHALLENGE
    assert drawn.finding.code == "judge_pictures" and drawn.finding.params["field"]


@pytest.mark.parametrize("way", IN_CASES)
def test_a_list_of_cases_that_fails_is_the_challenges_fault(shelf, tmp_path, pool, way):
    challenge = read_challenge(write_challenge(tmp_path / "challenge", way))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "solution.py").write_text("def solve(problem):\n    return 1\n")
    with pytest.raises(ChallengeFault) as caught:
        plan_apart(Asked(challenge, read_submission(tmp_path / "mine"), "practice"), pool)
    assert caught.value.fault.code in ("judge_raised", "judge_ended", "judge_result")


def test_the_worker_serves_on_after_all_of_them(session):
    assert session("good").evidence.complete
