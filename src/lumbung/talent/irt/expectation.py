"""The expectation step: how many people of each ability are expected to have given each answer.

For every person: add one precomputed row of log-likelihoods per byte (dense) or per answer (sparse), subtract
the largest, exponentiate, normalise, and add the posterior to the count of every byte or answer. (Bock and
Aitkin 1981, equations 14-16.) Work runs in single precision inside blocks of people and is summed in double
precision between blocks. The blocks are cut by the number of people alone and summed in their order, so that
the result has the same bits whatever the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import available_processors, inlined, kernel
from lumbung.kernels.elementary import exp_either

BLOCK = 32768  # people whose counts are added up in the working precision
SHARES = 32  # parts into which people are cut, each summed by one thread
SINGLE_FROM = 200_000  # rows from which single precision is used by default
_FAST = {"reassoc", "nsz", "contract", "nnan", "arcp"}


@dataclass(frozen=True)
class Expected:
    """What the expectation step gives.

    Attributes
    ----------
    counts : float64 [rows, nodes]
        Expected number of people at each node who gave each answer (one row per item and category).
    people : float64 [nodes]
        Expected number of people at each node.
    log_likelihood : float
        Marginal log-likelihood of all answers.
    """

    counts: NDArray[np.float64]
    people: NDArray[np.float64]
    log_likelihood: float


@inlined(arithmetic=_FAST)
def normalise(s, weight):  # type: ignore[no-untyped-def]
    """Turn log-likelihoods into a posterior that sums to ``weight``; return the log of its normaliser."""
    top = s[0]
    for q in range(len(s)):
        top = s[q] if s[q] > top else top
    total = s[0] - s[0]
    for q in range(len(s)):
        e = exp_either(s[q] - top)
        s[q] = e
        total += e
    scale = weight / total
    for q in range(len(s)):
        s[q] *= scale
    return top + math.log(total)


@inlined(arithmetic=_FAST)
def add_byte_rows(code, tables, s):  # type: ignore[no-untyped-def]
    """``s = sum over bytes of tables[byte, code[byte]]``, four bytes at a time to spare loads of ``s``."""
    first = tables[0, code[0]]
    for q in range(len(s)):
        s[q] = first[q]
    k = 1
    while k + 4 <= len(code):
        t0, t1 = tables[k, code[k]], tables[k + 1, code[k + 1]]
        t2, t3 = tables[k + 2, code[k + 2]], tables[k + 3, code[k + 3]]
        for q in range(len(s)):
            s[q] += (t0[q] + t1[q]) + (t2[q] + t3[q])
        k += 4
    while k < len(code):
        t0 = tables[k, code[k]]
        for q in range(len(s)):
            s[q] += t0[q]
        k += 1


@inlined(arithmetic=_FAST)
def add_answer_rows(answers, rows, prior, s):  # type: ignore[no-untyped-def]
    """``s = prior + sum of the rows of the answers``."""
    for q in range(len(s)):
        s[q] = prior[q]
    k = 0
    while k + 4 <= len(answers):
        t0, t1, t2, t3 = rows[answers[k]], rows[answers[k + 1]], rows[answers[k + 2]], rows[answers[k + 3]]
        for q in range(len(s)):
            s[q] += (t0[q] + t1[q]) + (t2[q] + t3[q])
        k += 4
    while k < len(answers):
        t0 = rows[answers[k]]
        for q in range(len(s)):
            s[q] += t0[q]
        k += 1


@kernel(arithmetic=_FAST)
def expect_dense(codes, weights, tables, start, stop, block, part, sums):  # type: ignore[no-untyped-def]
    """Add the people of rows ``start`` to ``stop`` to ``sums``; where ``part`` is another array, block by block."""
    n_bytes, n_codes, nodes = tables.shape
    s = np.empty(nodes, tables.dtype)
    direct = part.dtype == sums.dtype
    log_likelihood = 0.0
    for low in range(start, stop, block):
        for i in range(low, min(stop, low + block)):
            add_byte_rows(codes[i], tables, s)
            weight = weights[i] if len(weights) > 0 else 1.0
            log_likelihood += weight * normalise(s, tables.dtype.type(weight))
            for k in range(n_bytes):
                target = part[k, codes[i, k]]
                for q in range(nodes):
                    target[q] += s[q]
        if direct:
            continue
        for k in range(n_bytes):
            for code in range(n_codes):
                for q in range(nodes):
                    sums[k, code, q] += part[k, code, q]
                    part[k, code, q] = 0.0
    return log_likelihood


@kernel(arithmetic=_FAST)
def posteriors_dense(codes, tables, posterior):  # type: ignore[no-untyped-def]
    """Posterior of each person on the nodes."""
    for i in range(len(codes)):
        add_byte_rows(codes[i], tables, posterior[i])
        normalise(posterior[i], tables.dtype.type(1.0))


@kernel(arithmetic=_FAST)
def expect_sparse(answers, starts, weights, rows, prior, start, stop, block, sums, people):  # type: ignore[no-untyped-def]
    n_rows, nodes = rows.shape
    s = np.empty(nodes, rows.dtype)
    part = np.zeros(rows.shape, rows.dtype)
    part_people = np.zeros(nodes, rows.dtype)
    log_likelihood = 0.0
    for low in range(start, stop, block):
        for i in range(low, min(stop, low + block)):
            given = answers[starts[i] : starts[i + 1]]
            add_answer_rows(given, rows, prior, s)
            weight = weights[i] if len(weights) > 0 else 1.0
            log_likelihood += weight * normalise(s, rows.dtype.type(weight))
            for q in range(nodes):
                part_people[q] += s[q]
            for k in range(len(given)):
                target = part[given[k]]
                for q in range(nodes):
                    target[q] += s[q]
        for row in range(n_rows):
            for q in range(nodes):
                sums[row, q] += part[row, q]
                part[row, q] = 0.0
        for q in range(nodes):
            people[q] += part_people[q]
            part_people[q] = 0.0
    return log_likelihood


def shares(n_rows: int) -> list[tuple[int, int]]:
    """Cut rows into parts that depend on their number alone, each a whole number of blocks but the last."""
    blocks = -(-n_rows // BLOCK)
    cuts = [min(n_rows, BLOCK * (blocks * k // SHARES)) for k in range(SHARES + 1)]
    return [(low, high) for low, high in pairwise(cuts) if high > low]


def thread_count(threads: int | None) -> int:
    """Threads to use: as asked, else as many as this process may run on."""
    return available_processors() if threads is None else max(1, threads)


def run_shares(work: Callable[[int, int], Any], n_rows: int, threads: int | None) -> list[Any]:
    """Do the work of each share, on several threads, and return the results in the order of the shares."""
    parts = shares(n_rows)
    workers = min(thread_count(threads), len(parts))
    if workers <= 1:
        return [work(low, high) for low, high in parts]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda part: work(*part), parts))


def in_lanes(table: NDArray[np.float64], dtype: type, lanes: int, fill: float) -> NDArray[Any]:
    """Widen the last axis to whole registers."""
    wide = np.full((*table.shape[:-1], lanes), fill, dtype=dtype)
    wide[..., : table.shape[-1]] = table
    return wide
