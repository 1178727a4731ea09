"""A badge over a standing: who may hold one, what it names, and that it is refused once changed or taken back."""

from __future__ import annotations

import hashlib
import http.server
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.credentials.badges import did, issue, own_document
from lumbung.centre.credentials.models import Badge
from lumbung.centre.runs.models import EvidenceRecord
from lumbung.cli import main
from lumbung.talent.credentials import verify_badge
from lumbung.talent.credentials.emblem import unbake_svg
from lumbung.talent.credentials.paper import read_pdf
from sitting_people import finished_sitting
from small_league import NOW, League, person

pytestmark = pytest.mark.one_database

FORM = {"name": "", "language": "en", "shared": "on"}


def signed_in(user: Any) -> Client:
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(user)
    return client


def ranked(league: League, figures: dict[str, list[float]], who: str = "member") -> str:
    """A submission that was judged; returns its token."""
    node = league.node(name=f"node-{who}")
    token: str = league.submit(who, solution=f"def solve(p): return {figures!r}").json()["submission"]
    job = node.lease()
    assert job is not None
    assert node.deliver(job, node.evidence(job, figures)).status_code == 200
    return token


def test_a_team_member_holds_a_badge_over_the_standing(league: League) -> None:
    token = ranked(league, {"all": [1.0, 1.2, 0.9, 1.1, 1.15, 0.95]})
    ranked(league, {"all": [2.0, 2.2, 1.9, 2.3, 2.1, 2.05]}, "stranger")
    browser = signed_in(league.member)
    assert f"/badges/standings/{token}/" in browser.get("/badges/").content.decode()
    page = browser.get(f"/badges/standings/{token}/").content.decode()
    assert "rank 1 to" in page and "of 2 solutions" in page
    assert signed_in(league.stranger).get(f"/badges/standings/{token}/").status_code == 404
    made = browser.post(f"/badges/standings/{token}/", FORM)
    badge = Badge.objects.get()
    assert made["Location"] == f"/badges/{badge.token}/" and badge.sitting is None
    document, visitor = badge.document, Client()
    envelope = EvidenceRecord.objects.get(run__submission__token=token).envelope
    named = [piece["id"] for piece in document["evidence"]]
    assert named == [f"urn:sha256:{hashlib.sha256(envelope.encode()).hexdigest()}"]
    run = EvidenceRecord.objects.get(run__submission__token=token).run.token
    downloaded = league.api["visitor"]("GET", f"/runs/{run}/evidence").content
    assert hashlib.sha256(downloaded).hexdigest() in named[0], "what everybody downloads is what is named"
    results = {
        r["resultDescription"].split("#")[1]: r["value"] for r in document["credentialSubject"]["result"]
    }
    assert float(results["low"]) < 1.05 < float(results["high"]) and results["score"].startswith("1.05")
    assert (results["rank_low"], results["solutions"], results["cases"]) == ("1", "2", "6")
    assert "with 95 % confidence between" in visitor.get(f"/badges/{badge.token}/").content.decode()
    pdf = visitor.get(f"/badges/{badge.token}.pdf").content
    assert json.loads(read_pdf(pdf)) == document
    assert json.loads(unbake_svg(visitor.get(f"/badges/{badge.token}.svg").content.decode())) == document
    browser.post(f"/badges/standings/{token}/", FORM)
    assert Badge.objects.count() == 1, "one in force for a standing and a person"


def test_it_is_refused_once_changed_or_taken_back(league: League) -> None:
    token = ranked(league, {"all": [1.0, 1.2, 0.9, 1.1, 1.15, 0.95]})
    browser, now = signed_in(league.member), datetime.now(UTC)
    browser.post(f"/badges/standings/{token}/", FORM)
    badge = Badge.objects.get()
    known = {"now": now + timedelta(minutes=1), "trusted": [did()], "did_documents": {did(): own_document()}}

    def lists() -> list[bytes]:
        return [Client().get("/status/1").content]

    assert (
        verify_badge(json.dumps(badge.document), status_lists=lists(), require_status=True, **known).code
        == "valid"
    )
    changes = [
        ("evidence", lambda d: d["evidence"][0].update(id="urn:sha256:" + "0" * 64)),
        ("rank", lambda d: d["credentialSubject"]["result"][3].update(value="9")),
        ("words", lambda d: d["credentialSubject"].update(narrative="The best of all.")),
    ]
    for what, change in changes:
        altered = json.loads(json.dumps(badge.document))
        change(altered)
        assert verify_badge(json.dumps(altered), **known).code == "tampered", what
    browser.post(f"/badges/{badge.token}/revoke", {"reason": ""})
    assert verify_badge(json.dumps(badge.document), status_lists=lists(), **known).code == "revoked"


