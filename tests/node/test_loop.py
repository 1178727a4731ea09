"""A node at work: it asks, judges, delivers, says so, and is stopped by nothing but its owner."""

from __future__ import annotations

import threading
import time

import httpx
import msgspec
import pytest

from lumbung.node import loop
from lumbung.node.folder import Accepted, Budget, Settings
from lumbung.node.gate import Parcel, parcel_of
from lumbung.node.judging import NotAccepted, Withdrawn
from lumbung.node.ledger import Ledger
from lumbung.node.line import CentreLied, CentreRefused, LineDown
from lumbung.node.loop import Heartbeat, Node, describe
from lumbung.proving.evidence import FaultMark, Isolation, open_evidence
from lumbung.proving.executors import Serial
from lumbung.proving.faults import Owner, PlatformFault
from lumbung.proving.job import Delivery, Job, Renewal, Wanted
from lumbung.proving.keys import KeyUnusable
from small_node import DEADLINE, private_rows, toy_of

BOX = Isolation("bubblewrap", "cgroup2")
DIGEST = "sha256:" + "a" * 64
JOB = Job(
    "run-00000", "lease-000", "toy", 1, DIGEST, DIGEST, "practice", False, DIGEST, DIGEST, 60.0, DEADLINE
)
CONSTANT = """
def solve(problem):
    return {"id": problem["keys"], "prediction": [9.0] * len(problem["keys"])}
"""
FINE = Delivery("lease-000", envelope="signed")
ACCEPTED = Settings("node-a", "ID", "http://centre.test", 1, {"toy": Accepted(DIGEST, private=False)})


def json_answer(record):
    return httpx.Response(200, content=msgspec.json.encode(record))


@pytest.fixture
def said():
    return []


@pytest.fixture
def node(folder, line, centre, said):
    folder.write_settings(ACCEPTED)
    centre.answers |= {"/log": httpx.Response(204), "/renew": json_answer({}), "/result": httpx.Response(200)}
    centre.answers["/lease"] = [json_answer(JOB), httpx.Response(204)]
    found = Node(folder, line, BOX, Serial(), said.append)
    found.stopping.wait = lambda seconds=0.0: found.pauses.append(seconds)  # type: ignore[method-assign]
    found.pauses = []
    return found


@pytest.fixture
def judges(monkeypatch):
    """Let the node's judging end as asked, and show what it was asked."""
    asked = []

    def ending(end):
        def judge(job, *rest):
            asked.append((job, *rest))
            if isinstance(end, BaseException):
                raise end
            return parcel_of(job, end)

        monkeypatch.setattr(loop, "judge_job", judge)
        return asked

    return ending


def delivered(centre):
    return [
        msgspec.json.decode(one.content, type=Delivery)
        for one in centre.asked
        if one.url.path.endswith("/result")
    ]


def test_a_job_is_judged_and_delivered_and_said(node, centre, judges, said, folder):
    asked = judges(FINE)
    node.run(once=True)
    assert delivered(centre) == [FINE] and node.gate.outbox.waiting() == {}
    ((job, in_folder, settings, line, executor, on_case),) = asked
    assert (job, in_folder, settings, line, executor) == (JOB, folder, ACCEPTED, node.line, node.executor)
    assert on_case.__self__.__class__ is Heartbeat
    leases = [
        msgspec.json.decode(one.content, type=Wanted)
        for one in centre.asked
        if one.url.path.endswith("/lease")
    ]
    assert leases == [Wanted(("toy",), 0.0, BOX, {"toy": DIGEST})] * 2
    assert said[0] == "run run-00000: leased (toy, practice)" and said[1].startswith(
        "run run-00000: scored, "
    )
    assert said[1].endswith(" s") and len(said) == 2 and node.pauses == []


