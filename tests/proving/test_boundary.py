"""What a judge gives back is taken as it is, made plain, or refused with judge, case, field, found and expected."""

from __future__ import annotations

import builtins
import errno
import signal
import sys
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath

import msgspec
import numpy as np
import pytest

from lumbung.proving import attended, boundary, drawing
from lumbung.proving.boundary import (
    asked,
    checked_cases,
    checked_options,
    checked_pictures,
    checked_score,
    declared_metrics,
    declared_version,
    differing_metrics,
    in_order,
    told,
)
from lumbung.proving.case import Case, CaseScore, make_case, score_case
from lumbung.proving.challenge import ChallengeError, JudgeMissing, Ranking
from lumbung.proving.faults import ChallengeFault, Owner, PlatformFault, RunFault, SubmissionFault
from lumbung.proving.judge import Picture
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text

CASE = make_case("all/0", "all", 3, {})
NAME = Text("a", "b", "c")
METRICS = {"error": NAME, "share": Measure(NAME, "higher", 0.0, 1.0), "above": Measure(NAME, low=2.0)}
SVG = "<svg xmlns='http://www.w3.org/2000/svg'/>"


def score(**changes):
    fields = {"metrics": {"error": 1.0}, "engine": "toy 1"}
    return score_case(CASE, **{**fields, **changes})


def taken(returned, ranking="error"):
    return checked_score("bad.judge", CASE, METRICS, Ranking(ranking, "lower"), returned)


def refused(returned, ranking="error"):
    with pytest.raises(ChallengeFault) as caught:
        taken(returned, ranking)
    fault = caught.value.fault
    assert (fault.code, fault.params["judge"], fault.params["case"]) == ("judge_result", "bad.judge", "all/0")
    return fault.params["field"], fault.params["found"], fault.params["expected"]


# ------------------------------------------------------------------------------------------------ scores


def test_a_plain_score_is_taken_as_it_is():
    given = score(series={"curve": [1, 2.5, None, "x", True, {"a": []}]})
    assert taken(given) == given


@pytest.mark.parametrize("returned", [None, 1.0, {"error": 1.0}, "all/0"])
def test_only_a_score_is_a_score(returned):
    field, _, expected = refused(returned)
    assert field == "the score" and "score_case makes it" in expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case", "all/1"),
        ("group", "some"),
        ("seed", 4),
        ("seed", "3"),
        ("digest", "sha256:0"),
        ("case", 0),
        ("group", None),
    ],
)
def test_a_score_is_of_the_case_it_was_asked_for(field, value):
    named, _, expected = refused(msgspec.structs.replace(score(), **{field: value}))
    mine = CASE.id if field == "case" else getattr(CASE, field)
    assert (named, expected) == (field, f"{mine!r}, as in the case it was given")


def test_a_seed_may_be_numpys():
    assert type(taken(msgspec.structs.replace(score(), seed=np.int64(3))).seed) is int


@pytest.mark.parametrize(
    ("value", "figure"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(2), 2.0),
        (np.bool_(True), 1.0),
        (True, 1.0),
        (7, 7.0),
    ],
)
def test_numbers_of_every_kind_are_figures(value, figure):
    found = taken(score(metrics={"error": value})).metrics["error"]
    assert found == figure and type(found) is float


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), np.float64("-inf"), "1.0", None, 10**400, np.zeros(3), [1.0], 1j]
)
def test_a_figure_is_a_finite_number(value):
    field, _, expected = refused(score(metrics={"error": value}))
    assert (field, expected) == ("metrics[error]", "a finite number, at most 1e+100 in size")


