"""How a command asks a centre: the options that name it, the connection, and answers turned into words and exit codes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import click

from lumbung.cli.exits import BAD_INPUT, PLATFORM, fail
from lumbung.cli.language import language
from lumbung.cli.words import say

if TYPE_CHECKING:
    import httpx


def centre_options(scopes: str) -> Callable[[Any], Any]:
    """Return a decorator that gives a command the options ``--centre`` and ``--token``.

    Parameters
    ----------
    scopes : str
        What the token must allow, for the help: ``read and submit``.
    """
    centre = click.option(
        "--centre",
        default=lambda: os.environ.get("LUMBUNG_CENTRE", "http://127.0.0.1:8000"),
        show_default="LUMBUNG_CENTRE",
        help="The centre's address.",
    )
    token = click.option(
        "--token",
        default=lambda: os.environ.get("LUMBUNG_TOKEN", ""),
        help=f"An API token with the scopes {scopes}; LUMBUNG_TOKEN by default.",
    )
    return lambda command: centre(token(command))


@contextmanager
def asking(centre: str, token: str) -> Iterator[httpx.Client]:
    """Open a connection to the API of *centre*; one that does not answer ends the command with a line that says so."""
    import httpx  # not needed to answer --help

    if not token or not token.isascii() or not token.isprintable():
        fail(say("no_token"), BAD_INPUT)
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": language()}
    try:
        with httpx.Client(base_url=centre.rstrip("/") + "/api", headers=headers, timeout=60) as http:
            yield http
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        fail(say("no_address", centre=centre), BAD_INPUT)
    except httpx.HTTPError as error:
        fail(say("no_centre", centre=centre, error=type(error).__name__), PLATFORM)


class NotACentre(ValueError):
    """Something else answers at the address: a network's login page, another service."""


class _Body(dict[str, Any]):
    """An answer's object; a field that a centre always gives and that is not there says who does not speak."""

    def __init__(self, url: str, fields: dict[str, Any]) -> None:
        self.url = url
        super().__init__(fields)

    def __missing__(self, name: str) -> NoReturn:
        raise NotACentre(say("not_a_centre", url=self.url))


def answered(answer: httpx.Response) -> dict[str, Any]:
    """Return the body of an answer; a refusal ends the command with the centre's words.

    Raises
    ------
    NotACentre
        The body, or later a field asked of it, is none of a centre's.
    """
    url = str(answer.url)
    if answer.status_code >= 400:
        try:
            detail = answer.json()["detail"]
        except (LookupError, TypeError, ValueError, RecursionError):
            detail = answer.reason_phrase
        code = PLATFORM if answer.status_code >= 500 else BAD_INPUT
        fail(say("refused", status=answer.status_code, detail=detail), code)
    try:
        body = answer.json(object_hook=partial(_Body, url))
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, _Body):
        raise NotACentre(say("not_a_centre", url=url))
    return body
