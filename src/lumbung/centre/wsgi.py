"""The centre as a WSGI application."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.centre.settings")

READERS = 3


class Turnstile:
    """Lets a few requests that only read run at once; the others wait in line, outside of Python.

    Threads of one interpreter cannot compute side by side, and the database lets go of it at every row: eight
    readers at once spend a third of their time waking each other. Requests with a body pass by, since a slow sender
    must not hold a place, and so do nodes that wait for work.

    Parameters
    ----------
    application : callable
        By PEP 3333. Its answer is sent after the place was given up.
    places : int
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], places: int = READERS) -> None:
        self._application = application
        self._places = threading.BoundedSemaphore(places)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        with self._places:
            return self._application(environ, start_response)


application = Turnstile(get_wsgi_application())
