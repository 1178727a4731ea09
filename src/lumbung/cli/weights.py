"""``lumbung weights``: keep files of weights here, and send them to a centre."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from lumbung.cli.centre_line import answered, asking, centre_options
from lumbung.cli.exits import BAD_INPUT, exits, fail

if TYPE_CHECKING:
    import httpx

file_argument = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


@click.group(name="weights")
def command() -> None:
    """Keep and send weights: large files that a submission names by digest in submission.toml.

    A solution finds them read-only in the folder that LUMBUNG_WEIGHTS names.
    """


@command.command("add")
@file_argument
@json_option
def add(file: Path, as_json: bool) -> None:
    """Keep FILE on this machine, so that 'judge' and 'submit' find it, and print its line for submission.toml."""
    from lumbung.cli.judging import own_weights
    from lumbung.proving.weights import WeightsError, look_at

    with exits():
        try:
            kind, digest = look_at(file), own_weights().keep(file)
        except WeightsError as error:
            fail(str(error), BAD_INPUT)
    if as_json:
        said = {"name": file.name, "digest": digest, "format": kind, "bytes": file.stat().st_size}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(said)).decode() + "\n")
    else:
        click.echo(f'[weights]\n"{file.name}" = "{digest}"   # {kind}')


@command.command("send")
@file_argument
@click.option("--team", required=True, help="The team's short name.")
@centre_options("read and submit")
@json_option
def send(file: Path, team: str, centre: str, token: str, as_json: bool) -> None:
    """Send FILE to a centre for a team; what came before the line was cut is not sent again.

    'lumbung submit' does the same for the weights that a submission names.
    """
    from lumbung.cli.judging import own_weights
    from lumbung.proving.weights import WeightsError

    with exits(), asking(centre, token) as http:
        try:
            digest = own_weights().keep(file)
        except WeightsError as error:
            fail(str(error), BAD_INPUT)
        said = send_with_progress(http, team, file, file.name, digest, quiet=as_json)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(said)).decode())
    else:
        click.echo(f'"{file.name}" = "{digest}"')


@command.command("list")
@click.option("--team", required=True, help="The team's short name.")
@centre_options("read")
@json_option
def listed(team: str, centre: str, token: str, as_json: bool) -> None:
    """List the weights that a team keeps at a centre, and how much its organisations may keep."""
    with exits(), asking(centre, token) as http:
        said = answered(http.get("/weights", params={"team": team}))
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(said)).decode())
            return
        for row in said["weights"]:
            click.echo(f"{row['digest']}  {row['size'] / 2**20:10.1f} MiB  {row['format']:<12} {row['name']}")
        for row in said["kept"]:
            click.echo(f"{row['body']}: {row['bytes'] / 2**20:.1f} of {said['quota'] / 2**20:.0f} MiB")


@command.command("remove")
@click.argument("digest")
@click.option("--team", required=True, help="The team's short name.")
@centre_options("read and submit")
def remove(digest: str, team: str, centre: str, token: str) -> None:
    """Let a centre keep the weights of DIGEST no longer, unless a submission names them."""
    with exits(), asking(centre, token) as http:
        click.echo(answered(http.delete(f"/weights/{digest}", params={"team": team}))["removed"])


def send_with_progress(
    http: httpx.Client, team: str, file: Path, name: str, digest: str, *, quiet: bool
) -> dict[str, Any]:
    """Send a file and show on a terminal how far it is."""
    from lumbung.cli.judging import progress_bar
    from lumbung.cli.weights_line import send_weights

    with progress_bar(quiet) as progress:
        bar = progress.add_task(name, total=file.stat().st_size >> 20, now=name) if progress else None

        def on_progress(sent: int, _size: int) -> None:
            if progress and bar is not None:
                progress.update(bar, completed=sent >> 20)

        return send_weights(http, team, file, name, digest, on_progress)
