"""``lumbung croissant``: a challenge's public items, described for others' tools."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from lumbung.cli.exits import exits
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.files.croissant import describe


@click.command(name="croissant")
@click.argument("challenge")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write here instead of to the terminal."
)
def command(challenge: str, out: Path | None) -> None:
    """Describe a challenge's public items in Croissant 1.0 (JSON-LD), for tools that read data sets.

    CHALLENGE is a shipped id or a folder. Put the result beside the files it describes, e.g. as croissant.json.
    """
    with exits():
        text = msgspec.json.format(msgspec.json.encode(describe(find_challenge(challenge)))).decode() + "\n"
        if out is None:
            sys.stdout.write(text)
        else:
            out.write_text(text, encoding="utf-8")
            click.echo(out)
