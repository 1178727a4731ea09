"""How the best of a challenge became better, drawn as steps over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

WIDTH, HEIGHT, LEFT, MARGIN = 640, 180, 64, 14


@dataclass(frozen=True)
class Steps:
    """A drawing of steps.

    Attributes
    ----------
    path : str
        The line, as SVG writes paths.
    points : list of (float, float, dict)
        Each improvement: where it is drawn, and what it is (``time``, ``team_name``, ``mean``).
    ends : list of (float, float)
        Where the first and the best figure stand on the scale at the left, and the figures.
    first, last : datetime
        Between which times it is drawn.
    """

    path: str
    points: list[tuple[float, float, dict[str, Any]]]
    ends: list[tuple[float, float]]
    first: datetime
    last: datetime


def steps_of(progress: Sequence[dict[str, Any]], now: datetime) -> Steps | None:
    """Draw improvements up to *now*, better ones higher; None where there was none after the first."""
    if len(progress) < 2:
        return None
    found = [{**each, "time": datetime.fromisoformat(each["time"])} for each in progress]
    first, last = found[0]["time"], max(now, found[-1]["time"])
    worst, best = found[0]["mean"], found[-1]["mean"]
    span = (last - first).total_seconds() or 1.0

    def x(moment: datetime) -> float:
        return round(LEFT + (moment - first).total_seconds() / span * (WIDTH - LEFT - MARGIN), 1)

    def y(mean: float) -> float:
        return round(MARGIN + (best - mean) / (best - worst) * (HEIGHT - 2 * MARGIN), 1)

    points = [(x(each["time"]), y(each["mean"]), each) for each in found]
    line = "".join(f" H{across:g} V{down:g}" for across, down, _each in points[1:])
    path = f"M{points[0][0]:g} {points[0][1]:g}{line} H{x(last):g}"
    return Steps(path, points, [(y(best), best), (y(worst), worst)], first, last)
