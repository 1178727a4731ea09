"""Deliveries of a node that is broken or hostile: each altered field is refused, and nothing answers with a fault of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lumbung.centre.challenges.models import Phase
from lumbung.centre.runs.models import EvidenceRecord, Run
from lumbung.proving.challenge import Egress
from lumbung.proving.digest import digest_data
from lumbung.proving.evidence import EvidenceError, sign
from making_evidence import evidence_of
from small_league import Api

ZERO = "sha256:" + "0" * 64
LATER = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def node(league):
    return league.node()


def job_of(league, node, phase="practice"):
    assert league.submit(phase=phase).status_code == 201
    return node.lease()


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": ""}, {"nonce": "another-run-0000000"}, {"challenge": "other"}, {"challenge_version": 2},
        {"challenge_digest": ZERO}, {"phase": "final"}, {"submission_digest": ZERO}, {"private": True},
        {"judge": "toy.other"}, {"judge_version": 9}, {"rule": "aggregate"}, {"country": "CN"},
        {"started": datetime(1970, 1, 1, tzinfo=UTC)}, {"started": LATER, "finished": LATER},
        {"finished": datetime(2099, 1, 1, tzinfo=UTC)},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_evidence_with_one_altered_field_is_refused(league, node, changes):
    job = job_of(league, node)
    if "rule" in changes:
        changes = {"rule": "pictures"}
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]}, **changes)).status_code == 422
    assert not EvidenceRecord.objects.exists()


@pytest.mark.parametrize("field", ["cases_digest", "options_digest"])
def test_public_cases_and_options_are_the_same_for_every_run(league, node, field):
    first = job_of(league, node)
    assert node.deliver(first, node.evidence(first, {"all": [1.0, 2.0]})).status_code == 200
    second = job_of(league, node)
    other = node.evidence(second, {"all": [1.5, 2.0]}, **{field: digest_data("other")})
    assert node.deliver(second, other).status_code == 422


def test_the_same_submission_twice_gives_two_pieces_of_evidence(league, node):
    for _ in range(2):
        job = job_of(league, node)
        assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]})).status_code == 200
    assert EvidenceRecord.objects.values("digest").distinct().count() == 2
    assert EvidenceRecord.objects.values("figures_digest").distinct().count() == 1


@pytest.mark.parametrize(
    "told",
    [{"log": "row-7 is 12.5"}, {"words": "row-7 is 12.5"}, {"pictures": [ZERO]}],
    ids=lambda told: next(iter(told)),
)
def test_text_beside_no_evidence_is_held_to_the_rule_too(league, node, told):
    job = job_of(league, node, "final")
    fault = {"owner": "submission", "code": "crashed"}
    assert node.deliver(job, None, fault=fault, **told).status_code == 422
    assert not Run.objects.filter(log__contains="row-7").exists()


def test_names_of_private_groups_do_not_pass(league, node):
    job = job_of(league, node, "final")
    means = evidence_of({"all": [1.0, 2, 3, 4, 5]}, egress=Egress("aggregate", 5), metric="mae").aggregates
    named = tuple(msgspec.structs.replace(mean, group="village-of-ani") for mean in means)
    piece = node.evidence(job, {}, rows=(), aggregates=named, case_count=5, finished_count=5)
    assert node.deliver(job, piece).status_code == 422


@pytest.mark.parametrize("count", [2**31, 2**63, 2**64 - 1])
def test_counts_that_no_database_keeps_are_refused(league, node, count):
    job = job_of(league, node)
    told = {"lease": job.lease, "finished": count, "total": count}
    assert node.api("POST", f"/node/runs/{job.run}/renew", told).status_code == 400
    piece = node.evidence(job, {"all": [1.0, 2.0]}, case_count=count)
    with pytest.raises(EvidenceError, match="case_count"):
        sign(piece, node.key)


WORDS = st.text(max_size=12) | st.sampled_from(["", "a" * 300, "\u202e", "\x00", "{}"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["lease", "envelope", "fault", "log", "pictures", "words", "finding", "extra"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(FIELDS, JSON, max_size=4), raw=st.binary(max_size=20) | st.none())
def test_no_delivery_answers_with_a_fault_of_ours(league, node, changes, raw):
    run = Run.objects.filter(state="leased").first()
    if run is None:
        Phase.objects.update(daily_limit=10_000)
        job_of(league, node)
        run = Run.objects.get(state="leased")
    body = raw if raw is not None else {"lease": run.lease, **changes}
    try:
        sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
    except (UnicodeEncodeError, msgspec.MsgspecError):
        return
    client: Api = node.api
    client.client.raise_request_exception = False
    for address in (
        f"/node/runs/{run.token}/result",
        f"/node/runs/{run.token}/renew",
        f"/node/runs/{run.token}/held",
    ):
        assert client("POST", address, sent).status_code < 500
