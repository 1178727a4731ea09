"""Challenges over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, File, Form, Router, Schema, UploadedFile
from pydantic import AwareDatetime

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.amending import MOST, TEXTS, PhaseChange, amend
from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.challenges.selectors import find_challenge, visible_challenges
from lumbung.centre.challenges.services import pose
from lumbung.centre.members.access import NotFound, require_known
from lumbung.centre.members.doors import answer, auth, open_to_all, person_of
from lumbung.centre.members.models import Organisation
from lumbung.proving.challenge import EARLIEST, LATEST
from lumbung.proving.text import Text

router = Router(tags=["challenges"])

Version = Annotated[int, Field(ge=1, lt=2**31)]


@router.get("/challenges", auth=open_to_all(), summary="Challenges one may see")
def challenges(request: HttpRequest) -> HttpResponse:
    now = datetime.now(UTC)
    return answer([describe(challenge, now) for challenge in visible_challenges(person_of(request))])


@router.get(
    "/challenges/{slug}", auth=open_to_all(), summary="One challenge: the version named, else the open one"
)
def challenge(request: HttpRequest, slug: str, version: Version | None = None) -> HttpResponse:
    found = find_challenge(person_of(request), slug, version)
    return answer({**describe(found, datetime.now(UTC)), "record": found.record})


@router.get(
    "/challenges/{slug}/archive", auth=open_to_all(), summary="The challenge's public folder, as a tar"
)
def archive(request: HttpRequest, slug: str, version: Version | None = None) -> StreamingHttpResponse:
    found = find_challenge(person_of(request), slug, version)
    return StreamingHttpResponse(
        blobs.read(found.blob_id),
        content_type="application/x-tar",
        headers={"Content-Disposition": f'attachment; filename="{found.slug}-v{found.version}.tar"'},
    )


@router.post("/challenges", auth=auth("manage"), summary="Pose a challenge, as a draft")
def pose_challenge(
    request: HttpRequest, organisation: Form[str], archive: File[UploadedFile]
) -> HttpResponse:
    owner = Organisation.objects.filter(slug=organisation).first()
    if owner is None:
        raise NotFound
    now = datetime.now(UTC)
    return answer(
        describe(pose(require_known(person_of(request)), owner, archive.chunks(), now=now), now), 201
    )


class TextIn(Schema):
    """Words in three languages."""

    en: Annotated[str, Field(max_length=MOST)]
    id: Annotated[str, Field(max_length=MOST)]
    zh: Annotated[str, Field(max_length=MOST)]


Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, lt=LATEST)]


class PhaseIn(Schema):
    """What to change of a phase: only what is named is changed."""

    title: TextIn | None = None
    opens: Moment | None = None
    closes: Moment | None = None
    daily_limit: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    together: Literal["", "organisation", "domain"] = ""
    together_daily: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    together_teams: Annotated[int, Field(ge=1, lt=2**31)] | None = None


class AmendmentIn(Schema):
    """What to change of a challenge in place: only what is named is changed."""

    title: TextIn | None = None
    summary: TextIn | None = None
    description: TextIn | None = None
    phases: dict[str, PhaseIn] = Field(default_factory=dict)
    why: Annotated[str, Field(max_length=500)] = ""


@router.patch(
    "/challenges/{slug}/{version}",
    auth=auth("manage"),
    summary="Change words, times or limits in place; what could change a score takes a new version",
)
def amend_challenge(request: HttpRequest, slug: str, version: Version, body: AmendmentIn) -> HttpResponse:
    now, person = datetime.now(UTC), require_known(person_of(request))
    given = body.dict(exclude_unset=True)
    texts = {name: Text(**given[name]) for name in TEXTS if given.get(name)}
    phases = {
        slug: msgspec.structs.replace(PhaseChange(), **_phase_fields(change))
        for slug, change in given.get("phases", {}).items()
    }
    found = find_challenge(person, slug, version)
    amend(person, found, texts=texts, phases=phases, why=body.why, now=now)
    return answer(describe(find_challenge(person, slug, version), now))


def _phase_fields(change: dict[str, Any]) -> dict[str, Any]:
    title = change.get("title")
    return {**change, "title": Text(**title)} if title else {k: v for k, v in change.items() if k != "title"}


@router.get(
    "/challenges/{slug}/{version}/amendments", auth=open_to_all(), summary="What was changed in place"
)
def amendments(request: HttpRequest, slug: str, version: Version) -> HttpResponse:
    rows = find_challenge(person_of(request), slug, version).amendments.values(
        "number", "made", "before", "after", "why"
    )
    return answer(list(rows))


def describe(challenge: Challenge, now: datetime) -> dict[str, Any]:
    """Return a challenge as a list shows it."""
    record = challenge.record
    return {
        "id": challenge.slug,
        "version": challenge.version,
        "state": challenge.state,
        "owner": challenge.owner.slug,
        "sector": challenge.sector,
        "home": challenge.home,
        "title": record["title"],
        "summary": record["summary"],
        "judge": record["judge"],
        "judge_version": record["judge_version"],
        "metric": record["ranking"]["metric"],
        "better": record["ranking"]["better"],
        "digest": challenge.digest,
        "follows": challenge.follows.version if challenge.follows is not None else None,
        "rows": challenge.rows or None,
        "phases": [describe_phase(phase, now) for phase in challenge.phases.all()],
    }


def describe_phase(phase: Phase, now: datetime) -> dict[str, Any]:
    """Return a phase as plain data."""
    return {
        "id": phase.slug,
        "title": phase.title,
        "private": phase.private,
        "opens": phase.opens,
        "closes": phase.closes,
        "open": (phase.opens is None or phase.opens <= now) and (phase.closes is None or now < phase.closes),
        "daily_limit": phase.daily_limit,
        "together": phase.together or None,
        "together_daily": phase.together_daily,
        "together_teams": phase.together_teams,
        "embargo": phase.embargo,
    }
