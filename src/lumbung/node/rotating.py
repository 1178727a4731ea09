"""A node's key replaced: while it is good, by its own signature; after it was revoked, by joining anew."""

from __future__ import annotations

from datetime import datetime

import lumbung
from lumbung.node.folder import NodeFolder
from lumbung.node.line import Line
from lumbung.proving.evidence import Isolation
from lumbung.proving.job import KeyChange, NodeCard
from lumbung.proving.keys import endorse, key_id, next_key, public_pem, take_next_key


def rotate(node: NodeFolder, line: Line) -> tuple[str, datetime | None]:
    """Have the present key endorse a new one and let it take its place once the centre agreed.

    Returns
    -------
    key_id : str
    until : datetime or None
        When the new key runs out.

    Raises
    ------
    CentreRefused, LineDown
        Nothing has changed here; said again, the same new key is offered.
    """
    with node.lock():
        after = next_key(node.keys).public_key()
        change = KeyChange(public_pem(after).decode(), endorse(node.signing_key(), after))
        taken = line.change_key(change)
        take_next_key(node.keys)
    return taken.key_id, taken.until


def join_anew(node: NodeFolder, line: Line, code: str, isolation: Isolation) -> str:
    """Come back under the same name with a new key, by an enrolment code of the node's organisation.

    Returns the new key's id.

    Raises
    ------
    CentreRefused, LineDown
    """
    settings = node.settings()
    with node.lock():
        after = next_key(node.keys).public_key()
        card = NodeCard(
            settings.name, settings.country, public_pem(after).decode(), tuple(settings.challenges),
            lumbung.__version__, isolation,
        )  # fmt: skip
        node.write_token(line.join(code, card))
        take_next_key(node.keys)
    return key_id(after)
