"""The gate: what the owner's word does with a result at the moment it would leave."""

from __future__ import annotations

import os

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.node.folder import Accepted, Budget, Settings
from lumbung.node.gate import (
    NO_FIGURES,
    Gate,
    Parcel,
    Shelf,
    decide,
    leaving,
    parcel_of,
    restrict,
    settle,
)
from lumbung.node.ledger import Asker, Ledger, up_to_tenth
from lumbung.node.line import LineDown, NodeRefused
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.evidence import FaultMark, reopen_evidence, sign
from lumbung.proving.faults import Owner, PlatformFault
from lumbung.proving.job import Delivery, Held
from lumbung.proving.telling import CODE_BITS, told_bits
from making_evidence import evidence_of
from small_node import toy_of

DIGEST = "sha256:" + "0" * 64
PLENTY = Budget(1e6, 1e6, 1e6, 1e6)
RULE = Accepted(DIGEST, "pictures", 1, 4, budget=PLENTY)
FIGURES = Egress("pictures", 1, 4)
SIGNED = Delivery("lease-000", envelope="signed", log="a log", words="some words")
SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
DAMAGE = FaultMark(Owner.CHALLENGE, "judge_pictures")
KEY = Ed25519PrivateKey.generate()
BY_DELAY = Ranking("delay", "lower")
ONE = Asker("team-a", "person-a", ("org-a",))


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


def deliveries(centre):
    return [
        msgspec.json.decode(one.content, type=Delivery)
        for one in centre.asked
        if one.url.path.endswith("/result")
    ]


def delivered(centre):
    """Return what left, but for what the ledger says that it cost."""
    return [msgspec.structs.replace(one, bits=0.0) for one in deliveries(centre)]


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


# ------------------------------------------------------------------------------------- what leaves, and what it costs


def judged(run: str = "run-00000", level: float = 1.0, egress: Egress = FIGURES, **changes: object) -> Parcel:
    """Return a parcel with signed figures of five private cases."""
    figures = {"all": [level + each for each in (0.0, 0.1, 0.2, 0.1, 0.0)]}
    envelope = sign(evidence_of(figures, egress=egress), KEY).decode()
    fields = {"delivery": Delivery("lease-000", envelope), "ranking": BY_DELAY, "asker": ONE, "rows": 100}
    return parcel(run, egress=egress, **{**fields, **changes})


def failed(run: str, owner: Owner, code: str) -> Parcel:
    """Return a parcel of a run that ended in a fault at its first case and has evidence of it."""
    mark = FaultMark(owner, code)
    piece = evidence_of({"all": [1.0] * 5}, egress=FIGURES, fault=mark)
    bare = msgspec.structs.replace(piece, rows=(), finished_count=0)
    return judged(run, delivery=Delivery("lease-000", sign(bare, KEY).decode(), mark))


def at(folder) -> Ledger:
    return Ledger(folder.ledger("toy"))


