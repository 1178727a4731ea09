"""Single options that several commands of connectivity share: the ground, hops of backhaul, how far to look, where to write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from lumbung.connectivity.siting.backhaul import Rules

Command = TypeVar("Command", bound=Callable[..., Any])

_HOPS = (
    click.option("--longest-hop", default=50.0, show_default=True, type=click.FloatRange(min=0.0), help="Longest microwave hop [km]."),
    click.option("--hop-frequency", default=7.0, show_default=True, type=click.FloatRange(min=0.0, min_open=True), help="Frequency of the hops [GHz]."),
    click.option(
        "--rain", default=100.0, show_default=True, type=click.FloatRange(min=0),
        help="Rain exceeded for 0.01 % of the time [mm/h] (ITU-R P.837), which hops must bear; 0 leaves rain out.",
    ),
    click.option(
        "--availability", default=99.95, show_default=True, type=click.FloatRange(99, 99.999),
        help="Share of the time that rain and multipath may not interrupt a hop [%].",
    ),
    click.option(
        "--fade-margin", default=35.0, show_default=True, type=click.FloatRange(min=0),
        help="Fade that a hop bears before it fails [dB].",
    ),
    click.option(
        "--log-k", type=float, help="Logarithm of the geoclimatic factor K of the place (map LogK of ITU-R P.530); with --dn75."
    ),
    click.option(
        "--dn75", type=float,
        help="Refractivity increase over the lowest 75 m [N-units] (map dN75 of ITU-R P.530). Without both multipath is left out.",
    ),
)  # fmt: skip

_GROUND = (
    click.option(
        "--terrain", "elevation", multiple=True, type=click.Path(path_type=Path),
        help="Elevation: .hgt, GeoTIFF, Terrarium tiles or folders of them. May be given more than once.",
    ),
    click.option(
        "--generated", type=int, metavar="SEED", help="Use generated islands instead of elevation files."
    ),
    click.option(
        "--land-cover", type=click.Path(path_type=Path), help="Land-cover GeoTIFF with ESA WorldCover classes."
    ),
    click.option(
        "--towers", type=click.Path(path_type=Path), help="Table of towers: id, lat, lon, height_m, ..."
    ),
    click.option(
        "--villages", type=click.Path(path_type=Path), help="Table of villages: id, name, lat, lon, population."
    ),
)  # fmt: skip

radius_option = click.option(
    "--radius", type=click.FloatRange(0.5, 300.0), default=30.0, show_default=True,
    help="Largest distance from a tower [km].",
)  # fmt: skip

language_option = click.option(
    "--language",
    type=click.Choice(["en", "id", "zh"]),
    default="en",
    show_default=True,
    help="Of the picture.",
)


def ground_options(command: Command) -> Command:
    """Give a command the ground, what stands on it, and who lives there."""
    return _given(command, _GROUND)


def hop_options(command: Command) -> Command:
    """Give a command what decides whether two sites can be a microwave hop apart."""
    return _given(command, _HOPS)


def rules_of(options: dict[str, Any], **costs: float) -> tuple[Rules, tuple[str, ...]]:
    """Return what makes a hop possible by the shared options, and what is to be said of it.

    Raises
    ------
    MultipathError
        Where only one of the two numbers of the climate is given, or one cannot be.
    """
    from lumbung.connectivity.engine.multipath import Climate, MultipathError
    from lumbung.connectivity.siting.backhaul import Rules

    log_k, dn75 = options["log_k"], options["dn75"]
    if (log_k is None) != (dn75 is None):
        raise MultipathError("give --log-k and --dn75 together: multipath on hops hangs on both")
    climate = None if log_k is None else Climate(log_k, dn75)
    rules = Rules(
        options["longest_hop"], options["hop_frequency"], rain_rate=options["rain"], availability=options["availability"],
        margin=options["fade_margin"], climate=climate, **costs,
    )  # fmt: skip
    if climate is None:
        return rules, ("multipath on hops is left out; give --log-k and --dn75 from the maps of ITU-R P.530",)
    return rules, ()


def _given(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def output_option(folder: str) -> Callable[[Command], Command]:
    """Return the option that says where to write: below ``lumbung-out``, unless told otherwise."""
    return click.option(
        "--output", default=f"lumbung-out/{folder}", show_default=True, type=click.Path(path_type=Path),
        help="Folder to write.",
    )  # fmt: skip
