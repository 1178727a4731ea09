"""Static files under addresses that change with their content, so that a browser keeps them for a year; the map's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedStaticFilesStorage

LAND = Path(__file__).parent / "basemap.geojson"
"""Land and borders from Natural Earth 1:50 million (public domain), South-East Asia and China."""


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


class MapLibre(finders.BaseFinder):
    """The two files of MapLibre GL that a page needs, from the package that carries them among much else."""

    FILES = ("maplibre-gl.js", "maplibre-gl.css")

    def find(self, path: str, *_given: Any, **_more: Any) -> Any:
        folder, _slash, name = path.partition("/")
        return str(_maplibre() / name) if folder == "maplibre" and name in self.FILES else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, FileSystemStorage]]:
        storage = FileSystemStorage(location=str(_maplibre()))
        storage.prefix = "maplibre"  # type: ignore[attr-defined]
        return ((name, storage) for name in self.FILES)


def _maplibre() -> Path:
    # Found, not imported: the package draws maps in notebooks and brings much along for that.
    found = find_spec("maplibre")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("maplibre: install lumbung[centre] or lumbung[desk]")
    return Path(found.submodule_search_locations[0]) / "srcjs"
