"""Whatever a judge of the shelf does, its run ends as its file says, and the worker or the next one serves on."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.evidence import open_evidence, sign
from lumbung.proving.executors import ProcessPool, Serial
from lumbung.proving.faults import ChallengeFault, Owner, RunFault, SubmissionFault
from lumbung.proving.judge import ScoredRun, find_judge
from lumbung.proving.run import fault_of, scores_of
from lumbung.proving.run_folder import RunFolder
from lumbung.proving.scaffold import new_challenge
from lumbung.proving.session import Asked, Drawing, count_cases, draw, draw_pictures, judge_run, plan_apart
from lumbung.proving.submission import read_submission
from lumbung.proving.tables import PredictionsJudge
from spine import JUDGING_S, installed_judges, judge_pieces, shelf_challenge

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
# One of each kind: the whole shelf is played at a node (tests/federation/test_spine.py).
KINDS = """
good numpy_scalars nan returns_none metrics_that_change undeclared_metric exits_at_once kills_itself crashes hangs eats_memory
raises_memory_error raises_keyboard_interrupt raises_what_cannot_be_shown cases_raise cases_hold_functions cases_of_its_own_kind
import_exits other_version pictures_raise pictures_exit leaves_threads leaves_a_daemon forks changes_directory prints_megabytes
patches_everything complains_with_a_path fault_of_its_own_kind keys_that_no_message_has metric_without_a_text
changes_the_options_it_is_given
""".split()
PIECES = judge_pieces()
RAISED_HERE = [piece for piece in PIECES if piece.code == "judge_raised" and piece.says[0] == "number/0"]
HANGS_S = 8.0


@pytest.fixture(scope="module", autouse=True)
def shelf(tmp_path_factory):
    """A machine on which the shelf's judges are installed."""
    path = str(installed_judges(tmp_path_factory.mktemp("shelf") / "installed"))
    sys.path.insert(0, path)
    find_judge.cache_clear()
    yield
    sys.path.remove(path)
    find_judge.cache_clear()


@pytest.fixture(scope="module")
def pool():
    """One worker for all of them, as a node has: what a judge leaves behind meets the next one."""
    found = ProcessPool(1, silent=True)
    yield found
    found.close()


def judged(piece, tmp_path, executor):
    """Return how a piece's run ended: its fault, what the challenge's owner reads, and the run if it came to that."""
    toml = shelf_challenge(piece.challenge, tmp_path).folder / "challenge.toml"
    seconds = HANGS_S if piece.code == "judge_timed_out" else 120.0
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace(f"case_s = {JUDGING_S}", f"case_s = {seconds}"), encoding="utf-8")
    challenge = read_challenge(toml.parent)
    try:
        plan = plan_apart(Asked(challenge, read_submission(piece.path), "practice"), executor)
    except (RunFault, ChallengeError) as error:
        return fault_of(error), fault_of(error).reason(), None
    keeper = RunFolder(tmp_path / "run")
    run = judge_run(plan, keeper, lambda evidence: sign(evidence, KEY), executor, clock=lambda: NOW)
    evidence, _ = open_evidence(run.envelope, [KEY.public_key()])
    assert evidence == run.evidence and evidence.isolation.kind == "bubblewrap"
    assert (evidence.fault is None) == (run.fault is None)
    return run.fault, run.fault.reason() if run.fault else "", run


@pytest.mark.parametrize("piece", [piece for piece in PIECES if piece.name in KINDS], ids=str)
def test_a_judge_of_the_shelf_ends_its_run_as_its_file_says(piece, tmp_path, pool):
    fault, words, run = judged(piece, tmp_path, pool)
    finding = ""
    if run is not None and fault is None:
        assert run.evidence.complete
        assert all(type(value) is float for row in run.evidence.rows for value in row.metrics.values())
        scores = tuple(scores_of(run.plan, run.outcomes))
        drawn = draw_pictures(run.plan.challenge.challenge, [ScoredRun("", scores)], pool)
        assert bool(drawn.pictures) != bool(drawn.finding)
        finding, words = (drawn.finding.code, drawn.finding.reason()) if drawn.finding else ("", "")
    ended = ("", "") if fault is None else (str(fault.owner), fault.code)
    assert (*ended, finding) == (piece.owner, piece.code, piece.finding), words
    assert all(word in words for word in piece.says) and "Traceback" not in words, words


@pytest.mark.parametrize("piece", RAISED_HERE, ids=str)
def test_what_a_judge_raises_in_this_very_process_is_the_challenges_fault_too(piece, tmp_path):
    if "interrupt" in piece.name:
        pytest.skip("here it would be the person's own")
    fault, words, _ = judged(piece, tmp_path, Serial())
    assert (str(fault.owner), fault.code) == (piece.owner, piece.code)
    assert all(word in words for word in piece.says), words


def test_the_kinds_are_on_the_shelf():
    assert set(KINDS) <= {piece.name for piece in PIECES}


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (ZeroDivisionError("no cases"), "ZeroDivisionError: no cases"),
        (ChallengeFault("judge_pictures", judge="x", field="svg", found="7", expected="text"), "7"),
        (ChallengeFault("broken_challenge", where="the map", found="nothing", expected="a map"), "the map"),
        (SubmissionFault("raised", error="ValueError"), "ValueError"),
        (ChallengeError("options.map", "nothing", "a map"), "options.map: found nothing, expected a map"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_drawing_raises_is_a_finding_about_pictures(monkeypatch, error, found):
    def fail(_self, _runs):
        raise error

    monkeypatch.setattr(PredictionsJudge, "pictures", fail)
    drawn = draw(Drawing("tables.predictions", ()))
    assert drawn.pictures == () and (drawn.finding.owner, drawn.finding.code) == (
        Owner.CHALLENGE,
        "judge_pictures",
    )
    told = drawn.finding.params
    assert found in told["found"]
    if not isinstance(error, ChallengeFault) or error.fault.code != "judge_pictures":
        assert (told["judge"], told["field"], told["expected"]) == (
            "tables.predictions",
            "pictures()",
            "pictures",
        )


def test_a_node_counts_the_cases_it_holds_in_a_worker(tmp_path, pool):
    new_challenge(tmp_path / "toy")
    challenge = read_challenge(tmp_path / "toy")
    assert count_cases(challenge, challenge.folder, pool) == 5
    (tmp_path / "empty").mkdir()
    with pytest.raises(ChallengeError, match=r"truth\.csv: found no such file"):
        count_cases(challenge, tmp_path / "empty", pool)
