"""A node tells the centre what its ledgers say: what changed, once, and nothing by a ledger that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from lumbung.node.account import LedgerTeller
from lumbung.node.folder import Accepted, Budget, Settings
from lumbung.node.ledger import Asker, Entry, Ledger
from lumbung.proving.job import AccountTold, LedgerTold

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def accepting(budget=None, **more):
    rule = Accepted("sha256:" + "0" * 64, budget=budget or Budget())
    public = Accepted("sha256:" + "1" * 64, private=False)
    return Settings("node-a", "ID", "http://x", 1, {"toy": rule, "open": public, **more})


def book(folder, run, bits, asker=None):
    asker = asker or Asker("team-a", "person-a", ("org-a",))
    Ledger(folder.ledger("toy")).book(Entry(run, asker, "figures", bits, "sha256:" + run, NOON, rows=400))


@pytest.fixture
def told(centre, line, folder):
    """What the centre hears each time the node tells it."""
    centre.answers["/ledger"] = httpx.Response(200, json={"kept": True})
    teller = LedgerTeller(folder)

    def tell(settings=None):
        before = len(centre.asked)
        teller.tell(line, settings or accepting())
        return [msgspec.json.decode(one.content, type=LedgerTold) for one in centre.asked[before:]]

    return tell


def test_what_changed_is_told_once_in_tenths_of_a_bit(told, folder):
    (first,) = told()
    assert (first.challenge, first.begun) == ("toy", None)
    assert first.accounts == (AccountTold("challenge", "", 0, 0, 0.0),)
    book(folder, "run-00001", 40.01)
    (second,) = told()
    assert second.begun == NOON
    assert second.budget == {"challenge": 7680.0, "organisation": 480.0, "team": 240.0, "person": 240.0}
    assert second.accounts == tuple(
        AccountTold(scope, name, 1, 1, 40.1)
        for scope, name in (
            ("challenge", ""),
            ("organisation", "org-a"),
            ("team", "team-a"),
            ("person", "person-a"),
        )
    )
    assert told() == []
    book(folder, "run-00002", 1.0, Asker("team-b", "person-b"))
    assert {(each.scope, each.name) for each in told()[0].accounts} == {
        ("challenge", ""), ("team", "team-b"), ("person", "person-b"),
    }  # fmt: skip


def test_an_owner_who_changes_the_budget_is_heard(told):
    told()
    (changed,) = told(accepting(Budget(team=30.0)))
    assert changed.budget["team"] == 30.0 and changed.accounts == ()


def test_a_new_ledger_is_told_whole(told, folder):
    book(folder, "run-00001", 40.0)
    told()
    path = folder.ledger("toy")
    path.replace(path.with_suffix(".1.jsonl"))
    (anew,) = told()
    assert anew.begun is None and anew.accounts == (AccountTold("challenge", "", 0, 0, 0.0),)


def test_many_accounts_are_told_in_several_messages(told, folder, monkeypatch):
    monkeypatch.setattr("lumbung.node.account.AT_ONCE", 3)
    for number in range(4):
        book(folder, f"run-{number}", 1.0, Asker(f"team-{number}", f"person-{number}"))
    parts = told()
    assert [len(each.accounts) for each in parts] == [3, 3, 3] and told() == []


def test_a_centre_that_does_not_take_it_is_told_again(told, folder, centre):
    centre.answers["/ledger"] = [
        httpx.Response(404, json={"detail": "unknown"}),
        httpx.Response(200, json={}),
    ]
    assert len(told()) == 1 and len(told()) == 1 and told() == []


def test_nothing_is_told_by_a_damaged_ledger(told, folder):
    book(folder, "run-00001", 40.0)
    folder.ledger("toy").write_bytes(b"x\n")
    assert told() == []


def test_a_ledger_behind_a_public_challenge_is_told_too(told, folder):
    book(folder, "run-00001", 40.0)
    settings = accepting()
    turned = dict(reversed(settings.challenges.items()))
    assert [each.challenge for each in told(msgspec.structs.replace(settings, challenges=turned))] == ["toy"]
