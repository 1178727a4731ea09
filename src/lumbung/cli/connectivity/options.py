"""Single options that several commands of connectivity share: the ground, hops of backhaul, how far to look, where to write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_HOPS = (
    click.option("--longest-hop", default=50.0, show_default=True, help="Longest microwave hop [km]."),
    click.option("--hop-frequency", default=7.0, show_default=True, help="Frequency of the hops [GHz]."),
    click.option(
        "--rain", default=100.0, show_default=True, type=click.FloatRange(min=0),
        help="Rain exceeded for 0.01 % of the time [mm/h] (ITU-R P.837), which hops must bear; 0 leaves rain out.",
    ),
    click.option(
        "--availability", default=99.95, show_default=True, type=click.FloatRange(99, 99.999),
        help="Share of the time that rain may not interrupt a hop [%].",
    ),
    click.option(
        "--fade-margin", default=35.0, show_default=True, type=click.FloatRange(min=0),
        help="Fade that a hop bears before it fails [dB].",
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
