"""What a centre refuses, and what a judge fails at, ends the run at once with that as its reason, and somebody sees it."""

from __future__ import annotations

import shutil
import sys
import time

import msgspec
import pytest
from django.test import Client

from federation_league import make_country
from lumbung.centre.members.models import AuditEntry
from lumbung.centre.runs.models import EvidenceRecord, Run, Submission
from lumbung.node.folder import Accepted
from lumbung.proving.challenge import read_challenge
from lumbung.proving.evidence import FaultMark, Isolation
from lumbung.proving.executors import ProcessPool
from lumbung.proving.faults import Owner
from lumbung.proving.judge import find_judge
from small_league import archive_of, archive_of_folder
from spine import installed_judges, shelf_challenge

STRAIGHT = 'def solve(p): return {"id": p["keys"], "prediction": [1.0] * len(p["keys"])}'
RAISED = FaultMark(Owner.CHALLENGE, "judge_raised")


def _without_sandbox(piece):
    return msgspec.structs.replace(piece, isolation=Isolation("none", "rlimit"))


def _other_metric(piece):
    rows = tuple(msgspec.structs.replace(row, metrics={"mea": 1.0}) for row in piece.rows)
    return msgspec.structs.replace(piece, rows=rows)


def _mixed_metrics(piece):
    first, *rest = piece.rows
    return msgspec.structs.replace(
        piece, rows=(msgspec.structs.replace(first, metrics={"mae": 1.0, "more": 1.0}), *rest)
    )


REFUSED = {
    "isolation": (_without_sandbox, "platform", "result_refused", "without a sandbox"),
    "country": (lambda p: msgspec.structs.replace(p, country="CN"), "platform", "result_refused", "country"),
    "unknown metric": (_other_metric, "challenge", "judge_result", "mae"),
    "mixed metrics": (_mixed_metrics, "challenge", "judge_result", "more"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refused_result_ends_the_run_with_that_as_its_reason(league, what):
    change, owner, code, words = REFUSED[what]
    node = league.node()
    league.submit()
    job = node.lease()
    assert node.deliver(job, change(node.evidence(job, {"all": [1.0, 2.0]}))).status_code == 422
    told = league.api["owner"]("GET", f"/runs/{job.run}").json()
    assert (told["state"], told["fault_owner"], told["fault_code"]) == ("faulted", owner, code)
    assert "node-a" in told["words"] and words in told["words"]
    assert node.lease() is None, "nobody tries again what would be refused again"
    assert not Submission.objects.get().counts
    assert {"words", "finding"}.isdisjoint(league.api["member"]("GET", f"/runs/{job.run}").json())


@pytest.mark.parametrize("body", [b"{", b'{"lease": 7}', b'{"lease": "x", "unheard_of": 1}'])
def test_a_result_that_cannot_be_read_ends_the_run(league, body):
    node = league.node()
    league.submit()
    job = node.lease()
    assert node.api("POST", f"/node/runs/{job.run}/result", body).status_code == 422
    run = Run.objects.get()
    assert (run.state, run.fault_owner, run.fault_code) == ("faulted", "platform", "result_refused")
    assert "cannot be read" in run.words


def test_another_nodes_rubbish_ends_nothing(league):
    node, other = league.node(), league.node("node-b")
    league.submit()
    job = node.lease()
    assert other.api("POST", f"/node/runs/{job.run}/result", b"{").status_code == 422
    assert Run.objects.get().state == "leased"
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]})).status_code == 200


def test_staff_ask_again_for_what_was_refused(league):
    node = league.node()
    league.submit()
    job = node.lease()
    node.deliver(job, _without_sandbox(node.evidence(job, {"all": [1.0, 2.0]})))
    staff = Client()
    staff.force_login(league.staff)
    desk = staff.get("/desk/").content.decode()
    assert "No run of" in desk and "judged without a sandbox" in desk and f"/runs/{job.run}/again" in desk
    assert 'lumbung_faults{challenge="toy/1",code="result_refused",node="node-a",owner="platform"} 1.0' in (
        Client().get("/metrics").content.decode()
    )
    assert league.api["member"]("POST", f"/runs/{job.run}/again").status_code == 403
    assert staff.post(f"/runs/{job.run}/again").status_code == 302
    entry = AuditEntry.objects.get(act="run.again")
    assert entry.subject == job.run and "result_refused" in str(entry.details)
    again = node.lease()
    assert again.run == job.run and again.lease != job.lease
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]})).status_code == 409, "an old lease"
    assert node.deliver(again, node.evidence(again, {"all": [1.0, 2.0]})).status_code == 200
    assert Run.objects.get().state == "scored"
    assert "No run of" not in staff.get("/desk/").content.decode()
    assert league.api["staff"]("POST", f"/runs/{job.run}/again").status_code == 400


def test_a_fault_with_evidence_can_be_asked_for_again(league):
    node = league.node()
    league.submit()
    job = node.lease()
    mark = {"owner": "challenge", "code": "judge_raised"}
    piece = node.evidence(job, {}, rows=(), fault=RAISED, finished_count=0)
    assert node.deliver(job, piece, fault=mark, words="at all/0: KeyError").status_code == 200
    told = league.api["owner"]("GET", f"/runs/{job.run}").json()
    assert told["fault_code"] == "judge_raised" and told["words"] == "at all/0: KeyError"
    assert league.api["owner"]("POST", f"/runs/{job.run}/again").status_code == 200
    assert not EvidenceRecord.objects.exists()
    again = node.lease()
    assert node.deliver(again, node.evidence(again, {"all": [1.0, 2.0]})).status_code == 200


