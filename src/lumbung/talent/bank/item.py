"""One item: what it asks in three languages, its key, and how an answer becomes 0 or 1.

The key and the rationale never leave through :meth:`Item.face`, which is what a test taker's page gets; options are shown
in an order drawn from the session's seed, and answers come back as the letters *shown*.
"""

from __future__ import annotations

import random
import re
import unicodedata
from typing import Literal, get_args

import msgspec

from lumbung.talent.bank.picture import Picture, draw_picture

Language = Literal["en", "id", "zh"]
Area = Literal["understanding", "working", "building", "responsibility"]
Level = Literal["foundation", "practitioner", "specialist"]
Kind = Literal["choice", "multiple", "order", "number"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
AREAS: tuple[Area, ...] = get_args(Area)
LEVELS: tuple[Level, ...] = get_args(Level)
PAIRS = ("en-id", "en-zh", "id-zh")
LETTERS = "ABCDEFGH"


class ItemError(ValueError):
    """An item, or an answer to one, that cannot be used; names the item and what was expected."""


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Item response parameters on the logit scale (2PL/3PL: slope a, difficulty b, lower asymptote c).

    Attributes
    ----------
    source : str
        ``expert guess`` until enough answers calibrate them.
    """

    a: float
    b: float
    c: float
    source: str = "expert guess"


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item in one language.

    Attributes
    ----------
    stem : str
        The question.
    rationale : str
        Why the key is right and, where it helps, why the others are not; for authors and trainers; never
        shown to who takes the test.
    options : tuple of str
        In the same order in every language; empty for numeric items.
    """

    stem: str
    rationale: str
    options: tuple[str, ...] = ()


class Face(msgspec.Struct, frozen=True):
    """What a test taker sees: no key, no rationale, no parameters.

    Attributes
    ----------
    id, kind, language : str
    stem : str
    options : tuple of str
        In the order of this session.
    code : str
        Code to read; empty for most items.
    picture : str
        A self-contained SVG with its own text alternative; empty for most items.
    """

    id: str
    kind: Kind
    language: Language
    stem: str
    options: tuple[str, ...]
    code: str
    picture: str


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One item of the bank.

    Attributes
    ----------
    id : str
        Area, level and a number, e.g. ``understanding-foundation-07``.
    area, level, kind : str
    key : str
        One letter (choice), the right letters in alphabetical order (multiple), the letters in the right order (order),
        or a number (number).
    alignment : tuple of str
        Ids in public frameworks; see docs/talent/bank.md.
    parameters : Parameters
    texts : mapping
        One :class:`Text` a language.
    author : str
    tolerance : float
        How far a numeric answer may lie from the key.
    check : str
        For numeric items, the arithmetic that gives the key.
    code : str
        Code to read, the same in every language.
    prints : str
        What the code prints, where the key is that.
    shuffle : bool
        Whether options may be shown in another order; false where they rise by size.
    picture : Picture, optional
    """

    id: str
    area: Area
    level: Level
    kind: Kind
    key: str
    alignment: tuple[str, ...]
    parameters: Parameters
    texts: dict[Language, Text]
    author: str
    tolerance: float = 0.0
    check: str = ""
    code: str = ""
    prints: str = ""
    shuffle: bool = True
    picture: Picture | None = None

    def face(self, language: Language, order_seed: int = 0) -> Face:
        """Show the item in a language, with options in the order of a session.

        Parameters
        ----------
        language : str
            en, id or zh.
        order_seed : int
            The session's seed; the order depends on it and on the item, so that neighbours share nothing.
        """
        text = self.texts[language]
        shown = tuple(text.options[place] for place in self.order(order_seed))
        picture = draw_picture(self.picture, language) if self.picture else ""
        return Face(self.id, self.kind, language, text.stem, shown, self.code, picture)

    def order(self, order_seed: int) -> list[int]:
        """For each place shown, the place of the option in the bank."""
        places = list(range(len(self.texts["en"].options)))
        if self.shuffle:
            random.Random(f"{order_seed}/{self.id}").shuffle(places)  # noqa: S311 (a layout, not a secret)
        return places

    def shown_key(self, order_seed: int) -> str:
        """The key in the letters a session shows; for marking on paper, never for a page."""
        if self.kind == "number":
            return self.key
        to_shown = {LETTERS[place]: LETTERS[shown] for shown, place in enumerate(self.order(order_seed))}
        letters = [to_shown[letter] for letter in self.key]
        return "".join(letters if self.kind == "order" else sorted(letters))


def score(item: Item, response: str | float, order_seed: int | None = None) -> int:
    """Score an answer: 1 when it is right, else 0.

    Parameters
    ----------
    item : Item
    response : str or float
        Letters (``B``; ``AC`` in any order for *multiple*; ``CABD`` for *order*) or a number; a decimal comma is fine.
        An empty answer scores 0.
    order_seed : int, optional
        The session's seed when the letters are those shown; None when they are those of the bank.

    Raises
    ------
    ItemError
        When the answer names options the item does not have, names one twice, or is no number.
    """
    text = str(response).strip()
    if not text:
        return 0
    if item.kind == "number":
        return int(
            any(abs(value - float(item.key)) <= item.tolerance + 1e-9 for value in _numbers(item, text))
        )
    letters = re.sub(r"[\s,;>→-]+", "", text.upper())
    have = LETTERS[: len(item.texts["en"].options)]
    if len(set(letters)) != len(letters) or not set(letters) <= set(have):
        raise ItemError(
            f"{item.id}: the answer {text!r} should name options {have[0]} to {have[-1]}, each at most once"
        )
    if item.kind == "choice" and len(letters) != 1:
        raise ItemError(f"{item.id}: one option can be chosen, the answer names {len(letters)}")
    if order_seed is not None:
        order = item.order(order_seed)
        letters = "".join(LETTERS[order[LETTERS.index(letter)]] for letter in letters)
    if item.kind == "multiple":
        letters = "".join(sorted(letters))
    return int(letters == item.key)


def _numbers(item: Item, text: str) -> list[float]:
    # 2.500 is two and a half to some and two thousand five hundred to others; either may be meant.
    # A Chinese keyboard writes full-width signs and its own full stop between digits.
    plain = re.sub(r"[\s%]", "", unicodedata.normalize("NFKC", text).replace("。", ".").replace("−", "-"))
    readings = [plain.replace(",", ".")]
    if re.fullmatch(r"[+-]?\d{1,3}(?:[.,]\d{3})+", plain):
        readings.append(re.sub(r"[.,]", "", plain))
    try:
        return [float(reading) for reading in readings if reading.count(".") <= 1]
    except ValueError as fault:
        raise ItemError(f"{item.id}: the answer {text!r} should be a number") from fault
