"""What opens and what closes next: phases of challenges and seasons of the league."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.partners.models import Season

NEXT = 6


@dataclass(frozen=True)
class Coming:
    """One thing that opens or closes; a season does so on a day, a phase at a moment."""

    opens: bool
    moment: datetime | None
    day: date | None
    title: Any
    part: Any
    address: str


def coming(challenges: Iterable[Challenge], now: datetime) -> list[Coming]:
    """Return what comes next, the soonest first."""
    found: list[tuple[date, datetime | None, Coming]] = []
    for challenge in challenges:
        address = reverse("portal:challenge", args=(challenge.slug,))
        for phase in challenge.phases.all():
            for opens, moment in ((True, phase.opens), (False, phase.closes)):
                if moment is not None and moment > now:
                    one = Coming(opens, moment, None, challenge.record["title"], phase.title, address)
                    found.append((moment.date(), moment, one))
    for season in Season.objects.filter(closes__gte=now.date()):
        address = reverse("partners:season", args=(season.slug,))
        for opens, day in ((True, season.opens), (False, season.closes)):
            if day >= now.date():
                found.append((day, None, Coming(opens, None, day, season.title, None, address)))
    found.sort(key=lambda each: (each[0], each[1] is not None, each[1] or now))
    return [each for _day, _moment, each in found[:NEXT]]
