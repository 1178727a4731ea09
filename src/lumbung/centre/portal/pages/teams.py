"""Teams: found one, invite people of whatever organisation, accept an invitation, hand a team over, leave it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lumbung.centre.members.access import NotFound
from lumbung.centre.members.letters import send_invitation
from lumbung.centre.members.selectors import (
    find_organisation,
    find_own_team,
    invitations_to,
    own_organisations,
    own_teams,
)
from lumbung.centre.members.services import accept_invitation, found_team, hand_over_team, invite, leave_team
from lumbung.centre.portal.forms import InviteForm, TeamForm
from lumbung.centre.runs.letters import send_merger
from lumbung.centre.runs.merging import answer_merger, ask_to_merge


@login_required
def index(request: HttpRequest) -> HttpResponse:
    """My teams, invitations to me, and a form to found one."""
    mine = own_organisations(request.user)  # type: ignore[arg-type]
    form = TeamForm(request.POST or None, organisations=mine)
    if request.method == "POST" and form.is_valid():
        chosen = [find_organisation(request.user, slug) for slug in form.cleaned_data["organisations"]]
        found_team(
            request.user,  # type: ignore[arg-type]
            name=form.cleaned_data["name"],
            organisations=chosen,
            now=datetime.now(UTC),
        )
        return redirect("portal:teams")
    context = {
        "teams": own_teams(request.user),  # type: ignore[arg-type]
        "invitations": invitations_to(request.user),  # type: ignore[arg-type]
        "form": form,
        "invite_form": InviteForm(),
    }
    return render(request, "portal/teams.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def invite_page(request: HttpRequest, slug: str) -> HttpResponse:
    team = find_own_team(request.user, slug)  # type: ignore[arg-type]
    form = InviteForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["email"][0]))
        return redirect("portal:teams")
    now = datetime.now(UTC)
    invitation = invite(request.user, team, form.cleaned_data["email"], now=now)  # type: ignore[arg-type]
    if invitation.created == now:
        send_invitation(request, invitation)
    messages.success(
        request, _("Invited. They get an e-mail, and see the invitation once they are signed in.")
    )
    return redirect("portal:teams")


@require_POST
@login_required
def hand_over(request: HttpRequest, slug: str) -> HttpResponse:
    team = find_own_team(request.user, slug)  # type: ignore[arg-type]
    hand_over_team(request.user, team, request.POST.get("email", ""), now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("Handed over. You are still a member, and can leave now."))
    return redirect("portal:teams")


@require_POST
@login_required
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    team = find_own_team(request.user, slug)  # type: ignore[arg-type]
    leave_team(request.user, team, now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("You left the team %(team)s.") % {"team": team.name})
    return redirect("portal:teams")


@require_POST
@login_required
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    team = find_own_team(request.user, slug)  # type: ignore[arg-type]
    asked = ask_to_merge(request.user, team, request.POST.get("into", ""), now=datetime.now(UTC))  # type: ignore[arg-type]
    send_merger(request, asked)
    messages.success(request, _("Asked. The teams are one once the other team's captain agrees."))
    return redirect("portal:teams")


@require_POST
@login_required
def answer_merge(request: HttpRequest, slug: str, joining: str) -> HttpResponse:
    team, agree = find_own_team(request.user, slug), request.POST.get("agree") == "yes"  # type: ignore[arg-type]
    answer_merger(request.user, team, joining, agree=agree, now=datetime.now(UTC))  # type: ignore[arg-type]
    if agree:
        messages.success(request, _("The two teams are one now."))
    return redirect("portal:teams")


@login_required
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation to whom it is for; joining takes a click."""
    invitation = invitations_to(request.user).filter(token=token).first()  # type: ignore[arg-type]
    if invitation is None:
        raise NotFound
    if request.method == "POST":
        accept_invitation(request.user, token, now=datetime.now(UTC))  # type: ignore[arg-type]
        messages.success(request, _("You are in the team now."))
        return redirect("portal:teams")
    return render(request, "portal/invitation.html", {"invitation": invitation})
