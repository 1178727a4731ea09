"""The gate: what the owner's word does with a result at the moment it would leave."""

from __future__ import annotations

import os

import httpx
import msgspec
import pytest

from lumbung.node.folder import Accepted, Settings
from lumbung.node.gate import NO_FIGURES, Gate, Parcel, Shelf, decide, leaving, parcel_of, restrict
from lumbung.proving.challenge import Egress
from lumbung.proving.evidence import FaultMark
from lumbung.proving.faults import Owner
from lumbung.proving.job import Delivery
from small_node import toy_of

DIGEST = "sha256:" + "0" * 64
RULE = Accepted(DIGEST, "pictures", 1, 4)
FIGURES = Egress("pictures", 1, 4)
SIGNED = Delivery("lease-000", envelope="signed", log="a log", words="some words")
SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
DAMAGE = FaultMark(Owner.CHALLENGE, "judge_pictures")


def parcel(run: str = "run-00000", delivery: Delivery = SIGNED, **changes: object) -> Parcel:
    fields = {"run": run, "challenge": "toy", "private": True, "egress": FIGURES, "delivery": delivery}
    return Parcel(**{**fields, **changes})


@pytest.fixture
def said():
    return []


@pytest.fixture
def gate(folder, line, centre, said):
    owner(folder, RULE)
    for end in ("/result", "/held"):
        centre.answers[end] = httpx.Response(200)
    return Gate(folder, line, said.append)


def owner(folder, rule):
    folder.write_settings(
        Settings("node-a", "ID", "http://centre.test", 1, {} if rule is None else {"toy": rule})
    )


def delivered(centre):
    return [
        msgspec.json.decode(one.content, type=Delivery)
        for one in centre.asked
        if one.url.path.endswith("/result")
    ]


@pytest.mark.parametrize(
    ("change", "rule", "decision"),
    [
        ({}, RULE, "leave"),
        ({"private": False}, None, "leave"),
        ({"delivery": Delivery("lease-000", fault=DAMAGE)}, None, "leave"),
        ({}, None, "withhold"),
        ({}, Accepted(DIGEST, "per-case", 1, 4), "refuse"),
        ({"released": True}, Accepted(DIGEST, "pictures", 1, 3), "refuse"),
        ({}, Accepted(DIGEST, "pictures", 1, 4, "hold"), "hold"),
        ({"released": True}, Accepted(DIGEST, "pictures", 1, 4, "hold"), "leave"),
        ({"challenge": "other"}, RULE, "withhold"),
    ],
)
def test_the_owners_word_decides(change, rule, decision):
    settings = Settings("node-a", "ID", challenges={} if rule is None else {"toy": rule})
    assert decide(parcel(**change), settings) == decision


def test_what_does_not_leave_is_told_by_its_code_alone():
    assert restrict(SIGNED) == Delivery("lease-000", fault=FaultMark(Owner.CHALLENGE, "vetoed"))
    assert restrict(SIGNED, "egress_refused").fault == FaultMark(Owner.CHALLENGE, "egress_refused")


@pytest.mark.parametrize(
    ("rule", "code"), [(None, "vetoed"), (Accepted(DIGEST, "aggregate", 1, 4), "egress_refused")]
)
def test_a_tightened_rule_lets_its_code_out_and_no_picture(gate, folder, centre, said, rule, code):
    owner(folder, rule)
    gate.outbox.put(parcel(pictures=(SVG,)))
    gate.open()
    assert delivered(centre) == [Delivery("lease-000", fault=FaultMark(Owner.CHALLENGE, code))]
    assert centre.paths() == ["POST /runs/run-00000/result"]
    assert said == [f"run run-00000: nothing of it leaves: the owner's settings changed ({code})"]
    assert gate.outbox.waiting() == {}


def test_a_result_that_nobody_waits_for_any_more_is_dropped_and_the_next_announced(gate, centre, said):
    centre.answers["/held"] = [httpx.Response(409, content=b'{"detail": "withdrawn"}'), httpx.Response(200)]
    for number, run in enumerate(("run-00000", "run-00001")):
        gate.held.put(parcel(run))
        os.utime(gate.held.folder / f"{run}.json", (number, number))
    gate.open()
    assert gate.held.waiting() == {"run-00001": parcel("run-00001", announced=True)}
    assert said == ["run run-00000: the centre waits for it no more (withdrawn)"]


def test_a_result_that_the_owner_took_back_meanwhile_does_not_leave(gate, centre, monkeypatch):
    gate.outbox.put(parcel())
    looks = iter([gate.outbox.waiting(), {}, {}])
    monkeypatch.setattr(gate.outbox, "waiting", lambda: next(looks))
    gate.open()
    assert centre.asked == []


def test_a_shelf_gives_the_oldest_first_and_keeps_rubbish_aside(tmp_path):
    shelf = Shelf(tmp_path / "shelf")
    assert shelf.waiting() == {}
    for age, run in enumerate(("run-0000b", "run-0000a", "run-0000c")):
        shelf.put(parcel(run))
        os.utime(shelf.folder / f"{run}.json", (age, age))
    (shelf.folder / "run-0000d.json").write_bytes(b"{}")
    assert list(shelf.waiting()) == ["run-0000b", "run-0000a", "run-0000c"]
    assert (shelf.folder / "run-0000d.damaged").read_bytes() == b"{}"
    for _ in range(2):
        shelf.drop("run-0000a")
    assert list(shelf.waiting()) == ["run-0000b", "run-0000c"]


def test_what_would_leave_is_shown_as_it_is():
    shown = msgspec.json.decode(leaving(parcel(pictures=(SVG,))))
    assert shown["pictures"] == [SVG] and msgspec.convert(shown["result"], Delivery) == SIGNED


def test_a_judged_job_becomes_a_parcel(tmp_path):
    job = toy_of(tmp_path, "").job
    assert parcel_of(job, SIGNED) == Parcel("run-00000", "toy", False, NO_FIGURES, SIGNED, ())
    whole = parcel_of(msgspec.structs.replace(job, private=True), SIGNED, FIGURES, (SVG,))
    assert whole == Parcel("run-00000", "toy", True, FIGURES, SIGNED, (SVG,)) and not whole.released
