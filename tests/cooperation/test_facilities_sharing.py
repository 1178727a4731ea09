"""Fair share is Slurm's to the last published digit, usage is counted once and fades, and waiting has a reason."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.cooperation.facilities.fair_share import (
    Account,
    AccountError,
    classic_factor,
    classic_fair_share,
    fair_tree,
)
from lumbung.cooperation.facilities.grants import (
    Balance,
    Grant,
    GrantError,
    accept_report,
    balance,
    released_hours,
)
from lumbung.cooperation.facilities.leasing import Request, next_lease, waiting_line
from lumbung.cooperation.facilities.usage import (
    UsageRecord,
    decayed_hours,
    hours_used,
    usage_from_envelope,
    usage_from_evidence,
)
from lumbung.proving.evidence import Evidence, EvidenceError, Isolation, sign
from lumbung.proving.keys import key_id
from lumbung.proving.text import LANGUAGES

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def documented(reference):
    """Slurm's documented example: accounts, usage and the published figures."""
    return json.loads(reference("cooperation/fair_share_example.json").read_text())


def accounts_of(shares):
    for path, amount in shares.items():
        *above, name = path.split("/")
        yield Account(name, amount, above[-1] if above else None)


def test_slurms_documented_example_to_six_decimals(documented):
    found = classic_fair_share(accounts_of(documented["shares"]), documented["actual_usage"], machine=1.0)
    for user, factor in documented["factor"].items():
        assert round(found[user].factor, 6) == factor
        assert found[user].shares == pytest.approx(documented["normalised_shares"][user], abs=1e-9)
        assert found[user].effective_usage == pytest.approx(documented["effective_usage"][user], abs=5e-5)
        assert classic_factor(found[user].shares, found[user].effective_usage) == pytest.approx(
            found[user].factor
        )


def test_nobody_uses_more_than_the_machine_has():
    with pytest.raises(AccountError, match="more than the machine"):
        classic_fair_share([Account("a", 1)], {"a": 2.0}, machine=1.0)


def test_a_user_at_its_share_has_one_half():
    accounts = [Account("a", 1), Account("b", 3)]
    found = classic_fair_share(accounts, {"a": 10, "b": 30})
    assert found["a"].factor == found["b"].factor == 0.5


@st.composite
def trees(draw):
    """Random trees of up to three levels, with ties and unused accounts on purpose."""
    accounts, usage = [], {}
    for a in range(draw(st.integers(1, 4))):
        accounts.append(Account(f"a{a}", draw(st.integers(0, 3))))
        for b in range(draw(st.integers(0, 3))):
            accounts.append(Account(f"a{a}b{b}", draw(st.integers(0, 3)), f"a{a}"))
            for c in range(draw(st.integers(0, 3))):
                accounts.append(Account(f"a{a}b{b}c{c}", draw(st.integers(0, 3)), f"a{a}b{b}"))
    parents = {each.parent for each in accounts}
    for each in accounts:
        if each.name not in parents:
            usage[each.name] = draw(st.sampled_from([0, 0, 1, 2, 2.5, 10]))
    return accounts, usage


def level(accounts, usage, name):
    """LF from its definition, in floats."""
    by_name = {each.name: each for each in accounts}

    def used(account):
        below = [each.name for each in accounts if each.parent == account]
        return sum(map(used, below)) if below else usage.get(account, 0)

    siblings = [each for each in accounts if each.parent == by_name[name].parent]
    total_shares, total_used = (
        sum(each.shares for each in siblings),
        sum(used(each.name) for each in siblings),
    )
    if used(name) == 0:
        return float("inf")
    return (by_name[name].shares / total_shares if total_shares else 0.0) / (used(name) / total_used)


