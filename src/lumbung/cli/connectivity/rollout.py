"""``lumbung connectivity rollout``: what to build in which year, with power and backhaul, for people at a speed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.connectivity.air import air_options, bounds_around, ground_of, people_of, sending, towers_of
from lumbung.cli.connectivity.options import hop_options, output_option, rules_of
from lumbung.cli.connectivity.patience import stoppable
from lumbung.cli.exits import BAD_INPUT, exits, fail

if TYPE_CHECKING:
    from collections.abc import Callable

    from lumbung.connectivity.engine.phasing.programme import Answer
    from lumbung.connectivity.ground.terrain import Terrain
    from lumbung.connectivity.people.demand import Demand
    from lumbung.connectivity.siting.rollout import Rollout

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="rollout")
@click.option("--candidates", type=_FILE, help="Table as for plan; also grid_km and fibre_km.")
@click.option("--villages", type=_FILE, help="Table: id, name, lat, lon, people, regency.")
@click.option(
    "--people-each",
    type=click.FloatRange(min=0.0),
    help="People per village where the table has no such column.",
)
@click.option("--towers", type=_FILE, help="Table of standing towers, as for cover.")
@click.option("--fibre", type=_FILE, help="Table of fibre points: id, lat, lon, height.")
@click.option(
    "--money",
    multiple=True,
    required=True,
    type=click.FloatRange(min=0.0),
    help="That may be committed in a year; give it once for each year.",
)
@click.option("--prices", type=_FILE, help="TOML file of prices; see docs/connectivity/rollout.md.")
@click.option(
    "--speed",
    default=2.0,
    show_default=True,
    type=click.FloatRange(min=0.001),
    help="Promised to an active person [Mbit/s].",
)
@click.option(
    "--active",
    default=0.02,
    show_default=True,
    type=click.FloatRange(0.0, 1.0),
    help="Part of the people active at once in the busy hour.",
)
@click.option(
    "--margin",
    default=3.0,
    show_default=True,
    type=click.FloatRange(min=0.0),
    help="Rise of the noise by neighbours that is planned for [dB].",
)
@click.option(
    "--planned-load",
    default=0.7,
    show_default=True,
    type=click.FloatRange(0.01, 1.0),
    help="Share of its time that a cell is planned to fill.",
)
@click.option(
    "--floor",
    "floors",
    multiple=True,
    metavar="[REGENCY=]SHARE",
    help="Share of each regency's people, or of one's, that must have the speed in the end.",
)
@click.option(
    "--terrain",
    "elevation",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Elevation, as for plan.",
)
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
@hop_options
@click.option(
    "--seconds", default=60.0, show_default=True, type=click.FloatRange(min=1), help="Time for the search."
)
@click.option("--gap", default=0.01, show_default=True, type=click.FloatRange(min=0), help="Good enough.")
@click.option(
    "--draws",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Plan again under so many other truths, and say which sites stay.",
)
@click.option(
    "--draw-seconds",
    default=20.0,
    show_default=True,
    type=click.FloatRange(min=1),
    help="Time for each of them.",
)
@click.option(
    "--off-everywhere",
    default=3.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="How far all predictions may be off together [dB].",
)
@click.option(
    "--off-link",
    default=6.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="How far each one may be off by itself [dB].",
)
@click.option(
    "--off-people",
    default=0.15,
    show_default=True,
    type=click.FloatRange(min=0),
    help="How far the people of a place may be off.",
)
@click.option(
    "--off-cost",
    default=0.2,
    show_default=True,
    type=click.FloatRange(min=0),
    help="How far the cost of a site may be off.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of the draws.")
@output_option("rollout")
@click.option("--json", "as_json", is_flag=True, help="Print programme.json instead of a table.")  # fmt: skip
def command(**options: Any) -> None:
    """Say what to build in which year, with what power and backhaul, so that most people get a speed, with a proven bound.

    Writes to the output folder: programme.csv, villages.csv, programme.geojson and programme.json. See
    docs/connectivity/rollout.md.

    Without files of your own try:  lumbung connectivity rollout --generated 7 --money 1500 --money 1500 --money 1500
    """
    with exits():
        from rich.console import Console

        from lumbung.connectivity.engine.phasing.search import solve
        from lumbung.connectivity.siting.rollout_files import summary, write_rollout

        console = Console(stderr=True)
        with stoppable() as interrupted, console.status("predicting who hears which site") as status:
            ground, made, said = _made(options, status.update)

            def watch(seconds: float, value: float, bound: float) -> None:
                status.update(
                    f"{seconds:.0f} s: {value:,.0f} person-years at first, proven at most {bound:,.0f}"
                )

            answer = solve(made.programme, options["seconds"], options["gap"], watch, interrupted)
            status.update("holding it against load-coupled interference")
            found = summary(made, answer, [*ground.notes, *said, *_checked(options, ground, made, answer)])
            found["generated"] = found["generated"] or ground.generated
            if options["draws"]:
                found["sensitivity"] = _sensitivity(options, made, found, status.update, interrupted)
            write_rollout(options["output"], made, answer, found, ground.label)
        if options["as_json"]:
            print(json.dumps(found, ensure_ascii=False))
            return
        _say(found, ground.label, options["output"])


def _made(options: dict[str, Any], update: Callable[[str], None]) -> tuple[Terrain, Rollout, list[str]]:
    from lumbung.connectivity.siting.candidates import read_candidates, read_places
    from lumbung.connectivity.siting.generated_study import generated_study
    from lumbung.connectivity.siting.rollout import Promise, rollout
    from lumbung.connectivity.siting.ten_years import Prices, read_prices

    carrier, budget, model = sending(options)
    towers, said = towers_of(options, carrier, budget)
    notes = list(said)
    if options["generated"] is not None:
        ground, demand, known, candidates, fibre = generated_study(options["generated"])
        demand = _quartered(demand)
        # Made-up costs of another currency would stand against the prices here.
        candidates = tuple(replace(candidate, costs={}) for candidate in candidates)
    else:
        if (
            not options["candidates"]
            or not options["elevation"]
            or not (options["villages"] or options["people_raster"])
        ):
            fail(
                "give --terrain, --candidates (a table) and --villages (a table) or --people-raster, or --generated SEED to "
                "try it without files",
                BAD_INPUT,
            )
        table = read_candidates(options["candidates"], decimal=options["decimal"])
        candidates = table.candidates
        notes += [*table.notes, *table.set_aside]
        fibre = read_places(options["fibre"]) if options["fibre"] else ()
        ground, demand, known = _ground_and_people(options, [*candidates, *towers])
        notes += demand.notes
    prices = read_prices(options["prices"]) if options["prices"] else Prices()
    if not options["prices"]:
        notes.append("prices are round assumptions in thousand US dollars; give yours with --prices")
    rules, said = rules_of(options)
    notes += said
    from lumbung.connectivity.radio.coverage import on_cells

    made = rollout(
        ground, candidates, towers, fibre, on_cells(demand, ground), options["money"], carrier, budget, model, rules, prices,
        Promise(options["speed"], options["active"], options["margin"], options["planned_load"]), known=known, floors=_floors(options["floors"]),
        radius=options["farthest"], threshold=options["threshold"],
        progress=lambda part: update(f"predicting who hears which site: {part:.0%}"),
    )  # fmt: skip
    return ground, made, notes


def _ground_and_people(options: dict[str, Any], masts: list[Any]) -> tuple[Terrain, Demand, Any]:
    from lumbung.connectivity.people.demand import placed_on
    from lumbung.connectivity.radio.sites import sea_noted

    bounds = bounds_around([p.latitude for p in masts], [p.longitude for p in masts], options["farthest"])
    ground = sea_noted(ground_of(options, bounds), masts)
    demand = people_of(options, ground.bounds)
    assert demand is not None  # asked for before
    demand, known = placed_on(demand, ground)
    return ground, demand, known


def _quartered(demand: Demand) -> Demand:
    """Give generated villages four regencies, by where they lie."""
    import numpy as np

    north = demand.latitude >= np.median(demand.latitude)
    east = demand.longitude >= np.median(demand.longitude)
    names = np.array(["south-west", "south-east", "north-west", "north-east"])[2 * north + east]
    return replace(demand, region=tuple(str(name) for name in names))


def _floors(given: tuple[str, ...]) -> dict[str, float] | float:
    named: dict[str, float] = {}
    for text in given:
        name, mark, share = text.rpartition("=")
        try:
            value = float(share)
        except ValueError:
            fail(f"--floor {text}: expected a share such as 0.3, or REGENCY=0.3", BAD_INPUT)
        if not mark:
            if len(given) > 1:
                fail("--floor: give one share for all regencies, or REGENCY=SHARE for each", BAD_INPUT)
            return value
        named[name] = value
    return named or 0.0


def _checked(options: dict[str, Any], ground: Terrain, made: Rollout, answer: Answer) -> list[str]:
    """Say how the last year's network bears load-coupled interference."""
    from lumbung.connectivity.siting.rollout import loads_of

    carrier, budget, model = sending(options)
    found = loads_of(
        made, answer, made.programme.years - 1, ground, carrier, budget, model, options["farthest"], options["threshold"]
    )  # fmt: skip
    if found is None:
        return ["nothing is built"]
    loads, cells = found
    full = [cell.id for cell, need in zip(cells, loads.needed, strict=True) if need > 1.0]
    named = f": {', '.join(full[:6])}{' and more' if len(full) > 6 else ''}" if full else ""
    return [
        f"with load-coupled interference and everybody on the cell heard best, {len(full)} of {len(cells)} cells of the last "
        f"year would need more than all of their time{named}"
    ]


