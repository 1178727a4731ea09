"""People, organisations, teams and tokens over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from lumbung.centre.members.access import NotFound, require_known
from lumbung.centre.members.doors import answer, auth, person_of
from lumbung.centre.members.letters import send_invitation
from lumbung.centre.members.models import Country, Organisation, Team
from lumbung.centre.members.notices import mark_read, notices_to, sentence
from lumbung.centre.members.selectors import find_own_team
from lumbung.centre.members.services import (
    accept_invitation,
    ask_to_join,
    found_team,
    hand_over_team,
    invite,
    leave_team,
    make_token,
    register_organisation,
    revoke_token,
)

router = Router(tags=["members"])

Name = Annotated[str, Field(min_length=2, max_length=80)]
Address = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]


class OrganisationIn(Schema):
    """An organisation as it registers."""

    name: Name
    country: Country
    kind: Literal["company", "university", "public", "other"]
    size: Literal["micro", "small", "medium", "large"] = "small"
    about: Annotated[str, Field(max_length=2000)] = ""


class OrganisationOut(Schema):
    """An organisation as everybody sees it."""

    slug: str
    name: str
    country: str
    kind: str
    size: str
    about: str
    approved: bool


class TeamIn(Schema):
    """A team as it is founded."""

    name: Name
    organisations: list[str] = Field(default_factory=list)


class TeamOut(Schema):
    """A team."""

    slug: str
    name: str
    organisations: list[str]


class InvitationIn(Schema):
    """Whom to invite."""

    email: Address


class CaptainIn(Schema):
    """Which member is to lead the team."""

    email: Address


class AcceptIn(Schema):
    """The token of an invitation."""

    token: Annotated[str, Field(max_length=64)]


class TokenIn(Schema):
    """An API token to make."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    scopes: list[Literal["read", "submit", "manage"]]
    days: Annotated[int, Field(ge=1, le=3650)] | None = 365


@router.get("/me", auth=auth("read"), summary="Who am I")
def me(request: HttpRequest) -> HttpResponse:
    person = require_known(person_of(request))
    return answer(
        {
            "email": person.email,
            "name": str(person),
            "staff": person.is_staff,
            "auditor": person.is_auditor,
            "roles": [
                {"organisation": m.organisation.slug, "role": m.role, "accepted": m.accepted}
                for m in person.memberships.select_related("organisation")
            ],
            "teams": list(person.teams.values_list("slug", flat=True)),
        }
    )


@router.get("/organisations", response=list[OrganisationOut], auth=None, summary="Approved organisations")
def organisations(request: HttpRequest) -> Any:
    return list(Organisation.objects.filter(approved=True))


@router.post("/organisations", response={201: OrganisationOut}, auth=auth("manage"), summary="Register one")
def register(request: HttpRequest, body: OrganisationIn) -> Any:
    person = require_known(person_of(request))
    return Status(201, register_organisation(person, **body.dict(), now=datetime.now(UTC)))


@router.post("/organisations/{slug}/join", response={202: None}, auth=auth("manage"), summary="Ask to join")
def join(request: HttpRequest, slug: str) -> Any:
    organisation = Organisation.objects.filter(slug=slug, approved=True).first()
    if organisation is None:
        raise NotFound
    ask_to_join(require_known(person_of(request)), organisation, now=datetime.now(UTC))
    return Status(202, None)


@router.get("/teams", response=list[TeamOut], auth=auth("read"), summary="My teams")
def teams(request: HttpRequest) -> Any:
    return [_team(team) for team in require_known(person_of(request)).teams.prefetch_related("organisations")]


def _team(team: Team) -> dict[str, Any]:
    return {"slug": team.slug, "name": team.name, "organisations": [o.slug for o in team.organisations.all()]}


@router.post("/teams", response={201: TeamOut}, auth=auth("submit"), summary="Found a team")
def found(request: HttpRequest, body: TeamIn) -> Any:
    mine = list(Organisation.objects.filter(slug__in=body.organisations, approved=True))
    if len(mine) != len(set(body.organisations)):
        raise NotFound
    person, now = require_known(person_of(request)), datetime.now(UTC)
    return Status(201, _team(found_team(person, name=body.name, organisations=mine, now=now)))


@router.post(
    "/teams/{slug}/invitations", response={201: None}, auth=auth("submit"), summary="Invite a person"
)
def invitation(request: HttpRequest, slug: str, body: InvitationIn) -> Any:
    person = require_known(person_of(request))
    team = find_own_team(person, slug)
    now = datetime.now(UTC)
    made = invite(person, team, body.email, now=now)
    if made.created == now:
        send_invitation(request, made)
    return Status(201, None)


@router.post("/teams/{slug}/leave", response={204: None}, auth=auth("submit"), summary="Leave a team")
def leave(request: HttpRequest, slug: str) -> Any:
    person = require_known(person_of(request))
    leave_team(person, find_own_team(person, slug), now=datetime.now(UTC))
    return Status(204, None)


@router.post(
    "/teams/{slug}/captain",
    response=TeamOut,
    auth=auth("submit"),
    summary="Hand a team over to another member",
)
def hand_over(request: HttpRequest, slug: str, body: CaptainIn) -> Any:
    person = require_known(person_of(request))
    return _team(hand_over_team(person, find_own_team(person, slug), body.email, now=datetime.now(UTC)))


@router.post("/invitations/accept", response=TeamOut, auth=auth("submit"), summary="Accept an invitation")
def accept(request: HttpRequest, body: AcceptIn) -> Any:
    return _team(accept_invitation(require_known(person_of(request)), body.token, now=datetime.now(UTC)))


@router.post("/tokens", auth=auth("manage"), summary="Make an API token; the secret is shown this once")
def new_token(request: HttpRequest, body: TokenIn) -> HttpResponse:
    token, secret = make_token(
        require_known(person_of(request)),
        name=body.name,
        scopes=body.scopes,
        days=body.days,
        now=datetime.now(UTC),
    )
    return answer({"id": token.pk, "secret": secret, "expires": token.expires}, 201)


@router.delete(
    "/tokens/{token_id}", response={204: None}, auth=auth("manage"), summary="Revoke one of my tokens"
)
def drop_token(request: HttpRequest, token_id: Annotated[int, Field(ge=1, lt=2**63)]) -> Any:
    revoke_token(require_known(person_of(request)), token_id, now=datetime.now(UTC))
    return Status(204, None)


class ReadIn(Schema):
    """Up to which notice all were read."""

    newest: Annotated[int, Field(ge=0, lt=2**63)]


@router.get("/notices", auth=auth("read"), summary="What happened and concerns me, newest first")
def list_notices(
    request: HttpRequest,
    limit: Annotated[int, Field(ge=1, le=500)] = 32,
    offset: Annotated[int, Field(ge=0, lt=2**31)] = 0,
) -> HttpResponse:
    found = notices_to(require_known(person_of(request)))[offset : offset + limit]
    return answer(
        [
            {
                "id": notice.pk,
                "kind": notice.kind,
                "says": sentence(notice),
                "address": notice.address,
                "created": notice.created,
                "read": notice.read,
            }
            for notice in found
        ]
    )


@router.post("/notices/read", response={204: None}, auth=auth("submit"), summary="Mark notices as read")
def read_notices(request: HttpRequest, body: ReadIn) -> Any:
    mark_read(require_known(person_of(request)), body.newest, now=datetime.now(UTC))
    return Status(204, None)
