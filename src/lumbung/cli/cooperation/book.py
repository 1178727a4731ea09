"""``lumbung cooperation book``: facilities shared fairly and booked without conflict."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

import click

from lumbung.cli.cooperation.options import Moment, as_json, in_language, print_json, say
from lumbung.cli.exits import BAD_INPUT, PLATFORM, exits, fail
from lumbung.cli.home import home
from lumbung.cooperation.sentences import colon
from lumbung.proving.text import Language, Text

if TYPE_CHECKING:
    from lumbung.cooperation.facilities.bookings import Booking, Wish
    from lumbung.cooperation.facilities.grants import Balance
    from lumbung.cooperation.facilities.reading import Facilities
    from lumbung.cooperation.facilities.stores import BookingStore
    from lumbung.cooperation.facilities.usage import UsageRecord

_UNITS = Text("units", "unit", "单元")
_BOOKED = Text("booked", "dipesan", "已预约")
_REFUSED = Text("not booked", "tidak dapat dipesan", "未能预约")
_CANCELLED = Text("cancelled: {id}", "dibatalkan: {id}", "已取消：{id}")
_UNKNOWN = Text("there is no booking {id}", "tidak ada pemesanan {id}", "没有预约{id}")
_EMPTY = Text("no bookings", "belum ada pemesanan", "暂无预约")
_FREE_AT = Text("free from {start}", "kosong mulai {start}", "{start}起空闲")
_NEVER = Text("not free within four weeks", "tidak kosong dalam empat minggu", "四周内无空闲")
_OPTIMAL = Text(
    "Proven optimal: {cost:g} weighted hours late", "Terbukti optimal: {cost:g} jam terlambat tertimbang",
    "已证最优：加权延迟{cost:g}小时",
)  # fmt: skip
_WITHIN = Text(
    "{cost:g} weighted hours late; no plan has fewer than {bound:g} (gap {gap:.1%})",
    "{cost:g} jam terlambat tertimbang; tidak ada rencana di bawah {bound:g} (selisih {gap:.1%})",
    "加权延迟{cost:g}小时；任何方案不少于{bound:g}（差距{gap:.1%}）",
)
_LEFT_OUT = Text(
    "does not fit into the window: {id}", "tidak muat dalam rentang waktu: {id}", "时间窗内无法安排：{id}"
)
_SHARE_HEAD = Text(
    "organisation|hours (fading)|share|fair tree|classic",
    "organisasi|jam (meluruh)|jatah|fair tree|klasik",
    "机构|小时（衰减后）|份额|公平树|经典",
)


class _Desk(NamedTuple):
    """What every command here works on."""

    file: Path | None
    example: bool
    address: str | None


@click.group(name="book")
@click.option(
    "--facilities",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of facilities, grants, accounts, jobs.",
)
@click.option("--example", is_flag=True, help="Use the example facilities (invented).")
@click.option(
    "--store",
    "address",
    metavar="FILE|postgresql://…",
    help="Where bookings are kept; an SQLite file in LUMBUNG_HOME when absent.",
)
@click.pass_context
def command(ctx: click.Context, file: Path | None, example: bool, address: str | None) -> None:
    """Book processors, laboratories and test fields, and see who waits and why."""
    ctx.obj = _Desk(file, example, address)


def _read(desk: _Desk) -> Facilities:
    from lumbung.cooperation.facilities.reading import EXAMPLE, read_facilities

    if (desk.file is None) == (not desk.example):
        raise click.UsageError("name the facilities: `book --facilities FILE …`, or `book --example …`")
    read = read_facilities(EXAMPLE if desk.file is None else desk.file)
    for complaint in read.complaints:
        say(complaint)
    return read


def _store(desk: _Desk) -> BookingStore:
    if desk.address is not None and desk.address.startswith(("postgresql://", "postgres://", "host=")):
        import psycopg

        from lumbung.cooperation.facilities.stores.postgresql import PostgresqlBookings

        try:
            return PostgresqlBookings(desk.address)
        except psycopg.Error as reason:
            fail(f"the database of bookings does not answer: {reason}", PLATFORM)
    from lumbung.cooperation.facilities.stores.sqlite import SqliteBookings

    path = home() / "bookings.db" if desk.address is None else Path(desk.address)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteBookings(path)
    except (OSError, sqlite3.Error) as reason:
        fail(f"{path}: cannot keep bookings there ({reason}); name another file with --store", BAD_INPUT)


def _show_label(read: Facilities, spoken: Language) -> None:
    if read.label is not None:
        say(f"[{read.label.in_language(spoken)}]")


def _usage(read: Facilities, evidence: tuple[str, ...], resource: str | None) -> tuple[UsageRecord, ...]:
    """Usage of the file, and of evidence files given as ORGANISATION=FILE, verified against the trusted keys."""
    from lumbung.cli.home import keys_folder, trusted_folder
    from lumbung.cooperation.facilities.usage import usage_from_envelope
    from lumbung.proving.keys import read_public_key

    files = [*sorted(trusted_folder().glob("*.pub")), *sorted(keys_folder().glob("signing.pub"))]
    keys = [read_public_key(path) for path in files]
    records = list(read.usage)
    resource = resource or "cpu"
    for entry in evidence:
        organisation, sign, path = entry.partition("=")
        if not sign:
            raise click.BadParameter(f"{entry!r}: write it as ORGANISATION=FILE", param_hint="--evidence")
        records.append(usage_from_envelope(Path(path), keys, organisation, resource))
    return tuple(records)


def _balance(
    read: Facilities, store: BookingStore, wish: Wish, usage: tuple[UsageRecord, ...], now: datetime
) -> Balance | None:
    """What the organisation's grants leave for a facility that they pay for; None for one that is free."""
    from lumbung.cooperation.facilities.grants import balance
    from lumbung.cooperation.facilities.usage import hours_used

    facility = read.facilities.get(wish.facility)
    if facility is None or facility.resource is None:
        return None
    paid = [name for name, each in read.facilities.items() if each.resource == facility.resource]
    held = sum(
        each.span.hours * len(each.units)
        for name in paid
        for each in store.bookings(name)
        if each.organisation == wish.organisation and each.span.end > now
    )
    used = hours_used(usage, facility.resource).get(wish.organisation, 0.0)
    return balance(read.grants, wish.organisation, facility.resource, used, held, now)


