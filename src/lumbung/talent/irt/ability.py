"""Ability from answers: EAP, MAP and maximum likelihood, each with its standard error.

- **EAP** (Bock and Mislevy 1982): mean and standard deviation of the posterior on the nodes.
- **MAP** (Samejima 1969): mode of the posterior under a normal prior; the error from the information there.
- **ML**: no prior. It does not exist for a person with all answers right or all wrong: then the bound is
  returned, with an infinite standard error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.kernels.compiling import REORDERED, kernel
from lumbung.talent.irt import expectation
from lumbung.talent.irt.curves import curve
from lumbung.talent.irt.dense import DenseAnswers
from lumbung.talent.irt.expectation import add_byte_rows, normalise
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.quadrature import DEFAULT_BOUND, DEFAULT_NODES, equally_spaced, normal_log_weights
from lumbung.talent.irt.responses import ResponseError, as_categories
from lumbung.talent.irt.sum_scores import sum_score_likelihood

Method = Literal["eap", "map", "ml"]
_STEPS = 60


@dataclass(frozen=True)
class Abilities:
    """Abilities of persons.

    Attributes
    ----------
    theta : float64 [persons]
    standard_error : float64 [persons]
        Infinite where a maximum-likelihood ability does not exist or a person answered nothing without a prior.
    method : str
    """

    theta: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    method: Method

    def __repr__(self) -> str:
        return f"<Abilities of {self.theta.size} people by {self.method}: mean {self.theta.mean():.2f}>"


@kernel
def _eap(block, row_starts, log_rows, log_prior, nodes, theta, error):  # type: ignore[no-untyped-def]
    s = np.empty(len(nodes))
    for i in range(block.shape[0]):
        for q in range(len(nodes)):
            s[q] = log_prior[q]
        for j in range(block.shape[1]):
            if block[i, j] >= 0:
                row = log_rows[row_starts[j] + block[i, j]]
                for q in range(len(nodes)):
                    s[q] += row[q]
        normalise(s, 1.0)
        mean = 0.0
        for q in range(len(nodes)):
            mean += s[q] * nodes[q]
        square = 0.0
        for q in range(len(nodes)):
            square += s[q] * (nodes[q] - mean) ** 2
        theta[i], error[i] = mean, math.sqrt(square)


@kernel(arithmetic=REORDERED)
def _eap_dense(codes, tables, nodes, start, stop, theta, error):  # type: ignore[no-untyped-def]
    s = np.empty(tables.shape[2], tables.dtype)
    for i in range(start, stop):
        add_byte_rows(codes[i], tables, s)
        normalise(s, tables.dtype.type(1.0))
        mean = 0.0
        for q in range(len(nodes)):
            mean += s[q] * nodes[q]
        square = 0.0
        for q in range(len(nodes)):
            square += s[q] * (nodes[q] - mean) ** 2
        theta[i], error[i] = mean, math.sqrt(square)


@kernel
def _slope_and_information(family, pars, categories, usable, answers, x, p, dp):  # type: ignore[no-untyped-def]
    """First derivative of the log-likelihood by ability, and the test information."""
    slope, info = 0.0, 0.0
    for j in range(len(answers)):
        if answers[j] < 0 or not usable[j]:
            continue
        curve(family, pars[j], categories[j], x, p, dp)
        for k in range(categories[j]):
            change = 0.0
            for m in range(1, 2 if family == 1 else categories[j]):
                change += dp[k, m]
            change *= pars[j, 0]
            info += change * change / max(p[k], 1e-300)
            if k == answers[j]:
                slope += change / max(p[k], 1e-300)
    return slope, info


@kernel
def _log_likelihood(family, pars, categories, usable, answers, x, p, dp):  # type: ignore[no-untyped-def]
    total = 0.0
    for j in range(len(answers)):
        if answers[j] >= 0 and usable[j]:
            curve(family, pars[j], categories[j], x, p, dp)
            total += math.log(max(p[answers[j]], 1e-300))
    return total


@kernel
def _mode(family, pars, categories, usable, block, mean, precision, bound, theta, error):  # type: ignore[no-untyped-def]
    """Mode of likelihood times normal prior (none when ``precision`` is 0) by guarded Fisher scoring."""
    width = max(pars.shape[1], 3) + 1
    p, dp = np.empty(width), np.empty((width, width))
    for i in range(block.shape[0]):
        answers = block[i]
        x = 0.0 if precision == 0 else mean
        value = _log_likelihood(family, pars, categories, usable, answers, x, p, dp)
        value -= 0.5 * precision * (x - mean) ** 2
        for _ in range(_STEPS):
            slope, info = _slope_and_information(family, pars, categories, usable, answers, x, p, dp)
            slope -= precision * (x - mean)
            step = slope / max(info + precision, 1e-8)
            step = min(max(step, -1.0), 1.0)
            moved = False
            for _halving in range(30):
                new_x = min(max(x + step, -bound), bound)
                new = _log_likelihood(family, pars, categories, usable, answers, new_x, p, dp)
                new -= 0.5 * precision * (new_x - mean) ** 2
                if new >= value:
                    moved = abs(new_x - x) > 1e-9
                    x, value = new_x, new
                    break
                step *= 0.5
            if not moved:
                break
        _, info = _slope_and_information(family, pars, categories, usable, answers, x, p, dp)
        theta[i] = x
        total = info + precision
        at_bound = precision == 0 and abs(x) >= bound
        error[i] = math.inf if at_bound or total <= 0 else 1.0 / math.sqrt(total)


def score(
    responses: ArrayLike | DenseAnswers,
    items: ItemParameters,
    method: Method = "eap",
    *,
    mean: float = 0.0,
    sd: float = 1.0,
    nodes: int = DEFAULT_NODES,
    bound: float = DEFAULT_BOUND,
    threads: int | None = None,
) -> Abilities:
    """Score persons.

    Parameters
    ----------
    responses : array [persons, items] or DenseAnswers
        Categories counted from 0; negative or NaN where not seen.
    items : ItemParameters
        Items without parameters are passed over.
    method : {"eap", "map", "ml"}
    mean, sd : float
        Normal prior of "eap" and "map".
    bound : float
        Nodes and abilities stay within ``±bound``.

    Raises
    ------
    ResponseError
        If the numbers of items differ or an answer is not a category of its item.
    ValueError
        If the method is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import talent
    >>> rng = np.random.default_rng(1)
    >>> chance = 1 / (1 + np.exp(-(rng.normal(size=(500, 1)) - [-1.0, 0.0, 1.0])))
    >>> calibration = talent.calibrate(rng.random((500, 3)) < chance, "1pl")  # generated answers
    >>> talent.score([[1, 0, 0], [1, 1, 1]], calibration.items).theta.round(2).tolist()
    [-0.31, 0.92]
    """
    if method not in ("eap", "map", "ml"):
        raise ValueError(f"method {method!r} is not known; choose eap, map or ml")
    points = equally_spaced(nodes, bound)
    prior = normal_log_weights(points, mean, sd)
    if isinstance(responses, DenseAnswers) and method == "eap":
        return _score_packed(responses, items, points, prior, threads)
    parts = (
        (block for _, block in responses.blocks())
        if isinstance(responses, DenseAnswers)
        else (as_categories(responses),)
    )
    thetas, errors = [], []
    for block in parts:
        _check_block(block, items)
        theta, error = np.empty(len(block)), np.empty(len(block))
        if method == "eap":
            _eap(block, items.row_starts, items.log_rows(points), prior, points, theta, error)
        else:
            precision = 1 / sd**2 if method == "map" else 0.0
            safe = np.where(items.known[:, None], items.table, 0.0)
            _mode(
                items.family, safe, items.categories, items.known, block, mean, precision, bound, theta, error
            )
        thetas.append(theta)
        errors.append(error)
    return Abilities(np.concatenate(thetas), np.concatenate(errors), method)


def _check_block(block: NDArray[np.int16], items: ItemParameters) -> None:
    if block.shape[1] != len(items):
        raise ResponseError(f"expected {len(items)} columns, one per item, found {block.shape[1]}")
    wrong = block >= items.categories[None, :]
    if wrong.any():
        row, column = (int(x) for x in np.argwhere(wrong)[0])
        raise ResponseError(
            f"row {row}, item {items.names[column]}: found {block[row, column]}; "
            f"expected 0 to {items.categories[column] - 1}"
        )


def _score_packed(
    answers: DenseAnswers,
    items: ItemParameters,
    points: NDArray[np.float64],
    prior: NDArray[np.float64],
    threads: int | None,
) -> Abilities:
    if not np.array_equal(answers.categories, items.categories):
        raise ResponseError("the packed answers are to other items: their numbers of categories differ")
    tables = answers.tables(items.log_rows(points), prior, np.float32)
    theta, error = np.empty(answers.n_rows), np.empty(answers.n_rows)

    def work(low: int, high: int) -> None:
        _eap_dense(answers.codes, tables, points, low, high, theta, error)

    expectation.run_shares(work, answers.n_rows, threads)
    return Abilities(theta, error, "eap")


def sum_score_abilities(
    items: ItemParameters, *, nodes: int = DEFAULT_NODES, bound: float = DEFAULT_BOUND
) -> Abilities:
    """EAP ability for each sum score (Thissen, Pommerich, Billeaud and Williams 1995), for printed look-up tables."""
    points = equally_spaced(nodes, bound)
    posterior = sum_score_likelihood(items, points) * np.exp(normal_log_weights(points))
    posterior /= posterior.sum(axis=1, keepdims=True)
    theta = posterior @ points
    error = np.sqrt((posterior * (points[None, :] - theta[:, None]) ** 2).sum(axis=1))
    return Abilities(theta, error, "eap")
