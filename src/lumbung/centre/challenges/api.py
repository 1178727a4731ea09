"""Challenges over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime

from lumbung.centre.challenges import blobs, guests
from lumbung.centre.challenges.amending import MOST, TEXTS, PhaseChange, amend
from lumbung.centre.challenges.croissant import described
from lumbung.centre.challenges.letters import send_guest
from lumbung.centre.challenges.models import Challenge, Guest, Phase
from lumbung.centre.challenges.selectors import find_challenge, may_manage, visible_challenges
from lumbung.centre.challenges.services import pose
from lumbung.centre.members.access import NotFound, require, require_known
from lumbung.centre.members.doors import answer, auth, open_to_all, person_of
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.members.selectors import find_own_team
from lumbung.proving.challenge import EARLIEST, LATEST
from lumbung.proving.text import Text

router = Router(tags=["challenges"])

Version = Annotated[int, Field(ge=1, lt=2**31)]
Number = Annotated[int, Field(ge=1, lt=2**63)]


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


@router.get(
    "/challenges/{slug}/croissant", auth=open_to_all(), summary="Its public data described, as Croissant 1.0"
)
def croissant(request: HttpRequest, slug: str, version: Version | None = None) -> HttpResponse:
    found = find_challenge(person_of(request), slug, version)
    home = request.build_absolute_uri("/").rstrip("/")
    return HttpResponse(msgspec.json.encode(described(found, home)), content_type="application/ld+json")


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


# Before the addresses in which a version stands, which would take the word for one.
class DoorIn(Schema):
    """Whether only guests know of a challenge."""

    by_invitation: bool


class GuestIn(Schema):
    """Whom to let in, by name or short name."""

    kind: Literal["team", "organisation"]
    name: Annotated[str, Field(min_length=1, max_length=120)]


class LinkIn(Schema):
    """How many teams a link lets in."""

    places: Annotated[int, Field(ge=1, le=guests.MOST_PLACES)] = 1


class ComingIn(Schema):
    """The secret of a link, and one's team."""

    secret: Annotated[str, Field(max_length=80)]
    team: Annotated[str, Field(max_length=40)]


def _managed(request: HttpRequest, slug: str) -> tuple[User, Challenge]:
    person = require_known(person_of(request))
    found = find_challenge(person, slug)
    require(may_manage(person, found))
    return person, found


@router.get("/challenges/{slug}/guests", auth=auth("manage"), summary="Who is let in, and with which links")
def list_guests(request: HttpRequest, slug: str) -> HttpResponse:
    found = _managed(request, slug)[1]
    links = guests.links_of(found, datetime.now(UTC))
    return answer(
        {
            "by_invitation": found.by_invitation,
            "guests": [_guest(guest) for guest in guests.guests_of(found)],
            "links": [{"id": link.pk, "left": link.left, "expires": link.expires} for link in links],
        }
    )


def _guest(guest: Guest) -> dict[str, Any]:
    who = guest.team or guest.organisation
    kind = "team" if guest.team else "organisation"
    return {"id": guest.pk, "kind": kind, "slug": who.slug if who else "", "since": guest.since}


@router.put(
    "/challenges/{slug}/guests",
    response={204: None},
    auth=auth("manage"),
    summary="Show a challenge to its guests alone, or to everybody",
)
def keep_door(request: HttpRequest, slug: str, body: DoorIn) -> Any:
    guests.keep_door(*_managed(request, slug), closed=body.by_invitation, now=datetime.now(UTC))
    return Status(204, None)


@router.post("/challenges/{slug}/guests", auth=auth("manage"), summary="Let a team or an organisation in")
def let_in(request: HttpRequest, slug: str, body: GuestIn) -> HttpResponse:
    person, found = _managed(request, slug)
    guest, new = guests.let_in(person, found, body.kind, body.name, now=datetime.now(UTC))
    if new:
        send_guest(request, found, guest)
    return answer(_guest(guest), 201)


@router.post(
    "/challenges/{slug}/guests/links",
    auth=auth("manage"),
    summary="A link with which teams come in; its secret is shown this once",
)
def make_link(request: HttpRequest, slug: str, body: LinkIn) -> HttpResponse:
    link, secret = guests.make_link(*_managed(request, slug), places=body.places, now=datetime.now(UTC))
    return answer({"id": link.pk, "secret": secret, "places": link.places, "expires": link.expires}, 201)


@router.delete(
    "/challenges/{slug}/guests/{number}",
    response={204: None},
    auth=auth("manage"),
    summary="Let a guest in no more; what it handed in stays",
)
def send_away(request: HttpRequest, slug: str, number: Number) -> Any:
    guests.send_away(*_managed(request, slug), number, now=datetime.now(UTC))
    return Status(204, None)


@router.delete(
    "/challenges/{slug}/guests/links/{number}",
    response={204: None},
    auth=auth("manage"),
    summary="Let nobody in with a link any more",
)
def end_link(request: HttpRequest, slug: str, number: Number) -> Any:
    guests.end_link(*_managed(request, slug), number, now=datetime.now(UTC))
    return Status(204, None)


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
    offer: TextIn | None = None
    terms: TextIn | None = None
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


@router.post("/guests", auth=auth("submit"), summary="Come in with a link, with one's team")
def come_in(request: HttpRequest, body: ComingIn) -> HttpResponse:
    person, now = require_known(person_of(request)), datetime.now(UTC)
    found = guests.come_in(person, body.secret, find_own_team(person, body.team), now=now)
    return answer(describe(find_challenge(person, found.slug), now))


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
        "by_invitation": challenge.by_invitation,
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
