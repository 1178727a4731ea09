"""Bookings never conflict, whatever 32 hands do at once; calendars, refusals and plans are right."""

import itertools
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.cooperation.facilities.bookings import (
    Booking,
    Facility,
    Refusal,
    Wish,
    conflicts,
    decide_booking,
    next_free,
)
from lumbung.cooperation.facilities.calendars import Calendar, Hours, Span, TimeError, is_open, open_spans
from lumbung.cooperation.facilities.grants import Balance
from lumbung.cooperation.facilities.schedules import Job, Plan, ScheduleError, plan_jobs
from lumbung.cooperation.facilities.stores import BookingExists
from lumbung.cooperation.facilities.stores.postgresql import PostgresqlBookings
from lumbung.cooperation.facilities.stores.sqlite import SqliteBookings
from lumbung.proving.text import LANGUAGES, Text

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NAME = Text("GPU cards", "Kartu GPU", "GPU卡")
CARDS = Facility("gpu", NAME, 4)


def at(hour, until, day=0):
    start = MONDAY + timedelta(days=day)
    return Span(start + timedelta(hours=hour), start + timedelta(hours=until))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    if request.param == "sqlite":
        return SqliteBookings(tmp_path / "bookings.db")
    kept = PostgresqlBookings(request.getfixturevalue("postgresql"))
    for booking in kept.bookings():
        kept.cancel(booking.id)
    return kept


def decider(wish, facility=CARDS, now=MONDAY):
    return lambda existing: decide_booking(wish, facility, existing, now)


def test_no_conflict_under_32_parallel_bookings(store):
    """32 threads wish for the same scarce hours at the same moment, several times over."""
    gate = threading.Barrier(32)
    wishes = [
        [Wish(f"{hand}-{turn}", "gpu", f"team{hand}", at(turn + hand % 3, turn + hand % 3 + 2), 1 + hand % 3)
         for turn in range(4)]
        for hand in range(32)
    ]  # fmt: skip

    def hand(mine):
        gate.wait()
        return [store.book(wish, decider(wish)) for wish in mine]

    with ThreadPoolExecutor(32) as pool:
        answers = [answer for answers in pool.map(hand, wishes) for answer in answers]
    granted = [each for each in answers if isinstance(each, Booking)]
    kept = store.bookings("gpu")
    assert conflicts(kept) == []
    assert sorted(each.id for each in kept) == sorted(each.id for each in granted)
    assert len(granted) < len(answers) == 128
    # no hour was refused in vain: each refused wish still has no room for itself
    for answer in answers:
        if isinstance(answer, Refusal):
            assert isinstance(decide_booking(answer.wish, CARDS, kept, MONDAY), Refusal)


def test_the_last_unit_goes_to_exactly_one(store):
    only = Facility("bench", NAME, 1)
    gate = threading.Barrier(32)

    def hand(number):
        wish = Wish(f"w{number}", "bench", f"t{number}", at(9, 10))
        gate.wait()
        return store.book(wish, decider(wish, only))

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(hand, range(32)))
    assert sum(isinstance(each, Booking) for each in answers) == 1
    assert len(store.bookings("bench")) == 1


def test_the_database_itself_refuses_a_careless_writer(store):
    """The second guard: even a decision that ignores everything cannot be written."""
    wish = Wish("a", "gpu", "t", at(9, 11))
    store.book(wish, decider(wish))
    careless = Wish("b", "gpu", "u", at(10, 12))
    with pytest.raises(Exception, match=r"booked at that time|exclusion constraint"):
        store.book(careless, lambda _: Booking("b", "gpu", "u", careless.span, (0,)))
    assert [each.id for each in store.bookings("gpu")] == ["a"]
    neighbour = Wish("c", "gpu", "u", at(11, 12))
    assert store.book(neighbour, lambda _: Booking("c", "gpu", "u", neighbour.span, (0,))).units == (0,)


def test_a_wish_given_again_is_the_same_booking(store):
    wish = Wish("a", "gpu", "t", at(9, 11), 2)
    assert store.book(wish, decider(wish)) == store.book(wish, decider(wish))
    other = Wish("a", "gpu", "t", at(9, 12), 2)
    with pytest.raises(BookingExists, match="choose another id"):
        store.book(other, decider(other))
    assert store.bookings(window=at(0, 9)) == []
    assert store.bookings("lab") == []
    assert len(store.bookings(window=at(10, 11))) == 1
    assert store.cancel("a") is True
    assert store.cancel("a") is False
    assert store.bookings() == []