def _booking_data(booking: Booking) -> dict[str, object]:
    return {
        "id": booking.id,
        "facility": booking.facility,
        "organisation": booking.organisation,
        "start": booking.span.start,
        "end": booking.span.end,
        "units": list(booking.units),
    }


def _booking_line(booking: Booking, spoken: Language, read: Facilities | None = None) -> str:
    """Write one booking, in the time zone of its facility where that is known."""
    facility = read.facilities.get(booking.facility) if read else None
    zone = ZoneInfo(facility.calendar.zone if facility else "UTC")
    ends = [
        moment.astimezone(zone).isoformat(timespec="minutes")
        for moment in (booking.span.start, booking.span.end)
    ]
    span = " – ".join(ends)
    units = ", ".join(map(str, booking.units))
    return f"{booking.id}  {booking.facility}  {span}  {booking.organisation}  {_UNITS.in_language(spoken)} {units}"


start_option = click.option(
    "--from", "start", type=Moment(), required=True, help="When it begins, with time zone."
)
hours_option = click.option(
    "--hours", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True
)
units_option = click.option(
    "--units", type=click.IntRange(min=1), default=1, show_default=True, help="Cards, benches, desks."
)
now_option = click.option(
    "--now", type=Moment(), default="now", show_default=True, help="The moment of asking."
)
evidence_option = click.option(
    "--evidence",
    multiple=True,
    metavar="ORGANISATION=FILE",
    help="Signed evidence whose usage counts (repeatable).",
)


@command.command(name="make")
@click.argument("facility")
@click.option("--as", "organisation", required=True, help="The organisation that books.")
@start_option
@hours_option
@units_option
@click.option("--id", "name", help="Id of the booking; the same id again is the same booking.")
@evidence_option
@now_option
@in_language
@as_json
@click.pass_context
def make_command(
    ctx: click.Context, facility: str, organisation: str, start: datetime, hours: float, units: int,
    name: str | None, evidence: tuple[str, ...], now: datetime, spoken: Language, as_json: bool,
) -> None:  # fmt: skip
    """Book FACILITY; exit code 1 when it is refused, with the reason and the next free time."""
    with exits():
        from lumbung.cooperation.facilities.bookings import Refusal, Wish, decide_booking
        from lumbung.cooperation.facilities.calendars import Span

        read, store = _read(ctx.obj), _store(ctx.obj)
        found = read.facilities.get(facility)
        usage = _usage(read, evidence, found.resource if found else None)
        wish = Wish(
            name or uuid4().hex[:8],
            facility,
            organisation,
            Span(start, start + timedelta(hours=hours)),
            units,
        )
        decision = store.book(
            wish,
            lambda existing: decide_booking(
                wish, found, existing, now, _balance(read, store, wish, usage, now)
            ),
            turn=None if found is None else found.resource,
        )
        _show_label(read, spoken)
        if isinstance(decision, Refusal):
            if as_json:
                print_json(
                    {
                        "booked": False,
                        "why": decision.why,
                        "says": decision.says(spoken),
                        "next_free": decision.next_free,
                    }
                )
            else:
                click.echo(f"{_REFUSED.in_language(spoken)}{colon(spoken)}{decision.says(spoken)}")
            raise SystemExit(1)
        if as_json:
            print_json({"booked": True} | _booking_data(decision))
        else:
            click.echo(f"{_BOOKED.in_language(spoken)}{colon(spoken)}{_booking_line(decision, spoken, read)}")


