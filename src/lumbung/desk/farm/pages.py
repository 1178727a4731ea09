"""The farm's pages: drop a table, see the calendar, mend rows in place."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.desk.access import utc_now
from lumbung.desk.door import only, who
from lumbung.desk.farm.table import NAME, mended, read_table, write_table
from lumbung.desk.jobs.folder import OVER, Job, Order
from lumbung.desk.jobs.kinds import installed
from lumbung.desk.shelf import busy, files_of, find_job, jobs, numbers_in, start_job, text_as_upload, title_of
from lumbung.desk.words import language_here
from lumbung.web.farm_row_words import in_words_of

KIND = "farm.calendar"
CLIMATES = ("monsoonal", "equatorial", "local")
MEASURED = "hyderabad"
MOST_BAD = 100
"""Rows that a page shows for mending; the others follow when these are mended."""


@only("operator")
def start(request: HttpRequest) -> HttpResponse:
    """Take a table of sites and what goes with it."""
    wrong: dict[str, str] = {}
    if request.method == "POST":
        options, wrong = _options(request.POST)
        table = request.FILES.get("table")
        if table is None:
            wrong["table"] = _("Give a table of sites.")
        elif Path(table.name or "").suffix.lower() not in (".csv", ".txt", ".tsv", ".xlsx", ".xlsm"):
            wrong["table"] = _("Give a CSV file or a spreadsheet (.xlsx), not %(name)s.") % {
                "name": table.name
            }
        weather = request.FILES.getlist("weather")
        if not wrong and table is not None:
            order = Order(
                KIND, title_of(request, Path(table.name or "").stem), options, utc_now(), who(request).name
            )  # fmt: skip
            inputs = files_of(("given", table), *(("weather/", file) for file in weather))
            return redirect("desk:job", start_job(order, inputs).id)
    context = {
        "wrong": wrong, "given": request.POST, "limit": settings.UPLOAD_LIMIT, "climates": _climates(), "installed": installed(KIND),
        "recent": [job for job in jobs().all() if job.order().kind == KIND][:8],
    }  # fmt: skip
    return render(request, "desk/farm_start.html", context, status=422 if wrong else 200)


def _climates() -> list[tuple[str, str]]:
    return [
        ("monsoonal", _("generated weather, one wet season November to April (Java, Bali, Nusa Tenggara)")),
        ("equatorial", _("generated weather, two rainy peaks (western Sumatra, West Kalimantan)")),
        ("local", _("generated weather, wettest in the middle of the year (Maluku)")),
        (MEASURED, _("measured weather of Hyderabad, India, to try it")),
    ]


def _options(post: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what was chosen, and what is wrong with it by field."""
    wrong: dict[str, str] = {}
    options: dict[str, Any] = {"columns": {}}
    for field, low, high in (("first_year", 1900, 2100), ("last_year", 1900, 2100), ("failure", 1, 20000)):
        text = post.get(field, "").strip()
        if not text:
            continue
        if text.isdecimal() and low <= int(text) <= high:
            options[field] = int(text)
        else:
            wrong[field] = _("Expected a whole number between %(low)s and %(high)s.") % {
                "low": low,
                "high": high,
            }
    if options.get("first_year", 0) > options.get("last_year", 9999):
        wrong["last_year"] = _("The last year lies before the first.")
    options["begin"] = post.get("begin", "").strip()
    climate = post.get("climate", "")
    if climate in (*CLIMATES, MEASURED):
        options["columns"]["weather"] = climate
    thirds = [post.get(name, "").strip().replace(",", ".") for name in ("below", "normal", "above")]
    if any(thirds):
        try:
            numbers = [float(third) for third in thirds]
        except ValueError:
            numbers = []
        if len(numbers) != 3 or min(numbers) < 0 or abs(sum(numbers) - 100) > 1.5:
            wrong["below"] = _("Give three chances in percent that add up to 100.")
        else:
            for name, number in zip(("below", "normal", "above"), numbers, strict=True):
                options["columns"][name] = f"{number / sum(numbers):.4f}"
            options["columns"]["forecast_months"] = post.get("forecast_months", "").strip() or "10-12"
    return options, wrong


