"""Generated people take the adaptive test: how long it gets, how well it measures, which items wear out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import kernel
from lumbung.talent.adaptive.pool import ItemPool
from lumbung.talent.adaptive.selection import NO_ITEM, add_answer, choose, uniform
from lumbung.talent.adaptive.stopping import StoppingRule
from lumbung.talent.irt.expectation import thread_count

_SHARES = 16


@dataclass(frozen=True)
class SimulatedTests:
    """Tests of generated people.

    Attributes
    ----------
    truth : float64 [persons]
        The ability that made the answers.
    theta, standard_error : float64 [persons]
    length : int64 [persons]
    items : int32 [persons, most]
        Items in the order served; -1 after the end.
    answers : int8 [persons, most]
        Categories given; -1 after the end.
    """

    truth: NDArray[np.float64]
    theta: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    length: NDArray[np.int64]
    items: NDArray[np.int32]
    answers: NDArray[np.int8]

    @property
    def covered(self) -> float:
        """Share of people whose 95 % interval holds their true ability."""
        return float((np.abs(self.theta - self.truth) <= 1.96 * self.standard_error).mean())

    @property
    def bias(self) -> float:
        return float((self.theta - self.truth).mean())

    @property
    def rmse(self) -> float:
        return float(np.sqrt(((self.theta - self.truth) ** 2).mean()))

    def exposure(self, n_items: int) -> NDArray[np.float64]:
        """Share of people who saw each item."""
        seen = self.items[self.items >= 0]
        return np.asarray(np.bincount(seen, minlength=n_items) / len(self.truth))


@kernel
def _take_tests(  # type: ignore[no-untyped-def]
    truth_rows,
    row_starts,
    information,
    log_rows,
    nodes,
    log_prior,
    area_of,
    targets,
    acceptance,
    candidates,
    goal,
    least,
    most,
    seeds,
    start,
    stop,
    theta,
    error,
    length,
    served,
    given_answers,
    chosen_counts,
):
    n_items = len(area_of)
    open_items = np.empty(n_items, np.bool_)
    given = np.empty(len(targets), np.int64)
    allowed = np.empty(len(targets), np.int64)
    size = min(max(candidates, 1), 64)
    best, worth = np.empty(size, np.int64), np.empty(size, np.float32)
    before = np.empty(n_items, np.bool_)
    controlled = acceptance.min() < 1.0
    for i in range(start, stop):
        open_items[:] = True
        given[:] = 0
        log_posterior = log_prior.copy()
        mean, sd = 0.0, 1.0
        step = 0
        while step < most and not (step >= least and sd <= goal):
            if controlled:
                before[:] = open_items
            item = choose(
                mean, information, open_items, area_of, targets, given, acceptance, candidates, seeds[i], step,
                allowed, best, worth,
            )  # fmt: skip
            if item < 0:
                break
            if controlled:  # count what was set aside too
                for j in range(n_items):
                    if before[j] and not open_items[j]:
                        chosen_counts[j] += 1
            chosen_counts[item] += 1
            draw = uniform(seeds[i], step, 62)
            answer = 0
            total = truth_rows[row_starts[item], i]
            while draw >= total and answer + 1 < row_starts[item + 1] - row_starts[item]:
                answer += 1
                total += truth_rows[row_starts[item] + answer, i]
            open_items[item] = False
            given[area_of[item]] += 1
            served[i, step], given_answers[i, step] = item, answer
            mean, sd = add_answer(log_posterior, log_rows[row_starts[item] + answer], nodes)
            step += 1
        theta[i], error[i], length[i] = mean, sd, step


def simulate(
    pool: ItemPool,
    truth: NDArray[np.float64],
    rule: StoppingRule | None = None,
    candidates: int = 5,
    seed: int = 0,
    threads: int | None = None,
) -> SimulatedTests:
    """Let people of given true abilities take the test; same choices as :class:`Session` with the same seeds.

    Parameters
    ----------
    truth : float64 [persons]
    seed : int
        Person i gets the session seed ``seed + i``.

    Returns
    -------
    SimulatedTests
    """
    return simulate_counting(pool, truth, rule, candidates, seed, threads)[0]


def simulate_counting(
    pool: ItemPool,
    truth: NDArray[np.float64],
    rule: StoppingRule | None = None,
    candidates: int = 5,
    seed: int = 0,
    threads: int | None = None,
) -> tuple[SimulatedTests, NDArray[np.int64]]:
    """As :func:`simulate`, and how often each item was chosen, whether then served or set aside."""
    rule = rule or StoppingRule()
    n_persons, most = len(truth), min(rule.most, len(pool))
    theta, error = np.empty(n_persons), np.empty(n_persons)
    length = np.empty(n_persons, dtype=np.int64)
    served = np.full((n_persons, most), NO_ITEM, dtype=np.int32)
    answers = np.full((n_persons, most), -1, dtype=np.int8)
    rows = pool.items.probabilities(truth)
    seeds = (np.arange(n_persons) + seed).astype(np.int64)
    cuts = [n_persons * k // _SHARES for k in range(_SHARES + 1)]

    def work(share: int) -> NDArray[np.int64]:
        counts = np.zeros(len(pool), dtype=np.int64)
        _take_tests(
            rows, pool.items.row_starts, pool.information, pool.log_rows, pool.nodes, pool.log_prior, pool.area_of,
            pool.targets, pool.acceptance, candidates, rule.standard_error, rule.least, most, seeds,
            cuts[share], cuts[share + 1], theta, error, length, served, answers, counts,
        )  # fmt: skip
        return counts

    with ThreadPoolExecutor(min(thread_count(threads), _SHARES)) as executor:
        counts = sum(executor.map(work, range(_SHARES)), np.zeros(len(pool), dtype=np.int64))
    return SimulatedTests(np.asarray(truth, dtype=np.float64), theta, error, length, served, answers), counts
