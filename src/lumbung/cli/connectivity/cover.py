"""``lumbung connectivity cover``: what these towers reach, as maps, tables and one picture."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lumbung.connectivity.engine.cellular import Carrier
    from lumbung.connectivity.ground.terrain import Terrain
    from lumbung.connectivity.people.demand import Demand
    from lumbung.connectivity.radio.coverage import CoverageMap, Reception, Site

_GENERATED_TOWERS = 3
_GENERATED_VILLAGES = 150


@click.command()
@click.option(
    "--terrain",
    "elevation",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Elevation: .hgt, GeoTIFF, Terrarium tiles or folders of them. May be given more than once.",
)
@click.option(
    "--generated", type=int, metavar="SEED", help="Use generated islands instead of elevation files."
)
@click.option(
    "--land-cover", type=click.Path(path_type=Path), help="Land-cover GeoTIFF with ESA WorldCover classes."
)
@click.option(
    "--towers", type=click.Path(path_type=Path), help="Table of towers: id, lat, lon, height_m, ..."
)
@click.option(
    "--villages", type=click.Path(path_type=Path), help="Table of villages: id, name, lat, lon, population."
)
@click.option(
    "--people-raster",
    type=click.Path(path_type=Path),
    help="GeoTIFF with people per cell, instead of villages.",
)
@click.option(
    "--people-each", type=float, help="People per village where the table has no population column."
)
@click.option("--technology", type=click.Choice(["lte", "nr"]), default="lte", show_default=True)
@click.option("--frequency", default=900.0, show_default=True, help="Carrier frequency [MHz].")
@click.option("--bandwidth", default=10.0, show_default=True, help="Channel bandwidth [MHz].")
@click.option("--spacing", default=15, show_default=True, help="Subcarrier spacing of NR [kHz].")
@click.option("--power", default=46.0, show_default=True, help="Power at the amplifier [dBm].")
@click.option("--load", default=0.5, show_default=True, help="Part of the time the other cells send.")
@click.option(
    "--threshold", default=-110.0, show_default=True, help="RSRP from which a place is served [dBm]."
)
@click.option(
    "--indoor",
    type=click.Choice(["no", "traditional", "thermally efficient"]),
    default="no",
    show_default=True,
    help="Receive indoors: median building entry loss (ITU-R P.2109).",
)
@click.option("--receiver-height", default=1.5, show_default=True, help="Receiver above ground [m].")
@click.option("--time", "time_percentage", default=50.0, show_default=True, help="Percentage of time [%].")
@click.option("--places", default=50.0, show_default=True, help="Percentage of places within a pixel [%].")
@click.option(
    "--radius",
    type=click.FloatRange(0.5, 300.0),
    default=30.0,
    show_default=True,
    help="Largest distance from a tower [km].",
)
@click.option("--dn", default=45.0, show_default=True, help="Refractivity lapse rate [N-units/km].")
@click.option("--n0", default=325.0, show_default=True, help="Sea-level refractivity [N-units].")
@click.option("--height-unit", type=click.Choice(["metres", "feet"]), default="metres", show_default=True)
@click.option("--void-is-sea", is_flag=True, help="Take cells without a height for the sea.")
@click.option(
    "--output",
    default="lumbung-out/coverage-map",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder to write.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "id", "zh"]),
    default="en",
    show_default=True,
    help="Of the picture.",
)
@click.option("--threads", type=click.IntRange(1), help="Threads; all processors by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary for machines.")
def command(**options: Any) -> None:
    """Predict what towers reach over real terrain and write it for others to use.

    Writes to the output folder: rsrp.tif, sinr.tif, throughput.tif and server.tif (cloud-optimised GeoTIFF),
    coverage.geojson, coverage.kml, villages.csv, map.png and summary.json. The model is ITU-R P.1812; see
    docs/connectivity/coverage.md.

    Without files of your own try:  lumbung connectivity cover --generated 11
    """
    started = time.perf_counter()
    try:
        summary = _cover(options)
    except _input_errors() as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    summary["seconds"] = round(time.perf_counter() - started, 2)
    output: Path = options["output"]
    (output / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False), encoding="utf-8")
    if options["as_json"]:
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    _say(summary, output)


def _input_errors() -> tuple[type[Exception], ...]:
    """Return the errors that name an input, its place and the remedy; anything else is our own fault and shows itself."""
    from lumbung.connectivity.engine.cellular import CellularError
    from lumbung.connectivity.files.tower_files import TowerFileError
    from lumbung.connectivity.ground.terrain import TerrainError
    from lumbung.connectivity.people.demand import DemandError
    from lumbung.connectivity.radio.coverage import CoverageError
    from lumbung.connectivity.radio.path_loss import PathError

    return CoverageError, DemandError, CellularError, PathError, TerrainError, TowerFileError, OSError


def _cover(options: dict[str, Any]) -> dict[str, Any]:
    from rich.console import Console
    from rich.progress import Progress

    from lumbung.connectivity.engine.building_entry import building_entry_loss
    from lumbung.connectivity.engine.cellular import Budget, Carrier
    from lumbung.connectivity.radio.coverage import Model, coverage_map, on_cells, reception, service

    carrier = Carrier(
        technology=options["technology"],
        frequency=options["frequency"],
        bandwidth=options["bandwidth"],
        subcarrier_spacing=options["spacing"] if options["technology"] == "nr" else 15,
    )
    indoor = (
        0.0
        if options["indoor"] == "no"
        else float(building_entry_loss(carrier.frequency, 0.5, options["indoor"]))
    )
    budget = Budget(power=options["power"], load=options["load"], indoor_loss=indoor)
    model = Model(
        receiver_height=options["receiver_height"],
        time_percentage=options["time_percentage"],
        location_percentage=options["places"],
        dn=options["dn"],
        n0=options["n0"],
    )
    ground, sites, demand, known = _inputs(options)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("sweeping towers", total=len(sites))
        coverage = coverage_map(
            ground, sites, carrier, budget, model=model, radius=options["radius"],
            threads=options["threads"], progress=lambda: progress.advance(task),
        )  # fmt: skip
    heard = None
    if demand is not None:
        pairs = service(
            ground,
            sites,
            on_cells(demand, ground),
            carrier,
            budget,
            model=model,
            radius=options["radius"],
            threads=options["threads"],
        )
        heard = reception(pairs, threshold=options["threshold"], known=known)
    _write(options, ground, coverage, sites, demand, heard)
    return _summary(options, ground, coverage, sites, demand, heard, carrier)


def _inputs(options: dict[str, Any]) -> tuple[Terrain, list[Site], Demand | None, Any]:
    from lumbung.connectivity.files.tower_files import TowerFileError, read_towers
    from lumbung.connectivity.ground.elevation_files import read_terrain
    from lumbung.connectivity.ground.generated_terrain import generated_islands
    from lumbung.connectivity.ground.land_cover import read_land_cover
    from lumbung.connectivity.ground.terrain import TerrainError
    from lumbung.connectivity.people.demand import DemandError, people_from_raster, placed_on, read_villages
    from lumbung.connectivity.people.generated_villages import generated_villages

    sites = read_towers(options["towers"]) if options["towers"] else []
    if options["generated"] is not None:
        ground = generated_islands(options["generated"])
    elif options["elevation"]:
        if not sites:
            raise TowerFileError("give --towers, a table with id, lat, lon and height_m")
        ground = read_terrain(
            options["elevation"],
            height_unit=options["height_unit"],
            void_is_sea=options["void_is_sea"],
            bounds=_around(sites, options["radius"]),
        )
    else:
        raise TerrainError("give --terrain with elevation files, or --generated SEED to try it without any")
    if options["land_cover"]:
        ground = read_land_cover(ground, options["land_cover"])
    demand: Demand | None = None
    if options["villages"] and options["people_raster"]:
        raise DemandError("give either --villages or --people-raster, not both")
    if options["villages"]:
        demand = read_villages(options["villages"], people_each=options["people_each"])
    elif options["people_raster"]:
        demand = people_from_raster(options["people_raster"], ground.bounds)
    elif options["generated"] is not None:
        demand = generated_villages(ground, _GENERATED_VILLAGES, options["generated"])
    known = None
    if demand is not None:
        demand, known = placed_on(demand, ground)
    if not sites:
        sites = _towers_at_largest(ground, demand)
    return ground, sites, demand, known


def _around(sites: list[Site], radius: float) -> tuple[float, float, float, float]:
    """Return the bounds that hold every tower's reach [deg]."""
    import math

    reach = radius / 111.0 + 0.02
    wide = max(reach / max(math.cos(math.radians(site.latitude)), 0.05) for site in sites)
    return (
        min(site.longitude for site in sites) - wide,
        min(site.latitude for site in sites) - reach,
        max(site.longitude for site in sites) + wide,
        max(site.latitude for site in sites) + reach,
    )


