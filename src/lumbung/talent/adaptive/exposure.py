"""Exposure control by Sympson and Hetter (1985): no item is served to more than a given share of people.

Each item has a probability of being served once chosen. They are found by letting generated people take the
test again and again: an item chosen for a share P of them gets the probability ``r_max / P`` where P exceeds
r_max, else 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lumbung.talent.adaptive.pool import ItemPool
from lumbung.talent.adaptive.simulation import simulate_counting
from lumbung.talent.adaptive.stopping import StoppingRule


class ExposureError(ValueError):
    """A largest exposure that the pool cannot hold."""


def sympson_hetter(
    pool: ItemPool,
    largest: float,
    rule: StoppingRule | None = None,
    *,
    candidates: int = 1,
    people: int = 4000,
    rounds: int = 12,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> ItemPool:
    """Find each item's probability of being served.

    Parameters
    ----------
    largest : float
        Largest share of people who may see an item.
    people, rounds : int
        Generated people per round, standard normal, and rounds.

    Returns
    -------
    ItemPool
        The same pool with ``acceptance`` set.

    Raises
    ------
    ExposureError
        If even perfectly even use would show each item to more people than allowed.
    """
    rule = rule or StoppingRule()
    if not 0 < largest <= 1:
        raise ExposureError(f"the largest exposure must lie in (0, 1]; found {largest}")
    truth = np.random.default_rng(seed).normal(size=people)
    acceptance = np.ones(len(pool))
    for done in range(rounds):
        trial = replace(pool, acceptance=acceptance)
        tests, chosen = simulate_counting(trial, truth, rule, candidates, seed + done * people)
        if tests.length.mean() / len(pool) > largest:
            raise ExposureError(
                f"tests of {tests.length.mean():.1f} items from a pool of {len(pool)} show an item to "
                f"{tests.length.mean() / len(pool):.1%} of people on average; more than the {largest:.1%} allowed"
            )
        share = chosen / people
        acceptance = np.where(share > largest, largest / np.maximum(share, 1e-12), 1.0)
        if progress is not None:
            progress(done + 1, rounds)
    return replace(pool, acceptance=acceptance)
