"""Equivalence across languages: whether a second person confirmed that two versions of an item ask the same.

Reviews are rows of ``reviews.csv`` beside the items, never a mark inside an item: a row holds who, when, and the digest of
the two texts as they were read. An item that is edited afterwards counts as unreviewed again by itself.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Literal

from lumbung.talent.bank.item import PAIRS, Item, ItemError

REVIEWS = "reviews.csv"
State = Literal["draft", "reviewed", "differs", "changed"]


@dataclass(frozen=True)
class Review:
    """One person's word on one pair of texts.

    Attributes
    ----------
    item, pair : str
        E.g. ``working-foundation-01`` and ``en-id``.
    verdict : str
        ``same`` or ``differs``.
    reviewer, day : str
    digest : str
        Of both texts and the key, as they were read.
    note : str
        What differs; required with that verdict.
    """

    item: str
    pair: str
    verdict: str
    reviewer: str
    day: str
    digest: str
    note: str = ""


_COLUMNS = [field.name for field in fields(Review)]


def digest_of(item: Item, pair: str) -> str:
    """Digest what a reviewer of a pair reads: key, code, and both texts."""
    texts = [item.texts[language] for language in pair.split("-")]  # type: ignore[index]
    parts = [item.kind, item.key, item.code, *(str(text) for text in texts)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def read_reviews(folder: Path) -> list[Review]:
    """Read the reviews of a bank, oldest first; none where there is no file.

    Raises
    ------
    ItemError
        Names the line that is no review.
    """
    path = folder / REVIEWS
    if not path.is_file():
        return []
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            if number == 1 and row == _COLUMNS:
                continue
            if len(row) != len(_COLUMNS) or row[1] not in PAIRS or row[2] not in ("same", "differs"):
                raise ItemError(f"{path}, line {number}: found {row}, expected {','.join(_COLUMNS)}")
            found.append(Review(*row))
    return found


def equivalence(items: Iterable[Item], reviews: Sequence[Review]) -> dict[tuple[str, str], State]:
    """Say for each item and pair of languages where its review stands; the last word counts."""
    last = {(review.item, review.pair): review for review in reviews}
    states: dict[tuple[str, str], State] = {}
    for item in items:
        for pair in PAIRS:
            review = last.get((item.id, pair))
            if review is None:
                states[item.id, pair] = "draft"
            elif review.digest != digest_of(item, pair):
                states[item.id, pair] = "changed"
            else:
                states[item.id, pair] = "reviewed" if review.verdict == "same" else "differs"
    return states


def add_review(
    folder: Path, item: Item, pair: str, *, same: bool, reviewer: str, day: date, note: str = ""
) -> Review:
    """Append a review.

    Raises
    ------
    ItemError
        When the reviewer is nobody or the item's author, the pair is unknown, or a difference comes without a note.
    """
    name = " ".join(reviewer.split())
    if pair not in PAIRS:
        raise ItemError(f"{item.id}: there is no pair {pair!r}; expected one of {', '.join(PAIRS)}")
    if not name or name.casefold() == item.author.casefold():
        raise ItemError(
            f"{item.id}: a second person reviews it; found {reviewer!r}, the author is {item.author!r}"
        )
    if not same and not note.strip():
        raise ItemError(f"{item.id}: say what differs between the versions")
    verdict = "same" if same else "differs"
    review = Review(
        item.id, pair, verdict, name, day.isoformat(), digest_of(item, pair), " ".join(note.split())
    )
    path = folder / REVIEWS
    fresh = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([_COLUMNS, astuple(review)] if fresh else [astuple(review)])
    return review
