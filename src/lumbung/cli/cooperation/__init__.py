"""``lumbung cooperation``: partners, support by policy, support by facilities."""

from __future__ import annotations

import importlib

import click

# command -> one line of help; each is a module of this package that holds a click command called `command`.
COMMANDS: dict[str, str] = {
    "match": "Find partners for needs written in any language, and say why.",
    "rules": "Ask what support a company may claim on a day, by which article.",
    "book": "Book facilities without conflict; see who waits and why.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported at first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"lumbung.cli.cooperation.{cmd_name}")
        found: click.Command = module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(name="cooperation", cls=LazyGroup)
def command() -> None:
    """Find partners across languages, see which support may be claimed, share facilities fairly."""
