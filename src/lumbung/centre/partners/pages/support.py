"""The incentive finder and the egress advisor: a few questions, then an answer to print."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lumbung.centre.members.languages import house_language
from lumbung.centre.partners import finder
from lumbung.centre.partners.finder import Inquiry
from lumbung.cooperation.rules.printing import NOT_ADVICE, place_text, sheet
from lumbung.cooperation.rules.rule import Sort
from lumbung.cooperation.rules.rulebook import shipped_book


@require_safe
def incentives(request: HttpRequest) -> HttpResponse:
    return _ask(request, "incentive")


@require_safe
def egress(request: HttpRequest) -> HttpResponse:
    return _ask(request, "data")


@require_safe
def covered(request: HttpRequest) -> HttpResponse:
    """Which countries the book covers, with what, and how a rule comes into it."""
    language: Any = house_language()
    today = datetime.now(UTC).date()
    rows = [
        (
            each.country,
            [(rule.title.in_language(language), rule.article.in_language(language)) for rule in each.rules],
            len(each.unconfirmed),
        )
        for each in finder.coverage(today)
    ]
    return render(request, "partners/coverage.html", {"rows": rows, "today": today})


def _ask(request: HttpRequest, sort: Sort) -> HttpResponse:
    language: Any = house_language()
    inquiry = finder.read_inquiry(request.GET.dict(), sort, datetime.now(UTC).date())
    asked, wrong = request.GET.get("ask", ""), ""
    book = shipped_book()
    if asked in book.facts:
        reply = request.GET.get("reply", "")
        read = finder.understood(book.facts[asked], reply, language) if reply.strip() else ""
        if read is not None:
            return redirect(f"{request.path}{inquiry.with_answer(asked, read).address()}")
        wrong = _("This cannot be read. A number looks like 100000000000 or 12.5, a day like 2026-03-01.")
    started = sort == "data" or inquiry.place is not None
    fact = book.facts[asked] if wrong else finder.question(inquiry) if started and not inquiry.shown else None
    context: dict[str, Any] = {
        "sort": sort,
        "inquiry": inquiry,
        "started": started,
        "places": [(code, place_text(code, language)) for code in finder.PLACES],
        "place": place_text(inquiry.place, language) if inquiry.place else "",
        "fact": fact,
        "question": fact.question.in_language(language) if fact else "",
        "choices": [(code, text.in_language(language)) for code, text in (fact.choices or {}).items()]
        if fact
        else [],
        "wrong": wrong,
        "answered": [
            (each.question.in_language(language), shown, again)
            for each, shown, again in finder.answered(inquiry, language)
        ],
        "show": inquiry.address(shown=True),
        "back": inquiry.address(shown=False, skipped=frozenset()),
        "sheet": inquiry.address(),
        "skip": ",".join(sorted(inquiry.skipped)),
    }
    if started and fact is None:
        context |= _result(inquiry, language)
    return render(request, "partners/support.html", context)


def _result(inquiry: Inquiry, language: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"not_advice": NOT_ADVICE.in_language(language), "finished": True}
    if inquiry.sort == "incentive":
        return {**told, "parts": [("", finder.lines(finder.answers(inquiry), language))]}
    advice = finder.egress(inquiry)
    parts = [
        (_("Grounds that hold"), advice.grounds),
        (_("Applies and is not yet met"), advice.barriers),
        (_("Waits for an answer"), advice.open),
        (_("Not confirmed"), advice.unconfirmed),
    ]
    return {
        **told,
        "advice": advice.says(language),
        "parts": [(name, finder.lines(found, language)) for name, found in parts if found],
    }


@require_safe
def answer_sheet(request: HttpRequest) -> HttpResponse:
    """The answer as plain text, to print or to file."""
    language: Any = house_language()
    inquiry = finder.read_inquiry(request.GET.dict(), "incentive", datetime.now(UTC).date())
    text = sheet(finder.answers(inquiry), shipped_book(), inquiry.on, inquiry.place, language)
    answer = HttpResponse(text + "\n", content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="lumbung-{inquiry.on.isoformat()}.txt"'
    return answer
