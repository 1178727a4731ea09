"""The ``lumbung`` command: one face for every room.

Commands are looked up by name and their module is imported only when asked for, so that ``lumbung --help``
and a trivial run start at once and no command pays for another room's engine.
"""

from __future__ import annotations

import click

from lumbung import __version__
from lumbung.cli.lazy import LazyGroup

# command -> (module below lumbung.cli, one line of help); the module holds a click command called `command`.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Judge every shipped solution on a shipped challenge and show who is best."),
    "challenges": ("challenges", "List the challenges and solutions installed here."),
    "judge": ("judge", "Score one submission on one challenge, and sign the evidence."),
    "run": ("run", "Put a solution to work on your own data."),
    "verify": ("verify", "Check that evidence holds; --rerun judges again and compares."),
    "passport": ("passport", "A model's passport: what signed evidence says of it, and what no test covers."),
    "check": (
        "check",
        "Does a challenge prove itself? Its judge, its submissions of known verdict, the way to a standing.",
    ),
    "croissant": ("croissant", "Describe a challenge's public items as a Croissant data set."),
    "picture": ("picture", "Draw a challenge's picture from its public data."),
    "environment": ("environment", "What a submission may import: show it, build it."),
    "weights": ("weights", "Keep files of weights, and send them to a centre."),
    "pose": ("pose", "Send a challenge to a centre: what it declares, and nothing else."),
    "submit": ("submit", "Hand a submission in to a centre and watch it run."),
    "serve": ("serve", "Serve the joint centre on this machine."),
    "node": ("node", "Judge on data that stays here, for a centre."),
    "desk": ("desk", "Work with the engines in a browser, on data that stays here."),
    "audit": ("audit", "Export or check the centre's log of acts."),
    "cooperation": ("cooperation", "Find partners, claimable support and free facilities."),
    "new": ("new", "Start a challenge, a judge or a submission."),
    "connectivity": ("connectivity", "Signal over real terrain; where the next towers should stand."),
    "talent": ("talent", "Measure AI capability, certify it, and plan the road to the talent target."),
    "sandbox": ("sandbox", "Show that the sandbox holds on this machine."),
    "farm": ("farm", "Grow crops by the hundred thousand; decide when to plant."),
    "city": ("city", "A model from map and counts; retime a city's own signals."),
}

EXTRAS = {
    "croissant": "croissant",
    "pose": "node",
    "serve": "centre",
    "audit": "centre",
    "desk": "desk",
    "node": "node",
    "cooperation": "cooperation",
    "connectivity": "connectivity",
    "talent": "talent",
    "passport": "talent",
    "farm": "farm",
    "city": "city",
}


@click.group(
    cls=LazyGroup,
    package="lumbung.cli",
    table=COMMANDS,
    extras=EXTRAS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="lumbung")
def main() -> None:
    """Judge AI solutions on real engines, rank them honestly, put the winners to work."""
