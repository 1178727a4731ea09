"""The passport of a model: a page for people, a signed document for whoever wants to believe no page."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lumbung.centre.credentials.passports import find_shown
from lumbung.centre.members.languages import house_language
from lumbung.proving.principles import PRINCIPLES, counts
from lumbung.talent.credentials.model_passport import written


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    shown = find_shown(token, datetime.now(UTC))
    passport, language = shown.passport(), house_language()
    told, records = counts(passport), {record.digest: record for record in shown.records}
    titles = {question.digest: question.title for question in passport.questions}
    context = {
        "submission": shown.submission,
        "content": passport.submission,
        "tests": [(test, titles[test.challenge_digest], records[test.evidence]) for test in passport.tests],
        "principles": [
            (
                principle.title.in_language(language),
                principle.found.in_language(language).format(**told),
                principle.reason.in_language(language),
                principle.uncovered.in_language(language),
            )
            for principle in PRINCIPLES
        ],
    }
    return render(request, "credentials/passport.html", context)


@require_safe
def as_json(request: HttpRequest, token: str) -> HttpResponse:
    now = datetime.now(UTC)
    answer = HttpResponse(
        written(find_shown(token, now).document(now)), content_type="application/vc+ld+json"
    )
    answer["Content-Disposition"] = f'attachment; filename="passport-{token}.json"'
    return answer
