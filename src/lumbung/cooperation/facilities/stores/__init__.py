"""Stores of bookings in which a conflict is impossible, however many wish at once.

Each holds two guards that do not know of each other. The store decides under a lock, so that what was free when the
decision was made is free when it is written; and the database itself refuses a second row that shares a unit and a
moment, so that not even another program writing to the same tables can make a conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from lumbung.cooperation.facilities.bookings import Booking, Refusal, Wish
from lumbung.cooperation.facilities.calendars import Span

Decide = Callable[[Sequence[Booking]], Booking | Refusal]


class BookingExists(ValueError):
    """A booking of that id exists and is another one."""


class BookingStore(Protocol):
    """Where bookings are kept."""

    def book(self, wish: Wish, decide: Decide, turn: str | None = None) -> Booking | Refusal:
        """Decide and, if granted, keep the booking, in one step nobody can come between.

        `decide` gets all bookings of the wish's facility that end after the wish begins. The same wish given again
        returns the same booking. Wishes of one `turn` wait for each other: the facility when absent; the resource,
        where several facilities draw on one grant.

        Raises
        ------
        BookingExists
            When another booking has that id.
        """
        ...

    def cancel(self, booking: str) -> bool:
        """Give up a booking; whether there was one."""
        ...

    def bookings(self, facility: str | None = None, window: Span | None = None) -> list[Booking]:
        """Return bookings by start, of one facility or all, that meet `window`."""
        ...


def same_wish(booking: Booking, wish: Wish) -> bool:
    """Whether a booking is what the wish asks for."""
    return (booking.facility, booking.organisation, booking.span, len(booking.units)) == (
        wish.facility,
        wish.organisation,
        wish.span,
        wish.units,
    )
