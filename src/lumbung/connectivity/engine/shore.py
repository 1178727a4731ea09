"""Shapes on a raster: how large a patch is, and how far each cell is from the nearest cell of a kind."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import FINITE, kernel


@kernel(arithmetic=FINITE)
def patch_sizes(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return for each marked cell the number of cells in its patch (sides touching), 0 for the others."""
    rows, columns = mask.shape
    size = np.zeros(mask.shape, np.int32)
    stack = np.empty(rows * columns, np.int32)
    for start in range(rows * columns):
        if not mask[start // columns, start % columns] or size[start // columns, start % columns] != 0:
            continue
        stack[0] = start
        size[start // columns, start % columns] = -1
        head = 0
        count = 1
        while head < count:  # the list of members doubles as the queue
            i = stack[head] // columns
            j = stack[head] % columns
            head += 1
            for side in range(4):
                a = i + (1 if side == 0 else -1 if side == 1 else 0)
                b = j + (1 if side == 2 else -1 if side == 3 else 0)
                if 0 <= a < rows and 0 <= b < columns and mask[a, b] and size[a, b] == 0:
                    size[a, b] = -1
                    stack[count] = a * columns + b
                    count += 1
        for k in range(count):
            size[stack[k] // columns, stack[k] % columns] = count
    return size


@kernel(arithmetic=FINITE)
def distance_to(
    mask: NDArray[np.bool_], row_step: float, column_step: float, limit: float
) -> NDArray[np.float32]:
    """Return the distance to the nearest marked cell, in the unit of the steps, as far as ``limit``.

    A two-pass chamfer transform (Borgefors 1986): exact along rows, columns and diagonals, up to 8 % long
    between them.
    """
    rows, columns = mask.shape
    diagonal = math.sqrt(row_step * row_step + column_step * column_step)
    beyond = np.float32(2.0 * limit + diagonal)
    distance = np.zeros(mask.shape, np.float32)
    for i in range(rows):
        for j in range(columns):
            d = np.float32(0.0) if mask[i, j] else beyond
            if i > 0:
                d = min(d, distance[i - 1, j] + row_step)
                if j > 0:
                    d = min(d, distance[i - 1, j - 1] + diagonal)
                if j < columns - 1:
                    d = min(d, distance[i - 1, j + 1] + diagonal)
            if j > 0:
                d = min(d, distance[i, j - 1] + column_step)
            distance[i, j] = d
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            d = distance[i, j]
            if i < rows - 1:
                d = min(d, distance[i + 1, j] + row_step)
                if j > 0:
                    d = min(d, distance[i + 1, j - 1] + diagonal)
                if j < columns - 1:
                    d = min(d, distance[i + 1, j + 1] + diagonal)
            if j < columns - 1:
                d = min(d, distance[i, j + 1] + column_step)
            distance[i, j] = d
    return distance
