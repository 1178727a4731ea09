"""Books and answers as JSON, for other programs. Exact amounts travel as decimal text, never as binary floats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from lumbung.cooperation.rules.answer import Answer
from lumbung.cooperation.rules.printing import NOT_ADVICE
from lumbung.cooperation.rules.rule import Interval, Rule
from lumbung.cooperation.rules.rulebook import Rulebook
from lumbung.proving.text import Text

FORMAT = "lumbung-rules/1"


def book_as_data(book: Rulebook) -> dict[str, Any]:
    """Return the whole book as plain data: facts with their questions, rules with their formulas as text."""
    return {
        "format": FORMAT,
        "notice": _plain(NOT_ADVICE),
        "facts": [_plain(msgspec.structs.asdict(fact)) for fact in book.facts.values()],
        "rules": [rule_as_data(rule) for rule in book],
    }


def rule_as_data(rule: Rule) -> dict[str, Any]:
    """Return one rule as plain data."""
    return {
        "id": rule.id,
        "sort": rule.sort,
        "jurisdiction": rule.jurisdiction,
        "title": _plain(rule.title),
        "article": _plain(rule.article),
        "status": rule.status,
        "valid": _plain(rule.valid),
        "apply": _plain(rule.applies),
        "followed_by": rule.followed_by,
        "excludes": list(rule.excludes),
        "note": _plain(rule.note),
        "sources": [_plain(msgspec.structs.asdict(source)) for source in rule.sources],
        "let": {name: formula.text for name, formula in rule.lets},
        "conditions": [
            {"id": part.id, "when": part.formula.text, "says": _plain(part.says)} for part in rule.conditions
        ],
        "gives": [
            {
                "id": part.id,
                "label": _plain(part.label),
                "unit": part.unit,
                "formula": part.formula.text,
                "ceiling": part.ceiling,
                "round": None if part.round_to is None else {"to": str(part.round_to), "how": part.rounding},
            }
            for part in rule.results
        ],
        "steps": [{"id": name, "says": _plain(says)} for name, says in rule.steps],
        "needs": sorted(rule.needs),
        "examples": [
            {
                "day": part.on.isoformat(),
                "facts": {name: _plain(value) for name, value in part.facts.items()},
                "entitled": part.entitled,
                "gives": {name: str(value) for name, value in part.results.items()},
                "origin": part.origin,
                "note": part.note,
            }
            for part in rule.examples
        ],
    }


def answers_as_data(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Return answers as plain data."""
    return [
        {
            "rule": each.rule.id,
            "day": each.on.isoformat(),
            "state": each.state,
            "article": each.rule.article.en,
            "window": each.window,
            "granted": {
                granted.result.id: {
                    "value": str(granted.value),
                    "unit": granted.result.unit,
                    "ceiling": granted.result.ceiling,
                }
                for granted in each.granted
            },
            "unmet": [condition.id for condition in each.unmet],
            "undecided": [condition.id for condition in each.undecided],
            "missing": list(each.missing),
            "excludes": list(each.rule.excludes),
        }
        for each in answers
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, (Text, Interval)):
        return {name: _plain(part) for name, part in msgspec.structs.asdict(value).items()}
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (Decimal, Fraction)):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
