"""Adoptions: an owner puts a solution to work, and its team agrees to the terms."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.access import Role, has_role, in_team, require
from lumbung.centre.portal.forms import AdoptForm
from lumbung.centre.runs.selectors import evidence_of
from lumbung.centre.standings.letters import send_answer, send_proposal
from lumbung.centre.standings.selectors import find_adoption, visible_adoptions
from lumbung.centre.standings.services import (
    adopt,
    answer_adoption,
    may_fetch_deliverable,
    may_fetch_solution,
)


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    found = visible_adoptions(request.user)
    rows = [
        (
            each,
            each.state == "proposed" and in_team(request.user, each.submission.team),
            each.deliverable is not None and may_fetch_deliverable(request.user, each),
            may_fetch_solution(request.user, each),
        )
        for each in found
    ]
    return render(request, "portal/adoptions.html", {"adoptions": rows})


@login_required
def propose(request: HttpRequest, token: str) -> HttpResponse:
    now = datetime.now(UTC)
    record = evidence_of(request.user, token, now)
    owner = record.run.challenge.owner
    require(has_role(request.user, owner, Role.CHALLENGE_OWNER))
    form = AdoptForm(request.POST or None, initial={"contact": request.user.email})  # type: ignore[union-attr]
    if request.method == "POST" and form.is_valid():
        made = adopt(request.user, owner, record, now=now, **form.cleaned_data)  # type: ignore[arg-type]
        send_proposal(request, made)
        messages.success(request, _("Proposed. The team sees your terms and answers."))
        return redirect("portal:adoptions")
    context = {"form": form, "record": record, "run": record.run, "owner": owner}
    return render(request, "portal/adopt.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def reply(request: HttpRequest, number: int) -> HttpResponse:
    adoption = find_adoption(request.user, number)
    agree = request.POST.get("answer") == "agree"
    answer_adoption(request.user, adoption, agree=agree, now=datetime.now(UTC))  # type: ignore[arg-type]
    send_answer(request, adoption)
    return redirect("portal:adoptions")
