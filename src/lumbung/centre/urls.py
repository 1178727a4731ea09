"""Where everything is found."""

from __future__ import annotations

import logging
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, RawPostDataException
from django.urls import include, path
from django.utils.translation import gettext as _
from ninja import NinjaAPI

from lumbung import __version__
from lumbung.centre.challenges.api import router as challenges
from lumbung.centre.credentials.api import router as credentials
from lumbung.centre.members.access import NotAllowed, NotFound
from lumbung.centre.members.api import router as members
from lumbung.centre.members.entrance import come_back
from lumbung.centre.members.services import Refused
from lumbung.centre.partners.api import router as partners
from lumbung.centre.runs.api import router as runs
from lumbung.centre.runs.node_api import router as nodes
from lumbung.centre.runs.weights_api import router as weights
from lumbung.centre.standings.api import router as standings

log = logging.getLogger(__name__)
api = NinjaAPI(title="Lumbung", version=__version__, description="The joint centre's API.", docs_url=None)
api.add_router("/", members)
api.add_router("/", challenges)
api.add_router("/", runs)
api.add_router("/", weights)
api.add_router("/", standings)
api.add_router("/", credentials)
api.add_router("/", partners)
api.add_router("/node", nodes)


@api.exception_handler(NotAllowed)
def not_allowed(request: HttpRequest, error: Any) -> HttpResponse:
    return api.create_response(request, {"detail": _("You may not do this.")}, status=403)


@api.exception_handler(NotFound)
def not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return api.create_response(request, {"detail": _("There is no such thing here.")}, status=404)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Any) -> HttpResponse:
    return api.create_response(request, {"detail": str(error)}, status=400)


@api.exception_handler(RawPostDataException)
def not_json(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer a form where JSON belongs: what came is read as its Content-Type says, and is gone."""
    detail = _("Send JSON here, with Content-Type: application/json.")
    return api.create_response(request, {"detail": detail}, status=415)


@api.exception_handler(OperationalError)
def database_away(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("the database did not answer: %s", error)
    answer = api.create_response(
        request,
        {"detail": _("The centre is busy or its database is away. Try again in a moment.")},
        status=503,
    )
    answer.headers["Retry-After"] = "5"
    return answer


@api.exception_handler(Exception)
def own_fault(request: HttpRequest, error: Any) -> HttpResponse:
    log.exception("a fault of the centre's own at %s", request.path, exc_info=error)
    return api.create_response(
        request,
        {"detail": _("A fault of the centre's own. It is logged; nothing you sent was wrong.")},
        status=500,
    )


urlpatterns = [
    path("accounts/oidc/<str:provider_id>/login/callback/", come_back),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("cooperation/", include("lumbung.centre.partners.urls")),
    path("", include("lumbung.centre.credentials.urls")),
    path("", include("lumbung.centre.portal.urls")),
]
handler400 = "lumbung.centre.portal.faults.bad_request"
handler403 = "lumbung.centre.portal.faults.forbidden"
handler404 = "lumbung.centre.portal.faults.not_found"
handler500 = "lumbung.centre.portal.faults.server_error"
