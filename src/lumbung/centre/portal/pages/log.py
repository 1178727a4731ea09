"""The log's heads, for everybody: how long it is, what was signed, and which nodes saw it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lumbung.centre.members.access import NotFound
from lumbung.centre.members.log_heads import newest
from lumbung.centre.members.selectors import signed_heads
from lumbung.centre.members.signing import centre_key
from lumbung.proving.keys import key_id, public_pem

SHOWN = 20


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    key = centre_key()
    point = newest(key, datetime.now(UTC))
    context = {
        "point": point,
        "heads": signed_heads()[:SHOWN],
        "key_id": key_id(key.public_key()),
    }
    return render(request, "portal/log.html", context)


@require_safe
def head(request: HttpRequest) -> HttpResponse:
    """The newest head as a signed note, with the nodes' lines under it."""
    point = newest(centre_key(), datetime.now(UTC))
    if point is None:
        raise NotFound
    lines = "".join(point.cosignatures.order_by("witness").values_list("line", flat=True))
    return HttpResponse(point.note + lines, content_type="text/plain; charset=utf-8")


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The centre's public key as a file."""
    pem = public_pem(centre_key().public_key())
    return HttpResponse(
        pem,
        content_type="application/x-pem-file",
        headers={"Content-Disposition": 'attachment; filename="centre.pub"'},
    )
