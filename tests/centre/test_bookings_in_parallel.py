"""Many book at once, over the centre's own database: no unit is ever held twice, and nobody is refused in vain."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.db import DatabaseError, close_old_connections, connections

from cooperation_stage import bench, partner
from lumbung.centre.partners import bookings, facilities
from lumbung.centre.partners.models import Booking, Facility, HeldUnit
from lumbung.cooperation.facilities import bookings as records
from lumbung.cooperation.facilities.bookings import Refusal, Wish, conflicts, decide_booking
from lumbung.cooperation.facilities.calendars import Span
from small_league import NOW, person

Answer = TypeVar("Answer")
START = NOW.replace(minute=0, second=0, microsecond=0) + timedelta(days=3)


def at(first: float, last: float) -> Span:
    return Span(START + timedelta(hours=first), START + timedelta(hours=last))


def all_at_once(hands: int, work: Callable[[int], Answer]) -> list[Answer]:
    """Let so many threads begin at the same moment, each with a connection of its own."""
    gate = threading.Barrier(hands)

    def hand(number: int) -> Answer:
        close_old_connections()
        gate.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(hand, range(hands)))


@pytest.fixture
def place(transactional_db: Any) -> tuple[Facility, list[tuple[Any, Any]]]:
    """Four units that ask for no grant, and four organisations with their administrators."""
    staff = person("staff@example.org", is_staff=True)
    homes = [partner(f"home-{number}", "ID" if number % 2 else "CN") for number in range(4)]
    return bench(staff, homes[0][0], resource=""), homes


def test_no_conflict_under_32_parallel_bookings(place: Any) -> None:
    facility, homes = place

    def hand(number: int) -> list[Any]:
        home, head = homes[number % 4]
        return [
            bookings.book(
                head, facility, home, at(turn + number % 3, turn + number % 3 + 2), 1 + number % 3,
                token=f"{number}-{turn}", now=NOW,
            )
            for turn in range(3)
        ]  # fmt: skip

    answers = [answer for each in all_at_once(32, hand) for answer in each]
    kept = [
        each.record
        for each in Booking.objects.select_related("facility", "organisation").prefetch_related("held")
    ]
    granted = [each for each in answers if isinstance(each, records.Booking)]
    assert len(answers) == 96
    assert conflicts(kept) == []
    assert sorted(each.id for each in kept) == sorted(each.id for each in granted)
    for answer in answers:
        if isinstance(answer, Refusal):
            assert isinstance(decide_booking(answer.wish, facility.record, kept, NOW), Refusal), (
                "refused in vain"
            )
    assert 0 < len(granted) < len(answers)


def test_a_grant_is_not_spent_twice(place: Any) -> None:
    """Two facilities draw on one grant; 32 wishes of one hour meet the ten hours that are released."""
    _first, homes = place
    home, head = homes[0]
    staff = person("other-staff@example.org", is_staff=True)
    both = [bench(staff, home, units=40), bench(staff, home, units=40)]
    facilities.award(staff, home, "gpu", 20.0, NOW + timedelta(days=30), project=None, now=NOW)

    def hand(number: int) -> Any:
        return bookings.book(head, both[number % 2], home, at(0, 1), 1, token=f"wish-{number}", now=NOW)

    answers = all_at_once(32, hand)
    assert sum(isinstance(each, records.Booking) for each in answers) == 10
    refused = [each for each in answers if isinstance(each, Refusal)]
    assert {(each.why, each.left, each.awaiting) for each in refused} == {("report", 0.0, 10.0)}


def test_the_database_itself_refuses_a_careless_writer(place: Any) -> None:
    facility, homes = place
    home, head = homes[0]
    first = bookings.book(head, facility, home, at(0, 2), 1, token="a", now=NOW)
    assert isinstance(first, records.Booking) and first.units == (0,)
    careless = records.Booking("b", facility.slug, home.slug, at(1, 3), (0,))
    with pytest.raises(DatabaseError, match=r"booked at that time|no_unit_twice"):
        bookings.keep(head, facility, home, careless, now=NOW)
    assert HeldUnit.objects.count() == 1
    neighbour = records.Booking("c", facility.slug, home.slug, at(2, 3), (0,))
    Booking.objects.filter(token="b").delete()
    bookings.keep(head, facility, home, neighbour, now=NOW)
    assert HeldUnit.objects.count() == 2


def test_the_same_wish_twice_is_one_booking(place: Any) -> None:
    facility, homes = place
    home, head = homes[0]
    answers = all_at_once(
        8, lambda _number: bookings.book(head, facility, home, at(5, 6), 1, token="once", now=NOW)
    )
    assert len(set(answers)) == 1 and Booking.objects.count() == 1
    wish = Wish("x", facility.slug, home.slug, at(5, 6), 4)
    assert isinstance(decide_booking(wish, facility.record, [answers[0]], NOW), Refusal)  # type: ignore[list-item]
