"""Signing in other than with a password: a provider of OpenID Connect, one-time codes, recovery codes."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import httpx
import pytest
from allauth.account.models import EmailAddress
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.test import Client
from django.urls import clear_url_caches

from lumbung.centre.members.models import User
from oidc_provider import OidcProvider
from second_factor import PASSWORD, activate, member_with_password, one_time_code

pytestmark = pytest.mark.django_db
SARI = {"sub": "4711", "email": "sari@campus.example", "email_verified": True, "name": "Sari Wulandari"}


@pytest.fixture
def campus(settings: Any) -> Iterator[OidcProvider]:
    found = OidcProvider(dict(SARI))
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"], "APPS": found.setting}
    }
    clear_url_caches()
    yield found
    found.close()


def _to_the_provider(browser: Client) -> str:
    """Press the button on the sign-in page; return where the provider sends the person."""
    page = browser.get("/accounts/login/").content.decode()
    action = re.search(r'<form[^>]*action="(/accounts/oidc/campus/login/[^"]*)"', page)
    assert action and "Universitas Contoh" in page
    away = browser.post(action[1].replace("&amp;", "&"))
    assert away.status_code == 302, away.content
    back = httpx.get(away["Location"], follow_redirects=False)
    return str(back.headers["Location"])


def _sign_in(browser: Client) -> Any:
    return browser.get(_to_the_provider(browser), follow=True)


def _who(browser: Client) -> str | None:
    number = browser.session.get("_auth_user_id")
    return None if number is None else User.objects.get(pk=number).email


def test_a_newcomer_comes_in_with_name_and_language(campus: OidcProvider) -> None:
    browser = Client(headers={"Accept-Language": "id"})
    answer = _sign_in(browser)
    assert answer.status_code == 200 and _who(browser) == "sari@campus.example"
    person = User.objects.get()
    assert (person.name, person.language, person.has_usable_password()) == ("Sari Wulandari", "id", False)
    assert EmailAddress.objects.get(user=person).verified
    (asked,) = campus.asked
    assert asked["nonce"] and asked["state"] and asked["code_challenge_method"] == "S256"
    assert _sign_in(Client()).status_code == 200 and User.objects.count() == 1, (
        "the second time it is the same person"
    )


def _policy_of(providers: list[dict[str, Any]], home: Path) -> Any:
    """The content policy of a centre started with these providers."""
    code = "import json; from lumbung.centre.settings import *; print(json.dumps(CONTENT_SECURITY_POLICY))"
    env = {**os.environ, "LUMBUNG_OIDC": json.dumps(providers), "LUMBUNG_HOME": str(home)}
    shown = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    return json.loads(shown.stdout)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("named", "host"), [(True, "127.0.0.1"), (True, "localhost"), (False, "127.0.0.1")])
def test_chromium_follows_a_form_to_the_provider_that_the_policy_names_and_to_no_other(
    campus: OidcProvider,
    settings: Any,
    live_server: Any,
    tmp_path: Path,
    monkeypatch: Any,
    named: bool,
    host: str,
) -> None:
    """Chromium holds form-action against every redirect of a form, so that ``'self'`` alone would stop this one."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs Chromium on the path (Debian: apt-get install chromium)")
    campus.page = campus.url.replace("127.0.0.1", host)
    settings.CONTENT_SECURITY_POLICY = _policy_of(campus.setting if named else [], tmp_path)
    allowed = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]
    assert allowed == (["'self'", *sorted({campus.url, campus.page})] if named else ["'self'"])
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{live_server.url}/accounts/login/")
        page.locator('form[action*="/accounts/oidc/campus/login/"] button').click()
        if named:
            page.wait_for_url(f"{live_server.url}/")
        else:
            page.wait_for_timeout(1000)
        arrived = page.url
        browser.close()
    assert len(campus.asked) == named and User.objects.count() == named, complaints
    assert named or ("login" in arrived and any("form-action" in said for said in complaints)), complaints


def test_who_has_an_account_with_that_address_gets_into_it(campus: OidcProvider) -> None:
    known = User.objects.create_user("sari@campus.example", "rice barn 2026")
    EmailAddress.objects.create(user=known, email=known.email, verified=True, primary=True)
    browser = Client()
    _sign_in(browser)
    assert _who(browser) == known.email and User.objects.count() == 1
    assert known.socialaccount_set.get().uid == "4711"
    known.refresh_from_db()
    assert known.has_usable_password(), "whose address was verified keeps the password"


