"""The incentive finder as a short questionnaire: ask only what can still change an answer.

Each question is the fact that most undecided rules are waiting for; once a rule is refused, nothing more is asked on
its behalf. With no more questions, every rule has answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from lumbung.cooperation.rules.answer import ask
from lumbung.cooperation.rules.rule import Fact, Sort
from lumbung.cooperation.rules.rulebook import Rulebook


def next_question(
    book: Rulebook,
    facts: Mapping[str, object],
    on: date,
    place: str | None = None,
    sort: Sort | None = None,
    skip: frozenset[str] = frozenset(),
) -> Fact | None:
    """Return the fact to ask for next, or None when every rule has answered (or only skipped facts remain).

    Ties go to facts that conditions need (a refusal saves further questions), then to the order of the book.
    """
    votes: Counter[str] = Counter()
    for each in ask(book, facts, on, place, sort):
        if each.state != "open":
            continue
        decisive = set().union(*(condition.formula.names for condition in each.undecided))
        for name in each.missing:
            votes[name] += 2 if name in decisive else 1
    waiting = [name for name in book.facts if name in votes and name not in skip]
    if not waiting:
        return None
    return book.facts[max(waiting, key=lambda name: votes[name])]
