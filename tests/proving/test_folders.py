"""What lies on disk: scaffolds, submissions, known verdicts, keys, and a run's own folder."""

from __future__ import annotations

import base64
import errno
import os
import stat
from importlib.metadata import EntryPoint
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from lumbung.proving import catalogue, run_folder, submission
from lumbung.proving.case import make_case, score_case
from lumbung.proving.catalogue import find_challenge, shipped_challenges
from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.faults import Fault, Owner, PlatformFault, SubmissionFault
from lumbung.proving.judge_scaffold import NameUnfit, new_judge
from lumbung.proving.keys import KeyUnusable, key_id, load_or_make_key, public_pem, read_public_key
from lumbung.proving.known_verdicts import (
    Expectation,
    KnownSubmission,
    compare,
    known_submissions,
    starter_of,
)
from lumbung.proving.run import Outcome, RunPlan
from lumbung.proving.run_folder import FolderHeld, RunFolder, read_run_record, write_whole
from lumbung.proving.scaffold import FolderInTheWay, new_challenge, new_submission, write_folder
from lumbung.proving.submission import (
    Submission,
    SubmissionNotFound,
    find_submission,
    read_content,
    read_submission,
    shipped_solutions,
)

# ------------------------------------------------------------------------------------------- scaffolds


def test_a_new_challenge_is_called_as_its_folder_is(tmp_path):
    written = new_challenge(tmp_path / "Panen Padi!")
    assert read_challenge(tmp_path / "Panen Padi!").challenge.id == "panen-padi"
    assert {str(path.relative_to(tmp_path / "Panen Padi!")) for path in written} >= {
        "challenge.toml",
        "truth.csv",
    }
    for name, called in (
        ("稻田", "challenge"), ("a  b_-c", "a-b-c"), ("Über 2²", "ber-2"), ("n" * 63 + " n", "n" * 63),
    ):  # fmt: skip
        new_challenge(tmp_path / name)
        assert read_challenge(tmp_path / name).challenge.id == called
    new_challenge(tmp_path / "!!!")
    assert read_challenge(tmp_path / "!!!").challenge.id == "challenge"


def test_a_new_submission_is_the_starter_of_its_challenge(toy, tmp_path):
    starter = toy / "submissions" / "accepted" / "one-number"
    (starter / "run.sh").write_text("#!/bin/sh\n")
    (starter / "run.sh").chmod(0o755)
    (starter / "solution.py").chmod(0o444)
    (starter / "deep").mkdir()
    (starter / "deep" / "data.bin").write_bytes(b"\xff")
    (starter / "__pycache__").mkdir()
    (starter / "__pycache__" / "solution.pyc").write_bytes(b"x")
    written, scores = new_submission(tmp_path / "mine", read_challenge(toy))
    mine = tmp_path / "mine"
    assert scores and set(written) == {mine / "solution.py", mine / "run.sh", mine / "deep" / "data.bin"}
    assert sorted(path.name for path in mine.rglob("*")) == ["data.bin", "deep", "run.sh", "solution.py"]
    assert (mine / "deep" / "data.bin").read_bytes() == b"\xff"
    assert (mine / "solution.py").read_text() == (starter / "solution.py").read_text()
    modes = [stat.S_IMODE((mine / name).stat().st_mode) for name in ("run.sh", "solution.py")]
    assert modes == [0o755, 0o644], "and what is edited can be written"


def test_a_challenge_without_starter_gives_one_that_shows_what_it_is_asked(toy, tmp_path):
    (toy / "submissions" / "accepted" / "one-number" / "expected.toml").unlink()
    written, scores = new_submission(tmp_path / "mine", read_challenge(toy))
    assert (written, scores) == ([tmp_path / "mine" / "solution.py"], False)
    assert "class Solution" in written[0].read_text()


def test_a_starter_with_a_link_would_copy_a_file_of_this_machine(toy, tmp_path):
    link = toy / "submissions" / "accepted" / "one-number" / "secret"
    found = read_challenge(toy)
    link.symlink_to("/etc/passwd")
    with pytest.raises(ChallengeError, match="a link") as caught:
        new_submission(tmp_path / "mine", found)
    assert caught.value.where == str(link) and not (tmp_path / "mine").exists()


