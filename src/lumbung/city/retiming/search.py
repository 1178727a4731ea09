"""The search for plans: Webster's splits for many cycles, improved step by step on the queue twin.

Every junction keeps the phases and the order of its own plan. What is searched is the cycle (one for all, or each
junction's own), how it is split, and where each plan begins. All plans keep the rules before they are tried.

References
----------
F. V. Webster, "Traffic signal settings", Road Research Technical Paper 39, 1958: greens by the flow ratios, and the
cycle of least delay (1.5 L + 5) / (1 - Y).
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lumbung.city.engine.journeys import Journeys
from lumbung.city.engine.plans import Plan, longest_red, network_plan, plan_program
from lumbung.city.engine.programs import ProgramPhase
from lumbung.city.engine.safety import Rules
from lumbung.city.engine.topology import Junction, Topology
from lumbung.city.engine.twin import HEADWAY_S, Twin

CYCLES_S = (40, 50, 60, 70, 80, 90, 100, 110, 120)
# The best so many cycles are searched to the end.
FINALISTS = 4
FIRST_ROUND = 0.3
"""Of a search that has so much time: the part in which all starts are tried, before the best are searched to the end."""

Plans = dict[str, Plan]


@dataclass(frozen=True)
class Candidate:
    """Plans for all junctions, where they come from, and what the twin says of them [s]."""

    origin: str
    plans: Plans
    twin_delay: float


def spelled(
    topology: Topology, plans: Mapping[str, Plan], rules: Rules
) -> dict[str, tuple[tuple[ProgramPhase, ...], int]]:
    """Spell plans out as programs with their offsets."""
    return {
        name: (plan_program(topology.junctions[name], plan, rules), plan.offset)
        for name, plan in plans.items()
    }


def flow_ratios(junction: Junction, flows: Mapping[int, float], hours: float, first: int) -> list[float]:
    """Return, per phase of the junction's own plan, the largest share of a lane's time that some movement needs.

    Parameters
    ----------
    junction : Junction
    flows : mapping of int to float
        Vehicles per movement, numbered through the network.
    hours : float
    first : int
        The number of the junction's first movement.
    """
    ratios = []
    for phase, _ in network_plan(junction).phases:
        state = junction.phases[phase]
        needed = 0.0
        for k, m in enumerate(junction.movements):
            if any(state[i] in "Gg" for i in m.links):
                per_lane = flows.get(first + k, 0.0) / hours / max(len(m.lanes_in), 1)
                needed = max(needed, per_lane * HEADWAY_S / 3600)
        ratios.append(needed)
    return ratios


def webster_cycle(ratios: list[float], lost: float) -> float:
    """Return Webster's cycle of least delay [s] for the flow ratios of the phases and the lost time [s]."""
    together = min(sum(ratios), 0.9)
    return float(np.clip((1.5 * lost + 5) / (1 - together), CYCLES_S[0], CYCLES_S[-1]))


def split(
    junction: Junction, ratios: list[float], cycle: float, rules: Rules, offset: int = 0
) -> Plan | None:
    """Divide a cycle among the phases of a junction's own plan; None where it cannot keep the rules."""
    phases = [phase for phase, _ in network_plan(junction).phases]
    least = Plan(tuple((phase, rules.min_green) for phase in phases), offset)
    shortest = sum(p.duration for p in plan_program(junction, least, rules))
    spare = cycle - shortest
    if spare < 0 or not phases:
        return None
    weights = np.array([max(r, 1e-6) for r in ratios])
    extra = np.floor(spare * weights / weights.sum()).astype(int)
    extra[int(weights.argmax())] += round(spare) - int(extra.sum())
    plan = Plan(tuple((p, rules.min_green + int(e)) for p, e in zip(phases, extra, strict=True)), offset)
    return plan if keeps_rules(junction, plan, rules) else None


def keeps_rules(junction: Junction, plan: Plan, rules: Rules) -> bool:
    """Tell whether a plan keeps minimum green and maximum red."""
    red, _ = longest_red(junction, plan_program(junction, plan, rules))
    return 0 <= red <= rules.max_red and all(green >= rules.min_green for _, green in plan.phases)


