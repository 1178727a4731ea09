"""The test over the API, for apps that bring it to a phone: start, next, answer, result. No answer ever holds a key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lumbung.centre.credentials.models import Sitting
from lumbung.centre.credentials.results import has_result, result_of
from lumbung.centre.credentials.sittings import (
    find_open,
    open_sitting,
    question_of,
    start_sitting,
    take_answer,
)
from lumbung.centre.members.access import NotFound, require_known
from lumbung.centre.members.doors import answer, auth, person_of

router = Router(tags=["test"])


class StartIn(Schema):
    """How to sit the test."""

    language: Literal["en", "id", "zh"]
    province: Annotated[str, Field(max_length=2)] = ""
    code: Annotated[str, Field(max_length=20)] = ""


class AnswerIn(Schema):
    """An answer to the question at a step: letters as shown, or a number; empty for "I do not know"."""

    step: Annotated[int, Field(ge=0, le=200)]
    answer: Annotated[str, Field(max_length=60)]


@router.post("/test/start", auth=auth("submit"), summary="Start the test, or go on with the open one")
def start(request: HttpRequest, body: StartIn) -> HttpResponse:
    sitting = start_sitting(
        require_known(person_of(request)),
        language=body.language,
        province=body.province,
        code=body.code,
        now=datetime.now(UTC),
    )
    return answer(_state(sitting), 201)


@router.get(
    "/test/next", auth=auth("read"), summary="The question that waits; asking again does not change it"
)
def following(request: HttpRequest) -> HttpResponse:
    return answer(_state(find_open(require_known(person_of(request)), datetime.now(UTC))))


@router.post("/test/answer", auth=auth("submit"), summary="Answer it; the same answer twice counts once")
def give(request: HttpRequest, body: AnswerIn) -> HttpResponse:
    now, person = datetime.now(UTC), require_known(person_of(request))
    sitting = open_sitting(person, now) or person.sittings.exclude(finished=None).first()
    if sitting is None:
        raise NotFound
    if sitting.finished is None:
        sitting = take_answer(sitting, body.step, body.answer, now=now)
    return answer(_state(sitting))


@router.get("/test/result", auth=auth("read"), summary="My latest result, with its uncertainty")
def result(request: HttpRequest) -> HttpResponse:
    person = require_known(person_of(request))
    open_sitting(person, datetime.now(UTC))
    sitting = next((s for s in person.sittings.exclude(finished=None) if has_result(s)), None)
    if sitting is None:
        raise NotFound
    found = result_of(sitting)
    return answer(
        {
            "sitting": sitting.token,
            "test": sitting.test,
            "language": sitting.language,
            "proctored": sitting.proctored,
            "finished": sitting.finished,
            "answered": sitting.answered,
            "ability": found.whole.mean,
            "standard_error": found.whole.error,
            "interval": [found.whole.low, found.whole.high],
            "levels": dict(found.levels),
            "level": found.level or None,
            "areas": {
                area.name: {"ability": area.mean, "standard_error": area.error} for area in found.areas
            },
        }
    )


def _state(sitting: Sitting) -> dict[str, Any]:
    if sitting.finished is not None:
        return {"sitting": sitting.token, "finished": True, "answered": sitting.answered}
    asked = question_of(sitting)
    return {
        "sitting": sitting.token,
        "finished": False,
        "answered": sitting.answered,
        "step": asked.step,
        "deadline": sitting.deadline,
        "kind": asked.face.kind,
        "language": asked.face.language,
        "stem": asked.face.stem,
        "options": dict(zip("ABCDEFGH", asked.face.options, strict=False)),
        "code": asked.face.code,
        "picture": asked.face.picture,
    }
