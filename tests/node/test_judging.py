"""From a job to a parcel: what is fetched is checked, what is judged is signed, and each end has its owner."""

from __future__ import annotations

import errno
import itertools
import shutil
from hashlib import sha256

import httpx
import msgspec
import pytest

from lumbung.node import judging
from lumbung.node.folder import NodeFolder
from lumbung.node.gate import NO_FIGURES
from lumbung.node.judging import NotAccepted, Withdrawn, faulted, judge_job, leave_reason, words_of
from lumbung.node.ledger import Asker
from lumbung.node.line import CentreLied, CentreRefused, Line
from lumbung.proving.evidence import EvidenceError, FaultMark, open_evidence
from lumbung.proving.executors import Serial
from lumbung.proving.faults import ChallengeFault, Owner, PlatformFault, SubmissionFault
from lumbung.proving.judge import Picture
from lumbung.proving.run import Outcome, list_cases
from lumbung.proving.tables import PredictionsJudge
from lumbung.proving.text import Text
from small_node import Centre, private_rows, toy_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
GOOD = """
import sys
def solve(problem):
    print("thinking", file=sys.stderr)
    return {"id": problem["inputs"]["id"], "prediction": [2 * float(x) + 1 for x in problem["inputs"]["x"]]}
"""
BAD = "def solve(problem):\n    raise ValueError('no idea')\n"
MUST_MEND = ChallengeFault("judge_raised", where="at all/0", error="KeyError: the truth is 42")
OTHER_DIGEST = "sha256:" + "0" * 64
DRAWN = [Picture(Text("a", "b", "c"), SVG)]


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
            Serial(),
            on_case or hear,
        )

    @property
    def private_job(self):
        return msgspec.structs.replace(self.toy.job, private=True)

    def read(self, parcel):
        """Verify with the node's own key, and return the evidence."""
        key = self.folder.signing_key().public_key()
        return open_evidence(parcel.delivery.envelope.encode(), [key])[0]

    def reason(self, run="run-00000"):
        return (self.folder.runs / run / "reason.txt").read_text()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, GOOD)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """One submission that is good, judged once for all who look at it."""
    found = Desk(tmp_path_factory.mktemp("judged"), GOOD, **{"min_cases = 5": "min_cases = 4"})
    job = msgspec.structs.replace(found.toy.job, team="team-a", person="person-a", organisations=("org-a",))
    return found, found.judge(job)


def test_a_good_submission_waits_with_signed_figures_its_log_and_its_rule(judged):
    desk, parcel = judged
    assert (parcel.run, parcel.challenge, parcel.private) == ("run-00000", "toy", False)
    record = desk.toy.challenge.challenge
    assert parcel.egress == record.egress != NO_FIGURES and parcel.ranking == record.ranking
    delivery = parcel.delivery
    assert (delivery.lease, delivery.fault, delivery.finding, delivery.words) == ("lease-000", None, None, "")
    evidence = desk.read(parcel)
    assert evidence.nonce == "run-00000" and evidence.complete and evidence.country == "ID"
    assert (evidence.phase, evidence.private) == ("practice", False)
    assert [row.metrics["mae"] for row in evidence.rows] == pytest.approx([0.0] * 5)
    assert evidence.started.tzinfo is not None and evidence.started <= evidence.finished
    assert evidence.isolation.kind == "bubblewrap"
    assert delivery.log.count("thinking") == 5 and delivery.log.startswith("[all/00]\n")
    assert not (desk.folder.runs / "run-00000" / "reason.txt").exists()


def test_a_parcel_says_who_asked_and_on_how_many_rows_it_rests(judged):
    _, parcel = judged
    assert parcel.asker == Asker("team-a", "person-a", ("org-a",)) and parcel.rows == 20
    assert parcel.pictures == () == parcel.delivery.pictures and not (parcel.released or parcel.announced)


def test_every_case_is_told_as_it_ends(judged):
    desk, _ = judged
    assert desk.heard == [(0, 5, None), *((n + 1, 5, f"all/0{n}") for n in range(5))]


def test_what_was_judged_before_is_not_played_again(judged):
    desk, before = judged
    told = []
    again = desk.judge(on_case=lambda *one: told.append(one))
    assert told == [(5, 5, None)]
    assert desk.read(again).figures_digest == desk.read(before).figures_digest and again.rows == 20


