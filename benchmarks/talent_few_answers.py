"""Calibration with few answers: how near, how often the intervals hold, how fast beside the package `mirt` with the same
priors; and a bank of guesses repaired by its own takers.

    python benchmarks/talent_few_answers.py                       # 200 sets and the own takers, several minutes
    python benchmarks/talent_few_answers.py --only sets --sets 8
    python benchmarks/talent_few_answers.py --only rivals         # ours and mirt (group dev), one set
    python benchmarks/talent_few_answers.py --only takers

All answers are generated.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a linear algebra pool of its own would blur CPU seconds

import argparse
import time

import numpy as np

from lumbung.talent import calibrate
from lumbung.talent.adaptive.pool import ItemPool
from lumbung.talent.adaptive.simulation import SimulatedTests, simulate
from lumbung.talent.adaptive.stopping import StoppingRule
from lumbung.talent.bank import load_bank
from lumbung.talent.bank.load import load_acceptance
from lumbung.talent.irt.ability import score
from lumbung.talent.irt.hierarchical import Prior, calibrate_with_priors
from lumbung.talent.irt.parameters import ItemParameters

ITEMS, SEEN, PEOPLE = 300, 16, 1219  # 65 answers an item


def few(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A sparse set, true slopes (log SD 0.4), true difficulties (SD 0.6 around a guess by level) and the guesses."""
    rng = np.random.default_rng(seed)
    slopes = rng.lognormal(0, 0.4, ITEMS)
    guesses = np.array([-1.2, 0.0, 1.2])[rng.integers(0, 3, ITEMS)]
    difficulties = guesses + rng.normal(0, 0.6, ITEMS)
    answers = np.full((PEOPLE, ITEMS), -1, dtype=np.int8)
    for person, theta in enumerate(rng.normal(size=PEOPLE)):
        seen = rng.choice(ITEMS, SEEN, replace=False)
        chance = 1 / (1 + np.exp(-slopes[seen] * (theta - difficulties[seen])))
        answers[person, seen] = rng.random(SEEN) < chance
    return answers, slopes, difficulties, guesses


def sets(count: int) -> None:
    rows = []
    for seed in range(count):
        answers, a, b, guesses = few(seed)
        found = calibrate_with_priors(answers, features={"guess": guesses})
        inside = [
            ((interval[:, 0] <= truth) & (truth <= interval[:, 1])).mean()
            for interval, truth in ((found.slope_interval, a), (found.difficulty_interval, b))
        ]
        correlations = [
            np.corrcoef(a, found.items.slopes)[0, 1],
            np.corrcoef(b, found.items.difficulties[:, 0])[0, 1],
        ]
        rows.append((*correlations, *inside, found.converged, found.passes, (found.reversed_z < -2.33).sum()))
    mean, least = np.mean(rows, axis=0), np.min(rows, axis=0)
    print(f"{count} generated sets: {ITEMS} items, {PEOPLE} people, {SEEN} items each (65 answers an item)")
    print(f"  settled in {sum(bool(row[4]) for row in rows)} of {count}; passes {mean[5]:.0f} on average")
    print(
        f"  correlation with truth: difficulty {mean[1]:.3f} (least {least[1]:.3f}), slope {mean[0]:.3f} (least {least[0]:.3f})"
    )
    print(
        f"  95 % intervals hold: difficulty {mean[3]:.1%}, slope {mean[2]:.1%}; wrongly called reversed {mean[6]:.1f} of {ITEMS}"
    )


def rivals() -> None:
    answers, a, b, _ = few(0)
    prior = Prior(slope=(0.0, 0.4), difficulty=(0.0, 1.15))
    calibrate_with_priors(answers[:50], prior=prior)
    clock = time.process_time()
    ours = calibrate_with_priors(answers, prior=prior, nodes=41)
    own = time.process_time() - clock
    print("the same priors, log a ~ N(0, 0.4), b ~ N(0, 1.15); 41 nodes")
    text = "correlation with truth: difficulty {:.3f}, slope {:.3f}"
    fits = (np.corrcoef(b, ours.items.difficulties[:, 0])[0, 1], np.corrcoef(a, ours.items.slopes)[0, 1])
    print(f"  ours {own:7.2f} CPU-s with intervals, {text.format(*fits)}")
    plain = calibrate(answers, standard_errors="none")
    fits = (np.corrcoef(b, plain.items.difficulties[:, 0])[0, 1], np.corrcoef(a, plain.items.slopes)[0, 1])
    print(
        f"  plain 2PL          , {text.format(*fits)}, slopes {plain.items.slopes.min():.1f} to {plain.items.slopes.max():.1f}"
    )
    try:
        import mirt
        from mirt.estimation.priors import LogNormalPrior, NormalPrior
    except ImportError:
        print("  mirt is not installed (group dev)")
        return
    for errors in (False, True):
        clock = time.process_time()
        theirs = mirt.fit_mirt(
            answers.astype(int), "2PL", n_quadpts=41, compute_standard_errors=errors,
            priors={"discrimination": LogNormalPrior(0.0, 0.4), "difficulty": NormalPrior(0.0, 1.15)},
        )  # fmt: skip
        spent = time.process_time() - clock
        found = theirs.model.parameters
        fits = tuple(
            np.corrcoef(truth, np.ravel(found[name]))[0, 1]
            for truth, name in ((b, "difficulty"), (a, "discrimination"))
        )
        print(
            f"  mirt {spent:7.2f} CPU-s {'with' if errors else 'without'} errors, {spent / own:.1f} × ours, {text.format(*fits)}, "
            f"converged {theirs.converged}"
        )


