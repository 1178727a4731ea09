"""``lumbung talent revoke``: take badges back."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import click

from lumbung.cli.exits import BAD_INPUT, exits, fail


@click.command(name="revoke")
@click.argument("badges", nargs=-1, required=True)
@click.option(
    "--from",
    "folder",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder that `issue` wrote: it holds register and lists.",
)
@click.option(
    "--key", "key_file", required=True, type=click.Path(path_type=Path, exists=True), help="Signing key, PEM."
)
@click.option("--did", help="The institution's DID where it is not the did:key of the key.")
@click.option("--undo", is_flag=True, help="Give them back instead.")
def command(badges: tuple[str, ...], folder: Path, key_file: Path, did: str | None, undo: bool) -> None:
    """Revoke BADGES, named by their ids (urn:uuid:…) as in the register.

    Signs the status lists concerned anew; publish them where the badges point. Nothing else changes: no reader can tell
    from a list whose badge was taken back.
    """
    from lumbung.talent.credentials.keys import SigningKey
    from lumbung.talent.credentials.rounds import publish_list, stamp
    from lumbung.talent.credentials.status import StatusList

    with exits():
        key = SigningKey.from_pem(key_file.read_bytes(), did)
        wanted = _places(folder, set(badges))
        missing = sorted(set(badges) - {badge for found in wanted.values() for badge, _ in found})
        if missing:
            fail(f"no register in {folder} holds {', '.join(missing)}", BAD_INPUT)
        moment = stamp(datetime.now(UTC).replace(microsecond=0))
        for number, found in sorted(wanted.items()):
            path = folder / f"status-{number}.json"
            published = json.loads(path.read_text("utf-8"))
            if published["issuer"] != key.did:
                fail(f"{path} was issued by {published['issuer']}, the key signs for {key.did}", BAD_INPUT)
            bits = StatusList.decode(published["credentialSubject"]["encodedList"])
            for _, place in found:
                bits.set(place, not undo)
            publish_list(path, bits, published["id"], key, moment)
            click.echo(
                f"{path}: {len(found)} {'given back' if undo else 'revoked'}; publish it at {published['id']}"
            )


def _places(folder: Path, wanted: set[str]) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for register in sorted(folder.glob("register-*.csv")):
        with register.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                if row["badge"] in wanted:
                    found.setdefault(row["list"], []).append((row["badge"], int(row["place"])))
    return found
