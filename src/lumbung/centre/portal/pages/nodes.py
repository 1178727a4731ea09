"""Nodes: who judges, with which key; and the code with which a new one joins."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.access import Role, is_staff, known
from lumbung.centre.members.selectors import find_organisation, own_organisations
from lumbung.centre.runs.selectors import SILENT, all_nodes, find_node
from lumbung.centre.runs.services import enrol_node, retire_node


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    now, person = datetime.now(UTC), request.user
    mine = list(own_organisations(person, Role.NODE_OPERATOR)) if known(person) else []
    nodes = [
        {
            "node": node,
            "alive": node.active and node.last_seen is not None and now - node.last_seen < SILENT,
            "may_retire": node.active and (node.organisation in mine or is_staff(person)),
        }
        for node in all_nodes()
    ]
    return render(request, "portal/nodes.html", {"nodes": nodes, "mine": mine})


@require_safe
def key(request: HttpRequest, name: str) -> HttpResponse:
    """A node's public key as a file, for who verifies elsewhere."""
    node = find_node(name)
    return HttpResponse(
        node.public_key,
        content_type="application/x-pem-file",
        headers={"Content-Disposition": f'attachment; filename="{node.name}.pub"'},
    )


@require_POST
@login_required
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = find_organisation(request.user, slug)
    code = enrol_node(request.user, organisation, now=datetime.now(UTC))  # type: ignore[arg-type]
    centre = request.build_absolute_uri("/").rstrip("/")
    return render(
        request, "portal/enrolment.html", {"organisation": organisation, "code": code, "centre": centre}
    )


@require_POST
@login_required
def retire(request: HttpRequest, name: str) -> HttpResponse:
    retire_node(request.user, find_node(name), now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:nodes")