def context_of(job: Job) -> dict[str, Any]:
    """Return what a calendar's page shows."""
    rows = job.read_result("rows.json") or {}
    sites = job.read_result("sites.json")
    return {
        "sites": sites,
        "generated": bool(sites) and any(site["weather"] != "measured" for site in sites),
        "counted": rows,
        "bad": _bad_rows(job, rows),
        "remarks": [
            (
                line,
                rows.get("names", {}).get(line, ""),
                [in_words_of(language_here(), said) for said in remarks],
            )
            for line, remarks in rows.get("remarks", {}).items()
        ],
        "language_folder": language_here(),
    }


def _bad_rows(job: Job, rows: dict[str, Any]) -> dict[str, Any]:
    """Return the rows that cannot be used, cell by cell, with what is wrong in the reader's language."""
    problems = rows.get("problems", {})
    path = job.input / NAME
    if not problems or not path.exists():
        return {}
    table = read_table(path)
    width = len(table[0])
    return {
        "header": table[0],
        "all": len(problems),
        "more": max(len(problems) - MOST_BAD, 0),
        "rows": [
            {
                "line": int(line),
                "cells": [*table[int(line) - 1], *[""] * width][:width],
                "why": in_words_of(language_here(), why),
                "column": why.removeprefix("column ").partition(":")[0] if why.startswith("column ") else "",
            }
            for line, why in list(problems.items())[:MOST_BAD]
            if int(line) <= len(table)
        ],
    }


@only("operator")
@require_POST
def mend(request: HttpRequest, name: str) -> HttpResponse:
    """Put mended cells into the table and go on: what was grown stays grown."""
    job = find_job(name)
    if job.state().status not in OVER:
        return busy(request, job)
    # Only what is still wrong: a page that was opened earlier would undo what was mended since.
    wrong = {int(line) for line in (job.read_result("rows.json") or {}).get("problems", {})}
    cells = {
        (at[0], at[1]): said
        for at, said in numbers_in(request.POST, "cell-").items()
        if len(at) == 2 and at[0] in wrong
    }
    dropped = [line for line in wrong if str(line) in request.POST.getlist("drop")]
    if (cells or dropped) and (job.input / NAME).exists():
        write_table(job.input / NAME, mended(read_table(job.input / NAME), cells, dropped))
        job.go_on()
    return redirect("desk:job", name)


@require_safe
def site(request: HttpRequest, name: str, line: int) -> HttpResponse:
    """Show one site: its chart and what it says, and where its sheet is."""
    job = find_job(name)
    found = next((site for site in job.read_result("sites.json") or [] if site["line"] == line), None)
    if found is None:
        raise Http404
    return render(
        request, "desk/farm_site.html", {"job": job, "site": found, "language_folder": language_here()}
    )


def example_table() -> str:
    """Return a made-up table of sites over West Java, one row of it with a mistake to be mended."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["site", "latitude", "longitude", "weather", "irrigated", "habitual"])
    for number in range(1, 13):
        latitude, longitude = -7.35 + 0.09 * ((number * 5) % 12), 106.8 + 0.13 * number
        writer.writerow(
            [
                _("Example site %(number)s") % {"number": number},
                f"{latitude:.3f}" if number != 5 else f"{longitude:.3f}",
                f"{longitude:.3f}" if number != 5 else f"{latitude:.3f}",
                CLIMATES[0] if number % 4 else CLIMATES[1], "yes" if number % 3 == 0 else "no",
                ("Okt III", "Nov I", "Nov III", "Des I")[number % 4],
            ]
        )  # fmt: skip
    return out.getvalue()


def start_example(request: HttpRequest, kind: str) -> Job:
    """Start the worked example."""
    order = Order(
        kind, "", {"first_year": 2001, "last_year": 2010, "columns": {}},
        utc_now(), who(request).name, example=True,
    )  # fmt: skip
    return start_job(order, text_as_upload("given.csv", example_table()))
