"""The door: whoever has not come in by a link sees nothing but that page, and nobody does what their role may not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lumbung.desk.access import STAY_DAYS, Person, Role, known, utc_now
from lumbung.desk.place import desk_folder
from lumbung.desk.words import language_here
from lumbung.proving.faults import RunFault

COOKIE = "lumbung_desk"
OPEN = ("/enter/", "/language")

View = Callable[..., HttpResponse]


class Door:
    """Middleware: finds out who asks, and turns away who is not known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        person = person_of(request)
        request.person = person  # type: ignore[attr-defined]
        if person is None and not request.path.startswith(OPEN):
            return render(request, "desk/closed.html", status=401)
        response = self._get_response(request)
        response.setdefault("Cache-Control", "private, no-store")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say what this machine could not do, as a full disk; other errors are a fault of the program."""
        if not isinstance(error, RunFault):
            return None
        context = {"reason": error.fault.reason(language_here())}
        return render(request, "desk/machine.html", context, status=507)


def who(request: HttpRequest) -> Person:
    """Return who asks, on a page behind the door."""
    person: Person = request.person  # type: ignore[attr-defined]
    return person


def person_of(request: HttpRequest) -> Person | None:
    """Return who asks."""
    mark = request.get_signed_cookie(COOKIE, default="", max_age=STAY_DAYS * 24 * 3600)
    return known(desk_folder(), mark or "", utc_now())


def let_in(response: HttpResponse, person: Person) -> HttpResponse:
    """Have the browser remember who this is; also where a link in a colleague's mail leads here, since what is asked by GET changes nothing."""
    response.set_signed_cookie(
        COOKIE, person.mark, max_age=STAY_DAYS * 24 * 3600, httponly=True, samesite="Lax",
        secure=settings.HTTPS,
    )  # fmt: skip
    return response


def only(role: Role) -> Callable[[View], View]:
    """Have a page serve people who may do what somebody of *role* may."""

    def wrapped(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
            if not who(request).may(role):
                return render(request, "desk/may_not.html", {"role": role}, status=403)
            return view(request, *given, **named)

        return guarded

    return wrapped


def whose(request: HttpRequest) -> dict[str, Any]:
    """Return what every page shows: who is here and what they may do."""
    person: Person | None = getattr(request, "person", None)
    return {
        "person": person,
        "may_work": person is not None and person.may("operator"),
        "may_own": person is not None and person.may("owner"),
    }
