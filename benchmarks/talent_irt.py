"""Calibration speed: ours beside the packages `mirt` (Rust) and `girth` in the same run, then a million and
nine million people.

    OPENBLAS_NUM_THREADS=1 python benchmarks/talent_irt.py            # everything, several minutes
    python benchmarks/talent_irt.py --only rivals                     # 10,000 people, all three packages
    python benchmarks/talent_irt.py --only coverage                   # the intervals over 20 samples
    python benchmarks/talent_irt.py --only dense --persons 1000000

All answers are generated. Times are CPU seconds of one process on one core (`--threads` for more); compiled
code is warm.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a linear algebra pool of its own would blur CPU seconds

import argparse
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lumbung.talent import DenseAnswers, SparseAnswers, calibrate
from lumbung.talent.irt.parameters import ItemParameters

CHUNK = 50_000


def items(n: int) -> ItemParameters:
    rng = np.random.default_rng(1)
    return ItemParameters.logistic(rng.lognormal(0, 0.3, n), rng.normal(size=n))


def dense_chunks(persons: int, truth: ItemParameters, seed: int = 0) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    a, d = truth.slopes.astype(np.float32), truth.intercepts[:, 0].astype(np.float32)
    for low in range(0, persons, CHUNK):
        size = min(CHUNK, persons - low)
        z = a * rng.standard_normal((size, 1), dtype=np.float32) + d
        yield (rng.random(z.shape, dtype=np.float32) < 1 / (1 + np.exp(-z))).astype(np.int8)


def sparse_answers(persons: int, truth: ItemParameters, seen: int, seed: int = 0) -> SparseAnswers:
    """Every person sees one item of each of ``seen`` strata."""
    rng = np.random.default_rng(seed)
    stratum = len(truth) // seen
    a, d = truth.slopes.astype(np.float32), truth.intercepts[:, 0].astype(np.float32)
    answers = np.empty(persons * seen, dtype=np.uint16)
    for low in range(0, persons, CHUNK):
        size = min(CHUNK, persons - low)
        drawn = np.arange(seen) * stratum + rng.integers(0, stratum, (size, seen))
        z = a[drawn] * rng.standard_normal((size, 1), dtype=np.float32) + d[drawn]
        right = rng.random(z.shape, dtype=np.float32) < 1 / (1 + np.exp(-z))
        answers[low * seen : (low + size) * seen] = (2 * drawn + right).ravel()
    starts = np.arange(persons + 1, dtype=np.int64) * seen
    return SparseAnswers(answers, starts, np.full(len(truth), 2), np.empty(0))


def cpu(work: Callable[[], Any], repeats: int = 1) -> tuple[float, float, Any]:
    """Least CPU and wall seconds of a few runs, and the last result."""
    best, wall, result = np.inf, np.inf, None
    for _ in range(repeats):
        start, clock = time.process_time(), time.perf_counter()
        result = work()
        best = min(best, time.process_time() - start)
        wall = min(wall, time.perf_counter() - clock)
    return best, wall, result


def rivals(threads: int) -> None:
    truth = items(100)
    answers = np.concatenate(list(dense_chunks(10_000, truth)))
    calibrate(answers[:500], standard_errors="none")
    ours, wall, found = cpu(lambda: calibrate(answers, standard_errors="none", threads=threads), 3)
    with_errors, _, _ = cpu(lambda: calibrate(answers, threads=threads), 2)
    print("2PL, 100 items, 10,000 generated people, 61 nodes")
    print(f"  ours             {ours:8.3f} CPU-s (wall {wall:.3f}), {found.iterations} passes")
    print(f"  ours with errors {with_errors:8.3f} CPU-s")
    finer = calibrate(answers, standard_errors="none", nodes=121).log_likelihood - found.log_likelihood
    print(
        f"  (ours with 121 nodes: log-likelihood {finer:+.6f}, so 61 equally spaced nodes integrate it well)"
    )
    try:
        import mirt
    except ImportError:
        print("  mirt is not installed (group dev)")
    else:
        for accelerate in ("none", "squarem"):
            theirs, wall, fit = cpu(
                lambda accelerate=accelerate: mirt.fit_mirt(
                    answers, "2PL", n_quadpts=61, compute_standard_errors=False, accelerate=accelerate
                )
            )
            gap = np.abs(np.ravel(fit.model.parameters["discrimination"]) - found.items.slopes).max()
            print(
                f"  mirt {accelerate:8}    {theirs:8.3f} CPU-s (wall {wall:.3f}), {theirs / ours:.1f} × ours, "
                f"largest slope difference {gap:.4f}, log-likelihood {fit.log_likelihood - found.log_likelihood:+.3f}"
            )
    try:
        from girth import twopl_mml
    except ImportError:
        print("  girth is not installed (group rivals)")
    else:
        theirs, wall, fit = cpu(
            lambda: twopl_mml(answers.T.astype(int), {"quadrature_n": 61, "quadrature_bounds": (-6, 6)})
        )
        gap = np.abs(fit["Discrimination"] - found.items.slopes).max()
        print(
            f"  girth            {theirs:8.3f} CPU-s (wall {wall:.3f}), {theirs / ours:.0f} × ours, "
            f"largest slope difference {gap:.4f}"
        )


def _large(kind: str, persons: int, threads: int, queue: Any) -> None:
    truth = items(100 if kind == "dense" else 400)
    clock = time.perf_counter()
    if kind == "dense":
        packed: Any = DenseAnswers.from_chunks(
            dense_chunks(persons, truth), truth.categories, may_miss=False, n_persons=persons
        )
        held = packed.codes.nbytes
    else:
        packed = sparse_answers(persons, truth, 40)
        held = packed.answers.nbytes + packed.starts.nbytes
    made = time.perf_counter() - clock
    calibrate(packed.thinned(min(persons, 250_000)), standard_errors="none")  # compiles
    spent, wall, found = cpu(lambda: calibrate(packed, threads=threads))
    inside = np.abs(found.items.table - truth.table) < 1.96 * found.standard_errors
    queue.put(
        {
            "made": made,
            "held": held / 1e6,
            "cpu": spent,
            "wall": wall,
            "passes": found.iterations,
            "converged": found.converged,
            "gap": float(np.abs(found.items.slopes - truth.slopes).max()),
            "inside": float(inside.mean()),
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        }
    )


def large(kind: str, persons: int, threads: int) -> None:
    context = multiprocessing.get_context("spawn")  # a process of its own, so that the peak memory is its own
    queue = context.Queue()
    child = context.Process(target=_large, args=(kind, persons, threads, queue))
    child.start()
    row = queue.get()
    child.join()
    shape = "100 items" if kind == "dense" else "40 answered of 400 items"
    print(
        f"2PL, {persons:,} generated people, {shape}, {threads} thread(s): {row['cpu']:.1f} CPU-s, "
        f"wall {row['wall']:.1f} s, with standard errors, {row['passes']} passes over all people, "
        f"converged {row['converged']}"
    )
    print(
        f"  answers {row['held']:.0f} MB, peak memory of the process {row['peak']:.0f} MB "
        f"(making the data took {row['made']:.0f} s and is not counted); largest slope error {row['gap']:.4f}, "
        f"{100 * row['inside']:.1f} % of 95 % intervals hold the truth"
    )


def coverage(samples: int, persons: int, threads: int) -> None:
    """How often the intervals hold over many samples: in a single one all intercepts share the chance of its mean ability."""
    truth = items(100)
    shares, means = [], []
    for seed in range(samples):
        answers = DenseAnswers.from_chunks(
            dense_chunks(persons, truth, seed), truth.categories, may_miss=False, n_persons=persons
        )
        found = calibrate(answers, threads=threads)
        off = (found.items.table - truth.table) / found.standard_errors
        shares.append(100 * (np.abs(off) < 1.96).mean())
        means.append(off[:, 1].mean())
    print(
        f"2PL, {samples} samples of {persons:,} generated people, 100 items: {np.mean(shares):.1f} % of 95 % intervals hold "
        f"the truth ({min(shares):.1f}-{max(shares):.1f} % in a single sample, whose intercepts are off together by "
        f"{min(means):+.2f} to {max(means):+.2f} standard errors on average)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=["rivals", "coverage", "dense", "sparse"])
    parser.add_argument("--persons", type=int, help="people of the dense, the sparse and the coverage runs")
    parser.add_argument("--samples", type=int, default=20, help="of the coverage run")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    if asked.only in (None, "rivals"):
        rivals(asked.threads)
    if asked.only in (None, "coverage"):
        coverage(asked.samples, asked.persons or 100_000, asked.threads)
    for kind, sizes in (("dense", (1_000_000, 9_000_000)), ("sparse", (9_000_000,))):
        if asked.only in (None, kind):
            for persons in (asked.persons,) if asked.persons else sizes:
                large(kind, persons, asked.threads)


if __name__ == "__main__":
    main()
