"""Hundreds of submissions and two nodes: none lost, none twice, and no team waits because another queued half of them."""

from __future__ import annotations

import itertools

import pytest
from django.db import connection

from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.runs.models import EvidenceRecord, Run
from lumbung.centre.runs.services import queue_submission
from lumbung.proving.digest import digest_data
from small_league import NOW, team

SMALL_TEAMS = 20


def _let_the_database_look() -> None:
    """Gather the statistics that PostgreSQL gathers by itself, from what is committed: a test commits nothing."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.slow
def test_hundreds_of_submissions(league):
    of_each = 12
    runs = 2 * SMALL_TEAMS * of_each
    Phase.objects.update(daily_limit=10**6)
    phase = Phase.objects.select_related("challenge").get(slug="practice")
    blob = Challenge.objects.get().blob
    big = team("big", league.member)
    small = [team(f"small-{n}", league.member) for n in range(SMALL_TEAMS)]
    # The big team comes first with its half; the small ones queue up behind.
    for number, one in enumerate([big] * (SMALL_TEAMS * of_each) + small * of_each):
        queue_submission(league.member, one, phase, blob, digest_data(number), name=f"s{number}", now=NOW)
        if number in (100, runs - 1):
            _let_the_database_look()
    nodes = [league.node("node-a"), league.node("node-b")]
    order: list[str] = []
    for node in itertools.cycle(nodes):
        job = node.lease()
        if job is None:
            break
        order.append(Run.objects.values_list("submission__team__slug", flat=True).get(token=job.run))
        assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]})).status_code == 200
    assert len(order) == runs == EvidenceRecord.objects.count() == Run.objects.filter(state="scored").count()
    # Round by round each team has one turn: while all queue, nobody has two more than another.
    contended = order[: (SMALL_TEAMS + 1) * of_each]
    counts = {one: contended.count(one) for one in set(contended)}
    assert max(counts.values()) - min(counts.values()) <= 1, counts
    assert set(order[(SMALL_TEAMS + 1) * of_each + 1 :]) == {"big"}
