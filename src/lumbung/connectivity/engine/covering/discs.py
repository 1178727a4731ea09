"""Sites that reach a distance, over very many points: merged while they are read.

Each point becomes a row of bits, one per site, and equal rows are one demand. A hundred circles cut the plane into
fewer than ten thousand pieces, so twenty million points are a small problem once merged. Points are taken in a fixed
number of parts, whatever the number of threads, so that sums come out bit for bit alike.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.connectivity.engine.covering.problem import CoveringError, Floats, Lists
from lumbung.kernels.compiling import FINITE, kernel

EARTH = 6371008.8
"""Mean radius of the earth [m] (IUGG)."""

PARTS = 8
BLOCK = 2048

Words = NDArray[np.uint64]


def merged_discs(
    points: ArrayLike, weights: ArrayLike, sites: ArrayLike, radius: ArrayLike, threads: int = 2
) -> tuple[Lists, Floats]:
    """Merge the points that lie within the radius of the same sites.

    Parameters
    ----------
    points : float array, shape (points, dimensions)
        Plane or space coordinates [m]; see `on_sphere` for degrees.
    weights : float array, shape (points,)
    sites : float array, shape (sites, dimensions)
    radius : float or float array, shape (sites,)
        How far each site reaches [m]; for coordinates of `on_sphere`, the chord (`chord`).
    threads : int

    Returns
    -------
    cover : Lists
        For each site the merged demands it reaches.
    weights : float64 array, shape (merged demands,)
        Points that no site reaches are in none.

    Raises
    ------
    CoveringError
        Where shapes disagree or a coordinate is not a finite number.
    """
    places = np.ascontiguousarray(np.asarray(points, dtype=np.float64).T)
    masts = np.ascontiguousarray(sites, dtype=np.float64)
    people = np.ascontiguousarray(weights, dtype=np.float64)
    if places.ndim != 2 or masts.ndim != 2 or masts.shape[1] != len(places) or len(people) != places.shape[1]:
        raise CoveringError(
            f"points {places.T.shape}, weights {people.shape}, sites {masts.shape}: expected (n, d), (n,) and (s, d)"
        )
    if not (np.isfinite(places).all() and np.isfinite(masts).all()):
        raise CoveringError("points or sites: found a coordinate that is not a finite number")
    reach = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(masts),)) ** 2
    cuts = np.linspace(0, len(people), PARTS + 1).astype(np.int64)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        parts = pool.map(
            lambda k: _part(places, people, masts, reach, int(cuts[k]), int(cuts[k + 1])), range(PARTS)
        )
        keys, sums = zip(*parts, strict=True)
    words, total = _same(np.concatenate(keys), np.concatenate(sums))
    reached = words.any(axis=1)
    rows = _bits(words[reached], len(masts))
    return rows.turned(len(masts)), total[reached]


def on_sphere(latitude: ArrayLike, longitude: ArrayLike) -> Floats:
    """Return space coordinates [m] of places given in degrees, shape (places, 3)."""
    phi, lam = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(longitude, float))
    return EARTH * np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def chord(distance: ArrayLike) -> Floats:
    """Return the straight line [m] under a distance over ground [m]."""
    half = np.minimum(np.asarray(distance, dtype=np.float64) / (2 * EARTH), np.pi / 2)
    return 2 * EARTH * np.sin(half)


def _part(
    places: Floats, people: Floats, masts: Floats, reach: Floats, start: int, stop: int
) -> tuple[Words, Floats]:
    width = (len(masts) + 63) // 64
    keys, sums = np.empty((1 << 12, width), np.uint64), np.zeros(1 << 12)
    table = np.full(1 << 14, -1, np.int64)
    count = 0
    while start < stop:
        start, count = _absorb(places, people, masts, reach, start, stop, keys, sums, table, count)
        if start < stop:
            keys = np.concatenate([keys, np.empty_like(keys)])
            sums = np.concatenate([sums, np.zeros_like(sums)])
            table = np.full(4 * len(keys), -1, np.int64)
            _place(keys, count, table)
    return keys[:count], sums[:count]


def _same(keys: Words, sums: Floats) -> tuple[Words, Floats]:
    table = np.full(1 << max(4, (2 * len(keys)).bit_length()), -1, np.int64)
    first, total = _gather(keys, sums, table)
    return keys[first], total


def _bits(words: Words, sites: int) -> Lists:
    # Bytes of a little-endian word come lowest first, and so do their bits here.
    bytes_ = words.astype("<u8").view(np.uint8).reshape(len(words), -1)
    bits = np.unpackbits(bytes_, axis=1, bitorder="little")[:, :sites]
    rows, columns = np.nonzero(bits)
    indptr = np.searchsorted(rows, np.arange(len(words) + 1)).astype(np.int64)
    return Lists(indptr, columns.astype(np.int32))


@kernel(arithmetic=FINITE)
def _slot(words, table):  # type: ignore[no-untyped-def]
    mixed = np.uint64(0)
    for w in words:
        mixed = (mixed ^ w) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    return np.int64(mixed & np.uint64(len(table) - 1))


@kernel(arithmetic=FINITE)
def _place(keys, count, table):  # type: ignore[no-untyped-def]
    for k in range(count):
        slot = _slot(keys[k], table)
        while table[slot] >= 0:
            slot = (slot + 1) & (len(table) - 1)
        table[slot] = k


@kernel(arithmetic=FINITE)
def _gather(keys, sums, table):  # type: ignore[no-untyped-def]
    first = np.empty(len(keys), np.int64)
    total = np.zeros(len(keys))
    count = 0
    for k in range(len(keys)):
        slot = _slot(keys[k], table)
        while table[slot] >= 0 and not np.array_equal(keys[first[table[slot]]], keys[k]):
            slot = (slot + 1) & (len(table) - 1)
        if table[slot] < 0:
            table[slot] = count
            first[count] = k
            count += 1
        total[table[slot]] += sums[k]
    return first[:count].copy(), total[:count].copy()


@kernel(arithmetic=FINITE)
def _absorb(places, people, masts, reach, start, stop, keys, sums, table, count):  # type: ignore[no-untyped-def]
    dimensions, width = len(places), keys.shape[1]
    words = np.zeros((width, BLOCK), np.uint64)
    word = np.empty(width, np.uint64)
    while start < stop:
        size = min(BLOCK, stop - start)
        # A whole block must fit, whatever it holds.
        if count + size > len(keys):
            break
        words[:] = np.uint64(0)
        for s in range(len(masts)):
            line, bit = words[s // 64], np.uint64(s % 64)
            if dimensions == 2:
                x, y, far = masts[s, 0], masts[s, 1], reach[s]
                xs, ys = places[0, start : start + size], places[1, start : start + size]
                for k in range(size):
                    dx, dy = xs[k] - x, ys[k] - y
                    line[k] |= np.uint64(dx * dx + dy * dy <= far) << bit
            else:
                far = reach[s]
                for k in range(size):
                    square = 0.0
                    for d in range(dimensions):
                        step = places[d, start + k] - masts[s, d]
                        square += step * step
                    line[k] |= np.uint64(square <= far) << bit
        for k in range(size):
            for w in range(width):
                word[w] = words[w, k]
            slot = _slot(word, table)
            while table[slot] >= 0:
                same = True
                for w in range(width):
                    same = same and keys[table[slot], w] == word[w]
                if same:
                    break
                slot = (slot + 1) & (len(table) - 1)
            if table[slot] < 0:
                table[slot] = count
                for w in range(width):
                    keys[count, w] = word[w]
                count += 1
            sums[table[slot]] += people[start + k]
        start += size
    return start, count
