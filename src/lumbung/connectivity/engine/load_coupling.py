"""Cells that disturb each other as far as they are busy: the fixed point of load-coupled interference.

A cell is busy for the share of time it needs to carry what its people ask for. That share depends on their SINR, their
SINR on how busy the neighbours are, and theirs on this cell again (Siomina and Yuan, IEEE Trans. Wireless Commun. 11(6),
2012, equations 4 to 6; Fehske and Fettweis, ICC 2012). With the rate of TR 36.942, Annex A.1, the right-hand side is a
standard interference function in the sense of Yates (1995): positive, rising with every load, and less than doubled when
all loads double. Cutting the rate at the best and the worst quality, and the load at 1, takes none of this away. So there
is one fixed point; iterating upwards from empty cells and downwards from full ones closes in on it from both sides, and
what lies between the two is what is not known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import inlined, kernel, prange

_Floats = NDArray[np.float64]


class Heard(NamedTuple):
    """What each point hears, points ordered by the cell that serves them.

    starts: shape (cells + 1,), the points of cell c are starts[c] to starts[c + 1]; signal: power received from the serving
    cell, shape (points,) [mW in one subcarrier]; other, power: cells that disturb a point and their power, strongest first,
    shape (points, neighbours), -1 where there are no more; rest: power of those left out, which count as always sending.
    """

    starts: NDArray[np.int64]
    signal: _Floats
    other: NDArray[np.int32]
    power: _Floats
    rest: _Floats


class Cells(NamedTuple):
    """What the cells are, each of shape (cells,).

    noise [mW in one subcarrier]; width: rate [Mbit/s] at an efficiency of 1 bit/s/Hz; least, most: efficiencies of the
    worst and best channel quality [bit/s/Hz]; floor: power below which nobody is a user [mW]; wall: share of the power
    that passes to each kind of place, shape (cells, kinds), 1 outdoors.
    """

    noise: _Floats
    width: _Floats
    least: _Floats
    most: _Floats
    floor: _Floats
    wall: _Floats


@dataclass(frozen=True)
class Loads:
    """How busy cells are.

    load: share of the time each sends, at most 1, never below the true fixed point; needed: the share it would need to
    carry everything, above 1 where it cannot; doubt: the largest distance between the iterations from above and below;
    rounds: how many it took.
    """

    load: _Floats
    needed: _Floats
    doubt: float
    rounds: int


class Strongest(NamedTuple):
    """What places hear, in the order in which they were given; see ``Heard``. server: -1 where no cell reaches."""

    server: NDArray[np.int64]
    signal: _Floats
    other: NDArray[np.int32]
    power: _Floats
    rest: _Floats


def strongest(level: _Floats, channel: NDArray[np.int64], neighbours: int) -> Strongest:
    """Return who serves each place, and the cells of the same channel that disturb it, the strongest first.

    Parameters
    ----------
    level
        Power of every cell at every place, shape (cells, places) [mW in one subcarrier]; 0 where it does not reach.
    channel
        Of each cell; only cells of one channel disturb each other.
    neighbours
        How many are kept one by one.
    """
    cells, places = level.shape
    here = np.arange(places)
    server = np.argmax(level, axis=0)
    signal = level[server, here]
    disturbing = np.where(channel[:, None] == channel[server][None, :], level, 0.0)
    disturbing[server, here] = 0.0
    kept = min(neighbours, cells)
    other = np.argpartition(-disturbing, kept - 1, axis=0)[:kept]
    power = np.take_along_axis(disturbing, other, axis=0)
    ranked = np.argsort(-power, axis=0, kind="stable")
    other, power = np.take_along_axis(other, ranked, axis=0), np.take_along_axis(power, ranked, axis=0)
    # What rounding leaves of a sum is no cell.
    rest = np.maximum(disturbing.sum(0) - power.sum(0), 0.0) if kept < cells else np.zeros(places)
    return Strongest(
        np.where(signal > 0.0, server, -1), signal, np.where(power > 0.0, other, -1).T.astype(np.int32), power.T, rest
    )  # fmt: skip


def by_server(parts: Sequence[Strongest], cells: int) -> tuple[Heard, NDArray[np.int64]]:
    """Join parts and order them by serving cell; returns also the place of each point, those without a cell left out."""
    server, signal, other, power, rest = (np.concatenate(column) for column in zip(*parts, strict=True))
    reached = np.flatnonzero(server >= 0)
    order = reached[np.argsort(server[reached], kind="stable")]
    heard = Heard(
        np.searchsorted(server[order], np.arange(cells + 1)).astype(np.int64),
        signal[order], np.ascontiguousarray(other[order]), np.ascontiguousarray(power[order]), rest[order],
    )  # fmt: skip
    return heard, order


TOLERANCE = 1e-6
"""Iterations from above and below that are this close are one [share of the time]."""
MOST_ROUNDS = 2000


def settled(
    cells: Cells,
    heard: Heard,
    demand: _Floats,
    share: _Floats,
    efficiency: float,
    *,
    tolerance: float = TOLERANCE,
    most_rounds: int = MOST_ROUNDS,
) -> Loads:
    """Return the loads at which every cell is as busy as its people and its neighbours make it.

    Parameters
    ----------
    demand
        Of each point's people together in the busy hour, shape (points,) [Mbit/s].
    share
        Part of the people in each kind of place, shape (kinds,).
    efficiency
        Part of Shannon's bound that a downlink reaches.
    """
    low, high = np.zeros(cells.noise.size), np.ones(cells.noise.size)
    rounds = 0
    while rounds < most_rounds and float(np.max(high - low, initial=0.0)) > tolerance:
        low = np.minimum(_needed(low, cells, heard, demand, share, efficiency), 1.0)
        high = np.minimum(_needed(high, cells, heard, demand, share, efficiency), 1.0)
        rounds += 1
    doubt = float(np.max(high - low, initial=0.0))
    return Loads(high, _needed(high, cells, heard, demand, share, efficiency), doubt, rounds)


def ratios(load: _Floats, cells: Cells, heard: Heard) -> _Floats:
    """Return the SINR [dB] of each point in each kind of place, shape (points, kinds); -inf below the cell's floor."""
    result = np.empty((heard.signal.size, cells.wall.shape[1]))
    _ratios(load, cells, heard, result)
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(result))


