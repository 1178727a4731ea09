"""``lumbung talent bank``: check the item bank, list it, show an item."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from lumbung.cli.exits import BAD_INPUT, exits
from lumbung.cli.language import language


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
            reviewed = sum(state == "reviewed" for item in items for state in item.equivalence.values())
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