def test_it_signs_with_the_key_that_is_there_when_it_signs(judged, tmp_path, monkeypatch):
    desk, before = judged
    other = NodeFolder(tmp_path / "other")
    shutil.copytree(desk.folder.runs, other.runs)
    monkeypatch.setattr(desk, "folder", other)
    signed = []
    for _ in range(2):
        signed.append((desk.judge(on_case=lambda *_told: None), other.signing_key().public_key()))
        shutil.rmtree(other.keys)
    for parcel, key in signed:
        assert open_evidence(parcel.delivery.envelope.encode(), [key])
        with pytest.raises(EvidenceError):
            open_evidence(before.delivery.envelope.encode(), [key])


def test_a_key_that_cannot_be_used_when_it_signs_is_the_platforms_and_named(judged, tmp_path, monkeypatch):
    desk, _ = judged
    other = NodeFolder(tmp_path / "other")
    shutil.copytree(desk.folder.runs, other.runs)
    other.signing_key()
    (other.keys / "signing.key").chmod(0o644)
    monkeypatch.setattr(desk, "folder", other)
    found = desk.judge(on_case=lambda *_told: None).delivery
    assert found.fault == FaultMark(Owner.PLATFORM, "unsignable") and not found.envelope
    assert "chmod 600" in found.words


def test_a_node_says_its_own_country(judged):
    desk, _ = judged
    abroad = msgspec.structs.replace(desk.toy.accepted(), country="CN")
    parcel = desk.judge(settings=abroad, on_case=lambda *_told: None)
    assert desk.read(parcel).country == "CN"


def test_a_submission_that_fails_hears_of_its_case_alone(tmp_path):
    desk = Desk(tmp_path, BAD)
    parcel = desk.judge()
    assert parcel.delivery.fault == FaultMark(Owner.SUBMISSION, "raised") and parcel.pictures == ()
    assert parcel.delivery.words == "" and parcel.delivery.finding is None and parcel.rows == 0
    assert parcel.delivery.log.startswith("[all/00] The solution raised an error: ValueError: no idea")
    assert parcel.delivery.log.count("[all/") == 1
    evidence = desk.read(parcel)
    assert evidence.fault == parcel.delivery.fault and (evidence.finished_count, evidence.case_count) == (
        0,
        5,
    )
    assert "no idea" in desk.reason()


def test_a_judge_that_fails_is_told_to_whom_it_must_mend_and_the_team_reads_no_figure(desk, monkeypatch):
    def stumble(self, case, solution, options):
        raise KeyError("the column")

    monkeypatch.setattr(PredictionsJudge, "play", stumble)
    parcel = desk.judge()
    assert parcel.delivery.fault == FaultMark(Owner.CHALLENGE, "judge_raised")
    assert "KeyError: 'the column'" in parcel.delivery.words and "all/00" in parcel.delivery.words
    assert desk.read(parcel).rows == ()


# ---------------------------------------------------------------------------------- on the node's own cases


def test_private_cases_are_the_nodes_own_and_nothing_of_them_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(PredictionsJudge, "pictures", lambda self, runs: DRAWN)
    desk = Desk(
        tmp_path, GOOD, **{'rule = "aggregate"': 'rule = "pictures"', "min_rows = 20": "min_rows = 2"}
    )
    private_rows(desk.folder.cases("toy"), 10)
    parcel = desk.judge(desk.private_job, desk.toy.accepted(private=True))
    assert parcel.private and parcel.delivery.log == "" == parcel.delivery.words and parcel.rows == 10
    assert {told[2] for told in desk.heard} == {None} and [told[:2] for told in desk.heard] == [
        (n, 5) for n in range(6)
    ]
    evidence = desk.read(parcel)
    assert evidence.private and evidence.complete and parcel.pictures == (SVG,)
    assert [row.case for row in evidence.rows] == [f"case-0000{n}" for n in range(1, 6)]
    assert "secret" not in msgspec.json.encode(parcel).decode()


