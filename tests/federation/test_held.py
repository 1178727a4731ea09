"""What the owner says, holds: results wait as long as the owner takes, and a rule holds from the moment it is said."""

from __future__ import annotations

import itertools
import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from federation_league import make_country
from lumbung.centre.runs.models import EvidenceRecord, Node, Run
from lumbung.centre.runs.queue import DEADLINE, HOLD, give_back, reap
from lumbung.centre.runs.services import retire_node
from lumbung.node.folder import Accepted, Budget, NodeFolder, Settings
from lumbung.node.gate import Gate, Parcel, Shelf, leaving
from lumbung.node.line import LineDown
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.evidence import sign
from lumbung.proving.job import TRANSITIONS, Delivery, RunState
from making_evidence import evidence_of

PREDICTS = 'def solve(p): return {{"id": p["keys"], "prediction": [{0}] * len(p["keys"])}}'


@pytest.fixture
def holding(league, tmp_path):
    """A node that holds every result; its private truths are around one."""
    folder = tmp_path / "private"
    folder.mkdir()
    keys = [f"row-{i}" for i in range(25)]
    (folder / "truth.csv").write_text(
        "id,target\n" + "".join(f"{k},{1 + i % 5}\n" for i, k in enumerate(keys))
    )
    (folder / "inputs.csv").write_text("id,x\n" + "".join(f"{k},{i}\n" for i, k in enumerate(keys)))
    return make_country(league, tmp_path / "node", tmp_path / "toy", cases=folder, release="hold")


def judge_one(league, country, guess=1.0):
    assert league.submit(phase="final", solution=PREDICTS.format(guess)).status_code == 201
    node = country.start()
    assert node.work(country.folder.settings(), wait_s=0.0)
    return Run.objects.order_by("-pk").first(), node


def test_a_held_result_waits_for_months_and_is_taken_when_released(league, holding):
    run, node = judge_one(league, holding)
    assert run.state == "held" and not EvidenceRecord.objects.exists()
    seen = league.api["member"]("GET", f"/runs/{run.token}").json()
    assert seen["state"] == "held" and seen["held_until"] > datetime.now(UTC).isoformat()
    assert b"figures" not in b"".join(holding.line.wire)
    for days in (1, 30, 90, 179):
        assert reap(datetime.now(UTC) + timedelta(days=days)) == 0
    again = holding.start()  # the machine was restarted meanwhile
    again.gate.open()
    assert again.gate.give_word(run.token, veto=False)
    again.gate.open()
    run.refresh_from_db()
    assert run.state == "scored" and EvidenceRecord.objects.get().run == run
    assert node.gate.held.waiting() == {} == node.gate.outbox.waiting()


def test_a_vetoed_result_leaves_as_that_and_nothing_else(league, holding):
    run, node = judge_one(league, holding)
    sent = len(holding.line.wire)
    assert node.gate.give_word(run.token, veto=True)
    node.gate.open()
    run.refresh_from_db()
    assert (run.state, run.fault_owner, run.fault_code) == ("faulted", "challenge", "vetoed")
    (message,) = holding.line.wire[sent:]
    body = msgspec.json.decode(message[message.index(b'{"lease"') :])
    assert set(body) <= {"lease", "envelope", "fault", "log", "pictures", "words", "finding"}
    assert not any(body.get(name) for name in ("envelope", "log", "pictures", "words", "finding"))


def test_no_word_within_half_a_year_ends_the_run_with_that_reason(league, holding):
    run, _node = judge_one(league, holding)
    assert reap(datetime.now(UTC) + HOLD + timedelta(hours=1)) == 1
    run.refresh_from_db()
    assert (run.state, run.fault_owner, run.fault_code) == ("faulted", "challenge", "hold_expired")


def test_a_team_may_take_a_held_run_back(league, holding):
    run, node = judge_one(league, holding)
    token = run.submission.token
    assert league.api["member"]("POST", f"/submissions/{token}/withdraw").status_code == 200
    node.gate.give_word(run.token, veto=False)
    node.gate.open()
    run.refresh_from_db()
    assert run.state == "withdrawn" and not EvidenceRecord.objects.exists()
    assert node.gate.outbox.waiting() == {}


