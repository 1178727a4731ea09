"""Options that all commands over the air share: what is sent, who receives it where, and how inputs are to be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from lumbung.connectivity.engine.cellular import Budget, Carrier
    from lumbung.connectivity.ground.terrain import Terrain
    from lumbung.connectivity.people.demand import Demand
    from lumbung.connectivity.radio.coverage import Model
    from lumbung.connectivity.radio.sites import Site

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--technology", type=click.Choice(["lte", "nr"]), default="lte", show_default=True),
    click.option("--frequency", default=900.0, show_default=True, help="Carrier frequency [MHz]."),
    click.option("--bandwidth", default=10.0, show_default=True, help="Channel bandwidth [MHz]."),
    click.option("--spacing", default=15, show_default=True, help="Subcarrier spacing of NR [kHz]."),
    click.option("--power", default=46.0, show_default=True, help="Power at the amplifier [dBm]."),
    click.option(
        "--threshold", default=-110.0, show_default=True, help="RSRP from which a place is served [dBm]."
    ),
    click.option(
        "--indoor", type=click.Choice(["no", "traditional", "thermally efficient"]), default="no", show_default=True,
        help="Receive indoors: median building entry loss (ITU-R P.2109).",
    ),
    click.option("--receiver-height", default=1.5, show_default=True, help="Receiver above ground [m]."),
    click.option("--time", "time_percentage", default=50.0, show_default=True, help="Percentage of time [%]."),
    click.option("--places", default=50.0, show_default=True, help="Percentage of places within a pixel [%]."),
    click.option("--dn", default=45.0, show_default=True, help="Refractivity lapse rate [N-units/km]."),
    click.option("--n0", default=325.0, show_default=True, help="Sea-level refractivity [N-units]."),
    click.option(
        "--height-unit", type=click.Choice(["metres", "feet"]), default="metres", show_default=True,
        help="Of elevation files that do not say it.",
    ),
    click.option("--void-is-sea", is_flag=True, help="Take cells without a height for the sea."),
    click.option(
        "--elevation-kind", type=click.Choice(["surface", "bare"]),
        help="What the elevation measured: treetops and roofs (SRTM, Copernicus), or bare ground. Asked where land cover is "
        "given and the files' names do not say.",
    ),
    click.option(
        "--decimal", type=click.Choice(["point", "comma"]),
        help="How tables write decimals; asked where 1.250 could be either.",
    ),
    click.option(
        "--people-raster", type=click.Path(path_type=Path), help="GeoTIFF with people per cell, instead of villages."
    ),
)  # fmt: skip


def air_options(command: Command) -> Command:
    """Give a command the shared options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def sending(options: dict[str, Any]) -> tuple[Carrier, Budget, Model]:
    """Return carrier, budget and model of the options."""
    from lumbung.connectivity.engine.cellular import Budget, Carrier
    from lumbung.connectivity.radio.coverage import Model

    carrier = Carrier(
        technology=options["technology"],
        frequency=options["frequency"],
        bandwidth=options["bandwidth"],
        subcarrier_spacing=options["spacing"] if options["technology"] == "nr" else 15,
    )
    budget = Budget(power=options["power"], load=options.get("load", Budget().load))
    model = Model(
        receiver_height=options["receiver_height"],
        time_percentage=options["time_percentage"],
        location_percentage=options["places"],
        dn=options["dn"],
        n0=options["n0"],
    )
    return carrier, replace(budget, indoor_loss=_wall(options, carrier.frequency)), model


def _wall(options: dict[str, Any], frequency: float) -> float:
    from lumbung.connectivity.engine.building_entry import building_entry_loss

    return 0.0 if options["indoor"] == "no" else float(building_entry_loss(frequency, 0.5, options["indoor"]))


def towers_of(
    options: dict[str, Any], carrier: Carrier, budget: Budget
) -> tuple[tuple[Site, ...], tuple[str, ...]]:
    """Return the towers of ``--towers`` and what is to be said of the table; walls take what they take at each frequency."""
    from lumbung.connectivity.files.tower_files import read_towers

    if not options["towers"]:
        return (), ()
    found = read_towers(options["towers"], carrier=carrier, budget=budget)
    sites = tuple(
        site
        if site.carrier is None
        else replace(
            site, budget=replace(site.budget or budget, indoor_loss=_wall(options, site.carrier.frequency))
        )
        for site in found.sites
    )
    return sites, found.notes


def ground_of(options: dict[str, Any], bounds: tuple[float, float, float, float]) -> Terrain:
    """Return the terrain of ``--terrain`` and ``--land-cover`` within bounds.

    Raises
    ------
    TerrainError
        Where a file cannot be used, or it is not known whether heights hold the trees that land cover lays on them.
    """
    from lumbung.connectivity.ground.elevation_files import elevation_files, read_terrain
    from lumbung.connectivity.ground.land_cover import read_land_cover
    from lumbung.connectivity.ground.surface import asked_kind, bare_below, kind_of_files

    files = elevation_files(options["elevation"])
    ground = read_terrain(
        files, height_unit=options["height_unit"], void_is_sea=options["void_is_sea"], bounds=bounds
    )
    if options["land_cover"]:
        kind, how = asked_kind(files, options["elevation_kind"])
        return bare_below(read_land_cover(ground, options["land_cover"]), kind, how)
    known = (options["elevation_kind"], "as you say") if options["elevation_kind"] else kind_of_files(files)
    if known is not None and known[0] == "surface":
        note = (
            f"heights are those of a surface ({known[1]}) and no land cover is given: in woods a telephone is taken to "
            "stand on the treetops"
        )
        ground = replace(ground, notes=(*ground.notes, note))
    return ground


def bounds_around(
    latitudes: Sequence[float], longitudes: Sequence[float], radius: float
) -> tuple[float, float, float, float]:
    """Return the bounds [deg] that hold what lies within a radius [km] of places."""
    import math

    reach = radius / 111.0 + 0.02
    wide = max(reach / max(math.cos(math.radians(latitude)), 0.05) for latitude in latitudes)
    return min(longitudes) - wide, min(latitudes) - reach, max(longitudes) + wide, max(latitudes) + reach


def people_of(options: dict[str, Any], bounds: tuple[float, float, float, float] | None) -> Demand | None:
    """Return the people of ``--villages`` or ``--people-raster``; None where neither is given.

    Raises
    ------
    DemandError
        Where both are given (the same people twice), or the file cannot be used.
    """
    from lumbung.connectivity.people.demand import DemandError, people_from_raster, read_villages

    if options["villages"] and options["people_raster"]:
        raise DemandError("give either --villages or --people-raster, not both: they count the same people")
    if options["villages"]:
        return read_villages(
            options["villages"], people_each=options["people_each"], decimal=options["decimal"]
        )
    if options["people_raster"]:
        if bounds is None:
            raise DemandError("--people-raster needs --terrain, which says how much of the raster is meant")
        return people_from_raster(options["people_raster"], bounds)
    return None
