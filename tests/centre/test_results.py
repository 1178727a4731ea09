"""What a team sees of its own: score, interval, rank, the change against its best, and the first error."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from wasmtime import wat2wasm

from foreign_programs import ELSEWHERE, GUESS_IN_WEBASSEMBLY, executable_for
from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Phase
from lumbung.centre.runs.models import Submission


@pytest.fixture
def browser(league, client):
    client.force_login(league.member)
    return client


def scored(league, node, figures, solution, who="member"):
    token = league.submit(who, solution=solution).json()["submission"]
    job = node.lease()
    assert job is not None and node.deliver(job, node.evidence(job, {"all": figures})).status_code == 200
    return token


def test_the_page_one_lands_on_shows_score_interval_and_rank(league, browser):
    node = league.node()
    scored(league, node, [5.0, 6.0, 5.5, 6.5, 5.8, 6.1], "a = 1", "stranger")
    token = scored(league, node, [1.0, 2.0, 3.0, 2.5, 1.5, 2.0], "a = 2")
    page = browser.get(f"/submissions/{token}/", headers={"accept-language": "en"}).content.decode()
    assert "<strong>2</strong>" in page and "95 % interval" in page and "Rank 1 of 2" in page
    listed = browser.get("/submissions/", headers={"accept-language": "en"}).content.decode()
    assert '<td class="number">2 <small>' in listed


def test_a_worse_one_says_so_and_names_the_ranked(league, browser):
    node = league.node()
    first = scored(league, node, [1.0, 2.0, 3.0, 2.5, 1.5, 2.0], "a = 1")
    second = scored(league, node, [3.0, 4.0, 5.0, 4.5, 3.5, 4.0], "a = 2")
    page = browser.get(f"/submissions/{second}/", headers={"accept-language": "en"}).content.decode()
    assert "Worse by 2 than the best your team had before" in page and "rank 1 of 1" in page
    assert "cannot tell" not in page, "every case is worse by two: that is sure"
    page = browser.get(f"/submissions/{first}/", headers={"accept-language": "en"}).content.decode()
    assert "Rank 1 of 1" in page and "than the best your team had before" not in page


def test_what_may_be_chance_is_called_so(league, browser):
    node = league.node()
    scored(league, node, [1.0, 2.0, 3.0, 2.5, 1.5, 2.0], "a = 1")
    token = scored(league, node, [1.1, 1.8, 3.1, 2.4, 1.6, 1.9], "a = 2")
    page = browser.get(f"/submissions/{token}/", headers={"accept-language": "en"}).content.decode()
    assert "The evidence cannot tell the two apart." in page


def test_under_an_embargo_no_score_is_shown(league, browser):
    token = scored(league, league.node(), [1.25, 2.25, 3.25], "a = 1")
    Phase.objects.update(embargo=True)
    for address in (f"/submissions/{token}/", "/submissions/"):
        page = browser.get(address, headers={"accept-language": "en"}).content.decode()
        assert "2.25" not in page and "Rank" not in page


def test_the_first_error_is_on_the_page_with_its_place(league, browser):
    node = league.node()
    token = league.submit().json()["submission"]
    job = node.lease()
    log = "[north] Wrong format at predictions.csv, line 3, column y: found ',', expected a number.\nTraceback\n[south] …"
    fault = {"owner": "submission", "code": "wrong_format"}
    assert node.deliver(job, None, fault=fault, log=log).status_code == 200
    page = browser.get(f"/submissions/{token}/", headers={"accept-language": "en"}).content.decode()
    assert "line 3, column y" in page and "Traceback" not in page and "[south]" not in page


@pytest.mark.parametrize(("filename", "content", "inside"), [
    ("My Solver.py", b"def solve(p): return {}", "solution.py"),
    ("ramalan.CSV", b"id;prediction\n1;2,5\n", "predictions.csv"),
    ("tebak.wasm", wat2wasm(GUESS_IN_WEBASSEMBLY), "solution.wasm"),
])  # fmt: skip
def test_a_single_file_is_a_submission(league, browser, filename, content, inside):
    upload = SimpleUploadedFile(filename, content)
    form = {"team": "rice-rocket", "phase": "practice", "name": "", "archive": upload}
    answer = browser.post("/challenges/toy/submit/", form)
    assert answer.status_code == 302, answer.content.decode()
    made = Submission.objects.get()
    assert made.name == Path(filename).stem
    with tarfile.open(fileobj=BytesIO(b"".join(blobs.read(made.blob.digest)))) as packed:
        assert [member.name for member in packed if member.isfile()] == [inside]
    program = {"solution.py": None, "predictions.csv": None}.get(
        inside, {"command": None, "module": [inside]}
    )
    assert made.declared["run"] == program


@pytest.mark.parametrize(("language", "words", "refused"), [
    ("en", "an executable; it finds nothing of the node's.", "bin/tebak: found a script that /bin/sh would have to read"),
    ("id", "program yang dapat dijalankan; tidak memakai apa pun dari simpul.", "bin/tebak: Program tidak dapat berjalan"),
    ("zh-hans", "可执行程序；不使用节点上的任何内容。", "bin/tebak: 程序无法在节点上运行"),
])  # fmt: skip
def test_a_program_in_another_language_is_shown_or_refused_with_its_place(
    league, browser, language, words, refused
):
    declared = b'[run]\ncommand = ["bin/tebak", "--cepat"]\n'
    league.member.language = language
    league.member.save()
    for program, says in ((executable_for(ELSEWHERE), words), (b"#!/bin/sh\n", refused)):
        packed = BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, content in (("submission.toml", declared), ("bin/tebak", program)):
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), 0o755
                archive.addfile(member, BytesIO(content))
        form = {
            "team": "rice-rocket", "phase": "practice", "name": "",
            "archive": SimpleUploadedFile("tebak.tar", packed.getvalue()),
        }  # fmt: skip
        answer = browser.post(
            "/challenges/toy/submit/", form, follow=True, headers={"accept-language": language}
        )
        page = answer.content.decode()
        assert says in page, page
        if says == words:
            assert "<code>bin/tebak --cepat</code>" in page
