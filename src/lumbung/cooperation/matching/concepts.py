"""Finding concepts in a text, whatever its language: the tags of the matching room.

A small lexicon of our own (``lexicon/*.psv``) names some 260 concepts of the sectors in English, Indonesian, Chinese,
Malay, Thai and Vietnamese. Two texts that share no letter can share a concept, which is what lets the room match
without a language model, and what lets an explanation say in the reader's language what two texts have in common.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from lumbung.proving.text import Language, Text

WRITTEN = ("en", "id", "zh", "ms", "th", "vi")
"""Languages the lexicon knows."""

_UNSPACED = frozenset({"zh", "th"})
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_LATIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+]*")
_PREFIXES = (
    "memper", "diper", "meng", "meny", "peng", "peny", "mem", "men", "pem", "pen", "per", "ber", "ter", "me", "di",
    "pe", "se", "ke",
)  # fmt: skip
_SUFFIXES = ("kannya", "annya", "kan", "nya", "an", "i")


class LexiconError(ValueError):
    """A line of the lexicon is not of the form the reader expects."""


class Concept(NamedTuple):
    """A concept: its id, the sector file it stands in, and its name in the reader's languages."""

    id: str
    sector: str
    name: Text


class Lexicon:
    """Concepts and the forms by which each language writes them.

    Parameters
    ----------
    folder
        Holds ``<sector>.psv`` files: a header line, then one concept a line, columns separated by ``|``, forms of one
        language by ``;``. The first form of a language is its name.

    Raises
    ------
    LexiconError
        Names the file, the line and what is wrong with it.
    """

    def __init__(self, folder: Path) -> None:
        self.concepts: dict[str, Concept] = {}
        self._forms: dict[str, dict[tuple[str, ...], set[str]]] = {code: defaultdict(set) for code in WRITTEN}
        for path in sorted(folder.glob("*.psv")):
            self._read(path)
        self._longest = {code: max(map(len, forms), default=0) for code, forms in self._forms.items()}

    def _read(self, path: Path) -> None:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:], 2):
            cells = line.split("|")
            if len(cells) != len(WRITTEN) + 1 or not all(cell.strip() for cell in cells):
                raise LexiconError(
                    f"{path.name}, line {number}: found {len(cells)} cells, expected a concept and {', '.join(WRITTEN)}"
                )
            concept, forms = (
                cells[0],
                dict(zip(WRITTEN, (cell.split(";") for cell in cells[1:]), strict=True)),
            )
            if concept in self.concepts:
                raise LexiconError(f"{path.name}, line {number}: the concept {concept!r} is named twice")
            name = Text(forms["en"][0], forms["id"][0], forms["zh"][0])
            self.concepts[concept] = Concept(concept, path.stem, name)
            for code, spellings in forms.items():
                for spelling in spellings:
                    self._forms[code][_key(spelling, code)].add(concept)

    def name(self, concept: str, language: Language) -> str:
        """Return what `concept` is called in the reader's language."""
        return self.concepts[concept].name.in_language(language)

    def tags(self, text: str, language: str) -> dict[str, int]:
        """Return the concepts of `text` and how often each is named.

        Longer forms win over the shorter ones inside them. In Chinese and Thai, which put no spaces between words,
        forms are found anywhere; elsewhere they begin and end with a word, give or take an affix. Latin words inside
        another script are read as English. A language the lexicon does not know is read as English.
        """
        code = language.split("-")[0].lower()
        code = code if code in WRITTEN else "en"
        found: dict[str, int] = defaultdict(int)
        for concepts in self._scan(text, code):
            for concept in concepts:
                found[concept] += 1
        if code in _UNSPACED:
            for concepts in self._scan(" ".join(_LATIN.findall(text)), "en"):
                for concept in concepts:
                    found[concept] += 1
        return dict(found)

    def _scan(self, text: str, code: str) -> Iterator[set[str]]:
        units = _units(text, code)
        forms, longest = self._forms[code], self._longest[code]
        place = 0
        while place < len(units):
            for length in range(min(longest, len(units) - place), 0, -1):
                concepts = _lookup(forms, units[place : place + length], code)
                if concepts:
                    yield concepts
                    place += length
                    break
            else:
                place += 1


def _lookup(forms: dict[tuple[str, ...], set[str]], units: tuple[str, ...], code: str) -> set[str] | None:
    if units in forms:
        return forms[units]
    if code in _UNSPACED or code == "vi":
        return None
    for stem in _stems(units[-1], code):
        if (*units[:-1], stem) in forms:
            return forms[(*units[:-1], stem)]
    return None


@lru_cache(maxsize=20_000)
def _stems(word: str, code: str) -> tuple[str, ...]:
    """Guess the word without its affixes, likeliest first: a light stemmer, wrong guesses simply match nothing."""
    if code == "en":
        return _english_stems(word)
    bare = [word]
    bare += [
        word.removesuffix(suffix)
        for suffix in _SUFFIXES
        if word.endswith(suffix) and len(word) - len(suffix) > 3
    ]
    stems = list(bare[1:])
    for each in bare:
        for prefix in _PREFIXES:
            if each.startswith(prefix) and len(each) - len(prefix) > 2:
                rest = each[len(prefix) :]
                stems.append(rest)
                lost = {
                    "meny": "s",
                    "peny": "s",
                    "mem": "p",
                    "pem": "p",
                    "men": "t",
                    "pen": "t",
                    "meng": "k",
                    "peng": "k",
                }
                if prefix in lost:
                    stems.append(lost[prefix] + rest)
    return tuple(dict.fromkeys(stems))


def _english_stems(word: str) -> tuple[str, ...]:
    stems = []
    for suffix, instead in (
        ("ies", "y"),
        ("es", ""),
        ("s", ""),
        ("ing", ""),
        ("ing", "e"),
        ("ed", ""),
        ("ed", "e"),
        ("er", ""),
    ):
        if word.endswith(suffix) and len(word) - len(suffix) > 2:
            stems.append(word[: -len(suffix)] + instead)
    return tuple(stems)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _units(text: str, code: str) -> tuple[str, ...]:
    """Cut a text into what forms are made of: characters in Chinese and Thai, words elsewhere."""
    normal = _normal(text)
    return tuple(normal) if code in _UNSPACED else tuple(_WORD.findall(normal))


def _key(spelling: str, code: str) -> tuple[str, ...]:
    return _units(spelling.strip(), code)


@lru_cache(maxsize=1)
def shipped_lexicon() -> Lexicon:
    """Return the lexicon that comes with Lumbung."""
    return Lexicon(Path(__file__).with_name("lexicon"))