def test_a_line_that_is_down_when_the_result_is_ready_loses_nothing(league, holding):
    assert league.submit(phase="final", solution=PREDICTS.format(1.0)).status_code == 201
    node = holding.start()
    holding.line.kinds = ("error",)
    carry = holding.line.handle_request

    def cut_held(request):
        holding.line.chance = 1.0 if request.url.path.endswith("/held") else 0.0
        return carry(request)

    holding.line.handle_request = cut_held
    with pytest.raises(LineDown):
        node.work(holding.folder.settings(), wait_s=0.0)
    run = Run.objects.get()
    assert run.state == "running" and list(node.gate.held.waiting()) == [run.token]
    reap(datetime.now(UTC) + timedelta(minutes=2))
    holding.line.handle_request, holding.line.chance = carry, 0.0
    holding.start().run(once=True)
    run.refresh_from_db()
    assert run.state == "held" and run.attempts == 2


def test_a_veto_outlives_the_lease_it_was_given_under(league, holding):
    run, node = judge_one(league, holding)
    assert give_back(
        run, datetime.now(UTC)
    )  # as when its lease ran out before the centre heard that it is held
    assert node.gate.give_word(run.token, veto=True)
    node.gate.open()
    assert node.gate.outbox.waiting() == {} and Run.objects.get().state == "queued"
    with holding.folder.lock():
        settings = holding.folder.settings()
        loose = msgspec.structs.replace(settings.challenges["toy"], release="auto")
        holding.folder.write_settings(msgspec.structs.replace(settings, challenges={"toy": loose}))
    holding.start().run(once=True)
    run.refresh_from_db()
    assert (run.state, run.fault_code) == ("faulted", "vetoed") and not EvidenceRecord.objects.exists()


def test_a_failure_of_the_nodes_own_that_was_held_gets_another_try(league):
    node = league.node()
    assert league.submit(phase="final").status_code == 201
    job = node.lease()
    assert node.api("POST", f"/node/runs/{job.run}/held", {"lease": job.lease}).status_code == 200
    assert node.deliver(job, None, fault={"owner": "platform", "code": "judge_failed"}).status_code == 200
    run = Run.objects.get()
    assert (run.state, run.held, run.lease) == ("queued", None, "")
    assert run.deadline < datetime.now(UTC) + timedelta(days=2)
    assert node.lease() is not None


@pytest.mark.parametrize("state", ["queued", "leased", "held"])
def test_a_clock_that_was_ahead_leaves_no_run_waiting_for_as_long(league, state):
    node, ahead = league.node(), datetime.now(UTC) + timedelta(days=400)
    assert league.submit(phase="final").status_code == 201
    if state != "queued":
        job = node.lease()
    if state == "held":
        node.api("POST", f"/node/runs/{job.run}/held", {"lease": job.lease})
    expires = ahead if state == "leased" else None
    Run.objects.update(deadline=ahead, lease_expires=expires)
    reap(datetime.now(UTC))
    run = Run.objects.get()
    assert run.state == state and run.deadline <= datetime.now(UTC) + (HOLD if state == "held" else DEADLINE)
    assert state != "leased" or run.lease_expires <= datetime.now(UTC) + timedelta(minutes=2)


def test_a_node_that_is_retired_leaves_no_run_waiting_for_its_owners_word(league):
    node = league.node()
    assert league.submit(phase="final").status_code == 201
    job = node.lease()
    node.api("POST", f"/node/runs/{job.run}/held", {"lease": job.lease})
    retire_node(league.owner, Node.objects.get(), now=datetime.now(UTC))
    assert Run.objects.get().state == "queued"
    assert reap(datetime.now(UTC) + timedelta(days=2)) == 1 and Run.objects.get().fault_code == "no_node"


def test_the_page_of_a_held_run_says_so_in_three_languages(league, holding):
    run, _node = judge_one(league, holding)
    words = {
        "en": "for the word of the data",
        "id": "menunggu keputusan pemilik data",
        "zh-hans": "等待数据所有方",
    }
    for language, said in words.items():
        browser = Client(headers={"Accept-Language": language})
        browser.force_login(league.member)
        assert said in browser.get(f"/runs/{run.token}/").content.decode()


