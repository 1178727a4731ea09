"""Texts in the three languages of the centre.

Every sentence a person reads here exists in English, Indonesian and Chinese, or the book that holds it is refused:
a missing translation found by a reader in Jakarta is found too late.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Language = Literal["en", "id", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Texts(msgspec.Struct, frozen=True):
    """One text in the three languages of the centre."""

    en: str
    id: str
    zh: str

    def __post_init__(self) -> None:
        empty = [language for language in LANGUAGES if not getattr(self, language).strip()]
        if empty:
            raise ValueError(f"the text {self.en or self.id or self.zh!r} is empty in: {', '.join(empty)}")

    def to(self, language: Language) -> str:
        """Return the text in `language`."""
        text: str = getattr(self, language)
        return text

    def fill(self, language: Language, **values: object) -> str:
        """Return the text in `language` with its ``{names}`` filled in."""
        return self.to(language).format(**values)


def listed(items: list[str], language: Language) -> str:
    """Join `items` the way a sentence in `language` does: "a, b and c", "a, b, dan c", "a、b和c"."""
    if len(items) < 2:
        return "".join(items)
    if language == "zh":
        return "、".join(items[:-1]) + "和" + items[-1]
    word = " and " if language == "en" else (", dan " if len(items) > 2 else " dan ")
    return ", ".join(items[:-1]) + word + items[-1]
