"""A team's weights: what it keeps here and how much room that takes, sent in pieces from the browser, let go."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.selectors import find_own_team
from lumbung.centre.members.services import Refused
from lumbung.centre.runs import weights as keeping


@require_safe
@login_required
def index(request: HttpRequest, slug: str) -> HttpResponse:
    team = find_own_team(request.user, slug)  # type: ignore[arg-type]
    context = {
        "team": team,
        "weights": keeping.kept_by(team),
        "coming": keeping.on_their_way(team),
        "kept": keeping.kept_bytes(team),
        "quota": settings.WEIGHTS_QUOTA,
        "limit": settings.WEIGHTS_LIMIT,
        "centre": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "portal/weights.html", context)


@require_POST
@login_required
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    team = find_own_team(request.user, slug)  # type: ignore[arg-type]
    try:
        keeping.remove(request.user, team, request.POST.get("digest", ""), now=datetime.now(UTC))  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Removed."))
    return redirect("portal:weights", slug)