def test_times_come_back_exact(store):
    odd = Span(MONDAY + timedelta(microseconds=1), MONDAY + timedelta(hours=1, microseconds=333_333))
    wish = Wish("a", "gpu", "t", odd)
    store.book(wish, decider(wish))
    assert store.bookings("gpu")[0].span == odd


def test_sqlite_keeps_its_file_for_the_next_process(tmp_path):
    wish = Wish("a", "gpu", "t", at(9, 11))
    SqliteBookings(tmp_path / "b.db").book(wish, decider(wish))
    assert len(SqliteBookings(tmp_path / "b.db").bookings()) == 1
    with sqlite3.connect(tmp_path / "b.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


JAKARTA = Calendar("Asia/Jakarta", tuple(Hours(day, time(9), time(17)) for day in range(5)))


def test_opening_hours_stand_in_their_own_zone():
    week = Span(MONDAY, MONDAY + timedelta(days=7))
    spans = open_spans(JAKARTA, week)
    assert len(spans) == 5
    assert spans[0] == at(2, 10)
    assert is_open(JAKARTA, at(2, 10))
    assert not is_open(JAKARTA, at(1, 3))
    assert not is_open(JAKARTA, at(3, 4, day=5))
    closed = Calendar("Asia/Jakarta", JAKARTA.week, (at(4, 5),))
    assert open_spans(closed, at(0, 24)) == [at(2, 4), at(5, 10)]
    night = Calendar("UTC", (Hours(0, time(22), time(6)), Hours(1, time(6), time(7))))
    assert open_spans(night, Span(MONDAY, MONDAY + timedelta(days=2))) == [at(22, 31)]


def test_spans_need_a_zone_and_a_length():
    with pytest.raises(TimeError, match="zone"):
        Span(datetime(2026, 1, 1), datetime(2026, 1, 2))
    with pytest.raises(TimeError, match="after the start"):
        Span(MONDAY, MONDAY)


@pytest.mark.parametrize(
    ("wish", "facility", "balance", "why", "following"),
    [
        (Wish("w", "x", "t", at(9, 10)), None, None, "unknown", None),
        (Wish("w", "gpu", "t", at(9, 10), 5), CARDS, None, "too-many", None),
        (Wish("w", "gpu", "t", at(-2, -1)), CARDS, None, "past", MONDAY),
        (Wish("w", "lab", "t", at(9, 11)), Facility("lab", NAME, 1, JAKARTA), None, "closed",
         MONDAY + timedelta(days=1, hours=2)),
        (Wish("w", "gpu", "t", at(9, 10), 4), CARDS, None, "busy", at(11, 12).start),
        (Wish("w", "gpu", "t", at(12, 14), 2), CARDS, Balance(3.5, 0, 0, 0), "grant", None),
        (Wish("w", "gpu", "t", at(12, 14), 2), CARDS, Balance(3.5, 0, 0, 3.5), "report", None),
    ],
)  # fmt: skip
def test_refusals_have_a_reason_and_the_next_time(wish, facility, balance, why, following):
    existing = [Booking("old", "gpu", "o", at(8, 11), (2,))]
    answer = decide_booking(wish, facility, existing, MONDAY, balance)
    assert (answer.why, answer.next_free) == (why, following)
    for language in LANGUAGES:
        assert len(answer.says(language)) > 4


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "next free from 2 March 2026, 11:00 (UTC+07:00)"),
        ("id", "kosong lagi mulai 2 Maret 2026, 11.00 (UTC+07:00)"),
        ("zh", "最近可预约时间：2026年3月2日11:00起（UTC+07:00）"),
    ],
)
def test_the_next_time_is_written_as_people_write_it_in_the_zone_it_was_asked_in(language, told):
    zone = ZoneInfo("Asia/Jakarta")
    asked = datetime(2026, 3, 2, 9, tzinfo=zone)
    free = datetime(2026, 3, 2, 4, tzinfo=UTC)
    wish = Wish("w", "gpu", "t", Span(asked, asked + timedelta(hours=1)))
    assert Refusal(wish, "closed", next_free=free).says(language).endswith(told)


def test_no_next_time_within_the_horizon():
    never = Facility("x", NAME, 1, Calendar("UTC", (), (Span(MONDAY, MONDAY + timedelta(days=60)),)))
    assert next_free(Wish("w", "x", "t", at(9, 10)), never, [], MONDAY) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6), st.integers(1, 4)), max_size=12))
