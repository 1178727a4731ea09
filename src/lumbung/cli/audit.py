"""``lumbung audit``: does the centre's log hold?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, exits, fail
from lumbung.cli.home import home, keys_folder, trusted_folder
from lumbung.proving.keys import key_id, read_public_key, read_public_pem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from lumbung.centre.members.audit import Log


@click.group(name="audit")
def command() -> None:
    """Export the centre's log of acts, or check that nothing in it was changed, removed or reordered."""


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(file: Path) -> None:
    """Write the log of this machine's centre to FILE, one JSON object a line: entries, signed heads, cosignatures, key."""
    from lumbung.cli.serve import set_up

    set_up()
    from lumbung.centre.members.audit import export_lines

    with exits():
        from lumbung.centre.members.signing import centre_pems

        keys = centre_pems(datetime.now(UTC))
        with file.open("wb") as out:
            count = sum(out.write(line + b"\n") > 0 for line in export_lines(keys))
    click.echo(f"{file}: {count} lines")


@command.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option(
    "--key",
    "key_files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The centre's public key (PEM).",
)
@click.option(
    "--seen",
    "seen_files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A head that was kept elsewhere: a node's 'lumbung node log --seen', or the page Log of another day.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def verify(
    file: Path | None, key_files: tuple[Path, ...], seen_files: tuple[Path, ...], as_json: bool
) -> None:
    """Check an exported log, or this machine's own. Exit code 2 when it does not hold.

    Without --key the key that the export itself names is used: compare its fingerprint with the one the centre shows.
    A cut end is found by heads that others kept (--seen) and by the nodes' cosignatures in the export.
    """
    from lumbung.cli.serve import set_up

    set_up()
    from lumbung.centre.members import audit

    with exits():
        files = [
            *key_files,
            *sorted(trusted_folder().glob("*.pub")),
            *sorted(keys_folder().glob("signing*.pub")),
        ]
        keys = [read_public_key(path) for path in files]
        log = audit.read_own() if file is None else _read(file)
        if not key_files:
            keys += _own_keys(log.keys, file)
        seen = [path.read_text(encoding="utf-8") for path in seen_files]
        findings = audit.verify(log, keys, seen=seen)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(findings)).decode())
    else:
        for finding in findings:
            click.echo(f"entry {finding.number}: {finding.problem}")
        what = file or home() / "centre"
        state = "holds" if not findings else "does NOT hold"
        witnesses = {line.witness for line in log.cosignatures}
        click.echo(
            f"{what}: {len(log.entries)} entries, {len(log.checkpoints)} signed heads, countersigned by "
            f"{', '.join(sorted(witnesses)) or 'nobody'}: the log {state}"
        )
        if log.keys and not key_files:
            names = ", ".join(key_id(read_public_pem(pem)) for pem in log.keys)
            click.echo(
                f"checked with the key the export names; compare it with the centre's page Log: {names}"
            )
    raise SystemExit(BAD_INPUT if findings else 0)


@command.command("rotate-key")
@click.option(
    "--lost-since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="The present key was lost or stolen on this day (UTC): it endorses nobody, and is not trusted from then on.",
)
def rotate_key(lost_since: datetime | None) -> None:
    """Replace the key of this machine's centre. The centre may be at work meanwhile.

    Nodes follow by themselves where the present key endorses the new one. After --lost-since each node's owner compares
    the new key and says 'lumbung node log --trust-key' (docs/federation/keys.md).
    """
    from lumbung.cli.serve import set_up

    set_up()
    from lumbung.centre.members.services import Refused
    from lumbung.centre.members.signing import rotate_centre_key

    since = lost_since.replace(tzinfo=UTC) if lost_since else None
    with exits():
        try:
            made = rotate_centre_key(datetime.now(UTC), lost_since=since)
        except Refused as error:
            fail(str(error), BAD_INPUT)
    click.echo(f"{home()}: the centre's key is {made.key_id} now; publish it where the one before was")


def _read(file: Path) -> Log:
    from lumbung.centre.members import audit

    try:
        return audit.read_lines(file.read_bytes().splitlines())
    except ValueError as error:
        fail(f"{file}: {error}", BAD_INPUT)


def _own_keys(pems: tuple[str, ...], file: Path | None) -> list[Ed25519PublicKey]:
    try:
        return [read_public_pem(pem) for pem in pems]
    except ValueError as error:
        fail(f"{file}: the key it names: {error}", BAD_INPUT)
