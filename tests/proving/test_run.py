"""Runs in the real sandbox: verdicts, owners, resumption, evidence that judges again to the same bits."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from dying_worker import die_on_three
from lumbung.proving import guest
from lumbung.proving import run as run_module
from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.checker import check_judge, check_solution
from lumbung.proving.executors import ProcessPool, RayCluster, Serial
from lumbung.proving.faults import (
    REASONS,
    ChallengeFault,
    Fault,
    Owner,
    PlatformFault,
    SubmissionFault,
    fault_error,
)
from lumbung.proving.guest import log_of
from lumbung.proving.judge import find_judge
from lumbung.proving.run import conclude, plan_run, play_case, play_here, play_runs, run_fault, task_of
from lumbung.proving.run_folder import RunFolder
from lumbung.proving.submission import SubmissionNotFound, find_submission, read_submission
from lumbung.proving.tables import PredictionsJudge
from lumbung.proving.text import LANGUAGES
from lumbung.sandbox import BoxFault, SandboxUnavailable

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def solution(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "solution.py").write_text(text)
    return read_submission(folder)


def judged(toy, submission, executor=None, **options):
    plan = plan_run(read_challenge(toy), submission, **options)
    (outcomes,) = play_runs([plan], executor or Serial())
    return plan, outcomes


def straight(toy):
    return read_submission(toy / "submissions" / "accepted" / "straight-line")


def test_a_good_solution_is_scored_and_judges_again_to_the_same_bits(toy):
    digests = []
    for _ in range(2):
        plan, outcomes = judged(toy, straight(toy))
        evidence = conclude(plan, outcomes, started=NOW, finished=NOW)
        digests.append(evidence.figures_digest)
    assert digests[0] == digests[1] and evidence.complete and evidence.finished_count == 5
    assert evidence.isolation.kind == "bubblewrap"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("def solve(p): return {'id': ['1'], 'prediction': [1.0]}", "wrong_format"),
        (
            "def solve(p): return {'id': p['keys'], 'prediction': [float('nan')] * len(p['keys'])}",
            "wrong_format",
        ),
        ("def solve(p): return 7", "wrong_format"),
        (
            "def solve(p): return {'id': p['keys'] * 2, 'prediction': [1.0] * 2 * len(p['keys'])}",
            "wrong_format",
        ),
        ("def solve(p): raise ValueError('no')", "raised"),
        ("import os\ndef solve(p): os._exit(3)", "exited"),
        ("import os, signal\ndef solve(p): os.kill(os.getpid(), signal.SIGSEGV)", "crashed"),
        ("def other(p): pass", "no_entry_point"),
        ("def solve(p: return", "raised"),
    ],
)
def test_every_failure_of_a_solution_is_its_own_verdict(toy, tmp_path, text, code):
    _, outcomes = judged(toy, solution(tmp_path / "s", text), case_glob="all/00")
    fault = run_fault(outcomes)
    assert (fault.owner, fault.code) == (Owner.SUBMISSION, code)
    assert all(
        "?" not in fault.reason(language) or "{" not in fault.reason(language) for language in LANGUAGES
    )


def test_a_faulted_case_stops_the_run(toy, tmp_path):
    _, outcomes = judged(toy, solution(tmp_path / "s", "def solve(p): raise ValueError"))
    assert len(outcomes) == 1


def test_a_judge_that_fails_is_the_challenges_fault_never_the_teams(toy, monkeypatch):
    judge = type(find_judge("tables.predictions"))
    monkeypatch.setattr(judge, "play", lambda *_: 1 / 0)
    _, outcomes = judged(toy, straight(toy))
    fault = run_fault(outcomes)
    assert (fault.owner, fault.code) == (Owner.CHALLENGE, "judge_raised")
    assert "ZeroDivisionError" in fault.reason() and "all/0" in fault.reason()


def test_broken_truth_is_the_challenges_fault(toy):
    plan = plan_run(read_challenge(toy), straight(toy))
    (toy / "truth.csv").write_text("id,target\n1,not a number\n")
    task = task_of(plan, plan.cases[0])
    task = msgspec.structs.replace(
        task, case=msgspec.structs.replace(task.case, inputs={**task.case.inputs, "rows": [0]})
    )
    fault = play_case(task).fault
    assert fault.owner is Owner.CHALLENGE and "not a number" in fault.reason()


def test_the_platforms_fault_weighs_more_than_the_submissions():
    from lumbung.proving.run import Outcome

    mixed = {
        "a": Outcome("a", None, SubmissionFault("raised", error="x").fault, None),
        "b": Outcome("b", None, PlatformFault("judge_failed", error="y").fault, None),
    }
    assert run_fault(mixed).owner is Owner.PLATFORM


def test_a_prediction_table_is_read_in_the_sandbox(toy, tmp_path):
    table = tmp_path / "predictions.csv"
    table.write_text("id,prediction\n" + "".join(f"{i},{2 * i / 10 + 1}\n" for i in range(1, 21)))
    _, outcomes = judged(toy, read_submission(table))
    assert run_fault(outcomes) is None
    assert max(o.score.metrics["mae"] for o in outcomes.values()) < 1e-9


def test_a_parquet_table_scores_like_its_csv(toy, tmp_path):
    import pyarrow
    import pyarrow.parquet

    keys, values = [str(i) for i in range(1, 21)], [i * 0.3 for i in range(1, 21)]
    pyarrow.parquet.write_table(pyarrow.table({"id": keys, "prediction": values}), tmp_path / "p.parquet")
    rows = "".join(f"{k},{v!r}\n" for k, v in zip(keys, values, strict=True))
    (tmp_path / "p.csv").write_text("id,prediction\n" + rows)
    scores = []
    for name in ("p.parquet", "p.csv"):
        _, outcomes = judged(toy, read_submission(tmp_path / name), case_glob="all/00,all/01")
        scores.append([o.score.metrics for o in outcomes.values()])
    assert scores[0] == scores[1]


def as_spreadsheets_write(kind: str) -> bytes:
    numbers = [(i, 2 * i / 10 + 1) for i in range(1, 21)]
    if kind == "semicolons and decimal commas":
        rows = "".join(f"{i};{v:.3f}\n".replace(".", ",") for i, v in numbers)
        return f"\ufeffid;prediction\n{rows}".encode()
    if kind == "tabs in UTF-16":
        return ("id\tprediction\r\n" + "".join(f"{i}\t{v}\r\n" for i, v in numbers)).encode("utf-16")
    if kind == "other columns, spaces and empty lines":
        return (
            " id , note, prediction\n" + "".join(f'{i},"a, b" c\u2028d,{v}\n' for i, v in numbers) + "\n,,\n"
        ).encode()
    return ("id;prediction\n" + "".join(f"{i};{v}\n" for i, v in numbers)).encode()


@pytest.mark.parametrize(
    "kind",
    [
        "semicolons and decimal commas",
        "semicolons and points",
        "tabs in UTF-16",
        "other columns, spaces and empty lines",
    ],
)
def test_tables_as_spreadsheets_write_them_score_alike(toy, tmp_path, kind):
    (tmp_path / "p.csv").write_bytes(as_spreadsheets_write(kind))
    _, outcomes = judged(toy, read_submission(tmp_path / "p.csv"), case_glob="all/00")
    assert run_fault(outcomes) is None
    assert max(o.score.metrics["mae"] for o in outcomes.values()) < 1e-9


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["1,5", "2"], ["1.5", "2"]),
        (["1.250,5", "1.250"], ["1250.5", "1250"]),
        (
            ["1,5", "0.125"],
            ["1,5", "0.125"],
        ),  # a comma and a point that both could be decimal: left to be refused
        (["1,5", "2.5"], ["1,5", "2.5"]),
        (["1.250", "3.5"], ["1.250", "3.5"]),
        (["rice, paddy", "1,5"], ["rice, paddy", "1,5"]),
    ],
)
def test_a_decimal_comma_is_taken_only_where_nothing_speaks_against_it(written, read):
    from lumbung.proving.table_reader.solution import with_points

    assert with_points(written) == read


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "id,prediction\n" + "".join(f"{i},{'n/a' if i == 7 else i}\n" for i in range(1, 21)),
            "key 7, the prediction",
        ),
        ("id,prediction\n1,2\n", "missing"),
        ("id,guess\n1,2\n", "prediction"),
        ("id,prediction\n1,2,3\n", "line 2"),
        ("id,prediction,prediction\n1,2,3\n", "two columns"),
        ("", "none called 'id'"),
    ],
)
def test_a_bad_table_is_the_submissions_fault_and_named(toy, tmp_path, text, named):
    (tmp_path / "p.csv").write_text(text)
    _, outcomes = judged(toy, read_submission(tmp_path / "p.csv"))
    fault = run_fault(outcomes)
    assert fault.owner is Owner.SUBMISSION and named in fault.reason()


def test_metrics_are_scikit_learns(toy):
    from sklearn.metrics import mean_absolute_error, root_mean_squared_error

    from lumbung.proving.tables import measure_columns

    truth, guess = ["1", "2.5", "4"], [1.5, 2.0, 4.25]
    expected = {
        "mae": mean_absolute_error([1, 2.5, 4], guess),
        "rmse": root_mean_squared_error([1, 2.5, 4], guess),
    }
    assert measure_columns(truth, guess, ["mae", "rmse"], ["a", "b", "c"]) == expected


def test_executors_agree(toy):
    plan = plan_run(read_challenge(toy), straight(toy))
    results = []
    for executor in (Serial(), ProcessPool(2)):
        (outcomes,) = play_runs([plan], executor)
        results.append({case: outcome.score.metrics for case, outcome in outcomes.items()})
    assert results[0] == results[1] and len(results[0]) == 5


@pytest.mark.slow
def test_ray_gives_the_same_scores(toy):
    plan = plan_run(read_challenge(toy), straight(toy), case_glob="all/00,all/01")
    (here,) = play_runs([plan], Serial())
    (there,) = play_runs([plan], RayCluster(num_cpus=1))
    assert {c: o.score.metrics for c, o in here.items()} == {c: o.score.metrics for c, o in there.items()}


def test_a_worker_that_dies_is_the_platforms_fault_and_finished_work_is_kept():
    done = []
    with pytest.raises(PlatformFault, match="worker process died"):
        for index, _result in ProcessPool(1).run(die_on_three, range(6)):
            done.append(index)
    assert done and 3 not in done


def test_an_interrupted_run_goes_on_where_it_stopped(toy, tmp_path):
    plan = plan_run(read_challenge(toy), straight(toy))
    folder = RunFolder(tmp_path / "run")

    def stop_after_two(_run, outcome):
        folder.keep(plan, outcome)
        if len(folder.kept(plan)) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play_runs([plan], Serial(), on_outcome=stop_after_two)
    kept = folder.kept(plan)
    assert len(kept) == 2
    played = []
    (outcomes,) = play_runs([plan], Serial(), kept=[kept], on_outcome=lambda _run, o: played.append(o.case))
    assert len(outcomes) == 5 and len(played) == 3


def test_what_another_plan_left_is_not_used(toy, tmp_path):
    plan = plan_run(read_challenge(toy), straight(toy))
    folder = RunFolder(tmp_path / "run")
    play_runs([plan], Serial(), on_outcome=lambda _run, outcome: folder.keep(plan, outcome))
    other = plan_run(read_challenge(toy), straight(toy), options={"metrics": ["rmse", "mae"]})
    assert len(folder.kept(plan)) == 5 and folder.kept(other) == {}


def test_a_full_disk_is_named_and_keeps_what_was_written(toy, tmp_path, monkeypatch):
    from pathlib import Path

    plan = plan_run(read_challenge(toy), straight(toy))
    (outcomes,) = play_runs([plan], Serial())
    folder = RunFolder(tmp_path / "run")
    first, *rest = outcomes.values()
    folder.keep(plan, first)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(PlatformFault, match="no room left"):
        folder.keep(plan, rest[0])
    monkeypatch.undo()
    assert list(folder.kept(plan)) == [first.case]
    assert not list((tmp_path / "run").rglob(".*")), "no draft is left behind"


def test_wrong_options_and_cases_are_named(toy):
    challenge = read_challenge(toy)
    with pytest.raises(ChallengeError, match="blocks"):
        plan_run(challenge, straight(toy), options={"blocks": "many"})
    with pytest.raises(ChallengeError, match="no_such"):
        plan_run(challenge, straight(toy), options={"no_such": 1})
    with pytest.raises(ChallengeError, match="all/00"):
        plan_run(challenge, straight(toy), case_glob="nothing*")


def test_submissions_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(SubmissionNotFound, match="city/max-pressure"):
        find_submission("city/no-such")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SubmissionFault, match="neither solution"):
        find_submission(str(tmp_path / "empty"))
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(SubmissionFault, match="neither a folder"):
        find_submission(str(tmp_path / "notes.txt"))


def test_the_public_checker_passes_our_judge_and_finds_a_bad_one(toy):
    challenge = read_challenge(toy)
    judge = find_judge("tables.predictions")
    assert check_judge(judge, challenge) == []

    class Bad(type(judge)):
        def check_options(self, options):
            return super().check_options({k: v for k, v in options.items() if not k.startswith("no_")})

        def cases(self, challenge, folder):
            found = list(super().cases(challenge, folder))
            return [*found, found[0]]

    findings = " ".join(check_judge(Bad(), challenge))
    assert "unknown option" in findings and "share a id" in findings


def test_the_solution_checker_finds_figures_that_do_not_repeat(toy, tmp_path):
    text = "import random\ndef solve(p): return {'id': p['keys'], 'prediction': [random.random() for _ in p['keys']]}"
    submission = solution(tmp_path / "s", text)
    first, second = (judged(toy, submission, case_glob="all/00")[1] for _ in range(2))
    assert any("two plays gave different figures" in finding for finding in check_solution(first, second))
    steady = [judged(toy, straight(toy), case_glob="all/00")[1] for _ in range(2)]
    assert check_solution(*steady) == []


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_is_a_sentence_in_three_languages(code):
    reasons = [Fault(Owner.PLATFORM, code).reason(language) for language in LANGUAGES]
    assert not any("?" in reason for reason in reasons), "without parameters it is still a whole sentence"
    assert len(set(reasons)) == 3 and all(
        reason.rstrip()[-1] in ".。?？)）}" or ":" in reason for reason in reasons
    )


def test_a_fault_of_a_newer_version_still_has_a_sentence():
    assert "no words" in Fault(Owner.PLATFORM, "something_new").reason()


@pytest.mark.parametrize(
    ("size", "words"),
    [(512, "0.5 KiB"), (2**20, "1 MiB"), (3 * 2**19, "1.5 MiB"), (2**20 - 1024, "1023 KiB")],
)
def test_a_limit_is_told_in_its_unit(size, words):
    assert (
        f"more than the {words} of memory"
        in SubmissionFault("out_of_memory", limit_bytes=size).fault.reason()
    )


def test_a_process_of_a_judges_own_that_is_lost_is_the_challenges_with_its_case(toy, monkeypatch):
    def lost(_judge, _process):
        def play(_task):
            raise run_module.ProcessLost("signal 11")

        return play

    monkeypatch.setattr(run_module, "case_processes", lost)
    monkeypatch.setattr(PredictionsJudge, "prepare", lambda self, case, options: None, raising=False)
    plan = plan_run(read_challenge(toy), straight(toy))
    outcome = play_case(task_of(plan, plan.cases[2]))
    assert (outcome.case, outcome.score, outcome.isolation.kind) == ("all/02", None, "bubblewrap")
    assert (outcome.fault.owner, outcome.fault.code) == (Owner.CHALLENGE, "judge_ended")
    assert outcome.fault.params == {"where": "tables.predictions, all/02", "how": "signal 11"}


def test_what_fails_on_our_side_is_the_platforms_and_the_box_was_one(toy, monkeypatch):
    def fail(*_args, **_named):
        raise OSError(28, "No space left", "/scratch/x")

    monkeypatch.setattr(run_module, "open_guest", fail)
    plan = plan_run(read_challenge(toy), straight(toy))
    outcome = play_case(task_of(plan, plan.cases[0]))
    assert (outcome.fault.owner, outcome.fault.code) == (Owner.PLATFORM, "disk_full")
    assert outcome.fault.params["where"] == "/scratch/x" and outcome.isolation.kind == "bubblewrap"


def test_a_judge_that_cannot_be_imported_ends_its_case_by_name_and_the_box_is_said(toy, monkeypatch):
    plan = plan_run(read_challenge(toy), straight(toy))
    task = task_of(plan, plan.cases[1])

    def fail(name):
        raise ChallengeFault("judge_raised", where=name, error="x")

    monkeypatch.setattr(run_module, "find_judge", fail)
    outcome = play_case(task)
    assert (outcome.case, outcome.score, outcome.fault.owner) == (plan.cases[1].id, None, Owner.CHALLENGE)
    assert outcome.isolation == run_module.isolation_to_be(task)


def test_what_a_solution_said_before_it_failed_is_kept(toy, tmp_path):
    failing = solution(
        tmp_path / "s", "def solve(problem):\n    print('said before')\n    raise ValueError('no')\n"
    )
    plan = plan_run(read_challenge(toy), failing)
    outcome = play_here(task_of(plan, plan.cases[0]))
    assert outcome.fault.code == "raised" and "said before" in outcome.log


def test_where_no_box_can_be_had_the_platform_says_so(toy, monkeypatch):
    def fail(*_args, **_options):
        raise SandboxUnavailable("no namespaces")

    monkeypatch.setattr(guest, "open_box", fail)
    plan = plan_run(read_challenge(toy), straight(toy))
    fault = play_here(task_of(plan, plan.cases[0])).fault
    assert (fault.owner, fault.code, fault.params["detail"]) == (
        Owner.PLATFORM, "sandbox_unavailable", "no namespaces",
    )  # fmt: skip


def test_a_log_is_a_teams_own_output_and_its_own_traceback():
    fault = SubmissionFault("raised", error="x")
    assert log_of(fault) == ""
    for params, log, told in (
        ({"trace": " at line 3\n"}, " said \n", "said\nat line 3"),
        ({}, "said", "said"),
        ({"trace": "t"}, "", "t"),
        ({}, "", ""),
    ):
        fault.__cause__ = BoxFault("raised", {"error": "x", **params}, log)
        assert log_of(fault) == told


@pytest.mark.parametrize(
    ("owner", "kind"),
    [(Owner.SUBMISSION, SubmissionFault), (Owner.CHALLENGE, ChallengeFault), (Owner.PLATFORM, PlatformFault)],
)
def test_a_fault_that_came_as_data_is_raised_as_it_was(owner, kind):
    fault = kind("judge_raised", where="here", error="x").fault
    error = fault_error(fault)
    assert type(error) is kind and error.fault == fault and error.fault.owner is owner
