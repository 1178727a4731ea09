"""``lumbung city``: a city's own signals on its own network."""

from __future__ import annotations

from pathlib import Path

import click

from lumbung.cli.exits import exits
from lumbung.cli.language import language
from lumbung.proving.challenge import ChallengeError


@click.group()
def command() -> None:
    """Work on a city's own signals: fixed plans by time of day, better than today's or none."""


@command.command()
@click.argument("configuration", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("lumbung-out/retiming"),
    show_default=True,
)
@click.option(
    "--seeds", type=click.IntRange(1, 50), default=3, show_default=True, help="Seeds to choose plans on."
)
@click.option(
    "--unseen",
    type=click.IntRange(2, 200),
    default=20,
    show_default=True,
    help="Other seeds, to judge the choice on.",
)
@click.option(
    "--steps", type=click.IntRange(1, 2000), default=60, show_default=True, help="Tries per junction."
)
@click.option(
    "--refine", type=click.IntRange(0, 2000), default=20, show_default=True, help="Tries on SUMO itself."
)
@click.option("--min-green", type=click.IntRange(1, 60), default=5, show_default=True, help="Seconds.")
@click.option("--max-red", type=click.IntRange(30, 3600), default=120, show_default=True, help="Seconds.")
def retime(
    configuration: Path,
    out: Path,
    seeds: int,
    unseen: int,
    steps: int,
    refine: int,
    min_green: int,
    max_red: int,
) -> None:
    """Search fixed plans for the signals of CONFIGURATION, a .sumocfg or a folder that holds one.

    Plans are searched on a fast model of queues, chosen on SUMO, and judged on seeds they were not chosen on. They are
    written only where they are surely better than today's; junctions that lose by them are named. Every plan keeps
    minimum green, maximum red, and the time people need to cross.
    """
    from rich.console import Console

    from lumbung.city.engine.episode import Settings
    from lumbung.city.engine.networks import NetworkError
    from lumbung.city.engine.safety import Rules
    from lumbung.city.engine.scenario_files import read_scenario
    from lumbung.city.engine.sumo import SumoError
    from lumbung.city.engine.topology import scenario_topology
    from lumbung.city.retiming.pages import write_retiming
    from lumbung.city.retiming.retime import UNSEEN_FROM
    from lumbung.city.retiming.retime import retime as search

    with exits():
        settings = Settings(rules=Rules(min_green=min_green, max_red=max_red))
        try:
            scenario = read_scenario(configuration)
            with Console(stderr=True).status("") as status:
                found = search(
                    scenario,
                    settings,
                    range(seeds),
                    range(UNSEEN_FROM, UNSEEN_FROM + unseen),
                    steps,
                    refine,
                    tell=status.update,
                )
            written = write_retiming(
                scenario_topology(scenario), found, settings, scenario.notes, out, language()
            )
        except NetworkError as error:
            raise ChallengeError(error.where, error.found, error.expected) from error
        except SumoError as error:
            raise ChallengeError(
                str(configuration), str(error)[:300], "a network and a demand that SUMO can run"
            ) from error
        click.echo((out / "report.txt").read_text(encoding="utf-8"))
        for path in written:
            click.echo(path)
