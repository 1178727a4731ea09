"""Which sites of a programme would be built whatever the truth turns out to be.

Predictions are off, people are miscounted, and offers differ from estimates. Each draw takes another truth within what is
thought possible and plans anew; a site that is in nearly every plan does not hang on any of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lumbung.connectivity.engine.phasing.programme import Floats, PhasingError, Programme
from lumbung.connectivity.engine.phasing.search import solve
from lumbung.connectivity.siting.rollout import Rollout


@dataclass(frozen=True)
class Doubts:
    """How far off things may be, each a standard deviation.

    everywhere, link : of predictions, shared by all links, and of each link by itself [dB] (``lumbung connectivity calibrate`` gives
    both); people, cost : of the logarithm of a place's people and of a site's cost.
    """

    everywhere: float = 3.0
    link: float = 6.0
    people: float = 0.15
    cost: float = 0.2

    def __post_init__(self) -> None:
        for name in ("everywhere", "link", "people", "cost"):
            if not 0.0 <= getattr(self, name) < np.inf:
                raise PhasingError(f"doubts: {name} is {getattr(self, name):g}; a deviation is 0 or more")


@dataclass(frozen=True)
class Sensitivity:
    """What the draws say.

    draws: how many had an answer; impossible: how many had none, since floors could not be met; chosen: share of the draws in
    whose programme each site stands in the end, by the site's index; served: people at the speed in the last year of each
    draw; gap: the largest of a draw.
    """

    draws: int
    impossible: int
    chosen: Floats
    served: Floats
    gap: float


def drawn(made: Rollout, doubts: Doubts, rng: np.random.Generator) -> Programme:
    """Return the programme of one possible truth.

    A site's cost is off by one factor for all its ways; two heights at one place hear a village with errors of their own.
    """
    p = made.programme
    people = p.people * np.exp(doubts.people * rng.standard_normal(p.people.size))
    off = doubts.everywhere * rng.standard_normal() + doubts.link * rng.standard_normal(made.reach.level.size)
    factor = np.exp(doubts.cost * rng.standard_normal(int(p.way_site.max(initial=-1)) + 1))
    return replace(
        p,
        people=people,
        way_cost=p.way_cost * factor[p.way_site],
        **made.reach.pairs(people, made.promise, off),
    )


def sensitivity(
    made: Rollout,
    doubts: Doubts,
    draws: int,
    seconds: float,
    gap: float = 0.02,
    seed: int = 0,
    interrupted: Callable[[], bool] = lambda: False,
    told: Callable[[int], object] = lambda done: None,
) -> Sensitivity:
    """Plan again and again under other truths.

    Parameters
    ----------
    draws
        How many truths.
    seconds, gap
        Time for each, and good enough for each.
    interrupted
        Asked before each draw; where it says yes, the draws so far are the answer.

    Raises
    ------
    PhasingError
        Where no draw had an answer.
    """
    rng = np.random.default_rng(seed)
    sites = int(made.programme.way_site.max(initial=-1)) + 1
    count, served, worst, impossible = np.zeros(sites), [], 0.0, 0
    for number in range(draws):
        if interrupted():
            break
        p = drawn(made, doubts, rng)
        try:
            answer = solve(p, seconds, gap)
        except PhasingError:
            impossible += 1
        else:
            count[np.unique(p.way_site[answer.since < p.years])] += 1.0
            served.append(float(answer.served[-1] @ p.people[p.pair_place]))
            worst = max(worst, answer.gap)
        told(number + 1)
    if not served:
        raise PhasingError("sensitivity: no draw had an answer; lower the floors, or give more money or time")
    return Sensitivity(len(served), impossible, count / len(served), np.array(served), worst)
