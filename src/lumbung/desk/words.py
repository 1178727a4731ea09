"""The reader's language as the engines name it."""

from __future__ import annotations

from django.utils.translation import get_language


def language_here() -> str:
    """Return ``en``, ``id`` or ``zh``."""
    language = get_language() or "en"
    return "zh" if language.startswith("zh") else "id" if language == "id" else "en"
