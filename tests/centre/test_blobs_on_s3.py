"""LUMBUNG_BLOBS_URL=s3://…: what a team hands in, what a node fetches and what everybody downloads lies in a bucket."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import fsspec
import httpx
import pytest
from moto.server import ThreadedMotoServer

from lumbung.centre.challenges.blobs import _store

BUCKET = "lumbung-blobs"


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket of a store on this machine, named to the centre as an operator would: by URL and environment."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    httpx.post(f"http://{host}:{port}/moto-api/reset").raise_for_status()  # its buckets outlive the server
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lumbung")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "between us")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    settings.BLOBS_URL = f"s3://{BUCKET}/blobs"
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    _store.cache_clear()
    store = fsspec.filesystem("s3")
    store.mkdir(BUCKET)
    yield store
    _store.cache_clear()
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    server.stop()


def test_a_run_from_submission_to_evidence(bucket: Any, request: pytest.FixtureRequest) -> None:
    league = request.getfixturevalue("league")  # only now: its challenge goes into the bucket too
    node = league.node()
    assert league.submit().status_code == 201
    job = node.lease()
    whole = b"".join(node.api("GET", f"/node/blobs/{job.submission_blob}").streaming_content)
    assert "sha256:" + hashlib.sha256(whole).hexdigest() == job.submission_blob
    rest = node.api("GET", f"/node/blobs/{job.submission_blob}", Range="bytes=700-")
    assert rest.status_code == 206 and b"".join(rest.streaming_content) == whole[700:]
    assert rest["Content-Range"] == f"bytes 700-{len(whole) - 1}/{len(whole)}"

    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    assert node.api("POST", "/node/pictures", svg).status_code == 201
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]})).status_code == 200
    assert league.api["visitor"]("GET", f"/runs/{job.run}/evidence").status_code == 200
    archive = league.api["visitor"]("GET", "/challenges/toy/archive")
    assert len(b"".join(archive.streaming_content)) > 0

    bucket.invalidate_cache()
    kept = {name.rpartition("/")[2] for name in bucket.ls(f"{BUCKET}/blobs")}
    expected = {job.submission_blob, job.challenge_blob, "sha256:" + hashlib.sha256(svg).hexdigest()}
    assert kept == {digest.removeprefix("sha256:") for digest in expected}, "and no draft is left behind"


def test_a_file_over_the_limit_leaves_nothing(bucket: Any, db: None) -> None:
    from datetime import UTC, datetime

    from lumbung.centre.challenges import blobs
    from lumbung.centre.members.services import Refused

    with pytest.raises(Refused):
        blobs.put([bytes(1 << 20)] * 3, limit=2 << 20, now=datetime.now(UTC))
    bucket.invalidate_cache()
    assert not bucket.exists(f"{BUCKET}/blobs") or bucket.ls(f"{BUCKET}/blobs") == []
