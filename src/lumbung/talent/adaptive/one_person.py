"""One person's test where nothing may be compiled: the steps of `selection` in plain numpy.

A web process serves one question at a time and must start at once, so it does without the compiled kernels. A few
hundred items and forty answers need none. Every choice is the one :class:`~lumbung.talent.adaptive.session.Session` would
make from the same seed and answers; a test insists on it. The state is again nothing but the seed and the answers.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.adaptive.stopping import Reason, StoppingRule
from lumbung.talent.irt.quadrature import DEFAULT_BOUND, equally_spaced, normal_log_weights

_GRID = 241
_WORD = 2**64 - 1
_LEAST_GUESSING = 1e-6
_ORDER_DRAW = 63

# An item's name and what its answer earned: 1 right, 0 wrong, between them the chance of a lucky guess where the person
# said that they do not know (Lord 1974: an omitted answer is a fraction of a right one). To say so then never costs.
Given = tuple[str, float]


def uniform(seed: int, step: int, draw: int) -> float:
    """A number in [0, 1) that depends on its arguments alone (SplitMix64, Steele, Lea and Flood 2014)."""
    z = (seed + 0x9E3779B97F4A7C15 * (64 * step + draw + 1)) & _WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
    return float(((z ^ (z >> 31)) >> 11) * (1.0 / 9007199254740992.0))


def order_seed(seed: int, step: int) -> int:
    """Seed for the order in which the options of the question at *step* are shown to this person."""
    return int(uniform(seed, step, _ORDER_DRAW) * 2**31)


@dataclass(frozen=True)
class Items:
    """Three-parameter items ready for choosing.

    Attributes
    ----------
    names, areas : tuple of str
    area_of : int64 [items]
    targets : float64 [areas]
        Share of the test for each area; equal.
    information : float32 [241, items]
        Item information at abilities from -6 to 6.
    log_right, log_wrong : float64 [items, 61]
        Log-probability of either answer at each node.
    nodes, log_prior : float64 [61]
    acceptance : float64 [items]
        Sympson-Hetter probability of serving an item once chosen; 1 without that control.
    guessing : float64 [items]
        Chance of a right answer by guessing.
    """

    names: tuple[str, ...]
    areas: tuple[str, ...]
    area_of: NDArray[np.int64]
    targets: NDArray[np.float64]
    information: NDArray[np.float32]
    log_right: NDArray[np.float64]
    log_wrong: NDArray[np.float64]
    nodes: NDArray[np.float64]
    log_prior: NDArray[np.float64]
    acceptance: NDArray[np.float64]
    guessing: NDArray[np.float64]

    @classmethod
    def of_columns(cls, columns: Any, acceptance: Mapping[str, float] | None = None) -> Items:
        """Lay out the columns of a bank (:class:`lumbung.talent.bank.load.Columns`: ids, areas, a, b, c).

        Parameters
        ----------
        acceptance : mapping, optional
            Sympson-Hetter probabilities by item, where below 1.
        """
        a, b = np.asarray(columns.a), np.asarray(columns.b)
        c = np.asarray(columns.c, dtype=np.float64)
        if (c > 0).any():  # as ItemParameters.logistic does
            c = np.maximum(c, _LEAST_GUESSING)
        areas = tuple(dict.fromkeys(columns.areas))
        nodes, grid = equally_spaced(), np.linspace(-DEFAULT_BOUND, DEFAULT_BOUND, _GRID)
        right, wrong, _ = _curves(a, b, c, nodes)
        return cls(
            tuple(columns.ids),
            areas,
            np.array([areas.index(area) for area in columns.areas], dtype=np.int64),
            np.full(len(areas), 1 / len(areas)),
            _information(a, b, c, grid).T.astype(np.float32),
            np.log(right),
            np.log(wrong),
            nodes,
            normal_log_weights(nodes),
            np.array([(acceptance or {}).get(name, 1.0) for name in columns.ids]),
            c,
        )

    def chance(self, name: str) -> float:
        """Chance of a right answer by guessing; 0 for an item the bank no longer has."""
        place = self.place(name)
        return 0.0 if place is None else float(self.guessing[place])

    def place(self, name: str) -> int | None:
        """Where an item stands; None for one the bank no longer has."""
        try:
            return self.names.index(name)
        except ValueError:
            return None


def _curves(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64], theta: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Probability of right and wrong, and the logistic part, each [items, thetas]."""
    s = 1 / (1 + np.exp(-(a[:, None] * theta - (a * b)[:, None])))
    guess = c[:, None]
    return guess + (1 - guess) * s, (1 - guess) * (1 - s), s


