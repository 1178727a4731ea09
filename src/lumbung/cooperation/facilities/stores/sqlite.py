"""Bookings in SQLite: decided inside BEGIN IMMEDIATE, guarded by a trigger."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lumbung.cooperation.facilities.bookings import Booking, Refusal, Wish
from lumbung.cooperation.facilities.calendars import Span
from lumbung.cooperation.facilities.stores import BookingExists, Decide, same_wish

_PATIENCE_S = 60.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS bookings (
    id TEXT PRIMARY KEY, facility TEXT NOT NULL, organisation TEXT NOT NULL,
    starts INTEGER NOT NULL, ends INTEGER NOT NULL CHECK (starts < ends)
) STRICT;
CREATE TABLE IF NOT EXISTS booking_units (
    booking TEXT NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    facility TEXT NOT NULL, unit INTEGER NOT NULL, starts INTEGER NOT NULL, ends INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS booking_units_by_place ON booking_units (facility, unit, starts);
CREATE INDEX IF NOT EXISTS booking_units_by_booking ON booking_units (booking);
CREATE TRIGGER IF NOT EXISTS no_unit_twice BEFORE INSERT ON booking_units
WHEN EXISTS (
    SELECT 1 FROM booking_units AS other
    WHERE other.facility = NEW.facility AND other.unit = NEW.unit
      AND other.starts < NEW.ends AND NEW.starts < other.ends
)
BEGIN SELECT RAISE(ABORT, 'this unit is booked at that time'); END;
"""


class SqliteBookings:
    """Bookings in one SQLite file; safe for many threads and processes.

    Parameters
    ----------
    path
        The file; made when it does not exist. Write-ahead logging is turned on.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection
        finally:
            connection.close()

    def book(self, wish: Wish, decide: Decide, turn: str | None = None) -> Booking | Refusal:
        """See `BookingStore.book`; here all wishes wait for each other, whatever their turn."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")  # one writer at a time, from the first read on
            try:
                decision = self._decide(connection, wish, decide)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            return decision

    def _decide(self, connection: sqlite3.Connection, wish: Wish, decide: Decide) -> Booking | Refusal:
        known = _read(connection, booking=wish.id)
        if known:
            if same_wish(known[0], wish):
                return known[0]
            raise BookingExists(f"a booking {wish.id!r} exists and is another one; choose another id")
        existing = _read(connection, facility=wish.facility, after=_number(wish.span.start))
        decision = decide(existing)
        if isinstance(decision, Booking):
            _write(connection, decision)
        return decision

    def cancel(self, booking: str) -> bool:
        """See `BookingStore.cancel`."""
        with self._connection() as connection:
            return connection.execute("DELETE FROM bookings WHERE id = ?", (booking,)).rowcount > 0

    def bookings(self, facility: str | None = None, window: Span | None = None) -> list[Booking]:
        """See `BookingStore.bookings`."""
        with self._connection() as connection:
            if window is None:
                return _read(connection, facility=facility)
            return _read(connection, None, facility, _number(window.start), _number(window.end))


_READ = """
SELECT b.id, b.facility, b.organisation, b.starts, b.ends, group_concat(u.unit)
FROM bookings AS b JOIN booking_units AS u ON u.booking = b.id
WHERE (:id IS NULL OR b.id = :id) AND (:facility IS NULL OR b.facility = :facility)
  AND b.ends > :after AND b.starts < :before
GROUP BY b.id ORDER BY b.starts, b.id
"""


def _read(
    connection: sqlite3.Connection,
    booking: str | None = None,
    facility: str | None = None,
    after: int = -(2**62),
    before: int = 2**62,
) -> list[Booking]:
    wanted = {"id": booking, "facility": facility, "after": after, "before": before}
    return [
        Booking(
            name, place, who, Span(_moment(starts), _moment(ends)), tuple(sorted(map(int, units.split(","))))
        )
        for name, place, who, starts, ends, units in connection.execute(_READ, wanted)
    ]


def _write(connection: sqlite3.Connection, booking: Booking) -> None:
    starts, ends = _number(booking.span.start), _number(booking.span.end)
    connection.execute(
        "INSERT INTO bookings VALUES (?, ?, ?, ?, ?)",
        (booking.id, booking.facility, booking.organisation, starts, ends),
    )
    connection.executemany(
        "INSERT INTO booking_units VALUES (?, ?, ?, ?, ?)",
        [(booking.id, booking.facility, unit, starts, ends) for unit in booking.units],
    )


def _number(moment: datetime) -> int:
    """Microseconds since 1970, exact: a float of seconds could make two neighbours overlap."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)
