"""The letter that introduces two partners: to each side's administrators, each in their own language."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from lumbung.centre.members.access import NotFound
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.letters import send
from lumbung.centre.members.selectors import administrators
from lumbung.centre.partners.matching import Desk, explanation_of
from lumbung.centre.partners.models import Project


def send_introductions(request: HttpRequest, project: Project, desk: Desk) -> int:
    """Write to both sides; returns how many letters went out.

    Each letter says what fits and what evidence says, never who was ranked next.
    """
    need, offer = project.need, project.offer
    sides = ((need.organisation, offer.organisation), (offer.organisation, need.organisation))
    sent = 0
    for mine, other in sides:
        contacts = [person.email for person in administrators(other)]
        for person in administrators(mine):
            with translation.override(person.language):
                context = {
                    "mine": mine, "other": other, "need": need, "offer": offer, "contacts": contacts,
                    "why": _why(desk, project), "staff": request.user.email,  # type: ignore[union-attr]
                    "address": request.build_absolute_uri(reverse("partners:project", args=[project.token])),
                }  # fmt: skip
                send(person.email, "partners/letters/introduction.txt", context)
                sent += 1
    return sent


def _why(desk: Desk, project: Project) -> list[str]:
    try:
        why = explanation_of(desk, project.need, project.offer, house_language())  # type: ignore[arg-type]
    except NotFound:
        return []
    return [*why.fits, why.evidence]