def test_only_declared_metrics_are_taken_and_the_one_that_ranks_is_there():
    field, found, expected = refused(score(metrics={"error": 1.0, "surprise": 2.0}))
    assert (field, found) == ("metrics[surprise]", "2.0") and expected.endswith(": error, share, above")
    assert refused(score(metrics={"error": 1.0, 7: 2.0}))[0] == "metrics[7]"
    assert refused(score(metrics={"error": 1.0}), "share")[:2] == ("metrics[share]", "nothing")
    assert refused(msgspec.structs.replace(score(), metrics=[1.0]))[0] == "metrics"
    assert taken(score(metrics={"share": 1.0}), "share").metrics == {"share": 1.0}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("share", 1.1, "at least 0 and at most 1, as the judge declares"),
        ("share", -0.1, "at least 0 and at most 1, as the judge declares"),
        ("above", 1.9, "at least 2, as the judge declares"),
    ],
)
def test_a_figure_lies_within_its_declared_bounds(name, value, expected):
    assert refused(score(metrics={"error": 1.0, name: value}))[::2] == (f"metrics[{name}]", expected)
    for within in (0.0, 1.0, 1.0 + 1e-12, -1e-12):
        taken(score(metrics={"error": 1.0, "share": within}))


@pytest.mark.parametrize(
    ("engine", "plain"),
    [
        ("SUMO 1.28.0", "SUMO 1.28.0"),
        (("a 1", "b-2_c+d.e"), ("a 1", "b-2_c+d.e")),
        (["a 1"], ("a 1",)),
        ("x" * 40, "x" * 40),
        (("e",) * 8, ("e",) * 8),
    ],
)
def test_engines_that_evidence_can_name(engine, plain):
    assert taken(score(engine=engine)).engine == plain


@pytest.mark.parametrize(
    "engine", ["", "x" * 41, " x", "a;b", "城", (), ("e",) * 9, ("a", ""), ("a", 1), 7, None]
)
def test_engines_that_evidence_cannot_name(engine):
    assert refused(score(engine=engine))[0] == "engine"


@pytest.mark.parametrize(
    ("series", "plain"),
    [
        ({"curve": np.arange(3), "pair": (1, 2)}, {"curve": [0, 1, 2], "pair": [1, 2]}),
        ({"grid": np.eye(2, dtype=bool)}, {"grid": [[True, False], [False, True]]}),
        ({"n": [np.float32(0.5), np.uint8(3), np.bool_(False), None]}, {"n": [0.5, 3, False, None]}),
        ({"big": 2**64 - 1, "small": -(2**63)}, {"big": 2**64 - 1, "small": -(2**63)}),
        ({"deep": {"er": [np.int16(1)]}}, {"deep": {"er": [1]}}),
    ],
)
def test_series_read_back_as_they_are_kept(series, plain):
    found = taken(score(series=series)).series
    assert found == plain and msgspec.json.decode(msgspec.json.encode(found)) == plain
    assert repr(found) == repr(plain), "of the same types too"


@pytest.mark.parametrize(
    ("series", "field"),
    [
        ({"curve": [1.0, float("nan")]}, "series[curve][1]"),
        ({"curve": {1, 2}}, "series[curve]"),
        ({"curve": {1: 2}}, "series[curve], key 1"),
        ({"curve": {"a": [object()]}}, "series[curve][a][0]"),
        ({"big": np.array([2**70], dtype=object)}, "series[big]"),
        ({"big": 2**64, "n": np.int8(1)}, "series[big]"),
        ({"small": -(2**63) - 1, "n": np.int8(1)}, "series[small]"),
    ],
)
def test_series_that_no_file_can_hold(series, field):
    assert refused(score(series=series))[0] == field


def test_series_are_a_dictionary_of_a_depth_and_a_size(monkeypatch):
    assert refused(msgspec.structs.replace(score(), series=[1]))[0] == "series"
    deep: list = []
    for _ in range(98):
        deep = [deep, np.int64(1)]
    assert taken(score(series={"deep": deep})).series
    _, found, _ = refused(score(series={"deep": [[deep]]}))
    assert found.startswith("data within data, 100 deep")
    circle: list = [1.0]
    circle.append(circle)
    assert refused(score(series={"circle": circle}))[0].startswith("series[circle][1][1]")
    monkeypatch.setattr(boundary, "SERIES_LIMIT", 9)
    assert taken(score(series={"a": [1]})).series == {"a": [1]}
    assert refused(score(series={"a": [12]})) == ("series", "10 bytes as JSON", "at most 9")


