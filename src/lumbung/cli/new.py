"""``lumbung new``: start a challenge or a submission that works as it stands."""

from __future__ import annotations

from pathlib import Path

import click

from lumbung.cli.exits import exits
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
def submission(folder: Path) -> None:
    """Write a submission into FOLDER that runs and prints what it is asked."""
    with exits():
        for path in new_submission(folder):
            click.echo(path)
        click.echo(f"next: lumbung judge CHALLENGE {folder}")
