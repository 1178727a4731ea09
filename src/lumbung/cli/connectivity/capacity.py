"""``lumbung connectivity capacity``: how busy the cells are in the busy hour, and what speed people get."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.connectivity.air import air_options, sending
from lumbung.cli.connectivity.cover import inputs_of
from lumbung.cli.connectivity.options import ground_options, language_option, output_option, radius_option
from lumbung.cli.exits import BAD_INPUT, exits, fail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lumbung.connectivity.engine.radials import Grid
    from lumbung.connectivity.ground.terrain import Terrain
    from lumbung.connectivity.people.demand import Demand
    from lumbung.connectivity.radio.capacity import Capacity, Network, Whereabouts
    from lumbung.connectivity.radio.sites import Site

MOST_DRAWN = 60_000
"""Cells of the terrain that the map computes; a larger one is drawn coarser."""


@click.command()
@ground_options
@click.option(
    "--people-each",
    type=click.FloatRange(min=0.0),
    help="People per village where the table has no population column.",
)
@air_options
@click.option(
    "--monthly",
    default=10.0,
    show_default=True,
    type=click.FloatRange(min=0.0),
    help="Downloaded by one user in a month [GB].",
)
@click.option(
    "--users",
    default=0.6,
    show_default=True,
    type=click.FloatRange(0.0, 1.0),
    help="Part of the people who use the network.",
)
@click.option(
    "--busy-hour",
    default=0.1,
    show_default=True,
    type=click.FloatRange(0.0, 1.0),
    help="Part of a day's traffic in its busiest hour.",
)
@click.option(
    "--speed",
    "speeds",
    multiple=True,
    type=click.FloatRange(min=0.001),
    default=(2.0, 10.0, 100.0),
    show_default=True,
    help="Speeds that people are counted at [Mbit/s]. May be given more than once; the first one is on the map.",
)
@click.option(
    "--inside",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0.0, 1.0),
    help="Part of the people who are indoors in the busy hour, behind walls of --indoor.",
)
@radius_option
@output_option("capacity")
@language_option
@click.option("--threads", type=click.IntRange(1), help="Threads; all processors by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary for machines.")  # fmt: skip
def command(**options: Any) -> None:
    """Say how many people get which speed in the busy hour, with cells that disturb each other as far as they are busy.

    Writes to the output folder: villages.csv (people by speed), cells.csv (load, users at once), speed.tif, map.png and
    summary.json. See docs/connectivity/capacity.md.

    Without files of your own try:  lumbung connectivity capacity --generated 11
    """
    started = time.perf_counter()
    output: Path = options["output"]
    with exits():
        summary = _capacity(options)
        summary["seconds"] = round(time.perf_counter() - started, 2)
        text = json.dumps(summary, indent=2, ensure_ascii=False)
        (output / "summary.json").write_text(text, encoding="utf-8")
    if options["as_json"]:
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    _say(summary, output)


def _capacity(options: dict[str, Any]) -> dict[str, Any]:
    from rich.console import Console

    from lumbung.connectivity.people.traffic import busy_hour_rate
    from lumbung.connectivity.radio.capacity import Whereabouts, busy, capacity, network
    from lumbung.connectivity.radio.coverage import on_cells

    # Walls stand before some of the people here, not before all of them.
    open_air = {**options, "indoor": "no"}
    carrier, budget, model = sending(open_air)
    where = Whereabouts()
    if options["indoor"] != "no":
        where = Whereabouts(options["inside"], options["indoor"])
    rate = busy_hour_rate(options["monthly"], options["busy_hour"], options["users"])
    with Console(stderr=True).status("reading") as status:
        ground, sites, demand, known, said = inputs_of(open_air, carrier, budget)
        if demand is None:
            fail("give --villages (a table) or --people-raster: capacity is about people", BAD_INPUT)
        heard = {
            "model": model, "radius": options["radius"], "threshold": options["threshold"], "whereabouts": where,
            "threads": options["threads"],
        }  # fmt: skip
        there = on_cells(demand, ground)
        status.update("computing who hears which cell")
        net = network(ground, sites, there, carrier, budget, known=known, **heard)
        loads = busy(net, demand.people, rate)
        found = capacity(net, loads)
        status.update("computing the map")
        drawn, places = _map_places(ground, sites, options["radius"])
        lattice = network(ground, sites, places, carrier, budget, known=_dry(ground, places), **heard)
        speed = capacity(lattice, loads).speed[:, 0].reshape(drawn[1])
        speed[(lattice.server < 0).reshape(drawn[1])] = math.nan
        _write(options, ground, sites, demand, net, found, speed.astype("float32"), drawn[0])
    summary = _summary(options, ground, sites, demand, net, found, rate, where)
    summary["notes"] += said
    return summary


def _map_places(
    ground: Terrain, sites: tuple[Site, ...], radius: float
) -> tuple[tuple[Grid, tuple[int, int]], Demand]:
    """Return grid and shape of the map, and its cells as places without people."""
    import numpy as np

    from lumbung.connectivity.people.demand import demand_points
    from lumbung.connectivity.radio.coverage import lattice_of

    every = 1
    lattice = lattice_of(ground, sites, radius, every)
    while lattice.shape[0] * lattice.shape[1] > MOST_DRAWN:
        every += 1
        lattice = lattice_of(ground, sites, radius, every)
    rows, columns = np.mgrid[: lattice.shape[0], : lattice.shape[1]].reshape(2, -1)
    places = demand_points(
        ground.grid.north - (lattice.first_row + rows * every) * ground.grid.step_lat,
        ground.grid.west + (lattice.first_column + columns * every) * ground.grid.step_lon,
        np.zeros(rows.size),
    )
    return (lattice.grid, lattice.shape), places


def _dry(ground: Terrain, places: Demand) -> NDArray[np.bool_]:
    """Say which places lie on known ground; the map shows the sea too, where boats are."""
    import numpy as np

    return np.asarray(~np.isnan(ground.height[ground.cells(places.latitude, places.longitude)]))


def _write(
    options: dict[str, Any], ground: Terrain, sites: tuple[Site, ...], demand: Demand, net: Network, found: Capacity,
    speed: NDArray[np.float32], grid: Grid,
) -> None:  # fmt: skip
    from lumbung.connectivity.files.capacity_files import write_cells, write_speeds
    from lumbung.connectivity.files.map_files import write_geotiff
    from lumbung.connectivity.files.map_picture import draw_speed

    output: Path = options["output"]
    output.mkdir(parents=True, exist_ok=True)
    rates = sorted(options["speeds"])
    write_speeds(output / "villages.csv", demand, net, found, rates, ground.label)
    write_cells(output / "cells.csv", demand, net, found, rates, ground.label)
    write_geotiff(
        output / "speed.tif", speed, grid, label=ground.label, quantity="speed outdoors in the busy hour", unit="Mbit/s"
    )  # fmt: skip
    first = options["speeds"][0]
    draw_speed(
        output / "map.png", ground, speed, grid, sites, demand, found.part_at(first), first, language=options["language"]
    )  # fmt: skip


def _summary(
    options: dict[str, Any], ground: Terrain, sites: tuple[Site, ...], demand: Demand, net: Network, found: Capacity,
    rate: float, where: Whereabouts,
) -> dict[str, Any]:  # fmt: skip
    import numpy as np

    loads = found.loads
    heard = found.part_at(1e-9)
    reached = found.server >= 0
    carried = np.zeros(demand.size)
    carried[reached] = 1.0 / np.maximum(loads.needed[found.server[reached]], 1.0)
    notes = [*ground.notes, *demand.notes]
    if loads.doubt > 1e-3:
        notes.append(
            f"loads are known within {loads.doubt:.3f} only; they are given as the higher end of that"
        )
    return {
        "terrain": ground.label,
        "generated": ground.generated or demand.generated,
        "towers": len(sites),
        "cells": len(net.cell),
        "people": float(demand.people.sum()),
        "villages_source": demand.source,
        "busy_hour_mbit_s_per_person": rate,
        "indoors": where.indoors,
        "building": where.building if where.indoors else None,
        "people_by_speed": {
            f"{speed:g}": round(float((demand.people * found.part_at(speed)).sum()), 1)
            for speed in sorted(options["speeds"])
        },
        "people_in_full_cells": round(
            float(demand.people[reached & (loads.needed[np.maximum(found.server, 0)] >= 1.0)].sum()), 1
        ),
        "people_connected": round(float((demand.people * heard).sum()), 1),
        "demand_carried": round(float((demand.people * carried).sum() / max(demand.people.sum(), 1e-9)), 4),
        "mean_load": round(float(loads.load.mean()), 4),
        "full_cells": [cell.id for cell, need in zip(net.cell, loads.needed, strict=True) if need >= 1.0],
        "rounds": loads.rounds,
        "doubt": loads.doubt,
        "set_aside": list(demand.set_aside),
        "notes": notes,
    }


def _say(summary: dict[str, Any], output: Path) -> None:
    click.echo(f"Terrain: {summary['terrain']}")
    indoors = f", {100 * summary['indoors']:.0f} % of them indoors" if summary["indoors"] else ""
    click.echo(
        f"{summary['towers']} towers, {summary['cells']} cells; {summary['people']:,.0f} people ({summary['villages_source']})"
        f"{indoors}, each asking for {1000 * summary['busy_hour_mbit_s_per_person']:.1f} kbit/s in the busy hour"
    )
    for speed, people in summary["people_by_speed"].items():
        share = 100.0 * people / summary["people"] if summary["people"] else 0.0
        click.echo(f"  {speed:>6} Mbit/s or more: {people:>12,.0f} people ({share:.1f} %)")
    full = summary["full_cells"]
    named = ", ".join(full[:8]) + (f" and {len(full) - 8} more" if len(full) > 8 else "")
    click.echo(
        f"Cells are busy {100 * summary['mean_load']:.0f} % of the time; {len(full)} cannot carry what is asked"
        + (
            f" ({named}), where {summary['people_in_full_cells']:,.0f} people are promised no speed"
            if full
            else ""
        )
    )
    click.echo(f"{100 * summary['demand_carried']:.0f} % of what all people ask for is carried")
    for note in summary["notes"]:
        click.echo(f"  note: {note}")
    for row in summary["set_aside"][:20]:
        click.echo(f"  set aside: {row}")
    click.echo(f"Written to {output} in {summary['seconds']} s; open map.png first.")
