"""Search over everything that everybody may see."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lumbung.centre.members.models import SearchEntry
from lumbung.centre.members.searching import keep_index, kinds, search

SHOWN = 20
LONGEST = 200
NAMES = {
    "challenge": _("Challenges"),
    "organisation": _("Organisations"),
    "node": _("Nodes"),
    "programme": _("Programmes"),
    "help": _("Help"),
    "need": _("Needs"),
    "offer": _("Offers"),
    "project": _("Projects"),
    "facility": _("Facilities"),
    "season": _("Seasons"),
}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    question, kind = request.GET.get("q", "")[:LONGEST], request.GET.get("kind", "")
    if question and not SearchEntry.objects.exists():
        keep_index(
            datetime.now(UTC)
        )  # the first question to a new centre; the housekeeper keeps it from then on
    found = search(question)
    counts = dict(found.order_by().values_list("kind").annotate(count=Count("pk"))) if question else {}
    if kind in kinds():
        found = found.filter(kind=kind)
    context = {
        "question": question,
        "kind": kind,
        "kinds": [(each, NAMES[each], counts[each]) for each in NAMES if counts.get(each)],
        "total": sum(counts.values()),
        "page": Paginator(found, SHOWN).get_page(request.GET.get("page")),
        "names": NAMES,
        "address": urlencode({"q": question, "kind": kind}),
    }
    return render(request, "portal/search.html", context)
