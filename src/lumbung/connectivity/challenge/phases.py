"""A programme of years as an answer: which sites from which year on, and who gets the promised speed from them.

Every year is held as it would stand: backhaul against the terrain, cells against each other as far as they are busy
(``radio.capacity``). A cell admits as many people as it has time for, spread evenly over those whose place allows the speed
at all; what it has no time for is not connected. A satellite carries so much and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.challenge.proposals import (
    SATELLITE,
    Choice,
    ProposalError,
    Terms,
    backhaul_of,
    cost_of,
    problem_of,
    read_proposal,
    sites_of,
)
from lumbung.connectivity.challenge.remote_regions import RemoteArea
from lumbung.connectivity.engine.cellular import cqi_thresholds, efficiencies, rate_of_one
from lumbung.connectivity.radio.capacity import busy, capacity, network

Floats = NDArray[np.float64]
_CENTS = 1e-6


@dataclass(frozen=True)
class Promise:
    """What a programme is for.

    money : new money of each year; what is not spent is kept. speed : of an active person [Mbit/s]; active : part of the
    people who are active at once in the busy hour; satellite_traffic : that a terminal carries [Mbit/s].
    """

    money: tuple[float, ...]
    speed: float = 2.0
    active: float = 0.02
    satellite_traffic: float = 60.0


@dataclass(frozen=True)
class Step:
    """One site of a programme and the year from which it stands, counted from 1."""

    choice: Choice
    year: int


@dataclass(frozen=True)
class Gain:
    """What a programme is worth.

    Attributes
    ----------
    part : float array, shape (years, villages)
        Of each village's people, who have the speed in each year.
    full : int array, shape (years,)
        Cells that would need more than all of their time.
    spent : float
    connected : tuple of bool
        Whether each step's traffic gets out.
    why_not : tuple of str
    """

    part: Floats
    full: NDArray[np.int64]
    spent: float
    connected: tuple[bool, ...]
    why_not: tuple[str, ...]


def task_of(area: RemoteArea, terms: Terms, promise: Promise) -> dict[str, Any]:
    """Return the message that poses the problem, as docs/connectivity/connected-villages.md describes it.

    It is that of ``proposals.problem_of`` with money by year, the speed asked for, and what a cell gives.
    """
    problem = problem_of(area, terms)
    del problem["budget"]
    carrier = terms.carrier
    return problem | {
        "money": list(promise.money),
        "promise": {"speed": promise.speed, "active": promise.active},
        "radio": problem["radio"]
        | {
            "noise": terms.link.noise(carrier),
            "ratios": cqi_thresholds(carrier),
            "rates": rate_of_one(carrier) * np.array(efficiencies(carrier)),
        },
        "backhaul": problem["backhaul"] | {"satellite_traffic": promise.satellite_traffic},
    }


def read_programme(answer: Any, area: RemoteArea, terms: Terms, promise: Promise) -> tuple[Step, ...]:
    """Read an answer ``{"sites": [{"id": …, "height": …, "backhaul": …, "year": …}, …]}`` and hold it against the rules.

    Raises
    ------
    ProposalError
        As for ``proposals.read_proposal``; where a year is none, a site stands before the one that its traffic runs
        over, or more is spent up to a year than there is.
    """
    choices = read_proposal(answer, area, terms)
    years = len(promise.money)
    steps = tuple(
        Step(choice, _year(f"sites[{place}].year", entry, years))
        for place, (choice, entry) in enumerate(zip(choices, answer["sites"], strict=True))
    )
    since = {area.candidates[step.choice.candidate].id: step.year for step in steps}
    for place, step in enumerate(steps):
        end = step.choice.backhaul
        if since.get(end, 0) > step.year:
            raise ProposalError(
                f"sites[{place}].year",
                f"{step.year}, before {end!r}, which carries its traffic, stands in {since[end]}",
                f"{since[end]} or later",
            )
    for year, money in enumerate(np.cumsum(promise.money), 1):
        spent = cost_of([step.choice for step in steps if step.year <= year], area, terms)
        if spent > money * (1.0 + _CENTS):
            raise ProposalError(
                "sites",
                f"a cost of {spent:,.1f} up to year {year}, backhaul included",
                f"at most the money up to it, {money:,.1f}",
            )
    return steps


def _year(where: str, entry: dict[str, Any], years: int) -> int:
    if "year" not in entry:
        raise ProposalError(where, "nothing", f"a whole number from 1 to {years}", form=True)
    year = entry["year"]
    if isinstance(year, bool) or not isinstance(year, int | np.integer):
        raise ProposalError(where, repr(year)[:80], f"a whole number from 1 to {years}", form=True)
    if not 1 <= year <= years:
        raise ProposalError(where, str(int(year))[:80], f"a year from 1 to {years}")
    return int(year)


def gain_of(steps: Sequence[Step], area: RemoteArea, terms: Terms, promise: Promise) -> Gain:
    """Return who has the speed in each year of a programme."""
    years, villages = len(promise.money), area.demand.size
    choices = [step.choice for step in steps]
    part, full = np.zeros((years, villages)), np.zeros(years, np.int64)
    _, connected, why_not = backhaul_of(choices, area, terms) if steps else ((), (), ())
    for year in range(1, years + 1):
        standing = [
            step.choice for step, works in zip(steps, connected, strict=True) if works and step.year <= year
        ]
        if standing:
            part[year - 1], full[year - 1] = _served(standing, area, terms, promise)
    return Gain(part, full, cost_of(choices, area, terms), connected, why_not)


def _served(
    standing: Sequence[Choice], area: RemoteArea, terms: Terms, promise: Promise
) -> tuple[Floats, int]:
    """Return the part of each village's people who have the speed from sites that stand, and how many cells are full."""
    net = network(
        area.ground, sites_of(standing, area), area.demand, terms.carrier, terms.link, model=terms.model,
        radius=terms.radius, threshold=terms.threshold, known=area.known, threads=1,
    )  # fmt: skip
    people = area.demand.people
    loads = busy(net, people, promise.active * promise.speed)
    found = capacity(net, loads)
    able = (found.server >= 0) & (found.alone[:, 0] >= promise.speed)
    asked = np.bincount(found.server[able], promise.active * people[able], len(net.cell))
    time = np.divide(found.at_once(people, promise.speed), asked, out=np.zeros_like(asked), where=asked > 0.0)
    admitted: Floats = np.minimum(1.0, time)
    admitted = admitted * _carried(standing, asked * admitted * promise.speed, promise)
    return np.where(able, admitted[np.maximum(found.server, 0)], 0.0), int((loads.needed > 1.0).sum())


def _carried(standing: Sequence[Choice], traffic: Floats, promise: Promise) -> Floats:
    """Return the part of each cell's traffic [Mbit/s] that its site's backhaul takes: all by hops, so much by satellite."""
    of_site = traffic.reshape(len(standing), -1).sum(axis=1)
    limited = np.array([choice.backhaul == SATELLITE for choice in standing])
    over = limited & (of_site > promise.satellite_traffic)
    part = np.where(over, promise.satellite_traffic / np.maximum(of_site, 1e-9), 1.0)
    return np.repeat(part, traffic.size // len(standing))


__all__ = ["Gain", "Promise", "Step", "gain_of", "read_programme", "task_of"]
