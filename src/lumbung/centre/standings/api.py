"""Leaderboards and adoptions over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, Router, Schema

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.api import describe
from lumbung.centre.challenges.bodies import announced
from lumbung.centre.challenges.letters import send_opening
from lumbung.centre.challenges.models import Blob, Challenge
from lumbung.centre.challenges.selectors import find_challenge, find_phase
from lumbung.centre.members.access import NotFound, require_known
from lumbung.centre.members.doors import answer, auth, open_to_all, person_of
from lumbung.centre.members.models import Organisation
from lumbung.centre.runs.api import table
from lumbung.centre.runs.models import Node
from lumbung.centre.runs.node_api import NodeToken
from lumbung.centre.runs.selectors import evidence_of
from lumbung.centre.standings.letters import send_answer, send_new_version, send_proposal
from lumbung.centre.standings.models import Adoption
from lumbung.centre.standings.selectors import encoded_leaderboard, leaderboard
from lumbung.centre.standings.services import (
    adopt,
    adopted_solution,
    answer_adoption,
    attach_deliverable,
    deliverable_of,
)
from lumbung.centre.standings.versions import change_state

router = Router(tags=["standings"])
Number = Annotated[int, Field(ge=1, lt=2**63)]


_FIGURES = (
    "rank",
    "rank_low",
    "rank_high",
    "team",
    "team_name",
    "name",
    "submission",
    "mean",
    "low",
    "high",
    "few",
    "worst",
    "cases",
)


class AdoptionIn(Schema):
    """An adoption as the owner proposes it."""

    organisation: str
    run: str
    terms: Annotated[str, Field(min_length=1, max_length=4000)]
    contact: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]


class AnswerIn(Schema):
    """The team's answer."""

    agree: bool


class StateIn(Schema):
    """A version's new state, and what becomes of the rows of the version before where there are any."""

    state: Literal["open", "closed"]
    rows: Literal["", "carried", "rejudged", "archived"] = ""


@router.post("/challenges/{slug}/{version}/state", auth=auth("manage"), summary="Open or close a version")
def open_or_close(
    request: HttpRequest, slug: str, version: Annotated[int, Field(ge=1, lt=2**31)], body: StateIn
) -> HttpResponse:
    now, person = datetime.now(UTC), require_known(person_of(request))
    found = find_challenge(person, slug, version)
    was_draft = found.state == Challenge.State.DRAFT
    anew = change_state(person, found, body.state, rows=body.rows, now=now)
    if body.state == "open":
        send_new_version(request, found)
        if was_draft:
            send_opening(request, find_challenge(person, slug, version))
    shown = describe(find_challenge(person, slug, version), now)
    return answer({**shown, "judged_anew": [submission.token for submission in anew]})


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
    now = datetime.now(UTC)
    if format == "csv":
        board = leaderboard(found, now)
        nodes = [node["name"] for node in board["nodes"]]
        return table(
            [*_FIGURES, *nodes], [[*(row[name] for name in _FIGURES), *row["nodes"]] for row in board["rows"]]
        )
    return HttpResponse(encoded_leaderboard(found, now), content_type="application/json")


@router.post("/adoptions", auth=auth("manage"), summary="Adopt a solution of one's own challenge")
def propose(request: HttpRequest, body: AdoptionIn) -> HttpResponse:
    person, now = require_known(person_of(request)), datetime.now(UTC)
    organisation = Organisation.objects.filter(slug=body.organisation).first()
    if organisation is None:
        raise NotFound
    record = evidence_of(person, body.run, now)
    made = adopt(person, organisation, record, terms=body.terms, contact=body.contact, now=now)
    send_proposal(request, made)
    return answer(_adoption(made), 201)


@router.post("/adoptions/{adoption_id}/answer", auth=auth("submit"), summary="The team agrees or declines")
def reply(request: HttpRequest, adoption_id: Number, body: AnswerIn) -> HttpResponse:
    found = _find(adoption_id)
    answer_adoption(require_known(person_of(request)), found, agree=body.agree, now=datetime.now(UTC))
    send_answer(request, found)
    return answer(_adoption(found))


@router.post(
    "/node/adoptions/{adoption_id}/deliverable",
    auth=NodeToken(),
    summary="The adopter's node attaches the deliverable (tar)",
)
def attach(request: HttpRequest, adoption_id: Number) -> HttpResponse:
    node: Node = request.auth  # type: ignore[attr-defined]
    upload = announced(request, limit=settings.UPLOAD_LIMIT)
    return answer(_adoption(attach_deliverable(node, _find(adoption_id), upload, now=datetime.now(UTC))), 201)


@router.get(
    "/adoptions/{adoption_id}/deliverable", auth=auth("read"), summary="The deliverable, for adopter and team"
)
def deliverable(request: HttpRequest, adoption_id: Number) -> StreamingHttpResponse:
    return _tar(deliverable_of(person_of(request), _find(adoption_id)), f"adoption-{adoption_id}.tar")


@router.get(
    "/adoptions/{adoption_id}/solution",
    auth=auth("manage"),
    summary="The adopted solution, once its team agreed",
)
def solution(request: HttpRequest, adoption_id: Number) -> StreamingHttpResponse:
    found = _find(adoption_id)
    blob = adopted_solution(require_known(person_of(request)), found, now=datetime.now(UTC))
    return _tar(blob, f"solution-{adoption_id}.tar")


def _tar(blob: Blob, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(blob.size)}
    return StreamingHttpResponse(blobs.read(blob.digest), content_type="application/x-tar", headers=headers)


def _find(adoption_id: int) -> Adoption:
    found = (
        Adoption.objects.select_related("submission__team", "submission__blob", "adopter", "deliverable")
        .filter(pk=adoption_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _adoption(adoption: Adoption) -> dict[str, Any]:
    return {
        "id": adoption.pk,
        "submission": adoption.submission.token,
        "adopter": adoption.adopter.slug,
        "evidence": adoption.evidence.digest,
        "terms": adoption.terms,
        "contact": adoption.contact,
        "state": adoption.state,
        "deliverable": adoption.deliverable_id,
    }
