"""What came of it: the standings that are out, solutions at work, and the newest signed results."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lumbung.centre.portal.atlas import bows
from lumbung.centre.runs.selectors import newest_evidence
from lumbung.centre.standings.selectors import newest_standings, solutions_at_work

NEWEST = 20


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    now, flows = datetime.now(UTC), solutions_at_work()
    at_home = {start: count for (start, end), count in sorted(flows.items()) if start == end}
    context = {
        "boards": newest_standings(now),
        "evidence": newest_evidence(now, NEWEST),
        "at_home": at_home,
        "across": bows(flows),
    }
    return render(request, "portal/results.html", context)
