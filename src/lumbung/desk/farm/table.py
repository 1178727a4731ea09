"""A job's table of sites as it can be mended in a page: one CSV file, whatever was given, whose line numbers stay.

What the person chose for all sites (weather, a forecast) stands in columns of its own, where the table has none.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from lumbung.proving.run_folder import write_whole

NAME = "table.csv"


def write_table(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write rows, the header first, each as one line.

    Raises
    ------
    lumbung.proving.faults.PlatformFault
        ``disk_full``, ``unwritable``.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([" ".join(cell.split()) for cell in row])
    write_whole(path, text.getvalue().encode())


def read_table(path: Path) -> list[list[str]]:
    """Return the rows, the header first."""
    with path.open(newline="", encoding="utf-8") as file:
        return [list(row) for row in csv.reader(file)]


def with_columns(
    rows: Sequence[Sequence[str]], known: Sequence[str], given: Mapping[str, str]
) -> list[list[str]]:
    """Return rows in which what was chosen for all sites stands where a table is empty.

    Parameters
    ----------
    rows : sequence of rows
        The header first.
    known : sequence of str
        The header as the farm knows its columns.
    given : mapping of str to str
        Column to what stands in it where nothing does.
    """
    header = list(rows[0])
    own = list(known)
    for column in given:
        if column not in own:
            own.append(column)
            header.append(column)
    out = [header]
    for row in rows[1:]:
        if not any(cell.strip() for cell in row):
            out.append(list(row))
            continue
        cells = [*row, *[""] * (len(header) - len(row))]
        for column, value in given.items():
            place = own.index(column)
            cells[place] = cells[place].strip() or value
        out.append(cells)
    return out


def mended(
    rows: Sequence[Sequence[str]], cells: Mapping[tuple[int, int], str], dropped: Sequence[int]
) -> list[list[str]]:
    """Return rows with some cells replaced, and some lines emptied so that the numbers of the others stay.

    Parameters
    ----------
    rows : sequence of rows
    cells : mapping of (int, int) to str
        Line (the header is 1) and column (from 0) to what shall stand there.
    dropped : sequence of int
        Lines left out.
    """
    out = [list(row) for row in rows]
    for (line, column), value in cells.items():
        if 2 <= line <= len(out) and 0 <= column < len(out[0]):
            row = out[line - 1]
            row += [""] * (column + 1 - len(row))
            row[column] = value
            del row[len(out[0]) :]
    for line in dropped:
        if 2 <= line <= len(out):
            out[line - 1] = []
    return out
