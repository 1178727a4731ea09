"""The national picture and the road to the target."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lumbung.centre.credentials.forms import RoadForm
from lumbung.centre.credentials.nation import badge_counts, picture
from lumbung.centre.credentials.road import Assumptions, plan_of, road_of, scenario_of
from lumbung.centre.credentials.suppression import FEWEST, STEP
from lumbung.centre.credentials.wording import CURRENCIES, LEVELS, SCENARIOS
from lumbung.centre.members.languages import house_language
from lumbung.talent.road.provinces import PROVINCES, name_in
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
    refused: HttpResponse | None = ratelimit.consume_or_429(request, action="road", limit_get=True)
    if refused is not None:
        return refused
    now = datetime.now(UTC)
    form, assumed = _asked(request, now)
    try:
        found = road_of(assumed)
    except ScenarioError:
        form.add_error(None, _("Those who leave, lose skills or move are together more than everybody."))
        assumed = Assumptions(assumed.scenario)
        found = road_of(assumed)
    counted = badge_counts(now)
    held: Counter[str] = Counter()
    for (province, _level), people in counted.items():
        held[province] += people
    names = {name: number for number, name, _people in PROVINCES}
    context = {
        "form": form,
        "road": found,
        "words": SCENARIOS[assumed.scenario],
        "levels": [(LEVELS[name], people, counts) for name, people, counts in found.levels],
        "assumed": len(found.scenario.assumptions),
        "start": assumed,
        "by_ability": assumed.scenario == "competence",
        "badges": sum(held.values()),
        "provinces": [
            (name_in(house_language(), names[name]), value, held[names[name]])
            for name, value in found.provinces
        ],
        "query": request.GET.urlencode(),
        "fewest": FEWEST,
    }
    return render(request, "credentials/road.html", context, status=400 if form.errors else 200)


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """The cheapest plan of training places that meets the target, under the same assumptions."""
    refused: HttpResponse | None = ratelimit.consume_or_429(request, action="road_plan", limit_get=True)
    if refused is not None:
        return refused
    form, assumed = _asked(request, datetime.now(UTC))
    try:
        found = plan_of(assumed)
    except ScenarioError:
        form.add_error(None, _("Those who leave, lose skills or move are together more than everybody."))
        found = plan_of(Assumptions(assumed.scenario))
    scenario = scenario_of(Assumptions(assumed.scenario))
    context = {
        "form": form,
        "words": SCENARIOS[assumed.scenario],
        "plan": None if isinstance(found, int) else found,
        "reachable": found / 1e6 if isinstance(found, int) else None,
        "target": scenario.target / 1e6,
        "year": scenario.target_year,
        "levels": [LEVELS[name] for name in scenario.levels],
        "currency": CURRENCIES.get(scenario.currency, scenario.currency),
        "query": request.GET.urlencode(),
    }
    return render(request, "credentials/plan.html", context, status=400 if form.errors else 200)


def _asked(request: HttpRequest, now: datetime) -> tuple[RoadForm, Assumptions]:
    form = RoadForm(request.GET if "scenario" in request.GET else {"scenario": "competence"})
    return form, form.assumptions(now) if form.is_valid() else Assumptions()
