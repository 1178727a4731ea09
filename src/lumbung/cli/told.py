"""Help in the reader's language: catalogues of what commands say of themselves, and of click's own words.

``locale/<language>/LC_MESSAGES/messages.po`` are the sources. They are compiled where they are used, into the user's cache folder
under the name of their content, and bound to gettext's default domain, in which click looks for its words.
"""

from __future__ import annotations

import atexit
import copy
import gettext
import inspect
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import click
import platformdirs

from lumbung.cli.language import language

DOMAIN = "messages"  # gettext's own, which click asks
_SECOND_HALF = (
    "\u2060"  # stands behind a wide character while lines are broken by their length, and is taken out again
)
_CLOSING = re.compile(r"(\n *)([。，、；：）？！」》]+)")
_SENTENCE = re.compile(r".+?(?:[。？！]|[.?!](?=\s|$)|$)", re.DOTALL)


def bind() -> bool:
    """Look up words in the reader's language from here on; return whether that is another than English."""
    wanted = os.environ["LANGUAGE"] = language()
    if wanted == "en":
        return False
    from lumbung.web.catalogues import compiled  # English needs none, and answers sooner without

    try:
        folder = compiled(Path(__file__).parent, platformdirs.user_cache_path("lumbung"), DOMAIN)
    except OSError:  # a home that cannot be written
        folder = compiled(Path(__file__).parent, Path(_for_this_call()), DOMAIN)
    gettext.bindtextdomain(DOMAIN, str(folder))
    return True


@cache
def _for_this_call() -> str:
    folder = tempfile.mkdtemp(prefix="lumbung-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class Formatter(click.HelpFormatter):
    """Breaks lines by the columns that characters take, two for those of Chinese, and none before what closes a clause."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.width -= 2  # room for what closes a clause

    def write_text(self, text: str) -> None:
        super().write_text(_as_wide(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl(
            [(_as_wide(first), _as_wide(second)) for first, second in rows], col_max, col_spacing
        )

    def getvalue(self) -> str:
        return _CLOSING.sub(r"\2\1", super().getvalue().replace(_SECOND_HALF, ""))


def _as_wide(text: str) -> str:
    return "".join(
        letter + _SECOND_HALF if unicodedata.east_asian_width(letter) in "WF" else letter for letter in text
    )


class Context(click.Context):
    """A context whose help is laid out by columns."""

    formatter_class = Formatter


def said(text: str | None) -> str | None:
    """Return a text in the reader's language."""
    return gettext.gettext(inspect.cleandoc(text)) if text else text


def told(command: click.Command) -> click.Command:
    """Return a command that speaks the reader's language; the one given stays as it is."""
    mine = copy.copy(command)
    mine.context_class = Context
    vars(mine)["_help_option"] = None  # click keeps the one it made, in the language of that moment
    mine.help, mine.short_help = said(command.help), said(command.short_help)
    if mine.help and not mine.short_help:
        mine.short_help = " ".join(_SENTENCE.match(mine.help.strip())[0].split())  # type: ignore[index]
    mine.params = [_told_of(parameter) for parameter in command.params]
    if isinstance(mine, click.Group):
        mine.commands = {name: told(each) for name, each in mine.commands.items()}
    return mine


def _told_of(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter, click.Option) or not parameter.help:
        return parameter
    mine = copy.copy(parameter)
    mine.help = said(parameter.help)
    return mine
