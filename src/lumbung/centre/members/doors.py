"""The API's doors: who is asking, and what every part of it shares."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja.security import HttpBearer, SessionAuth

from lumbung.centre.members.languages import house_language
from lumbung.centre.members.models import ApiToken, User
from lumbung.centre.members.services import token_digest

# Asked with every request: to build these two queries anew would cost more than all the rest of the door.
_GIVEN_KEY = "SELECT id, user_id, scopes, expires, last_used FROM members_apitoken WHERE digest = %s"
_PERSON = "SELECT * FROM members_user WHERE id = %s AND is_active = %s"


class Token(HttpBearer):
    """``Authorization: Bearer lbg_…``: an API token with the scope the request needs."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        now = datetime.now(UTC)
        found = next(iter(ApiToken.objects.raw(_GIVEN_KEY, [token_digest(token)])), None)
        if found is None or not found.allows(self.scope) or (found.expires and found.expires < now):
            return None
        person = next(iter(User.objects.raw(_PERSON, [found.user_id, True])), None)
        if person is None:
            return None
        if found.last_used is None or now - found.last_used > timedelta(minutes=5):
            ApiToken.objects.filter(pk=found.pk).update(last_used=now)
        request.user = person
        return person


class Session(SessionAuth):
    """The browser's session, with its CSRF token on every change; never asked where a token was shown, good or bad."""

    def __call__(self, request: HttpRequest) -> Any:
        return None if "Authorization" in request.headers else super().__call__(request)


def auth(scope: str) -> list[Any]:
    """Return the ways to sign a request that needs *scope*."""
    return [Token(scope), Session()]


def anybody(request: HttpRequest) -> bool:
    """Let the request in unsigned."""
    return True


def open_to_all() -> list[Any]:
    """Return the ways to ask for what everybody may see; who shows a token sees what is theirs too."""
    return [Token("read"), anybody]


def asked_language(request: HttpRequest) -> str:
    """Return ``en``, ``id`` or ``zh``, as the request's Accept-Language or the person's session asks."""
    return house_language()


def answer(value: object, status: int = 200) -> HttpResponse:
    """Encode plain data as the JSON answer; several times faster than building schema objects for long lists."""
    return HttpResponse(msgspec.json.encode(value), content_type="application/json", status=status)


def person_of(request: HttpRequest) -> Any:
    """Return who asks: a user or an anonymous visitor."""
    return request.user
