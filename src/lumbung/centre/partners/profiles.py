"""What an organisation's page says of cooperation: what it seeks, brings and has proven, and who may need it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from lumbung.centre.members.models import Organisation
from lumbung.centre.partners import matching
from lumbung.centre.partners.listings import open_needs, open_offers, speaks_for
from lumbung.centre.partners.models import Need
from lumbung.centre.partners.proofs import proven_by

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor


def profile_of(person: Visitor, organisation: Organisation, now: datetime) -> dict[str, Any]:
    """Return the profile. Who may need what is offered is shown to its own administrators and to staff."""
    writes = speaks_for(person, organisation)
    offers = list(open_offers().filter(organisation=organisation))
    return {
        "needs": list(open_needs().filter(organisation=organisation)),
        "offers": offers,
        "proven": proven_by(organisation, now),
        "writes": writes,
        "seekers": _seekers(offers, now) if writes and offers else [],
        "conflicts": organisation.conflicts.select_related("other") if writes else [],
        "others": Organisation.objects.filter(approved=True).exclude(pk=organisation.pk) if writes else [],
    }


def _seekers(offers: list[Any], now: datetime) -> list[Need]:
    desk = matching.desk(now)
    found: dict[int, Need] = {}
    for offer in offers:
        for need in matching.seekers(desk, offer):
            found.setdefault(need.pk, need)
    return list(found.values())[: matching.SHOWN]
