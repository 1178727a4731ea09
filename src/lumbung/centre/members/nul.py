"""Requests with NUL characters are refused at the door: PostgreSQL cannot store them, and no honest text holds one."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class RefuseNul:
    """Middleware: answers 400 where the address, the query, a form field or a JSON body holds a NUL character."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("a NUL character in the address")
        if request.content_type in FORMS:
            fields = (value for values in request.POST.lists() for value in values[1])
            if any(isinstance(value, str) and "\x00" in value for value in fields):
                raise SuspiciousOperation("a NUL character in a form")
        elif request.content_type == "application/json" and b"\\u0000" in request.body:
            raise SuspiciousOperation("a NUL character in the body")
        return self.get_response(request)