def _information(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64], theta: NDArray[np.float64]
) -> NDArray[np.float64]:
    right, wrong, s = _curves(a, b, c, theta)
    slope = (a * (1 - c))[:, None] * s * (1 - s)
    return np.asarray(slope**2 / right + slope**2 / wrong)


@dataclass(frozen=True)
class Estimate:
    """What answers say about an ability.

    Attributes
    ----------
    theta, standard_error : float
        Mean and standard deviation of the posterior (EAP).
    posterior : float64 [61]
        Weights at the nodes, summing to 1.
    nodes : float64 [61]
    """

    theta: float
    standard_error: float
    posterior: NDArray[np.float64]
    nodes: NDArray[np.float64]

    def chance(self, items: Items, name: str) -> float | None:
        """Probability of a right answer to an item, as the answers so far give it; None for an unknown item."""
        place = items.place(name)
        return None if place is None else float(self.posterior @ np.exp(items.log_right[place]))

    def at_least(self, cut: float) -> float:
        """Probability that the true ability lies at or above *cut*; linear between nodes."""
        half = (self.nodes[1] - self.nodes[0]) / 2
        share = np.clip((self.nodes + half - cut) / (2 * half), 0.0, 1.0)
        return float((self.posterior * share).sum())


def estimate(items: Items, answers: Sequence[Given], area: str | None = None) -> Estimate:
    """Estimate an ability from answers, from those of one area where one is named.

    Items that the bank no longer has do not count.
    """
    log_posterior = items.log_prior.copy()
    wanted = None if area is None else items.areas.index(area)
    for name, right in answers:
        place = items.place(name)
        if place is not None and wanted in (None, items.area_of[place]):
            log_posterior += right * items.log_right[place] + (1 - right) * items.log_wrong[place]
    weights = np.exp(log_posterior - log_posterior.max())
    weights /= weights.sum()
    mean = float(weights @ items.nodes)
    variance = float(weights @ items.nodes**2) - mean * mean
    return Estimate(mean, math.sqrt(max(variance, 1e-12)), weights, items.nodes)


@dataclass(frozen=True)
class Progress:
    """Where a test stands: the estimate, the question that waits, or why there is none.

    `set_aside` names the items that exposure control took from this person on the way; they stay closed to them.
    """

    estimate: Estimate
    pending: str | None
    stopped: Reason | None
    set_aside: tuple[str, ...] = ()


def follow(
    items: Items,
    seed: int,
    answers: Sequence[Given],
    rule: StoppingRule,
    *,
    seconds: float = 0.0,
    candidates: int = 5,
    closed: Collection[str] = (),
) -> Progress:
    """Say what comes after these answers.

    Parameters
    ----------
    seed : int
        From 0 to 2^63 - 1; everything random follows from it.
    seconds : float
        Time the answers took together.
    candidates : int
        The lot falls among this many best items (randomesque).
    closed : collection of str
        Items not to serve: those of an earlier attempt, and what was set aside so far.
    """
    found = estimate(items, answers)
    stopped = rule.reason(len(answers), found.standard_error, seconds)
    if stopped is not None:
        return Progress(found, None, stopped)
    used = {name for name, _ in answers}
    open_items = np.array([name not in used and name not in closed for name in items.names])
    given = np.zeros(len(items.areas), dtype=np.int64)
    for name in used:
        if (place := items.place(name)) is not None:
            given[items.area_of[place]] += 1
    item, set_aside = _choose(items, found.theta, open_items, given, candidates, seed, len(answers))
    aside = tuple(items.names[k] for k in set_aside)
    if item is None:
        return Progress(found, None, "exhausted", aside)
    return Progress(found, items.names[item], None, aside)


