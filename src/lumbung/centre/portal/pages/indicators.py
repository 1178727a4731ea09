"""For officials: indicators over time, their download, and a report on half a year to print."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lumbung.centre.credentials.nation import picture
from lumbung.centre.partners.agreements import all_agreements
from lumbung.centre.portal.indicators import (
    half_year,
    halves,
    indicators,
    joint_teams,
    rows_of,
    teams_by_country,
)
from lumbung.centre.standings.selectors import newest_standings, solutions_at_work


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    now = datetime.now(UTC)
    found = indicators(now)
    context = {
        "indicators": found,
        "halves": halves(found, now),
        "countries": teams_by_country(),
        "joint": joint_teams(),
        "ability": picture().everybody,
    }
    return render(request, "portal/indicators.html", context)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """All indicators by month, as a table for a spreadsheet."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(("indicator", "month", "count"))
    rows.writerows((key, month, f"{count:g}") for key, month, count in rows_of(indicators(datetime.now(UTC))))
    answer = HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="lumbung-indicators.csv"'
    return answer


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """What happened in half a year, on a page to print."""
    now = datetime.now(UTC)
    first, last = half_year(request.GET.get("half", ""), now.date())
    found = indicators(now)
    context = {
        "first": first,
        "last": last,
        "made": now,
        "rows": [(each, each.within(first, last), each.total) for each in found],
        "countries": teams_by_country(),
        "joint": joint_teams(),
        "boards": newest_standings(now),
        "flows": solutions_at_work(),
        "agreements": all_agreements(),
        "ability": picture().everybody,
        "today": now.date(),
    }
    return render(request, "portal/report.html", context)
