"""``lumbung talent road``: the road to the talent target."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.exits import exits

if TYPE_CHECKING:
    from lumbung.talent.road.flow import Road
    from lumbung.talent.road.plan import Plan
    from lumbung.talent.road.scenario import Scenario
    from lumbung.talent.road.uncertainty import Range

_SHOWN = 10


@click.command()
@click.argument("scenario", default="competence")
@click.option("--list", "listed", is_flag=True, help="List the scenarios that come with Lumbung.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change an assumption, e.g. rates.attrition=0.05",
)
@click.option(
    "--abilities",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Measured abilities (what `score` prints): the ability of the people at the start.",
)
@click.option(
    "--credentials",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Counts of verified credentials (province,level,people): the stock at the start.",
)
@click.option("--draws", default=400, show_default=True, help="Draws for the uncertainty; 0 for none.")
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--plan", "planned", is_flag=True, help="Find the cheapest plan of training places that meets the target."
)
@click.option(
    "--sure", type=click.FloatRange(0.5, 0.99), help="With --plan: meet it in this share of draws, e.g. 0.9."
)
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw it (PNG, SVG or PDF).")
@click.option(
    "--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="Year × province × level as CSV."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    scenario: str,
    listed: bool,
    changes: tuple[str, ...],
    abilities: Path | None,
    credentials: Path | None,
    draws: int,
    seed: int,
    planned: bool,
    sure: float | None,
    picture: Path | None,
    table: Path | None,
    as_json: bool,
) -> None:
    """How many talents, by which definition, where and by when.

    SCENARIO is the name of a shipped scenario or a TOML file. Every year people are trained, arrive, leave,
    lose
    skills or move, in whole people; nobody is lost or counted twice. Sources and assumptions are printed
    with the result.
    """
    from lumbung.talent.road.competence import ability_of, read_abilities, read_counts
    from lumbung.talent.road.scenario import load, shipped, with_counts

    with exits():
        if listed:
            for name in shipped():
                click.echo(f"{name:16} {load(name).title}")
            return
        if abilities is not None:
            found = ability_of(*read_abilities(abilities))
            changes += tuple(f"start.ability_{key}={value!r}" for key, value in found.items())
        chosen = load(scenario, changes)
        if credentials is not None:
            counts = read_counts(credentials, chosen.provinces, chosen.levels)
            chosen = with_counts(
                chosen, counts, "Counts of verified credentials; nobody else counts as a talent at the start."
            )
        document = _follow(chosen, draws, seed, planned, sure, picture, table)
    if as_json:
        click.echo(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        _print(document)


def _follow(
    scenario: Scenario,
    draws: int,
    seed: int,
    planned: bool,
    sure: float | None,
    picture: Path | None,
    table: Path | None,
) -> dict[str, Any]:
    from lumbung.talent.road.flow import travel
    from lumbung.talent.road.plan import cheapest_plan, sure_plan, with_plan
    from lumbung.talent.road.uncertainty import travel_often

    plan: Plan | None = None
    if planned:
        plan = cheapest_plan(scenario) if sure is None else sure_plan(scenario, sure)[0]
        scenario = with_plan(scenario, plan)
    road = travel(scenario)
    often: Range | None = None
    if draws:
        with click.progressbar(length=draws, label="draws", file=sys.stderr) as bar:
            often = travel_often(scenario, draws, seed, progress=lambda done, of: bar.update(1))
    if picture is not None:
        from lumbung.talent.road.picture import draw

        draw(scenario, road, often, picture, planned)
    if table is not None:
        _write_table(scenario, road, table)
    return _document(scenario, road, often, plan)


def _document(scenario: Scenario, road: Road, often: Range | None, plan: Plan | None) -> dict[str, Any]:
    at = scenario.target_year - scenario.first_year + 1
    ranges = None if often is None else often.quantiles(0.05, 0.5, 0.95)
    years = []
    for t in range(scenario.n_years + 1):
        row: dict[str, Any] = {
            "year": scenario.first_year - 1 + t,
            "talents": int(road.counted[t]),
            "range_90": None if ranges is None else [int(ranges[0, t]), int(ranges[2, t])],
            "levels": {name: int(road.stock[t, :, k].sum()) for k, name in enumerate(scenario.levels)},
        }
        if t:
            flows = {"places": scenario.places, "filled": road.filled, "completed": road.completed}
            flows |= {"arrived": road.arrived, "left": road.left, "fell": road.fell, "moved": road.moved}
            row |= {name: int(flow[t - 1].sum()) for name, flow in flows.items()}
        years.append(row)
    document: dict[str, Any] = {
        "scenario": scenario.name,
        "title": scenario.title,
        "definition": scenario.definition,
        "target": {"people": scenario.target, "year": scenario.target_year},
        "expected": int(road.counted[at]),
        "short": max(0, scenario.target - int(road.counted[at])),
        "reached_in_share_of_draws": None if often is None else often.reached,
        "years": years,
        "provinces": {
            name: int(road.stock[at, p][scenario.counted].sum()) for p, name in enumerate(scenario.provinces)
        },
        "people_conserved": {"start": int(road.people[0]), "end": int(road.people[-1])},
        "sources": [{"key": source.key, "text": source.text} for source in scenario.sources],
        "assumptions": list(scenario.assumptions),
    }
    if plan is not None:
        document["plan"] = {
            "cost": plan.cost,
            "currency": scenario.currency,
            "proven_lower_bound": plan.bound,
            "gap": plan.gap,
            "places": {
                str(year): dict(zip(scenario.levels, map(int, plan.places[t].sum(axis=0)), strict=True))
                for t, year in enumerate(scenario.years)
            },
            "places_by_province": {
                name: int(plan.places[:, p].sum()) for p, name in enumerate(scenario.provinces)
            },
        }
    return document


def _write_table(scenario: Scenario, road: Road, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = ("places", "filled", "completed", "arrived", "left", "fell", "moved")
        writer.writerow(["year", "province", "level", "stock_end", *names])
        for t, year in enumerate(scenario.years):
            for p, province in enumerate(scenario.provinces):
                for k, level in enumerate(scenario.levels):
                    flows = (
                        scenario.places, road.filled, road.completed, road.arrived, road.left, road.fell, road.moved
                    )  # fmt: skip
                    writer.writerow(
                        [year, province, level, road.stock[t + 1, p, k], *(flow[t, p, k] for flow in flows)]
                    )


def _print(document: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(f"[bold]{document['title']}[/bold]")
    console.print(f"Who counts: {document['definition']}\n")
    levels = list(document["years"][0]["levels"])
    table = Table()
    for name in (
        "year",
        "talents",
        "90 % range, million",
        *levels,
        "places filled",
        "arrived",
        "left",
        "fell",
    ):
        table.add_column(name, justify="right")
    for row in document["years"]:
        span = (
            "–"
            if row["range_90"] is None
            else f"{row['range_90'][0] / 1e6:.2f}–{row['range_90'][1] / 1e6:.2f}"
        )
        flows = [f"{row[name]:,}" if name in row else "" for name in ("filled", "arrived", "left", "fell")]
        stocks = [f"{row['levels'][name]:,}" for name in levels]
        table.add_row(str(row["year"]), f"{row['talents']:,}", span, *stocks, *flows)
    console.print(table)
    target, reached = document["target"], document["reached_in_share_of_draws"]
    chance = "" if reached is None else f"; met in {100 * reached:.0f} % of draws"
    gap = f"short by {document['short']:,}" if document["short"] else "met"
    console.print(
        f"Target {target['people']:,} by the end of {target['year']}: expected {document['expected']:,}, {gap}{chance}."
    )
    if "plan" in document:
        _print_plan(document, levels, console)
    console.print("\nSources")
    for source in document["sources"]:
        console.print(f"  {source['key']}: {source['text']}")
    if document["assumptions"]:
        console.print(f"Assumptions without a source: {', '.join(document['assumptions'])}")


def _print_plan(document: dict[str, Any], levels: list[str], console: Any) -> None:
    from rich.table import Table

    plan = document["plan"]
    console.print(
        f"\n[bold]Cheapest plan[/bold]: {plan['cost']:,.0f} {plan['currency']}; no plan can cost less than "
        f"{plan['proven_lower_bound']:,.0f} (gap {100 * plan['gap']:.3f} %)"
    )
    table = Table(title="training places per year")
    table.add_column("year")
    for name in levels:
        table.add_column(name, justify="right")
    for year, row in plan["places"].items():
        table.add_row(year, *(f"{row[name]:,}" for name in levels))
    console.print(table)
    by_province = sorted(plan["places_by_province"].items(), key=lambda pair: -pair[1])
    shown = ", ".join(f"{name} {count:,}" for name, count in by_province[:_SHOWN])
    console.print(f"Most places, all years: {shown}; all provinces with --csv or --json.")
