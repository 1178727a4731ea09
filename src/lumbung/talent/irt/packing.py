"""Several answers in one byte.

An item with C categories is a digit in base C, or base C + 1 where somebody did not see it. Consecutive items
share a byte as long as the product of their bases stays within 256: eight right/wrong items, five of them
when some are missing, four items of four categories. One person's likelihood is then a sum over bytes of
precomputed rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import kernel

CODES = 256


@dataclass(frozen=True)
class Layout:
    """Where each item sits.

    Attributes
    ----------
    categories : int64 [items]
        Number of answer categories of each item.
    bases : int64 [items]
        Base of the item's digit: ``categories``, plus one where a missing answer is possible.
    places : int64 [items]
        Value of the item's digit inside its byte.
    bytes_of : int64 [items]
        The byte that holds the item.
    row_starts : int64 [items + 1]
        First row of the item in tables that have one row per item and category.
    """

    categories: NDArray[np.int64]
    bases: NDArray[np.int64]
    places: NDArray[np.int64]
    bytes_of: NDArray[np.int64]
    row_starts: NDArray[np.int64]

    @property
    def n_items(self) -> int:
        return len(self.categories)

    @property
    def n_bytes(self) -> int:
        return int(self.bytes_of[-1]) + 1

    @property
    def n_rows(self) -> int:
        return int(self.row_starts[-1])


def row_starts(categories: NDArray[np.int64]) -> NDArray[np.int64]:
    """First row of each item, and the number of rows at the end."""
    return np.concatenate([[0], np.cumsum(categories)]).astype(np.int64)


def plan_layout(categories: NDArray[np.int64], may_miss: NDArray[np.bool_]) -> Layout:
    """Put items into bytes in their order.

    Raises
    ------
    ValueError
        If an item has more than 255 categories.
    """
    categories = np.asarray(categories, dtype=np.int64)
    bases = categories + np.asarray(may_miss, dtype=np.int64)
    if (bases > CODES).any():
        raise ValueError(
            f"item {int(np.argmax(bases))} has {int(categories.max())} categories; at most 255 fit"
        )
    places = np.ones(len(bases), dtype=np.int64)
    bytes_of = np.zeros(len(bases), dtype=np.int64)
    byte, filled = 0, 1
    for item, base in enumerate(bases):
        if filled * base > CODES:
            byte, filled = byte + 1, 1
        places[item], bytes_of[item] = filled, byte
        filled *= int(base)
    return Layout(categories, bases, places, bytes_of, row_starts(categories))


class PackingError(ValueError):
    """Answers that do not fit the layout."""


@kernel
def _pack(answers, categories, bases, places, bytes_of, codes):  # type: ignore[no-untyped-def]
    """Pack, and return the place of the first answer that does not fit, or -1."""
    persons, items = answers.shape
    for i in range(persons):
        for j in range(items):
            digit = answers[i, j]
            if digit < 0:
                digit = categories[j]
            if digit >= bases[j]:
                return i * items + j
            codes[i, bytes_of[j]] += np.uint8(digit * places[j])
    return -1


@kernel
def _unpack(codes, categories, bases, places, bytes_of, answers):  # type: ignore[no-untyped-def]
    persons = codes.shape[0]
    for i in range(persons):
        for j in range(len(categories)):
            digit = (codes[i, bytes_of[j]] // places[j]) % bases[j]
            answers[i, j] = digit if digit < categories[j] else -1


def pack(answers: NDArray[np.integer], layout: Layout) -> NDArray[np.uint8]:
    """Pack answers.

    Parameters
    ----------
    answers : int [persons, items]
        Category of each answer, counted from 0; negative where the person did not see the item.

    Returns
    -------
    uint8 [persons, bytes]

    Raises
    ------
    PackingError
        If the number of columns differs, or an answer is no category of its item (or missing where the layout has
        no room for that), naming the first one.
    """
    if answers.ndim != 2 or answers.shape[1] != layout.n_items:
        raise PackingError(f"expected {layout.n_items} columns, one per item, found shape {answers.shape}")
    codes = np.zeros((len(answers), layout.n_bytes), dtype=np.uint8)
    wrong = _pack(answers, layout.categories, layout.bases, layout.places, layout.bytes_of, codes)
    if wrong >= 0:
        row, column = divmod(int(wrong), layout.n_items)
        raise PackingError(
            f"row {row}, column {column}: found {answers[row, column]}; "
            f"expected 0 to {layout.categories[column] - 1}"
            + (
                ""
                if layout.bases[column] == layout.categories[column]
                else ", or a negative number for missing"
            )
        )
    return codes


def unpack(codes: NDArray[np.uint8], layout: Layout) -> NDArray[np.int16]:
    """Undo :func:`pack`; missing answers come back as -1."""
    answers = np.empty((len(codes), layout.n_items), dtype=np.int16)
    _unpack(codes, layout.categories, layout.bases, layout.places, layout.bytes_of, answers)
    return answers


@kernel
def spread_rows(rows, first, categories, bases, bytes_of, row_starts, tables):  # type: ignore[no-untyped-def]
    """Fill byte tables from rows: ``tables[byte, code] = sum of rows of the answers in the code``.

    ``first`` is added to every code of byte 0 (the logarithm of the prior).
    """
    nodes = rows.shape[1]
    for k in range(tables.shape[0]):
        for q in range(nodes):
            tables[k, 0, q] = first[q] if k == 0 else 0.0
    byte, size = 0, 1
    for j in range(len(categories)):
        if bytes_of[j] != byte:
            byte, size = bytes_of[j], 1
        table = tables[byte]
        for digit in range(bases[j] - 1, -1, -1):
            seen = digit < categories[j]
            row = rows[row_starts[j] + digit] if seen else rows[0]
            for code in range(size):
                source, target = table[code], table[digit * size + code]
                if seen:
                    for q in range(nodes):
                        target[q] = source[q] + row[q]
                else:
                    for q in range(nodes):
                        target[q] = source[q]
        size *= bases[j]


@kernel
def gather_rows(tables, categories, bases, bytes_of, row_starts, rows):  # type: ignore[no-untyped-def]
    """Undo :func:`spread_rows` for counts: add each code's count to the rows of the answers in the code.

    ``tables`` is used up; afterwards ``tables[0, 0]`` holds the total over people.
    """
    nodes = rows.shape[1]
    last = len(categories) - 1
    size = 1
    for j in range(last, -1, -1):
        if j == last or bytes_of[j] != bytes_of[j + 1]:
            size = 1
            for i in range(j, -1, -1):
                if bytes_of[i] != bytes_of[j]:
                    break
                size *= bases[i]
        size //= bases[j]
        table = tables[bytes_of[j]]
        for digit in range(bases[j]):
            if digit < categories[j]:
                row = rows[row_starts[j] + digit]
                for code in range(size):
                    source = table[digit * size + code]
                    for q in range(nodes):
                        row[q] += source[q]
            if digit > 0:
                for code in range(size):
                    source, target = table[digit * size + code], table[code]
                    for q in range(nodes):
                        target[q] += source[q]


@kernel
def count_codes(codes, weights, tables):  # type: ignore[no-untyped-def]
    """Add up how many people have each code of each byte, in ``tables[byte, code, 0]``."""
    for i in range(codes.shape[0]):
        weight = weights[i] if len(weights) > 0 else 1.0
        for k in range(codes.shape[1]):
            tables[k, codes[i, k], 0] += weight
