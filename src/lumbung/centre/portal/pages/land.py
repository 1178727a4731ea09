"""The basemap as files: drawn, and as GeoJSON for a map that moves. Their addresses name the state of the file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from lumbung.centre.portal.atlas import land

_for_a_year = cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)


@require_safe
@gzip_page
@_for_a_year
def drawn(request: HttpRequest) -> HttpResponse:
    return HttpResponse(land().svg, content_type="image/svg+xml")


@require_safe
@gzip_page
@_for_a_year
def geojson(request: HttpRequest) -> HttpResponse:
    return HttpResponse(land().geojson, content_type="application/geo+json")