def test_the_digest_that_leaves_matches_no_guess_at_private_rows(tmp_path):
    told = {}
    for node, secret in (("plain", None), ("one", b"1" * 32), ("same", b"1" * 32), ("two", b"2" * 32)):
        desk = Desk(
            tmp_path / node,
            GOOD,
            **{'rule = "aggregate"': 'rule = "per-case"', "min_rows = 20": "min_rows = 2"},
        )
        private_rows(desk.folder.cases("toy"), 10)
        if secret:
            desk.folder.secret("toy").parent.mkdir()
            desk.folder.secret("toy").write_bytes(secret)
        evidence = desk.read(desk.judge(desk.private_job, desk.toy.accepted(private=True)))
        told[node] = {evidence.cases_digest, *(row.digest for row in evidence.rows)}
    guessed = list_cases(desk.toy.challenge, desk.folder.cases("toy"))[
        2
    ]  # who guesses right has the same files
    assert {case.digest for case in guessed} < told["plain"]
    assert told["one"] == told["same"], "a second node with the same cases and their secret agrees"
    assert not told["one"] & (told["plain"] | told["two"]) and len(told["one"]) == 6


@pytest.mark.parametrize("private", [True, False])
def test_pictures_of_private_cases_wait_for_the_rule_and_public_ones_do_not(tmp_path, monkeypatch, private):
    monkeypatch.setattr(PredictionsJudge, "pictures", lambda self, runs: DRAWN)
    desk = Desk(tmp_path, GOOD)
    private_rows(desk.folder.cases("toy"), 20)
    job = desk.private_job if private else desk.toy.job
    parcel = desk.judge(job, desk.toy.accepted(private=True))
    assert parcel.delivery.fault is None and parcel.pictures == (() if private else (SVG,))
    if private:
        (aggregate,) = desk.read(parcel).aggregates
        assert (aggregate.cases, set(aggregate.mean)) == (5, {"mae"})


def test_of_a_private_run_that_fails_no_picture_is_drawn_and_no_word_leaves(tmp_path, monkeypatch):
    monkeypatch.setattr(PredictionsJudge, "pictures", lambda self, runs: DRAWN)
    desk = Desk(tmp_path, BAD, **{'rule = "aggregate"': 'rule = "pictures"', "min_rows = 20": "min_rows = 2"})
    private_rows(desk.folder.cases("toy"), 10)
    parcel = desk.judge(desk.private_job, desk.toy.accepted(private=True))
    assert parcel.delivery.fault == FaultMark(Owner.SUBMISSION, "raised")
    assert (parcel.pictures, parcel.delivery.log, parcel.delivery.words) == ((), "", "")
    assert "no idea" in desk.reason()


def test_too_few_private_rows_end_in_the_owners_rule_and_are_signed_by_nobody(tmp_path):
    desk = Desk(tmp_path, GOOD)
    private_rows(desk.folder.cases("toy"), 19)
    parcel = desk.judge(desk.private_job, desk.toy.accepted(private=True))
    assert parcel.delivery.fault == FaultMark(Owner.CHALLENGE, "egress_refused")
    assert (parcel.delivery.envelope, parcel.delivery.words) == ("", "")
    assert "group 1: 19 rows, and the owner lets out figures over at least 20" in desk.reason()


def test_pictures_that_fail_are_told_beside_the_score(desk, monkeypatch):
    monkeypatch.setattr(PredictionsJudge, "pictures", lambda self, runs: 1 / 0)
    parcel = desk.judge()
    assert parcel.delivery.fault is None and desk.read(parcel).complete and parcel.pictures == ()
    assert parcel.delivery.finding == FaultMark(Owner.CHALLENGE, "judge_pictures")
    assert "ZeroDivisionError" in parcel.delivery.words
    assert "pictures()" in desk.reason() and desk.reason().count("\n") == 1


# ----------------------------------------------------------------------------------------- what is not judged


@pytest.mark.parametrize(
    ("change", "settings"),
    [
        ({"challenge": "other"}, {}),
        ({"challenge_digest": OTHER_DIGEST}, {}),
        ({"private": True}, {"private": False}),
        ({"submission_digest": OTHER_DIGEST}, {}),
    ],
)
def test_a_job_that_is_not_the_accepted_one_is_not_judged(desk, change, settings):
    with pytest.raises(NotAccepted):
        desk.judge(msgspec.structs.replace(desk.toy.job, **change), desk.toy.accepted(**settings))
    assert desk.heard == [] and not desk.folder.runs.exists()


def test_what_is_not_accepted_says_which_version_and_digest_and_fetches_nothing(desk):
    job = msgspec.structs.replace(desk.toy.job, challenge="other", challenge_version=7)
    with pytest.raises(NotAccepted, match=f"^other v7 with digest {job.challenge_digest[:23]}…$"):
        desk.judge(job)
    assert desk.centre.asked == []


