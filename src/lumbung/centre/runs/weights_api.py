"""Weights over the API: begun, sent in pieces, finished, listed, removed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lumbung.centre.members.access import require_known
from lumbung.centre.members.doors import answer, auth, person_of
from lumbung.centre.members.selectors import find_own_team
from lumbung.centre.runs import weights as keeping

router = Router(tags=["weights"])
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class WeightsIn(Schema):
    """A file of weights as it is announced."""

    team: str
    digest: Digest
    size: Annotated[int, Field(ge=1, lt=2**53)]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


@router.post("/weights", auth=auth("submit"), summary="Announce a file of weights, or go on with one")
def begin(request: HttpRequest, asked: WeightsIn) -> HttpResponse:
    person = require_known(person_of(request))
    team = find_own_team(person, asked.team)
    upload = keeping.begin(person, team, asked.digest, asked.size, asked.name, now=datetime.now(UTC))
    if upload is None:
        return answer({"digest": asked.digest, "kept": True})
    return answer(
        {
            "digest": asked.digest,
            "kept": False,
            "upload": upload.token,
            "received": keeping.received(upload),
            "piece": keeping.PIECE,
        },
        201,
    )


@router.put("/weights/uploads/{token}", auth=auth("submit"), summary="The next piece, from an offset on")
def piece(request: HttpRequest, token: str, offset: Annotated[int, Field(ge=0, lt=2**53)]) -> HttpResponse:
    upload = keeping.find_upload(require_known(person_of(request)), token)
    return answer({"received": keeping.take_piece(upload, offset, request, now=datetime.now(UTC))})


@router.post("/weights/uploads/{token}/finish", auth=auth("submit"), summary="All is sent: check and keep it")
def finish(request: HttpRequest, token: str) -> HttpResponse:
    person = require_known(person_of(request))
    kept = keeping.finish(person, keeping.find_upload(person, token), now=datetime.now(UTC))
    return answer({"digest": kept.blob_id, "kept": True, "format": kept.format}, 201)


@router.get("/weights", auth=auth("read"), summary="A team's weights, and how much its organisations keep")
def listed(request: HttpRequest, team: str) -> HttpResponse:
    found = find_own_team(require_known(person_of(request)), team)
    rows = found.weights.select_related("blob")
    return answer({
        "weights": [
            {"digest": w.blob_id, "name": w.name, "format": w.format, "size": w.blob.size, "created": w.created}
            for w in rows
        ],
        "kept": [{"body": name, "bytes": kept} for name, kept in keeping.kept_bytes(found)],
        "quota": settings.WEIGHTS_QUOTA,
    })  # fmt: skip


@router.delete("/weights/{digest}", auth=auth("submit"), summary="Keep a file no longer")
def remove(request: HttpRequest, digest: Digest, team: str) -> HttpResponse:
    person = require_known(person_of(request))
    keeping.remove(person, find_own_team(person, team), digest, now=datetime.now(UTC))
    return answer({"removed": digest})