def test_limits_are_what_the_pages_say():
    limits = (
        boundary.ENGINES_LIMIT,
        drawing.PICTURE_LIMIT,
        boundary.PICTURES_LIMIT,
        boundary.SERIES_LIMIT,
        boundary.SHOWN,
    )
    assert limits == (8, 2 * 2**20, 64, 64 * 2**20, 200)


# ---------------------------------------------------------------------------------------- the other answers


@pytest.mark.parametrize("options", [{}, {"way": "x", "more": [1, {"a": None}]}])
def test_options_that_can_be_digested_are_taken(options):
    assert checked_options("bad.judge", options) is options


@pytest.mark.parametrize("options", [None, [], {1: 2}, {"way": object()}])
def test_options_that_cannot_be_kept(options):
    with pytest.raises(ChallengeFault) as caught:
        checked_options("bad.judge", options)
    params = caught.value.fault.params
    assert (params["judge"], params["case"], params["field"]) == (
        "bad.judge",
        "check_options()",
        "the options",
    )
    assert params["found"] and params["expected"] == "a dict of plain data by name, the given ones completed"


def test_cases_are_taken_in_their_order():
    cases = [make_case(f"a/{seed}", "a", seed, {}) for seed in (2, 0, 1)]
    assert checked_cases("bad.judge", cases) == tuple(cases) == checked_cases("bad.judge", tuple(cases))


@pytest.mark.parametrize(
    ("cases", "case", "field", "expected"),
    [
        (None, "cases()", "the list", "a sequence of Case"),
        ("abc", "cases()", "the list", "a sequence of Case"),
        ({CASE.id: CASE}.values(), "cases()", "the list", "a sequence of Case"),
        ([CASE, "b"], "cases()", "entry 1", "a Case"),
        ([make_case("All of it", "all", 0, {})], "All of it", "id", "lower case"),
        ([make_case("a" * 65, "all", 0, {})], "a" * 65, "id", "at most 64"),
        ([make_case("a", "", 0, {})], "a", "group", "lower case"),
        ([make_case("a", 7, 0, {})], "a", "group", "lower case"),
        ([make_case("a", "a", True, {})], "a", "seed and digest", "a whole number"),
        ([Case("a", "a", 0, {}, "md5:1")], "a", "seed and digest", "sha256:…"),
        ([Case("a", "a", 0, {}, None)], "a", "seed and digest", "sha256:…"),
        ([CASE, CASE], "all/0", "id", "each id once"),
    ],
)
def test_cases_that_cannot_be_named(cases, case, field, expected):
    with pytest.raises(ChallengeFault) as caught:
        checked_cases("bad.judge", cases)
    params = caught.value.fault.params
    assert (params["judge"], params["case"], params["field"]) == ("bad.judge", case, field)
    assert expected in params["expected"] and params["found"] is not None


@pytest.mark.parametrize("svg", [SVG, "\n  <svg>ø 城</svg>", "<svg>" + " " * (2 * 2**20 - 5)])
def test_pictures_that_can_be_shown(svg):
    pictures = [Picture(NAME, svg, "all")]
    assert checked_pictures("bad.judge", pictures) == tuple(pictures)


def test_as_many_pictures_as_a_page_can_hold():
    assert len(checked_pictures("bad.judge", [Picture(NAME, SVG)] * 64)) == 64


@pytest.mark.parametrize(
    ("pictures", "field", "found"),
    [
        (None, "pictures()", "None"),
        (SVG, "pictures()", "<svg"),
        ([Picture(NAME, SVG)] * 65, "pictures()", "65 pictures"),
        ([Picture(NAME, SVG), SVG], "picture 2", "<svg"),
        ([Picture("a title", SVG)], "picture 1, title and group", "a title"),
        ([Picture(NAME, SVG, None)], "picture 1, title and group", "None"),
        ([Picture(Text("a", 2, "c"), SVG)], "picture 1, title", "2"),
        ([Picture(NAME, "<html>")], "picture 1, svg", "<html>"),
        ([Picture(NAME, b"<svg/>")], "picture 1, svg", "<svg/>"),
        ([Picture(NAME, "<svg>\ud800</svg>")], "picture 1, svg", "surrogates"),
        ([Picture(NAME, "<svg>\0</svg>")], "picture 1, svg", "<svg>"),
        ([Picture(NAME, "<svg>" + " " * (2 * 2**20 - 4))], "picture 1, svg", "2097153 bytes"),
    ],
)
def test_pictures_that_cannot_be_shown(pictures, field, found):
    with pytest.raises(ChallengeFault) as caught:
        checked_pictures("bad.judge", pictures)
    fault = caught.value.fault
    assert (fault.code, fault.params["judge"], fault.params["field"]) == (
        "judge_pictures",
        "bad.judge",
        field,
    )
    assert found in fault.params["found"] and fault.params["expected"]


