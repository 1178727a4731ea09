"""``lumbung connectivity cover``: what these towers reach, as maps, tables and one picture."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.connectivity.air import air_options, bounds_around, ground_of, people_of, sending, towers_of
from lumbung.cli.connectivity.options import ground_options, language_option, output_option, radius_option
from lumbung.cli.exits import exits

if TYPE_CHECKING:
    from lumbung.connectivity.engine.cellular import Budget, Carrier
    from lumbung.connectivity.engine.radials import Grid
    from lumbung.connectivity.ground.terrain import Terrain
    from lumbung.connectivity.people.demand import Demand
    from lumbung.connectivity.radio.coverage import CoverageMap, Model, Reception, Site

_GENERATED_VILLAGES = 150


@click.command()
@ground_options
@click.option(
    "--people-each",
    type=click.FloatRange(min=0.0),
    help="People per village where the table has no population column.",
)
@air_options
@click.option("--load", default=0.5, show_default=True, help="Part of the time the other cells send.")
@radius_option
@output_option("coverage-map")
@language_option
@click.option(
    "--second-opinion",
    is_flag=True,
    help="Hold served land against Longley-Rice; where both differ by more than 10 dB the map says so.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Keep finished towers in the output folder while the map is computed, and go on from them after an interruption.",
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
    output: Path = options["output"]
    with exits():
        summary = _cover(options)
        summary["seconds"] = round(time.perf_counter() - started, 2)
        text = json.dumps(summary, indent=2, ensure_ascii=False)
        (output / "summary.json").write_text(text, encoding="utf-8")
    if options["as_json"]:
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    _say(summary, output)


def _cover(options: dict[str, Any]) -> dict[str, Any]:
    from rich.console import Console
    from rich.progress import Progress

    from lumbung.connectivity.radio.coverage import coverage_map, on_cells, reception, service
    from lumbung.connectivity.radio.kept_losses import KeptLosses

    carrier, budget, model = sending(options)
    ground, sites, demand, known, said = inputs_of(options, carrier, budget)
    options["output"].mkdir(
        parents=True, exist_ok=True
    )  # before the work, which a folder closed to us would waste
    kept = KeptLosses(options["output"] / "finished-towers", ground) if options["resume"] else None
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("computing towers", total=len(sites))
        coverage = coverage_map(
            ground, sites, carrier, budget, model=model, radius=options["radius"],
            threads=options["threads"], kept=kept, progress=lambda: progress.advance(task),
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
    other, found = _second_opinion(options, ground, sites, coverage, carrier, model)
    _write(options, ground, coverage, sites, demand, heard, other)
    summary = _summary(options, ground, coverage, sites, demand, heard, carrier) | found
    summary["notes"] += said
    if kept is not None:
        if kept.found:
            summary["notes"].append(
                f"{kept.found} of {len(sites)} towers were computed before an interruption"
            )
        kept.forget()
    return summary


def _second_opinion(
    options: dict[str, Any],
    ground: Terrain,
    sites: tuple[Site, ...],
    coverage: CoverageMap,
    carrier: Carrier,
    model: Model,
) -> tuple[tuple[Grid, Any] | None, dict[str, Any]]:
    """Return grid and raster of the differences, and what the summary says of them."""
    if not options["second_opinion"]:
        return None, {}
    import numpy as np

    from lumbung.connectivity.radio.second_opinion import DISPUTED_DB, second_opinion

    grid, difference = second_opinion(ground, sites, coverage, carrier, model, options["threshold"])
    known = difference[~np.isnan(difference)]
    return (grid, difference), {
        "second_opinion": {
            "model": "Longley-Rice (ITM)",
            "links": int(known.size),
            "median_db": round(float(np.median(known)), 1) if known.size else None,
            "share_beyond_10_db": round(float((np.abs(known) > DISPUTED_DB).mean()), 4)
            if known.size
            else None,
        }
    }


def inputs_of(
    options: dict[str, Any], carrier: Carrier, budget: Budget
) -> tuple[Terrain, tuple[Site, ...], Demand | None, Any, list[str]]:
    from lumbung.connectivity.files.tower_files import TowerFileError
    from lumbung.connectivity.ground.generated_terrain import generated_islands
    from lumbung.connectivity.ground.land_cover import read_land_cover
    from lumbung.connectivity.ground.terrain import TerrainError
    from lumbung.connectivity.people.demand import placed_on
    from lumbung.connectivity.people.generated_villages import generated_villages
    from lumbung.connectivity.radio.generated_towers import generated_towers
    from lumbung.connectivity.radio.sites import sea_noted

    sites, said = towers_of(options, carrier, budget)
    if options["generated"] is not None:
        ground = generated_islands(options["generated"])
        if options["land_cover"]:
            ground = read_land_cover(ground, options["land_cover"])
    elif options["elevation"]:
        if not sites:
            raise TowerFileError("give --towers, a table with id, lat, lon and height_m")
        ground = ground_of(
            options,
            bounds_around([s.latitude for s in sites], [s.longitude for s in sites], options["radius"]),
        )
        ground = sea_noted(ground, sites)
    else:
        raise TerrainError("give --terrain with elevation files, or --generated SEED to try it without any")
    demand = people_of(options, ground.bounds)
    if demand is None and options["generated"] is not None:
        demand = generated_villages(ground, _GENERATED_VILLAGES, options["generated"])
    known = None
    if demand is not None:
        demand, known = placed_on(demand, ground)
    if not sites:
        if demand is None:
            raise AssertionError("generated ground always comes with generated villages")
        sites = generated_towers(ground, demand)
    return ground, sites, demand, known, list(said)


def _write(
    options: dict[str, Any],
    ground: Terrain,
    coverage: CoverageMap,
    sites: tuple[Site, ...],
    demand: Demand | None,
    heard: Reception | None,
    other: tuple[Grid, Any] | None,
) -> None:
    from lumbung.connectivity.files.map_files import write_geojson, write_geotiff, write_kml, write_villages
    from lumbung.connectivity.files.map_picture import draw_map

    output: Path = options["output"]
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
    disputed = None
    if other is not None:
        from lumbung.connectivity.radio.second_opinion import DISPUTED_DB

        write_geotiff(
            output / "second_opinion.tif", other[1], other[0], label=coverage.label,
            quantity="Longley-Rice loss less P.1812 loss", unit="dB",
        )  # fmt: skip
        disputed = other[0], abs(other[1]) > DISPUTED_DB
    draw_map(
        output / "map.png", ground, coverage, sites, demand, heard, disputed=disputed, language=options["language"]
    )  # fmt: skip


def _summary(
    options: dict[str, Any],
    ground: Terrain,
    coverage: CoverageMap,
    sites: tuple[Site, ...],
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
    latitude = coverage.grid.north - np.arange(rows) * coverage.grid.step_lat
    square = ground.grid.step_lon / ground.grid.step_lat * np.cos(np.radians(latitude))
    cell = (ground.cell_metres / 1000.0) ** 2 * square[:, None]
    covered = land & (np.nan_to_num(coverage.rsrp, nan=-999.0) >= options["threshold"])
    summary: dict[str, Any] = {
        "terrain": ground.label,
        "generated": ground.generated,
        "carrier": f"{carrier.technology.upper()} {carrier.frequency:g} MHz, {carrier.bandwidth:g} MHz wide",
        "threshold_dbm": options["threshold"],
        "towers": len(sites),
        "land_covered_km2": round(float((covered * cell).sum()), 1),
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
    if summary.get("second_opinion", {}).get("links"):
        said = summary["second_opinion"]
        click.echo(
            f"Second opinion on served land: {said['model']} loses {said['median_db']:+.1f} dB more in the middle; both differ by "
            f"more than 10 dB on {100.0 * said['share_beyond_10_db']:.0f} % of it (violet on the map)"
        )
    for note in summary["notes"]:
        click.echo(f"  note: {note}")
    for row in summary.get("set_aside", [])[:20]:
        click.echo(f"  set aside: {row}")
    click.echo(f"Written to {output} in {summary['seconds']} s; open map.png first.")
