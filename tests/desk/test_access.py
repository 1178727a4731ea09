"""Who comes in: a link works once, a look does not use it up, a role bounds what a person does, and the door shuts at once."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.desk import access
from small_desk import Desk

PAGES = ("/", "/farm", "/connectivity", "/work", "/people", "/land.geojson", "/jobs/x", "/jobs/x/files/a.csv")


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_a_page_without_a_link(desk: Desk, page: str) -> None:
    answer = httpx.get(desk.url + page)
    assert answer.status_code == 401
    assert "You have not come in yet" in answer.text


def test_nobody_leaves_a_file_without_a_link(desk: Desk) -> None:
    page = httpx.get(desk.url)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token is not None
    answer = httpx.post(
        f"{desk.url}/farm", data={"csrfmiddlewaretoken": token.group(1)}, files={"table": ("a.csv", b"site\na")},
        cookies=dict(page.cookies),
    )  # fmt: skip
    assert answer.status_code == 401
    assert not list((desk.folder / "uploads").iterdir())


def test_a_link_works_once_and_a_look_does_not_use_it_up(desk: Desk) -> None:
    page = desk.post(desk.owner, "/people", {"name": "Sari", "role": "reader"})
    link = re.search(r"<code>(http\S+)</code>", page.text)
    assert link is not None
    for _look in range(3):
        assert httpx.get(link.group(1)).status_code == 200
    reader = desk.enter(link.group(1))
    assert httpx.get(link.group(1)).status_code == 410
    assert reader.get("/").status_code == 200
    refused = desk.post(reader, "/farm", files={"table": ("a.csv", b"site\na")})
    assert refused.status_code == 403
    assert "you need to be an operator" in refused.text
    assert reader.get("/people").status_code == 403
    shut = re.search(r"/people/(\w+)/shut-out", desk.owner.get("/people").text)
    assert shut is not None
    desk.post(desk.owner, f"/people/{shut.group(1)}/shut-out")
    assert reader.get("/").status_code == 401


def test_another_site_does_not_reach_the_desk_by_a_name_of_its_own(desk: Desk) -> None:
    assert httpx.get(desk.url, headers={"Host": "evil.example"}).status_code == 400
    assert httpx.post(f"{desk.url}/farm", headers={"Origin": "https://evil.example"}).status_code in (
        401,
        403,
    )


def test_links_and_stays_end(tmp_path: Path) -> None:
    now = access.utc_now()
    code = access.invite(tmp_path, "Budi", "operator", now)
    assert code not in "".join(str(path) for path in tmp_path.rglob("*"))
    assert access.enter(tmp_path, code, now + timedelta(hours=access.LINK_HOURS)) is None
    person = access.enter(tmp_path, access.invite(tmp_path, "Budi", "operator", now), now)
    assert person is not None
    assert person.may("reader")
    assert not person.may("owner")
    assert access.known(tmp_path, person.mark, now) == person
    later = now + timedelta(days=access.STAY_DAYS)
    assert access.known(tmp_path, person.mark, later) is None
    access.tidy(tmp_path, later)
    assert access.people(tmp_path) == []


@pytest.mark.parametrize("mark", ["", "../../secret", "a" * 31, "a" * 32])
def test_a_mark_that_is_none_names_nobody(tmp_path: Path, mark: str) -> None:
    assert access.known(tmp_path, mark, access.utc_now()) is None


def test_the_network_needs_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(tmp_path))
    done = CliRunner().invoke(main, ["desk", "--host", "0.0.0.0"])
    assert done.exit_code == 2
    assert "--behind-proxy" in done.output


def test_a_second_desk_in_the_same_folder_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(desk.home))
    done = CliRunner().invoke(main, ["desk", "--port", "8999"])
    assert done.exit_code == 2
    assert "another desk" in done.output
