"""Calibration with few answers: parameters drawn from a population of items that is estimated with them.

A new bank begins with 30 to 100 answers an item. Maximum likelihood fails there: slopes run away and guessing is not
identified. Here an item's slope and difficulty come from distributions over items,

    log a_j ~ N(mu, tau_a^2)        b_j ~ N(x_j' beta, tau_b^2)        c_j fixed, or logit c_j ~ N(m_c, s_c^2)

where x_j are features of the item: an expert's guess, its level, its kind, the family it belongs to (the linear logistic
test model of Fischer 1973 with a residual, as in Janssen, Schepers and Peres 2004). Ability is integrated out, and so are
the items: with 65 answers the likelihood of log a is so skewed that its mode lies well above its mean, and a population
fitted to modes drifts away with them. Each item's posterior stands on a grid of its own that follows it; it takes each
person's ability from their *other* answers (the cavity of expectation propagation, Minka 2001), and people take an
item's curve averaged over its posterior. mu, tau and beta maximise what the answers say of them, by EM (empirical Bayes).

So an item with many answers keeps what they say, and one with few leans on what is known of items like it; each says how
much came from where. Items are treated as independent once the population is known; that loses what people's answers say
of two items' errors together, which with a dozen answers a person is little (benchmarks/talent_few_answers.py counts how
often the intervals hold).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.talent.irt.acceleration import Anderson
from lumbung.talent.irt.curves import THREE_PL
from lumbung.talent.irt.doubts import reversed_keys
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.quadrature import equally_spaced, normal_log_weights
from lumbung.talent.irt.responses import Problem, as_categories

SLOPE, DIFFICULTY, GUESSING = 0, 1, 2
NAMES = ("slope", "difficulty", "guessing")
_START = {"slope": (0.0, 0.3), "difficulty": (0.0, 1.0)}
_GUESSING = (math.log(0.2 / 0.8), 0.5)  # of logit c; its middle half runs from 0.15 to 0.26
_VAGUE = 10.0  # prior standard deviation of each coefficient
# Prior of the standard deviations themselves, median and its log's standard deviation: slopes of published banks vary by
# 0.2 to 0.5 on the log scale, so a lucky or unlucky set does not make all slopes equal or free.
_SLOPE_SPREAD = (0.35, 0.25)
_DIFFICULTY_SPREAD = (0.8, 1.0)
_SMALLEST_GUESSING = 1e-6
_POINTS = {1: (17,), 2: (11, 11), 3: (9, 9, 7)}  # of an item's grid, by number of estimated parameters
_REACH = 3.2  # standard deviations from the middle of an item's grid to its edge
_MOST_PASSES = 300
_SETTLED, _POPULATION_SETTLED = (
    2e-3,
    3e-4,
)  # largest change of a posterior mean (in prior standard deviations), of the population
_REVERSED = -2.33  # one honest item in a hundred lies below


class HierarchicalError(ValueError):
    """Priors, features or answers that cannot be used."""


@dataclass(frozen=True)
class Prior:
    """What is known of the items before anybody answers.

    Attributes
    ----------
    slope : (mean, sd) of log a, or None
        None: estimated from the answers.
    difficulty : (mean, sd), or None
        The mean counts only without features; None: estimated.
    guessing : (mean, sd) of logit c, or None
        None: mean logit 0.2, standard deviation 0.5. It is not estimated: few answers say nothing about it.
    """

    slope: tuple[float, float] | None = None
    difficulty: tuple[float, float] | None = None
    guessing: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for name in NAMES:
            given = getattr(self, name)
            if given is not None and not (
                math.isfinite(given[0]) and given[1] > 0 and math.isfinite(given[1])
            ):
                raise HierarchicalError(
                    f"prior of {name}: found mean {given[0]} and standard deviation {given[1]}; expected numbers, the "
                    "second above 0"
                )


@dataclass(frozen=True)
class FewAnswers:
    """Items calibrated with priors, and how sure they are.

    Attributes
    ----------
    items : ItemParameters
    answered : float64 [items]
        Answers to each item.
    slope_sd, difficulty_sd : float64 [items]
        Posterior standard deviations, of log a and of b; NaN where fixed.
    slope_interval, difficulty_interval : float64 [items, 2]
        95 % posterior intervals.
    from_data : float64 [items, 2]
        How much of slope and difficulty comes from the answers: 1 less the ratio of posterior to prior variance.
    slope_population : (mu, tau)
        Of log a.
    difficulty_spread : float
        tau of b around what the features say.
    coefficients, coefficient_sds : dict
        What each feature adds to the difficulty; "constant" is the intercept.
    explained : float
        Share of the variance of difficulties that the features explain.
    reversed_z : float64 [items]
        Correlation of being right with ability (from the other items' answers) as a z-score; far below 0, the key is
        probably wrong.
    log_likelihood : float
    passes : int
    converged : bool
    n_persons : float
    problems : tuple of Problem
    """

    items: ItemParameters
    answered: NDArray[np.float64]
    slope_sd: NDArray[np.float64]
    difficulty_sd: NDArray[np.float64]
    slope_interval: NDArray[np.float64]
    difficulty_interval: NDArray[np.float64]
    from_data: NDArray[np.float64]
    slope_population: tuple[float, float]
    difficulty_spread: float
    coefficients: dict[str, float]
    coefficient_sds: dict[str, float]
    explained: float
    reversed_z: NDArray[np.float64]
    log_likelihood: float
    passes: int
    converged: bool
    n_persons: float
    problems: tuple[Problem, ...] = field(default=())


@dataclass
class _Population:
    """The distribution items come from; places are log a, b, logit c."""

    centre: NDArray[np.float64]  # [items, 3]
    spread: NDArray[np.float64]  # [3]


@dataclass(frozen=True)
class _Answers:
    """Right/wrong answers, one entry an answer, in the order of the items."""

    person: NDArray[np.int64]
    item: NDArray[np.int64]
    right: NDArray[np.bool_]
    starts: NDArray[np.int64]  # [items + 1] where each item's answers begin
    heads: NDArray[np.float64]  # [persons]

    @classmethod
    def of(cls, array: NDArray[np.int16], weights: NDArray[np.float64] | None) -> _Answers:
        item, person = np.nonzero(array.T >= 0)
        counts = np.bincount(item, minlength=array.shape[1])
        heads = np.ones(len(array)) if weights is None else weights
        return cls(person, item, array[person, item] > 0, np.concatenate([[0], np.cumsum(counts)]), heads)

    @property
    def answered(self) -> NDArray[np.float64]:
        """Answers to each item [items]."""
        return np.asarray(
            np.bincount(self.item, self.heads[self.person], len(self.starts) - 1), dtype=np.float64
        )


class _Fit:
    """Posteriors of items and people, each taken from the other's.

    Attributes
    ----------
    mean : float64 [items, 3]
    root : float64 [items, free, free]
        Lower Cholesky factor of each item's posterior covariance.
    """

    def __init__(
        self,
        answers: _Answers,
        theta: NDArray[np.float64],
        start: NDArray[np.float64],
        population: _Population,
        free: NDArray[np.bool_],
    ) -> None:
        self.answers, self.theta, self.population = answers, theta, population
        self.mean, self.free = start, np.flatnonzero(free)
        axes = [np.linspace(-_REACH, _REACH, n) for n in _POINTS[len(self.free)]]
        self.grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
        self.spacing = np.array([axis[1] - axis[0] for axis in axes])
        self.root = np.tile(np.diag(population.spread[self.free]), (len(start), 1, 1))
        self.log_prior = normal_log_weights(theta)
        self.rows = self._curves(start)
        self.value, self.passes = -np.inf, 0

    def _curves(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability of right [..., nodes] at parameters [..., 3]."""
        a, c = np.exp(z[..., SLOPE, None]), 1 / (1 + np.exp(-z[..., GUESSING, None]))
        return np.asarray(c + (1 - c) / (1 + np.exp(-a * (self.theta - z[..., DIFFICULTY, None]))))

    def _people(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Posterior of each person on the nodes, and the averaged probability of each answer that was given."""
        given = self.answers
        right = self.rows[given.item]
        likely = np.where(given.right[:, None], right, 1 - right)
        logs = np.tile(self.log_prior, (len(given.heads), 1))
        order = np.argsort(given.person, kind="stable")
        first = np.flatnonzero(np.diff(given.person[order], prepend=-1))
        logs[given.person[order[first]]] += np.add.reduceat(np.log(likely[order]), first, axis=0)
        top = logs.max(axis=1, keepdims=True)
        found = np.exp(logs - top)
        total = found.sum(axis=1, keepdims=True)
        self.value = float(given.heads @ (np.log(total) + top)[:, 0])
        return found / total, likely

    def cavities(self) -> NDArray[np.float64]:
        """For each answer, what the person's other answers say of their ability [answers, nodes]."""
        posterior, likely = self._people()
        found = posterior[self.answers.person] / likely
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def step(self) -> float:
        """Renew every item's posterior once; return the largest change of a mean, in prior standard deviations."""
        cavity, given, free = self.cavities(), self.answers, self.free
        points = np.tile(self.mean[:, None, :], (1, len(self.grid), 1))
        points[:, :, free] += np.einsum("jmn,gn->jgm", self.root, self.grid)
        curves = self._curves(points)
        gap = (points - self.population.centre[:, None, :])[:, :, free] / self.population.spread[free]
        logs = -(gap**2).sum(axis=2) / 2
        for j in range(len(logs)):
            part = slice(given.starts[j], given.starts[j + 1])
            if part.start < part.stop:
                chance = cavity[part] @ curves[j].T
                chance = np.where(given.right[part, None], chance, 1 - chance)
                logs[j] += given.heads[given.person[part]] @ np.log(np.maximum(chance, 1e-300))
        weights = np.exp(logs - logs.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        self.rows = np.clip(np.einsum("jg,jgq->jq", weights, curves), 1e-9, 1 - 1e-9)
        old = self.mean[:, free].copy()
        self._follow(points[:, :, free], weights)
        self.passes += 1
        return float((np.abs(self.mean[:, free] - old) / self.population.spread[free]).max())

    def _follow(self, points: NDArray[np.float64], weights: NDArray[np.float64]) -> None:
        """Put each grid around its posterior; a posterior narrower than the grid's spacing is zoomed in on."""
        mean = np.einsum("jg,jgm->jm", weights, points)
        off = points - mean[:, None, :]
        covariance = np.einsum("jg,jgm,jgn->jmn", weights, off, off)
        finest = np.einsum("jmn,n->jmn", self.root, self.spacing / 3)
        covariance += (
            np.einsum("jmk,jnk->jmn", finest, finest)
            * (np.linalg.det(covariance) < np.linalg.det(np.einsum("jmk,jnk->jmn", finest, finest)))[
                :, None, None
            ]
        )
        self.mean[:, self.free] = mean
        self.root = np.linalg.cholesky(covariance + 1e-12 * np.eye(len(self.free)))
        self.points, self.weights = points, weights

    def variances(self) -> NDArray[np.float64]:
        """Posterior variances [items, 3]; 0 where fixed."""
        found = np.zeros_like(self.mean)
        found[:, self.free] = np.einsum("jmn,jmn->jm", self.root, self.root)
        return found

    def interval(self, place: int, level: float = 0.95) -> NDArray[np.float64]:
        """Equal-tailed interval of one parameter [items, 2], between the points of the grid."""
        column = int(np.flatnonzero(self.free == place)[0])
        values = self.points[:, :, column]
        order = np.argsort(values, axis=1)
        values = np.take_along_axis(values, order, axis=1)
        below = np.cumsum(np.take_along_axis(self.weights, order, axis=1), axis=1)
        below -= np.take_along_axis(self.weights, order, axis=1) / 2
        tails = ((1 - level) / 2, (1 + level) / 2)
        return np.array([np.interp(tails, b, v) for b, v in zip(below, values, strict=True)])


def _reversed(fit: _Fit) -> NDArray[np.float64]:
    """For each item, how being right goes with ability as told by the person's other answers, as a z-score."""
    given = fit.answers
    ability, heads = fit.cavities() @ fit.theta, given.heads[given.person]
    n_items = len(fit.mean)
    n = np.bincount(given.item, heads, n_items)

    def average(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(given.item, heads * values, n_items) / np.maximum(n, 1e-9))

    x = given.right.astype(float)
    both = average(x * ability) - average(x) * average(ability)
    spread = np.sqrt(
        (average(x * x) - average(x) ** 2) * np.maximum(average(ability**2) - average(ability) ** 2, 0)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.arctanh(np.clip(both / spread, -0.999, 0.999)) * np.sqrt(np.maximum(n - 3, 0))
    return np.asarray(np.where((n > 3) & (spread > 0), z, np.nan))


def _design(
    features: Mapping[str, ArrayLike] | None, n_items: int
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    columns, names = [np.ones(n_items)], ["constant"]
    for name, values in (features or {}).items():
        column = np.asarray(values, dtype=np.float64)
        if column.shape != (n_items,) or not np.isfinite(column).all():
            raise HierarchicalError(f"feature {name!r}: expected one number for each of {n_items} items")
        if np.ptp(column) > 0:  # a feature that never varies is the constant again
            columns.append(column)
            names.append(name)
    table = np.stack(columns, axis=1)
    if len(names) >= n_items:
        raise HierarchicalError(
            f"{len(names) - 1} features for {n_items} items; expected fewer features than items"
        )
    return table, tuple(names)


def _fixed(
    value: ArrayLike | None, n_items: int, name: str, low: float, high: float
) -> NDArray[np.float64] | None:
    if value is None:
        return None
    found = np.broadcast_to(np.asarray(value, dtype=np.float64), (n_items,))
    if not ((found >= low) & (found < high)).all():
        raise HierarchicalError(
            f"fixed {name}: found {found.min():g} to {found.max():g}, expected {low:g} to below {high:g}"
        )
    return found


def calibrate_with_priors(
    responses: ArrayLike,
    *,
    prior: Prior | None = None,
    features: Mapping[str, ArrayLike] | None = None,
    fixed_guessing: ArrayLike | None = 0.0,
    fixed_slope: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    item_names: Sequence[str] | None = None,
    nodes: int = 41,
    bound: float = 5.0,
) -> FewAnswers:
    """Estimate right/wrong items from few answers.

    Parameters
    ----------
    responses : array [persons, items]
        1 right, 0 wrong; negative or NaN where the person did not see the item.
    prior : Prior, optional
        What is not given in it is estimated from the answers (empirical Bayes).
    features : mapping of name to float [items], optional
        What explains difficulty: an expert's guess, dummies of level or family.
    fixed_guessing : float or float [items] or None
        Lower asymptote that is not estimated, 0 by default (two parameters); None estimates it under its prior.
    fixed_slope : float or float [items], optional
        Slope that is not estimated.
    weights : array [persons], optional
        How many people each row stands for.
    nodes, bound :
        Quadrature on [-bound, bound].

    Returns
    -------
    FewAnswers
        Items nobody answered get what the features say, and 0 in ``from_data``.

    Raises
    ------
    HierarchicalError
        If an answer is neither 0 nor 1, or priors and features do not fit the items.
    """
    array = as_categories(responses)
    if array.max() > 1:
        row, column = (int(x) for x in np.argwhere(array > 1)[0])
        raise HierarchicalError(
            f"row {row}, column {column}: found {array[row, column]}; calibration with priors takes right (1) and wrong (0)"
        )
    n_items = array.shape[1]
    names = tuple(item_names) if item_names is not None else tuple(f"item {j + 1}" for j in range(n_items))
    keep = (array >= 0).any(axis=1)
    if not keep.any():
        raise HierarchicalError("nobody answered anything")
    heads = None if weights is None else np.asarray(weights, dtype=np.float64)[keep]
    answers = _Answers.of(array[keep], heads)
    design, feature_names = _design(features, n_items)
    guess = _fixed(fixed_guessing, n_items, "guessing", 0.0, 1.0)
    steep = _fixed(fixed_slope, n_items, "slope", 1e-3, 15.0)
    free = np.array([steep is None, True, guess is None])
    given = prior or Prior()
    start, population = _start(answers, given, design, guess, steep)
    fit = _Fit(answers, equally_spaced(nodes, bound), start, population, free)
    beta, inner, settled = _iterate(fit, given, design)
    return _summary(fit, design, feature_names, names, beta, inner, settled)


def _start(
    answers: _Answers,
    given: Prior,
    design: NDArray[np.float64],
    guess: NDArray[np.float64] | None,
    steep: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], _Population]:
    n_items, n = len(design), answers.answered
    right = np.bincount(answers.item, answers.right * answers.heads[answers.person], n_items)
    low = np.zeros(n_items) if guess is None else guess
    share = np.clip(((right + 1) / (n + 2) - low) / (1 - low), 0.03, 0.97)
    slope, difficulty = given.slope or _START["slope"], given.difficulty or _START["difficulty"]
    chance = given.guessing or _GUESSING
    start = np.empty((n_items, 3))
    start[:, SLOPE] = slope[0] if steep is None else np.log(steep)
    start[:, DIFFICULTY] = np.log((1 - share) / share)
    start[:, GUESSING] = chance[0]
    if guess is not None:
        kept = np.maximum(guess, _SMALLEST_GUESSING)
        start[:, GUESSING] = np.log(kept / (1 - kept))
    centre = start.copy()
    seen = np.sqrt(n / (n + 20))
    beta = np.linalg.lstsq(design * seen[:, None], start[:, DIFFICULTY] * seen, rcond=None)[0]
    known = given.difficulty is not None and design.shape[1] == 1
    centre[:, DIFFICULTY] = difficulty[0] if known else design @ beta
    return start, _Population(centre, np.array([slope[1], difficulty[1], chance[1]]))


def _iterate(
    fit: _Fit, given: Prior, design: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """Renew items and population in turn; return the features' coefficients, their covariance, and whether it settled.

    The population moves by EM, which is slow where little comes from the answers, so its few numbers are extrapolated.
    """
    population, n_items = fit.population, len(design)
    find_slope = given.slope is None and SLOPE in fit.free
    find_centre = given.difficulty is None or design.shape[1] > 1
    find_spread = given.difficulty is None
    width = design.shape[1]
    beta, inner = np.zeros(width), np.zeros((width, width))
    beta[0] = population.centre[0, DIFFICULTY]
    history = Anderson(5)
    for passes in range(_MOST_PASSES):
        moved = fit.step()
        variance = fit.variances()
        before = _numbers(population, design)
        after = before.copy()
        if find_slope:
            logs = fit.mean[:, SLOPE]
            after[0] = logs.mean()
            squares = float(((logs - logs.mean()) ** 2 + variance[:, SLOPE]).sum())
            after[1] = _log_spread(squares, n_items, *_SLOPE_SPREAD)
        if find_centre:
            b, spread = fit.mean[:, DIFFICULTY], population.spread[DIFFICULTY]
            inner = np.linalg.inv(design.T @ design / spread**2 + np.eye(width) / _VAGUE**2)
            beta = inner @ (design.T @ b) / spread**2
            after[3:] = beta
            if find_spread:
                squares = float(((b - design @ beta) ** 2 + variance[:, DIFFICULTY]).sum())
                after[2] = _log_spread(squares, max(n_items - width + 1, 1), *_DIFFICULTY_SPREAD)
        changed = float(np.abs(after - before).max())
        if passes > 3 and changed > 0:
            proposed = history.propose(before, after)
            after = proposed if np.abs(proposed - before).max() < 0.5 else after
        _become(population, after, design if find_centre else None)
        if moved < _SETTLED and changed < _POPULATION_SETTLED:
            return beta, inner, True
    return beta, inner, False


def _log_spread(squares: float, count: int, middle: float, width: float) -> float:
    """Log of the standard deviation most likely given a sum of squares, under a lognormal prior on it."""
    found = math.log(middle)
    for _ in range(30):
        pull = squares * math.exp(-2 * found)
        step = (pull - count - (found - math.log(middle)) / width**2) / (2 * pull + 1 / width**2)
        found += max(-0.5, min(0.5, step))
        if abs(step) < 1e-9:
            break
    return found


def _numbers(population: _Population, design: NDArray[np.float64]) -> NDArray[np.float64]:
    """The population as one vector: mu, log tau_a, log tau_b, beta."""
    beta = np.linalg.lstsq(design, population.centre[:, DIFFICULTY], rcond=None)[0]
    logs = np.log(population.spread[[SLOPE, DIFFICULTY]])
    return np.concatenate([[population.centre[0, SLOPE]], logs, beta])


def _become(
    population: _Population, numbers: NDArray[np.float64], design: NDArray[np.float64] | None
) -> None:
    population.centre[:, SLOPE] = numbers[0]
    population.spread[[SLOPE, DIFFICULTY]] = np.exp(numbers[1:3])
    if design is not None:
        population.centre[:, DIFFICULTY] = design @ numbers[3:]


def _summary(
    fit: _Fit,
    design: NDArray[np.float64],
    feature_names: tuple[str, ...],
    names: tuple[str, ...],
    beta: NDArray[np.float64],
    inner: NDArray[np.float64],
    settled: bool,
) -> FewAnswers:
    population, mean, n = fit.population, fit.mean, fit.answers.answered
    n_items = len(mean)
    sds, intervals = np.full((n_items, 2), np.nan), np.full((n_items, 2, 2), np.nan)
    for place in (SLOPE, DIFFICULTY):
        if place in fit.free:
            sds[:, place] = np.sqrt(fit.variances()[:, place])
            intervals[:, place] = fit.interval(place)
    share = np.clip(1 - sds**2 / population.spread[:2] ** 2, 0.0, 1.0)
    share[n == 0] = np.where(np.isnan(share[n == 0]), np.nan, 0.0)
    slopes, difficulties = np.exp(mean[:, SLOPE]), mean[:, DIFFICULTY]
    guessing = 1 / (1 + np.exp(-mean[:, GUESSING]))
    if GUESSING not in fit.free and guessing.max() <= 2 * _SMALLEST_GUESSING:
        items = ItemParameters.logistic(slopes, difficulties, names=names)
    else:
        table = np.stack([slopes, -slopes * difficulties, mean[:, GUESSING]], axis=1)
        items = ItemParameters(names, THREE_PL, table, np.full(n_items, 2, dtype=np.int64))
    star = _reversed(fit)
    residual, whole = population.spread[DIFFICULTY] ** 2, float(np.var(design @ beta))
    problems = reversed_keys([names[j] for j in np.flatnonzero(star < _REVERSED)])
    unseen = int((n == 0).sum())
    if unseen:
        problems.append(
            Problem(
                f"{unseen} items", "nobody answered them", "given what the features and the other items say"
            )
        )
    if not settled:
        problems.append(Problem("iteration", f"not settled after {fit.passes} passes", "shown as it stands"))
    return FewAnswers(
        items, n, sds[:, SLOPE], sds[:, DIFFICULTY], np.exp(intervals[:, SLOPE]), intervals[:, DIFFICULTY], share,
        (float(population.centre[0, SLOPE]), float(population.spread[SLOPE])), float(population.spread[DIFFICULTY]),
        dict(zip(feature_names, beta.tolist(), strict=True)),
        dict(zip(feature_names, np.sqrt(np.diag(inner)).tolist(), strict=True)),
        whole / (whole + residual), star, fit.value, fit.passes, settled, float(fit.answers.heads.sum()), tuple(problems),
    )  # fmt: skip
