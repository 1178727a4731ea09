"""From a job to a delivery: what is fetched is checked, what is judged is signed, and each end has its owner."""

from __future__ import annotations

import itertools
from hashlib import sha256

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.node.folder import NodeFolder
from lumbung.node.gate import NO_FIGURES
from lumbung.node.judging import NotAccepted, Withdrawn, faulted, judge_job, leave_reason, words_of
from lumbung.node.line import CentreLied, CentreRefused, Line
from lumbung.proving.evidence import FaultMark, open_evidence
from lumbung.proving.executors import Serial
from lumbung.proving.faults import ChallengeFault, Owner, SubmissionFault
from lumbung.proving.judge import Picture
from lumbung.proving.tables import PredictionsJudge
from lumbung.proving.text import Text
from small_node import Centre, toy_of

KEY = Ed25519PrivateKey.generate()
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
GOOD = """
import sys
def solve(problem):
    print("thinking", file=sys.stderr)
    return {"id": problem["inputs"]["id"], "prediction": [2 * float(x) + 1 for x in problem["inputs"]["x"]]}
"""
BAD = "def solve(problem):\n    raise ValueError('no idea')\n"
MUST_MEND = ChallengeFault("judge_raised", where="at all/0", error="KeyError: the truth is 42")


class Desk:
    """A node with one challenge, and what came of judging its jobs."""

    def __init__(self, path, solution, **changes):
        self.toy = toy_of(path, solution, **changes)
        self.folder, self.centre = NodeFolder(path / "node"), Centre()
        self.line = Line("http://centre.test", "secret", self.centre)
        self.toy.serve(self.centre)
        self.heard = []

    def judge(self, job=None, settings=None, on_case=None):
        def hear(*told):
            self.heard.append(told)

        return judge_job(
            job or self.toy.job,
            self.folder,
            settings or self.toy.accepted(),
            self.line,
            KEY,
            Serial(),
            on_case or hear,
        )


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, GOOD)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """One submission that is good, judged once for all who look at it."""
    found = Desk(tmp_path_factory.mktemp("judged"), GOOD, **{"min_cases = 5": "min_cases = 4"})
    return found, found.judge()


def test_a_good_submission_leaves_with_signed_figures_its_log_and_its_rule(judged):
    desk, parcel = judged
    assert (parcel.run, parcel.challenge, parcel.private) == ("run-00000", "toy", False)
    assert parcel.egress == desk.toy.challenge.challenge.egress != NO_FIGURES
    delivery = parcel.delivery
    assert (delivery.lease, delivery.fault, delivery.finding, delivery.words) == ("lease-000", None, None, "")
    evidence, _ = open_evidence(delivery.envelope.encode(), [KEY.public_key()])
    assert evidence.nonce == "run-00000" and evidence.complete and evidence.country == "ID"
    assert [row.metrics["mae"] for row in evidence.rows] == pytest.approx([0.0] * 5)
    assert evidence.started.tzinfo is not None and evidence.started <= evidence.finished
    assert delivery.log.count("thinking") == 5 and delivery.log.startswith("[") and delivery.pictures == ()
    assert not (desk.folder.runs / "run-00000" / "reason.txt").exists()


def test_every_case_is_told_as_it_ends(judged):
    desk, _ = judged
    counts = [told[:2] for told in desk.heard]
    assert counts == [(number, 5) for number in range(6)]
    assert desk.heard[0][2] is None and {told[2] for told in desk.heard[1:]} == {
        f"all/0{n}" for n in range(5)
    }


def test_what_was_judged_before_is_not_played_again(judged):
    desk, _ = judged
    desk.heard.clear()
    desk.judge()
    assert desk.heard == [(5, 5, None)]


def test_a_submission_that_fails_hears_of_its_case_alone(tmp_path):
    desk = Desk(tmp_path, BAD)
    parcel = desk.judge()
    assert parcel.delivery.fault == FaultMark(Owner.SUBMISSION, "raised") and parcel.pictures == ()
    assert parcel.delivery.words == "" and "no idea" in parcel.delivery.log
    assert parcel.delivery.log.count("[all/") == 1
    evidence, _ = open_evidence(parcel.delivery.envelope.encode(), [KEY.public_key()])
    assert evidence.fault == parcel.delivery.fault
    assert "no idea" in (desk.folder.runs / "run-00000" / "reason.txt").read_text()


