"""What is said about a challenge: who may say, answer, hide; what is hidden loses its words and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from lumbung.centre.challenges import discussion
from lumbung.centre.challenges.models import Challenge, Post
from lumbung.centre.members.access import NotAllowed, NotFound
from lumbung.centre.members.models import AuditEntry
from lumbung.centre.members.services import Refused
from small_league import NOW


@pytest.fixture
def toy(league: Any) -> Challenge:
    return Challenge.objects.get(slug="toy")


@pytest.fixture
def question(league: Any, toy: Challenge) -> Post:
    return discussion.ask(league.member, toy, "  Is the day local time?\nOr UTC? ", now=NOW)


def test_the_owners_answer_is_marked_and_a_teams_is_not(league: Any, question: Post) -> None:
    discussion.answer(league.owner, question, "UTC.", now=NOW)
    discussion.answer(league.stranger, question, "I think local.", now=NOW)
    (shown,) = discussion.questions("toy")
    assert shown.text == "Is the day local time?\nOr UTC?" and not shown.binding
    assert [(each.text, each.binding) for each in shown.replies.all()] == [
        ("UTC.", True),
        ("I think local.", False),
    ]


def test_only_who_manages_the_challenge_announces(league: Any, toy: Challenge) -> None:
    with pytest.raises(NotAllowed):
        discussion.announce(league.member, toy, "The judge is mine.", now=NOW)
    discussion.announce(league.owner, toy, "The final opens a day later.", now=NOW)
    page = Client().get("/challenges/toy/").content.decode()
    assert "The final opens a day later." in page and "Discussion: 0 questions" in page


def test_reported_hidden_and_written_down(league: Any, question: Post) -> None:
    for who in (league.stranger, league.stranger, league.owner):
        discussion.report(who, question, now=NOW)
    (waiting,) = discussion.reported()
    assert waiting.waiting == 2, "said twice is said once"
    with pytest.raises(NotAllowed):
        discussion.hide(league.stranger, question, now=NOW)
    discussion.hide(league.staff, question, now=NOW)
    discussion.hide(league.staff, question, now=NOW)
    assert not discussion.reported().exists()
    assert AuditEntry.objects.filter(act="post.hidden").count() == 1
    page = Client().get("/challenges/toy/discussion/").content.decode()
    assert "local time" not in page and "Taken away" in page
    with pytest.raises(NotFound):
        discussion.answer(league.owner, question, "Too late.", now=NOW)


def test_what_may_stay_stays(league: Any, question: Post) -> None:
    discussion.report(league.stranger, question, now=NOW)
    discussion.let_stand(league.staff, question, now=NOW)
    assert not discussion.reported().exists()
    discussion.report(league.owner, question, now=NOW)
    assert discussion.reported().get().waiting == 1, "a new report counts anew"


def test_nobody_floods_it(league: Any, toy: Challenge) -> None:
    for number in range(discussion.POSTS_A_DAY):
        discussion.ask(league.member, toy, f"Question {number}", now=NOW)
    with pytest.raises(Refused, match="20"):
        discussion.ask(league.member, toy, "One more", now=NOW)
    discussion.ask(league.member, toy, "Next day", now=NOW + timedelta(days=1, seconds=1))


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001])
def test_nothing_and_too_much_are_refused(league: Any, toy: Challenge, text: str) -> None:
    with pytest.raises(Refused):
        discussion.ask(league.member, toy, text, now=NOW)


def test_words_are_shown_as_words(league: Any, toy: Challenge) -> None:
    discussion.ask(league.member, toy, '<script>alert("x")</script>', now=NOW)
    page = Client().get("/challenges/toy/discussion/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_a_second_click_says_nothing_twice(league: Any, toy: Challenge) -> None:
    stranger, owner = Client(), Client()
    stranger.force_login(league.stranger)
    owner.force_login(league.owner)
    for _click in range(2):
        stranger.post("/challenges/toy/discussion/ask", {"text": "Which day?"})
        owner.post("/challenges/toy/discussion/announce", {"text": "Tomorrow."})
    question = Post.objects.get(kind="question")
    for _click in range(2):
        owner.post(f"/posts/{question.pk}/answer", {"text": "Monday."})
    assert sorted(Post.objects.values_list("kind", flat=True)) == ["announcement", "answer", "question"]
    assert [letter.to for letter in mail.outbox] == [["owner@example.org"], ["stranger@example.org"]]


def test_the_same_words_later_or_elsewhere_are_new(league: Any, toy: Challenge, question: Post) -> None:
    discussion.answer(league.stranger, question, "Me too.", now=NOW)
    discussion.answer(
        league.stranger, discussion.ask(league.member, toy, "And hours?", now=NOW), "Me too.", now=NOW
    )
    discussion.answer(league.member, question, "Me too.", now=NOW)
    discussion.answer(league.stranger, question, "Me too.", now=NOW + timedelta(minutes=11))
    assert Post.objects.filter(text="Me too.").count() == 4