@settings(max_examples=200, deadline=None)
@given(trees())
def test_fair_trees_ranking_rule(tree):
    """If siblings A and B have LF(A) > LF(B), all users under A come before all users under B."""
    accounts, usage = tree
    found = fair_tree(accounts, usage)
    assert all(0 < each.factor <= 1 for each in found.values())
    assert max(each.factor for each in found.values()) == 1.0

    def users(name):
        below = [each.name for each in accounts if each.parent == name]
        return [user for each in below for user in users(each)] if below else [name]

    for one in accounts:
        for other in accounts:
            if one.parent == other.parent and one.name != other.name:
                a, b = level(accounts, usage, one.name), level(accounts, usage, other.name)
                if a > b * (1 + 1e-12):
                    assert min(found[u].factor for u in users(one.name)) > max(
                        found[u].factor for u in users(other.name)
                    )


def test_fair_trees_rules_for_ties():
    pair = [Account("u", 1), Account("v", 1), Account("w", 1)]
    ranks = {name: each.rank for name, each in fair_tree(pair, {"u": 1, "v": 1, "w": 5}).items()}
    assert ranks == {"u": 3, "v": 3, "w": 1}
    mixed = [Account("u", 1), Account("x", 1), Account("x1", 1, "x"), Account("x2", 1, "x")]
    ranks = {name: each.rank for name, each in fair_tree(mixed, {"u": 3, "x1": 1, "x2": 2}).items()}
    assert ranks == {"u": 3, "x1": 3, "x2": 1}
    merged = [Account("x", 1), Account("y", 1)]
    merged += [Account("x1", 1, "x"), Account("x2", 1, "x"), Account("y1", 1, "y"), Account("y2", 1, "y")]
    ranks = {
        name: each.rank for name, each in fair_tree(merged, {"x1": 1, "x2": 3, "y1": 2, "y2": 2}).items()
    }
    assert ranks == {"x1": 4, "y1": 3, "y2": 3, "x2": 1}


@pytest.mark.parametrize(
    ("accounts", "usage", "problem"),
    [
        ([Account("a", 1), Account("a", 1)], {}, "listed twice"),
        ([Account("a", -1)], {}, "shares"),
        ([Account("a", 1, "b")], {}, "which is not listed"),
        ([Account("a", 1, "b"), Account("b", 1, "a")], {}, "ring"),
        ([Account("a", 1)], {"b": 1}, "no user"),
        ([Account("a", 1)], {"a": -1}, "not be negative"),
        ([Account("a", 1)], {"a": float("nan")}, "not be negative"),
    ],
)
def test_accounts_that_are_no_tree_are_named(accounts, usage, problem):
    for share in (classic_fair_share, fair_tree):
        with pytest.raises(AccountError, match=problem):
            share(accounts, usage)


def evidence(cpu_s=7200.0):
    digest = "sha256:" + "0" * 64
    return Evidence(
        challenge="c", challenge_version=1, challenge_digest=digest, options_digest=digest, phase="practice",
        submission_digest=digest, cases_digest=digest, case_count=0, finished_count=0, private=False,
        judge="demo.judge", judge_version=1, engines=(), fault=None, rule="per-case", rows=(), aggregates=(),
        isolation=Isolation("bubblewrap", "cgroup2"), wall_s=3600.0, cpu_s=cpu_s, peak_memory_bytes=1,
        country="ID", started=NOW - timedelta(hours=1), finished=NOW,
    )  # fmt: skip


def test_usage_is_read_from_signed_evidence_alone(tmp_path):
    key, stranger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    path = tmp_path / "e.json"
    path.write_bytes(sign(evidence(), key))
    record = usage_from_envelope(path, [key.public_key()], "team")
    assert record.node == key_id(key.public_key())
    assert (record.hours, record.resource, record.ended) == (2.0, "cpu", NOW)
    assert usage_from_evidence(evidence(), "node-id", "team", "gpu", units=2).hours == 2.0
    with pytest.raises(EvidenceError):
        usage_from_envelope(path, [stranger.public_key()], "team")


def test_one_evidence_counts_once_and_the_past_fades():
    first = usage_from_evidence(evidence(), "node-id", "team")
    other = usage_from_evidence(evidence(3600.0), "node-id", "team")
    assert hours_used([first, first, other]) == {"team": 3.0}
    assert hours_used([first], "gpu") == {}
    old = UsageRecord("n", "team", "cpu", 8.0, NOW - timedelta(days=14), "d")
    assert decayed_hours([old], NOW, timedelta(days=7)) == {"team": 2.0}
    with pytest.raises(ValueError, match="positive"):
        decayed_hours([old], NOW, timedelta(0))


