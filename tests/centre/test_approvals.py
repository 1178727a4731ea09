"""The owner chooses the judges: an unapproved node gets no job, no code, no place on a board, whatever it claims."""

from __future__ import annotations

import pytest

from lumbung.centre.members.models import AuditEntry
from lumbung.centre.runs.models import EvidenceRecord, Run
from small_league import join, organisation

BOARD = "/challenges/toy/phases/practice/leaderboard"


@pytest.fixture
def foreign(league):
    """A node of another organisation that claims to hold the challenge."""
    elsewhere = organisation("elsewhere", "CN")
    join(league.owner, elsewhere, "administrator")
    return league.node("node-x", "CN", elsewhere)


def word(league, method, body=None, who="owner"):
    path = "/challenges/toy/1/nodes" + ("" if method == "POST" else "/node-x")
    return league.api[who](method, path, body)


def test_a_node_nobody_approved_gets_nothing(league, foreign):
    assert league.submit().status_code == 201
    assert foreign.lease() is None
    run = Run.objects.get()
    assert foreign.api("GET", f"/node/blobs/{run.submission.blob_id}").status_code == 404
    assert foreign.api("GET", f"/node/blobs/{run.challenge.blob_id}").status_code == 404
    result = {"lease": "0123456789", "envelope": ""}
    assert foreign.api("POST", f"/node/runs/{run.token}/result", result).status_code == 409
    assert foreign.api("POST", f"/node/runs/{run.token}/held", {"lease": "0123456789"}).status_code == 409
    rows = league.api["visitor"]("GET", BOARD).json()["rows"]
    jobs = Run.objects.exclude(node=None).count()
    print(
        f"unapproved nodes: {jobs} jobs, {len(rows)} entries on the board, {EvidenceRecord.objects.count()} evidence"
    )
    assert not EvidenceRecord.objects.exists() and rows == [] and jobs == 0


def test_private_cases_of_a_node_nobody_approved_are_not_waited_for(league, foreign):
    refused = league.submit(phase="final")
    assert refused.status_code == 400 and "No node" in refused.json()["detail"]
    assert word(league, "POST", {"node": "node-x"}).status_code == 201
    assert league.submit(phase="final").status_code == 201
    assert foreign.lease() is not None


def test_what_it_held_when_approval_was_taken_back_comes_to_no_board(league, foreign):
    assert word(league, "POST", {"node": "node-x"}).status_code == 201
    assert league.submit(phase="final").status_code == 201
    job = foreign.lease()
    assert foreign.api("POST", f"/node/runs/{job.run}/held", {"lease": job.lease}).status_code == 200
    assert word(league, "DELETE").status_code == 204
    assert Run.objects.get().state == "queued"
    assert foreign.deliver(job, foreign.evidence(job, {"all": [0.0] * 5})).status_code == 409
    assert not EvidenceRecord.objects.exists()


def test_approved_it_judges_and_taken_back_it_does_not(league, foreign):
    league.submit()
    assert word(league, "POST", {"node": "node-x"}).status_code == 201
    job = foreign.lease()
    assert job is not None
    assert word(league, "DELETE").status_code == 204
    assert foreign.deliver(job, foreign.evidence(job, {"all": [0.0, 0.0]})).status_code == 409
    assert Run.objects.get().state == "queued" and foreign.lease() is None
    own = league.node("node-a")
    assert own.deliver(own.lease(), None, fault={"owner": "submission", "code": "crashed"}).status_code == 200
    acts = AuditEntry.objects.filter(act__startswith="node.appro").values_list("act", "subject")
    assert list(acts) == [("node.approved", "toy v1"), ("node.approval_taken_back", "toy v1")]


def test_a_node_that_holds_another_version_is_offered_none_and_the_team_reads_why(league):
    from django.test import Client

    node = league.node()
    league.submit()
    run, body = Run.objects.get(), {
        "challenges": ["toy"], "wait_s": 0, "isolation": {"kind": "bubblewrap", "limits_by": "cgroup2"},
        "holds": {"toy": "sha256:" + "1" * 64},
    }  # fmt: skip
    assert node.api("POST", "/node/lease", body).status_code == 204
    words = {"en": "holds this version", "id": "memegang versi tantangan ini", "zh-hans": "持有此版本"}
    for language, said in words.items():
        browser = Client(headers={"Accept-Language": language})
        browser.force_login(league.member)
        assert said in browser.get(f"/runs/{run.token}/").content.decode()
    owner = Client()
    owner.force_login(league.owner)
    assert "another version" in owner.get("/challenges/toy/1/nodes/").content.decode()
    body["holds"] = {"toy": run.challenge.digest}
    assert node.api("POST", "/node/lease", body).status_code == 200


def test_nobody_but_the_owner_decides(league, foreign):
    for who, status in (("member", 403), ("stranger", 403), ("staff", 403), ("visitor", 401)):
        assert word(league, "POST", {"node": "node-x"}, who).status_code == status
        assert word(league, "DELETE", who=who).status_code == status
    assert word(league, "POST", {"node": "node-y"}).status_code == 404
    (shown,) = league.api["visitor"]("GET", "/challenges/toy/1/nodes").json()
    assert shown["node"] == "node-x" and shown["may_judge"] is False


def test_a_new_version_asks_again(league, foreign, tmp_path):
    from archives import archive_of_folder

    assert word(league, "POST", {"node": "node-x"}).status_code == 201
    toml = tmp_path / "toy" / "challenge.toml"
    toml.write_text(toml.read_text().replace("version = 1\n", "version = 2\n", 1))
    fields = {"organisation": "kota-bandung", "archive": archive_of_folder(tmp_path / "toy")}
    assert league.api["owner"].upload("/challenges", fields).status_code == 201
    assert league.api["owner"]("POST", "/challenges/toy/2/state", {"state": "open"}).status_code == 200
    assert league.submit().status_code == 201
    assert foreign.lease() is None
