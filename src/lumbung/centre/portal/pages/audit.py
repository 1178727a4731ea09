"""The log of acts, for staff and auditors: read, checked, exported."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lumbung.centre.members.access import may_audit, require
from lumbung.centre.members.audit import export_lines, read_own, verify
from lumbung.centre.members.selectors import audit_entries
from lumbung.centre.members.signing import centre_pems
from lumbung.proving.keys import read_public_pem

PAGE = 100


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    require(may_audit(request.user))
    asked, act = request.GET.get("before", ""), request.GET.get("act", "")[:40]
    before = int(asked) if asked.isdecimal() and len(asked) < 18 else None
    rows = list(audit_entries(request.user, before=before, act=act)[: PAGE + 1])
    context: dict[str, Any] = {
        "entries": rows[:PAGE],
        "older": rows[PAGE - 1].number if len(rows) > PAGE else None,
        "act": act,
        "checked": None,
    }
    if "check" in request.GET:
        log = read_own()
        keys = [read_public_pem(pem) for pem in centre_pems(datetime.now(UTC))]
        context |= {
            "checked": verify(log, keys),
            "count": len(log.entries),
            "checkpoints": len(log.checkpoints),
        }
    return render(request, "portal/audit.html", context)


@require_safe
@login_required
def export(request: HttpRequest) -> StreamingHttpResponse:
    require(may_audit(request.user))
    pems = centre_pems(datetime.now(UTC))
    name = f"lumbung-audit-{datetime.now(UTC):%Y%m%d}.jsonl"
    return StreamingHttpResponse(
        (line + b"\n" for line in export_lines(pems)),
        content_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