def test_scaffolds_overwrite_nothing(tmp_path):
    (tmp_path / "empty").mkdir()
    assert write_folder(tmp_path / "empty", {"a/b": "ø", "c": b"\xff"}) == [
        tmp_path / "empty/a/b",
        tmp_path / "empty/c",
    ]
    assert (tmp_path / "empty/a/b").read_bytes() == "ø".encode() and (
        tmp_path / "empty/c"
    ).read_bytes() == b"\xff"
    for full in (tmp_path / "empty", tmp_path / "empty/c"):
        with pytest.raises(FolderInTheWay, match="there is something already"):
            write_folder(full, {"x": "y"})


@pytest.mark.parametrize("name", ["2tides", "json", "pytest", "import", "x" * 41, "---"])
def test_a_judges_package_has_a_name_that_can_be_imported_and_hides_nothing(tmp_path, name):
    with pytest.raises(NameUnfit, match="choose another with --name"):
        new_judge(tmp_path / "j", name)
    assert not (tmp_path / "j").exists()


def test_a_new_judge_is_named_throughout(tmp_path):
    made = new_judge(tmp_path / "j", "Tide Gauges")
    assert made.challenge == "tide-gauges-quota"
    names = {str(path.relative_to(tmp_path / "j")) for path in made.files}
    assert "src/tide_gauges/judge.py" in names and not any(
        "fisheries" in name or "__pycache__" in name for name in names
    )
    assert 'name = "tide-gauges"' in (tmp_path / "j" / "pyproject.toml").read_text()


# ------------------------------------------------------------------------------------------- catalogue


def test_challenges_are_found_by_id_and_by_folder(toy):
    assert find_challenge("resco").folder == shipped_challenges()["resco"]
    assert find_challenge(str(toy)).challenge.id == "toy" and find_challenge(str(toy)).folder == toy.resolve()
    with pytest.raises(ChallengeError, match="resco"):
        find_challenge("no-such-challenge")


# ------------------------------------------------------------------------------------------- submissions


def test_a_submission_is_a_folder_with_an_entry_or_a_table(tmp_path):
    program, table = tmp_path / "mine", tmp_path / "Table.CSV"
    program.mkdir()
    (program / "solution.py").write_text("def solve(p): pass\n")
    table.write_text("id,prediction\n")
    found = read_submission(program)
    assert (found.name, found.folder, found.shipped, found.is_table) == ("mine", program, False, False)
    assert read_submission(table).is_table and read_submission(table).name == "Table.CSV"
    before = found.digest
    (program / "more").write_text("x")
    assert read_submission(program).digest != before != read_submission(table).digest
    (program / "solution.py").rename(program / "solution")
    assert find_submission(str(program)).name == "mine"


@pytest.mark.parametrize(("name", "words"), [("empty", "holds neither"), ("a.txt", "neither a folder nor a")])
def test_what_has_no_entry_says_so(tmp_path, name, words):
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(SubmissionFault, match=words) as caught:
        read_submission(tmp_path / name)
    assert caught.value.fault.code == "no_entry_point" and name in str(caught.value)


def test_what_cannot_be_read_says_so(tmp_path, monkeypatch):
    (tmp_path / "solution.py").write_text("")

    def unreadable(folder):
        raise PermissionError(13, "no")

    monkeypatch.setattr(submission, "digest_folder", unreadable)
    with pytest.raises(SubmissionFault) as caught:
        read_submission(tmp_path)
    assert caught.value.fault.code == "not_readable" and caught.value.fault.params["reason"].startswith(
        tmp_path.name
    )


def test_a_folder_with_one_table_alone_is_that_table(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"x")
    assert read_content(tmp_path).folder == tmp_path / "t.parquet"
    (tmp_path / "solution.py").write_text("")
    assert read_content(tmp_path).folder == tmp_path


