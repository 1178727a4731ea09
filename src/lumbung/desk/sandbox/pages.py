"""The self-test's pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from lumbung.desk.access import utc_now
from lumbung.desk.door import only, who
from lumbung.desk.jobs.folder import Job, Order
from lumbung.desk.shelf import start_job

KIND = "sandbox.check"


@only("operator")
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Start the self-test."""
    return redirect(
        "desk:job", start_job(Order(KIND, "", {}, utc_now(), who(request).name, example=True), {}).id
    )


def context_of(job: Job) -> dict[str, Any]:
    """Return what the self-test's page shows."""
    found = job.read_result("attacks.json") or {"attacks": []}
    rows = found["attacks"]
    return {
        "found": found,
        "held": sum(row["held"] for row in rows),
        "loose": [row for row in rows if not row["held"]],
    }
