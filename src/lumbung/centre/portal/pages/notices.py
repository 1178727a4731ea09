"""What happened and concerns the reader."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.notices import mark_read, notices_to, open_notice, sentence

SHOWN = 50


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    page = Paginator(notices_to(request.user), SHOWN).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    rows = [(notice, sentence(notice)) for notice in page]
    newest = max((notice.pk for notice, _words in rows), default=0)
    return render(request, "portal/notices.html", {"page": page, "rows": rows, "newest": newest})


@require_safe
@login_required
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Lead on to what a notice is about."""
    return redirect(open_notice(request.user, number, now=datetime.now(UTC)).address)  # type: ignore[arg-type]


@require_POST
@login_required
def read(request: HttpRequest) -> HttpResponse:
    asked = request.POST.get("newest", "")
    newest = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else 0
    mark_read(request.user, newest, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:notices")