def test_a_node_that_is_not_asked_to_stop_waits_at_the_centre(node, centre, judges):
    judges(FINE)
    centre.answers["/lease"] = lambda request: (node.stopping.set(), httpx.Response(204))[1]
    node.run()
    (asked,) = [one for one in centre.asked if one.url.path.endswith("/lease")]
    assert msgspec.json.decode(asked.content, type=Wanted).wait_s == 20.0
    assert not node.work(ACCEPTED, wait_s=0.0)


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        (
            msgspec.structs.replace(FINE, fault=FaultMark(Owner.CHALLENGE, "judge_raised")),
            "fault of the challenge: judge_raised",
        ),
        (
            msgspec.structs.replace(FINE, finding=FaultMark(Owner.CHALLENGE, "judge_pictures")),
            "scored, fault of the challenge: judge_pictures",
        ),
    ],
)
def test_a_fault_is_said_with_where_to_read_more(node, judges, said, folder, delivery, words):
    judges(delivery)
    node.run(once=True)
    assert said[1].startswith(f"run run-00000: {words} (see {folder.runs / 'run-00000'}), ")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotAccepted("toy v2"), "toy v2"),
        (CentreLied("other bytes"), "other bytes"),
        (CentreRefused(404, "gone"), "gone"),
    ],
)
def test_a_job_that_is_not_its_own_to_do_is_refused_as_the_platforms(
    node, centre, judges, said, folder, error, words
):
    judges(error)
    node.run(once=True)
    (told,) = delivered(centre)
    assert told.fault == FaultMark(Owner.PLATFORM, "job_refused") and words in told.words
    assert words in (folder.runs / "run-00000" / "reason.txt").read_text()
    assert said[1] == f"run run-00000: refused: {error}"


def test_a_defect_of_ours_ends_its_run_and_the_node_goes_on(node, centre, judges, said, folder):
    judges(KeyError("surprise"))
    node.run(once=True)
    (told,) = delivered(centre)
    assert told.fault == FaultMark(Owner.PLATFORM, "judge_failed") and "KeyError: 'surprise'" in told.words
    assert said[1] == f"run run-00000: this node failed: KeyError; see {folder.runs / 'run-00000'}"


def test_a_machine_that_fails_is_the_platforms_fault_by_its_code(node, centre, judges):
    judges(PlatformFault("disk_full", where="/x", detail="no room"))
    node.run(once=True)
    assert delivered(centre) == [Delivery("lease-000", fault=FaultMark(Owner.PLATFORM, "disk_full"))]


def test_of_a_withdrawn_run_nothing_is_delivered(node, centre, judges, said):
    judges(Withdrawn())
    node.run(once=True)
    assert delivered(centre) == [] and said[-1] == "run run-00000: withdrawn by its team"


def test_a_line_that_is_down_is_waited_for_ever_longer(node, centre, judges, said, monkeypatch):
    monkeypatch.setattr(loop.random, "random", lambda: 1.0)
    judges(FINE)
    down = [httpx.ConnectError("no route")] * 8
    centre.answers["/lease"] = [*down, json_answer(JOB), *down[:1], httpx.Response(204)]
    node.run(once=True)
    assert node.pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0, 1.0], "after work it begins anew"
    assert said[0] == "no line to the centre (ConnectError on lease); again in 1.0 s"
    monkeypatch.setattr(loop.random, "random", lambda: 0.0)
    node._pause("x")
    assert node.pauses[-1] == 0.5


def test_whatever_answers_in_the_centres_place_is_no_centre(node, centre, judges, said):
    judges(FINE)
    centre.answers["/lease"] = [
        httpx.Response(200, content=b"<html>please sign in</html>"),
        *centre.answers["/lease"],
    ]
    node.run(once=True)
    assert said[0].startswith("no line to the centre (an answer of the wrong form: ")
    assert len(node.pauses) == 1 and delivered(centre) == [FINE]


def test_a_line_that_is_down_while_a_job_is_judged_leaves_the_job_to_its_lease(node, centre, judges):
    judges(LineDown("cut"))
    with pytest.raises(LineDown):
        node.work(ACCEPTED, wait_s=0.0)
    assert delivered(centre) == []


def test_a_result_that_the_centre_fails_over_stays_and_others_work_is_done(node, centre, judges, said):
    judges(FINE)
    node.gate.outbox.put(
        Parcel("run-00009", "toy", False, msgspec.convert({}, type(parcel_of(JOB, FINE).egress)), FINE)
    )
    centre.answers = {"/run-00009/result": httpx.Response(500), **centre.answers}
    answers = centre.answers["/lease"]
    centre.answers["/lease"] = [*answers[:1], lambda request: (node.stopping.set(), httpx.Response(204))[1]]
    node.run(once=True)
    assert said[0] == "a result stays in the outbox (the centre answered 500)"
    assert "run run-00000: leased (toy, practice)" in said
    assert list(node.gate.outbox.waiting()) == ["run-00009"], (
        "and a node that works once does not end before it left"
    )
    assert said[-1].startswith("a result waits to leave; again in ")


