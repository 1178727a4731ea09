"""What happened and concerns a person: it waits in the portal, and a digest tells of it once a day.

A notice keeps what it says by its parts, so that each reader has it in the language of the page or letter. A digest goes
out after midnight UTC, which is morning from Yangon to Dili, and holds what came before it and was not read; what has a
letter of its own is not told again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lumbung.centre.members.access import NotFound
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.letters import send
from lumbung.centre.members.models import Notice, User
from lumbung.proving.text import LANGUAGES

KEPT = timedelta(days=180)
LINES = 30
"""Of a digest; it says how many more there are."""
LONGEST = 200
SENTENCES: dict[str, Promise] = {
    "judged": _("%(name)s of %(team)s at “%(title)s” is judged."),
    "failed": _("%(name)s of %(team)s at “%(title)s” has no score: see why."),
    "anew": _("%(name)s of %(team)s is judged anew, under version %(version)s of “%(title)s”."),
    "announced": _("Announcement on “%(title)s”: %(text)s"),
    "answered": _("Your question about “%(title)s” has an answer."),
    "asked": _("Somebody asks about “%(title)s”."),
    "invited": _("The team %(team)s invites you."),
    "let_in": _("%(guest)s is invited to “%(title)s”."),
    "proposed": _("%(host)s proposes to put %(name)s to work."),
    "agreed": _("%(team)s agrees to the adoption of %(name)s."),
    "declined": _("%(team)s declines the adoption of %(name)s."),
}


def tell(
    people: Iterable[User], kind: str, address: str, *, now: datetime, lettered: bool = False, **said: Any
) -> None:
    """Leave a notice for each of *people*.

    Parameters
    ----------
    people : iterable of User
    kind : str
        Of `SENTENCES`.
    address : str
        The page it leads to, without the host.
    now : datetime
    lettered : bool
        Whether a letter of its own tells of it.
    **said
        What its sentence names: words, or a text by language.
    """
    Notice.objects.bulk_create(
        Notice(
            person=person, kind=kind, said=said, address=address, created=now, lettered=now if lettered else None
        )
        for person in people
        if person.is_active
    )  # fmt: skip


def take_back(address: str, text: str) -> None:
    """Let nobody be told any more of words that were taken away."""
    Notice.objects.filter(address=address, said__text=text).delete()


def sentence(notice: Notice) -> str:
    """Return what a notice says, in the language that is active."""
    return str(SENTENCES[notice.kind]) % {name: _word(value) for name, value in notice.said.items()}


def _word(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get(house_language()) or next((value[c] for c in LANGUAGES if value.get(c)), "")
    word = " ".join(str(value).split())
    return word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…"


def notices_to(person: User) -> QuerySet[Notice]:
    """Return what concerns a person, the newest first."""
    return Notice.objects.filter(person=person)


def unread_by(person: User) -> int:
    """Return how many notices a person has not read."""
    return Notice.objects.filter(person=person, read=None).count()


def open_notice(person: User, number: int, *, now: datetime) -> Notice:
    """Return a notice of one's own, and keep that it was read.

    Raises
    ------
    NotFound
    """
    found = notices_to(person).filter(pk=number).first()
    if found is None:
        raise NotFound
    Notice.objects.filter(pk=found.pk, read=None).update(read=now)
    return found


def mark_read(person: User, newest: int, *, now: datetime) -> int:
    """Mark what a person had before them as read: up to the notice numbered *newest*, and none that came since."""
    return notices_to(person).filter(read=None, pk__lte=newest).update(read=now)


def send_digests(now: datetime) -> int:
    """Send each person what came before the last midnight UTC and nobody told them yet; returns how many letters.

    What is told is marked first: a letter that gets lost on its way is not sent twice, and the portal has it all.
    """
    Notice.objects.filter(created__lt=now - KEPT).delete()
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    due = Notice.objects.filter(read=None, lettered=None, created__lt=midnight).order_by()
    sent = 0
    for number in due.values_list("person", flat=True).distinct():
        with transaction.atomic():
            person = User.objects.select_for_update().get(pk=number)
            found = list(due.filter(person=person).order_by("-pk"))
            Notice.objects.filter(pk__in=[notice.pk for notice in found]).update(lettered=now)
        if found and person.is_active and person.wants_digest:
            _send(person, found)
            sent += 1
    return sent


def _send(person: User, found: list[Notice]) -> None:
    with translation.override(person.language):
        context = {
            "lines": [(sentence(notice), settings.PUBLIC_URL + notice.address) for notice in found[:LINES]],
            "count": len(found),
            "more": max(0, len(found) - LINES),
            "address": settings.PUBLIC_URL + reverse("portal:notices"),
            "account": settings.PUBLIC_URL + reverse("portal:account"),
        }
        send(person.email, "members/letters/digest.txt", context)
