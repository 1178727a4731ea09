"""What watches over the test: a proctor's seats, what staff should look at again, the answers for calibration."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.credentials.answers import answer_rows
from lumbung.centre.credentials.bank import LARGEST_EXPOSURE
from lumbung.centre.credentials.seats import MOST_SEATS, OPEN_FOR, confirm, give_out, seats_of, void
from lumbung.centre.credentials.watching import to_look_at, watch
from lumbung.centre.members.access import Role, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.selectors import find_organisation, own_organisations


@never_cache
@login_required
def proctor(request: HttpRequest) -> HttpResponse:
    """The seats of the organisations one administers; a POST gives out more."""
    now = datetime.now(UTC)
    mine = own_organisations(request.user, Role.ADMINISTRATOR)  # type: ignore[arg-type]
    require(mine.exists())
    if request.method == "POST":
        asked = request.POST.get("count", "")
        count = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
        site = find_organisation(request.user, request.POST.get("site", ""))
        give_out(request.user, site, count, now=now)  # type: ignore[arg-type]
        return redirect("credentials:proctor")
    context = {
        "rooms": [(site, list(seats_of(site, now))) for site in mine],
        "most": MOST_SEATS,
        "minutes": int(OPEN_FOR.total_seconds() // 60),
        "own": request.user.pk,
    }
    return render(request, "credentials/proctor.html", context)


@require_POST
@login_required
def judge_seat(request: HttpRequest, number: int) -> HttpResponse:
    """A proctor confirms or voids what was sat on a seat."""
    now = datetime.now(UTC)
    if "confirm" in request.POST:
        confirm(request.user, number, now=now)  # type: ignore[arg-type]
        messages.success(request, _("Confirmed. The badge may name your site now."))
    else:
        void(request.user, number, reason=request.POST.get("reason", ""), now=now)  # type: ignore[arg-type]
        messages.success(request, _("Voided. The person reads your reason."))
    return redirect("credentials:proctor")


@require_safe
@login_required
def answers(request: HttpRequest) -> StreamingHttpResponse:
    """The centre's answers without names, for calibration."""
    require(is_staff(request.user))
    append("answers.exported", "answers", actor=request.user, now=datetime.now(UTC))
    found = StreamingHttpResponse(answer_rows(), content_type="text/csv; charset=utf-8")
    found["Content-Disposition"] = 'attachment; filename="answers.csv"'
    return found


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    require(is_staff(request.user))
    context = {"watch": watch(), "aim": round(100 * LARGEST_EXPOSURE), "sittings": to_look_at()}
    return render(request, "credentials/watch.html", context)
