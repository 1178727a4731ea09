"""How often the intervals of standings hold the truth, and how often equals are told apart.

    python benchmarks/proving_coverage.py [--repetitions 10000] [--contests 1000] [--brief]

Every population below has a mean that is known. A standing of 3, 10, 30 and 300 cases is drawn from it 10,000 times, and
its 95 % interval either holds that mean or not, or the standing says that there are too few cases to tell. Beside ours
stand Student's interval and what standings gave before (percentiles of resampled means, widened by Student's t), on the
same samples. All populations are generated.

The last column is what it must show: coverage between 93 and 97 % among the standings that give an interval without
reserve, or fewer than one in twenty that do. `*` marks a population that is meant to break it, to show where the limits are.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from lumbung.proving.challenge import Ranking
from lumbung.proving.intervals import (
    Intervals,
    intervals_of_mean,
    part_of_cases,
    part_of_means,
    student_quantile,
)  # fmt: skip
from lumbung.proving.measure import Bounds
from lumbung.proving.standing import _count_surely, _draw, _Stratum

Floats = NDArray[np.float64]
CASES = (3, 10, 30, 300)
CHUNK = 2_000_000  # figures held at once
NONE: Bounds = (None, None)


class Population(msgspec.Struct, frozen=True):
    """Where cases come from: `draw(rng, repetitions, cases)` gives figures and the true mean of each repetition."""

    name: str
    draw: Callable[[np.random.Generator, int, int], tuple[Floats, Floats | float]]
    bounds: Bounds = NONE
    groups: int = 1
    aggregate: bool = False
    beyond: bool = False
    geometric: bool = False


def _fixed(make: Callable[[np.random.Generator, tuple[int, int]], Floats], mean: float):
    return lambda rng, repetitions, cases: (make(rng, (repetitions, cases)), mean)


def _coin(rng: np.random.Generator, repetitions: int, cases: int) -> tuple[Floats, Floats]:
    """Right or wrong; each solution with a chance of its own, anything from 0 to 1."""
    chance = rng.random(repetitions)
    return (rng.random((repetitions, cases)) < chance[:, None]).astype(float), chance


def _shares(rng: np.random.Generator, repetitions: int, cases: int) -> tuple[Floats, Floats]:
    """Accuracies over twenty rows each; a solution's rows are right with a chance of its own."""
    chance = rng.random(repetitions)
    return rng.binomial(20, chance[:, None], (repetitions, cases)) / 20, chance


def _tied_shares(rng: np.random.Generator, repetitions: int, cases: int) -> tuple[Floats, float]:
    """Eight cases in ten all right, the others anything."""
    return np.where(rng.random((repetitions, cases)) < 0.8, 1.0, rng.random((repetitions, cases))), 0.9


