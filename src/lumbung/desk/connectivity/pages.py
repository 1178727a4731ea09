"""Connectivity's pages: drop heights, towers and villages; ask the map."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.desk.access import utc_now
from lumbung.desk.connectivity.asking import ask
from lumbung.desk.door import only, who
from lumbung.desk.found import said_here
from lumbung.desk.jobs.folder import Job, Order
from lumbung.desk.jobs.kinds import installed
from lumbung.desk.shelf import files_of, find_job, jobs, start_job, title_of

COVERAGE, PLAN = "connectivity.coverage", "connectivity.plan"
SEED = 11
DEFAULTS = {"frequency": 900.0, "radius": 30.0, "threshold": -110.0}
HEIGHTS = (".hgt", ".gz", ".zip", ".tif", ".tiff")
TABLES = (".csv", ".txt", ".tsv", ".xlsx")
_FIELDS = (
    ("frequency", 30.0, 6000.0),
    ("radius", 1.0, 100.0),
    ("threshold", -140.0, -50.0),
    ("people_each", 0.0, 1e6),
)
MOST_LEFT_OUT = 200
"""Villages out of reach that a plan's page lists, the most people first; the table to take along has them all."""
CHART = (720.0, 220.0)
"""Width and height of the drawn path and of the curve."""


@only("operator")
def start(request: HttpRequest) -> HttpResponse:
    """Take heights, towers, villages and candidates, and what is asked of them."""
    wrong: dict[str, str] = {}
    if request.method == "POST":
        kind = PLAN if request.POST.get("what") == "plan" else COVERAGE
        options, wrong = _options(request.POST, kind)
        wrong |= _missing(request.FILES, kind)
        if not wrong:
            tables = [
                (name, request.FILES[name])
                for name in ("towers", "villages", "candidates", "fibre")
                if name in request.FILES
            ]
            heights = [("elevation/", file) for file in request.FILES.getlist("elevation")]
            order = Order(
                kind,
                title_of(request, Path(heights[0][1].name or "").stem),
                options,
                utc_now(),
                who(request).name,
            )
            return redirect("desk:job", start_job(order, files_of(*heights, *tables)).id)
    context = {
        "wrong": wrong, "given": request.POST, "limit": settings.UPLOAD_LIMIT, "defaults": DEFAULTS, "installed": installed(COVERAGE),
        "recent": [job for job in jobs().all() if job.order().kind in (COVERAGE, PLAN)][:8],
    }  # fmt: skip
    return render(request, "desk/connectivity_start.html", context, status=422 if wrong else 200)


def _options(post: Any, kind: str) -> tuple[dict[str, Any], dict[str, str]]:
    options: dict[str, Any] = dict(DEFAULTS)
    wrong: dict[str, str] = {}
    for name, low, high in _FIELDS:
        text = post.get(name, "").strip().replace(",", ".").replace("−", "-")
        if not text:
            continue
        number = float(text) if re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", text) else None
        if number is None or not low <= number <= high:
            wrong[name] = _("Expected a number between %(low)s and %(high)s.") % {
                "low": f"{low:g}",
                "high": f"{high:g}",
            }
        else:
            options[name] = number
    if post.get("decimal") in ("comma", "point"):
        options["decimal"] = post["decimal"]
    if post.get("height_unit") == "feet":
        options["height_unit"] = "feet"
    if kind == PLAN:
        amount = post.get("amount", "").strip().replace(",", ".")
        number = float(amount) if re.fullmatch(r"\d{1,15}(\.\d{1,6})?", amount) else 0.0
        if number <= 0:
            wrong["amount"] = _("Say how many towers, or how much money.")
        elif post.get("by") == "budget":
            options["budget"] = number
        elif number != int(number) or number > 1000:
            wrong["amount"] = _("Expected a whole number between %(low)s and %(high)s.") % {
                "low": 1,
                "high": 1000,
            }
        else:
            options["sites"] = int(number)
    return options, wrong


