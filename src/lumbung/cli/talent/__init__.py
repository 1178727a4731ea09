"""``lumbung talent``: calibrate items, simulate and score adaptive tests, plan the road to the target.

Each subcommand lives in a module of its own and is imported only when asked for.
"""

from __future__ import annotations

import click

from lumbung.cli.lazy import LazyGroup

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


@click.group(cls=LazyGroup, package="lumbung.cli.talent", table=SUBCOMMANDS)
def command() -> None:
    """Measure AI capability, certify it, and plan the road to the talent target."""
