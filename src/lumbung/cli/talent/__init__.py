"""``lumbung talent``: calibrate items, simulate and score adaptive tests, plan the road to the target.

Each subcommand lives in a module of its own and is imported only when asked for.
"""

from __future__ import annotations

import importlib

import click

# subcommand -> (module below lumbung.cli.talent, one line of help); the module holds a click command `command`.
SUBCOMMANDS: dict[str, tuple[str, str]] = {
    "calibrate": ("calibrate", "Estimate item parameters from a table of answers."),
    "simulate": ("simulate", "Try an adaptive test on generated people before real ones take it."),
    "score": ("score", "Turn answers into abilities with their standard errors."),
    "bank": ("bank", "Check the item bank, list it, or show an item."),
    "key": ("key", "Make the key an institution signs badges with."),
    "issue": ("issue", "Issue badges for a table of results."),
    "revoke": ("revoke", "Take badges back."),
    "verify": ("verify", "Verify badges offline, or write a page that does."),
    "road": ("road", "How many places, where and by when: the road to the talent target."),
}


class TalentGroup(click.Group):
    """A click group whose subcommands are imported at first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        module, _ = SUBCOMMANDS[cmd_name]
        found: click.Command = importlib.import_module(f"lumbung.cli.talent.{module}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in SUBCOMMANDS.items()])


@click.group(cls=TalentGroup)
def command() -> None:
    """Measure AI capability, certify it, and plan the road to the talent target."""
