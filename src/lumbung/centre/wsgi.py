"""The centre as a WSGI application."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection

from lumbung.sandbox.lifeline import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.centre.settings")

PATIENCE_S = 0.05  # what one in line waits at most for one who stays long
AROUND_SQLITE = 1  # it computes in our own process
AROUND_A_SERVER = 3  # a request waits for its answers, and lets another compute meanwhile
SHORT = 64 * 2**10  # bytes of a body that is read before its request joins the line


class Turnstile:
    """Lets few requests compute at a time, unless they take long; the others wait in line, outside of Python.

    Threads of one interpreter cannot compute side by side, and the database lets go of it at every row: eight requests
    at once spend half of their time waking each other, and eight writers wait for each other's locks besides. Who has
    waited for `PATIENCE_S` goes in as well, so that a slow page holds up others no longer than that. A short body is
    read first and a long one's request passes by, since a slow sender must not hold a place; and so do nodes, which
    wait for work.

    Parameters
    ----------
    application : callable
        By PEP 3333. Its answer is sent after the place was given up.
    places : int
        Of requests at a time.
    patience_s : float
    """

    def __init__(
        self, application: Callable[..., Iterable[bytes]], places: int, patience_s: float = PATIENCE_S
    ) -> None:
        self._application = application
        self._patience_s = patience_s
        self._places = threading.BoundedSemaphore(places)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"].startswith("/api/node/") or not _read_short_body(environ):
            return self._application(environ, start_response)
        held = self._places.acquire(timeout=self._patience_s)
        try:
            return self._application(environ, start_response)
        finally:
            if held:
                self._places.release()


def _read_short_body(environ: dict[str, Any]) -> bool:
    """Read the request's body where it is short; whether it was."""
    said = environ.get("CONTENT_LENGTH") or "0"
    if environ.get("HTTP_TRANSFER_ENCODING") or not said.isdecimal() or int(said) > SHORT:
        return False
    environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(said)))
    return True


follow_parent()  # a worker whose master was killed would keep the port
application = Turnstile(
    get_wsgi_application(), places=AROUND_SQLITE if connection.vendor == "sqlite" else AROUND_A_SERVER
)
