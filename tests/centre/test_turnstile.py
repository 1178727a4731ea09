"""Readers pass a few at a time; whoever sends a body is never held up by them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lumbung.centre.wsgi import Turnstile


def asking(method: str) -> dict[str, Any]:
    return {"REQUEST_METHOD": method}


def test_readers_wait_in_line_and_writers_pass_by() -> None:
    full, leave = threading.Barrier(3), threading.Event()
    inside, most = [], []

    def slow(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            return [b"written"]
        inside.append(1)
        most.append(len(inside))
        if len(most) <= 2:
            full.wait(10)
        leave.wait(10)
        inside.pop()
        return [b"read"]

    gate = Turnstile(slow, places=2)
    with ThreadPoolExecutor(6) as pool:
        reading = [pool.submit(gate, asking("GET"), None) for _ in range(5)]
        full.wait(10)
        assert gate(asking("POST"), None) == [b"written"]
        leave.set()
        assert [one.result(10) for one in reading] == [[b"read"]] * 5
    assert max(most) == 2


def test_a_fault_gives_the_place_back() -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise RuntimeError("broken")

    gate = Turnstile(broken, places=1)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="broken"):
            gate(asking("GET"), None)
