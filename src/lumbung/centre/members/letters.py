"""E-mails of the centre, each in its reader's language. Those of sign-up and security are django-allauth's, in our languages.

A letter tells of what is done already: it goes out after the act, and where no mail server answers the act stands and
the log says so. The first line of its template is its subject.
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from lumbung.centre.members.models import Organisation, Suspension, TeamInvitation, User, Word
from lumbung.centre.members.selectors import administrators, staff_to_write_to
from lumbung.centre.members.suspended_rights import key_for

log = logging.getLogger(__name__)


def send(to: str, template: str, context: dict[str, Any]) -> None:
    """Send a letter in the language that is active."""
    subject, _newline, text = render_to_string(template, context).strip().partition("\n")
    try:
        send_mail(" ".join(subject.split()), f"{text.strip()}\n", settings.DEFAULT_FROM_EMAIL, [to])
    except OSError:  # smtplib's errors are too
        log.exception("a letter could not be sent: %s", template)


def send_invitation(request: HttpRequest, invitation: TeamInvitation) -> None:
    """Tell a person that a team invites them: in their own language where they have an account, else the inviter's."""
    invited = User.objects.filter(email=invitation.email).first()
    address = request.build_absolute_uri(reverse("portal:accept_invitation", args=[invitation.token]))
    context = {"invitation": invitation, "address": address, "inviter": request.user}
    with translation.override(invited.language if invited else translation.get_language()):
        send(invitation.email, "members/letters/invitation.txt", context)


def send_approval(request: HttpRequest, organisation: Organisation) -> None:
    """Tell an organisation's administrators that it takes part from now on."""
    address = request.build_absolute_uri(reverse("portal:organisation", args=[organisation.slug]))
    for person in administrators(organisation):
        with translation.override(person.language):
            send(
                person.email,
                "members/letters/approval.txt",
                {"organisation": organisation, "address": address},
            )


def send_word(request: HttpRequest, word: Word) -> None:
    """Send what was said about an organisation's approval to the other side: staff, or its administrators."""
    organisation = word.organisation
    address = request.build_absolute_uri(reverse("portal:organisation", args=[organisation.slug]))
    readers = staff_to_write_to() if word.kind == Word.Kind.ANSWER else administrators(organisation)
    for person in readers:
        with translation.override(person.language):
            send(
                person.email,
                f"members/letters/{word.kind}.txt",
                {"organisation": organisation, "text": word.text, "address": address},
            )


def send_suspension(request: HttpRequest, suspension: Suspension) -> None:
    """Tell who is suspended why, or that it is lifted: a person, or each member of a team."""
    rights = request.build_absolute_uri(reverse("portal:suspended"))
    template = f"members/letters/{'suspended' if suspension.lifted is None else 'readmitted'}.txt"
    team = suspension.team
    readers = [suspension.person] if team is None else team.members.filter(is_active=True)
    for person in readers:
        if person is not None:
            with translation.override(person.language):
                send(person.email, template, {"team": team, "why": suspension.why, "rights": rights})


def send_key(request: HttpRequest, person: User) -> None:
    """Send a suspended person the key to their data."""
    address = request.build_absolute_uri(reverse("portal:suspended_rights", args=[key_for(person)]))
    with translation.override(person.language):
        send(person.email, "members/letters/suspended_key.txt", {"address": address})
