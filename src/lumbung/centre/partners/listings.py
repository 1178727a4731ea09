"""Needs and offers of organisations, and the conflicts of interest they declare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.db.models import Case, QuerySet, When
from django.utils.translation import gettext as _

from lumbung.centre.members.access import NotFound, administers, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.members.searching import search
from lumbung.centre.members.services import Refused
from lumbung.centre.partners.models import Conflict, Listing, Need, Offer, challenge_named

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor

Kept = TypeVar("Kept", bound=Listing)
MOST_FOUND = 200


def open_needs() -> QuerySet[Need]:
    """Return the open needs of approved organisations."""
    return Need.objects.filter(is_open=True, organisation__approved=True).select_related("organisation")


def open_offers() -> QuerySet[Offer]:
    """Return the open offers of approved organisations."""
    return Offer.objects.filter(is_open=True, organisation__approved=True).select_related("organisation")


def find_needs(sector: str = "", words: str = "") -> QuerySet[Need]:
    """Return the open needs of a sector, or of all, that hold all of *words*; the best first where words are given."""
    found = open_needs().filter(sector=sector) if sector else open_needs()
    return _holding(found, "need", words)


def find_offers(sector: str = "", words: str = "") -> QuerySet[Offer]:
    """Return the open offers for a sector, those for every sector too, that hold all of *words*."""
    found = open_offers()
    if sector:
        fitting = [
            key for key, sectors in found.values_list("pk", "sectors") if not sectors or sector in sectors
        ]
        found = found.filter(pk__in=fitting)
    return _holding(found, "offer", words)


def _holding(found: QuerySet[Kept], kind: str, words: str) -> QuerySet[Kept]:
    if not words.strip():
        return found
    keys = [int(key) for key in search(words, kind).values_list("key", flat=True)]
    best = Case(
        *(When(pk=key, then=place) for place, key in enumerate(keys[:MOST_FOUND])), default=MOST_FOUND
    )
    return found.filter(pk__in=keys[:MOST_FOUND]).order_by(best, "-pk")


def speaks_for(person: Visitor, organisation: Organisation) -> bool:
    """Whether *person* writes needs and offers of the organisation: its administrators do, and staff for them."""
    return is_staff(person) or administers(person, organisation)


def state_need(
    user: User, organisation: Organisation, *, words: str, language: str, sector: str, countries: Sequence[str],
    requires: Sequence[str], places: int, budget: int, challenge: str, now: datetime,
) -> Need:  # fmt: skip
    """Write down what an organisation looks for."""
    require(speaks_for(user, organisation))
    if challenge and challenge_named(challenge) is None:
        raise Refused(_("There is no such challenge."))
    with transaction.atomic():
        need = Need.objects.create(
            organisation=organisation, words=words.strip(), language=language, sector=sector,
            countries=list(countries), requires=list(requires), places=places, budget=budget, challenge=challenge,
            made_by=user, created=now,
        )  # fmt: skip
        append("need.stated", f"need:{need.pk}", actor=user, now=now, organisation=organisation.slug)
    return need


def state_offer(
    user: User, organisation: Organisation, *, words: str, language: str, sectors: Sequence[str],
    countries: Sequence[str], provides: Sequence[str], places: int, price: int, now: datetime,
) -> Offer:  # fmt: skip
    """Write down what an organisation brings."""
    require(speaks_for(user, organisation))
    with transaction.atomic():
        offer = Offer.objects.create(
            organisation=organisation, words=words.strip(), language=language, sectors=list(sectors),
            countries=list(countries), provides=list(provides), places=places, price=price, made_by=user,
            created=now,
        )  # fmt: skip
        append("offer.stated", f"offer:{offer.pk}", actor=user, now=now, organisation=organisation.slug)
    return offer


def close_listing(user: User, listing: Need | Offer, *, now: datetime) -> None:
    """Take a need or an offer out of matching; projects that came of it go on."""
    require(speaks_for(user, listing.organisation))
    kind = "need" if isinstance(listing, Need) else "offer"
    with transaction.atomic():
        type(listing).objects.filter(pk=listing.pk).update(is_open=False)
        append(f"{kind}.closed", f"{kind}:{listing.pk}", actor=user, now=now)


def find_listing(kind: type[Kept], number: int) -> Kept:
    """Return a need or an offer.

    Raises
    ------
    NotFound
    """
    found = kind._default_manager.filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def declare_conflict(user: User, organisation: Organisation, other: Organisation, *, now: datetime) -> None:
    """Declare a conflict of interest: the two are never matched, whichever of them looks for a partner."""
    require(speaks_for(user, organisation))
    if organisation.pk == other.pk:
        raise Refused(_("An organisation has no conflict of interest with itself."))
    with transaction.atomic():
        _conflict, made = Conflict.objects.get_or_create(organisation=organisation, other=other)
        if made:
            append("conflict.declared", organisation.slug, actor=user, now=now, other=other.slug)


def withdraw_conflict(user: User, organisation: Organisation, other: Organisation, *, now: datetime) -> None:
    """Take back what was declared."""
    require(speaks_for(user, organisation))
    with transaction.atomic():
        gone, _details = Conflict.objects.filter(organisation=organisation, other=other).delete()
        if gone:
            append("conflict.withdrawn", organisation.slug, actor=user, now=now, other=other.slug)
