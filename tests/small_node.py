"""A small challenge with the job for it, and a centre that answers as it is told: what a node meets, in one process."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from lumbung.node.folder import Accepted, Settings
from lumbung.proving.challenge import ChallengeFolder, read_challenge
from lumbung.proving.job import Job
from lumbung.proving.scaffold import new_challenge
from lumbung.proving.submission import read_content

DEADLINE = datetime(2026, 2, 1, tzinfo=UTC)
Answer = httpx.Response | Callable[[httpx.Request], httpx.Response] | Exception


@dataclass
class Centre(httpx.BaseTransport):
    """Answers by what its path ends with, and remembers what it was asked.

    Attributes
    ----------
    answers : dict of str to Answer
        By the end of a path; a list is used up in turn, its last answer stays.
    asked : list of httpx.Request
    """

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = next(
            (found for end, found in self.answers.items() if request.url.path.endswith(end)),
            httpx.Response(404),
        )
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def paths(self) -> list[str]:
        """Return what was asked, in short."""
        return [f"{one.method} {one.url.path.removeprefix('/api/node')}" for one in self.asked]


def tar_of(folder: Path) -> bytes:
    """Return a folder as the archive that a centre would keep."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, arcname=".")
    return packed.getvalue()


@dataclass
class Toy:
    """A small challenge and a submission to it, with the job that a centre would give for them."""

    path: Path
    challenge: ChallengeFolder
    blobs: dict[str, bytes]
    job: Job

    def accepted(self, **rules: Any) -> Settings:
        """Return the settings of a node whose owner accepted the challenge."""
        egress = self.challenge.challenge.egress
        rule = {"most": egress.rule, "private": False} | {
            name: getattr(egress, name) for name in ("min_cases", "digits", "min_rows", "reveal")
        }
        accepted = Accepted(self.challenge.digest, **{**rule, **rules})
        return Settings("node-a", "ID", "http://centre.test", 1, {self.challenge.challenge.id: accepted})

    def serve(self, centre: Centre) -> None:
        """Let a centre hand its blobs out."""
        for digest, content in self.blobs.items():
            centre.answers[f"/blobs/{digest}"] = httpx.Response(200, content=content)


def private_rows(folder: Path, count: int) -> None:
    """Write a node's own cases of the scaffold's challenge: so many rows, whose keys no public table has."""
    folder.mkdir(parents=True)
    keys = [f"secret-{number}" for number in range(count)]
    for name, head, line in (("inputs", "id,x", "{key},{x}"), ("truth", "id,target", "{key},{y}")):
        rows = [line.format(key=key, x=x, y=2 * x + 1) for x, key in enumerate(keys)]
        (folder / f"{name}.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")


def toy_of(path: Path, solution: str, **changes: str) -> Toy:
    """Write the scaffold's challenge below *path*, with lines of its file changed, and a submission."""
    new_challenge(path / "toy")
    toml = path / "toy" / "challenge.toml"
    text = toml.read_text(encoding="utf-8")
    for old, new in changes.items():
        text = text.replace(old, new)
    toml.write_text(text, encoding="utf-8")
    (path / "mine").mkdir()
    (path / "mine" / "solution.py").write_text(solution, encoding="utf-8")
    challenge = read_challenge(path / "toy")
    archives = [tar_of(path / name) for name in ("toy", "mine")]
    digests = [f"sha256:{sha256(archive).hexdigest()}" for archive in archives]
    job = Job(
        run="run-00000",
        lease="lease-000",
        challenge="toy",
        challenge_version=1,
        challenge_digest=challenge.digest,
        challenge_blob=digests[0],
        phase="practice",
        private=False,
        submission_digest=read_content(path / "mine").digest,
        submission_blob=digests[1],
        lease_s=60.0,
        deadline=DEADLINE,
    )
    return Toy(path / "toy", challenge, dict(zip(digests, archives, strict=True)), job)
