"""What changed between two days, in the rules and, for someone's facts, in the amounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from lumbung.cooperation.rules.answer import Answer, ask
from lumbung.cooperation.rules.rule import Rule
from lumbung.cooperation.rules.rulebook import Rulebook

Turn = Literal["began", "ended", "replaced", "unconfirmed", "answer-changed"]


class DaysReversed(ValueError):
    """Two days to compare were given in the wrong order."""


class Change(msgspec.Struct, frozen=True):
    """One change between two days: which rule, how, and for given facts the answers on both."""

    turn: Turn
    day: date
    rule: Rule
    successor: Rule | None = None
    before: Answer | None = None
    after: Answer | None = None


def changes_between(
    book: Rulebook,
    earlier: date,
    later: date,
    facts: Mapping[str, object] | None = None,
    place: str | None = None,
) -> tuple[Change, ...]:
    """Compare two days.

    Parameters
    ----------
    book
        The rules.
    earlier, later
        The days, in order.
    facts
        When given, answers are compared too.
    place
        Jurisdiction, as in `ask`.

    Returns
    -------
    tuple of Change
        By day. A superseded rule whose successor is in force on the later day is *replaced*; a rule confirmed only
        up to a day, with an unconfirmed entry for the time after, turns *unconfirmed*.

    Raises
    ------
    DaysReversed
        When `later` is before `earlier`.
    """
    if later < earlier:
        raise DaysReversed(f"the later day {later} is before the earlier day {earlier}; swap them")
    before = {each.rule.id: each for each in ask(book, facts or {}, earlier, place)}
    after = {each.rule.id: each for each in ask(book, facts or {}, later, place)}
    changes = []
    successors = set()
    for name, old in before.items():
        if name in after:
            if facts and _shown(old) != _shown(after[name]):
                changes.append(Change("answer-changed", later, old.rule, before=old, after=after[name]))
            continue
        assert old.rule.valid.last is not None
        day = date.fromordinal(old.rule.valid.last.toordinal() + 1)
        new = after.get(old.rule.followed_by or "")
        successors |= {new.rule.id} if new else set()
        changes.append(Change(_turn(old.rule, new), day, old.rule, new.rule if new else None, old, new))
    for name, new in after.items():
        if name not in before and name not in successors:
            changes.append(Change("began", new.rule.valid.first, new.rule, after=new))
    return tuple(sorted(changes, key=lambda change: (change.day, change.rule.id)))


def _turn(old: Rule, new: Answer | None) -> Turn:
    if new is None:
        return "ended"
    return "replaced" if old.status == "superseded" else "unconfirmed"


def _shown(each: Answer) -> tuple[object, ...]:
    return each.state, tuple((granted.result.id, granted.value) for granted in each.granted), each.window
