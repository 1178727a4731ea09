"""A siting study: from tables to a plan with its proof.

What stands already reaches whom it reaches; the plan is about the rest. Every site and height is an option with a cost;
villages are demand. What a site's backhaul costs depends on its neighbours, since a chain over one may save a satellite.
So the bound takes every site at the least its backhaul can cost in any plan; a plan is first made at those prices and
kept if it can be paid, else made at the prices that hold for each site alone, and what chains then save is spent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.covering.problem import Covering, Floats, Ints, Lists
from lumbung.connectivity.engine.covering.search import maximise, prepare
from lumbung.connectivity.engine.covering.target import Cheapest, cheapest
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.siting.backhaul import Route, Rules, fewest_hops, routes
from lumbung.connectivity.siting.backhaul import cost as backhaul_cost
from lumbung.connectivity.siting.candidates import Candidate, Place
from lumbung.connectivity.siting.instances import SitingError, Watch, search


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


CHAINS = (
    "the bound takes every site at the cheapest backhaul that a chain over other candidates could give it; how much of the "
    "gap such chains can really save is not settled"
)


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
        ``optimal``, ``gap`` (as close as asked), ``backhaul`` (all but what chains might save is proven),
        ``interrupted`` or ``time``.
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
    watch: Watch = lambda stage, knowledge: None,
    interrupted: Callable[[], bool] = lambda: False,
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
    interrupted : callable
        Asked now and then: where it says yes, the best plan so far is the answer.

    Raises
    ------
    SitingError
        Where the goal contradicts itself or cannot be met.
    """
    _check(goal)
    _check_ids(inputs)
    prepare()
    begun = time.monotonic()
    if checkpoint is not None and goal.share is not None:
        raise SitingError(
            "checkpoint: a goal of least cost is a row of searches and keeps none; leave it out"
        )
    standing = np.zeros(inputs.demand.size, bool)
    standing[inputs.standing_cover.indices] = True
    people = np.where(standing, 0.0, inputs.demand.people)
    already, total = float(inputs.demand.people[standing].sum()), float(inputs.demand.people.sum())
    prices = _prices(inputs, goal)
    effort = Effort(seconds, gap, seed, checkpoint, watch, interrupted)
    if goal.share is None:
        found = _most(inputs, goal, people, prices, effort)
    else:
        found = _least(inputs, goal, people, prices, goal.share * total - already, effort)
    built = _built(inputs, found.chosen, people, prices.alone)
    reached = standing | _problem(inputs, goal, people, prices.alone).reached(found.chosen)
    return Plan(
        built, found.value, found.bound, found.gap, found.ending, already, total, reached, standing,
        time.monotonic() - begun, goal,
        (*inputs.notes, *prices.notes, *found.notes, *([CHAINS] if found.ending == "backhaul" else [])),
    )  # fmt: skip


@dataclass(frozen=True)
class Effort:
    """How hard to search; see `plan`."""

    seconds: float
    gap: float
    seed: int
    checkpoint: Path | None
    watch: Watch
    interrupted: Callable[[], bool]


