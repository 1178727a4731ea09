"""Retiming a city's signals: candidates from the twin, the choice made on SUMO, the judgement on seeds it never saw.

A plan is exported only where it is better than today's: the 95 % interval of the paired difference over the unseen
seeds lies below zero. Where single junctions lose by it, they are named.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from lumbung.city.engine.episode import Episode, Settings, run_programs, run_today
from lumbung.city.engine.journeys import Journeys, read_journeys
from lumbung.city.engine.networks import NetworkError, Scenario
from lumbung.city.engine.plans import programs_xml
from lumbung.city.engine.topology import Junction, Topology, scenario_topology
from lumbung.city.engine.watched import watched
from lumbung.city.retiming.periods import find_periods
from lumbung.city.retiming.search import Candidate, Plans, Search, keeps_rules, spelled

# Seeds nobody tuned on: far from those that people try by hand.
UNSEEN_FROM = 7000


T = TypeVar("T")


class Keeping(Protocol):
    """Remembers what takes long, so that whoever was interrupted goes on from there."""

    def __call__(self, name: str, kind: type[T], make: Callable[[], T]) -> T:
        """Return what was kept under a name, as what kind; else make it and keep it."""
        ...


def afresh(name: str, kind: type[T], make: Callable[[], T]) -> T:
    """Make it, and remember nothing."""
    return make()


@dataclass(frozen=True)
class Period:
    """A time of day with its plans: begin and end [s], the plan of each junction, where the plans come from.

    Examples
    --------
    >>> from lumbung import city
    >>> morning = city.Period(25200.0, 32400.0, {}, "today's plans")
    >>> (morning.end - morning.begin) / 3600  # hours
    2.0
    """

    begin: float
    end: float
    plans: Plans
    origin: str


@dataclass(frozen=True)
class Difference:
    """Before and after, over paired seeds.

    Attributes
    ----------
    before, after : float
        Means.
    low, high : float
        The 95 % interval of the mean of after - before (Student's t).

    Examples
    --------
    >>> from lumbung import city
    >>> difference = city.Difference(before=41.0, after=33.5, low=-9.1, high=-5.9)
    >>> difference
    <Difference: 41.00 to 33.50, -7.50 [-9.10, -5.90]>
    >>> difference.better  # the whole interval lies below zero
    True
    """

    before: float
    after: float
    low: float
    high: float

    def __repr__(self) -> str:
        change = self.after - self.before
        return f"<Difference: {self.before:.2f} to {self.after:.2f}, {change:+.2f} [{self.low:+.2f}, {self.high:+.2f}]>"

    @property
    def better(self) -> bool:
        """Surely less than before."""
        return self.high < 0

    @property
    def worse(self) -> bool:
        """Surely more than before."""
        return self.low > 0


@dataclass(frozen=True)
class Retiming:
    """What retiming came to.

    Attributes
    ----------
    periods : list of Period
    delay : Difference
        Of the mean delay per vehicle [s].
    junctions : dict of str to Difference
        Of the vehicle-hours lost per hour on each junction's approaches.
    train, unseen : range
        Seeds.
    tried : list of (str, float)
        Candidates and their mean delay on the training seeds [s].
    today : list of Episode
        Today's signals on the unseen seeds, so that others can be compared with the very same.
    searched : float
        The part of the tries meant that the search had time for, 0 to 1.

    Examples
    --------
    >>> from lumbung import city
    >>> less = city.Difference(before=41.0, after=33.5, low=-9.1, high=-5.9)
    >>> retiming = city.Retiming(
    ...     [city.Period(0.0, 3600.0, {}, "searched")], less, {"A0": less}, range(3), range(7000, 7020), [], []
    ... )
    >>> retiming
    <Retiming: mean delay 41.0 to 33.5 s over 20 unseen seeds, better>
    >>> retiming.exported  # only what is surely better is written
    True
    """

    periods: list[Period]
    delay: Difference
    junctions: dict[str, Difference]
    train: range
    unseen: range
    tried: list[tuple[str, float]]
    today: list[Episode]
    searched: float = 1.0

    def __repr__(self) -> str:
        verdict = "better" if self.exported else "not surely better"
        return (
            f"<Retiming: mean delay {self.delay.before:.1f} to {self.delay.after:.1f} s "
            f"over {len(self.unseen)} unseen seeds, {verdict}>"
        )

    @property
    def exported(self) -> bool:
        """Whether the plans are better than today's, so that they may be written."""
        return self.delay.better


def retime(
    scenario: Scenario,
    settings: Settings,
    train: range = range(3),
    unseen: range = range(UNSEEN_FROM, UNSEEN_FROM + 20),
    steps: int = 60,
    refine: int = 20,
    tell: Callable[[str], None] = lambda said: None,
    seconds: float = math.inf,
    keep: Keeping = afresh,
    trace: Path | None = None,
) -> Retiming:
    """Search plans for a scenario, choose on SUMO, judge on unseen seeds.

    Parameters
    ----------
    scenario : Scenario
    settings : Settings
        Its rules are kept by every plan.
    train, unseen : range
        Seeds to choose on, and to judge on; they must not meet.
    steps : int
        Tries of the search per junction.
    refine : int
        Neighbours of the best candidate that are tried on SUMO itself.
    tell : callable
        Gets a word on what is being done.
    seconds : float
        How long the search on the twin may take.
    keep : callable
        What was found or driven before it was interrupted, see `Keeping`.
    trace : Path, optional
        Folder in which ``today`` and ``retimed`` of the first unseen seed are watched, see `lumbung.city.engine.trace`.

    Raises
    ------
    NetworkError
        The network cannot be simulated, or no junction has a fixed plan to start from.
    ValueError
        The seeds meet, or there are fewer than two to judge on.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lumbung import city
    >>> five_minutes = replace(city.resco("cologne1"), end=25500.0)
    >>> city.retime(five_minutes, city.Settings(), train=range(1), unseen=range(7000, 7002), steps=2, refine=0)
    <Retiming: mean delay 29.3 to 17.6 s over 2 unseen seeds, better>
    """
    if set(train) & set(unseen) or not train or len(unseen) < 2:
        raise ValueError(
            f"seeds: found {train} and {unseen}, expected ranges that do not meet, two or more to judge on"
        )
    topology = scenario_topology(scenario)
    tell("journeys")
    journeys = read_journeys(scenario, topology, train[0])
    movements = sum(len(j.movements) for j in topology.junctions.values())
    periods = find_periods(journeys, movements)
    searches, choices, shares = [], [], []
    for number, (begin, end) in enumerate(periods):
        tell(f"search {begin:g}-{end:g} s")
        part, each = journeys_of(journeys, begin, end), seconds / len(periods)
        searches.append(Search(topology, part, settings.rules, seed=train[0], steps=steps, seconds=each))
        choice, share = keep(
            f"search-{number}", tuple[list[Candidate], float], partial(_searched, searches[-1])
        )
        choices.append(choice)
        shares.append(share)
    tried: list[tuple[str, float]] = []
    best: tuple[float, list[Period]] | None = None

    def simulated(plan: list[Period]) -> float:
        program = export(topology, plan, settings)
        return float(np.mean([driven(program, s, settings).metrics.delay for s in train]))

    def driven(program: str, seed: int, how: Settings) -> Episode:
        named = hashlib.sha256(program.encode()).hexdigest()[:24] if program else "today"
        drive = partial(run_programs, programs=program) if program else run_today
        return keep(f"{named}-{seed}", Episode, lambda: watched(how, lambda so: drive(scenario, so, seed)))

    for rank in range(max(len(choice) for choice in choices)):
        chosen = [choice[min(rank, len(choice) - 1)] for choice in choices]
        plan = [_period(p, c) for p, c in zip(periods, chosen, strict=True)]
        if not all(keeps_all(topology, p.plans, settings) for p in plan):
            continue
        origin = "; ".join(dict.fromkeys(c.origin for c in chosen))
        tell(f"SUMO: {origin}")
        delay = simulated(plan)
        tried.append((origin, delay))
        if best is None or delay < best[0]:
            best = (delay, plan)
    if best is None:
        raise NetworkError(scenario.name, "no plan that keeps the rules", "phases that can, or other rules")
    for number in range(refine):
        place = number % len(periods)
        neighbour = list(best[1])
        neighbour[place] = replace(neighbour[place], plans=searches[place].vary(neighbour[place].plans))
        if neighbour[place].plans == best[1][place].plans:
            continue
        tell(f"SUMO: neighbour {number + 1} of {refine}")
        delay = simulated(neighbour)
        if delay < best[0]:
            best = (delay, neighbour)
    tried.append(("refined", best[0]))
    program = export(topology, best[1], settings)
    before, after = [], []
    for seed in unseen:
        tell(f"unseen seed {seed}")
        first = trace if seed == unseen[0] else None
        before.append(driven("", seed, replace(settings, trace=first and first / "today")))
        after.append(driven(program, seed, replace(settings, trace=first and first / "retimed")))
    return Retiming(
        best[1], *compare(topology, before, after), train, unseen, tried, before, float(np.mean(shares))
    )


def _searched(search: Search) -> tuple[list[Candidate], float]:
    return search.run(), search.share


def compare(
    topology: Topology, before: Sequence[Episode], after: Sequence[Episode]
) -> tuple[Difference, dict[str, Difference]]:
    """Compare episodes of the same seeds: the mean delay per vehicle [s], and the vehicle-hours lost per hour by junction."""
    hours = (after[0].end - after[0].begin) / 3600
    return (
        difference([e.metrics.delay for e in before], [e.metrics.delay for e in after]),
        {
            name: difference(
                [_lost(e, junction) / 3600 / hours for e in before],
                [_lost(e, junction) / 3600 / hours for e in after],
            )
            for name, junction in topology.junctions.items()
        },
    )


def _period(hours: tuple[float, float], candidate: Candidate) -> Period:
    return Period(hours[0], hours[1], candidate.plans, candidate.origin)


def keeps_all(topology: Topology, plans: Plans, settings: Settings) -> bool:
    """Tell whether all plans keep the rules; the network's own need not."""
    return all(keeps_rules(topology.junctions[name], plan, settings.rules) for name, plan in plans.items())


def _lost(episode: Episode, junction: Junction) -> float:
    return sum(episode.lost.get(edge, 0.0) for edge in {m.edge_in for m in junction.movements})


def journeys_of(journeys: Journeys, begin: float, end: float) -> Journeys:
    """Keep the journeys that set off in a period."""
    keep = np.flatnonzero((journeys.depart >= begin) & (journeys.depart < end))
    legs = [np.arange(journeys.first[v], journeys.first[v + 1]) for v in keep]
    flat = np.concatenate(legs) if legs else np.zeros(0, np.int64)
    first = np.concatenate([[0], np.cumsum([len(leg) for leg in legs])]).astype(np.int64)
    return replace(
        journeys,
        depart=journeys.depart[keep],
        first=first,
        movement=journeys.movement[flat],
        drive=journeys.drive[flat],
        begin=begin,
        end=end,
    )


def export(topology: Topology, periods: Sequence[Period], settings: Settings) -> str:
    """Write the plans as SUMO's additional file; several periods are switched by a WAUT."""
    blocks = []
    for number, period in enumerate(periods, start=1):
        programs = spelled(topology, period.plans, settings.rules)
        text = programs_xml((topology.junctions[n], steps, offset) for n, (steps, offset) in programs.items())
        name = "lumbung" if len(periods) == 1 else f"lumbung-{number}"
        blocks.append(_body(text).replace('programID="lumbung"', f'programID="{name}"'))
    if len(periods) > 1:
        # the last period's plans run again where the next day begins
        lines = ['    <WAUT id="lumbung" refTime="0" startProg="lumbung-1">']
        lines += [
            f'        <wautSwitch time="{p.begin:g}" to="lumbung-{n}"/>'
            for n, p in enumerate(periods[1:], start=2)
        ]
        lines.append("    </WAUT>")
        lines += [
            f'    <wautJunction wautID="lumbung" junctionID="{_quoted(name)}"/>'
            for name in topology.junctions
        ]
        blocks.append("\n".join(lines) + "\n")
    return "<additional>\n" + "".join(blocks) + "</additional>\n"


def _body(additional: str) -> str:
    return additional.removeprefix("<additional>\n").removesuffix("</additional>\n")


def _quoted(name: str) -> str:
    return name.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


# Student's t, 97.5 %, by degrees of freedom; beyond 30 the normal's.
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
      2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)  # fmt: skip


def difference(before: Sequence[float], after: Sequence[float]) -> Difference:
    """Compare paired figures: means, and the 95 % interval of the mean difference."""
    changes = np.array(after) - np.array(before)
    freedom = len(changes) - 1
    t = _T[freedom - 1] if freedom <= len(_T) else 1.96
    half = t * float(changes.std(ddof=1)) / math.sqrt(len(changes))
    middle = float(changes.mean())
    return Difference(float(np.mean(before)), float(np.mean(after)), middle - half, middle + half)
