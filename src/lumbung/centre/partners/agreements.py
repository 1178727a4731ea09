"""Agreements between organisations: what was signed, until when, and what is promised by which day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lumbung.centre.members.access import NotFound, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.members.services import Refused
from lumbung.centre.partners.models import Agreement, AgreementMilestone, plain
from lumbung.proving.text import Text


def all_agreements() -> QuerySet[Agreement]:
    """Return all agreements with their parties and milestones, the newest first; everybody may see them."""
    return Agreement.objects.prefetch_related("parties", "milestones")


def find_agreement(slug: str) -> Agreement:
    """Return an agreement.

    Raises
    ------
    NotFound
    """
    found = all_agreements().filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found


def sign(
    user: User, title: Text, parties: Sequence[Organisation], signed: date, until: date | None, address: str, *,
    now: datetime,
) -> Agreement:  # fmt: skip
    """Write down what was signed.

    Raises
    ------
    Refused
        It ends before it begins, or has fewer than two parties.
    """
    require(is_staff(user))
    if until is not None and until <= signed:
        raise Refused(_("The end must come after the start."))
    if len(parties) < 2:
        raise Refused(_("An agreement has at least two parties."))
    base = slugify(title.en)[:32] or "agreement"
    taken = set(Agreement.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | {"new"}
    slug = next(
        each for each in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if each not in taken
    )
    with transaction.atomic():
        made = Agreement.objects.create(
            slug=slug, title=plain(title), signed=signed, until=until, address=address
        )
        made.parties.set(parties)
        append("agreement.signed", slug, actor=user, now=now, parties=sorted(each.slug for each in parties))
    return made


def promise(user: User, agreement: Agreement, title: Text, due: date, *, now: datetime) -> AgreementMilestone:
    """Add what an agreement promises by a day."""
    require(is_staff(user))
    if due < agreement.signed:
        raise Refused(_("Nothing is due before it was signed."))
    with transaction.atomic():
        made = agreement.milestones.create(title=plain(title), due=due)
        append("agreement.milestone_set", agreement.slug, actor=user, now=now, due=due.isoformat())
    return made


def keep_promise(user: User, agreement: Agreement, number: int, *, now: datetime) -> None:
    """Mark a milestone as done today.

    Raises
    ------
    NotFound
    """
    require(is_staff(user))
    with transaction.atomic():
        if not agreement.milestones.filter(pk=number, done=None).update(done=now.date()):
            raise NotFound
        append("agreement.milestone_done", agreement.slug, actor=user, now=now, milestone=number)
