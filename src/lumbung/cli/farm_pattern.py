"""``lumbung farm pattern`` and ``lumbung farm golongan``: a field through the year, and a scheme in rotation groups."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from lumbung.cli.farm_pattern_words import say
from lumbung.cli.farm_progress import progress_bar
from lumbung.cli.language import language
from lumbung.web.farm_row_words import in_words_of

if TYPE_CHECKING:
    import numpy as np

    from lumbung.farm.calendar.crop_patterns import Grown, Settings
    from lumbung.farm.calendar.season import Site
    from lumbung.farm.calendar.sites import SiteTable

BAD_INPUT, PLATFORM = 2, 3
WIDE = 200
_MOST = 60


def _stop(message: str) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    raise SystemExit(BAD_INPUT)


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that both commands have."""
    for option in reversed(
        (
            click.option(
                "--weather",
                "folder",
                type=click.Path(path_type=Path, exists=True, file_okay=False),
                help="Folder of weather files (and soil files). Without it: measured weather of Hyderabad, India.",
            ),
            click.option("--years", metavar="A-B", help="Planting years; all that the weather covers by default."),
            click.option("--from", "begin", default="09-01", show_default=True, metavar="MM-DD",
                         help="Where a planting year begins."),
            click.option("--failure", default=2000.0, show_default=True, help="A crop that brings less [kg/ha] has failed."),
            click.option("--price", "prices", multiple=True, metavar="[CROP=]N",
                         help="Price of a kilogram of grain as sold; N alone is rice's. Without it grain is counted."),
            click.option("--cost", "costs", multiple=True, metavar="[CROP=]N", help="Cost of a season per hectare."),
            click.option("--water-cost", default=0.0, help="Cost of a millimetre of irrigation per hectare."),
            click.option("--moisture", default=0.14, show_default=True, help="Share of water in grain as sold."),
            click.option("--prepare", default=20, show_default=True, help="Days a paddy is worked and soaked before planting."),
            click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("sites", type=click.Path(path_type=Path))
@click.option("--supply", type=click.Path(path_type=Path, dir_okay=False),
              help="Table with period and supply [mm/d]: most irrigation of a field by ten-day period.")  # fmt: skip
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="lumbung-out/crop-patterns",
    show_default=True,
)
@_shared
def pattern(sites: Path, supply: Path | None, out: Path, as_json: bool, **options: Any) -> None:
    """Find, for each site, the crop pattern of the year and when to begin it.

    SITES is a table as for `lumbung farm calendar`. Columns of its own:

    \b
      pattern       what may be grown, several separated by ; as padi-padi-palawija;padi-palawija-bera
                    (rice, secondary and fallow do as well; default padi-padi-palawija)
      secondary     variety of the secondary crop (default Maize_VanHeemst_1988)
      seedling_age  days from seed to transplanting (default 21; 0: sown in the field)
      within        the season begins within these dates, as Nov I..Des II or W44..W50

    The field carries its water from crop to crop through every fallow; land preparation and seed-beds of irrigated rice are
    counted. A crop that finds no water or no time is not planted, and has failed. Writes patterns.csv, starts.csv and need.csv to --out.
    """
    from lumbung.farm.calendar.crop_patterns import Choice, choose_many
    from lumbung.farm.calendar.pattern_files import pattern_rows, write_patterns

    settings, table = _read(sites, supply, options)
    with progress_bar() as show:
        found = choose_many(list(table.sites.values()), settings, progress=show(len(table.sites)))
    lines = dict(zip(table.sites, found, strict=True))
    problems = table.problems | {line: str(one) for line, one in lines.items() if not isinstance(one, Choice)}
    choices = [one for one in lines.values() if isinstance(one, Choice)]
    rows = [row for choice in choices for row in pattern_rows(choice, settings.first_period)]
    try:
        written = write_patterns(out, choices, settings.first_period)
    except OSError as error:
        click.echo(f"error: cannot write to {out}: {error}", err=True)
        raise SystemExit(PLATFORM) from None
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print_patterns(rows, settings, [c.site for c in choices])
    _tell(table, problems)
    click.echo(say("done", done=len(choices), all=len(table.names), files=len(written), out=out), err=True)
    raise SystemExit(0 if choices else BAD_INPUT)


@click.command()
@click.argument("sites", type=click.Path(path_type=Path))
@click.option("--supply", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="Table with period and supply [l/s]: water at the intake of the scheme by ten-day period.")  # fmt: skip
@click.option(
    "--groups",
    default=3,
    show_default=True,
    type=click.IntRange(1, 12),
    help="How many golongan there may be.",
)
@click.option(
    "--efficiency",
    default=0.65,
    show_default=True,
    help="Share of the water at the intake that reaches fields.",
)
@click.option("--seconds", default=20.0, show_default=True, help="How long the solver may search.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="lumbung-out/golongan",
    show_default=True,
)
@_shared
def golongan(
    sites: Path,
    supply: Path,
    groups: int,
    efficiency: float,
    seconds: float,
    out: Path,
    as_json: bool,
    **options: Any,
) -> None:
    """Divide an irrigation scheme into rotation groups (golongan) so that its water suffices.

    SITES is a table as for `lumbung farm pattern`, a row per block, with the column area [ha]; its rice counts as irrigated.
    Blocks of one group begin in the same ten days. A block may get another of its patterns, or no water at all,
    where the supply does not last: the division is the one that brings most. The need of a block is that of a dry year,
    which one year in five exceeds. Writes golongan.csv and water.csv to --out.
    """
    from dataclasses import replace

    from lumbung.farm.calendar.crop_patterns import grow_patterns
    from lumbung.farm.calendar.golongan import Block, SchemeError, divide, read_supply
    from lumbung.farm.calendar.pattern_files import golongan_rows, write_golongan
    from lumbung.farm.growing.harvest import Pond

    settings, table = _read(sites, None, options)
    blocks, problems = [], dict(table.problems)
    kept: dict[tuple[Any, ...], tuple[Grown, ...]] = {}
    with progress_bar() as show:
        step = show(len(table.sites))
        for line, site in table.sites.items():
            if site.production == "paddy":
                site = replace(site, pond=site.pond or Pond())
            alike = (
                id(site.weather),
                id(site.soil),
                site.varieties,
                site.patterns,
                site.secondary,
                site.seedling_age,
            )
            try:
                kept[alike] = kept.get(alike) or grow_patterns(site, settings)
                blocks.append(Block(site, kept[alike]))
            except ValueError as error:
                problems[line] = str(error)
            step(1)
    _tell(table, problems)
    if not blocks:
        _stop(say("no block"))
    try:
        found = divide(
            blocks, read_supply(supply), groups, settings.first_period, efficiency=efficiency, seconds=seconds
        )
    except SchemeError as error:
        _stop(str(error))
    rows = golongan_rows(
        found, [b.site.name for b in blocks], [b.site.area or 0.0 for b in blocks], settings.first_period
    )
    try:
        written = write_golongan(out, found, rows)
    except OSError as error:
        click.echo(f"error: cannot write to {out}: {error}", err=True)
        raise SystemExit(PLATFORM) from None
    figures = {
        "groups": len(found.starts),
        "without": sum(place is None for place in found.places),
        "value": found.value,
        "bound": found.bound,
        "periods_met": found.periods_met,
        "years_met": found.years_met,
        "together": found.together,
    }
    if as_json:
        click.echo(json.dumps({**figures, "blocks": rows}, ensure_ascii=False, indent=1))
    else:
        _print_golongan(rows, figures, [b.site for b in blocks], settings)
    click.echo(say("done", done=len(blocks), all=len(table.names), files=len(written), out=out), err=True)


def _read(sites: Path, supply: Path | None, options: dict[str, Any]) -> tuple[Settings, SiteTable]:
    from lumbung.cli.farm_calendar import years_of
    from lumbung.farm.calendar.crop_patterns import Settings
    from lumbung.farm.calendar.golongan import SchemeError, read_supply
    from lumbung.farm.calendar.margins import PriceError, read_prices
    from lumbung.farm.calendar.season import DecisionError, period_of
    from lumbung.farm.calendar.sites import SitesError, read_sites

    try:
        prices = read_prices(options["prices"], options["costs"], options["water_cost"], options["moisture"])
        limits: np.ndarray | None = None if supply is None else read_supply(supply)
        settings = Settings(
            years_of(options["years"]),
            period_of(options["begin"]),
            options["failure"],
            prices,
            limits,
            options["prepare"],
        )
        return settings, read_sites(sites, options["folder"])
    except (SitesError, SchemeError, PriceError, DecisionError) as error:
        _stop(str(error))


def _tell(table: SiteTable, problems: dict[int, str]) -> None:
    for line, why in sorted(problems.items()):
        click.echo(
            f"{table.path}, {say('line', line=line)} ({table.names[line]}): {in_words_of(language(), why)}",
            err=True,
        )


def _print_table(titles: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], caption: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(
        box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), caption=caption, caption_justify="left"
    )
    for title, justify in titles:
        table.add_column(say(title), justify="right" if justify == "right" else "left", no_wrap=True)
    for row in rows[:_MOST] if sys.stdout.isatty() else rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)
    if sys.stdout.isatty() and len(rows) > _MOST:
        click.echo(say("more", count=len(rows) - _MOST), err=True)


