"""When a facility is open: weekly hours in its own time zone, less closures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec


class TimeError(ValueError):
    """A time without zone, or a span that ends before it begins."""


class Span(msgspec.Struct, frozen=True, order=True):
    """From `start` up to, not including, `end`; both know their time zone."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise TimeError(
                f"{self.start} to {self.end}: give times with their zone, e.g. 2026-03-02T09:00+07:00"
            )
        if not self.start < self.end:
            raise TimeError(
                f"the span from {self.start} to {self.end} is empty: the end must come after the start"
            )

    @property
    def hours(self) -> float:
        """How long it is."""
        return (self.end - self.start) / timedelta(hours=1)

    def meets(self, other: Span) -> bool:
        """Whether the two share a moment."""
        return self.start < other.end and other.start < self.end

    def within(self, other: Span) -> bool:
        """Whether the other contains it."""
        return other.start <= self.start and self.end <= other.end


class Hours(msgspec.Struct, frozen=True):
    """Opening hours of one day of the week (0 is Monday), on the wall clock; an end of 00:00 is midnight."""

    weekday: int
    opens: time
    closes: time


class Calendar(msgspec.Struct, frozen=True):
    """When a facility can be used.

    Attributes
    ----------
    zone
        Name of its time zone, e.g. ``Asia/Jakarta``.
    week
        Opening hours; empty for always open.
    closed
        Spans (holidays, maintenance) when it is not.
    """

    zone: str = "UTC"
    week: tuple[Hours, ...] = ()
    closed: tuple[Span, ...] = ()


def open_spans(calendar: Calendar, window: Span) -> list[Span]:
    """Return when the facility is open within `window`, in order, adjoining hours joined."""
    opened = _joined(_weekly(calendar, window)) if calendar.week else [window]
    for closure in sorted(calendar.closed):
        opened = [rest for span in opened for rest in _without(span, closure)]
    return opened


def is_open(calendar: Calendar, span: Span) -> bool:
    """Whether the facility is open during the whole of `span`."""
    return any(span.within(each) for each in open_spans(calendar, span))


def _weekly(calendar: Calendar, window: Span) -> Iterator[Span]:
    zone = ZoneInfo(calendar.zone)
    day = window.start.astimezone(zone).date() - timedelta(days=1)
    last = window.end.astimezone(zone).date()
    while day <= last:
        for hours in calendar.week:
            if hours.weekday == day.weekday():
                opens = _moment(day, hours.opens, zone)
                closes = _moment(day + timedelta(days=hours.closes <= hours.opens), hours.closes, zone)
                start, end = max(opens, window.start), min(closes, window.end)
                if start < end:
                    yield Span(start, end)
        day += timedelta(days=1)


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Wall clock to UTC: spans are then compared by real time, whatever the zone does at night."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _without(span: Span, closure: Span) -> list[Span]:
    if not span.meets(closure):
        return [span]
    parts = []
    if span.start < closure.start:
        parts.append(Span(span.start, closure.start))
    if closure.end < span.end:
        parts.append(Span(closure.end, span.end))
    return parts