def _sensitivity(
    options: dict[str, Any],
    made: Rollout,
    found: dict[str, Any],
    update: Callable[[str], None],
    interrupted: Callable[[], bool],
) -> dict[str, Any]:
    """Say in which share of other truths each site is built, and mark it in the table of sites."""
    import numpy as np

    from lumbung.connectivity.siting.sensitivity import Doubts, sensitivity

    doubts = Doubts(
        options["off_everywhere"], options["off_link"], options["off_people"], options["off_cost"]
    )
    drawn = sensitivity(
        made, doubts, options["draws"], options["draw_seconds"], seed=options["seed"], interrupted=interrupted,
        told=lambda done: update(f"planning under other truths: {done} of {options['draws']}"),
    )  # fmt: skip
    names = {
        way.site: int(made.programme.way_site[k]) for k, way in enumerate(made.ways) if way.bill is not None
    }
    share = {name: round(float(drawn.chosen[site]), 3) for name, site in names.items()}
    for row in found["sites"]:
        row["share_of_draws"] = share[row["id"]]
    built = {row["id"] for row in found["sites"]}
    low, middle, high = (round(float(x), 1) for x in np.quantile(drawn.served, (0.05, 0.5, 0.95)))
    return {
        "draws": drawn.draws,
        "floors_not_met": drawn.impossible,
        "largest_gap": drawn.gap,
        "in_90_percent": sorted(name for name, part in share.items() if part >= 0.9),
        "not_built_but_in_half": sorted(name for name, part in share.items() if part >= 0.5 and name not in built),
        "people_at_speed": {"5 %": low, "50 %": middle, "95 %": high},
    }  # fmt: skip


