"""What a finished sitting says: ability with its uncertainty, levels by probability, areas, and what to learn next."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

from lumbung.centre.credentials.bank import CUTS, LEAST, items
from lumbung.centre.credentials.models import Sitting
from lumbung.centre.credentials.sittings import given
from lumbung.centre.members.access import NotFound
from lumbung.centre.members.models import User
from lumbung.talent.adaptive.one_person import Estimate, estimate

REACH = 1.96
NAMED_FROM = 0.8  # a level is named only where four chances in five speak for it
FLAG = -2.33  # one honest person in a hundred lies below


@dataclass(frozen=True)
class Reading:
    """An estimate as a page shows it."""

    name: str
    mean: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Result:
    """All a result page says.

    Attributes
    ----------
    whole : Reading
    areas : list of Reading
        From the area's own answers alone, weakest first.
    below, below_low, below_high : float
        Per cent of the reference population below the estimate and below the ends of its interval.
    levels : list of (str, float)
        Probability that the true ability lies at or above each level.
    level : str
        The highest level that is reached with a probability of at least 0.8; may be empty.
    learn : list of (area, level)
        What to learn next: the two weakest areas, each at the level its estimate has not reached.
    look_again : bool
        The answers hang together badly, or came too fast.
    """

    whole: Reading
    areas: list[Reading]
    below: float
    below_low: float
    below_high: float
    levels: list[tuple[str, float]]
    level: str
    learn: list[tuple[str, str]]
    look_again: bool


def has_result(sitting: Sitting) -> bool:
    """Whether a sitting went far enough to say something."""
    return sitting.finished is not None and sitting.voided is None and sitting.answered >= LEAST


def sittings_of(person: User) -> list[Sitting]:
    """Return a person's closed sittings, newest first."""
    return list(person.sittings.exclude(finished=None))


def find_sitting(person: User, token: str) -> Sitting:
    """Return one's own closed sitting; nobody else's, for staff neither.

    Raises
    ------
    NotFound
    """
    found = person.sittings.exclude(finished=None).filter(token=token).first()
    if found is None:
        raise NotFound
    return found


def result_of(sitting: Sitting) -> Result:
    """Compute a result from the answers."""
    answers = given(sitting)
    found = estimate(items(), answers)
    whole = _reading("", found)
    areas = [_reading(area, estimate(items(), answers, area)) for area in items().areas]
    levels = [(level, found.at_least(cut)) for level, cut in CUTS.items()]
    normal = NormalDist()
    rapid = sitting.rapid > 0.1 * max(sitting.answered, 1)
    return Result(
        whole,
        areas,
        100 * normal.cdf(whole.mean),
        100 * normal.cdf(whole.low),
        100 * normal.cdf(whole.high),
        levels,
        named_level(levels),
        _next(areas),
        rapid or (sitting.fit is not None and sitting.fit < FLAG),
    )


def named_level(levels: list[tuple[str, float]]) -> str:
    """Return the highest level that is likely enough to be named, or nothing."""
    return next((level for level, chance in reversed(levels) if chance >= NAMED_FROM), "")


def _reading(name: str, found: Estimate) -> Reading:
    reach = REACH * found.standard_error
    return Reading(name, found.theta, found.standard_error, found.theta - reach, found.theta + reach)


def _next(areas: list[Reading]) -> list[tuple[str, str]]:
    weakest = sorted(areas, key=lambda area: area.mean)[:2]
    return [
        (area.name, next((level for level, cut in CUTS.items() if area.mean < cut), "specialist"))
        for area in weakest
    ]