def test_an_address_the_provider_did_not_verify_opens_nothing(campus: OidcProvider) -> None:
    campus.person["email_verified"] = False
    known = User.objects.create_user("sari@campus.example", "rice barn 2026")
    EmailAddress.objects.create(user=known, email=known.email, verified=True, primary=True)
    browser = Client()
    _sign_in(browser)
    assert _who(browser) is None and not known.socialaccount_set.exists()


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another sign-in"},
        {"iss": "https://elsewhere.example"},
        {"aud": "another client"},
        {"exp": 1},
        {"sub": "somebody else"},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_token_with_a_wrong_claim_is_refused(campus: OidcProvider, lie: dict[str, Any]) -> None:
    campus.lie = lie
    _is_refused(Client())


def test_a_token_signed_by_somebody_else_is_refused(campus: OidcProvider) -> None:
    campus.signer = generate_private_key(65537, 2048)
    _is_refused(Client())


@pytest.mark.parametrize(("algorithm", "signer"), [("none", ""), ("HS256", "between us" * 4)])
def test_a_token_without_a_public_key_is_refused(campus: OidcProvider, algorithm: str, signer: str) -> None:
    campus.algorithm, campus.signer = algorithm, signer
    _is_refused(Client())


def _is_refused(browser: Client) -> None:
    answer = browser.get(_to_the_provider(browser), follow=True)
    assert _who(browser) is None and not User.objects.exists()
    assert "Third-Party Login Failure" in answer.content.decode()


def test_a_state_this_browser_did_not_start_is_refused(campus: OidcProvider) -> None:
    address = _to_the_provider(Client())
    _cannot_use(address, Client())
    browser = Client()
    good = _to_the_provider(browser)
    state = parse_qs(urlparse(good).query)["state"][0]
    _cannot_use(good.replace(state, "x" * len(state)), browser)


def _cannot_use(address: str, browser: Client) -> None:
    answer = browser.get(address, follow=True)
    assert _who(browser) is None and not User.objects.exists()
    assert "Third-Party Login Failure" in answer.content.decode()


def test_a_code_is_good_once_and_for_its_own_browser(campus: OidcProvider) -> None:
    """A code stolen from somebody's sign-in does not open their account in the thief's: proof key and nonce differ."""
    stolen = parse_qs(urlparse(_to_the_provider(Client())).query)["code"][0]
    thief = Client()
    own = _to_the_provider(thief)
    mine = parse_qs(urlparse(own).query)["code"][0]
    _cannot_use(own.replace(f"code={mine}", f"code={stolen}"), thief)


def test_an_unknown_provider_is_not_found(campus: OidcProvider) -> None:
    assert Client().get("/accounts/oidc/elsewhere/login/callback/?code=1&state=2").status_code == 404


def test_the_apps_code_is_that_of_the_standard() -> None:
    """RFC 6238, appendix B, SHA-1: the last six of eight digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert [one_time_code(secret, at) for at in (59, 1111111109, 2000000000)] == [
        "287082",
        "081804",
        "279037",
    ]


def test_a_second_factor_is_asked_for_once_it_is_on() -> None:
    now, browser = time.time(), Client()
    person = member_with_password(browser)
    assert b"/accounts/2fa/" in browser.get("/account/").content
    wrong = browser.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert wrong.status_code == 200 and not person.authenticator_set.exists()
    page = browser.get("/accounts/2fa/totp/activate/").content.decode()
    assert set(re.findall(r'<label for="([^"]+)"', page)) <= set(re.findall(r' id="([^"]+)"', page))
    secret, recovery = activate(browser, now)
    assert len(recovery) == 10

    again = Client()
    half = again.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert half["Location"].startswith("/accounts/2fa/authenticate/") and _who(again) is None
    asked = again.get("/accounts/2fa/authenticate/").content.decode()
    assert set(re.findall(r' form="([^"]+)"', asked)) <= set(re.findall(r'<form id="([^"]+)"', asked))
    refused = again.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert refused.status_code == 200 and _who(again) is None
    again.post("/accounts/2fa/authenticate/", {"code": one_time_code(secret, now + 30)})
    assert _who(again) == person.email

    lost = Client()  # the telephone is gone: a recovery code opens the door, once
    lost.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    lost.post("/accounts/2fa/authenticate/", {"code": recovery[0]})
    assert _who(lost) == person.email
    thief = Client()
    thief.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    thief.post("/accounts/2fa/authenticate/", {"code": recovery[0]})
    assert _who(thief) is None
