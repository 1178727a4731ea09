"""The adaptive test: time per next item beside `catsim` in the same run, then length and coverage on
generated people.

    python benchmarks/talent_adaptive.py

One step is what happens between an answer and the next question: update the ability, choose the next item.
Ours balances
content and draws by lot among the five best; catsim searches the ability numerically and takes the most
informative item.
"""

from __future__ import annotations

import time
import warnings

import numpy as np

from lumbung.talent.adaptive.exposure import sympson_hetter
from lumbung.talent.adaptive.generated import generated_pool
from lumbung.talent.adaptive.pool import ItemPool
from lumbung.talent.adaptive.session import Session
from lumbung.talent.adaptive.simulation import simulate
from lumbung.talent.adaptive.stopping import StoppingRule
from lumbung.talent.security.item_exposure import exposure

STEPS = 40


def ours(pool: ItemPool, answers: np.ndarray) -> float:
    """CPU milliseconds per step over whole sessions."""
    rule = StoppingRule(1e-9, 1, STEPS)
    for warm in (True, False):
        spent, steps = 0.0, 0
        for seed, given in enumerate(answers[:2] if warm else answers):
            session = Session(pool, seed, rule)
            start = time.process_time()
            for answer in given:
                session.answer(int(answer))
            spent += time.process_time() - start
            steps += len(given)
    return 1000 * spent / steps


def catsim(pool: ItemPool, answers: np.ndarray) -> float | None:
    """The same for catsim."""
    try:
        from catsim.estimation import NumericalSearchEstimator
        from catsim.item_bank import ItemBank
        from catsim.selection import MaxInfoSelector
    except ImportError:
        return None
    items = pool.items
    table = np.column_stack([items.slopes, items.difficulties[:, 0], items.guessing, np.ones(len(items))])
    bank, selector, estimator = ItemBank(table), MaxInfoSelector(), NumericalSearchEstimator()
    spent, steps = 0.0, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for given in answers:
            served, right, theta = (
                [int(selector.select(item_bank=bank, administered_items=[], est_theta=0.0))],
                [],
                0.0,
            )
            start = time.process_time()
            for answer in given:
                right.append(bool(answer))
                theta = estimator.estimate(
                    item_bank=bank, administered_items=served, response_vector=right, est_theta=theta
                )
                served.append(
                    int(selector.select(item_bank=bank, administered_items=served, est_theta=theta))
                )
            spent += time.process_time() - start
            steps += len(given)
    return 1000 * spent / steps


def speed() -> None:
    rng = np.random.default_rng(0)
    print("ability update + next item, CPU ms per step (generated items, three-parameter logistic)")
    for n_items in (1_000, 10_000):
        pool = generated_pool(n_items)
        answers = rng.integers(0, 2, (25, STEPS))
        mine = ours(pool, answers)
        other = catsim(pool, answers[:4])
        beside = (
            "catsim is not installed (group rivals)"
            if other is None
            else f"catsim {other:.3f} ({other / mine:.0f} ×)"
        )
        print(f"  {n_items:6,} items: ours {mine:.4f}   {beside}")


def row(name: str, pool: ItemPool, truth: np.ndarray, candidates: int, rule: StoppingRule) -> None:
    start = time.process_time()
    tests = simulate(pool, truth, rule, candidates, seed=10**7, threads=1)
    spent = time.process_time() - start
    use = exposure(tests.items, len(pool))
    precise = (tests.standard_error <= rule.standard_error).mean()
    print(
        f"    {name:22} {tests.length.mean():5.1f} items (SE reached by {100 * precise:.0f} %), "
        f"95 % interval holds {100 * tests.covered:.1f} %, bias {tests.bias:+.3f}, RMSE {tests.rmse:.3f}, "
        f"most seen {100 * use.rates.max():.0f} %, overlap {100 * use.overlap:.0f} %   ({spent:.1f} CPU-s)"
    )


def quality() -> None:
    try:
        from lumbung.talent.bank import load_bank
    except ImportError:
        pools = {"240 generated items": generated_pool(240)}
    else:
        bank = list(load_bank())
        pools = {
            f"shipped bank of {len(bank)} items, {code}": ItemPool.from_bank(bank, code)
            for code in ("en", "id", "zh")
        }
    print("tests to a standard error of 0.3, at least 8 items; 10,000 generated people per row")
    for most in (40, 80):
        rule = StoppingRule(0.3, 8, most)
        for number, (name, pool) in enumerate(pools.items()):
            print(f"  {name}, at most {most} items")
            truth = np.random.default_rng(number).normal(size=10_000)
            row("always the best", pool, truth, 1, rule)
            row("best of 5 by lot", pool, truth, 5, rule)
            row("Sympson-Hetter 0.35", sympson_hetter(pool, 0.35, rule), truth, 1, rule)


if __name__ == "__main__":
    speed()
    quality()
