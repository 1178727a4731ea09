"""The questionnaire of the incentive finder and of the egress advisor: its whole state is in the address.

Nothing is stored: what a company answers stays in its own browser's address bar, where it can be kept, printed, sent
to a colleague or read in another language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from lumbung.centre.members.models import Country
from lumbung.cooperation.rules.answer import Answer, ask
from lumbung.cooperation.rules.egress import EgressAdvice, advise_egress
from lumbung.cooperation.rules.printing import answer_lines, granted_text, state_text
from lumbung.cooperation.rules.questionnaire import next_question
from lumbung.cooperation.rules.rule import Fact, Rule, Sort
from lumbung.cooperation.rules.rulebook import BadFact, Rulebook, shipped_book
from lumbung.proving.text import Language

PLACES = ("ID", "CN-GX-NNG")
_NUMBER = re.compile(r"\d{1,24}(\.\d{1,8})?", re.ASCII)
_GROUPED = {
    "id": re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?|\d+,\d+"),
    "en": re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?"),
    "zh": re.compile(r"\d{1,3}([,，]\d{3})+(\.\d+)?"),
}


class Inquiry(NamedTuple):
    """What somebody asks: where, on which day, what they have answered and what they would rather not."""

    sort: Sort
    place: str | None
    on: date
    facts: dict[str, str]
    skipped: frozenset[str]
    shown: bool

    def address(self, **changes: object) -> str:
        """Return the query string of this inquiry, with changes."""
        asked = self._replace(**changes)  # type: ignore[arg-type]
        query: dict[str, str] = {} if asked.sort == "data" or asked.place is None else {"place": asked.place}
        query |= {"on": asked.on.isoformat(), **asked.facts}
        if asked.skipped:
            query["skip"] = ",".join(sorted(asked.skipped))
        if asked.shown:
            query["show"] = "1"
        return "?" + urlencode(query)

    def with_answer(self, fact: str, reply: str) -> Inquiry:
        """Return the inquiry with one more answer; an empty one skips the question."""
        if not reply:
            return self._replace(skipped=self.skipped | {fact})
        return self._replace(facts={**self.facts, fact: reply})

    def without(self, fact: str) -> Inquiry:
        """Return the inquiry without an answer, so that it is asked again."""
        facts = {name: reply for name, reply in self.facts.items() if name != fact}
        return self._replace(facts=facts, skipped=self.skipped - {fact}, shown=False)


def read_inquiry(query: Mapping[str, str], sort: Sort, today: date) -> Inquiry:
    """Read an inquiry from an address. What is no fact, or no answer to it, is left out: it will be asked."""
    book = shipped_book()
    facts: dict[str, str] = {}
    for name in book.facts:
        if name in query and _fits(book, name, query[name]):
            facts[name] = query[name]
    place = query.get("place")
    if sort == "data":
        place = facts.get("data_home") if facts.get("data_home") in ("ID", "CN") else None
    elif place not in PLACES:
        place = None
    skipped = frozenset(name for name in query.get("skip", "").split(",") if name in book.facts)
    return Inquiry(sort, place, _day(query.get("on", ""), today), facts, skipped, query.get("show") == "1")


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today


def _fits(book: Rulebook, name: str, reply: str) -> bool:
    # The book would read 1e9999999 as a whole number with that many digits: nobody asks for that.
    if len(reply) > 40 or (book.facts[name].kind == "number" and not _NUMBER.fullmatch(reply)):
        return False
    try:
        book.checked_facts({name: reply})
    except BadFact:
        return False
    return True


def understood(fact: Fact, reply: str, language: Language) -> str | None:
    """Return a reply as the book reads it, or None where it cannot: 1.500.000 is a number in Indonesian."""
    reply = reply.strip()
    if fact.kind == "number":
        reply = reply.replace(" ", "").replace("\u00a0", "")
        if _GROUPED[language].fullmatch(reply):
            reply = (
                reply.replace(".", "").replace(",", ".")
                if language == "id"
                else reply.replace(",", "").replace("，", "")
            )
    return reply if _fits(shipped_book(), fact.id, reply) else None


def question(inquiry: Inquiry) -> Fact | None:
    """Return what to ask next, or None when every rule has answered."""
    book = shipped_book()
    if inquiry.sort == "data" and not {"data_home"} & (inquiry.facts.keys() | inquiry.skipped):
        return book.facts["data_home"]
    return next_question(book, inquiry.facts, inquiry.on, inquiry.place, inquiry.sort, inquiry.skipped)


class Line(NamedTuple):
    """One rule's answer as a page shows it: amounts first, then the reasons, then where it stands."""

    answer: Answer
    state: str
    title: str
    amounts: list[str]
    rest: list[str]
    article: str
    sources: tuple[tuple[str, str], ...]


