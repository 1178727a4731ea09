"""The planting calendar as a job: read, tell what is wrong with which row, grow, write in three languages."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbung.desk.farm.table import NAME, with_columns, write_table
from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.progress import JobError, Progress

if TYPE_CHECKING:
    from lumbung.farm.calendar.planting_calendar import Calendar, Plan
    from lumbung.farm.calendar.sites import SiteTable

LANGUAGES = ("en", "id", "zh")
SHOWN = (
    "variety", "start", "window_from", "window_to", "window_probability", "yield", "yield_p10", "yield_p90", "risk",
    "risk_low", "risk_high", "water", "irrigation", "habitual", "gain", "gain_low", "gain_high", "years", "weather",
    "weather_source",
)  # fmt: skip


def calendar(job: Job, progress: Progress) -> None:
    """Make the calendar of a job's table.

    Writes ``rows.json`` (what is wrong with which row) as soon as the table is read, ``sites.json`` (what the map shows) when
    all sites are grown, and the folders ``en``, ``id`` and ``zh`` with what ``lumbung farm calendar`` writes.

    Raises
    ------
    JobError
        ``table``, ``options``, ``no_site``.
    """
    from lumbung.farm.calendar.planting_calendar import make_calendar
    from lumbung.farm.calendar.sites import SitesError, read_sites

    progress.stage("reading")
    plan = _plan(job.order().options)
    weather = job.input / "weather"
    path = _table(job)
    try:
        table = read_sites(path, weather if weather.is_dir() else None)
    except SitesError as error:
        raise JobError("table", without_path(str(error), path)) from None
    _write_rows(job, table, {})
    progress.ready()
    progress.stage("growing", len(table.names))
    made = make_calendar(table, plan, job.work / "sites", progress.advance)
    _write_rows(job, table, made.problems)
    if not made.results:
        raise JobError("no_site")
    progress.stage("writing", len(LANGUAGES))
    for language in LANGUAGES:
        _write(job, made, language)
        progress.advance()
        if language == LANGUAGES[0]:
            job.write_result("sites.json", _shown(made))
            progress.ready()
    _write_workbook(job, made)
    progress.ready()


def warm(_job: Job, _progress: Progress) -> None:
    """Compile what a calendar needs: a site, a year."""
    import tempfile

    from lumbung.farm.calendar.planting_calendar import Plan, make_calendar
    from lumbung.farm.calendar.sites import read_sites

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        write_table(path, [["site", "latitude", "longitude", "weather"], ["a", "-7", "107", "monsoonal"]])
        make_calendar(read_sites(path, None), Plan(years=(2001, 2001)))


def without_path(text: str, path: Path) -> str:
    """Return what an engine found without the desk's own folders, which are nobody's concern."""
    return text.replace(f"{path}, ", "").replace(f"{path}: ", "").replace(str(path), path.name)


def _plan(options: dict[str, Any]) -> Plan:
    from lumbung.farm.calendar.planting_calendar import Plan
    from lumbung.farm.calendar.season import DecisionError, period_of

    try:
        begin = period_of(options.get("begin") or "01-01")
    except DecisionError as error:
        raise JobError("options", str(error)) from None
    named = [int(options[name]) for name in ("first_year", "last_year") if options.get(name)]
    years = (named[0], named[-1]) if named else None
    return Plan(years=years, first_period=begin, failure=float(options.get("failure") or 2000.0))


def _table(job: Job) -> Path:
    """Return the table as it can be mended; made of what was given when it is not there yet."""
    from lumbung.farm.calendar.sites import column_of
    from lumbung.farm.weather.record import WeatherError
    from lumbung.farm.weather.tables import rows_of

    path = job.input / NAME
    if path.exists():
        return path
    given = next(job.input.glob("given.*"))
    try:
        rows = rows_of(given)
    except WeatherError as error:
        raise JobError("table", without_path(str(error), given)) from None
    if not rows or not any(any(row) for row in rows):
        raise JobError("table")
    known = [column_of(name) for name in rows[0]]
    write_table(path, with_columns(rows, known, job.order().options.get("columns", {})))
    return path


def _write_rows(job: Job, table: SiteTable, later: dict[int, str]) -> None:
    problems = {**table.problems, **later}
    job.write_result(
        "rows.json",
        {
            "all": len(table.names),
            "problems": {str(line): problems[line] for line in sorted(problems)},
            "remarks": {str(line): said for line, said in sorted(table.remarks.items())},
            "names": {str(line): name for line, name in table.names.items()},
        },
    )


def _write(job: Job, made: Calendar, language: str) -> None:
    """Write a language's folder aside and put it in the place of the one before."""
    from lumbung.farm.calendar.planting_calendar import write_calendar

    draft, before = job.work / f"draft-{language}", job.work / f"before-{language}"
    for folder in (draft, before):
        shutil.rmtree(folder, ignore_errors=True)
    write_calendar(made, draft, language)
    target = job.result / language
    if target.exists():
        target.replace(before)
    draft.replace(target)
    shutil.rmtree(before, ignore_errors=True)


def _shown(made: Calendar) -> list[dict[str, Any]]:
    from lumbung.farm.calendar.planting_calendar import file_name

    return [
        {
            "line": line,
            "site": row["site"],
            "latitude": row["latitude"],
            "longitude": row["longitude"],
            "file": f"{number:04d}-{file_name(row['site'])}",
            **{name: row[name] for name in SHOWN},
        }
        for number, (line, row) in enumerate(zip(made.results, made.rows, strict=True), start=1)
    ]


def _write_workbook(job: Job, made: Calendar) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for title, rows in (("decisions", made.rows), ("problems", _problems(made))):
        sheet = book.create_sheet(title)
        columns = list(dict.fromkeys(name for row in rows for name in row))
        sheet.append(columns)
        for row in rows:
            sheet.append([_plain(row.get(name)) for name in columns])
    draft = job.work / "decisions.xlsx"
    book.save(draft)
    draft.replace(job.result / "decisions.xlsx")


def _problems(made: Calendar) -> list[dict[str, Any]]:
    return [
        {"line": line, "site": made.names[line], "problem": why}
        for line, why in sorted(made.problems.items())
    ]


def _plain(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
