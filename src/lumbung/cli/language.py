"""The language a person reads: LUMBUNG_LANGUAGE, else the locale's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lumbung.proving.text import Language


def language() -> Language:
    """Return ``en``, ``id`` or ``zh``."""
    wanted = os.environ.get("LUMBUNG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    if wanted.startswith(("id", "in_")):
        return "id"
    return "zh" if wanted.startswith("zh") else "en"