def test_private_cases_are_the_nodes_own_and_nothing_of_them_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(PredictionsJudge, "pictures", lambda self, runs: [Picture(Text("a", "b", "c"), SVG)])
    desk = Desk(tmp_path, GOOD, **{'rule = "aggregate"': 'rule = "pictures"'})
    cases = desk.folder.cases("toy")
    cases.mkdir(parents=True)
    (cases / "inputs.csv").write_text("id,x\n" + "".join(f"secret-{n},{n}\n" for n in range(10)))
    (cases / "truth.csv").write_text("id,target\n" + "".join(f"secret-{n},{2 * n + 1}\n" for n in range(10)))
    job = msgspec.structs.replace(desk.toy.job, private=True)
    parcel = desk.judge(job, desk.toy.accepted(private=True))
    assert parcel.private and parcel.delivery.log == "" == parcel.delivery.words
    assert {told[2] for told in desk.heard} == {None} and len(desk.heard) == 6
    evidence, _ = open_evidence(parcel.delivery.envelope.encode(), [KEY.public_key()])
    assert evidence.private and evidence.complete and parcel.pictures == (SVG,)
    assert "secret" not in parcel.delivery.envelope


def test_of_private_cases_no_picture_leaves_unless_the_rule_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(PredictionsJudge, "pictures", lambda self, runs: [Picture(Text("a", "b", "c"), SVG)])
    desk = Desk(tmp_path, GOOD)
    cases = desk.folder.cases("toy")
    cases.mkdir(parents=True)
    for name in ("inputs.csv", "truth.csv"):
        (cases / name).write_text((desk.toy.path / name).read_text())
    parcel = desk.judge(msgspec.structs.replace(desk.toy.job, private=True), desk.toy.accepted(private=True))
    assert parcel.delivery.fault is None and parcel.pictures == ()


def test_pictures_that_fail_are_told_beside_the_score(desk, monkeypatch):
    monkeypatch.setattr(PredictionsJudge, "pictures", lambda self, runs: 1 / 0)
    parcel = desk.judge()
    assert parcel.delivery.fault is None and parcel.delivery.envelope and parcel.pictures == ()
    assert parcel.delivery.finding == FaultMark(Owner.CHALLENGE, "judge_pictures")
    assert "ZeroDivisionError" in parcel.delivery.words
    assert "pictures()" in (desk.folder.runs / "run-00000" / "reason.txt").read_text()


# ----------------------------------------------------------------------------------------- what is not judged


@pytest.mark.parametrize(
    ("change", "settings"),
    [
        ({"challenge": "other"}, {}),
        ({"challenge_digest": "sha256:" + "0" * 64}, {}),
        ({"private": True}, {"private": False}),
        ({"submission_digest": "sha256:" + "0" * 64}, {}),
    ],
)
def test_a_job_that_is_not_the_accepted_one_is_not_judged(desk, change, settings):
    with pytest.raises(NotAccepted):
        desk.judge(msgspec.structs.replace(desk.toy.job, **change), desk.toy.accepted(**settings))
    assert desk.heard == []


def test_what_is_not_accepted_says_which_version_and_digest(desk):
    job = msgspec.structs.replace(desk.toy.job, challenge="other", challenge_version=7)
    with pytest.raises(NotAccepted, match=f"^other v7 with digest {job.challenge_digest[:23]}…$"):
        desk.judge(job)


def test_an_archive_with_another_challenge_is_not_judged(desk, tmp_path):
    other = toy_of(tmp_path / "other", GOOD, **{"daily_limit = 20": "daily_limit = 21"})
    other.serve(desk.centre)
    job = msgspec.structs.replace(desk.toy.job, challenge_blob=other.job.challenge_blob)
    with pytest.raises(NotAccepted, match="the archive sent for toy holds another challenge"):
        desk.judge(job)