@command.command(name="list")
@click.argument("facility", required=False)
@in_language
@as_json
@click.pass_context
def list_command(ctx: click.Context, facility: str | None, spoken: Language, as_json: bool) -> None:
    """List bookings, of one FACILITY or all."""
    with exits():
        found = _store(ctx.obj).bookings(facility)
        if as_json:
            print_json([_booking_data(each) for each in found])
            return
        read = _read(ctx.obj) if ctx.obj.example or ctx.obj.file else None
        for each in found:
            click.echo(_booking_line(each, spoken, read))
        if not found:
            say(_EMPTY.in_language(spoken))


@command.command(name="cancel")
@click.argument("booking")
@in_language
@click.pass_context
def cancel_command(ctx: click.Context, booking: str, spoken: Language) -> None:
    """Give up a BOOKING."""
    with exits():
        if not _store(ctx.obj).cancel(booking):
            fail(_UNKNOWN.in_language(spoken).format(id=booking), BAD_INPUT)
        click.echo(_CANCELLED.in_language(spoken).format(id=booking))


@command.command(name="free")
@click.argument("facility")
@start_option
@hours_option
@units_option
@now_option
@in_language
@click.pass_context
def free_command(
    ctx: click.Context,
    facility: str,
    start: datetime,
    hours: float,
    units: int,
    now: datetime,
    spoken: Language,
) -> None:
    """Say when FACILITY is next free for that long."""
    with exits():
        from lumbung.cooperation.facilities.bookings import Wish, next_free
        from lumbung.cooperation.facilities.calendars import Span

        read, store = _read(ctx.obj), _store(ctx.obj)
        if facility not in read.facilities:
            fail(f"there is no facility {facility!r}; there are: {', '.join(read.facilities)}", BAD_INPUT)
        wish = Wish("?", facility, "?", Span(start, start + timedelta(hours=hours)), units)
        found = next_free(wish, read.facilities[facility], store.bookings(facility), now)
        _show_label(read, spoken)
        text = _NEVER if found is None else _FREE_AT
        zone = ZoneInfo(read.facilities[facility].calendar.zone)
        when = "" if found is None else found.astimezone(zone).isoformat(timespec="minutes")
        click.echo(text.in_language(spoken).format(start=when))


@command.command(name="share")
@click.option("--resource", default="gpu", show_default=True)
@click.option(
    "--half-life",
    type=click.FloatRange(min=0, min_open=True),
    default=7.0,
    show_default=True,
    help="In days.",
)
@evidence_option
@now_option
@in_language
@as_json
@click.pass_context
def share_command(
    ctx: click.Context, resource: str, half_life: float, evidence: tuple[str, ...], now: datetime,
    spoken: Language, as_json: bool,
) -> None:  # fmt: skip
    """Show each organisation's fair share: who has had least of its share comes first."""
    with exits():
        read = _read(ctx.obj)
        _show_label(read, spoken)
        rows = _shares(read, _usage(read, evidence, resource), resource, half_life, now)
        if as_json:
            print_json([row._asdict() for row in rows])
            return
        head = _SHARE_HEAD.in_language(spoken).split("|")
        widths = (-16, 16, 10, 12, 12)
        click.echo("".join(_padded(cell, width) for cell, width in zip(head, widths, strict=True)))
        for row in rows:
            cells = (
                row.organisation,
                f"{row.hours:.2f}",
                f"{row.share:.1%}",
                f"{row.fair_tree:.6f}",
                f"{row.classic:.6f}",
            )
            click.echo("".join(_padded(cell, width) for cell, width in zip(cells, widths, strict=True)))


def _padded(cell: str, width: int) -> str:
    """Pad to a width in columns of the terminal, where a Chinese character takes two; negative widths pad on the right."""
    from rich.cells import cell_len

    space = " " * max(abs(width) - cell_len(cell), 1)
    return cell + space if width < 0 else space + cell


class _ShareRow(NamedTuple):
    organisation: str
    hours: float
    share: float
    fair_tree: float
    classic: float


