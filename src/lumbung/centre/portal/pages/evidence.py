"""Evidence: what was signed, what it shows, and a way to check it that trusts nobody here."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lumbung.centre.challenges import blobs
from lumbung.centre.credentials.passports import is_in_a_passport
from lumbung.centre.members.access import Role, has_role
from lumbung.centre.members.doors import asked_language
from lumbung.centre.portal.images import svg_image
from lumbung.centre.runs.keys import read_key
from lumbung.centre.runs.models import NodeKey
from lumbung.centre.runs.reasons import reason_of
from lumbung.centre.runs.selectors import evidence_of
from lumbung.proving.evidence import EvidenceError, open_evidence, reopen_evidence
from lumbung.proving.faults import Fault

SHOWN_ROWS = 200


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    record = evidence_of(request.user, token, datetime.now(UTC))
    piece = reopen_evidence(record.envelope.encode())
    ranked = record.run.challenge.content.ranking.metric
    metrics = sorted(
        {m for row in piece.rows for m in row.metrics} | {m for a in piece.aggregates for m in a.mean}
    )
    metrics.sort(key=lambda metric: metric != ranked)
    fault = (
        reason_of(Fault(piece.fault.owner, piece.fault.code), asked_language(request)) if piece.fault else ""
    )
    return render(
        request,
        "portal/evidence.html",
        {
            "record": record,
            "run": record.run,
            "evidence": piece,
            "metrics": metrics,
            "rows": piece.rows[:SHOWN_ROWS],
            "left_out": max(0, len(piece.rows) - SHOWN_ROWS),
            "fault": fault,
            "pictures": range(1, len(record.pictures) + 1),
            "has_passport": is_in_a_passport(record),
            "may_adopt": record.complete
            and record.fallen is None
            and has_role(request.user, record.run.challenge.owner, Role.CHALLENGE_OWNER),
        },
    )


@require_safe
def check(request: HttpRequest, token: str) -> HttpResponse:
    """Check the signature here, for browsers that cannot; the answer says that it is the centre's word."""
    record = evidence_of(request.user, token, datetime.now(UTC))
    key = NodeKey.objects.get(key_id=record.key_id)
    try:
        _piece, signer = open_evidence(record.envelope.encode(), [read_key(key.public_key)])
    except EvidenceError:
        signer = ""
    context = {"holds": bool(signer), "signer": signer, "run": record.run, "fallen": record.fallen}
    return render(request, "portal/evidence_check.html", context)


@require_safe
def picture(request: HttpRequest, token: str, number: int) -> StreamingHttpResponse:
    """A picture of the judge's. It comes from a node, so it is shown as an image and may run nothing."""
    record = evidence_of(request.user, token, datetime.now(UTC))
    if not 1 <= number <= len(record.pictures):
        raise Http404
    return svg_image(blobs.read(record.pictures[number - 1]))
