"""Options that another option replaces at no loss.

Option ``j`` may go when some option ``k`` reaches all that ``j`` reaches, costs no more, and may always take its
place: it stands at the same site, or is the only option of its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.covering.problem import Floats, Ints, Lists
from lumbung.kernels.compiling import FINITE, kernel


def undominated(cover: Lists, rows: Lists, costs: Floats, groups: Ints) -> NDArray[np.bool_]:
    """Mark the options that must be kept.

    Parameters
    ----------
    cover, rows : Lists
        Demands of each option, and options of each demand (the same relation turned).
    costs : float64 array, shape (options,)
    groups : int64 array, shape (options,)

    Returns
    -------
    bool array, shape (options,)
        Of options alike in cover and cost the first is kept; options that reach nothing are not.
    """
    alone = np.bincount(groups, minlength=int(groups.max(initial=-1)) + 1)[groups] == 1
    keep: NDArray[np.bool_] = _undominated(
        cover.indptr, cover.indices, rows.indptr, rows.indices, costs, groups, alone
    )
    return keep


@kernel(arithmetic=FINITE)
def _undominated(cover_at, cover, rows_at, rows, costs, groups, alone):  # type: ignore[no-untyped-def]
    options = len(cover_at) - 1
    keep = np.ones(options, np.bool_)
    shared = np.zeros(options, np.int64)
    for j in range(options):
        size = cover_at[j + 1] - cover_at[j]
        if size == 0:
            keep[j] = False
            continue
        # Whoever reaches all of j reaches its rarest demand.
        rarest = cover[cover_at[j]]
        for a in range(cover_at[j], cover_at[j + 1]):
            i = cover[a]
            if rows_at[i + 1] - rows_at[i] < rows_at[rarest + 1] - rows_at[rarest]:
                rarest = i
        if rows_at[rarest + 1] - rows_at[rarest] == 1:
            continue
        for a in range(cover_at[j], cover_at[j + 1]):
            i = cover[a]
            for b in range(rows_at[i], rows_at[i + 1]):
                shared[rows[b]] += 1
        for b in range(rows_at[rarest], rows_at[rarest + 1]):
            k = rows[b]
            if k == j or not keep[k] or shared[k] < size or costs[k] > costs[j]:
                continue
            if groups[k] != groups[j] and not alone[k]:
                continue
            same = cover_at[k + 1] - cover_at[k] == size and costs[k] == costs[j]
            if same and k > j and (alone[j] or groups[k] == groups[j]):
                continue
            keep[j] = False
            break
        for a in range(cover_at[j], cover_at[j + 1]):
            i = cover[a]
            for b in range(rows_at[i], rows_at[i + 1]):
                shared[rows[b]] = 0
    return keep
