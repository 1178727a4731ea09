"""Small cells are not shown: a figure over few people would tell about each of them.

A hidden cell could be worked out from a shown total and the other cells. So where exactly one cell of a shown total is
hidden, the next smallest is hidden with it.
"""

from __future__ import annotations

from collections.abc import Sequence

FEWEST = 10
STEP = 5


def shown(counts: Sequence[int], fewest: int = FEWEST) -> list[bool]:
    """Say for each cell of a total whether it may be shown. Empty cells are shown: they are about nobody."""
    open_cells = [count == 0 or count >= fewest for count in counts]
    hidden = [place for place, may in enumerate(open_cells) if not may]
    if len(hidden) == 1:
        others = [(count, place) for place, count in enumerate(counts) if open_cells[place] and count > 0]
        if others:
            open_cells[min(others)[1]] = False
    return open_cells


def settled(count: int, fewest: int = FEWEST, step: int = STEP) -> int:
    """Return over how many people a growing group is summarised: 0 below *fewest*, then whole steps.

    A mean that moved with every newcomer would tell the newcomer's result.
    """
    return 0 if count < fewest else count // step * step
