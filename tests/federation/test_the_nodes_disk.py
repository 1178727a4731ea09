"""What a node keeps may be cut or the disk be full: the team never pays, and the node lives."""

from __future__ import annotations

import errno
import hashlib
import random

import httpx
import pytest

from federation_league import make_country
from lumbung.centre.runs.models import Run
from lumbung.node import judging
from lumbung.node.line import CentreLied, Line
from lumbung.proving.digest import digest_bytes

PREDICTS = 'def solve(p): return {"id": p["keys"], "prediction": [1.0] * len(p["keys"])}'


def test_a_cut_file_is_fetched_again_wherever_it_was_cut(tmp_path):
    chance = random.Random(20261129)
    content = chance.randbytes(5000)
    digest, asked = digest_bytes(content), []

    def centre(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("Range"))
        return httpx.Response(200, content=content)

    line = Line("http://x", transport=httpx.MockTransport(centre))
    cache = tmp_path / "blobs"
    for number in range(300):
        kept = line.fetch(digest, cache)
        spoilt = bytearray(content)
        if number % 3 == 0:
            spoilt = spoilt[: chance.randrange(len(content))]
        elif number % 3 == 1:
            spoilt[chance.randrange(len(content))] ^= 1 + chance.randrange(255)
        before = len(asked)
        kept.write_bytes(spoilt)
        taken = line.take(digest, cache, tmp_path / "taken")
        assert taken.read_bytes() == content
        assert len(asked) - before == (bytes(spoilt) != content)


def test_a_disk_that_spoils_what_it_keeps_ends_in_words_and_not_in_a_loop(tmp_path):
    content = b"x" * 100
    line = Line("http://x", transport=httpx.MockTransport(lambda _: httpx.Response(200, content=content)))
    carry = line.fetch

    def spoiling(digest, folder):
        path = carry(digest, folder)
        path.write_bytes(content[:50])
        return path

    line.fetch = spoiling  # type: ignore[method-assign]
    with pytest.raises(CentreLied, match="look at this node's disk"):
        line.take(digest_bytes(content), tmp_path, tmp_path / "taken")


@pytest.fixture
def country(busy_league, tmp_path):
    return make_country(busy_league, tmp_path / "node", tmp_path / "toy")


def test_a_spoilt_cache_is_no_fault_of_the_team(busy_league, country):
    for _ in range(3):
        busy_league.submit(solution=PREDICTS)
    node = country.start()
    assert node.work(country.folder.settings(), wait_s=0.0)
    chance = random.Random(1)
    for path in country.folder.blobs.iterdir():
        path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])
    node.run(once=True)
    assert set(Run.objects.values_list("state", "fault_owner")) == {("scored", "")}
    for path in country.folder.blobs.iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


@pytest.mark.parametrize("where", ["mkdtemp", "unpack"])
def test_a_full_scratch_disk_is_named_and_the_node_lives(busy_league, country, monkeypatch, where):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    busy_league.submit(solution=PREDICTS)
    node = country.start()
    with monkeypatch.context() as patched:
        patched.setattr(judging.tempfile if where == "mkdtemp" else judging, where, full)
        for _ in range(3):
            node.work(country.folder.settings(), wait_s=0.0)
    run = Run.objects.get()
    assert (run.state, run.fault_owner, run.fault_code) == ("faulted", "platform", "disk_full")
    assert not run.submission.counts
    busy_league.submit(solution=PREDICTS)
    node.run(once=True)
    assert Run.objects.order_by("-pk").first().state == "scored"