def test_an_archive_with_another_challenge_is_not_judged(desk, tmp_path):
    other = toy_of(tmp_path / "other", GOOD, **{"daily_limit = 20": "daily_limit = 21"})
    other.serve(desk.centre)
    job = msgspec.structs.replace(desk.toy.job, challenge_blob=other.job.challenge_blob)
    with pytest.raises(NotAccepted, match="the archive sent for toy holds another challenge"):
        desk.judge(job)


def test_an_archive_with_the_challenge_under_another_name_is_not_judged(desk):
    settings = desk.toy.accepted()
    named = msgspec.structs.replace(settings, challenges={"other": settings.challenges["toy"]})
    with pytest.raises(NotAccepted, match="the archive sent for other holds another challenge"):
        desk.judge(msgspec.structs.replace(desk.toy.job, challenge="other"), named)


def test_a_rule_that_lets_out_more_than_the_owner_accepted_ends_a_private_run_before_it_begins(desk):
    settings = desk.toy.accepted(private=True, min_cases=99)
    parcel = desk.judge(desk.private_job, settings)
    assert parcel.delivery.fault == FaultMark(Owner.CHALLENGE, "egress_refused")
    assert parcel.delivery.envelope == "" and parcel.egress == NO_FIGURES
    assert "asks for 99" in desk.reason() and desk.heard == []
    assert desk.judge(settings=settings).delivery.fault is None, (
        "of public cases there is nothing to withhold"
    )


def serve_instead(desk, blob, content):
    """Let a job name other bytes, which the centre has under their own digest."""
    digest = f"sha256:{sha256(content).hexdigest()}"
    desk.centre.answers = {f"/blobs/{digest}": httpx.Response(200, content=content), **desk.centre.answers}
    return msgspec.structs.replace(desk.toy.job, **{blob: digest})


def test_an_archive_that_is_none_is_the_submissions_fault(desk):
    parcel = desk.judge(serve_instead(desk, "submission_blob", b"not a tar at all"))
    assert parcel.delivery.fault == FaultMark(Owner.SUBMISSION, "not_readable")
    assert parcel.delivery.lease == "lease-000" and parcel.delivery.words == "" and parcel.rows == 0


def test_a_challenges_archive_that_is_none_is_the_centres(desk):
    with pytest.raises(NotAccepted, match="the archive sent for toy cannot be unpacked: "):
        desk.judge(serve_instead(desk, "challenge_blob", b"not a tar at all"))


def test_cases_that_are_missing_at_the_node_are_the_challenges_fault(desk):
    parcel = desk.judge(desk.private_job, desk.toy.accepted(private=True))
    assert parcel.delivery.fault == FaultMark(Owner.CHALLENGE, "broken_challenge")
    assert parcel.delivery.envelope == "" == parcel.delivery.words and desk.heard == []
    assert "truth.csv" in desk.reason()


def test_a_judge_that_is_not_installed_here_is_the_nodes_to_mend(tmp_path):
    desk = Desk(tmp_path, GOOD, **{"judge_version = 2": "judge_version = 9"})
    parcel = desk.judge()
    assert parcel.delivery.fault == FaultMark(Owner.PLATFORM, "judge_missing")
    assert "judge_version" in parcel.delivery.words and "scores of two versions" in desk.reason()


def test_a_centre_that_sends_other_bytes_or_none_is_told_apart(desk):
    blob = f"/blobs/{desk.toy.job.challenge_blob}"
    desk.centre.answers[blob] = httpx.Response(200, content=b"other")
    with pytest.raises(CentreLied):
        desk.judge()
    desk.centre.answers[blob] = httpx.Response(404)
    with pytest.raises(CentreRefused):
        desk.judge()


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EIO, "judge_failed"), (None, "judge_failed")]
)
@pytest.mark.parametrize("where", ["mkdtemp", "unpack"])
def test_what_the_machine_lacks_is_the_platforms_wherever_it_shows(desk, monkeypatch, number, code, where):
    def fail(*_args, **_named):
        raise OSError(number, "no") if number else OSError("no")

    monkeypatch.setattr(judging.tempfile if where == "mkdtemp" else judging, where, fail)
    parcel = desk.judge()
    assert parcel.delivery.fault == FaultMark(Owner.PLATFORM, code) and parcel.delivery.envelope == ""


