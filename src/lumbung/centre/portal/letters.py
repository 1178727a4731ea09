"""E-mails the portal itself sends. Those of sign-up and security are django-allauth's, in our languages."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from lumbung.centre.members.models import TeamInvitation, User


def send_invitation(request: HttpRequest, invitation: TeamInvitation) -> None:
    """Tell a person that a team invites them: in their own language where they have an account, else the inviter's."""
    invited = User.objects.filter(email=invitation.email).first()
    address = request.build_absolute_uri(reverse("portal:accept_invitation", args=[invitation.token]))
    with translation.override(invited.language if invited else translation.get_language()):
        text = render_to_string(
            "portal/letters/invitation.txt",
            {"invitation": invitation, "address": address, "inviter": request.user},
        )
        subject = _("[Lumbung] %(team)s invites you to their team") % {"team": invitation.team.name}
        send_mail(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, [invitation.email])
