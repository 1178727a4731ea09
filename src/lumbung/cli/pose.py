"""``lumbung pose``: send a challenge to a centre: what it declares, and nothing else of its folder."""

from __future__ import annotations

import tempfile
from typing import Any

import click
import msgspec

from lumbung.cli.centre_line import answered, asking, centre_options
from lumbung.cli.exits import PLATFORM, exits, fail
from lumbung.cli.words import say
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeFolder, fit_to_be_seen
from lumbung.proving.packing import left_out, write_tar


@click.command(name="pose")
@click.argument("challenge")
@click.option("--organisation", required=True, metavar="NAME", help="Whose challenge it is: its short name.")
@click.option("--open", "opened", is_flag=True, help="Open it to teams at once; it stays a draft otherwise.")
@click.option(
    "--rows",
    type=click.Choice(["carried", "rejudged", "archived"]),
    help="With --open, where an earlier version has submissions: what becomes of its rows.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@centre_options("read and manage")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(
    challenge: str, organisation: str, opened: bool, rows: str | None, dry_run: bool, centre: str, token: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Pose CHALLENGE (a folder, or a shipped id) at a centre, as a draft or open.

    What is sent is what challenge.toml declares: itself, licence and readme, the files its options and 'data' name, and
    submissions/. Whatever else lies in the folder stays here and is listed. 'lumbung check' first: what passes there works
    at a centre. The same version sent again changes nothing; a changed challenge needs a higher version.

    Exit codes: 0 posed, 2 refused or not fit to be sent, 3 the centre does not answer.
    """
    with exits():
        found = fit_to_be_seen(find_challenge(challenge))
        stays = left_out(found.folder, found.files)
        if dry_run:
            _show(found, stays, None, as_json)
            return
        with asking(centre, token) as http:
            state = _posed(http, found, organisation)
            if opened and state["state"] != "open":
                place = f"/challenges/{state['id']}/{state['version']}/state"
                state = answered(http.post(place, json={"state": "open", "rows": rows or ""}))
        _show(found, stays, state, as_json)


def _posed(http: Any, found: ChallengeFolder, organisation: str) -> dict[str, Any]:
    """Send the challenge, unless the centre has exactly this version; return what the centre says of it."""
    record = found.challenge
    known = http.get(f"/challenges/{record.id}", params={"version": record.version})
    if known.status_code == 200 and answered(known)["digest"] == found.digest:
        return answered(known)
    with tempfile.TemporaryFile() as packed:
        write_tar(found.folder, found.files, packed)
        packed.seek(0)
        files = {"archive": (f"{record.id}.tar", packed, "application/x-tar")}
        state = answered(http.post("/challenges", data={"organisation": organisation}, files=files))
    if state["digest"] != found.digest:
        fail(say("posed_other", theirs=state["digest"][:23], ours=found.digest[:23]), PLATFORM)
    return state


def _show(found: ChallengeFolder, stays: list[str], state: dict[str, Any] | None, as_json: bool) -> None:
    size = sum((found.folder / name).stat().st_size for name in found.files)
    record = found.challenge
    if as_json:
        shown = {
            "challenge": record.id,
            "version": record.version,
            "digest": found.digest,
            "state": state and state["state"],
            "sent": [str(name) for name in found.files],
            "bytes": size,
            "stays": stays,
        }
        click.echo(msgspec.json.format(msgspec.json.encode(shown)).decode())
        return
    if state is None:
        for name in found.files:
            click.echo(f"  {name}")
    word = "would_send" if state is None else f"posed_{state['state']}"
    click.echo(say(word, id=record.id, version=record.version, files=len(found.files), size=_size(size)))
    if stays:
        click.echo(say("stays_home", names=", ".join(stays)))
    if state is not None and state["state"] == "draft":
        click.echo(say("open_it", challenge=record.id))


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{size / 2**10:.1f} KiB"