def test_a_rule_that_lets_out_more_than_the_owner_accepted_ends_the_run(desk):
    settings = desk.toy.accepted(private=True, min_cases=99)
    parcel = desk.judge(msgspec.structs.replace(desk.toy.job, private=True), settings)
    assert (
        parcel.delivery.fault == FaultMark(Owner.CHALLENGE, "egress_refused")
        and parcel.delivery.envelope == ""
    )
    assert "asks for 99" in (desk.folder.runs / "run-00000" / "reason.txt").read_text()
    assert desk.heard == []


def test_an_archive_that_is_none_is_the_submissions_fault(desk):
    rubbish = b"not a tar at all"
    digest = f"sha256:{sha256(rubbish).hexdigest()}"
    desk.centre.answers = {f"/blobs/{digest}": httpx.Response(200, content=rubbish), **desk.centre.answers}
    parcel = desk.judge(msgspec.structs.replace(desk.toy.job, submission_blob=digest))
    assert (
        parcel.delivery.fault == FaultMark(Owner.SUBMISSION, "not_readable")
        and parcel.delivery.lease == "lease-000"
    )


def test_cases_that_are_missing_at_the_node_are_the_challenges_fault(desk):
    parcel = desk.judge(msgspec.structs.replace(desk.toy.job, private=True), desk.toy.accepted(private=True))
    assert parcel.delivery.fault is not None and parcel.delivery.fault.owner is Owner.CHALLENGE
    assert parcel.delivery.envelope == "" == parcel.delivery.words and desk.heard == []
    assert "truth.csv" in (desk.folder.runs / "run-00000" / "reason.txt").read_text()


def test_a_centre_that_sends_other_bytes_or_none_is_told_apart(desk):
    blob = f"/blobs/{desk.toy.job.challenge_blob}"
    desk.centre.answers[blob] = httpx.Response(200, content=b"other")
    with pytest.raises(CentreLied):
        desk.judge()
    desk.centre.answers[blob] = httpx.Response(404)
    with pytest.raises(CentreRefused):
        desk.judge()


def test_a_run_that_was_taken_back_ends_at_its_next_case_and_leaves_no_scratch(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    beats = itertools.count()

    def on_case(*_told):
        if next(beats) == 1:
            raise Withdrawn

    with pytest.raises(Withdrawn):
        desk.judge(on_case=on_case)
    assert [path for path in (tmp_path / "scratch").iterdir() if path.name.startswith("lumbung-node-")] == []


# ------------------------------------------------------------------------------------------- what may be said


def test_words_are_for_whoever_must_mend_it_and_never_of_private_cases(desk):
    job = desk.toy.job
    assert words_of(job, None) == ""
    assert words_of(job, SubmissionFault("raised", error="x").fault) == ""
    assert "the truth is 42" in words_of(job, MUST_MEND.fault)
    assert words_of(msgspec.structs.replace(job, private=True), MUST_MEND.fault) == ""
    long = ChallengeFault("judge_raised", where="at all/0", error="x" * 5000).fault
    assert len(words_of(job, long)) == 2000


def test_a_run_without_evidence_leaves_by_its_code_and_its_reason_stays(desk):
    delivery = faulted(msgspec.structs.replace(desk.toy.job, private=True), MUST_MEND.fault, desk.folder)
    assert (delivery.fault, delivery.words, delivery.envelope) == (
        FaultMark(Owner.CHALLENGE, "judge_raised"),
        "",
        "",
    )
    assert "the truth is 42" in (desk.folder.runs / "run-00000" / "reason.txt").read_text()


def test_reasons_stand_one_a_line_and_without_any_there_is_no_file(tmp_path):
    leave_reason(tmp_path / "a", None, None)
    assert not (tmp_path / "a").exists()
    leave_reason(tmp_path / "b", MUST_MEND.fault, None, MUST_MEND.fault)
    text = (tmp_path / "b" / "reason.txt").read_text()
    assert text == f"{MUST_MEND.fault.reason()}\n" * 2
