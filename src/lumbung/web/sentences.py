"""Puts what an engine says into a person's language.

Engines word their findings in English, for files and programs alike. Here each sentence is known by its fixed words; what stands between
braces is carried over, and a sentence within a sentence is put into the language too. A sentence that is not known stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lumbung.proving.text import Text

_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_LINES_APART = re.compile(r"; (?=line \d+: )")
_NUMBERED = re.compile(r"(?P<place>([^;]*, |[^;]*: )?line \d+): (?P<rest>.+)", re.DOTALL)
_LISTED = re.compile(r"; ")
_PLACED = re.compile(r": ")
_LINE = re.compile(r"(?P<before>^|.*, |.*: )line (?P<line>\d+)(?P<after>(, \w+)?)", re.DOTALL)
_LINES = Text("line {line}", "baris {line}", "第 {line} 行")


class Sentences:
    """The sentences of a room, each in three languages.

    Parameters
    ----------
    texts : sequence of Text
        The first that fits counts; names between braces are the same in each language.
    places : sequence of Text
        Words for where something was found, as they stand before a colon; a file, a line of it or an id needs none.
    """

    def __init__(self, texts: Sequence[Text], places: Sequence[Text] = ()) -> None:
        self._known = [(_pattern(text.en), text) for text in texts]
        self._places = [(_pattern(text.en), text) for text in places]

    def in_language(self, language: str, said: str) -> str:
        """Return what was said in a language; as it is where it is not known.

        Parameters
        ----------
        language : {"en", "id", "zh"}
        said : str
            A sentence, several with semicolons between, or one with its place before a colon.
        """
        mark = "；" if language == "zh" else "; "
        return mark.join(self.each(language, said))

    def each(self, language: str, said: str) -> list[str]:
        """Return the same, one text for each line of a table that it speaks of."""
        parts = _LINES_APART.split(said)
        if language == "en":
            return parts
        return [self._part(language, part) for part in parts]

    def knows(self, said: str) -> bool:
        """Return whether there are words for it in every language."""
        return all(self._translated("id", part) is not None for part in _LINES_APART.split(said))

    def _translated(self, language: str, said: str) -> str | None:
        numbered = _NUMBERED.fullmatch(said)
        if numbered is not None:
            rest = self._translated(language, numbered["rest"])
            colon = "：" if language == "zh" else ": "
            return None if rest is None else f"{_place(language, numbered['place'])}{colon}{rest}"
        for pattern, text in self._known:
            found = pattern.fullmatch(said)
            if found is not None:
                parts = {name: self._part(language, part) for name, part in found.groupdict().items()}
                return text.in_language(language).format(**parts)
        for parted, mark in (
            (_LISTED, "；" if language == "zh" else "; "),
            (_PLACED, "：" if language == "zh" else ": "),
        ):
            for at in parted.finditer(said):
                first, rest = said[: at.start()], self._translated(language, said[at.end() :])
                before = (
                    self._translated(language, first) if parted is _LISTED else self._where(language, first)
                )
                if rest is not None and before is not None:
                    return f"{before}{mark}{rest}"
        return None

    def _where(self, language: str, said: str) -> str:
        *before, last = said.split(": ") if self._places else [said]
        for pattern, text in self._places:
            found = pattern.fullmatch(last)
            if found is not None:
                last = text.in_language(language).format(**found.groupdict())
                break
        else:
            last = _place(language, last)
        return ("：" if language == "zh" else ": ").join([*before, last])

    def _part(self, language: str, part: str) -> str:
        if language == "id" and _THOUSANDS.fullmatch(part):
            return part.replace(",", ".")
        found = self._translated(language, part)
        return part if found is None else found


def _place(language: str, said: str) -> str:
    """Return a file, a line of it, or an id; only the word for a line is one of a language."""
    found = _LINE.fullmatch(said)
    if found is None:
        return said
    before = found["before"].replace(": ", "：") if language == "zh" else found["before"]
    return before + _LINES.in_language(language).format(line=found["line"]) + found["after"]


def _pattern(english: str) -> re.Pattern[str]:
    """Return what a sentence can look like."""
    parts = re.split(r"\{(\w+)\}", english)
    spelt = (f"(?P<{part}>.+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
    return re.compile("".join(spelt), re.DOTALL)
