"""A metric as its judge declares it: what it says, which way is better, and between which bounds it always lies.

Bounds are what lets a standing give intervals that can be true: a share is never below 0 nor above 1, whatever three
cases suggest. A judge that gives a plain `Text` declares neither direction nor bounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from lumbung.proving.challenge import ChallengeError, Ranking
from lumbung.proving.text import Text

Bounds = tuple[float | None, float | None]


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metric with what is known of it before any case is judged.

    Attributes
    ----------
    text : Text
        Its name and unit, for people.
    better : {"lower", "higher"}, optional
        A challenge cannot rank the other way; None where it depends on the challenge.
    low, high : float, optional
        Bounds that no case can leave, in the metric's unit; None where there is none.

    Raises
    ------
    ValueError
        `low` and `high` are not finite, or `low` is not below `high`.
    """

    text: Text
    better: Literal["lower", "higher"] | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        ends = [end for end in (self.low, self.high) if end is not None]
        if not all(map(math.isfinite, ends)) or (len(ends) == 2 and ends[0] >= ends[1]):
            raise ValueError(
                f"bounds {self.low} to {self.high}: expected finite numbers, the lower one first"
            )

    @property
    def bounds(self) -> Bounds:
        """`low` and `high` together."""
        return self.low, self.high


def text_of(metric: Text | Measure) -> Text:
    """Return a metric's name and unit, however its judge declares it."""
    found = metric.text if isinstance(metric, Measure) else metric
    return Text(found.en, found.id, found.zh)


def bounds_among(metrics: Mapping[str, Text | Measure]) -> dict[str, Bounds]:
    """Return the bounds of those metrics that have any."""
    return {
        name: metric.bounds
        for name, metric in metrics.items()
        if isinstance(metric, Measure) and metric.bounds != (None, None)
    }


def outside(value: float, bounds: Bounds) -> bool:
    """Tell whether a figure lies outside its bounds by more than rounding."""
    low, high = bounds
    slack = 1e-9 * max([1.0, *(abs(end) for end in bounds if end is not None)])
    return (low is not None and value < low - slack) or (high is not None and value > high + slack)


def check_ranking(ranking: Ranking, metrics: Mapping[str, Text | Measure], challenge: str) -> None:
    """Check that a challenge ranks by a metric of its judge, and the right way up.

    Raises
    ------
    ChallengeError
    """
    if ranking.metric not in metrics:
        raise ChallengeError(
            f"{challenge}: ranking.metric", repr(ranking.metric), "one of " + ", ".join(metrics)
        )
    metric = metrics[ranking.metric]
    if isinstance(metric, Measure) and metric.better not in (None, ranking.better):
        raise ChallengeError(
            f"{challenge}: ranking.better",
            repr(ranking.better),
            f"{metric.better!r}, as {ranking.metric} is meant",
        )
