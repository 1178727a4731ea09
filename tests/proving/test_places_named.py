"""An error names its place, what was found and what was expected: all three, each in its place."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lumbung.proving import judge as judge_module
from lumbung.proving import packing
from lumbung.proving.challenge import ChallengeError, ResourceLimits, read_challenge
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.guest import box_limits
from lumbung.proving.judge import JudgeMissing, find_judge, judges
from lumbung.proving.run import list_cases, plan_run
from lumbung.proving.scaffold import new_challenge
from lumbung.proving.submission import read_submission
from lumbung.proving.tables import (
    METRICS,
    PredictionsJudge,
    _align,
    _check_measurable,
    _numbers,
    _read_columns,
    _read_truth,
    measure_columns,
)
from lumbung.sandbox import Limits

OPTIONS = {"key": "id", "target": "target", "group": ""}


def named(action, *given):
    """Return what an error says in its three places."""
    with pytest.raises(ChallengeError) as caught:
        action(*given)
    return caught.value.where, caught.value.found, caught.value.expected


# ------------------------------------------------------------------------------------------------ tables of truth


@pytest.mark.parametrize(
    ("text", "where", "found", "expected"),
    [
        ("", "{path}", "an empty file", "a table with a header line"),
        ("id,target\n", "{path}", "no rows", "at least one"),
        ("id,value\n1,2\n", "{path}", "the columns id, value", "a column 'target'"),
        ("key,target\n1,2\n", "{path}", "the columns key, target", "a column 'id'"),
        ("id,target\n1,2\n1,3\n", "{path}: line 3", "the key '1' twice", "each key once"),
        ("id,target\n1,2,3\n", "{path}: line 2", "3 fields", "2, as in the header"),
        ("id,target\n1,2\n2\n", "{path}: line 3", "1 fields", "2, as in the header"),
        (
            "id,target,target\n1,2,0\n",
            "{path}: line 1",
            "'target' twice",
            "each column with a name of its own",
        ),
    ],
)
def test_a_table_of_truth(tmp_path, text, where, found, expected):
    path = tmp_path / "truth.csv"
    path.write_text(text)
    assert named(_read_truth, path, OPTIONS) == (where.format(path=path), found, expected)


def test_a_table_of_truth_in_another_encoding_names_its_line(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_bytes("id,target\n1,2\n2,稻\n".encode("gbk"))
    where, found, expected = named(_read_truth, path, OPTIONS)
    assert (where, found) == (f"{path}: line 3", "bytes that are no UTF-8") and "CSV UTF-8" in expected
    path.write_text('id,target\n1,"' + "x" * 200_000 + '"\n')
    assert named(_read_truth, path, OPTIONS)[0] == str(path)


def test_groups_that_would_be_judged_as_one_are_named(tmp_path):
    path = tmp_path / "truth.csv"
    challenge = read_challenge(new_challenge(tmp_path / "toy")[0].parent).challenge
    options = {**challenge.options, "group": "place", "blocks": 1}
    grouped = msgspec.structs.replace(challenge, options=options)
    for one, two in (("北京", "上海"), ("Kab Bogor", "kab-bogor")):
        path.write_text(f"id,target,place\n1,2,{one}\n2,3,{two}\n3,3,{one}\n", encoding="utf-8")
        where, found, expected = named(PredictionsJudge().cases, grouped, tmp_path)
        assert where == f"{path}: place" and repr(one) in found and repr(two) in found and "a-z" in expected
    path.write_text("id,target,place\n1,2,Bogor\n2,3,Ciamis\n", encoding="utf-8")
    assert [case.group for case in PredictionsJudge().cases(grouped, tmp_path)] == ["bogor", "ciamis"]


def test_a_table_of_truth_that_is_not_there_or_lacks_its_groups(tmp_path):
    path = tmp_path / "truth.csv"
    assert named(_read_truth, path, OPTIONS) == (
        str(path), "no such file", "the table of truth, with a header line"
    )  # fmt: skip
    path.write_text("id,target\n1,2\n")
    assert named(_read_truth, path, {**OPTIONS, "group": "city"}) == (
        str(path), "the columns id, target", "a column 'city'"
    )  # fmt: skip
    path.write_text("id,target,city\n7,2,x\n8,3,y\n")
    assert _read_truth(path, {**OPTIONS, "group": "city"}) == {
        "id": ["7", "8"], "target": ["2", "3"], "city": ["x", "y"]
    }  # fmt: skip
    assert _read_columns(path) == {"id": ["7", "8"], "target": ["2", "3"], "city": ["x", "y"]}


def test_a_truth_that_is_no_number_or_tells_nothing():
    assert named(_numbers, ["1", "many"], "challenge", ["a", "k" * 50]) == (
        f"truth, key {'k' * 40}", "'many'", "a finite number, at most 1e+100 in size"
    )  # fmt: skip
    assert _numbers(["1", 2, True], "challenge", ["a", "b", "c"]).tolist() == [1.0, 2.0, 1.0]
    here = (["a", "b"], Path("here"), "all")
    assert named(_check_measurable, [1, 1], ["mae", "r2"], *here) == (
        "here: all", "2 rows whose truth is '1' in each", "at least two values in every block for r2: fewer blocks"
    )  # fmt: skip
    assert named(_check_measurable, [1, "many"], ["mae"], *here)[:2] == ("here: truth, key b", "'many'")
    _check_measurable([1, 1], ["mae"], *here)
    _check_measurable([1, 2], ["r2"], *here)


@pytest.mark.parametrize(
    ("options", "where", "found", "expected"),
    [
        ({"odd": 1}, "options.odd", "an unknown option", "one of truth, inputs, key, target, "),
        ({"blocks": "5"}, "options.blocks", "'5'", "a int"),
        ({"blocks": 0}, "options.blocks", "0", "at least 1"),
        ({"metrics": []}, "options.metrics", "[]", "some of " + ", ".join(METRICS)),
        ({"metrics": ["mae", "guess"]}, "options.metrics", "['mae', 'guess']", "some of accuracy"),
        (
            {"metrics": ["mae", "accuracy"]},
            "options.metrics",
            "['mae', 'accuracy']",
            "metrics of labels alone, or of numbers alone",
        ),
    ],
)
def test_options_of_the_judge_of_tables(options, where, found, expected):
    said = named(PredictionsJudge().check_options, {"metrics": ["mae"], **options})
    assert said[:2] == (where, found) and said[2].startswith(expected)


@pytest.mark.parametrize(
    ("metric", "truth", "guess", "owner"),
    [
        ("brier", [0.0, 1.0], [0.5, 1.5], SubmissionFault),
        ("brier", [0.0, 0.5, 1.0], [0.5, 0.5, 0.5], ChallengeError),
        ("roc_auc", [0.1, 0.2], [0.5, 0.5], ChallengeError),
        ("log_loss", [0.0, 1.0], [0.5, 7.0], SubmissionFault),
    ],
)
def test_a_figure_that_no_prediction_could_have_is_the_challenges_fault(metric, truth, guess, owner):
    with pytest.raises(owner) as caught:
        measure_columns(truth, guess, [metric], ["a", "b", "c"])
    if owner is SubmissionFault:
        fault = caught.value.fault
        assert (fault.code, fault.params["where"], fault.params["expected"]) == (
            "wrong_format", metric, "valid predictions"
        )  # fmt: skip
    else:
        assert (caught.value.where, caught.value.expected) == (
            f"truth, {metric}",
            "values it can be taken of",
        )


@pytest.mark.parametrize("names", [["mae", "rmse"], ["brier", "roc_auc", "mae"], ["accuracy", "f1_macro"]])
def test_metrics_of_one_kind_go_together(names):
    checked = PredictionsJudge().check_options({"metrics": names})
    assert checked["metrics"] == names and checked["blocks"] == 10 and checked["truth"] == "truth.csv"


# ------------------------------------------------------------------------------------------- challenges and judges


def test_a_challenge_folder(toy, tmp_path, monkeypatch):
    path = toy / "challenge.toml"
    assert named(read_challenge, tmp_path) == (
        str(tmp_path), "no challenge.toml", "a challenge folder (lumbung new challenge)"
    )  # fmt: skip
    whole = path.read_bytes()
    path.write_bytes(b"id = \xff")
    assert named(read_challenge, toy)[::2] == (str(path), "a readable UTF-8 text file")
    path.write_bytes(b"id = ")
    assert named(read_challenge, toy)[::2] == (str(path), "valid TOML")
    path.write_bytes(whole.replace(b"version = 1", b"version = 0", 1))
    where, found, expected = named(read_challenge, toy)
    assert (where, expected) == (
        str(path),
        "the fields of docs/proving/challenge.md",
    ) and "$.version" in found
    for text in (f"version = {'9' * 5000}", f"x = {'[' * 5000}{']' * 5000}"):
        path.write_text(text)
        assert named(read_challenge, toy)[::2] == (str(path), "valid TOML")
    for line in ("[limits]\ntotal_s = inf", "[limits]\nstart_s = nan", f"[limits]\nmemory_mb = {2**31}"):
        path.write_bytes(whole + f"\n{line}\n".encode())
        assert "$.limits" in named(read_challenge, toy)[1]
    path.write_bytes(whole.replace(b"version = 1", f"version = {2**31}".encode(), 1))
    assert "$.version" in named(read_challenge, toy)[1]
    path.write_bytes(b'data = ["a**b"]\n' + whole)
    assert named(read_challenge, toy)[:2] == (f"{path}: data[0]", "'a**b'")
    path.write_bytes(whole)
    before = read_challenge(toy).challenge
    path.write_bytes(b"\xef\xbb\xbf" + whole)  # as an editor on Windows saves it
    assert read_challenge(toy).challenge == before
    path.write_bytes(whole)

    def unreadable(file):
        raise OSError(13, "no right to read", str(file))

    monkeypatch.setattr("lumbung.proving.challenge.digest_file", unreadable)
    where, found, expected = named(read_challenge, toy)
    assert (found, expected) == ("no right to read", "readable files") and where.startswith(f"{toy}/")


@pytest.mark.parametrize(
    ("lines", "where", "found", "expected"),
    [
        ('opens = 2026-05-02T00:00:00Z\ncloses = 2026-05-01T00:00:00Z', "closes", "2026-05-01T00:00:00+00:00", "later than 2026-05-02T00:00:00+00:00"),
        ('opens = 2026-05-02T00:00:00Z\ncloses = 2026-05-02T00:00:00Z', "closes", "2026-05-02T00:00:00+00:00", "later than 2026-05-02T00:00:00+00:00"),
        ("opens = 2026-05-02T00:00:00", "opens", "2026-05-02T00:00:00", "a time with its zone, e.g. …T00:00:00Z"),
        ("closes = 1999-12-31T00:00:00Z", "closes", "1999-12-31T00:00:00+00:00", "from 2000 on and before 2200"),
        ("closes = 2200-01-01T00:00:00Z", "closes", "2200-01-01T00:00:00+00:00", "from 2000 on and before 2200"),
    ],
)  # fmt: skip
def test_the_times_of_a_phase(toy, lines, where, found, expected):
    path = toy / "challenge.toml"
    path.write_text(path.read_text() + lines + "\n")
    assert named(read_challenge, toy) == (f"{path}: phases[0].{where}", found, expected)


def test_a_phase_twice(toy):
    path = toy / "challenge.toml"
    text = path.read_text()
    path.write_text(text + text[text.index("[[phases]]") :])
    assert named(read_challenge, toy) == (f"{path}: phases[1].id", "'practice' twice", "each phase once")


class _Point:
    """An entry point that loads what it is told."""

    def __init__(self, value):
        self.value, self.name = f"a.module:{value}", "tide.gauge"
        self._loaded = value

    def load(self):
        if isinstance(self._loaded, Exception):
            raise self._loaded
        return lambda: self._loaded


@pytest.fixture
def installed(monkeypatch):
    def install(*loaded):
        points = [_Point(one) for one in loaded]
        monkeypatch.setattr(judge_module, "entry_points", lambda **named: points)
        return points

    yield install
    find_judge.cache_clear()


def test_a_judge_that_cannot_be_had(installed):
    find_judge.cache_clear()
    installed(ModuleNotFoundError("x", name="tidelib"))
    assert named(find_judge, "tide.gauge") == (
        "judge", "tide.gauge, which needs the module tidelib", "pip install 'lumbung[tide]'"
    )  # fmt: skip
    (point,) = installed(7)
    assert named(find_judge, "tide.gauge") == (
        "judge", f"tide.gauge = {point.value}", "an object with the judge protocol's methods"
    )  # fmt: skip
    installed()
    where, found, expected = named(find_judge, "tide.gauge")
    assert (where, found) == ("judge", "'tide.gauge'")
    assert expected == "one of  (or install the package that has it)" and judges() == {}


def test_a_judge_of_another_version_and_cases_that_match_nothing(toy):
    challenge = read_challenge(toy)
    older = msgspec.structs.replace(challenge.challenge, judge_version=7)
    with pytest.raises(JudgeMissing) as caught:
        list_cases(msgspec.structs.replace(challenge, challenge=older), toy)
    assert (caught.value.where, caught.value.found) == ("toy: judge_version", "7")
    assert caught.value.expected.startswith("2, the installed version of tables.predictions")
    mine = read_submission(toy / "submissions" / "accepted" / "straight-line")
    where, found, expected = named(lambda: plan_run(challenge, mine, case_glob="no/*"))
    assert (where, found) == ("cases", "no case that matches 'no/*'")
    assert expected == "one of all/00, all/01, all/02, all/03, all/04"
    chosen = plan_run(challenge, mine, case_glob="all/00,all/03", seeds=3)
    assert [case.id for case in chosen.cases] == ["all/00"]


def test_many_cases_are_named_in_part(tmp_path):
    new_challenge(tmp_path / "many")
    path = tmp_path / "many" / "challenge.toml"
    path.write_text(path.read_text().replace("blocks = 5", "blocks = 7"))
    challenge = read_challenge(tmp_path / "many")
    mine = read_submission(tmp_path / "many" / "submissions" / "accepted" / "straight-line")
    expected = named(lambda: plan_run(challenge, mine, seeds=0))[2]
    assert expected.count("all/0") == 6 and expected.endswith("all/05, …")


# ------------------------------------------------------------------------------------------------------- limits


def test_each_limit_reaches_the_box():
    limits = box_limits(ResourceLimits(1.0, 2.0, 3.0, 4.0, 65, 6))
    assert limits == Limits(
        start_s=1.0, message_s=2.0, total_s=3.0, cpu_s=4.0, memory_bytes=65 * 2**20, processes=6
    )
    assert packing.PROOFS == "submissions"


# ------------------------------------------------------------------------------------------- a submission's answers


@pytest.mark.parametrize(
    ("answer", "where", "found", "expected"),
    [
        (7, "answer", "int", "columns by name"),
        ({"id": ["a"]}, "columns", "id", "a column 'prediction'"),
        ({"prediction": [1]}, "columns", "prediction", "a column 'id'"),
        ({"id": ["a", "b"], "prediction": [1]}, "rows", "2 keys, 1 predictions", "as many"),
        ({"id": ["a", "a"], "prediction": [1, 2]}, "key a", "two rows", "one"),
        ({"id": ["a"], "prediction": [1]}, "key b", "no row (1 missing)", "one row a key"),
        ({"id": ["x"], "prediction": [1]}, "key a", "no row (2 missing)", "one row a key"),
    ],
)
def test_an_answer(answer, where, found, expected):
    with pytest.raises(SubmissionFault) as caught:
        _align(answer, ["a", "b"], {"key": "id", "prediction": "prediction"})
    fault = caught.value.fault
    assert (fault.code, fault.params) == (
        "wrong_format",
        {"where": where, "found": found, "expected": expected},
    )


def test_an_answer_is_put_into_the_order_of_the_keys():
    options = {"key": "id", "prediction": "prediction"}
    assert _align({"id": ["b", "a"], "prediction": [2, 1]}, ["a", "b"], options) == [1, 2]
    assert _align({"id": "a", "prediction": 5}, ["a"], options) == [5]


@pytest.mark.parametrize(
    ("metric", "guess", "where", "found", "expected"),
    [
        ("mae", [1.0, None], "key b, the prediction", "None", "a finite number"),
        ("mae", [1.0, float("inf")], "key b, the prediction", "inf", "a finite number"),
        ("mae", [1.0, 1e200], "mae", "5e+199, from predictions up to 1e+200", "predictions that give a figure of at most 1e+100 in size"),
    ],
)  # fmt: skip
def test_a_prediction(metric, guess, where, found, expected):
    with pytest.raises(SubmissionFault) as caught:
        measure_columns([1.0, 2.0], guess, [metric], ["a", "b"])
    assert caught.value.fault.code == "wrong_format"
    assert caught.value.fault.params == {"where": where, "found": found, "expected": expected}


def test_macro_f1_is_the_mean_over_classes():
    """Two of three right of each of two classes: F1 of each by hand, and their mean."""
    told = measure_columns(["x", "x", "y", "z"], ["x", "y", "y", "z"], ["f1_macro", "accuracy"], list("abcd"))
    assert told == {"f1_macro": pytest.approx((2 / 3 + 2 / 3 + 1) / 3), "accuracy": 0.75}


def test_the_digest_of_a_case_stays_from_version_to_version(toy):
    """Evidence of two releases can be compared only while the same case has the same digest: else the judge's version rises."""
    cases = list_cases(read_challenge(toy), toy)[2]
    assert [case.digest for case in cases[:2]] == [
        "sha256:48b084778ff71ebf01338818b8df103333aa9b3fba0ddd993d539cf3d9c9ee4d",
        "sha256:4e1de0c4134be23275c74d10aebe11f9b9701278b2080f7908d66d5bcd830b57",
    ]
