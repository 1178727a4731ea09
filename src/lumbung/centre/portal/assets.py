"""Static files under addresses that change with their content, so that a browser keeps them for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from whitenoise.storage import CompressedStaticFilesStorage


class NamedByContent(CompressedStaticFilesStorage):
    """Adds the beginning of a file's SHA-256 to its address; what is served without it is the same file."""

    def url(self, name: str | None) -> str:
        address: str = super().url(name)
        version = _version(name or "")
        return f"{address}?v={version}" if version else address


@cache
def _version(name: str) -> str:
    found: Any = finders.find(name)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12] if found else ""
