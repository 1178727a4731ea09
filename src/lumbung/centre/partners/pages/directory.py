"""Needs and offers: the directory, and what an organisation's administrators write into it."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.access import require
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.models import Organisation
from lumbung.centre.members.selectors import find_organisation, own_organisations
from lumbung.centre.partners.forms import NeedForm, OfferForm
from lumbung.centre.partners.listings import (
    close_listing,
    declare_conflict,
    find_listing,
    find_needs,
    find_offers,
    speaks_for,
    state_need,
    state_offer,
    withdraw_conflict,
)
from lumbung.centre.partners.models import Need, Offer
from lumbung.cooperation.matching.names import SECTORS

SHOWN = 12
LONGEST = 200


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is sought and offered, of one sector or of all, page by page; with words, what holds them."""
    sector, words = _sector(request), request.GET.get("q", "")[:LONGEST]
    needs = Paginator(find_needs(sector, words), SHOWN).get_page(request.GET.get("needs"))
    offers = Paginator(find_offers(sector, words), SHOWN).get_page(request.GET.get("offers"))
    own = (
        own_organisations(request.user, "administrator")
        if request.user.is_authenticated
        else Organisation.objects.none()
    )
    context = {
        "needs": needs,
        "offers": offers,
        "sectors": SECTORS,
        "sector": sector,
        "words": words,
        "address": urlencode({"sector": sector, "q": words}),
        "own": own,
    }
    return render(request, "partners/home.html", context)


def _sector(request: HttpRequest) -> str:
    """Return the sector that the address names, if it is one of ours."""
    asked = request.GET.get("sector", "")
    return asked if asked in SECTORS else ""


@login_required
def new_need(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = _writable(request, slug)
    initial = {"language": house_language(), "sector": _sector(request)}
    form = NeedForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        state_need(request.user, organisation, **form.cleaned_data, now=datetime.now(UTC))  # type: ignore[arg-type]
        messages.success(request, _("Written down. The centre's staff look for partners and introduce you."))
        return redirect("portal:organisation", slug)
    context = {"organisation": organisation, "form": form, "kind": "need"}
    return render(request, "partners/listing.html", context, status=400 if form.errors else 200)


@login_required
def new_offer(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = _writable(request, slug)
    initial = {"language": house_language(), "sectors": [_sector(request)]}
    form = OfferForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        state_offer(request.user, organisation, **form.cleaned_data, now=datetime.now(UTC))  # type: ignore[arg-type]
        messages.success(request, _("Written down. The centre's staff look for partners and introduce you."))
        return redirect("portal:organisation", slug)
    context = {"organisation": organisation, "form": form, "kind": "offer"}
    return render(request, "partners/listing.html", context, status=400 if form.errors else 200)


def _writable(request: HttpRequest, slug: str) -> Organisation:
    organisation = find_organisation(request.user, slug)
    require(speaks_for(request.user, organisation))
    return organisation


@require_POST
@login_required
def close_need(request: HttpRequest, number: int) -> HttpResponse:
    need = find_listing(Need, number)
    close_listing(request.user, need, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:organisation", need.organisation.slug)


@require_POST
@login_required
def close_offer(request: HttpRequest, number: int) -> HttpResponse:
    offer = find_listing(Offer, number)
    close_listing(request.user, offer, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:organisation", offer.organisation.slug)


@require_POST
@login_required
def conflict(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = _writable(request, slug)
    other = find_organisation(request.user, request.POST.get("other", ""))
    change = withdraw_conflict if "withdraw" in request.POST else declare_conflict
    change(request.user, organisation, other, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:organisation", slug)
