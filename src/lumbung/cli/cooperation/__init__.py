"""``lumbung cooperation``: partners, support by policy, support by facilities."""

from __future__ import annotations

import click

from lumbung.cli.lazy import LazyGroup

# command -> (module below lumbung.cli.cooperation, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "match": ("match", "Find partners for needs written in any language, and say why."),
    "rules": ("rules", "Ask what support a company may claim on a day, by which article."),
    "book": ("book", "Book facilities without conflict; see who waits and why."),
}


@click.group(name="cooperation", cls=LazyGroup, package="lumbung.cli.cooperation", table=COMMANDS)
def command() -> None:
    """Find partners across languages, see which support may be claimed, share facilities fairly."""
