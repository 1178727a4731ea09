"""Who knows of a challenge by invitation: its door, its guests, and the links with which they come in."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.challenges import guests
from lumbung.centre.challenges.letters import send_guest
from lumbung.centre.challenges.models import Challenge
from lumbung.centre.challenges.selectors import find_challenge, may_manage
from lumbung.centre.members.access import require
from lumbung.centre.members.selectors import find_own_team, own_teams


def _managed(request: HttpRequest, slug: str) -> Challenge:
    challenge = find_challenge(request.user, slug)
    require(may_manage(request.user, challenge))
    return challenge


@require_safe
@login_required
def show(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, _managed(request, slug))


def _page(request: HttpRequest, challenge: Challenge, link: str = "") -> HttpResponse:
    context = {
        "challenge": challenge,
        "guests": guests.guests_of(challenge),
        "links": guests.links_of(challenge, datetime.now(UTC)),
        "most": guests.MOST_PLACES,
        "link": link,
    }
    return render(request, "portal/guests.html", context)


@require_POST
@login_required
def keep_door(request: HttpRequest, slug: str) -> HttpResponse:
    challenge, closed = _managed(request, slug), request.POST.get("by_invitation") == "yes"
    guests.keep_door(request.user, challenge, closed=closed, now=datetime.now(UTC))  # type: ignore[arg-type]
    said = (
        _("Only its guests know of the challenge now.") if closed else _("Everybody sees the challenge now.")
    )
    messages.success(request, said)
    return redirect("portal:guests", slug)


@require_POST
@login_required
def let_in(request: HttpRequest, slug: str) -> HttpResponse:
    challenge, asked = _managed(request, slug), request.POST
    guest, new = guests.let_in(
        request.user,  # type: ignore[arg-type]
        challenge,
        asked.get("kind", ""),
        asked.get("name", ""),
        now=datetime.now(UTC),
    )
    if new:
        send_guest(request, challenge, guest)
    return redirect("portal:guests", slug)


@require_POST
@login_required
def send_away(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    guests.send_away(request.user, _managed(request, slug), number, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:guests", slug)


@require_POST
@login_required
def make_link(request: HttpRequest, slug: str) -> HttpResponse:
    challenge, places = _managed(request, slug), request.POST.get("places", "")
    count = int(places) if places.isascii() and places.isdecimal() and len(places) < 9 else 0
    _link, secret = guests.make_link(request.user, challenge, places=count, now=datetime.now(UTC))  # type: ignore[arg-type]
    return _page(request, challenge, request.build_absolute_uri(reverse("portal:come_in", args=[secret])))


@require_POST
@login_required
def end_link(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    guests.end_link(request.user, _managed(request, slug), number, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:guests", slug)


@login_required
def come_in(request: HttpRequest, secret: str) -> HttpResponse:
    """What a link invites to; coming in takes a click, with a team of one's own."""
    now = datetime.now(UTC)
    _link, challenge = guests.behind(secret, now)
    teams = own_teams(request.user)  # type: ignore[arg-type]
    if request.method == "POST":
        team = find_own_team(request.user, request.POST.get("team", ""))  # type: ignore[arg-type]
        guests.come_in(request.user, secret, team, now=now)  # type: ignore[arg-type]
        return redirect("portal:challenge", challenge.slug)
    return render(request, "portal/come_in.html", {"challenge": challenge, "teams": teams})
