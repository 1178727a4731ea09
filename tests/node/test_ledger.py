"""The ledger: what each result costs, whose budget it comes out of, and when nothing more is told."""

from __future__ import annotations

import errno
import math
import os
import stat
from datetime import UTC, datetime

import msgspec
import pytest

from lumbung.node.folder import Budget
from lumbung.node.ledger import Account, Asker, Entry, Ledger, begin_anew
from lumbung.proving.challenge import Ranking
from lumbung.proving.faults import PlatformFault
from lumbung.proving.telling import Scored

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOWER = Ranking("delay", "lower")
CASES, OTHER_CASES = "sha256:" + "0" * 64, "sha256:" + "1" * 64
ONE = Asker("team-a", "person-a", ("org-a", "org-b"))


def entry(run="run-00001", asker=ONE, told="figures", bits=10.0, score=1.0, cases=CASES, **changes):
    scored = None if score is None else Scored(score, 0.1, cases)
    return msgspec.structs.replace(Entry(run, asker, told, bits, f"what {run}", NOW, scored), **changes)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger" / "toy.jsonl")


def test_a_ledger_that_nobody_wrote_is_empty_and_its_budgets_are_whole(ledger):
    assert ledger.entries == [] and ledger.rows == 0
    assert ledger.accounts(Budget()) == [Account("challenge", "", 0, 0, 0.0, 32 * 128.0)]
    assert not ledger.path.exists()


@pytest.mark.parametrize(
    ("rows", "team", "organisation", "challenge"),
    [(0, 128, 256, 4096), (213, 128, 256, 4096), (500, 300, 600, 8192), (10_000, 512, 1024, 8192)],
)
def test_budgets_grow_with_the_rows_between_two_bounds(rows, team, organisation, challenge):
    whole = Budget()
    assert whole.of("team", rows) == whole.of("person", rows) == pytest.approx(team, abs=0.5)
    assert whole.of("organisation", rows) == pytest.approx(organisation, abs=0.5)
    assert whole.of("challenge", rows) == pytest.approx(challenge, abs=0.5)
    given = Budget(1.0, 2.0, 3.0, 4.0)
    assert [given.of(scope, rows) for scope in ("challenge", "organisation", "team", "person")] == [
        1,
        2,
        3,
        4,
    ]


def test_what_is_booked_is_there_again_and_counted_to_everybody_who_was_told(ledger):
    ledger.book(entry(rows=40))
    ledger.book(entry("run-00002", Asker("team-a", "person-b"), "code", 5.0, None, rows=30))
    for read in (ledger, Ledger(ledger.path)):
        assert [one.run for one in read.entries] == ["run-00001", "run-00002"]
        assert read.entries[0] == entry(rows=40) and read.rows == 40
        assert read.accounts(Budget(team=20.0)) == [
            Account("challenge", "", 2, 1, 15.0, 4096.0),
            Account("organisation", "org-a", 1, 1, 10.0, 256.0),
            Account("organisation", "org-b", 1, 1, 10.0, 256.0),
            Account("team", "team-a", 2, 1, 15.0, 20.0),
            Account("person", "person-a", 1, 1, 10.0, 128.0),
            Account("person", "person-b", 1, 0, 5.0, 128.0),
        ]
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    assert ledger.path.read_bytes().count(b"\n") == 2


def test_what_is_left_is_never_less_than_nothing():
    assert Account("team", "a", 1, 1, 30.0, 128.0).left == 98.0
    assert Account("team", "a", 1, 1, 130.0, 128.0).left == 0.0


def test_the_most_rows_that_were_seen_or_are_asked_for_set_the_budget(ledger):
    assert ledger.account("team", "team-a", Budget(), 1000).budget == 512
    ledger.book(entry(rows=1000))
    assert ledger.account("team", "team-a", Budget()).budget == 512
    assert ledger.account("team", "team-a", Budget(), 20).budget == 512


def test_a_result_is_found_by_its_run_and_what_it_says(ledger):
    ledger.book(entry())
    assert ledger.find("run-00001", "what run-00001") == entry()
    assert ledger.find("run-00001", "another") is None is ledger.find("run-00002", "what run-00001")


# ------------------------------------------------------------------------------------------------ the ladder


def test_the_best_of_a_team_is_what_it_was_told_last_on_the_same_cases(ledger):
    assert ledger.best_of("team-a", CASES) == (None, 0)
    for number, (score, told) in enumerate(
        [
            (3.0, "figures"),
            (4.0, "no_improvement"),
            (2.0, "figures"),
            (5.0, "no_improvement"),
            (6.0, "no_improvement"),
        ]
    ):
        ledger.book(entry(f"run-{number:05d}", score=score, told=told))
    ledger.book(entry("run-10000", score=0.1, cases=OTHER_CASES))
    ledger.book(entry("run-10001", Asker("team-b"), score=0.2))
    ledger.book(entry("run-10002", told="code", score=None))
    assert ledger.best_of("team-a", CASES) == (Scored(2.0, 0.1, CASES), 2)
    assert ledger.best_of("team-a", OTHER_CASES) == (Scored(0.1, 0.1, OTHER_CASES), 0)
    assert ledger.best_of("team-c", CASES) == (None, 0)


