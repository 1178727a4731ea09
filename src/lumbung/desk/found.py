"""What an engine found, as a page says it: in the reader's language where there are words for it, else marked as English."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lumbung.desk.words import language_here
from lumbung.web.connectivity_words import CONNECTIVITY

MOST = 30
"""Lines of a table that a page names; of a table with more wrong lines the first ones tell enough."""


@dataclass(frozen=True)
class Said:
    """A sentence, and the language it is in where that is not the page's."""

    text: str
    lang: str = ""


def said_here(found: Iterable[str]) -> list[Said]:
    """Return sentences of connectivity's rooms in the reader's language."""
    language = language_here()
    return [
        Said(text, "" if language == "en" or CONNECTIVITY.knows(one) else "en")
        for one in found
        for text in CONNECTIVITY.each(language, one)
    ][:MOST]
