"""How a score is said on the terminal: what ``judge`` says of a run here, and ``submit`` of one at a centre."""

from __future__ import annotations

from lumbung.cli.words import say
from lumbung.proving.standing import Row


def score_line(name: str, metric: str, better: str, confidence: float, row: Row) -> str:
    """Return one sentence with the mean, how sure it is, and over how many cases."""
    percent = f"{confidence * 100:g} %"
    interval = (
        ""
        if row.low is None or row.high is None
        else say("within", percent=percent, low=f"{row.low:.4g}", high=f"{row.high:.4g}")
    )
    return say(
        "scored", name=name, metric=metric, mean=f"{row.mean:.4g}", interval=interval, cases=row.cases,
        better=say(better),
    )  # fmt: skip


def place_line(row: Row, count: int) -> str:
    """Return one sentence with the rank among *count* ranked solutions, and the ranks that the evidence allows."""
    if row.rank_low == row.rank_high:
        return say("placed", rank=row.rank, count=count)
    return say("placed_between", rank=row.rank, count=count, low=row.rank_low, high=row.rank_high)
