"""The first page, the language, and help for every role."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.challenges.selectors import visible_challenges
from lumbung.centre.members.access import known
from lumbung.centre.members.selectors import organisations_per_country
from lumbung.centre.members.services import choose_language
from lumbung.centre.portal.atlas import bows, land, marks
from lumbung.centre.portal.coming import coming
from lumbung.centre.portal.living import living
from lumbung.centre.runs.selectors import all_nodes, at_work, newest_evidence
from lumbung.centre.standings.selectors import newest_standings, solutions_at_work

HELP = {
    "visitor": _("Visitor"),
    "team": _("Team"),
    "owner": _("Challenge owner"),
    "operator": _("Node operator"),
    "auditor": _("Auditor"),
}


SHOWN_BOARDS, SHOWN_CHALLENGES = 3, 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The centre on one page: where it is, what it has reached, what runs, what is new, what comes."""
    now = datetime.now(UTC)
    nodes = [node for node in all_nodes() if node.active]
    challenges = list(visible_challenges(request.user).filter(state=Challenge.State.OPEN))
    boards, countries = newest_standings(now), organisations_per_country()
    titles = {challenge.slug: challenge.record["title"] for challenge in challenges}
    flows = solutions_at_work()
    return render(
        request,
        "portal/home.html",
        {
            "challenges": challenges[:SHOWN_CHALLENGES],
            "open": len(challenges),
            "figures": living(boards, countries, nodes, now),
            "boards": boards[:SHOWN_BOARDS],
            "evidence": newest_evidence(now),
            "at_work": [row | {"title": titles[row["challenge"]]} for row in at_work()],
            "coming": coming(challenges, now),
            "land": land(),
            "marks": marks(
                countries,
                Counter(node.country for node in nodes),
                Counter(challenge.home for challenge in challenges),
                flows,
            ),
            "bows": bows(flows),
        },
    )


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language and stay on the page."""
    chosen = request.POST.get("language", "")
    if known(request.user) and chosen in ("en", "id", "zh-hans"):
        choose_language(request.user, chosen)
    return set_language(request)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, why, for how long, and what they may ask."""
    return render(request, "portal/privacy.html", {"keeper": settings.DEFAULT_FROM_EMAIL})


@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    role_page = {"id": "id", "zh-hans": "zh"}.get(get_language() or "", "en")
    site = f"/docs/roles/{role_page}.html" if settings.WHITENOISE_ROOT else ""
    return render(request, "portal/help/index.html", {"roles": HELP, "site": site})


@require_safe
def help_page(request: HttpRequest, role: str) -> HttpResponse:
    if role not in HELP:
        raise Http404
    return render(request, f"portal/help/{role}.html", {"roles": HELP, "role": role, "title": HELP[role]})