def test_a_ledger_that_cannot_be_read_leaves_other_work_to_be_done(node, centre, judges, said, folder):
    judges(FINE)
    folder.ledger("own").parent.mkdir()
    folder.ledger("own").write_text("{}\n")
    folder.write_settings(
        msgspec.structs.replace(ACCEPTED, challenges={**ACCEPTED.challenges, "own": Accepted(DIGEST)})
    )
    node.gate.outbox.put(
        msgspec.structs.replace(parcel_of(JOB, FINE), run="run-00009", challenge="own", private=True)
    )
    answers = centre.answers["/lease"]
    centre.answers["/lease"] = [*answers[:1], lambda request: (node.stopping.set(), httpx.Response(204))[1]]
    node.run(once=True)
    assert said[0].startswith("a result stays in the outbox (") and "damaged line" in said[0]
    assert delivered(centre) == [FINE] and list(node.gate.outbox.waiting()) == ["run-00009"]


def test_a_disk_that_is_full_is_waited_for(node, judges, said, monkeypatch):
    judges(FINE)

    def full(parcel):
        raise PlatformFault("disk_full", where="/x", detail="no room")

    monkeypatch.setattr(node.gate.outbox, "put", full)
    node.run(once=True)
    assert len(node.pauses) == 1 and said[-1].startswith("this node cannot work (")


