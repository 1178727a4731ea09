"""Facilities: the calendar, bookings, grants, who has had its share, who waits and why."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.access import administers, is_staff, known, require
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.models import Organisation
from lumbung.centre.members.selectors import own_organisations
from lumbung.centre.partners import bookings, facilities, rationing
from lumbung.centre.partners.forms import BookingForm, ClosureForm, FacilityForm, GrantForm, ReportForm
from lumbung.centre.partners.models import Booking, Facility, Grant, Project
from lumbung.centre.runs.models import Node, new_token
from lumbung.cooperation.facilities.bookings import Refusal, free_units
from lumbung.cooperation.facilities.calendars import Span, is_open
from lumbung.proving.text import Text


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    now = datetime.now(UTC)
    rows = []
    for facility in Facility.objects.select_related("host", "node").prefetch_related("closures"):
        record = facility.record
        soon = [each.record for each in bookings.bookings_between(facility, now, now + timedelta(minutes=15))]
        span = Span(now, now + timedelta(minutes=15))
        opened = is_open(record.calendar, span)
        rows.append({"facility": facility, "free": len(free_units(record, soon, span)) if opened else None})
    return render(request, "partners/facilities.html", {"rows": rows})


@login_required
def new(request: HttpRequest) -> HttpResponse:
    require(is_staff(request.user))
    form = FacilityForm(
        request.POST or None,
        hosts=Organisation.objects.filter(approved=True),
        nodes=Node.objects.filter(active=True, facility=None).values_list("name", flat=True),
    )
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made = facilities.add_facility(
            request.user, Organisation.objects.get(slug=asked["host"]), form.title(), units=asked["units"],  # type: ignore[arg-type]
            zone=asked["zone"], days=asked["days"], opens=asked["opens"], closes=asked["closes"],
            resource=asked["resource"], node=Node.objects.filter(name=asked["node"] or None).first(),
            run_hours=asked["run_hours"], now=datetime.now(UTC),
        )  # fmt: skip
        return redirect("partners:facility", made.slug)
    return render(request, "partners/new_facility.html", {"form": form}, status=400 if form.errors else 200)


def _monday(request: HttpRequest, zone: ZoneInfo, now: datetime) -> datetime:
    """The Monday of the week asked for, at midnight on the facility's wall clock."""
    try:
        day = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        day = now.astimezone(zone).date()
    if not 2000 <= day.year <= 2100:
        day = now.astimezone(zone).date()
    return datetime.combine(day - timedelta(days=day.weekday()), time(), zone)


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, bookings.find_facility(slug))


def _page(request: HttpRequest, facility: Facility, *, status: int = 200, **forms: object) -> HttpResponse:
    person, now = request.user, datetime.now(UTC)
    zone = ZoneInfo(facility.zone)
    monday = _monday(request, zone, now)
    own = list(own_organisations(person)) if known(person) else []
    names = [each.slug for each in own]
    hosts = is_staff(person) or administers(person, facility.host)
    coming = Booking.objects.filter(facility=facility, end__gt=now).select_related("organisation", "facility")
    if not hosts:
        coming = coming.filter(organisation__in=own)
    start = now.astimezone(zone) + timedelta(hours=1)
    initial = {
        "token": new_token(), "day": request.GET.get("day") or start.date().isoformat(),
        "start": request.GET.get("from") or start.strftime("%H:00"),
    }  # fmt: skip
    context = {
        "facility": facility,
        "name": Text(**facility.name).in_language(house_language()),
        "days": facilities.week_of(facility, monday, names, now),
        "hours": range(24),
        "before": (monday - timedelta(days=7)).date().isoformat(),
        "after": (monday + timedelta(days=7)).date().isoformat(),
        "coming": coming.prefetch_related("held")[:50],
        "now": now,
        "hosts": hosts,
        "own": own,
        "names": names,
        "form": BookingForm(initial=initial, organisations=own) if own else None,
        "closure_form": ClosureForm(auto_id="closure_%s"),
        "closures": facility.closures.filter(end__gt=now).order_by("start"),
        "balances": [
            (each, bookings.balance_of(each, facility.resource, now)) for each in own
        ] if facility.resource else [],
        **forms,
    }  # fmt: skip
    return render(request, "partners/facility.html", context, status=status)


@require_POST
@login_required
def book(request: HttpRequest, slug: str) -> HttpResponse:
    facility, now = bookings.find_facility(slug), datetime.now(UTC)
    own = list(own_organisations(request.user))  # type: ignore[arg-type]
    require(bool(own))
    form = BookingForm(request.POST, organisations=own)
    if not form.is_valid():
        return _page(request, facility, form=form, status=400)
    asked = form.cleaned_data
    answer = bookings.book(
        request.user,  # type: ignore[arg-type]
        facility,
        next(each for each in own if each.slug == asked["organisation"]),
        form.span(facility.zone),
        asked["units"],
        token=asked["token"],
        now=now,
    )
    if isinstance(answer, Refusal):
        said = answer.says(house_language())  # type: ignore[arg-type]
        form.add_error(None, said[:1].upper() + said[1:])
        return _page(request, facility, form=form, status=409)
    units = ", ".join(str(unit + 1) for unit in answer.units)
    messages.success(request, _("Booked. Your units: %(units)s.") % {"units": units})
    return redirect("partners:facility", slug)


