"""The cheapest training plan that meets the target: how many places, where, by when.

Expected flows are linear in the places, so the plan is a linear programme (solved by HiGHS): least cost,
subject to the ceilings on places, to people being there to fill them, to fairness between provinces, and to
the target. Its optimum is a proven bound: no plan in whole people can cost less. The plan is then rounded to
whole places and followed person by person; where rounding costs a few talents the programme is solved again
for as many more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.road.flow import Road, destinations, travel
from lumbung.talent.road.scenario import Scenario
from lumbung.talent.road.uncertainty import travel_often

_ROUNDS = 6


class PlanError(ValueError):
    """No plan meets the target; says how far one can get."""


@dataclass(frozen=True)
class Plan:
    """A training plan.

    Attributes
    ----------
    places : int64 [years, provinces, levels]
    cost : float
    bound : float
        Proven lower bound on the cost of any plan.
    road : Road
        Where it leads, in expected whole people.
    """

    places: NDArray[np.int64]
    cost: float
    bound: float
    road: Road

    @property
    def gap(self) -> float:
        """How far the cost lies above the proven bound, as a share of the bound."""
        return (self.cost - self.bound) / self.bound if self.bound > 0 else 0.0


class _Programme:
    """Variables and constraints; stocks are variables too, tied by the year's equations."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.years = scenario.target_year - scenario.first_year + 1
        self.provinces, self.levels = scenario.start.shape
        cells = self.years * self.provinces
        self.n_places = cells * self.levels
        self.n_stocks = cells * (self.levels + 1)
        self.rows: list[list[tuple[int, float]]] = []
        self.right: list[float] = []
        self.equal: list[bool] = []

    def place(self, t: int, p: int, level: int) -> int:
        return int((t * self.provinces + p) * self.levels + level)

    def stock(self, t: int, p: int, level: int) -> int:
        """Column of the stock at the end of year t; level -1 is the eligible."""
        return int(self.n_places + (t * self.provinces + p) * (self.levels + 1) + level + 1)

    def add(self, row: list[tuple[int, float]], right: float, equal: bool) -> None:
        self.rows.append(row)
        self.right.append(right)
        self.equal.append(equal)

    def before(self, t: int, p: int, level: int, factor: float) -> tuple[list[tuple[int, float]], float]:
        """``factor`` times the stock at the end of the year before, as a row part and a constant."""
        if t > 0:
            return [(self.stock(t - 1, p, level), factor)], 0.0
        start = self.scenario.reservoir[p] if level < 0 else self.scenario.start[p, level]
        return [], factor * float(start)

    def untrained(self, t: int, p: int, level: int, factor: float) -> tuple[list[tuple[int, float]], float]:
        """``factor`` times the people of a level who are not trained up in year t."""
        row, constant = self.before(t, p, level, factor)
        if level + 1 < self.levels:
            done = float(self.scenario.rates.completion[level + 1])
            row = [*row, (self.place(t, p, level + 1), -factor * done)]
        return row, constant


def _flows(problem: _Programme) -> None:
    """One equation per stock: what stands at the end of a year is what stayed and what arrived."""
    scenario, rates = problem.scenario, problem.scenario.rates
    going_to = destinations(scenario.pull)
    for t in range(problem.years):
        for p in range(problem.provinces):
            organic = scenario.organic[t, p]
            for level in range(problem.levels):
                leave, fall, move = rates.attrition[level], rates.decay[level], rates.migration[level]
                row = [(problem.stock(t, p, level), -1.0)]
                row.append((problem.place(t, p, level), float(rates.completion[level])))
                constant = float(organic[level])
                terms = [problem.untrained(t, p, level, float(1 - leave - fall - move))]
                if level + 1 < problem.levels:
                    terms.append(problem.untrained(t, p, level + 1, float(rates.decay[level + 1])))
                if move > 0:
                    terms += [
                        problem.untrained(t, other, level, float(move * going_to[other, p]))
                        for other in range(problem.provinces)
                        if going_to[other, p] > 0
                    ]
                for part, value in terms:
                    row += part
                    constant += value
                problem.add(row, -constant, True)
            _eligible_flow(problem, t, p)


