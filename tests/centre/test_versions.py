"""A new version of a live challenge: its rows are carried, judged anew or archived, as the owner says, and none is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from archives import archive_of_folder
from lumbung.centre.challenges.models import Challenge
from lumbung.centre.members.models import AuditEntry, Notice
from lumbung.centre.runs.models import EvidenceRecord, Run, Submission
from lumbung.centre.runs.queue import reap
from lumbung.centre.standings.versions import change_state
from small_league import NOW

TEAMS = {"rice-rocket": [1.0, 2.0], "others": [3.0, 4.0]}


@pytest.fixture
def live(league):
    """A version with two teams on its board, and one submission under way."""
    node = league.node()
    for who, figures in zip(("member", "stranger"), TEAMS.values(), strict=True):
        deliver(league, node, figures, who)
    deliver(league, node, [8.0, 9.0])  # rice-rocket's second, worse
    return league, node


def deliver(league, node, figures, who=None):
    if who is not None or figures:
        assert league.submit(who or "member").status_code == 201
    job = node.lease()
    assert node.deliver(job, node.evidence(job, {"all": figures})).status_code == 200
    return job


def pose_next(
    league, tmp_path, change=("One number for all", "One number for everybody"), name="challenge.toml"
):
    folder = tmp_path / "toy"
    toml = folder / "challenge.toml"
    toml.write_text(toml.read_text().replace("version = 1\n", "version = 2\n", 1))
    path = folder / name
    text = path.read_text()
    path.write_text(text.replace(*change, 1))
    assert path.read_text() != text
    fields = {"organisation": "kota-bandung", "archive": archive_of_folder(folder)}
    answer = league.api["owner"].upload("/challenges", fields)
    assert answer.status_code == 201, answer.content


def open_next(league, rows="", who="owner"):
    return league.api[who]("POST", "/challenges/toy/2/state", {"state": "open", "rows": rows})


def board(league, version):
    path = f"/challenges/toy/phases/practice/leaderboard?version={version}"
    return [row["team"] for row in league.api["visitor"]("GET", path).json()["rows"]]


def words(league):
    """The title of the challenge, which may change without a score changing."""
    return Challenge.objects.get(version=1).record["title"]["en"]


def test_the_owner_is_asked_what_becomes_of_the_rows(live, tmp_path):
    league, _node = live
    pose_next(league, tmp_path, (words(league), "Better words"))
    refused = open_next(league)
    assert refused.status_code == 400 and "carried, rejudged or archived" in refused.json()["detail"]
    assert open_next(league, "thrown away").status_code == 422
    assert open_next(league, "archived", "member").status_code == 404
    browser = Client()
    browser.force_login(league.owner)
    page = browser.get("/challenges/toy/?version=2").content.decode()
    assert 'name="rows"' in page and "What becomes of the rows of version 1" in page
    assert Challenge.objects.get(version=1).state == "open"
    assert browser.post("/challenges/toy/2/state", {"state": "open", "rows": "archived"}).status_code == 302
    assert Challenge.objects.get(version=2).rows == "archived"


def test_carried_rows_stand_on_both_boards_and_what_is_under_way_lands_too(live, tmp_path):
    league, node = live
    assert league.submit("stranger").status_code == 201
    job = node.lease()
    pose_next(league, tmp_path, (words(league), "Better words"))
    mail.outbox.clear()
    assert open_next(league, "carried").status_code == 200
    assert board(league, 2) == board(league, 1) == ["rice-rocket", "others"]
    assert "version 2" in mail.outbox[0].subject and mail.outbox[0].to == ["owner@example.org"]
    assert node.deliver(job, node.evidence(job, {"all": [0.5, 0.5]})).status_code == 200
    assert board(league, 2) == board(league, 1) == ["others", "rice-rocket"]
    # A new one under the new version ranks with the carried: the question is the same.
    deliver(league, node, [0.1, 0.1])
    assert board(league, 2) == ["rice-rocket", "others"] and board(league, 1) == ["others", "rice-rocket"]
    entry = AuditEntry.objects.get(act="challenge.rows_carried")
    assert entry.details == {"before": 1, "judged": 0}
    for language, said in {"en": "are carried", "id": "dibawa", "zh-hans": "沿用"}.items():
        page = Client(headers={"Accept-Language": language}).get("/challenges/toy/phases/practice/")
        assert said in page.content.decode() and "?version=1" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "change", "what"),
    [
        ("challenge.toml", ("blocks = 5", "blocks = 6"), "options"),
        ("challenge.toml", ('better = "lower"', 'better = "higher"'), "ranking"),
        ("truth.csv", ("\n", "\nrow-x,1\n"), "truth.csv"),
        ("challenge.toml", ("embargo = true", "embargo = false"), "phases.final"),
    ],
)
def test_rows_are_not_carried_where_the_question_changed(live, tmp_path, name, change, what):
    league, _node = live
    pose_next(league, tmp_path, change, name)
    refused = open_next(league, "carried")
    assert refused.status_code == 400 and what in refused.json()["detail"], refused.content
    assert Challenge.objects.get(version=2).state == "draft", "nothing was opened"


def test_judged_anew_each_teams_best_and_both_standings_are_kept(live, tmp_path):
    league, node = live
    pose_next(league, tmp_path, ("blocks = 5", "blocks = 6"))
    answer = open_next(league, "rejudged")
    assert answer.status_code == 200 and len(answer.json()["judged_anew"]) == 2
    assert board(league, 2) == [] and board(league, 1) == ["rice-rocket", "others"]
    worth = {"rice-rocket": [5.0, 6.0], "others": [1.0, 1.0]}  # the mended judge sees it the other way round
    waits = [run.deadline for run in Run.objects.filter(state="queued")]
    reap(datetime.now(UTC))
    assert [run.deadline for run in Run.objects.filter(state="queued")] == waits, (
        "a month, for the nodes' owners"
    )
    assert min(waits) > datetime.now(UTC) + timedelta(days=29)
    while job := node.lease():
        theirs = Submission.objects.get(runs__token=job.run)
        assert job.challenge_version == 2 and theirs.digest == theirs.stands_for.digest
        assert node.deliver(job, node.evidence(job, {"all": worth[theirs.team.slug]})).status_code == 200
    assert board(league, 2) == ["others", "rice-rocket"] and board(league, 1) == ["rice-rocket", "others"]
    assert EvidenceRecord.objects.count() == 5, "nothing is lost"
    # It counts against nobody's limit, and the team finds it among its own.
    left = league.api["member"]("GET", "/submissions").json()
    assert len(left) == 3 and left[0]["phase__challenge__slug"] == "toy"
    from lumbung.centre.runs.services import used_today

    phase = Challenge.objects.get(version=2).phases.get(slug="practice")
    assert used_today(league.team, phase, EvidenceRecord.objects.first().received) == 0
    assert open_next(league).status_code == 200, "asked once"


def test_archived_rows_stay_where_they_are(live, tmp_path):
    league, _node = live
    pose_next(league, tmp_path, (words(league), "Better words"))
    assert open_next(league, "archived").status_code == 200
    assert board(league, 2) == [] and board(league, 1) == ["rice-rocket", "others"]
    assert "version=1" in Client().get("/challenges/toy/").content.decode()


def test_two_clicks_at_once_judge_nothing_twice(live, tmp_path):
    """The second click read the challenge before the first was done."""
    league, _node = live
    pose_next(league, tmp_path, ("mae", "mse"))
    first, second = (Challenge.objects.get(version=2) for _click in range(2))
    anew = change_state(league.owner, first, "open", rows="rejudged", now=NOW)
    assert len(anew) == 2
    assert change_state(league.owner, second, "open", rows="rejudged", now=NOW) == []
    assert Submission.objects.filter(stands_for__isnull=False).count() == 2
    assert sorted(Notice.objects.filter(kind="anew").values_list("person__email", flat=True)) == [
        "member@example.org",
        "stranger@example.org",
    ]
    league.node("node-b")
    run = Run.objects.filter(state="scored").first()
    asked = [
        league.api["owner"]("POST", f"/runs/{run.token}/rejudge", {"node": "node-b"}) for _click in range(2)
    ]
    assert asked[0].json()["run"] == asked[1].json()["run"] and run.rejudged_by.count() == 1
