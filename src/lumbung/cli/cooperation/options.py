"""Options that several commands of this room share, and how they are read."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from typing import Any

import click

from lumbung.cli.language import language
from lumbung.proving.text import Language

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def _language(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Language:
    return language() if value is None else value  # type: ignore[return-value]


in_language = click.option(
    "-l",
    "--language",
    "spoken",
    type=click.Choice(["en", "id", "zh"]),
    callback=_language,
    help="Language to answer in; else LUMBUNG_LANGUAGE, else the locale's.",
)


class Day(click.ParamType[date]):
    """A day such as 2026-03-02, or ``today``."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        if value == "today":
            return datetime.now(UTC).date()
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2026-03-02, or 'today'", param, ctx)


class Moment(click.ParamType[datetime]):
    """A moment with its zone, such as 2026-03-02T09:00+07:00, or ``now``."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        if value == "now":
            return datetime.now(UTC)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment; write it as 2026-03-02T09:00+07:00, or 'now'", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no time zone; add one, as in {value}+07:00", param, ctx)
        return moment


def print_json(data: object) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def say(text: str) -> None:
    """Say something to the person, beside the results."""
    print(text, file=sys.stderr)
