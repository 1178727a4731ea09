"""The small formula language in which rules are written, in exact arithmetic.

A lawyer should be able to read a rule and a machine should answer it to the cent, so formulas look like the text of
a regulation (``30% * settled_fee``, ``min(15 * staff, 500)``, ``investment >= 500_000_000_000``) and numbers are
integers and exact fractions only: binary floats turn an investment of exactly IDR 100 billion into one a little
below it. A formula is parsed and type-checked once, when the book is read, into nested closures; asking is then a
few dictionary look-ups.

Grammar, loosest binding first::

    or · and · not · comparison (= != < <= > >=, in {a, b}) · + - · * / · unary - · call, name, literal

Literals are whole numbers (``1_000``), decimals (``0.25``), percentages (``30%``), dates (``2025-03-01``), words in
quotes (``'university'``), ``yes`` and ``no``. Functions: `min`, `max`, `if(condition, then, else)`,
`days(start, end)` (plain difference of dates), `earlier`, `later`, `floor(x)`, `truncate(x, places)` (towards zero)
and the step tables of the rule, called by name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Literal, NamedTuple

Value = int | Fraction | bool | str | date
Kind = Literal["number", "flag", "word", "date"]
Facts = Mapping[str, Value]
Compute = Callable[[Facts], Any]
"""A checked closure; kinds were verified when the formula was read, so its values need no static type."""


class FormulaError(ValueError):
    """A formula that cannot be read: says what was found, where, and what was expected."""

    def __init__(self, formula: str, position: int, problem: str) -> None:
        pointer = " " * position + "^"
        super().__init__(f"{problem}\n    {formula}\n    {pointer}")
        self.problem = problem


class Formula(NamedTuple):
    """A formula ready to be asked: its text, what it yields, what it needs, and the closure that answers.

    `compute` takes the facts and raises KeyError with the name of the first fact it lacks; a flag that is decided
    without the missing fact (``yes or …``) is answered.
    """

    text: str
    kind: Kind
    names: frozenset[str]
    compute: Compute


class Steps(NamedTuple):
    """A step table: from each bound upward (bound included) the value beside it applies; below the first, `below`."""

    bounds: tuple[Value, ...]
    values: tuple[Value, ...]
    below: Value

    def at(self, value: Value) -> Value:
        """Return the value of the step that `value` stands on."""
        place = bisect_right(self.bounds, value)
        return self.values[place - 1] if place else self.below


_TOKEN = re.compile(
    r"\s*(?:(?P<date>\d{4}-\d{2}-\d{2})|(?P<number>\d[\d_]*(?:\.\d+)?%?)|(?P<word>'[^']*')"
    r"|(?P<name>[a-z_][a-z0-9_]*)|(?P<mark><=|>=|!=|[-+*/(),=<>{}]))"
)
_COMPARISONS: dict[str, Callable[[Compute, Compute], Compute]] = {
    "=": lambda a, b: lambda f: a(f) == b(f),
    "!=": lambda a, b: lambda f: a(f) != b(f),
    "<": lambda a, b: lambda f: a(f) < b(f),
    "<=": lambda a, b: lambda f: a(f) <= b(f),
    ">": lambda a, b: lambda f: a(f) > b(f),
    ">=": lambda a, b: lambda f: a(f) >= b(f),
}
_FLAGS = {"yes": True, "no": False}
_WORDS = {"and", "or", "not", "in", *_FLAGS}


class _Node(NamedTuple):
    kind: Kind
    compute: Compute
    constant: Value | None = None


def read_formula(text: str, kinds: Mapping[str, Kind], tables: Mapping[str, Steps] | None = None) -> Formula:
    """Parse and check `text`.

    Parameters
    ----------
    text
        The formula.
    kinds
        What each name it may use holds.
    tables
        Step tables it may call.

    Raises
    ------
    FormulaError
        When the text is not of the grammar, uses an unknown name, or mixes kinds.
    """
    return _Reader(text, kinds, tables or {}).read()


class _Reader:
    """A precedence-climbing parser; each method returns the node of one level of the grammar."""

    def __init__(self, text: str, kinds: Mapping[str, Kind], tables: Mapping[str, Steps]) -> None:
        self.text = text
        self.kinds = kinds
        self.tables = tables
        self.names: set[str] = set()
        self.currents = _tokens(text)
        self.place = 0

    def read(self) -> Formula:
        node = self.either()
        if self.place < len(self.currents):
            raise self.error(f"found {self.current!r} after the end of the formula")
        return Formula(self.text, node.kind, frozenset(self.names), node.compute)

    @property
    def current(self) -> str:
        return self.currents[self.place][1] if self.place < len(self.currents) else ""

    def error(self, problem: str, place: int | None = None) -> FormulaError:
        place = self.place if place is None else place
        position = self.currents[place][2] if place < len(self.currents) else len(self.text)
        return FormulaError(self.text, position, problem)

    def take(self, *marks: str) -> str | None:
        if self.current in marks:
            self.place += 1
            return self.currents[self.place - 1][1]
        return None

    def expect(self, mark: str) -> None:
        if self.take(mark) is None:
            raise self.error(f"found {self.current or 'the end'!r} where {mark!r} was expected")

    def need(self, node: _Node, kind: Kind, place: int) -> Compute:
        if node.kind != kind:
            raise self.error(f"a {kind} was expected here, this is a {node.kind}", place)
        return node.compute

    def either(self) -> _Node:
        place, node = self.place, self.both()
        while self.take("or"):
            left = self.need(node, "flag", place)
            place = self.place
            node = _Node("flag", _either(left, self.need(self.both(), "flag", place)))
        return node

    def both(self) -> _Node:
        place, node = self.place, self.negation()
        while self.take("and"):
            left = self.need(node, "flag", place)
            place = self.place
            node = _Node("flag", _both(left, self.need(self.negation(), "flag", place)))
        return node

    def negation(self) -> _Node:
        if self.take("not"):
            inner = self.need(self.negation(), "flag", self.place - 1)
            return _Node("flag", lambda facts: not inner(facts))
        return self.comparison()

    def comparison(self) -> _Node:
        left = self.sum()
        if self.take("in"):
            return self.membership(left)
        mark = self.take(*_COMPARISONS)
        if mark is None:
            return left
        place = self.place
        right = self.sum()
        if right.kind != left.kind:
            raise self.error(f"a {left.kind} is compared with a {right.kind}", place)
        if mark not in ("=", "!=") and left.kind in ("flag", "word"):
            raise self.error(f"a {left.kind} has no order, so {mark!r} cannot compare it", place - 1)
        if right.constant is not None:
            return _Node("flag", _compared_with(mark, left.compute, right.constant))
        return _Node("flag", _COMPARISONS[mark](left.compute, right.compute))

    def membership(self, left: _Node) -> _Node:
        self.expect("{")
        allowed: set[Value] = set()
        while True:
            place, node = self.place, self.sum()
            if node.constant is None or node.kind != left.kind:
                raise self.error(f"a literal {left.kind} was expected in the braces", place)
            allowed.add(node.constant)
            if not self.take(","):
                break
        self.expect("}")
        compute = left.compute
        return _Node("flag", lambda facts: compute(facts) in allowed)

    def sum(self) -> _Node:
        place, node = self.place, self.product()
        while mark := self.take("+", "-"):
            left = self.need(node, "number", place)
            place = self.place
            right = self.need(self.product(), "number", place)
            node = _Node("number", _added(left, right) if mark == "+" else _subtracted(left, right))
        return node

    def product(self) -> _Node:
        place, node = self.place, self.unary()
        while mark := self.take("*", "/"):
            left = self.need(node, "number", place)
            place = self.place
            right = self.need(self.unary(), "number", place)
            node = _Node("number", _multiplied(left, right) if mark == "*" else _divided(left, right))
        return node

    def unary(self) -> _Node:
        if self.take("-"):
            inner = self.need(self.unary(), "number", self.place - 1)
            return _Node("number", lambda facts: -inner(facts))
        return self.atom()

    def atom(self) -> _Node:
        if self.take("("):
            node = self.either()
            self.expect(")")
            return node
        if self.place == len(self.currents):
            raise self.error("the formula ends where a value was expected")
        sort, token, _ = self.currents[self.place]
        self.place += 1
        if sort == "name" and token not in _WORDS:
            return self.call(token) if self.current == "(" else self.name(token)
        return self.literal(sort, token)

    def name(self, token: str) -> _Node:
        if token not in self.kinds:
            known = ", ".join(sorted(self.kinds)) or "none"
            raise self.error(f"{token!r} is no fact this rule may use; known: {known}", self.place - 1)
        self.names.add(token)
        return _Node(self.kinds[token], lambda facts: facts[token])

    def literal(self, sort: str, token: str) -> _Node:
        value: Value
        if sort == "date":
            try:
                value = date.fromisoformat(token)
            except ValueError as reason:
                raise self.error(f"{token} is no date: {reason}", self.place - 1) from None
            return _constant("date", value)
        if sort == "number":
            return _constant("number", _number(token))
        if sort == "word":
            return _constant("word", token[1:-1])
        if token in _FLAGS:
            return _constant("flag", _FLAGS[token])
        raise self.error(f"found {token!r} where a value was expected", self.place - 1)

    def call(self, name: str) -> _Node:
        place = self.place - 1
        self.expect("(")
        arguments = [self.either()]
        while self.take(","):
            arguments.append(self.either())
        self.expect(")")
        if name in self.tables:
            return self.step(name, arguments, place)
        maker = _FUNCTIONS.get(name)
        if maker is None:
            known = ", ".join(sorted([*_FUNCTIONS, *self.tables]))
            raise self.error(f"there is no function or table {name!r}; known: {known}", place)
        try:
            return maker(arguments)
        except TypeError as reason:
            raise self.error(f"{name}: {reason}", place) from None

    def step(self, name: str, arguments: Sequence[_Node], place: int) -> _Node:
        table = self.tables[name]
        if len(arguments) != 1 or arguments[0].kind != _kind(table.bounds[0]):
            raise self.error(f"the table {name!r} takes one {_kind(table.bounds[0])}", place)
        compute, at = arguments[0].compute, table.at
        return _Node(_kind(table.values[0]), lambda facts: at(compute(facts)))


def _tokens(text: str) -> list[tuple[str, str, int]]:
    tokens = []
    place = 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None:
            place += len(text[place:]) - len(text[place:].lstrip())
            raise FormulaError(text, place, f"found {text[place]!r}, which begins nothing a formula may hold")
        sort = found.lastgroup or ""
        tokens.append((sort, found.group(sort), found.start(sort)))
        place = found.end()
    return tokens


def _number(token: str) -> int | Fraction:
    share = token.endswith("%")
    exact = Fraction(token.rstrip("%").replace("_", ""))
    exact = exact / 100 if share else exact
    return exact.numerator if exact.denominator == 1 else exact


def _kind(value: Value) -> Kind:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        return "word"
    return "date" if isinstance(value, date) else "number"


def _constant(kind: Kind, value: Value) -> _Node:
    return _Node(kind, lambda _facts: value, value)


def _compared_with(mark: str, left: Compute, bound: Value) -> Compute:
    """Compare with a literal: the usual case, one call cheaper."""
    if mark == ">=":
        return lambda facts: left(facts) >= bound
    if mark == "=":
        return lambda facts: left(facts) == bound
    return _COMPARISONS[mark](left, lambda _facts: bound)


def _either(left: Compute, right: Compute) -> Compute:
    def compute(facts: Facts) -> bool:
        try:
            if left(facts):
                return True
        except KeyError:
            if right(facts):
                return True
            raise
        return bool(right(facts))

    return compute


def _both(left: Compute, right: Compute) -> Compute:
    def compute(facts: Facts) -> bool:
        try:
            if not left(facts):
                return False
        except KeyError:
            if not right(facts):
                return False
            raise
        return bool(right(facts))

    return compute


def _added(left: Compute, right: Compute) -> Compute:
    return lambda facts: left(facts) + right(facts)


def _subtracted(left: Compute, right: Compute) -> Compute:
    return lambda facts: left(facts) - right(facts)


def _multiplied(left: Compute, right: Compute) -> Compute:
    return lambda facts: left(facts) * right(facts)


def _divided(left: Compute, right: Compute) -> Compute:
    return lambda facts: Fraction(left(facts), right(facts))


def _same_kind(arguments: Sequence[_Node], kind: Kind, least: int) -> list[Compute]:
    if len(arguments) < least:
        raise TypeError(f"takes at least {least} values, {len(arguments)} given")
    wrong = [node.kind for node in arguments if node.kind != kind]
    if wrong:
        raise TypeError(f"takes values of kind {kind}, found a {wrong[0]}")
    return [node.compute for node in arguments]


def _least(arguments: Sequence[_Node]) -> _Node:
    return _folded(min, _same_kind(arguments, "number", 2), "number")


def _most(arguments: Sequence[_Node]) -> _Node:
    return _folded(max, _same_kind(arguments, "number", 2), "number")


def _earlier(arguments: Sequence[_Node]) -> _Node:
    return _folded(min, _same_kind(arguments, "date", 2), "date")


def _later(arguments: Sequence[_Node]) -> _Node:
    return _folded(max, _same_kind(arguments, "date", 2), "date")


def _folded(choose: Callable[..., Any], computes: Sequence[Compute], kind: Kind) -> _Node:
    if len(computes) == 2:
        first, second = computes
        return _Node(kind, lambda facts: choose(first(facts), second(facts)))
    return _Node(kind, lambda facts: choose([compute(facts) for compute in computes]))


def _days(arguments: Sequence[_Node]) -> _Node:
    if len(arguments) != 2:
        raise TypeError("takes a start and an end")
    start, end = _same_kind(arguments, "date", 2)
    return _Node("number", lambda facts: (end(facts) - start(facts)).days)


def _condition(arguments: Sequence[_Node]) -> _Node:
    if len(arguments) != 3 or arguments[0].kind != "flag" or arguments[1].kind != arguments[2].kind:
        raise TypeError("takes a condition and two values of one kind")
    condition, then, otherwise = (node.compute for node in arguments)
    return _Node(arguments[1].kind, lambda facts: then(facts) if condition(facts) else otherwise(facts))


def _floor(arguments: Sequence[_Node]) -> _Node:
    if len(arguments) != 1:
        raise TypeError("takes one number")
    (compute,) = _same_kind(arguments, "number", 1)
    return _Node("number", lambda facts: compute(facts) // 1)


def _truncate(arguments: Sequence[_Node]) -> _Node:
    if len(arguments) != 2 or not isinstance(arguments[1].constant, int):
        raise TypeError("takes a number and a literal number of decimal places")
    compute, _ = _same_kind(arguments, "number", 2)
    scale = 10 ** arguments[1].constant

    def cut(facts: Facts) -> int | Fraction:
        value = compute(facts)
        whole = abs(value.numerator) * scale // value.denominator
        return Fraction(whole if value >= 0 else -whole, scale)

    return _Node("number", cut)


_FUNCTIONS: dict[str, Callable[[Sequence[_Node]], _Node]] = {
    "days": _days,
    "earlier": _earlier,
    "floor": _floor,
    "if": _condition,
    "later": _later,
    "max": _most,
    "min": _least,
    "truncate": _truncate,
}
