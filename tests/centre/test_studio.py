"""From a table to a challenge: what is posed proves itself, and what a host got wrong is said where it is."""

from __future__ import annotations

import os
import tarfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from lumbung.centre.challenges import blobs, studio
from lumbung.centre.challenges.amending import amend
from lumbung.centre.challenges.models import Challenge
from lumbung.centre.challenges.studio import TableChallenge, pose_table
from lumbung.centre.members.access import NotAllowed
from lumbung.centre.members.services import Refused
from lumbung.centre.portal.pages import studio as pages
from lumbung.centre.portal.studio_form import StudioForm
from lumbung.centre.runs.turnout import turnout
from lumbung.node.arrivals import take_in
from lumbung.node.folder import NodeFolder, Settings
from lumbung.proving.challenge import read_challenge
from lumbung.proving.text import Text
from small_league import NOW

pytestmark = pytest.mark.one_database

INPUTS = "plot,rain,soil\n" + "".join(f"p{i},{i * 3},{'clay' if i % 2 else 'sand'}\n" for i in range(30))
TRUTH = "plot,harvest\n" + "".join(f"p{i},{2 + i / 10}\n" for i in range(30))
WANTED = TableChallenge(
    title=Text("", "Panen padi", ""),
    summary=Text("", "Berapa hasil panen petak ini?", ""),
    description=Text("", "", ""),
    sector="farm", home="ID", licence="CC-BY-4.0", legal_basis='"Pasal 56"', key="plot", target="harvest", metric="mae",
    blocks=5, daily_limit=3, closes=NOW + timedelta(days=30), inputs=INPUTS, truth=TRUTH,
)  # fmt: skip


@pytest.fixture
def unproved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof costs seconds; that it is asked for is another test's."""
    monkeypatch.setattr(studio, "prove_folder", lambda folder: None)


def _changed(**changes: Any) -> TableChallenge:
    return msgspec.structs.replace(WANTED, **changes)


def test_a_table_becomes_a_challenge_that_proved_itself(league: Any, tmp_path: Path) -> None:
    """The one test that proves for real."""
    made = pose_table(league.owner, league.organisation, WANTED, now=NOW)
    assert made.slug == "panen-padi" and made.state == Challenge.State.DRAFT
    assert [(phase.slug, phase.private, phase.embargo) for phase in made.phases.all()] == [
        ("practice", False, False),
        ("final", True, True),
    ]
    packed = tmp_path / "packed.tar"
    packed.write_bytes(b"".join(blobs.read(made.blob_id)))
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "there", filter="data")
    found = read_challenge(tmp_path / "there")
    assert found.digest == made.digest
    assert found.challenge.egress.legal_basis == '"Pasal 56"'
    starter = (tmp_path / "there/submissions/accepted/one-answer/solution.py").read_text()
    assert "ANSWER = 3.45\n" in starter, "the median, which the mean absolute error likes best"


def test_a_table_that_does_not_prove_itself_is_not_posed(league: Any) -> None:
    """R² of a block with one value says nothing; the judge itself says so, and names the block."""
    level = "plot,harvest\n" + "".join(f"p{i},2\n" for i in range(30))
    with pytest.raises(Refused, match="at least two values in every block for r2"):
        pose_table(league.owner, league.organisation, _changed(metric="r2", truth=level), now=NOW)
    assert not Challenge.objects.filter(slug="panen-padi").exists()


