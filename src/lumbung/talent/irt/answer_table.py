"""Answers as a CSV table: one row a person, one column an item, empty where the person did not see the item.

A column ``freq`` counts equal rows; columns ``person`` or ``id`` name the person; a group column is named by
the caller. A row with a wrong cell spoils only itself: it is left out and reported.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt.number_table import parse_numbers
from lumbung.talent.irt.responses import Problem

_LARGEST = 254
_FREQUENCY = ("freq", "frequency")
_PERSON = ("person", "id")
_SHOWN = 20


class AnswerTableError(ValueError):
    """A table of answers that cannot be read at all."""


@dataclass(frozen=True)
class AnswerTable:
    """Answers read from a file.

    Attributes
    ----------
    items : tuple of str
    answers : int16 [rows, items]
        -1 where not seen.
    weights : float64 [rows] or None
    persons : list of str or None
    groups : list of str or None
    problems : list of Problem
    """

    items: tuple[str, ...]
    answers: NDArray[np.int16]
    weights: NDArray[np.float64] | None
    persons: list[str] | None
    groups: list[str] | None
    problems: list[Problem]


class _RowError(ValueError):
    pass


def _find(header: list[str], names: tuple[str, ...]) -> int | None:
    found = [k for k, name in enumerate(header) if name.strip().lower() in names]
    return found[0] if found else None


def _cell(text: str, column: str) -> int:
    text = text.strip()
    if text in ("", "NA", "."):
        return -1
    try:
        value = float(text)
    except ValueError:
        raise _RowError(f"column {column}: found {text!r}, expected a whole number or nothing") from None
    if value != int(value) or not 0 <= value <= _LARGEST:
        raise _RowError(f"column {column}: found {text!r}, expected a whole number from 0 to {_LARGEST}")
    return int(value)


def _one_row(row: list[str], columns: list[int], header: list[str]) -> list[int]:
    if len(row) != len(header):
        raise _RowError(f"found {len(row)} cells, expected {len(header)}")
    return [_cell(row[k], header[k]) for k in columns]


def _frequency(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise _RowError(f"column freq: found {text!r}, expected a number") from None
    if not 0 <= value < 1e15:
        raise _RowError(f"column freq: found {text!r}, expected a number of at least 0")
    return value


def _whole(path: Path, header: list[str], columns: list[int], frequency: int | None) -> AnswerTable | None:
    """The whole table at once where every cell is a plain number or empty; None where it is not."""
    data = path.read_bytes()
    start = data.find(b"\n") + 1
    if b'"' in data[:start] or start == 0:
        return None
    found = parse_numbers(data, start, len(header), frequency, _LARGEST)
    if found is None:
        return None
    kept = [k for k in range(len(header)) if k != frequency]
    cells, weights = found
    if columns != kept:
        cells = cells[:, [kept.index(k) for k in columns]]
    return AnswerTable(tuple(header[k] for k in columns), cells, weights, None, None, [])


def read_answer_table(path: Path, group: str | None = None, only: Sequence[str] | None = None) -> AnswerTable:
    """Read a CSV table of answers.

    Parameters
    ----------
    path : Path
    group : str, optional
        Name of the column that holds each person's group, e.g. ``language``.
    only : sequence of str, optional
        Names of the items to read; other columns are passed over.

    Raises
    ------
    AnswerTableError
        If the file is empty, a column name repeats, the group column is missing, or no row is usable.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        header = next(reader, None)
        if not header:
            raise AnswerTableError(f"{path}: empty; expected a first line with the names of the items")
        header = [name.strip() for name in header]
        repeated = [name for name in header if header.count(name) > 1]
        if repeated:
            raise AnswerTableError(f"{path}, line 1: column {repeated[0]!r} appears more than once")
        if group is not None and group not in header:
            raise AnswerTableError(f"{path}, line 1: no column {group!r}; found {', '.join(header)}")
        frequency, person = _find(header, _FREQUENCY), _find(header, _PERSON)
        group_column = header.index(group) if group is not None else None
        special = {frequency, person, group_column}
        columns = [k for k in range(len(header)) if k not in special]
        if only is not None:
            columns = [k for k in columns if header[k] in set(only)]
        if not columns:
            looked = "" if only is None else f"; looked for {', '.join(list(only)[:3])}, …"
            raise AnswerTableError(f"{path}, line 1: no column holds an item{looked}")
        if person is None and group_column is None:
            whole = _whole(path, header, columns, frequency)
            if whole is not None:
                return whole
        blocks: list[list[int]] = []
        kept: list[list[str]] = []
        problems: list[Problem] = []
        for number, row in enumerate(reader, start=2):
            if not row:
                continue
            try:
                values = _one_row(row, columns, header)
                if frequency is not None:
                    _frequency(row[frequency])
            except _RowError as error:
                problems.append(Problem(f"{path.name}, line {number}", str(error), "row left out"))
                continue
            blocks.append(values)
            kept.append(row)
    if not blocks:
        first = f"; first: {problems[0]}" if problems else ""
        raise AnswerTableError(f"{path}: no usable row below the header{first}")
    if len(problems) > _SHOWN:
        more = len(problems) - _SHOWN
        problems = [*problems[:_SHOWN], Problem(path.name, f"{more} more rows like these", "left out")]
    return AnswerTable(
        tuple(header[k] for k in columns),
        np.array(blocks, dtype=np.int16),
        np.array([_frequency(row[frequency]) for row in kept]) if frequency is not None else None,
        [row[person] for row in kept] if person is not None else None,
        [row[group_column] for row in kept] if group_column is not None else None,
        problems,
    )
