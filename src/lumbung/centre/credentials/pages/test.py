"""The test: what it is, the question that waits, its end, and the result explained. Works without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.credentials.bank import LEAST, MOST
from lumbung.centre.credentials.forms import StartForm
from lumbung.centre.credentials.programmes import participations_of
from lumbung.centre.credentials.results import find_sitting, has_result, result_of, sittings_of
from lumbung.centre.credentials.sittings import (
    find_open,
    finish_early,
    open_sitting,
    question_of,
    retake_of,
    start_sitting,
    take_answer,
)
from lumbung.centre.credentials.wording import AREAS, LEARN, LEVEL_MEANS, LEVELS
from lumbung.centre.members.access import known
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.services import Refused


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What the test is, and one's own state."""
    return _index(request, StartForm(initial={"language": house_language()}))


def _index(request: HttpRequest, form: StartForm, status: int = 200) -> HttpResponse:
    now, person = datetime.now(UTC), request.user
    context: dict[str, object] = {"form": form, "least": LEAST, "most": MOST}
    if known(person):
        context |= {
            "open": open_sitting(person, now),
            "retake": retake_of(person, now),
            "sittings": [(s, has_result(s)) for s in sittings_of(person)],
            "participations": participations_of(person),
        }
    return render(request, "credentials/talent.html", context, status=status)


@require_POST
@login_required
def start(request: HttpRequest) -> HttpResponse:
    form = StartForm(request.POST)
    if not form.is_valid():
        return _index(request, form, 400)
    start_sitting(request.user, **form.cleaned_data, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("credentials:test")


@never_cache
@login_required
def question(request: HttpRequest) -> HttpResponse:
    """Show the question that waits; take its answer."""
    now = datetime.now(UTC)
    sitting = open_sitting(request.user, now)  # type: ignore[arg-type]
    if sitting is None:
        return redirect("credentials:talent")
    fault = ""
    if request.method == "POST":
        try:
            sitting = take_answer(sitting, _step(request), _response(request), now=now)
        except Refused as refusal:
            fault = str(refusal)
        else:
            if sitting.finished is not None:
                return redirect("credentials:result", sitting.token)
            return redirect("credentials:test")
    asked = question_of(sitting)
    context = {
        "step": asked.step,
        "number": asked.step + 1,
        "face": asked.face,
        "options": list(zip("ABCDEFGH", asked.face.options, strict=False)),
        "places": range(1, len(asked.face.options) + 1),
        "sitting": sitting,
        "most": MOST,
        "least": LEAST,
        "fault": fault,
        "lang": {"zh": "zh-Hans"}.get(sitting.language, sitting.language),
    }
    return render(request, "credentials/question.html", context, status=400 if fault else 200)


def _step(request: HttpRequest) -> int:
    text = request.POST.get("step", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else MOST + 1


def _response(request: HttpRequest) -> str:
    """The answer as one text; "I do not know" is the empty one. An empty form is no answer: it cannot be read."""
    if "skip" in request.POST:
        return ""
    given = [text for text in request.POST.getlist("answer") if text.strip()]
    return "".join(given) or "?"


@require_POST
@login_required
def end(request: HttpRequest) -> HttpResponse:
    """End the test before its end."""
    sitting = find_open(request.user, datetime.now(UTC))  # type: ignore[arg-type]
    finish_early(sitting, now=datetime.now(UTC))
    messages.info(request, _("The test has ended."))
    return redirect("credentials:result", sitting.token)


def _certain(chance: float) -> str:
    """Per cent as text: no probability is shown as 0 or 100."""
    return "> 99" if chance > 0.99 else "< 1" if chance < 0.01 else f"{100 * chance:.0f}"


@never_cache
@require_safe
@login_required
def result(request: HttpRequest, token: str) -> HttpResponse:
    sitting = find_sitting(request.user, token)  # type: ignore[arg-type]
    context: dict[str, object] = {"sitting": sitting, "least": LEAST}
    if has_result(sitting):
        found = result_of(sitting)
        context |= {
            "result": found,
            "minutes": round(sitting.seconds / 60),
            "level": LEVELS[found.level],
            "levels": [
                (LEVELS[name], LEVEL_MEANS[name], 100 * chance, _certain(chance))
                for name, chance in found.levels
            ],
            "areas": [(AREAS[reading.name], reading) for reading in found.areas],
            "learn": [(AREAS[area], LEVELS[level], LEARN[area, level]) for area, level in found.learn],
            "badge": sitting.badges.filter(revoked=None).first(),
            "retake": retake_of(request.user, datetime.now(UTC)),  # type: ignore[arg-type]
        }
    return render(request, "credentials/result.html", context)
