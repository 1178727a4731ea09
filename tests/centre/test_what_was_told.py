"""What nodes told of private cases, in bits: to its owner whole, to a team as what is left."""

from __future__ import annotations

import pytest
from django.test import Client

from lumbung.centre.challenges.models import Phase
from lumbung.centre.runs.models import LedgerAccount, NodeLedger, Run
from lumbung.proving.challenge import Egress
from making_evidence import evidence_of
from small_league import organisation


@pytest.fixture
def asked(league):
    """A node that judged one private submission, and the names it was told."""
    league.team.organisations.add(organisation("padi"))
    league.fake = league.node("node-a")
    assert league.submit(phase="final").status_code == 201
    league.job = league.fake.lease()
    return league


def deliver(league, **changes):
    means = evidence_of({"all": [1.0, 2, 3, 4, 5]}, egress=Egress("aggregate", 5), metric="mae").aggregates
    piece = league.fake.evidence(league.job, {}, rows=(), aggregates=means, case_count=5, finished_count=5)
    return league.fake.deliver(league.job, piece, **changes)


def accounts(job, bits, figures=1, results=2):
    known = [
        ("challenge", ""),
        ("organisation", job.organisations[0]),
        ("team", job.team),
        ("person", job.person),
    ]
    return [[scope, name, results, figures, bits] for scope, name in known]


def shares(league, who="member", team="rice-rocket"):
    found = league.api[who]("GET", f"/challenges/toy/phases/final/share?team={team}").json()
    return {each["scope"]: each for each in found}


def page(user, address):
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


def test_a_team_sees_how_many_scores_are_left_and_no_bits_under_embargo(asked):
    assert shares(asked) == {}, "no node has said anything"
    asked.fake.tell_ledger(accounts(asked.job, 47.3))
    found = shares(asked)
    assert list(found) == ["person", "team", "organisation", "challenge"]
    team = found["team"]
    assert (team["figures"], team["scores_left"], team["bits"], team["budget"]) == (1, 2, None, None)
    same = shares(asked)
    asked.fake.tell_ledger(accounts(asked.job, 31.0))
    assert shares(asked) == same, "what a score cost says something about it"
    Phase.objects.filter(slug="final").update(closes="2026-01-01T00:00:00Z")
    team = shares(asked)["team"]
    assert (team["bits"], team["budget"], team["scores_left"], team["percent_left"]) == (31.0, 128.0, 2, 76)


def test_a_spent_share_is_said_whoever_asks(asked):
    asked.fake.tell_ledger(accounts(asked.job, 128.0))
    found = shares(asked)
    assert (found["team"]["scores_left"], found["team"]["percent_left"]) == (0, 0)
    assert found["challenge"]["percent_left"] == 99 and found["organisation"]["percent_left"] == 84
    body = page(asked.member, "/challenges/toy/submit/")
    assert "nothing: the share is spent" in body and "about 101 more scores" in body


def test_of_several_nodes_the_one_with_least_left_counts(asked):
    other = asked.node("node-b")
    asked.fake.tell_ledger(accounts(asked.job, 40.0))
    other.tell_ledger([["team", asked.job.team, 9, 3, 120.0]])
    assert shares(asked)["team"]["scores_left"] == 0 and shares(asked)["person"]["figures"] == 1


def test_cases_of_other_content_begin_anew(asked):
    asked.fake.tell_ledger(accounts(asked.job, 128.0))
    asked.fake.tell_ledger([["challenge", "", 1, 1, 40.0]], begun="2026-11-02T00:00:00Z")
    assert shares(asked)["team"]["figures"] == 0 and LedgerAccount.objects.count() == 1


def test_saying_it_twice_or_in_part_changes_nothing_else(asked):
    for _ in range(2):
        asked.fake.tell_ledger(accounts(asked.job, 40.0))
    asked.fake.tell_ledger([["team", asked.job.team, 3, 1, 41.0]])
    assert NodeLedger.objects.count() == 1 and LedgerAccount.objects.count() == 4
    assert LedgerAccount.objects.get(scope="team").bits == 41.0
    assert LedgerAccount.objects.get(scope="person").bits == 40.0


def test_a_node_that_may_not_judge_is_not_believed(asked):
    foreign = asked.node("node-x", organisation=None)
    from lumbung.centre.runs.models import Node

    Node.objects.filter(name="node-x").update(organisation=organisation("elsewhere"))
    assert foreign.tell_ledger([["challenge", "", 1, 1, 9e9]]).json() == {"kept": False}
    assert foreign.tell_ledger([["challenge", "", 1, 1, -1]]).status_code == 400
    assert not NodeLedger.objects.exists()


@pytest.mark.parametrize(
    "begun", ["2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_time_that_is_none_is_refused(asked, begun):
    assert asked.fake.tell_ledger([], begun=begun).status_code == 400


def test_a_scope_without_a_budget_is_refused(asked):
    body = {"challenge": "toy", "begun": None, "budget": {"team": 128.0}, "accounts": []}
    answer = asked.fake.api("POST", "/node/ledger", body)
    assert answer.status_code == 400 and "none for challenge, organisation, person" in answer.json()["detail"]


def test_the_owner_sees_bits_by_submission_team_and_challenge_and_no_names_of_people(asked):
    asked.member.name = "Sari Wu"
    asked.member.save()
    assert deliver(asked, bits=47.3).status_code == 200
    asked.fake.tell_ledger([*accounts(asked.job, 47.3), ["team", "unknown-name", 1, 1, 12.0]])
    assert Run.objects.get().bits == 47.3
    (row,) = asked.api["owner"]("GET", "/challenges/toy/1/told").json()
    assert (row["node"], row["bits"], row["budget"], row["percent"]) == ("node-a", 47.3, 4096.0, 1)
    assert [(each["scope"], each["who"], each["bits"]) for each in row["accounts"]] == [
        ("organisation", "Padi", 47.3), ("team", "Rice Rocket", 47.3), ("team", "", 12.0), ("person", "Rice Rocket", 47.3),
    ]  # fmt: skip
    body = page(asked.owner, "/challenges/toy/1/runs/")
    assert "a member of Rice Rocket" in body and "Sari Wu" not in body and "47.3" in body
    (whole,) = asked.api["staff"]("GET", "/challenges/toy/1/told").json()
    assert whole["accounts"][-1]["who"] == "Sari Wu"
    assert "47 of 4,096" in page(asked.staff, "/challenges/toy/1/runs/").replace("4096", "4,096")
    assert ">toy</a>" in page(asked.staff, "/desk/")


def test_a_run_says_its_bits_to_who_may_know_them(asked):
    assert deliver(asked, bits=47.3).status_code == 200
    token = asked.job.run
    assert "This told 47.3 bits" in page(asked.owner, f"/runs/{token}/")
    assert "This told" not in page(asked.member, f"/runs/{token}/"), "the score is under embargo"
    assert asked.api["owner"]("GET", f"/runs/{token}").json()["bits"] == 47.3
    assert "bits" not in asked.api["member"]("GET", f"/runs/{token}").json()
    Phase.objects.filter(slug="final").update(closes="2026-01-01T00:00:00Z")
    assert "This told 47.3 bits" in page(asked.member, f"/runs/{token}/")


def test_bits_of_public_cases_are_refused(league):
    node = league.node("node-a")
    league.submit()
    job = node.lease()
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]}), bits=3.0).status_code == 422
