"""Piecewise-linear tables, WOFOST's AFGEN.

A table is a list x0, y0, x1, y1, ... Below the first x and above the last the end values hold. Old tables are padded
with zeros at their end: the first x that does not rise ends the table.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lumbung.kernels.compiling import inlined

Array = npt.NDArray[np.float64]
LONGEST = 24  # points; the longest published WOFOST table has fifteen


class TableError(ValueError):
    """A table that is no function of x."""


def points(table: Sequence[float], name: str = "table") -> tuple[Array, Array]:
    """Split an AFGEN list into rising x and their y.

    Raises
    ------
    TableError
        When the list is odd or empty, holds something that is no number, or its x fall and then rise again.
    """
    flat = np.asarray(table, dtype=np.float64).ravel()
    if flat.size < 2 or flat.size % 2:
        raise TableError(f"{name}: an AFGEN table holds pairs x, y; found {flat.size} numbers")
    if not np.isfinite(flat).all():
        raise TableError(f"{name}: an AFGEN table holds finite numbers; found {flat[~np.isfinite(flat)][0]}")
    x, y = flat[0::2], flat[1::2]
    rises = np.diff(x) > 0
    end = int(np.argmin(rises)) + 1 if not rises.all() else x.size
    if rises[end:].any():
        raise TableError(f"{name}: x must rise; found {x[end]:g} after {x[end - 1]:g}")
    if end > LONGEST:
        raise TableError(f"{name}: at most {LONGEST} points are held; found {end}")
    return x[:end].copy(), y[:end].copy()


@inlined
def interpolate(x: Array, y: Array, count: int, at: float) -> float:
    """Return the table's value at ``at``; the table is the first ``count`` points of x and y."""
    if at <= x[0]:
        value: float = y[0]
    elif at >= x[count - 1]:
        value = y[count - 1]
    else:
        i = 0
        while x[i + 1] < at:
            i += 1
        value = y[i] + (y[i + 1] - y[i]) / (x[i + 1] - x[i]) * (at - x[i])
    return value


@inlined
def line(y: float, slope: float, x: float) -> float:
    """Return y + slope * x, rounded twice."""
    return y + slope * x


def pieces(tables: Sequence[tuple[Array, Array]], kept: int) -> Array:
    """Cut several tables of one argument at the union of their points.

    A season walks its development stage upward, so one pointer into the common pieces serves all tables at once.

    Table ``kept`` keeps its own points of reference, so that its values come out to the last bit as from the table.

    Returns
    -------
    Array, shape (pieces, 3 + 2 * tables)
        Per piece: the x its lines refer to, its right end, then value and slope of each table, at last the x to
        which the line of table ``kept`` refers. The first piece reaches to minus infinity and the last to plus
        infinity, both with slope zero.
    """
    knots = np.unique(np.concatenate([x for x, _ in tables]))
    out = np.zeros((knots.size + 1, 3 + 2 * len(tables)))
    out[0, 0] = knots[0]
    out[1:, 0] = knots
    out[:-1, 1] = knots
    out[-1, 1] = np.inf
    out[:, -1] = out[:, 0]
    for k, (x, y) in enumerate(tables):
        values = np.array([interpolate(x, y, x.size, knot) for knot in knots])
        out[0, 2 + 2 * k] = values[0]
        out[1:, 2 + 2 * k] = values
        if x.size > 1:
            slopes = np.diff(y) / np.diff(x)
            middle = (knots[:-1] + knots[1:]) / 2
            inside = (middle > x[0]) & (middle < x[-1])
            owner = np.clip(np.searchsorted(x, middle) - 1, 0, x.size - 2)
            out[1:-1, 3 + 2 * k] = np.where(inside, slopes[owner], 0.0)
            if k == kept:
                out[1:-1, 2 + 2 * k] = np.where(inside, y[owner], values[:-1])
                out[1:-1, -1] = np.where(inside, x[owner], knots[:-1])
    return out
