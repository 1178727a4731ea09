"""Bookings in PostgreSQL: decided under an advisory lock of the facility, guarded by an exclusion constraint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lumbung.cooperation.facilities.bookings import Booking, Refusal, Wish
from lumbung.cooperation.facilities.calendars import Span
from lumbung.cooperation.facilities.stores import BookingExists, Decide, same_wish

if TYPE_CHECKING:
    import psycopg

_MADE_ONCE = 7_204_117  # the advisory lock under which tables are made: any fixed number will do
_UNITS_APART = 1_000_000  # a facility's number times this, plus a unit's number, is that unit's place
_SCHEMA = """
CREATE TABLE IF NOT EXISTS lumbung_facility_numbers (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, facility text NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS lumbung_bookings (
    id text PRIMARY KEY, facility text NOT NULL, organisation text NOT NULL, during tstzrange NOT NULL
);
CREATE TABLE IF NOT EXISTS lumbung_booking_units (
    booking text NOT NULL REFERENCES lumbung_bookings (id) ON DELETE CASCADE,
    unit integer NOT NULL, place int8range NOT NULL, during tstzrange NOT NULL,
    EXCLUDE USING gist (place WITH &&, during WITH &&)
);
CREATE INDEX IF NOT EXISTS lumbung_booking_units_by_booking ON lumbung_booking_units (booking);
"""
# Places are ranges of one number each: ranges have a GiST operator of their own, so the constraint needs no extension.


class PostgresqlBookings:
    """Bookings in a PostgreSQL database; safe for many connections.

    Parameters
    ----------
    address
        A connection string, e.g. ``host=localhost dbname=lumbung``.

    Raises
    ------
    psycopg.Error
        When the database cannot be reached.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        with self._connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MADE_ONCE,))
            connection.execute(_SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        import psycopg

        with psycopg.connect(self.address, autocommit=True) as connection:
            yield connection

    def book(self, wish: Wish, decide: Decide, turn: str | None = None) -> Booking | Refusal:
        """See `BookingStore.book`."""
        with self._connection() as connection:
            number = _number(connection, wish.facility)
            waits = number if turn is None else _number(connection, f"turn {turn}")
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_MADE_ONCE, waits))
                return self._decide(connection, number, wish, decide)

    def _decide(
        self, connection: psycopg.Connection[Any], number: int, wish: Wish, decide: Decide
    ) -> Booking | Refusal:
        known = _read(connection, booking=wish.id)
        if known:
            if same_wish(known[0], wish):
                return known[0]
            raise BookingExists(f"a booking {wish.id!r} exists and is another one; choose another id")
        decision = decide(_read(connection, facility=wish.facility, after=wish.span.start))
        if isinstance(decision, Booking):
            _write(connection, number, decision)
        return decision

    def cancel(self, booking: str) -> bool:
        """See `BookingStore.cancel`."""
        with self._connection() as connection:
            return connection.execute("DELETE FROM lumbung_bookings WHERE id = %s", (booking,)).rowcount > 0

    def bookings(self, facility: str | None = None, window: Span | None = None) -> list[Booking]:
        """See `BookingStore.bookings`."""
        start, end = (window.start, window.end) if window else (None, None)
        with self._connection() as connection:
            return _read(connection, None, facility, start, end)


def _number(connection: psycopg.Connection[Any], facility: str) -> int:
    """Return the number of a facility, or of a turn: a name is given one at first sight and keeps it."""
    connection.execute(
        "INSERT INTO lumbung_facility_numbers (facility) VALUES (%s) ON CONFLICT DO NOTHING", (facility,)
    )
    found = connection.execute(
        "SELECT number FROM lumbung_facility_numbers WHERE facility = %s", (facility,)
    ).fetchone()
    assert found is not None
    return int(found[0])


_READ = """
SELECT b.id, b.facility, b.organisation, lower(b.during), upper(b.during), array_agg(u.unit ORDER BY u.unit)
FROM lumbung_bookings AS b JOIN lumbung_booking_units AS u ON u.booking = b.id
WHERE (%(id)s::text IS NULL OR b.id = %(id)s) AND (%(facility)s::text IS NULL OR b.facility = %(facility)s)
  AND b.during && tstzrange(%(after)s, %(before)s)
GROUP BY b.id ORDER BY lower(b.during), b.id
"""


def _read(
    connection: psycopg.Connection[Any],
    booking: str | None = None,
    facility: str | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
) -> list[Booking]:
    wanted = {"id": booking, "facility": facility, "after": after, "before": before}
    return [
        Booking(name, place, who, Span(_utc(start), _utc(end)), tuple(units))
        for name, place, who, start, end, units in connection.execute(_READ, wanted).fetchall()
    ]


def _write(connection: psycopg.Connection[Any], number: int, booking: Booking) -> None:
    during = (booking.span.start, booking.span.end)
    connection.execute(
        "INSERT INTO lumbung_bookings VALUES (%s, %s, %s, tstzrange(%s, %s))",
        (booking.id, booking.facility, booking.organisation, *during),
    )
    for unit in booking.units:
        place = number * _UNITS_APART + unit
        connection.execute(
            "INSERT INTO lumbung_booking_units VALUES (%s, %s, int8range(%s, %s), tstzrange(%s, %s))",
            (booking.id, unit, place, place + 1, *during),
        )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
