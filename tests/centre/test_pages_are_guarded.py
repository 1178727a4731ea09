"""Forgery, injected scripts, guessing, and what machines may read: the portal's guards."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import lumbung.centre
from lumbung.centre.members.models import AuditEntry
from small_stage import PAGES, Stage

pytestmark = pytest.mark.one_database

INLINE = re.compile(
    r"<style|\sstyle=|\son\w+=|<script(?![^>]*\b(?:src=|type=\"application/json\"))|=.javascript:", re.I
)
TEMPLATES = sorted(Path(lumbung.centre.__file__).parent.rglob("templates/**/*.html"))


@pytest.mark.parametrize("opening", ["<pre", '<div class="scroll'])
def test_what_may_scroll_sideways_is_reached_by_keyboard(opening: str) -> None:
    found = [
        (path.name, tag)
        for path in TEMPLATES
        for tag in re.findall(re.escape(opening) + "[^>]*>", path.read_text())
    ]
    assert len(found) > 5 and not [each for each in found if 'tabindex="0"' not in each[1]]


# The page that verifies badges stands alone, under a stricter policy of its own (test_talent.py).
VIEWS = [a for (method, a), _ in PAGES.items() if method == "GET" and a != "/badges/verify/"]
SIGN_IN = ["/accounts/login/", "/accounts/signup/", "/accounts/2fa/", "/accounts/email/", "/no-such-page"]


def test_no_page_has_inline_code_and_every_page_forbids_it(stage: Stage) -> None:
    seen = 0
    for who in ("visitor", "member", "admin", "staff"):
        browser = stage.browser(who)
        for address in [*VIEWS, *SIGN_IN]:
            response = browser.get(address.format(**stage.names))
            policy = response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            if "sandbox" in policy:  # a stranger's drawing, styled inside
                assert address.endswith("/picture.svg") and policy.startswith("default-src 'none'; style-src")
                continue
            assert "unsafe" not in policy and "script-src 'self'" in policy
            if response.headers["Content-Type"].startswith("text/html"):
                seen += 1
                assert not INLINE.search(response.content.decode()), address
    assert seen > 100


def test_posts_without_their_token_are_refused(stage: Stage) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"Accept-Language": "id"})
    browser.force_login(stage.league.owner)
    for (method, address), _ in PAGES.items():
        if method == "POST":
            answer = browser.post(address.format(**stage.names))
            assert answer.status_code == 403, address
            assert "Formulir ini sudah terlalu lama" in answer.content.decode()


def test_guessing_a_password_is_slowed_down(league: Any) -> None:
    browser = Client(headers={"Accept-Language": "zh-hans"})
    wrong = {"login": league.member.email, "password": "wrong"}
    for _ in range(5):
        assert browser.post("/accounts/login/", wrong).status_code == 200
    right = {"login": league.member.email, "password": "a long password"}
    answer = browser.post("/accounts/login/", right)
    assert answer.status_code != 302, "even the right password waits now"
    assert "_auth_user_id" not in browser.session


@pytest.mark.django_db
def test_many_requests_get_a_page_that_says_so() -> None:
    browser = Client(headers={"Accept-Language": "id"})
    form = {"email": "not an address"}
    answers = [browser.post("/accounts/signup/", form) for _ in range(41)]
    assert answers[-1].status_code == 429
    assert "Terlalu banyak permintaan" in answers[-1].content.decode()


@pytest.mark.django_db
def test_plans_are_computed_for_one_address_so_often_and_for_another_still() -> None:
    browser = Client(headers={"Accept-Language": "id"})
    looked = [browser.get("/talent/road/", {"scenario": "nobody's"}) for _ in range(301)]
    assert {answer.status_code for answer in looked[:300]} == {400} and looked[300].status_code == 429
    asked = [browser.get("/talent/road/plan/", {"scenario": "nobody's"}) for _ in range(31)]
    assert {answer.status_code for answer in asked[:30]} <= {200, 400} and asked[30].status_code == 429
    assert "Terlalu banyak permintaan" in asked[30].content.decode()
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get("/talent/road/plan/").status_code == 200


@pytest.mark.django_db
def test_behind_a_proxy_rates_are_counted_per_address_that_the_proxy_saw(settings: Any) -> None:
    """What a client writes into X-Forwarded-For itself stands before what the proxy appends, and changes nothing."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    asked = [
        Client(headers={"X-Forwarded-For": f"10.0.0.{i}, 192.0.2.7"}).get("/talent/road/plan/")
        for i in range(31)
    ]
    assert asked[29].status_code == 200 and asked[30].status_code == 429
    other = Client(headers={"X-Forwarded-For": "10.0.0.1, 192.0.2.8"})
    assert other.get("/talent/road/plan/").status_code == 200