@pytest.mark.parametrize(
    "active",
    [
        "<script>x</script>", "< SCRIPT src=x>", "<foreignObject/>", '<a href="https://x"/>', "<a xlink:href='//x'/>",
        '<g onload="x()"/>', "<a href='javascript:x'/>", "<style>@import 'x'</style>", "<g style='fill:url(http://x)'/>",
        '<image src="http://x"/>', "<iframe/>", "<embed/>", "<object/>",
    ],
)  # fmt: skip
def test_pictures_that_would_run_or_fetch_something(active):
    with pytest.raises(ChallengeFault) as caught:
        checked_pictures("bad.judge", [Picture(NAME, f"<svg>{active}</svg>")])
    assert (
        caught.value.fault.params["expected"] == "a drawing that runs nothing and needs nothing from outside"
    )


@pytest.mark.parametrize(
    "still",
    ["<use href='#a'/>", "<g style='fill:url(#a)'/>", "<text>once on = x</text>", "<desc>scripts</desc>"],
)
def test_pictures_that_speak_of_it_only(still):
    assert checked_pictures("bad.judge", [Picture(NAME, f"<svg>{still}</svg>")])


def test_a_judge_declares_a_text_for_each_metric():
    class Declares:
        name = "bad.judge"

        def __init__(self, metrics):
            self.metrics = metrics

    assert declared_metrics(Declares(METRICS)) == METRICS
    for odd in (
        None,
        ["error"],
        {"Error": NAME},
        {"": NAME},
        {7: NAME},
        {"x" * 41: NAME},
        {"error": "the error"},
    ):
        with pytest.raises(ChallengeFault) as caught:
            declared_metrics(Declares(odd))
        params = caught.value.fault.params
        assert (params["judge"], params["case"], params["field"]) == ("bad.judge", "", "metrics") and params[
            "found"
        ]


def test_two_cases_of_a_run_have_the_same_metrics():
    one, two = score(metrics={"error": 1.0, "share": 1.0}), score(metrics={"error": 2.0})
    assert (
        differing_metrics(
            "bad.judge", one, msgspec.structs.replace(one, metrics={"error": 3.0, "share": 0.0})
        )
        is None
    )
    fault = differing_metrics("bad.judge", one, two)
    assert fault.owner is Owner.CHALLENGE and fault.code == "judge_result"
    assert fault.params == {
        "judge": "bad.judge", "case": "all/0", "field": "metrics[share]", "found": "a figure",
        "expected": "the same metrics as in case all/0",
    }  # fmt: skip
    assert differing_metrics("bad.judge", two, one).params["found"] == "nothing"


# ---------------------------------------------------------------------------------------- what it raises


class Unshowable(Exception):
    def __str__(self):
        raise ValueError


def caught_from(error, where="bad.judge, all/0"):
    with pytest.raises(BaseException) as caught, asked(where):
        raise error
    return caught.value


@pytest.mark.parametrize(
    "error", [KeyError("gone"), SystemExit(3), GeneratorExit(), StopIteration(), RecursionError("deep")]
)
def test_whatever_a_judge_raises_is_the_challenges(error):
    found = caught_from(error)
    assert isinstance(found, ChallengeFault) and found.__cause__ is error
    assert found.fault.code == "judge_raised" and found.fault.params["where"] == "bad.judge, all/0"
    assert found.fault.params["error"].startswith(type(error).__name__)


