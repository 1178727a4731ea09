"""``lumbung farm calendar``: when to plant what, site by site."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.farm_progress import progress_bar
from lumbung.cli.farm_words import say
from lumbung.cli.language import language
from lumbung.web.farm_row_words import in_words_of

if TYPE_CHECKING:
    from lumbung.farm.calendar.planting_calendar import Calendar, Plan
    from lumbung.farm.calendar.season import Ensemble

BAD_INPUT, PLATFORM, INTERRUPTED = 2, 3, 130


@click.command()
@click.argument("sites", type=click.Path(path_type=Path))
@click.option(
    "--weather",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of weather files (and soil files). Without it: measured weather of Hyderabad, India.",
)
@click.option("--years", metavar="A-B", help="Planting years to use; all that the weather covers by default.")
@click.option(
    "--from",
    "begin",
    default="01-01",
    show_default=True,
    metavar="MM-DD",
    help="Where a planting year begins; e.g. 09-01 where the wet season spans New Year.",
)
@click.option(
    "--failure", default=2000.0, show_default=True, help="A season that brings less [kg/ha] has failed."
)
@click.option(
    "--within",
    metavar="A..B",
    help="The season begins within these dates, as Nov I..Des II, 11-01..12-20 or W44..W50; a site's own column goes before.",
)
@click.option(
    "--price",
    "prices",
    multiple=True,
    metavar="[CROP=]N",
    help="Price of a kilogram of grain as sold; N alone is rice's. Advice then goes by margin.",
)
@click.option("--cost", "costs", multiple=True, metavar="[CROP=]N", help="Cost of a season per hectare.")
@click.option("--water-cost", default=0.0, help="Cost of a millimetre of irrigation per hectare.")
@click.option("--moisture", default=0.14, show_default=True, help="Share of water in grain as sold.")
@click.option(
    "--least-margin", default=0.0, show_default=True, help="A season that earns less per hectare has failed."
)
@click.option(
    "--official",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Official yields: a table with region, year, yield [kg/ha or quintals/ha]. Brings yields to their level; needs the column region.",
)
@click.option(
    "--boundaries",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="GeoJSON with coasts and boundaries, drawn under the map.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="lumbung-out/planting-calendar",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="Print the decisions as JSON.")
def calendar(
    sites: Path,
    folder: Path | None,
    years: str | None,
    begin: str,
    failure: float,
    boundaries: Path | None,
    out: Path,
    as_json: bool,
    **horizon_and_prices: Any,
) -> None:
    """Find, for each site, the best planting window with its yield, risk and water need.

    SITES is a CSV file (commas or semicolons) or a spreadsheet with a header. Columns it does not
    know are carried through to decisions.csv. Its own:

    \b
      site              name (needed)
      latitude, longitude  degrees; the weather's own where empty
      weather           a file or folder below --weather: BMKG (CSV, xlsx), NASA POWER, Open-Meteo,
                        ERA5 and AgERA5 (NetCDF), DSSAT, CABO, PCSE; NAME.normals.csv holds normals;
                        or hyderabad (measured), monsoonal, equatorial, local (generated).
                        Empty: the file with the site's name; without --weather, hyderabad
      soil              EC1 to EC6, or a CABO soil file (default EC4)
      varieties         separated by ; (default IR72;IR64); FILE.yaml#NAME of the weather folder
      production        paddy (default), water-limited or potential
      irrigated         yes or no: keep the paddy flooded (default no)
      habitual          when people plant today, as 11-01, 15 Nov, Nov II
      elevation         of the site [m]; the weather must not lie too much higher or lower
      neighbour         other weather files, separated by ;, from which gaps are filled first
      initial_water     water above wilting point at every start [mm]; simulated where empty
      below, normal, above, forecast_months
                        a seasonal forecast: chances of the three thirds, and its months as 10-12 or Okt-Des
      within            as --within, for this site
      region            whose official yields (--official) are the site's

    Every start (36 a year) and variety is grown in every year. Writes decisions.csv, calendar.csv, decisions.geojson,
    calendar.nc, weather.csv (what was read and filled), a picture and a sheet to print per site, map.svg, remarks.csv and problems.csv to --out. A site that cannot be used is listed and the
    others are done. After Ctrl-C the same command goes on.
    """
    from lumbung.farm.calendar.boundaries import BoundaryError, read_boundaries
    from lumbung.farm.calendar.official import OfficialError
    from lumbung.farm.calendar.planting_calendar import KEPT, make_calendar, write_calendar
    from lumbung.farm.calendar.sites import SitesError, read_sites

    try:
        plan = _plan(years, begin, failure, horizon_and_prices)
        outlines = read_boundaries(boundaries) if boundaries is not None else []
        with progress_bar() as show:
            table = read_sites(sites, folder)
            made = make_calendar(table, plan, out / KEPT, show(len(table.names)))
        written = write_calendar(made, out, language(), outlines)
    except (SitesError, BoundaryError, OfficialError) as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(BAD_INPUT) from None
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is finished lies in {out / KEPT}: the same command goes on", err=True)
        raise SystemExit(INTERRUPTED) from None
    except OSError as error:
        click.echo(f"error: cannot write to {out}: {error}", err=True)
        raise SystemExit(PLATFORM) from None
    if as_json:
        click.echo(json.dumps(made.rows, ensure_ascii=False, indent=1))
    else:
        _print(made, folder)
    for line, remarks in sorted(made.remarks.items()):
        for remark in remarks:
            where = f"{sites}, {say('line', line=line)} ({made.names.get(line, say('header'))})"
            click.echo(f"{where}: {say('mind')}: {in_words_of(language(), remark)}", err=True)
    for line, why in sorted(made.problems.items()):
        click.echo(
            f"{sites}, {say('line', line=line)} ({made.names[line]}): {in_words_of(language(), why)}",
            err=True,
        )
    click.echo(
        say("done", done=len(made.results), all=len(made.names), files=len(written), out=out), err=True
    )
    raise SystemExit(0 if made.results else BAD_INPUT)


def years_of(text: str | None) -> tuple[int, int] | None:
    """Return first and last year of ``2001-2010``; None where nothing is said.

    Raises
    ------
    lumbung.farm.calendar.sites.SitesError
    """
    from lumbung.farm.calendar.sites import SitesError

    if text is None:
        return None
    parts = text.split("-")
    if not all(part.strip().isdigit() for part in parts) or len(parts) not in (1, 2):
        raise SitesError(f"--years: expected A-B as 2001-2010, found {text!r}")
    span = (int(parts[0]), int(parts[-1]))
    if span[0] > span[1]:
        raise SitesError(f"--years: {span[0]} is after {span[1]}")
    return span


def _plan(years: str | None, begin: str, failure: float, options: dict[str, Any]) -> Plan:
    from lumbung.farm.calendar.margins import PriceError, read_prices
    from lumbung.farm.calendar.official import OfficialError, read_official
    from lumbung.farm.calendar.people_dates import DateError, periods_within
    from lumbung.farm.calendar.planting_calendar import Plan
    from lumbung.farm.calendar.season import DecisionError, period_of
    from lumbung.farm.calendar.sites import SitesError

    try:
        prices = read_prices(options["prices"], options["costs"], options["water_cost"], options["moisture"])
        within = periods_within(options["within"]) if options["within"] else None
        official = read_official(options["official"]) if options["official"] else None
        return Plan(
            years_of(years), period_of(begin), failure, prices, options["least_margin"], within, official
        )
    except DecisionError as error:
        raise SitesError(f"--from: {error}") from None
    except DateError as error:
        raise SitesError(f"--within: {error}") from None
    except (PriceError, OfficialError) as error:
        raise SitesError(str(error)) from None


_MOST = 40
WIDE = 200  # columns off a terminal, so that nothing is cut


def _print(made: Calendar, folder: Path | None) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    rows = made.rows
    table = Table(
        box=box.SIMPLE,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        caption=_caption(made, folder),
        caption_justify="left",
    )
    for title in ("site", "variety", "start", "window"):
        table.add_column(say(title), no_wrap=True)
    priced = made.plan.prices is not None
    gain = "gain money" if priced else "gain"
    for title in (
        "holds",
        "yield",
        "risk",
        "irrigation",
        "habit",
        gain,
        "years",
        *(("margin", "loss") if priced else ()),
    ):
        table.add_column(say(title), justify="right", no_wrap=True)
    on_terminal = sys.stdout.isatty()
    for row in rows[:_MOST] if on_terminal else rows:
        table.add_row(*_cells(row), *(_money(row) if priced else ()))
    Console(width=None if on_terminal else WIDE).print(table)
    if on_terminal and len(rows) > _MOST:
        click.echo(say("more", count=len(rows) - _MOST), err=True)


def _cells(row: dict[str, Any]) -> Sequence[str]:
    band = f" ({row['yield_p10']:.0f}–{row['yield_p90']:.0f})"
    gain = (
        ""
        if row["gain"] is None
        else f"{row['gain']:+,.0f} ({row['gain_low']:+,.0f}…{row['gain_high']:+,.0f})"
    )
    mark = "*" if row["weather"] != "measured" else ""
    return (
        _short(row["site"]) + mark,
        _short(row["variety"].removeprefix("Rice_")),
        row["start"],
        f"{row['window_from']}…{row['window_to']}",
        f"{row['window_probability']:.0%}",
        f"{row['yield']:.0f}{band}",
        f"{row['risk']:.0%} ({100 * row['risk_low']:.0f}–{row['risk_high']:.0%})",
        f"{row['irrigation']:.0f}",
        row["habitual"] or "",
        gain,
        str(row["years"]),
    )


def _money(row: dict[str, Any]) -> Sequence[str]:
    return f"{row['margin']:,} ({row['margin_p10']:,}–{row['margin_p90']:,})", f"{row['loss_risk']:.0%}"


def _short(name: str) -> str:
    return name if len(name) <= 20 else name[:19] + "…"


def _caption(made: Calendar, folder: Path | None) -> str:
    """What a reader of the table must know: where the weather is from, and what an interval means."""
    ensembles = [ensemble for ensemble, _ in made.results.values()]
    notes = []
    if any(e.site.weather.generated for e in ensembles):
        notes.append(say("generated"))
    measured = sorted({e.site.weather.source for e in ensembles if not e.site.weather.generated} - {""})
    notes += [say("measured", source=source) for source in measured[:3]]
    if folder is None and any(e.site.weather.name == "Hyderabad" for e in ensembles):
        notes.append(say("demo"))
    notes += _filled(ensembles)
    errors = sorted({row["model_error"] for row in made.rows})
    notes.append(say("band", error=say("or").join(str(e) for e in errors)))
    ratios = [e.level.ratio for e in ensembles if e.level is not None]
    if ratios:
        notes.append(say("official", low=f"{min(ratios):.2f}", high=f"{max(ratios):.2f}"))
    notes.append(say("meaning", failure=f"{made.plan.failure:g}"))
    if made.plan.prices is not None:
        notes.append(
            say(
                "margins", least=f"{made.plan.least_margin:,.0f}", moisture=f"{made.plan.prices.moisture:.0%}"
            )
        )
    return "\n".join(notes)


_WORST = 6


def _filled(ensembles: Sequence[Ensemble]) -> list[str]:
    """Say which weather was filled: variable, days and share."""
    notes = []
    for weather in {id(e.site.weather): e.site.weather for e in ensembles}.values():
        filled: dict[str, int] = {}
        for step in weather.history:
            if step.action in ("filled", "trace"):
                filled[step.variable] = filled.get(step.variable, 0) + step.days
        if filled:
            what = ", ".join(
                say("days", variable=name, days=days, share=f"{days / len(weather):.1%}")
                for name, days in sorted(filled.items())
            )
            notes.append(say("filled", name=weather.name, what=what))
    hidden = len(notes) - _WORST
    return notes[:_WORST] + ([say("hidden", count=hidden)] if hidden > 0 else [])