@inlined
def _disturbance(load: _Floats, heard: Heard, point: int) -> float:
    power = heard.rest[point]
    for n in range(heard.other.shape[1]):
        cell = heard.other[point, n]
        if cell < 0:
            break
        power += load[cell] * heard.power[point, n]
    return float(power)


# Cells are shared out over threads whole, so the numbers do not depend on how many there are.
@kernel(parallel=True)
def _needed(
    load: _Floats, cells: Cells, heard: Heard, demand: _Floats, share: _Floats, efficiency: float
) -> _Floats:
    """Return the share of time each cell needs while the others send for ``load`` of it."""
    needed = np.zeros(cells.noise.size)
    for c in prange(cells.noise.size):
        total = 0.0
        for point in range(heard.starts[c], heard.starts[c + 1]):
            if demand[point] == 0.0:
                continue
            others = _disturbance(load, heard, point)
            for kind in range(share.size):
                received = heard.signal[point] * cells.wall[c, kind]
                if received < cells.floor[c]:
                    continue
                ratio = received / (cells.noise[c] + others * cells.wall[c, kind])
                reached = efficiency * math.log2(1.0 + ratio)
                reached = min(max(reached, cells.least[c]), cells.most[c])
                total += share[kind] * demand[point] / (reached * cells.width[c])
        needed[c] = total
    return needed


@kernel(parallel=True)
def _ratios(load: _Floats, cells: Cells, heard: Heard, result: _Floats) -> None:
    for c in prange(cells.noise.size):
        for point in range(heard.starts[c], heard.starts[c + 1]):
            others = _disturbance(load, heard, point)
            for kind in range(cells.wall.shape[1]):
                received = heard.signal[point] * cells.wall[c, kind]
                known = received >= cells.floor[c]
                ratio = received / (cells.noise[c] + others * cells.wall[c, kind])
                result[point, kind] = ratio if known else 0.0
