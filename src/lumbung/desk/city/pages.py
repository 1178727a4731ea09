"""The city's pages: a map becomes a model, its guesses are corrected where they are seen, and signals are compared."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.desk.access import utc_now
from lumbung.desk.city.guess_table import NAME, correct, read_rows
from lumbung.desk.city.guess_words import kind_words, said_as, why_words
from lumbung.desk.door import only, who
from lumbung.desk.jobs.folder import OVER, Job, Order
from lumbung.desk.jobs.kinds import installed
from lumbung.desk.shelf import busy, empty_upload, files_of, find_job, numbers_in, start_job, title_of
from lumbung.desk.words import language_here
from lumbung.proving.unreadable import UNREADABLE

IMPORT, SIGNALS = "city.import", "city.signals"
MAPS = (".osm", ".gz", ".bz2", ".pbf", ".xml")
ARCHIVES = (".zip", ".gz", ".tgz", ".xz", ".tar")
TABLES = (".csv", ".txt", ".tsv", ".xlsx")
VARIANTS = ("today", "retimed", "adaptive")
MOST_ROWS = 300


@only("operator")
def start(request: HttpRequest) -> HttpResponse:
    """Take a map with what goes with it, or a SUMO folder."""
    wrong: dict[str, str] = {}
    if request.method == "POST":
        kind = SIGNALS if request.POST.get("what") == "signals" else IMPORT
        wrong = _wrong(request.FILES, kind)
        if not wrong:
            fields = ("scenario",) if kind == SIGNALS else ("map", "counts", "gtfs")
            given = [(name, request.FILES.getlist(name)[0]) for name in fields if name in request.FILES]
            title = title_of(request, Path(given[0][1].name or "").name.partition(".")[0])
            side = request.POST.get("side", "")
            options = {
                "side": side if side in ("left", "right") else "",
                "effort": "thorough" if request.POST.get("effort") == "thorough" else "quick",
            }
            order = Order(kind, title, options, utc_now(), who(request).name)
            return redirect("desk:job", start_job(order, files_of(*given)).id)
    context = {
        "wrong": wrong,
        "given": request.POST,
        "limit": settings.UPLOAD_LIMIT,
        "installed": installed(SIGNALS),
    }
    return render(request, "desk/city_start.html", context, status=422 if wrong else 200)


def _wrong(files: Any, kind: str) -> dict[str, str]:
    asked = (
        (("scenario", ARCHIVES, _("Give an archive (.zip) with the SUMO configuration."), True),)
        if kind == SIGNALS
        else (
            ("map", MAPS, _("Give a map from OpenStreetMap (.osm, .osm.gz, .osm.pbf)."), True),
            ("counts", TABLES, _("Give the counts as a CSV file or a spreadsheet (.xlsx)."), False),
            ("gtfs", (".zip",), _("Give the timetable as a GTFS archive (.zip)."), False),
        )
    )
    return {
        name: says
        for name, endings, says, needed in asked
        if (name not in files and needed)
        or (name in files and Path(files[name].name).suffix.lower() not in endings)
    }


def context_of(job: Job) -> dict[str, Any]:
    """Return what the page of an import or of a comparison shows."""
    context: dict[str, Any] = {
        "area": job.read_result("area.json"), "report": job.read_result("report.json"), "language_folder": language_here()
    }  # fmt: skip
    if job.order().kind == IMPORT:
        rows = read_rows(job.input / NAME)
        context |= _guesses(rows)
        if context["area"] is None and rows:
            context["area"] = {"bounds": _bounds(rows), "somewhere": True, "streets": [], "junctions": []}
        if context["report"]:
            context["said"] = context["report"][language_here()]
    elif context["report"]:
        context |= _figures(context["area"], context["report"])
        context["films"] = [v for v in VARIANTS if (job.result / f"play-{v}.json").exists()]
    return context


def _guesses(rows: list[dict[str, str]]) -> dict[str, Any]:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for number, row in enumerate(rows):
        kinds.setdefault(row["kind"], []).append(
            row | {"number": number, "why_said": why_words(row), "guessed_said": said_as(row["guessed"])}
        )
    places = [
        {"number": number, "kind": row["kind"], "fixed": bool(row["corrected"]), "latitude": float(row["lat"]), "longitude": float(row["lon"])}
        for number, row in enumerate(rows)
        if _is_number(row["lat"]) and _is_number(row["lon"])
    ]  # fmt: skip
    return {
        "places": places,
        "corrected": sum(bool(row["corrected"]) for row in rows),
        "before": _as_shown({n: row["corrected"] for n, row in enumerate(rows) if row["corrected"]}),
        "kinds": [
            {**kind_words(kind), "rows": found[:MOST_ROWS], "all": len(found), "more": max(len(found) - MOST_ROWS, 0)}
            for kind, found in kinds.items()
        ],
    }  # fmt: skip


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) <= 180
    except ValueError:
        return False


def _bounds(rows: list[dict[str, str]]) -> list[float]:
    places = [
        (float(row["lon"]), float(row["lat"]))
        for row in rows
        if _is_number(row["lat"]) and _is_number(row["lon"])
    ]
    x, y = [p[0] for p in places] or [0.0], [p[1] for p in places] or [0.0]
    return [min(x), min(y), max(x), max(y)]


def _figures(area: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a comparison, the junctions as rows, and which lose."""
    rows = [
        {**junction, "number": number, **{name: _judged(found) for name, found in report["junctions"][junction["id"]].items()}}
        for number, junction in enumerate(area["junctions"])
    ]  # fmt: skip
    return {
        "part_said": [_clock(second) for second in report["part"]] if report.get("part") else [],
        "searched_share": 100.0 * report.get("searched", 1.0),
        "totals": {name: _judged(report[name]) for name in ("retimed", "adaptive")},
        "rows": rows,
        "losers": [row for row in rows if row["retimed"]["worse"]],
        "states": {row["id"]: {name: _colour(row[name]) for name in ("retimed", "adaptive")} for row in rows},
    }


