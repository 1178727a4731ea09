"""What am I entitled to on a day: the full answer, with its reasons.

Every rule in force answers with one of four states. *entitled*: all conditions hold, with exact amounts. *refused*:
some condition fails, and which. *open*: nothing fails yet but facts are missing, and which. *unconfirmed*: the rule
is shown and computes nothing. Nothing is dropped silently: whoever reads an answer sees every rule of the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from lumbung.cooperation.rules.decision import shown_value
from lumbung.cooperation.rules.expression import Facts, Formula, Value
from lumbung.cooperation.rules.rule import Condition, Result, Rule, Sort
from lumbung.cooperation.rules.rulebook import Rulebook

State = Literal["entitled", "refused", "open", "unconfirmed"]
Window = Literal["none", "not-yet", "open", "closed"]


class Granted(msgspec.Struct, frozen=True):
    """One amount (or word) a rule grants, exact."""

    result: Result
    value: Decimal | str


class Answer(msgspec.Struct, frozen=True):
    """The answer of one rule on one day.

    Examples
    --------
    >>> from datetime import date
    >>> from lumbung import cooperation
    >>> facts = {"in_kek": True, "kek_main_activity": True, "kek_allowance_taken": False, "investment": 500 * 10**9}
    >>> answers = cooperation.ask(cooperation.shipped_book(), facts, date(2026, 11, 24), place="ID")
    >>> answers[0].rule.id, answers[0].state
    ('id-kek-holiday', 'entitled')
    >>> [(granted.result.label.en, granted.value, granted.result.unit) for granted in answers[0].granted]
    [('years with 100% off corporate income tax', Decimal('15'), 'years'), ('years after that with 50% off', Decimal('2'), 'years')]
    """

    rule: Rule
    on: date
    state: State
    granted: tuple[Granted, ...] = ()
    met: tuple[Condition, ...] = ()
    unmet: tuple[Condition, ...] = ()
    undecided: tuple[Condition, ...] = ()
    missing: tuple[str, ...] = ()
    window: Window = "none"


def ask(
    book: Rulebook,
    facts: Mapping[str, object],
    on: date,
    place: str | None = None,
    sort: Sort | None = None,
) -> tuple[Answer, ...]:
    """Answer for every rule in force.

    Parameters
    ----------
    book
        The rules.
    facts
        What is known; see `Rulebook.checked_facts` for the forms values may take. Absent ones may stay absent.
    on
        The day asked about. It is passed in: no rule reads a clock.
    place
        Jurisdiction such as ``ID`` or ``CN-GX-NNG``; rules of the places above it count too. None asks them all.
    sort
        Only incentives, or only data rules.

    Returns
    -------
    tuple of Answer
        In the order of the book: entitled first, then open, refused, unconfirmed.

    Raises
    ------
    BadFact
        When a fact is unknown to the book or of the wrong kind.

    Examples
    --------
    >>> from datetime import date
    >>> from lumbung import cooperation
    >>> answers = cooperation.ask(cooperation.shipped_book(), {"in_kek": True}, date(2026, 11, 24), place="ID")
    >>> (holiday,) = [answer for answer in answers if answer.rule.id == "id-kek-holiday"]
    >>> holiday.state, holiday.missing
    ('open', ('investment', 'kek_main_activity', 'kek_allowance_taken'))
    """
    known = book.checked_facts(facts)
    rules = [rule for rule in book.in_force(on, place) if sort is None or rule.sort == sort]
    answers = [answer(rule, book, known, on) for rule in rules]
    order = ("entitled", "open", "refused", "unconfirmed")
    return tuple(sorted(answers, key=lambda each: order.index(each.state)))


def answer(rule: Rule, book: Rulebook, known: Facts, on: date) -> Answer:
    """Answer for one rule that is in force on the day; `known` has been checked."""
    window = _window(rule, on)
    if not rule.computes:
        return Answer(rule, on, "unconfirmed", window=window)
    met: list[Condition] = []
    unmet: list[Condition] = []
    undecided: list[Condition] = []
    lacking: set[str] = set()
    state = _with_lets(rule, known)
    for condition in rule.conditions:
        holds = _holds(condition.formula, state)
        if holds is None:
            undecided.append(condition)
            lacking |= _lacking(rule, condition.formula, known)
        else:
            (met if holds else unmet).append(condition)
    parts = {"met": tuple(met), "unmet": tuple(unmet), "undecided": tuple(undecided), "window": window}
    if unmet:
        return Answer(rule, on, "refused", **parts)  # type: ignore[arg-type]
    verdict = book.decider(rule.id)(known)
    if verdict.entitled:
        return Answer(rule, on, "entitled", granted=_granted(rule, verdict.results), **parts)  # type: ignore[arg-type]
    for result in rule.results:
        if _value(result.formula, state) is None:
            lacking |= _lacking(rule, result.formula, known)
    ordered = tuple(name for name in book.facts if name in lacking)
    return Answer(rule, on, "open", missing=ordered, **parts)  # type: ignore[arg-type]


def _window(rule: Rule, on: date) -> Window:
    if rule.applies is None:
        return "none"
    if on < rule.applies.first:
        return "not-yet"
    return "open" if rule.applies.holds(on) else "closed"


def _granted(rule: Rule, values: tuple[Value, ...]) -> tuple[Granted, ...]:
    return tuple(
        Granted(result, shown_value(rule, result, value))
        for result, value in zip(rule.results, values, strict=True)
    )


def _with_lets(rule: Rule, known: Facts) -> dict[str, Value]:
    state = dict(known)
    for name, formula in rule.lets:
        value = _value(formula, state)
        if value is not None:
            state[name] = value
    return state


def _value(formula: Formula, state: Facts) -> Value | None:
    try:
        value: Value = formula.compute(state)
    except KeyError:
        return None
    return value


def _holds(formula: Formula, state: Facts) -> bool | None:
    value = _value(formula, state)
    return None if value is None else bool(value)


def _lacking(rule: Rule, formula: Formula, known: Facts) -> set[str]:
    lets = dict(rule.lets)
    lacking: set[str] = set()
    for name in formula.names:
        if name in lets:
            lacking |= _lacking(rule, lets[name], known)
        elif name not in known:
            lacking.add(name)
    return lacking
