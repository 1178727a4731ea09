"""A small league to test with: organisations, people, a challenge, a node that signs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from archives import archive_of, archive_of_folder
from making_evidence import evidence_of

django.setup()  # models can be imported only after this

from lumbung.centre.members.models import Membership, Organisation, Team, User
from lumbung.centre.members.services import make_token
from lumbung.proving.evidence import Evidence, sign
from lumbung.proving.job import Job
from lumbung.proving.keys import public_pem
from lumbung.proving.scaffold import new_challenge

PHASES = """
[[phases]]
id = "final"
cases = "private"
daily_limit = 3
embargo = true
closes = 2099-01-01T00:00:00Z
title = { en = "Final", id = "Final", zh = "决赛" }
"""


@dataclass
class Api:
    """Calls the API as one person would, by token."""

    secret: str = ""
    client: Client = field(default_factory=Client)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        data = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.client.generic(
            method, f"/api{path}", data, content_type="application/json", headers=headers
        )

    def upload(self, path: str, fields: dict[str, Any]) -> Any:
        return self.client.post(f"/api{path}", fields, headers={"Authorization": f"Bearer {self.secret}"})


@dataclass
class FakeNode:
    """A node that judges nothing and signs what it is told to."""

    api: Api
    key: Ed25519PrivateKey
    country: str

    def lease(self, wait_s: float = 0.0, challenges: tuple[str, ...] = ("toy",)) -> Job | None:
        body = {
            "challenges": challenges,
            "wait_s": wait_s,
            "isolation": {"kind": "bubblewrap", "limits_by": "cgroup2"},
        }
        found = self.api("POST", "/node/lease", body)
        assert found.status_code in (200, 204), found.content
        return None if found.status_code == 204 else msgspec.json.decode(found.content, type=Job)

    def evidence(self, job: Job, figures: dict[str, list[float]], **changes: Any) -> Evidence:
        piece, judged = evidence_of(figures, metric="mae"), datetime.now(UTC).replace(microsecond=0)
        return msgspec.structs.replace(
            piece,
            **{
                "challenge": job.challenge,
                "challenge_version": job.challenge_version,
                "challenge_digest": job.challenge_digest,
                "phase": job.phase,
                "submission_digest": job.submission_digest,
                "private": job.private,
                "judge": "tables.predictions",
                "judge_version": 2,
                "country": self.country,
                "nonce": job.run,
                "started": judged,
                "finished": judged,
                **changes,
            },
        )

    def deliver(self, job: Job, piece: Evidence | None, **changes: Any) -> Any:
        envelope = "" if piece is None else sign(piece, changes.pop("key", self.key)).decode()
        return self.api(
            "POST", f"/node/runs/{job.run}/result", {"lease": job.lease, "envelope": envelope, **changes}
        )

    def tell_ledger(
        self, accounts: list[list[Any]], *, begun: str = "2026-11-01T00:00:00Z", **budget: float
    ) -> Any:
        """Say what the node's ledger of the toy challenge holds: scope, name, results, figures and bits of each account."""
        names = ("scope", "name", "results", "figures", "bits")
        whole = {"challenge": 4096.0, "organisation": 256.0, "team": 128.0, "person": 128.0, **budget}
        rows = [dict(zip(names, each, strict=True)) for each in accounts]
        body = {"challenge": "toy", "begun": begun, "budget": whole, "accounts": rows}
        return self.api("POST", "/node/ledger", body)


@dataclass
class League:
    """Everything the tests talk about."""

    owner: User
    member: User
    stranger: User
    staff: User
    organisation: Organisation
    team: Team
    api: dict[str, Api]

    def submit(
        self,
        who: str = "member",
        phase: str = "practice",
        solution: str = "def solve(p): return {}",
        *,
        team: str = "",
        files: dict[str, str] | None = None,
    ) -> Any:
        fields = {
            "team": team or {"member": "rice-rocket", "stranger": "others"}[who],
            "challenge": "toy",
            "phase": phase,
            "archive": archive_of(files or {"solution.py": solution}),
        }
        return self.api[who].upload("/submissions", fields)

    def node(
        self, name: str = "node-a", country: str = "ID", organisation: Organisation | None = None
    ) -> FakeNode:
        home = organisation or self.organisation
        code = self.api["owner"]("POST", f"/organisations/{home.slug}/enrol-node").json()["code"]
        key = Ed25519PrivateKey.generate()
        card = {
            "name": name,
            "country": country,
            "public_key": public_pem(key.public_key()).decode(),
            "challenges": ["toy"],
            "version": "0.1.0",
            "isolation": {"kind": "bubblewrap", "limits_by": "cgroup2"},
        }
        joined = Api()("POST", "/node/join", card, **{"X-Enrolment": code})
        assert joined.status_code == 201, joined.content
        return FakeNode(Api(joined.json()["token"]), key, country)


NOW = datetime.now(UTC)


def person(email: str, **flags: bool) -> User:
    return User.objects.create_user(email, "a long password", **flags)


def organisation(slug: str, country: str = "ID") -> Organisation:
    return Organisation.objects.create(
        slug=slug, name=slug.title(), country=country, kind="public", approved=True, created=NOW
    )


def join(user: User, home: Organisation, *roles: str) -> None:
    for role in roles:
        Membership.objects.create(user=user, organisation=home, role=role, accepted=True, created=NOW)


def team(slug: str, *members: User) -> Team:
    found = Team.objects.create(
        slug=slug, name=slug.replace("-", " ").title(), captain=members[0], created=NOW
    )
    found.members.set(members)
    return found


@pytest.fixture
def league(db, tmp_path) -> League:
    """A small league inside one transaction."""
    return build_league(tmp_path)


def build_league(tmp_path: Path, *, blocks: int = 5, daily_limit: int = 20) -> League:
    """A city poses a challenge with an open practice and an embargoed final; a team and a stranger's team exist."""
    people = {name: person(f"{name}@example.org") for name in ("owner", "member", "stranger")}
    people["staff"] = person("staff@example.org", is_staff=True)
    city = organisation("kota-bandung")
    join(people["owner"], city, "administrator")
    ours, _others = team("rice-rocket", people["member"]), team("others", people["stranger"])
    scopes = ["read", "submit", "manage"]
    api = {n: Api(make_token(u, name="test", scopes=scopes, now=NOW)[1]) for n, u in people.items()}
    api["visitor"] = Api()
    folder = tmp_path / "toy"
    new_challenge(folder)
    text = (folder / "challenge.toml").read_text().replace("blocks = 5", f"blocks = {blocks}")
    text = text.replace("daily_limit = 20", f"daily_limit = {daily_limit}")
    (folder / "challenge.toml").write_text(text + PHASES)
    posed = api["owner"].upload(
        "/challenges", {"organisation": city.slug, "archive": archive_of_folder(folder)}
    )
    assert posed.status_code == 201, posed.content
    opened = api["owner"]("POST", "/challenges/toy/1/state", {"state": "open"})
    assert opened.status_code == 200, opened.content
    return League(**people, organisation=city, team=ours, api=api)


def body_of(response: Any) -> Any:
    return json.loads(response.content)
