"""The discussion of a challenge: questions, answers, announcements; and what staff do about what was reported."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.challenges import discussion
from lumbung.centre.challenges.letters import send_answer, send_question
from lumbung.centre.challenges.selectors import find_challenge, may_manage
from lumbung.centre.members.access import known

SHOWN = 20


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    challenge, person = find_challenge(request.user, slug), request.user
    page = Paginator(discussion.questions(slug), SHOWN).get_page(request.GET.get("page"))
    context = {
        "challenge": challenge,
        "announcements": discussion.announcements(slug),
        "page": page,
        "manages": may_manage(person, challenge),
        "mine": person.pk if known(person) else None,
    }
    return render(request, "portal/discussion.html", context)


@require_POST
@login_required
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    challenge, now = find_challenge(request.user, slug), datetime.now(UTC)
    asked = discussion.ask(request.user, challenge, request.POST.get("text", ""), now=now)  # type: ignore[arg-type]
    if asked.created == now:
        send_question(request, asked)
    return redirect("portal:discussion", slug)


@require_POST
@login_required
def announce(request: HttpRequest, slug: str) -> HttpResponse:
    challenge = find_challenge(request.user, slug)
    discussion.announce(request.user, challenge, request.POST.get("text", ""), now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:discussion", slug)


@require_POST
@login_required
def answer(request: HttpRequest, number: int) -> HttpResponse:
    question, now = discussion.find_post(request.user, number), datetime.now(UTC)
    answered = discussion.answer(request.user, question, request.POST.get("text", ""), now=now)  # type: ignore[arg-type]
    if answered.created == now:
        send_answer(request, answered)
    return redirect("portal:discussion", question.challenge.slug)


@require_POST
@login_required
def report(request: HttpRequest, number: int) -> HttpResponse:
    post = discussion.find_post(request.user, number)
    discussion.report(request.user, post, now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("Reported. The centre's staff look at it."))
    return redirect("portal:discussion", post.challenge.slug)


@require_POST
@login_required
def hide(request: HttpRequest, number: int) -> HttpResponse:
    post = discussion.find_post(request.user, number)
    discussion.hide(request.user, post, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:discussion", post.challenge.slug)


@require_POST
@login_required
def let_stand(request: HttpRequest, number: int) -> HttpResponse:
    discussion.let_stand(request.user, discussion.find_post(request.user, number), now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:desk")
