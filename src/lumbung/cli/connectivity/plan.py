"""``lumbung connectivity plan``: choose the sites that reach the most people, with a proven bound."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.connectivity.patience import stoppable
from lumbung.cli.exits import BAD_INPUT, exits, fail

if TYPE_CHECKING:
    from lumbung.connectivity.ground.terrain import Terrain
    from lumbung.connectivity.people.demand import Demand
    from lumbung.connectivity.siting.candidates import Place
    from lumbung.connectivity.siting.study import Inputs

_GENERATED_VILLAGES = 400
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="plan")
@click.option(
    "--candidates",
    type=_FILE,
    help="Table: id, lat, lon, heights (30;45), tower, land, power, road, backhaul.",
)
@click.option("--villages", type=_FILE, help="Table: id, name, lat, lon, people.")
@click.option("--people-each", type=float, help="People per village where the table has no such column.")
@click.option("--towers", type=_FILE, help="Table of standing towers: id, lat, lon, height.")
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
@click.option("--frequency", default=900.0, show_default=True, help="Carrier frequency [MHz].")
@click.option("--bandwidth", default=10.0, show_default=True, help="Channel bandwidth [MHz].")
@click.option("--power", default=46.0, show_default=True, help="Power at the amplifier [dBm].")
@click.option(
    "--threshold", default=-110.0, show_default=True, help="RSRP from which a village is served [dBm]."
)
@click.option(
    "--farthest", default=30.0, show_default=True, help="Largest distance from a tower looked at [km]."
)
@click.option("--mast-per-metre", default=0.0, show_default=True, help="Cost of a metre of mast.")
@click.option("--hop-cost", default=0.0, show_default=True, help="Cost of a microwave hop.")
@click.option("--satellite-cost", default=0.0, show_default=True, help="Cost of a satellite terminal.")
@click.option("--longest-hop", default=50.0, show_default=True, help="Longest microwave hop [km].")
@click.option("--hop-frequency", default=7.0, show_default=True, help="Frequency of the hops [GHz].")
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
@click.option(
    "--language",
    type=click.Choice(["en", "id", "zh"]),
    default="en",
    show_default=True,
    help="Of the picture.",
)
@click.option("--json", "as_json", is_flag=True, help="Print plan.json instead of a table.")
def command(**options: Any) -> None:
    """Choose where the next towers should stand, and prove how good the choice is. Ctrl-C gives the best so far.

    Give exactly one goal: --sites, --budget or --share. Writes to the output folder: plan.csv, villages.csv,
    plan.geojson, plan.kml, map.png and plan.json. How to read the proven bound: docs/connectivity/siting.md.

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
        if options["as_json"]:
            print(json.dumps(summary, ensure_ascii=False))
            return
        _say(summary, headline(answer), folder)


def _inputs(options: dict[str, Any]) -> Inputs:
    from lumbung.connectivity.siting.backhaul import Rules
    from lumbung.connectivity.siting.candidates import Table, read_candidates, read_places
    from lumbung.connectivity.siting.study import Inputs, options_of

    standing = read_places(options["towers"]) if options["towers"] else ()
    fibre = read_places(options["fibre"]) if options["fibre"] else ()
    notes: list[str] = []
    ground: Terrain | None
    if options["generated"] is not None:
        ground, demand, known, candidates, fibre = _generated(options["generated"])
        table = Table(candidates, (), True)
    else:
        for name in ("candidates", "villages"):
            if options[name] is None:
                fail(f"give --{name} (a table), or --generated SEED to try it without files", BAD_INPUT)
        table = read_candidates(options["candidates"])
        ground, demand, known = _ground_and_people(options, table, standing)
    notes += table.set_aside
    notes += demand.notes
    choices = options_of(table.candidates)
    places = [table.candidates[k].at(height) for k, height in choices]
    cover, standing_cover, reach = _covers(options, places, standing, demand, known, ground)
    if ground is None and (fibre or standing):
        notes.append("no terrain given: line of sight of hops is judged over a smooth, bare earth")
    if options["hop_cost"] > 0 and options["satellite_cost"] == 0:
        fail("--hop-cost without --satellite-cost: satellite terminals would be free; give both", BAD_INPUT)
    rules = Rules(
        options["longest_hop"], options["hop_frequency"], options["clearance"],
        hop_cost=options["hop_cost"], satellite_cost=options["satellite_cost"],
    )  # fmt: skip
    return Inputs(
        table.candidates, demand, tuple(standing), tuple(fibre), choices, cover, standing_cover, table.has_costs,
        options["mast_per_metre"], rules, ground, reach, tuple(notes),
    )  # fmt: skip