def _shares(
    read: Facilities, usage: tuple[UsageRecord, ...], resource: str, half_life: float, now: datetime
) -> list[_ShareRow]:
    from lumbung.cooperation.facilities.fair_share import classic_fair_share, fair_tree
    from lumbung.cooperation.facilities.usage import decayed_hours

    users = {account.name for account in read.accounts} - {account.parent for account in read.accounts}
    hours = decayed_hours(usage, now, timedelta(days=half_life), resource)
    counted = {name: amount for name, amount in hours.items() if name in users}
    tree, classic = fair_tree(read.accounts, counted), classic_fair_share(read.accounts, counted)
    rows = [
        _ShareRow(name, counted.get(name, 0.0), classic[name].shares, tree[name].factor, classic[name].factor)
        for name in tree
    ]
    return sorted(rows, key=lambda row: (-row.fair_tree, row.organisation))


@command.command(name="line")
@click.argument("facility")
@click.option(
    "--half-life",
    type=click.FloatRange(min=0, min_open=True),
    default=7.0,
    show_default=True,
    help="In days.",
)
@click.option("--most", type=click.IntRange(min=1), help="How many units one organisation may hold at once.")
@evidence_option
@now_option
@in_language
@as_json
@click.pass_context
def line_command(
    ctx: click.Context, facility: str, half_life: float, most: int | None, evidence: tuple[str, ...], now: datetime,
    spoken: Language, as_json: bool,
) -> None:  # fmt: skip
    """Show who waits for FACILITY and why."""
    with exits():
        from lumbung.cooperation.facilities.bookings import Wish
        from lumbung.cooperation.facilities.calendars import Span
        from lumbung.cooperation.facilities.leasing import waiting_line

        read, store = _read(ctx.obj), _store(ctx.obj)
        if facility not in read.facilities:
            fail(f"there is no facility {facility!r}; there are: {', '.join(read.facilities)}", BAD_INPUT)
        found = read.facilities[facility]
        usage = _usage(read, evidence, found.resource)
        factors = {
            row.organisation: row.fair_tree
            for row in _shares(read, usage, found.resource or facility, half_life, now)
        }
        span = Span(now, now + timedelta(hours=1))
        running: dict[str, int] = {}
        for booking in store.bookings(facility, Span(now, now + timedelta(seconds=1))):
            running[booking.organisation] = running.get(booking.organisation, 0) + len(booking.units)
        granted = {grant.organisation for grant in read.grants if grant.resource == found.resource}
        balances = {}
        for name in granted:
            left = _balance(read, store, Wish("?", facility, name, span), usage, now)
            if left is not None:
                balances[name] = left
        line = waiting_line(read.requests, factors, balances, running, found.units, most)
        _show_label(read, spoken)
        if as_json:
            print_json([{"place": each.place + 1, "request": each.request.id, "organisation": each.request.organisation,
                         "why": each.why, "says": each.says(spoken)} for each in line])  # fmt: skip
            return
        for each in line:
            click.echo(
                f"{each.place + 1}. {each.request.id}  {each.request.organisation}{colon(spoken)}{each.says(spoken)}"
            )


@command.command(name="plan")
@start_option
@click.option(
    "--hours",
    type=click.FloatRange(min=0, min_open=True),
    default=168.0,
    show_default=True,
    help="Length of the plan.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Time to search.",
)
@in_language
@as_json
@click.pass_context
def plan_command(
    ctx: click.Context, start: datetime, hours: float, seconds: float, spoken: Language, as_json: bool
) -> None:
    """Plan the jobs of the file around what is booked, with proof of how good the plan is."""
    with exits():
        from lumbung.cooperation.facilities.calendars import Span
        from lumbung.cooperation.facilities.schedules import plan_jobs

        read, store = _read(ctx.obj), _store(ctx.obj)
        window = Span(start, start + timedelta(hours=hours))
        plan = plan_jobs(read.jobs, read.facilities, window, store.bookings(window=window), seconds=seconds)
        _show_label(read, spoken)
        if as_json:
            print_json({"jobs": [_booking_data(each) for each in plan.bookings], "left_out": list(plan.left_out),
                        "cost": plan.cost, "bound": plan.bound, "optimal": plan.optimal})  # fmt: skip
            return
        for each in plan.bookings:
            click.echo(_booking_line(each, spoken, read))
        for name in plan.left_out:
            click.echo(_LEFT_OUT.in_language(spoken).format(id=name))
        text = _OPTIMAL if plan.optimal else _WITHIN
        click.echo(text.in_language(spoken).format(cost=plan.cost, bound=plan.bound, gap=plan.gap))
