"""Watching over the test: questions seen too often, and sittings whose answers a person should look at."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from lumbung.centre.credentials.bank import LEAST
from lumbung.centre.credentials.models import Answer, Sitting
from lumbung.centre.credentials.results import FLAG

SEEN_TOO_OFTEN = 45.0
MOST_SHOWN = 20


@dataclass(frozen=True)
class Exposure:
    """How often a question was shown.

    Attributes
    ----------
    share, right : float
        Per cent of closed sittings that held it, and of its answers that were right.
    """

    item: str
    seen: int
    share: float
    right: float

    @property
    def too_often(self) -> bool:
        """Whether it should rest."""
        return self.share > SEEN_TOO_OFTEN


def exposures() -> list[Exposure]:
    """Return the questions shown most often, over all closed sittings."""
    total = Sitting.objects.exclude(finished=None).count()
    rows = (
        Answer.objects.exclude(sitting__finished=None)
        .values("item")
        .annotate(seen=Count("pk"), hits=Count("pk", filter=Q(right=True)))
        .order_by("-seen", "item")[:MOST_SHOWN]
    )
    return [
        Exposure(row["item"], row["seen"], 100 * row["seen"] / total, 100 * row["hits"] / row["seen"])
        for row in rows
    ]


def to_look_at() -> QuerySet[Sitting]:
    """Return closed sittings whose answers hang together badly (lz*), or came too fast. A reason to look, no verdict."""
    return (
        Sitting.objects.filter(answered__gte=LEAST)
        .exclude(finished=None)
        .filter(Q(fit__lt=FLAG) | Q(rapid__gt=F("answered") * 0.1))
        .order_by("-finished")[:100]
    )
