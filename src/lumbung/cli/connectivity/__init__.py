"""``lumbung connectivity``: predict signal over terrain, and choose the next towers.

Each command is a module beside this one, imported when it is asked for.
"""

from __future__ import annotations

import click

from lumbung.cli.lazy import LazyGroup

# command -> (module below lumbung.cli.connectivity, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "loss": ("loss", "The loss of one radio path, term by term (ITU-R P.1812)."),
    "check": ("check", "Compare the engine with every ITU validation file in a folder."),
    "cover": ("cover", "Coverage of towers: signal maps, people and villages served."),
    "calibrate": (
        "calibrate",
        "Hold predictions against drive tests, and an operator's claims against both.",
    ),
    "capacity": ("capacity", "People by speed in the busy hour, and how busy each cell is."),
    "rollout": ("rollout", "What to build in which year, with power and backhaul, for people at a speed."),
    "plan": ("plan", "Choose the sites that reach the most people, with a proven bound."),
    "mclp": ("mclp", "Solve a published covering instance."),
}


@click.group(cls=LazyGroup, package="lumbung.cli.connectivity", table=COMMANDS)
def command() -> None:
    """Predict signal over real terrain and choose where the next towers should stand."""
