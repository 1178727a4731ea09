"""The letters about an adoption, to the team and to the challenge's owner; about a new version, to who judges."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.members.access import Role
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.letters import send
from lumbung.centre.members.models import User
from lumbung.centre.members.selectors import people_with
from lumbung.centre.runs.approvals import judges_of
from lumbung.centre.standings.models import Adoption


def send_proposal(request: HttpRequest, adoption: Adoption) -> None:
    """Tell the team on what terms its solution would be put to work."""
    team = adoption.submission.team.members.filter(is_active=True)
    _send(request, adoption, team, "standings/letters/proposal.txt")


def send_answer(request: HttpRequest, adoption: Adoption) -> None:
    """Tell who poses challenges for the owner what the team answered."""
    owners = people_with(adoption.adopter, Role.CHALLENGE_OWNER, Role.ADMINISTRATOR)
    _send(request, adoption, owners, "standings/letters/answer.txt")


def send_new_version(request: HttpRequest, challenge: Challenge) -> None:
    """Tell the operators of nodes that judged the version before: a node judges none but what its owner accepted."""
    before = challenge.follows
    if before is None:
        return
    address = request.build_absolute_uri(
        f"{reverse('portal:challenge', args=[challenge.slug])}?version={challenge.version}"
    )
    told: set[int] = set()
    for node in judges_of(before).select_related("organisation"):
        for person in people_with(node.organisation, Role.NODE_OPERATOR, Role.ADMINISTRATOR):
            if person.pk in told or challenge.slug not in node.challenges:
                continue
            told.add(person.pk)
            with translation.override(person.language):
                title = challenge.content.title.in_language(house_language())
                context = {"challenge": challenge, "title": title, "node": node.name, "address": address}
                send(person.email, "standings/letters/new_version.txt", context)


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