def _eligible_flow(problem: _Programme, t: int, p: int) -> None:
    scenario = problem.scenario
    keep = 1 - scenario.rates.reservoir_exit
    organic = float(scenario.organic[t, p].sum())
    row, constant = problem.before(t, p, -1, keep)
    row = [(problem.stock(t, p, -1), -1.0), *row]
    row.append((problem.place(t, p, 0), -keep * float(scenario.rates.completion[0])))
    back, value = problem.untrained(t, p, 0, float(scenario.rates.decay[0]))
    problem.add([*row, *back], -(constant + value - keep * organic + float(scenario.entrants[p])), True)


def _limits(problem: _Programme) -> None:
    """Places need people: at most those of the level below, and for the lowest level the eligible less
    arrivals.
    """
    scenario = problem.scenario
    for t in range(problem.years):
        for level in range(problem.levels):
            ceiling = scenario.ceiling[t, level]
            if np.isfinite(ceiling):
                row = [(problem.place(t, p, level), 1.0) for p in range(problem.provinces)]
                problem.add(row, float(np.floor(ceiling)), False)
            for p in range(problem.provinces):
                row, constant = problem.before(t, p, level - 1, -1.0)
                if level == 0:
                    constant += float(scenario.organic[t, p].sum())
                problem.add([(problem.place(t, p, level), 1.0), *row], -constant, False)


def _target(problem: _Programme, target: float) -> list[tuple[int, float]]:
    scenario, last = problem.scenario, problem.years - 1
    levels = np.flatnonzero(scenario.counted).tolist()
    everybody = [(problem.stock(last, p, k), 1.0) for p in range(problem.provinces) for k in levels]
    problem.add([(column, -1.0) for column, _ in everybody], -target, False)
    if scenario.fairness > 0:
        share = scenario.weights / scenario.weights.sum()
        for p in range(problem.provinces):
            own = {problem.stock(last, p, k) for k in levels}
            floor = float(scenario.fairness * share[p])
            problem.add([(c, floor - (1.0 if c in own else 0.0)) for c, _ in everybody], 0.0, False)
    return everybody


def _bounds(problem: _Programme) -> list[tuple[float, float | None]]:
    scenario = problem.scenario
    share = scenario.weights / scenario.weights.sum()
    bounds: list[tuple[float, float | None]] = []
    for t in range(problem.years):
        for p in range(problem.provinces):
            for level in range(problem.levels):
                most = scenario.ceiling[t, level] * scenario.province_share * share[p]
                bounds.append((0.0, float(np.floor(most)) if np.isfinite(most) else None))
    return bounds + [(0.0, None)] * problem.n_stocks


def _solve(problem: _Programme, objective: NDArray[np.float64]) -> Any:
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix

    def matrix(equal: bool) -> tuple[Any, NDArray[np.float64]]:
        chosen = [k for k, flag in enumerate(problem.equal) if flag == equal]
        row = [n for n, k in enumerate(chosen) for _ in problem.rows[k]]
        column = [c for k in chosen for c, _ in problem.rows[k]]
        value = [v for k in chosen for _, v in problem.rows[k]]
        shape = (len(chosen), problem.n_places + problem.n_stocks)
        return csr_matrix((value, (row, column)), shape), np.array([problem.right[k] for k in chosen])

    above, above_right = matrix(False)
    ties, ties_right = matrix(True)
    return linprog(objective, above, above_right, ties, ties_right, bounds=_bounds(problem), method="highs")


def _programme(scenario: Scenario, target: float) -> tuple[_Programme, list[tuple[int, float]]]:
    problem = _Programme(scenario)
    _flows(problem)
    _limits(problem)
    return problem, _target(problem, target)


