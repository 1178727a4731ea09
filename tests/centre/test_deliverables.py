"""The deliverable of an adoption: sent by the owner's node in pieces, held against its digest, fetched by who may."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tarfile
import tracemalloc

import httpx
import pytest
from click.testing import CliRunner
from django.test import Client

from lumbung.centre.challenges import blobs as blobs_of_centre
from lumbung.centre.challenges.models import Blob
from lumbung.centre.members.models import AuditEntry
from lumbung.centre.standings.models import Adoption
from lumbung.cli.node import command
from lumbung.node.folder import NodeFolder, Settings
from lumbung.node.line import CentreRefused, Line
from small_league import join, organisation

TAR = b"a tar of signal programs"


def signed_for(content: bytes) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return {"Content-Digest": f"sha-256=:{digest}:"}


@pytest.fixture
def agreed(league):
    """A node of the owner's and an adoption its team agreed to."""
    node = league.node()
    league.submit()
    job = node.lease()
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]}))
    offer = {"organisation": "kota-bandung", "run": job.run, "terms": "one year, free", "contact": "a@b.org"}
    number = league.api["owner"]("POST", "/adoptions", offer).json()["id"]
    league.api["member"]("POST", f"/adoptions/{number}/answer", {"agree": True})
    return node, f"/adoptions/{number}/deliverable"


@pytest.fixture
def blobs(settings, tmp_path):
    """A store of this test's own, to see what lies in it."""
    folder = tmp_path / "blobs"
    settings.BLOBS_URL = f"file://{folder}"
    return folder


def test_the_owners_node_attaches_it_and_owner_and_team_fetch_it(league, agreed):
    node, path = agreed
    assert league.api["owner"]("GET", path).status_code == 404, "nothing is attached yet"
    attached = node.api("POST", f"/node{path}", TAR, **signed_for(TAR))
    assert attached.status_code == 201 and attached.json()["state"] == "delivered"
    for who, status in {"owner": 200, "member": 200, "staff": 404, "stranger": 404, "visitor": 401}.items():
        assert league.api[who]("GET", path).status_code == status, who
    fetched = league.api["member"]("GET", path)
    assert fetched.getvalue() == TAR and fetched["Content-Length"] == str(len(TAR))
    assert AuditEntry.objects.filter(act="adoption.delivered").count() == 1


def test_the_owner_takes_the_solution_once_the_team_agreed(league, client):
    node = league.node()
    league.submit(solution="def solve(p): return {'mine': 1}")
    job = node.lease()
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]}))
    offer = {"organisation": "kota-bandung", "run": job.run, "terms": "one year, free", "contact": "a@b.org"}
    number = league.api["owner"]("POST", "/adoptions", offer).json()["id"]
    path = f"/adoptions/{number}/solution"
    client.force_login(league.owner)
    assert league.api["owner"]("GET", path).status_code == 404, "the team has not agreed"
    assert path not in client.get("/adoptions/").content.decode()
    league.api["member"]("POST", f"/adoptions/{number}/answer", {"agree": True})
    for who, status in {"owner": 200, "member": 404, "staff": 404, "stranger": 404, "visitor": 401}.items():
        assert league.api[who]("GET", path).status_code == status, who
    with tarfile.open(fileobj=io.BytesIO(league.api["owner"]("GET", path).getvalue())) as packed:
        inside = packed.extractfile("solution.py")
        assert inside is not None and b"'mine'" in inside.read()
    assert AuditEntry.objects.filter(act="adoption.solution_fetched").count() == 2
    page = client.get("/adoptions/").content.decode()
    assert f"/api{path}" in page and f"lumbung run toy solution-{number}" in page