@pytest.mark.usefixtures("unproved")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"truth": TRUTH.replace("p3,", "p33,")}, "same rows"),
        ({"truth": TRUTH.replace("plot,harvest", "plot,yield")}, "plot and harvest"),
        ({"inputs": INPUTS.replace("rain", "harvest")}, "never harvest"),
        ({"inputs": INPUTS.replace("p4,12,sand", "p4,12")}, "inputs.csv, line 6: 2 fields"),
        ({"truth": TRUTH.replace("p4,2.4", "p4,dry")}, "line 6: 'dry' is no number"),
        ({"inputs": INPUTS[: INPUTS.index("p5,")], "truth": TRUTH[: TRUTH.index("p5,")]}, "5 rows"),
        ({"closes": NOW - timedelta(days=1)}, "closes in the future"),
        ({"truth": ""}, "header line"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(league: Any, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        pose_table(league.owner, league.organisation, _changed(**changes), now=NOW)


@pytest.mark.usefixtures("unproved")
def test_titles_become_addresses_and_no_two_are_one(league: Any) -> None:
    slugs = [
        pose_table(league.owner, league.organisation, _changed(title=Text("", "", "水稻产量")), now=NOW).slug
        for _ in range(2)
    ]
    assert slugs == ["shui-dao-chan-liang", "shui-dao-chan-liang-2"]


@pytest.mark.usefixtures("unproved")
def test_labels_are_answered_by_the_most_frequent(league: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written: dict[str, str] = {}
    monkeypatch.setattr(studio, "write_folder", lambda folder, files: written.update(files))
    monkeypatch.setattr(studio, "pose_folder", lambda *_given, **_named: None)
    labels = "plot,harvest\n" + "".join(f"p{i},{'good' if i % 3 else 'bad'}\n" for i in range(30))
    pose_table(league.owner, league.organisation, _changed(metric="accuracy", truth=labels), now=NOW)
    assert "ANSWER = 'good'\n" in written["submissions/accepted/one-answer/solution.py"]


@pytest.mark.usefixtures("unproved")
def test_only_who_poses_for_the_organisation_may(league: Any) -> None:
    with pytest.raises(NotAllowed):
        pose_table(league.member, league.organisation, WANTED, now=NOW)


@pytest.mark.usefixtures("unproved")
def test_a_text_gains_languages_and_loses_none(league: Any) -> None:
    made = pose_table(league.owner, league.organisation, WANTED, now=NOW)
    more = Text("Rice harvest", "Panen padi", "")
    amend(league.owner, made, texts={"title": more}, phases={}, why="", now=NOW)
    with pytest.raises(Refused, match="keeps the languages"):
        amend(league.owner, made, texts={"title": Text("", "Panen padi", "水稻")}, phases={}, why="", now=NOW)


@pytest.mark.usefixtures("unproved")
def test_a_host_counts_who_takes_part(league: Any) -> None:
    league.submit()
    league.submit(solution="def solve(p): return 1")
    league.submit("stranger")
    league.team.organisations.add(league.organisation)
    found = turnout(Challenge.objects.get(slug="toy"), NOW.date())
    assert (found.submissions, found.teams, found.organisations, found.scored) == (3, 2, 1, 0)
    assert found.countries == [("ID", 1)]
    assert [(phase.slug, *counts) for phase, *counts in found.phases] == [("practice", 3, 2), ("final", 0, 0)]
    assert found.by_day[-1] == (NOW.date(), 3) and sum(count for _day, count in found.by_day) == 3


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.usefixtures("unproved")
def test_from_a_table_to_an_open_challenge_in_the_browser(
    chromium: Any, live_server: Any, league: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No command, and no private row on the line; what is saved is what a node takes in."""
    table = tmp_path / "panen.csv"
    rows = [
        f'"lahan {i}";{i / 4:.2f}'.replace(".", ",") + f";{2 + i / 10:.1f}".replace(".", ",")
        for i in range(60)
    ]
    table.write_text("nama;hujan;panen\n" + "\n".join([*rows, '"lahan 60";1,0;']) + "\n", encoding="utf-8")
    browser = Client()
    browser.force_login(league.owner)
    context = chromium.new_context(locale="id-ID", accept_downloads=True)
    context.add_cookies(
        [{"name": "sessionid", "value": browser.cookies["sessionid"].value, "url": live_server.url}]
    )
    page, complaints, arrived = context.new_page(), [], []

    class Arriving(StudioForm):
        def is_valid(self) -> bool:
            arrived.append(
                {**self.data.dict(), **{name: file.read().decode() for name, file in self.files.items()}}
            )
            for file in self.files.values():
                file.seek(0)
            return super().is_valid()

    monkeypatch.setattr(pages, "StudioForm", Arriving)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/pose/table/")
    page.set_input_files("#table", str(table))
    page.wait_for_selector("[data-part=reading] .success")
    assert page.locator("#choose-target").input_value() == "panen"
    assert page.locator("[name=metric]").input_value() == "mae"
    page.locator("[data-part=columns] input[value=nama]").uncheck()
    assert page.locator("[data-part=preview] th").all_inner_texts() == ["hujan", "panen"]
    assert "30 baris" in page.locator("[data-part=split]").inner_text()
    page.fill("[name=title_id]", "Panen padi")
    page.fill("[name=closes]", "2098-12-31T00:00")
    page.locator("#studio button[type=submit]").click()
    page.locator(".field p.error").wait_for()  # the summary is missing, and it says so beside it
    page.fill("[name=summary_id]", "Berapa hasil panen petak ini?")
    page.select_option("#choose-share", "60")  # of the 30 rows kept until now, and six that were sent
    page.locator("#studio button[type=submit]").click()
    page.wait_for_selector("[data-part=outcome] .error")
    assert "sudah terkirim" in page.locator("[data-part=outcome]").inner_text() and len(arrived) == 1
    page.select_option("#choose-share", "50")
    page.locator("#studio button[type=submit]").click()
    page.locator("[data-save]").wait_for()
    with page.expect_download() as saving:
        page.locator("[data-save]").click()
    assert saving.value.suggested_filename == "panen-padi-v1-private.tar"

    node = NodeFolder(tmp_path / "node")
    (node.path / "inbox").mkdir(parents=True)
    node.write_settings(Settings("bandung-1", "ID"))
    saving.value.save_as(node.path / "inbox" / saving.value.suggested_filename)
    os.utime(node.path / "inbox" / saving.value.suggested_filename, (0, 0))
    take_in(node, complaints.append)
    made = Challenge.objects.get(slug="panen-padi")
    assert node.settings().challenges["panen-padi"].digest == made.digest
    private = [
        line.split(",") for line in (node.cases("panen-padi") / "truth.csv").read_text().splitlines()[1:]
    ]
    public = [line.split(",") for line in arrived[-1]["truth"].splitlines()[1:]]
    assert len(private) == len(public) == 30, "the row without an answer is nobody's"
    answers = {answer for _id, answer in (*private, *public)}
    assert answers == {f"{2 + i / 10:.1f}" for i in range(60)}, "each row once, decimal commas read as such"
    on_the_line = {line.partition(",")[2] for each in arrived for line in each["truth"].splitlines()[1:]}
    assert len(arrived) == 2 and not on_the_line & {answer for _id, answer in private}, (
        "nor with a try that was refused"
    )
    kept_rows = {number for number, _answer in private}
    assert not kept_rows & {line.partition(",")[0] for line in arrived[-1]["inputs"].splitlines()}
    assert "lahan" not in str(arrived), "a column that teams do not see stays with its host"

    page.locator("[data-draft]").click()
    page.wait_for_selector(".panel.owner")
    assert "bahasa Inggris" in page.locator(".panel.owner").inner_text(), "the other languages are asked for"
    with page.expect_navigation():
        page.locator(".panel.owner button[value=open]").click()
    made.refresh_from_db()
    assert made.state == Challenge.State.OPEN
    assert len(complaints) == 1 and "accepted" in complaints[0]
    context.close()