@pytest.mark.parametrize("broken", ["settings", "key", "log"])
def test_what_the_owner_is_mending_is_waited_for(node, centre, judges, said, folder, monkeypatch, broken):
    judges(FINE)
    settings, attend = (folder.path / "node.toml").read_bytes(), node.watch.attend

    def mend(seconds):
        node.pauses.append(seconds)
        (folder.path / "node.toml").write_bytes(
            b"\xef\xbb\xbf" + settings
        )  # as an editor on Windows saves it
        monkeypatch.setattr(node.watch, "attend", attend)

    def stumble(line):
        raise (
            KeyUnusable("others may read this key")
            if broken == "key"
            else FileNotFoundError(2, "gone", "log")
        )

    node.stopping.wait = mend
    centre.answers["/lease"] = [
        json_answer(JOB),
        lambda request: (node.stopping.set(), httpx.Response(204))[1],
    ]
    if broken == "settings":
        (folder.path / "node.toml").write_bytes(settings[: len(settings) // 2])
    else:
        monkeypatch.setattr(node.watch, "attend", stumble)
    node.run()
    assert len(node.pauses) == 1 and said[0].startswith("this node cannot work (")
    assert delivered(centre) == [FINE]


def test_no_work_for_a_centre_whose_log_is_broken(node, centre, judges, said):
    judges(FINE)
    centre.answers["/log"] = httpx.Response(404)
    node.run(once=True)
    assert "log cannot be read" in said[0] and centre.paths() == ["GET /log"] and node.pauses == []
    node.stopping.wait = lambda seconds: (node.pauses.append(seconds), node.stopping.set())
    node.run()
    assert node.pauses == [30.0]


def test_what_a_node_is_can_be_read(node, folder, judges):
    node.gate.held.put(parcel_of(JOB, FINE))
    node.gate.refused.put(parcel_of(msgspec.structs.replace(JOB, run="run-00001"), FINE))
    node.gate.outbox.put(parcel_of(msgspec.structs.replace(JOB, run="run-00002"), FINE))
    accepted = msgspec.to_builtins(ACCEPTED.challenges["toy"])
    expected = {
        "name": "node-a", "country": "ID", "centre": "http://centre.test", "joined": False,
        "challenges": {"toy": accepted}, "outbox": ["run-00002"], "held": ["run-00000"], "refused": ["run-00001"],
    }  # fmt: skip
    assert describe(folder) == expected
    folder.write_token("x")
    assert describe(folder) == {**expected, "joined": True}


# ------------------------------------------------------------------------------ from lease to delivery, whole


def test_from_a_lease_to_what_a_team_is_told_of_private_cases(folder, line, centre, said, tmp_path):
    """The real judging and the real gate, run after run: figures, no improvement, held, vetoed."""
    toy = toy_of(tmp_path, CONSTANT)
    toy.serve(centre)
    private_rows(folder.cases("toy"), 25)
    ends = ("figures", "the same", "held", "vetoed")
    jobs = [
        msgspec.structs.replace(
            toy.job, run=f"run-0000{n}", lease=f"lease-00{n}", private=True, team="t", person="p"
        )
        for n, _ in enumerate(ends)
    ]
    centre.answers |= {"/log": httpx.Response(204), "/renew": json_answer({}), "/result": httpx.Response(200)}
    centre.answers |= {"/held": httpx.Response(200)}
    centre.answers["/lease"] = [*map(json_answer, jobs[:2]), httpx.Response(204)]
    folder.write_settings(toy.accepted(private=True))
    node = Node(folder, line, BOX, Serial(), said.append)
    node.run(once=True)
    folder.write_settings(toy.accepted(private=True, release="hold"))
    centre.answers["/lease"] = [*map(json_answer, jobs[2:]), httpx.Response(204)]
    node.run(once=True)
    assert list(node.gate.held.waiting()) == ["run-00002", "run-00003"]
    assert node.gate.give_word("run-00002", veto=False) and node.gate.give_word("run-00003", veto=True)
    node.run(once=True)
    told = delivered(centre)
    assert [one.lease for one in told] == [job.lease for job in jobs]
    assert [one.fault.code if one.fault else "" for one in told] == [
        "", "no_improvement", "no_improvement", "vetoed"
    ]  # fmt: skip
    evidence, _ = open_evidence(told[0].envelope.encode(), [folder.signing_key().public_key()])
    assert evidence.nonce == "run-00000" and evidence.complete and evidence.aggregates[0].cases == 5
    assert all(one.log == one.words == "" and one.pictures == () for one in told)
    spent = Ledger(folder.ledger("toy"))
    assert [line.told for line in spent.entries] == ["figures", "no_improvement", "no_improvement"]
    assert spent.account("team", "t", Budget()).results == 3 and spent.rows == 25
    cases = {
        msgspec.json.decode(one.content).get("case")
        for one in centre.asked
        if one.url.path.endswith("/renew")
    }
    assert cases == {None}, "private cases are counted, never named"


# -------------------------------------------------------------------------------------------- the heartbeat


def renewals(centre):
    return [msgspec.json.decode(one.content, type=Renewal) for one in centre.asked]


def test_the_first_case_is_told_at_once_and_later_ones_with_the_next_beat(centre, line):
    centre.answers["/renew"] = json_answer({})
    heart = Heartbeat(JOB, line)
    heart.on_case(0, 2, None)
    heart.on_case(1, 2, "all/0")
    assert renewals(centre) == [Renewal("lease-000", 0, 2)]
    heart._renew()
    assert renewals(centre)[1:] == [Renewal("lease-000", 1, 2, "all/0")]
    assert centre.paths() == ["POST /runs/run-00000/renew"] * 2


def test_a_heart_beats_four_times_a_lease_and_stops(centre, line):
    centre.answers["/renew"] = json_answer({})
    begun = time.monotonic()
    with Heartbeat(msgspec.structs.replace(JOB, lease_s=0.2), line) as heart:
        while len(centre.asked) < 2 and time.monotonic() - begun < 5:
            time.sleep(0.01)
    assert not heart._thread.is_alive() and time.monotonic() - begun >= 0.1
    assert renewals(centre)[:1] == [Renewal("lease-000", 0, 0)]
    assert heart._thread.daemon and threading.current_thread() is not heart._thread


def test_a_heart_beats_on_when_the_clock_is_set_back(centre, line, monkeypatch):
    centre.answers["/renew"] = json_answer({})
    real, begun = time.time, time.monotonic()
    with Heartbeat(msgspec.structs.replace(JOB, lease_s=0.2), line):
        monkeypatch.setattr(time, "time", lambda: real() - 86_400 * (1 + len(centre.asked)))
        while len(centre.asked) < 3 and time.monotonic() - begun < 5:
            time.sleep(0.01)
    assert len(centre.asked) >= 3


def test_a_run_that_was_withdrawn_is_stopped_at_its_next_case(centre, line):
    centre.answers["/renew"] = json_answer({"withdrawn": True})
    heart = Heartbeat(JOB, line)
    with pytest.raises(Withdrawn):
        heart.on_case(0, 2, None)


@pytest.mark.parametrize(
    "answer", [httpx.Response(503), httpx.Response(409), httpx.Response(200, content=b"{")]
)
def test_a_renewal_that_fails_stops_nothing(centre, line, answer):
    centre.answers["/renew"] = answer
    heart = Heartbeat(JOB, line)
    heart.on_case(0, 2, None)
    assert not heart.withdrawn.is_set()
