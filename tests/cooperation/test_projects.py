"""Projects move one step at a time, promises are kept beside deeds, and nothing gets stuck unseen."""

from datetime import date, timedelta

import pytest

from lumbung.cooperation.matching.listings import Need, Offer, Written
from lumbung.cooperation.projects import (
    STAGES,
    Adoption,
    Milestone,
    ProjectError,
    Publication,
    Support,
    advance,
    complete,
    follow_up,
    project_from_match,
    record,
    stuck,
)
from lumbung.proving.text import LANGUAGES, Text

DAY = date(2026, 3, 2)
TITLE = Text("Signals for Bandung", "Sinyal untuk Bandung", "万隆信号优化")
NEED = Need("n", "city", Written("x", "id"), "city", challenge="signals")
OFFER = Offer("o", "startup", Written("x", "zh"))


def opened():
    return project_from_match(NEED, OFFER, TITLE, DAY)


def running():
    project = opened()
    for number, stage in enumerate(("introduced", "agreed", "running"), 1):
        project = advance(project, stage, DAY + timedelta(days=number))
    return project


def test_a_project_runs_through_its_stages():
    project = running()
    project = record(project, Milestone("pilot", TITLE, DAY + timedelta(days=30)))
    with pytest.raises(ProjectError, match="open milestones: pilot"):
        advance(project, "finished", DAY + timedelta(days=40))
    project = complete(project, "pilot", DAY + timedelta(days=29))
    project = record(project, Support("incentive", "nanning-office", DAY))
    project = advance(project, "finished", DAY + timedelta(days=40))
    project = record(project, Publication("A paper", "doi:10.1/x", DAY + timedelta(days=50)))
    project = record(project, Adoption("city", "sha256:1", DAY + timedelta(days=60), ("sha256:2",)))
    assert [stage for stage, _ in project.history] == [
        "proposed",
        "introduced",
        "agreed",
        "running",
        "finished",
    ]
    assert (project.challenge, project.partners[0].organisation) == ("signals", "city")
    assert len(project.support) == len(project.publications) == len(project.adoptions) == 1
    assert follow_up(project, DAY + timedelta(days=999)) is None


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (lambda: advance(opened(), "running", DAY), "what may follow is introduced or ended"),
        (lambda: advance(opened(), "introduced", DAY - timedelta(days=1)), "before the last step"),
        (lambda: advance(advance(opened(), "ended", DAY), "introduced", DAY), "nothing: it is over"),
        (lambda: complete(opened(), "x", DAY), "once an agreement is signed"),
        (lambda: complete(running(), "x", DAY), "has no milestone"),
        (lambda: record(opened(), Adoption("city", "s", DAY, ())), "rests on evidence"),
        (lambda: record(advance(opened(), "ended", DAY), Milestone("a", TITLE, DAY)), "nothing more"),
    ],
)
def test_steps_that_do_not_fit_are_refused(step, problem):
    with pytest.raises(ProjectError, match=problem):
        step()


def test_a_milestone_is_done_once():
    project = record(running(), Milestone("a", TITLE, DAY))
    with pytest.raises(ProjectError, match="already"):
        record(project, Milestone("a", TITLE, DAY))
    project = complete(project, "a", DAY)
    with pytest.raises(ProjectError, match="was done on"):
        complete(project, "a", DAY)


def test_follow_up_names_the_earliest_promise():
    project = record(running(), Milestone("late", TITLE, DAY + timedelta(days=60)))
    project = record(project, Milestone("early", TITLE, DAY + timedelta(days=10)))
    found = follow_up(project, DAY + timedelta(days=9))
    assert (found.due, found.overdue) == (DAY + timedelta(days=10), False)
    assert follow_up(project, DAY + timedelta(days=11)).overdue
    for language in LANGUAGES:
        assert getattr(TITLE, language) in found.says(language)
        assert all(text.in_language(language) for text in STAGES.values())


def test_what_is_stuck_comes_longest_first():
    old, new = opened(), project_from_match(NEED, OFFER, TITLE, DAY + timedelta(days=5))
    found = stuck([new, old, running()], DAY + timedelta(days=100))
    assert [each.due for each in found] == sorted(each.due for each in found)
    assert found[0].due == DAY + timedelta(days=14)
    assert stuck([old], DAY + timedelta(days=14)) == []
