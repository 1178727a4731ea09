"""The staff's desk: what waits for a decision, and what is stuck."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lumbung.centre.challenges.discussion import reported
from lumbung.centre.members.access import is_staff, require
from lumbung.centre.members.selectors import waiting_organisations
from lumbung.centre.runs.ledgers import ledgers_of_all
from lumbung.centre.runs.selectors import (
    disagreements,
    failed_runs,
    failing_challenges,
    fault_counts,
    queue_state,
    silent_nodes,
    stuck_runs,
)


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    require(is_staff(request.user))
    now = datetime.now(UTC)
    return render(
        request,
        "portal/desk.html",
        {
            "waiting": waiting_organisations(),
            "reported": reported()[:50],
            "queue": queue_state(now),
            "stuck": stuck_runs(now)[:100],
            "disagreeing": disagreements()[:50],
            "silent": silent_nodes(now),
            "failing": failing_challenges(now),
            "failed": failed_runs(now)[:50],
            "faults": fault_counts(now)[:50],
            "told": ledgers_of_all()[:100],
        },
    )
