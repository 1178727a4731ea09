"""The planner's study: prices of backhaul, chains, and a bound that holds for them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from lumbung.connectivity.people.demand import demand_points
from lumbung.connectivity.siting.backhaul import Rules, fewest_hops, routes
from lumbung.connectivity.siting.backhaul import cost as backhaul_cost
from lumbung.connectivity.siting.candidates import Candidate, Place
from lumbung.connectivity.siting.instances import SitingError
from lumbung.connectivity.siting.reach import within
from lumbung.connectivity.siting.study import Goal, Inputs, options_of, plan

KILOMETRE = math.degrees(1 / 6371.0088)


def study(
    sites: list[tuple[float, float]], people: list[float], rules: Rules, *, fibre: bool = True, tower: float = 100.0,
    standing: tuple[Place, ...] = (),
) -> Inputs:  # fmt: skip
    """Sites at (east, north) in kilometres from the fibre point, a village beside each."""

    def at(k: int) -> tuple[float, float]:
        return sites[k][1] * KILOMETRE, sites[k][0] * KILOMETRE

    candidates = tuple(
        Candidate(f"C{k}", f"C{k}", *at(k), (40.0,), {"tower": tower}) for k in range(len(sites))
    )
    lat, lon = zip(*(at(k) for k in range(len(sites))), strict=True)
    demand = demand_points(list(lat), list(lon), people, id=[f"V{k}" for k in range(len(sites))])
    options = options_of(candidates)
    places = [candidates[k].at(height) for k, height in options]
    return Inputs(
        candidates, demand, standing, (Place("F", "F", 0.0, 0.0, 40.0),) if fibre else (), options,
        within(places, demand, 3000.0), within(standing, demand, 3000.0), True, 0.0, rules, None, "within 3 km",
    )  # fmt: skip


CHEAP_HOPS = Rules(longest=20.0, hop_cost=10.0, satellite_cost=80.0)


def test_a_chain_is_paid_as_a_chain() -> None:
    """Alone the second site needs a satellite and 290 in all; over the first it needs a hop, and 220 suffice."""
    answer = plan(study([(15, 0), (30, 0)], [500, 400], CHEAP_HOPS), Goal(budget=220.0), 120.0)
    assert answer.ending == "optimal" and answer.value == 900 and answer.cost == 220.0
    assert [hop.end for hop in answer.built[-1].route.hops] == ["C0", "F"]


def test_the_least_money_counts_chains() -> None:
    answer = plan(study([(15, 0), (30, 0), (300, 0)], [500, 400, 300], CHEAP_HOPS), Goal(share=0.7), 120.0)
    assert answer.ending == "optimal" and answer.value == answer.bound == answer.cost == 220.0


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_beats_the_bound_and_every_plan_is_paid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sites = [(float(x), float(y)) for x, y in rng.uniform(-60, 60, (8, 2))]
    inputs = study(sites, [float(p) for p in rng.integers(10, 900, 8)], CHEAP_HOPS)

    def paid(chosen: tuple[int, ...]) -> float:
        found = routes([inputs.place(j) for j in chosen], inputs.fibre, None, inputs.rules)
        return sum(100.0 + backhaul_cost(route, inputs.rules) for route in found)

    everything = [c for size in range(1, 9) for c in itertools.combinations(range(8), size)]
    worth = {
        c: float(inputs.demand.people[np.unique(np.concatenate([inputs.cover[j] for j in c]))].sum())
        for c in everything
    }
    budget = 480.0
    best = max(worth[c] for c in everything if paid(c) <= budget)
    answer = plan(inputs, Goal(budget=budget), 120.0)
    assert answer.value <= best <= answer.bound and answer.cost <= budget
    assert answer.ending != "optimal" or answer.value == best
    target = 0.6 * sum(inputs.demand.people)
    least = min(paid(c) for c in everything if worth[c] >= target)
    cheapest = plan(inputs, Goal(share=0.6), 120.0)
    assert cheapest.bound <= least + 1e-9 <= cheapest.cost + 2e-9
    assert cheapest.ending != "optimal" or cheapest.cost == pytest.approx(least)


@pytest.mark.parametrize("fibre", [True, False])
def test_the_budget_holds_where_satellites_are_cheaper_or_the_only_way(fibre: bool) -> None:
    rules = Rules(longest=20.0, hop_cost=90.0, satellite_cost=50.0)
    answer = plan(study([(15, 0), (30, 0)], [500, 400], rules, fibre=fibre), Goal(budget=200.0), 120.0)
    assert answer.cost == 150.0 and answer.value == 500
    assert answer.built[0].route.kind == "satellite" and answer.built[0].route.reason


def test_hops_are_counted_over_what_could_be_built() -> None:
    inputs = study([(15, 0), (30, 0), (45, 0), (300, 0)], [1, 1, 1, 1], CHEAP_HOPS)
    places = [inputs.place(j) for j in range(4)]
    assert fewest_hops(places, inputs.fibre, None, CHEAP_HOPS).tolist() == [1, 2, 3, 0]


def test_who_is_reached_already_counts_once() -> None:
    standing = (Place("T", "T", 0.0, 15 * KILOMETRE, 40.0),)
    inputs = study([(15, 0), (30, 0)], [500, 400], CHEAP_HOPS, standing=standing)
    answer = plan(inputs, Goal(sites=1), 120.0)
    assert answer.already == 500 and answer.value == 400 and [b.place.id for b in answer.built] == ["C1"]
    nothing = plan(inputs, Goal(share=0.5), 120.0)
    assert nothing.built == () and nothing.ending == "optimal"


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        (Goal(), "found nothing"),
        (Goal(sites=1, budget=5.0), "exactly one"),
        (Goal(budget=99.0), "cheapest, C0, costs 110"),
        (Goal(share=1.5), "share of people"),
    ],
)
def test_a_goal_that_cannot_be_met_is_refused(goal: Goal, words: str) -> None:
    with pytest.raises(SitingError, match=words):
        plan(study([(15, 0), (30, 0)], [500, 400], CHEAP_HOPS), goal, 120.0)


def test_an_id_names_one_place() -> None:
    inputs = study([(15, 0)], [5], CHEAP_HOPS, standing=(Place("C0", "", 1.0, 1.0, 40.0),))
    with pytest.raises(SitingError, match="'C0' names a candidate and a standing tower"):
        plan(inputs, Goal(sites=1), 120.0)
