"""The letters about an adoption: to the team when it is proposed, to the challenge's owner when the team answered."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from lumbung.centre.members.access import Role
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.letters import send
from lumbung.centre.members.models import User
from lumbung.centre.members.selectors import people_with
from lumbung.centre.standings.models import Adoption


def send_proposal(request: HttpRequest, adoption: Adoption) -> None:
    """Tell the team on what terms its solution would be put to work."""
    team = adoption.submission.team.members.filter(is_active=True)
    _send(request, adoption, team, "standings/letters/proposal.txt")


def send_answer(request: HttpRequest, adoption: Adoption) -> None:
    """Tell who poses challenges for the owner what the team answered."""
    owners = people_with(adoption.adopter, Role.CHALLENGE_OWNER, Role.ADMINISTRATOR)
    _send(request, adoption, owners, "standings/letters/answer.txt")


def _send(request: HttpRequest, adoption: Adoption, people: Iterable[User], template: str) -> None:
    address = request.build_absolute_uri(reverse("portal:adoptions"))
    title = adoption.submission.phase.challenge.content.title
    for person in people:
        if person == request.user:
            continue  # whoever did it knows
        with translation.override(person.language):
            context = {
                "adoption": adoption,
                "agreed": adoption.state == Adoption.State.AGREED,
                "challenge": title.in_language(house_language()),
                "address": address,
            }
            send(person.email, template, context)