def _say(found: dict[str, Any], label: str, folder: Path) -> None:
    click.echo(f"Terrain: {label}; villages: {found['villages_source']}")
    last = found["years"][-1]
    share = last["people_at_speed"] / found["people"] if found["people"] else 0.0
    click.echo(
        f"{last['people_at_speed']:,.0f} of {found['people']:,.0f} people ({share:.1%}) at {found['speed_mbit_s']:g} Mbit/s after "
        f"{len(found['years'])} years; {found['person_years']:,.0f} person-years, no programme brings more than "
        f"{found['bound']:,.0f} (gap {found['gap']:.2%})"
    )
    for year in found["years"]:
        click.echo(
            f"  year {year['year']}: {year['new_sites']:>3} new sites for {year['committed']:>9,.0f} of {year['money']:,.0f}, "
            f"{year['people_at_speed']:>10,.0f} people"
        )
    for region in found["regions"]:
        floor = f" (floor {region['floor']:.0%})" if region["floor"] else ""
        click.echo(
            f"  {region['region']}: {region['share_at_speed']:.1%} of {region['people']:,.0f} people{floor}"
        )
    for row in found["sites"][:12]:
        to = f" to {row['backhaul_to']}, {row['backhaul_km']:g} km" if row["backhaul_to"] else ""
        click.echo(
            f"{row['order']:>4}. year {row['year']}, {row['id']}, {row['height_m']:g} m, {row['power']}, {row['backhaul']}{to}: "
            f"{row['cost']:,.0f}, {row['people_cumulative']:,.0f} people in all"
        )
    if len(found["sites"]) > 12:
        click.echo(f"      and {len(found['sites']) - 12} more in programme.csv")
    if "sensitivity" in found:
        _say_sensitivity(found["sensitivity"], len(found["sites"]))
    for note in found["notes"]:
        click.echo(f"  note: {note}")
    click.echo(f"Written to {folder}.")


def _say_sensitivity(drawn: dict[str, Any], sites: int) -> None:
    firm, people = drawn["in_90_percent"], drawn["people_at_speed"]
    click.echo(
        f"Under {drawn['draws']} other truths {len(firm)} sites are built in at least 90 % of them (this programme has {sites})"
        + (f": {', '.join(firm[:12])}{' and more' if len(firm) > 12 else ''}" if firm else "")
        + f"; {people['50 %']:,.0f} people at the speed in the middle one, {people['5 %']:,.0f} to {people['95 %']:,.0f} in nine of ten"
    )
    if drawn["not_built_but_in_half"]:
        click.echo(
            f"  built in at least half of them and not here: {', '.join(drawn['not_built_but_in_half'][:12])}"
        )
    if drawn["floors_not_met"]:
        click.echo(f"  in {drawn['floors_not_met']} more the floors could not be met")