def takers(people: int) -> None:
    """People take the shipped bank's adaptive test, but its parameters are wrong and some know how to guess."""
    rng = np.random.default_rng(11)
    bank = load_bank()
    columns = bank.columns()
    guessed = ItemParameters.logistic(columns.a, columns.b, guessing=columns.c, names=columns.ids)
    truth_b = columns.b + rng.normal(0, 0.6, len(columns.b))
    truth_a = columns.a * rng.lognormal(0, 0.3, len(columns.a))
    pool = ItemPool.from_bank(bank, acceptance=load_acceptance())
    answers = np.full((people, len(truth_b)), -1, dtype=np.int8)
    theta, wise = rng.normal(size=people), rng.random(people) < 0.15
    for these, c in ((~wise, columns.c), (wise, np.where(columns.c > 0.1, 0.4, columns.c))):
        truth = ItemParameters.logistic(truth_a, truth_b, guessing=c, names=columns.ids)
        tests = answer_by(pool, truth, theta[these], 7)
        rows = np.flatnonzero(these)
        seen = tests.items >= 0
        persons = np.repeat(rows[:, None], tests.items.shape[1], axis=1)
        answers[persons[seen], tests.items[seen]] = tests.answers[seen]
    counts = (answers >= 0).sum(axis=0)
    print(
        f"{people} generated takers of the shipped bank, its difficulties off by SD 0.6 and slopes by 30 %, 15 % test-wise"
    )
    print(f"  answers an item: median {np.median(counts):.0f}, least {counts.min()}")
    rmse = lambda b: float(np.sqrt(np.mean((b - truth_b) ** 2)))  # noqa: E731
    print(f"  RMSE of difficulty: the guesses {rmse(columns.b):.2f}", end="")
    for model in ("2pl", "3pl"):
        plain = calibrate(answers, model, standard_errors="none", max_iterations=200)
        print(f", plain {model} {rmse(np.nan_to_num(plain.items.difficulties[:, 0])):.2f}", end="")
    found = calibrate_with_priors(
        answers, features={"guess": columns.b}, fixed_guessing=columns.c, item_names=columns.ids
    )
    print(
        f", with the guesses as a feature {rmse(found.items.difficulties[:, 0]):.2f} (settled: {found.converged})"
    )
    inside = (found.difficulty_interval[:, 0] <= truth_b) & (truth_b <= found.difficulty_interval[:, 1])
    print(
        f"  95 % intervals of difficulty hold {inside.mean():.1%}; slopes below 0: {(found.items.slopes < 0).sum()}"
    )
    fresh = rng.normal(size=4000)
    truth = ItemParameters.logistic(truth_a, truth_b, guessing=columns.c, names=columns.ids)
    for name, items in (("guessed", guessed), ("updated", found.items)):
        tests = answer_by(
            ItemPool.build(items, list(columns.areas), acceptance=pool.acceptance), truth, fresh, 99
        )
        sheet = np.full((len(fresh), len(truth_b)), -1, dtype=np.int8)
        seen = tests.items >= 0
        sheet[np.nonzero(seen)[0], tests.items[seen]] = tests.answers[seen]
        scored = score(sheet, items, "eap")
        held = np.abs(scored.theta - fresh) <= 1.96 * scored.standard_error
        print(
            f"  4,000 new takers scored with the {name} parameters: their 95 % intervals hold {held.mean():.1%}"
        )


def answer_by(pool: ItemPool, truth: ItemParameters, theta: np.ndarray, seed: int) -> SimulatedTests:
    """Tests chosen and scored by the pool's parameters, answered by other ones."""
    return simulate(pool, theta, StoppingRule(0.4, 12, 40), candidates=10, seed=seed, answered_by=truth)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=["sets", "rivals", "takers"])
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--people", type=int, default=6000)
    asked = parser.parse_args()
    if asked.only in (None, "sets"):
        sets(asked.sets)
    if asked.only in (None, "rivals"):
        rivals()
    if asked.only in (None, "takers"):
        takers(asked.people)


if __name__ == "__main__":
    main()
