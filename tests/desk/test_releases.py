"""What a data owner's IT officer does about results: reads the rule, sees the exact bytes, releases, vetoes, stops everything."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lumbung import sandbox
from lumbung.desk.access import utc_now
from lumbung.desk.jobs import worker
from lumbung.desk.jobs.folder import Jobs, Order
from lumbung.node.folder import Accepted, NodeFolder
from lumbung.node.gate import Parcel, leaving
from lumbung.node.ledger import Ledger
from lumbung.proving.job import Delivery
from lumbung.sandbox import AttackResult
from small_desk import Desk
from waiting_results import DIGEST, EGRESS, accepting, gate_of, parcel


@pytest.fixture
def node(desk: Desk) -> Iterator[NodeFolder]:
    """A node beside the desk, with one challenge whose results wait."""
    folder = accepting(NodeFolder(desk.home / "node"))
    yield folder
    for shelf in ("held", "outbox", "vetoed"):
        for path in (folder.path / shelf).glob("*"):
            path.unlink()


def test_a_desk_without_a_node_says_that_nothing_leaves(desk: Desk) -> None:
    if not (desk.home / "node").exists():
        assert "there is no node here" in desk.owner.get("/node").text


def test_the_rule_the_bytes_and_the_difference_stand_in_the_page(desk: Desk, node: NodeFolder) -> None:
    gate = gate_of(node)
    first = parcel("run-00001", 40.0)
    ledger = Ledger(node.ledger("toy"))
    ledger.book(gate.settled(first).entry)
    better = parcel("run-00002", 20.0)
    gate.held.put(better)
    page = html.unescape(desk.owner.get("/node").text)
    assert "Of each result only means leave, over at least 5 cases." in page
    assert "Of each result scores for each case and pictures may leave." in page
    assert leaving(gate.settled(better).parcel).decode() in page  # to the byte
    assert re.search(r"delay: 22\.\d+; the last that this team was told: 42\.\d+", page)
    assert re.search(r"It costs \d+\.\d bits", page)
    assert "run-00001" in page
    assert "team-a" in page


def test_a_word_is_given_once(desk: Desk, node: NodeFolder) -> None:
    gate = gate_of(node)
    for run in ("run-00003", "run-00004"):
        gate.held.put(parcel(run, 30.0))
    desk.post(desk.owner, "/node/results/run-00003", {"word": "release"})
    desk.post(desk.owner, "/node/results/run-00004", {"word": "veto"})
    desk.post(desk.owner, "/node/results/run-00004", {"word": "release"})
    assert not gate.held.waiting()
    assert gate.outbox.waiting()["run-00003"].released
    assert not gate.outbox.waiting()["run-00004"].released
    assert (node.path / "vetoed/run-00004").exists()


def test_everything_stops_at_one_press_and_only_the_owner_has_the_button(
    desk: Desk, node: NodeFolder
) -> None:
    link = re.search(
        r"<code>(http\S+)</code>", desk.post(desk.owner, "/people", {"name": "Budi", "role": "operator"}).text
    )
    assert link is not None
    operator = desk.enter(link.group(1))
    gate_of(node).held.put(parcel("run-00005", 30.0))
    assert "Stop everything" not in operator.get("/node").text
    for path, data in (
        ("/node/stop", {}),
        ("/node/mode", {"challenge": "toy", "mode": "auto"}),
        ("/node/results/run-00005", {"word": "release"}),
    ):
        assert desk.post(operator, path, data).status_code == 403
    assert [rule.release for rule in node.settings().challenges.values()] == ["hold", "auto"]
    page = desk.post(desk.owner, "/node/stop")
    assert [rule.release for rule in node.settings().challenges.values()] == ["hold", "hold"]
    assert "Everything waits for your word" in page.text
    desk.post(desk.owner, "/node/mode", {"challenge": "other", "mode": "auto"})
    assert node.settings().challenges["other"].release == "auto"
    assert node.settings().challenges["toy"] == Accepted(DIGEST, release="hold")


def test_damage_is_said_and_does_not_take_the_page_down(desk: Desk, node: NodeFolder) -> None:
    gate = gate_of(node)
    gate.held.put(Parcel("run-00006", "toy", True, EGRESS, Delivery("lease-000", "no envelope")))
    node.ledger("other").parent.mkdir(exist_ok=True)
    node.ledger("other").write_bytes(b"{half\n")
    page = desk.owner.get("/node")
    node.ledger("other").unlink()
    assert page.status_code == 200
    assert "Its evidence cannot be read." in page.text
    assert "The ledger of this challenge is damaged" in page.text


def test_the_self_test_shows_how_each_attack_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three attacks; one that was held before an interruption is not tried again."""
    tried = []

    def attacked(name: str) -> AttackResult:
        tried.append(name)
        return AttackResult(name, name, name != "b", "")

    monkeypatch.setattr(sandbox, "attack_names", lambda: ["a", "b", "c"])
    monkeypatch.setattr(sandbox, "isolation_here", lambda: sandbox.Isolation("bubblewrap", "cgroup2"))
    monkeypatch.setattr(sandbox, "run_attack", attacked)
    job = Jobs(tmp_path).make(Order("sandbox.check", "", {}, utc_now(), example=True), {})
    job.write_result("attacks.json", {"attacks": [{"name": "a", "held": True, "slow": False, "detail": ""}]})
    assert worker.do(job).status == "done"
    assert tried == ["b", "c"]
    assert [row["held"] for row in job.read_result("attacks.json")["attacks"]] == [True, False, True]