def test_it_falls_with_the_evidence_that_it_names_and_another_can_be_had(league: League) -> None:
    token = ranked(league, {"all": [1.0, 1.2, 0.9, 1.1, 1.15, 0.95]})
    others = ranked(league, {"all": [2.0, 2.2, 1.9, 2.3, 2.1, 2.05]}, "stranger")
    signed_in(league.member).post(f"/badges/standings/{token}/", FORM)
    signed_in(league.stranger).post(f"/badges/standings/{others}/", FORM)
    badge, other = (Badge.objects.get(submission__token=each) for each in (token, others))
    revoked = league.api["owner"]("POST", "/nodes/node-member/revoke", {"since": NOW.isoformat()})
    assert revoked.status_code == 200 and len(revoked.json()["fallen"]) == 1
    known = {
        "now": datetime.now(UTC) + timedelta(minutes=1), "trusted": [did()], "did_documents": {did(): own_document()},
        "status_lists": [Client().get("/status/1").content], "require_status": True,
    }  # fmt: skip
    assert verify_badge(json.dumps(badge.document), **known).code == "revoked"
    assert verify_badge(json.dumps(other.document), **known).code == "valid", "it names other evidence"
    body = Client().get(f"/badges/{badge.token}/").content.decode()
    assert "the key that signed it was revoked" in body and "no fault of the holder" in body
    node = league.node("node-again")
    assert league.api["owner"]("POST", "/challenges/toy/1/fallen").status_code == 201
    job = node.lease()
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 1.2, 0.9, 1.1, 1.15, 0.95]})).status_code == 200
    signed_in(league.member).post(f"/badges/standings/{token}/", FORM)
    assert Badge.objects.filter(submission__token=token, revoked=None).count() == 1


def test_its_page_says_that_a_newer_version_has_opened(league: League) -> None:
    token = ranked(league, {"all": [1.0, 1.2, 0.9, 1.1, 1.15, 0.95]})
    signed_in(league.member).post(f"/badges/standings/{token}/", FORM)
    page = f"/badges/{Badge.objects.get().token}/"
    first = Challenge.objects.get()
    assert "has opened since" not in Client().get(page).content.decode()
    first.pk, first.version = None, 2
    first.save()
    assert "This badge is over version 1" in Client().get(page).content.decode()
    Challenge.objects.filter(version=2).update(state="draft")
    assert "This badge is over version 1" not in Client().get(page).content.decode()


def test_one_case_gives_no_interval_and_so_no_badge(league: League) -> None:
    token = ranked(league, {"all": [1.0]})
    browser = signed_in(league.member)
    assert "nothing yet" in browser.get(f"/badges/standings/{token}/").content.decode()
    browser.post(f"/badges/standings/{token}/", FORM)
    assert not Badge.objects.exists()


def test_no_badge_from_under_an_embargo(league: League) -> None:
    node = league.node()
    token = league.submit(phase="final").json()["submission"]
    job = node.lease()
    if job is not None:
        node.deliver(job, node.evidence(job, {"all": [1.0, 2.0, 3.0]}))
    browser = signed_in(league.member)
    assert token not in browser.get("/badges/").content.decode()
    assert browser.get(f"/badges/standings/{token}/").status_code == 404


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The centre behind TLS on this machine, under a name that its own certificate vouches for."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "tls.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    ca = tmp_path / "ca.pem"
    ca.write_bytes(certificate.public_bytes(Encoding.PEM))
    server: http.server.HTTPServer = make_server("localhost", 0, WSGIHandler(), handler_class=_Silent)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    settings.PUBLIC_URL = f"https://localhost:{server.server_port}"
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    settings.HOME = tmp_path / "centre"
    monkeypatch.setenv("SSL_CERT_FILE", str(ca))
    monkeypatch.setenv("LUMBUNG_HOME", str(tmp_path / "reader"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield tmp_path
    server.shutdown()
    server.server_close()
    thread.join()


def verify(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["talent", "verify", *map(str, words)])


@pytest.mark.django_db
def test_the_centres_did_is_fetched_or_saved_and_keys_change_under_it(served: Path) -> None:
    learner = person("learner@example.org")
    old = issue(learner, finished_sitting(learner), language="en", name="", shared=True, now=NOW)
    (served / "old.json").write_text(json.dumps(old.document))
    assert did().startswith("did:web:localhost%3A")
    keys = served / "centre" / "keys"
    (keys / "badges.pem").rename(keys / "badges-2026.pem")
    other = person("other@example.org")
    new = issue(other, finished_sitting(other), language="en", name="", shared=True, now=NOW)
    (served / "new.json").write_text(json.dumps(new.document))
    methods = {proof["verificationMethod"] for badge in (old, new) for proof in badge.document["proof"]}
    assert len(methods) == 2 and methods == set(own_document()["assertionMethod"])
    files = [served / "old.json", served / "new.json", "--trust", did()]
    alone = verify(*files)
    assert alone.exit_code == 2 and alone.stdout.count("FAIL") == 2, (
        "without network and document nobody knows"
    )
    fetched = verify(*files, "--fetch")
    assert fetched.exit_code == 0 and fetched.stdout.count("ok  ") == 2, fetched.output
    saved = served / "saved.did.json"
    saved.write_bytes(Client().get("/.well-known/did.json").content)
    assert verify(*files, "--did-document", saved).exit_code == 0, "offline, from a saved document"
    (keys / "badges-2026.pem").unlink()
    withdrawn = verify(*files, "--fetch", "--json").stdout.splitlines()
    assert [json.loads(line)["ok"] for line in withdrawn] == [False, True], "a key taken out fails its badges"
