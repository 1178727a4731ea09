"""A league in one process: the real centre behind a line that breaks on demand, real nodes, the real sandbox."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import httpx

django.setup()  # models can be imported only after this

from django.db import close_old_connections

from lumbung.centre.wsgi import application
from lumbung.node.folder import Accepted, NodeFolder, Settings
from lumbung.node.line import Line
from lumbung.node.loop import Node
from lumbung.proving.challenge import read_challenge
from lumbung.proving.evidence import Isolation
from lumbung.proving.executors import Serial
from lumbung.proving.job import NodeCard
from lumbung.proving.keys import load_or_make_key, public_pem

HELD = Isolation("bubblewrap", "cgroup1")
KINDS = ("cut_before", "cut_after", "twice", "error", "killed_before", "killed_after", "half_body")


class Killed(BaseException):
    """The node's process is gone: nothing catches this but the test."""


@dataclass
class BadLine(httpx.BaseTransport):
    """Carries requests to the centre and breaks them as the plan says.

    Attributes
    ----------
    chance : float
        How often a request meets a fault.
    injected : dict of str to int
        Faults so far, by kind.
    wire : list of bytes
        Everything that left the node.
    """

    chance: float = 0.0
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    injected: dict[str, int] = field(default_factory=dict)
    wire: list[bytes] = field(default_factory=list)
    kinds: tuple[str, ...] = KINDS

    def __post_init__(self) -> None:
        self._inner = httpx.WSGITransport(app=application)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.wire.append(f"{request.method} {request.url} {request.headers}".encode() + request.content)
        fault = self.next_fault()
        if fault:
            self.injected[fault] = self.injected.get(fault, 0) + 1
        if fault == "cut_before":
            raise httpx.ConnectError("cut", request=request)
        if fault == "killed_before":
            raise Killed
        if fault == "error":
            return httpx.Response(502, request=request)
        answer = self._carry(request)
        if fault == "twice":
            answer = self._carry(request)
        if fault == "cut_after":
            raise httpx.ReadError("cut", request=request)
        if fault == "killed_after":
            raise Killed
        if fault == "half_body" and "/blobs/" in str(request.url) and len(answer.content) > 2:
            half = answer.content[: len(answer.content) // 2]
            return httpx.Response(
                answer.status_code, stream=_Broken(half), headers=answer.headers, request=request
            )
        return answer

    def next_fault(self) -> str:
        """Return what befalls the next request, or nothing."""
        return self.rng.choice(self.kinds) if self.rng.random() < self.chance else ""

    def _carry(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        answer.read()
        close_old_connections()
        return answer


class _Broken(httpx.SyncByteStream):
    def __init__(self, half: bytes) -> None:
        self.half = half

    def __iter__(self) -> Iterator[bytes]:
        yield self.half
        raise httpx.ReadError("cut in the middle")


@dataclass
class Country:
    """A node's folder and the line it uses; `start` gives a new process over the same folder."""

    folder: NodeFolder
    line: BadLine
    said: list[str] = field(default_factory=list)

    def start(self) -> Node:
        line = Line("http://testserver", self.folder.token(), self.line)
        return Node(self.folder, line, HELD, Serial(), self.said.append)


def make_country(
    league: Any,
    path: Path,
    challenge: Path,
    *,
    name: str = "node-a",
    cases: Path | None = None,
    organisation: Any = None,
    line: BadLine | None = None,
    **rules: Any,
) -> Country:
    """Set a node up as its operator would: folder, key, accepted challenge, joined."""
    import shutil

    folder, line = NodeFolder(path), line or BadLine()
    found = read_challenge(challenge)
    egress = found.challenge.egress
    accepted = Accepted(
        found.digest, egress.rule, egress.min_cases, egress.digits, private=cases is not None, **rules
    )
    home = organisation or league.organisation
    folder.write_settings(
        Settings(name, home.country, "http://testserver", 1, {found.challenge.id: accepted})
    )
    if cases is not None:
        shutil.copytree(cases, folder.cases(found.challenge.id))
    code = league.api["owner"]("POST", f"/organisations/{home.slug}/enrol-node").json()["code"]
    key = load_or_make_key(folder.keys)
    card = NodeCard(
        name, home.country, public_pem(key.public_key()).decode(), (found.challenge.id,), "0.1.0", HELD
    )
    folder.write_token(Line("http://testserver", transport=line).join(code, card))
    return Country(folder, line)