@require_POST
@login_required
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    facility = bookings.cancel(request.user, token, now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("Cancelled."))
    return redirect("partners:facility", facility.slug)


@require_POST
@login_required
def close(request: HttpRequest, slug: str) -> HttpResponse:
    facility = bookings.find_facility(slug)
    require(is_staff(request.user) or administers(request.user, facility.host))
    form = ClosureForm(request.POST, auto_id="closure_%s")
    if not form.is_valid():
        return _page(request, facility, closure_form=form, status=400)
    zone = ZoneInfo(facility.zone)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"] + timedelta(days=1)
    facilities.close_for(
        request.user,  # type: ignore[arg-type]
        facility,
        datetime.combine(first, time(), zone),
        datetime.combine(last, time(), zone),
        now=datetime.now(UTC),
    )
    return redirect("partners:facility", slug)


@require_safe
@login_required
def line(request: HttpRequest, slug: str) -> HttpResponse:
    """The fair share of each organisation, and who waits for the node and why."""
    facility, now = bookings.find_facility(slug), datetime.now(UTC)
    person = request.user
    own_teams = set(person.teams.values_list("pk", flat=True))  # type: ignore[union-attr]
    names = dict(Organisation.objects.values_list("slug", "name"))
    waiting = [
        {
            "place": each.waiting.place + 1,
            "says": each.waiting.says(house_language()),  # type: ignore[arg-type]
            "run": each.run if is_staff(person) or each.run.submission.team_id in own_teams else None,
            "queued": each.run.queued,
        }
        for each in rationing.waiting_for(facility, now)
    ]
    context = {
        "facility": facility,
        "name": Text(**facility.name).in_language(house_language()),
        "waiting": waiting,
        "shares": [(row, names.get(row.organisation, row.organisation)) for row in rationing.shares(facility.resource, now)]
        if facility.resource else [],
        "half_life": rationing.HALF_LIFE.days,
    }  # fmt: skip
    return render(request, "partners/line.html", context)


@require_safe
@login_required
def grants(request: HttpRequest) -> HttpResponse:
    return _grants(request)


def _grants(request: HttpRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    person, now = request.user, datetime.now(UTC)
    own = own_organisations(person)  # type: ignore[arg-type]
    found = Grant.objects.select_related("organisation")
    if not is_staff(person):
        found = found.filter(organisation__in=own)
    rows = [
        {
            "grant": each,
            "left": bookings.balance_of(each.organisation, each.resource, now),
            "reports": administers(person, each.organisation)
            and not is_staff(person)
            and each.reported is None,
            "accepts": is_staff(person) and bool(each.report) and each.reported is None,
            "running": each.awarded <= now < each.expires,
        }
        for each in found
    ]
    context = {
        "rows": rows,
        "report_form": ReportForm(),
        "form": _grant_form() if is_staff(person) else None,
        **forms,
    }
    return render(request, "partners/grants.html", context, status=status)


def _grant_form(data: Any = None) -> GrantForm:
    resources = (
        Facility.objects.exclude(resource="")
        .order_by("resource")
        .values_list("resource", flat=True)
        .distinct()
    )
    titles = [
        (each.token, each.record.title.in_language(house_language()))
        for each in Project.objects.filter(~Q(stage__in=("finished", "ended")))
    ]
    return GrantForm(
        data, organisations=Organisation.objects.filter(approved=True), resources=resources, projects=titles
    )


@require_POST
@login_required
def award(request: HttpRequest) -> HttpResponse:
    require(is_staff(request.user))
    form = _grant_form(request.POST)
    if not form.is_valid():
        return _grants(request, form=form, status=400)
    asked = form.cleaned_data
    facilities.award(
        request.user, Organisation.objects.get(slug=asked["organisation"]), asked["resource"], asked["hours"],  # type: ignore[arg-type]
        datetime.combine(asked["expires"] + timedelta(days=1), time(), UTC),
        project=Project.objects.filter(token=asked["project"] or None).first(), now=datetime.now(UTC),
    )  # fmt: skip
    messages.success(request, _("Granted. Half may be used now, half once the report is accepted."))
    return redirect("partners:grants")


@require_POST
@login_required
def report(request: HttpRequest, number: int) -> HttpResponse:
    grant = facilities.find_grant(number)
    require(administers(request.user, grant.organisation))
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _grants(request, report_form=form, status=400)
    facilities.send_report(request.user, grant, form.cleaned_data["report"], now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("Sent. The second half is released once staff accept it."))
    return redirect("partners:grants")


@require_POST
@login_required
def accept_report(request: HttpRequest, number: int) -> HttpResponse:
    require(is_staff(request.user))
    facilities.accept(request.user, facilities.find_grant(number), now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:grants")