def test_words_about_private_cases_are_refused(league):
    node = league.node()
    league.submit(phase="final")
    job = node.lease()
    piece = node.evidence(
        job,
        {},
        rows=(),
        rule="aggregate",
        fault=RAISED,
        finished_count=0,
    )
    assert node.deliver(job, piece, words="the truth is 42").status_code == 422
    run = Run.objects.get()
    assert run.fault_code == "result_refused" and "42" not in run.words


# ------------------------------------------------------------------------------------ a real node, real judges


@pytest.fixture
def installed(tmp_path):
    """A machine on which the shelf's judges are installed."""
    path = str(installed_judges(tmp_path / "installed"))
    sys.path.insert(0, path)
    find_judge.cache_clear()
    yield
    sys.path.remove(path)
    find_judge.cache_clear()


@pytest.mark.parametrize(
    ("bad", "code", "words"),
    [
        ("nan", "judge_result", "metrics[miss]"),
        ("exits-at-once", "judge_ended", "exit code 0"),
        ("cases-end-process", "judge_ended", "cases()"),
        ("raises-key-error", "judge_raised", "KeyError"),
    ],
)
def test_a_node_survives_a_bad_judge_and_what_waits_behind_is_judged(
    league, installed, tmp_path, bad, code, words
):
    api = league.api["owner"]
    folders = [shelf_challenge(name, tmp_path / "shelf").folder for name in (bad, "guess")]
    runs = []
    for folder in folders:
        asked = {"organisation": "kota-bandung", "archive": archive_of_folder(folder)}
        assert api.upload("/challenges", asked).status_code == 201
        assert api("POST", f"/challenges/{folder.name}/1/state", {"state": "open"}).status_code == 200
        solution = archive_of({"solution.py": "def solve(p): return {'guess': 5}"})
        fields = {"team": "rice-rocket", "challenge": folder.name, "phase": "practice", "archive": solution}
        runs.append(league.api["member"].upload("/submissions", fields).json()["runs"][0]["run"])
    broken, good = runs
    country = make_country(league, tmp_path / "node", folders[0])
    settings, fine = country.folder.settings(), read_challenge(folders[1])
    rule = fine.challenge.egress
    guess = Accepted(fine.digest, rule.rule, rule.min_cases, rule.digits, private=False)
    country.folder.write_settings(
        msgspec.structs.replace(settings, challenges={**settings.challenges, "guess": guess})
    )
    node = country.start()
    node.executor = ProcessPool(1, silent=True)
    try:
        node.run(once=True)
    finally:
        node.executor.close()
    told = api("GET", f"/runs/{broken}").json()
    assert (told["state"], told["fault_owner"], told["fault_code"]) == ("faulted", "challenge", code)
    assert words in told["words"], told
    assert words in (country.folder.runs / broken / "reason.txt").read_text()
    assert Run.objects.get(token=broken).attempts == 1
    assert Run.objects.get(token=good).state == "scored"
    owner = Client()
    owner.force_login(league.owner)
    page = owner.get(f"/challenges/{bad}/1/runs/").content.decode()
    assert "No run of" in page and "must mend it" in page


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("def solve(p: return", "raised"),
        ("import no_such_module", "raised"),
        ("raise SystemExit(3)", "exited"),
        ("while True: pass", "timed_out"),
        ("held = [bytearray(2**20) for _ in range(10**6)]", "out_of_memory"),
    ],
    ids=["syntax", "import", "exit", "endless", "memory"],
)
def test_a_solution_that_fails_while_it_is_loaded_is_a_verdict_at_once(league, tmp_path, text, code):
    toml = tmp_path / "toy" / "challenge.toml"
    limits = "\n[limits]\nstart_s = 6.0\nmemory_mb = 64\n"
    toml.write_text(
        toml.read_text()
        .replace("version = 1", "version = 2", 1)
        .replace("\n[ranking]", limits + "\n[ranking]", 1)
    )
    api = league.api["owner"]
    posed = api.upload(
        "/challenges", {"organisation": "kota-bandung", "archive": archive_of_folder(tmp_path / "toy")}
    )
    assert posed.status_code == 201, posed.content
    api("POST", "/challenges/toy/2/state", {"state": "open"})
    country = make_country(league, tmp_path / "node", tmp_path / "toy")
    league.submit(solution=text)
    begun = time.monotonic()
    assert country.start().work(country.folder.settings(), wait_s=0.0)
    run = Run.objects.get()
    assert (run.state, run.fault_owner, run.fault_code) == ("faulted", "submission", code), country.said
    assert run.attempts == 1 and '"kind"' not in run.words
    envelope = EvidenceRecord.objects.get().envelope
    assert envelope and time.monotonic() - begun < 60


def test_a_line_that_is_down_and_a_centre_that_refuses_are_two_things(league, tmp_path):
    country = make_country(league, tmp_path / "node", tmp_path / "toy")
    league.submit(solution=STRAIGHT)
    node = country.start()
    country.line.kinds, country.line.chance = ("error",), 0.0
    deliver = node.line.deliver

    def once_sick(run, delivery):
        country.line.chance = 1.0
        try:
            deliver(run, delivery)
        finally:
            country.line.chance = 0.0
            node.line.deliver = deliver

    node.line.deliver = once_sick
    with pytest.raises(Exception, match="502"):
        node.work(country.folder.settings(), wait_s=0.0)
    assert list(node.gate.outbox.waiting()), "it stays until the line is back"
    node.gate.open()
    assert Run.objects.get().state == "scored" and not node.gate.outbox.waiting()
    shutil.rmtree(tmp_path / "node")
