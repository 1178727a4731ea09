"""The national picture: how many people were measured, where, and at which level, without telling about anyone.

Each person counts once, with the latest result. Levels are counted by probability: a person with an ability of 0.4 ± 0.4
counts for 0.4 of a practitioner, since counting estimates would misstate the ends (docs/talent/road.md).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import NormalDist

from lumbung.centre.credentials.badges import VALID
from lumbung.centre.credentials.bank import CUTS, LEAST
from lumbung.centre.credentials.models import Badge, Sitting
from lumbung.centre.credentials.suppression import settled, shown
from lumbung.centre.members.languages import house_language
from lumbung.talent.road.competence import ability_of
from lumbung.talent.road.provinces import PROVINCES, name_in

Person = tuple[float, float]  # ability and its standard error


@dataclass(frozen=True)
class Row:
    """A province, or everybody.

    Attributes
    ----------
    name : str
        Empty for people who named no province.
    people : int
        Over how many the row is: a group grows in steps, so that no newcomer can be told from the change.
    shown : bool
    mean, low, high : float
        Mean ability with its 95 % interval.
    at_least : dict
        Per level the share of people, in per cent, at or above it.
    """

    name: str
    people: int
    shown: bool
    mean: float
    low: float
    high: float
    at_least: dict[str, float]


@dataclass(frozen=True)
class Picture:
    """The dashboard: everybody, the provinces, levels as cells, and how much was hidden."""

    everybody: Row | None
    provinces: list[Row]
    cells: list[tuple[str, int, bool]]
    hidden: int
    proctored: int


def picture() -> Picture:
    """Compute the dashboard."""
    groups: dict[str, list[Person]] = defaultdict(list)
    supervised = 0
    for province, theta, error, watched in _latest():
        groups[province].append((theta, error))
        supervised += watched
    everybody = [person for group in groups.values() for person in group]
    everybody = everybody[: settled(len(everybody))]
    if not everybody:
        return Picture(None, [], [], 0, 0)
    names = {number: name_in(house_language(), number) for number, _name, _people in PROVINCES}
    keys = [*names, ""]
    open_rows = shown([len(groups[key]) for key in keys])
    rows = [
        summary(names.get(key, ""), groups[key][: settled(len(groups[key])) if may else None], may)
        for key, may in zip(keys, open_rows, strict=True)
        if groups[key]
    ]
    rows.sort(key=lambda row: (not row.shown, row.name == "", -row.people if row.shown else 0, row.name))
    hidden = sum(not row.shown for row in rows)
    return Picture(summary("", everybody, True), rows, _levels(everybody), hidden, settled(supervised))


@dataclass(frozen=True)
class Measured:
    """True ability in the group that sat the test: its mean with the standard error, its spread, over how many.

    Rounded, so that two readers ask the same question.
    """

    people: int
    mean: float
    error: float
    sd: float


def measured() -> Measured | None:
    """Return the ability of everybody measured; None below ten people."""
    people = [(theta, error) for _province, theta, error, _watched in _latest()]
    people = people[: settled(len(people))]
    if not people:
        return None
    found = ability_of(*zip(*people, strict=True))
    return Measured(
        len(people), round(found["mean"], 2), round(found["mean_error"], 3), round(found["sd"], 2)
    )


def badge_counts(now: datetime) -> dict[tuple[str, str], int]:
    """Count people by province and the highest level that a badge in force names for them.

    Cells of fewer than ten are left out, with the next smallest where one could be worked out; others move in steps.
    """
    highest: dict[int, tuple[str, str]] = {}
    rank = list(CUTS)
    badges = Badge.objects.filter(revoked=None, level__in=rank, created__gt=now - VALID)
    for user, province, level in badges.values_list("user_id", "sitting__province", "level"):
        if user not in highest or rank.index(level) > rank.index(highest[user][1]):
            highest[user] = (province, level)
    cells = Counter(highest.values())
    keys = sorted(cells)
    may = shown([cells[key] for key in keys])
    return {
        key: settled(cells[key]) for key, open_cell in zip(keys, may, strict=True) if open_cell and key[0]
    }


def counts(now: datetime) -> tuple[int, int]:
    """Return how many people were measured and how many hold a badge in force, each in steps and none below ten."""
    sat = Sitting.objects.filter(answered__gte=LEAST, voided=None).exclude(finished=None)
    badges = Badge.objects.filter(revoked=None, level__in=list(CUTS), created__gt=now - VALID)
    return tuple(
        settled(found.values("user").distinct().count()) for found in (sat.order_by(), badges.order_by())
    )  # type: ignore[return-value]


def _latest() -> list[tuple[str, float, float, bool]]:
    """Everybody's latest result and whether it was supervised, in the order of finishing."""
    found = (
        Sitting.objects.filter(answered__gte=LEAST, voided=None).exclude(finished=None).order_by("finished")
    )
    latest: dict[int, tuple[str, float, float, bool]] = {}
    for user, province, theta, error, confirmed in found.values_list(
        "user_id", "province", "theta", "standard_error", "confirmed"
    ):
        latest.pop(user, None)
        latest[user] = (province, theta, error, confirmed is not None)
    return list(latest.values())


def summary(name: str, people: list[Person], may: bool) -> Row:
    """Summarise people: the mean of their abilities, its interval, and the shares at or above each level."""
    count = len(people)
    mean = sum(theta for theta, _error in people) / count
    # Sampling and measurement: the variance of the estimates already holds part of both.
    spread = math.sqrt(sum((theta - mean) ** 2 + error**2 for theta, error in people) / count)
    reach = 1.96 * spread / math.sqrt(count)
    shares = {level: 100 * sum(_chances(people, cut)) / count for level, cut in CUTS.items()}
    return Row(name, count, may, mean, mean - reach, mean + reach, shares)


def _chances(people: list[Person], cut: float) -> list[float]:
    normal = NormalDist()
    return [normal.cdf((theta - cut) / error) for theta, error in people]


def _levels(people: list[Person]) -> list[tuple[str, int, bool]]:
    """Expected people below every level and at each, in whole people that sum to all."""
    at_least = [float(len(people)), *(sum(_chances(people, cut)) for cut in CUTS.values()), 0.0]
    edges = [round(value) for value in at_least]
    counts = [high - low for high, low in pairwise(edges)]
    return list(zip(["", *CUTS], counts, shown(counts), strict=True))
