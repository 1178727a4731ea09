"""What nodes call. Bodies and answers are the records of ``lumbung.proving.job``; see docs/federation/exchange.md."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, Router
from ninja.security import HttpBearer

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Blob, Challenge
from lumbung.centre.members.access import NotAllowed, NotFound
from lumbung.centre.members.doors import answer
from lumbung.centre.members.log_heads import keep_cosignature, offer
from lumbung.centre.members.services import Refused, token_digest
from lumbung.centre.members.signing import centre_key
from lumbung.centre.runs import services
from lumbung.centre.runs.approvals import judged_by, may_judge
from lumbung.centre.runs.askers import asker_of
from lumbung.centre.runs.keys import key_of, rotate_key, trusted_pems
from lumbung.centre.runs.ledgers import take_ledger
from lumbung.centre.runs.models import Node, Run
from lumbung.centre.runs.queue import LeaseLost, hold, lease_next, reap, renew, wait_for_news
from lumbung.proving.drawing import PICTURE_LIMIT, undrawable
from lumbung.proving.job import (
    Delivery,
    Held,
    Job,
    KeyChange,
    KeyTaken,
    LedgerTold,
    NodeCard,
    Renewal,
    Renewed,
    Wanted,
)
from lumbung.proving.transparency import Countersigned, NoteError
from lumbung.proving.unreadable import UNREADABLE

LOOK_AGAIN_S = 0.5  # other processes queue too, and cannot wake this one


class NodeToken(HttpBearer):
    """``Authorization: Bearer lbn_…``: a node's own secret."""

    def authenticate(self, request: HttpRequest, token: str) -> Node | None:
        return Node.objects.filter(token_digest=token_digest(token), active=True).first()


router = Router(tags=["nodes"], auth=NodeToken())


def _read(request: HttpRequest, kind: Any) -> Any:
    try:
        return msgspec.json.decode(request.body, type=kind)
    except UNREADABLE as error:
        raise Refused(str(error)) from None


def _node(request: HttpRequest) -> Node:
    node: Node = request.auth  # type: ignore[attr-defined]
    return node


@router.post("/join", auth=None, summary="A node joins with an enrolment code")
def join(request: HttpRequest) -> HttpResponse:
    code = request.headers.get("X-Enrolment", "")
    node, secret = services.join_node(code, _read(request, NodeCard), now=datetime.now(UTC))
    return answer({"node": node.name, "token": secret}, 201)


@router.post("/lease", summary="Ask for work; the request is held open until there is some")
def lease(request: HttpRequest) -> HttpResponse:
    node, wanted = _node(request), _read(request, Wanted)
    if wanted.isolation.kind == "none":
        raise NotAllowed
    until = key_of(node).until
    if until is not None and until <= datetime.now(UTC):
        return answer(
            {"detail": f"the node's key ran out on {until:%Y-%m-%d}: 'lumbung node rotate-key'"}, 403
        )
    Node.objects.filter(pk=node.pk).update(
        last_seen=datetime.now(UTC),
        challenges=list(wanted.challenges),
        holds=wanted.holds,
        isolation=msgspec.to_builtins(wanted.isolation),
    )
    reap(datetime.now(UTC))
    waits = time.monotonic() + wanted.wait_s
    while True:
        now = datetime.now(UTC)
        run = lease_next(node, judged_by(node, wanted.challenges, wanted.holds), now)
        if run is not None:
            return answer(_job(run))
        left = waits - time.monotonic()
        if left <= 0:
            return HttpResponse(status=204)
        wait_for_news(min(left, LOOK_AGAIN_S))


def _job(run: Run) -> Job:
    challenge, submission, asker = run.challenge, run.submission, asker_of(run.submission)
    return Job(
        run=run.token, lease=run.lease, challenge=challenge.slug, challenge_version=challenge.version,
        challenge_digest=challenge.digest, challenge_blob=challenge.blob_id, phase=submission.phase.slug,
        private=submission.phase.private, submission_digest=submission.digest, submission_blob=submission.blob_id,
        lease_s=settings.LEASE_S, deadline=run.deadline, team=asker.team, person=asker.person,
        organisations=asker.organisations,
    )  # fmt: skip


@router.post(
    "/ledger", summary="How much of the private cases was told, to whom; the same twice changes nothing"
)
def ledger(request: HttpRequest) -> HttpResponse:
    return answer({"kept": take_ledger(_node(request), _read(request, LedgerTold), now=datetime.now(UTC))})