def _choose(
    items: Items,
    theta: float,
    open_items: NDArray[np.bool_],
    given: NDArray[np.int64],
    candidates: int,
    seed: int,
    step: int,
) -> tuple[int | None, list[int]]:
    lag = items.targets * (given.sum() + 1) - given
    allowed = np.bincount(items.area_of[open_items], minlength=len(items.areas)) > 0
    if not allowed.any():
        return None, []
    area = int(np.argmax(np.where(allowed, lag, -np.inf)))
    place = (theta + DEFAULT_BOUND) / (2 * DEFAULT_BOUND) * (_GRID - 1)
    place = min(max(place, 0.0), _GRID - 1 - 1e-9)
    low = int(place)
    below, above = items.information[low], items.information[low + 1]
    value = below + np.float32(place - low) * (above - below)
    among = np.flatnonzero(open_items & (items.area_of == area))
    ordered = among[np.argsort(-value[among], kind="stable")]
    return _draw(items.acceptance, ordered, candidates, seed, step)


def _draw(
    acceptance: NDArray[np.float64], ordered: NDArray[np.int64], candidates: int, seed: int, step: int
) -> tuple[int | None, list[int]]:
    """Draw lots among the best few until one is served; those set aside on the way come with it."""
    set_aside: list[int] = []
    draw = 0
    for start in range(0, len(ordered), candidates):
        best = [int(item) for item in ordered[start : start + candidates]]
        while best:
            item = best.pop(int(uniform(seed, step, draw % 64) * len(best)))
            draw += 1
            if acceptance[item] >= 1.0 or uniform(seed, step, draw % 64) < acceptance[item]:
                return item, set_aside
            draw += 1
            set_aside.append(item)
    return (set_aside[0] if set_aside else None), set_aside


def person_fit(items: Items, columns: Any, answers: Sequence[Given]) -> float:
    """``lz*`` of one person (Snijders 2001; equations 3 to 8 of Magis, Raîche and Béland 2012) at the MAP ability.

    Returns
    -------
    float
        NaN with fewer than 3 answers, or where the answers leave no variance.
    """
    places = [place for name, _ in answers if (place := items.place(name)) is not None]
    right = np.array([r for name, r in answers if items.place(name) is not None], dtype=np.float64)
    if len(places) < 3:
        return math.nan
    a, b, c = (np.asarray(column)[places] for column in (columns.a, columns.b, columns.c))
    if (np.asarray(columns.c) > 0).any():
        c = np.maximum(c, _LEAST_GUESSING)
    theta = _map(a, b, c, right)
    p, _, s = (table[:, 0] for table in _curves(a, b, c, np.array([theta])))
    p = np.clip(p, 1e-12, 1 - 1e-12)
    slope = a * (1 - c) * s * (1 - s)
    weight, ratio, spread = np.log(p / (1 - p)), slope / (p * (1 - p)), p * (1 - p)
    deviation = float(((right - p) * weight).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = (slope * weight).sum() / (slope * ratio).sum()
        star = (deviation - factor * theta) / np.sqrt(((weight - factor * ratio) ** 2 * spread).sum())
    return float(star) if np.isfinite(star) else math.nan


def _map(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64], right: NDArray[np.float64]
) -> float:
    """Mode of the posterior under a standard normal prior, by thinning grids."""
    low, high = -DEFAULT_BOUND, DEFAULT_BOUND
    for _ in range(8):
        theta = np.linspace(low, high, 101)
        hit, miss, _s = _curves(a, b, c, theta)
        log_posterior = right @ np.log(hit) + (1 - right) @ np.log(miss) - theta**2 / 2
        best = int(np.argmax(log_posterior))
        low, high = float(theta[max(best - 1, 0)]), float(theta[min(best + 1, 100)])
    return (low + high) / 2