def _clock(second: float) -> str:
    return f"{int(second // 3600) % 24:02d}:{int(second // 60) % 60:02d}"


def _judged(found: dict[str, float]) -> dict[str, Any]:
    share = 100.0 * (found["after"] / found["before"] - 1.0) if found["before"] else 0.0
    return {**found, "share": share, "better": found["high"] < 0, "worse": found["low"] > 0}


def _colour(judged: dict[str, Any]) -> int:
    return 1 if judged["better"] else -1 if judged["worse"] else 0


@require_safe
def guess(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Show one guess with where to correct it."""
    return _shown(request, find_job(name), number)


def _shown(request: HttpRequest, job: Job, number: int, kept: bool = False) -> HttpResponse:
    rows = read_rows(job.input / NAME)
    if not 0 <= number < len(rows):
        raise Http404
    row = rows[number]
    context = {
        "job": job, "row": row, "number": number, "kind": kind_words(row["kind"]), "why": why_words(row), "guessed": said_as(row["guessed"]),
        "kept": kept, "over": job.state().status in OVER, "before": _as_shown({number: row["corrected"]}),
    }  # fmt: skip
    return render(request, "desk/city_guess.html", context)


@only("operator")
@require_POST
def correct_guesses(request: HttpRequest, name: str) -> HttpResponse:
    """Keep what somebody says instead of what was guessed, from the map's panel or from the table."""
    job = find_job(name)
    if job.state().status not in OVER:
        return busy(request, job)
    rows = read_rows(job.input / NAME)
    said = {at[0]: value[:200] for at, value in numbers_in(request.POST, "guess-").items() if len(at) == 1}
    # Against what the page showed: one that was opened earlier would undo what was corrected since.
    before = _shown_before(request.POST.get("before", ""), rows)
    changed = {
        (rows[number]["kind"], rows[number]["id"]): value
        for number, value in said.items()
        if number < len(rows) and value.strip() != before.get(number, "")
    }
    if changed:
        correct(job.input / NAME, changed)
    if request.POST.get("again"):
        job.go_on()
    if request.headers.get("HX-Request") and len(said) == 1:
        return _shown(request, job, next(iter(said)), kept=True)
    return redirect("desk:job", name)


def _as_shown(corrections: dict[int, str]) -> str:
    return msgspec.json.encode(corrections).decode()


def _shown_before(text: str, rows: list[dict[str, str]]) -> dict[int, str]:
    """Return the corrections that a page showed when it was opened, by the guess's number; those of now where it does not say."""
    try:
        return msgspec.json.decode(text, type=dict[int, str])
    except UNREADABLE:
        return {number: row["corrected"] for number, row in enumerate(rows)}


@only("operator")
@require_POST
def compare(request: HttpRequest, name: str) -> HttpResponse:
    """Compare signals on the model that an import made."""
    job = find_job(name)
    town = job.result / "town.zip"
    if job.order().kind != IMPORT or not town.exists():
        raise Http404
    order = job.order()
    copied = empty_upload()
    shutil.copyfile(town, copied)
    options = {
        "effort": "thorough" if request.POST.get("effort") == "thorough" else "quick",
        "town": job.id,
        "generated_traffic": not (job.read_result("report.json") or {}).get("counted"),
    }
    asked = Order(SIGNALS, order.title, options, utc_now(), who(request).name, example=order.example)
    found = start_job(asked, {"scenario.zip": copied})
    return redirect("desk:job", found.id)


@require_safe
def junction(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Show one junction: what it loses today and by each plan, its time-space diagram, and where its sheet is."""
    job = find_job(name)
    area, report = job.read_result("area.json"), job.read_result("report.json")
    if not area or not report or not 0 <= number < len(area["junctions"]) or "junctions" not in report:
        raise Http404
    row = _figures(area, report)["rows"][number]
    diagrams = [v for v in VARIANTS if (job.result / "time-space" / f"{row['file']}-{v}.svg").exists()]
    sheet = f"{language_here()}/pages/{row['file']}.html"
    context = {
        "job": job, "row": row, "diagrams": diagrams, "sheet": sheet if (job.result / sheet).exists() else "",
        "seeds": report["seeds"],
    }  # fmt: skip
    return render(request, "desk/city_junction.html", context)


def start_example(request: HttpRequest, kind: str) -> Job:
    """Start a worked example: a real junction that comes with an installed package, or a generated town."""
    options = {"generated": True} if kind == IMPORT else {"example": True, "effort": "quick"}
    return start_job(Order(kind, "", options, utc_now(), who(request).name, example=True), {})
