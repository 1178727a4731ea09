"""An adopted solution at work: beside today's practice, in its sandbox, and attached only on the owner's word."""

from __future__ import annotations

import io
import json
import re
import tarfile
from pathlib import Path

import httpx
import pytest

from lumbung.desk.access import utc_now
from lumbung.desk.adopted.practice import PRACTICES
from lumbung.desk.jobs import worker
from lumbung.desk.jobs.folder import Job, Jobs, Order
from lumbung.node import line
from lumbung.node.folder import NodeFolder, Settings
from small_desk import Desk
from small_wheels import requirement, write_wheel


def _packed(folder: Path, files: dict[str, str | bytes]) -> Path:
    path = folder / "solution.tar"
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            content = content if isinstance(content, bytes) else content.encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def _job(folder: Path, solution: str, scenario: bytes, **options: object) -> Job:
    data = folder / "town.zip"
    data.write_bytes(scenario)
    given = {"solution.tar": _packed(folder, {"solution.py": solution}), "data/town.zip": data}
    asked = {"challenge": "resco", "solution": "", "adoption": None, **options}
    return Jobs(folder).make(Order("adopted.run", "t", asked, utc_now()), given)


OWN_PLANS = """
class Solution:
    def start(self, problem):
        return {"plans": {name: "network" for name in problem["junctions"]}}
    def step(self, observation):
        return {}
"""


def test_a_solution_works_beside_todays_practice_and_is_attached_on_the_owners_word(
    tmp_path: Path, small_scenario: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(tmp_path))
    (tmp_path / "desk").mkdir()
    job = _job(tmp_path / "desk", OWN_PLANS, small_scenario)
    last = worker.do(job)
    assert last.status == "done", (last, job.read_result("fault.json"))
    compared = job.read_result("compared.json")
    assert compared["done"]["delay"] == pytest.approx(compared["today"]["delay"], rel=0.2)
    assert (job.result / "deliverable" / "comparison.csv").exists()

    node = NodeFolder(tmp_path / "node")
    node.path.mkdir()
    node.write_settings(Settings("bandung", "ID", centre="http://centre.test"))
    node.write_token("secret")
    sent: list[httpx.Request] = []

    def centre(asked: httpx.Request) -> httpx.Response:
        sent.append(asked)
        asked.read()
        return httpx.Response(201, json={})

    real = line.Line
    monkeypatch.setattr(line, "Line", lambda where, token: real(where, token, httpx.MockTransport(centre)))
    attaching = Jobs(tmp_path / "desk").make(
        Order("adopted.attach", "t", {"job": job.id, "adoption": 7}, utc_now()), {}
    )
    assert worker.do(attaching).status == "done"
    assert sent[-1].url.path.endswith("/adoptions/7/deliverable")
    names = tarfile.open(fileobj=io.BytesIO(sent[-1].content)).getnames()
    assert "deliverable/comparison.csv" in names
    assert not [name for name in names if "town" in name]
    assert attaching.read_result("attached.json")["bytes"] == len(sent[-1].content)

    monkeypatch.setattr(
        line, "Line",
        lambda where, token: real(where, token, httpx.MockTransport(lambda asked: httpx.Response(404, json={}))),
    )  # fmt: skip
    refused = Jobs(tmp_path / "desk").make(
        Order("adopted.attach", "t", {"job": job.id, "adoption": 8}, utc_now()), {}
    )
    reason = worker.do(refused).reason
    assert reason is not None
    assert reason.code == "refused"


@pytest.mark.parametrize(
    ("solution", "code"),
    [
        ("raise SystemExit('not today')", "solution"),
        ("class Solution:\n    def start(self, p):\n        return {'plans': {'nowhere': 'network'}}\n", "solution"),
    ],
    ids=["dies", "illegal"],
)  # fmt: skip
def test_a_solution_that_fails_is_named_in_every_language(
    tmp_path: Path, small_scenario: bytes, solution: str, code: str
) -> None:
    job = _job(tmp_path, solution, small_scenario)
    reason = worker.do(job).reason
    assert reason is not None
    assert reason.code == code
    said = json.loads((job.result / "fault.json").read_text())
    assert set(said) == {"en", "id", "zh"}
    assert len(set(said.values())) == 3
    assert str(tmp_path) not in json.dumps(said)
    assert not (job.result / "deliverable").exists()


def test_the_page_asks_for_what_is_missing_and_knows_each_challenge(desk: Desk) -> None:
    page = desk.owner.get("/adopted").text
    assert len(re.findall(r'<option value="[a-z-]+">', page)) >= 3
    answer = desk.post(desk.owner, "/adopted", {"challenge": "no-such", "adoption": "x1"})
    assert answer.status_code == 422
    for said in ("Choose the challenge", "Give your data", "Give the solution", "number of the adoption"):
        assert said in answer.text
    assert set(PRACTICES) == {"city.signals", "farm.planting", "connectivity.siting"}


def test_a_finished_run_is_shown_in_three_languages_and_attached_by_nobody_but_the_owner(
    desk: Desk, tmp_path: Path, small_scenario: bytes
) -> None:
    """The whole way through the pages: given with a package of its own, run, seen; a reader may not send it."""
    wheel = write_wheel(tmp_path, "kota_tools")
    packed = _packed(
        tmp_path,
        {
            "solution.py": f"import kota_tools\nassert kota_tools.ANSWER == 42\n{OWN_PLANS}",
            "submission.toml": '[environment]\nlock = "requirements.txt"\nwheels = "wheels"\n',
            "requirements.txt": requirement(wheel),
            f"wheels/{wheel.name}": wheel.read_bytes(),
        },
    )
    files = [
        ("solution", ("solution-3.tar", packed.read_bytes())),
        ("data", ("town.zip", small_scenario)),
    ]
    answer = desk.post(desk.owner, "/adopted", {"challenge": "resco", "adoption": "3"}, files)
    name = re.search(r"/jobs/([\w-]+)$", str(answer.url))
    assert name is not None, answer.text
    assert desk.over(name.group(1))["status"] == "done"
    for language, heading in (
        ("en", "Beside today"),
        ("id", "Dibandingkan dengan praktik"),
        ("zh-hans", "与现行做法对照"),
    ):
        desk.owner.cookies["django_language"] = language
        page = desk.owner.get(f"/jobs/{name.group(1)}").text
        assert heading in page
        assert "comparison.csv" in page
        drawn = re.findall(r'src="[^"]*/map-(\w\w)\.svg"', page)
        assert drawn == [language[:2]]
    desk.owner.cookies.delete("django_language")
    link = re.search(
        r"<code>(http\S+)</code>", desk.post(desk.owner, "/people", {"name": "R", "role": "operator"}).text
    )
    assert link is not None
    operator = desk.enter(link.group(1))
    assert desk.post(operator, f"/jobs/{name.group(1)}/attach", {"adoption": "3"}).status_code == 403
