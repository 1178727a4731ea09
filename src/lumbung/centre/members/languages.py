"""The reader's language, by the name that records use for it, and how a time is written in it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from django.utils import translation
from django.utils.formats import date_format

FORMATS = {"en": "j F Y, H:i", "id": "j F Y, H.i", "zh": "Y年n月j日 H:i"}


def house_language() -> str:
    """Return ``en``, ``id`` or ``zh``: the language of the request that is being answered."""
    return {"id": "id", "zh-hans": "zh"}.get(translation.get_language() or "en", "en")


def written(moment: datetime) -> str:
    """Return a time in UTC as people of the reader's language write it; whoever shows it says that it is UTC."""
    return _written(moment.astimezone(UTC).replace(second=0, microsecond=0), house_language())


@lru_cache(maxsize=4096)
def _written(minute: datetime, language: str) -> str:
    return date_format(minute, FORMATS[language])
