"""What a challenge offers and asks a team to agree to, and its data described for programs."""

from __future__ import annotations

import json

import mlcroissant
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.members.models import AuditEntry
from lumbung.centre.runs.models import Submission

TERMS = {"en": "Code under **Apache-2.0**.", "id": "", "zh": ""}
SOLUTION = b"def solve(p): return {}"


def with_terms(league, **texts):
    answer = league.api["owner"]("PATCH", "/challenges/toy/1", texts or {"terms": TERMS})
    assert answer.status_code == 200, answer.content


def test_a_team_agrees_to_the_terms_as_they_were_then(league):
    assert league.submit("member").status_code == 201, "without terms nothing is asked"
    with_terms(league)
    refused = league.submit("member")
    assert refused.status_code == 400 and "has terms" in refused.json()["detail"]
    browser = Client(headers={"accept-language": "id"})
    browser.force_login(league.member)
    page = browser.get("/challenges/toy/submit/").content.decode()
    assert 'lang="en"' in page and "<strong>Apache-2.0</strong>" in page and 'name="agreed"' in page
    fields = {"team": "rice-rocket", "phase": "practice"}
    for agreed, status in (({}, 400), ({"agreed": "on"}, 302)):
        file = SimpleUploadedFile("solution.py", SOLUTION)
        answer = browser.post("/challenges/toy/submit/", {**fields, **agreed, "archive": file})
        assert answer.status_code == status
    first = AuditEntry.objects.get(act="terms.agreed")
    assert first.subject == Submission.objects.order_by("-pk")[0].token
    with_terms(league, terms={**TERMS, "en": "Code under MIT."})
    archive = SimpleUploadedFile("solution.py", SOLUTION)
    sent = {
        "team": "rice-rocket",
        "challenge": "toy",
        "phase": "practice",
        "archive": archive,
        "agreed": "true",
    }
    assert league.api["member"].upload("/submissions", sent).status_code == 201
    second = AuditEntry.objects.filter(act="terms.agreed").order_by("-number")[0]
    assert second.details["terms"] != first.details["terms"], "which words these were"
    with_terms(league, terms=dict.fromkeys(TERMS, ""))
    assert league.submit("member").status_code == 201


def test_what_a_winner_gets_stands_on_the_page(league):
    with_terms(league, offer={"en": "A pilot in Bandung.", "id": "Uji coba di Bandung.", "zh": ""})
    page = Client(headers={"accept-language": "zh-hans"}).get("/challenges/toy/").content.decode()
    assert '<div lang="en"><p>A pilot in Bandung.</p>' in page and "croissant?version=1" in page
    Challenge.objects.update(record={k: v for k, v in Challenge.objects.get().record.items() if k != "offer"})
    assert Client().get("/challenges/toy/").status_code == 200, "posed before there were offers"


def test_the_data_is_described_for_programs(league):
    answer = Client().get("/api/challenges/toy/croissant")
    assert answer["Content-Type"] == "application/ld+json"
    told = json.loads(answer.content)
    assert (
        told["conformsTo"] == "http://mlcommons.org/croissant/1.0"
        and told["license"]
        and told["name"] == "toy"
    )
    archive, *files = told["distribution"]
    assert archive["sha256"] == Challenge.objects.get().blob.digest.removeprefix("sha256:")
    assert Client().get(archive["contentUrl"].removeprefix("http://testserver")).status_code == 200
    assert all(file["containedIn"] == {"@id": "archive"} for file in files)
    named = {file["@id"] for file in files}
    (rows,) = told["recordSet"]
    assert {field["source"]["fileObject"]["@id"] for field in rows["field"]} <= named
    assert {field["dataType"] for field in rows["field"]} <= {"sc:Text", "sc:Integer", "sc:Float"}
    assert rows["field"][-1]["name"] == Challenge.objects.get().sample["target"]
    assert mlcroissant.Dataset(jsonld=told).metadata.ctx.issues.errors == set(), (
        "as the reference reader sees it"
    )