def test_memory_is_a_finding_of_its_own():
    found = caught_from(MemoryError())
    assert isinstance(found, ChallengeFault) and found.fault.code == "judge_out_of_memory"
    assert found.fault.params == {"where": "bad.judge, all/0", "limit": "MemoryError"}


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full")]
    + [(n, "judge_failed") for n in (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EIO, errno.EROFS)],
)
def test_what_the_machine_lacks_is_the_platforms(number, code):
    found = caught_from(OSError(number, "no", "/some/file"))
    assert isinstance(found, PlatformFault) and found.fault.code == code
    assert found.fault.params["where"] == "/some/file" and "no" in found.fault.params["error"]
    assert caught_from(OSError(number, "no")).fault.params["where"] == "bad.judge, all/0"


@pytest.mark.parametrize(
    "error", [FileNotFoundError(2, "no", "/x"), OSError("plain"), ConnectionError(104, "reset")]
)
def test_other_errors_of_the_system_are_the_judges(error):
    found = caught_from(error)
    assert isinstance(found, ChallengeFault) and found.fault.code == "judge_raised"
    assert (
        found.fault.params["where"] == "bad.judge, all/0"
        and type(error).__name__ in found.fault.params["error"]
    )


def test_an_interrupt_is_the_persons_where_there_is_one(monkeypatch):
    assert isinstance(caught_from(KeyboardInterrupt()), KeyboardInterrupt)
    monkeypatch.setattr(attended, "inside", lambda: True)
    assert caught_from(KeyboardInterrupt()).fault.code == "judge_raised"


def test_faults_with_an_owner_pass():
    for error in (ChallengeError("a", "b", "c"), SubmissionFault("raised", error="x"), PlatformFault("lost")):
        assert caught_from(error) is error


def test_a_fault_that_cannot_be_kept_is_made_plain():
    cause = ValueError("why")
    odd = SubmissionFault(
        "wrong_format", where=np.int64(3), found=object(), expected="x" * 2000, more=np.float32(0.5)
    )
    odd.__cause__ = cause
    found = caught_from(odd)
    assert type(found) is SubmissionFault and found is not odd and found.__cause__ is cause
    params = found.fault.params
    assert (
        (params["where"], params["more"]) == (3, 0.5)
        and type(params["where"]) is int
        and type(params["more"]) is float
    )
    assert params["expected"] == "x" * 999 + "…" and params["found"].endswith("(object)")
    assert caught_from(SubmissionFault("raised", error=True)).fault.params["error"] == 1.0


def test_an_error_is_told_with_its_place_whatever_it_is():
    def deep():
        raise KeyError("gone")

    try:
        deep()
    except KeyError as error:
        assert told(error) == f"KeyError: 'gone' (test_boundary.py, line {deep.__code__.co_firstlineno + 1})"
    assert told(ValueError()) == "ValueError" and told(ValueError("why")) == "ValueError: why"
    assert told(Unshowable()) == "Unshowable: (an error that cannot be shown)"
    assert told(ValueError("x" * 500)) == "ValueError: " + "x" * 187 + "…"
    assert told(ValueError("\ud800")) == "ValueError: ?"


def test_a_judge_leaves_its_process_in_order():
    before = len, sys.getrecursionlimit(), sys.stdin, sys.stdout, sys.stderr, signal.getsignal(signal.SIGCHLD)
    with pytest.raises(ValueError, match="after all"), in_order():
        builtins.len = lambda thing: 7  # type: ignore[assignment]
        builtins.mine = 1  # type: ignore[attr-defined]
        sys.setrecursionlimit(before[1] - 100)
        sys.stdin = sys.stdout = sys.stderr = None  # type: ignore[assignment]
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        raise ValueError("after all")
    after = len, sys.getrecursionlimit(), sys.stdin, sys.stdout, sys.stderr, signal.getsignal(signal.SIGCHLD)
    assert after == before
    with in_order():
        sys.setrecursionlimit(before[1] + 100)
    assert sys.getrecursionlimit() == before[1] + 100, "who needs more keeps it"
    sys.setrecursionlimit(before[1])
    del builtins.mine


@pytest.mark.parametrize("value", ["x" * 201, ["x" * 300]])
def test_a_foreign_value_is_shown_in_part(value):
    _, found, _ = refused(score(metrics={"error": value}))
    assert len(found) == 200 and found.endswith("…")


