"""Pages for own layers: give a file once, and it can be laid on every map of the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lumbung.desk.access import utc_now
from lumbung.desk.door import only, who
from lumbung.desk.jobs.folder import Job, Order
from lumbung.desk.jobs.kinds import installed
from lumbung.desk.shelf import files_of, jobs, start_job, title_of

KIND = "layers.draw"
ENDINGS = (".tif", ".tiff", ".geojson", ".json")


@only("operator")
def start(request: HttpRequest) -> HttpResponse:
    """Take a layer."""
    wrong: dict[str, str] = {}
    if request.method == "POST":
        given = request.FILES.getlist("layer")[:1]
        if not given or Path(given[0].name or "").suffix.lower() not in ENDINGS:
            wrong["layer"] = _("Give a GeoTIFF (.tif) or a GeoJSON file (.geojson).")
        else:
            order = Order(
                KIND, title_of(request, Path(given[0].name or "").stem), {}, utc_now(), who(request).name
            )
            return redirect("desk:job", start_job(order, files_of(("layer", given[0]))).id)
    context = {
        "wrong": wrong,
        "limit": settings.UPLOAD_LIMIT,
        "installed": installed(KIND),
        "own_layers": own_layers(),
    }
    return render(request, "desk/layers_start.html", context, status=422 if wrong else 200)


def own_layers() -> list[dict[str, Any]]:
    """Return the layers that can be laid on a map, the newest first."""
    return [
        {"id": job.id, "title": job.order().title, **told}
        for job in jobs().all()
        if job.order().kind == KIND
        and job.state().status == "done"
        and (told := job.read_result("layer.json"))
    ]


def context_of(job: Job) -> dict[str, Any]:
    """Return what a layer's own page shows."""
    return {"layer": job.read_result("layer.json")}
