"""Weights at a centre: sent in pieces over a line that breaks, stored once, counted, used, let go."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from django.test import Client

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Blob
from lumbung.centre.members.access import NotFound
from lumbung.centre.runs import weights as keeping
from lumbung.centre.runs.models import Weights, WeightsUpload
from lumbung.centre.standings.collecting import GRACE, collect_blobs
from lumbung.cli import main
from lumbung.cli.weights_line import send_weights
from small_league import Api, League

CONTENT = bytes(range(256)) * 400
DIGEST = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
TEAM = "rice-rocket"


@pytest.fixture(autouse=True)
def small_pieces(settings, monkeypatch, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    settings.BLOBS_URL = f"file://{tmp_path / 'blobs'}"
    monkeypatch.setattr(keeping, "PIECE", 10_000)


class BrokenLine(httpx.BaseTransport):
    """Carries to the application, and breaks again and again in the middle of a piece."""

    def __init__(self, every: int, keeps: int = 4321) -> None:
        self.every, self.keeps, self.pieces, self.carried = every, keeps, 0, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        cut = False
        if request.method == "PUT":
            self.pieces += 1
            cut = self.pieces % self.every == 0
            self.carried += len(body)
        answer = Client().generic(
            request.method,
            request.url.raw_path.decode(),
            body[: self.keeps] if cut else body,
            content_type=request.headers.get("Content-Type", "application/octet-stream"),
            headers={"Authorization": request.headers["Authorization"]},
        )
        if cut:
            raise httpx.ReadError("cut")
        return httpx.Response(answer.status_code, content=answer.content)


def line(api: Api, every: int = 10**9) -> tuple[httpx.Client, BrokenLine]:
    carrier = BrokenLine(every)
    headers = {"Authorization": f"Bearer {api.secret}"}
    return httpx.Client(base_url="http://centre/api", headers=headers, transport=carrier), carrier


def send(api: Api, content: bytes = CONTENT, team: str = TEAM, name: str = "model.bin") -> object:
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    said = api("POST", "/weights", {"team": team, "digest": digest, "size": len(content), "name": name})
    if said.status_code != 201:
        return said
    upload, here = said.json()["upload"], 0
    while here < len(content):
        piece = content[here : here + keeping.PIECE]
        here = api("PUT", f"/weights/uploads/{upload}?offset={here}", piece).json()["received"]
    return api("POST", f"/weights/uploads/{upload}/finish")


def test_over_a_line_that_breaks_nothing_is_sent_twice_beyond_a_piece(league: League, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(CONTENT)
    http, carrier = line(league.api["member"], every=3)
    shown: list[int] = []
    kept = send_weights(
        http, TEAM, path, "model.bin", DIGEST, lambda sent, _size: shown.append(sent), lambda _s: None
    )
    assert kept == {"digest": DIGEST, "kept": True, "format": "other"}
    cuts = carrier.pieces // 3
    assert cuts >= 3
    # Of a piece that was cut its beginning stays: what goes twice is the rest of it.
    assert carrier.carried - len(CONTENT) <= cuts * (keeping.PIECE - carrier.keeps)
    assert shown[-1] == len(CONTENT) and shown == sorted(shown)
    assert b"".join(blobs.read(DIGEST)) == CONTENT
    assert not WeightsUpload.objects.exists()
    carrier.pieces = 0
    assert send_weights(http, TEAM, path, "model.bin", DIGEST)["kept"] and carrier.pieces == 0


def test_a_piece_out_of_turn_is_not_taken_and_a_damaged_file_is_thrown_away(league: League) -> None:
    api = league.api["member"]
    said = api("POST", "/weights", {"team": TEAM, "digest": DIGEST, "size": 12, "name": "a.bin"})
    upload = said.json()["upload"]

    def put(offset: int, piece: bytes) -> int:
        return int(api("PUT", f"/weights/uploads/{upload}?offset={offset}", piece).json()["received"])

    assert put(5, b"hello") == 0
    assert put(0, b"hello") == 5
    assert put(0, b"hello") == 5
    early = api("POST", f"/weights/uploads/{upload}/finish")
    assert early.status_code == 400 and "5 of 12 bytes came" in early.json()["detail"]
    assert put(5, b" world, and more than that") == 12
    damaged = api("POST", f"/weights/uploads/{upload}/finish")
    assert damaged.status_code == 400 and "damaged" in damaged.json()["detail"]
    assert not WeightsUpload.objects.exists() and not Weights.objects.exists()
    assert api("PUT", f"/weights/uploads/{upload}?offset=0", b"x").status_code == 404

    cut = (len('{"a":{}}') + 90).to_bytes(8, "little") + b"{" + b" " * 20
    refused = send(api, cut, name="m.safetensors")
    assert refused.status_code == 400 and "m.safetensors" in refused.json()["detail"]
    for bad in ({"digest": "sha256:0"}, {"size": 0}, {"name": "../x"}, {"team": "others"}):
        body = {"team": TEAM, "digest": DIGEST, "size": 12, "name": "a.bin", **bad}
        assert api("POST", "/weights", body).status_code in (404, 422)


def test_each_team_sends_what_it_uses_and_the_bytes_are_stored_once(league: League) -> None:
    assert send(league.api["member"]).status_code == 201
    named = {"solution.py": "def solve(p): return {}", "submission.toml": f'[weights]\n"m" = "{DIGEST}"\n'}
    refused = league.submit("stranger", files=named)
    assert refused.status_code == 400 and "Send them first" in refused.json()["detail"]
    assert send(league.api["stranger"], team="others").status_code == 201
    assert Weights.objects.count() == 2 and Blob.objects.filter(pk=DIGEST).count() == 1
    assert league.api["stranger"]("GET", f"/weights?team={TEAM}").status_code == 404


def test_a_node_fetches_the_weights_of_the_run_it_judges_and_no_others(league: League) -> None:
    assert send(league.api["member"]).status_code == 201
    assert send(league.api["member"], b"other weights").status_code == 201
    node = league.node()
    assert node.api("GET", f"/node/blobs/{DIGEST}").status_code == 404
    made = league.submit(
        files={"solution.py": "def solve(p): return {}", "submission.toml": f'[weights]\n"m" = "{DIGEST}"\n'}
    )
    assert made.status_code == 201, made.content
    job = node.lease()
    assert job is not None
    whole = node.api("GET", f"/node/blobs/{DIGEST}")
    assert b"".join(whole.streaming_content) == CONTENT
    rest = node.api("GET", f"/node/blobs/{DIGEST}", Range="bytes=1000-")
    assert rest.status_code == 206 and b"".join(rest.streaming_content) == CONTENT[1000:]
    other = "sha256:" + hashlib.sha256(b"other weights").hexdigest()
    assert node.api("GET", f"/node/blobs/{other}").status_code == 404
    api = league.api["member"]
    kept = api("DELETE", f"/weights/{DIGEST}?team={TEAM}")
    assert kept.status_code == 400 and "A submission names these weights" in kept.json()["detail"]
    assert api("DELETE", f"/weights/{other}?team={TEAM}").status_code == 200
    assert [row["digest"] for row in api("GET", f"/weights?team={TEAM}").json()["weights"]] == [DIGEST]


def test_an_organisation_has_a_quota_and_what_nobody_keeps_goes(league: League, settings) -> None:
    api, now = league.api["member"], datetime.now(UTC)
    settings.WEIGHTS_QUOTA = len(CONTENT) + 10
    assert send(api).status_code == 201
    refused = send(api, b"one more file")
    assert refused.status_code == 400 and "remove some first" in refused.json()["detail"]
    settings.WEIGHTS_LIMIT = 5
    assert "up to 0 MiB" in send(api, b"too large").json()["detail"]
    settings.WEIGHTS_LIMIT = 2**30
    assert collect_blobs(now + GRACE * 2) == 0
    assert api("DELETE", f"/weights/{DIGEST}?team={TEAM}").status_code == 200
    said = api("POST", "/weights", {"team": TEAM, "digest": DIGEST, "size": 12, "name": "a.bin"}).json()
    api("PUT", f"/weights/uploads/{said['upload']}?offset=0", b"half")
    part = settings.UPLOADS / f"{said['upload']}.part"
    assert part.read_bytes() == b"half"
    assert collect_blobs(now + timedelta(days=3)) >= 2
    assert not Blob.objects.filter(pk=DIGEST).exists() and not part.exists()


def test_submit_sends_the_weights_that_are_named(league: League, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("lumbung.cli.judging.home", lambda: tmp_path / "home")
    real, carrier = httpx.Client, BrokenLine(3)
    monkeypatch.setattr(httpx, "Client", lambda **options: real(transport=carrier, **options))
    monkeypatch.setattr("lumbung.cli.weights_line.time.sleep", lambda _s: None)
    (tmp_path / "model.bin").write_bytes(CONTENT)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "solution.py").write_text("def solve(p): return {}")
    (mine / "submission.toml").write_text(f'[weights]\n"model.bin" = "{DIGEST}"\n')
    words = ["submit", "toy", str(mine), "--team", TEAM, "--token", league.api["member"].secret, "--no-wait"]
    missing = CliRunner().invoke(main, words)
    assert missing.exit_code == 3 and "lumbung weights add FILE" in missing.output
    assert CliRunner().invoke(main, ["weights", "add", str(tmp_path / "model.bin")]).exit_code == 0
    sent = CliRunner().invoke(main, words)
    assert sent.exit_code == 0, sent.output
    assert Weights.objects.get().submissions.count() == 1


def test_a_file_announced_smaller_than_what_came_begins_anew_and_never_grows_beyond_its_size(
    league: League, settings
) -> None:
    api = league.api["member"]

    def announce(size: int) -> str:
        asked = {"team": TEAM, "digest": DIGEST, "size": size, "name": "a.bin"}
        return str(api("POST", "/weights", asked).json()["upload"])

    first = announce(9_000)
    api("PUT", f"/weights/uploads/{first}?offset=0", b"x" * 9_000)
    second = announce(10)
    assert second != first
    assert api("PUT", f"/weights/uploads/{first}?offset=9000", b"x" * 5_000).status_code == 404
    assert api("PUT", f"/weights/uploads/{second}?offset=0", b"x" * 5_000).json()["received"] == 10
    assert api("PUT", f"/weights/uploads/{second}?offset=10", b"x" * 5_000).json()["received"] == 10
    assert [part.stat().st_size for part in settings.UPLOADS.glob("*.part")] == [10]


def test_who_comes_after_an_upload_was_finished_leaves_nothing_behind(league: League, settings) -> None:
    api = league.api["member"]
    asked = {"team": TEAM, "digest": DIGEST, "size": len(CONTENT), "name": "a.bin"}
    token = api("POST", "/weights", asked).json()["upload"]
    late = WeightsUpload.objects.get(token=token)  # found, and then waiting for the one before
    assert send(api).status_code == 201
    with pytest.raises(NotFound):
        keeping.take_piece(late, 0, None, now=datetime.now(UTC))
    with pytest.raises(NotFound):
        keeping.finish(late.begun_by, late, now=datetime.now(UTC))
    assert list(settings.UPLOADS.iterdir()) == []
