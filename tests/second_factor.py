"""A person with an authenticator app: one-time codes as the app computes them."""

from __future__ import annotations

import base64
import hmac
import re
import struct

from allauth.account.models import EmailAddress
from django.test import Client

from lumbung.centre.members.models import User

PASSWORD = "rice barn 2026"


def one_time_code(secret: str, at: float) -> str:
    """The six digits of RFC 6238 with SHA-1 and steps of 30 s, as an authenticator app computes them."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), "sha1")
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4]) & 0x7FFFFFFF) % 10**6:06d}"


def member_with_password(browser: Client) -> User:
    """A person who signed in with their password a moment ago."""
    person = User.objects.create_user("totp@example.org", PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    answer = browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    answer = browser.post(
        "/accounts/reauthenticate/", {"password": PASSWORD}
    )  # asked before what protects the door
    assert answer.status_code == 302
    return person


def activate(browser: Client, at: float) -> tuple[str, list[str]]:
    """Turn one-time codes on; return the secret and the recovery codes."""
    page = browser.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)
    assert secret
    done = browser.post("/accounts/2fa/totp/activate/", {"code": one_time_code(secret[1], at)})
    assert done.status_code == 302, done.content
    shown = browser.get("/accounts/2fa/recovery-codes/").content.decode()
    codes = re.search(r"<textarea[^>]*>(.*?)</textarea>", shown, re.S)
    assert codes
    return secret[1], codes[1].split()
