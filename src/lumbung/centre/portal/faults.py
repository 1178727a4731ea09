"""What a person sees when something cannot be done: a page in their language that says what to do next."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

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
    return render(request, "portal/fault.html", {"code": 400}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "portal/fault.html", {"code": 403}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "portal/fault.html", {"code": 404}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "portal/fault.html", {"code": 403, "stale": True}, status=403)


def database_away(request: HttpRequest) -> HttpResponse:
    page = render_to_string("portal/fault.html", {"code": 503})
    return HttpResponse(page, status=503, headers={"Retry-After": "5"})


def server_error(request: HttpRequest) -> HttpResponse:
    # Whatever failed may fail again: this page asks neither the database nor the session.
    return HttpResponse(render_to_string("portal/fault.html", {"code": 500}), status=500)