def test_private_figures_leave_as_they_were_signed_with_their_pictures_before_them(
    gate, folder, centre, said
):
    digests = iter([f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"])
    centre.answers["/pictures"] = lambda request: httpx.Response(
        200, content=msgspec.json.encode({"digest": next(digests)})
    )
    sent = judged(pictures=(SVG, SVG + " "))
    gate.outbox.put(sent)
    gate.open()
    assert centre.paths() == ["POST /pictures"] * 2 + ["POST /runs/run-00000/result"]
    assert [one.content.decode() for one in centre.asked[:2]] == [SVG, SVG + " "]
    named = (f"sha256:{'1' * 64}", f"sha256:{'2' * 64}")
    assert delivered(centre) == [msgspec.structs.replace(sent.delivery, pictures=named)]
    assert gate.outbox.waiting() == {} == gate.held.waiting() == gate.refused.waiting() and said == []
    evidence = reopen_evidence(sent.delivery.envelope.encode())
    (line,) = at(folder).entries
    assert (line.run, line.asker, line.told, line.rows) == ("run-00000", ONE, "figures", 100)
    assert line.bits == told_bits(evidence, FIGURES, BY_DELAY) + 8 * (2 * len(SVG) + 1)
    assert line.when.tzinfo is not None and line.when.microsecond == 0


def test_that_pictures_could_not_be_drawn_is_counted_too(gate, folder):
    for run, finding in (("run-00000", None), ("run-00001", DAMAGE)):
        sent = judged(run, asker=Asker(run, run))  # each its first result
        delivery = msgspec.structs.replace(sent.delivery, finding=finding)
        gate.outbox.put(msgspec.structs.replace(sent, delivery=delivery))
    gate.open()
    plain, damaged = (line.bits for line in at(folder).entries)
    assert damaged - plain == pytest.approx(CODE_BITS)


def test_with_what_leaves_goes_what_it_cost_rounded_up_to_a_tenth(gate, folder, centre):
    for run, level in (("run-00000", 1.0), ("run-00001", 1.0)):
        gate.outbox.put(judged(run, level))
        gate.open()
    gate.outbox.put(failed("run-00002", Owner.SUBMISSION, "raised"))
    gate.outbox.put(judged("run-00003", private=False))
    gate.open()
    costs = [one.bits for one in deliveries(centre)]
    assert costs == [*(up_to_tenth(line.bits) for line in at(folder).entries), 0.0]
    assert all(0 <= told - line.bits < 0.1 for told, line in zip(costs, at(folder).entries, strict=False))


def test_what_was_booked_is_not_booked_again(gate, folder, centre):
    for _ in range(2):
        gate.outbox.put(judged())
        gate.open()
    assert len(at(folder).entries) == 1 and len(delivered(centre)) == 2
    gate.outbox.put(judged(level=0.5))
    gate.open()
    assert len(at(folder).entries) == 2, "another result under the run's name is no repetition"


def test_of_what_does_not_improve_that_alone_leaves(gate, folder, centre, said):
    gate.outbox.put(judged())
    gate.open()
    gate.outbox.put(judged("run-00001", level=1.01, pictures=(SVG,)))
    gate.open()
    assert delivered(centre)[1] == Delivery("lease-000", fault=FaultMark(Owner.SUBMISSION, "no_improvement"))
    assert said == ["run run-00001: its figures stay here: no_improvement"]
    assert "POST /pictures" not in centre.paths() and at(folder).entries[1].told == "no_improvement"


def test_where_the_owner_reveals_every_result_it_leaves_though_it_is_worse(gate, folder, centre):
    every = Egress("pictures", 1, 4, reveal="every")
    owner(folder, msgspec.structs.replace(RULE, reveal="every"))
    for run, level in (("run-00000", 1.0), ("run-00001", 2.0)):
        gate.outbox.put(judged(run, level, every))
        gate.open()
    assert [bool(one.envelope) for one in delivered(centre)] == [True, True]


@pytest.mark.parametrize(
    ("whose", "told"),
    [
        ("challenge", FaultMark(Owner.CHALLENGE, "budget_spent")),
        ("organisation", FaultMark(Owner.SUBMISSION, "share_spent")),
        ("team", FaultMark(Owner.SUBMISSION, "share_spent")),
        ("person", FaultMark(Owner.SUBMISSION, "share_spent")),
    ],
)
def test_over_budget_whose_it_is_leaves_and_nothing_else(gate, folder, centre, said, whose, told):
    budget = msgspec.structs.replace(PLENTY, **{whose: 50.0})
    owner(folder, msgspec.structs.replace(RULE, budget=budget))
    gate.outbox.put(judged(pictures=(SVG,)))
    gate.open()
    assert delivered(centre) == [Delivery("lease-000", fault=told)]
    assert centre.paths() == ["POST /runs/run-00000/result"]
    assert said == [f"run run-00000: its figures stay here: spent of the {whose}"]
    assert at(folder).account("challenge", "", Budget()).bits == 50.0


@pytest.mark.parametrize(
    ("mark", "asker"),
    [
        ((Owner.SUBMISSION, "raised"), ONE),
        ((Owner.CHALLENGE, "judge_raised"), ONE),
        ((Owner.PLATFORM, "judge_failed"), Asker()),
    ],
)
def test_of_a_fault_on_private_cases_the_code_leaves_and_is_paid_by_whose_it_is(
    gate, folder, centre, mark, asker
):
    gate.outbox.put(failed("run-00000", *mark))
    gate.open()
    assert delivered(centre) == [Delivery("lease-000", fault=FaultMark(*mark))]
    (line,) = at(folder).entries
    assert (line.asker, line.told, line.bits, line.rows) == (asker, "code", CODE_BITS, 100)


def test_a_nodes_own_failure_is_no_teams_to_pay_where_every_result_is_told(gate, folder, centre):
    every = Egress("pictures", 1, 4, reveal="every")
    owner(folder, msgspec.structs.replace(RULE, reveal="every"))
    sent = msgspec.structs.replace(failed("run-00000", Owner.PLATFORM, "judge_failed"), egress=every)
    gate.outbox.put(sent)
    gate.open()
    assert delivered(centre) == [sent.delivery]
    assert [(line.asker, line.told) for line in at(folder).entries] == [(Asker(), "figures")]


def test_a_run_without_evidence_is_booked_as_its_code(gate, folder, centre):
    gate.outbox.put(parcel(delivery=Delivery("lease-000", fault=DAMAGE), asker=ONE))
    gate.open()
    assert delivered(centre) == [Delivery("lease-000", fault=DAMAGE)]
    assert [(line.told, line.bits) for line in at(folder).entries] == [("code", CODE_BITS)]


def test_of_public_cases_nothing_is_booked(gate, folder, centre):
    gate.outbox.put(judged(private=False))
    gate.open()
    assert delivered(centre) == [judged().delivery] and at(folder).entries == []


def test_a_result_whose_evidence_cannot_be_read_is_kept_aside_and_the_next_one_leaves(gate, centre, said):
    gate.outbox.put(parcel())
    gate.outbox.put(judged("run-00001"))
    gate.open()
    assert [one.lease for one in delivered(centre)] == ["lease-000"]
    assert centre.paths() == ["POST /runs/run-00001/result"]
    assert (gate.outbox.folder / "run-00000.damaged").exists() and gate.outbox.waiting() == {}
    assert said[0].startswith("run run-00000: kept aside, its evidence cannot be read: ")


def test_what_would_leave_is_priced_without_being_booked(gate, folder):
    shown = gate.settled(judged())
    assert (shown.booked, shown.entry.told) == (False, "figures")
    told = msgspec.structs.replace(judged().delivery, bits=up_to_tenth(shown.entry.bits))
    assert shown.parcel == judged(delivery=told)
    assert [(each.scope, each.name, each.bits) for each in shown.accounts] == [
        ("challenge", "", 0.0), ("organisation", "org-a", 0.0), ("team", "team-a", 0.0), ("person", "person-a", 0.0),
    ]  # fmt: skip
    assert at(folder).entries == []
    gate.outbox.put(judged())
    gate.open()
    again = gate.settled(judged())
    assert again.booked and again.accounts[0].bits == again.entry.bits > 0
    owner(folder, None)
    assert gate.settled(judged()).accounts[0].budget == 4096.0, (
        "of what is accepted no more: the budget by default"
    )


def test_the_ranking_is_asked_for_improvements_alone(folder):
    once = settle(judged(ranking=None), Budget(), at(folder))
    assert (once.entry.told, once.entry.bits) == ("code", CODE_BITS)
    assert once.parcel.delivery.envelope == ""


# ------------------------------------------------------------------------------------- held, vetoed, refused, delayed


@pytest.mark.parametrize(("status", "kept"), [(409, []), (422, ["run-00000"])])
def test_what_a_centre_refuses_is_kept_for_people_unless_another_node_has_it(
    gate, centre, said, status, kept
):
    centre.answers["/result"] = httpx.Response(status, content=b'{"detail": "no"}')
    gate.outbox.put(judged())
    gate.open()
    assert list(gate.refused.waiting()) == kept and gate.outbox.waiting() == {}
    assert said == ["run run-00000: the centre did not take the result (no)"]


def test_a_held_result_is_announced_once_and_leaves_at_the_owners_word(gate, folder, centre, said):
    owner(folder, msgspec.structs.replace(RULE, release="hold"))
    gate.outbox.put(judged())
    for _ in range(2):
        gate.open()
    assert centre.paths() == ["POST /runs/run-00000/held"] and at(folder).entries == []
    assert msgspec.json.decode(centre.asked[0].content, type=Held) == Held("lease-000")
    assert gate.held.waiting() == {"run-00000": judged(announced=True)} and gate.outbox.waiting() == {}
    assert said == ["run run-00000: held for the owner's word"]
    assert not gate.give_word("run-00001", veto=False)
    assert gate.give_word("run-00000", veto=False)
    assert gate.held.waiting() == {}
    assert gate.outbox.waiting() == {"run-00000": judged(announced=True, released=True)}
    gate.open()
    assert delivered(centre) == [judged().delivery] and gate.outbox.waiting() == {}


def test_a_veto_lets_nothing_else_out_and_is_remembered_with_the_run(gate, folder, centre, said):
    gate.held.put(judged(pictures=(SVG,), announced=True))
    assert gate.give_word("run-00000", veto=True)
    gate.open()
    nothing = Delivery("lease-000", fault=FaultMark(Owner.CHALLENGE, "vetoed"))
    assert delivered(centre) == [nothing] and centre.paths() == ["POST /runs/run-00000/result"]
    assert said == ["run run-00000: nothing of it leaves: the owner vetoed it"]
    gate.outbox.put(judged())
    gate.open()
    assert delivered(centre)[1:] == [nothing], "judged again, it is vetoed still"
    assert at(folder).entries == []


def test_what_is_held_is_held_back_by_a_rule_that_was_tightened_meanwhile(gate, folder, centre):
    owner(folder, msgspec.structs.replace(RULE, release="hold"))
    gate.outbox.put(judged())
    gate.open()
    owner(folder, msgspec.structs.replace(RULE, release="hold", digits=3))
    assert gate.give_word("run-00000", veto=False)
    gate.open()
    assert delivered(centre) == [Delivery("lease-000", fault=FaultMark(Owner.CHALLENGE, "egress_refused"))]


def test_a_result_that_the_centre_fails_over_holds_up_no_other(gate, centre):
    for number, run in enumerate(("run-00000", "run-00001")):
        gate.outbox.put(judged(run, level=1.0 - number / 2))
        os.utime(gate.outbox.folder / f"{run}.json", (number, number))
    gate.held.put(judged("run-00002"))
    centre.answers["/run-00000/result"] = httpx.Response(500)
    centre.answers = dict(reversed(centre.answers.items()))
    with pytest.raises(LineDown) as caught:
        gate.open()
    assert caught.value.answered
    assert list(gate.outbox.waiting()) == ["run-00000"] and gate.held.waiting()["run-00002"].announced


def test_a_line_that_is_down_is_tried_once(gate, centre):
    gate.outbox.put(judged("run-00000"))
    gate.outbox.put(judged("run-00001"))
    centre.answers["/result"] = httpx.ConnectError("no route")
    with pytest.raises(LineDown):
        gate.open()
    assert len(centre.asked) == 1 and len(gate.outbox.waiting()) == 2


def test_a_parcel_of_another_runs_name_is_no_parcel(gate, centre):
    gate.outbox.put(judged())
    (gate.outbox.folder / "run-00000.json").rename(gate.outbox.folder / "run-00001.json")
    gate.open()
    assert centre.asked == [] and (gate.outbox.folder / "run-00001.damaged").exists()


def test_a_ledger_that_cannot_be_read_holds_up_its_own_challenge_alone(gate, folder, centre):
    folder.write_settings(Settings("node-a", "ID", "http://centre.test", 1, {"toy": RULE, "other": RULE}))
    for age, (run, challenge) in enumerate((("run-00000", "toy"), ("run-00001", "other"))):
        gate.outbox.put(judged(run, challenge=challenge))
        os.utime(gate.outbox.folder / f"{run}.json", (age, age))
    folder.ledger("toy").parent.mkdir()
    folder.ledger("toy").write_text("{}\n")
    gate.held.put(judged("run-00002"))
    with pytest.raises(PlatformFault, match="damaged line"):
        gate.open()
    assert centre.paths() == ["POST /runs/run-00001/result", "POST /runs/run-00002/held"]
    assert list(gate.outbox.waiting()) == ["run-00000"]
    folder.ledger("toy").unlink()
    gate.open()
    assert gate.outbox.waiting() == {} and centre.paths()[-1] == "POST /runs/run-00000/result"


def test_what_leaves_while_somebody_looks_is_no_damage(tmp_path, monkeypatch):
    shelf = Shelf(tmp_path / "shelf")
    shelf.put(judged())
    gone = shelf.folder / "run-00001.json"
    monkeypatch.setattr(
        type(gone), "glob", lambda self, pattern: iter([gone, shelf.folder / "run-00000.json"])
    )
    assert list(shelf.waiting()) == ["run-00000"]
    shelf.set_aside("run-00001")


def test_a_file_that_cannot_be_read_now_is_not_damaged(tmp_path, monkeypatch):
    shelf = Shelf(tmp_path / "shelf")
    shelf.put(judged())

    def fail(self):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(type(tmp_path), "read_bytes", fail)
        with pytest.raises(PlatformFault, match="Too many open files"):
            shelf.waiting()
    assert list(shelf.waiting()) == ["run-00000"]


def test_who_was_announced_before_does_not_keep_the_next_from_being_announced(gate, centre):
    for age, (run, announced) in enumerate((("run-00000", True), ("run-00001", False))):
        gate.held.put(judged(run, announced=announced))
        os.utime(gate.held.folder / f"{run}.json", (age, age))
    gate.open()
    assert centre.paths() == ["POST /runs/run-00001/held"]
    assert all(waiting.announced for waiting in gate.held.waiting().values())


def test_a_centre_that_knows_the_node_no_more_says_nothing_of_its_results(gate, folder, centre):
    owner(folder, None)
    gate.outbox.put(parcel())
    gate.held.put(parcel("run-00001"))
    for end in ("/result", "/held"):
        centre.answers[end] = [
            httpx.Response(401, content=b'{"detail": "Unauthorized"}'),
            httpx.Response(200),
        ]
    for waits in (2, 1):
        with pytest.raises(NodeRefused):
            gate.open()
        assert len([*gate.outbox.waiting(), *gate.held.waiting()]) == waits and not gate.refused.waiting()
    gate.open()
    assert gate.held.waiting()["run-00001"].announced and not gate.refused.waiting()
    assert [one.fault.code for one in deliveries(centre)] == ["vetoed", "vetoed"]
