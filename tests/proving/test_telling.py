"""What a private result tells, counted by hand: steps, places on them, bits, and when a score improves."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.evidence import FaultMark
from lumbung.proving.faults import REASONS, Owner
from lumbung.proving.steps import (
    class_of,
    code_length,
    deviation_in,
    place_on,
    round_to,
    step_of,
    to_step,
)
from lumbung.proving.telling import CODE_BITS, USED_BITS, Scored, figure_bits, improves, scored, told_bits
from making_evidence import evidence_of

LOWER, HIGHER = Ranking("delay", "lower"), Ranking("delay", "higher")
GEOMETRIC = Ranking("delay", "lower", "geometric")
CASES = "sha256:" + "0" * 64
FIVE = [1.0, 1.1, 1.2, 1.1, 1.0]
PLAIN = math.log2(
    1 + 2 * 9000 * 633
)  # a figure of four digits: two signs, 9000 mantissas, 633 exponents, and zero


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        (1234.5678, 3, 1230.0),
        (-0.0012345, 2, -0.0012),
        (0.1 + 0.2, 17, 0.1 + 0.2),
        (9.99, 2, 10.0),
        (0.0, 4, 0.0),
    ],
)
def test_a_figure_has_so_many_significant_digits(value, digits, rounded):
    assert round_to(value, digits) == rounded


@pytest.mark.parametrize(
    ("deviation", "place", "stands_for"),
    [
        (1.0, 0, 1.0), (1.1, 1, math.sqrt(2)), (math.sqrt(2), 1, math.sqrt(2)), (2.0, 2, 2.0),
        (2.1, 3, 2 * math.sqrt(2)), (0.6, -1, math.sqrt(0.5)), (0.5, -2, 0.5), (0.0, None, 0.0), (-1.0, None, 0.0),
    ],
)  # fmt: skip
def test_a_deviation_is_told_as_the_next_power_of_the_root_of_two(deviation, place, stands_for):
    assert class_of(deviation) == place and deviation_in(place) == pytest.approx(stands_for, rel=1e-15)


def test_a_step_is_the_standard_error_of_the_class():
    assert step_of(2.0, 4) == 1.0 and step_of(1.1, 4) == math.sqrt(2) / 2 and step_of(0.0, 4) == 0.0


def test_a_place_is_the_nearest_on_the_grid_and_there_is_none_finer_than_a_double():
    assert (place_on(3.4, 1.0), place_on(-3.6, 1.0), place_on(3.4, 0.5)) == (3, -4, 7)
    assert place_on(1.0, 2.0**-52) is None and place_on(1.0, 2.0**-51) == 2**51
    assert place_on(0.0, 0.0) is None and place_on(0.0, 1e-300) == 0
    assert (
        to_step(3.4, 1.0, 4) == 3.0 and to_step(3.4567, 0.0, 3) == 3.46 and to_step(1234.0, 5.0, 2) == 1200.0
    )


@pytest.mark.parametrize(
    ("place", "bits"), [(0, 1), (1, 4), (-1, 4), (2, 4), (3, 6), (-6, 6), (7, 8), (1023, 22)]
)
def test_a_place_takes_as_many_bits_as_eliass_gamma_code_with_a_sign(place, bits):
    assert code_length(place) == bits


def test_what_a_figure_a_code_and_the_use_of_the_machine_take():
    assert figure_bits(4) == PLAIN and figure_bits(17) == figure_bits(18) == 64.0
    assert figure_bits(16) == math.log2(1 + 2 * 9 * 10**15 * 633)
    assert math.log2(len(REASONS)) == CODE_BITS and USED_BITS == 15.0


# ---------------------------------------------------------------------------------------------------- bits


def test_a_mean_in_steps_takes_its_deviations_class_its_place_and_which_way_it_is_written():
    piece = evidence_of({"all": FIVE}, egress=Egress())
    deviation = float(np.std(FIVE, ddof=1))  # 0.0837, told as 2^-3.5 = 0.0884: place -7, 8 bits
    assert class_of(deviation) == -7 and code_length(-7) == 8
    place = round(1.08 / (2**-3.5 / math.sqrt(5)))  # 27, 2 * 4 + 2 = 10 bits
    assert code_length(place) == 10
    assert told_bits(piece, Egress(), LOWER) == USED_BITS + 2 + 8 + 10


def test_a_mean_far_out_on_its_grid_is_written_out_where_that_is_shorter():
    piece = evidence_of({"all": [1e9, 1e9 + 1.0, 1e9, 1e9, 1e9]}, egress=Egress())
    (told,) = piece.aggregates
    place = class_of(told.deviation["delay"])
    assert told_bits(piece, Egress(), LOWER) == USED_BITS + 2 + code_length(place) + PLAIN


def test_a_mean_without_deviation_is_written_out():
    piece = evidence_of({"all": [3.0] * 5}, egress=Egress())
    assert told_bits(piece, Egress(), LOWER) == USED_BITS + 1 + PLAIN


def test_a_mean_finer_than_a_double_is_written_out():
    (told,) = evidence_of({"all": FIVE}, egress=Egress()).aggregates
    fine = msgspec.structs.replace(told, mean={"delay": 1e9}, deviation={"delay": 2.0**-30})
    piece = evidence_of({"all": FIVE}, egress=Egress(), aggregates=(fine,))
    assert told_bits(piece, Egress(), LOWER) == USED_BITS + 2 + code_length(-60) + PLAIN


def test_of_geometric_means_the_logarithms_are_what_is_told():
    piece = evidence_of({"all": FIVE}, egress=Egress(), mean="geometric")
    (told,) = piece.aggregates
    spread = told.log_deviation["delay"]
    place = round(told.log_mean["delay"] / (spread / math.sqrt(5)))
    bits = code_length(class_of(spread)) + code_length(place)
    assert told_bits(piece, Egress(), GEOMETRIC) == USED_BITS + 2 + bits


def test_every_group_and_every_figure_is_counted():
    every, per_case = Egress(reveal="every"), Egress("per-case")
    two = {"a": FIVE, "b": [2 * one for one in FIVE]}
    assert told_bits(evidence_of(two, egress=every), every, LOWER) == USED_BITS + 8 * PLAIN
    assert told_bits(evidence_of(two, egress=per_case), per_case, LOWER) == USED_BITS + 10 * PLAIN
    once = told_bits(evidence_of({"a": FIVE}, egress=Egress()), Egress(), LOWER) - USED_BITS
    same = {"a": FIVE, "b": FIVE}
    assert told_bits(evidence_of(same, egress=Egress()), Egress(), LOWER) == USED_BITS + 2 * once


@pytest.mark.parametrize(
    "changes",
    [{"fault": FaultMark(Owner.SUBMISSION, "raised"), "finished_count": 2}, {"finished_count": 2}],
)
def test_where_a_run_ended_and_how_is_told_too(changes):
    bare = evidence_of({"all": FIVE}, egress=Egress(), aggregates=(), **changes)
    assert told_bits(bare, Egress(), LOWER) == pytest.approx(USED_BITS + CODE_BITS + math.log2(6))


# --------------------------------------------------------------------------------------------------- scores


def test_a_score_over_single_cases_has_their_standard_error():
    piece = evidence_of({"all": FIVE}, egress=Egress("per-case"))
    found = scored(piece, LOWER)
    assert found == Scored(
        pytest.approx(1.08), pytest.approx(np.std(FIVE, ddof=1) / math.sqrt(5)), piece.cases_digest
    )
    logs = scored(evidence_of({"all": FIVE}, egress=Egress("per-case"), mean="geometric"), GEOMETRIC)
    assert logs.score == pytest.approx(np.log(FIVE).mean(), abs=1e-3)
    assert logs.error == pytest.approx(np.log(FIVE).std(ddof=1) / math.sqrt(5), rel=1e-2)


def test_groups_of_one_case_are_the_cases_of_one_group():
    piece = evidence_of({f"g{i}": [value] for i, value in enumerate(FIVE)}, egress=Egress("per-case"))
    assert scored(piece, LOWER).error == pytest.approx(np.std(FIVE, ddof=1) / math.sqrt(5))


def test_a_group_of_one_case_beside_larger_ones_has_no_error_of_its_own():
    piece = evidence_of({"a": FIVE, "b": [3.0]}, egress=Egress("per-case"))
    found = scored(piece, LOWER)
    assert found.score == pytest.approx((1.08 + 3.0) / 2)
    assert found.error == pytest.approx(np.std(FIVE, ddof=1) / math.sqrt(5) / 2)


def test_a_score_over_groups_joins_their_errors():
    piece = evidence_of({"a": [2 * one for one in FIVE], "b": FIVE}, egress=Egress())
    each = [told.deviation["delay"] / math.sqrt(5) for told in piece.aggregates]
    assert scored(piece, LOWER).error == pytest.approx(math.hypot(*each) / 2)
    whole = evidence_of({"a": FIVE}, egress=Egress(), mean="geometric")
    (told,) = whole.aggregates
    found = scored(whole, GEOMETRIC)
    assert found.score == told.log_mean["delay"]
    assert found.error == told.log_deviation["delay"] / math.sqrt(5)


def test_what_is_not_complete_has_no_score():
    assert scored(evidence_of({"a": FIVE}, egress=Egress(), case_count=6), LOWER) is None
    assert scored(evidence_of({}, egress=Egress()), LOWER) is None, "of no cases there is none"


@pytest.mark.parametrize(
    ("new", "best", "ranking", "better"),
    [
        ((0.9, 0.1), (1.0, 0.1), LOWER, True),
        ((0.91, 0.1), (1.0, 0.01), LOWER, False),
        ((0.91, 0.01), (1.0, 0.1), LOWER, False),
        ((1.1, 0.1), (1.0, 0.1), LOWER, False),
        ((1.1, 0.1), (1.0, 0.1), HIGHER, True),
        ((0.9, 0.1), (1.0, 0.1), HIGHER, False),
        ((1.0, 0.0), (1.0, 0.0), LOWER, False),
        ((1.0 - 1e-12, 0.0), (1.0, 0.0), LOWER, True),
        ((1.2, 0.1), (1.0, 0.1), HIGHER, True),
    ],
)
def test_a_score_improves_by_at_least_the_error_of_each(new, best, ranking, better):
    assert improves(Scored(*new, CASES), Scored(*best, CASES), ranking) is better