def test_shipped_solutions_are_found_by_name():
    names = shipped_solutions()
    assert ("city/max-pressure" in names and "farm/habitual" in names) or len(names) > 8
    found = find_submission("city/max-pressure")
    assert found.shipped and found.name == "city/max-pressure" and found.folder == names["city/max-pressure"]
    with pytest.raises(SubmissionNotFound, match=r"no/such: found no folder.*city/max-pressure"):
        find_submission("no/such")


def test_a_package_that_names_solutions_and_is_not_there_hides_no_other(monkeypatch, tmp_path):
    package = tmp_path / "solutions_of_ours"
    (package / "whole").mkdir(parents=True)
    (package / "whole" / "solution.py").write_text("")
    (package / "program").mkdir()
    (package / "program" / "solution").write_text("")
    (package / "nothing").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    before = set(catalogue.shipped_challenges())
    named = [EntryPoint("gone", "no_such_package", "g"), EntryPoint("ours", "solutions_of_ours", "g")]
    for module in (submission, catalogue):
        monkeypatch.setattr(module, "entry_points", lambda group: named)
    assert set(submission.shipped_solutions()) == {"ours/whole", "ours/program"}
    assert set(catalogue.shipped_challenges()) == before, "ours ships no challenge, and takes none away"


# ------------------------------------------------------------------------------------------- known verdicts


def test_the_scaffold_knows_its_verdicts(toy):
    known = {one.name: one for one in known_submissions(read_challenge(toy))}
    assert list(known) == ["accepted/one-number", "accepted/straight-line", "raised/always-fails"]
    assert known["accepted/straight-line"].expectation == Expectation(at_most=1e-9)
    assert known["raised/always-fails"].verdict == "raised"
    assert starter_of(read_challenge(toy)) == toy / "submissions" / "accepted" / "one-number"


def test_verdicts_are_folders_named_as_faults_and_tables_count(toy):
    base = toy / "submissions"
    (base / "timed-out").mkdir()
    (base / "timed-out" / "t.csv").write_text("x")
    (base / "timed-out" / "t.expected.toml").write_text("at_least = 1")
    (base / "timed-out" / "notes.md").write_text("x")
    last = known_submissions(read_challenge(toy))[-1]
    assert (last.name, last.verdict, last.expectation) == (
        "timed-out/t.csv",
        "timed_out",
        Expectation(at_least=1.0),
    )
    (base / "timed-out" / "t.expected.toml").write_text("at_last = 1")
    with pytest.raises(ChallengeError, match="at_least, at_most and starter"):
        known_submissions(read_challenge(toy))
    (base / "timed-out").rename(base / "late")
    with pytest.raises(ChallengeError, match="an unknown verdict"):
        known_submissions(read_challenge(toy))


def test_a_challenge_has_an_accepted_submission_and_one_starter(toy):
    base = toy / "submissions"
    (base / "accepted" / "straight-line" / "expected.toml").write_text("starter = true")
    with pytest.raises(ChallengeError, match="one starter") as caught:
        starter_of(read_challenge(toy))
    assert "one-number" in caught.value.found and "straight-line" in caught.value.found
    (base / "raised" / "always-fails" / "expected.toml").write_text("starter = true")
    with pytest.raises(ChallengeError, match="it only in folders below submissions/accepted"):
        starter_of(read_challenge(toy))
    (base / "accepted").rename(base / "crashed")
    with pytest.raises(ChallengeError, match="no accepted submission"):
        known_submissions(read_challenge(toy))


CASES = [make_case(f"a/{seed}", "a", seed, {}) for seed in range(2)]
SCORES = [score_case(case, {"mae": 1.0 + case.seed, "more": 9.0}, "e 1") for case in CASES]


@pytest.mark.parametrize(
    ("low", "high", "right", "detail"),
    [
        (None, None, True, "mae 1.5"),
        (1.5, 1.5, True, "mae 1.5"),
        (1.6, None, False, "mae 1.5, expected at least 1.6"),
        (None, 1.4, False, "mae 1.5, expected at most 1.4"),
        (1.6, 2, False, "mae 1.5, expected at least 1.6 at most 2"),
    ],
)
def test_an_accepted_one_is_held_to_its_bounds(low, high, right, detail):
    known = KnownSubmission("accepted/x", Path(), "accepted", Expectation(low, high))
    found = compare(known, None, SCORES, ranking="mae")
    assert (found.name, found.expected, found.found, found.right, found.detail) == (
        "accepted/x", "accepted", "accepted", right, detail,
    )  # fmt: skip


