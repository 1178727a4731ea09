"""Exact merging of demand that every option treats alike.

Two demands reached by the same options are one demand with the sum of their weights: no plan can tell them apart.
Twenty million points under a hundred sites fall into a few thousand such classes. Equality is tested on the lists
themselves; the hash only says where to look.
"""

from __future__ import annotations

import numpy as np

from lumbung.connectivity.engine.covering.problem import Floats, Ints, Lists
from lumbung.kernels.compiling import FINITE, kernel


def merge_alike(rows: Lists) -> tuple[Ints, Ints]:
    """Find the classes of rows that hold the same list.

    Parameters
    ----------
    rows : Lists
        ``rows[i]`` holds the options that reach demand ``i``, rising.

    Returns
    -------
    first : int64 array, shape (classes,)
        One row of each class, the first met.
    classes : int64 array, shape (rows,)
        Class of each row. Rows that nothing reaches are class -1.
    """
    slots = 1 << max(4, (2 * len(rows)).bit_length())
    found: tuple[Ints, Ints] = _merge_alike(rows.indptr, rows.indices, slots)
    return found


@kernel(arithmetic=FINITE)
def _merge_alike(indptr, indices, slots):  # type: ignore[no-untyped-def]
    rows = len(indptr) - 1
    table = np.full(slots, -1, np.int64)
    first = np.empty(rows, np.int64)
    classes = np.full(rows, -1, np.int64)
    found = 0
    for i in range(rows):
        start, stop = indptr[i], indptr[i + 1]
        if start == stop:
            continue
        mixed = np.uint64(stop - start)
        for k in range(start, stop):
            mixed = (mixed ^ np.uint64(indices[k])) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        slot = np.int64(mixed & np.uint64(slots - 1))
        while table[slot] >= 0:
            other = first[table[slot]]
            alike = indptr[other + 1] - indptr[other] == stop - start
            k = 0
            while alike and k < stop - start:
                alike = indices[indptr[other] + k] == indices[start + k]
                k += 1
            if alike:
                break
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            table[slot] = found
            first[found] = i
            found += 1
        classes[i] = table[slot]
    return first[:found].copy(), classes


def merge_weights(classes: Ints, weights: Floats, count: int) -> Floats:
    """Sum the weights of each of ``count`` classes, in the order of the rows."""
    reached = classes >= 0
    sums: Floats = np.bincount(classes[reached], weights=weights[reached], minlength=count).astype(np.float64)
    return sums
