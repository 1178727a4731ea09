"""A text in the three languages of the house: English, Indonesian, Simplified Chinese."""

from __future__ import annotations

from typing import Literal

import msgspec

Language = Literal["en", "id", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "id", "zh")


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text, written natively in each language.

    Attributes
    ----------
    en, id, zh : str
        English, Bahasa Indonesia, Simplified Chinese.
    """

    en: str
    id: str
    zh: str

    def in_language(self, language: str) -> str:
        """Return the text in *language*; anything else than ``id`` or ``zh…`` gets English."""
        if language == "id":
            return self.id
        return self.zh if language.startswith("zh") else self.en

    def format(self, **params: object) -> Text:
        """Fill the same parameters into all three."""
        return Text(self.en.format(**params), self.id.format(**params), self.zh.format(**params))
