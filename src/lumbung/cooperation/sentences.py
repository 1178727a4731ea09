"""How sentences of the three languages are put together."""

from __future__ import annotations

from lumbung.proving.text import Language, Text


def said(text: Text, language: Language, **values: object) -> str:
    """Return `text` in `language` with its ``{names}`` filled in."""
    return text.in_language(language).format(**values)


def listed(items: list[str], language: Language) -> str:
    """Join `items` the way a sentence in `language` does: "a, b and c", "a, b, dan c", "a、b和c"."""
    if len(items) < 2:
        return "".join(items)
    if language == "zh":
        return "、".join(items[:-1]) + "和" + items[-1]
    word = " and " if language == "en" else (", dan " if len(items) > 2 else " dan ")
    return ", ".join(items[:-1]) + word + items[-1]


def colon(language: Language) -> str:
    """Return the colon of `language`: full width in Chinese, with a space after it elsewhere."""
    return "：" if language == "zh" else ": "