@dataclass(frozen=True)
class Prices:
    """What each option costs.

    Attributes
    ----------
    alone : float64 array, shape (options,)
        With the backhaul it has where nothing else is built.
    least : float64 array, shape (options,)
        With the cheapest backhaul it can have in any plan.
    unit : bool
        Whether every option counts 1, since sites are counted or no cost is known.
    notes : tuple of str
    """

    alone: Floats
    least: Floats
    unit: bool = False
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether no chain can save anything."""
        return bool(np.array_equal(self.alone, self.least))


@dataclass(frozen=True)
class Found:
    """A choice, what it is worth (people or money), and what is proven."""

    chosen: Ints
    value: float
    bound: float
    gap: float
    ending: str
    notes: tuple[str, ...] = ()


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


def _check_ids(inputs: Inputs) -> None:
    """Refuse an id that names two places: a route could not say which of them it passes."""
    seen: dict[str, str] = {}
    for kind, places in (
        ("candidate", inputs.candidates),
        ("standing tower", inputs.standing),
        ("fibre point", inputs.fibre),
    ):
        for place in places:
            if place.id in seen:
                raise SitingError(
                    f"id {place.id!r} names a {seen[place.id]} and a {kind}; give every place an id of its own"
                )
            seen[place.id] = kind


def _prices(inputs: Inputs, goal: Goal) -> Prices:
    """Price each option; 1 each where sites are counted or no cost is known."""
    ones = np.ones(len(inputs.options))
    if goal.sites is not None:
        return Prices(ones, ones, unit=True)
    costs = np.array([sum(_items(inputs, j).values()) for j in range(len(inputs.options))])
    alone, least = _backhaul_prices(inputs)
    alone, least = costs + alone, costs + least
    if not alone.any():
        note = "no cost is given: every site counts 1, and the budget is a number of sites"
        return Prices(ones, ones, unit=True, notes=(note,))
    free = np.flatnonzero(least <= 0)
    if len(free):
        names = ", ".join(sorted({inputs.place(int(j)).id for j in free})[:5])
        raise SitingError(
            f"costs: {len(free)} options cost nothing ({names}, …); a budget cannot weigh them: give the cost of tower, "
            "land, power, road or backhaul"
        )
    return Prices(alone, least)


def _backhaul_prices(inputs: Inputs) -> tuple[Floats, Floats]:
    """Backhaul of each option alone, and at its cheapest in any plan; costs that the table gives stand."""
    rules = inputs.rules
    priced = np.array(["backhaul" in inputs.candidates[number].costs for number, _ in inputs.options])
    if not (rules.hop_cost or rules.satellite_cost) or priced.all():
        return np.zeros(len(priced)), np.zeros(len(priced))
    places = [inputs.place(j) for j in range(len(priced))]
    hops = fewest_hops(places, [*inputs.fibre, *inputs.standing], inputs.ground, rules)
    alone = np.where(hops == 1, rules.hop_cost, rules.satellite_cost)
    least = np.where(hops >= 1, rules.hop_cost, rules.satellite_cost)
    return np.where(priced, 0.0, alone), np.where(priced, 0.0, least)


def _items(inputs: Inputs, option: int) -> dict[str, float]:
    number, height = inputs.options[option]
    items = dict(inputs.candidates[number].costs)
    if inputs.per_metre:
        items["tower"] = items.get("tower", 0.0) + inputs.per_metre * height
    return items


def _problem(inputs: Inputs, goal: Goal, people: Floats, costs: Floats) -> Covering:
    groups = np.array([number for number, _ in inputs.options], dtype=np.int64)
    if goal.sites is not None:
        budget = float(min(goal.sites, len(inputs.candidates)))
    elif goal.budget is not None:
        budget = goal.budget
    else:
        budget = float(costs.sum())
    return Covering.checked(inputs.cover, people, costs, budget, groups)


def _most(inputs: Inputs, goal: Goal, people: Floats, prices: Prices, effort: Effort) -> Found:
    """The most people for the budget."""
    alone = _problem(inputs, goal, people, prices.alone)
    cheapest_option = int(prices.alone.argmin())
    if prices.alone[cheapest_option] > alone.budget:
        raise SitingError(
            f"budget: {alone.budget:,.0f} does not pay for a single site; the cheapest, "
            f"{inputs.place(cheapest_option).id}, costs {prices.alone[cheapest_option]:,.0f}"
        )
    hopeful = _problem(inputs, goal, people, prices.least)
    share = 1.0 if prices.same else 0.5
    answer = search(
        hopeful, share * effort.seconds, gap=effort.gap, seed=effort.seed, checkpoint=effort.checkpoint,
        watch=effort.watch, interrupted=effort.interrupted,
    )  # fmt: skip
    bound, ending = answer.bound, answer.ending
    chosen = _useful(alone, answer.chosen)
    if not prices.same and _paid(inputs, chosen) > alone.budget * (1 + 1e-12):
        second = maximise(
            alone, (1 - share) * effort.seconds, effort.gap, effort.seed, effort.watch,
            interrupted=effort.interrupted,
        )  # fmt: skip
        chosen = _spent(inputs, alone, _useful(alone, second.chosen), prices)
        ending = "backhaul" if "optimal" in (ending, second.ending) else second.ending
    if not prices.unit:
        chosen = _spent(inputs, alone, chosen, prices)
    value = alone.value(chosen)
    bound = max(bound, value)
    gap = (bound - value) / value if value > 0 else (0.0 if bound <= 0 else np.inf)
    met = bound < value + (1.0 if alone.whole else 1e-9 * max(1.0, value))
    return Found(chosen, value, value if met else bound, 0.0 if met else gap, "optimal" if met else ending)


def _least(
    inputs: Inputs, goal: Goal, people: Floats, prices: Prices, target: float, effort: Effort
) -> Found:
    """The least money for the people."""
    if target <= 0:
        note = "standing towers reach that share already: nothing needs to be built"
        return Found(np.empty(0, np.int64), 0.0, 0.0, 0.0, "optimal", (note,))
    alone = _problem(inputs, goal, people, prices.alone)
    most = alone.value(np.arange(alone.options))
    if target > most:
        raise SitingError(
            f"share of people: {target:,.0f} people would have to be newly reached, all candidates together reach "
            f"{most:,.0f}; lower the share, or add candidates near the villages listed as out of reach"
        )
    whole = float(np.ceil(target - 1e-6)) if alone.whole else target
    share = 1.0 if prices.same else 0.5

    def solve(problem: Covering, seconds: float) -> Cheapest:
        return cheapest(
            problem, whole, seconds, effort.gap, effort.seed, effort.watch, interrupted=effort.interrupted
        )

    hopeful = solve(_problem(inputs, goal, people, prices.least), share * effort.seconds)
    chosen, ending, paid = hopeful.chosen, hopeful.ending, hopeful.cost
    if not prices.same:
        paid = _paid(inputs, chosen)
        if paid > hopeful.cost * (1 + 1e-12):
            second = solve(alone, (1 - share) * effort.seconds)
            if _paid(inputs, second.chosen) < paid:
                chosen, paid = second.chosen, _paid(inputs, second.chosen)
            ending = "backhaul" if "optimal" in (ending, second.ending) else second.ending
    bound = min(hopeful.bound, paid)
    met = paid <= bound * (1 + 1e-12)
    gap = (paid - bound) / bound if bound > 0 else np.inf
    return Found(chosen, paid, bound, 0.0 if met else gap, "optimal" if met else ending)


def _useful(problem: Covering, chosen: Ints) -> Ints:
    """Leave out sites that add nobody."""
    kept = list(chosen)
    for j in list(kept):
        rest = [k for k in kept if k != j]
        if problem.value(rest) == problem.value(kept):
            kept = rest
    return np.array(sorted(kept), dtype=np.int64)


def _bills(inputs: Inputs, chosen: Ints) -> list[tuple[dict[str, float], Route]]:
    """What each site of a choice costs, item by item, with the route it has among the others."""
    found = routes(
        [inputs.place(int(j)) for j in chosen], [*inputs.fibre, *inputs.standing], inputs.ground, inputs.rules
    )
    bills = []
    for j, route in zip(chosen, found, strict=True):
        items = _items(inputs, int(j))
        if "backhaul" not in items and (inputs.rules.hop_cost or inputs.rules.satellite_cost):
            items["backhaul"] = backhaul_cost(route, inputs.rules)
        bills.append((items, route))
    return bills


def _paid(inputs: Inputs, chosen: Ints) -> float:
    return sum(sum(items.values()) for items, _ in _bills(inputs, chosen))


def _spent(inputs: Inputs, problem: Covering, chosen: Ints, prices: Prices) -> Ints:
    """Spend what chains have saved on further sites, as long as one adds people and can be paid."""
    budget = problem.budget * (1 + 1e-12)
    while True:
        left = np.where(problem.reached(chosen), 0.0, problem.weights)
        gains = np.array([left[problem.cover[j]].sum() for j in range(problem.options)])
        room = budget - _paid(inputs, chosen)
        fits = (gains > 0) & (prices.least <= room) & ~np.isin(problem.groups, problem.groups[chosen])
        order = np.flatnonzero(fits)[np.argsort(-(gains / prices.least)[fits], kind="stable")]
        more = (np.append(chosen, j) for j in order)
        grown = next((choice for choice in more if _paid(inputs, choice) <= budget), None)
        if grown is None:
            return np.sort(chosen)
        chosen = grown


def _built(inputs: Inputs, chosen: Ints, people: Floats, costs: Floats) -> tuple[Built, ...]:
    bills = _bills(inputs, chosen)
    heard = np.bincount(
        np.concatenate([inputs.cover[j] for j in chosen]) if len(chosen) else [], minlength=inputs.demand.size
    )
    built: list[Built] = []
    left, waiting, so_far = people.copy(), list(range(len(chosen))), 0.0
    while waiting:
        adds = [float(left[inputs.cover[chosen[k]]].sum()) for k in waiting]
        rates = [gain / costs[chosen[k]] for gain, k in zip(adds, waiting, strict=True)]
        best = int(np.argmax(rates))
        k = waiting.pop(best)
        j = int(chosen[k])
        villages = inputs.cover[j]
        so_far += adds[best]
        items, route = bills[k]
        built.append(
            Built(
                place=inputs.place(j),
                option=j,
                order=len(built) + 1,
                adds=adds[best],
                cumulative=so_far,
                reaches=float(people[villages].sum()),
                alone=float(people[villages[heard[villages] == 1]].sum()),
                villages=int((left[villages] > 0).sum()),
                items=items,
                route=route,
            )
        )
        left[villages] = 0.0
    return tuple(built)


def with_notes(inputs: Inputs, *notes: str) -> Inputs:
    """Return the same inputs with more to say about them."""
    return replace(inputs, notes=(*inputs.notes, *notes))
