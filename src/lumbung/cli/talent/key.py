"""``lumbung talent key``: make the key an institution signs badges with."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from lumbung.cli.exits import BAD_INPUT, exits, fail


@click.command(name="key")
@click.argument("pem", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--did", help="The institution's DID, e.g. did:web:centre.example. Default: a did:key of the new key."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(pem: Path, did: str | None, as_json: bool) -> None:
    """Write a new Ed25519 key to PEM (readable by you alone), and its DID document beside it.

    For a did:web, publish the DID document at the address printed; badges then verify against your domain. A did:key
    needs no publishing. An existing file is never overwritten: badges signed with a lost key cannot be renewed.
    """
    from lumbung.talent.credentials.keys import SigningKey, did_web_address

    with exits():
        address = did_web_address(did) if did and did.startswith("did:web:") else None
        key = SigningKey.generate(did)
        document = pem.with_suffix(".did.json")
        for path in (pem, document):
            if path.exists():
                fail(f"{path} exists already; choose another name", BAD_INPUT)
        pem.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(pem, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.pem())
        document.write_text(json.dumps(key.did_document(), indent=2) + "\n", "utf-8")
        if as_json:
            shown = {"did": key.did, "key": str(pem), "did_document": str(document), "publish_at": address}
            click.echo(json.dumps(shown))
            return
        click.echo(f"key           {pem}   (keep it secret and keep a copy)")
        click.echo(f"issuer        {key.did}")
        click.echo(f"DID document  {document}" + (f"   publish it at {address}" if address else ""))
