"""``lumbung city``: a city's own signals on its own network."""

from __future__ import annotations

import json
from pathlib import Path

import click

from lumbung.cli.exits import exits
from lumbung.cli.language import language
from lumbung.proving.challenge import ChallengeError


@click.group()
def command() -> None:
    """Work on a city's own signals: a model from map and counts; fixed plans, better than today's or none."""


@command.command("import")
@click.argument("extract", metavar="MAP", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--counts", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Counts, CSV or XLSX."
)
@click.option("--gtfs", type=click.Path(path_type=Path, exists=True), help="A GTFS feed, for the buses.")
@click.option("--day", metavar="YYYY-MM-DD", help="Day of the buses; the busiest by default.")
@click.option(
    "--side", type=click.Choice(["left", "right"]), help="Where people drive; by the country otherwise."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("lumbung-out/town"),
    show_default=True,
    help="Folder; corrections in its guesses.csv are kept.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def import_(
    extract: Path,
    counts: Path | None,
    gtfs: Path | None,
    day: str | None,
    side: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Make a model that SUMO runs from MAP, an OpenStreetMap extract (.osm, .osm.gz, .osm.pbf).

    Whatever the map does not say is guessed and listed in guesses.csv, with where and why. Correct it there and import
    again. Counts become vehicles on the likeliest routes; the report says at how many places the model carries what was
    counted. `lumbung city retime` reads the result.
    """
    from rich.console import Console

    from lumbung.city.engine.networks import NetworkError
    from lumbung.city.importing.model import import_model
    from lumbung.city.importing.pages import summary, write_pages

    with exits():
        try:
            with Console(stderr=True).status("") as status:
                model = import_model(extract, out, counts, gtfs, side, day, tell=status.update)
            written = write_pages(model, language())
        except NetworkError as error:
            raise ChallengeError(error.where, error.found, error.expected) from error
        if as_json:
            click.echo(json.dumps(summary(model), ensure_ascii=False))
            return
        click.echo((out / "report.txt").read_text(encoding="utf-8"))
        for path in (model.configuration, out / "guesses.csv", out / "approaches.csv", *written):
            click.echo(path)


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
