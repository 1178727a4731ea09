"""Agreements: what was signed between whom, and how its promises stand."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.access import is_staff, require
from lumbung.centre.members.services import Refused
from lumbung.centre.partners import agreements
from lumbung.centre.partners.forms import AgreementForm, PromiseForm
from lumbung.centre.partners.models import Agreement


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = {"agreements": agreements.all_agreements(), "today": datetime.now(UTC).date()}
    return render(request, "partners/agreements.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    require(is_staff(request.user))
    form = AgreementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            made = agreements.sign(
                request.user,  # type: ignore[arg-type]
                form.title(),
                list(asked["parties"]),
                asked["signed"],
                asked["until"],
                asked["address"],
                now=datetime.now(UTC),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("partners:agreement", made.slug)
    return render(request, "partners/new_agreement.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, agreements.find_agreement(slug))


def _page(request: HttpRequest, agreement: Agreement, *, status: int = 200, **forms: object) -> HttpResponse:
    context = {
        "agreement": agreement,
        "today": datetime.now(UTC).date(),
        "form": PromiseForm() if is_staff(request.user) else None,
        **forms,
    }
    return render(request, "partners/agreement.html", context, status=status)


@require_POST
@login_required
def promise(request: HttpRequest, slug: str) -> HttpResponse:
    require(is_staff(request.user))
    agreement, form = agreements.find_agreement(slug), PromiseForm(request.POST)
    if not form.is_valid():
        return _page(request, agreement, form=form, status=400)
    agreements.promise(request.user, agreement, form.title(), form.cleaned_data["due"], now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:agreement", slug)


@require_POST
@login_required
def done(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    agreements.keep_promise(request.user, agreements.find_agreement(slug), number, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:agreement", slug)
