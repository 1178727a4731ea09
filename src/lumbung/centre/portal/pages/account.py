"""One's own account: name, language, API tokens. Passwords, passkeys and codes are django-allauth's pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.departure import delete_account, everything_about, left_leaderless
from lumbung.centre.members.letters import send
from lumbung.centre.members.models import User
from lumbung.centre.members.selectors import own_tokens
from lumbung.centre.members.services import Refused, change_account, make_token, revoke_token
from lumbung.centre.portal.forms import AccountForm, TokenForm


@login_required
def show(request: HttpRequest) -> HttpResponse:
    person = request.user
    form = AccountForm(request.POST or None, initial=_initial(person))
    if request.method == "POST" and form.is_valid():
        change_account(person, **form.cleaned_data)  # type: ignore[arg-type]
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Saved."))
        answer = redirect("portal:account")
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"], samesite="Lax")
        return answer
    return _page(request, form=form, status=400 if form.errors else 200)


def _initial(person: Any) -> dict[str, Any]:
    return {
        "name": person.name,
        "language": translation.get_language(),
        "wants_answers": person.wants_answers,
        "wants_digest": person.wants_digest,
    }


def _page(request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    person = request.user
    shown = {
        "form": AccountForm(initial=_initial(person)),
        "token_form": TokenForm(),
        "tokens": own_tokens(person),  # type: ignore[arg-type]
        "now": datetime.now(UTC),
    }
    return render(request, "portal/account.html", {**shown, **context}, status=status)


@require_POST
@login_required
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token. Its secret is in this one answer and nowhere else."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, token_form=form, status=400)
    asked = form.cleaned_data
    token, secret = make_token(
        request.user,  # type: ignore[arg-type]
        name=asked["name"],
        scopes=asked["scopes"],
        days=asked["days"],
        now=datetime.now(UTC),
    )
    answer = _page(request, secret=secret, made=token, centre=request.build_absolute_uri("/").rstrip("/"))
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@login_required
def drop_token(request: HttpRequest, number: int) -> HttpResponse:
    revoke_token(request.user, number, now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("Revoked. Programs that use it are refused from now on."))
    return redirect("portal:account")


@require_safe
@login_required
def data(request: HttpRequest) -> HttpResponse:
    """Everything the centre keeps about oneself, as one file."""
    return data_file(request.user)  # type: ignore[arg-type]


def data_file(person: User) -> HttpResponse:
    """Return the file of a person's data, which nobody on the way keeps."""
    answer = JsonResponse(everything_about(person), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="lumbung-my-data.json"'
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
def delete(request: HttpRequest) -> HttpResponse:
    """What goes and what stays; and, when asked for, going."""
    person = request.user
    if request.method == "POST":
        address = person.email  # type: ignore[union-attr]
        try:
            delete_account(person, now=datetime.now(UTC))  # type: ignore[arg-type]
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("portal:account")
        logout(request)
        send(address, "members/letters/farewell.txt", {})
        messages.success(request, _("Your account is deleted."))
        return redirect("portal:home")
    context = {"leaderless": left_leaderless(person)}  # type: ignore[arg-type]
    return render(request, "portal/account_delete.html", context)