def _five_steps(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    return rng.choice([0.0, 1.0, 2.0, 3.0, 4.0], size=size, p=[0.1, 0.2, 0.4, 0.2, 0.1])


def _mostly_none(share: float) -> Callable[[np.random.Generator, tuple[int, int]], Floats]:
    return lambda rng, size: np.where(rng.random(size) < share, 0.0, rng.integers(1, 4, size))


def _one(p: float):
    return _fixed(lambda rng, size: (rng.random(size) < p).astype(float), p)


EXPONENTIAL = _fixed(lambda rng, size: rng.exponential(1.0, size), 1.0)
NORMAL = _fixed(lambda rng, size: rng.normal(50.0, 10.0, size), 50.0)
LOGNORMAL = _fixed(lambda rng, size: rng.lognormal(0.0, 1.0, size), math.exp(0.5))
POPULATIONS = (
    Population("binary: chance of each solution uniform", _coin, (0.0, 1.0)),
    Population("binary, in 3 groups", _coin, (0.0, 1.0), groups=3),
    Population("binary, chance 0.5 for all *", _one(0.5), (0.0, 1.0), beyond=True),
    Population("binary, chance 0.9 for all *", _one(0.9), (0.0, 1.0), beyond=True),
    Population("shares of 20 rows: chance uniform", _shares, (0.0, 1.0)),
    Population("shares, beta(8, 2)", _fixed(lambda r, s: r.beta(8, 2, s), 0.8), (0.0, 1.0)),
    Population("shares, beta(8, 2), means alone", _fixed(lambda r, s: r.beta(8, 2, s), 0.8), (0.0, 1.0), aggregate=True),
    Population("shares, tied: eight in ten are 1", _tied_shares, (0.0, 1.0)),
    Population("even: normal", NORMAL),
    Population("even: normal, in 3 groups", NORMAL, groups=3),
    Population("skewed: exponential", EXPONENTIAL),
    Population("skewed: exponential, in 3 groups", EXPONENTIAL, groups=3),
    Population("skewed: exponential, never below 0", EXPONENTIAL, (0.0, None)),
    Population("skewed: exponential, means alone", EXPONENTIAL, (0.0, None), aggregate=True),
    Population("skewed: lognormal, sigma 0.5", _fixed(lambda r, s: r.lognormal(0, 0.5, s), math.exp(0.125))),
    Population("skewed: lognormal, sigma 1 *", LOGNORMAL, beyond=True),
    Population("the same, geometric mean", _fixed(lambda r, s: r.normal(0, 1, s), 0.0)),
    Population("tied: five steps", _fixed(_five_steps, 2.0)),
    Population("tied: half of the cases 0", _fixed(_mostly_none(0.5), 1.0)),
    Population("tied: eight in ten 0", _fixed(_mostly_none(0.8), 0.4)),
    Population("unbounded exponential, means alone *", EXPONENTIAL, aggregate=True, beyond=True),
)  # fmt: skip


def ours(values: Floats, population: Population) -> Intervals:
    """Intervals of one standing per row of *values*."""
    split = [s for s in np.array_split(values, population.groups, axis=1) if s.shape[1]]
    if population.aggregate:
        parts = [
            part_of_means(s.mean(axis=1), s.std(axis=1, ddof=1), s.shape[1], 1 / len(split)) for s in split
        ]
    else:
        parts = [part_of_cases(s, 1 / len(split), population.bounds) for s in split]
    return intervals_of_mean(parts, population.bounds, 0.95)


def student(values: Floats) -> tuple[Floats, Floats]:
    """Student's interval of the mean."""
    n = values.shape[1]
    half = student_quantile(0.975, n - 1) * values.std(axis=1, ddof=1) / math.sqrt(n)
    return values.mean(axis=1) - half, values.mean(axis=1) + half


def resampled(values: Floats, rng: np.random.Generator, resamples: int = 400) -> tuple[Floats, Floats]:
    """What standings gave before: percentiles of means of n - 1 cases of n, widened by Student's t."""
    n = values.shape[1]
    counts = rng.multinomial(n - 1, np.full(n, 1 / n), size=resamples)
    drawn = values @ counts.T / (n - 1)
    mean = values.mean(axis=1)
    widen = student_quantile(0.975, n - 1) / 1.959964
    below, above = np.quantile(drawn - mean[:, None], [0.025, 0.975], axis=1) * widen
    return mean + below, mean + above


def study(
    population: Population, cases: int, repetitions: int, rng: np.random.Generator, *, brief: bool
) -> dict[str, float]:
    """Coverage of all three kinds of interval over one population."""
    told = held = before = plain = impossible = 0
    low_end, high_end = (math.nan if end is None else end for end in population.bounds)
    done = 0
    while done < repetitions:
        count = min(repetitions - done, max(1, CHUNK // cases))
        values, truth = population.draw(rng, count, cases)
        found = ours(values, population)
        inside = (found.low <= truth) & (truth <= found.high)
        told += int((~found.few).sum())
        held += int((inside & ~found.few).sum())
        for start in range(0, 0 if brief else count, 200):
            few, mean = values[start : start + 200], np.broadcast_to(truth, count)[start : start + 200]
            low, high = resampled(few, rng)
            before += int(((low <= mean) & (mean <= high)).sum())
            impossible += int(((low < low_end) | (high > high_end)).sum())
        low, high = student(values)
        plain += int(((low <= truth) & (truth <= high)).sum())
        done += count
    return {
        "told": told / done,
        "held": held / told if told else math.nan,
        "before": math.nan if brief else before / done,
        "impossible": math.nan if brief else impossible / done,
        "student": plain / done,
    }


def equals_told_apart(population: Population, cases: int, contests: int, rng: np.random.Generator) -> float:
    """How often at least one of four equal solutions is called surely better than another."""
    wrong = 0
    for _ in range(contests):
        values, _truth = population.draw(rng, 1, 4 * cases)
        stratum = _Stratum(values.reshape(4, cases), True, 1.0, cases - 1)
        draws = _draw([stratum], 4, rng, 400)
        better, _worse = _count_surely(
            stratum.mean, draws, stratum.mean, Ranking("x", "lower"), cases - 1, cases
        )
        wrong += bool(better.any())
    return wrong / contests


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=10_000)
    parser.add_argument("--contests", type=int, default=1_000)
    parser.add_argument(
        "--brief", action="store_true", help="our intervals alone: seconds instead of minutes"
    )
    parser.add_argument("--seed", type=int, default=20_260)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    started = time.process_time()
    print(
        f"coverage of 95 % intervals, {asked.repetitions:,} repetitions, in percent; all populations are generated\n"
    )
    print(
        f"{'population':<42}{'cases':>6}{'told':>8}{'ours':>8}{'before':>8}{'beyond':>8}{'Student':>9}  verdict"
    )
    broken = 0
    for population in POPULATIONS:
        for cases in CASES:
            found = study(population, cases, asked.repetitions, rng, brief=asked.brief)
            if found["told"] < 0.05:
                verdict = "says: too few"
            elif 0.93 <= found["held"] <= 0.97:
                verdict = "held"
            else:
                verdict = "outside *" if population.beyond else "OUTSIDE"
                broken += not population.beyond
            held = "-" if math.isnan(found["held"]) else f"{100 * found['held']:.1f}"
            print(
                f"{population.name:<42}{cases:>6}{100 * found['told']:>8.1f}{held:>8}{100 * found['before']:>8.1f}"
                f"{100 * found['impossible']:>8.1f}{100 * found['student']:>9.1f}  {verdict}",
                flush=True,
            )
    print(
        "\ntold: standings that give an interval without reserve; ours: of those, how many hold the truth; before: "
        "what standings gave until now, and beyond: how many of those left the metric's bounds"
    )
    if not asked.brief:
        print(
            f"\nfour equal solutions told apart at 95 %, of {asked.contests:,} contests, in percent (5 at most is meant)\n"
        )
        print(f"{'population':<42}" + "".join(f"{cases:>8}" for cases in CASES[:3]))
        for name in (
            "binary, chance 0.5 for all *",
            "even: normal",
            "skewed: exponential",
            "tied: eight in ten 0",
        ):
            population = next(p for p in POPULATIONS if p.name == name)
            rates = [equals_told_apart(population, cases, asked.contests, rng) for cases in CASES[:3]]
            print(f"{name:<42}" + "".join(f"{100 * rate:>8.1f}" for rate in rates), flush=True)
    print(f"\n{broken} cells outside 93 to 97 %; {time.process_time() - started:.0f} s of processor time")
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
