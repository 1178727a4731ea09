"""``lumbung talent bank``: check the item bank, list it, show an item."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lumbung.cli.exits import BAD_INPUT, exits
from lumbung.cli.language import language

if TYPE_CHECKING:
    from lumbung.talent.bank.item import Item


@click.group(name="bank")
def command() -> None:
    """The item bank: original questions on AI in English, Indonesian and Chinese."""


@command.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def check(folder: Path | None, as_json: bool) -> None:
    """Find malformed, duplicated, leaking and untranslated items in FOLDER (default: the shipped bank).

    Exit code 0 without errors, 2 with. Warnings are for a person to look at.
    """
    from lumbung.talent.bank.check import check_bank
    from lumbung.talent.bank.load import SHIPPED
    from lumbung.talent.bank.review import equivalence, read_reviews

    with exits():
        items, findings = check_bank(folder or SHIPPED)
        errors = sum(finding.severity == "error" for finding in findings)
        if as_json:
            shown = {
                "items": len(items),
                "errors": errors,
                "warnings": len(findings) - errors,
                "findings": [vars(finding) for finding in findings],
            }
            click.echo(json.dumps(shown, ensure_ascii=False))
        else:
            for finding in findings:
                click.echo(f"{finding.severity:<8} {finding.group:<12} {finding.where}: {finding.what}")
            cells = Counter((item.area, item.level) for item in items)
            states = equivalence(items, read_reviews(folder or SHIPPED))
            reviewed = sum(state == "reviewed" for state in states.values())
            guesses = sum(item.parameters.source == "expert guess" for item in items)
            least = f", {min(cells.values())} to {max(cells.values())} in each" if cells else ""
            click.echo(
                f"{len(items)} items in {len(cells)} cells of area and level{least}; each in en, id and zh"
            )
            click.echo(
                f"equivalence reviewed by a second person: {reviewed} of {3 * len(items)} language pairs; "
                f"parameters still expert guesses: {guesses} of {len(items)}"
            )
            click.echo(f"{errors} errors, {len(findings) - errors} warnings")
        if errors:
            raise SystemExit(BAD_INPUT)


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("item", required=False)
@click.option("--pair", type=click.Choice(["en-id", "en-zh", "id-zh"]), required=True)
@click.option("--reviewer", help="Your name, as it should stand in the record.")
@click.option("--same", is_flag=True, help="Record that both versions ask the same.")
@click.option("--differs", metavar="NOTE", help="Record that they do not, and what differs.")
def review(
    folder: Path, item: str | None, pair: str, reviewer: str | None, same: bool, differs: str | None
) -> None:
    """Review whether two language versions ask the same.

    FOLDER holds the items, for instance src/lumbung/talent/bank/items of a checkout. Without ITEM the next unreviewed one
    is shown. Without --same or --differs nothing is recorded. Reviews go to FOLDER/reviews.csv; an item that is edited
    later counts as unreviewed again.
    """
    from datetime import UTC, datetime

    from lumbung.talent.bank.load import load_bank
    from lumbung.talent.bank.review import add_review, equivalence, read_reviews

    with exits():
        if same and differs is not None:
            raise click.UsageError("give --same or --differs, not both")
        bank = load_bank(folder)
        states = equivalence(bank, read_reviews(folder))
        open_items = [
            name for (name, which), state in states.items() if which == pair and state != "reviewed"
        ]
        if item is None and (same or differs is not None):
            raise click.UsageError("name the ITEM you have read")
        if item is None and not open_items:
            click.echo(f"every item is reviewed in {pair}")
            return
        found = bank[item or open_items[0]]
        if not same and differs is None:
            _show_pair(found, pair)
            click.echo(f"{len(open_items)} of {len(bank)} items are not reviewed in {pair}")
            return
        made = add_review(
            folder, found, pair, same=same, reviewer=reviewer or "", day=datetime.now(UTC).date(), note=differs or ""
        )  # fmt: skip
        click.echo(f"{made.item} {made.pair}: {made.verdict}, by {made.reviewer}")


def _show_pair(item: Item, pair: str) -> None:
    click.echo(f"{item.id}  ({item.kind}, key {item.key}, author: {item.author})")
    if item.code:
        click.echo("\n" + "".join(f"    {line}\n" for line in item.code.splitlines()))
    for tongue in pair.split("-"):
        text = item.texts[tongue]  # type: ignore[index]
        click.echo(f"\n[{tongue}] {text.stem}")
        for letter, option in zip("ABCDEFGH", text.options, strict=False):
            click.echo(f"  {letter}  {option}")
        click.echo(f"  – {text.rationale}")


@command.command(name="list")
@click.option("--area", type=click.Choice(["understanding", "working", "building", "responsibility"]))
@click.option("--level", type=click.Choice(["foundation", "practitioner", "specialist"]))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object an item instead of text.")
def list_items(area: str | None, level: str | None, as_json: bool) -> None:
    """List the items of the shipped bank, without their keys."""
    from lumbung.talent.bank.load import load_bank

    with exits():
        for item in load_bank().select(area, level):
            stem = item.texts[language()].stem
            if as_json:
                shown = {
                    "id": item.id,
                    "kind": item.kind,
                    "a": item.parameters.a,
                    "b": item.parameters.b,
                    "c": item.parameters.c,
                    "alignment": item.alignment,
                    "stem": stem,
                }
                click.echo(json.dumps(shown, ensure_ascii=False))
            else:
                click.echo(f"{item.id}  {item.kind:<8} b {item.parameters.b:+.1f}  {stem[:90]}")


@command.command()
@click.argument("item")
@click.option(
    "--language", "tongue", type=click.Choice(["en", "id", "zh"]), help="Default: LUMBUNG_LANGUAGE."
)
@click.option(
    "--seed", default=0, show_default=True, help="Session seed, which decides the order of options."
)
@click.option(
    "--with-key", is_flag=True, help="Also show key and rationale (for authors, never for test takers)."
)
@click.option(
    "--picture", type=click.Path(path_type=Path, dir_okay=False), help="Write the item's picture as SVG."
)
def show(item: str, tongue: str | None, seed: int, with_key: bool, picture: Path | None) -> None:
    """Show ITEM as a test taker would see it."""
    from lumbung.talent.bank.load import load_bank

    with exits():
        found = load_bank()[item]
        face = found.face(tongue or language(), seed)  # type: ignore[arg-type]
        click.echo(face.stem)
        if face.code:
            click.echo("\n" + "".join(f"    {line}\n" for line in face.code.splitlines()))
        for letter, option in zip("ABCDEFGH", face.options, strict=False):
            click.echo(f"  {letter}  {option}")
        if found.picture:
            click.echo(f"  [{found.picture.alt[face.language]}]")
        if picture and face.picture:
            picture.write_text(face.picture, "utf-8")
        if with_key:
            click.echo(f"\nkey {found.shown_key(seed)}: {found.texts[face.language].rationale}")
