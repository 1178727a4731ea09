"""Asking one compiled rule one question, fast.

This is the inner loop of everything that asks about many companies at once: no records are built, the answer is a
tuple. `lumbung.cooperation.rules.answer` wraps it into what a person reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from lumbung.cooperation.rules.expression import Facts, Value
from lumbung.cooperation.rules.rule import Result, Rule, Verdict

Decide = Callable[[Facts], Verdict]


class InexactAmount(ValueError):
    """A result has no finite decimal expansion and the rule states no rounding: the rule's author must say which."""

    def __init__(self, rule: str, result: str, value: Fraction) -> None:
        super().__init__(
            f"rule {rule}, result {result}: {value} cannot be written exactly; add `round: {{to: 0.01, how: down}}`"
        )


def compile_rule(rule: Rule) -> Decide:
    """Return the function that answers for `rule`, whatever the day.

    The function gives ``Verdict(True, results, None)``, ``Verdict(False, (), None)`` or, when a fact that decides is
    absent, ``Verdict(None, (), name)``. A condition that fails outweighs a fact that is missing: who is certainly
    not entitled is told so at once.
    """
    conditions = tuple(condition.formula.compute for condition in rule.conditions)
    lets = tuple((name, formula.compute) for name, formula in rule.lets)
    results = tuple(_rounded(rule, result) for result in rule.results)
    refused = Verdict(False, (), None)

    def decide(facts: Facts) -> Verdict:
        missing = None
        known: Facts = facts
        if lets:
            known, missing = _with_lets(facts, lets)
        for condition in conditions:
            try:
                if not condition(known):
                    return refused
            except KeyError as absent:
                missing = missing or absent.args[0]
        if missing is not None:
            return Verdict(None, (), missing)
        try:
            return Verdict(True, tuple([result(known) for result in results]), None)
        except KeyError as absent:
            return Verdict(None, (), absent.args[0])

    return decide


def _with_lets(
    facts: Facts, lets: tuple[tuple[str, Callable[[Facts], Value]], ...]
) -> tuple[Mapping[str, Value], str | None]:
    known = dict(facts)
    missing = None
    for name, compute in lets:
        try:
            known[name] = compute(known)
        except KeyError as absent:
            missing = missing or absent.args[0]
    return known, missing


def _rounded(rule: Rule, result: Result) -> Callable[[Facts], Value]:
    compute = result.formula.compute
    if result.round_to is None:
        return compute
    unit = Fraction(result.round_to)
    half = Fraction(1, 2) if result.rounding == "half-up" else 0

    def rounded(facts: Facts) -> Value:
        value = compute(facts)
        if isinstance(value, int) and unit.numerator == 1:
            return value  # a whole number is a multiple of 1, 0.1, 0.01, …
        return int(value / unit + half) * unit

    return rounded


def shown_value(rule: Rule, result: Result, value: Value) -> Decimal | str:
    """Return a result as it is shown: words as they are, numbers as exact decimals; see `exact_decimal`."""
    if isinstance(value, str):
        return value
    assert isinstance(value, int | Fraction)  # the reader of the book admits numbers and words only
    return exact_decimal(rule, result, value)


def exact_decimal(rule: Rule, result: Result, value: int | Fraction) -> Decimal:
    """Write an exact result as a decimal with the digits of the rule's rounding unit.

    Raises
    ------
    InexactAmount
        When the value has no finite decimal expansion.
    """
    fraction = Fraction(value)
    places = _places(fraction.denominator)
    if places is None:
        raise InexactAmount(rule.id, result.id, fraction)
    digits = Decimal(fraction.numerator * 10**places // fraction.denominator).scaleb(-places)
    return digits if result.round_to is None else _with_unit(digits, result)


def _places(denominator: int) -> int | None:
    """Return how many decimals 1/denominator needs, or None when no number of them suffices."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def _with_unit(digits: Decimal, result: Result) -> Decimal:
    mode = ROUND_DOWN if result.rounding == "down" else ROUND_HALF_UP
    unit = result.round_to
    assert unit is not None
    exponent = int(unit.as_tuple().exponent)
    return digits if exponent > 0 else digits.quantize(Decimal(1).scaleb(exponent), rounding=mode)