def test_a_fault_is_held_to_its_verdict():
    fault = Fault(Owner.SUBMISSION, "raised", {"error": "ValueError: no"})
    for verdict, right in (("raised", True), ("accepted", False), ("crashed", False)):
        found = compare(
            KnownSubmission("x", Path(), verdict, Expectation(at_most=0.0)), fault, [], ranking="mae"
        )
        assert (found.expected, found.found, found.right) == (verdict, "raised", right)
        assert "ValueError: no" in found.detail and found.detail == found.detail.strip()
    assert not compare(
        KnownSubmission("x", Path(), "raised", Expectation()), None, SCORES, ranking="mae"
    ).right


# ------------------------------------------------------------------------------------------------- keys


def test_a_key_is_made_once_and_its_owners_alone(tmp_path):
    key = load_or_make_key(tmp_path / "a" / "keys")
    again = load_or_make_key(tmp_path / "a" / "keys")
    assert key.private_bytes_raw() == again.private_bytes_raw()
    folder = tmp_path / "a" / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "signing.key").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["signing.key", "signing.pub"]
    assert (folder / "signing.pub").read_bytes() == public_pem(key.public_key())
    assert read_public_key(folder / "signing.pub") == key.public_key()
    assert len(key_id(key.public_key())) == 64 and key_id(key.public_key()) == key_id(again.public_key())


def test_keys_that_cannot_be_used_say_what_to_do(tmp_path):
    load_or_make_key(tmp_path)
    path = tmp_path / "signing.key"
    for mode in (0o640, 0o604):
        path.chmod(mode)
        with pytest.raises(KeyUnusable, match="chmod 600"):
            load_or_make_key(tmp_path)
    path.chmod(0o600)
    path.write_text("rubbish")
    with pytest.raises(KeyUnusable, match="not a PEM private key"):
        load_or_make_key(tmp_path)
    ours = ed25519.Ed25519PrivateKey.generate()
    locked = serialization.BestAvailableEncryption(b"word")
    path.write_bytes(
        ours.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    )
    with pytest.raises(KeyUnusable, match=r"not a PEM private key.*[Pp]assword"):
        load_or_make_key(tmp_path)
    other = rsa.generate_private_key(65537, 1024)
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(other.private_bytes(*plain))
    with pytest.raises(KeyUnusable, match="not an Ed25519 key"):
        load_or_make_key(tmp_path)
    public = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "other.pub").write_bytes(other.public_key().public_bytes(*public))
    for bad in (tmp_path / "other.pub", path, tmp_path / "none.pub"):
        with pytest.raises(KeyUnusable, match="not a readable PEM public key"):
            read_public_key(bad)
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyUnusable, match="set LUMBUNG_HOME"):
        load_or_make_key(tmp_path / "file" / "keys")
    # A key of a kind that the library does not know: a point of SM2's curve (GB/T 32918), as a Chinese office has one.
    point = "04" + "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    point += "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
    told = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200" + point)
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(told).decode()}\n-----END PUBLIC KEY-----\n"
    (tmp_path / "sm2.pub").write_text(pem)
    with pytest.raises(KeyUnusable, match="not an Ed25519 public key"):
        read_public_key(tmp_path / "sm2.pub")


def test_who_loses_the_race_for_a_key_reads_the_winners(tmp_path, monkeypatch):
    link = os.link

    def beaten(draft, path):
        monkeypatch.setattr(os, "link", link)
        load_or_make_key(tmp_path / "winner")
        (tmp_path / "winner" / "signing.key").rename(path)
        raise FileExistsError

    monkeypatch.setattr(os, "link", beaten)
    load_or_make_key(tmp_path / "keys")
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["signing.key"]


