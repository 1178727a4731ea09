"""Reading books of rules, and refusing those that do not prove themselves.

A book is a folder of YAML files: `facts.yaml` declares what may be known and how it is asked, every other file holds
rules. A rule enters the book only with an article, a source, a validity and a worked example, all its texts in three
languages, formulas that type-check, and examples that come out as written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from lumbung.cooperation.rules.decision import Decide, compile_rule, shown_value
from lumbung.cooperation.rules.expression import Formula, FormulaError, Kind, Steps, Value, read_formula
from lumbung.cooperation.rules.rule import Condition, Example, Fact, Interval, Result, Rule, Source
from lumbung.proving.text import LANGUAGES, Text

SHIPPED = Path(__file__).with_name("book")


class IncompleteRule(ValueError):
    """A rule that lacks something every rule must have, or says something that cannot be."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")


class BadFact(ValueError):
    """A fact that was given is unknown to the book or of the wrong kind."""


class Rulebook:
    """Rules and the facts they ask for.

    Parameters
    ----------
    facts
        The facts that rules may use.
    rules
        The rules; two rules may share a title only through `followed_by`.

    Examples
    --------
    >>> from datetime import date
    >>> from lumbung import cooperation
    >>> book = cooperation.shipped_book()
    >>> book.jurisdictions
    ('ASEAN', 'CN', 'CN-GX-NNG', 'ID', 'MY', 'PH', 'SG', 'TH', 'VN')
    >>> len(book.in_force(date(2026, 11, 24), "ID"))
    11
    """

    def __init__(self, facts: Iterable[Fact], rules: Iterable[Rule]) -> None:
        self.facts = {fact.id: fact for fact in facts}
        self.rules = {rule.id: rule for rule in rules}
        self._decide: dict[str, Decide] = {}

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def __len__(self) -> int:
        return len(self.rules)

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """Codes of the places that have rules, e.g. ``ID`` and ``CN-GX-NNG``."""
        return tuple(sorted({rule.jurisdiction for rule in self}))

    def in_force(self, on: date, within: str | None = None) -> tuple[Rule, ...]:
        """Return the rules whose validity holds `on` that day, at or above the place `within`."""
        current = tuple(rule for rule in self if rule.valid.holds(on))
        if within is None:
            return current
        return tuple(rule for rule in current if reaches(rule.jurisdiction, within))

    def decider(self, rule: str) -> Decide:
        """Return the compiled rule; compiled at first use and kept."""
        if rule not in self._decide:
            if rule not in self.rules:
                raise KeyError(f"there is no rule {rule!r}; known: {', '.join(sorted(self.rules))}")
            self._decide[rule] = compile_rule(self.rules[rule])
        return self._decide[rule]

    def checked_facts(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Return `given` with every value of the kind its fact declares, absent (None) ones left out.

        Text such as ``"100000000000"``, ``"2025-03-01"`` and ``"yes"`` are understood; binary floats are not.

        Raises
        ------
        BadFact
            Names the fact, what was found and what it expects.
        """
        known: dict[str, Value] = {}
        for name, value in given.items():
            if value is None:
                continue
            if name not in self.facts:
                raise BadFact(
                    f"{name}: no rule asks for this; facts are listed by `lumbung cooperation rules facts`"
                )
            known[name] = _fact_value(self.facts[name], value)
        return known


def reaches(jurisdiction: str, place: str) -> bool:
    """Whether rules of `jurisdiction` hold in `place`: ``CN`` reaches ``CN-GX-NNG``, and ``ASEAN`` its members."""
    if jurisdiction == "ASEAN":
        return place.split("-")[0] in ASEAN
    return place == jurisdiction or place.startswith(jurisdiction + "-")


ASEAN = frozenset({"BN", "KH", "ID", "LA", "MY", "MM", "PH", "SG", "TH", "TL", "VN"})
"""Members of ASEAN by ISO 3166 code; Timor-Leste joined on 26 October 2025."""


@lru_cache(maxsize=1)
def shipped_book() -> Rulebook:
    """Return the book that comes with Lumbung; read and proven once in a process, since a book never changes.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> cooperation.shipped_book() is cooperation.shipped_book()
    True
    """
    return read_book(SHIPPED)


def read_book(folder: Path) -> Rulebook:
    """Read and prove a book.

    Parameters
    ----------
    folder
        Holds `facts.yaml` and one or more files of rules.

    Raises
    ------
    IncompleteRule
        Names the file, the rule and the field, what was found and what was expected.

    Examples
    --------
    >>> from datetime import date
    >>> from lumbung import cooperation
    >>> from lumbung.cooperation.rules.rulebook import SHIPPED
    >>> book = cooperation.read_book(SHIPPED)
    >>> book.in_force(date(2026, 11, 24), "CN-GX-NNG")[0].title.en
    'Sending personal information out of China'
    """
    facts = [_fact(folder / "facts.yaml", entry) for entry in _load(folder / "facts.yaml")]
    rules: list[Rule] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name != "facts.yaml":
            rules += [read_rule(entry, facts, f"{path.name}") for entry in _load(path)]
    _check_references(rules)
    return Rulebook(facts, rules)


def read_rule(entry: Mapping[str, Any], facts: Iterable[Fact], file: str) -> Rule:
    """Read one rule and prove it by its examples; see `read_book`."""
    place = f"{file}, rule {entry.get('id', '(without id)')}"
    _check_whole(entry, place)
    kinds: dict[str, Kind] = {fact.id: fact.kind for fact in facts}
    tables = {
        name: _steps(table, f"{place}, table {name}") for name, table in (entry.get("tables") or {}).items()
    }
    lets = []
    for name, text in (entry.get("let") or {}).items():
        formula = _formula(text, kinds, tables, f"{place}, let {name}")
        kinds[name] = formula.kind
        lets.append((name, formula))
    conditions = tuple(
        Condition(
            part["id"],
            _formula(part["when"], kinds, tables, f"{place}, condition {part['id']}"),
            _texts(part["says"], place),
        )
        for part in entry.get("conditions") or ()
    )
    for condition in conditions:
        if condition.formula.kind != "flag":
            raise IncompleteRule(
                f"{place}, condition {condition.id}", f"yields a {condition.formula.kind}, not yes or no"
            )
    results = tuple(_result(part, kinds, tables, place) for part in entry.get("gives") or ())
    let_names = {name for name, _ in lets}
    used: set[str] = set()
    for formula in [*(c.formula for c in conditions), *(r.formula for r in results), *(f for _, f in lets)]:
        used |= formula.names
    rule = Rule(
        id=entry["id"],
        sort=entry["sort"],
        jurisdiction=entry["jurisdiction"],
        title=_texts(entry["title"], place),
        article=_texts(entry["article"], place),
        sources=tuple(_source(part, place) for part in entry["sources"]),
        status=entry["status"],
        valid=_interval(entry["valid"], place),
        conditions=conditions,
        results=results,
        examples=tuple(_example(part, f"{place}, example") for part in entry["examples"]),
        note=_texts(entry["note"], place) if entry.get("note") else None,
        applies=_interval(entry["apply"], place) if entry.get("apply") else None,
        followed_by=entry.get("followed_by"),
        excludes=tuple(entry.get("excludes") or ()),
        steps=tuple((part["id"], _texts(part["says"], place)) for part in entry.get("steps") or ()),
        lets=tuple(lets),
        needs=frozenset(used - let_names),
    )
    _prove(rule, {fact.id: fact for fact in facts}, place)
    return rule


_REQUIRED = ("id", "sort", "jurisdiction", "title", "article", "sources", "status", "valid", "examples")


def _check_whole(entry: Mapping[str, Any], place: str) -> None:
    for field in _REQUIRED:
        if not entry.get(field):
            raise IncompleteRule(place, f"has no {field}; every rule needs {', '.join(_REQUIRED)}")
    allowed = {"confirmed", "superseded", "unconfirmed"}
    if entry["status"] not in allowed:
        raise IncompleteRule(place, f"status {entry['status']!r} is none of {', '.join(sorted(allowed))}")
    if entry["sort"] not in ("incentive", "data"):
        raise IncompleteRule(place, f"sort {entry['sort']!r} is neither 'incentive' nor 'data'")
    if entry["status"] == "unconfirmed":
        if entry.get("gives"):
            raise IncompleteRule(place, "is unconfirmed and may not compute: remove `gives`")
        if not entry.get("note"):
            raise IncompleteRule(place, "is unconfirmed and must say in `note` what is not confirmed")
    elif not entry.get("gives"):
        raise IncompleteRule(place, "has no `gives`; a rule in force must say what it grants")
    if entry["status"] == "superseded" and not (entry.get("followed_by") and entry["valid"].get("until")):
        raise IncompleteRule(place, "is superseded and must name its last day and what it is `followed_by`")
    unknown = set(entry) - {
        *_REQUIRED, "conditions", "gives", "note", "apply", "followed_by", "excludes", "steps", "let", "tables"
    }  # fmt: skip
    if unknown:
        raise IncompleteRule(place, f"has fields nobody reads: {', '.join(sorted(unknown))}")


def _check_references(rules: list[Rule]) -> None:
    names = [rule.id for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise IncompleteRule(f"rule {name}", "is written twice")
    by_name = {rule.id: rule for rule in rules}
    for rule in rules:
        for other in (*rule.excludes, *((rule.followed_by,) if rule.followed_by else ())):
            if other not in by_name:
                raise IncompleteRule(f"rule {rule.id}", f"names the rule {other!r}, which is in no file")
        if rule.followed_by and rule.valid.meets(by_name[rule.followed_by].valid):
            raise IncompleteRule(f"rule {rule.id}", f"shares days with its successor {rule.followed_by}")


def _prove(rule: Rule, facts: Mapping[str, Fact], place: str) -> None:
    """Run the worked examples of a rule and refuse it when one comes out otherwise."""
    decide = compile_rule(rule)
    names = {result.id: number for number, result in enumerate(rule.results)}
    for number, example in enumerate(rule.examples, 1):
        here = f"{place}, example {number} ({example.note})"
        unknown = set(example.facts) - set(facts)
        if unknown:
            raise IncompleteRule(here, f"gives facts that no fact declares: {', '.join(sorted(unknown))}")
        known = {name: _fact_value(facts[name], value) for name, value in example.facts.items()}
        if not rule.computes or not rule.valid.holds(example.on):
            if example.entitled or example.results:
                raise IncompleteRule(
                    here, f"expects an answer on {example.on}, when the rule computes nothing"
                )
            continue
        verdict = decide(known)
        if verdict.entitled is not example.entitled:
            lacking = f" (the fact {verdict.missing} is missing)" if verdict.missing else ""
            raise IncompleteRule(
                here, f"expects entitled={example.entitled}, the rule says {verdict.entitled}{lacking}"
            )
        for name, expected in example.results.items():
            if name not in names:
                raise IncompleteRule(here, f"expects {name!r}, which the rule does not give")
            found = verdict.results[names[name]]
            shown = shown_value(rule, rule.results[names[name]], found)
            if shown != expected:
                raise IncompleteRule(here, f"expects {name} = {expected}, the rule gives {shown}")


class _ExactLoader(yaml.SafeLoader):
    """Reads decimals as Decimal: a YAML float would lose the cent before the rule begins."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def _load(path: Path) -> list[dict[str, Any]]:
    try:
        loader = _ExactLoader(path.read_text(encoding="utf-8"))
        entries = loader.get_single_data()
    except FileNotFoundError:
        raise IncompleteRule(path.name, f"is missing from {path.parent}") from None
    except yaml.YAMLError as reason:
        raise IncompleteRule(path.name, f"is not YAML: {reason}") from None
    if not isinstance(entries, list):
        raise IncompleteRule(path.name, "must hold a list of entries")
    return entries


def _texts(value: Any, place: str) -> Text:
    try:
        text = msgspec.convert(value, Text)
    except msgspec.ValidationError as reason:
        raise IncompleteRule(place, f"a text must be given in {', '.join(LANGUAGES)}: {reason}") from None
    empty = [language for language in LANGUAGES if not text.in_language(language).strip()]
    if empty:
        raise IncompleteRule(place, f"the text {value} is empty in {', '.join(empty)}")
    return text


def _formula(text: Any, kinds: Mapping[str, Kind], tables: Mapping[str, Steps], place: str) -> Formula:
    try:
        return read_formula(str(text), kinds, tables)
    except FormulaError as reason:
        raise IncompleteRule(place, str(reason)) from None


def _steps(table: list[list[Any]], place: str) -> Steps:
    rows = [(_exact(bound), _exact(value)) for bound, value in table[1:]]
    bounds = tuple(bound for bound, _ in rows)
    if not rows or list(bounds) != sorted(set(bounds)):
        raise IncompleteRule(
            place, "needs rising bounds: first the value below all, then [bound, value] rows"
        )
    return Steps(bounds, tuple(value for _, value in rows), _exact(table[0]))


def _exact(value: Any) -> Value:
    if isinstance(value, Decimal):
        fraction = Fraction(value)
        return fraction.numerator if fraction.denominator == 1 else fraction
    plain: Value = value
    return plain


def _result(
    part: Mapping[str, Any], kinds: Mapping[str, Kind], tables: Mapping[str, Steps], place: str
) -> Result:
    here = f"{place}, gives {part.get('id')}"
    rounding = part.get("round") or {}
    words = {key: _texts(text, here) for key, text in (part.get("words") or {}).items()}
    formula = _formula(part["formula"], kinds, tables, here)
    if formula.kind not in ("number", "word"):
        raise IncompleteRule(here, f"yields a {formula.kind}; a rule gives numbers or words")
    return Result(
        id=part["id"],
        label=_texts(part["label"], here),
        unit=part["unit"],
        formula=formula,
        ceiling=bool(part.get("ceiling", False)),
        round_to=Decimal(str(rounding["to"])) if rounding else None,
        rounding=rounding.get("how", "down"),
        words=words or None,
    )


def _interval(part: Mapping[str, Any], place: str) -> Interval:
    first, last = part.get("from"), part.get("until")
    if not isinstance(first, date) or not (last is None or isinstance(last, date)):
        raise IncompleteRule(
            place, f"validity needs `from` and, when it ended, `until`, as dates; found {dict(part)}"
        )
    if last is not None and last < first:
        raise IncompleteRule(place, f"ends on {last}, before it begins on {first}")
    return Interval(first, last)


def _source(part: Mapping[str, Any], place: str) -> Source:
    try:
        return msgspec.convert(part, Source)
    except msgspec.ValidationError as reason:
        raise IncompleteRule(
            place, f"a source needs title, address, tier (text or reported) and seen: {reason}"
        ) from None


def _example(part: Mapping[str, Any], place: str) -> Example:
    for field in ("day", "entitled", "origin", "note"):
        if field not in part:
            raise IncompleteRule(place, f"has no {field}")
    results = {
        name: value if isinstance(value, str) else Decimal(str(value))
        for name, value in (part.get("gives") or {}).items()
    }
    facts = {name: _exact(value) for name, value in (part.get("facts") or {}).items()}
    return Example(part["day"], facts, part["entitled"], results, part["origin"], part["note"])


def _fact(path: Path, entry: Mapping[str, Any]) -> Fact:
    place = f"{path.name}, fact {entry.get('id')}"
    choices = {key: _texts(text, place) for key, text in (entry.get("choices") or {}).items()}
    if entry.get("kind") not in ("number", "flag", "word", "date"):
        raise IncompleteRule(place, f"kind {entry.get('kind')!r} is none of number, flag, word, date")
    if (entry["kind"] == "word") != bool(choices):
        raise IncompleteRule(place, "a word needs choices, and only a word has them")
    return Fact(
        entry["id"], entry["kind"], _texts(entry["question"], place), entry.get("unit"), choices or None
    )


def _fact_value(fact: Fact, value: object) -> Value:
    if fact.kind == "flag":
        return _flag(fact, value)
    if fact.kind == "date":
        return _day(fact, value)
    if fact.kind == "word":
        choices = fact.choices or {}
        if isinstance(value, str) and value in choices:
            return value
        raise BadFact(f"{fact.id}: found {value!r}, expected one of {', '.join(choices)}")
    return _amount(fact, value)


_YES = {
    "yes": True,
    "no": False,
    "true": True,
    "false": False,
    "ya": True,
    "tidak": False,
    "是": True,
    "否": False,
}


def _flag(fact: Fact, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _YES:
        return _YES[value.strip().lower()]
    raise BadFact(f"{fact.id}: found {value!r}, expected yes or no")


def _day(fact: Fact, value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise BadFact(f"{fact.id}: found {value!r}, expected a date such as 2025-03-01") from None


def _amount(fact: Fact, value: object) -> int | Fraction:
    if isinstance(value, (bool, float)):
        raise BadFact(
            f"{fact.id}: found {value!r}; give amounts as whole numbers or decimal text, never as a float"
        )
    if isinstance(value, int):
        return value
    try:
        exact = Fraction(str(value).replace("_", "").replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        raise BadFact(f"{fact.id}: found {value!r}, expected a number such as 100000000000 or 12.5") from None
    return exact.numerator if exact.denominator == 1 else exact
