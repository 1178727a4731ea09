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
from django.db import transaction
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


def put(
    chunks: Iterable[bytes], *, limit: int, now: datetime, size: int | None = None, digest: str | None = None
) -> Blob:
    """Store a file and return its blob; the same bytes are stored once, and of a refused file nothing stays.

    A blob that nothing names a day later is removed (``standings.collecting``).

    Parameters
    ----------
    chunks : iterable of bytes
    limit : int
        The most that is stored, in bytes.
    now : datetime
    size : int, optional
        Bytes the sender announced.
    digest : str, optional
        ``sha256:…`` that the sender announced.

    Raises
    ------
    Refused
        More than *limit* bytes came, whatever length was announced; or not the bytes announced.
    """
    filesystem, root = _store(settings.BLOBS_URL)
    found, came = hashlib.sha256(), 0
    draft = f"{root}/.draft-{secrets.token_hex(8)}"
    try:
        with filesystem.open(draft, "wb") as file:
            for chunk in chunks:
                came += len(chunk)
                if came > limit:
                    raise too_large(limit)
                found.update(chunk)
                file.write(chunk)
        name = "sha256:" + found.hexdigest()
        if size is not None and came != size:
            raise Refused(
                _("The file was cut on the way: %(came)d of %(size)d bytes came. Send it again.")
                % {"came": came, "size": size}
            )
        if digest is not None and name != digest:
            raise Refused(_("The file was damaged on the way: its digest is another. Send it again."))
        with transaction.atomic():  # its row is locked while its file is moved: nobody removes it meanwhile
            blob, _made = Blob.objects.update_or_create(
                digest=name, defaults={"created": now}, create_defaults={"size": came, "created": now}
            )
            filesystem.mv(draft, _path(root, name))
    except BaseException:
        if filesystem.exists(draft):
            filesystem.rm(draft)
        raise
    return blob


def too_large(limit: int) -> Refused:
    """Return the refusal of a file of more than *limit* bytes."""
    return Refused(_("The file is larger than the %(limit)d MiB allowed.") % {"limit": limit >> 20})


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


def remove(digest: str) -> None:
    """Remove a blob's file, in the transaction that removes its row."""
    filesystem, root = _store(settings.BLOBS_URL)
    if filesystem.exists(_path(root, digest)):
        filesystem.rm(_path(root, digest))


def sweep(before: datetime) -> int:
    """Remove files older than *before* that are no blob's: drafts of broken connections, remains of what was undone."""
    filesystem, root = _store(settings.BLOBS_URL)
    filesystem.invalidate_cache()
    if not filesystem.exists(root):
        return 0
    gone = 0
    for path in filesystem.ls(root, detail=False):
        if Blob.objects.filter(pk=f"sha256:{path.rpartition('/')[2]}").exists():
            continue
        try:
            if filesystem.info(path)["type"] == "file" and filesystem.modified(path) < before:
                filesystem.rm(path)
                gone += 1
        except FileNotFoundError:  # a draft that became its blob meanwhile
            continue
    return gone


def fetch_to(digest: str, path: str) -> None:
    """Copy a blob to a local file."""
    filesystem, root = _store(settings.BLOBS_URL)
    filesystem.get_file(_path(root, digest), path)