def grant(**change):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return Grant(**({"id": "g", "organisation": "team", "resource": "gpu", "hours": 100.0, "awarded": start,
                     "expires": datetime(2026, 7, 1, tzinfo=UTC)} | change))  # fmt: skip


def test_half_at_award_and_half_after_the_report():
    given_ = grant()
    assert released_hours(given_, given_.awarded - timedelta(seconds=1)) == 0
    assert released_hours(given_, given_.awarded) == 50
    reported = accept_report(given_, NOW)
    assert released_hours(reported, NOW - timedelta(seconds=1)) == 50
    assert released_hours(reported, NOW) == 100
    assert released_hours(reported, given_.expires) == 0
    with pytest.raises(GrantError, match="already"):
        accept_report(reported, NOW)
    with pytest.raises(GrantError, match="can be accepted from"):
        accept_report(given_, given_.expires)
    with pytest.raises(GrantError, match="more than none"):
        grant(hours=0)
    with pytest.raises(GrantError, match="before it is awarded"):
        grant(expires=given_.awarded)


def test_balance_adds_up_what_is_alive():
    grants = (grant(), grant(id="h", hours=20.0, reported=NOW), grant(id="i", organisation="other"))
    found = balance(grants, "team", "gpu", used=30.0, held=5.0, now=NOW)
    assert found == Balance(70.0, 30.0, 5.0, 50.0)
    assert found.left == 35.0
    assert balance(grants, "team", "gpu", used=99.0, held=0.0, now=NOW).left == 0.0


def request(name, organisation, hours=1.0, minute=0):
    return Request(name, organisation, hours, NOW + timedelta(minutes=minute))


def test_who_waits_and_why():
    plenty = Balance(100.0, 0.0, 0.0, 0.0)
    balances = {
        "a": plenty,
        "b": plenty,
        "half": Balance(1.0, 0.0, 0.0, 1.0),
        "spent": Balance(5.0, 5.0, 0.0, 0.0),
    }
    requests = [
        request("1", "a"),
        request("2", "b", minute=1),
        request("3", "b", minute=2),
        request("4", "half", hours=2.0),
        request("5", "spent"),
        request("6", "nobody"),
    ]
    line = waiting_line(requests, {"a": 0.2, "b": 0.9}, balances, {"a": 1}, units=2)
    assert [(each.request.id, each.why) for each in line] == [
        ("2", "next"),
        ("3", "turn"),
        ("1", "turn"),
        ("4", "report"),
        ("5", "grant"),
        ("6", "no-grant"),
    ]
    assert [each.place for each in line] == list(range(6))
    assert next_lease(line).id == "2"
    for language in LANGUAGES:
        assert len({each.says(language) for each in line}) == 6


def test_nothing_is_leased_when_all_is_in_use_or_a_limit_is_met():
    plenty = {"a": Balance(100.0, 0.0, 0.0, 0.0)}
    full = waiting_line([request("1", "a")], {"a": 1}, plenty, {"b": 2}, units=2)
    assert full[0].why == "busy"
    assert next_lease(full) is None
    limited = waiting_line([request("1", "a")], {"a": 1}, plenty, {"a": 1}, units=2, most_at_once=1)
    assert limited[0].why == "limit"
    assert next_lease(limited) is None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=8), st.integers(0, 8))
def test_what_may_be_leased_never_exceeds_a_grant(wishes, released):
    requests = [request(str(n), who, float(hours), n) for n, (who, hours) in enumerate(wishes)]
    balances = {who: Balance(float(released), 0.0, 0.0, 0.0) for who in "abc"}
    line = waiting_line(requests, {"a": 0.5}, balances, {}, units=3)
    for who in "abc":
        leased = [each for each in line if each.why in ("next", "turn") and each.request.organisation == who]
        assert sum(each.request.hours for each in leased) <= released
    assert sorted(each.request.id for each in line) == sorted(each.id for each in requests)
