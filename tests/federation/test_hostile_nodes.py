"""What a node may say: each thing that a hostile one tried is refused with its reason, and ends its run where it must."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from lumbung.centre.challenges.models import Blob
from lumbung.centre.members.models import AuditEntry
from lumbung.centre.runs import services
from lumbung.centre.runs.models import EvidenceRecord, Run, Submission
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.envelope import seal
from lumbung.proving.evidence import PAYLOAD_TYPE, sign
from lumbung.proving.keys import public_pem
from making_evidence import evidence_of
from small_league import Api, FakeNode, build_league, join, organisation

FIVE = {"all": [1.0, 2.0, 3.0, 4.0, 5.0]}
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.fixture
def league(db, tmp_path, hosts):
    """A small league inside one transaction."""
    return build_league(tmp_path)


@pytest.fixture
def node(league):
    return league.node()


@pytest.fixture
def job(league, node):
    assert league.submit().status_code == 201
    return node.lease()


@pytest.fixture
def private_job(league, node):
    assert league.submit(phase="final").status_code == 201
    return node.lease()


def private_piece(node, job, **changes):
    told = evidence_of(FIVE, egress=Egress(), metric="mae")
    piece = node.evidence(job, FIVE)
    return msgspec.structs.replace(
        piece, rows=(), aggregates=told.aggregates, rule="aggregate", private=True, **changes
    )


def renew(node, job, **told):
    return node.api(
        "POST", f"/node/runs/{job.run}/renew", {"lease": job.lease, "finished": 1, "total": 5, **told}
    )


def refused(answer, words):
    """Tell whether a result was refused for this reason, and ended its run."""
    assert answer.status_code == 422 and words in answer.json()["detail"], answer.content
    run = Run.objects.get()
    assert (run.state, run.fault_owner, run.fault_code) == ("faulted", "platform", "result_refused")
    assert not EvidenceRecord.objects.exists()
    return True


def test_a_private_case_is_never_named(node, private_job):
    answer = renew(node, private_job, case="patient-4711")
    assert answer.status_code == 400 and "never named" in answer.json()["detail"]
    assert Run.objects.get().current_case == ""
    assert renew(node, private_job).status_code == 200 and Run.objects.get().finished_cases == 1


def test_a_public_case_is_named(node, job):
    assert renew(node, job, case="all/01").status_code == 200
    assert Run.objects.get().current_case == "all/01"


def test_no_more_cases_are_finished_than_there_are(node, job):
    answer = renew(node, job, finished=6)
    assert answer.status_code == 400 and "6 cases finished of 5" in answer.json()["detail"]
    assert Run.objects.get().finished_cases == 0


def test_a_fault_stands_in_the_evidence_or_nowhere(node, job):
    answer = node.deliver(job, node.evidence(job, FIVE), fault={"owner": "submission", "code": "raised"})
    assert refused(answer, "a fault beside evidence that says otherwise")


def test_what_is_not_whole_says_why(node, job):
    assert refused(
        node.deliver(job, node.evidence(job, FIVE, case_count=9)), "5 cases finished of 9, and no fault"
    )


@pytest.mark.parametrize(
    "bounds", [{"patient_4711_is_positive": (0.0, 1.0)}, {"mae": (0.0, None), "x": (0.25, None)}]
)
def test_bounds_carry_nothing_else(node, private_job, bounds):
    answer = node.deliver(private_job, private_piece(node, private_job, bounds=bounds))
    assert refused(answer, "bounds of metrics of which nothing leaves")


def test_bounds_are_those_of_the_first_run(league, node, private_job):
    first = private_piece(node, private_job, bounds={"mae": (0.0, None)})
    assert node.deliver(private_job, first).status_code == 200
    assert league.submit(phase="final", solution="def solve(p): return {1: 1}").status_code == 201
    again = node.lease()
    answer = node.deliver(again, private_piece(node, again, bounds={"mae": (0.123456789, None)}))
    assert answer.status_code == 422 and "other bounds" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["a team's archive", "nothing", "too many"])
def test_a_picture_is_one_that_was_uploaded(league, node, job, name):
    drawn = node.api("POST", "/node/pictures", SVG).json()["digest"]
    pictures = {
        "a team's archive": [drawn, job.submission_blob], "nothing": ["sha256:" + "0" * 64], "too many": [drawn] * 65
    }[name]  # fmt: skip
    answer = node.deliver(job, node.evidence(job, FIVE), pictures=pictures)
    assert refused(answer, "a picture that was not uploaded, or cannot be shown")


def test_a_picture_is_shown(league, node, job):
    drawn = node.api("POST", "/node/pictures", SVG).json()["digest"]
    assert node.deliver(job, node.evidence(job, FIVE), pictures=[drawn]).status_code == 200
    page = Client()
    page.force_login(league.member)
    assert b"".join(page.get(f"/runs/{job.run}/pictures/1.svg").streaming_content) == SVG


@pytest.mark.parametrize(
    "svg",
    [
        b"<svg onload='alert(1)'/>", b"<svg><script>alert(1)</script></svg>", b"<svg>\x00</svg>", b"<svg>\xff</svg>", b"<html>",
        b"<svg><image href='https://elsewhere.example/x'/></svg>",
    ],
)  # fmt: skip
def test_a_picture_runs_nothing_and_fetches_nothing(node, svg):
    before = Blob.objects.count()
    assert node.api("POST", "/node/pictures", svg).status_code == 400
    assert Blob.objects.count() == before


def test_what_a_node_writes_steers_no_terminal(league, node, job):
    steering = "\x1b]0;mine\x07 \u202egnp.exe\n"
    answer = node.deliver(
        job, None, fault={"owner": "challenge", "code": "judge_raised"}, words=steering, log=steering
    )
    assert answer.status_code == 200
    run, plain = Run.objects.get(), "\\x1b]0;mine\\x07 \\u202egnp.exe\n"
    assert (run.words, run.log) == (plain, plain)


def test_withdrawing_what_is_judged_on_private_cases_gives_no_place_back(league, node, private_job):
    withdraw = league.api["member"]("POST", f"/submissions/{Run.objects.get().submission.token}/withdraw")
    assert withdraw.status_code == 200 and Submission.objects.get().counts
    second = league.submit(phase="final", solution="def solve(p): return {2: 2}").json()["submission"]
    assert league.api["member"]("POST", f"/submissions/{second}/withdraw").status_code == 200
    assert [each.counts for each in Submission.objects.order_by("pk")] == [True, False], "no node had begun"


@pytest.mark.parametrize(
    "spoilt",
    [{"case": "case-siti-rahayu-1987"}, {"case": "case-00009"}, {"group": "group-ward-7"}, {"group": "group-1/7"}, {"seed": 7}, {}],
)  # fmt: skip
def test_a_private_case_has_a_number_and_no_name(spoilt):
    rule = Egress("per-case", 1, 4, min_rows=1, reveal="every")
    piece = evidence_of(FIVE, egress=rule, metric="mae")
    rows = (piece.rows[0], msgspec.structs.replace(piece.rows[1], **spoilt), *piece.rows[2:])
    piece = msgspec.structs.replace(piece, rows=rows)
    if not spoilt:
        services._check_egress(piece, rule, Ranking("mae", "lower"))
        return
    with pytest.raises(services.NodeLied, match="names of private cases"):
        services._check_egress(piece, rule, Ranking("mae", "lower"))


@pytest.mark.parametrize(
    "exact",
    [{"wall_s": 0.123456789}, {"cpu_s": 1e308}, {"peak_memory_bytes": 1_234_567}, {"wall_s": 0.0},
     {"started": datetime.now(UTC).replace(microsecond=4711)}],
)  # fmt: skip
def test_what_a_private_run_used_is_told_coarsely(node, private_job, exact):
    answer = node.deliver(private_job, private_piece(node, private_job, **exact))
    assert refused(answer, "more exactly than private cases allow")


@pytest.mark.parametrize("left_out", [5, 4, 1])
def test_a_score_rests_on_every_case_that_was_judged(node, job, left_out):
    """Of no figures the mean would be 0, which nobody beats where less is better."""
    piece = node.evidence(job, FIVE)
    statement = msgspec.json.decode(base64.b64decode(msgspec.json.decode(sign(piece, node.key))["payload"]))
    del statement["predicate"]["rows"][:left_out]
    envelope = seal(msgspec.json.encode(statement), PAYLOAD_TYPE, node.key).decode()
    answer = node.api("POST", f"/node/runs/{job.run}/result", {"lease": job.lease, "envelope": envelope})
    assert answer.status_code == 422 and f"figures of {5 - left_out} cases" in answer.json()["detail"]
    assert not EvidenceRecord.objects.exists()


def test_a_score_rests_on_a_case_at_least(node, job):
    piece = node.evidence(job, {}, case_count=0, finished_count=0)
    assert refused(node.deliver(job, piece), "and no fault")


def joining(league, key, *, name="node-a", organisation=None):
    home = organisation or league.organisation
    code = league.api["owner"]("POST", f"/organisations/{home.slug}/enrol-node").json()["code"]
    isolation = {"kind": "bubblewrap", "limits_by": "cgroup2"}
    card = {"name": name, "country": home.country, "public_key": public_pem(key.public_key()).decode(),
            "challenges": ["toy"], "version": "0.1.0", "isolation": isolation}  # fmt: skip
    return Api()("POST", "/node/join", card, **{"X-Enrolment": code})


def test_a_node_whose_secret_was_lost_on_the_line_joins_again_with_its_key(league, node, job):
    again = joining(league, node.key)
    assert again.status_code == 201
    assert node.api("POST", f"/node/runs/{job.run}/renew", {}).status_code == 401, (
        "the secret before is worth nothing"
    )
    back = FakeNode(Api(again.json()["token"]), node.key, "ID")
    assert back.deliver(job, back.evidence(job, FIVE)).status_code == 200
    assert AuditEntry.objects.filter(act="node.token_renewed", subject="node-a").exists()


def test_nobody_comes_back_as_another(league, node):
    other = organisation("kota-lain")
    join(league.owner, other, "administrator")
    stranger = Ed25519PrivateKey.generate()
    for key, changes in [
        (stranger, {}), (node.key, {"name": "node-b"}), (node.key, {"organisation": other}), (stranger, {"organisation": other}),
    ]:  # fmt: skip
        answer = joining(league, key, **changes)
        assert answer.status_code == 400 and "has joined before" in answer.json()["detail"]
