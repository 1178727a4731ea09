"""Blobs: files named by their digest, in a folder or an object store (any fsspec URL)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

import fsspec
from django.conf import settings
from django.utils.translation import gettext as _

from lumbung.centre.challenges.models import Blob
from lumbung.centre.members.services import Refused

CHUNK = 1 << 20


@cache
def _store(url: str) -> tuple[Any, str]:
    filesystem, root = fsspec.core.url_to_fs(url)
    if "file" in filesystem.protocol:
        filesystem.makedirs(root, exist_ok=True)
    return filesystem, root


def put(chunks: Iterable[bytes], *, limit: int, now: datetime) -> Blob:
    """Store a file and return its blob; the same bytes are stored once.

    Raises
    ------
    Refused
        More than *limit* bytes came, whatever length was declared.
    """
    filesystem, root = _store(settings.BLOBS_URL)
    digest, size = hashlib.sha256(), 0
    draft = f"{root}/.draft-{secrets.token_hex(8)}"
    try:
        with filesystem.open(draft, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise Refused(
                        _("The file is larger than the %(limit)d MiB allowed.") % {"limit": limit >> 20}
                    )
                digest.update(chunk)
                file.write(chunk)
        name = "sha256:" + digest.hexdigest()
        filesystem.mv(draft, _path(root, name))
    except BaseException:
        if filesystem.exists(draft):
            filesystem.rm(draft)
        raise
    blob, _made = Blob.objects.get_or_create(digest=name, defaults={"size": size, "created": now})
    return blob


def _path(root: str, digest: str) -> str:
    # Flat, since fsspec's object stores have no folders to be slow; the colon does not please every file system.
    return f"{root}/{digest.removeprefix('sha256:')}"


def read(digest: str, offset: int = 0) -> Iterator[bytes]:
    """Yield a blob's bytes from *offset* on."""
    filesystem, root = _store(settings.BLOBS_URL)
    with filesystem.open(_path(root, digest), "rb") as file:
        file.seek(offset)
        while chunk := file.read(CHUNK):
            yield chunk


def fetch_to(digest: str, path: str) -> None:
    """Copy a blob to a local file."""
    filesystem, root = _store(settings.BLOBS_URL)
    filesystem.get_file(_path(root, digest), path)
