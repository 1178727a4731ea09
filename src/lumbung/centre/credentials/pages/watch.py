"""What watches over the test: the code of a supervised session, and what staff should look at again."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lumbung.centre.credentials.bank import LARGEST_EXPOSURE
from lumbung.centre.credentials.sittings import code_for
from lumbung.centre.credentials.watching import to_look_at, watch
from lumbung.centre.members.access import Role, is_staff, require
from lumbung.centre.members.selectors import own_organisations


@never_cache
@require_safe
@login_required
def proctor(request: HttpRequest) -> HttpResponse:
    """The codes of the organisations one administers."""
    now = datetime.now(UTC)
    mine = own_organisations(request.user, Role.ADMINISTRATOR)  # type: ignore[arg-type]
    require(mine.exists())
    return render(
        request,
        "credentials/proctor.html",
        {"codes": [(site, code_for(site, now)) for site in mine], "now": now},
    )


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    require(is_staff(request.user))
    context = {"watch": watch(), "aim": round(100 * LARGEST_EXPOSURE), "sittings": to_look_at()}
    return render(request, "credentials/watch.html", context)
