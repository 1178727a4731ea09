"""The passport of a submission at the centre: what everybody may see, all of it, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.credentials.badges import did, own_document
from lumbung.centre.members.signing import centre_key
from lumbung.centre.runs.models import EvidenceRecord, NodeKey
from lumbung.proving.principles import PRINCIPLES
from lumbung.talent.credentials.model_passport import Verified, verify_passport
from small_league import League

pytestmark = pytest.mark.one_database
FIGURES = {"all": [1.0, 1.2, 0.9, 1.1, 1.15, 0.95]}


def judged(league: League, node: str = "node-a", figures: dict[str, list[float]] = FIGURES) -> str:
    """A submission that was judged; returns its token."""
    at = league.node(name=node)
    token: str = league.submit("member").json()["submission"]
    job = at.lease()
    assert job is not None
    assert at.deliver(job, at.evidence(job, figures)).status_code == 200
    return token


def verified(document: bytes) -> Verified:
    """What one finds who trusts the centre's key alone, without asking it."""
    return verify_passport(
        document, [centre_key().public_key()], now=datetime.now(UTC), documents={did(): own_document()}
    )


def test_a_ministry_takes_a_passport_from_the_page_and_verifies_it_offline(league: League) -> None:
    token, visitor = judged(league), Client()
    page = visitor.get(f"/passports/{token}/").content.decode()
    assert "1.05" in page and page.count("No test here covers:") == len(PRINCIPLES) == 7
    run = EvidenceRecord.objects.get().run.token
    assert f"/passports/{token}/" in visitor.get(f"/runs/{run}/evidence/").content.decode()
    answer = visitor.get(f"/passports/{token}.json")
    assert "attachment" in answer["Content-Disposition"]
    found = verified(answer.content)
    assert found.holds, [check.said("en") for check in found.checks if not check.holds]
    assert found.passport is not None and found.issuer == did()
    assert "keys_good" in {check.code for check in found.checks}


@pytest.mark.parametrize(("language", "said"), [("id", "Paspor model"), ("zh-hans", "模型护照")])
def test_the_page_is_in_the_reader_s_language(league: League, language: str, said: str) -> None:
    token = judged(league)
    page = Client(HTTP_ACCEPT_LANGUAGE=language).get(f"/passports/{token}/").content.decode()
    assert said in page and "No test here" not in page and "Weakest" not in page


def test_what_not_everybody_may_see_is_in_no_passport(league: League) -> None:
    token, visitor = judged(league), Client()
    for hidden in ({"by_invitation": True}, {"state": "draft"}):
        shown = Challenge.objects.filter(slug="toy").values(*hidden)[0]
        Challenge.objects.filter(slug="toy").update(**hidden)
        assert visitor.get(f"/passports/{token}/").status_code == 404
        assert visitor.get(f"/passports/{token}.json").status_code == 404
        Challenge.objects.filter(slug="toy").update(**shown)
    record = EvidenceRecord.objects.get()
    phase = record.run.submission.phase
    phase.embargo, phase.closes = True, None
    phase.save()
    assert visitor.get(f"/passports/{token}/").status_code == 404
    phase.embargo = False
    phase.save()
    assert visitor.get(f"/passports/{token}/").status_code == 200
    EvidenceRecord.objects.update(fallen=datetime.now(UTC))
    assert visitor.get(f"/passports/{token}.json").status_code == 404
    EvidenceRecord.objects.update(fallen=None)
    assert visitor.get(f"/passports/{token}.json").status_code == 200
    NodeKey.objects.update(revoked_from=datetime.now(UTC))
    assert visitor.get(f"/passports/{token}.json").status_code == 404
    assert visitor.get("/passports/nobody/").status_code == 404


def test_a_submission_that_waits_has_none(league: League) -> None:
    token = league.submit("member").json()["submission"]
    assert league.api["visitor"]  # the league is there
    assert Client().get(f"/passports/{token}/").status_code == 404


def test_all_evidence_on_the_same_content_is_in_it_and_none_can_be_left_out(league: League) -> None:
    first = judged(league)
    second = judged(league, "node-b", {"all": [3.0, 3.2, 2.9, 3.1, 3.15, 2.95]})
    documents = [json.loads(Client().get(f"/passports/{token}.json").content) for token in (first, second)]
    told = [[test["mean"] for test in document["credentialSubject"]["tests"]] for document in documents]
    assert told[0] == told[1] and len(told[0]) == 2
    page = Client().get(f"/passports/{first}/").content.decode()
    assert "found something else" in page


def test_a_second_judging_that_differs_stands_beside_the_first(league: League) -> None:
    first, second = league.node(name="node-a"), league.node(name="node-b")
    token = league.submit("member").json()["submission"]
    job = first.lease()
    assert job is not None
    assert first.deliver(job, first.evidence(job, FIGURES)).status_code == 200
    assert league.api["owner"]("POST", f"/runs/{job.run}/rejudge", {"node": "node-b"}).status_code == 201
    again = second.lease()
    assert again is not None
    worse = second.evidence(again, {"all": [9.0, 9.2, 8.9, 9.1, 9.15, 8.95]})
    assert second.deliver(again, worse).status_code == 200
    told = json.loads(Client().get(f"/passports/{token}.json").content)["credentialSubject"]["tests"]
    assert len(told) == 2 and all(len(test["contradicts"]) == 1 for test in told)
    assert Client().get(f"/passports/{token}/").content.decode().count("found something else") == 2


def test_words_that_were_amended_since_spoil_no_passport(league: League) -> None:
    token = judged(league)
    challenge = Challenge.objects.get(slug="toy")
    challenge.record["title"] = {"en": "A finer toy", "id": "Mainan yang lebih baik", "zh": "更好的玩具"}
    challenge.save()
    found = verified(Client().get(f"/passports/{token}.json").content)
    assert (
        found.holds and found.passport is not None and found.passport.questions[0].title.en == "A finer toy"
    )


def test_whoever_trusts_another_centre_is_told_so(league: League) -> None:
    document = Client().get(f"/passports/{judged(league)}.json").content
    stranger = Ed25519PrivateKey.generate().public_key()
    found = verify_passport(document, [stranger], now=datetime.now(UTC), documents={did(): own_document()})
    assert {check.code for check in found.checks if not check.holds} == {"no_list"}
