"""For staff: finding people and teams, suspending them, and seeing whether the centre's mail goes out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.access import is_staff, require
from lumbung.centre.members.letters import send_suspension
from lumbung.centre.members.mail_check import check_mail
from lumbung.centre.members.models import Suspension, Team, User
from lumbung.centre.members.selectors import find_person, find_team
from lumbung.centre.members.suspending import (
    lift,
    people_like,
    suspend_person,
    suspend_team,
    suspended,
    teams_like,
)


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    require(is_staff(request.user))
    words = request.GET.get("q", "")[:100]
    context = {
        "words": words,
        "people": people_like(words),
        "teams": teams_like(words),
        "suspended": suspended()[:200],
    }
    return render(request, "portal/people.html", context)


@require_POST
@login_required
def suspend(request: HttpRequest, number: int) -> HttpResponse:
    require(is_staff(request.user))
    return _suspend(request, suspend_person, find_person(number))


@require_POST
@login_required
def suspend_a_team(request: HttpRequest, slug: str) -> HttpResponse:
    require(is_staff(request.user))
    return _suspend(request, suspend_team, find_team(slug))


def _suspend(request: HttpRequest, act: Callable[..., Suspension], whom: User | Team) -> HttpResponse:
    send_suspension(request, act(request.user, whom, request.POST.get("why", ""), now=datetime.now(UTC)))
    messages.success(request, _("Suspended. They were written to."))
    return redirect("portal:people")


@require_POST
@login_required
def readmit(request: HttpRequest, number: int) -> HttpResponse:
    send_suspension(request, lift(request.user, number, now=datetime.now(UTC)))  # type: ignore[arg-type]
    messages.success(request, _("Lifted. They were written to."))
    return redirect("portal:people")


@login_required
def mail(request: HttpRequest) -> HttpResponse:
    """Send oneself a letter, and see what came of it."""
    require(is_staff(request.user))
    found = check_mail(request.user.email) if request.method == "POST" else None  # type: ignore[union-attr]
    return render(request, "portal/mail_check.html", {"found": found})
