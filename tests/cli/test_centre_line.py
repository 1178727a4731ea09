"""What stands at a centre's address may be something else: a login page, a proxy's error, another service."""

from __future__ import annotations

import httpx
import pytest

from lumbung.cli.centre_line import NotACentre, answered

REQUEST = httpx.Request("GET", "http://centre.test/api/challenges")


def answer(content, status=200):
    return httpx.Response(status, content=content, request=REQUEST)


@pytest.mark.parametrize(
    "content", [b"", b"<html>sign in to this network</html>", b"[]", b"null", b"[" * 100_000]
)
def test_what_is_no_answer_of_a_centre_is_said(content):
    with pytest.raises(NotACentre, match=r"http://centre\.test/api/challenges"):
        answered(answer(content))


def test_a_field_that_is_not_there_is_said_wherever_it_is_asked_for():
    state = answered(answer(b'{"runs": [{"state": "queued"}]}'))
    assert state["runs"][0]["state"] == "queued" and state["runs"][0].get("ahead") is None
    for ask in (lambda: state["digest"], lambda: state["runs"][0]["ahead"]):
        with pytest.raises(NotACentre):
            ask()


@pytest.mark.parametrize(
    ("content", "status", "code", "said"),
    [
        (b'{"detail": "no such challenge"}', 404, 2, "no such challenge"),
        (b"<html>\n<h1>Bad Gateway</h1>", 502, 3, "Bad Gateway"),
        (b"[]", 501, 3, "Not Implemented"),
        (b"[" * 100_000, 403, 2, "Forbidden"),
    ],
)
def test_a_refusal_is_one_line(content, status, code, said, capsys):
    with pytest.raises(SystemExit) as ended:
        answered(answer(content, status))
    line = capsys.readouterr().err
    assert ended.value.code == code and said in line and line.count("\n") == 1
