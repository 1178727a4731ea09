"""Real nodes replace their keys while they work, follow the centre's new key, and come back after a theft: the drill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from federation_league import HELD, make_country
from lumbung.centre.members import log_heads
from lumbung.centre.members.models import AuditCheckpoint, AuditCosignature
from lumbung.centre.members.signing import centre_key, rotate_centre_key
from lumbung.centre.runs.models import EvidenceRecord, Node, Run
from lumbung.node.line import Line, LineDown
from lumbung.node.rotating import join_anew, rotate
from lumbung.node.witness import LogBroken
from lumbung.proving.keys import key_id, public_pem

PREDICTS = 'def solve(p): return {"id": p["keys"], "prediction": [1.0] * len(p["keys"])}'


@pytest.fixture
def country(busy_league, tmp_path, monkeypatch, settings):
    monkeypatch.setattr(log_heads, "FRESH", timedelta(0))
    settings.HOME = tmp_path / "centre"
    return make_country(busy_league, tmp_path / "node", tmp_path / "toy")


def line_of(country) -> Line:
    return Line("http://testserver", country.folder.token(), country.line)


def test_a_node_at_work_replaces_its_key_over_a_line_that_breaks(busy_league, country):
    node = country.start()  # one process throughout: it signs with whatever key there is
    busy_league.submit(solution=PREDICTS)
    node.run(once=True)
    before = key_id(country.folder.signing_key().public_key())
    country.line.kinds, country.line.chance = ("cut_after",), 1.0
    with pytest.raises(LineDown):  # the centre took it, and the node did not hear
        rotate(country.folder, line_of(country))
    assert key_id(country.folder.signing_key().public_key()) == before
    country.line.chance = 0.0
    after, until = rotate(country.folder, line_of(country))
    assert after == key_id(country.folder.signing_key().public_key()) == Node.objects.get().key_id != before
    assert until > datetime.now(UTC) + timedelta(days=700)
    busy_league.submit(solution=PREDICTS)
    node.run(once=True)
    assert [record.key_id for record in EvidenceRecord.objects.order_by("pk")] == [before, after]
    assert {line.key for line in AuditCosignature.objects.all()} == {
        key.public_key for key in Node.objects.get().keys.all()
    }


def test_nodes_follow_the_centres_new_key_and_not_a_thiefs(busy_league, country, settings, tmp_path):
    busy_league.submit(solution=PREDICTS)
    country.start().run(once=True)
    origin = AuditCheckpoint.objects.exclude(note="").first().note.split("\n")[0]
    for _ in range(2):
        rotate_centre_key(datetime.now(UTC))
    busy_league.submit(solution=PREDICTS)
    country.start().run(once=True)
    assert Run.objects.filter(state="scored").count() == 2
    watch = country.start().watch
    assert watch.seen().key == public_pem(centre_key().public_key()).decode()
    assert watch.seen().seen.startswith(origin), "the log keeps its name"
    # Lost: nobody vouches for the new key, so the node stops until its owner compared it.
    rotate_centre_key(datetime.now(UTC), lost_since=datetime.now(UTC) - timedelta(hours=1))
    busy_league.submit(solution=PREDICTS)
    country.start().run(once=True)
    assert Run.objects.filter(state="queued").count() == 1 and watch.conflict.exists()
    with pytest.raises(LogBroken):
        watch.attend(line_of(country))
    watch.trust(public_pem(centre_key().public_key()).decode())
    seen = watch.seen().size
    country.start().run(once=True)
    assert Run.objects.filter(state="scored").count() == 3
    assert watch.seen().size > seen, "it went on from what it had seen: a cut would still show"


def test_the_drill_a_node_is_stolen_and_comes_back(busy_league, country):
    """docs/federation/keys.md, step by step."""
    busy_league.submit(solution=PREDICTS)
    country.start().run(once=True)
    stolen = country.folder.token()
    day = datetime.now(UTC) - timedelta(hours=1)
    told = busy_league.api["owner"](
        "POST", "/nodes/node-a/revoke", {"since": day.isoformat(), "why": "stolen"}
    )
    assert told.status_code == 200 and len(told.json()["fallen"]) == 1
    code = busy_league.api["owner"]("POST", "/organisations/kota-bandung/enrol-node").json()["code"]
    join_anew(country.folder, Line("http://testserver", transport=country.line), code, HELD)
    assert country.folder.token() != stolen
    assert busy_league.api["owner"]("POST", "/challenges/toy/1/fallen").status_code == 201
    country.start().run(once=True)
    board = busy_league.api["visitor"]("GET", "/challenges/toy/phases/practice/leaderboard").json()
    assert [row["team"] for row in board["rows"]] == ["rice-rocket"] and board["fallen"] == []
    assert EvidenceRecord.objects.filter(fallen=None).get().key_id == Node.objects.get().key_id
