"""``lumbung connectivity``: predict signal over terrain, and choose the next towers.

Each command is a module beside this one, imported when it is asked for.
"""

from __future__ import annotations

import importlib

import click

# command -> (module below lumbung.cli.connectivity, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "loss": ("loss", "The loss of one radio path, term by term (ITU-R P.1812)."),
    "check": ("check", "Compare the engine with every ITU validation file in a folder."),
    "cover": ("cover", "Coverage of towers: signal maps, people and villages served."),
    "plan": ("plan", "Choose the sites that reach the most people, with a proven bound."),
    "mclp": ("mclp", "Solve a published covering instance."),
}


class LazyGroup(click.Group):
    """A click group whose commands are imported at first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = importlib.import_module(f"lumbung.cli.connectivity.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup)
def command() -> None:
    """Predict signal over real terrain and choose where the next towers should stand."""
