"""Programmes against every schedule there is, and the rules every answer must keep."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from lumbung.connectivity.engine.phasing.greedy import first_answer
from lumbung.connectivity.engine.phasing.programme import PhasingError, Programme
from lumbung.connectivity.engine.phasing.search import filled, solve

INF = np.inf


def small(seed: int) -> Programme:
    """Three sites, the third over the first or by satellite, five places in two regions, two years."""
    rng = np.random.default_rng(seed)
    pairs = [(i, c) for i in range(5) for c in range(4) if rng.random() < 0.7] or [(0, 0)]
    place, cell = (np.array(part) for part in zip(*pairs, strict=True))
    costs = rng.uniform(20.0, 60.0, 4).round()
    return Programme(
        people=rng.integers(50, 500, 5).astype(float),
        worth=np.array([1.0, 1.0 + rng.random()]),
        money=np.array([60.0, 130.0]),
        way_site=np.array([0, 1, 2, 2]),
        way_option=np.array([0, 1, 2, 2]),
        way_cost=costs,
        way_over=np.array([-1, -1, 0, -1]),
        way_carries=np.array([True, True, True, False]),
        way_traffic=np.array([INF, INF, INF, 3.0]),
        cell_option=np.array([0, 0, 1, 2]),
        pair_place=place,
        pair_cell=cell,
        pair_time=rng.uniform(0.2, 1.2, place.size),
        pair_traffic=rng.uniform(1.0, 5.0, place.size),
        region=np.array([0, 0, 0, 1, -1]),
        floor=np.array([0.0, 0.0]),
    )


def keeps_the_rules(p: Programme, since: np.ndarray) -> bool:
    for year in range(p.years):
        up = since <= year
        if (
            p.way_cost[up].sum() > p.money[year] + 1e-9
            or (np.bincount(p.way_site[up], minlength=3) > 1).any()
        ):
            return False
        for way in np.flatnonzero(up & (p.way_over >= 0)):
            if not (up & (p.way_site == p.way_over[way]) & p.way_carries).any():
                return False
    return True


def most_served(p: Programme, since: np.ndarray, year: int) -> float:
    """The people one year serves, by another solver, from the words of the question alone."""
    up = since <= year
    options = set(p.way_option[up])
    rows, limits = [], []
    for place in range(p.people.size):
        rows.append(p.pair_place == place)
        limits.append(1.0)
    for cell in range(p.cell_option.size):
        rows.append((p.pair_cell == cell) * p.pair_time)
        limits.append(1.0)
    for way in np.flatnonzero(up & np.isfinite(p.way_traffic)):
        rows.append((p.pair_option == p.way_option[way]) * p.pair_traffic)
        limits.append(p.way_traffic[way])
    able = [(0.0, 1.0 if option in options else 0.0) for option in p.pair_option]
    found = linprog(
        -p.people[p.pair_place], A_ub=np.array(rows, float), b_ub=limits, bounds=able, method="highs"
    )
    return float(-found.fun)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_of_every_schedule(seed: int) -> None:
    p = small(seed)
    best = max(
        sum(p.worth[y] * most_served(p, np.array(since), y) for y in range(2))
        for since in itertools.product(range(3), repeat=4)
        if keeps_the_rules(p, np.array(since))
    )
    answer = solve(p, 20.0)
    assert answer.value == pytest.approx(best, rel=1e-6)
    assert answer.bound == pytest.approx(best, rel=1e-3)
    assert keeps_the_rules(p, answer.since)


@pytest.mark.parametrize("seed", range(8))
def test_the_first_answer_keeps_the_rules_and_claims_no_more_than_it_serves(seed: int) -> None:
    p = small(seed)
    since = first_answer(p)
    assert keeps_the_rules(p, since)
    point = filled(p, since)
    assert point is not None
    assert point[0] == pytest.approx(sum(p.worth[y] * most_served(p, since, y) for y in range(2)))


def one_mast(**changes: object) -> Programme:
    """One site that could serve two places of 100 people, each taking 0.8 of its cell."""
    base = Programme(
        np.array([100.0, 100.0]), np.ones(3), np.array([0.0, 50.0, 50.0]), np.array([0]), np.array([0]),
        np.array([50.0]), np.array([-1]), np.array([True]), np.array([INF]), np.array([0]), np.array([0, 1]),
        np.array([0, 0]), np.array([0.8, 0.8]), np.array([2.0, 2.0]), np.array([0, 1]), np.array([0.0, 0.0]),
    )  # fmt: skip
    return replace(base, **changes)


def test_a_mast_waits_for_its_money_and_its_cell_fills() -> None:
    # From the second year on: 1 / 0.8 of 100 people in each of two years.
    answer = solve(one_mast(), 5.0)
    assert answer.since.tolist() == [1]
    assert answer.value == pytest.approx(2 * 125.0) and answer.bound == pytest.approx(250.0, rel=1e-4)


def test_a_satellite_carries_no_more_than_it_does() -> None:
    answer = solve(one_mast(way_traffic=np.array([1.0])), 5.0)
    assert answer.value == pytest.approx(2 * 50.0)


def test_a_floor_decides_who_of_two_is_served() -> None:
    answer = solve(one_mast(floor=np.array([0.2, 0.9])), 5.0)
    assert answer.value == pytest.approx(250.0)
    assert answer.served[2] == pytest.approx([0.35, 0.9], abs=1e-6) or answer.served[2, 1] >= 0.9 - 1e-6
    with pytest.raises(PhasingError, match="floors: no programme within the money"):
        solve(one_mast(floor=np.array([0.9, 0.9])), 5.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"money": np.array([5.0, 3.0, 9.0])}, "may not fall"),
        ({"money": np.array([5.0])}, "money is given for 1 years, worth for 3"),
        ({"way_cost": np.array([-1.0])}, "must not cost less than 0"),
        ({"floor": np.array([2.0, 0.0])}, "a region's share"),
        ({"way_over": np.array([0])}, "over itself"),
    ],
)
def test_what_cannot_be(changes: dict[str, object], words: str) -> None:
    with pytest.raises(PhasingError, match=words):
        one_mast(**changes)
