"""Pages that belong to no sector: the first page, the door, the work, one job and its files."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from lumbung.desk import access
from lumbung.desk.door import let_in, only, person_of
from lumbung.desk.found import Said, said_here, words_of
from lumbung.desk.jobs.folder import OVER, Job, Order, Reason
from lumbung.desk.jobs.kinds import KINDS, installed
from lumbung.desk.jobs.reasons import reason_words, stage_words, status_words
from lumbung.desk.layers.pages import own_layers
from lumbung.desk.place import desk_folder
from lumbung.desk.shelf import find_job, jobs
from lumbung.web.assets import LAND

RECENT = 8
EXAMPLES = {
    "farm": "farm.calendar", "connectivity": "connectivity.coverage", "plan": "connectivity.plan",
    "city": "city.signals", "import": "city.import", "adopted": "adopted.run",
}  # fmt: skip


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the sectors, what waits for somebody, and the work done last."""
    found = jobs().all()
    waits = [seen(job) for job in found if job.state().status in ("failed",) or _has_bad_rows(job)]
    context = {
        "sectors": _sectors(), "waits": waits[:RECENT], "recent": [seen(job) for job in found[:RECENT]],
        "empty": not found, "damaged": jobs().damaged(), "examples": [name for name, kind in EXAMPLES.items() if installed(kind)],
    }  # fmt: skip
    return render(request, "desk/home.html", context)


def _sectors() -> list[dict[str, Any]]:
    return [
        {
            "address": "desk:farm", "name": _("Farm"), "installed": installed("farm.calendar"),
            "examples": [("farm", _("See a worked example"))],
            "says": _("Give a table of sites: for each the best planting window, yield, risk of failure and water, against today's date."),
        },
        {
            "address": "desk:connectivity", "name": _("Connectivity"), "installed": installed("connectivity.coverage"),
            "examples": [("connectivity", _("See a worked example")), ("plan", _("Example of a plan"))],
            "says": _("Give heights, towers and villages: who is served and why not, what a moved tower changes, where the next towers should stand."),
        },
        {
            "address": "desk:city", "name": _("City"), "installed": installed("city.signals"),
            "examples": [("city", _("See a worked example")), ("import", _("Example of a map"))],
            "says": _("Give a map with counts, or a SUMO folder: today's signals against better plans, junction by junction, and an hour of traffic to watch."),
        },
        {
            "address": "desk:adopted", "name": _("Adopted solutions"), "installed": True,
            "examples": [("adopted", _("See a worked example"))] if installed("farm.calendar") else [],
            "says": _("Run a solution that you adopted on your own data, in its sandbox, beside today's practice; attach what comes out to the adoption, or keep it private."),
        },
    ]  # fmt: skip


def _has_bad_rows(job: Job) -> bool:
    return bool((job.read_result("rows.json") or {}).get("problems")) and job.state().status in OVER


def seen(job: Job) -> dict[str, Any]:
    """Return a job as pages show it."""
    order, state = job.order(), job.state()
    return {
        "id": job.id, "title": _own_title(order) if order.example else order.title, "order": order, "state": state, "status": status_words(state), "stage": stage_words(state),
        "sector": _sector_name(order.kind), "city": order.kind.startswith("city."), "mapped": order.kind not in ("sandbox.check", "adopted.attach"), "over": state.status in OVER,
        "reason": reason_words(state.reason) if state.reason else "", "found": _found(state.reason, order.kind), "bad": len((job.read_result("rows.json") or {}).get("problems", {})),
    }  # fmt: skip


def _found(reason: Reason | None, kind: str) -> list[Said]:
    """Return what the program found; what was not installed is in the sentence already."""
    if not reason or not reason.found or reason.code == "not_installed":
        return []
    return said_here([reason.found], words_of(kind))


def _sector_name(kind: str) -> str:
    sector = kind.partition(".")[0]
    names = {
        "farm": _("Farm"),
        "connectivity": _("Connectivity"),
        "city": _("City"),
        "adopted": _("Adopted solutions"),
        "layers": _("Own layers"),
        "sandbox": _("Node"),
    }
    return names.get(sector, sector)  # of a newer desk


def _own_title(order: Order) -> str:
    if order.options.get("town"):
        return _("Worked example: signals of a generated town")
    return {
        "farm.calendar": _("Worked example: planting calendar"),
        "connectivity.coverage": _("Worked example: coverage"),
        "connectivity.plan": _("Worked example: where the next towers should stand"),
        "city.signals": _("Worked example: signals of a junction in Cologne"),
        "city.import": _("Worked example: a model from a map"),
        "adopted.run": _("Worked example: a solution advises on made-up sites"),
        "sandbox.check": _("Self-test of the sandbox"),
    }.get(order.kind, order.kind)


