"""Roles × objects × verbs: every address of the centre, asked by everybody. A new address without a row fails."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from lumbung.centre.challenges.guests import keep_door
from lumbung.centre.challenges.models import Challenge
from lumbung.centre.members.searching import keep_index
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
    wrong = _wrong_pages(stage, who, PAGES)
    assert not wrong, "\n".join(wrong)


def _wrong_pages(stage: Stage, who: str, rows: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    from django.db import transaction

    wrong = []
    for (method, address), expected in rows.items():
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
    return wrong


class _Undo(Exception):
    """Takes back what one row of the table did."""


@pytest.mark.parametrize("who", WHO)
def test_every_call_for(stage: Stage, who: str) -> None:
    wrong = _wrong_calls(stage, who, API)
    assert not wrong, "\n".join(wrong)


def _wrong_calls(stage: Stage, who: str, rows: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    from django.db import transaction

    from lumbung.centre.members.services import make_token
    from small_league import Api

    api = Api()
    if who != "visitor":
        api = Api(make_token(stage.users[who], name="t", scopes=["read", "submit", "manage"], now=NOW)[1])
    wrong = []
    for (method, address), expected in rows.items():
        try:
            with transaction.atomic():
                got = api(method, address.format(**stage.names), API_BODY.get(address)).status_code
                raise _Undo
        except _Undo:
            pass
        if got != expected.get(who, 200):
            wrong.append(f"{method} {address}: {got}, expected {expected.get(who, 200)}")
    return wrong


# Whatever leads to the one challenge, once it is by invitation: to who is no guest it is not there.
_OF_THE_CHALLENGE = ("/toy", "{post}", "{run}")
_A_BADGE_WOULD_NAME_IT = ("GET", "/badges/standings/{ranked}/")


def _by_invitation(
    rows: dict[tuple[str, str], dict[str, Any]], who: str
) -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for (method, address), expected in rows.items():
        if not any(part in address for part in _OF_THE_CHALLENGE):
            continue
        was = expected.get(who, 200)
        outside = who in ("visitor", "stranger") and was not in (LOGIN, 401)
        found[method, address] = {who: 404 if outside else was}
    return found


@pytest.mark.parametrize("who", ["visitor", "stranger", "member", "operator"])
def test_by_invitation_is_there_for_its_guests_alone(stage: Stage, who: str) -> None:
    _close_the_door(stage)
    wrong = [
        *_wrong_pages(stage, who, _by_invitation(PAGES, who)),
        *_wrong_calls(stage, who, _by_invitation(API, who)),
        *_wrong_pages(stage, who, {_A_BADGE_WOULD_NAME_IT: {who: LOGIN if who == "visitor" else 404}}),
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", ["visitor", "stranger"])
def test_by_invitation_is_named_to_nobody_else(stage: Stage, who: str) -> None:
    """Every address that only shows something, read for the challenge's id and its title."""
    from lumbung.centre.members.services import make_token
    from small_league import Api

    Challenge.objects.filter(slug="toy").update(record=_titled(Challenge.objects.get(slug="toy", version=1)))
    keep_index(NOW)
    _close_the_door(stage)
    browser, api = stage.browser(who), Api()
    if who != "visitor":
        api = Api(make_token(stage.users[who], name="t", scopes=["read"], now=NOW)[1])
    told, named = [], re.compile(r"\btoy\b|Zamrud")
    for method, address in PAGES:
        if method == "GET" and "/toy" not in address and "{secret}" not in address:
            answer = browser.get(address.format(**stage.names))
            text = b"".join(answer) if answer.streaming else answer.content
            if found := named.search(text.decode(errors="replace")):
                told.append(f"{address}: …{text.decode()[max(0, found.start() - 80) : found.end() + 40]}…")
    for method, address in API:
        if method == "GET" and "/toy" not in address:
            if found := named.search(api(method, address.format(**stage.names)).content.decode()):
                told.append(f"api {address}: {found[0]}")
    assert not told, "\n".join(told)


def _titled(challenge: Challenge) -> dict[str, Any]:
    return challenge.record | {"title": dict.fromkeys(("en", "id", "zh"), "Zamrud")}


def _close_the_door(stage: Stage) -> None:
    toy = Challenge.objects.get(slug="toy", version=1)
    keep_door(stage.users["admin"], toy, closed=True, now=NOW)


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
