"""``lumbung connectivity plan``: choose the sites that reach the most people, with a proven bound."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.connectivity.air import air_options, bounds_around, ground_of, people_of, sending, towers_of
from lumbung.cli.connectivity.options import hop_options, language_option, rules_of
from lumbung.cli.connectivity.patience import stoppable
from lumbung.cli.exits import BAD_INPUT, exits, fail

if TYPE_CHECKING:
    from lumbung.connectivity.ground.terrain import Terrain
    from lumbung.connectivity.people.demand import Demand
    from lumbung.connectivity.radio.sites import Site
    from lumbung.connectivity.siting.candidates import Place
    from lumbung.connectivity.siting.study import Inputs, Plan

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="plan")
@click.option(
    "--candidates",
    type=_FILE,
    help="Table: id, lat, lon, heights (30;45), tower, land, power, road, backhaul.",
)
@click.option("--villages", type=_FILE, help="Table: id, name, lat, lon, people.")
@click.option(
    "--people-each",
    type=click.FloatRange(min=0.0),
    help="People per village where the table has no such column.",
)
@click.option("--towers", type=_FILE, help="Table of standing towers, as for cover.")
@click.option("--fibre", type=_FILE, help="Table of fibre points: id, lat, lon, height.")
@click.option("--sites", type=click.IntRange(min=1), help="Goal: the most people with this many new sites.")
@click.option("--budget", type=click.FloatRange(min=0), help="Goal: the most people for this money.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    help="Goal: this share of all people for the least money, e.g. 0.9.",
)
@click.option(
    "--radius", type=float, help="A site reaches this far [m], whatever lies between; instead of --terrain."
)
@click.option(
    "--terrain", "elevation", multiple=True, type=click.Path(path_type=Path, exists=True),
    help="Elevation: .hgt, GeoTIFF, Terrarium tiles or folders of them. May be given more than once.",
)  # fmt: skip
@click.option(
    "--generated", type=int, metavar="SEED", help="Try it on generated islands, villages and candidates."
)
@click.option("--land-cover", type=_FILE, help="Land-cover GeoTIFF with ESA WorldCover classes.")
@air_options
@click.option(
    "--farthest",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0.5, 300.0),
    help="Largest distance from a tower looked at [km].",
)
@click.option("--mast-per-metre", default=0.0, show_default=True, help="Cost of a metre of mast.")
@click.option("--hop-cost", default=0.0, show_default=True, help="Cost of a microwave hop.")
@click.option("--satellite-cost", default=0.0, show_default=True, help="Cost of a satellite terminal.")
@hop_options
@click.option(
    "--clearance", default=0.6, show_default=True, help="Share of the first Fresnel radius to be free."
)
@click.option(
    "--seconds", default=60.0, show_default=True, type=click.FloatRange(min=0), help="Time for the search."
)
@click.option(
    "--gap", default=0.0, show_default=True, type=click.FloatRange(min=0), help="Good enough, e.g. 0.01."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the search.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep what is learnt; go on from it.",
)
@click.option(
    "--out",
    "--output",
    "output",
    default="lumbung-out/tower-plan",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder to write.",
)
@language_option
@click.option("--json", "as_json", is_flag=True, help="Print plan.json instead of a table.")
def command(**options: Any) -> None:
    """Choose where the next towers should stand, and prove how good the choice is. Ctrl-C gives the best so far.

    Give exactly one goal: --sites, --budget or --share. Writes to the output folder: plan.csv, villages.csv,
    plan.geojson, plan.kml, map.png and plan.json; over terrain also rsrp.tif, what standing and new towers reach. How to read the proven bound: docs/connectivity/siting.md.

    Without files of your own try:  lumbung connectivity plan --generated 7 --sites 8
    """
    with exits():
        from rich.console import Console

        from lumbung.connectivity.siting.plan_files import sources, write_plan
        from lumbung.connectivity.siting.plan_picture import draw_plan, headline
        from lumbung.connectivity.siting.study import Goal, plan

        goal = Goal(options["sites"], options["budget"], options["share"])
        if sum(part is not None for part in (goal.sites, goal.budget, goal.share)) != 1:
            fail("give exactly one goal: --sites NUMBER, --budget MONEY or --share 0.9", BAD_INPUT)
        console = Console(stderr=True)
        with stoppable() as interrupted, console.status("reading, predicting who hears which site") as status:
            inputs = _inputs(options)

            def watch(stage: Any, _knowledge: Any) -> None:
                status.update(
                    f"{stage.seconds:.0f} s: value {stage.value:,.0f}, proven at most {stage.bound:,.0f} ({stage.what})"
                )

            answer = plan(
                inputs,
                goal,
                options["seconds"],
                options["gap"],
                options["seed"],
                options["checkpoint"],
                watch,
                interrupted,
            )
            status.update("writing")
            folder: Path = options["output"]
            summary = write_plan(folder, inputs, answer)
            draw_plan(folder / "map.png", inputs, answer, sources(inputs), options["language"])
            if inputs.ground is not None:
                status.update("computing the coverage of the plan")
                _write_coverage(options, folder, inputs, answer)
        if options["as_json"]:
            print(json.dumps(summary, ensure_ascii=False))
            return
        _say(summary, headline(answer), folder)


def _inputs(options: dict[str, Any]) -> Inputs:
    from lumbung.connectivity.siting.candidates import Table, read_candidates, read_places
    from lumbung.connectivity.siting.generated_study import generated_study
    from lumbung.connectivity.siting.reach import places_of
    from lumbung.connectivity.siting.study import Inputs, options_of

    carrier, budget, _ = sending(options)
    towers, notes = towers_of(options, carrier, budget)
    standing = places_of(towers)
    fibre = read_places(options["fibre"]) if options["fibre"] else ()
    ground: Terrain | None
    if options["generated"] is not None:
        ground, demand, known, candidates, fibre = generated_study(options["generated"])
        table = Table(candidates, (), True)
    else:
        if options["candidates"] is None or not (options["villages"] or options["people_raster"]):
            fail(
                "give --candidates (a table) and --villages (a table) or --people-raster, or --generated SEED to try it "
                "without files",
                BAD_INPUT,
            )
        table = read_candidates(options["candidates"], decimal=options["decimal"])
        ground, demand, known = _ground_and_people(options, [*table.candidates, *standing])
    notes = (*notes, *table.notes, *table.set_aside, *demand.notes)
    choices = options_of(table.candidates)
    places = [table.candidates[k].at(height) for k, height in choices]
    cover, standing_cover, reach = _covers(options, places, towers, demand, known, ground)
    if ground is None and (fibre or standing):
        notes = (*notes, "no terrain given: line of sight of hops is judged over a smooth, bare earth")
    if options["hop_cost"] > 0 and options["satellite_cost"] == 0:
        fail("--hop-cost without --satellite-cost: satellite terminals would be free; give both", BAD_INPUT)
    rules, said = rules_of(
        options,
        clearance=options["clearance"],
        hop_cost=options["hop_cost"],
        satellite_cost=options["satellite_cost"],
    )
    if fibre or standing:
        notes = (*notes, *said)
    if ground is not None:
        notes = (*ground.notes, *notes)
    return Inputs(
        table.candidates, demand, standing, tuple(fibre), choices, cover, standing_cover, table.has_costs,
        options["mast_per_metre"], rules, ground, reach, tuple(notes), towers,
    )  # fmt: skip


def _ground_and_people(options: dict[str, Any], masts: Any) -> tuple[Terrain | None, Demand, Any]:
    import numpy as np

    from lumbung.connectivity.people.demand import placed_on
    from lumbung.connectivity.radio.sites import sea_noted

    if options["elevation"] and options["radius"] is not None:
        fail("give --terrain or --radius, not both", BAD_INPUT)
    if options["radius"] is not None:
        if options["radius"] <= 0:
            fail(f"--radius: found {options['radius']:g}, expected more than 0 metres", BAD_INPUT)
        demand = people_of(options, None)
        assert demand is not None  # asked for before
        return None, demand, np.ones(demand.size, bool)
    if not options["elevation"]:
        fail("give --terrain with elevation files, or --radius METRES to decide by distance alone", BAD_INPUT)
    bounds = bounds_around([p.latitude for p in masts], [p.longitude for p in masts], options["farthest"])
    ground = sea_noted(ground_of(options, bounds), masts)
    demand = people_of(options, ground.bounds)
    assert demand is not None  # asked for before
    demand, known = placed_on(demand, ground)
    return ground, demand, known


def _covers(
    options: dict[str, Any],
    places: list[Place],
    towers: tuple[Site, ...],
    demand: Demand,
    known: Any,
    ground: Terrain | None,
) -> tuple[Any, Any, str]:
    from lumbung.connectivity.siting.reach import heard, heard_from, places_of, within

    if ground is None:
        radius = options["radius"]
        return (
            within(places, demand, radius),
            within(places_of(towers), demand, radius),
            f"within {radius:,.0f} m of a site",
        )
    from lumbung.connectivity.radio.coverage import on_cells

    carrier, budget, model = sending(options)
    there = on_cells(demand, ground)
    rest = (known, ground, carrier, budget, model, options["farthest"], options["threshold"])
    where = "" if options["indoor"] == "no" else f" inside {options['indoor']} buildings"
    words = (
        f"at least {options['threshold']:g} dBm RSRP of {carrier.technology.upper()} at {carrier.frequency:g} MHz{where} by "
        f"ITU-R P.1812, {options['time_percentage']:g} % of the time and {options['places']:g} % of places"
    )
    return heard(places, there, *rest), heard_from(towers, there, *rest), words


def _write_coverage(options: dict[str, Any], folder: Path, inputs: Inputs, answer: Plan) -> None:
    """Write what standing towers and the plan reach together: the same links that decided it, for every cell."""
    from lumbung.connectivity.engine.antenna import three_sectors
    from lumbung.connectivity.files.map_files import write_geotiff
    from lumbung.connectivity.radio.coverage import coverage_map
    from lumbung.connectivity.radio.sites import Site

    carrier, budget, model = sending(options)
    new = [
        Site(
            built.place.id,
            built.place.latitude,
            built.place.longitude,
            built.place.height,
            tuple(three_sectors()),
        )
        for built in answer.built
    ]
    if inputs.ground is None or not (new or inputs.towers):
        return
    drawn = coverage_map(
        inputs.ground, [*inputs.towers, *new], carrier, budget, model=model, radius=options["farthest"]
    )
    write_geotiff(folder / "rsrp.tif", drawn.rsrp, drawn.grid, label=drawn.label, quantity="rsrp", unit="dBm")


def _say(summary: dict[str, Any], headline: str, folder: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"[bold]{headline}[/bold]")
    reached = summary["people_already"] + summary["people_new"]
    share = reached / summary["people"] if summary["people"] else 0.0
    console.print(
        f"Reached in all: {reached:,} of {summary['people']:,} people ({share:.1%}), {summary['people_already']:,} of them "
        f"already; {summary['villages_reached']:,} of {summary['villages']:,} villages. Reached means: "
        f"{summary['reached_means']}."
    )
    if summary["cost"]:
        per = f", {_money(summary['cost_per_person'])} per person" if summary["cost_per_person"] else ""
        console.print(f"Cost: {summary['cost']:,.0f}{per}.")
    console.print(_table(summary, Table))
    for row in summary["sites"]:
        satellite = f" Satellite: {row['backhaul_note']}." if row["backhaul_note"] else ""
        console.print(
            f"{row['order']:>3}. {row['id']}: {row['why']}.{satellite}", soft_wrap=True, highlight=False
        )
    more = summary["next_site"]
    number = len(summary["sites"]) + 1
    if more is None:
        console.print(f"Site {number} would add nobody: all that any candidate reaches is reached.")
    else:
        price = f" for {more['cost']:,.0f}" if more["cost"] else ""
        console.print(
            f"Site {number} would add {more['people']:,} people in {more['villages']} villages ({more['id']}, "
            f"{more['height_m']:g} m){price}."
        )
    if summary["villages_beyond_every_candidate"]:
        console.print(
            f"{summary['villages_beyond_every_candidate']:,} villages with {summary['people_beyond_every_candidate']:,} "
            "people are beyond every candidate; villages.csv gives the reason for each village left out."
        )
    for note in [*summary["notes"], *summary["set_aside"][:20]]:
        console.print(f"note: {note}", soft_wrap=True, highlight=False)
    console.print(f"{summary['sources']}", soft_wrap=True, highlight=False)
    console.print(f"Written to {folder} in {summary['seconds']:.1f} s; open map.png first.", highlight=False)
    sys.stdout.flush()


def _money(amount: float) -> str:
    """Whole numbers where they say enough, else three digits: costs may be in rupiah or in billions."""
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:.3g}"


def _table(summary: dict[str, Any], table_class: Any) -> Any:
    table = table_class()
    costs = bool(summary["cost"])
    for name in (
        "#",
        "site",
        "height",
        "adds",
        "in all",
        "only here",
        *(("cost", "per person") if costs else ()),
        "backhaul",
    ):
        table.add_column(name, justify="left" if name in ("site", "backhaul") else "right")
    for row in summary["sites"]:
        cells = [
            str(row["order"]), row["name"], f"{row['height_m']:g} m", f"{row['people_added']:,}",
            f"{row['people_cumulative']:,}", f"{row['people_only_here']:,}",
        ]  # fmt: skip
        if costs:
            per = row["cost_per_person"]
            cells += [f"{row['cost']:,.0f}", _money(per) if per else "-"]
        route = row["backhaul_route"].partition(" > ")[2]
        cells.append(f"via {route} ({row['backhaul_km']} km)" if route else "satellite")
        table.add_row(*cells)
    return table