# ------------------------------------------------------------------------------------------ a run's folder


@pytest.fixture
def plan(toy):
    challenge = read_challenge(toy)
    theirs = Submission("mine", toy, "sha256:" + "1" * 64)
    return RunPlan(challenge, theirs, "practice", {"a": 1}, tuple(CASES), challenge.challenge.limits)


def outcomes(log="said"):
    return [Outcome(case.id, score, None, None, log) for case, score in zip(CASES, SCORES, strict=True)]


def test_a_folder_is_one_judgings_at_a_time(tmp_path):
    folder = tmp_path / "run"
    with RunFolder(folder).held():
        with pytest.raises(FolderHeld, match="another judging"), RunFolder(folder).held():
            pass
        with RunFolder(tmp_path / "other").held():
            pass
    with RunFolder(folder).held():
        assert list(folder.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(PlatformFault), RunFolder(tmp_path / "file" / "run").held():
        pass


def test_outcomes_are_kept_one_by_one_and_only_for_the_same_plan(plan, tmp_path):
    folder = RunFolder(tmp_path / "run")
    assert folder.kept(plan) == {}
    for outcome in outcomes():
        folder.keep(plan, outcome)
    assert folder.kept(plan) == {outcome.case: outcome for outcome in outcomes()}
    assert (tmp_path / "run" / "logs" / "a-0.txt").read_text() == "said"
    for change in (
        {"options": {"a": 2}},
        {"trust": True},
        {"submission": Submission("mine", plan.submission.folder, "x")},
    ):
        assert folder.kept(msgspec.structs.replace(plan, **change)) == {}
    moved = tuple(make_case(case.id, "a", case.seed, {"other": 1}) for case in CASES)
    assert folder.kept(msgspec.structs.replace(plan, cases=moved)) == {}
    assert list(folder.kept(msgspec.structs.replace(plan, cases=plan.cases[1:]))) == ["a/1"]
    for file in (tmp_path / "run" / "outcomes").iterdir():
        file.write_bytes(b"{")
    assert folder.kept(plan) == {}


def test_faults_are_played_again_and_a_silent_case_leaves_no_log(plan, tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.keep(plan, Outcome("a/0", None, Fault(Owner.SUBMISSION, "raised", {}), None))
    assert folder.kept(plan) == {} and not (tmp_path / "run" / "logs").exists()


def test_what_was_asked_is_written_and_read(plan, tmp_path):
    folder = RunFolder(tmp_path / "run")
    assert read_run_record(folder.evidence_path) is None
    folder.record(plan)
    record = read_run_record(folder.write_evidence(b"signed"))
    assert folder.evidence_path.read_bytes() == b"signed"
    assert msgspec.structs.astuple(record) == (
        str(plan.challenge.folder), str(plan.submission.folder), "practice", {"a": 1}, ("a/0", "a/1"), False,
    )  # fmt: skip
    folder.record(
        msgspec.structs.replace(plan, submission=Submission("city/x", Path("/y"), "z", shipped=True))
    )
    assert read_run_record(folder.evidence_path).submission == "city/x"
    (tmp_path / "run" / "run.json").write_text("{")
    assert read_run_record(folder.evidence_path) is None


def test_what_an_earlier_run_left_is_forgotten(plan, tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.keep(plan, outcomes()[0])
    folder.record(plan)
    folder.write_evidence(b"signed")
    (tmp_path / "run" / "mine.txt").write_text("not ours")
    folder.forget()
    assert [path.name for path in (tmp_path / "run").rglob("*") if path.is_file()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EACCES, "unwritable")],
)
def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch, number, code):
    path = tmp_path / "deep" / "file"
    write_whole(path, b"first")

    def no_room(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(run_folder.os, "fsync", no_room)
    with pytest.raises(PlatformFault) as caught:
        write_whole(path, b"second")
    assert caught.value.fault.code == code
    assert caught.value.fault.params == {"where": str(path), "detail": os.strerror(number)}
    assert path.read_bytes() == b"first" and [one.name for one in path.parent.iterdir()] == ["file"]