def answers(inquiry: Inquiry) -> tuple[Answer, ...]:
    """Return the answer of every rule of the place on the day."""
    return ask(shipped_book(), inquiry.facts, inquiry.on, inquiry.place, inquiry.sort)


def lines(found: tuple[Answer, ...], language: Language) -> list[Line]:
    """Return answers as a page shows them."""
    book = shipped_book()
    entitled = frozenset(each.rule.id for each in found if each.state == "entitled")
    return [_line(each, book, language, entitled) for each in found]


def _line(each: Answer, book: Rulebook, language: Language, entitled: frozenset[str]) -> Line:
    written = [line.strip() for line in answer_lines(each, book, language, entitled)]
    amounts = [granted_text(granted, language) for granted in each.granted]
    # After the title come the amounts, then the reasons; the last two are the article and the sources.
    rest, article = written[1 + len(amounts) : -2], written[-2]
    rule: Rule = each.rule
    sources = tuple((source.title, source.address) for source in rule.sources)
    return Line(
        each, state_text(each, language), rule.title.in_language(language), amounts, rest, article, sources
    )


def egress(inquiry: Inquiry) -> EgressAdvice:
    """Advise which egress rule fits."""
    return advise_egress(shipped_book(), inquiry.facts, inquiry.on)


def answered(inquiry: Inquiry, language: Language) -> list[tuple[Fact, str, str]]:
    """Return each question that was answered: its fact, the answer in words, and the address that asks it again."""
    from lumbung.cooperation.rules.amounts import amount_text

    book = shipped_book()
    told = []
    for name, reply in inquiry.facts.items():
        fact = book.facts[name]
        value = book.checked_facts({name: reply})[name]
        if fact.choices:
            shown = fact.choices[reply].in_language(language)
        elif fact.kind == "flag":
            shown = {
                True: {"en": "yes", "id": "ya", "zh": "是"},
                False: {"en": "no", "id": "tidak", "zh": "否"},
            }[bool(value)][language]
        elif fact.kind == "number" and fact.unit and isinstance(value, int):
            shown = amount_text(value, fact.unit, language)
        else:
            shown = reply
        told.append((fact, shown, inquiry.without(name).address()))
    return told


class Covered(NamedTuple):
    """What the book holds of a country: incentives in force on a day, and those that are not confirmed."""

    country: str
    rules: tuple[Rule, ...]
    unconfirmed: tuple[Rule, ...]


def coverage(on: date) -> list[Covered]:
    """Return the incentives of each member country, those with most first; countries without any stand last."""
    found = []
    for country in Country.values:
        rules = [
            rule
            for rule in shipped_book()
            if rule.sort == "incentive"
            and rule.jurisdiction.partition("-")[0] == country
            and rule.valid.holds(on)
        ]
        sure = tuple(rule for rule in rules if rule.computes)
        found.append(Covered(country, sure, tuple(rule for rule in rules if not rule.computes)))
    return sorted(found, key=lambda each: (-len(each.rules), -len(each.unconfirmed), each.country))