def test_a_value_that_cannot_be_shown_is_named_by_its_kind():
    class Silent:
        def __repr__(self):
            raise SystemExit

    assert refused(score(metrics={"error": Silent()}))[1] == "a Silent"
    assert refused(score(metrics={"error": [1]}))[1] == "[1] (list)"
    assert refused(score(metrics={"error": "plain"}))[1] == "plain"
    assert isinstance(score(), CaseScore)


class Mine(str):
    """A class of a judge's own module."""


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"rule": lambda tide: tide}, "inputs[rule]"),
        ({"a": [1, {"b": (Mine("x"),)}]}, "inputs[a][1][b][0]"),
        ({Mine("x"): 1}, "inputs, a key"),
        ({"grid": np.array([object()])}, "inputs[grid]"),
        (Mine("x"), "inputs"),
    ],
)
def test_cases_hold_data_that_travels_without_their_judge(inputs, field):
    with pytest.raises(ChallengeFault) as caught:
        checked_cases("bad.judge", [CASE, Case("all/1", "all", 0, inputs, CASE.digest)])
    params = caught.value.fault.params
    assert (params["case"], params["field"]) == ("all/1", field) and params["expected"].startswith(
        "plain data"
    )


def test_data_of_every_plain_kind_travels():
    inputs = {
        "n": [None, True, 1, 0.5, 1j, "x", b"y", np.float64(1), np.arange(3), np.array(["a"])],
        ("a", 1): {Path("x"), PurePosixPath("y"), frozenset({1})},
        "t": (date(2026, 1, 1), datetime(2026, 1, 1), timedelta(1), np.datetime64("2026-01-01")),
    }
    (found,) = checked_cases("bad.judge", [Case("all/1", "all", 0, inputs, CASE.digest)])
    assert found.inputs is inputs
    deep: list = []
    for _ in range(99):
        deep = [deep]
    assert checked_cases("bad.judge", [Case("all/1", "all", 0, {"d": deep}, CASE.digest)])
    with pytest.raises(ChallengeFault, match="100 deep"):
        checked_cases("bad.judge", [Case("all/1", "all", 0, {"d": [deep]}, CASE.digest)])


def test_a_case_of_a_judges_own_class_is_made_plain():
    class Own(Case, frozen=True):
        pass

    (found,) = checked_cases("bad.judge", [Own("all/1", Mine("all"), 0, {}, CASE.digest)])
    assert type(found) is Case and type(found.group) is str


@pytest.mark.parametrize(
    ("series", "field", "found", "expected"),
    [
        ({"curve": {1, 2}}, "series[curve]", "{1, 2} (set)", "plain data that survives JSON: finite numbers, text, lists, dicts"),
        ({"curve": {1: 2}}, "series[curve], key 1", "1", "keys that are text"),
        ({"curve": [float("inf")]}, "series[curve][0]", "inf", "plain data that survives JSON: finite numbers, text, lists, dicts"),
    ],
)  # fmt: skip
def test_of_series_what_was_found_is_shown(series, field, found, expected):
    assert refused(score(series=series)) == (field, found, expected)


# ------------------------------------------------------------------- faults, complaints and declarations of its own kind


class Hungry(SubmissionFault):
    def __init__(self, place):
        super().__init__("wrong_format", where=place, found=np.float64(3), expected="four")


class Emptied(SubmissionFault):
    def __init__(self):
        super().__init__("wrong_format")
        self.fault = None


def test_a_fault_of_a_judges_own_kind_is_the_fault_it_stands_for():
    found = caught_from(Hungry("here"))
    assert type(found) is SubmissionFault and found.fault.code == "wrong_format"
    assert found.fault.params == {"where": "here", "found": 3.0, "expected": "four"}
    array = caught_from(SubmissionFault("wrong_format", where="x", found=np.arange(3), expected="a number"))
    assert type(array) is SubmissionFault and array.fault.params["found"].startswith("array([0, 1, 2])")
    for odd, shown in ((10**30, "1" + "0" * 30), (float("nan"), "nan")):
        assert caught_from(SubmissionFault("wrong_format", found=odd)).fault.params["found"] == shown


