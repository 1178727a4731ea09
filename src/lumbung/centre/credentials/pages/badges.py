"""Badges: ask for one, look at it, hand it on, take it back; and what verifiers fetch."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from csp.decorators import csp_exempt
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.credentials.badges import (
    achievement,
    badges_of,
    check_address,
    did,
    find_badge,
    issue,
    issue_over_standing,
    newer_version,
    own_document,
    share,
    status_list,
    status_lists,
    take_back,
    verify_address,
)
from lumbung.centre.credentials.forms import BadgeForm, RevokeForm
from lumbung.centre.credentials.results import find_sitting, has_result, result_of
from lumbung.centre.credentials.wording import LEVELS
from lumbung.centre.members.access import NotFound, is_staff
from lumbung.centre.members.languages import house_language
from lumbung.centre.standings.selectors import find_own_place, own_places
from lumbung.talent.credentials.contexts import OPEN_BADGES, VCDM2


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    person = request.user
    context = {"badges": badges_of(person), "places": own_places(person, datetime.now(UTC))}  # type: ignore[arg-type]
    return render(request, "credentials/badges.html", context)


@login_required
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """What a badge over this result would say, and what it shows of the holder."""
    sitting = find_sitting(request.user, token)  # type: ignore[arg-type]
    if not has_result(sitting):
        raise NotFound
    form = BadgeForm(request.POST or None, initial={"language": house_language(), "shared": True})
    if request.method == "POST" and form.is_valid():
        check_address(request.get_host())
        badge = issue(request.user, sitting, **form.cleaned_data, now=datetime.now(UTC))  # type: ignore[arg-type]
        messages.success(request, _("Your badge is issued."))
        return redirect("credentials:badge", badge.token)
    result = result_of(sitting)
    context = {"form": form, "sitting": sitting, "result": result, "level": LEVELS[result.level]}
    return render(request, "credentials/ask_badge.html", context, status=400 if form.errors else 200)


@login_required
def ask_over_standing(request: HttpRequest, token: str) -> HttpResponse:
    """What a badge over this standing would say, and what it shows of the holder."""
    now = datetime.now(UTC)
    place = find_own_place(request.user, token, now)  # type: ignore[arg-type]
    form = BadgeForm(request.POST or None, initial={"language": house_language(), "shared": True})
    if request.method == "POST" and form.is_valid():
        check_address(request.get_host())
        badge = issue_over_standing(request.user, place, **form.cleaned_data, now=now)  # type: ignore[arg-type]
        messages.success(request, _("Your badge is issued."))
        return redirect("credentials:badge", badge.token)
    context = {"form": form, "place": place, "pieces": len(place.evidence())}
    return render(
        request, "credentials/ask_badge_over_standing.html", context, status=400 if form.errors else 200
    )


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The badge's own page."""
    from lumbung.talent.credentials.paper import qr_text

    badge = find_badge(request.user, token)
    subject = badge.document["credentialSubject"]
    own = badge.user_id == request.user.pk
    names = [i["identityHash"] for i in subject.get("identifier", []) if i.get("identityType") == "name"]
    language = subject["achievement"].get("inLanguage", "en")
    context = {
        "badge": badge,
        "document": badge.document,
        "narrative": subject["narrative"],
        "holder": names[0] if names else "",
        "lang": {"zh": "zh-Hans"}.get(language, language),
        "own": own,
        "newer": newer_version(badge),
        "may_revoke": badge.revoked is None and (own or is_staff(request.user)),
        "form": RevokeForm(),
        "verify": qr_text(badge.document, reverse("credentials:verify")),
        "page": request.build_absolute_uri(),
        "valid_until": datetime.fromisoformat(badge.document["validUntil"]),
        "expired": datetime.fromisoformat(badge.document["validUntil"]) < datetime.now(UTC),
    }
    return render(request, "credentials/badge.html", context)


def _file(body: bytes | str, kind: str, name: str, *, attached: bool = True) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    if attached:
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
def as_json(request: HttpRequest, token: str) -> HttpResponse:
    text = json.dumps(find_badge(request.user, token).document, ensure_ascii=False, indent=1)
    return _file(text, "application/vc+ld+json", "badge.json")


@require_safe
def as_pdf(request: HttpRequest, token: str) -> HttpResponse:
    from lumbung.talent.credentials.paper import draw_pdf

    badge = find_badge(request.user, token)
    return _file(draw_pdf(badge.document, verify_address()), "application/pdf", "badge.pdf")


@require_safe
def as_svg(request: HttpRequest, token: str) -> HttpResponse:
    from lumbung.talent.credentials.emblem import draw_svg

    picture = draw_svg(find_badge(request.user, token).document)
    return _file(picture, "image/svg+xml", "badge.svg", attached="show" not in request.GET)


@require_safe
def code(request: HttpRequest, token: str) -> HttpResponse:
    """The QR code that carries the whole badge to the page that verifies it."""
    from lumbung.talent.credentials.paper import qr_svg

    return _file(
        qr_svg(find_badge(request.user, token).document, verify_address()),
        "image/svg+xml",
        "",
        attached=False,
    )


@require_POST
@login_required
def share_page(request: HttpRequest, token: str) -> HttpResponse:
    badge = find_badge(request.user, token)
    share(request.user, badge, shared=request.POST.get("shared") == "yes")  # type: ignore[arg-type]
    return redirect("credentials:badge", token)


@require_POST
@login_required
def revoke(request: HttpRequest, token: str) -> HttpResponse:
    form = RevokeForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    take_back(request.user, find_badge(request.user, token), reason=reason, now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("Taken back. Verifiers see it in the list of revoked badges."))
    return redirect("credentials:badge", token)


@csp_exempt()
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The page that verifies in the reader's browser. It brings a stricter policy of its own: no connection at all."""
    from lumbung.talent.credentials.page import verification_page

    page = verification_page(
        [did()], {did(): own_document()}, status_lists(datetime.now(UTC)), language=house_language()
    )
    answer = HttpResponse(page)
    found = re.search('Content-Security-Policy" content="([^"]+)"', page)
    assert found is not None
    answer["Content-Security-Policy"] = f"{found[1]}; frame-ancestors 'none'"
    return answer


@require_safe
def show_achievement(request: HttpRequest, name: str) -> HttpResponse:
    """What badges name as achieved: a page for people, JSON for programs."""
    found = achievement(name)
    if request.accepts("text/html") and request.GET.get("format") != "json":
        language = str(found.get("inLanguage", "en"))
        context = {"achievement": found, "lang": {"zh": "zh-Hans"}.get(language, language), "name": name}
        return render(request, "credentials/achievement.html", context)
    return _json({"@context": [VCDM2, OPEN_BADGES], **found}, "application/ld+json")


@require_safe
def achievement_picture(request: HttpRequest, name: str) -> HttpResponse:
    from lumbung.talent.credentials.emblem import draw_achievement

    answer = _file(draw_achievement(str(achievement(name)["name"])), "image/svg+xml", "", attached=False)
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _json(document: Any, kind: str = "application/json") -> HttpResponse:
    answer = HttpResponse(json.dumps(document, ensure_ascii=False), content_type=kind)
    answer["Access-Control-Allow-Origin"] = "*"  # verifiers' pages fetch it from wherever they are
    return answer


@require_safe
def status(request: HttpRequest, number: int) -> HttpResponse:
    return _json(status_list(number, datetime.now(UTC)), "application/vc+ld+json")


@require_safe
def did_json(request: HttpRequest) -> HttpResponse:
    return _json(own_document(), "application/did+json")
