"""The whole API under random requests: never a 5xx, whoever asks."""

from __future__ import annotations

import io
import json
from urllib.parse import urlencode

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lumbung.centre.urls import api

SCHEMA = api.get_openapi_schema()


def operations():
    return [(method.upper(), path) for path, verbs in SCHEMA["paths"].items() for method in verbs]


@pytest.mark.slow
@pytest.mark.parametrize(
    "who",
    ["staff", *(pytest.param(who, marks=pytest.mark.one_database) for who in ("visitor", "member", "owner"))],
)
def test_no_request_ends_in_a_fault_of_the_server(league, who, settings):
    settings.ALLOWED_HOSTS = ["*"]
    schema = schemathesis.openapi.from_dict(SCHEMA)
    secret = league.api[who].secret
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    tried = 0
    for operation in schema.get_all_operations():
        tried += _try(operation.ok(), headers)
    assert tried > 8 * len(operations())


def _try(operation, headers) -> int:
    count = 0

    @given(case=operation.as_strategy())
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def once(case):
        nonlocal count
        count += 1
        if case.path.endswith("/lease") and isinstance(case.body, dict):
            case.body["wait_s"] = 0
        answer = _call(case, headers)
        assert answer.status_code < 500, (operation.method, operation.path, answer.content[:300])

    once()
    return count


def _call(case, headers):
    path, body = case.formatted_path, case.body
    client = Client(raise_request_exception=False)
    if isinstance(body, dict) and case.media_type and "multipart" in case.media_type:
        return client.post(
            path, {k: v if isinstance(v, (str, bytes)) else str(v) for k, v in body.items()}, headers=headers
        )
    data = b"" if not isinstance(body, (dict, list, str, int, float, bool)) else json.dumps(body).encode()
    full = path + ("?" + urlencode(case.query, doseq=True) if case.query else "")
    return client.generic(case.method, full, data, content_type="application/json", headers=headers)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(
    data=st.binary(max_size=400), name=st.sampled_from(["upload.zip", "upload.tar.gz", "../../x", "a" * 300])
)
def test_rubbish_uploads_are_refused_with_a_sentence(league, data, name):
    file = io.BytesIO(data)
    file.name = name
    fields = {"team": "rice-rocket", "challenge": "toy", "phase": "practice", "archive": file}
    answer = league.api["member"].upload("/submissions", fields)
    assert answer.status_code in (400, 422) and answer.json()["detail"]


def test_nul_characters_are_refused_everywhere(league):
    api = league.api["member"]
    assert api("POST", "/teams", {"name": "a\x00b"}).status_code == 400
    assert api("GET", "/runs?state=%00").status_code == 400
    assert (
        api.upload("/submissions", {"team": "rice\x00", "challenge": "toy", "phase": "practice"}).status_code
        == 400
    )
    assert api("POST", "/teams", {"name": "a plain name"}).status_code == 201
