"""A siting study: from tables to a plan with its proof.

What stands already reaches whom it reaches; the plan is about the rest. Every site and height is an option with a cost;
villages are demand. The search chooses; backhaul routes are then found over the chosen sites together, since a chain
over a neighbour may save a satellite.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.demand import Demand
from lumbung.connectivity.engine.covering.problem import Covering, Floats, Ints, Lists
from lumbung.connectivity.engine.covering.search import Knowledge, Stage
from lumbung.connectivity.engine.covering.target import cheapest
from lumbung.connectivity.siting.backhaul import Route, Rules, routes
from lumbung.connectivity.siting.backhaul import cost as backhaul_cost
from lumbung.connectivity.siting.candidates import Candidate, Place
from lumbung.connectivity.siting.instances import SitingError, search
from lumbung.connectivity.terrain import Terrain


@dataclass(frozen=True)
class Goal:
    """What is asked: exactly one of the three.

    Attributes
    ----------
    sites : int, optional
        Reach the most people with this many new sites.
    budget : float, optional
        Reach the most people for this money.
    share : float, optional
        Reach this share of all people, counting those reached already, for the least money.
    """

    sites: int | None = None
    budget: float | None = None
    share: float | None = None


@dataclass(frozen=True)
class Inputs:
    """Everything a study is made of.

    Attributes
    ----------
    candidates : tuple of Candidate
    demand : Demand
    standing, fibre : tuple of Place
        Towers that stand already, and fibre points.
    options : tuple of (int, float)
        Candidate's number and height of each option.
    cover, standing_cover : Lists
        Villages each option, and each standing tower, reaches.
    has_costs : bool
        Whether the candidates' table gives any cost.
    per_metre : float
        Cost of one metre of mast.
    rules : Rules
        For backhaul.
    ground : Terrain or None
    reach : str
        How "reached" was decided, in words.
    notes : tuple of str
        What was treated, assumed or set aside.
    """

    candidates: tuple[Candidate, ...]
    demand: Demand
    standing: tuple[Place, ...]
    fibre: tuple[Place, ...]
    options: tuple[tuple[int, float], ...]
    cover: Lists
    standing_cover: Lists
    has_costs: bool
    per_metre: float
    rules: Rules
    ground: Terrain | None
    reach: str
    notes: tuple[str, ...] = ()

    def place(self, option: int) -> Place:
        """Return the tower that an option is."""
        number, height = self.options[option]
        return self.candidates[number].at(height)

    @property
    def generated(self) -> bool:
        """Whether any input is generated."""
        return self.demand.generated or (self.ground is not None and self.ground.generated)


def options_of(candidates: Sequence[Candidate]) -> tuple[tuple[int, float], ...]:
    """Return one option per candidate and height, in their order."""
    return tuple((k, height) for k, candidate in enumerate(candidates) for height in candidate.heights)


@dataclass(frozen=True)
class Built:
    """One site of the plan.

    Attributes
    ----------
    place : Place
    option : int
    order : int
        From 1: built in this order, each next one adds the most for its cost.
    adds, cumulative : float
        People it adds in that order, and the sum so far.
    reaches, alone : float
        People it reaches that no standing tower does, and those of them whom no other site of the plan reaches.
    villages : int
        Villages it adds in that order.
    items : dict of str to float
        Cost of each item.
    route : Route
    """

    place: Place
    option: int
    order: int
    adds: float
    cumulative: float
    reaches: float
    alone: float
    villages: int
    items: dict[str, float]
    route: Route

    @property
    def cost(self) -> float:
        """Cost of all items."""
        return sum(self.items.values())


@dataclass(frozen=True)
class Plan:
    """The answer of a study.

    Attributes
    ----------
    built : tuple of Built
    value, bound : float
        People newly reached, and the proven most that any plan could newly reach (for a goal of least cost: the
        money spent, and the proven least).
    gap : float
    ending : str
        ``optimal``, ``gap`` or ``time``.
    already, total : float
        People whom standing towers reach, and all people.
    reached : bool array, shape (villages,)
        Reached by a standing tower or by the plan.
    standing : bool array, shape (villages,)
        Reached by a standing tower.
    seconds : float
    goal : Goal
    notes : tuple of str
    """

    built: tuple[Built, ...]
    value: float
    bound: float
    gap: float
    ending: str
    already: float
    total: float
    reached: NDArray[np.bool_]
    standing: NDArray[np.bool_]
    seconds: float
    goal: Goal
    notes: tuple[str, ...]

    @property
    def newly(self) -> float:
        """People newly reached."""
        return self.built[-1].cumulative if self.built else 0.0

    @property
    def cost(self) -> float:
        """Cost of all sites with the backhaul found."""
        return sum(site.cost for site in self.built)


def plan(
    inputs: Inputs,
    goal: Goal,
    seconds: float,
    gap: float = 0.0,
    seed: int = 0,
    checkpoint: Path | None = None,
    watch: Callable[[Stage, Knowledge], None] = lambda stage, knowledge: None,
) -> Plan:
    """Choose sites for a goal.

    Parameters
    ----------
    inputs : Inputs
    goal : Goal
    seconds : float
        Time allowed for the search [s].
    gap : float
        Good enough.
    seed : int
    checkpoint : Path, optional
        Where to keep what is learnt (not for a goal of least cost, which is a row of searches).
    watch : callable
        Told of every stage.

    Raises
    ------
    SitingError
        Where the goal contradicts itself or cannot be met.
    """
    begun = time.monotonic()
    _check(goal)
    standing = np.zeros(inputs.demand.size, bool)
    standing[inputs.standing_cover.indices] = True
    people = np.where(standing, 0.0, inputs.demand.people)
    already, total = float(inputs.demand.people[standing].sum()), float(inputs.demand.people.sum())
    costs, notes = _costs(inputs, goal)
    problem = _problem(inputs, goal, people, costs)
    if goal.share is not None:
        target = goal.share * total - already
        chosen, value, bound, ending, width = _least(problem, target, seconds, gap, seed, watch)
        if goal.share * total <= already:
            notes.append("standing towers reach that share already: nothing needs to be built")
    else:
        answer = search(problem, seconds, gap=gap, seed=seed, checkpoint=checkpoint, watch=watch)
        chosen, value, bound = answer.chosen, answer.value, answer.bound
        ending, width = answer.ending, answer.gap
    chosen = _useful(problem, chosen)
    built = _built(inputs, problem, chosen, people)
    reached = standing.copy()
    for j in chosen:
        reached[inputs.cover[j]] = True
    notes += _savings(inputs, built, problem, goal)
    return Plan(
        built, value, bound, width, ending, already, total, reached, standing, time.monotonic() - begun, goal,
        (*inputs.notes, *notes),
    )  # fmt: skip


def _check(goal: Goal) -> None:
    given = [name for name in ("sites", "budget", "share") if getattr(goal, name) is not None]
    if len(given) != 1:
        raise SitingError(
            f"goal: found {', '.join(given) or 'nothing'}; give exactly one of a number of sites, a budget, a share of "
            "the people to reach"
        )
    if goal.share is not None and not 0 < goal.share <= 1:
        raise SitingError(
            f"share of people: found {goal.share:g}, expected more than 0 and at most 1, e.g. 0.9"
        )
    if goal.budget is not None and goal.budget <= 0:
        raise SitingError(f"budget: found {goal.budget:g}, expected more than 0")
    if goal.sites is not None and goal.sites < 1:
        raise SitingError(f"sites: found {goal.sites}, expected 1 or more")


def _costs(inputs: Inputs, goal: Goal) -> tuple[Floats, list[str]]:
    """Cost of each option with the backhaul it would have on its own; 1 each where no cost is known."""
    if goal.sites is not None:
        return np.ones(len(inputs.options)), []
    costs = np.array([sum(_items(inputs, j).values()) for j in range(len(inputs.options))])
    if inputs.fibre or inputs.standing:
        costs += _alone(inputs)
    if not costs.any():
        return np.ones(len(costs)), [
            "no cost is given: every site counts 1, and the budget is a number of sites"
        ]
    free = np.flatnonzero(costs <= 0)
    if len(free):
        names = ", ".join(sorted({inputs.place(int(j)).id for j in free})[:5])
        raise SitingError(
            f"costs: {len(free)} options cost nothing ({names}, …); a budget cannot weigh them: give the cost of tower, "
            "land, power, road or backhaul"
        )
    return costs, []


def _items(inputs: Inputs, option: int) -> dict[str, float]:
    number, height = inputs.options[option]
    items = dict(inputs.candidates[number].costs)
    if inputs.per_metre:
        items["tower"] = items.get("tower", 0.0) + inputs.per_metre * height
    return items


def _alone(inputs: Inputs) -> Floats:
    """Backhaul of each option by itself: one hop to a connected place, else satellite; given costs stand."""
    if not (inputs.rules.hop_cost or inputs.rules.satellite_cost):
        return np.zeros(len(inputs.options))
    result = np.zeros(len(inputs.options))
    for j in range(len(inputs.options)):
        if "backhaul" not in inputs.candidates[inputs.options[j][0]].costs:
            found = routes([inputs.place(j)], [*inputs.fibre, *inputs.standing], inputs.ground, inputs.rules)[
                0
            ]
            result[j] = backhaul_cost(found, inputs.rules)
    return result


def _problem(inputs: Inputs, goal: Goal, people: Floats, costs: Floats) -> Covering:
    groups = np.array([number for number, _ in inputs.options], dtype=np.int64)
    if goal.sites is not None:
        budget = float(min(goal.sites, len(inputs.candidates)))
    elif goal.budget is not None:
        budget = goal.budget
        cheapest_option = int(costs.argmin())
        if costs[cheapest_option] > budget:
            raise SitingError(
                f"budget: {budget:,.0f} does not pay for a single site; the cheapest, {inputs.place(cheapest_option).id}, "
                f"costs {costs[cheapest_option]:,.0f}"
            )
    else:
        budget = float(costs.sum())
    return Covering.checked(inputs.cover, people, costs, budget, groups)


def _least(  # type: ignore[no-untyped-def]
    problem: Covering, target: float, seconds: float, gap: float, seed: int, watch
) -> tuple[Ints, float, float, str, float]:
    if target <= 0:
        return np.empty(0, np.int64), 0.0, 0.0, "optimal", 0.0
    most = problem.value(np.arange(problem.options))
    if target > most:
        raise SitingError(
            f"share of people: {target:,.0f} people would have to be newly reached, all candidates together reach "
            f"{most:,.0f}; lower the share, or add candidates near the villages listed as out of reach"
        )
    answer = cheapest(
        problem, float(np.ceil(target - 1e-6)) if problem.whole else target, seconds, gap, seed, watch
    )
    return answer.chosen, answer.cost, answer.bound, answer.ending, answer.gap


def _useful(problem: Covering, chosen: Ints) -> Ints:
    """Leave out sites that add nobody."""
    kept = list(chosen)
    for j in list(kept):
        rest = [k for k in kept if k != j]
        if problem.value(rest) == problem.value(kept):
            kept = rest
    return np.array(sorted(kept), dtype=np.int64)


def _built(inputs: Inputs, problem: Covering, chosen: Ints, people: Floats) -> tuple[Built, ...]:
    places = [inputs.place(int(j)) for j in chosen]
    found = routes(places, [*inputs.fibre, *inputs.standing], inputs.ground, inputs.rules)
    heard = np.bincount(
        np.concatenate([inputs.cover[j] for j in chosen]) if len(chosen) else [], minlength=inputs.demand.size
    )
    built: list[Built] = []
    left, waiting, so_far = people.copy(), list(range(len(chosen))), 0.0
    while waiting:
        adds = [float(left[inputs.cover[chosen[k]]].sum()) for k in waiting]
        rates = [gain / problem.costs[chosen[k]] for gain, k in zip(adds, waiting, strict=True)]
        best = int(np.argmax(rates))
        k = waiting.pop(best)
        j = int(chosen[k])
        villages = inputs.cover[j]
        so_far += adds[best]
        items = _items(inputs, j)
        if "backhaul" not in items and (inputs.rules.hop_cost or inputs.rules.satellite_cost):
            items["backhaul"] = backhaul_cost(found[k], inputs.rules)
        built.append(
            Built(
                place=places[k],
                option=j,
                order=len(built) + 1,
                adds=adds[best],
                cumulative=so_far,
                reaches=float(people[villages].sum()),
                alone=float(people[villages[heard[villages] == 1]].sum()),
                villages=int((left[villages] > 0).sum()),
                items=items,
                route=found[k],
            )
        )
        left[villages] = 0.0
    return tuple(built)


def _savings(inputs: Inputs, built: Sequence[Built], problem: Covering, goal: Goal) -> list[str]:
    if goal.sites is not None or not inputs.has_costs:
        return []
    saved = problem.cost([site.option for site in built]) - sum(site.cost for site in built)
    if saved > 1e-6 * problem.budget:
        return [
            f"chains over neighbouring new sites make backhaul {saved:,.0f} cheaper than was reckoned site by site; that "
            "money is left over"
        ]
    return []


def with_notes(inputs: Inputs, *notes: str) -> Inputs:
    """Return the same inputs with more to say about them."""
    return replace(inputs, notes=(*inputs.notes, *notes))