def enter(request: HttpRequest, code: str) -> HttpResponse:
    """Let somebody in who pressed the button; a program that only looks at the link does not use it up."""
    now = access.utc_now()
    if request.method == "POST":
        person = access.enter(desk_folder(), code, now)
        if person is not None:
            return let_in(redirect("desk:home"), person)
    elif access.waits(desk_folder(), code, now):
        return render(request, "desk/enter.html")
    if person_of(request) is not None:
        return redirect("desk:home")
    return render(request, "desk/closed.html", {"used": True}, status=410)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language and stay on the page."""
    return set_language(request)


@require_safe
def land(request: HttpRequest) -> FileResponse:
    """Return the map of the land."""
    path = Path(settings.BASEMAP) if settings.BASEMAP else LAND
    response = FileResponse(path.open("rb"), content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=86400"
    return response


@only("owner")
def people(request: HttpRequest) -> HttpResponse:
    """Show who may come in; make a link for somebody."""
    link = ""
    if request.method == "POST":
        name, role = request.POST.get("name", "").strip()[:80], request.POST.get("role", "")
        if name and role in access.ROLES:
            code = access.invite(desk_folder(), name, role, access.utc_now())
            link = request.build_absolute_uri(f"/enter/{code}")
    context = {"people": access.people(desk_folder()), "link": link, "hours": access.LINK_HOURS}
    return render(request, "desk/people.html", context)


@only("owner")
@require_POST
def shut_out_person(request: HttpRequest, mark: str) -> HttpResponse:
    """Shut somebody out at once."""
    access.shut_out(desk_folder(), mark)
    return redirect("desk:people")


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Show all jobs."""
    found = {"jobs": [seen(job) for job in jobs().all()], "damaged": jobs().damaged()}
    return render(request, "desk/work.html", found)


@only("operator")
@require_POST
def example(request: HttpRequest, sector: str) -> HttpResponse:
    """Start a sector's worked example."""
    if sector not in EXAMPLES or not installed(EXAMPLES[sector]):
        raise Http404
    module = import_module(f"lumbung.desk.{EXAMPLES[sector].partition('.')[0]}.pages")
    return redirect("desk:job", module.start_example(request, EXAMPLES[sector]).id)


@require_safe
def job(request: HttpRequest, name: str) -> HttpResponse:
    """Show one job: how far it is, and what came out."""
    found = find_job(name)
    kind = found.order().kind
    if kind not in KINDS:
        raise Http404
    sector = kind.partition(".")[0]
    pages = import_module(f"lumbung.desk.{sector}.pages")
    context = {"job": seen(found), "own_layers": own_layers(), **pages.context_of(found)}
    return render(request, f"desk/{kind.replace('.', '_')}.html", context)


@require_safe
def life(request: HttpRequest, name: str) -> HttpResponse:
    """Show how far a job is; has the page loaded anew when there is something new on it."""
    shown = seen(find_job(name))
    response = render(request, "desk/life.html", {"job": shown})
    if shown["over"] or request.GET.get("ready") != str(shown["state"].ready):
        response["HX-Refresh"] = "true"
    return response


@only("operator")
@require_POST
def cancel(request: HttpRequest, name: str) -> HttpResponse:
    """Stop a job; what is finished of it stays."""
    found = find_job(name)
    if found.state().status not in OVER:
        found.cancel()
    return redirect("desk:job", name)


@only("operator")
@require_POST
def go_on(request: HttpRequest, name: str) -> HttpResponse:
    """Let a job go on from what is finished."""
    found = find_job(name)
    if found.state().status in OVER:
        found.go_on()
    return redirect("desk:job", name)


@only("operator")
@require_POST
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """Remove a job with its input and its result."""
    found = find_job(name)
    if found.state().status in OVER:
        jobs().remove(found)
    return redirect("desk:work")


_SHOWN_HERE = {".svg": "image/svg+xml", ".png": "image/png", ".html": "text/html; charset=utf-8"}


@require_safe
def result_file(request: HttpRequest, name: str, file: str) -> FileResponse:
    """Return a file of a job's result: pictures and sheets to look at, the others to keep."""
    found = find_job(name)
    path = _lying(found.result, file)
    if path is None:
        raise Http404
    shown = _SHOWN_HERE.get(path.suffix) if "keep" not in request.GET else None
    response = FileResponse(
        path.open("rb"),
        as_attachment=shown is None,
        filename=path.name,
        content_type=shown or "application/octet-stream",
    )
    if shown:
        # A sheet brings its own style and nothing else; a name in a person's table cannot make it do anything.
        response._csp_replace = {  # type: ignore[attr-defined]
            "default-src": ["'none'"], "img-src": ["'self'", "data:"], "style-src": ["'unsafe-inline'"], "sandbox": ["allow-same-origin"],
        }  # fmt: skip
    return response


def _lying(folder: Path, name: str) -> Path | None:
    """Return a plain file of a folder; None where there is none of that name, or it lies elsewhere."""
    try:
        path = (folder / name).resolve()
        inside = path.is_relative_to(folder.resolve()) and path.is_file()
    except (OSError, ValueError):  # a name that no disk can hold
        return None
    return path if inside else None


@require_safe
def everything(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """Return a job's whole result as one archive, packed while it is sent."""
    found = find_job(name)
    response = StreamingHttpResponse(_packed(found.result), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{found.id}.zip"'
    return response


class _Pipe:
    """A file that is written at one end and handed on at the other."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _packed(folder: Path) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for path in sorted(folder.rglob("*")):
            inside = str(path.relative_to(folder))
            if path.name.startswith(".") or path.is_symlink() or not path.is_file():
                continue
            with contextlib.suppress(FileNotFoundError):  # just replaced by a newer one
                archive.write(path, inside)
            yield pipe.taken()
    yield pipe.taken()


@csrf_exempt
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was not this page's own."""
    return render(request, "desk/may_not.html", {"role": ""}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page."""
    return render(request, "desk/nothing.html", status=404)


def fault(request: HttpRequest) -> HttpResponse:
    """Say that something of ours is wrong."""
    return render(request, "desk/fault.html", status=500)