def test_another_organisations_node_attaches_nothing(league, agreed):
    elsewhere = organisation("kota-lain")
    join(league.owner, elsewhere, "administrator")
    foreign = league.node("node-elsewhere", organisation=elsewhere)
    assert foreign.api("POST", f"/node{agreed[1]}", TAR, **signed_for(TAR)).status_code == 404


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (TAR, {}, "Content-Digest"),
        (TAR, {"Content-Digest": "sha-256=:short:"}, "Content-Digest"),
        (b"", signed_for(b""), "Content-Length"),
        (TAR, signed_for(b"other"), "damaged on the way"),
        (TAR, {**signed_for(TAR), "Content-Length": "999"}, f"{len(TAR)} of 999 bytes"),
        (TAR, {**signed_for(TAR), "Content-Length": "10737418240"}, "larger than the 64 MiB"),
        (TAR, {**signed_for(TAR), "Content-Length": "9" * 5000}, "larger than the 64 MiB"),
        (TAR, {**signed_for(TAR), "Content-Length": "-1"}, "Content-Length"),
    ],
)
def test_what_is_not_as_announced_is_refused_with_a_reason_and_leaves_nothing(
    agreed, blobs, body, headers, reason
):
    node, path = agreed
    length = headers.pop("Content-Length", None)
    before = Blob.objects.count()
    more = {} if length is None else {"CONTENT_LENGTH": length, "wsgi.input": io.BytesIO(body)}
    answer = node.api.client.generic(
        "POST", f"/api/node{path}", body, content_type="application/x-tar",
        headers={"Authorization": f"Bearer {node.api.secret}", **headers}, **more,
    )  # fmt: skip
    assert answer.status_code == 400 and reason in answer.json()["detail"], answer.content
    assert Blob.objects.count() == before and Adoption.objects.get().state == "agreed"
    assert not blobs.exists() or not list(blobs.iterdir())


def test_a_longer_body_than_announced_lengths_allow_is_refused(agreed, blobs, settings):
    settings.UPLOAD_LIMIT = 1 << 20
    node, path = agreed
    big = bytes((1 << 20) + 1)
    answer = node.api.client.generic(
        "POST", f"/api/node{path}", big, content_type="application/x-tar",
        headers={"Authorization": f"Bearer {node.api.secret}", **signed_for(big)},
    )  # fmt: skip
    assert answer.status_code == 400 and "1 MiB" in answer.json()["detail"]
    assert not blobs.exists() or not list(blobs.iterdir())


def test_forty_mebibytes_go_from_node_to_centre_without_ever_lying_in_memory(agreed, blobs, tmp_path):
    """The line of a node, the whole way, with a file ten times what a request may hold in memory."""
    node, path = agreed
    number = int(re.findall(r"\d+", path)[0])
    size = 40 << 20
    with (tmp_path / "big.tar").open("w+b") as file:
        file.truncate(size)
        tracemalloc.start()
        try:
            Line("http://testserver", node.api.secret, _Pieces()).attach(number, file)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert most < 12 << 20, f"{most >> 20} MiB were held at once"
    assert Adoption.objects.get().deliverable.size == size
    (kept,) = blobs.iterdir()
    assert kept.stat().st_size == size
    with pytest.raises(CentreRefused, match="404"):
        Line("http://testserver", node.api.secret, _Pieces()).attach(number + 1, io.BytesIO(TAR))


def test_the_command_packs_what_run_wrote_and_says_how_much_went(agreed, tmp_path, monkeypatch):
    node, path = agreed
    folder = NodeFolder(tmp_path / "node")
    folder.write_settings(Settings("node-a", "ID", "http://testserver"))
    folder.write_token(node.api.secret)
    monkeypatch.setattr("lumbung.node.line.Line", lambda *known: Line(*known, transport=_Pieces()))
    result = tmp_path / "signals"
    result.mkdir()
    (result / "plan.csv").write_text("junction,green_s\nA,30\n")
    number = re.findall(r"\d+", path)[0]
    done = CliRunner().invoke(command, ["deliver", number, str(result), "--folder", str(folder.path)])
    assert done.exit_code == 0 and "10240 bytes" in done.output, done.output
    kept = Adoption.objects.get().deliverable
    with tarfile.open(fileobj=io.BytesIO(b"".join(blobs_of_centre.read(kept.digest)))) as packed:
        assert packed.getnames() == ["signals", "signals/plan.csv"]
    refused = CliRunner().invoke(command, ["deliver", "999", str(result), "--folder", str(folder.path)])
    assert refused.exit_code == 2 and "404" in refused.output


class _Pieces(httpx.BaseTransport):
    """A line that hands the body on piece by piece, as a socket does."""

    def handle_request(self, request):
        body = io.BufferedReader(_Reader(iter(request.stream)))
        found = Client().generic(
            "POST", request.url.path, headers={n: request.headers[n] for n in ("Authorization", "Content-Digest")},
            **{
                "wsgi.input": body, "CONTENT_LENGTH": request.headers["Content-Length"],
                "CONTENT_TYPE": request.headers["Content-Type"],
            },
        )  # fmt: skip
        return httpx.Response(found.status_code, content=found.content, request=request)


class _Reader(io.RawIOBase):
    """Pieces read as a file, as WSGI's input is."""

    def __init__(self, pieces):
        self.pieces, self.rest = pieces, b""

    def readable(self):
        return True

    def readinto(self, buffer):
        self.rest = self.rest or next(self.pieces, b"")
        taken, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)
