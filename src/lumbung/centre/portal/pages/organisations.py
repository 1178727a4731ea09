"""Organisations: who takes part, who belongs to them, who may do what there."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.challenges.selectors import visible_challenges
from lumbung.centre.members.access import NotFound, Role, administers, has_role, is_staff, known
from lumbung.centre.members.letters import send_approval, send_word
from lumbung.centre.members.models import Country, Membership, Word
from lumbung.centre.members.reviews import ask_back, decline, reply
from lumbung.centre.members.selectors import (
    find_membership,
    find_organisation,
    members_of,
    visible_organisations,
    words_about,
)
from lumbung.centre.members.services import (
    Refused,
    accept_member,
    approve_organisation,
    ask_to_join,
    give_role,
    register_organisation,
    remove_role,
)
from lumbung.centre.partners.profiles import profile_of
from lumbung.centre.portal.forms import OrganisationForm
from lumbung.centre.runs.selectors import all_nodes

SHOWN = 100


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Who takes part, of one country or of all."""
    found, country = visible_organisations(request.user), request.GET.get("country", "")
    if country in Country.values:
        found = found.filter(country=country)
    page = Paginator(found, SHOWN).get_page(request.GET.get("page"))
    context = {
        "organisations": page.object_list,
        "page": page,
        "query": f"country={country}" if country in Country.values else "",
        "countries": Country.choices,
        "country": country,
    }
    return render(request, "portal/organisations.html", context)


@login_required
def register(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = register_organisation(request.user, **form.cleaned_data, now=datetime.now(UTC))  # type: ignore[arg-type]
        messages.success(request, _("Registered. The centre's staff look at it and approve it."))
        return redirect("portal:organisation", made.slug)
    return render(request, "portal/register.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = find_organisation(request.user, slug)
    person = request.user
    mine = list(person.memberships.filter(organisation=organisation)) if known(person) else []
    words = words_about(person, organisation)
    return render(
        request,
        "portal/organisation.html",
        {
            "organisation": organisation,
            "members": members_of(person, organisation),
            "mine": mine,
            "accepted": any(m.accepted for m in mine),
            "administers": administers(person, organisation),
            "operates": has_role(person, organisation, Role.NODE_OPERATOR),
            "poses": has_role(person, organisation, Role.CHALLENGE_OWNER),
            "is_staff": is_staff(person),
            "roles": Membership.Role.choices,
            "challenges": visible_challenges(person).filter(owner=organisation),
            "nodes": all_nodes().filter(organisation=organisation, active=True),
            "words": words,
            "declined": bool(words) and words[-1].kind == Word.Kind.DECLINED,
            "profile": profile_of(person, organisation, datetime.now(UTC)),
        },
    )


@require_POST
@login_required
def join(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = find_organisation(request.user, slug)
    if not organisation.approved:
        raise NotFound
    ask_to_join(request.user, organisation, now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("Asked. An administrator of the organisation decides."))
    return redirect("portal:organisation", slug)


@require_POST
@login_required
def approve(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = find_organisation(request.user, slug)
    if approve_organisation(request.user, organisation, now=datetime.now(UTC)):  # type: ignore[arg-type]
        send_approval(request, organisation)
    return redirect((request.POST.get("back") == "desk" and "portal:desk") or f"/organisations/{slug}/")


SAYINGS = {"question": ask_back, "declined": decline, "answer": reply}


@require_POST
@login_required
def say_word(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask back, decline or answer while an organisation waits for approval."""
    organisation = find_organisation(request.user, slug)
    do = SAYINGS.get(request.POST.get("kind", ""))
    if do is None:
        raise NotFound
    try:
        word = do(request.user, organisation, request.POST.get("text", ""), now=datetime.now(UTC))  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        send_word(request, word)
        messages.success(request, _("Said, and sent by e-mail."))
    return redirect("portal:organisation", slug)


@require_POST
@login_required
def accept(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    membership = find_membership(find_organisation(request.user, slug), number)
    accept_member(request.user, membership, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:organisation", slug)


@require_POST
@login_required
def remove(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    membership = find_membership(find_organisation(request.user, slug), number)
    remove_role(request.user, membership, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:organisation", slug)


@require_POST
@login_required
def give(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = find_organisation(request.user, slug)
    member = request.POST.get("member", "")
    membership = find_membership(organisation, int(member) if member.isdecimal() and len(member) < 18 else 0)
    give_role(
        request.user,  # type: ignore[arg-type]
        organisation,
        membership.user,
        request.POST.get("role", ""),
        now=datetime.now(UTC),
    )
    return redirect("portal:organisation", slug)
