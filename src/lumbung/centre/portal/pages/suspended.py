"""A suspended person's own data: a letter with a key to it, the file, and leaving for good."""

from __future__ import annotations

from datetime import UTC, datetime

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.departure import delete_account, left_leaderless
from lumbung.centre.members.letters import send, send_key
from lumbung.centre.members.suspended_rights import holder_of, suspended_account
from lumbung.centre.portal.forms import InviteForm
from lumbung.centre.portal.pages.account import data_file


def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the letter. The answer is the same whether there is such an account or not."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not ratelimit.consume(request, action="suspended_letter", key=email.lower()):
            return render(request, "429.html", status=429)
        person = suspended_account(email)
        if person is not None:
            send_key(request, person)
        messages.success(
            request, _("If a suspended account has this address, a letter with a link is on its way to it.")
        )
        return redirect("portal:suspended")
    return render(request, "portal/suspended.html", {"form": form}, status=400 if form.errors else 200)


@never_cache
@require_safe
def rights(request: HttpRequest, key: str) -> HttpResponse:
    person = holder_of(key)
    context = {"key": key, "leaderless": left_leaderless(person)}
    return render(request, "portal/suspended_rights.html", context)


@require_safe
def data(request: HttpRequest, key: str) -> HttpResponse:
    return data_file(holder_of(key))


@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    person = holder_of(key)
    address = person.email
    delete_account(person, now=datetime.now(UTC))
    send(address, "members/letters/farewell.txt", {})
    messages.success(request, _("Your account is deleted."))
    return redirect("portal:home")
