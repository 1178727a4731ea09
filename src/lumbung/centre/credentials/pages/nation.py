"""The national picture and the road to the target."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lumbung.centre.credentials.forms import RoadForm
from lumbung.centre.credentials.nation import picture
from lumbung.centre.credentials.road import Assumptions, road_of
from lumbung.centre.credentials.suppression import FEWEST, STEP
from lumbung.centre.credentials.wording import LEVELS, SCENARIOS
from lumbung.talent.road.scenario import ScenarioError


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    found = picture()
    context = {
        "picture": found,
        "cells": [(LEVELS[name], count, shown) for name, count, shown in found.cells],
        "fewest": FEWEST,
        "step": STEP,
    }
    return render(request, "credentials/nation.html", context)


@require_safe
def road(request: HttpRequest) -> HttpResponse:
    """Follow a scenario under the assumptions in the address, so that a picture can be sent to somebody."""
    form = RoadForm(request.GET if "scenario" in request.GET else {"scenario": "competence"})
    assumed = form.assumptions() if form.is_valid() else Assumptions()
    try:
        found = road_of(assumed)
    except ScenarioError:
        form.add_error(None, _("Those who leave, lose skills or move are together more than everybody."))
        assumed = Assumptions(assumed.scenario)
        found = road_of(assumed)
    context = {
        "form": form,
        "road": found,
        "words": SCENARIOS[assumed.scenario],
        "levels": [(LEVELS[name], people, counts) for name, people, counts in found.levels],
        "assumed": len(found.scenario.assumptions),
    }
    return render(request, "credentials/road.html", context, status=400 if form.errors else 200)