def test_a_disk_that_takes_no_reason_either_still_tells_the_code(desk, monkeypatch):
    def full(path, data):
        raise PlatformFault("disk_full", where=str(path), detail="no room")

    monkeypatch.setattr(judging, "write_whole", full)
    told = faulted(desk.toy.job, MUST_MEND.fault, desk.folder)
    assert told.fault == FaultMark(Owner.CHALLENGE, "judge_raised") and "the truth is 42" in told.words


def test_a_run_that_was_taken_back_ends_at_its_next_case_and_leaves_no_scratch(desk, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    beats, seen = itertools.count(), []

    def on_case(*_told):
        seen.append([path for path in scratch.iterdir() if path.name.startswith("lumbung-node-")])
        if next(beats) == 1:
            raise Withdrawn

    with pytest.raises(Withdrawn):
        desk.judge(on_case=on_case)
    assert [len(found) for found in seen] == [1, 1]
    assert [path for path in scratch.iterdir() if path.name.startswith("lumbung-node-")] == []


# ------------------------------------------------------------------------------------------- what may be said


def test_words_are_for_whoever_must_mend_it_and_never_of_private_cases(desk):
    job = desk.toy.job
    assert words_of(job, None) == ""
    assert words_of(job, SubmissionFault("raised", error="x").fault) == ""
    assert words_of(job, MUST_MEND.fault) == MUST_MEND.fault.reason()
    assert words_of(desk.private_job, MUST_MEND.fault) == ""
    assert "no room" in words_of(job, PlatformFault("disk_full", where="/x", detail="no room").fault)
    long = ChallengeFault("judge_raised", where="at all/0", error="x" * 5000).fault
    assert words_of(job, long) == long.reason()[:2000]


def test_a_run_without_evidence_leaves_by_its_code_and_its_reason_stays(desk):
    delivery = faulted(desk.private_job, MUST_MEND.fault, desk.folder)
    assert (delivery.lease, delivery.fault, delivery.words, delivery.envelope) == (
        "lease-000",
        FaultMark(Owner.CHALLENGE, "judge_raised"),
        "",
        "",
    )
    assert "the truth is 42" in desk.reason()


def test_reasons_stand_one_a_line_and_without_any_there_is_no_file(tmp_path):
    leave_reason(tmp_path / "a", None, None)
    assert not (tmp_path / "a").exists()
    leave_reason(tmp_path / "b", MUST_MEND.fault, None, MUST_MEND.fault)
    text = (tmp_path / "b" / "reason.txt").read_text()
    assert text == f"{MUST_MEND.fault.reason()}\n" * 2


def test_a_log_is_cut_where_it_gets_long():
    outcomes = {
        name: Outcome(name, None, None, None, log) for name, log in (("a", "x"), ("b", ""), ("c", "y"))
    }
    assert judging._log(outcomes, None) == "[a]\nx\n[c]\ny"
    outcomes["c"] = Outcome("c", None, MUST_MEND.fault, None, "")
    assert judging._log(outcomes, MUST_MEND.fault) == f"[c] {MUST_MEND.fault.reason()}\n"
    flood = {"a": Outcome("a", None, None, None, "z" * 200_000)}
    assert judging._log(flood, None) == "[a]\n" + "z" * 99_996


@pytest.mark.parametrize("how", ["another folder", "in place"])
def test_figures_rest_on_the_cases_that_the_run_began_with(desk, how):
    """Half on the old rows and half on the new ones, signed as the old ones, would be neither's."""
    cases = desk.folder.cases("toy")
    private_rows(cases, 40)

    def replaced(finished, _total, _case):
        if finished == 2 and how == "in place":
            truth = cases / "truth.csv"
            truth.write_text(truth.read_text().replace(",3\n", ",33\n"))
        elif finished == 2:
            cases.rename(cases.with_name("before"))
            private_rows(cases, 40)

    settings = desk.toy.accepted(private=True)
    parcel = desk.judge(desk.private_job, settings, replaced)
    assert parcel.delivery.fault == FaultMark(Owner.PLATFORM, "job_refused") and not parcel.delivery.envelope
    assert not parcel.delivery.words and "replaced the private cases" in desk.reason()
    assert not list((desk.folder.runs / "run-00000" / "outcomes").glob("*"))
    assert desk.judge(desk.private_job, settings).delivery.envelope, "judged anew, on what lies there now"
