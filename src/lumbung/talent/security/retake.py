"""Who may take the test again, when, and with which items.

Times are given by the caller; nothing here reads a clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal


class RetakeError(ValueError):
    """Attempts whose dates are impossible."""


@dataclass(frozen=True)
class Attempt:
    """One earlier attempt.

    Attributes
    ----------
    started, finished : datetime
        With time zone.
    theta, standard_error : float
    items : tuple of str
        Items served.
    """

    started: datetime
    finished: datetime
    theta: float
    standard_error: float
    items: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class RetakeRule:
    """When a person may try again.

    Attributes
    ----------
    wait : timedelta
        Between the end of an attempt and the start of the next.
    most_per_year : int
        Attempts started within 365 days.
    hide_attempts : int
        Items of this many latest attempts are not served again.
    """

    wait: timedelta = timedelta(days=30)
    most_per_year: int = 3
    hide_attempts: int = 2


@dataclass(frozen=True)
class Decision:
    """Whether an attempt may start.

    Attributes
    ----------
    allowed : bool
    reason : str
        "first", "free", "wait" or "year".
    earliest : datetime or None
        When it may, if not now.
    hidden : tuple of str
        Items not to serve.
    """

    allowed: bool
    reason: Literal["first", "free", "wait", "year"]
    earliest: datetime | None
    hidden: tuple[str, ...]


def _check(history: Sequence[Attempt], now: datetime) -> list[Attempt]:
    ordered = sorted(history, key=lambda attempt: attempt.started)
    previous: Attempt | None = None
    for number, attempt in enumerate(ordered, start=1):
        if any(moment.tzinfo is None for moment in (attempt.started, attempt.finished, now)):
            raise RetakeError(f"attempt {number}: times need a time zone")
        if attempt.finished < attempt.started:
            raise RetakeError(
                f"attempt {number}: finished {attempt.finished} before it started {attempt.started}"
            )
        if attempt.finished > now:
            raise RetakeError(f"attempt {number}: finished {attempt.finished}, which is after now, {now}")
        if previous is not None and attempt.started < previous.finished:
            raise RetakeError(f"attempt {number}: started {attempt.started} while the one before was open")
        previous = attempt
    return ordered


def may_retake(history: Sequence[Attempt], now: datetime, rule: RetakeRule | None = None) -> Decision:
    """Whether a person may start an attempt now.

    Raises
    ------
    RetakeError
        If an attempt ends before it starts, lies in the future, overlaps another, or has no time zone.
    """
    rule = rule or RetakeRule()
    ordered = _check(history, now)
    if not ordered:
        return Decision(True, "first", None, ())
    latest = ordered[-rule.hide_attempts :] if rule.hide_attempts else []
    hidden = tuple(sorted({item for attempt in latest for item in attempt.items}))
    after_wait = ordered[-1].finished + rule.wait
    within = [attempt for attempt in ordered if attempt.started > now - timedelta(days=365)]
    after_year = now
    if len(within) >= rule.most_per_year:
        after_year = within[-rule.most_per_year].started + timedelta(days=365)
    if max(after_wait, after_year) <= now:
        return Decision(True, "free", None, hidden)
    if after_year > after_wait:
        return Decision(False, "year", after_year, hidden)
    return Decision(False, "wait", after_wait, hidden)


def gain_z(before: Attempt, after: Attempt) -> float:
    """Change of ability between two attempts in standard errors of the difference; beyond 3 it deserves a look."""
    error = math.hypot(before.standard_error, after.standard_error)
    if not error > 0:
        raise RetakeError("both attempts need a positive standard error")
    return (after.theta - before.theta) / error