def most_reachable(scenario: Scenario) -> int:
    """The most talents any plan within the ceilings can reach by the target year (expected)."""
    problem, counted = _programme(scenario, 0.0)
    objective = np.zeros(problem.n_places + problem.n_stocks)
    objective[[column for column, _ in counted]] = -1.0
    found = _solve(problem, objective)
    if found.status == 3:
        raise PlanError("the plan has no ceiling; set plan.most_places")
    if found.status != 0:
        raise PlanError(f"not even an empty plan keeps to fairness {scenario.fairness}; lower plan.fairness")
    return int(-found.fun)


def cheapest_plan(scenario: Scenario) -> Plan:
    """Find the cheapest plan that meets the target in the target year.

    Raises
    ------
    PlanError
        If no plan within the ceilings does; says how many talents can be reached at most.
    """
    wanted, bound = float(scenario.target), None
    cost = np.zeros(0)
    for _ in range(_ROUNDS):
        problem, _counted = _programme(scenario, wanted)
        if not len(cost):
            cost = np.concatenate(
                [np.tile(scenario.cost, problem.years * problem.provinces), np.zeros(problem.n_stocks)]
            )
        found = _solve(problem, cost)
        if found.status != 0:
            raise PlanError(
                f"no plan within the ceilings reaches {scenario.target:,} talents by {scenario.target_year}; "
                f"at most {most_reachable(scenario):,} can be reached; raise plan.most_places or change the target"
            )
        bound = float(found.fun) if bound is None else bound
        places = _rounded(found.x[: problem.n_places], problem, scenario)
        road = travel(scenario, places=places)
        short = scenario.target - int(road.counted[problem.years])
        if short <= 0:
            return Plan(places, float((places * scenario.cost).sum()), bound, road)
        wanted += short + 1
    raise PlanError(
        f"rounding to whole places left {short:,} talents short after {_ROUNDS} rounds; ceilings are too tight"
    )


def sure_plan(scenario: Scenario, sure: float, draws: int = 200, seed: int = 1) -> tuple[Plan, float]:
    """The cheapest expected plan with enough margin that the target is met in a share ``sure`` of draws.

    Returns
    -------
    plan, share of draws that meet the target

    Raises
    ------
    PlanError
        If the ceilings leave no room for the margin.
    """
    aimed = scenario
    for _ in range(_ROUNDS):
        try:
            plan = cheapest_plan(aimed)
        except PlanError as error:
            if aimed is scenario:
                raise
            raise PlanError(
                f"to meet {scenario.target:,} in {sure:.0%} of draws a plan must aim at {aimed.target:,}, and {error}"
            ) from error
        found = travel_often(scenario, draws, seed, plan.places)
        at = scenario.target_year - scenario.first_year + 1
        short = scenario.target - float(np.quantile(found.counted[:, at], 1 - sure))
        if found.reached >= sure:
            return plan, found.reached
        aimed = replace(aimed, target=aimed.target + round(max(short, 0.002 * scenario.target)))
    return plan, found.reached


def _rounded(x: NDArray[np.float64], problem: _Programme, scenario: Scenario) -> NDArray[np.int64]:
    """Whole places: each cell rounded down, and each year and level's remainder given to the largest
    fractions.
    """
    exact = x.reshape(problem.years, problem.provinces, problem.levels)
    whole = np.floor(exact + 1e-6).astype(np.int64)
    for t in range(problem.years):
        for level in range(problem.levels):
            fraction = exact[t, :, level] - whole[t, :, level]
            extra = round(float(fraction.sum()))
            chosen = np.argsort(-fraction, kind="stable")[: max(extra, 0)]
            whole[t, chosen, level] += 1
    places = np.zeros_like(scenario.places)
    places[: problem.years] = whole
    return places


def with_plan(scenario: Scenario, plan: Plan) -> Scenario:
    """The scenario with the plan's places."""
    return replace(scenario, places=plan.places)
