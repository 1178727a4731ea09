"""The reader's language, by the name that records use for it, and how a time is written in it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import translation
from django.utils.formats import date_format

FORMATS = {"en": "j F Y, H:i", "id": "j F Y, H.i", "zh": "Y年n月j日 H:i"}


def house_language() -> str:
    """Return ``en``, ``id`` or ``zh``: the language of the request that is being answered."""
    return {"id": "id", "zh-hans": "zh"}.get(translation.get_language() or "en", "en")


def written(moment: datetime) -> str:
    """Return a time in UTC as people of the reader's language write it; whoever shows it says that it is UTC."""
    return date_format(moment.astimezone(UTC), FORMATS[house_language()])
