"""Letters about a challenge's discussion, each in its reader's language, to who wants them."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from lumbung.centre.challenges.models import Post
from lumbung.centre.members.access import Role
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.letters import send
from lumbung.centre.members.models import User
from lumbung.centre.members.selectors import people_with


def send_answer(request: HttpRequest, answer: Post) -> None:
    """Tell who asked that somebody answered; nobody is told of what they wrote themselves."""
    question = answer.answers
    if question is not None and question.author_id != answer.author_id:
        _send(request, question.author, answer, "challenges/letters/answer.txt")


def send_question(request: HttpRequest, question: Post) -> None:
    """Tell those who manage a challenge that somebody asks."""
    for person in people_with(question.challenge.owner, Role.CHALLENGE_OWNER, Role.ADMINISTRATOR):
        if person.pk != question.author_id:
            _send(request, person, question, "challenges/letters/question.txt")


def _send(request: HttpRequest, person: User, post: Post, template: str) -> None:
    if not (person.is_active and person.wants_answers):
        return
    address = request.build_absolute_uri(reverse("portal:discussion", args=[post.challenge.slug]))
    with translation.override(person.language):
        title = post.challenge.content.title
        context = {
            "title": title.in_language(house_language()) or title.en or title.id or title.zh,
            "text": post.text,
            "binding": post.binding,
            "address": address,
            "account": request.build_absolute_uri(reverse("portal:account")),
        }
        send(person.email, template, context)
