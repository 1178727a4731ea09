"""Assignments are stable by an independent checker, optimal by brute force, and the same on every call."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.cooperation.assignment.budget import BudgetError, assign_within_budget
from lumbung.cooperation.assignment.deferred_acceptance import assign
from lumbung.cooperation.assignment.preferences import (
    PreferenceError,
    preferences_from_lists,
    preferences_from_scores,
)
from lumbung.cooperation.assignment.stability import InvalidAssignment, blocking_pairs
from lumbung.cooperation.assignment.supervision import Supervision, allocate, blocking_teams


def instance(rng, teams, challenges, complete=False):
    """Random preferences; unless complete, each side leaves some of the other out, not always mutually."""
    names = [f"t{n}" for n in range(teams)], [f"c{n}" for n in range(challenges)]

    def lists(own, other):
        shortest = len(other) if complete else 0
        return {each: rng.sample(other, rng.randint(shortest, len(other))) for each in own}

    capacities = {name: rng.randint(0 if not complete else 1, 4) for name in names[1]}
    return lists(names[0], names[1]), lists(names[1], names[0]), capacities


def test_a_thousand_random_instances_have_no_blocking_pair():
    rng = random.Random(1)
    for number in range(1000):
        teams, challenges, capacities = instance(rng, rng.randint(1, 25), rng.randint(1, 10), number % 2 == 0)
        preferences = preferences_from_lists(teams, challenges, capacities)
        for side in ("teams", "challenges"):
            assert blocking_pairs(teams, challenges, capacities, assign(preferences, side).named()) == []


def stable_assignments(teams, challenges, capacities):
    """Every stable assignment, by trying all."""
    options = [[None, *wanted] for wanted in teams.values()]
    for choice in itertools.product(*options):
        named = dict(zip(teams, choice, strict=True))
        try:
            if not blocking_pairs(teams, challenges, capacities, named):
                yield named
        except InvalidAssignment:
            continue


def test_small_instances_are_optimal_by_brute_force():
    rng = random.Random(2)
    several = 0
    for number in range(200):
        complete = number % 2 == 0
        teams, challenges, capacities = instance(rng, rng.randint(2, 5), rng.randint(2, 4), complete)
        if complete:
            capacities = dict.fromkeys(challenges, 1)
        stable = list(stable_assignments(teams, challenges, capacities))
        several += len(stable) > 1
        preferences = preferences_from_lists(teams, challenges, capacities)
        best, worst = assign(preferences).named(), assign(preferences, "challenges").named()
        assert best in stable
        assert worst in stable
        for team, wanted in teams.items():
            places = [wanted.index(each[team]) if each[team] else len(wanted) for each in stable]
            assert (wanted.index(best[team]) if best[team] else len(wanted)) == min(places)
            assert (wanted.index(worst[team]) if worst[team] else len(wanted)) == max(places)
    assert several > 0, "no instance told the two optima apart"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_the_same_teams_are_left_out_of_every_stable_assignment(seed):
    """The rural hospitals theorem (Roth 1986)."""
    teams, challenges, capacities = instance(random.Random(seed), 12, 5)
    preferences = preferences_from_lists(teams, challenges, capacities)
    left_out = [
        {team for team, has in assign(preferences, side).named().items() if has is None}
        for side in ("teams", "challenges")
    ]
    assert left_out[0] == left_out[1]


def test_members_stand_in_the_order_of_the_challenge():
    preferences = preferences_from_lists(
        {"a": ["x"], "b": ["x"], "c": ["x"]}, {"x": ["c", "a", "b"]}, {"x": 2}
    )
    assert assign(preferences).members() == {"x": ["c", "a"]}


@pytest.mark.parametrize(
    ("teams", "challenges", "capacities", "problem"),
    [
        ({"a": ["x", "x"]}, {"x": ["a"]}, {"x": 1}, "twice"),
        ({"a": ["y"]}, {"x": ["a"]}, {"x": 1}, "not in the lists"),
        ({"a": ["x"]}, {"x": ["a"]}, {}, "no capacity"),
        ({"a": ["x"]}, {"x": ["a"]}, {"x": -1}, "negative"),
    ],
)
def test_wrong_lists_are_named(teams, challenges, capacities, problem):
    with pytest.raises(PreferenceError, match=problem):
        preferences_from_lists(teams, challenges, capacities)


def test_scores_become_lists_and_nan_leaves_out():
    teams = np.array([[0.2, np.nan, 0.9], [0.5, 0.5, 0.1]])
    preferences = preferences_from_scores(teams, np.ones((2, 3)), [1, 1, 1])
    assert preferences.team_lists.tolist() == [2, 0, 0, 1, 2]
    with pytest.raises(PreferenceError, match="fit together"):
        preferences_from_scores(teams, np.ones((2, 2)), [1, 1])


def supervision(rng, teams, challenges, mentors):
    names = [f"t{n}" for n in range(teams)]
    works = {f"c{n}": f"m{rng.randrange(mentors)}" for n in range(challenges)}
    return Supervision(
        {team: tuple(rng.sample(list(works), rng.randint(0, challenges))) for team in names},
        {f"m{n}": tuple(rng.sample(names, rng.randint(0, teams))) for n in range(mentors)},
        works,
        {challenge: rng.randint(1, 3) for challenge in works},
        {f"m{n}": rng.randint(1, 4) for n in range(mentors)},
    )


def test_mentors_allocations_have_no_blocking_pair():
    rng = random.Random(3)
    for _ in range(300):
        wishes = supervision(rng, rng.randint(1, 12), rng.randint(1, 6), rng.randint(1, 4))
        found = allocate(wishes)
        assert blocking_teams(wishes, found) == []
        for challenge, room in wishes.challenge_capacities.items():
            assert sum(has == challenge for has in found.values()) <= room
        for mentor, room in wishes.mentor_capacities.items():
            assert sum(has is not None and wishes.mentor_of[has] == mentor for has in found.values()) <= room


def test_mentors_allocations_are_team_optimal_by_brute_force():
    rng = random.Random(4)
    for _ in range(60):
        wishes = supervision(rng, 4, 3, 2)
        found = allocate(wishes)
        best = {}
        for choice in itertools.product(*[[None, *wanted] for wanted in wishes.teams.values()]):
            named = dict(zip(wishes.teams, choice, strict=True))
            if _allowed(wishes, named) and not blocking_teams(wishes, named):
                for team, has in named.items():
                    place = wishes.teams[team].index(has) if has else len(wishes.teams[team])
                    best[team] = min(place, best.get(team, place))
        for team, wanted in wishes.teams.items():
            assert (wanted.index(found[team]) if found[team] else len(wanted)) == best[team]


def _allowed(wishes, named):
    for team, has in named.items():
        if has is not None and team not in wishes.mentors[wishes.mentor_of[has]]:
            return False
    counts = [
        sum(has == challenge for has in named.values()) <= n
        for challenge, n in wishes.challenge_capacities.items()
    ]
    totals = [
        sum(has is not None and wishes.mentor_of[has] == mentor for has in named.values()) <= n
        for mentor, n in wishes.mentor_capacities.items()
    ]
    return all(counts) and all(totals)


def test_budget_by_brute_force():
    rng = np.random.default_rng(5)
    for _ in range(60):
        rows, columns = rng.integers(1, 5), rng.integers(1, 4)
        worth = rng.integers(0, 9, (rows, columns))
        cost = rng.integers(0, 6, (rows, columns))
        row_quotas, column_quotas = rng.integers(0, 3, rows), rng.integers(0, 4, columns)
        budget = int(rng.integers(0, 16))
        allowed = rng.random((rows, columns)) < 0.85
        found = assign_within_budget(worth, cost, row_quotas, column_quotas, budget, allowed)
        best = 0
        for bits in itertools.product((0, 1), repeat=int(rows * columns)):
            chosen = np.array(bits).reshape(rows, columns)
            fits = (chosen.sum(1) <= row_quotas).all() and (chosen.sum(0) <= column_quotas).all()
            if fits and (chosen * cost).sum() <= budget and not (chosen & ~allowed).any():
                best = max(best, int((chosen * worth).sum()))
        assert found.optimal
        assert found.worth == best == found.bound
        assert found.gap == 0.0
        rebuilt = np.zeros((rows, columns), int)
        rebuilt[found.pairs[:, 0], found.pairs[:, 1]] = 1
        assert (rebuilt * worth).sum() == best
        assert (rebuilt * cost).sum() == found.cost <= budget


def test_budget_agrees_with_branch_and_bound_on_the_whole_problem():
    """The same model given whole to HiGHS, without pricing or fixing."""
    import highspy

    rng = np.random.default_rng(6)
    worth, cost = rng.integers(1, 101, (40, 10)), rng.integers(5, 50, (40, 10))
    found = assign_within_budget(worth, cost, np.full(40, 2), np.full(10, 6), 700)
    model = highspy.Highs()
    model.silent()
    chosen = [[model.addBinary() for _ in range(10)] for _ in range(40)]
    for row in chosen:
        model.addConstr(sum(row) <= 2)
    for column in zip(*chosen, strict=True):
        model.addConstr(sum(column) <= 6)
    pairs = [(i, j) for i in range(40) for j in range(10)]
    model.addConstr(sum(int(cost[i, j]) * chosen[i][j] for i, j in pairs) <= 700)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.maximize(sum(int(worth[i, j]) * chosen[i][j] for i, j in pairs))
    assert found.optimal
    assert found.worth == round(model.getObjectiveValue())


def test_budget_refuses_what_does_not_fit():
    one = np.ones((2, 2), dtype=int)
    with pytest.raises(BudgetError, match="do not fit together"):
        assign_within_budget(one, one, np.ones(3, int), np.ones(2, int), 1)
    with pytest.raises(BudgetError, match="whole numbers"):
        assign_within_budget(one * 0.5, one, np.ones(2, int), np.ones(2, int), 1)
    with pytest.raises(BudgetError, match="negative"):
        assign_within_budget(one, one, np.ones(2, int), np.ones(2, int), -1)
