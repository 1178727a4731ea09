"""A submission's life over the API: handed in, leased, judged, ranked, adopted; and what must not happen on the way."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.centre.members.models import AuditEntry, Organisation
from lumbung.centre.runs.models import Run, Submission, new_token
from lumbung.centre.runs.queue import lease_time, reap
from lumbung.proving.challenge import Egress
from lumbung.proving.faults import Owner

BOARD = "/challenges/toy/phases/practice/leaderboard"


def test_from_submission_to_leaderboard(league):
    node = league.node()
    handed_in = league.submit()
    assert handed_in.status_code == 201, handed_in.content
    (run,) = handed_in.json()["runs"]
    assert (run["state"], run["ahead"]) == ("queued", 0)
    job = node.lease()
    told = node.api("POST", f"/node/runs/{job.run}/renew", {"lease": job.lease, "finished": 2, "total": 5})
    assert not told.json()["withdrawn"]
    seen = league.api["member"]("GET", f"/runs/{job.run}").json()
    assert (seen["state"], seen["finished_cases"], seen["node"]) == ("running", 2, "node-a")
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0, 3.0, 2.5, 1.5, 2.0]})).status_code == 200
    ended = league.api["member"]("GET", f"/runs/{job.run}").json()
    assert (ended["state"], ended["finished_cases"], ended["total_cases"]) == ("scored", 6, 6)
    (row,) = league.api["visitor"]("GET", BOARD).json()["rows"]
    assert row["team"] == "rice-rocket" and row["mean"] == pytest.approx(2.0) and row["low"] < 2 < row["high"]
    envelope = league.api["visitor"]("GET", f"/runs/{job.run}/evidence")
    assert envelope.status_code == 200 and b"payload" in envelope.content


def test_the_same_result_twice_changes_nothing_and_another_is_refused(league):
    node = league.node()
    league.submit()
    job = node.lease()
    piece = node.evidence(job, {"all": [1.0, 2.0]})
    assert [node.deliver(job, piece).status_code for _ in range(3)] == [200, 200, 200]
    assert node.deliver(job, node.evidence(job, {"all": [0.0, 0.0]})).status_code == 409
    (row,) = league.api["visitor"]("GET", BOARD).json()["rows"]
    assert row["mean"] == pytest.approx(1.5)


@pytest.mark.parametrize(
    "changes",
    [
        {"challenge_digest": "sha256:" + "1" * 64},
        {"submission_digest": "sha256:" + "2" * 64},
        {"phase": "final"},
        {"country": "CN"},
        {"judge_version": 9},
        {"private": True},
    ],
)
def test_evidence_of_something_else_is_refused_and_logged(league, changes):
    node = league.node()
    league.submit()
    job = node.lease()
    assert node.deliver(job, node.evidence(job, {"all": [1.0]}, **changes)).status_code == 422
    assert AuditEntry.objects.filter(act="node.refused").count() == 1
    assert node.deliver(job, node.evidence(job, {"all": [1.0]})).status_code == 409, (
        "it ended with the refusal"
    )
    run = Run.objects.get()
    assert (run.state, run.fault_owner, run.fault_code) == ("faulted", "platform", "result_refused")


def test_a_foreign_key_is_refused(league):
    node = league.node()
    league.submit()
    job = node.lease()
    answer = node.deliver(job, node.evidence(job, {"all": [1.0]}), key=Ed25519PrivateKey.generate())
    assert answer.status_code == 422 and "unknown_key" in answer.json()["detail"]


def test_more_than_the_egress_rule_is_refused(league):
    node = league.node()
    from making_evidence import evidence_of

    few = evidence_of({"all": [1.0] * 3}, egress=Egress("aggregate", 1), metric="mae")
    enough = evidence_of({"all": [1.0, 2, 3, 4, 5]}, egress=Egress("aggregate", 5), metric="mae")
    whole = {"rows": (), "aggregates": enough.aggregates, "case_count": 5, "finished_count": 5}
    tried = [
        ({"all": [1.0, 2.0]}, {"rule": "aggregate"}, {}, 422),
        ({}, {**whole, "aggregates": few.aggregates, "case_count": 3, "finished_count": 3}, {}, 422),
        ({}, whole, {"log": "secret of the data"}, 422),
        ({}, whole, {}, 200),
    ]
    assert league.submit(phase="final").status_code == 201
    for figures, changes, sent, expected in tried:
        job = node.lease()
        assert job.private
        assert node.deliver(job, node.evidence(job, figures, **changes), **sent).status_code == expected
        if expected == 422:  # it ended with that, and is asked for again
            assert league.api["staff"]("POST", f"/runs/{job.run}/again").status_code == 200


def test_engines_of_private_evidence_carry_no_words_of_their_own(league):
    """A node's first names them, as its cases ask; another node's cases, or none of the public ones, may ask for others."""
    from making_evidence import evidence_of

    node, other = league.node(), league.node("node-b")
    enough = evidence_of({"all": [1.0, 2, 3, 4, 5]}, egress=Egress("aggregate", 5), metric="mae")
    whole = {"rows": (), "aggregates": enough.aggregates, "case_count": 5, "finished_count": 5}

    def sent(judge, *engines):
        job = judge.lease()
        assert job is not None and job.private
        return judge.deliver(job, judge.evidence(job, {}, engines=engines, **whole)).status_code

    league.submit(phase="final", solution="a = 1")
    assert sent(node, "WOFOST 7.2 0.2.0 measured weather", "WOFOST 7.2 0.2.0 generated weather") == 200
    assert sent(other, "WOFOST 7.2 0.2.0 measured weather") == 200
    league.submit(phase="final", solution="a = 2")
    assert sent(node, "row 7 is 12.5") == 422
    assert sent(other, "WOFOST 7.2 0.2.1 measured weather") == 200
    league.submit(phase="final", solution="a = 3")
    assert sent(node, "WOFOST 7.2 0.3.0 generated weather") == 200


def test_embargoed_scores_are_hidden_from_everybody(league):
    node = league.node()
    league.submit(phase="final")
    job = node.lease()
    from making_evidence import evidence_of

    enough = evidence_of({"all": [1.0, 2, 3, 4, 5]}, egress=Egress("aggregate", 5), metric="mae")
    good = node.evidence(job, {}, rows=(), aggregates=enough.aggregates, case_count=5, finished_count=5)
    assert node.deliver(job, good).status_code == 200
    for who in ("visitor", "member", "owner", "staff"):
        board = league.api[who]("GET", "/challenges/toy/phases/final/leaderboard").json()
        assert board["embargo"] and board["rows"] == []
        assert league.api[who]("GET", f"/runs/{job.run}/evidence").status_code == 404


def test_daily_limit_does_not_count_withdrawn_or_platform_failed_runs(league):
    node = league.node()
    tokens = [league.submit(phase="final").json()["submission"] for _ in range(3)]
    refused = league.submit(phase="final")
    assert refused.status_code == 400 and "3 submissions" in refused.json()["detail"]
    assert league.api["member"]("POST", f"/submissions/{tokens[2]}/withdraw").status_code == 200
    again = league.submit(phase="final")
    assert again.status_code == 201
    for _ in range(3):  # two more tries before the team hears of it
        job = node.lease()
        assert node.deliver(job, None, fault={"owner": "platform", "code": "judge_failed"}).status_code == 200
    assert Run.objects.get(token=job.run).fault_code == "judge_failed"
    assert league.submit(phase="final").status_code == 201
    assert Submission.objects.filter(counts=False).count() == 2


def test_no_team_waits_because_another_queued_many(league):
    node = league.node()
    for _ in range(10):
        assert league.submit("member").status_code == 201
    late = league.submit("stranger").json()
    order = []
    while (job := node.lease()) is not None:
        order.append(Run.objects.get(token=job.run).submission.team.slug)
    assert late["runs"][0]["ahead"] == 1
    assert order.index("others") == 1


def test_a_silent_node_loses_its_lease_and_after_three_the_platform_answers(league):
    node = league.node()
    league.submit()
    now = datetime.now(UTC)
    for attempt in range(1, 4):
        job = node.lease()
        assert job is not None
        now += lease_time() + timedelta(seconds=1)
        Run.objects.filter(token=job.run).update(lease_expires=now - timedelta(seconds=1))
        reap(now)
        state = Run.objects.get(token=job.run).state
        assert state == ("queued" if attempt < 3 else "faulted")
        assert node.deliver(job, node.evidence(job, {"all": [1.0]})).status_code == 409, "its lease is gone"
    run = Run.objects.get(token=job.run)
    assert (run.fault_owner, run.fault_code) == (Owner.PLATFORM, "lost") and not run.submission.counts
    seen = league.api["member"]("GET", f"/runs/{job.run}", **{"Accept-Language": "id"}).json()
    assert "simpul" in seen["reason"].lower()


def test_a_withdrawn_run_tells_its_node_to_stop(league):
    node = league.node()
    token = league.submit().json()["submission"]
    job = node.lease()
    assert league.api["member"]("POST", f"/submissions/{token}/withdraw").status_code == 200
    told = node.api("POST", f"/node/runs/{job.run}/renew", {"lease": job.lease, "finished": 1, "total": 5})
    assert told.json()["withdrawn"]


def test_nodes_fetch_what_they_judge_and_nothing_else(league):
    node, other = league.node("node-a"), league.node("node-b")
    league.submit()
    job = node.lease()
    whole = node.api("GET", f"/node/blobs/{job.submission_blob}")
    body = b"".join(whole.streaming_content)
    rest = node.api("GET", f"/node/blobs/{job.submission_blob}", Range="bytes=100-")
    assert rest.status_code == 206 and b"".join(rest.streaming_content) == body[100:]
    assert other.api("GET", f"/node/blobs/{job.submission_blob}").status_code == 404


def test_a_second_node_judges_again_and_the_evidence_agrees(league):
    first, second = league.node("node-a"), league.node("node-b")
    league.submit()
    job = first.lease()
    first.deliver(job, first.evidence(job, {"all": [1.0, 2.0]}))
    again = league.api["staff"]("POST", f"/runs/{job.run}/rejudge", {"node": "node-b"})
    assert again.status_code == 201, again.content
    job2 = second.lease()
    second.deliver(job2, second.evidence(job2, {"all": [1.0, 2.0]}, wall_s=9.0))
    digests = {Run.objects.get(token=j.run).evidence.figures_digest for j in (job, job2)}
    assert len(digests) == 1
    (row,) = league.api["visitor"]("GET", BOARD).json()["rows"]
    assert row["cases"] == 2, "a second judging is not a second result"


def test_an_owner_adopts_and_the_team_agrees(league):
    node = league.node()
    league.submit()
    job = node.lease()
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]}))
    offer = {"organisation": "kota-bandung", "run": job.run, "terms": "one year, free", "contact": "a@b.org"}
    assert league.api["member"]("POST", "/adoptions", offer).status_code == 403
    made = league.api["owner"]("POST", "/adoptions", offer)
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    assert league.api["stranger"]("POST", f"/adoptions/{number}/answer", {"agree": True}).status_code == 404
    agreed = league.api["member"]("POST", f"/adoptions/{number}/answer", {"agree": True})
    assert agreed.json()["state"] == "agreed"


def test_what_an_operator_types_never_looks_like_an_option(league, monkeypatch):
    """``lumbung node join URL CODE``, ``lumbung node release RUN``: a word that begins with a dash would be refused."""
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size: "-W" + "a" * size)
    answer = league.api["owner"]("POST", f"/organisations/{Organisation.objects.first().slug}/enrol-node")
    typed = [answer.json()["code"], *(new_token() for _ in range(500))]
    assert not [word for word in typed if word.startswith("-")]
