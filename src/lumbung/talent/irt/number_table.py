"""A fast way into a CSV table that holds nothing but small whole numbers and gaps, as large tables of answers do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import kernel

_COMMA, _LINE, _RETURN, _ZERO = 44, 10, 13, 48
_MOST = 2**53


@kernel
def _parse(data, start, n_columns, frequency, largest, cells, weights):  # type: ignore[no-untyped-def]
    """Fill cells (-1 for a gap) and weights; return the number of rows, or -1 at anything unexpected."""
    row, column, value = 0, 0, -1
    length = len(data)
    for place in range(start, length + 1):
        sign = data[place] if place < length else _LINE
        if sign == _RETURN:
            continue
        if sign == _COMMA or sign == _LINE:  # noqa: SIM109 (compiled)
            if sign == _LINE and column == 0 and value < 0:
                continue  # an empty line
            if column >= n_columns:
                return -1
            if column == frequency:
                if value < 0:
                    return -1
                weights[row] = value
            elif value > largest:
                return -1
            else:
                cells[row, column if frequency < 0 or column < frequency else column - 1] = value
            value = -1
            column += 1
            if sign == _LINE:
                if column != n_columns:
                    return -1
                row, column = row + 1, 0
        elif _ZERO <= sign <= _ZERO + 9:
            value = max(value, 0) * 10 + (sign - _ZERO)
            if value > _MOST:
                return -1
        else:
            return -1
    return row


def parse_numbers(
    data: bytes, start: int, n_columns: int, frequency: int | None, largest: int
) -> tuple[NDArray[np.int16], NDArray[np.float64] | None] | None:
    """Read everything after the header at once.

    Parameters
    ----------
    data : bytes
        The file.
    start : int
        Where the header ends.
    n_columns : int
        At least 2 (in a table of one column an empty line could be an answer not given).
    frequency : int or None
        Column of the frequencies.
    largest : int
        Largest category.

    Returns
    -------
    cells [rows, columns without the frequencies], weights or None; or None where any byte is not as expected and the table
    needs a slower and more patient reader.
    """
    if n_columns < 2:
        return None
    view = np.frombuffer(data, dtype=np.uint8)
    lines = int(np.count_nonzero(view[start:] == _LINE)) + 1
    cells = np.empty((lines, n_columns - (frequency is not None)), dtype=np.int16)
    weights = np.ones(lines)
    rows = _parse(view, start, n_columns, -1 if frequency is None else frequency, largest, cells, weights)
    if rows <= 0:
        return None
    return cells[:rows], None if frequency is None else weights[:rows]
