"""The documentation site below /docs/: static pages that whitenoise serves from the folder ``LUMBUNG_DOCS`` names."""

from __future__ import annotations

from pathlib import Path
from wsgiref.headers import Headers

from django.core.exceptions import ImproperlyConfigured

# Its pages set their colours by a script of one line and ask no other host for anything.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def folder(named: str) -> str | None:
    """Return the folder that holds ``docs/``, or None where no documentation is served.

    Raises
    ------
    ImproperlyConfigured
        There is no built site in the folder.
    """
    if not named:
        return None
    if not (Path(named) / "docs/index.html").is_file():
        raise ImproperlyConfigured(
            f"LUMBUNG_DOCS: {named} holds no docs/index.html; `make docs` writes such a folder, dist/site"
        )
    return named


def headers(headers: Headers, path: str, url: str) -> None:
    """Let pages of the site be kept for minutes, not for the year that files named by their content are."""
    if url.startswith("/docs/"):
        headers["Cache-Control"] = "public, max-age=600"
        headers["Content-Security-Policy"] = POLICY
