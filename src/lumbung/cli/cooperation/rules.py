"""``lumbung cooperation rules``: what support may be claimed on a day, by which article."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.cooperation.options import Day, as_json, in_language, print_json, say
from lumbung.cli.exits import BAD_INPUT, exits, fail
from lumbung.proving.text import Language, Text

if TYPE_CHECKING:
    from lumbung.cooperation.rules.rule import Fact, Sort
    from lumbung.cooperation.rules.rulebook import Rulebook

_HOW = Text(
    "Answer with yes or no, a number or a day; an empty answer skips the question.",
    "Jawab dengan ya atau tidak, angka, atau tanggal; kosongkan untuk melewati pertanyaan.",
    "请回答“是/否”、数字或日期（如2025-03-01）；直接回车可跳过。",
)
_NO_RULES = Text(
    "no rule of the book is in force in {place} on {day}; it has rules for {places}",
    "tidak ada aturan yang berlaku di {place} pada {day}; tersedia aturan untuk {places}",
    "{place}在{day}没有生效的规则；现有规则涉及：{places}",
)
_NOTHING = Text("nothing changed", "tidak ada perubahan", "没有变化")
_GROUNDS = Text("Grounds", "Dasar yang terpenuhi", "已成立的依据")
_BARRIERS = Text("Not yet met", "Belum terpenuhi", "尚未满足")
_OPEN = Text("To be answered", "Perlu dijawab", "待回答")
_UNSURE = Text("Not confirmed", "Belum dipastikan", "未经核实")

place_option = click.option(
    "--place", metavar="CODE", help="Jurisdiction, e.g. ID, CN, CN-GX-NNG; all places when absent."
)
facts_option = click.option(
    "-f",
    "--fact",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Something known, e.g. -f investment=500000000000.",
)
file_option = click.option(
    "--facts", "facts_file", type=click.Path(path_type=Path, dir_okay=False), help="A JSON file of facts."
)
on_option = click.option("--on", type=Day(), default="today", show_default=True, help="The day asked about.")


@click.group(name="rules")
@click.option(
    "--book",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="A book of your own instead of the shipped one.",
)
@click.pass_context
def command(ctx: click.Context, folder: Path | None) -> None:
    """Ask the book of rules: incentives, and what the law asks when data cross a border.

    Every answer names its article and source. An unconfirmed rule is shown and computes nothing. Not legal advice.
    """
    ctx.obj = folder


def _book(ctx: click.Context) -> Rulebook:
    from lumbung.cooperation.rules.rulebook import SHIPPED, read_book

    return read_book(ctx.obj or SHIPPED)


def _facts(given: tuple[str, ...], facts_file: Path | None) -> dict[str, object]:
    facts: dict[str, object] = {}
    if facts_file is not None:
        try:
            read = json.loads(facts_file.read_text(encoding="utf-8"), parse_float=str)
        except (OSError, ValueError) as reason:
            fail(f"{facts_file}: {reason}; give a JSON object of facts", BAD_INPUT)
        if not isinstance(read, dict):
            fail(f"{facts_file}: found {type(read).__name__}, expected a JSON object of facts", BAD_INPUT)
        facts.update(read)
    for entry in given:
        name, sign, value = entry.partition("=")
        if not sign:
            raise click.BadParameter(f"{entry!r}: write a fact as NAME=VALUE", param_hint="--fact")
        facts[name.strip()] = value.strip()
    return facts


def _sort(incentives: bool, data: bool) -> Sort | None:
    return None if incentives == data else ("incentive" if incentives else "data")


@command.command(name="ask")
@place_option
@on_option
@facts_option
@file_option
@click.option(
    "-i", "--interactive", is_flag=True, help="Be asked what is still missing, one question at a time."
)
@click.option("--incentives", is_flag=True, help="Only incentives.")
@click.option("--data", is_flag=True, help="Only rules on data.")
@in_language
@as_json
@click.pass_context
def ask_command(
    ctx: click.Context, place: str | None, on: date, given: tuple[str, ...], facts_file: Path | None,
    interactive: bool, incentives: bool, data: bool, spoken: Language, as_json: bool,
) -> None:  # fmt: skip
    """Say what is granted, how much, by which article, and what is missing."""
    with exits():
        from lumbung.cooperation.rules.answer import ask
        from lumbung.cooperation.rules.export import answers_as_data
        from lumbung.cooperation.rules.printing import sheet

        book = _book(ctx)
        facts, sort = _facts(given, facts_file), _sort(incentives, data)
        if interactive:
            _question(book, facts, on, place, sort, spoken)
        answers = ask(book, facts, on, place, sort)
        if not answers:
            reached = ", ".join(book.jurisdictions)
            say(_NO_RULES.in_language(spoken).format(place=place, day=on, places=reached))
        if as_json:
            print_json(answers_as_data(answers))
        else:
            click.echo(sheet(answers, book, on, place, spoken))


def _question(
    book: Rulebook, facts: dict[str, object], on: date, place: str | None, sort: Sort | None, spoken: Language
) -> None:
    from lumbung.cooperation.rules.questionnaire import next_question
    from lumbung.cooperation.rules.rulebook import BadFact

    say(_HOW.in_language(spoken))
    skipped: frozenset[str] = frozenset()
    while (fact := next_question(book, facts, on, place, sort, skipped)) is not None:
        reply = click.prompt(_asked(fact, spoken), default="", show_default=False, err=True).strip()
        if not reply:
            skipped |= {fact.id}
            continue
        try:
            book.checked_facts({fact.id: reply})
        except BadFact as reason:
            say(str(reason))
            continue
        facts[fact.id] = reply


def _asked(fact: Fact, spoken: Language) -> str:
    question = fact.question.in_language(spoken)
    if fact.choices:
        options = " / ".join(f"{code} = {text.in_language(spoken)}" for code, text in fact.choices.items())
        question += f" [{options}]"
    return question


@command.command(name="list")
@place_option
@click.option("--on", type=Day(), help="Only rules in force on that day.")
@in_language
@as_json
@click.pass_context
def list_command(
    ctx: click.Context, place: str | None, on: date | None, spoken: Language, as_json: bool
) -> None:
    """List the rules of the book."""
    with exits():
        from lumbung.cooperation.rules.export import rule_as_data
        from lumbung.cooperation.rules.printing import place_text, validity_text
        from lumbung.cooperation.rules.rulebook import reaches

        rules = [
            rule
            for rule in _book(ctx)
            if (place is None or reaches(rule.jurisdiction, place)) and (on is None or rule.valid.holds(on))
        ]
        if as_json:
            print_json([rule_as_data(rule) for rule in rules])
            return
        width = max((len(rule.id) for rule in rules), default=0)
        for rule in rules:
            where = place_text(rule.jurisdiction, spoken)
            mark = "" if rule.computes else f" [{_UNSURE.in_language(spoken)}]"
            click.echo(
                f"{rule.id:<{width}}  {where} · {rule.title.in_language(spoken)} · {validity_text(rule, spoken)}{mark}"
            )


@command.command(name="show")
@click.argument("rule")
@in_language
@click.pass_context
def show_command(ctx: click.Context, rule: str, spoken: Language) -> None:
    """Print one RULE as JSON: formulas, conditions, sources, worked examples."""
    with exits():
        from lumbung.cooperation.rules.export import rule_as_data

        book = _book(ctx)
        if rule not in book.rules:
            fail(f"there is no rule {rule!r}; `lumbung cooperation rules list` names them", BAD_INPUT)
        print_json(rule_as_data(book.rules[rule]))


@command.command(name="facts")
@place_option
@on_option
@in_language
@click.pass_context
def facts_command(ctx: click.Context, place: str | None, on: date, spoken: Language) -> None:
    """List what rules may ask, and how."""
    with exits():
        book = _book(ctx)
        needed: set[str] = set().union(*(rule.needs for rule in book.in_force(on, place)))
        for fact in book.facts.values():
            if fact.id in needed:
                click.echo(f"{fact.id:<22} {_asked(fact, spoken)}")


@command.command(name="changes")
@click.argument("earlier", type=Day())
@click.argument("later", type=Day())
@place_option
@facts_option
@file_option
@in_language
@click.pass_context
def changes_command(
    ctx: click.Context, earlier: date, later: date, place: str | None, given: tuple[str, ...],
    facts_file: Path | None, spoken: Language,
) -> None:  # fmt: skip
    """Say what changed between the days EARLIER and LATER; with facts, also in the answers."""
    with exits():
        from lumbung.cooperation.rules.changes import changes_between
        from lumbung.cooperation.rules.printing import change_lines

        book = _book(ctx)
        if later < earlier:
            raise click.UsageError(f"{later} is before {earlier}; give the earlier day first")
        found = changes_between(book, earlier, later, _facts(given, facts_file) or None, place)
        for change in found:
            click.echo("\n".join(change_lines(change, book, spoken)))
        if not found:
            say(_NOTHING.in_language(spoken))


@command.command(name="egress")
@on_option
@facts_option
@file_option
@in_language
@as_json
@click.pass_context
def egress_command(
    ctx: click.Context,
    on: date,
    given: tuple[str, ...],
    facts_file: Path | None,
    spoken: Language,
    as_json: bool,
) -> None:
    """Advise a challenge owner: may the data leave, or only scores?"""
    with exits():
        from lumbung.cooperation.rules.egress import advise_egress
        from lumbung.cooperation.rules.export import answers_as_data
        from lumbung.cooperation.rules.printing import NOT_ADVICE, answer_lines

        book = _book(ctx)
        advice = advise_egress(book, _facts(given, facts_file), on)
        parts = {"grounds": advice.grounds, "barriers": advice.barriers, "open": advice.open,
                 "unconfirmed": advice.unconfirmed}  # fmt: skip
        if as_json:
            data: dict[str, Any] = {name: answers_as_data(answers) for name, answers in parts.items()}
            print_json({"egress": advice.egress, **data})
            return
        click.echo(advice.says(spoken) + "\n")
        headings = {"grounds": _GROUNDS, "barriers": _BARRIERS, "open": _OPEN, "unconfirmed": _UNSURE}
        for name, answers in parts.items():
            if answers:
                click.echo(headings[name].in_language(spoken))
            for each in answers:
                click.echo("\n".join("  " + line for line in answer_lines(each, book, spoken)) + "\n")
        click.echo(NOT_ADVICE.in_language(spoken))


@command.command(name="export")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file; else standard output.")
@click.pass_context
def export_command(ctx: click.Context, out: Path | None) -> None:
    """Write the whole book as JSON."""
    with exits():
        from lumbung.cooperation.rules.export import book_as_data

        data = book_as_data(_book(ctx))
        if out is None:
            print_json(data)
        else:
            out.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            say(f"{len(data['rules'])} rules → {out}")


@command.command(name="check")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def check_command(folder: Path) -> None:
    """Prove a book: every rule with article, source, validity and worked examples that come out."""
    with exits():
        from lumbung.cooperation.rules.rulebook import read_book

        book = read_book(folder)
        examples = sum(len(rule.examples) for rule in book)
        click.echo(f"{folder}: {len(book)} rules, {examples} worked examples, all hold")