@pytest.mark.parametrize(
    "error", [Emptied(), SubmissionFault("my_own_code"), PlatformFault("\udcff"), RunFault("raised")]
)
def test_a_fault_that_nobody_has_words_for_is_the_challenges(error):
    found = caught_from(error)
    assert isinstance(found, ChallengeFault) and found.fault.code == "judge_raised"
    assert found.fault.params["where"] == "bad.judge, all/0" and found.fault.params["error"]
    found.fault.reason().encode()


class Only(ChallengeError):
    def __init__(self, only):
        super().__init__("there", only, "else")


class Wordless(ChallengeError):
    def __init__(self):
        pass


def test_a_complaint_about_a_challenge_is_text_whatever_its_author_put_there():
    found = caught_from(ChallengeError(Path("/x"), 3, None))
    assert type(found) is ChallengeError and (found.where, found.found, found.expected) == ("/x", "3", "None")
    assert caught_from(ChallengeError("data/\udcff", "x" * 2000, "y")).where == "data/?"
    assert type(caught_from(Only("one"))) is ChallengeError and caught_from(Only("one")).found == "one"
    missing = JudgeMissing("judge", "none", "one")
    assert caught_from(missing) is missing
    assert caught_from(Wordless()).fault.code == "judge_raised"


class Declaring:
    name = "bad.judge"

    def __init__(self, metrics=None, version=1):
        self.metrics, self.version = metrics, version


@pytest.mark.parametrize(
    "metric",
    [
        Text(1, 2, 3),
        Text("a\udcff", "b", "c"),
        Text("a" * 501, "b", "c"),
        Measure("error", "lower"),
        Measure(NAME, "lowest"),
        Measure(NAME, low=np.array(1.0)),
    ],
)
def test_what_a_metric_is_called_and_where_it_lies_is_checked(metric):
    with pytest.raises(ChallengeFault) as caught:
        declared_metrics(Declaring({"error": NAME, "odd": metric}))
    assert caught.value.fault.params["field"] == "metrics[odd]"


def test_declarations_are_made_plain():
    (plain,) = declared_metrics(
        Declaring({"error": Measure(NAME, "lower", np.float32(0), np.int64(9))})
    ).values()
    assert plain == Measure(NAME, "lower", 0.0, 9.0) and type(plain.low) is type(plain.high) is float
    assert declared_version(Declaring(version=np.int64(3))) == 3
    many = {f"m{number}": NAME for number in range(101)}
    with pytest.raises(ChallengeFault, match="at most 100"):
        declared_metrics(Declaring(many))
    many.popitem()
    assert len(declared_metrics(Declaring(many))) == 100


@pytest.mark.parametrize("version", ["1", True, None, 1.0, np.array([1, 1]), 2**53 + 1])
def test_a_version_is_a_whole_number(version):
    with pytest.raises(ChallengeFault) as caught:
        declared_version(Declaring(version=version))
    assert caught.value.fault.params["field"] == "version"


def test_whole_numbers_are_those_that_every_reader_keeps():
    assert taken(score(rows=2**53)).rows == 2**53
    assert refused(score(rows=2**53 + 1))[0] == "rows"
    far = [make_case("all/0", "all", seed, {}) for seed in (-(2**53), -(2**53) - 1)]
    assert checked_cases("bad.judge", far[:1])[0].seed == -(2**53)
    with pytest.raises(ChallengeFault, match="2\\*\\*53"):
        checked_cases("bad.judge", far[1:])


def test_options_hold_data_that_travels_without_their_judge():
    with pytest.raises(ChallengeFault, match="plain data"):
        checked_options("bad.judge", {"tier": Tier("camera")})


class Tier(str):
    pass


@pytest.mark.parametrize(
    ("title", "group"), [(Text("a\udcff", "b", "c"), ""), (Text("a", "b" * 501, "c"), ""), (NAME, "g\udcff")]
)
def test_titles_of_pictures_are_text_that_a_page_can_take(title, group):
    with pytest.raises(ChallengeFault, match="picture 1, title"):
        checked_pictures("bad.judge", [Picture(title, SVG, group)])
