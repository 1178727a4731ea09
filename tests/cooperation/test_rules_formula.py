"""Formulas are exact, refuse what they cannot read, and decide with what is known."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.cooperation.rules.expression import FormulaError, Steps, read_formula

KINDS = {"a": "number", "b": "number", "yes_a": "flag", "yes_b": "flag", "day": "date", "who": "word"}


def compute(text, tables=None, **facts):
    return read_formula(text, KINDS, tables).compute(facts)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_division_is_exact(a, b):
    assert compute("a / b * b", a=a, b=b) == a


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_truncate_goes_towards_zero_and_loses_less_than_one_unit(a, b):
    cut, whole = compute("truncate(a / b, 4)", a=a, b=b), Fraction(a, b)
    assert abs(cut) <= abs(whole)
    assert abs(whole - cut) < Fraction(1, 10_000)
    assert (cut * 10_000).denominator == 1


def test_binary_floats_have_no_place_in_it():
    assert compute("10% + 20%") == Fraction(3, 10)
    assert compute("0.1 + 0.2") == Fraction(3, 10)
    assert compute("a >= 100_000_000_000", a=100_000_000_000) is True


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 * 3", -6),
        ("10 - 2 - 3", 5),
        ("if(1 < 2, 'x', 'y')", "x"),
        ("days(2025-03-01, 2025-12-31)", 305),
        ("later(2025-01-01, 2025-03-01)", date(2025, 3, 1)),
        ("floor(-1 / 2)", -1),
        ("max(1, 3, 2)", 3),
        ("not 1 = 1 or 2 = 2", True),
        ("'b' in {'a', 'b'}", True),
    ],
)
def test_grammar(text, value):
    assert compute(text) == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a +", "ends where a value"),
        ("a + yes_a", "a number was expected"),
        ("a < day", "is compared with"),
        ("unknown", "is no fact"),
        ("sqrt(a)", "no function or table"),
        ("2025-02-30 < day", "is no date"),
        ("a; b", "begins nothing"),
        ("who < 'x'", "has no order"),
        ("if(a, 1, 2)", "takes a condition"),
        ("a b", "after the end"),
        ("truncate(a, b)", "literal number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text, problem):
    with pytest.raises(FormulaError, match=problem) as caught:
        read_formula(text, KINDS)
    assert "^" in str(caught.value)


def test_a_flag_is_decided_without_the_fact_it_does_not_need():
    assert compute("yes_a or yes_b", yes_b=True) is True
    assert compute("yes_a and yes_b", yes_b=False) is False
    with pytest.raises(KeyError, match="yes_a"):
        compute("yes_a or yes_b", yes_b=False)


def test_steps_include_their_lower_bound():
    table = {"years": Steps((100, 500), (10, 15), 0)}
    assert [compute("years(a)", table, a=a) for a in (99, 100, 499, 500)] == [0, 10, 10, 15]
