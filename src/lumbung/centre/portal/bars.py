"""Intervals drawn so that one can compare them: one scale for all rows of a leaderboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import floor, log10
from typing import Any

WIDTH = 240.0
MARGIN = 6.0
BAR, GAP, HEIGHT = 10, 2, 36
"""Of upright bars, one for each month or day, in the drawing's own units."""


@dataclass(frozen=True)
class Scale:
    """From figures to places along a bar."""

    low: float
    high: float

    def x(self, value: float) -> float:
        """Return where *value* stands, in the drawing's own units."""
        return round(MARGIN + (value - self.low) / (self.high - self.low) * (WIDTH - 2 * MARGIN), 2)

    @property
    def ticks(self) -> list[float]:
        """Two to five round figures along the scale."""
        step = 10 ** floor(log10((self.high - self.low) / 2))
        while (self.high - self.low) / step > 4:
            step *= 2 if str(step).lstrip("0.")[:1] in "15" else 2.5
        first = -(-self.low // step)
        return [
            float(f"{(first + i) * step:.6g}") for i in range(6) if (first + i) * step <= self.high + 1e-12
        ]


def scale_of(rows: Sequence[dict[str, Any]]) -> Scale | None:
    """Return the scale that holds every interval of a leaderboard, or None where there is nothing to draw."""
    figures = [f for row in rows for f in (row["low"], row["mean"], row["high"]) if f is not None]
    if not figures:
        return None
    low, high = min(figures), max(figures)
    if high - low < 1e-12 * max(1.0, abs(high)):
        pad = abs(high) * 0.1 or 1.0
        return Scale(low - pad, high + pad)
    pad = (high - low) * 0.03
    return Scale(low - pad, high + pad)


def bars_of(counts: Sequence[tuple[date, float]]) -> list[tuple[int, float, float, date, float]]:
    """Return counts over time as upright bars of one scale: place, top, height, time, count."""
    most = max((count for _when, count in counts), default=0) or 1
    return [
        (
            place * (BAR + GAP),
            round(HEIGHT - HEIGHT * count / most, 1),
            round(HEIGHT * count / most, 1),
            when,
            count,
        )
        for place, (when, count) in enumerate(counts)
    ]
