"""Signed heads of a log, in the form other transparency logs use, so that others' tools can read them.

A head is a checkpoint (C2SP tlog-checkpoint: origin, number of entries, head of the tree) in a signed note (C2SP
signed-note). A witness adds a cosignature (C2SP tlog-cosignature, ``cosignature/v1``), which also says when.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_SIGNATURE = re.compile(r"^— (\S+) ([A-Za-z0-9+/]+=*)$")
_ED25519, _COSIGNATURE = 0x01, 0x04


class NoteError(ValueError):
    """A head that is malformed, or not signed by who it should be."""


class Head(msgspec.Struct, frozen=True):
    """What a checkpoint says.

    Attributes
    ----------
    origin : str
        The log's name.
    size : int
        Entries.
    root : bytes
        Head of the Merkle tree over them.
    """

    origin: str
    size: int
    root: bytes


def head_text(head: Head) -> str:
    """Return the text of a checkpoint: three lines, each ended."""
    return f"{head.origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def sign_head(head: Head, key: Ed25519PrivateKey) -> str:
    """Return the checkpoint as a note signed by the log's keeper, under the log's own name."""
    text = head_text(head)
    return text + "\n" + _line(head.origin, _ED25519, key.public_key(), key.sign(text.encode()))


def _line(name: str, kind: int, key: Ed25519PublicKey, signature: bytes) -> str:
    return f"— {name} {base64.b64encode(_key_hash(name, kind, key) + signature).decode()}\n"


def _key_hash(name: str, kind: int, key: Ed25519PublicKey) -> bytes:
    content = name.encode() + b"\n" + bytes([kind]) + key.public_bytes_raw()
    return hashlib.sha256(content).digest()[:4]


def read_head(note: str) -> Head:
    """Read what a note says, without asking who signed it.

    Raises
    ------
    NoteError
    """
    lines = note.split("\n")
    if len(lines) < 5 or lines[3] != "" or not lines[0] or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise NoteError(
            "not a checkpoint: expected origin, number of entries, head, an empty line, signatures"
        )
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError as error:  # also where it is no ASCII
        raise NoteError(f"not a checkpoint: the head is no base64 ({error})") from None
    if len(root) != 32:
        raise NoteError(f"not a checkpoint: a head of {len(root)} bytes, expected 32")
    return Head(lines[0], int(lines[1]), root)


def open_head(note: str, key: Ed25519PublicKey) -> Head:
    """Read a head that *key* signed.

    Raises
    ------
    NoteError
        It is malformed, or carries no good signature of this key.
    """
    head = read_head(note)
    text = head_text(head)
    for name, body in _signatures(note):
        if name == head.origin and body[:4] == _key_hash(name, _ED25519, key):
            try:
                key.verify(body[4:], text.encode())
            except InvalidSignature:
                continue
            return head
    raise NoteError("the head is not signed by the log's key")


def _signatures(note: str) -> list[tuple[str, bytes]]:
    lines = (_SIGNATURE.fullmatch(line) for line in note.split("\n")[4:])
    return [(match[1], _decoded(match[2])) for match in lines if match]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def cosign(note: str, name: str, key: Ed25519PrivateKey, now: datetime) -> str:
    """Return a witness's line under a head: it saw this head at this time, and it continues what it saw before."""
    seconds = int(now.timestamp())
    signature = key.sign(_cosigned(head_text(read_head(note)), seconds))
    return _line(name, _COSIGNATURE, key.public_key(), seconds.to_bytes(8, "big") + signature)


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def verify_cosignature(note: str, line: str, name: str, key: Ed25519PublicKey) -> datetime:
    """Return when the witness *name* countersigned a head.

    Raises
    ------
    NoteError
    """
    match = _SIGNATURE.fullmatch(line.rstrip("\n"))
    body = _decoded(match[2]) if match else b""
    if match is None or match[1] != name or len(body) != 76:
        raise NoteError(f"not a cosignature of {name}")
    seconds = int.from_bytes(body[4:12], "big")
    if body[:4] != _key_hash(name, _COSIGNATURE, key):
        raise NoteError(f"countersigned with another key than {name}'s")
    try:
        key.verify(body[12:], _cosigned(head_text(read_head(note)), seconds))
        return datetime.fromtimestamp(seconds, UTC)
    except (InvalidSignature, ValueError, OverflowError, OSError):
        raise NoteError(f"the cosignature of {name} does not fit this head") from None
