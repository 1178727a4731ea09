"""``lumbung new``: start a challenge or a submission that works as it stands."""

from __future__ import annotations

from pathlib import Path

import click

from lumbung.cli.exits import exits
from lumbung.cli.words import say
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.scaffold import new_challenge, new_submission


@click.group(name="new")
def command() -> None:
    """Start a challenge or a submission that works as it stands."""


@command.command("challenge")
@click.argument("folder", type=click.Path(path_type=Path))
def challenge(folder: Path) -> None:
    """Write a small prediction challenge into FOLDER; 'lumbung check FOLDER' passes at once."""
    with exits():
        for path in new_challenge(folder):
            click.echo(path)
        click.echo(f"next: edit {folder / 'challenge.toml'}, then: lumbung check {folder}")


@command.command("submission")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--challenge",
    default="resco",
    show_default=True,
    metavar="CHALLENGE",
    help="What it answers: a shipped id ('lumbung challenges' lists them) or a folder.",
)
def submission(folder: Path, challenge: str) -> None:
    """Write a submission into FOLDER that scores on a challenge as it stands: the start to make better."""
    with exits():
        written, scores = new_submission(folder, find_challenge(challenge))
        for path in written:
            click.echo(path)
        if not scores:
            click.echo(say("no_starter", challenge=challenge), err=True)
        click.echo(say("next_judge", path=folder / "solution.py", challenge=challenge, folder=folder))