def test_decisions_one_after_another_never_conflict(wishes):
    kept = []
    for number, (start, length, units) in enumerate(wishes):
        answer = decide_booking(
            Wish(str(number), "gpu", "t", at(start, start + length), units), CARDS, kept, MONDAY
        )
        if isinstance(answer, Booking):
            kept.append(answer)
        elif answer.next_free is not None:
            span = Span(answer.next_free, answer.next_free + timedelta(hours=length))
            again = Wish("again", "gpu", "t", span, units)
            assert isinstance(decide_booking(again, CARDS, kept, MONDAY), Booking)
    assert conflicts(kept) == []


def job(name, hours, due, units=1, earliest=None, weight=1, facilities=("gpu",)):
    start = None if earliest is None else MONDAY + timedelta(hours=earliest)
    return Job(
        name, "t", facilities, timedelta(hours=hours), MONDAY + timedelta(hours=due), units, start, weight
    )


def lateness(plan, jobs):
    ends = {each.id: each.span.end for each in plan.bookings}
    return sum(
        each.weight * max((ends[each.id] - each.due) / timedelta(hours=1), 0)
        for each in jobs
        if each.id in ends
    )


def test_plans_are_optimal_by_brute_force():
    """One card: try every order; without release times the best plan is some order run back to back."""
    one = {"gpu": Facility("gpu", NAME, 1)}
    jobs = [job("a", 3, 3, weight=2), job("b", 2, 2), job("c", 4, 9, weight=3), job("d", 1, 4, weight=5)]
    best = min(
        sum(
            each.weight * max(sum(other.length.seconds // 3600 for other in order[: place + 1]) - due, 0)
            for place, (each, due) in enumerate((j, (j.due - MONDAY).seconds // 3600) for j in order)
        )
        for order in itertools.permutations(jobs)
    )
    plan = plan_jobs(jobs, one, at(0, 24))
    assert plan.optimal
    assert plan.cost == plan.bound == best == lateness(plan, jobs)
    assert plan.gap == 0.0
    assert conflicts(plan.bookings) == []


def test_plans_go_around_bookings_and_closures():
    facilities = {"gpu": Facility("gpu", NAME, 2, Calendar("UTC", (), (at(6, 8),)))}
    booked = [Booking("x", "gpu", "o", at(0, 1), (1,)), Booking("y", "gpu", "o", at(5, 6), (0,))]
    jobs = [job("long", 6, 6), job("short", 4, 5, units=1), job("wide", 2, 20, units=2, earliest=3)]
    plan = plan_jobs(jobs, facilities, at(0, 24), booked)
    assert plan.optimal
    assert plan.left_out == ()
    assert conflicts([*plan.bookings, *booked]) == []
    for each in plan.bookings:
        assert is_open(facilities["gpu"].calendar, each.span)
    wide = next(each for each in plan.bookings if each.id == "wide")
    assert wide.span.start >= at(3, 4).start
    assert wide.units == (0, 1)


def test_what_does_not_fit_is_left_out_and_said():
    plan = plan_jobs(
        [job("a", 20, 20), job("b", 20, 20, weight=2)], {"gpu": Facility("gpu", NAME, 1)}, at(0, 24)
    )
    assert plan.left_out == ("a",)
    assert [each.id for each in plan.bookings] == ["b"]


def test_jobs_that_no_facility_can_take_are_named():
    with pytest.raises(ScheduleError, match="known: gpu"):
        plan_jobs([job("a", 1, 1, facilities=("lab",))], {"gpu": CARDS}, at(0, 24))
    with pytest.raises(ScheduleError, match="needs 9 units"):
        plan_jobs([job("a", 1, 1, units=9)], {"gpu": CARDS}, at(0, 24))


def test_a_plan_that_is_not_proven_states_its_gap():
    assert Plan((), (), 10.0, 8.0, False).gap == pytest.approx(0.2)
    assert Plan((), (), 10.0, 10.0, True).gap == 0.0


def test_the_same_jobs_give_the_same_plan():
    jobs = [job(str(n), 1 + n % 3, 4 + n, units=1 + n % 2) for n in range(8)]
    plans = [plan_jobs(jobs, {"gpu": CARDS}, at(0, 24)) for _ in range(2)]
    assert plans[0] == plans[1]
