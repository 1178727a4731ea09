"""What machines ask: is it up, and how does the queue do (Prometheus text format)."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from lumbung.centre.runs.selectors import failing_challenges, fault_counts, queue_state


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer ``ok`` when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        return HttpResponse(status=403)
    now, registry = datetime.now(UTC), CollectorRegistry()
    state = queue_state(now)
    runs = Gauge("lumbung_runs", "Runs by state", ["state"], registry=registry)
    for name, count in state["by_state"].items():
        runs.labels(name).set(count)
    faults = Gauge(
        "lumbung_faults",
        "Runs of the last seven days that ended in a fault",
        ["challenge", "node", "owner", "code"],
        registry=registry,
    )
    for row in fault_counts(now):
        faults.labels(f"{row['challenge']}/{row['version']}", row["node"], row["owner"], row["code"]).set(
            row["count"]
        )
    for name, help_text, value in (
        (
            "lumbung_failing_challenges",
            "Challenges whose newest runs all ended in a fault of the platform's or the challenge's",
            len(failing_challenges(now)),
        ),
        ("lumbung_queue_length", "Runs that wait for a node", state["by_state"]["queued"]),
        ("lumbung_oldest_waiting_seconds", "For how long the oldest of them waits", state["oldest_seconds"]),
        ("lumbung_nodes", "Active nodes", state["nodes"]),
        ("lumbung_nodes_alive", "Active nodes that asked for work lately", state["nodes_alive"]),
    ):
        Gauge(name, help_text, registry=registry).set(value)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and hmac.compare_digest(shown.encode(), settings.METRICS_TOKEN.encode()):
        return True
    # Behind a proxy everybody comes from this machine; the proxy's headers tell.
    through_proxy = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not through_proxy
