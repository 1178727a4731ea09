"""A host's studio: from a table to a challenge, and how the challenge goes."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lumbung.centre.challenges.selectors import find_challenge, may_manage
from lumbung.centre.challenges.studio import FEWEST_ROWS, pose_table
from lumbung.centre.members.access import NotAllowed, Role, require
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.selectors import find_organisation, own_organisations
from lumbung.centre.members.services import Refused
from lumbung.centre.portal.bars import bars_of
from lumbung.centre.portal.forms import LANGUAGE_NAMES
from lumbung.centre.portal.studio_form import RULES, StudioForm, metrics_by_kind
from lumbung.centre.runs.turnout import turnout


@login_required
def make(request: HttpRequest) -> HttpResponse:
    """The studio; and, asked by its own script with the public part of a table, the draft that comes of it."""
    mine = own_organisations(request.user, Role.CHALLENGE_OWNER)  # type: ignore[arg-type]
    if not mine.exists():
        raise NotAllowed
    form = StudioForm(request.POST or None, request.FILES or None, organisations=mine)
    if request.method == "POST":
        return _posed(request, form)
    own = house_language()
    texts = [(code, form.texts(code)) for code in sorted(LANGUAGE_NAMES, key=lambda code: code != own)]
    context = {
        "form": form,
        "texts": texts,
        "rules": [form[name] for name in RULES],
        "metrics": metrics_by_kind(),
        "shares": range(20, 90, 10),
        "fewest": FEWEST_ROWS,
    }
    return render(request, "portal/studio.html", context)


def _posed(request: HttpRequest, form: StudioForm) -> JsonResponse:
    if not form.is_valid():
        said = {name: list(errors) for name, errors in form.errors.items()}
        return JsonResponse({"fields": said}, status=400)
    owner = find_organisation(request.user, form.cleaned_data["organisation"])
    try:
        made = pose_table(request.user, owner, form.wanted(owner), now=datetime.now(UTC))  # type: ignore[arg-type]
    except Refused as refusal:
        return JsonResponse({"reason": str(refusal)}, status=400)
    address = f"{reverse('portal:challenge', args=(made.slug,))}?version={made.version}"
    told = {"id": made.slug, "version": made.version, "digest": made.digest, "address": address}
    return JsonResponse(told, status=201)


@require_safe
@login_required
def statistics(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """How a challenge goes, for who manages it."""
    challenge = find_challenge(request.user, slug, version)
    require(may_manage(request.user, challenge))
    found = turnout(challenge, datetime.now(UTC).date())
    return render(
        request,
        "portal/challenge_statistics.html",
        {"challenge": challenge, "turnout": found, "bars": bars_of(found.by_day)},
    )