def test_what_would_leave_can_be_read_byte_by_byte(league, holding):
    run, node = judge_one(league, holding)
    parcel = node.gate.held.waiting()[run.token]
    shown = msgspec.json.decode(leaving(parcel))["result"]
    node.gate.give_word(run.token, veto=False)
    node.gate.open()
    assert EvidenceRecord.objects.get().envelope == shown["envelope"]


# ------------------------------------------------------------------------------------------- late settings


@dataclass
class Ear:
    """Hears what would reach a centre, and in which order with what the owner says."""

    clock: itertools.count = field(default_factory=itertools.count)
    heard: list[tuple[int, bool]] = field(default_factory=list)

    def deliver(self, _run: str, delivery: Delivery) -> None:
        self.heard.append((next(self.clock), bool(delivery.envelope)))

    def held(self, _run: str, _held: object) -> None:
        pass


def tighten(folder: NodeFolder, how: str) -> None:
    """What ``lumbung node accept`` does with the owner's new word."""
    with folder.lock():
        before = folder.settings()
        rule = before.challenges["toy"]
        change = {"hold": {"release": "hold"}, "less": {"most": "aggregate"}, "digits": {"digits": 2}}.get(
            how
        )
        rules = {} if change is None else {"toy": msgspec.structs.replace(rule, **change)}
        folder.write_settings(msgspec.structs.replace(before, challenges=rules))


def test_a_tightened_rule_holds_from_the_moment_it_is_said(tmp_path):
    """A thousand times at a random moment of a result's way out: once the owner's command is done, nothing leaves."""
    chance, leaks, left = random.Random(20261129), 0, 0
    plain = Egress("per-case", 1, 4, reveal="every")
    loose = Accepted(
        "sha256:" + "0" * 64, "per-case", 1, 4, reveal="every", budget=Budget(1e6, 1e6, 1e6, 1e6)
    )
    ranking = Ranking("delay", "lower")
    signed = sign(evidence_of({"all": [1.0] * 5}, egress=plain), Ed25519PrivateKey.generate()).decode()
    for number in range(1000):
        folder = NodeFolder(tmp_path / str(number % 7))
        folder.write_settings(Settings("node-a", "ID", "http://x", 1, {"toy": loose}))
        for name in ("outbox", "held"):
            for path in folder.path.glob(f"{name}/*.json"):
                path.unlink()
        ear = Ear()
        gate = Gate(folder, ear, lambda _said: None)  # type: ignore[arg-type]
        delivery = Delivery("lease-0000", envelope=signed)
        gate.outbox.put(Parcel("run-00000", "toy", True, plain, delivery, ranking=ranking))
        thread = threading.Thread(target=gate.open)
        first, how = chance.random() < 0.5, chance.choice(["hold", "less", "digits", "gone"])
        if first:
            thread.start()
        tighten(folder, how)
        said = next(ear.clock)
        if not first:
            thread.start()
        thread.join()
        leaks += sum(when > said and whole for when, whole in ear.heard)
        left += sum(whole for _, whole in ear.heard)
        assert bool(ear.heard) != bool(gate.held.waiting()), "it left, or it waits; it is never lost"
    print(f"late settings: 1000 tightenings, {left} results had left before, {leaks} leaks")
    assert leaks == 0 and left > 0


def test_a_damaged_parcel_is_kept_aside_and_stops_nobody(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put(Parcel("run-00000", "toy", False, Egress(), Delivery("lease-0000")))
    (tmp_path / "run-00001.json").write_bytes(b"\xff{")
    assert list(shelf.waiting()) == ["run-00000"] and (tmp_path / "run-00001.damaged").exists()


def test_the_table_of_transitions_is_whole():
    assert set(TRANSITIONS) == set(RunState)
    assert all(not set(ways) - {RunState.QUEUED} for state, ways in TRANSITIONS.items() if state.over)
    assert all(ways for state, ways in TRANSITIONS.items() if not state.over)
