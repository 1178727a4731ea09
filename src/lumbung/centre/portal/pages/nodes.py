"""Nodes: who judges, with which key; and the code with which a new one joins."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.challenges.selectors import find_challenge, kept_from, may_manage
from lumbung.centre.members.access import NotFound, Role, has_role, is_staff, known, require
from lumbung.centre.members.selectors import find_organisation, own_organisations
from lumbung.centre.members.services import Refused
from lumbung.centre.runs.approvals import approve, claimants, take_back
from lumbung.centre.runs.keys import may_revoke, revoke_key
from lumbung.centre.runs.letters import send_fallen
from lumbung.centre.runs.selectors import SILENT, all_nodes, find_node
from lumbung.centre.runs.services import enrol_node, retire_node


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    now, person = datetime.now(UTC), request.user
    mine = list(own_organisations(person, Role.NODE_OPERATOR)) if known(person) else []
    hidden = kept_from(person)
    nodes = [
        {
            "node": node,
            "challenges": [slug for slug in node.challenges if slug not in hidden],
            "alive": node.active and node.last_seen is not None and now - node.last_seen < SILENT,
            "may_retire": node.active and (node.organisation in mine or is_staff(person)),
        }
        for node in all_nodes()
    ]
    return render(request, "portal/nodes.html", {"nodes": nodes, "mine": mine})


@require_safe
def key(request: HttpRequest, name: str) -> HttpResponse:
    """A node's public key as a file, for who verifies elsewhere: the present one, or an earlier one by its id."""
    node = find_node(name)
    asked = request.GET.get("key", "") or node.key_id
    found = node.keys.filter(key_id=asked).first()
    if found is None:
        raise NotFound
    return HttpResponse(
        found.public_key,
        content_type="application/x-pem-file",
        headers={"Content-Disposition": f'attachment; filename="{node.name}.pub"'},
    )


@require_safe
def keys(request: HttpRequest, name: str) -> HttpResponse:
    """The lives of a node's keys; who may revoke one does it here."""
    node = find_node(name)
    may = known(request.user) and may_revoke(request.user, node)
    today = datetime.now(UTC)
    return render(
        request,
        "portal/node_keys.html",
        {"node": node, "keys": node.keys.all(), "may_revoke": may, "now": today},
    )


@require_POST
@login_required
def revoke(request: HttpRequest, name: str) -> HttpResponse:
    node, now = find_node(name), datetime.now(UTC)
    require(may_revoke(request.user, node))  # type: ignore[arg-type]
    since = parse_datetime(request.POST.get("since", ""))
    if since is None:
        raise Refused(_("Say from when the key is not trusted."))
    since = since.replace(tzinfo=UTC) if since.tzinfo is None else since
    fallen = revoke_key(
        request.user,  # type: ignore[arg-type]
        node,
        request.POST.get("key", ""),
        since=since,
        why=request.POST.get("why", ""),
        now=now,
    )
    send_fallen(request, node, fallen)
    said = ngettext(
        "The key is revoked. %(count)d piece of evidence fell.",
        "The key is revoked. %(count)d pieces of evidence fell.",
        len(fallen),
    )
    messages.success(request, said % {"count": len(fallen)})
    return redirect("portal:node_keys", node.name)


@require_safe
@login_required
def of_challenge(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Who may judge a challenge: its owner decides here."""
    challenge = find_challenge(request.user, slug, version)
    require(may_manage(request.user, challenge))
    rows = [
        {
            "node": node,
            "may": may,
            "own": node.organisation_id == challenge.owner_id,
            "holds": node.holds.get(challenge.slug, ""),
        }
        for node, may in claimants(challenge)
    ]
    decides = has_role(request.user, challenge.owner, Role.CHALLENGE_OWNER)
    context = {"challenge": challenge, "rows": rows, "decides": decides}
    return render(request, "portal/challenge_nodes.html", context)


@require_POST
@login_required
def decide(request: HttpRequest, slug: str, version: int, name: str) -> HttpResponse:
    challenge, node = find_challenge(request.user, slug, version), find_node(name)
    act = approve if request.POST.get("may") == "yes" else take_back
    act(request.user, challenge, node, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:challenge_nodes", slug, version)


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
