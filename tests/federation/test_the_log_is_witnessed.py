"""Real nodes watch the real centre's log: they countersign it, and work for nobody who cut it."""

from __future__ import annotations

import random
from datetime import timedelta

import httpx
import msgspec
import pytest

from federation_league import make_country
from lumbung.centre.members import log_heads
from lumbung.centre.members.log_heads import inclusion
from lumbung.centre.members.models import AuditCheckpoint, AuditCosignature, AuditEntry, AuditTile
from lumbung.centre.members.selectors import entry_of
from lumbung.centre.runs.models import EvidenceRecord, Run
from lumbung.node.witness import LogBroken
from lumbung.proving.digest import digest_bytes
from lumbung.proving.keys import load_or_make_key


@pytest.fixture
def country(busy_league, tmp_path, monkeypatch):
    monkeypatch.setattr(log_heads, "FRESH", timedelta(0))
    return make_country(busy_league, tmp_path / "node", tmp_path / "toy")


def cut(kept: int) -> None:
    """What a dishonest keeper would do: the end of the log goes, with every head and line that speaks of it."""
    AuditCosignature.objects.filter(checkpoint__number__gt=kept).delete()
    AuditCheckpoint.objects.filter(number__gt=kept).delete()
    AuditEntry.objects.filter(number__gt=kept).delete()
    AuditTile.objects.all().delete()


def test_a_node_countersigns_and_a_score_is_proven_to_stand_in_the_log(busy_league, country, settings):
    busy_league.submit()
    node = country.start()
    node.run(once=True)
    record = EvidenceRecord.objects.get()
    entry = entry_of("run.ended", record.run.token)
    assert entry.details["evidence"] == digest_bytes(record.envelope.encode())
    node.run(once=True)
    key = load_or_make_key(settings.HOME / "keys")
    assert AuditCosignature.objects.filter(witness="node-a").exists()
    shown = inclusion(entry, key, entry.time)
    assert shown.check(key.public_key()).size >= entry.number


@pytest.mark.parametrize("seed", range(2))
def test_a_node_takes_no_work_from_a_centre_that_cut_its_log(busy_league, country, seed):
    for _ in range(3):
        busy_league.submit()
    country.start().run(once=True)
    country.start().watch.attend(country.start().line)
    seen = country.start().watch.seen().size
    assert seen == AuditEntry.objects.count()
    cut(random.Random(seed).randrange(1, seen))
    busy_league.submit()
    node = country.start()
    node.run(once=True)
    assert Run.objects.filter(state="queued").count() == 1, "the new run was not taken"
    assert "log" in country.said[-1] and node.watch.conflict.exists()
    proof = msgspec.json.decode(node.watch.conflict.read_bytes())
    assert proof["seen"].startswith("lumbung-audit-") and proof["seen"] != proof["offered"]
    node.watch.begin_anew()
    country.start().run(once=True)
    assert not Run.objects.filter(state="queued").exists(), "the owner's word lets it work again"


def test_a_centre_that_hides_its_log_gets_no_work_done(busy_league, country):
    country.start().run(once=True)
    assert country.folder.path.joinpath("witness.json").exists()
    carry = country.line.handle_request

    def hiding(request):
        if request.url.path.endswith("/log"):
            return httpx.Response(404, json={"detail": "no"}, request=request)
        return carry(request)

    country.line.handle_request = hiding
    busy_league.submit()
    country.start().run(once=True)
    assert Run.objects.get().state == "queued"


def test_a_memory_that_cannot_be_read_is_not_forgotten(busy_league, country):
    country.start().run(once=True)
    country.folder.path.joinpath("witness.json").write_text("{")
    with pytest.raises(LogBroken, match="begin-anew"):
        country.start().watch.attend(country.start().line)
