"""The matching desk, for staff: candidates with reasons, introductions, what to follow up, who gets found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.access import is_staff, require
from lumbung.centre.members.languages import house_language
from lumbung.centre.partners import matching
from lumbung.centre.partners.letters import send_introductions
from lumbung.centre.partners.listings import find_listing
from lumbung.centre.partners.models import Need, Offer, Project
from lumbung.centre.partners.projects import introduce, propose_project, visible_projects
from lumbung.cooperation.matching.explanation import HEADINGS
from lumbung.cooperation.projects import follow_up


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    require(is_staff(request.user))
    now = datetime.now(UTC)
    desk = matching.desk(now)
    pairs = matching.proposed(desk)
    rows = []
    for number, need in enumerate(desk.needs):
        found = desk.pool.candidates(number)
        best = next((each for each in desk.offers if (need.pk, each.pk) in pairs), None)
        rows.append({"need": need, "count": len(found), "proposed": best})
    context = {
        "rows": rows, "by_model": desk.by_model, "offers": len(desk.offers), "follow": _follow(request, now),
    }  # fmt: skip
    return render(request, "partners/desk.html", context)


def _follow(request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    """What to do about each project, what is overdue first."""
    told = []
    for project in visible_projects(request.user).exclude(stage__in=("finished", "ended")):
        step = follow_up(project.record, now.date())
        if step is not None:
            told.append({"project": project, "step": step, "says": step.says(house_language())})  # type: ignore[arg-type]
    return sorted(told, key=lambda each: each["step"].due)


@require_safe
@login_required
def need(request: HttpRequest, number: int) -> HttpResponse:
    """One need: the best candidates, each with its reasons, and who stands aside."""
    require(is_staff(request.user))
    wanted = find_listing(Need, number)
    desk = matching.desk(datetime.now(UTC))
    language: Any = house_language()
    introduced = {each.offer_id: each for each in Project.objects.filter(need=wanted)}
    pairs = matching.proposed(desk)
    shown = [
        {"candidate": each, "project": introduced.get(each.offer.pk), "proposed": (wanted.pk, each.offer.pk) in pairs}
        for each in matching.candidates(desk, wanted, language)
    ]  # fmt: skip
    context = {
        "need": wanted, "shown": shown, "aside": matching.aside(desk, wanted, language), "by_model": desk.by_model,
        "projects": introduced.values(),
        "headings": {name: text.in_language(language) for name, text in HEADINGS.items()},
    }  # fmt: skip
    return render(request, "partners/candidates.html", context)


@require_POST
@login_required
def bring_together(request: HttpRequest, number: int) -> HttpResponse:
    """Keep a proposal, or introduce both sides at once."""
    require(is_staff(request.user))
    now = datetime.now(UTC)
    wanted = find_listing(Need, number)
    given = request.POST.get("offer", "")
    offer = find_listing(Offer, int(given) if given.isdecimal() and len(given) < 18 else 0)
    desk = matching.desk(now)
    if not Project.objects.filter(need=wanted, offer=offer).exists():
        matching.explanation_of(desk, wanted, offer, "en")  # a pair that hard constraints forbid is no pair
    project = propose_project(request.user, wanted, offer, now=now)  # type: ignore[arg-type]
    if request.POST.get("step") == "introduce":
        introduce(request.user, project, now=now)  # type: ignore[arg-type]
        sent = send_introductions(request, project, desk)
        messages.success(request, _("Introduced. Letters sent: %(count)d.") % {"count": sent})
    else:
        messages.success(request, _("Kept as a proposal. Nobody has been written to."))
    return redirect("partners:project", project.token)


@require_safe
@login_required
def fair(request: HttpRequest) -> HttpResponse:
    """Who gets found, by country and by size."""
    require(is_staff(request.user))
    by_country, by_size = matching.fairness_by(datetime.now(UTC), "country", "size")
    tables = [(_("By country"), by_country), (_("By size"), by_size)]
    return render(request, "partners/fairness.html", {"tables": tables, "top": matching.SHOWN})
