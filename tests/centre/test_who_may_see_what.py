"""Roles × objects × verbs: every address of the centre, asked by everybody. A new address without a row fails."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from lumbung.centre.runs.models import Run
from small_league import NOW
from small_stage import API, API_BODY, API_ELSEWHERE, BODY, LOGIN, PAGES, WHO, Stage


def _outcome(response: Any) -> Any:
    if response.status_code == 302 and "/accounts/login/" in response["Location"]:
        return LOGIN
    return response.status_code


def _rows(table: dict[tuple[str, str], dict[str, Any]]) -> list[Any]:
    return [pytest.param(*key, expected, id=" ".join(key)) for key, expected in table.items()]


# What a page asks of the database, these two ask together; who may ask it is no matter of databases.
ONCE = [
    who if who in ("staff", "member") else pytest.param(who, marks=pytest.mark.one_database) for who in WHO
]


@pytest.mark.parametrize("who", ONCE)
def test_every_page_for(stage: Stage, who: str) -> None:
    """Each address once, in an order that leaves later rows standing: what changes things is undone."""
    from django.db import transaction

    wrong = []
    for (method, address), expected in PAGES.items():
        body = {k: v.format(**stage.names) for k, v in BODY.get(address, {}).items()}
        try:
            with transaction.atomic():
                response = stage.browser(who).generic(
                    method,
                    address.format(**stage.names),
                    "&".join(f"{k}={v}" for k, v in body.items()),
                    content_type="application/x-www-form-urlencoded",
                )
                got = _outcome(response)
                raise _Undo
        except _Undo:
            pass
        if address == "/organisations/kota-bandung/join" and who == "visitor":
            expected = expected | {"visitor": LOGIN}
        if got != expected.get(who, 200):
            wrong.append(f"{method} {address}: {got}, expected {expected.get(who, 200)}")
    assert not wrong, "\n".join(wrong)


class _Undo(Exception):
    """Takes back what one row of the table did."""


@pytest.mark.parametrize("who", WHO)
def test_every_call_for(stage: Stage, who: str) -> None:
    from django.db import transaction

    from lumbung.centre.members.services import make_token
    from small_league import Api

    api = Api()
    if who != "visitor":
        api = Api(make_token(stage.users[who], name="t", scopes=["read", "submit", "manage"], now=NOW)[1])
    wrong = []
    for (method, address), expected in API.items():
        try:
            with transaction.atomic():
                got = api(method, address.format(**stage.names), API_BODY.get(address)).status_code
                raise _Undo
        except _Undo:
            pass
        if got != expected.get(who, 200):
            wrong.append(f"{method} {address}: {got}, expected {expected.get(who, 200)}")
    assert not wrong, "\n".join(wrong)


def _patterns(resolver: URLResolver) -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern) and resolver.namespace in ("portal", "partners", "credentials"):
            found.append(entry.name or "")
        elif isinstance(entry, URLResolver):
            found += _patterns(entry)
    return found


def test_every_page_has_a_row() -> None:
    rows = {
        get_resolver().resolve(address.partition("?")[0].format_map(defaultdict(lambda: "1"))).url_name
        for _method, address in PAGES
    }
    pages = _patterns(get_resolver())
    missing = set(pages) - rows
    print(
        f"pages: {len(set(pages))} addresses, {len(PAGES)} rows for {len(WHO)} roles, {len(missing)} without a row"
    )
    assert not missing, f"addresses nobody thought about: {missing}"


def test_every_call_has_a_row() -> None:
    from lumbung.centre.urls import api

    rows = {(method, len(parts := address.partition("?")[0].split("/")), parts[1]) for method, address in API}
    calls = api.get_openapi_schema()["paths"].items()
    print(f"API: {sum(len(verbs) for _path, verbs in calls)} calls, {len(API)} rows for {len(WHO)} roles")
    for path, verbs in calls:
        short = path.removeprefix("/api")
        for verb in verbs:
            call = f"{verb.upper()} {short}"
            asked = (verb.upper(), len(short.split("/")), short.split("/")[1]) in rows
            assert asked or call in API_ELSEWHERE, f"no row for {call}"


def test_a_foreign_log_and_code_appear_nowhere(stage: Stage) -> None:
    """The pages others may open hold nothing of the team's log."""
    Run.objects.update(log="SECRET-OF-THE-TEAM")
    for who in WHO:
        body = stage.browser(who).get(f"/runs/{stage.names['run']}/").content
        assert (b"SECRET-OF-THE-TEAM" in body) == (who == "member"), who