class Search:
    """Looks for plans on one period's journeys.

    Parameters
    ----------
    topology : Topology
    journeys : Journeys
    rules : Rules
    seed : int
        Of the search.
    steps : int
        Tries per junction and finalist.
    seconds : float
        How long `run` may try; what it then did not get to is told by `share`.
    """

    def __init__(
        self,
        topology: Topology,
        journeys: Journeys,
        rules: Rules,
        seed: int = 0,
        steps: int = 60,
        seconds: float = math.inf,
    ) -> None:
        self.topology, self.rules = topology, rules
        self._seconds, self._made, self._meant = seconds, 0, 0
        self.twin = Twin(topology, journeys)
        # S311: a search, no secret
        self._random = random.Random(seed)  # noqa: S311
        self._steps = steps
        numbers, counts = np.unique(journeys.movement, return_counts=True)
        flows = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
        hours = max((journeys.end - journeys.begin) / 3600, 1e-9)
        self._ratios, first = {}, 0
        for junction in topology.junctions.values():
            self._ratios[junction.id] = flow_ratios(junction, flows, hours, first)
            first += len(junction.movements)

    def own(self) -> Candidate:
        """The network's own plans, spelt out with the rules' clearing."""
        plans = {name: network_plan(j) for name, j in self.topology.junctions.items()}
        return self._candidate("own", plans)

    def webster(self, cycle: int | None = None) -> Candidate:
        """Webster's splits: for one cycle everywhere, or with each junction's own."""
        plans = {}
        for name, junction in self.topology.junctions.items():
            own = network_plan(junction)
            clearing = sum(p.duration for p in plan_program(junction, own, self.rules)) - sum(
                g for _, g in own.phases
            )
            wanted = cycle or round(webster_cycle(self._ratios[name], clearing))
            longer = (c for c in (wanted, *CYCLES_S) if c >= wanted)
            found = (split(junction, self._ratios[name], c, self.rules) for c in longer)
            plans[name] = next((plan for plan in found if plan is not None), own)
        return self._candidate(f"webster {cycle or 'each its own'}", plans)

    def run(self) -> list[Candidate]:
        """Search, and return the candidates worth a simulation, the twin's best first."""
        begun = time.monotonic()
        starts = [self.own(), self.webster(), *(self.webster(cycle) for cycle in CYCLES_S)]
        first = FIRST_ROUND * self._seconds / len(starts)
        short = [self.improve(start, self._steps // 4, first) for start in starts]
        short.sort(key=lambda candidate: candidate.twin_delay)
        each = (self._seconds - (time.monotonic() - begun)) / FINALISTS
        found = [self.improve(candidate, self._steps, each) for candidate in short[:FINALISTS]]
        return sorted(found, key=lambda candidate: candidate.twin_delay)

    @property
    def share(self) -> float:
        """The part of the tries meant that there was time for, 0 to 1."""
        return self._made / self._meant if self._meant else 1.0

    def improve(self, start: Candidate, steps: int, seconds: float = math.inf) -> Candidate:
        """Change one junction's split or offset at a time, and keep what the twin finds no worse, for so long at most [s]."""
        begun = time.monotonic()
        names = list(self.topology.junctions)
        self._meant += steps * len(names)
        plans, least = dict(start.plans), start.twin_delay
        programs = spelled(self.topology, plans, self.rules)
        for number in range(steps * len(names)):
            if time.monotonic() - begun >= seconds:
                break
            self._made += 1
            name = names[number % len(names)]
            tried = self._change(name, plans[name])
            if tried is None:
                continue
            before = programs[name]
            programs[name] = (plan_program(self.topology.junctions[name], tried, self.rules), tried.offset)
            delay = self.twin.run(programs).delay
            if delay <= least:
                plans[name], least = tried, delay
            else:
                programs[name] = before
        return Candidate(f"{start.origin}, improved" if steps else start.origin, plans, least)

    def vary(self, plans: Plans) -> Plans:
        """Propose a neighbour of plans: all of them stretched, or some changed."""
        draw, junctions = self._random, self.topology.junctions
        if draw.random() < 0.4:
            factor = draw.choice((0.8, 0.9, 1.1, 1.25))
            stretched = {name: self._stretch(plan, factor) for name, plan in plans.items()}
            return {
                name: plan if keeps_rules(junctions[name], plan, self.rules) else plans[name]
                for name, plan in stretched.items()
            }
        share = max(1 / len(plans), 0.3)
        changed = {name: self._change(name, plan) for name, plan in plans.items() if draw.random() < share}
        return {**plans, **{name: plan for name, plan in changed.items() if plan is not None}}

    def _stretch(self, plan: Plan, factor: float) -> Plan:
        greens = ((p, max(self.rules.min_green, round(green * factor))) for p, green in plan.phases)
        return Plan(tuple(greens), round(plan.offset * factor))

    def _change(self, name: str, plan: Plan) -> Plan | None:
        """Propose another plan of the same cycle: seconds from one phase to another, or another beginning."""
        draw, phases = self._random, list(plan.phases)
        if len(phases) > 1 and draw.random() < 0.6:
            a, b = draw.sample(range(len(phases)), 2)
            seconds = draw.choice((1, 2, 3, 5, 8))
            phases[a] = (phases[a][0], phases[a][1] - seconds)
            phases[b] = (phases[b][0], phases[b][1] + seconds)
            tried = Plan(tuple(phases), plan.offset)
        else:
            cycle = sum(g for _, g in phases) + 1
            tried = Plan(plan.phases, (plan.offset + draw.randint(1, max(cycle - 1, 1))) % max(cycle, 1))
        return tried if keeps_rules(self.topology.junctions[name], tried, self.rules) else None

    def _candidate(self, origin: str, plans: Plans) -> Candidate:
        return Candidate(origin, plans, self.twin.run(spelled(self.topology, plans, self.rules)).delay)
