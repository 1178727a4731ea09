"""Leaderboards and adoptions over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lumbung.centre.challenges.selectors import find_challenge, find_phase
from lumbung.centre.members.access import NotFound, require_known
from lumbung.centre.members.doors import answer, auth, open_to_all, person_of
from lumbung.centre.members.models import Organisation
from lumbung.centre.runs.api import table
from lumbung.centre.runs.selectors import evidence_of
from lumbung.centre.standings.models import Adoption
from lumbung.centre.standings.selectors import leaderboard
from lumbung.centre.standings.services import adopt, answer_adoption

router = Router(tags=["standings"])


class AdoptionIn(Schema):
    """An adoption as the owner proposes it."""

    organisation: str
    run: str
    terms: Annotated[str, Field(min_length=1, max_length=4000)]
    contact: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]


class AnswerIn(Schema):
    """The team's answer."""

    agree: bool


@router.get(
    "/challenges/{slug}/phases/{phase}/leaderboard",
    auth=open_to_all(),
    summary="The standing; format=csv for a table",
)
def standing(
    request: HttpRequest, slug: str, phase: str, version: Annotated[int, Field(ge=1, lt=2**31)] | None = None,
    format: str = "json",
) -> HttpResponse:  # fmt: skip
    found = find_phase(find_challenge(person_of(request), slug, version), phase)
    board = leaderboard(found, datetime.now(UTC))
    if format == "csv":
        names = (
            "rank",
            "rank_low",
            "rank_high",
            "team",
            "submission",
            "mean",
            "low",
            "high",
            "worst",
            "cases",
        )
        return table(names, [[row[name] for name in names] for row in board["rows"]])
    return answer(board)


@router.post("/adoptions", auth=auth("manage"), summary="Adopt a solution of one's own challenge")
def propose(request: HttpRequest, body: AdoptionIn) -> HttpResponse:
    person, now = require_known(person_of(request)), datetime.now(UTC)
    organisation = Organisation.objects.filter(slug=body.organisation).first()
    if organisation is None:
        raise NotFound
    record = evidence_of(person, body.run, now)
    made = adopt(person, organisation, record, terms=body.terms, contact=body.contact, now=now)
    return answer(_adoption(made), 201)


@router.post("/adoptions/{adoption_id}/answer", auth=auth("submit"), summary="The team agrees or declines")
def reply(
    request: HttpRequest, adoption_id: Annotated[int, Field(ge=1, lt=2**63)], body: AnswerIn
) -> HttpResponse:
    found = Adoption.objects.select_related("submission__team", "adopter").filter(pk=adoption_id).first()
    if found is None:
        raise NotFound
    answer_adoption(require_known(person_of(request)), found, agree=body.agree, now=datetime.now(UTC))
    found.refresh_from_db()
    return answer(_adoption(found))


def _adoption(adoption: Adoption) -> dict[str, Any]:
    return {
        "id": adoption.pk,
        "submission": adoption.submission.token,
        "adopter": adoption.adopter.slug,
        "evidence": adoption.evidence.digest,
        "terms": adoption.terms,
        "contact": adoption.contact,
        "state": adoption.state,
    }