def _print_patterns(rows: Sequence[dict[str, Any]], settings: Settings, sites: Sequence[Site]) -> None:
    cells = []
    for row in rows:
        first = row["crop"] == 1
        mark = "*" if row["weather"] != "measured" else ""
        cells.append(
            (
                row["site"] + mark if first else "",
                row["pattern"] if first else "",
                row["first_start"] if first else "",
                f"{row['crop']} {row['variety'].removeprefix('Rice_')}",
                row["planted"] or "–",
                f"{row['planted_share']:.0%}",
                f"{row['yield']} ({row['yield_p10']}–{row['yield_p90']})",
                f"{row['risk']:.0%}",
                str(row["irrigation"] + row["nursery"]),
                f"{row['year_value']} ({row['year_value_p10']}–{row['year_value_p90']})" if first else "",
            )
        )
    titles = (
        ("site", ""), ("pattern", ""), ("start", ""), ("crop", ""), ("planted", "right"), ("share", "right"), ("yield", "right"),
        ("risk", "right"), ("irrigation", "right"), ("value" if settings.prices is None else "margin", "right"),
    )  # fmt: skip
    notes = [*_weather_notes(sites), say("carried"), say("meaning", failure=f"{settings.failure:g}")]
    _print_table(titles, cells, "\n".join(notes))


