"""The reader's language, by the name that records use for it."""

from __future__ import annotations

from django.utils import translation


def house_language() -> str:
    """Return ``en``, ``id`` or ``zh``: the language of the request that is being answered."""
    return {"id": "id", "zh-hans": "zh"}.get(translation.get_language() or "en", "en")
