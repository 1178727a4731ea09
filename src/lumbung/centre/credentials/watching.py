"""Watching over the test: questions seen too often or no longer working as calibrated, sittings to look at again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from lumbung.centre.credentials.bank import LARGEST_EXPOSURE, LEAST, items
from lumbung.centre.credentials.models import Answer, Sitting
from lumbung.centre.credentials.results import FLAG
from lumbung.talent.security.drift import drift_of

# Twice what exposure control aims at: a question beyond it is drawn for people other than those it was computed for.
SEEN_TOO_OFTEN = 200 * LARGEST_EXPOSURE
MONTHS = 12


@dataclass(frozen=True)
class Watched:
    """What became of a question.

    Attributes
    ----------
    seen : int
        Closed sittings that held it.
    share, right : float
        Per cent of closed sittings that held it, and of its answers that were right.
    expected : float or None
        Per cent right as the model expected it from the answers before; None where no chance was kept.
    change : float or None
        Right less expected, in points of per cent; positive is easier than calibrated. None below 30 answers.
    months : list of (datetime, int, float)
        Month, answers, and the change in it: how the question went over time.
    drifted : bool
        The change is too large for chance (:mod:`lumbung.talent.security.drift`).
    """

    item: str
    seen: int
    share: float
    right: float
    expected: float | None
    change: float | None
    months: list[tuple[datetime, int, float]]
    drifted: bool

    @property
    def too_often(self) -> bool:
        """Whether it should rest."""
        return self.share > SEEN_TOO_OFTEN


@dataclass(frozen=True)
class Watch:
    """All questions that were shown, the conspicuous first, and how many never were."""

    sittings: int
    questions: list[Watched]
    unused: int
    overlap: float


def watch() -> Watch:
    """Return how often each question was shown in closed sittings, and whether it works as calibrated."""
    total = Sitting.objects.exclude(finished=None).count()
    rows = list(
        Answer.objects.exclude(sitting__finished=None)
        .values("item")
        .annotate(seen=Count("pk"), hits=Count("pk", filter=Q(right=True)))
        .order_by("-seen", "item")
    )
    drift = _drift()
    questions = []
    for row in rows:
        expected, change, months, drifted = drift.get(row["item"], (None, None, [], False))
        questions.append(
            Watched(
                row["item"], row["seen"], 100 * row["seen"] / total, 100 * row["hits"] / row["seen"],
                expected, change, months, drifted,
            )
        )  # fmt: skip
    questions.sort(key=lambda q: not (q.drifted or q.too_often))
    known = set(items().names)
    return Watch(
        total,
        questions,
        len(known - {row["item"] for row in rows}),
        _overlap([row["seen"] for row in rows], total),
    )


def _overlap(seen: list[int], total: int) -> float:
    """Per cent of the questions that two people picked by lot have in common (Chen, Ankenmann and Spray 2003)."""
    pairs, length = total * (total - 1), sum(seen) / max(total, 1)
    return 100 * sum(count * (count - 1) for count in seen) / pairs / length if pairs else 0.0


def _drift() -> dict[str, tuple[float, float | None, list[tuple[datetime, int, float]], bool]]:
    """Judge the answers of the last months, month by month."""
    cells = (
        Answer.objects.exclude(sitting__finished=None)
        .exclude(expected=None)
        .annotate(month=TruncMonth("sitting__finished"))
        .values("item", "month")
        .annotate(
            count=Count("pk"),
            observed=Count("pk", filter=Q(right=True)),
            chance=Sum("expected"),
            variance=Sum(F("expected") * (1 - F("expected"))),
        )
    )
    by_month: dict[datetime, list[tuple[str, list[float]]]] = defaultdict(list)
    for cell in cells:
        by_month[cell["month"]].append(
            (cell["item"], [cell["count"], cell["observed"], cell["chance"], cell["variance"]])
        )
    months = sorted(by_month)[-MONTHS:]
    names = sorted({item for month in months for item, _sums in by_month[month]})
    place = {name: k for k, name in enumerate(names)}
    table = np.zeros((len(months), 4, len(names)))
    for t, month in enumerate(months):
        for item, sums in by_month[month]:
            table[t, :, place[item]] = sums
    if not len(months):
        return {}
    found = drift_of(table)
    count, _observed, chance, _variance = table.sum(axis=0)
    return {
        name: (
            float(100 * chance[k] / count[k]),
            float(100 * found.change[k]) if np.isfinite(found.change[k]) else None,
            [
                (month, int(table[t, 0, k]), float(100 * (table[t, 1, k] - table[t, 2, k]) / table[t, 0, k]))
                for t, month in enumerate(months)
                if table[t, 0, k]
            ],
            bool(found.alarmed[k]),
        )
        for name, k in place.items()
    }


def to_look_at() -> QuerySet[Sitting]:
    """Return closed sittings whose answers hang together badly (lz*), or came too fast. A reason to look, no verdict."""
    return (
        Sitting.objects.filter(answered__gte=LEAST)
        .exclude(finished=None)
        .filter(Q(fit__lt=FLAG) | Q(rapid__gt=F("answered") * 0.1))
        .order_by("-finished")[:100]
    )
