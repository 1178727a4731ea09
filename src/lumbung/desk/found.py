"""What an engine found, as a page says it: in the reader's language where there are words for it, else marked as English."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lumbung.desk.words import language_here
from lumbung.web.city_words import CITY
from lumbung.web.connectivity_words import CONNECTIVITY
from lumbung.web.sentences import Sentences

MOST = 30
"""Lines of a table that a page names; of a table with more wrong lines the first ones tell enough."""


@dataclass(frozen=True)
class Said:
    """A sentence, and the language it is in where that is not the page's."""

    text: str
    lang: str = ""


def said_here(found: Iterable[str], words: Sentences = CONNECTIVITY) -> list[Said]:
    """Return sentences of an engine's rooms in the reader's language."""
    language = language_here()
    return [
        Said(text, "" if language == "en" or words.knows(one) else "en")
        for one in found
        for text in words.each(language, one)
    ][:MOST]


def words_of(kind: str) -> Sentences:
    """Return the words for what a kind of work finds."""
    return CITY if kind.startswith("city.") else CONNECTIVITY
