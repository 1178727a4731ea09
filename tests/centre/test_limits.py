"""A limit is a team's and a person's: founding teams, withdrawing and racing do not lift it."""

from __future__ import annotations

import pytest

from lumbung.centre.challenges.models import Blob, Phase
from lumbung.centre.runs import services
from lumbung.centre.runs.models import Run, Submission
from lumbung.centre.runs.queue import end
from lumbung.proving.challenge import Egress
from lumbung.proving.job import RunState
from making_evidence import evidence_of
from small_league import NOW, team


@pytest.fixture
def three(league):
    """The phase takes three a day; the member leads three teams more."""
    Phase.objects.update(daily_limit=3)
    league.more = [team(f"more-{number}", league.member) for number in range(3)]
    return league


def hand_in(league, slug, phase="practice", who="member"):
    return league.submit(who, phase, team=slug)


def test_teams_of_one_person_share_the_persons_limit(three):
    slugs = ["rice-rocket", "more-0", "more-1", "more-2", "more-0"]
    answers = [hand_in(three, slug) for slug in slugs]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 400, 400]
    assert "for all your teams together" in answers[3].json()["detail"]


def test_on_private_cases_a_person_takes_part_with_one_team(three):
    three.node("node-a")
    assert hand_in(three, "rice-rocket", "final").status_code == 201
    refused = hand_in(three, "more-0", "final")
    assert refused.status_code == 400 and "one team" in refused.json()["detail"]
    three.more[1].members.add(three.stranger)
    assert hand_in(three, "more-1", "final", who="stranger").status_code == 400, (
        "its member takes part already"
    )
    assert hand_in(three, "others", "final", who="stranger").status_code == 201


def test_withdrawing_after_a_node_has_scored_gives_no_place_back(league):
    Phase.objects.update(daily_limit=1)
    first, _second = league.node("node-a"), league.node("node-b")
    token = league.submit(phase="final").json()["submission"]
    job = first.lease()
    means = evidence_of({"all": [1.0, 2, 3, 4, 5]}, egress=Egress("aggregate", 5), metric="mae").aggregates
    piece = first.evidence(job, {}, rows=(), aggregates=means, case_count=5, finished_count=5)
    assert first.deliver(job, piece).status_code == 200
    assert league.api["member"]("POST", f"/submissions/{token}/withdraw").status_code == 200
    assert Submission.objects.get(token=token).counts
    assert league.submit(phase="final").status_code == 400


def test_withdrawing_what_nobody_judged_gives_the_place_back_but_not_for_ever(league):
    Phase.objects.update(daily_limit=1)
    taken = 0
    for _ in range(services.UNCOUNTED + 3):
        answer = league.submit()
        if answer.status_code != 201:
            break
        taken += 1
        assert (
            league.api["member"]("POST", f"/submissions/{answer.json()['submission']}/withdraw").status_code
            == 200
        )
    assert taken == services.UNCOUNTED and "tries today" in answer.json()["detail"]


def test_what_the_platform_failed_does_not_count_but_is_capped(league):
    Phase.objects.update(daily_limit=1)
    taken = 0
    while league.submit().status_code == 201:
        taken += 1
        for run in Run.objects.filter(state="queued"):
            assert end(run, RunState.FAULTED, NOW, owner="platform", code="lost")
    assert taken == services.UNCOUNTED


def test_a_refused_upload_leaves_nothing(league, settings):
    before = set(Blob.objects.values_list("digest", flat=True))
    assert league.submit(files={"readme.txt": "no entry point"}).status_code == 400
    assert set(Blob.objects.values_list("digest", flat=True)) == before