def _ground_and_people(
    options: dict[str, Any], table: Any, standing: Any
) -> tuple[Terrain | None, Demand, Any]:
    import numpy as np

    from lumbung.connectivity.people.demand import placed_on, read_villages

    demand = read_villages(options["villages"], people_each=options["people_each"])
    if options["elevation"] and options["radius"] is not None:
        fail("give --terrain or --radius, not both", BAD_INPUT)
    if options["radius"] is not None:
        if options["radius"] <= 0:
            fail(f"--radius: found {options['radius']:g}, expected more than 0 metres", BAD_INPUT)
        return None, demand, np.ones(demand.size, bool)
    if not options["elevation"]:
        fail("give --terrain with elevation files, or --radius METRES to decide by distance alone", BAD_INPUT)
    from lumbung.connectivity.ground.elevation_files import read_terrain
    from lumbung.connectivity.ground.land_cover import read_land_cover

    masts = [*table.candidates, *standing]
    reach = options["farthest"] / 111.0 + 0.02
    bounds = (
        min(p.longitude for p in masts) - reach, min(p.latitude for p in masts) - reach,
        max(p.longitude for p in masts) + reach, max(p.latitude for p in masts) + reach,
    )  # fmt: skip
    ground = read_terrain(options["elevation"], bounds=bounds)
    if options["land_cover"]:
        ground = read_land_cover(ground, options["land_cover"])
    demand, known = placed_on(demand, ground)
    return ground, demand, known


def _covers(
    options: dict[str, Any],
    places: list[Place],
    standing: Any,
    demand: Demand,
    known: Any,
    ground: Terrain | None,
) -> tuple[Any, Any, str]:
    from lumbung.connectivity.siting.reach import heard, within

    if ground is None:
        radius = options["radius"]
        return (
            within(places, demand, radius),
            within(standing, demand, radius),
            f"within {radius:,.0f} m of a site",
        )
    from lumbung.connectivity.engine.cellular import Budget, Carrier
    from lumbung.connectivity.radio.coverage import Model

    carrier = Carrier(technology="lte", frequency=options["frequency"], bandwidth=options["bandwidth"])
    rest = (
        known,
        ground,
        carrier,
        Budget(power=options["power"]),
        Model(),
        options["farthest"],
        options["threshold"],
    )
    words = f"at least {options['threshold']:g} dBm RSRP at {options['frequency']:g} MHz by ITU-R P.1812"
    return heard(places, demand, *rest), heard(standing, demand, *rest), words


def _generated(seed: int) -> tuple[Terrain, Demand, Any, Any, tuple[Place, ...]]:
    """Generated islands, villages, candidates on near hilltops with made-up costs, and two fibre points."""
    import numpy as np

    from lumbung.connectivity.ground.generated_terrain import generated_islands
    from lumbung.connectivity.people.demand import placed_on
    from lumbung.connectivity.people.generated_villages import generated_villages
    from lumbung.connectivity.siting.generated_candidates import generated_candidates, generated_fibre

    ground = generated_islands(seed)
    demand, known = placed_on(generated_villages(ground, _GENERATED_VILLAGES, seed), ground)
    candidates = generated_candidates(ground, demand, seed)
    return ground, demand, np.asarray(known), candidates, generated_fibre(ground, demand)


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
