"""``lumbung audit``: does the centre's log hold?"""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, exits, fail
from lumbung.cli.home import home, keys_folder, trusted_folder
from lumbung.proving.keys import read_public_key


@click.group(name="audit")
def command() -> None:
    """Export the centre's log of acts, or check that nothing in it was changed, removed or reordered."""


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(file: Path) -> None:
    """Write the log of this machine's centre to FILE, one JSON object a line, checkpoints last."""
    from lumbung.cli.serve import set_up

    set_up()
    from lumbung.centre.members.audit import export_lines

    with file.open("wb") as out:
        count = sum(out.write(line + b"\n") > 0 for line in export_lines())
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
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def verify(file: Path | None, key_files: tuple[Path, ...], as_json: bool) -> None:
    """Check an exported log, or this machine's own. Exit code 2 when it does not hold."""
    from lumbung.cli.serve import set_up

    set_up()
    from lumbung.centre.members import audit

    with exits():
        files = [
            *key_files,
            *sorted(trusted_folder().glob("*.pub")),
            *sorted(keys_folder().glob("signing.pub")),
        ]
        keys = [read_public_key(path) for path in files]
        if file is None:
            entries, checkpoints = audit.read_own()
        else:
            try:
                entries, checkpoints = audit.read_lines(file.read_bytes().splitlines())
            except ValueError as error:
                fail(f"{file}: {error}", BAD_INPUT)
        findings = audit.verify(entries, checkpoints, keys)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(findings)).decode())
    else:
        for finding in findings:
            click.echo(f"entry {finding.number}: {finding.problem}")
        what = file or home() / "centre"
        state = "holds" if not findings else "does NOT hold"
        click.echo(f"{what}: {len(entries)} entries, {len(checkpoints)} signed checkpoints: the log {state}")
    raise SystemExit(BAD_INPUT if findings else 0)
