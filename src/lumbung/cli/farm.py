"""``lumbung farm``: grow seasons, hold the engine against truth."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from lumbung.cli.farm_calendar import calendar
from lumbung.cli.farm_calibrate import calibrate
from lumbung.cli.farm_pattern import golongan, pattern
from lumbung.cli.farm_risk import risk

if TYPE_CHECKING:
    from lumbung.farm.growing.season_table import Grown

BAD_INPUT, PLATFORM = 2, 3


@click.group()
def command() -> None:
    """Grow crops by the hundred thousand and decide when to plant.

    The engine is WOFOST 7.2, potential and water-limited, with a flooded rice field as an option; for seasons that say what
    nitrogen there is, WOFOST 8.1. It knows no pests, and no phosphorus or potassium: yields are what weather, water and, where
    told, nitrogen allow.
    """


command.add_command(calendar)
command.add_command(calibrate)
command.add_command(pattern)
command.add_command(golongan)
command.add_command(risk)


def _stop(message: str) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    raise SystemExit(BAD_INPUT)


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--tolerance", default=1e-9, show_default=True, help="Absolute and relative, added.")
def check(folder: Path, as_json: bool, tolerance: float) -> None:
    """Grow every reference case in FOLDER and compare every day.

    Reads PCSE's test files (YAML) and JSON lists of seasons, gzipped or not, in FOLDER and below.
    Ends with 1 when a case fails.
    """
    from rich.console import Console

    from lumbung.farm.growing.reference_cases import CaseError
    from lumbung.farm.growing.reference_cases import check as check_folder

    try:
        with Console(stderr=True).status(f"growing the reference cases in {folder}"):
            report = check_folder(folder, tolerance=tolerance)
    except CaseError as fault:
        _stop(str(fault))
    cases = len(report.verdicts)
    failed = [v for v in report.verdicts if not v.passed]
    if as_json:
        click.echo(
            json.dumps(
                {
                    "folder": report.folder,
                    "cases": cases,
                    "passed": report.passed,
                    "tolerance": tolerance,
                    "largest_error": report.worst,
                    "failed": {v.name: v.first_failure for v in failed},
                    "skipped": len(report.skipped),
                    "wofost_8_1": report.newer,
                },
                indent=2,
            )
        )
    else:
        click.echo(
            f"{report.passed} of {cases} cases pass (tolerance {tolerance:g} absolute + {tolerance:g} relative)"
        )
        if report.skipped:
            click.echo(f"{len(report.skipped) - report.newer} files are no whole seasons and were left out")
        click.echo(
            f"WOFOST 8.1 (nitrogen): {report.newer or 'no'} cases here, none grown; it is held to the installed PCSE "
            "by python benchmarks/farm_nitrogen.py --parity 320"
        )
        click.echo("largest error by variable, |ours - theirs| / (1 + |theirs|):")
        for name, error in report.worst.items():
            click.echo(f"  {name:<8}{error:.1e}")
        for verdict in failed:
            click.echo(f"FAILED {verdict.name}: {verdict.first_failure}")
    raise SystemExit(1 if failed else 0)


@command.command()
@click.argument("seasons", type=click.Path(path_type=Path))
@click.option(
    "--weather",
    "weather_folder",
    type=click.Path(path_type=Path),
    help="Folder that weather names in the table refer to; by default the folder of the table.",
)
@click.option(
    "--fertiliser",
    type=click.Path(path_type=Path),
    metavar="TABLE",
    help="Table of plans that the column fertiliser names.",
)
@click.option("--daily", is_flag=True, help="Give a row per day instead of a row per season.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the CSV there instead of to the terminal."
)
@click.option("--json", "as_json", is_flag=True, help="Print rows as JSON.")
@click.option("--threads", type=int, help="How many processors to use; all by default.")
def simulate(
    seasons: Path,
    weather_folder: Path | None,
    fertiliser: Path | None,
    daily: bool,
    out: Path | None,
    as_json: bool,
    threads: int | None,
) -> None:
    """Grow the seasons of a table.

    SEASONS is a CSV file with a header. Its columns:

    \b
      start       date, as 2024-11-01 (needed)
      weather     file or folder below --weather; "hyderabad" is built in (default)
      crop        variety, as IR72 or Maize_VanHeemst_1988 (default IR72)
      soil        EC1 to EC6, or a CABO soil file (default EC3)
      production  potential, water-limited or paddy (default water-limited)
      sowing      yes or no: does the season start at sowing, or at emergence (default no)
      irrigated   yes or no: keep a paddy flooded (default no)
      soil_nitrogen  kg/ha the soil gives in a season; empty: nitrogen is no limit and not simulated
      fertiliser  a plan of the table --fertiliser; empty: none

    The table of --fertiliser is a CSV file with a row per application: plan, day (after the start) or date, kg_n_ha
    (nitrogen; urea is 46 % nitrogen), and recovery, the share the crop can have (default 0.4).

    A row that cannot be grown is reported with its line and left empty; the others are grown.
    Weights are in kg/ha, water in mm. Daily rows carry WOFOST's symbols and units: water in cm.
    """
    from rich.console import Console

    from lumbung.farm.growing.season_table import TableError, grow_table

    try:
        with Console(stderr=True).status(f"growing the seasons of {seasons}"):
            grown = grow_table(
                seasons, weather_folder or seasons.parent, fertiliser=fertiliser, daily=daily, threads=threads
            )
    except TableError as error:
        _stop(str(error))
    for line, why in grown.problems:
        click.echo(f"{seasons}, line {line}: {why}", err=True)
    rows = grown.daily_rows() if daily else grown.rows()
    table = list(rows)
    try:
        if out is not None:
            out.write_text(_as_json(table) if as_json else _as_csv(table), encoding="utf-8")
            click.echo(f"{len(table)} rows written to {out}", err=True)
        elif as_json:
            click.echo(_as_json(table))
        elif sys.stdout.isatty():
            _print_table(table, grown)
        else:
            click.echo(_as_csv(table), nl=False)
    except OSError as error:
        click.echo(f"error: cannot write {out}: {error}", err=True)
        raise SystemExit(PLATFORM) from None
    raise SystemExit(BAD_INPUT if grown.problems and len(grown.problems) == len(grown) else 0)


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()


def _as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, indent=1, ensure_ascii=False)


# What fits a terminal of 100 columns; the CSV holds everything.
_SHOWN = (
    ("line", "line"), ("start", "start"), ("crop", "crop"), ("soil", "soil"), ("production", "production"),
    ("maturity", "ripe"), ("yield_kg_ha", "yield kg/ha"), ("rain_mm", "rain mm"), ("irrigation_mm", "irrig. mm"),
)  # fmt: skip
_SHOWN_DAILY = (
    ("line", "line"), ("day", "day"), ("DVS", "DVS"), ("LAI", "LAI"), ("TAGP", "TAGP kg/ha"), ("TWSO", "TWSO kg/ha"),
    ("TRA", "TRA cm"), ("SM", "SM"), ("SS", "SS cm"),
)  # fmt: skip
_WORDS = ("start", "crop", "soil", "production", "ripe", "day")


def _print_table(rows: Sequence[Mapping[str, Any]], grown: Grown) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    shown = _SHOWN_DAILY if rows and "day" in rows[0] else _SHOWN
    table = Table(
        box=box.SIMPLE,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        caption=grown.caption or None,
        caption_justify="left",
    )
    for _, title in shown:
        table.add_column(
            title, justify="left" if title in _WORDS else "right", no_wrap=title in ("ripe", "start", "day")
        )
    most = 40
    for row in rows[:most]:
        table.add_row(*(_cell(row[name], "kg/ha" in title) for name, title in shown))
    Console().print(table)
    hidden = f"{len(rows) - most} more rows and " if len(rows) > most else ""
    click.echo(f"{hidden}more columns: --out FILE", err=True)


def _cell(value: object, whole: bool) -> str:
    if value is None:
        return ""
    if whole and isinstance(value, float):
        return f"{value:.0f}"
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