def _print_golongan(
    rows: Sequence[dict[str, Any]], figures: dict[str, Any], sites: Sequence[Site], settings: Settings
) -> None:
    cells = [
        (
            row["site"],
            f"{row['area']:g}",
            "–" if row["golongan"] is None else str(row["golongan"]),
            row["first_start"] or "–",
            row["pattern"] or say("unplanted"),
            (row["variety"] or "").removeprefix("Rice_"),
            "" if row["need"] is None else str(row["need"]),
            "" if row["year_value"] is None else str(row["year_value"]),
        )
        for row in sorted(rows, key=lambda row: (row["golongan"] is None, row["golongan"], row["site"]))
    ]
    titles = (
        ("block", ""), ("area", "right"), ("group", "right"), ("start", ""), ("pattern", ""), ("variety", ""), ("need", "right"),
        ("value" if settings.prices is None else "margin", "right"),
    )  # fmt: skip
    gap = 0.0 if not figures["bound"] else max(0.0, 1.0 - figures["value"] / figures["bound"])
    notes = [
        *_weather_notes(sites),
        say("groups", groups=figures["groups"], without=figures["without"], gap=f"{gap:.1%}"),
        say("met", periods=f"{figures['periods_met']:.0%}", years=f"{figures['years_met']:.0%}"),
        say("together", share=f"{figures['together']:.1f}"),
    ]
    _print_table(titles, cells, "\n".join(notes))


def _weather_notes(sites: Sequence[Site]) -> list[str]:
    notes = [say("generated")] if any(site.weather.generated for site in sites) else []
    measured = sorted({site.weather.source for site in sites if not site.weather.generated} - {""})
    return notes + [say("measured", source=source) for source in measured[:3]]
