"""A node's folder: its settings, its secret, and what its owner accepted."""

from __future__ import annotations

import fcntl
import os
import stat

import msgspec
import pytest

from lumbung.node import folder as folder_module
from lumbung.node.folder import Accepted, Budget, NodeError, NodeFolder, Settings
from lumbung.proving.challenge import Egress

DIGEST = "sha256:" + "0" * 64
RULES = ("aggregate", "per-case", "pictures")


@pytest.mark.parametrize("most", range(3))
@pytest.mark.parametrize("rule", range(3))
def test_a_challenge_lets_out_no_more_than_its_owner_accepted(most, rule):
    said = Accepted(DIGEST, RULES[most], 5, 4).objection(Egress(RULES[rule], 5, 4))
    expected = (
        "" if rule <= most else f"the challenge lets out {RULES[rule]}, the owner at most {RULES[most]}"
    )
    assert said == expected


@pytest.mark.parametrize(
    ("egress", "words"),
    [
        (Egress("aggregate", 4, 4), "averages over 4 cases, the owner asks for 5"),
        (Egress("aggregate", 5, 5), "lets out 5 digits, the owner at most 4"),
        (Egress("aggregate", 6, 3), ""),
        (Egress("per-case", 1, 4), ""),  # of single cases there is nothing to average
        (Egress("per-case", 1, 4, 19), "lets out figures over 19 rows, the owner over 20"),
        (Egress("aggregate", 5, 4, 20, "every"), "lets out every result, the owner improvements alone"),
    ],
)
def test_fewer_cases_and_more_digits_are_objected_to(egress, words):
    said = Accepted(DIGEST, "pictures", 5, 4).objection(egress)
    assert (words in said) if words else said == ""


def test_an_owner_who_reveals_every_result_objects_to_neither_way():
    generous = Accepted(DIGEST, reveal="every", min_rows=1)
    assert [generous.objection(Egress(reveal=one)) for one in ("every", "improvements")] == ["", ""]


def test_settings_come_back_as_they_were_written(folder):
    settings = Settings(
        "simpul-01", "CN", "https://x.test", 3,
        {
            "toy": Accepted(DIGEST, "pictures", 9, 6, "hold", True, 30, "every", Budget(900.5, 80.0, 70.0, 60.0)),
            "other": Accepted(DIGEST, private=False),
        },
    )  # fmt: skip
    folder.write_settings(settings)
    assert folder.settings() == settings
    text = (folder.path / "node.toml").read_text()
    assert "\n\n[challenges" in text and text.endswith("\n")


def test_settings_that_are_missing_or_broken_say_where_and_what_to_do(tmp_path, folder):
    with pytest.raises(NodeError, match=r"nothing-here: no node here; start with 'lumbung node init'"):
        NodeFolder(tmp_path / "nothing-here").settings()
    for text in ("name = ", 'name = "Node A"\ncountry = "ID"', 'name = "a"\ncountry = "ID"\ncolour = 1'):
        (folder.path / "node.toml").write_text(text)
        with pytest.raises(NodeError, match=r"node\.toml: "):
            folder.settings()


def test_the_secret_is_the_owners_alone(folder):
    with pytest.raises(NodeError, match="has not joined a centre"):
        folder.token()
    for token in ("first", "second"):
        folder.write_token(token + "\n")
        assert folder.token() == token
        assert stat.S_IMODE((folder.path / "token").stat().st_mode) == 0o600


def test_where_things_lie(folder):
    path = folder.path
    assert (folder.keys, folder.blobs, folder.runs) == (path / "keys", path / "blobs", path / "runs")
    assert folder.cases("toy") == path / "cases" / "toy"
    assert folder.ledger("toy") == path / "ledger" / "toy.jsonl"


def test_one_holds_the_lock_at_a_time(tmp_path):
    folder = NodeFolder(tmp_path / "deep" / "node")
    with folder.lock(), (folder.path / ".lock").open("ab") as other:
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with folder.lock():
        pass


def test_the_newest_runs_are_kept(folder, monkeypatch):
    folder.forget_old_runs()
    monkeypatch.setattr(folder_module, "KEPT_RUNS", 2)
    for age, name in enumerate(("new", "newer", "newest", "oldest")):
        run = folder.runs / name
        run.mkdir(parents=True)
        (run / "reason.txt").write_text("x")
        when = 0 if name == "oldest" else 1000 + age
        os.utime(run, (when, when))
    folder.forget_old_runs()
    assert sorted(path.name for path in folder.runs.iterdir()) == ["newer", "newest"]


def test_what_an_owner_may_not_say():
    for change in (
        {"min_cases": 0}, {"digits": 1}, {"digits": 18}, {"most": "all"}, {"release": "later"}, {"min_rows": 0},
        {"reveal": "some"}, {"budget": {"team": 0}}, {"budget": {"staff": 1}},
    ):  # fmt: skip
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"digest": DIGEST, **change}, Accepted)
    assert Accepted(DIGEST) == Accepted(DIGEST, "aggregate", 5, 4, "auto", True, 20, "improvements", Budget())


@pytest.mark.parametrize(
    "centre", ['http://u:p"w@centre.test', "http://centre.test/\\x", "https://\u4e2d\u5fc3.test"]
)
def test_every_address_of_a_centre_reads_back(folder, centre):
    folder.write_settings(Settings("node-a", "ID", centre))
    assert folder.settings().centre == centre
