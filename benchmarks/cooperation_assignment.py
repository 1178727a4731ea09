"""Assignment: ours beside PyPI's `matching`, at the size of a league, and within a budget with proof.

Run: ``python benchmarks/cooperation_assignment.py`` (the rival is in the group `rivals`). Times are CPU milliseconds
of one process after compilation, the median of five; ratios come from the same run.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np

from lumbung.cooperation.assignment.budget import assign_within_budget
from lumbung.cooperation.assignment.deferred_acceptance import assign
from lumbung.cooperation.assignment.preferences import Preferences, preferences_from_lists


def main() -> None:
    _beside_the_rival()
    _at_scale()
    _within_a_budget()


def _median_ms(work: Callable[[], object], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - start))
    return statistics.median(taken)


def _beside_the_rival() -> None:
    rng = random.Random(1)
    teams = [f"t{n}" for n in range(1000)]
    names = [f"c{n}" for n in range(50)]
    wanted = {team: rng.sample(names, 50) for team in teams}
    liked = {challenge: rng.sample(teams, 1000) for challenge in names}
    room = dict.fromkeys(names, 20)
    preferences = preferences_from_lists(wanted, liked, room)
    assign(preferences)
    ours = _median_ms(lambda: assign(preferences))
    with_reading = _median_ms(lambda: assign(preferences_from_lists(wanted, liked, room)))
    print("1,000 teams x 50 challenges, complete lists")
    print(f"  ours, solving                  {ours:9.2f} ms")
    print(f"  ours, reading lists of names   {with_reading:9.2f} ms")
    try:
        from matching.games import HospitalResident
    except ImportError:
        print("  the rival is not installed: uv sync --group rivals")
        return
    theirs = []
    for _ in range(3):
        game = HospitalResident.create_from_dictionaries(wanted, liked, room)
        start = time.process_time()
        solution = game.solve(optimal="resident")
        theirs.append(1000 * (time.process_time() - start))
    same = {h.name: {r.name for r in held} for h, held in solution.items()}
    agree = {challenge: set(held) for challenge, held in assign(preferences).members().items()} == same
    middle = statistics.median(theirs)
    print(
        f"  matching {version('matching')}, solving        {middle:9.2f} ms   ({middle / ours:,.0f} x ours; same pairs: {agree})"
    )


def _league(teams: int, challenges: int, named: int) -> Preferences:
    rng = np.random.default_rng(2)
    lists = np.argsort(rng.random((teams, challenges), dtype=np.float32), axis=1)[:, :named].astype(np.int32)
    flat = lists.ravel()
    order = np.lexsort((rng.random(flat.size), flat))
    starts = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=challenges))]).astype(np.int64)
    who = np.repeat(np.arange(teams, dtype=np.int32), named)
    return Preferences(
        range(teams), range(challenges), np.arange(teams + 1, dtype=np.int64) * named, flat.copy(),
        starts, who[order], np.full(challenges, teams // challenges, dtype=np.int32),
    )  # fmt: skip


def _at_scale() -> None:
    print("50,000 teams x 500 challenges, room for 100 each   (figure asked for: under 50 ms)")
    for named in (10, 20, 50):
        preferences = _league(50_000, 500, named)
        for side in ("teams", "challenges"):
            taken = _median_ms(lambda p=preferences, s=side: assign(p, s))
            placed = float((assign(preferences, side).challenge_of >= 0).mean())
            print(
                f"  {named:3d} choices a team, {side:10s} propose {taken:9.2f} ms   {placed:6.1%} of teams placed"
            )


def _within_a_budget() -> None:
    print("1,000 x 50 with quotas and a budget, whole points   (figure asked for: proven optimal under 1 s)")
    for seed in range(5):
        rng = np.random.default_rng(seed)
        worth, cost = rng.integers(1, 1001, (1000, 50)), rng.integers(5, 50, (1000, 50))
        for budget in (12_000, 20_000):
            cpu, wall = time.process_time(), time.perf_counter()
            found = assign_within_budget(worth, cost, np.full(1000, 2), np.full(50, 30), budget)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            print(
                f"  seed {seed}, budget {budget:6d}: worth {found.worth}, bound {found.bound}, optimal {found.optimal}, "
                f"{cpu:5.2f} CPU s, {wall:5.2f} s"
            )


if __name__ == "__main__":
    main()
