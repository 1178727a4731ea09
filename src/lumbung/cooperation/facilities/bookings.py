"""One wish for a facility: granted with the very units it gets, or refused with a reason and the next free time.

A facility has numbered units (cards, benches, desks). A booking holds the same units from start to end, so two
bookings conflict when they share a unit and a moment. The rule here is pure; `lumbung.cooperation.facilities.stores`
make it safe when many wish at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Literal

import msgspec

from lumbung.cooperation.facilities.calendars import Calendar, Span, is_open, open_spans
from lumbung.cooperation.facilities.grants import Balance
from lumbung.cooperation.rules.amounts import number_text
from lumbung.cooperation.rules.printing import moment_text
from lumbung.cooperation.sentences import said
from lumbung.proving.text import Language, Text

_HORIZON = timedelta(days=28)
_STEP = timedelta(minutes=15)

Why = Literal["unknown", "too-many", "past", "closed", "busy", "grant", "report"]

_SAYS: dict[Why, Text] = {
    "unknown": Text(
        "there is no facility {facility}", "fasilitas {facility} tidak ada", "没有名为{facility}的设施"
    ),
    "too-many": Text(
        "{facility} has only {units} units",
        "{facility} hanya memiliki {units} unit",
        "{facility}仅有{units}个单元",
    ),
    "past": Text("that time has already begun", "waktu itu sudah lewat", "该时段已开始或已过"),
    "closed": Text("closed during that time", "tutup pada waktu itu", "该时段不开放"),
    "busy": Text(
        "only {free} of the {units} units wanted are free all that time",
        "hanya {free} dari {units} unit yang diminta kosong sepanjang waktu itu",
        "所需{units}个单元中，全程空闲的只有{free}个",
    ),
    "grant": Text(
        "the grant has {left} hours left, {hours} are needed",
        "sisa hibah {left} jam, diperlukan {hours} jam",
        "资助余额{left}小时，需要{hours}小时",
    ),
    "report": Text(
        "the grant has {left} hours left, {hours} are needed; {awaiting} more are released once the progress report is accepted",
        "sisa hibah {left} jam, diperlukan {hours} jam; {awaiting} jam lagi dibuka setelah laporan kemajuan diterima",
        "资助余额{left}小时，需要{hours}小时；进展报告通过后再拨{awaiting}小时",
    ),
}
_NEXT = Text(
    "; next free from {start} ({zone})",
    "; kosong lagi mulai {start} ({zone})",
    "；最近可预约时间：{start}起（{zone}）",
)


class BookingError(ValueError):
    """A wish that asks for nothing."""


class Facility(msgspec.Struct, frozen=True):
    """Something to book: its name, how many units it has, when it is open, and which grants pay for it."""

    id: str
    name: Text
    units: int
    calendar: Calendar = Calendar()
    resource: str | None = None


class Wish(msgspec.Struct, frozen=True):
    """What somebody wants to book."""

    id: str
    facility: str
    organisation: str
    span: Span
    units: int = 1

    def __post_init__(self) -> None:
        if self.units < 1:
            raise BookingError(f"booking {self.id}: {self.units} units; ask for at least one")


class Booking(msgspec.Struct, frozen=True):
    """A wish granted: the numbers of the units it holds."""

    id: str
    facility: str
    organisation: str
    span: Span
    units: tuple[int, ...]


class Refusal(msgspec.Struct, frozen=True):
    """A wish not granted, with the reason in figures and, where there is one, the next time that would do."""

    wish: Wish
    why: Why
    free: int = 0
    units: int = 0
    left: float = 0.0
    awaiting: float = 0.0
    next_free: datetime | None = None

    def says(self, language: Language) -> str:
        """Return the reason as a sentence."""
        text = said(
            _SAYS[self.why],
            language,
            facility=self.wish.facility,
            free=self.free,
            units=self.units,
            left=_hours(self.left, language),
            hours=_hours(self.wish.span.hours * self.wish.units, language),
            awaiting=_hours(self.awaiting, language),
        )
        if self.next_free is None:
            return text
        start = self.next_free.astimezone(self.wish.span.start.tzinfo)  # in the zone in which it was asked
        return text + said(_NEXT, language, start=moment_text(start, language), zone=timezone(_offset(start)))


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta(0)


def _hours(hours: float, language: Language) -> str:
    text = f"{hours:.2f}".rstrip("0").rstrip(".")
    whole, _, decimals = text.partition(".")
    point = "," if language == "id" else "."
    return number_text(int(whole), language) + (point + decimals if decimals else "")


def decide_booking(
    wish: Wish,
    facility: Facility | None,
    existing: Sequence[Booking],
    now: datetime,
    balance: Balance | None = None,
) -> Booking | Refusal:
    """Decide one wish against the bookings that exist.

    Parameters
    ----------
    wish
        What is wanted.
    facility
        None when there is none of that name.
    existing
        All bookings of that facility that could meet the wish or come after it.
    now
        The moment of deciding.
    balance
        What the organisation's grants leave; None where the facility asks for none.

    Returns
    -------
    Booking or Refusal
        A booking takes the lowest numbers free during the whole span.
    """
    if facility is None:
        return Refusal(wish, "unknown")
    if wish.units > facility.units:
        return Refusal(wish, "too-many", units=facility.units)
    if wish.span.start < now:
        return Refusal(wish, "past", next_free=next_free(wish, facility, existing, now))
    if not is_open(facility.calendar, wish.span):
        return Refusal(wish, "closed", next_free=next_free(wish, facility, existing, now))
    free = free_units(facility, existing, wish.span)
    if len(free) < wish.units:
        start = next_free(wish, facility, existing, now)
        return Refusal(wish, "busy", free=len(free), units=wish.units, next_free=start)
    if balance is not None and wish.span.hours * wish.units > balance.left:
        why: Why = "report" if balance.awaiting_report else "grant"
        return Refusal(wish, why, left=balance.left, awaiting=balance.awaiting_report)
    return Booking(wish.id, wish.facility, wish.organisation, wish.span, tuple(free[: wish.units]))


def free_units(facility: Facility, existing: Sequence[Booking], span: Span) -> list[int]:
    """Return the numbers of the units that nobody holds at any moment of `span`, in order."""
    taken = {unit for each in existing if each.span.meets(span) for unit in each.units}
    return [unit for unit in range(facility.units) if unit not in taken]


def next_free(wish: Wish, facility: Facility, existing: Sequence[Booking], now: datetime) -> datetime | None:
    """Return the earliest start within four weeks, on quarter hours, that would do; None when there is none."""
    length = wish.span.end - wish.span.start
    earliest = max(wish.span.start, now)
    for opened in open_spans(facility.calendar, Span(earliest, earliest + _HORIZON)):
        starts = {_quarter(opened.start)} | {
            _quarter(each.span.end) for each in existing if each.span.end > opened.start
        }
        for start in sorted(starts):
            span = Span(start, start + length)
            if not span.within(Span(opened.start, max(opened.end, span.start + _STEP))):
                continue
            if len(free_units(facility, existing, span)) >= wish.units:
                return start
    return None


def _quarter(moment: datetime) -> datetime:
    """Round up to the quarter hour."""
    past = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not past else moment - past + _STEP


def conflicts(bookings: Sequence[Booking]) -> list[tuple[Booking, Booking]]:
    """Return every pair of bookings that share a facility, a unit and a moment: must always be empty."""
    return [
        (one, other)
        for one, other in itertools.combinations(bookings, 2)
        if one.facility == other.facility and set(one.units) & set(other.units) and one.span.meets(other.span)
    ]