def _missing(files: Any, kind: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if "elevation" not in files:
        wrong["elevation"] = _("Give a file of heights.")
    for file in files.getlist("elevation"):
        if Path(file.name or "").suffix.lower() not in HEIGHTS:
            wrong["elevation"] = _("Give heights as .hgt or GeoTIFF (.tif), not %(name)s.") % {
                "name": file.name
            }
    if kind == COVERAGE and "towers" not in files:
        wrong["towers"] = _("Give a table of towers.")
    if kind == PLAN and "candidates" not in files:
        wrong["candidates"] = _("Give a table of candidate sites.")
    if kind == PLAN and "villages" not in files:
        wrong["villages"] = _("Give a table of villages.")
    for name in ("towers", "villages", "candidates", "fibre"):
        if name in files and Path(files[name].name).suffix.lower() not in TABLES:
            wrong[name] = _("Give a CSV file or a spreadsheet (.xlsx), not %(name)s.") % {
                "name": files[name].name
            }
    return wrong


def context_of(job: Job) -> dict[str, Any]:
    """Return what the page of a coverage or a plan shows."""
    area = job.read_result("area.json")
    served = job.read_result("villages.json")
    context: dict[str, Any] = {"area": area, "layer": job.read_result("layer.json"), "served": served}
    if area:
        area["terrain"] = said_here([area["terrain"]])[0].text
        context["notes"] = said_here([*area["notes"], *area["set_aside"]])
    if area and served:
        people = [village["people"] for village in area["villages"]]
        context["people"] = sum(people)
        context["people_served"] = sum(
            n for n, village in zip(people, served, strict=True) if village["served"]
        )
        context["villages_served"] = sum(village["served"] for village in served)
        context["villages"] = [
            {"number": k, **place, **found}
            for k, (place, found) in enumerate(zip(area["villages"], served, strict=True))
        ]
    plan = job.read_result("plan.json")
    if plan is not None and area is not None:
        context["plan"] = plan
        context["notes"] = said_here(dict.fromkeys([*area["notes"], *area["set_aside"], *plan["notes"]]))
        for site in plan["sites"]:
            site["why_said"], site["link_said"] = (
                said_here([site[name]]) for name in ("why", "backhaul_note")
            )
        left_out = [(k, row) for k, row in enumerate(_villages_of(job)) if row["reason"]]
        context["left_out_all"] = len(left_out)
        context["left_out"] = [
            {"number": k, **row, "said": said_here([row["reason"]])}
            for k, row in sorted(left_out, key=lambda one: -float(one[1]["people"]))[:MOST_LEFT_OUT]
        ]
        context["curve"] = _curve(plan)
        most = plan["people_already"] + plan["bound"]
        context["most"], context["reached"] = most, plan["people_already"] + plan["people_new"]
        context["below"] = 100.0 * (most - context["reached"]) / most if most else 0.0
    context["search"] = job.read_result("search.json")
    return context


def _coverage(name: str) -> Job:
    job = find_job(name)
    if job.order().kind != COVERAGE:
        raise Http404
    return job


@require_safe
def village(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Say who serves a village, or why nobody does, with the path's profile; of a plan, who would reach it or why nobody."""
    job = find_job(name)
    if job.order().kind == PLAN:
        row = next(islice(_villages_of(job), number, None), None)
        if row is None:
            raise Http404
        context = {"village": row, "said": said_here([row["reason"]] if row["reason"] else [])}
        return render(request, "desk/connectivity_left_out.html", context)
    found = ask(_coverage(name), "village", number=number)
    if "error" not in found:
        found["drawn"] = _profile(found["path"])
        found["best"] = found["links"][0]
    return render(request, "desk/connectivity_village.html", {"village": found})


def _villages_of(job: Job) -> Iterator[dict[str, str]]:
    """Yield the villages of a plan as its table tells them."""
    try:
        with (job.result / "villages.csv").open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)
    except FileNotFoundError:
        return


@require_POST
def moved(request: HttpRequest, name: str) -> HttpResponse:
    """Return what changes if a tower stands elsewhere, as the map asks it."""
    try:
        given = {
            "tower": request.POST["tower"], "latitude": float(request.POST["latitude"]),
            "longitude": float(request.POST["longitude"]), "exact": request.POST.get("exact") == "1",
        }  # fmt: skip
    except (KeyError, ValueError):
        return JsonResponse({"error": "malformed"}, status=400)
    return JsonResponse(ask(_coverage(name), "moved", patient=bool(given["exact"]), **given))


def _profile(path: dict[str, Any]) -> dict[str, Any]:
    """Return the path as lines of a drawing."""
    ground, (start, end) = path["ground"], path["line"]
    low, high = min(ground), max(*ground, start, end)
    width, height = CHART
    scale = (height - 30.0) / max(high - low, 1.0)

    def at(share: float, metres: float) -> str:
        return f"{share * width:.1f} {height - 15.0 - (metres - low) * scale:.1f}"

    points = [at(k / (len(ground) - 1), metres) for k, metres in enumerate(ground)]
    return {
        "ground": f"M0 {height:g}L{'L'.join(points)}L{width:g} {height:g}Z", "sight": f"M{at(0, start)}L{at(1, end)}",
        "width": width, "height": height, "high": round(high), "low": round(low),
    }  # fmt: skip


def _curve(plan: dict[str, Any]) -> dict[str, Any]:
    """Return people reached by number of towers, and with the next one, as a drawing."""
    reached = [
        plan["people_already"],
        *(plan["people_already"] + site["people_cumulative"] for site in plan["sites"]),
    ]
    more = plan["next_site"]
    shown = [*reached, *([reached[-1] + more["people"]] if more else [])]
    width, height = CHART
    most = max(plan["people"], 1)

    def at(k: int, people: float) -> tuple[float, float]:
        return round(30.0 + k * (width - 60.0) / max(len(shown) - 1, 1), 1), round(
            height - 25.0 - people / most * (height - 45.0), 1
        )

    points = [at(k, people) for k, people in enumerate(shown)]
    line = points[: len(reached)]
    return {
        "line": "M" + "L".join(f"{x} {y}" for x, y in line), "width": width, "height": height,
        "points": [
            {"x": x, "y": y, "number": k, "people": shown[k], "next": k >= len(reached), "label": k in (0, len(reached) - 1) or k >= len(reached)}
            for k, (x, y) in enumerate(points)
        ],
        "next": f"M{line[-1][0]} {line[-1][1]}L{points[-1][0]} {points[-1][1]}" if more else "",
        "all": at(0, most)[1],
    }  # fmt: skip


def start_example(request: HttpRequest, kind: str) -> Job:
    """Start a worked example over generated islands."""
    plan = kind == PLAN
    options = DEFAULTS | {"generated": SEED} | ({"sites": 8} if plan else {})
    return start_job(Order(kind, "", options, utc_now(), who(request).name, example=True), {})