@router.post("/key", summary="Replace the node's key by one that its present key signed")
def change_key(request: HttpRequest) -> HttpResponse:
    made = rotate_key(_node(request), _read(request, KeyChange), now=datetime.now(UTC))
    return answer(KeyTaken(made.key_id, made.until))


@router.post("/runs/{token}/renew", summary="Still alive, and this far")
def renew_lease(request: HttpRequest, token: str) -> HttpResponse:
    told = _read(request, Renewal)
    now = datetime.now(UTC)
    if told.case is not None and Run.objects.filter(token=token, submission__phase__private=True).exists():
        raise Refused("private cases are counted, never named")
    try:
        renew(_node(request), token, told.lease, told.finished, told.total, told.case or "", now)
    except LeaseLost:
        return answer(Renewed(withdrawn=True))
    return answer(Renewed())


@router.post("/runs/{token}/held", summary="Judged; the result waits for the word of the data's owner")
def hold_result(request: HttpRequest, token: str) -> HttpResponse:
    told = _read(request, Held)
    try:
        hold(_node(request), token, told.lease, datetime.now(UTC))
    except LeaseLost:
        return answer({"detail": "this run is no longer this node's"}, 409)
    return answer({"held": True})


def _delivery(request: HttpRequest) -> Delivery:
    try:
        delivery: Delivery = _read(request, Delivery)
    except Refused as error:
        raise services.NodeLied(f"a result that cannot be read: {error}") from None
    return delivery


@router.post("/runs/{token}/result", summary="The signed result; sending it twice changes nothing")
def result(request: HttpRequest, token: str) -> HttpResponse:
    node, now = _node(request), datetime.now(UTC)
    try:
        run = services.deliver(node, token, _delivery(request), now=now)
    except LeaseLost:
        return answer({"detail": "this run is no longer this node's"}, 409)
    except services.NodeLied as lie:
        with transaction.atomic():
            services.refuse(node, token, lie, now=now)
        return answer({"detail": f"refused: {lie}"}, 422)
    return answer({"run": run.token, "state": run.state})


@router.get("/blobs/{digest}", summary="A blob, from an offset on (Range: bytes=N-)")
def blob(request: HttpRequest, digest: str) -> Any:
    _may_fetch(_node(request), digest)
    kept = Blob.objects.filter(digest=digest).first()
    if kept is None:
        raise NotFound
    offset = _offset(request.headers.get("Range", ""), kept.size)
    headers = {"Content-Length": str(kept.size - offset)}
    if offset:
        headers["Content-Range"] = f"bytes {offset}-{kept.size - 1}/{kept.size}"
    return StreamingHttpResponse(
        blobs.read(digest, offset),
        status=206 if offset else 200,
        content_type="application/octet-stream",
        headers=headers,
    )


def _may_fetch(node: Node, digest: str) -> None:
    """A node reads what it is judging, and the challenges it serves; no other team's work."""
    its_run = Run.objects.filter(node=node, state__in=("leased", "running"))
    its_challenges = Challenge.objects.filter(slug__in=node.challenges, blob_id=digest)
    if not (
        its_run.filter(submission__blob_id=digest).exists()
        or its_run.filter(submission__weights__blob_id=digest).exists()
        or any(may_judge(node, challenge) for challenge in its_challenges)
    ):
        raise NotFound


def _offset(header: str, size: int) -> int:
    start = header.removeprefix("bytes=").partition("-")[0]
    return int(start) if start.isdigit() and int(start) < size else 0


@router.get("/log", summary="The log's newest head, with the proof that it continues what the node saw")
def log_head(request: HttpRequest, seen: Annotated[int, Field(ge=0, lt=2**62)] = 0) -> HttpResponse:
    offered = offer(seen, centre_key(), datetime.now(UTC))
    return HttpResponse(status=204) if offered is None else answer(offered)


@router.post("/log/cosignatures", summary="The node saw this head, and it continues what it had seen")
def countersign(request: HttpRequest) -> HttpResponse:
    node, told = _node(request), _read(request, Countersigned)
    try:
        keep_cosignature(node.name, trusted_pems(node), told.note, told.line)
    except NoteError as error:
        raise Refused(str(error)) from None
    return answer({"countersigned": True}, 201)


@router.post("/pictures", summary="Upload a picture (SVG), before the result that names it")
def picture(request: HttpRequest) -> HttpResponse:
    body = request.body
    if undrawable(body.decode(errors="surrogateescape")) is not None:
        raise Refused("expected an SVG of at most 2 MiB that runs nothing and needs nothing from outside")
    kept = blobs.put([body], limit=PICTURE_LIMIT, now=datetime.now(UTC))
    return answer({"digest": kept.digest}, 201)
