"""What one rule of support says: from when to when, by which article, for whom, how much, and how sure we are.

A rule is data. Its status decides what it may do: a *confirmed* rule computes on every day of its validity, a
*superseded* one still does, for its own days only, and an *unconfirmed* one is shown and computes nothing.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

from lumbung.cooperation.rules.expression import Formula, Kind, Value
from lumbung.proving.text import Text

Status = Literal["confirmed", "superseded", "unconfirmed"]
Sort = Literal["incentive", "data"]
Tier = Literal["text", "reported"]
Rounding = Literal["down", "half-up"]


class Interval(msgspec.Struct, frozen=True):
    """Days from `first` to `last`, both included; no `last` means still running."""

    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Whether `day` lies in the interval."""
        return self.first <= day and (self.last is None or day <= self.last)

    def meets(self, other: Interval) -> bool:
        """Whether the two intervals share a day."""
        return (self.last is None or other.first <= self.last) and (
            other.last is None or self.first <= other.last
        )


class Source(msgspec.Struct, frozen=True):
    """Where a rule was read: the text of the rule itself, or someone's report of it."""

    title: str
    address: str
    tier: Tier
    seen: date


class Fact(msgspec.Struct, frozen=True):
    """Something to know about a company, a project or its data, and the question that asks for it."""

    id: str
    kind: Kind
    question: Text
    unit: str | None = None
    choices: dict[str, Text] | None = None


class Condition(msgspec.Struct, frozen=True):
    """One thing that must hold, as a formula and as a sentence."""

    id: str
    formula: Formula
    says: Text


class Result(msgspec.Struct, frozen=True):
    """One thing the rule grants: an amount, a number of years, a share, a way that data may take.

    `ceiling` says that the rule names only the most there can be and leaves the amount to the authority.
    """

    id: str
    label: Text
    unit: str
    formula: Formula
    ceiling: bool = False
    round_to: Decimal | None = None
    rounding: Rounding = "down"
    words: dict[str, Text] | None = None


class Example(msgspec.Struct, frozen=True):
    """A worked example: facts, day, and what must come out. The book checks every one."""

    on: date
    facts: dict[str, Value]
    entitled: bool
    results: dict[str, Decimal | str]
    origin: Literal["published", "ours"]
    note: str


class Rule(msgspec.Struct, frozen=True):
    """One rule of a book."""

    id: str
    sort: Sort
    jurisdiction: str
    title: Text
    article: Text
    sources: tuple[Source, ...]
    status: Status
    valid: Interval
    conditions: tuple[Condition, ...]
    results: tuple[Result, ...]
    examples: tuple[Example, ...]
    note: Text | None = None
    applies: Interval | None = None
    followed_by: str | None = None
    excludes: tuple[str, ...] = ()
    steps: tuple[tuple[str, Text], ...] = ()
    lets: tuple[tuple[str, Formula], ...] = ()
    needs: frozenset[str] = frozenset()

    @property
    def computes(self) -> bool:
        """Whether the rule may answer with amounts at all."""
        return self.status != "unconfirmed"


class Verdict(NamedTuple):
    """The bare answer of one rule to one set of facts; see `lumbung.cooperation.rules.answer` for the full one."""

    entitled: bool | None
    results: tuple[Value, ...]
    missing: str | None