def _towers_at_largest(ground: Terrain, demand: Demand | None) -> list[Site]:
    """Return a tower on the highest ground within two kilometres of each of the largest generated villages."""
    import numpy as np

    from lumbung.connectivity.engine.antenna import three_sectors
    from lumbung.connectivity.radio.coverage import Site

    if demand is None:
        raise AssertionError("generated ground always comes with generated villages")
    reach = max(int(2000.0 / ground.cell_metres), 1)
    sites: list[Site] = []
    for k in np.argsort(-demand.people)[:_GENERATED_TOWERS]:
        row, column = (int(part[0]) for part in ground.cells(demand.latitude[[k]], demand.longitude[[k]]))
        top, left = max(row - reach, 0), max(column - reach, 0)
        near = ground.height[top : row + reach + 1, left : column + reach + 1]
        i, j = np.unravel_index(int(np.nanargmax(near)), near.shape)
        latitude = ground.grid.north - (top + int(i)) * ground.grid.step_lat
        longitude = ground.grid.west + (left + int(j)) * ground.grid.step_lon
        sites.append(Site(f"T{len(sites) + 1}", latitude, longitude, 40.0, tuple(three_sectors())))
    return sites


def _write(
    options: dict[str, Any],
    ground: Terrain,
    coverage: CoverageMap,
    sites: list[Site],
    demand: Demand | None,
    heard: Reception | None,
) -> None:
    from lumbung.connectivity.files.map_files import write_geojson, write_geotiff, write_kml, write_villages
    from lumbung.connectivity.files.map_picture import draw_map

    output: Path = options["output"]
    output.mkdir(parents=True, exist_ok=True)
    for name, values, unit in (
        ("rsrp", coverage.rsrp, "dBm"),
        ("sinr", coverage.sinr, "dB"),
        ("throughput", coverage.throughput, "Mbit/s"),
    ):
        write_geotiff(
            output / f"{name}.tif", values, coverage.grid, label=coverage.label, quantity=name, unit=unit
        )
    write_geotiff(
        output / "server.tif", coverage.server, coverage.grid, label=coverage.label,
        quantity="index of the best tower", unit="", nodata=-1,
    )  # fmt: skip
    write_geojson(output / "coverage.geojson", coverage, sites, demand, heard, options["threshold"])
    write_kml(output / "coverage.kml", coverage, sites, demand, heard, options["threshold"])
    if demand is not None and heard is not None:
        write_villages(output / "villages.csv", demand, heard, sites, ground.label)
    draw_map(output / "map.png", ground, coverage, sites, demand, heard, language=options["language"])


