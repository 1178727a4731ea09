"""Digests of plain data: the same value gives the same ``sha256:…`` on every machine."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import msgspec


def digest_bytes(data: bytes) -> str:
    """Return ``sha256:<hex>`` of *data*."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_data(value: object) -> str:
    """Digest JSON-like data or a record, whatever the order of its keys.

    Floats are written with the shortest digits that read back to the same double.
    """
    return digest_bytes(msgspec.json.encode(value, order="deterministic"))


def digest_under(secret: bytes, digest: str) -> str:
    """Digest a digest under a secret (HMAC-SHA-256, RFC 2104): without it nobody can check a guess at what was digested."""
    return "sha256:" + hmac.digest(secret, digest.encode(), "sha256").hex()


def digest_file(path: Path) -> str:
    """Digest a file's bytes without reading it whole into memory."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
