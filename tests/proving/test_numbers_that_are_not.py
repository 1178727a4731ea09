"""Numbers that are not, and messages that blow up: each ends with its owner, in constant time and memory."""

from __future__ import annotations

import math
import tracemalloc

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.proving.boundary import checked_score
from lumbung.proving.case import make_case, score_case
from lumbung.proving.challenge import ChallengeError, Ranking
from lumbung.proving.faults import ChallengeFault, SubmissionFault
from lumbung.proving.tables import METRICS, PredictionsJudge, measure_columns
from lumbung.sandbox.faults import BoxFault
from lumbung.sandbox.wire import ARRAY_EXT, decode_frame, encode_frame

KEYS = list("abcdef")
NUMBERS = [name for name, (_, kind, _) in METRICS.items() if kind == "number"]
odd = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([1e200, -1e308, 5e-324, 0.0])


@settings(max_examples=60, deadline=None)
@given(st.lists(odd, min_size=3, max_size=6), st.sampled_from(NUMBERS))
def test_any_prediction_gives_a_number_or_a_verdict(predicted, metric):
    target = [float(i) for i in range(len(predicted))]
    try:
        figures = measure_columns(target, predicted, [metric], KEYS)
    except SubmissionFault as fault:
        assert fault.fault.code == "wrong_format" and metric in fault.fault.reason("en")
    else:
        assert abs(figures[metric]) <= 1e100


def test_a_prediction_of_1e200_is_the_teams_and_says_so():
    with pytest.raises(SubmissionFault, match=r"rmse.*1e\+200"):
        measure_columns([1.0, 2.0], [1e200, 2.0], ["rmse"], KEYS)


@pytest.mark.parametrize("metric", ["roc_auc", "average_precision", "r2"])
def test_a_block_of_one_value_is_found_before_anybody_is_judged(tmp_path, metric):
    (tmp_path / "truth.csv").write_text("id,target\n" + "".join(f"{i},1\n" for i in range(6)))
    judge = PredictionsJudge()
    record = msgspec.structs.replace(_record(), options={"metrics": [metric], "blocks": 2})
    with pytest.raises(ChallengeError, match=f"all/00.*at least two values in every block for {metric}"):
        judge.cases(record, tmp_path)


def _record():
    from lumbung.proving.catalogue import find_challenge

    return find_challenge("rice-window").challenge


@pytest.mark.parametrize("perfect", [0.0, -1.0])
def test_a_perfect_answer_under_a_geometric_ranking_is_the_challenges(perfect):
    case = make_case("all/00", "all", 0, {})
    score = score_case(case, {"loss": perfect}, "engine 1")
    metrics = {"loss": METRICS["r2"][2].text}
    assert checked_score("toy.judge", case, metrics, Ranking("loss", "lower"), score).metrics == {
        "loss": perfect
    }
    with pytest.raises(ChallengeFault, match="geometric") as raised:
        checked_score("toy.judge", case, metrics, Ranking("loss", "lower", "geometric"), score)
    assert raised.value.fault.code == "judge_result" and "arithmetic" in raised.value.fault.reason("en")


@pytest.mark.parametrize("figure", [math.inf, math.nan, 1e101])
def test_a_judge_that_returns_no_number_is_the_challenges(figure):
    case = make_case("all/00", "all", 0, {})
    metrics = {"loss": METRICS["r2"][2].text}
    with pytest.raises(ChallengeFault, match="a finite number"):
        checked_score(
            "toy.judge",
            case,
            metrics,
            Ranking("loss", "lower"),
            score_case(case, {"loss": figure}, "engine 1"),
        )


def array_message(dtype: str, shape: tuple[int, ...], body: bytes = b"") -> bytes:
    packed = msgspec.msgpack.encode((dtype, shape, body))
    return msgspec.msgpack.encode((1, "ok", msgspec.msgpack.Ext(ARRAY_EXT, packed)))


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [
        ("<U0", (2_000_000_000,)),
        ("|S0", (2**40,)),
        ("<f8", (60_000_000, 0)),
        ("<f8", (3, 0, 2**62)),
        ("<i4", (0, 2**31)),
    ],
)
def test_a_message_of_a_few_bytes_takes_no_memory(dtype, shape):
    message = array_message(dtype, shape)
    tracemalloc.start()
    with pytest.raises(BoxFault) as raised:
        decode_frame(message)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert raised.value.code == "malformed_message" and len(message) < 60 and peak < 100_000


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["<U0", "|S0", "<f8", "<U9", "|b1", "<c16", "<M8[ns]"]),
    st.lists(st.integers(0, 2**63 - 1) | st.integers(0, 3), max_size=5),
    st.binary(max_size=64),
)
def test_no_array_grows_beyond_what_was_sent(dtype, shape, body):
    try:
        _, _, found = decode_frame(array_message(dtype, tuple(shape), body))
    except BoxFault as fault:
        assert fault.code == "malformed_message"
    else:
        assert found.nbytes <= len(body) and len(str(found.tolist())) < 20_000


@pytest.mark.parametrize(
    "array", [np.empty((0,)), np.empty((0, 5)), np.empty((5, 0)), np.array([""]), np.array(["a"])]
)
def test_what_honest_solutions_send_travels(array):
    if array.dtype.itemsize:
        assert decode_frame(encode_frame((1, "ok", array)))[2].shape == array.shape
