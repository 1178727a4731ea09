"""A fault campaign: whatever breaks, every accepted submission ends scored or faulted with a reason, exactly once."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from federation_league import Killed, make_country
from lumbung.centre.members.audit import read_own, verify
from lumbung.centre.members.models import AuditEntry
from lumbung.centre.runs.models import EvidenceRecord, Run
from lumbung.centre.runs.queue import reap
from lumbung.node.line import LineDown
from lumbung.proving.faults import PlatformFault

SUBMISSIONS = 200
FAULTS = 300
STRAIGHT = 'def solve(p): return {"id": p["keys"], "prediction": [1.0] * len(p["keys"])}'
RAISES = "def solve(p): raise ValueError('mine')"


@pytest.mark.slow
def test_three_hundred_faults_lose_nothing(busy_league, tmp_path, monkeypatch):
    """Cut lines before and after, doubled requests, half downloads, killed nodes, full disks, clock jumps."""
    league, rng = busy_league, random.Random(20260325)
    country = make_country(league, tmp_path / "node", tmp_path / "toy")
    country.line.chance, country.line.rng = 0.4, rng
    tokens = []
    for number in range(SUBMISSIONS):
        who = rng.choice(["member", "stranger"])
        answer = league.submit(who, solution=STRAIGHT if number % 5 else RAISES)
        assert answer.status_code == 201, answer.content
        tokens.append(answer.json()["runs"][0]["run"])
    injected = {"full_disk": 0, "clock_jump": 0}
    write_whole = __import__("lumbung.node.line", fromlist=["write_whole"]).write_whole

    def sometimes_full(path: Path, data: bytes) -> None:
        if rng.random() < 0.1:
            injected["full_disk"] += 1
            raise PlatformFault("disk_full", where=str(path))
        write_whole(path, data)

    monkeypatch.setattr("lumbung.node.line.write_whole", sometimes_full)
    starts = 0
    while Run.objects.exclude(state__in=("scored", "faulted")).exists():
        starts += 1
        assert starts < 3000, "the campaign does not come to an end"
        node = country.start()
        try:
            node.gate.open()
            if not node.work(country.folder.settings(), wait_s=0.0):
                # Nothing is offered: what a dead node holds must come back. Time passes.
                injected["clock_jump"] += 1
                now = datetime.now(UTC) + timedelta(minutes=2)
                Run.objects.filter(state__in=("leased", "running")).update(
                    lease_expires=now - timedelta(minutes=5)
                )
                reap(datetime.now(UTC))
        except (Killed, LineDown, PlatformFault):
            pass
        finally:
            node.line.close()
    node = country.start()
    country.line.chance = 0.0
    node.gate.open()
    total = sum(country.line.injected.values()) + sum(injected.values())
    print(f"injected faults: {total}: {country.line.injected | injected}; starts of the node: {starts}")
    assert total >= FAULTS
    for token in tokens:
        run = Run.objects.get(token=token)
        assert run.state in ("scored", "faulted") and (run.state == "scored") == (run.fault_code == "")
        assert EvidenceRecord.objects.filter(run=run).count() <= 1
        assert AuditEntry.objects.filter(act="run.ended", subject=token).count() <= 1
        if run.fault_owner == "platform":
            assert run.fault_code == "lost" and run.attempts == 3, (
                "only after three tries does the platform give up"
            )
    scored = Run.objects.filter(state="scored").count()
    verdicts = Run.objects.filter(fault_owner="submission", fault_code="raised").count()
    lost = Run.objects.filter(fault_owner="platform").count()
    assert scored + verdicts + lost == SUBMISSIONS and scored > SUBMISSIONS / 3
    assert verify(read_own(), keys=[]) == []