def test_tries_without_improvement_cost_log2_of_one_more_than_they_are(ledger):
    whole = Budget(challenge=1e6, team=1e6, person=1e6, organisation=1e6)
    first = ledger.price(entry(), LOWER, whole)
    assert (first.told, first.bits) == ("figures", 10.0)
    ledger.book(first)
    spent = 0.0
    for number in range(1, 6):
        again = ledger.price(entry(f"run-1000{number}", score=1.0), LOWER, whole)
        assert again.told == "no_improvement" and again.scored is not None
        ledger.book(again)
        spent += again.bits
        assert spent == pytest.approx(math.log2(number + 1))
    better = ledger.price(entry("run-20000", score=0.5), LOWER, whole)
    assert (better.told, better.bits) == ("figures", pytest.approx(10.0 + math.log2(7)))
    ledger.book(better)
    after = ledger.price(entry("run-20001", score=0.4), LOWER, whole)
    assert (after.told, after.bits) == ("figures", pytest.approx(10.0 + math.log2(2)))


def test_where_every_result_is_told_there_is_no_ladder(ledger):
    ledger.book(entry())
    told = ledger.price(entry("run-00002", score=5.0), None, Budget())
    assert (told.told, told.bits) == ("figures", 10.0)


@pytest.mark.parametrize("told", ["code", "figures"])
def test_what_has_no_score_is_no_try(ledger, told):
    ledger.book(entry())
    found = ledger.price(entry("run-00002", told=told, score=None), LOWER, Budget())
    assert (found.told, found.bits) == (told, 10.0)


# ------------------------------------------------------------------------------------------------ the budget


@pytest.mark.parametrize(
    ("budget", "over"),
    [
        (Budget(challenge=25.0), "challenge"),
        (Budget(organisation=25.0), "organisation"),
        (Budget(team=25.0), "team"),
        (Budget(person=25.0), "person"),
        (Budget(challenge=25.0, person=21.0), "challenge"),
    ],
)
def test_what_exceeds_a_budget_costs_what_is_left_of_it(ledger, budget, over):
    for number in range(2):
        ledger.book(entry(f"run-0000{number}"))
    spent = ledger.price(entry("run-00009"), None, budget)
    assert (spent.told, spent.over, spent.bits, spent.scored) == ("spent", over, 5.0, None)
    ledger.book(spent)
    assert ledger.price(entry("run-00010"), None, budget).bits == 0.0


def test_a_budget_may_be_spent_to_its_last_bit(ledger):
    ledger.book(entry())
    assert ledger.price(entry("run-00002"), None, Budget(team=20.0)).told == "figures"
    assert ledger.price(entry("run-00002"), None, Budget(team=20.0 - 1e-6)).told == "spent"


def test_the_rows_of_the_result_itself_set_its_budget(ledger):
    ledger.book(entry(bits=300.0))
    assert ledger.price(entry("run-00002"), None, Budget()).told == "spent"
    assert ledger.price(entry("run-00002", rows=1000), None, Budget()).told == "figures"


# ------------------------------------------------------------------------------------------------ on the disk


def test_a_line_that_was_cut_short_is_written_over(ledger):
    ledger.book(entry())
    with ledger.path.open("ab") as file:
        file.write(b'{"run":"run-00002","asker"')
    again = Ledger(ledger.path)
    assert [one.run for one in again.entries] == ["run-00001"]
    again.book(entry("run-00003", score=None))
    assert [one.run for one in Ledger(ledger.path).entries] == ["run-00001", "run-00003"]


def test_a_ledger_that_cannot_be_read_lets_nobody_begin(ledger):
    ledger.book(entry())
    ledger.path.write_bytes(b"{}\n")
    with pytest.raises(PlatformFault) as caught:
        Ledger(ledger.path)
    assert caught.value.fault.code == "unwritable" and str(ledger.path) in str(caught.value)
    assert "restore the file, or move it away to begin anew" in str(caught.value)
    ledger.path.unlink()
    ledger.path.mkdir()
    with pytest.raises(PlatformFault, match=r"Is a directory"):
        Ledger(ledger.path)


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EIO, "unwritable")]
)
def test_what_could_not_be_written_is_not_booked(ledger, monkeypatch, number, code):
    def fail(_descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PlatformFault) as caught:
        ledger.book(entry())
    assert caught.value.fault.code == code and os.strerror(number) in str(caught.value.fault.params)
    assert ledger.entries == [] and ledger.account("challenge", "", Budget()).bits == 0


def test_a_new_ledger_begins_where_the_owner_says_so_and_every_old_one_is_kept(ledger):
    assert not begin_anew(ledger.path), "there is none to begin anew"
    for number in (1, 2):
        Ledger(ledger.path).book(entry(f"run-{number}"))
        assert begin_anew(ledger.path) and not ledger.path.exists()
    kept = [Ledger(ledger.path.with_name(f"toy.{number}.jsonl")).entries for number in (1, 2)]
    assert [[each.run for each in entries] for entries in kept] == [["run-1"], ["run-2"]]
