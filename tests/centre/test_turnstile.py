"""Requests compute one at a time; who takes long, sends slowly or waits for work holds nobody up."""

from __future__ import annotations

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lumbung.centre.wsgi import SHORT, Turnstile


def asking(path: str = "/", method: str = "GET", body: Any = None, **more: str) -> dict[str, Any]:
    return {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": body or io.BytesIO(), **more}


@pytest.mark.parametrize("places", [1, 3])
def test_requests_wait_in_line_whatever_they_ask(places: int) -> None:
    inside, most = [], []

    def short(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.01)
        inside.pop()
        return [environ["wsgi.input"].read()]

    gate = Turnstile(short, places=places, patience_s=60)
    with ThreadPoolExecutor(8) as pool:
        sent = [b"", b"{}", b"[1]", b"name"] * 4
        asked = [
            asking(method="POST" if body else "GET", body=io.BytesIO(body), CONTENT_LENGTH=str(len(body)))
            for body in sent
        ]
        answers = list(pool.map(lambda each: gate(each, None), asked))
    assert answers == [[body] for body in sent]
    assert max(most) == places


def test_nobody_waits_long_for_one_who_stays() -> None:
    staying, leave = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow/":
            staying.set()
            assert leave.wait(30)
        return [b"done"]

    gate = Turnstile(application, places=1, patience_s=0.02)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(gate, asking("/slow/"), None)
        assert staying.wait(10)
        assert [gate(asking(), None) for _ in range(3)] == [[b"done"]] * 3, "while the slow one is inside"
        leave.set()
        assert slow.result(10) == [b"done"]
    assert gate(asking(), None) == [b"done"]


@pytest.mark.parametrize(
    "passing",
    [
        asking("/api/node/lease", "POST"),
        asking("/api/submissions", "POST", CONTENT_LENGTH=str(SHORT + 1)),
        asking("/api/submissions", "POST", HTTP_TRANSFER_ENCODING="chunked"),
        asking("/api/teams", "POST", CONTENT_LENGTH="much"),
    ],
)
def test_nodes_and_long_bodies_pass_by(passing: dict[str, Any]) -> None:
    staying, leave = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ is not passing:
            staying.set()
            assert leave.wait(30)
        return [b"done"]

    gate = Turnstile(application, places=1, patience_s=60)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(gate, asking(), None)
        assert staying.wait(10)
        assert gate(passing, None) == [b"done"]
        leave.set()
        held.result(10)


def test_a_slow_sender_of_a_short_body_holds_no_place() -> None:
    begun, sent = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            begun.set()
            assert sent.wait(30)
            return b"{}"

    gate = Turnstile(lambda environ, start_response: [environ["wsgi.input"].read()], places=1, patience_s=60)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(gate, asking("/api/teams", "POST", Slow(), CONTENT_LENGTH="2"), None)
        assert begun.wait(10)
        assert gate(asking(), None) == [b""]
        sent.set()
        assert slow.result(10) == [b"{}"]


def test_a_fault_gives_the_place_back() -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise RuntimeError("broken")

    gate = Turnstile(broken, places=1, patience_s=60)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="broken"):
            gate(asking(), None)
