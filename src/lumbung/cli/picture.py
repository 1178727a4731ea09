"""``lumbung picture``: a challenge's picture, drawn from its public data."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from lumbung.cli.exits import exits
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge_picture import draw_picture
from lumbung.proving.digest import digest_bytes
from lumbung.proving.packing import PICTURE
from lumbung.proving.run_folder import write_whole


@click.command(name="picture")
@click.argument("challenge")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write here instead of into the challenge's folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(challenge: str, out: Path | None, as_json: bool) -> None:
    """Draw the picture that stands on a challenge's card, from its public data.

    CHALLENGE is a shipped id or a folder. The picture is picture.svg in its folder, and part of what the challenge declares:
    its digest changes with it.
    """
    with exits():
        found = find_challenge(challenge)
        drawn = draw_picture(found).encode()
        path = out or found.folder / PICTURE
        write_whole(path, drawn)
        if as_json:
            told = {"file": str(path), "bytes": len(drawn), "digest": digest_bytes(drawn)}
            sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        else:
            click.echo(path)