def test_uploads_over_the_limit_are_refused(league: Any, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 1 << 20
    browser = Client()
    browser.force_login(league.member)
    big = SimpleUploadedFile("big.tar", b"0" * ((1 << 20) + 1))
    form = {"team": "rice-rocket", "phase": "practice", "archive": big}
    answer = browser.post("/challenges/toy/submit/", form)
    assert answer.status_code == 400 and "larger than the 1 MiB" in answer.content.decode()
    assert not AuditEntry.objects.filter(act="submission.handed_in").exists()


def test_metrics_are_for_this_machine_or_a_token(league: Any, settings: Any) -> None:
    league.submit()
    here = Client().get("/metrics")
    assert 'lumbung_runs{state="queued"} 1.0' in here.content.decode()
    assert "lumbung_nodes_alive 0.0" in here.content.decode()
    assert Client(REMOTE_ADDR="10.0.0.9").get("/metrics").status_code == 403
    assert Client(headers={"X-Forwarded-For": "10.0.0.9"}).get("/metrics").status_code == 403
    settings.METRICS_TOKEN = "secret"
    far = {"REMOTE_ADDR": "10.0.0.9"}
    assert Client(**far).get("/metrics", headers={"Authorization": "Bearer secret"}).status_code == 200
    assert Client(**far).get("/metrics", headers={"Authorization": "Bearer else"}).status_code == 403


def test_cookies_are_secure_behind_tls(tmp_path: Any) -> None:
    code = (
        "from lumbung.centre import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.SESSION_COOKIE_HTTPONLY, "
        "s.ALLAUTH_TRUSTED_PROXY_COUNT == 1)"
    )
    env = {**os.environ, "LUMBUNG_HTTPS": "1", "LUMBUNG_HOME": str(tmp_path)}
    shown = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["True"] * 5


def test_a_token_is_shown_once_and_kept_nowhere(league: Any) -> None:
    browser = Client()
    browser.force_login(league.member)
    answer = browser.post("/account/tokens", {"name": "laptop", "scopes": ["read"], "days": 30})
    (secret,) = set(re.findall(r"lbg_[\w-]{20,}", answer.content.decode()))
    assert answer.headers["Cache-Control"] == "no-store"
    assert secret not in browser.get("/account/").content.decode()
    mine = Client().get("/api/me", headers={"Authorization": f"Bearer {secret}"})
    assert mine.json()["email"] == league.member.email


def test_a_picture_from_a_node_can_run_nothing(stage: Stage) -> None:
    from datetime import UTC, datetime

    from lumbung.centre.challenges import blobs
    from lumbung.centre.runs.models import EvidenceRecord

    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    kept = blobs.put([svg], limit=1 << 20, now=datetime.now(UTC))
    EvidenceRecord.objects.filter(run__token=stage.names["run"]).update(pictures=[kept.digest])
    answer = Client().get(f"/runs/{stage.names['run']}/pictures/1.svg")
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy


def test_what_is_seen_signed_in_is_kept_by_no_cache(stage: Stage) -> None:
    for address in ("/", "/submissions/", "/teams/", "/account/", "/challenges/toy/"):
        assert "private" in stage.browser("member").get(address).headers.get("Cache-Control", ""), address
        assert "private" not in Client().get(address).headers.get("Cache-Control", ""), address
    shown = stage.league.api["member"]("GET", "/submissions")
    assert "private" in shown.headers["Cache-Control"] and "Authorization" in shown.headers["Vary"]


def test_a_bad_token_is_said_to_be_one(stage: Stage) -> None:
    for address in ("/submissions", "/teams"):
        for method in ("get", "post"):
            answer = getattr(stage.browser("member"), method)(
                f"/api{address}", headers={"Authorization": "Bearer lbg_wrong"}
            )
            assert answer.status_code == 401 and "CSRF" not in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "id", "zh-hans"])
def test_a_busy_database_is_said_by_page_and_api_in_their_own_form(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    from django.db import OperationalError

    from lumbung.centre.challenges import selectors

    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(selectors, "visible_challenges", locked)
    browser = Client(headers={"Accept-Language": language}, raise_request_exception=False)
    page, call = browser.get("/challenges/toy/"), browser.get("/api/challenges/toy")
    assert page.status_code == call.status_code == 503
    assert page.headers["Retry-After"] == call.headers["Retry-After"] == "5"
    assert page.headers["Content-Type"].startswith("text/html")
    assert call.headers["Content-Type"].startswith("application/json") and call.json()["detail"]


@pytest.mark.parametrize("language", ["en", "id", "zh-hans"])
@pytest.mark.parametrize("path", ["/api/none", "/api/challenges?q=%00", "/api/runs/%00", "/none", "/?q=%00"])
def test_what_fails_before_the_api_itself_is_said_in_its_form(stage: Stage, language: str, path: str) -> None:
    answer = Client(headers={"Accept-Language": language}).get(path)
    assert answer.status_code in (400, 404)
    kind = "application/json" if path.startswith("/api/") else "text/html"
    assert answer.headers["Content-Type"].startswith(kind)


@pytest.mark.parametrize("path", ["/organisations", "/node/join", "/challenges/toy/1/state"])
def test_a_form_where_json_belongs_is_said(stage: Stage, path: str) -> None:
    posted = b'--x\r\nContent-Disposition: form-data; name="state"\r\n\r\nopen\r\n--x--\r\n'
    answer = stage.league.api["owner"].client.generic(
        "POST", f"/api{path}", posted, content_type="multipart/form-data; boundary=x",
        headers={"Authorization": f"Bearer {stage.league.api['owner'].secret}"},
    )  # fmt: skip
    assert answer.status_code == 415 and "application/json" in answer.json()["detail"]
