"""Programmes and cohorts of organisations."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.credentials.forms import ProgrammeForm
from lumbung.centre.credentials.programmes import (
    create_programme,
    figures_of,
    find_programme,
    join_cohort,
    leave_cohort,
    manages,
    open_cohort,
    participations_of,
    visible_programmes,
)
from lumbung.centre.credentials.suppression import FEWEST, STEP
from lumbung.centre.members.access import Role, is_staff, known, require
from lumbung.centre.members.selectors import find_organisation, own_organisations


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    person = request.user
    context = {
        "programmes": visible_programmes(),
        "participations": participations_of(person),
        "may_create": known(person) and own_organisations(person, Role.ADMINISTRATOR).exists(),
    }
    return render(request, "credentials/programmes.html", context)


@login_required
def create(request: HttpRequest) -> HttpResponse:
    mine = own_organisations(request.user, Role.ADMINISTRATOR)  # type: ignore[arg-type]
    require(mine.exists())
    form = ProgrammeForm(request.POST or None, organisations=mine)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        organisation = find_organisation(request.user, asked["organisation"])
        made = create_programme(
            request.user,  # type: ignore[arg-type]
            organisation,
            title=asked["title"],
            about=asked["about"],
            now=datetime.now(UTC),
        )
        return redirect("credentials:programme", made.slug)
    return render(
        request, "credentials/new_programme.html", {"form": form}, status=400 if form.errors else 200
    )


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    programme = find_programme(slug)
    runs = manages(request.user, programme.organisation)
    context = {
        "programme": programme,
        "runs": runs,
        "sees": runs or is_staff(request.user),
        "figures": figures_of(request.user, programme),
        "fewest": FEWEST,
        "step": STEP,
    }
    return render(request, "credentials/programme.html", context)


@require_POST
@login_required
def cohort(request: HttpRequest, slug: str) -> HttpResponse:
    programme = find_programme(slug)
    open_cohort(request.user, programme, name=request.POST.get("name", ""), now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("The cohort is open. Give its code to those who take part."))
    return redirect("credentials:programme", slug)


@require_POST
@login_required
def join(request: HttpRequest) -> HttpResponse:
    joined = join_cohort(request.user, request.POST.get("code", ""), now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("You joined: %(title)s") % {"title": joined.programme.title})
    return redirect("credentials:programmes")


@require_POST
@login_required
def leave(request: HttpRequest, number: int) -> HttpResponse:
    leave_cohort(request.user, number)  # type: ignore[arg-type]
    messages.success(request, _("You left. Your results no longer count there."))
    return redirect("credentials:programmes")