def _summary(
    options: dict[str, Any],
    ground: Terrain,
    coverage: CoverageMap,
    sites: list[Site],
    demand: Demand | None,
    heard: Reception | None,
    carrier: Carrier,
) -> dict[str, Any]:
    import numpy as np

    from lumbung.connectivity.engine.p1812.climate import SEA

    rows, columns = coverage.rsrp.shape
    top = round((ground.grid.north - coverage.grid.north) / ground.grid.step_lat)
    left = round((coverage.grid.west - ground.grid.west) / ground.grid.step_lon)
    land = ground.zone[top : top + rows, left : left + columns] != SEA
    cell = (ground.cell_metres / 1000.0) ** 2 * (
        ground.grid.step_lon / ground.grid.step_lat * float(np.cos(np.radians(ground.grid.north)))
    )
    covered = land & (np.nan_to_num(coverage.rsrp, nan=-999.0) >= options["threshold"])
    summary: dict[str, Any] = {
        "terrain": ground.label,
        "generated": ground.generated,
        "carrier": f"{carrier.technology.upper()} {carrier.frequency:g} MHz, {carrier.bandwidth:g} MHz wide",
        "threshold_dbm": options["threshold"],
        "towers": len(sites),
        "land_covered_km2": round(float(covered.sum()) * cell, 1),
        "notes": list(coverage.notes),
    }
    if demand is not None and heard is not None:
        summary |= {
            "villages": demand.size,
            "villages_served": int(heard.served.sum()),
            "people": float(demand.people.sum()),
            "people_served": float(demand.people[heard.served].sum()),
            "villages_source": demand.source,
            "villages_not_predicted": int((~heard.predicted).sum()),
            "set_aside": list(demand.set_aside),
        }
        summary["notes"] += list(demand.notes)
    return summary


def _say(summary: dict[str, Any], output: Path) -> None:
    click.echo(f"Terrain: {summary['terrain']}")
    click.echo(
        f"{summary['towers']} towers, {summary['carrier']}: {summary['land_covered_km2']:,} km2 of land with "
        f"at least "
        f"{summary['threshold_dbm']:g} dBm"
    )
    if "people" in summary:
        share = 100.0 * summary["people_served"] / summary["people"] if summary["people"] else 0.0
        click.echo(
            f"{summary['people_served']:,.0f} of {summary['people']:,.0f} people served ({share:.1f} %), "
            f"{summary['villages_served']} of {summary['villages']} villages ({summary['villages_source']})"
        )
    for note in summary["notes"]:
        click.echo(f"  note: {note}")
    for row in summary.get("set_aside", [])[:20]:
        click.echo(f"  set aside: {row}")
    click.echo(f"Written to {output} in {summary['seconds']} s; open map.png first.")
