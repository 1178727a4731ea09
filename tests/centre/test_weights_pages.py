"""What pages show of environments and weights: what is missing, what a team keeps, what was signed; sent from a browser."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as at_centre
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Challenge
from lumbung.centre.runs import weights as keeping
from lumbung.centre.runs.models import EvidenceRecord, Submission, Weights, WeightsUpload
from lumbung.proving.evidence import EnvironmentMark
from small_league import NOW, League, archive_of, build_league

pytestmark = pytest.mark.one_database

CONTENT = b"\x80\x04" + bytes(range(256)) * 400  # begins as a pickle does
DIGEST = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
DECLARED = f'[environment]\nuse = "siting"\n[weights]\n"model.pkl" = "{DIGEST}"\n'
LANGUAGES = {"en": "not sent yet", "id": "belum dikirim", "zh-hans": "尚未上传"}


@pytest.fixture(autouse=True)
def apart(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS = tmp_path / "uploads"
    settings.BLOBS_URL = f"file://{tmp_path / 'blobs'}"


def browser(league: League, language: str = "en") -> Client:
    made = Client(headers={"Accept-Language": language})
    made.force_login(league.member)
    return made


def hand_in(client: Client, toml: str = DECLARED) -> Any:
    files = {"solution.py": "def solve(p): return {}", "submission.toml": toml}
    archive = SimpleUploadedFile("mine.tar", archive_of(files).getvalue())
    form = {"team": "rice-rocket", "phase": "practice", "archive": archive}
    return client.post("/challenges/toy/submit/", form)


def keep(league: League, content: bytes = CONTENT, name: str = "model.pkl") -> Weights:
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    upload = keeping.begin(league.member, league.team, digest, len(content), name, now=NOW)
    assert upload is not None
    path = Path(at_centre.UPLOADS) / f"{upload.token}.part"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return keeping.finish(league.member, upload, now=NOW)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_upload_page_says_what_is_declared_and_missing_and_how_to_send_it(league: League) -> None:
    for language, words in LANGUAGES.items():
        page = hand_in(browser(league, language))
        assert page.status_code == 400 and words in text(page)
        assert "lumbung weights send model.pkl --team rice-rocket --centre http://testserver" in text(page)
        assert f'data-digest="{DIGEST}"' in text(page) and "portal/weights.js" in text(page)
    assert not Submission.objects.exists()
    keep(league)
    page = browser(league).get(hand_in(browser(league))["Location"])
    assert "siting" in text(page) and "does not publish it" in text(page)
    assert "model.pkl" in text(page) and "pickle (loaded in the sandbox only)" in text(page)
    own = '[environment]\nlock = "requirements.txt"\nwheels = "wheels"\n'
    assert hand_in(browser(league), own).status_code == 400, "the lock that it names is not there"
    plain = browser(league).get(hand_in(browser(league), "")["Location"])
    assert "none declared" in text(plain)
    Submission.objects.update(declared=None)
    older = browser(league).get(f"/submissions/{Submission.objects.first().token}/")
    assert older.status_code == 200 and "none declared" not in text(older), "of older ones nothing is known"


def test_a_team_sees_its_weights_and_lets_go_what_no_submission_names(league: League, settings: Any) -> None:
    settings.WEIGHTS_QUOTA = 1024 * 1024
    client = browser(league)
    assert "keeps no weights" in text(client.get("/teams/rice-rocket/weights/"))
    keep(league)
    other = keep(league, b"<b>other</b>", "other.bin").blob_id
    assert hand_in(client).status_code == 302
    half = keeping.begin(league.member, league.team, "sha256:" + "0" * 64, 4096, "half.onnx", now=NOW)
    assert half is not None
    page = text(client.get("/teams/rice-rocket/weights/"))
    assert "1 submission names it" in page and page.count('name="digest"') == 1
    assert re.search(r"[\d.]+.KB of 1\.0.MB", page) and re.search(r"half\.onnx: 0.bytes of 4\.0.KB", page)
    address = "/teams/rice-rocket/weights/remove"
    refused = client.post(address, {"digest": DIGEST}, follow=True)
    assert "A submission names these weights" in text(refused)
    assert "Removed." in text(client.post(address, {"digest": other}, follow=True))
    assert [kept.blob_id for kept in Weights.objects.all()] == [DIGEST]
    assert client.post(address, {"digest": other}).status_code == 404
    assert "/teams/rice-rocket/weights/" in text(client.get("/teams/"))


def test_run_and_evidence_say_in_what_environment_they_were_found(league: League) -> None:
    node = league.node()
    league.submit()
    job = node.lease()
    assert job is not None
    mark = EnvironmentMark("sha256:" + "ab" * 32, "3.11.9", "x86_64")
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]}, environment=mark))
    token = EvidenceRecord.objects.get().run.token
    for page in (Client().get(f"/runs/{token}/evidence/"), browser(league).get(f"/runs/{token}/")):
        assert "abababababab" in text(page) and "Python 3.11.9, x86_64" in text(page)


def test_a_challenge_for_language_models_has_a_board_for_each_language(league: League) -> None:
    node = league.node()
    for who, figures in (("member", [3.0, 1.0]), ("stranger", [2.0, 2.5])):
        league.submit(who)
        job = node.lease()
        assert job is not None
        node.deliver(job, node.evidence(job, {"id": [figures[0]] * 3, "jv": [figures[1]] * 2}))
    toy = Challenge.objects.get(slug="toy")
    toy.record["judge"] = "language.choice"
    toy.save()

    def teams(address: str, language: str = "en") -> tuple[str, list[str]]:
        page = text(Client(headers={"Accept-Language": language}).get(address))
        part = page[page.index('id="groups"') :]
        return part, re.findall(r'<th scope="row">([^<]+)</th>', part)

    better = toy.record["ranking"]["better"]
    board = "/challenges/toy/phases/practice/"
    for code, first in (("id", "Rice Rocket"), ("jv", "Others")):
        part, rows = teams(f"{board}?by={code}")
        assert "By language" in part and "aria-sort" in part
        assert rows[0 if better == "higher" else -1] == first
    assert "印尼语" in teams(board, "zh-hans")[0] and "Jawa" in teams(board, "id")[0]
    assert "aria-sort" not in teams(f"{board}?by=<script>")[0]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_sends_weights_over_a_line_that_breaks(
    chromium: Any, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest that the page computes is the file's, what was cut goes on, another file is not sent."""
    monkeypatch.setattr(keeping, "PIECE", 30_000)
    league = build_league(tmp_path)
    client = browser(league)
    context = chromium.new_context(viewport={"width": 360, "height": 800}, locale="en")
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page, complaints, pieces = context.new_page(), [], []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def breaking(route: Any) -> None:
        pieces.append(route.request.url)
        route.abort() if len(pieces) == 2 else route.continue_()

    page.route("**/api/weights/uploads/*?offset=*", breaking)
    try:
        (tmp_path / "my model.pkl").write_bytes(CONTENT)
        (tmp_path / "other.pkl").write_bytes(CONTENT[:-1])
        page.goto(f"{live_server.url}/challenges/toy/submit/")
        files = {"solution.py": "def solve(p): return {}", "submission.toml": DECLARED}
        archive = {
            "name": "mine.tar",
            "mimeType": "application/x-tar",
            "buffer": archive_of(files).getvalue(),
        }
        page.set_input_files("input[name=archive]", archive)
        page.get_by_role("button", name="Hand in").click()
        slot = page.locator("[data-send-weights] input")
        slot.set_input_files(tmp_path / "other.pkl")
        page.get_by_text("This is another file").wait_for()
        assert hashlib.sha256(CONTENT[:-1]).hexdigest() in page.inner_text("[data-verdict]")
        assert not WeightsUpload.objects.exists()
        slot.set_input_files(tmp_path / "my model.pkl")
        page.get_by_text("It is here.").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        kept = Weights.objects.get()
        assert (kept.name, kept.blob_id, kept.format) == ("model.pkl", DIGEST, "pickle")
        assert b"".join(blobs.read(DIGEST)) == CONTENT
        assert len(pieces) == 5, "of four pieces one was cut, and only that one went twice"

        for size in (55, 56, 64):  # about the ends of SHA-256's blocks
            page.goto(f"{live_server.url}/teams/rice-rocket/weights/")
            (tmp_path / f"of {size}.bin").write_bytes(b"w" * size)
            with page.expect_navigation():
                page.set_input_files("[data-send-weights] input", tmp_path / f"of {size}.bin")
            page.get_by_text(f"of-{size}.bin").first.wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert Weights.objects.count() == 4 and not complaints
    finally:
        context.close()
