"""Letters about a challenge: its discussion, to who wants them, and whom it lets in; each in its reader's language."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from lumbung.centre.challenges.models import Challenge, Guest, Post
from lumbung.centre.challenges.selectors import knowing
from lumbung.centre.members.access import Role
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.letters import send
from lumbung.centre.members.models import User
from lumbung.centre.members.notices import tell
from lumbung.centre.members.selectors import administrators, people_with


def send_answer(request: HttpRequest, answer: Post) -> None:
    """Tell who asked that somebody answered; nobody is told of what they wrote themselves."""
    question = answer.answers
    if question is not None and question.author_id != answer.author_id:
        for person in knowing([question.author], question.challenge):
            _send(request, person, answer, "challenges/letters/answer.txt")


def send_question(request: HttpRequest, question: Post) -> None:
    """Tell those who manage a challenge that somebody asks."""
    for person in people_with(question.challenge.owner, Role.CHALLENGE_OWNER, Role.ADMINISTRATOR):
        if person.pk != question.author_id:
            _send(request, person, question, "challenges/letters/question.txt")


def send_guest(request: HttpRequest, challenge: Challenge, guest: Guest) -> None:
    """Tell who leads a team, or those who manage an organisation, that a challenge lets them in; of a draft, nothing yet."""
    if challenge.state == Challenge.State.DRAFT:
        return
    people = [guest.team.captain] if guest.team else list(administrators(guest.organisation))  # type: ignore[arg-type]
    page, name = reverse("portal:challenge", args=[challenge.slug]), str(guest.team or guest.organisation)
    tell(
        people,
        "let_in",
        page,
        now=guest.since,
        lettered=True,
        title=challenge.record["title"],
        guest=name,
    )
    address = request.build_absolute_uri(page)
    for person in people:
        if person.is_active:
            with translation.override(person.language):
                context = {
                    "title": _title(challenge),
                    "host": challenge.owner.name,
                    "guest": name,
                    "address": address,
                }
                send(person.email, "challenges/letters/guest.txt", context)


def send_opening(request: HttpRequest, challenge: Challenge) -> None:
    """Tell whom a challenge let in while it was a draft, now that its first version is open."""
    earlier = Challenge.objects.filter(slug=challenge.slug, version__lt=challenge.version)
    if challenge.by_invitation and not earlier.exclude(state=Challenge.State.DRAFT).exists():
        for guest in Guest.objects.filter(challenge=challenge.slug).select_related(
            "team__captain", "organisation"
        ):
            send_guest(request, challenge, guest)


def _title(challenge: Challenge) -> str:
    title = challenge.content.title
    return title.in_language(house_language()) or title.en or title.id or title.zh


def _send(request: HttpRequest, person: User, post: Post, template: str) -> None:
    if not (person.is_active and person.wants_answers):
        return
    address = request.build_absolute_uri(reverse("portal:discussion", args=[post.challenge.slug]))
    with translation.override(person.language):
        context = {
            "title": _title(post.challenge),
            "text": post.text,
            "binding": post.binding,
            "address": address,
            "account": request.build_absolute_uri(reverse("portal:account")),
        }
        send(person.email, template, context)
