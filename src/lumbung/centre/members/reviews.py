"""Whether an organisation takes part: staff ask back or decline with a reason, and who registered it answers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lumbung.centre.members.access import administers, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, User, Word
from lumbung.centre.members.services import Refused

LONGEST = 2000


def ask_back(user: User, organisation: Organisation, text: str, *, now: datetime) -> Word:
    """Ask those who registered an organisation something; it goes on waiting.

    Raises
    ------
    NotAllowed
        Staff alone ask.
    Refused
        Nothing is asked, or the organisation takes part already.
    """
    require(is_staff(user))
    return _say(user, organisation, Word.Kind.QUESTION, text, now)


def decline(user: User, organisation: Organisation, text: str, *, now: datetime) -> Word:
    """Decline an organisation, with a reason. An answer of those who registered it brings it back before staff.

    Raises
    ------
    NotAllowed
    Refused
    """
    require(is_staff(user))
    return _say(user, organisation, Word.Kind.DECLINED, text, now)


def reply(user: User, organisation: Organisation, text: str, *, now: datetime) -> Word:
    """Answer staff, as an administrator of the organisation.

    Raises
    ------
    NotAllowed
    Refused
    """
    require(administers(user, organisation))
    return _say(user, organisation, Word.Kind.ANSWER, text, now)


def _say(user: User, organisation: Organisation, kind: str, text: str, now: datetime) -> Word:
    said = text.strip()[:LONGEST]
    if not said:
        raise Refused(_("Write what the other side should know."))
    with transaction.atomic():
        locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
        if locked.approved:
            raise Refused(_("This organisation takes part already."))
        word = Word.objects.create(organisation=locked, author=user, kind=kind, text=said, said=now)
        append(f"organisation.{kind}", organisation.slug, actor=user, now=now)
    return word
