"""A large file as the body of a request: read in pieces, never whole in memory, and held against what was announced."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, UnreadablePostError
from django.utils.translation import gettext as _

from lumbung.centre.challenges import blobs
from lumbung.centre.members.services import Refused

_SHA256 = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


@dataclass(frozen=True)
class Body:
    """What the headers announce, and the bytes as they come.

    Attributes
    ----------
    size : int
        In bytes, from ``Content-Length``.
    digest : str
        ``sha256:…``, from ``Content-Digest`` (RFC 9530, section 2).
    """

    request: HttpRequest
    size: int
    digest: str

    def __iter__(self) -> Iterator[bytes]:
        try:
            while chunk := self.request.read(blobs.CHUNK):
                yield chunk
        except UnreadablePostError:
            return  # the line is gone: what is missing shows in the size


def announced(request: HttpRequest, *, limit: int) -> Body:
    """Read what the headers announce, before any byte of the body.

    Raises
    ------
    Refused
        No length or no digest, or more than *limit* bytes.
    """
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or not (size := int(length[:20])) > 0:
        raise Refused(_("Send a file as the body, with its length in Content-Length."))
    if size > limit:
        raise blobs.too_large(limit)
    named = _SHA256.search(request.headers.get("Content-Digest", ""))
    if named is None:
        raise Refused(_("Send the file's SHA-256 in Content-Digest, as sha-256=:base64: (RFC 9530)."))
    return Body(request, size, "sha256:" + base64.b64decode(named[1]).hex())
