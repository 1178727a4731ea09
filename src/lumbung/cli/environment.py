"""``lumbung environment``: what a submission may import, shown and built."""

from __future__ import annotations

import shlex
import sys
import time
from typing import TYPE_CHECKING

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, exits, fail

if TYPE_CHECKING:
    from lumbung.proving.evidence import EnvironmentMark

challenge_option = click.option(
    "--challenge",
    metavar="CHALLENGE",
    help="Whose published environments it may use: a shipped id or a folder.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


@click.group(name="environment")
def command() -> None:
    """Show or build what a submission runs and may import.

    A submission declares it in submission.toml: nothing (numpy alone), use = "NAME", or lock = "FILE" and perhaps
    wheels = "FOLDER" below [environment]; a program in another language by command = "FILE" or module = "FILE.wasm"
    below [run].
    """


@command.command("show")
@click.argument("submission")
@challenge_option
@json_option
def show(submission: str, challenge: str | None, as_json: bool) -> None:
    """Show what SUBMISSION declares: its program, its packages, and whether they are built here. Nothing is built or run."""
    from lumbung.cli.judging import own_shelf
    from lumbung.proving.catalogue import find_challenge
    from lumbung.proving.environments.chosen import check_declared, pins_of
    from lumbung.proving.environments.locks import LockError
    from lumbung.proving.submission import find_submission

    with exits():
        found = find_submission(submission)
        program = check_declared(found)
        try:
            pins = pins_of(found, find_challenge(challenge) if challenge else None)
            kept = own_shelf().kept(pins) if pins else None
        except LockError as error:
            fail(str(error), BAD_INPUT)
    if as_json:
        said = {
            "program": program,
            "packages": pins,
            "built": bool(kept),
            "environment": kept.mark if kept else None,
        }
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(said)).decode() + "\n")
        return
    if program is not None:
        click.echo(shlex.join((program.path, *program.arguments)))
    for pin in pins:
        click.echo(f"{pin.name} {pin.version}")
    if kept is not None:
        click.echo(_told(kept.mark))


@command.command("build")
@click.argument("submission")
@challenge_option
@click.option(
    "--index",
    default="",
    metavar="URL",
    help="From where wheels may come, e.g. https://pypi.org/simple, or an absolute folder of wheels; LUMBUNG_INDEX by default.",
)
@json_option
def build(submission: str, challenge: str | None, index: str, as_json: bool) -> None:
    """Build what SUBMISSION declares, unless it is here already; 'judge', 'check' and 'verify --rerun' find it then.

    Wheels are unpacked, nothing of them runs; source distributions are refused.
    """
    from lumbung.cli.judging import own_shelf
    from lumbung.proving.catalogue import find_challenge
    from lumbung.proving.environments.chosen import environment_of
    from lumbung.proving.environments.shelf import Shelf
    from lumbung.proving.submission import find_submission

    with exits():
        found = find_submission(submission)
        shelf = own_shelf()
        begun = time.monotonic()
        environment = environment_of(
            found,
            find_challenge(challenge) if challenge else None,
            Shelf(shelf.folder, index or shelf.index, shelf.weights),
        )
        took = time.monotonic() - begun
    mark = environment.mark
    if as_json:
        said = {"environment": mark, "seconds": took}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(said)).decode() + "\n")
    else:
        click.echo(f"{_told(mark)}, {took:.2f} s")


def _told(mark: EnvironmentMark) -> str:
    where = ", ".join(filter(None, [mark.python and f"Python {mark.python}", mark.machine]))
    return f"{mark.digest} ({where})"
