"""Translations, compiled where they are used: ``.po`` files are the source, and nobody needs gettext's tools.

Every app of the centre may keep ``locale/<language>/LC_MESSAGES/django.po``; the files of a language are joined and
compiled into a folder of LUMBUNG_HOME that is named by their content. A changed file is a new folder: what a process
reads never changes under it, and no compiled file is ever older than its source.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


def sources(base: Path, domain: str = "django") -> list[Path]:
    """Return the catalogues below *base*, in a fixed order."""
    return [
        path for below in ("", "*/") for path in sorted(base.glob(f"{below}locale/*/LC_MESSAGES/{domain}.po"))
    ]


def compiled(base: Path, home: Path, domain: str = "django") -> Path:
    """Return a folder with the compiled catalogues of *base*, made when it is not there yet.

    Parameters
    ----------
    base : Path
        The centre's package.
    home : Path
        A folder that can be written.
    domain : str
        Django's own, or another that gettext is asked for.
    """
    files = sources(base, domain)
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.parent.parent.name.encode() + b"\0" + path.read_bytes() + b"\0")
    target = home / "locale" / digest.hexdigest()[:16]
    for language in {path.parent.parent.name for path in files}:
        catalogue = target / language / "LC_MESSAGES" / f"{domain}.mo"
        if not catalogue.exists():
            _compile((path for path in files if path.parent.parent.name == language), catalogue)
    return target


def _compile(files: Iterable[Path], target: Path) -> None:
    import polib

    joined, *others = [polib.pofile(str(path)) for path in files]
    for other in others:
        joined.extend(entry for entry in other if entry not in joined)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{os.getpid()}.mo")
    joined.save_as_mofile(str(draft))
    draft.replace(target)
