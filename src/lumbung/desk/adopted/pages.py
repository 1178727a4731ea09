"""Pages for adopted solutions: give the solution and your data, see it beside today's practice, attach it or keep it private."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lumbung.desk.access import utc_now
from lumbung.desk.adopted.practice import PRACTICES
from lumbung.desk.adopted.work import PREVIEWED, files_of
from lumbung.desk.door import only, who
from lumbung.desk.jobs.folder import Job, Order
from lumbung.desk.releases.node import beside
from lumbung.desk.shelf import files_of as uploaded
from lumbung.desk.shelf import find_job, jobs, start_job, text_as_upload, title_of
from lumbung.desk.words import language_here
from lumbung.proving.catalogue import find_challenge, shipped_challenges
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.submission import shipped_solutions
from lumbung.proving.text import LANGUAGES

RUN, ATTACH = "adopted.run", "adopted.attach"
EXAMPLE = ("rice-window", "farm/katam-onset")
PICTURES = (".svg", ".png")


@only("operator")
def start(request: HttpRequest) -> HttpResponse:
    """Take an adopted solution and one's own data."""
    known = challenges()
    wrong: dict[str, str] = {}
    if request.method == "POST":
        shipped = request.POST.get("shipped", "")
        data = request.FILES.getlist("data")
        if request.POST.get("challenge") not in {one["id"] for one in known}:
            wrong["challenge"] = _("Choose the challenge that the solution answers.")
        if "solution" not in request.FILES and shipped not in shipped_solutions():
            wrong["solution"] = _(
                "Give the solution as the centre handed it to you (.tar), or choose one that is shipped."
            )
        if not data:
            wrong["data"] = _("Give your data.")
        number = request.POST.get("adoption", "").strip()
        if number and not (number.isdecimal() and len(number) < 10):
            wrong["adoption"] = _("Give the number of the adoption, or nothing.")
        if not wrong:
            theirs = request.FILES.getlist("solution")[:1]
            options = {
                "challenge": request.POST["challenge"], "solution": "" if theirs else shipped,
                "adoption": int(number) if number else None,
            }  # fmt: skip
            title = title_of(request, Path(theirs[0].name or "").stem if theirs else shipped)
            order = Order(RUN, title, options, utc_now(), who(request).name)
            weights = [("weights/", file) for file in request.FILES.getlist("weights")]
            given = uploaded(
                *(("solution", file) for file in theirs), *(("data/", file) for file in data), *weights
            )
            return redirect("desk:job", start_job(order, given).id)
    context = {
        "wrong": wrong, "given": request.POST, "limit": settings.UPLOAD_LIMIT, "challenges": known,
        "shipped": [name for name in shipped_solutions() if "counts" not in name],
    }  # fmt: skip
    return render(request, "desk/adopted_start.html", context, status=422 if wrong else 200)


def challenges() -> list[dict[str, str]]:
    """Return the challenges whose solutions can be put to work, with their titles in the reader's language."""
    found = []
    for name in shipped_challenges():
        try:
            challenge = find_challenge(name).challenge
        except ChallengeError:  # a broken folder of somebody's package is nobody's to choose
            continue
        if challenge.judge in PRACTICES:
            found.append({"id": name, "title": getattr(challenge.title, language_here())})
    return found


def context_of(job: Job) -> dict[str, Any]:
    """Return what the page of a run, or of what was attached, shows."""
    options = job.order().options
    if job.order().kind == ATTACH:
        return {
            "attached": job.read_result("attached.json"),
            "adoption": options["adoption"],
            "source": options["job"],
        }
    folder = job.result / "deliverable"
    files = files_of(folder) if folder.is_dir() else []
    compared = job.read_result("compared.json")
    fault = job.read_result("fault.json")
    node = beside()
    return {
        "files": files, "pictures": [file for file in files if file["name"].endswith(PICTURES) and _of_ours(file["name"])],
        "tables": [_table(folder, file["name"]) for file in files if file["name"].endswith(".csv")][:4],
        "maps": [file["name"] for file in files if file["name"].endswith(".geojson")],
        "bytes": sum(file["bytes"] for file in files), "figures": _figures(compared) if compared else [],
        "fault": fault[language_here()] if fault else "", "centre": node.settings().centre if node else "",
        "adoption": options.get("adoption"), "solution": options.get("solution"),
        "challenge": options["challenge"],
        "sent": _sent(job),
    }  # fmt: skip


def _of_ours(name: str) -> bool:
    """Return whether a picture is of the reader's language, or of none."""
    of = Path(name).stem.rpartition("-")[2]
    return of not in LANGUAGES or of == language_here()


def _sent(job: Job) -> list[Job]:
    """Return the sendings of a run's deliverable, the newest first."""
    return [
        one for one in jobs().all() if one.order().kind == ATTACH and one.order().options["job"] == job.id
    ]


def _table(folder: Path, name: str) -> dict[str, Any]:
    with (folder / name).open(newline="", encoding="utf-8-sig", errors="replace") as file:
        rows = [row for _, row in zip(range(PREVIEWED + 1), csv.reader(file), strict=False)]
    return {"name": name, "header": rows[0] if rows else [], "rows": rows[1:]}


def _figures(compared: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the figures of both, each with its name in words and whether the solution is better."""
    words = {
        "delay": _("delay per vehicle, solution live [s]"), "delay_as_fixed_plan": _("delay per vehicle, as fixed plans [s]"),
        "sites": _("sites"), "yield": _("mean yield [kg/ha]"), "risk": _("mean chance of failure [%]"),
        "irrigation": _("mean irrigation [mm]"), "people": _("people reached"), "towers": _("new towers"), "cost": _("cost"),
    }  # fmt: skip
    found = []
    for name, done in compared["done"].items():
        today = compared["today"].get(name, compared["today"].get(name.partition("_")[0]))
        way = compared["better"].get(name)
        better = None
        if way and today is not None and done != today:
            better = (done < today) == (way == "lower")
        found.append({"name": words.get(name, name), "done": done, "today": today, "better": better})
    return found


@only("owner")
@require_POST
def attach(request: HttpRequest, name: str) -> HttpResponse:
    """Send the deliverable to the adoption, on the owner's word."""
    job = find_job(name)
    if job.order().kind != RUN or not (job.result / "deliverable").is_dir():
        raise Http404
    number = request.POST.get("adoption", "").strip()
    if not number.isdecimal() or len(number) > 9:
        return redirect("desk:job", name)
    options = {"job": job.id, "adoption": int(number)}
    going = [
        one for one in _sent(job) if one.order().options == options and one.state().status != "cancelled"
    ]
    if going:  # asked twice, as by a double click; one that failed is taken up again on its own page
        return redirect("desk:job", going[0].id)
    order = Order(ATTACH, job.order().title, options, utc_now(), who(request).name)
    return redirect("desk:job", start_job(order, {}).id)


def start_example(request: HttpRequest, kind: str) -> Job:
    """Let a shipped solution advise on made-up sites."""
    from lumbung.desk.farm.pages import example_table

    challenge, solution = EXAMPLE
    options = {"challenge": challenge, "solution": solution, "adoption": None}
    given = text_as_upload("data/sites.csv", example_table())
    return start_job(Order(kind, "", options, utc_now(), who(request).name, example=True), given)
