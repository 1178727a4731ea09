"""What a person sees when something cannot be done: a page in their language that says what to do next."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from lumbung.centre.members.access import NotAllowed, NotFound
from lumbung.centre.members.services import Refused

log = logging.getLogger(__name__)


class DomainFaults:
    """Turns what services raise into pages. The API answers for itself before this is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotFound):
            return not_found(request, error)
        if isinstance(error, NotAllowed):
            if request.user.is_anonymous and request.method == "GET":
                return redirect_to_login(request.get_full_path())
            return forbidden(request, error)
        if isinstance(error, Refused):
            messages.error(request, str(error))
            return redirect(_back(request))
        if isinstance(error, OperationalError):
            log.error("the database did not answer: %s", error)
            return database_away(request)
        return None


def _back(request: HttpRequest) -> str:
    """The page the form was on, if it is one of ours."""
    came_from = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure())
    return came_from if safe else "/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _for_machines(request, 400) or render(request, "portal/fault.html", {"code": 400}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _for_machines(request, 403) or render(request, "portal/fault.html", {"code": 403}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _for_machines(request, 404) or render(request, "portal/fault.html", {"code": 404}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    page = {"code": 403, "stale": True}
    return _for_machines(request, 403) or render(request, "portal/fault.html", page, status=403)


def database_away(request: HttpRequest) -> HttpResponse:
    page = _for_machines(request, 503)
    if page is None:
        page = HttpResponse(render_to_string("portal/fault.html", {"code": 503}), status=503)
    page.headers["Retry-After"] = "5"
    return page


def server_error(request: HttpRequest) -> HttpResponse:
    # Whatever failed may fail again: this page asks neither the database nor the session.
    return _for_machines(request, 500) or HttpResponse(
        render_to_string("portal/fault.html", {"code": 500}), status=500
    )


def _for_machines(request: HttpRequest, code: int) -> HttpResponse | None:
    """Return the fault as every other answer of the API is, where what failed lies before the API itself."""
    if not request.path.startswith("/api/"):
        return None
    details = {
        400: _("The request cannot be read"),
        403: _("You may not do this."),
        404: _("There is no such thing here."),
        500: _("A fault of the centre's own. It is logged; nothing you sent was wrong."),
        503: _("The centre is busy or its database is away. Try again in a moment."),
    }
    return JsonResponse({"detail": details[code]}, status=code)
